package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

func noPreVote(c *raft.Config) { c.PreVote = false }

// Section 5.2: "If a follower receives no communication over a period of time called the election
// timeout, then it ... begins an election", and the time-out is drawn from a range.
func electionTimeoutStartsElection(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	spans := map[raft.Time]bool{}
	for id := raft.NodeID(1); id <= 3; id++ {
		n := r.step(id, raft.Wake()).want(t, raft.NoteDeadlineSet, raft.WhyStarted)
		if n.Left < 150*ms || n.Left > 300*ms || r.m(id).out.Wake != n.Left {
			t.Errorf("%v: time-out %d us, wakes at %d us", id, n.Left, r.m(id).out.Wake)
		}
		spans[n.Left] = true
	}
	if len(spans) != 3 {
		t.Errorf("the time-outs are not drawn: %v", spans)
	}
	r.take(1)
	r.wait(1, r.m(1).out.Wake-1)
	if _, ok := r.m(1).has(raft.NoteBecameCandidate); ok {
		t.Error("it stood before its time-out")
	}
	r.wait(1, 1)
	r.m(1).want(t, raft.NoteBecameCandidate, raft.WhyElectionTimeout)
}

// Figure 2, candidates: increment currentTerm, vote for self, reset election timer, send
// RequestVote to all other servers; and persistent state is updated before: the requests wait for
// the disk.
func candidateSavesBeforeItAsks(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	m := r.step(1, raft.Campaign(0))
	if s := m.node.Status(); s.Term != 1 || s.Vote != 1 || s.Role != raft.Candidate {
		t.Fatalf("a candidate stands as %+v", s)
	}
	none[*raft.RequestVote](t, *m, "before its vote was saved")
	if w := m.pending[0]; !w.HardState || w.Term != 1 || w.Vote != 1 {
		t.Fatalf("it saves %+v", w)
	}
	r.save(1)
	if len(m.sent) != 2 {
		t.Fatalf("it asked %d others of 2", len(m.sent))
	}
	b, _ := body[*raft.RequestVote](t, *m)
	if b.Pre || b.ForTerm != 1 || b.LastIndex != 0 || b.LastTerm != 0 {
		t.Errorf("it asks %+v", b)
	}
	if n, ok := m.has(raft.NoteVoteCounted); !ok || n.Peer != 1 || n.Count != 1 {
		t.Errorf("its own vote was counted as %+v", n)
	}
}

// Section 5.2: a candidate wins with the votes of a majority, its own among them. A single server
// wins by itself, once its vote is saved.
func majorityWins(t *testing.T) {
	for n := 1; n <= 7; n++ {
		r := newRig(t, n, noPreVote)
		r.step(1, raft.Campaign(0))
		if r.m(1).node.Status().Role == raft.Leader {
			t.Fatalf("of %d: it leads before its own vote is saved", n)
		}
		r.save(1)
		for k := 2; ; k++ {
			votes := k - 1
			if leads := r.m(1).node.Status().Role == raft.Leader; leads != (votes >= n/2+1) {
				t.Fatalf("of %d: with %d votes it leads: %v", n, votes, leads)
			}
			if k > n {
				break
			}
			r.receive(raft.NodeID(k), 1, 1, &raft.RequestVoteReply{ForTerm: 1, Granted: true})
		}
	}
}

// A vote that comes twice counts once; a vote for another campaign, or a pre-vote, counts nothing.
func votesThatDoNotCount(t *testing.T) {
	r := newRig(t, 5, noPreVote)
	r.step(1, raft.Campaign(0))
	r.step(1, raft.Campaign(0)) // term 2
	r.saveAll()
	yes := func(from raft.NodeID, b raft.RequestVoteReply) {
		b.Granted = true
		r.receive(from, 1, 2, &b)
	}
	yes(2, raft.RequestVoteReply{ForTerm: 2})
	yes(2, raft.RequestVoteReply{ForTerm: 2})
	yes(3, raft.RequestVoteReply{ForTerm: 1})
	yes(4, raft.RequestVoteReply{ForTerm: 2, Pre: true})
	if s := r.m(1).node.Status(); s.Role != raft.Candidate {
		t.Fatalf("with two votes of five it is %v", s.Role)
	}
	yes(5, raft.RequestVoteReply{ForTerm: 2})
	if s := r.m(1).node.Status(); s.Role != raft.Leader {
		t.Fatalf("with three votes of five it is %v", s.Role)
	}
}

// Figure 2, RequestVote, receiver implementation; sections 5.2 and 5.4.1.
func voteRequests(t *testing.T) {
	for name, test := range map[string]struct {
		image  raft.Image
		term   raft.Term
		body   raft.RequestVote
		why    raft.Reason // WhyNone: granted
		leader raft.NodeID // that it has heard in its term
	}{
		"stale term": {image(5, 0), 4, raft.RequestVote{ForTerm: 4},
			raft.WhyStaleTerm, 0},
		"free vote": {image(5, 0), 5, raft.RequestVote{ForTerm: 5}, raft.WhyNone,
			0},
		"voted for it": {image(5, 2), 5, raft.RequestVote{ForTerm: 5}, raft.WhyNone,
			0},
		"voted for other": {image(5, 3), 5, raft.RequestVote{ForTerm: 5},
			raft.WhyAlreadyVoted, 0},
		"a new term frees the vote": {image(5, 3), 6, raft.RequestVote{ForTerm: 6}, raft.WhyNone,
			0},
		"knows a leader": {image(5, 0), 5, raft.RequestVote{ForTerm: 5},
			raft.WhyLeaderKnown, 3},
		"older last term": {image(5, 0, 1, 3), 6, raft.RequestVote{ForTerm: 6,
			LastIndex: 9, LastTerm: 2}, raft.WhyLogBehindTerm, 0},
		"same last term, shorter": {image(5, 0, 1, 3), 6, raft.RequestVote{ForTerm: 6, LastIndex: 1,
			LastTerm: 3}, raft.WhyLogBehindIndex, 0},
		"same log": {image(5, 0, 1, 3), 6, raft.RequestVote{ForTerm: 6, LastIndex: 2, LastTerm: 3},
			raft.WhyNone, 0},
		"longer": {image(5, 0, 1, 3), 6, raft.RequestVote{ForTerm: 6, LastIndex: 7, LastTerm: 3},
			raft.WhyNone, 0},
		"newer last term, shorter": {image(5, 0, 1, 3, 3), 6, raft.RequestVote{ForTerm: 6,
			LastIndex: 1,
			LastTerm:  4}, raft.WhyNone, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := with(t, 3, 1, test.image, noPreVote)
			if test.leader != 0 {
				r.receive(test.leader, 1, test.image.Term, &raft.AppendEntries{})
			}
			r.take(1)
			r.step(1, raft.Receive(5, raft.Message{ID: 1, Group: 7, From: 2, FromBoot: 1, To: 1,
				Term: test.term, Body: &test.body}))
			r.saveAll()
			m := r.take(1)
			b, msg := body[*raft.RequestVoteReply](t, m)
			if b.Granted != (test.why == raft.WhyNone) || b.Why != test.why ||
				b.ForTerm != test.term {
				t.Errorf("it answered %+v, not %v", b, test.why)
			}
			if s := m.node.Status(); b.Granted && (s.Vote != 2 || s.Term != test.term) ||
				msg.Term != s.Term || s.Term < test.image.Term {
				t.Errorf("it stands as %+v and says term %d", s, msg.Term)
			}
		})
	}
}

// Figure 2, persistent state: a vote leaves only when term and vote are saved.
func voteWaitsForDisk(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	m := r.receive(2, 1, 3, &raft.RequestVote{ForTerm: 3})
	none[*raft.RequestVoteReply](t, m, "before it was saved")
	r.save(1)
	m = r.take(1)
	if b, msg := body[*raft.RequestVoteReply](t, m); !b.Granted || msg.Cause != 5 {
		t.Errorf("it sent %+v with cause %d", b, msg.Cause)
	}
	// Asked again, it says it again, and has nothing to save.
	m = r.receive(2, 1, 3, &raft.RequestVote{ForTerm: 3})
	if b, _ := body[*raft.RequestVoteReply](t, m); !b.Granted || len(m.pending) != 0 {
		t.Errorf("asked again it sent %+v, and %d writes", b, len(m.pending))
	}
}

// A vote in a term that is saved already waits for the disk as well.
func voteInSameTermWaitsForDisk(t *testing.T) {
	r := with(t, 3, 1, image(5, 0), noPreVote)
	m := r.receive(2, 1, 5, &raft.RequestVote{ForTerm: 5})
	none[*raft.RequestVoteReply](t, m, "before it was saved")
	if w := m.pending; len(w) != 1 || w[0].Vote != 2 || !w[0].HardState {
		t.Errorf("it saves %+v", w)
	}
	r.restart(1)
	m = r.receive(3, 1, 5, &raft.RequestVote{ForTerm: 5})
	if n, ok := m.has(raft.NoteVoteGranted); !ok || n.Peer != 3 {
		t.Errorf("nobody knew of its vote, and it is gone: %+v", n)
	}
}

// What was held for an earlier term is dropped, not sent late.
func heldVoteIsDroppedInNewTerm(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.receive(2, 1, 3, &raft.RequestVote{ForTerm: 3})
	r.receive(3, 1, 4, &raft.AppendEntries{})
	r.saveAll()
	m := r.take(1)
	none[*raft.RequestVoteReply](t, m, "for a term that is over")
}

// Section 5.2: a vote outlives a restart once it is saved, and only then.
func restartKeepsVote(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.receive(2, 1, 3, &raft.RequestVote{ForTerm: 3})
	r.saveAll()
	r.restart(1)
	m := r.receive(3, 1, 3, &raft.RequestVote{ForTerm: 3})
	m.want(t, raft.NoteVoteRefused, raft.WhyAlreadyVoted)

	r = newRig(t, 3, noPreVote)
	r.receive(2, 1, 3, &raft.RequestVote{ForTerm: 3})
	r.restart(1) // nothing was saved and nothing had left
	r.receive(3, 1, 3, &raft.RequestVote{ForTerm: 3})
	r.saveAll()
	m = r.take(1)
	if b, _ := body[*raft.RequestVoteReply](t, m); !b.Granted {
		t.Errorf("it remembers a vote that it never saved: %+v", b)
	}
}

// Figure 2, all servers: "If RPC request or response contains term T > currentTerm: set currentTerm
// = T, convert to follower" (section 5.1). A vote that was given does not carry a higher term.
func higherTermMakesFollower(t *testing.T) {
	for name, b := range map[string]raft.Body{
		"append":       &raft.AppendEntries{},
		"append reply": &raft.AppendEntriesReply{Why: raft.WhyStaleTerm},
		"snapshot": &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{Size: 9,
			Mark: raft.Mark{Index: 9, Term: 1}}},
		"snapshot reply": &raft.InstallSnapshotReply{},
		"vote reply":     &raft.RequestVoteReply{ForTerm: 9},
		"pre-vote reply": &raft.RequestVoteReply{Pre: true, ForTerm: 9, Why: raft.WhyStaleTerm},
		"vote request":   &raft.RequestVote{ForTerm: 9},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 3, noPreVote)
			r.lead(1)
			m := r.receive(2, 1, 9, b)
			if s := m.node.Status(); s.Role != raft.Follower || s.Term != 9 {
				t.Errorf("behind a message of term 9 it is %v of term %d", s.Role, s.Term)
			}
			m.want(t, raft.NoteTermAdvanced, raft.WhyHigherTerm)
			if w := m.pending[0]; !w.HardState || w.Term != 9 {
				t.Errorf("it saves %+v", w)
			}
		})
	}
}

// Section 5.2: a candidate that hears from the leader of its term follows it.
func candidateFollowsLeaderOfItsTerm(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.step(1, raft.Campaign(0))
	r.saveAll()
	m := r.receive(2, 1, 1, &raft.AppendEntries{})
	m.want(t, raft.NoteBecameFollower, raft.WhyLeaderFound)
	if s := m.node.Status(); s.Leader != 2 || s.Vote != 1 {
		t.Errorf("it stands as %+v: the vote of the term must stay", s)
	}
}

// Thesis 9.6: a pre-vote changes nothing at the voter; only its winner begins a term.
func TestPreVoteChangesNothing(t *testing.T) {
	r := newRig(t, 3, nil)
	before := r.m(1).node.Status()
	m := r.receive(2, 1, 0, &raft.RequestVote{Pre: true, ForTerm: 1})
	if b, _ := body[*raft.RequestVoteReply](t, m); !b.Granted || !b.Pre || b.ForTerm != 1 {
		t.Errorf("it answered %+v", b)
	}
	if s := m.node.Status(); s != before || len(m.pending) != 0 {
		t.Errorf("a pre-vote made it %+v, and %d writes", s, len(m.pending))
	}
	r.wait(3, r.step(3).out.Wake)
	if s := r.m(3).node.Status(); s.Role != raft.PreCandidate || s.Term != 0 {
		t.Fatalf("at its time-out it is %v of term %d", s.Role, s.Term)
	}
	r.settle()
	if s := r.m(3).node.Status(); s.Role != raft.Leader || s.Term != 1 {
		t.Errorf("with all votes it is %v of term %d", s.Role, s.Term)
	}
}

// Thesis 9.6, 4.2.3: who has just heard from a leader refuses votes and pre-votes, and keeps its
// term; when the shortest time-out has passed it votes again.
func leaderStickiness(t *testing.T) {
	for _, b := range []*raft.RequestVote{{Pre: true, ForTerm: 2, LastIndex: 9, LastTerm: 1},
		{ForTerm: 2, LastIndex: 9, LastTerm: 1}} {
		term := raft.Term(2)
		if b.Pre {
			term = 1
		}
		r := newRig(t, 3, nil)
		r.lead(1)
		for _, at := range []raft.NodeID{1, 2} { // the leader, and a follower
			m := r.receive(3, at, term, b)
			m.want(t, raft.NoteVoteRefused, raft.WhyLeaderAlive)
			if s := m.node.Status(); s.Term != 1 {
				t.Errorf("%v, asked with pre=%v, went to term %d", at, b.Pre, s.Term)
			}
		}
		r.now += 150 * ms
		m := r.receive(3, 1, term, b)
		m.want(t, raft.NoteVoteRefused, raft.WhyLeaderAlive) // who leads hears from nobody
		m = r.receive(3, 2, term, b)
		if _, ok := m.has(raft.NoteVoteGranted); !ok {
			t.Errorf("nothing was heard for a time-out, and it refuses, pre=%v:\n%s", b.Pre,
				showNotes(m.notes))
		}
	}
}

// A server with a higher term whose votes nobody wants is brought back: its refusal of an append
// carries its term, and the leader gives way.
func TestHigherTermOutsiderIsNotStuck(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.step(3, raft.Campaign(0))
	r.settle()
	r.step(3, raft.Campaign(0))
	r.drop(3, 0)
	r.saveAll()
	r.drop(3, 0)
	r.wait(1, 50*ms)
	r.settle()
	r.now += 300 * ms
	for id := raft.NodeID(1); id <= 3; id++ {
		r.step(id, raft.Wake())
	}
	r.settle()
	leaders := 0
	for id := raft.NodeID(1); id <= 3; id++ {
		if s := r.m(id).node.Status(); s.Role == raft.Leader {
			leaders++
		}
	}
	if leaders != 1 {
		t.Errorf("%d servers lead", leaders)
	}
}

// Its own vote counts when the write with it is saved, and not with an earlier one.
func TestOwnVoteWaitsForItsWrite(t *testing.T) {
	r := newRig(t, 1, noPreVote)
	r.step(1, raft.Campaign(0))
	r.step(1, raft.Campaign(0))
	r.save(1)
	if s := r.m(1).node.Status(); s.Role != raft.Candidate || s.Term != 2 {
		t.Errorf("with the vote of term 1 saved it is %v of term %d", s.Role, s.Term)
	}
	r.save(1)
	if s := r.m(1).node.Status(); s.Role != raft.Leader {
		t.Errorf("with the vote of term 2 saved it is %v", s.Role)
	}
}

// Whose word keeps others from standing: the leader itself may ask for votes anew, as it has lost
// its leadership then; a pre-vote is no hand-over; a vote that was given carries no term.
func TestWhoMayAsk(t *testing.T) {
	for _, leases := range []bool{false, true} {
		for _, test := range []struct {
			from  raft.NodeID
			b     *raft.RequestVote
			grant bool
		}{
			{2, &raft.RequestVote{ForTerm: 3}, true}, {3, &raft.RequestVote{ForTerm: 3}, false},
			{2, &raft.RequestVote{Pre: true, ForTerm: 3}, true},
			{3, &raft.RequestVote{Pre: true, ForTerm: 3}, false},
			{3, &raft.RequestVote{Pre: true, ForTerm: 3, Transfer: true}, false},
			{3, &raft.RequestVote{ForTerm: 3, Transfer: true}, true},
		} {
			r := newRig(t, 3, func(c *raft.Config) { c.LeaseReads = leases })
			r.receive(2, 1, 2, &raft.AppendEntries{})
			r.saveAll()
			r.now += 149 * ms
			term := raft.Term(3)
			if test.b.Pre {
				term = 2
			}
			m := r.receive(test.from, 1, term, test.b)
			if _, ok := m.has(raft.NoteVoteGranted); ok != test.grant {
				t.Errorf("leases %v: %v asks %+v, and is granted: %v", leases, test.from,
					test.b, ok)
			}
		}
	}
	r := newRig(t, 3, noPreVote)
	r.step(1, raft.Campaign(0))
	r.saveAll()
	m := r.receive(2, 1, 9, &raft.RequestVoteReply{ForTerm: 9, Granted: true})
	m.want(t, raft.NoteMessageIgnored, raft.WhyNoCampaign)
	if s := m.node.Status(); s.Term != 1 || s.Role != raft.Candidate {
		t.Errorf("it is %v of term %d", s.Role, s.Term)
	}
}

// Where a leader may rely on a promise of this server, it stands when that is over, and says so.
func TestPromiseHoldsBackACampaign(t *testing.T) {
	r := newRig(t, 3, func(c *raft.Config) { c.LeaseReads = true })
	r.receive(2, 1, 2, &raft.AppendEntries{})
	r.saveAll()
	r.now += 50 * ms
	r.take(1)
	r.step(1, raft.Campaign(0))
	m := r.take(1)
	if n := m.want(t, raft.NoteDeadlineSet, raft.WhyPromised); n.Left != 100*ms ||
		m.out.Wake != r.now+100*ms || m.node.Status().Term != 2 {
		t.Errorf("it stands in %d us and wakes in %d us", n.Left, m.out.Wake-r.now)
	}
}
