package panel

import (
	"encoding/json"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/raft/world"
)

// FuzzView shows whatever can be decoded in the panels: it never fails, and is always JSON.
func FuzzView(f *testing.F) {
	f.Add(tracetest.Encode(tracetest.Events()), int64(1000), uint64(3), uint32(1))
	for _, ev := range tracetest.Events() {
		f.Add(tracetest.Encode([]trace.Event{ev}), int64(ev.At), uint64(0), uint32(2))
	}
	f.Fuzz(func(t *testing.T, b []byte, at int64, k uint64, selected uint32) {
		if len(b) > 8<<10 {
			return
		}
		var h trace.Header
		tl, book := world.NewTimeline(h), NewBook(h)
		for i, ev := range tracetest.Decode(b, 200) {
			book.Write(uint64(i), &ev, tl.Edge())
			tl.Append(&ev)
		}
		in := Input{Header: h, State: tl.Edge(), Bodies: tl.Bodies(), Book: book, Ordinal: tl.Len(),
			Clock: Clock{At: raft.Time(at), Edge: tl.Edge().At}, Scale: 1, Event: k, Chosen: k != 0,
			Selected: raft.NodeID(selected), LogFrom: raft.Index(k)}
		var v View
		Build(&v, &in)
		if text := v.Append(nil); !json.Valid(text) {
			t.Errorf("it is no JSON: %s", text)
		}
	})
}
