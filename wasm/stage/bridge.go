//go:build js

package main

import (
	"fmt"
	"runtime/debug"
	"syscall/js"

	"github.com/raftarium/raftarium/viz"
	"github.com/raftarium/raftarium/viz/input"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/wasm/line"
)

// bridge is where Go and the page meet. The page's functions are looked up once; the functions for
// the page are made once. Everything that is not a number or a short word crosses as bytes.
type bridge struct {
	game *viz.Game

	sendUp, openUp, closeUp, view, wake, label, setCursor, hasDied js.Value

	out    js.Value // for frames up, as long as the longest so far
	buffer js.Value // for views, the page's
	in     []byte   // a frame down
	soon   js.Value // setTimeout
	after  js.Func  // what it calls

	lines  []*line.Line // that were opened and are not closed, oldest first
	stream uint64       // of the newest
}

func newBridge() *bridge {
	page := js.Global().Get("raftariumPage")
	return &bridge{sendUp: page.Get("send"), openUp: page.Get("open"), closeUp: page.Get("close"),
		view: page.Get("view"), wake: page.Get("wake"), label: page.Get("label"),
		setCursor: page.Get("cursor"), hasDied: page.Get("died"), buffer: page.Get("buffer")}
}

// announce gives the page its functions.
func (b *bridge) announce() {
	stage := js.Global().Get("Object").New()
	for name, f := range map[string]func(args []js.Value) any{
		"feed": b.feed, "connected": b.connected, "disconnected": b.disconnected,
		"pointer": b.pointer, "key": b.key, "intent": b.intent, "resize": b.resize,
		"look": b.look, "frames": b.frames, "cost": b.cost,
	} {
		stage.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any {
			defer b.guard(name)
			return f(args)
		}))
	}
	js.Global().Set("raftariumStage", stage)
	b.soon = js.Global().Get("setTimeout")
	b.after = js.FuncOf(func(js.Value, []js.Value) any {
		b.game.AfterFrame() // guards itself
		return nil
	})
}

// guard tells the page of a panic and lets it go on.
func (b *bridge) guard(where string) {
	if e := recover(); e != nil {
		b.died(fmt.Sprintf("%s: %v\n%s", where, e, debug.Stack()))
		panic(e)
	}
}

func (b *bridge) publish(view []byte) {
	n := js.CopyBytesToJS(b.buffer, view)
	b.view.Invoke(b.buffer, n)
}

func (b *bridge) more(frames int)    { b.wake.Invoke(frames) }
func (b *bridge) later()             { b.soon.Invoke(b.after, 0) }
func (b *bridge) cursor(name string) { b.setCursor.Invoke(name) }
func (b *bridge) died(text string)   { b.hasDied.Invoke(text) }

// pointer is pointer(kind, id, touch, x, y, buttons, mods).
func (b *bridge) pointer(args []js.Value) any {
	if len(args) < 7 {
		return nil
	}
	r := input.Record{Kind: input.Kind(number(args, 0)), Pointer: int(number(args, 1)),
		Touch: args[2].Truthy(), X: float32(number(args, 3)), Y: float32(number(args, 4)),
		Mods: input.Mods(number(args, 6))}
	if r.Kind == input.Wheel {
		r.Delta = float32(number(args, 5))
	} else {
		r.Buttons = int(number(args, 5))
	}
	b.game.Pointer(r)
	return nil
}

// key is key(code, mods, down): a key that the page's own table did not use.
func (b *bridge) key(args []js.Value) any {
	if text(args, 0) == "Escape" && len(args) > 2 && args[2].Truthy() {
		b.game.Intend(input.Intent{Type: input.Escape})
	}
	return nil
}

// intent is intent(type, a, b, c, text, text2) and gives the ticket.
func (b *bridge) intent(args []js.Value) any {
	return float64(b.game.Intend(input.Intent{Type: text(args, 0), A: number(args, 1),
		B: number(args, 2), C: number(args, 3), Text: text(args, 4), Text2: text(args, 5)}))
}

// resize is resize(w, h, scale, top, right, bottom, left): the last four are what the page has
// standing over the edges of the picture.
func (b *bridge) resize(args []js.Value) any {
	b.game.Resize(int(number(args, 0)), int(number(args, 1)), number(args, 2))
	b.game.Inset(scene.Inset{Top: float32(number(args, 3)), Right: float32(number(args, 4)),
		Bottom: float32(number(args, 5)), Left: float32(number(args, 6))})
	return nil
}

// look is look(dark, reducedMotion, contrast).
func (b *bridge) look(args []js.Value) any {
	if len(args) >= 3 {
		b.game.Look(args[0].Truthy(), args[1].Truthy(), args[2].Truthy())
	}
	return nil
}

// cost is cost(): what frames cost in our own Go, as "median p95 frames", in microseconds.
func (b *bridge) cost([]js.Value) any {
	c := b.game.Cost()
	return fmt.Sprintf("%d %d %d", c.Median, c.P95, c.Frames)
}

// frames is frames(): how many were drawn.
func (b *bridge) frames([]js.Value) any { return float64(b.game.Frames()) }

// number reads an argument; what is no number is 0.
func number(args []js.Value, i int) float64 {
	if i < len(args) && args[i].Type() == js.TypeNumber {
		return args[i].Float()
	}
	return 0
}

// text reads an argument; what is no text is empty.
func text(args []js.Value, i int) string {
	if i < len(args) && args[i].Type() == js.TypeString {
		return args[i].String()
	}
	return ""
}
