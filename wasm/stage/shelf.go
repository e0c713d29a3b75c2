//go:build js

package main

import (
	"fmt"
	"slices"
	"syscall/js"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
	"github.com/raftarium/raftarium/viz"
	"github.com/raftarium/raftarium/wasm/line"
)

var _ line.Outside = (*bridge)(nil)

// List implements viz.Shelf: the page has the list.
func (b *bridge) List() []viz.Item { return nil }

// Open implements viz.Shelf. Each line has a number of its own, so that what is shown goes on while
// another one is awaited.
func (b *bridge) Open(uri string) (trace.Source, error) {
	a, err := line.Read(uri)
	if err != nil {
		return nil, err
	}
	b.stream++
	l := line.New(b.stream, a, b)
	b.lines = append(b.lines, l)
	l.Call()
	return l, nil
}

// Send implements line.Outside: the page copies the frame at once.
func (b *bridge) Send(stream uint64, frame []byte) {
	if b.out.IsUndefined() || b.out.Get("length").Int() < len(frame) {
		b.out = js.Global().Get("Uint8Array").New(len(frame))
	}
	n := js.CopyBytesToJS(b.out, frame)
	b.sendUp.Invoke(b.out.Call("subarray", 0, n), float64(stream))
}

// Dial implements line.Outside.
func (b *bridge) Dial(stream uint64, address string, after raft.Time) {
	b.openUp.Invoke(address, float64(stream), float64(after/raft.Millisecond))
}

// HangUp implements line.Outside.
func (b *bridge) HangUp(stream uint64) {
	b.lines = slices.DeleteFunc(b.lines, func(l *line.Line) bool { return l.Stream() == stream })
	b.closeUp.Invoke(float64(stream))
}

// called gives the line that a call of the page is for; the newest one when it names none.
func (b *bridge) called(args []js.Value, i int) *line.Line {
	stream := uint64(number(args, i))
	if stream == 0 {
		stream = b.stream
	}
	for _, l := range b.lines {
		if l.Stream() == stream {
			return l
		}
	}
	return nil
}

// feed is feed(u8, stream): a frame down.
func (b *bridge) feed(args []js.Value) any {
	l := b.called(args, 1)
	if l == nil || len(args) < 1 {
		return nil
	}
	n := args[0].Get("length").Int()
	if n > wire.MaxDown {
		l.Drop(fmt.Sprintf("A frame of %d bytes came, over the %d allowed.", n, wire.MaxDown))
		return nil
	}
	if cap(b.in) < n {
		b.in = make([]byte, n+n/4)
	}
	b.in = b.in[:n]
	js.CopyBytesToGo(b.in, args[0])
	l.Feed(b.in)
	return nil
}

// connected is connected(stream): the carrier is there.
func (b *bridge) connected(args []js.Value) any {
	if l := b.called(args, 0); l != nil {
		l.Greet()
	}
	return nil
}

// disconnected is disconnected(text, stream).
func (b *bridge) disconnected(args []js.Value) any {
	if l := b.called(args, 1); l != nil {
		l.Drop(text(args, 0))
	}
	return nil
}
