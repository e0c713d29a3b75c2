package wire_test

import (
	"reflect"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/server/wire"
)

// FuzzStream reads any frame of a node's own stream: what can be read is written to what reads
// alike.
func FuzzStream(f *testing.F) {
	var enc wire.StreamEncoder
	frame := enc.Begin(nil)
	for _, ev := range tracetest.Events() {
		it := wire.StreamItem{Event: ev}
		var one wire.StreamEncoder
		f.Add(one.Append(one.Begin(nil), &it))
		frame = enc.Append(frame, &it)
	}
	f.Add(frame)
	m := tracetest.Message(&raft.TimeoutNow{LastIndex: 3})
	got := wire.StreamItem{Received: &m, Bytes: 9,
		Event: trace.Event{ID: trace.EventID{Node: 2, Boot: 1, N: 1}, Body: trace.Delivered{}}}
	var one wire.StreamEncoder
	f.Add(one.Append(one.Begin(nil), &got))
	f.Fuzz(func(t *testing.T, b []byte) {
		var dec, second wire.StreamDecoder
		clock, items, err := dec.Decode(b, nil)
		if err != nil && len(err.Error()) > 400 {
			t.Errorf("an error of %d bytes", len(err.Error()))
		}
		if err != nil || len(items) == 0 {
			return
		}
		var enc wire.StreamEncoder
		again := enc.Begin(nil)
		for i := range items {
			again = enc.Append(again, &items[i])
		}
		wire.SetStreamClock(again, clock)
		at, twice, err := second.Decode(again, nil)
		if err != nil || at != clock || !reflect.DeepEqual(items, twice) {
			t.Errorf("%v became %v, %v", items, twice, err)
		}
	})
}

// FuzzPlace resumes by any hello: a place holds no more than it may, and knows what it holds.
func FuzzPlace(f *testing.F) {
	hello := wire.Hello{Major: trace.Major, Seen: []trace.EventID{{Node: 1, Boot: 1, N: 7}},
		Made: []trace.EventID{{Node: 1, Boot: 1, N: 9}}}
	f.Add(wire.Append(nil, 0, hello), tracetest.Encode(tracetest.Events()))
	f.Fuzz(func(t *testing.T, b, events []byte) {
		_, body, err := wire.Decode(b)
		h, ok := body.(wire.Hello)
		if err != nil || !ok {
			return
		}
		p, _ := h.Resumes()
		for _, ev := range tracetest.Decode(events, 300) {
			before := p.Clone()
			p.Take(&ev)
			if before.Has(&ev) && !p.Has(&ev) {
				t.Errorf("%+v was seen, and is not any more", ev.ID)
			}
		}
		if len(p.Seen) > 1024 || len(p.Made) > 256 {
			t.Errorf("a place of %d and %d", len(p.Seen), len(p.Made))
		}
	})
}
