//go:build js

// Command engine is the simulation in a Worker: the same code as "raftarium sim", judged as it
// runs, behind the same frames as a live cluster. It draws nothing and knows nothing of the page.
package main

import (
	"strings"
	"syscall/js"

	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// sliceMillis is how long the engine works before it lets the Worker take messages, and stepMost
// how many events it simulates between two looks at the clock.
const (
	sliceMillis = 8
	stepMost    = 256
)

// engine serves the page. Frames come by the js.Func and are handled by one goroutine, in turn with
// slices of work.
type engine struct {
	session *wire.Session
	frames  chan []byte
	resumed chan struct{}
	turn    js.Value // a MessagePort: a message to itself is the quickest way to yield
	clock   js.Value // the browser's; package time would weigh 37 kB
}

func main() {
	e := &engine{frames: make(chan []byte, 1024), resumed: make(chan struct{}, 1),
		clock: js.Global().Get("performance")}
	e.session = wire.NewSession(open, post)
	e.takeTurns()
	js.Global().Set("raftariumEngine", map[string]any{"frame": js.FuncOf(e.frame)})
	for {
		e.serve()
	}
}

// open makes a source of what the page asks for.
func open(uri string) (trace.Source, error) {
	if !strings.HasPrefix(uri, "sim:") {
		return nil, say.Errorf("the engine opens addresses that begin with sim:, not %q",
			uri[:min(len(uri), 40)])
	}
	r, err := openRun(uri)
	if err != nil {
		return nil, err // not r, which would be a source that is nil
	}
	return r, nil
}

// post hands a frame down to the page.
func post(frame []byte) {
	out := js.Global().Get("Uint8Array").New(len(frame))
	js.CopyBytesToJS(out, frame)
	js.Global().Call("raftariumPost", out)
}

// frame takes a frame up. It must not wait: a page that sends a thousand frames before the engine
// has taken one is not ours.
func (e *engine) frame(_ js.Value, args []js.Value) any {
	b := make([]byte, args[0].Get("byteLength").Int())
	js.CopyBytesToGo(b, args[0])
	select {
	case e.frames <- b:
	default:
	}
	return nil
}

// serve waits for a frame and then works until there is nothing left to do.
func (e *engine) serve() {
	e.handle(<-e.frames)
	for more := true; more; {
		for end := e.now() + sliceMillis; more && e.now() < end; {
			more = e.session.Pump(stepMost)
		}
		if more {
			e.yield()
		}
		more = e.drain() || more
	}
}

// now gives a moment in milliseconds, counted from the Worker's start.
func (e *engine) now() float64 { return e.clock.Call("now").Float() }

// drain handles the frames that have come meanwhile.
func (e *engine) drain() (any bool) {
	for {
		select {
		case f := <-e.frames:
			e.handle(f)
			any = true
		default:
			return any
		}
	}
}

// handle takes one frame. A malformed one was answered with an End that says so; the page is ours,
// so there is nothing to close.
func (e *engine) handle(frame []byte) {
	if err := e.session.Handle(frame); err != nil {
		js.Global().Get("console").Call("log", "engine: "+err.Error())
	}
}

func (e *engine) takeTurns() {
	ch := js.Global().Get("MessageChannel").New()
	ch.Get("port1").Set("onmessage", js.FuncOf(func(js.Value, []js.Value) any {
		select {
		case e.resumed <- struct{}{}:
		default:
		}
		return nil
	}))
	e.turn = ch.Get("port2")
}

// yield lets the Worker take its messages.
func (e *engine) yield() {
	e.turn.Call("postMessage", 0)
	<-e.resumed
}
