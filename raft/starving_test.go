package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// Who is down does not keep others from the snapshot that they need, however few are sent at once.
func TestTheDeadKeepNoSnapshot(t *testing.T) {
	r := newRig(t, 5, func(c *raft.Config) { c.MaxSnapshot = 1 })
	r.lead(1)
	for range 4 {
		r.propose(1, "x")
		r.settle(4, 5)
	}
	ref := r.snapshot(1, "snapshot")
	r.saveAll()
	r.drop(0, 0)
	beats := func(n int, apart ...raft.NodeID) {
		for range n {
			r.wait(1, 40*ms)
			r.settle(apart...)
		}
	}
	r.wait(1, 40*ms)
	for r.deliver(1, 4) && r.deliver(4, 1) { // it is there, is offered the snapshot, and dies
	}
	if n, ok := r.m(1).has(raft.NoteSnapshotOffered); !ok || n.Peer != 4 {
		t.Fatalf("it was offered to %v", n.Peer)
	}
	r.crash(4)
	beats(20, 4)
	if s := r.m(5).node.Status(); s.Snapshot.Index != ref.Index {
		t.Errorf("S4 is down for 800 ms, and S5 has no snapshot: %+v", s)
	}
}

// A follower's read whose index is known and whose entries do not come, as it was removed, is
// refused in the end.
func TestReadThatTheMachineNeverReaches(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.take(3)
	r.step(3, raft.Read(5))
	ask, _ := body[*raft.ReadIndex](t, r.take(3))
	r.drop(0, 0)
	m := r.receive(1, 3, 1, &raft.ReadIndexReply{ID: ask.ID, Granted: true, Index: 9})
	if len(m.answers) != 0 {
		t.Fatalf("answered %+v, and nothing is applied up to 9", m.answers)
	}
	for range 12 { // the leader is there, with heartbeats alone
		r.now += 50 * ms
		if m = r.receive(1, 3, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1}); len(m.answers) > 0 {
			break
		}
	}
	if len(m.answers) != 1 || m.answers[0].Outcome != raft.OutcomeRefused ||
		m.answers[0].Why != raft.WhyTimeout {
		t.Errorf("within 600 ms it was answered %+v", m.answers)
	}
}

// Reads that wait for servers that are removed meanwhile are proven without them.
func TestReadsOutliveThoseWhoLeave(t *testing.T) {
	r := newRig(t, 2, func(c *raft.Config) { c.CheckQuorum = false })
	r.lead(1)
	r.settle()
	r.take(1)
	r.step(1, raft.Read(5))
	r.drop(0, 0) // S2 does not hear of the round
	r.step(1, raft.Reconfigure(6, &raft.Change{Remove: []raft.NodeID{2}}))
	r.settle(2)
	done := map[raft.Ref]raft.Outcome{}
	for _, a := range r.take(1).answers {
		done[a.Ref] = a.Outcome
	}
	if done[5] != raft.OutcomeOK || done[6] != raft.OutcomeOK {
		t.Errorf("the group is S1 alone, and the answers are %v", done)
	}
}
