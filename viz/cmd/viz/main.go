// Command viz is the stage in a window of the desktop, for developers: a simulated cluster, the
// same picture as in the page and none of its panels. It needs a display.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz"
	"github.com/raftarium/raftarium/viz/draw/face"
	"github.com/raftarium/raftarium/viz/input"
)

func main() {
	uri := flag.String("open", "sim:?nodes=5&seed=7", "the simulation to show")
	speed := flag.Float64("speed", 1.0/60, "1 is real time")
	flag.Parse()
	if err := run(*uri, *speed); err != nil {
		fmt.Fprintln(os.Stderr, "viz:", err)
		os.Exit(1)
	}
}

func run(uri string, speed float64) error {
	labels, err := face.New()
	if err != nil {
		return fmt.Errorf("reading the fonts: %w", err)
	}
	begin := time.Now()
	w := &window{}
	w.Game = viz.New(viz.Outside{
		Shelf:  shelf{},
		Labels: labels,
		Now:    func() raft.Time { return raft.Time(time.Since(begin).Microseconds()) },
		More:   func(int) {}, // a window draws every frame
		Died:   func(report string) { fmt.Fprintln(os.Stderr, report) },
	})
	w.Intend(input.Intent{Type: input.Open, Text: uri})
	w.Intend(input.Intent{Type: input.Speed, A: speed})
	ebiten.SetWindowTitle("Raftarium")
	ebiten.SetWindowSize(960, 720)
	ebiten.SetWindowResizingMode(ebiten.WindowResizingModeEnabled)
	if err := ebiten.RunGame(w); err != nil && !errors.Is(err, ebiten.Termination) {
		return fmt.Errorf("opening a window: %w", err)
	}
	return nil
}

// shelf opens simulations, in this process.
type shelf struct{}

// List implements viz.Shelf.
func (shelf) List() (items []viz.Item) {
	for _, name := range sim.Scenarios() {
		items = append(items, viz.Item{Title: name, URI: "sim:?scenario=" + name})
	}
	return items
}

// Open implements viz.Shelf.
func (shelf) Open(uri string) (trace.Source, error) {
	r, err := branch.Open(uri)
	if err != nil {
		return nil, err
	}
	return r, nil
}
