package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// doubtful gives a server of three that may have lost what it acknowledged, with nothing held back.
func doubtful(t *testing.T) *rig {
	t.Helper()
	im := image(1, 0, 1)
	im.Doubtful = true
	r := with(t, 3, 1, im, noPreVote)
	m := r.step(1, raft.Wake())
	m.want(t, raft.NoteDoubtful, raft.WhyDoubtful)
	if len(m.pending) != 1 || !m.pending[0].Doubtful || !m.pending[0].HardState {
		t.Fatalf("it saves %+v", m.pending)
	}
	r.saveAll()
	return r
}

// The doubt ends when all that the leader's log held at first contact is saved, and not before.
func TestDoubtEndsWhenCaughtUp(t *testing.T) {
	r := doubtful(t)
	step := func(a *raft.AppendEntries, save, want bool) {
		t.Helper()
		r.receive(2, 1, 1, a)
		for save && r.save(1) {
		}
		if s := r.m(1).node.Status(); s.Doubtful != want {
			t.Errorf("behind %+v, saved %v, it is doubtful: %v", a, save, s.Doubtful)
		}
	}
	step(&raft.AppendEntries{PrevIndex: 3, PrevTerm: 1, Last: 3}, true, true) // refused
	step(&raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1), Last: 5}, true,
		true)
	step(&raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Last: 5}, true, true) // a late one
	step(&raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Entries: entries(3, 1), Last: 5}, false,
		true)
	r.take(1)
	r.save(1)
	r.m(1).want(t, raft.NoteTrusted, raft.WhyCaughtUp)
	if s := r.m(1).node.Status(); s.Doubtful {
		t.Error("it has all that the leader had at first, and is doubtful")
	}
	r.saveAll()
	if r.m(1).image.Doubtful {
		t.Error("its disk says that it is doubtful")
	}
}

// What is proven stays proven when a late append comes, and what is saved already needs no write.
func TestDoubtKeepsWhatIsProven(t *testing.T) {
	r := doubtful(t)
	r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1),
		Last: 2})
	r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Last: 2})
	r.save(1)
	if s := r.m(1).node.Status(); s.Doubtful {
		t.Error("it has all, and a late append made it doubt")
	}
	r = doubtful(t)
	m := r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Last: 1})
	m.want(t, raft.NoteTrusted, raft.WhyCaughtUp)
	r = doubtful(t)
	r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1),
		Last: 2})
	r.receive(3, 1, 2, &raft.RequestVote{ForTerm: 2})
	r.saveAll()
	if s := r.m(1).node.Status(); !s.Doubtful {
		t.Error("what it had of a leader of an earlier term ended its doubt")
	}
	r.receive(2, 1, 3, &raft.AppendEntries{PrevIndex: 9, PrevTerm: 3, Last: 9})
	r.receive(2, 1, 4, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Last: 2})
	r.saveAll()
	if s := r.m(1).node.Status(); s.Doubtful {
		t.Error("in a new term the same leader's log counts as it is now")
	}
}

// Another leader's log counts from the first contact with that one.
func TestDoubtBeginsAnewWithEachLeader(t *testing.T) {
	r := doubtful(t)
	r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1),
		Last: 2})
	r.receive(3, 1, 2, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Last: 4})
	r.saveAll() // the entries of the first leader's log, in the second one's term
	if s := r.m(1).node.Status(); !s.Doubtful {
		t.Error("what it had of another leader's log ended its doubt")
	}
	r.receive(3, 1, 2, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 1, Entries: entries(3, 2, 2),
		Last: 6})
	r.saveAll()
	if s := r.m(1).node.Status(); s.Doubtful {
		t.Error("it has caught up, and is doubtful")
	}
}

// A restart does not end it, and a higher term does not either.
func TestDoubtOutlivesRestart(t *testing.T) {
	r := doubtful(t)
	r.receive(2, 1, 9, &raft.RequestVote{ForTerm: 9, LastIndex: 5, LastTerm: 5})
	r.saveAll()
	if b, _ := body[*raft.RequestVoteReply](t, r.take(1)); !b.Granted || !b.Doubtful {
		t.Errorf("it answered %+v", b)
	}
	r.restart(1)
	if s := r.m(1).node.Status(); !s.Doubtful || s.Term != 9 {
		t.Errorf("it is back as %+v", s)
	}
}

// Doubtful votes count only where everybody grants; sure ones are enough as a majority.
func TestDoubtfulVotes(t *testing.T) {
	for _, test := range []struct {
		votes []bool // of S2 on: sure or not
		own   bool   // the candidate itself is in doubt
		wins  bool
	}{
		{[]bool{true}, false, false}, {[]bool{true, true}, false, true},
		{[]bool{true, false}, false, false}, {[]bool{false, false, false}, false, false},
		{[]bool{false, false, false, false}, false, true}, {[]bool{true, true}, true, false},
		{[]bool{true, true, true}, true, true}, {[]bool{true, true, false}, true, false},
		{[]bool{true, true, false, false}, true, true},
	} {
		r := newRig(t, 5, noPreVote)
		im := image(0, 0)
		im.Doubtful = test.own
		r.m(1).image = im
		r.restart(1)
		r.step(1, raft.Campaign(0))
		r.saveAll()
		for k, sure := range test.votes {
			r.receive(raft.NodeID(k+2), 1, 1, &raft.RequestVoteReply{ForTerm: 1, Granted: true,
				Doubtful: !sure})
		}
		s := r.m(1).node.Status()
		if (s.Role == raft.Leader) != test.wins || test.wins && s.Doubtful {
			t.Errorf("with votes %v, its own in doubt %v, it is %v", test.votes, test.own, s.Role)
		}
	}
}
