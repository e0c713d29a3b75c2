package main

import (
	"github.com/hajimehoshi/ebiten/v2"
	"github.com/hajimehoshi/ebiten/v2/inpututil"

	"github.com/raftarium/raftarium/viz"
	"github.com/raftarium/raftarium/viz/input"
)

// window feeds the stage from Ebitengine's own input, which in the page the page feeds.
type window struct {
	*viz.Game
	x, y int
}

// Layout implements ebiten.Game: the stage draws device pixels.
func (w *window) Layout(width, height int) (int, int) {
	k := ebiten.Monitor().DeviceScaleFactor()
	pw, ph := int(float64(width)*k), int(float64(height)*k)
	w.Resize(pw, ph, k)
	return pw, ph
}

// Update implements ebiten.Game.
func (w *window) Update() error {
	if inpututil.IsKeyJustPressed(ebiten.KeyEscape) {
		return ebiten.Termination
	}
	if inpututil.IsKeyJustPressed(ebiten.KeySpace) {
		w.Intend(input.Intent{Type: input.Toggle})
	}
	w.point()
	return w.Game.Update()
}

// point turns the mouse into records of a pointer.
func (w *window) point() {
	x, y := ebiten.CursorPosition()
	r := input.Record{X: float32(x), Y: float32(y)}
	switch {
	case inpututil.IsMouseButtonJustPressed(ebiten.MouseButtonLeft):
		r.Kind = input.Down
	case inpututil.IsMouseButtonJustReleased(ebiten.MouseButtonLeft):
		r.Kind = input.Up
	case x != w.x || y != w.y:
		r.Kind = input.Move
	default:
		return
	}
	if ebiten.IsMouseButtonPressed(ebiten.MouseButtonLeft) {
		r.Buttons = 1
	}
	w.x, w.y = x, y
	w.Pointer(r)
}
