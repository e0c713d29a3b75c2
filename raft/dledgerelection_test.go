package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// electionBehaviours are DLedger's 1 to 23, in our terms.
func electionBehaviours() map[int]func(*testing.T) {
	return map[int]func(*testing.T){
		1: singleLeads, 2: singleLeadsAgain, 3: oneLeaderOfThree, 4: anybodyCanLead,
		5: anybodyCanLead, 6: followersRestart, 7: leaderStops, 8: followersStop,
		9: preferredLeads, 10: strangerLeads, 11: ownMessage, 12: staleAppendIsRefused,
		13: secondLeader, 14: leaderIsHeard, 15: nextTermIsTaken, 16: strangerStands,
		17: oneVoteATerm, 18: ownMessage, 19: voteRequests, 20: voteRequests, 21: voteRequests,
		22: lowTermCandidate, 23: votedForNobodyThere,
	}
}

// run lets time pass, woken to the microsecond as in a simulation: all messages arrive at once and
// all writes are done.
func (r *rig) run(span raft.Time, apart ...raft.NodeID) {
	r.t.Helper()
	for end := r.now + span; ; {
		next := end
		for _, m := range r.members {
			if m.node != nil && m.out.Wake < next {
				next = m.out.Wake
			}
		}
		r.now = max(r.now, next)
		if r.now >= end {
			return
		}
		for i, m := range r.members {
			if m.node != nil && m.out.Wake <= r.now {
				r.step(raft.NodeID(i+1), raft.Wake())
			}
		}
		r.settle(apart...)
	}
}

// begin starts n servers and lets them elect somebody.
func begin(t *testing.T, n int, adjust func(*raft.Config)) *rig {
	t.Helper()
	r := newRig(t, n, adjust)
	for i := range n {
		r.step(raft.NodeID(i+1), raft.Wake())
	}
	r.run(raft.Second)
	r.leader()
	return r
}

// leader finds the only server of the highest term that leads.
func (r *rig) leader() raft.NodeID {
	r.t.Helper()
	var leader raft.Status
	for _, m := range r.members {
		if m.node == nil {
			continue
		}
		s := m.node.Status()
		if s.Role == raft.Leader && leader.ID != 0 {
			r.t.Fatalf("%v and %v lead", leader.ID, s.ID)
		}
		if s.Role == raft.Leader {
			leader = s
		}
	}
	if leader.ID == 0 {
		r.t.Fatal("nobody leads")
	}
	return leader.ID
}

// commits fails unless a server takes a command and answers that it is done.
func (r *rig) commits(id raft.NodeID, apart ...raft.NodeID) raft.Answer {
	r.t.Helper()
	r.take(id)
	r.propose(id, "x")
	r.settle(apart...)
	a := r.take(id).answers
	if len(a) != 1 || a[0].Outcome != raft.OutcomeOK {
		r.t.Fatalf("%v answered %+v", id, a)
	}
	return a[0]
}

func singleLeads(t *testing.T) {
	r := begin(t, 1, nil)
	if r.now > raft.Second {
		t.Errorf("it took %d us", r.now)
	}
	if a := r.commits(1); a.Index != 2 { // behind the leader's own first entry
		t.Errorf("its first append is at %d", a.Index)
	}
}

// DLedger leads again in the same term; here every election has a new one.
func singleLeadsAgain(t *testing.T) {
	r := begin(t, 1, nil)
	r.commits(1)
	before := r.m(1).node.Status().Term
	r.restart(1)
	r.step(1, raft.Wake())
	r.run(raft.Second)
	if s := r.m(1).node.Status(); s.Role != raft.Leader || s.Term <= before || s.Commit != 3 {
		t.Errorf("it led term %d, and is %+v", before, s)
	}
}

func oneLeaderOfThree(t *testing.T) {
	r := begin(t, 3, nil)
	leader := r.leader()
	for id := raft.NodeID(1); id <= 3; id++ {
		s := r.m(id).node.Status()
		if s.Leader != leader || id != leader && s.Role != raft.Follower {
			t.Errorf("%v is %v and follows %v, not %v", id, s.Role, s.Leader, leader)
		}
	}
}

// DLedger forces a campaign at the highest term plus one; here the leader hands over, or somebody
// is asked to stand when no leader was heard for a while.
func anybodyCanLead(t *testing.T) {
	r := begin(t, 3, nil)
	for k := range 10 {
		id := raft.NodeID(1 + k%3)
		if id == r.leader() {
			continue
		}
		r.now += 150 * ms
		r.step(id, raft.Campaign(0))
		r.settle()
		if leader := r.leader(); leader != id {
			t.Fatalf("%v was asked to stand, and %v leads", id, leader)
		}
		r.commits(id)
		r.run(40 * ms)
	}
	for k := range 10 { // by transfer it is exactly that one, at once
		id := raft.NodeID(1 + k%3)
		r.step(r.leader(), raft.Transfer(0, id))
		r.settle()
		if leader := r.leader(); leader != id {
			t.Fatalf("leadership was to go to %v, and %v has it", id, leader)
		}
		r.commits(id)
		r.run(40 * ms)
	}
}

func followersRestart(t *testing.T) {
	r := begin(t, 3, nil)
	leader := r.leader()
	term := r.m(leader).node.Status().Term
	for id := raft.NodeID(1); id <= 3; id++ {
		if id == leader {
			continue
		}
		r.restart(id)
		r.step(id, raft.Wake())
		r.run(raft.Second)
		if s := r.m(id).node.Status(); s.Role != raft.Follower || s.Term != term ||
			s.Leader != leader || r.leader() != leader {
			t.Errorf("%v is back as %v of term %d under %v", id, s.Role, s.Term, s.Leader)
		}
	}
}

func leaderStops(t *testing.T) {
	r := begin(t, 3, nil)
	first := r.leader()
	term := r.m(first).node.Status().Term
	r.crash(first)
	r.run(raft.Second)
	second := r.leader()
	if s := r.m(second).node.Status(); second == first || s.Term <= term {
		t.Errorf("%v led term %d and is down; %v leads term %d", first, term, second, s.Term)
	}
	r.commits(second)
}

// DLedger's leader becomes a candidate; ours becomes a follower, and asks for pre-votes.
func followersStop(t *testing.T) {
	r := begin(t, 3, nil)
	leader := r.leader()
	term := r.m(leader).node.Status().Term
	for id := raft.NodeID(1); id <= 3; id++ {
		if id != leader {
			r.crash(id)
		}
	}
	r.run(300 * ms) // two checks of the quorum
	if s := r.m(leader).node.Status(); s.Role == raft.Leader {
		t.Errorf("alone it still leads: %+v", s)
	}
	r.run(3 * raft.Second)
	if s := r.m(leader).node.Status(); s.Term != term {
		t.Errorf("alone it went from term %d to %d", term, s.Term)
	}
}

func preferredLeads(t *testing.T) {
	r := begin(t, 3, func(c *raft.Config) { c.Preferred = []raft.NodeID{2} })
	r.run(raft.Second)
	if leader := r.leader(); leader != 2 {
		t.Fatalf("%v leads, and S2 is preferred", leader)
	}
	r.crash(2)
	r.run(raft.Second)
	other := r.leader()
	term := r.m(other).node.Status().Term
	r.commits(other)
	r.start(2)
	r.step(2, raft.Wake())
	r.run(raft.Second)
	if s := r.m(2).node.Status(); s.Role != raft.Leader || s.Term <= term {
		t.Errorf("%v led term %d; S2 is back and %v of term %d", other, term, s.Role, s.Term)
	}
}

// DLedger answers UNKNOWN_MEMBER. Here a leader that this configuration does not name is followed:
// the configuration may be older than the leader's (thesis 4.1).
func strangerLeads(t *testing.T) {
	r := newRig(t, 3, nil)
	m := r.receive(9, 1, 3, &raft.AppendEntries{Entries: entries(1, 3)})
	if s := m.node.Status(); s.Leader != 9 || s.Last.Index != 1 {
		t.Errorf("it stands as %+v", s)
	}
	m = r.receive(9, 1, 4, &raft.AppendEntriesReply{})
	m.want(t, raft.NoteMessageIgnored, raft.WhyUnknownMember)
	if s := m.node.Status(); s.Term != 3 {
		t.Errorf("the answer of a stranger made its term %d", s.Term)
	}
}

func ownMessage(t *testing.T) {
	for _, b := range []raft.Body{&raft.AppendEntries{}, &raft.RequestVote{ForTerm: 3}} {
		r := newRig(t, 3, nil)
		before := r.m(1).node.Status()
		m := r.receive(1, 1, 3, b)
		m.want(t, raft.NoteMessageIgnored, raft.WhyUnknownMember)
		if s := m.node.Status(); s != before || len(m.sent)+len(m.pending) != 0 {
			t.Errorf("a %T from itself made %+v of %+v", b, s, before)
		}
	}
}

// DLedger answers INCONSISTENT_LEADER; here it is what no correct server sends.
func secondLeader(t *testing.T) {
	r := newRig(t, 3, nil)
	r.receive(2, 1, 3, &raft.AppendEntries{})
	r.saveAll()
	before := r.m(1).node.Status()
	m := r.receive(3, 1, 3, &raft.AppendEntries{Entries: entries(1, 3)})
	m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
	if s := m.node.Status(); s != before || len(m.sent)+len(m.pending) != 0 {
		t.Errorf("a second leader made %+v of %+v", s, before)
	}
}

func leaderIsHeard(t *testing.T) {
	r := newRig(t, 3, nil)
	r.receive(2, 1, 3, &raft.AppendEntries{})
	r.saveAll()
	m := r.receive(2, 1, 3, &raft.AppendEntries{})
	if b, _ := body[*raft.AppendEntriesReply](t, m); !b.Success {
		t.Errorf("it answered %+v", b)
	}
}

// DLedger answers TERM_NOT_READY first; here the term is taken with the message.
func nextTermIsTaken(t *testing.T) {
	r := newRig(t, 3, nil)
	r.receive(2, 1, 3, &raft.AppendEntries{})
	r.saveAll()
	m := r.receive(3, 1, 4, &raft.AppendEntries{})
	if s := m.node.Status(); s.Term != 4 || s.Leader != 3 {
		t.Errorf("it stands as %+v", s)
	}
	r.saveAll()
	if b, _ := body[*raft.AppendEntriesReply](t, r.take(1)); !b.Success {
		t.Errorf("it answered %+v", b)
	}
}

// DLedger answers REJECT_UNKNOWN_LEADER. Here a candidate that this configuration does not name
// gets the vote, as the configuration may be the older one (thesis 4.2.1).
func strangerStands(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	m := r.receive(9, 1, 3, &raft.RequestVote{ForTerm: 3})
	if n, ok := m.has(raft.NoteVoteGranted); !ok || n.Peer != 9 {
		t.Errorf("it decided\n%s", showNotes(m.notes))
	}
}

// DLedger answers REJECT_TERM_SMALL_THAN_LEDGER; here a server's term is never below its log's.
func lowTermCandidate(t *testing.T) {
	r := with(t, 3, 1, image(9, 0, 1, 9))
	r.m(2).image = image(9, 0, 1, 9)
	r.restart(2)
	m := r.receive(3, 1, 4, &raft.RequestVote{ForTerm: 4, LastIndex: 1, LastTerm: 1})
	m.want(t, raft.NoteVoteRefused, raft.WhyStaleTerm)
	r.lead(1)
	if s := r.m(1).node.Status(); s.Term != 10 {
		t.Errorf("it leads term %d", s.Term)
	}
	low := image(4, 0, 1, 9)
	if _, err := raft.New(r.m(1).cfg, low); err == nil {
		t.Error("a log with entries above the saved term is taken")
	}
}

func votedForNobodyThere(t *testing.T) {
	r := with(t, 3, 1, image(5, 3))
	m := r.receive(2, 1, 5, &raft.RequestVote{ForTerm: 5})
	m.want(t, raft.NoteVoteRefused, raft.WhyAlreadyVoted)
	r.crash(3)
	r.drop(0, 0)
	r.step(2, raft.Wake())
	r.run(3*raft.Second, 3)
	if s := r.m(r.leader()).node.Status(); s.Term <= 5 {
		t.Errorf("term %d is led", s.Term)
	}
}
