package check_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

// FuzzObserve judges whatever can be decoded: no source may make a checker fall, and what it finds
// names a property that there is.
func FuzzObserve(f *testing.F) {
	c, err := sim.New(sim.DefaultConfig())
	if err != nil {
		f.Fatal(err)
	}
	run, _, err := c.Next(2*raft.Second, make([]trace.Event, 0, 4000))
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range tracetest.Seeds(run) {
		f.Add(b)
	}
	names := map[string]bool{}
	for _, p := range check.Properties() {
		names[p.Name] = true
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 32<<10 {
			return
		}
		h := trace.Header{Members: []trace.Member{{ID: 1}, {ID: 2}, {ID: 3}}}
		c, l := check.New(h), check.NewLiveness(h)
		for i, ev := range tracetest.Decode(b, 1000) {
			if i == 20 {
				l.Heal(ev.At)
				c = c.Clone()
			}
			for _, v := range c.Observe(&ev) {
				if !names[v.Check] || v.Text == "" || len(v.Nodes) == 0 {
					t.Errorf("a violation says too little: %+v", v)
				}
			}
			l.Observe(&ev)
		}
		c.Report()
		l.Report(1 << 50)
	})
}
