package raft_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

var oneSeed = flag.Uint64("seed", 0, "run the random tests with this seed only")

// seeds runs a random test with n seeds, or those that -seed or SEEDS ask for.
func seeds(t *testing.T, n uint64, f func(t *testing.T, seed uint64)) {
	t.Helper()
	if s := os.Getenv("SEEDS"); s != "" {
		n, _ = strconv.ParseUint(s, 10, 32)
	}
	for seed := uint64(1); seed <= n; seed++ {
		if *oneSeed != 0 {
			seed, n = *oneSeed, 0
		}
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("seed %d: %v", seed, p)
					panic(p)
				}
			}()
			f(t, seed)
		}()
		if t.Failed() {
			t.Fatalf("repeat: go test ./raft -run '^%s$' -count=1 -args -seed=%d", t.Name(), seed)
		}
	}
}

// any number that may be near to, or far from, what is real.
func number64(r *rng.Rand) uint64 {
	switch r.Below(8) {
	case 0:
		return ^uint64(0) - uint64(r.Below(3))
	case 1:
		return 1<<62 + uint64(r.Below(3)) - 1
	case 2:
		return uint64(r.Below(200))
	}
	return uint64(r.Below(8))
}

// randomBody makes a body of any kind, from numbers that may be impossible.
func randomBody(r *rng.Rand) raft.Body {
	term := func() raft.Term { return raft.Term(number64(r)) }
	index := func() raft.Index { return raft.Index(number64(r)) }
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: index(), Term: term()}, Size: number64(r)}
	switch r.Below(10) {
	case 6:
		return &raft.TimeoutNow{LastIndex: index()}
	case 7:
		return &raft.ReadIndex{ID: number64(r)}
	case 8:
		return &raft.ReadIndexReply{ID: number64(r), Granted: r.Below(2) == 0, Index: index()}
	case 0:
		return &raft.RequestVote{Pre: r.Below(2) == 0, ForTerm: term(), LastIndex: index(),
			LastTerm: term(), Transfer: r.Below(4) == 0}
	case 1:
		return &raft.RequestVoteReply{Pre: r.Below(2) == 0, ForTerm: term(),
			Granted: r.Below(2) == 0}
	case 2:
		a := &raft.AppendEntries{PrevIndex: index(), PrevTerm: term(), Commit: index()}
		for i := range r.Below(5) {
			e := raft.Entry{Index: a.PrevIndex + 1 + raft.Index(i),
				Term: a.PrevTerm + raft.Term(r.Below(2))}
			if r.Below(20) == 0 {
				e.Index, e.Term = index(), term()
			}
			a.Entries = append(a.Entries, e)
		}
		return a
	case 3:
		return &raft.AppendEntriesReply{Success: r.Below(2) == 0, Match: index(), Rejected: index(),
			Hint: index(), HintTerm: term()}
	case 4:
		return &raft.InstallSnapshot{Snapshot: ref, Offset: number64(r), Data: make([]byte,
			r.Below(9)),
			Done: r.Below(2) == 0}
	case 5:
		return &raft.InstallSnapshotReply{Snapshot: ref, Next: number64(r),
			Installed: r.Below(2) == 0}
	}
	return &raft.OtherBody{Code: raft.BodyKind(r.Below(255))}
}

// randomMessage makes a message that nobody has sent. Half of those that could be are changed so
// that they belong elsewhere.
func randomMessage(r *rng.Rand, to raft.NodeID, term raft.Term) raft.Message {
	m := raft.Message{ID: 1, Group: 7, From: to%3 + 1, FromBoot: 1 + uint32(r.Below(2)), To: to,
		Term: term + raft.Term(r.Below(3)), Body: randomBody(r)}
	if r.Below(2) == 0 {
		m.From = (to+1)%3 + 1
	}
	switch r.Below(12) {
	case 0:
		m.Group = raft.GroupID(number64(r))
	case 1:
		m.From = raft.NodeID(number64(r))
	case 2:
		m.To = raft.NodeID(number64(r))
	case 3:
		m.FromBoot = 0
	case 4:
		m.Term = raft.Term(number64(r))
	}
	return m
}

// A server takes whatever comes: it never panics, and what it says it ignores, because it belongs
// elsewhere or cannot be, changes nothing at all.
func TestRandomMessages(t *testing.T) {
	seeds(t, 400, func(t *testing.T, seed uint64) {
		r := newRig(t, 3, func(c *raft.Config) {
			c.PreVote, c.CheckQuorum = seed%2 == 0,
				seed%3 == 0
		})
		chance := rng.New(seed)
		r.step(1, raft.Wake())
		for range 300 {
			switch chance.Below(12) {
			case 0:
				r.save(1)
			case 1:
				r.wait(1, raft.Time(chance.Below(200))*ms)
			case 2:
				r.step(1, raft.Campaign(0))
			case 3:
				r.propose(1, "x")
			case 4:
				if s := r.m(1).node.Status(); s.Applied > s.Snapshot.Index {
					r.snapshot(1, "snapshot")
				}
			case 5:
				r.saveAll()
				r.restart(1)
			default:
				strange(t, r, randomMessage(&chance, 1, r.m(1).node.Status().Term))
			}
		}
	})
}

// strange gives a server a message and looks whether it changed something though it was ignored.
func strange(t *testing.T, r *rig, msg raft.Message) {
	t.Helper()
	m := r.m(1)
	before, wake, writes := m.node.Status(), m.out.Wake, len(m.pending)
	m.node.Step(r.now, nil, &m.out) // what is due at this moment is due without the message
	r.take(1)
	before, wake, writes = m.node.Status(), m.out.Wake, len(m.pending)
	r.step(1, raft.Receive(0, msg))
	after := r.take(1)
	foreign := false
	for _, n := range after.notes {
		foreign = foreign || n.Kind == raft.NoteMessageIgnored && (n.Why == raft.WhyWrongGroup ||
			n.Why == raft.WhyUnknownMember)
	}
	must := msg.Group != 7 || msg.To != 1 || msg.From == 1 || msg.From == 0 ||
		msg.From >= raft.FirstOutsider || msg.From > 3 && answers(msg.Body)
	if foreign != must {
		t.Errorf("message %+v was taken for a foreign one: %v", msg, foreign)
	}
	if s := m.node.Status(); foreign && (s != before || m.out.Wake != wake ||
		len(m.pending) != writes || len(after.sent) != 0 || len(after.notes) != 1) {
		t.Errorf("message %+v was ignored, and made %+v of %+v:\n%s", msg, s, before,
			showNotes(after.notes))
	}
}

// answers reports whether a body answers something: then its sender must be a member.
func answers(b raft.Body) bool {
	switch b.(type) {
	case *raft.RequestVoteReply, *raft.AppendEntriesReply, *raft.InstallSnapshotReply:
		return true
	}
	return false
}

// A server refuses what no correct server sends, before it looks at anything else.
func TestWhatCannotBe(t *testing.T) {
	const far = ^raft.Index(0)
	for name, msg := range map[string]raft.Message{
		"no body":           {Term: 3},
		"unknown body":      {Term: 3, Body: &raft.OtherBody{Code: 99}},
		"reserved body":     {Term: 3, Body: &raft.Foreign{}},
		"term too high":     {Term: 1<<63 + 1, Body: &raft.AppendEntries{}},
		"vote for the past": {Term: 3, Body: &raft.RequestVote{ForTerm: 2}},
		"vote for later":    {Term: 3, Body: &raft.RequestVote{ForTerm: 4}},
		"pre-vote for now":  {Term: 3, Body: &raft.RequestVote{Pre: true, ForTerm: 3}},
		"log of the future": {Term: 3, Body: &raft.RequestVote{ForTerm: 3, LastIndex: 1,
			LastTerm: 4}},
		"term at nothing": {Term: 3, Body: &raft.AppendEntries{PrevTerm: 1}},
		"gap":             {Term: 3, Body: &raft.AppendEntries{Entries: entries(2, 1)}},
		"terms go back":   {Term: 3, Body: &raft.AppendEntries{Entries: entries(1, 2, 1)}},
		"entry of later":  {Term: 3, Body: &raft.AppendEntries{Entries: entries(1, 4)}},
		"index overflows": {Term: 3, Body: &raft.AppendEntries{PrevIndex: far, PrevTerm: 1,
			Entries: []raft.Entry{{Index: 0, Term: 1}}}},
		"term of nobody": {Term: 3, Body: &raft.AppendEntries{PrevIndex: 1}},
		"entry of no term": {Term: 3, Body: &raft.AppendEntries{
			Entries: []raft.Entry{{Index: 1}}}},
		"bodies apart": {Term: 3, Body: &raft.AppendEntries{Entries: []raft.Entry{
			{Index: 1, Term: 1, Data: []byte("a")}, {Index: 2, Term: 1, Pos: 2}}}},
		"log without a term": {Term: 3, Body: &raft.RequestVote{ForTerm: 3, LastIndex: 1}},
		"snapshot of no term": {Term: 3, Body: &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{
			Mark: raft.Mark{Index: 9}}}},
		"snapshot too large": {Term: 3, Body: &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{
			Mark: raft.Mark{Index: 9, Term: 1}, Size: 1<<40 + 1}}},
		"empty snapshot": {Term: 3, Body: &raft.InstallSnapshot{}},
		"snapshot of later": {Term: 3, Body: &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{
			Mark: raft.Mark{Index: 1, Term: 4}}}},
		"chunk beyond the end": {Term: 3, Body: &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{
			Mark: raft.Mark{Index: 1, Term: 1}, Size: 3}, Data: make([]byte, 4)}},
		"offset overflows": {Term: 3, Body: &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{
			Mark: raft.Mark{Index: 1, Term: 1}, Size: 3}, Offset: ^uint64(0), Data: make([]byte,
			4)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := with(t, 3, 1, image(2, 0, 1, 1))
			r.step(1, raft.Wake())
			r.take(1)
			before := r.m(1).node.Status()
			msg.Group, msg.From, msg.FromBoot, msg.To = 7, 2, 1, 1
			r.step(1, raft.Receive(0, msg))
			m := r.take(1)
			m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
			if s := m.node.Status(); s != before || len(m.sent) != 0 || len(m.pending) != 0 {
				t.Errorf("it made %+v of %+v, and %d messages", s, before, len(m.sent))
			}
		})
	}
}

// In the beginning nobody leads: only the question whether it may stand comes from a server that
// knows of no term.
func TestNobodySpeaksForTermZero(t *testing.T) {
	for _, b := range []raft.Body{&raft.AppendEntries{}, &raft.RequestVote{},
		&raft.AppendEntriesReply{}, &raft.TimeoutNow{}, &raft.ReadIndexReply{Granted: true}} {
		r := newRig(t, 3, nil)
		r.step(1, raft.Wake())
		before := r.m(1).node.Status()
		m := r.receive(2, 1, 0, b)
		m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
		if s := r.m(1).node.Status(); s != before {
			t.Errorf("%T of term 0 made %+v of %+v", b, s, before)
		}
	}
	r := newRig(t, 3, nil)
	m := r.receive(2, 1, 0, &raft.RequestVote{Pre: true, ForTerm: 1})
	m.want(t, raft.NoteVoteGranted, raft.WhyNone)
}

// Equal logs have equal marks: entries that lie elsewhere, and a snapshot of another prefix with
// the same last entry, are not of this group's log. A store would not take them.
func TestAnotherPrefixIsRefused(t *testing.T) {
	for _, b := range []raft.Body{
		&raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Entries: []raft.Entry{{Index: 3, Term: 1,
			Pos: 7}}},
		&raft.InstallSnapshot{Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 2, Term: 1,
			Digest: 9}, Size: 1}, Data: []byte("x"), Done: true},
	} {
		r := with(t, 3, 1, image(2, 0, 1, 1))
		r.step(1, raft.Wake())
		r.take(1)
		r.step(1, raft.Receive(5, raft.Message{Group: 7, From: 2, FromBoot: 1, To: 1, Term: 2,
			Body: b}))
		m := r.take(1)
		m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
		if s := r.m(1).node.Status(); s.Last.Index != 2 || s.Commit != 0 || len(m.pending) != 0 {
			t.Errorf("%T made %+v of it, and %d writes", b, s, len(m.pending))
		}
	}
}

// Three servers on a table, whatever happens in whatever order: what one has committed nobody else
// ever has otherwise, and at rest their logs are equal. The same steps give the same, twice; and a
// copy goes on as its original.
func TestRandomOrder(t *testing.T) {
	seeds(t, 150, func(t *testing.T, seed uint64) {
		a, b := disorder(t, seed), disorder(t, seed)
		for id := raft.NodeID(1); id <= 3; id++ {
			if x, y := a.m(id).node.Status(), b.m(id).node.Status(); x != y {
				t.Errorf("the same steps made %+v and %+v", x, y)
			}
		}
	})
}

func disorder(t *testing.T, seed uint64) *rig {
	t.Helper()
	committed := map[raft.Index]string{}
	r := disordered(t, seed, func(r *rig) { agree(t, r, committed) })
	rest(t, r)
	agree(t, r, committed)
	return r
}

// disordered does whatever can be done in whatever order, and looks at all behind each step.
func disordered(t *testing.T, seed uint64, look func(*rig)) *rig {
	t.Helper()
	chance := rng.New(seed)
	r := newRig(t, 3, func(c *raft.Config) {
		c.PreVote, c.CheckQuorum = seed%2 == 0, seed%3 == 0
		c.MaxBatch, c.MaxInflight = 1+int(seed%3), 1+int(seed%2)
	})
	for range 600 {
		id := raft.NodeID(1 + chance.Below(3))
		k := int(chance.Below(int64(len(r.wire) + 1)))
		switch what := chance.Below(20); {
		case what < 9 && k < len(r.wire): // in any order
			msg := r.wire[k]
			r.wire = append(r.wire[:k:k], r.wire[k+1:]...)
			r.step(msg.To, raft.Receive(0, msg))
		case what == 9 && k < len(r.wire): // once more
			r.step(r.wire[k].To, raft.Receive(0, r.wire[k]))
		case what == 10 && k < len(r.wire):
			r.wire = append(r.wire[:k:k], r.wire[k+1:]...)
		case what < 15:
			r.save(id)
		case what < 17:
			r.propose(id, fmt.Sprint(chance.Below(1000)))
		case what == 17:
			r.wait(id, raft.Time(chance.Below(100))*ms)
		case what == 18 && chance.Below(4) == 0:
			r.restart(id)
		case what == 19 && chance.Below(3) == 0:
			if s := r.m(id).node.Status(); s.Applied > s.Snapshot.Index &&
				len(r.m(id).pending) == 0 {
				r.snapshot(id, fmt.Sprintf("snapshot of %d", s.Applied))
			}
		}
		if m := r.m(id); chance.Below(10) == 0 {
			m.node = m.node.Clone()
		}
		look(r)
	}
	return r
}

// agree holds what was applied against what others have applied.
func agree(t *testing.T, r *rig, committed map[raft.Index]string) {
	t.Helper()
	for id := raft.NodeID(1); id <= 3; id++ {
		for _, e := range r.take(id).applied {
			text := fmt.Sprintf("%d/%d %q at %d", e.Index, e.Term, e.Data, e.Pos)
			if was, ok := committed[e.Index]; ok && was != text {
				t.Fatalf("%v applied %s, where somebody had applied %s", id, text, was)
			}
			committed[e.Index] = text
		}
	}
}

// rest lets all come to rest and expects equal logs.
func rest(t *testing.T, r *rig) {
	t.Helper()
	for range 40 {
		for id := raft.NodeID(1); id <= 3; id++ {
			r.wait(id, 15*ms)
			r.settle()
		}
	}
	for id := raft.NodeID(2); id <= 3; id++ {
		if a, b := r.m(1).node.Status(), r.m(id).node.Status(); a.Last != b.Last ||
			a.Term != b.Term ||
			a.Commit != b.Commit || a.Last.Index == 0 {
			t.Errorf("at rest S1 stands as %+v and %v as %+v", a, id, b)
		}
	}
}

// A step does not depend on what was in the Output before, and a copy shares nothing with its
// original.
func TestCloneIsIndependent(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	for range 5 {
		r.propose(1, "x")
	}
	n := r.m(1).node
	c := n.Clone()
	before := c.Status()
	var out raft.Output
	n.Step(r.now, []raft.Input{raft.Propose(1, []byte("a")), raft.Saved(0, 2)}, &out)
	if s := c.Status(); !reflect.DeepEqual(s, before) {
		t.Errorf("a step of the original made %+v of %+v", s, before)
	}
	var other raft.Output
	c.Step(r.now, []raft.Input{raft.Propose(1, []byte("b")), raft.Saved(0, 2)}, &other)
	e, _ := n.MarkAt(7)
	f, _ := c.MarkAt(7)
	if e.Digest == f.Digest {
		t.Error("original and copy have the same entry at index 7, and were given different ones")
	}
}
