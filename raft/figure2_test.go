package raft_test

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// sentence is one sentence of the paper that states a rule, in our words, and the test of it.
type sentence struct {
	says  string
	holds func(*testing.T)
}

func holdAll(t *testing.T, sentences []sentence) {
	for _, s := range sentences {
		t.Run(s.says, s.holds)
	}
}

// Figure 2, State.
func TestFigure2State(t *testing.T) {
	holdAll(t, []sentence{
		{"what is persistent is saved before anything is answered: the vote", voteWaitsForDisk},
		{"the vote, in a term that is known already", voteInSameTermWaitsForDisk},
		{"the log", ackWaitsForDisk},
		{"the term", ackWaitsForItsTerm},
		{"currentTerm begins at 0 and only grows", termOnlyGrows},
		{"votedFor is the vote of the current term, or nobody", voteIsOfItsTerm},
		{"log entries hold a command and the term it was received in, from index 1", logBegins},
		{"commitIndex and lastApplied begin at 0 and only grow", commitOnlyGrows},
		{"nextIndex begins behind the leader's last entry, at each election", nextIndexBegins},
		{"matchIndex begins at 0, at each election, and only grows", lateAcksChangeNothing},
	})
}

// Figure 2, AppendEntries and RequestVote, receiver implementation.
func TestFigure2Receivers(t *testing.T) {
	holdAll(t, []sentence{
		{"AppendEntries 1: refused if its term is earlier", staleAppendIsRefused},
		{"AppendEntries 2 to 5", appendEntries},
		{"RequestVote 1 and 2", voteRequests},
		{"results: the term, for the sender to update itself", resultsCarryTerm},
	})
}

// Figure 2, Rules for Servers.
func TestFigure2Rules(t *testing.T) {
	holdAll(t, []sentence{
		{"all: what is committed is applied, each entry once, in order", appliesInOrder},
		{"all: a higher term makes a follower of that term", higherTermMakesFollower},
		{"followers: answer candidates and leaders", followerAnswers},
		{"followers: without word, or a vote given, within the time-out they stand",
			electionTimeoutStartsElection},
		{"followers: word of the leader, or a vote given, begins the time-out anew",
			wordBeginsTimeoutAnew},
		{"candidates: new term, own vote, new time-out, and all others are asked",
			candidateSavesBeforeItAsks},
		{"candidates: the votes of a majority make a leader", majorityWins},
		{"candidates: word of the new leader makes a follower", candidateFollowsLeaderOfItsTerm},
		{"candidates: the time-out begins another election", candidateStandsAgain},
		{"leaders: an empty append goes to everyone at the election", leaderAnnouncesItself},
		{"leaders: and again while idle, before others time out", leaderSendsHeartbeats},
		{"leaders: a command is appended, and answered when it is applied", commandIsAnswered},
		{"leaders: who lacks entries from nextIndex on gets them", lostAppendsAreRepeated},
		{"leaders: success moves nextIndex and matchIndex on", successMovesOn},
		{"leaders: a refusal moves nextIndex back, until the logs agree", figure7},
		{"leaders: a majority that has an entry of the current term commits it", figure8},
	})
}

func termOnlyGrows(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	if s := r.m(1).node.Status(); s.Term != 0 || s.Vote != 0 || s.Last.Index != 0 {
		t.Errorf("a server begins as %+v", s)
	}
	var was raft.Term
	for _, term := range []raft.Term{3, 1, 5, 5, 2, 0, 6} {
		for _, b := range []raft.Body{&raft.AppendEntries{}, &raft.RequestVote{ForTerm: term},
			&raft.AppendEntriesReply{}, &raft.TimeoutNow{}, &raft.ReadIndex{}} {
			m := r.receive(2, 1, term, b)
			if now := m.node.Status().Term; now < was || now < term {
				t.Errorf("behind a %T of term %d its term is %d, and it was %d", b, term, now, was)
			} else {
				was = now
			}
		}
	}
	r.saveAll()
	r.restart(1)
	if s := r.m(1).node.Status(); s.Term != was {
		t.Errorf("behind a restart its term is %d, and it was %d", s.Term, was)
	}
}

func voteIsOfItsTerm(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.receive(2, 1, 3, &raft.RequestVote{ForTerm: 3})
	if s := r.m(1).node.Status(); s.Vote != 2 {
		t.Fatalf("it voted for %v, not S2", s.Vote)
	}
	r.receive(3, 1, 3, &raft.AppendEntries{})
	if s := r.m(1).node.Status(); s.Vote != 2 {
		t.Errorf("in the same term its vote is now %v", s.Vote)
	}
	r.receive(3, 1, 4, &raft.AppendEntries{})
	if s := r.m(1).node.Status(); s.Vote != 0 {
		t.Errorf("in a new term its vote is %v", s.Vote)
	}
}

func logBegins(t *testing.T) {
	r := newRig(t, 1, nil)
	r.lead(1)
	r.step(1, raft.Campaign(0))
	r.propose(1, "ab")
	r.propose(1, "c")
	r.settle()
	m := r.take(1)
	if len(m.applied) != 3 {
		t.Fatalf("it applied %+v", m.applied)
	}
	for i, want := range []raft.Entry{{Index: 1, Kind: raft.EntryNoop}, {Index: 2,
		Data: []byte("ab")}, {Index: 3, Data: []byte("c"), Pos: 2}} {
		e := m.applied[i]
		if e.Index != want.Index || e.Term != 1 || e.Kind != want.Kind || e.Pos != want.Pos ||
			string(e.Data) != string(want.Data) {
			t.Errorf("entry %d is %+v", i+1, e)
		}
		if got, ok := m.node.Entry(e.Index); !ok || got.Index != e.Index {
			t.Errorf("asked for entry %d it gave %+v, %v", e.Index, got, ok)
		}
	}
	for _, i := range []raft.Index{0, 4} {
		if e, ok := m.node.Entry(i); ok {
			t.Errorf("asked for entry %d it gave %+v", i, e)
		}
		if mark, ok := m.node.MarkAt(i); ok != (i == 0) {
			t.Errorf("asked for the mark at %d it gave %+v, %v", i, mark, ok)
		}
	}
}

func commitOnlyGrows(t *testing.T) {
	r := newRig(t, 3, nil)
	if s := r.m(1).node.Status(); s.Commit != 0 || s.Applied != 0 {
		t.Errorf("a server begins as %+v", s)
	}
	r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1, 1, 1), Commit: 2})
	r.saveAll()
	for _, commit := range []raft.Index{0, 1, 2, 3, 1} {
		before := r.m(1).node.Status()
		r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 3, PrevTerm: 1, Commit: commit})
		s := r.m(1).node.Status()
		if s.Commit != max(before.Commit, commit) || s.Applied != s.Commit {
			t.Errorf("the leader says %d, and it stands as %+v", commit, s)
		}
	}
	r.step(1, raft.Applied(0, 1)) // late
	if s := r.m(1).node.Status(); s.Applied != 3 {
		t.Errorf("what is applied went back to %d", s.Applied)
	}
}

// progressOf finds what a leader noted last of a member.
func progressOf(t *testing.T, m member, id raft.NodeID) raft.Note {
	t.Helper()
	for _, n := range slices.Backward(m.notes) {
		if n.Kind == raft.NoteProgress && n.Peer == id {
			return n
		}
	}
	t.Fatalf("%v noted nothing of %v:\n%s", m.cfg.ID, id, showNotes(m.notes))
	return raft.Note{}
}

func nextIndexBegins(t *testing.T) {
	r := with(t, 3, 1, image(3, 0, 1, 2, 3))
	for range 2 {
		r.step(1, raft.Campaign(0))
		r.saveAll()
		term := r.m(1).node.Status().Term
		last := r.m(1).node.Status().Last
		r.take(1)
		m := r.receive(2, 1, term, &raft.RequestVoteReply{ForTerm: term, Granted: true})
		a, _ := body[*raft.AppendEntries](t, m)
		if a.PrevIndex != last.Index || a.PrevTerm != last.Term {
			t.Errorf("a new leader whose log ends at %d begins behind %d", last.Index, a.PrevIndex)
		}
		r.receive(3, 1, term+1, &raft.AppendEntries{}) // another leads
		r.now += raft.Second
	}
}

func resultsCarryTerm(t *testing.T) {
	for _, b := range []raft.Body{&raft.AppendEntries{}, &raft.RequestVote{ForTerm: 2},
		&raft.InstallSnapshot{Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 1, Term: 1}}},
		&raft.ReadIndex{ID: 1}} {
		r := with(t, 3, 1, image(6, 0, 1), noPreVote)
		m := r.receive(2, 1, 2, b)
		if len(m.sent) != 1 || m.sent[0].Term != 6 || m.sent[0].To != 2 {
			t.Errorf("to a %T of term 2 it answered %+v", b, m.sent)
		}
		if s := m.node.Status(); s.Term != 6 || s.Last.Index != 1 || s.Leader != 0 {
			t.Errorf("a %T of term 2 made it %+v", b, s)
		}
	}
}

func appliesInOrder(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	for range 5 {
		r.propose(1, "x")
		r.settle()
	}
	r.wait(1, 40*ms)
	r.settle()
	for id := raft.NodeID(1); id <= 3; id++ {
		applied := r.take(id).applied
		if len(applied) != 6 {
			t.Errorf("%v applied %d entries of 6", id, len(applied))
		}
		for i, e := range applied {
			if e.Index != raft.Index(i+1) {
				t.Errorf("%v applied %d as number %d", id, e.Index, i+1)
			}
		}
	}
}

func followerAnswers(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.receive(2, 1, 1, &raft.RequestVote{ForTerm: 1})
	r.saveAll()
	body[*raft.RequestVoteReply](t, r.take(1))
	body[*raft.AppendEntriesReply](t, r.receive(2, 1, 1, &raft.AppendEntries{}))
}

// wordBeginsTimeoutAnew also holds a refused append for a word, and a refused vote for none.
func wordBeginsTimeoutAnew(t *testing.T) {
	vote := &raft.RequestVote{ForTerm: 5, LastIndex: 9, LastTerm: 5}
	for name, test := range map[string]struct {
		b    raft.Body
		anew bool
	}{
		"heartbeat":      {&raft.AppendEntries{}, true},
		"refused append": {&raft.AppendEntries{PrevIndex: 9, PrevTerm: 5}, true},
		"snapshot": {chunk(raft.SnapshotRef{Mark: raft.Mark{Index: 9, Term: 5}, Size: 8},
			0), true},
		"vote given":   {vote, true},
		"vote refused": {&raft.RequestVote{ForTerm: 5}, false},
		"pre-vote": {&raft.RequestVote{Pre: true, ForTerm: 6, LastIndex: 9, LastTerm: 5},
			false},
		"somebody's ack":  {&raft.AppendEntriesReply{}, false},
		"late heartbeat":  {nil, false},
		"a stranger asks": {&raft.ReadIndex{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := with(t, 3, 1, image(5, 0, 1), noPreVote)
			r.step(1, raft.Wake())
			wake := r.m(1).out.Wake
			r.now += 100 * ms
			term := raft.Term(5)
			if test.b == nil {
				test.b, term = &raft.AppendEntries{}, 4
			}
			r.receive(2, 1, term, test.b)
			now := r.m(1).out.Wake
			if test.anew != (now != wake) {
				t.Errorf("it would have stood at %d us, and now will at %d us", wake, now)
			}
			if left := now - r.now; test.anew && (left < 150*ms || left > 300*ms) {
				t.Errorf("the time-out began anew, and has %d us left", left)
			}
		})
	}
}

func candidateStandsAgain(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.step(1, raft.Wake())
	for term := raft.Term(1); term < 5; term++ {
		r.wait(1, r.m(1).out.Wake-r.now)
		if s := r.m(1).node.Status(); s.Role != raft.Candidate || s.Term != term || s.Vote != 1 {
			t.Errorf("at time-out %d it is %+v", term, s)
		}
	}
}

func leaderAnnouncesItself(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.step(1, raft.Campaign(0))
	r.save(1)
	m := r.receive(2, 1, 1, &raft.RequestVoteReply{ForTerm: 1, Granted: true})
	told := map[raft.NodeID]int{}
	for _, msg := range m.sent {
		if _, ok := msg.Body.(*raft.AppendEntries); ok {
			told[msg.To]++
		}
	}
	if told[2] != 1 || told[3] != 1 {
		t.Errorf("a new leader told %v", told)
	}
}

func leaderSendsHeartbeats(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.wait(1, 30*ms)
	r.settle()
	for range 20 {
		r.take(1)
		if wake := r.m(1).out.Wake - r.now; wake <= 0 || wake > 30*ms {
			t.Fatalf("an idle leader wants to be woken in %d us", wake)
		}
		r.wait(1, r.m(1).out.Wake-r.now)
		if r.now%(30*ms) == 0 {
			a, _ := body[*raft.AppendEntries](t, r.take(1))
			if !a.Heartbeat() {
				t.Errorf("its heartbeat is %+v", a)
			}
		}
		r.settle()
		for id := raft.NodeID(2); id <= 3; id++ {
			r.step(id, raft.Wake())
			if s := r.m(id).node.Status(); s.Role != raft.Follower {
				t.Fatalf("%v is %v though its leader sends heartbeats", id, s.Role)
			}
		}
	}
}

func commandIsAnswered(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.take(1)
	m := r.propose(1, "x")
	if s := m.node.Status(); s.Last.Index != 2 || len(m.answers) != 0 || s.Waiting != 1 {
		t.Errorf("a command was taken, and it stands as %+v, with answers %+v", s, m.answers)
	}
	r.settle()
	got := r.take(1)
	want := raft.Answer{Ref: 9, Outcome: raft.OutcomeOK, Leader: 1, Index: 2, Term: 1}
	if len(got.answers) != 1 || got.answers[0] != want || got.node.Status().Waiting != 0 {
		t.Errorf("it was answered %+v", got.answers)
	}
	if k := len(got.applied); k == 0 || got.applied[k-1].Index != 2 {
		t.Errorf("it was answered and not given to the machine: %+v", got.applied)
	}
}

func successMovesOn(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.settle()
	r.propose(1, "x")
	r.take(1)
	m := r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})
	if n := progressOf(t, m, 2); n.Match != 2 || n.Next != 3 || n.State != raft.Replicate {
		t.Errorf("of S2 it knows %+v", n)
	}
}
