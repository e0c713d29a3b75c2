package raft_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// Figure 2, leaders: if there are entries from nextIndex on, send them; a refusal moves nextIndex
// back, an acknowledgement moves it on, and the follower's log becomes the leader's (Figure 7).
func figure7(t *testing.T) {
	leader := []raft.Term{1, 1, 1, 4, 4, 5, 5, 6, 6, 6}
	for name, log := range map[string][]raft.Term{
		"a": {1, 1, 1, 4, 4, 5, 5, 6, 6},
		"b": {1, 1, 1, 4},
		"c": {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
		"d": {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
		"e": {1, 1, 1, 4, 4, 4, 4},
		"f": {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},
		"-": {},
	} {
		t.Run(name, func(t *testing.T) {
			r := with(t, 3, 1, image(7, 0, leader...))
			r.m(2).image = image(7, 0, leader...)
			r.restart(2)
			r.m(3).image = image(7, 0, log...)
			r.restart(3)
			r.lead(1, 3)
			rounds := 0
			for r.wait(1, 40*ms); len(r.wire) > 0; rounds++ {
				for r.deliver(1, 2) || r.deliver(1, 3) {
				}
				r.saveAll()
				for r.deliver(2, 1) || r.deliver(3, 1) {
				}
			}
			want := append(slices.Clone(leader), 8)
			if got := r.terms(3); !slices.Equal(got, want) {
				t.Errorf("its log became %v, not %v", got, want)
			}
			if rounds > 8 {
				t.Errorf("it took %d rounds", rounds)
			}
			s, f := r.m(1).node.Status(), r.m(3).node.Status()
			if s.Commit != 11 || f.Last != s.Last {
				t.Errorf("leader %+v, follower %+v", s, f)
			}
		})
	}
}

// Section 5.4.2, Figure 8: an entry of an earlier term is not committed by counting, though a
// majority has it; it is committed with the first one of the leader's own term.
func figure8(t *testing.T) {
	r := newRig(t, 5, nil)
	for id, log := range map[raft.NodeID][]raft.Term{1: {1, 2}, 2: {1, 2}, 3: {1}, 4: {1}, 5: {1,
		3}} {
		r.m(id).image = image(3, 0, log...)
		r.restart(id)
	}
	r.step(1, raft.Campaign(0)) // term 4, as in (c)
	r.settle(3, 4, 5)
	for range 3 { // the votes of 2 and 3 only
		r.settle(4, 5)
		if r.m(1).node.Status().Role == raft.Leader {
			break
		}
		r.step(1, raft.Campaign(0))
	}
	s := r.m(1).node.Status()
	if s.Role != raft.Leader {
		t.Fatalf("it does not lead: %+v", s)
	}
	// Now 3 acknowledges index 2, of term 2, and no more.
	r = newRig(t, 5, nil)
	r.m(1).image = image(3, 0, 1, 2)
	r.restart(1)
	r.step(1, raft.Campaign(0))
	r.save(1)
	for _, id := range []raft.NodeID{2, 3} {
		r.receive(id, 1, 4, &raft.RequestVoteReply{ForTerm: 4, Granted: true})
	}
	r.saveAll()
	for _, id := range []raft.NodeID{2, 3, 4, 5} {
		r.receive(id, 1, 4, &raft.AppendEntriesReply{Success: true, Match: 2})
	}
	if s := r.m(1).node.Status(); s.Commit != 0 {
		t.Fatalf("index %d is committed, and no entry of term 4 is on a majority", s.Commit)
	}
	r.receive(2, 1, 4, &raft.AppendEntriesReply{Success: true, Match: 3})
	m := r.receive(3, 1, 4, &raft.AppendEntriesReply{Success: true, Match: 3})
	if n := m.want(t, raft.NoteCommitAdvanced, raft.WhyQuorumSaved); n.Index != 3 ||
		n.LogTerm != 4 {
		t.Errorf("committed: %+v", n)
	}
}

// The limits of an append: entries, bytes, and how many are on their way.
func TestBatchLimits(t *testing.T) {
	r := newRig(t, 3, func(c *raft.Config) { c.MaxBatch, c.MaxBytes, c.MaxInflight = 3, 10, 2 })
	r.lead(1)
	r.settle()
	var in []raft.Input
	for _, size := range []int{1, 1, 1, 1, 20, 5, 5, 5} {
		in = append(in, raft.Propose(0, make([]byte, size)))
	}
	r.take(1)
	r.step(1, in...)
	var got []string
	for range 10 {
		for _, msg := range r.take(1).sent {
			if a, ok := msg.Body.(*raft.AppendEntries); ok && msg.To == 2 {
				got = append(got, fmt.Sprintf("%d+%d", a.PrevIndex, len(a.Entries)))
			}
		}
		for r.deliver(1, 2) || r.deliver(1, 3) {
		}
		r.saveAll()
		got = append(got, ";")
		for r.deliver(2, 1) || r.deliver(3, 1) {
		}
	}
	want := "[1+3 4+1 ; 5+1 6+2 ; 8+1 ;"
	if s := fmt.Sprint(got); len(s) < len(want) || s[:len(want)] != want {
		t.Errorf("the appends were %v, not %v", got, want)
	}
	if s := r.m(2).node.Status(); s.Last.Index != 9 {
		t.Errorf("the follower has %d entries of 9", s.Last.Index)
	}
}

// Every proposal gets one answer: done, refused with who leads, or unknown.
func TestProposals(t *testing.T) {
	r := newRig(t, 3, func(c *raft.Config) { c.MaxPending = 2 })
	r.lead(1)
	r.settle()
	r.take(1)
	m := r.propose(2, "x")
	if a := m.answers; len(a) != 1 || a[0].Outcome != raft.OutcomeRefused ||
		a[0].Why != raft.WhyNotLeader || a[0].Leader != 1 || a[0].Ref != 9 {
		t.Errorf("a follower answered %+v", a)
	}
	for range 3 {
		r.propose(1, "x")
	}
	got := r.take(1)
	if a := got.answers; len(a) != 1 || a[0].Why != raft.WhyTooMany {
		t.Errorf("beyond its limit the leader answered %+v", a)
	}
	r.receive(2, 1, 5, &raft.AppendEntries{})
	r.step(1)
	if s := r.m(1).node.Status(); s.Waiting != 0 {
		t.Errorf("%d still wait at one that does not lead", s.Waiting)
	}
	r.step(1, raft.Input{Kind: raft.InputSaveFailed, Write: 1, Err: "no space"})
	r.take(1)
	m = r.propose(1, "x")
	if a := m.answers; len(a) != 1 || a[0].Why != raft.WhyStopping {
		t.Errorf("one that has stopped answered %+v", a)
	}
}

// A disk that fails ends the server: it promises nothing more, and what was held is gone.
func TestSaveFailedStops(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.receive(2, 1, 3, &raft.RequestVote{ForTerm: 3})
	r.step(1, raft.Input{Kind: raft.InputSaveFailed, Write: 1, Err: "no space"})
	r.m(1).want(t, raft.NoteStopped, raft.WhySaveFailed)
	r.take(1)
	r.step(1, raft.Saved(0, 1), raft.Campaign(0))
	r.wait(1, raft.Second)
	m := r.receive(2, 1, 4, &raft.AppendEntries{})
	if len(m.sent)+len(m.notes) != 0 || !m.node.Status().Stopped {
		t.Errorf("it sent %d messages and noted\n%s", len(m.sent), showNotes(m.notes))
	}
}
