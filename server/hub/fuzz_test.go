package hub

import (
	"log/slog"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/server/wire"
)

// FuzzTake takes in whatever two nodes tell, as it can be decoded: the hub goes on, and what it
// knows can be told.
func FuzzTake(f *testing.F) {
	for _, ev := range tracetest.Events() {
		ev.ID = trace.EventID{Node: 1, Boot: 1, N: 1}
		var enc wire.StreamEncoder
		f.Add(enc.Append(enc.Begin(nil), &wire.StreamItem{Event: ev}), []byte{})
	}
	var enc wire.StreamEncoder
	frame := enc.Begin(nil)
	for i, ev := range tracetest.Events() {
		ev.ID = trace.EventID{Node: 1, Boot: 1, N: uint64(i + 1)}
		frame = enc.Append(frame, &wire.StreamItem{Event: ev})
	}
	f.Add(frame, frame)
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > 32<<10 {
			return
		}
		h := newAt(Config{Log: slog.New(slog.DiscardHandler)}, time.Now().Add(-time.Second),
			usual())
		defer h.Close()
		for k, frame := range [][]byte{a, b} {
			var dec wire.StreamDecoder
			clock, items, _ := dec.Decode(frame, nil)
			h.do(func() {
				in := &ingest{hub: h, member: trace.Member{ID: raft.NodeID(k + 1)}, up: true}
				h.state.Nodes = append(h.state.Nodes, trace.NodeState{ID: in.member.ID})
				in.take(clock, h.now(), items)
				in.down()
				h.advance()
				h.pop(1 << 62)
				in.look(1 << 50)
			})
		}
		done := make(chan struct{})
		h.do(func() { h.publish(); close(done) })
		<-done
		if _, err := trace.DecodeState(trace.AppendState(nil, h.State())); err != nil {
			t.Errorf("its state cannot be told: %v", err)
		}
	})
}
