package panel

import (
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

func ids(n ...raft.NodeID) []raft.NodeID { return n }

func TestConfigText(t *testing.T) {
	for _, c := range []struct {
		c    raft.Configuration
		want string
	}{
		{raft.Configuration{}, ""},
		{raft.Configuration{Voters: ids(1)}, "S1 alone votes"},
		{raft.Configuration{Voters: ids(1, 3), Learners: ids(4)}, "S1 and S3 vote; S4 learns"},
		{raft.Configuration{Voters: ids(1, 2, 3, 4, 5, 6), Learners: ids(7, 8)},
			"6 servers vote; S7 and S8 learn"},
		{raft.Configuration{Voters: ids(1, 4), Outgoing: ids(1, 2)},
			"joint: a majority of S1 and S2 and one of S1 and S4 are needed"},
	} {
		if got := configText(&c.c); got != c.want {
			t.Errorf("%+v is %q, not %q", c.c, got, c.want)
		}
	}
}

// A view goes by the configuration: who is no member and down has no log in it, and counts nowhere.
func TestTheViewGoesByTheConfiguration(t *testing.T) {
	s := newStory(4)
	s.lead(100*ms, 1, 1, "x=7")
	s.add(200*ms, trace.Supervisor, trace.Crashed{Node: 2, Why: "killed", Stays: true})
	s.add(200*ms, trace.Supervisor, trace.Crashed{Node: 3, Why: "killed", Stays: true})
	in := s.input()
	in.Config = raft.Configuration{Voters: ids(1, 3), Learners: ids(4)}
	in.ConfigIndex = 2
	var v View
	Build(&v, in)
	if !strings.Contains(v.Summary, "1 of 2 up, 1 learner, ") {
		t.Errorf("the summary is %q", v.Summary)
	}
	var rows []raft.NodeID
	for _, r := range v.Log.Rows {
		rows = append(rows, r.ID)
	}
	if !slices.Equal(rows, ids(1, 3, 4)) {
		t.Errorf("the logs are of %v", rows)
	}
	if n := v.Nodes[1]; n.Member || !n.Gone || len(v.Nodes) != 4 {
		t.Errorf("S2, which left and is down: %+v", n)
	}
	if n := v.Nodes[2]; !n.Member || n.Gone {
		t.Errorf("S3, a member that is down: %+v", n)
	}
	in.Config.Outgoing = ids(1, 2, 3)
	if Build(&v, in); !strings.Contains(v.Summary, "two majorities are needed") {
		t.Errorf("while joint the summary is %q", v.Summary)
	}
}

func TestCaptionsOfMembers(t *testing.T) {
	s := &trace.State{Nodes: []trace.NodeState{{ID: 1}, {ID: 2, Known: true, Alive: true},
		{ID: 3, Known: true, Alive: true}}}
	in := &Input{Config: raft.Configuration{Voters: ids(1, 2, 3)}}
	joint := raft.Configuration{Voters: ids(1, 2), Outgoing: ids(1, 4, 5)}
	lead := trace.NodeState{ID: 1, Known: true, Alive: true, Boot: 1, Term: 4, Role: raft.Leader,
		Members: ids(1, 2, 3)}
	for _, c := range []struct {
		want string
		set  func(*trace.NodeState)
	}{
		{"leader of term 4, hands over to S3", func(n *trace.NodeState) { n.HandsTo = 3 }},
		{"in doubt: its log may have lost what it acknowledged",
			func(n *trace.NodeState) { n.Doubtful = true }},
		{"no member", func(n *trace.NodeState) { n.ID = 9 }},
		{"leader of term 4", func(*trace.NodeState) {}},
		{"leader of term 4 · no quorum", func(n *trace.NodeState) { n.Config = joint.Pack() }},
		{"candidate of term 4: 1 of 4", func(n *trace.NodeState) {
			n.Role, n.Config, n.Tally = raft.Candidate, joint.Pack(), []trace.Ballot{{Peer: 1,
				Granted: true}}
		}},
	} {
		n := lead
		if c.set(&n); caption(in, s, &n) != c.want {
			t.Errorf("%q, not %q", caption(in, s, &n), c.want)
		}
	}
}

func TestReads(t *testing.T) {
	s := newStory(3)
	ask := func(at raft.Time, op, key string, node raft.NodeID) trace.EventID {
		s.add(at, trace.Clients, trace.Invoked{Client: 1, Node: node, Op: op, Key: key})
		return trace.EventID{Node: trace.Clients, Boot: 1, N: s.n}
	}
	read, put := ask(100*ms, "get", "x", 2), ask(100*ms, "put", "x", 1)
	s.add(150*ms, trace.Clients, trace.Returned{Request: put, Client: 1, Outcome: raft.OutcomeOK})
	s.add(160*ms, 2, trace.Answered{Request: read, Outcome: raft.OutcomeOK, Index: 4})
	s.add(170*ms, trace.Clients, trace.Returned{Request: read, Client: 1, Outcome: raft.OutcomeOK,
		Value: strings.Repeat("ö", 200), Index: 4})
	s.add(200*ms, 3, trace.Requested{Op: "get", Key: "y"})
	unseen := trace.EventID{Node: 3, Boot: 1, N: s.n}
	s.add(210*ms, 3, trace.Answered{Request: unseen, Outcome: raft.OutcomeRefused,
		Why: raft.WhyNoLeader})
	var v View
	Build(&v, s.input())
	if len(v.Reads) != 2 {
		t.Fatalf("%+v", v.Reads)
	}
	if r := v.Reads[0]; r.Key != "x" || r.Node != 2 || r.Index != 4 || !r.Told ||
		len(r.Value) > readText+8 || !strings.HasSuffix(r.Value, "…") {
		t.Errorf("the read of x: %+v", r)
	}
	if r := v.Reads[1]; r.Key != "y" || r.Told || r.Outcome != raft.OutcomeRefused || r.Why == "" {
		t.Errorf("the read of y, whose client nobody sees: %+v", r)
	}
	in := s.input()
	in.Clock.At = 165 * ms
	if Build(&v, in); len(v.Reads) != 0 {
		t.Errorf("before it came: %+v", v.Reads)
	}
}

func TestWhoIsGoneForGood(t *testing.T) {
	can := &trace.Header{Caps: trace.CanKill}
	for down, want := range map[string]string{"wiped": "a new server takes its place",
		"damaged log": "when its disk is wiped"} {
		n := trace.NodeState{ID: 2, Known: true, Boot: 1, Down: down, Store: "file"}
		if ok, why := restartable(can, &n); ok || !strings.Contains(why, want) {
			t.Errorf("%s: %v %q", down, ok, why)
		}
	}
}
