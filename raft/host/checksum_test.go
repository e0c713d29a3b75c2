package host_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/trace"
)

// Where a snapshot is begun its checksum is told with what was applied, so that machines can be
// compared; elsewhere none is.
func TestAppliedTellsOfTheMachine(t *testing.T) {
	g := newGroup(t, 1, host.Options{SnapshotEvery: 3})
	o := g.elect()
	for _, k := range []string{"a", "b", "c", "d"} {
		g.put(o, k, k)
	}
	want := map[raft.Index]uint32{}
	for _, s := range o.taken {
		want[s.ref.Index] = s.ref.CRC
	}
	if len(want) != 1 || want[3] == 0 {
		t.Fatalf("the snapshots on their way are %v", want)
	}
	told := o.of(trace.KindApplied)
	for _, ev := range told {
		if a := ev.Body.(trace.Applied); a.CRC != want[a.To] {
			t.Errorf("at %d the checksum %x is told, and it is %x", a.To, a.CRC, want[a.To])
		}
	}
	if len(told) < 4 {
		t.Errorf("%d events tell what is applied", len(told))
	}
}
