package raft_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

// What sections 5.1 to 5.6 say beyond Figure 2.
func TestSection5(t *testing.T) {
	holdAll(t, []sentence{
		{"5.1: a stale request is refused with the current term", staleAppendIsRefused},
		{"5.1: a candidate or leader of an earlier term becomes a follower",
			higherTermMakesFollower},
		{"5.2: the election time-out is drawn anew each time", timeoutsAreDrawn},
		{"5.2: one vote a term, first come first served", oneVoteATerm},
		{"5.2: a vote is kept over a restart", restartKeepsVote},
		{"5.2: what belongs to an earlier campaign counts for none", votesThatDoNotCount},
		{"5.2: an earlier term's vote is not sent late", heldVoteIsDroppedInNewTerm},
		{"5.2: a candidate refuses a leader of an earlier term, and stays",
			candidateRefusesOldLeader},
		{"5.2: split votes end with a time-out and a new term", splitVoteEnds},
		{"5.3: a leader makes one entry an index, and never changes its own log", leaderAppendOnly},
		{"5.3: an entry on a majority is committed, with all before it", commitsPrefix},
		{"5.3: logs that agree at an entry agree before it", logMatching},
		{"5.3: the leader repeats an append until it is answered", lostAppendsAreRepeated},
		{"5.3: a refusal passes a whole term; the leader finds the place in few rounds", figure7},
		{"5.3: a refusal does not go below what is committed", hintIsNotBelowCommit},
		{"5.3: what conflicts goes with what replaces it, in one write",
			truncateAndAppendInOneStep},
		{"5.4.1: only a log that is at least as current gets the vote", voteRequests},
		{"5.4.2: entries of earlier terms are not committed by counting", figure8},
		{"5.5: a request that comes twice does no harm", repeatedAppendsAreHarmless},
		{"5.5: a server that was down gets what it missed", crashedFollowerCatchesUp},
		{"5.6: a heartbeat is much shorter than an election time-out", heartbeatIsShort},
	})
}

func timeoutsAreDrawn(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	seen := map[raft.Time]bool{}
	for range 50 {
		r.step(1, raft.Wake())
		left := r.m(1).out.Wake - r.now
		if left < 150*ms || left > 300*ms {
			t.Fatalf("a time-out of %d us", left)
		}
		seen[left] = true
		r.wait(1, left)
	}
	if len(seen) < 45 {
		t.Errorf("50 time-outs have %d values", len(seen))
	}
}

func oneVoteATerm(t *testing.T) {
	r := newRig(t, 5, noPreVote)
	granted := 0
	for _, id := range []raft.NodeID{3, 2, 4, 5, 3} {
		m := r.receive(id, 1, 7, &raft.RequestVote{ForTerm: 7})
		r.saveAll()
		m.sent = append(m.sent, r.take(1).sent...)
		if b, _ := body[*raft.RequestVoteReply](t, m); b.Granted != (id == 3) {
			t.Errorf("%v was answered %+v", id, b)
		} else if b.Granted {
			granted++
		}
	}
	if granted != 2 {
		t.Errorf("S3 was given the vote %d times of 2", granted)
	}
	// Its own vote counts as one.
	r.step(1, raft.Campaign(0))
	r.saveAll()
	m := r.receive(2, 1, 8, &raft.RequestVote{ForTerm: 8})
	m.want(t, raft.NoteVoteRefused, raft.WhyAlreadyVoted)
}

func candidateRefusesOldLeader(t *testing.T) {
	r := newRig(t, 3, noPreVote)
	r.step(1, raft.Campaign(0))
	r.step(1, raft.Campaign(0))
	r.saveAll()
	m := r.receive(2, 1, 1, &raft.AppendEntries{})
	if b, msg := body[*raft.AppendEntriesReply](t, m); b.Success || msg.Term != 2 {
		t.Errorf("it answered %+v in term %d", b, msg.Term)
	}
	if s := m.node.Status(); s.Role != raft.Candidate || s.Term != 2 {
		t.Errorf("it is %v of term %d", s.Role, s.Term)
	}
}

func splitVoteEnds(t *testing.T) {
	r := newRig(t, 4, noPreVote)
	r.step(1, raft.Campaign(0))
	r.step(2, raft.Campaign(0))
	r.saveAll()
	r.deliver(1, 3)
	r.deliver(2, 4)
	r.settle()
	for id := raft.NodeID(1); id <= 2; id++ {
		if s := r.m(id).node.Status(); s.Role != raft.Candidate || s.Term != 1 {
			t.Fatalf("with half of the votes %v is %v of term %d", id, s.Role, s.Term)
		}
	}
	r.wait(1, r.m(1).out.Wake-r.now)
	r.settle()
	if s := r.m(1).node.Status(); s.Role != raft.Leader || s.Term != 2 {
		t.Errorf("behind its time-out it is %v of term %d", s.Role, s.Term)
	}
}

// leaderAppendOnly also holds: a leader's appends and answers of others change nothing of its log.
func leaderAppendOnly(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.propose(1, "a")
	r.propose(1, "b")
	r.saveAll()
	before := r.m(1).node.Status().Last
	for _, b := range []raft.Body{&raft.AppendEntries{Entries: entries(1, 1)},
		&raft.AppendEntries{PrevIndex: 1, PrevTerm: 1},
		chunk(raft.SnapshotRef{Mark: raft.Mark{Index: 9, Term: 1}, Size: 8}, 0),
		&raft.AppendEntriesReply{Rejected: 3, Hint: 1, HintTerm: 1},
		&raft.TimeoutNow{LastIndex: 3}} {
		m := r.receive(2, 1, 1, b)
		if s := m.node.Status(); s.Last != before || s.Role != raft.Leader || len(m.pending) != 0 {
			t.Errorf("a %T of its own term made it %+v", b, s)
		}
	}
}

func commitsPrefix(t *testing.T) {
	r := newRig(t, 5, nil)
	r.lead(1)
	for range 4 {
		r.propose(1, "x")
	}
	r.saveAll()
	r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 5})
	if s := r.m(1).node.Status(); s.Commit != 1 {
		t.Errorf("with two of five %d are committed", s.Commit)
	}
	m := r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 4})
	if s := m.node.Status(); s.Commit != 4 || len(m.applied) != 3 {
		t.Errorf("with three of five %d are committed, %d applied", s.Commit, len(m.applied))
	}
}

// logMatching is the other direction of the consistency check: whatever comes, what is taken
// matches the leader's log at each index.
func logMatching(t *testing.T) {
	leader := []raft.Term{1, 1, 2, 2, 3, 5, 5, 6}
	seeds(t, 300, func(t *testing.T, seed uint64) {
		source := rng.New(seed)
		chance := func(n int) int { return int(source.Below(int64(n))) }
		own := make([]raft.Term, chance(8))
		for i := range own {
			own[i] = raft.Term(1 + chance(2))
			if i > 0 {
				own[i] = own[i-1] + raft.Term(chance(2))
			}
		}
		if len(own) > 0 && own[len(own)-1] > 6 {
			return
		}
		r := with(t, 3, 1, image(6, 0, own...))
		prev := raft.Index(chance(9))
		to := prev + raft.Index(chance(9-int(prev)))
		a := &raft.AppendEntries{PrevIndex: prev, Entries: entries(prev+1, leader[prev:to]...)}
		if prev > 0 {
			a.PrevTerm = leader[prev-1]
		}
		m := r.receive(2, 1, 6, a)
		r.saveAll()
		m.sent = append(m.sent, r.take(1).sent...)
		got := r.terms(1)
		b, _ := body[*raft.AppendEntriesReply](t, m)
		agrees := int(prev) <= len(own) && (prev == 0 || own[prev-1] == leader[prev-1])
		if b.Success != agrees || b.Success && b.Match != to {
			t.Errorf("log %v, prev %d, entries %v: it answered %+v", own, prev, leader[prev:to], b)
		}
		if !agrees && !slices.Equal(got, own) {
			t.Errorf("it refused, and %v became %v", own, got)
		}
		if agrees && !slices.Equal(got[prev:to], leader[prev:to]) {
			t.Errorf("log %v took %v behind %d and is %v", own, leader[prev:to], prev, got)
		}
	})
}

func crashedFollowerCatchesUp(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.crash(3)
	for i := range 5 {
		r.propose(1, fmt.Sprint(i))
		r.settle()
	}
	r.start(3)
	r.beats(4)
	if s, l := r.m(3).node.Status(), r.m(1).node.Status(); s.Last != l.Last || s.Commit != 6 {
		t.Errorf("it stands as %+v, its leader as %+v", s, l)
	}
}

func heartbeatIsShort(t *testing.T) {
	c := raft.DefaultConfig()
	c.ID, c.Boot, c.Members = 1, 1, []raft.NodeID{1}
	if err := c.Validate(); err != nil || c.Heartbeat*3 > c.ElectionMin {
		t.Errorf("by default it is %d of %d us: %v", c.Heartbeat, c.ElectionMin, err)
	}
	c.Heartbeat = c.ElectionMin/3 + 1
	if err := c.Validate(); err == nil {
		t.Errorf("%d of %d us is taken", c.Heartbeat, c.ElectionMin)
	}
}
