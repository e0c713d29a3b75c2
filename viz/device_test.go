package viz

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/input"
)

// A disk is slowed and a clock set by the page's words, and the state keeps both across a kill.
func TestDiskAndClockAreSet(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(500 * raft.Millisecond)
	a.must(input.Intent{Type: input.Disk, A: 2, Text: "200000,0,1,0"})
	a.must(input.Intent{Type: input.Clock, A: 2, Text: "-1000,400000"})
	a.must(input.Intent{Type: input.Kill, A: 2})
	a.must(input.Intent{Type: input.Restart, A: 2})
	a.frame()
	n := a.game.state().Node(2)
	if n.Disk != (trace.Disk{Slow: 200 * raft.Millisecond, Stuck: true}) ||
		n.Clock != (trace.NodeClock{Skew: -1000, Drift: 400_000}) {
		t.Errorf("S2 has disk %+v and clock %+v", n.Disk, n.Clock)
	}
	for _, in := range []input.Intent{
		{Type: input.Disk, A: 2, Text: "1,0"}, {Type: input.Disk, A: 2, Text: "x,0,0,0"},
		{Type: input.Disk, A: 2, Text: "0,0,0,900"}, {Type: input.Clock, A: 2, Text: "0,9999999999"},
		{Type: input.Clock, A: 2, Text: ""}, {Type: input.Disk, A: 2, Text: "0,0,0,77"},
	} {
		if got := a.ask(in); got["accepted"] == true {
			t.Errorf("%s %q is taken", in.Type, in.Text)
		}
	}
}
