package etcd

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

var (
	speed     = flag.Duration("speed", 0, "measure both engines in turns of this length")
	speedRuns = flag.Int("speed-runs", 5, "turns of each engine")
)

// TestSpeedRatio prints the medians of both engines, measured in turns so that what else the
// machine does strikes both alike. It asserts nothing: read the ratios.
func TestSpeedRatio(t *testing.T) {
	if *speed <= 0 {
		t.Skip("measures only with -speed, for example -speed 200ms")
	}
	fmt.Printf("%-28s %12s %12s %6s %18s %18s\n", "committed entries of 64 bytes",
		"ours/s", "etcd/s", "ratio", "B/entry o, e", "allocs/entry o, e")
	for _, nodes := range []int{3, 5} {
		for _, c := range speedCases {
			var all [2][]turn
			var clusters [2]engine
			for i, e := range engines {
				clusters[i] = warm(e.make(t, nodes), c.batch, c.round)
			}
			for range *speedRuns {
				for i := range engines {
					all[i] = append(all[i], takeTurn(clusters[i], c.batch, c.round))
				}
			}
			ours, etcd := median(all[0]), median(all[1])
			fmt.Printf("%-28s %12.0f %12.0f %6.2f %9.0f %8.0f %9.2f %8.2f\n",
				fmt.Sprintf("%d nodes, %s", nodes, c.name), ours.rate, etcd.rate,
				ours.rate/etcd.rate, ours.bytes, etcd.bytes, ours.allocs, etcd.allocs)
		}
	}
}

// turn is what was measured in one turn: entries per second, and bytes and allocations per entry.
type turn struct{ rate, bytes, allocs float64 }

func takeTurn(e engine, batch int, round func(engine, [][]byte)) turn {
	data := payloads(batch)
	var from, to runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&from)
	before, start := e.applied(), time.Now()
	for time.Since(start) < *speed {
		for range 64 {
			round(e, data)
			e.settle()
		}
		breathe()
	}
	spent := time.Since(start)
	runtime.ReadMemStats(&to)
	per := float64(e.applied() - before)
	return turn{rate: per / spent.Seconds(),
		bytes:  float64(to.TotalAlloc-from.TotalAlloc) / per,
		allocs: float64(to.Mallocs-from.Mallocs) / per}
}

// breathe lets the collector work: in WebAssembly it gets its turn only when the program pauses, as
// a page does with every frame, and until it is done each write of a pointer costs more.
func breathe() { runtime.Gosched() }

// median takes each figure's own median.
func median(turns []turn) turn {
	of := func(figure func(turn) float64) float64 {
		var all []float64
		for _, t := range turns {
			all = append(all, figure(t))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return turn{rate: of(func(t turn) float64 { return t.rate }),
		bytes:  of(func(t turn) float64 { return t.bytes }),
		allocs: of(func(t turn) float64 { return t.allocs })}
}
