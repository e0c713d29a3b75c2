//go:build js

package main

import (
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"syscall/js"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
	"github.com/raftarium/raftarium/viz"
	"github.com/raftarium/raftarium/viz/input"
	"github.com/raftarium/raftarium/viz/scene"
)

// bridge is where Go and the page meet. The page's functions are looked up once; the functions for
// the page are made once. Everything that is not a number or a short word crosses as bytes.
type bridge struct {
	game *viz.Game

	sendUp, openUp, view, wake, label, setCursor, hasDied js.Value

	out    js.Value // for frames up
	buffer js.Value // for views, the page's
	in     []byte   // a frame down
	soon   js.Value // setTimeout
	after  js.Func  // what it calls

	remote *wire.Remote
	stream uint64
	uri    string
	token  string
}

func newBridge() *bridge {
	page := js.Global().Get("raftariumPage")
	return &bridge{sendUp: page.Get("send"), openUp: page.Get("open"), view: page.Get("view"),
		wake: page.Get("wake"), label: page.Get("label"), setCursor: page.Get("cursor"),
		hasDied: page.Get("died"), buffer: page.Get("buffer"),
		out: js.Global().Get("Uint8Array").New(wire.MaxUp)}
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

// List implements viz.Shelf: the page has the list.
func (b *bridge) List() []viz.Item { return nil }

// Open implements viz.Shelf. The token of a live cluster stands behind "#token=" and goes into the
// first frame, never into an address.
func (b *bridge) Open(uri string) (trace.Source, error) {
	address, fragment, _ := strings.Cut(uri, "#")
	b.token = ""
	if token, ok := strings.CutPrefix(fragment, "token="); ok {
		plain, err := url.PathUnescape(token)
		if err != nil {
			return nil, fmt.Errorf("open %s: the token: %w", address, err)
		}
		b.token = plain
	}
	b.stream++
	b.uri, b.remote = address, wire.NewRemote(b.stream, b.send)
	b.openUp.Invoke(address)
	return b.remote, nil
}

// send carries a frame up; the page copies it at once.
func (b *bridge) send(frame []byte) {
	n := js.CopyBytesToJS(b.out, frame)
	b.sendUp.Invoke(b.out.Call("subarray", 0, n))
}

func (b *bridge) publish(view []byte) {
	n := js.CopyBytesToJS(b.buffer, view)
	b.view.Invoke(b.buffer, n)
}

func (b *bridge) more(frames int)    { b.wake.Invoke(frames) }
func (b *bridge) later()             { b.soon.Invoke(b.after, 0) }
func (b *bridge) cursor(name string) { b.setCursor.Invoke(name) }
func (b *bridge) died(text string)   { b.hasDied.Invoke(text) }

// feed is feed(u8): a frame down.
func (b *bridge) feed(args []js.Value) any {
	if b.remote == nil || len(args) < 1 {
		return nil
	}
	n := args[0].Get("length").Int()
	if n > wire.MaxDown {
		b.game.Disconnected(fmt.Sprintf("a frame of %d bytes came, over the %d allowed", n,
			wire.MaxDown))
		return nil
	}
	if cap(b.in) < n {
		b.in = make([]byte, n+n/4)
	}
	b.in = b.in[:n]
	js.CopyBytesToGo(b.in, args[0])
	if err := b.remote.Feed(b.in); err != nil {
		b.game.Disconnected(err.Error())
	}
	return nil
}

// connected is connected(): the transport is open.
func (b *bridge) connected([]js.Value) any {
	b.game.Connected()
	if b.remote != nil {
		b.remote.Hello(b.token)
		b.remote.Open(b.uri)
	}
	return nil
}

// disconnected is disconnected(text).
func (b *bridge) disconnected(args []js.Value) any {
	b.game.Disconnected(text(args, 0))
	return nil
}

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
