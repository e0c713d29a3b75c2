package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// Each time that the machine cannot read a snapshot it is left alone for twice as long, up to a
// bound; another snapshot is looked at at once. Nothing is saved meanwhile, and nothing is lost.
func TestUnreadableSnapshotIsLeftAlone(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
	other := ref
	other.CRC = 7
	r := newRig(t, 3, nil)
	r.step(1, from(0, 2, 1, &raft.AppendEntries{Entries: entries(1, 1, 1)}))
	r.saveAll()
	tried := func(ref raft.SnapshotRef) bool {
		t.Helper()
		r.take(1)
		b := chunk(ref, 0)
		b.Data, b.Done = []byte("snapshot"), true
		in := from(0, 2, 1, b)
		r.step(1, raft.Unreadable(0, in.Message, "it makes no sense"))
		r.saveAll()
		m := r.take(1)
		m.want(t, raft.NoteMessageIgnored, raft.WhyUnreadable)
		for i := range m.sent {
			if b, ok := m.sent[i].Body.(*raft.InstallSnapshotReply); ok {
				if b.Next != 0 || b.Installed {
					t.Errorf("it answers %+v", b)
				}
				return true
			}
		}
		return false
	}
	wait := r.m(1).cfg.ElectionMax
	for k := range 9 {
		if !tried(ref) {
			t.Fatalf("try %d is none", k)
		}
		if r.now += wait - 1; tried(ref) {
			t.Fatalf("behind try %d it is tried again before %d us have passed", k, wait)
		}
		r.now++
		if k < 6 {
			wait *= 2
		}
	}
	if !tried(ref) || tried(ref) || !tried(other) {
		t.Error("another one is not looked at")
	}
	if s := r.m(1).node.Status(); s.Last.Index != 2 || s.Commit != 0 || s.Snapshot.Index != 0 {
		t.Errorf("it stands as %+v", s)
	}
}
