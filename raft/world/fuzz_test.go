package world_test

import (
	"bytes"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/raft/world"
)

// FuzzFold folds whatever can be decoded and tells it in words. Nothing of it may fail or grow
// without bound, what comes out can be kept as a key frame, and seeking comes to the same.
func FuzzFold(f *testing.F) {
	for _, b := range tracetest.Seeds(busy(f)) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 16<<10 {
			return
		}
		evs := tracetest.Decode(b, 250)
		var s trace.State
		var bodies trace.Bodies
		tl := world.NewTimeline(trace.Header{})
		for i := range evs {
			before := s.Clone()
			world.Apply(&s, &bodies, &evs[i])
			tl.Append(&evs[i])
			for _, st := range []*trace.State{nil, before, &s} {
				world.Sentence(&evs[i], st)
				world.IconIn(&evs[i], st)
				world.LineIn(&evs[i], st)
			}
			world.Sides(&s)
		}
		world.Why(&s, &bodies)
		if text := world.Describe(&s, &bodies); len(text) > 1<<20+100*len(b) {
			t.Errorf("%d bytes were described in %d", len(b), len(text))
		}
		kept(t, &s)
		c := tl.Cursor()
		for k := tl.Len(); k > 0; k /= 2 {
			c.SeekOrdinal(k - 1)
			c.SeekTime(raft.Time(k))
		}
		c.SeekOrdinal(tl.Len())
		if got, want := trace.AppendState(nil, c.State()), trace.AppendState(nil,
			tl.Edge()); !bytes.Equal(got, want) {
			t.Error("seeking to the end gives another state than folding")
		}
	})
}

// kept holds that a state survives as a key frame.
func kept(t *testing.T, s *trace.State) {
	t.Helper()
	once := trace.AppendState(nil, s)
	again, err := trace.DecodeState(once)
	if err != nil {
		t.Fatalf("it cannot be kept: %v", err)
	}
	if !bytes.Equal(once, trace.AppendState(nil, again)) {
		t.Error("as a key frame it is another")
	}
}

// busy is a run in which much goes wrong.
func busy(f *testing.F) []trace.Event {
	cfg := sim.DefaultConfig()
	cfg.Link.Loss = 100_000
	c, err := sim.New(cfg)
	if err != nil {
		f.Fatal(err)
	}
	evs, _, err := c.Next(2*raft.Second, make([]trace.Event, 0, 4000))
	if err != nil {
		f.Fatal(err)
	}
	return evs
}
