package scenario

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

// scene is a state of five servers: S1 leads term 4 and S2 still term 3 but is paused; S3 follows
// S1; S4 stands for term 5; S5 is down.
func scene() *trace.State {
	log := func(runs ...trace.Run) trace.Log { return trace.Log{Runs: runs} }
	old, late := trace.Run{From: 1, To: 3, Term: 1}, trace.Run{From: 4, To: 6, Term: 4}
	s := &trace.State{Nodes: []trace.NodeState{
		{ID: 1, Role: raft.Leader, Term: 4, Vote: 1, Commit: 6, Applied: 5, Log: log(old, late),
			SavedLast: raft.Mark{Index: 6}},
		{ID: 2, Role: raft.Leader, Term: 3, Vote: 2, Commit: 3, Log: log(old), Paused: true},
		{ID: 3, Role: raft.Follower, Term: 4, Vote: 1, Commit: 6, Applied: 2, Log: log(old, late),
			Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 2}}},
		{ID: 4, Role: raft.Candidate, Term: 5, Vote: 4, Commit: 6, Log: log(old, late)},
		{ID: 5, Role: raft.Leader, Term: 9, Commit: 3},
	}}
	for i := range s.Nodes {
		s.Nodes[i].Known, s.Nodes[i].Alive, s.Nodes[i].Boot = true, i < 4, 1
	}
	return s
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		text string
		want bool
	}{
		{"leader", true}, {"leader S1", true}, {"leader S2", false}, {"leader S5", false},
		{"no leader", false}, {"no leader S3", true}, {"two leaders", true},
		{"role S1 leader", true}, {"role S3 follower", true}, {"role S4 candidate", true},
		{"role S4 follower", false}, {"role S5 leader", false},
		{"up on S1 S3 S4", true}, {"up on S2", false}, {"up on S5", false}, {"up on all", false},
		{"vote S1 on S1 S3", true}, {"vote S1 on S1 S4", false}, {"vote nobody on S5", true},
		{"term = 5", true}, {"term >= 5", true}, {"term > 5", false}, {"term < 6", true},
		{"term <= 4", false}, {"term = 4 on S1 S3", true}, {"term = 4 on S1 S2", false},
		{"term = 9 on S5", true}, {"commit = 6 on S1 S3 S4", true}, {"commit = 6 on all", false},
		{"applied = 5", true}, {"applied = 2 on S3", true}, {"last = 6", true},
		{"last = 3 on S2", true},
		{"saved = 6 on S1", true}, {"saved = 6 on S3", false}, {"snapshot = 2 on S3", true},
		{"snapshot = 2 on S1", false}, {"boot = 1 on all", true},
		{"log 1-3@1 4-6@4 on S1 S3 S4", true}, {"log 1-3@1 on S2", true},
		{"log 1-3@1 on S1", false}, {"log empty on S5", true},
		{"equal", true}, {"equal on S1 S3", true},
		{"equal on S1 S2", false}, {"equal on S2 S5", false}, {"equal on all", false},
		{"quiet", true}, {"holds all", true}, {"holds electionSafety", true},
		{"broken electionSafety", false}, {"no broken electionSafety", true},
		{"leader and term = 5", true}, {"leader and term = 4", false},
		{"no leader and term = 5", false}, {"event started", false}, {"no event started", true},
	} {
		s, err := Parse("x", "title t\nexpect "+c.text)
		if err != nil {
			t.Error(err)
			continue
		}
		v := &view{state: scene(), checker: check.New(trace.Header{}),
			seen: make([]int, len(s.watches))}
		if got := s.Steps[0].until.hold(v); got != c.want {
			t.Errorf("%s: %v", c.text, got)
		}
	}
}

// What is on its way keeps a cluster from being quiet, unless it is a heartbeat.
func TestQuiet(t *testing.T) {
	s, err := Parse("x", "title t\nexpect quiet")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(*trace.State)
		want   bool
	}{
		{func(s *trace.State) {
			s.Flights = []trace.Flight{{Message: raft.Message{Body: &raft.AppendEntries{}}}}
		}, true},
		{func(s *trace.State) {
			s.Flights = []trace.Flight{{Message: raft.Message{Body: &raft.RequestVote{}}}}
		}, false},
		{func(s *trace.State) {
			s.Flights = []trace.Flight{{Fate: trace.Died,
				Message: raft.Message{Body: &raft.RequestVote{}}}}
		}, true},
		{func(s *trace.State) { s.Requests = []trace.Request{{}} }, false},
		{func(s *trace.State) { s.Requests = []trace.Request{{Outcome: raft.OutcomeOK}} }, true},
	} {
		st := scene()
		c.change(st)
		if got := s.Steps[0].until.hold(&view{state: st}); got != c.want {
			t.Errorf("%+v %+v: %v", st.Flights, st.Requests, got)
		}
	}
}

// Events are counted for what is asked of them, and from the last look on.
func TestEvents(t *testing.T) {
	const story = "title t\nnodes 3\njitter 0ms\ncampaign S1\nrun 15ms\n"
	for _, c := range []struct {
		text string
		want bool
	}{
		{"event becameCandidate", true}, {"event becameCandidate on S1", true},
		{"event becameCandidate on S2", false}, {"event becameLeader", false},
		{"event becameCandidate because asked", true},
		{"event becameCandidate because electionTimeout", false},
		{"event voteGranted on S2 with S1", true}, {"event voteGranted on S2 with S3", false},
		{"event sent vote", true}, {"event sent vote from S1 to S3", true},
		{"event sent vote from S2", false}, {"event sent append", false},
		{"event delivered vote from S1 to S2", true}, {"event delivered voteReply", false},
		{"event delivered on S3", true}, {"event delivered on S1", false},
		{"event dropped", false}, {"event returned ok", false},
	} {
		s, err := Parse("x", story+"expect "+c.text)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := played(t, s).Err(); (err == nil) != c.want {
			t.Errorf("%s: %v", c.text, err)
		}
	}
	more := story + "expect event voteGranted\nexpect event voteGranted\npropose x=1\ncut S1 S2\n" +
		"run 200ms\n"
	for text, want := range map[string]bool{
		"event voteGranted": false, "event returned ok": true, "event returned refused": false,
		"event answered ok on S1": true, "event dropped because cut": true,
		"event dropped append from S1 to S2 because cut": true, "event dropped because lost": false,
		"event dropped vote": false, "event linkSet": true,
	} {
		s, err := Parse("x", more+"expect "+text)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := played(t, s).Err(); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	if !strings.Contains(Language(), "voteGranted") {
		t.Error("the language does not tell of voteGranted")
	}
}
