package raft_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// Figure 2, AppendEntries, receiver implementation (section 5.3). The follower has saved a log of
// the given terms and takes one append of term 5.
func appendEntries(t *testing.T) {
	type ts = []raft.Term
	short, other := raft.WhyLogTooShort, raft.WhyLogConflict
	for _, test := range []appendCase{
		{name: "an empty log takes the first", entries: ts{1, 2}, after: ts{1, 2}, match: 2},
		{name: "rule 2: too short", log: ts{1}, prev: 3, prevTerm: 4, why: short, hint: 1,
			after: ts{1}},
		{name: "rule 2: another term", log: ts{1, 1, 2}, prev: 3, prevTerm: 4, why: other, hint: 2,
			after: ts{1, 1, 2}},
		{name: "rule 2: the hint passes a whole term", log: ts{1, 3, 3, 3}, prev: 4, prevTerm: 2,
			why: other, hint: 1, after: ts{1, 3, 3, 3}},
		{name: "rule 3: a conflict cuts", log: ts{1, 2, 2, 2}, prev: 1, prevTerm: 1, entries: ts{3},
			after: ts{1, 3}, match: 2},
		{name: "rule 3: the first conflict cuts", log: ts{1, 2, 2, 2}, prev: 1, prevTerm: 1,
			entries: ts{2, 3}, after: ts{1, 2, 3}, match: 3},
		{name: "rule 3: without a conflict nothing is cut", log: ts{1, 2, 2, 2}, prev: 1,
			prevTerm: 1, entries: ts{2}, after: ts{1, 2, 2, 2}, match: 2},
		{name: "a late heartbeat cuts nothing", log: ts{1, 2, 2}, prev: 1, prevTerm: 1,
			after: ts{1, 2, 2}, match: 1},
		{name: "rule 4: what is not there is appended", log: ts{1, 2}, prev: 1, prevTerm: 1,
			entries: ts{2, 2, 4}, after: ts{1, 2, 2, 4}, match: 4},
		{name: "rule 5: the commit index follows", log: ts{1, 2}, prev: 2, prevTerm: 2, leader: 1,
			after: ts{1, 2}, match: 2, commit: 1},
		{name: "rule 5: not beyond what is proven", log: ts{1, 2, 2}, prev: 1, prevTerm: 1,
			entries: ts{2}, leader: 3, after: ts{1, 2, 2}, match: 2, commit: 2},
		{name: "rule 5: not beyond it in a heartbeat", log: ts{1, 2, 2}, prev: 1, prevTerm: 1,
			leader: 9, after: ts{1, 2, 2}, match: 1, commit: 1},
	} {
		test.body = raft.AppendEntries{PrevIndex: test.prev, PrevTerm: test.prevTerm,
			Entries: entries(test.prev+1, test.entries...), Commit: test.leader}
		t.Run(test.name, test.check)
	}
}

// appendCase is a follower's log, an append, and what becomes of it.
type appendCase struct {
	name     string
	log      []raft.Term
	prev     raft.Index
	prevTerm raft.Term
	entries  []raft.Term
	leader   raft.Index // the leader's commit index
	body     raft.AppendEntries

	why    raft.Reason // WhyNone: taken
	match  raft.Index
	hint   raft.Index
	after  []raft.Term
	commit raft.Index
}

func (test *appendCase) check(t *testing.T) {
	r := with(t, 3, 1, image(4, 0, test.log...))
	r.take(1)
	r.step(1, raft.Receive(5, raft.Message{ID: 1, Group: 7, From: 2, FromBoot: 1, To: 1,
		Term: 5,
		Body: &test.body}))
	r.saveAll()
	m := r.take(1)
	b, msg := body[*raft.AppendEntriesReply](t, m)
	if b.Success != (test.why == raft.WhyNone) || b.Why != test.why ||
		b.Match != test.match ||
		b.Hint != test.hint || msg.Term != 5 {
		t.Errorf("it answered %+v", b)
	}
	if !b.Success && b.Rejected != test.body.PrevIndex {
		t.Errorf("it says that it rejected %d, not %d", b.Rejected, test.body.PrevIndex)
	}
	if got := r.terms(1); !slices.Equal(got, test.after) {
		t.Errorf("its log is %v, not %v", got, test.after)
	}
	if s := m.node.Status(); s.Commit != test.commit || s.Leader != 2 {
		t.Errorf("it stands as %+v", s)
	}
	var disk []raft.Term
	for _, e := range r.m(1).image.Entries {
		disk = append(disk, e.Term)
	}
	if !slices.Equal(disk, test.after) {
		t.Errorf("its disk has %v, not %v", disk, test.after)
	}
}

// Rule 1: "Reply false if term < currentTerm" (section 5.1), with the term that the sender lacks.
func staleAppendIsRefused(t *testing.T) {
	r := with(t, 3, 1, image(6, 0, 1))
	m := r.receive(2, 1, 5, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 5)})
	m.want(t, raft.NoteMessageIgnored, raft.WhyStaleTerm)
	if b, msg := body[*raft.AppendEntriesReply](t, m); b.Success || msg.Term != 6 {
		t.Errorf("it answered %+v in term %d", b, msg.Term)
	}
	if got := r.terms(1); len(got) != 1 {
		t.Errorf("its log is %v", got)
	}
}

// The hint of a refusal is never below what is committed: there the logs agree.
func hintIsNotBelowCommit(t *testing.T) {
	r := with(t, 3, 1, image(4, 0, 1, 3, 3, 3))
	r.receive(2, 1, 5, &raft.AppendEntries{PrevIndex: 3, PrevTerm: 3, Commit: 3})
	r.saveAll()
	m := r.receive(2, 1, 5, &raft.AppendEntries{PrevIndex: 4, PrevTerm: 2})
	if b, _ := body[*raft.AppendEntriesReply](t, m); b.Success || b.Hint != 3 || b.HintTerm != 3 {
		t.Errorf("it answered %+v", b)
	}
}

// An acknowledgement leaves when what it acknowledges is saved, and not before.
func ackWaitsForDisk(t *testing.T) {
	r := newRig(t, 3, nil)
	m := r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1, 1)})
	none[*raft.AppendEntriesReply](t, m, "before it was saved")
	m = r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 1})
	none[*raft.AppendEntriesReply](t, m, "for entries that are not saved, at a heartbeat")
	r.save(1)
	m = r.take(1)
	if len(m.sent) != 2 {
		t.Fatalf("%d answers to two appends", len(m.sent))
	}
}

// So does one that says nothing but the term: what it acknowledges is promised in that term.
func ackWaitsForItsTerm(t *testing.T) {
	r := with(t, 3, 1, image(1, 0, 1))
	m := r.receive(2, 1, 2, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1})
	none[*raft.AppendEntriesReply](t, m, "before term 2 was saved")
	r.save(1)
	m = r.take(1)
	body[*raft.AppendEntriesReply](t, m)
}

// An entry that was cut off and written anew waits for its newest write, however many there are.
func TestAckWaitsForTheNewestWrite(t *testing.T) {
	r := newRig(t, 3, nil)
	r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1,
		1)}) // 1, 2
	r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Entries: entries(3, 1)}) // 3
	r.receive(3, 1, 2, &raft.AppendEntries{PrevIndex: 1,
		PrevTerm: 1}) // term
	r.receive(3, 1, 2, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 2)}) // 2
	for k, want := range []string{"[]", "[]", "[1]", "[2]"} {
		r.save(1)
		got := []raft.Index{}
		for _, msg := range r.take(1).sent {
			got = append(got, msg.Body.(*raft.AppendEntriesReply).Match)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("with %d of 4 writes saved it acknowledged %v, not %s", k+1, got, want)
		}
	}
}

// What was held for an older term is dropped: the log may have changed since.
func TestHeldAckIsDroppedInNewTerm(t *testing.T) {
	r := newRig(t, 3, nil)
	r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1, 1)})
	r.receive(3, 1, 2, &raft.AppendEntries{Entries: entries(1, 2)})
	r.saveAll()
	m := r.take(1)
	if len(m.sent) != 1 || m.sent[0].To != 3 || m.sent[0].Term != 2 {
		t.Errorf("it sent %+v", m.sent)
	}
}

// A write that completes counts for what is still there of it, and for nothing that has since been
// written anew (engines.md 2.8, the ABA of completions).
func TestLateCompletionCountsForNothingNew(t *testing.T) {
	r := newRig(t, 3, nil)
	r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1, 1, 1)}) // write 1: 1 to 3
	r.receive(3, 1, 2, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1,
		Entries: entries(2, 2, 2)}) // write 2: 2 and 3 of another term
	if s := r.m(1).node.Status(); s.Saved != 0 {
		t.Errorf("with nothing saved it believes that %d are", s.Saved)
	}
	r.save(1)
	m := r.take(1)
	none[*raft.AppendEntriesReply](t, m, "though 2 and 3 are not saved as they are now")
	if s := m.node.Status(); s.Saved != 1 {
		t.Errorf("it believes that %d are saved", s.Saved)
	}
	r.save(1)
	m = r.take(1)
	if b, _ := body[*raft.AppendEntriesReply](t, m); b.Match != 3 || m.node.Status().Saved != 3 {
		t.Errorf("it answered %+v, saved %d", b, m.node.Status().Saved)
	}
}

// Two appends that truncate and write anew within one step make one write that says it all.
func truncateAndAppendInOneStep(t *testing.T) {
	r := with(t, 3, 1, image(1, 0, 1, 1, 1))
	msg := func(term raft.Term, from raft.NodeID, a *raft.AppendEntries) raft.Input {
		return raft.Receive(0, raft.Message{ID: 1, Group: 7, From: from, FromBoot: 1, To: 1,
			Term: term,
			Body: a})
	}
	r.step(1,
		msg(2, 2, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Entries: entries(3, 2, 2)}),
		msg(3, 3, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 3)}),
		msg(3, 3, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 3, Entries: entries(3, 3, 3)}))
	if w := r.m(1).pending; len(w) != 1 || w[0].TruncateFrom != 2 || len(w[0].Entries) != 3 {
		t.Fatalf("the writes are %+v", w)
	}
	r.saveAll()
	r.restart(1)
	if got := r.terms(1); !slices.Equal(got, []raft.Term{1, 3, 3, 3}) {
		t.Errorf("behind a restart its log is %v", got)
	}
}

// What comes twice, or late, changes nothing.
func repeatedAppendsAreHarmless(t *testing.T) {
	r := newRig(t, 3, nil)
	first := &raft.AppendEntries{Entries: entries(1, 1, 1), Commit: 1}
	second := &raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Entries: entries(3, 1), Commit: 3}
	for _, a := range []*raft.AppendEntries{first, second, first, second, first} {
		r.receive(2, 1, 1, a)
		r.saveAll()
	}
	if got := r.terms(1); !slices.Equal(got, []raft.Term{1, 1, 1}) {
		t.Errorf("its log is %v", got)
	}
	if s := r.m(1).node.Status(); s.Commit != 3 || s.Applied != 3 {
		t.Errorf("it stands as %+v", s)
	}
	if n := len(r.m(1).image.Entries); n != 3 {
		t.Errorf("its disk holds %d entries", n)
	}
}

// A leader counts itself only for what it has saved, and it may commit without itself.
func TestLeaderCountsWhatItHasSaved(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.propose(1, "x") // index 2, not saved here
	m := r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})
	if s := m.node.Status(); s.Commit != 1 {
		t.Fatalf("committed up to %d with one of three", s.Commit)
	}
	m = r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})
	if s := m.node.Status(); s.Commit != 2 {
		t.Fatalf("committed up to %d with two of three", s.Commit)
	}
	if len(m.answers) != 0 || len(m.applied) != 0 {
		t.Error("what is not saved here is applied here")
	}
	r.saveAll()
	m = r.take(1)
	if len(m.answers) != 1 || m.answers[0].Outcome != raft.OutcomeOK || m.answers[0].Index != 2 {
		t.Errorf("when it is saved the answers are %+v", m.answers)
	}
}

// Commit index and match never go back, whatever comes late.
func lateAcksChangeNothing(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	for range 5 {
		r.propose(1, "x")
	}
	r.settle()
	before := r.m(1).node.Status()
	for i := raft.Index(0); i < 6; i++ {
		m := r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: i})
		if n, ok := m.has(raft.NoteProgress); ok {
			t.Errorf("a late acknowledgement of %d changed what is known: %+v", i, n)
		}
		m = r.receive(2, 1, 1, &raft.AppendEntriesReply{Rejected: i, Why: raft.WhyLogTooShort})
		if n, ok := m.has(raft.NoteProgress); ok && i > 0 {
			t.Errorf("a late refusal of %d changed what is known: %+v", i, n)
		}
	}
	if s := r.m(1).node.Status(); s != before {
		t.Errorf("late answers made %+v of %+v", s, before)
	}
}

// A new incarnation of a follower may have lost what it had not acknowledged: its match is
// forgotten and looked for again. A late word of the old one is ignored.
func TestNewBootForgetsMatch(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.propose(1, "x")
	r.settle()
	r.take(1)
	word := func(boot uint32) member {
		r.step(1, raft.Receive(0, raft.Message{ID: 1, Group: 7, From: 2, FromBoot: boot, To: 1,
			Term: 1,
			Body: &raft.AppendEntriesReply{Success: true, Match: 1}}))
		return r.take(1)
	}
	m := word(2)
	if n, ok := m.has(raft.NoteProgress); !ok || n.Match != 1 {
		t.Errorf("behind a new incarnation its match is %+v", n)
	}
	m = word(1)
	m.want(t, raft.NoteMessageIgnored, raft.WhyStaleTerm)
}

// Entries that were lost on their way are found to be missing at the next heartbeat.
func lostAppendsAreRepeated(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	for range 3 {
		r.propose(1, "x")
	}
	r.drop(1, 0)
	for range 4 {
		r.wait(1, 40*ms)
		r.settle()
	}
	if s := r.m(2).node.Status(); s.Last.Index != 4 || s.Commit != 4 {
		t.Errorf("four heartbeats later the follower stands as %+v", s)
	}
}
