package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// One write holds one chunk, and nothing else of the log: what comes with it in the same step is
// asked for again.
func TestOneChunkAStep(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
	r := newRig(t, 3, nil)
	r.step(1, from(0, 2, 1, chunk(ref, 0)), from(0, 2, 1, chunk(ref, 4)))
	if w := r.m(1).pending; len(w) != 1 || w[0].Chunk.Offset != 0 || w[0].Finish != nil {
		t.Fatalf("it saves %+v", w)
	}
	r.saveAll()
	r.take(1)
	r.step(1, from(0, 2, 1, &raft.AppendEntries{Entries: entries(1, 1)}),
		from(0, 2, 1, chunk(ref, 4)))
	r.saveAll()
	if b, _ := body[*raft.InstallSnapshotReply](t, r.take(1)); b.Next != 4 || b.Installed {
		t.Errorf("with an append in the same step it answered %+v", b)
	}
	r.receive(2, 1, 1, chunk(ref, 4))
	r.saveAll()
	if s := r.m(1).node.Status(); s.Applied != 5 || s.Last.Index != 5 {
		t.Errorf("it stands as %+v", s)
	}
}

// A snapshot is given to the machine when its last write is saved, not with an earlier one; a word
// of the machine about another snapshot ends nothing.
func TestInstallWaitsForTheLastChunk(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
	r := newRig(t, 3, nil)
	r.receive(2, 1, 1, chunk(ref, 0))
	r.receive(2, 1, 1, chunk(ref, 4))
	r.save(1)
	if s := r.m(1).node.Status(); s.Applied != 0 {
		t.Errorf("with the first chunk saved it stands as %+v", s)
	}
	other := ref
	other.Index = 4
	r.step(1, raft.Installed(other))
	m := r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 5, PrevTerm: 1})
	m.want(t, raft.NoteMessageIgnored, raft.WhyInstalling)
	r.saveAll()
	if s := r.m(1).node.Status(); s.Applied != 5 {
		t.Errorf("with all saved it stands as %+v", s)
	}
	r.step(1, raft.Installed(other)) // late
	if s := r.m(1).node.Status(); s.Applied != 5 {
		t.Errorf("a late word made it %+v", s)
	}
}

// An incarnation counts from 1; a message of none cannot be.
func TestMessageOfNoIncarnation(t *testing.T) {
	r := newRig(t, 3, nil)
	r.step(1, raft.Receive(0, raft.Message{Group: 7, From: 2, To: 1, Term: 1,
		Body: &raft.AppendEntries{}}))
	m := r.take(1)
	m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
	if s := m.node.Status(); s.Term != 0 {
		t.Errorf("it is of term %d", s.Term)
	}
}
