package scene

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// What is wrong with a disk or a clock is said beside what the server is, the worst first.
func TestAiling(t *testing.T) {
	for _, c := range []struct {
		disk  trace.Disk
		clock trace.NodeClock
		want  string
	}{
		{trace.Disk{}, trace.NodeClock{}, ""},
		{trace.Disk{Slow: raft.Millisecond}, trace.NodeClock{}, "slow disk"},
		{trace.Disk{Slow: raft.Millisecond, Stuck: true}, trace.NodeClock{}, "stuck disk"},
		{trace.Disk{Full: true}, trace.NodeClock{}, "full disk"},
		{trace.Disk{Failing: true}, trace.NodeClock{}, "failing disk"},
		{trace.Disk{Damage: trace.DamageTail}, trace.NodeClock{}, ""}, // nobody has found it
		{trace.Disk{}, trace.NodeClock{Drift: -1}, "wrong clock"},
		{trace.Disk{}, trace.NodeClock{Skew: 1}, "wrong clock"},
	} {
		n := trace.NodeState{Disk: c.disk, Clock: c.clock}
		if got := ailing(&n); got != c.want {
			t.Errorf("%+v %+v: %q, want %q", c.disk, c.clock, got, c.want)
		}
	}
}
