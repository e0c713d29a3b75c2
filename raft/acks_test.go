package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// from makes an input of a message of S2 or another to S1, that follows from an event.
func from(ref raft.Ref, id raft.NodeID, term raft.Term, b raft.Body) raft.Input {
	return raft.Receive(ref, raft.Message{ID: 1, Group: 7, From: id, FromBoot: 1, To: 1, Term: term,
		Body: b})
}

// All that a leader sent into one step gets one answer: for the longest prefix that is proven and
// the newest round, when all of it is saved.
func TestOneAckAStep(t *testing.T) {
	r := newRig(t, 3, nil)
	r.step(1, from(10, 2, 1, &raft.AppendEntries{Entries: entries(1, 1, 1), Round: 5}))
	r.take(1)
	r.step(1, from(11, 2, 1, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Round: 9,
		Entries: entries(3, 1)}),
		from(12, 2, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Round: 7}))
	r.save(1)
	for _, msg := range r.take(1).sent {
		if b, ok := msg.Body.(*raft.AppendEntriesReply); ok && b.Match > 2 {
			t.Errorf("index 3 is not saved, and it acknowledged %+v", b)
		}
	}
	r.save(1)
	m := r.take(1)
	b, msg := body[*raft.AppendEntriesReply](t, m)
	if len(m.sent) != 1 || b.Match != 3 || b.Round != 9 || msg.Cause != 12 {
		t.Errorf("it sent %d answers, the last %+v of cause %d", len(m.sent), b, msg.Cause)
	}
}

// Of two leaders in one step only that of the later term is answered, and only for its own.
func TestAcksOfTwoLeaders(t *testing.T) {
	r := newRig(t, 3, nil)
	r.step(1, from(10, 2, 1, &raft.AppendEntries{Entries: entries(1, 1, 1, 1)}),
		from(11, 3, 2, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 2)}))
	r.saveAll()
	m := r.take(1)
	b, msg := body[*raft.AppendEntriesReply](t, m)
	if len(m.sent) != 1 || msg.To != 3 || msg.Term != 2 || b.Match != 2 {
		t.Errorf("it sent %d answers, the last %s", len(m.sent), showMessage(&msg))
	}
	n := m.want(t, raft.NoteTruncated, raft.WhyLogConflict)
	if mark, _ := m.node.MarkAt(1); n.From != 2 || n.To != 3 || n.Digest != mark.Digest ||
		n.Pos != mark.Pos || n.LogTerm != 1 {
		t.Errorf("it was cut as %+v", n)
	}
	// A vote request of a later term in the same step: what was acknowledged before is not said.
	r = newRig(t, 3, noPreVote)
	r.step(1, from(10, 2, 1, &raft.AppendEntries{Entries: entries(1, 1)}),
		from(11, 3, 2, &raft.RequestVote{ForTerm: 2}))
	r.saveAll()
	none[*raft.AppendEntriesReply](t, r.take(1), "of a term that is over")
}

// Answers that speak of what the leader does not have are refused.
func TestAnswersBeyondTheLog(t *testing.T) {
	for _, b := range []*raft.AppendEntriesReply{{Success: true, Match: 2}, {Rejected: 2}} {
		r := led(t, 3, nil)
		m := r.receive(2, 1, 1, b)
		m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
		if _, ok := m.has(raft.NoteProgress); ok || len(m.sent) != 0 {
			t.Errorf("%+v changed what is known:\n%s", b, showNotes(m.notes))
		}
	}
}
