package sim

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

func changeCommand(ch raft.Change) trace.Command {
	return trace.Command{Kind: trace.CommandChange, Change: ch}
}

func role(c *Cluster, id raft.NodeID) raft.Role {
	st, _ := c.Status(id)
	return st.Role
}

// returned counts what clients were told of requests of a kind.
func returned(evs []trace.Event, op string, o raft.Outcome) (n int) {
	asked := map[trace.EventID]bool{}
	for i := range evs {
		switch b := evs[i].Body.(type) {
		case trace.Invoked:
			asked[evs[i].ID] = b.Op == op
		case trace.Returned:
			if asked[b.Request] && b.Outcome == o {
				n++
			}
		}
	}
	return n
}

// A new server joins as a learner, gets a vote when it has caught up, and another one leaves.
func TestChangeByHand(t *testing.T) {
	c, leader, follower := settled(t)
	evs := taken(t, c, changeCommand(raft.Change{Learn: []raft.NodeID{4}}), 2*raft.Second)
	if n := count(evs, func(ev *trace.Event, b trace.Started) bool {
		return ev.ID.Node == 4 && !b.Restart && slices.Equal(b.Members, []raft.NodeID{1, 2, 3})
	}); n != 1 || returned(evs, "change", raft.OutcomeOK) != 1 || role(c, 4) != raft.Learner {
		t.Errorf("S4 started %d times and is %v; done: %d", n, role(c, 4),
			returned(evs, "change", raft.OutcomeOK))
	}
	taken(t, c, changeCommand(raft.Change{Vote: []raft.NodeID{4}}), 2*raft.Second)
	if conf := c.Settled(); role(c, 4) != raft.Follower || !conf.Voter(4) {
		t.Errorf("S4 is %v, the voters are %v", role(c, 4), conf.Voters)
	}
	taken(t, c, changeCommand(raft.Change{Remove: []raft.NodeID{follower}}), 2*raft.Second)
	if conf := c.Settled(); conf.Member(follower) || c.server(follower).host == nil {
		t.Errorf("%v is in %v; it runs until it is stopped: %v", follower, conf,
			c.server(follower).host != nil)
	}
	taken(t, c, changeCommand(raft.Change{Vote: []raft.NodeID{5, 6}, Joint: true,
		Remove: []raft.NodeID{leader}}), 3*raft.Second)
	if conf := c.Settled(); !conf.Voter(5) || !conf.Voter(6) || conf.Member(leader) || conf.Joint() {
		t.Errorf("the configuration is %v", conf)
	}
	for why, ch := range map[string]raft.Change{
		"the next free id is 7":     {Vote: []raft.NodeID{9}},
		"S7 cannot be new":          {Vote: []raft.NodeID{7}, Learn: []raft.NodeID{7}},
		"no node 8 to be removed":   {Remove: []raft.NodeID{8}},
		"nobody cannot be new: the": {Learn: []raft.NodeID{0}},
	} {
		refused(t, c, changeCommand(ch), why)
	}
}

// What cannot be is refused by the servers, and nobody asks again.
func TestHopelessChange(t *testing.T) {
	c, _, _ := settled(t)
	evs := taken(t, c, changeCommand(raft.Change{Remove: []raft.NodeID{1, 2, 3}}), 3*raft.Second)
	if n := returned(evs, "change", raft.OutcomeRefused); n != 1 {
		t.Errorf("a group without voters was refused %d times", n)
	}
}

func TestTransferByHand(t *testing.T) {
	c, _, follower := settled(t)
	evs := taken(t, c, trace.Command{Kind: trace.CommandTransfer, Node: follower}, raft.Second)
	if c.bestLeader() != follower || returned(evs, "transfer", raft.OutcomeOK) != 1 {
		t.Errorf("%v leads, and %v should; done: %d", c.bestLeader(), follower,
			returned(evs, "transfer", raft.OutcomeOK))
	}
	refused(t, c, trace.Command{Kind: trace.CommandTransfer, Node: 9}, "no node 9")
}

// A read finds what was written, at the leader and at a follower, and leaves no entry in the log.
func TestReadByHand(t *testing.T) {
	c, leader, follower := settled(t)
	taken(t, c, trace.Command{Kind: trace.CommandPropose, Key: "hand", Value: "7"}, raft.Second)
	for _, at := range []raft.NodeID{0, leader, follower} {
		evs := taken(t, c, trace.Command{Kind: trace.CommandRead, Node: at, Key: "hand"}, raft.Second)
		if n := count(evs, func(_ *trace.Event, b trace.Returned) bool {
			return b.Value == "7" && b.Outcome == raft.OutcomeOK
		}); n != 1 {
			t.Errorf("asked at %v: the value was read %d times", at, n)
		}
		if n := count(evs, func(_ *trace.Event, d trace.Decided) bool {
			return slices.ContainsFunc(d.Note.Entries, func(e raft.Entry) bool {
				return len(e.Data) > 2 && string(e.Data[2:6]) == "hand"
			})
		}); n != 0 {
			t.Errorf("asked at %v: the read is in the log", at)
		}
	}
	refused(t, c, trace.Command{Kind: trace.CommandRead}, "needs a key")
	refused(t, c, trace.Command{Kind: trace.CommandRead, Key: "x", Node: 9}, "no node 9")
}

// A server whose disk is gone never comes back; a new one takes its place, first as a learner.
func TestWipe(t *testing.T) {
	for _, store := range []string{"file", "memory"} {
		cfg := DefaultConfig()
		cfg.Nodes, cfg.Store = 3, store
		c := start(t, cfg)
		runTo(t, c, 2*raft.Second)
		if store == "memory" {
			taken(t, c, trace.Command{Kind: trace.CommandKill, Node: 2}, 0)
		}
		evs := taken(t, c, trace.Command{Kind: trace.CommandWipe, Node: 2}, 4*raft.Second)
		conf := c.Settled()
		if notes(evs, 4, raft.NoteBecameLearner) == 0 || !conf.Voter(4) || conf.Member(2) ||
			returned(evs, "change", raft.OutcomeOK) != 2 {
			t.Errorf("%s: the configuration is %v, and %d changes were made", store, conf,
				returned(evs, "change", raft.OutcomeOK))
		}
		why := "its disk was wiped"
		refused(t, c, trace.Command{Kind: trace.CommandRestart, Node: 2}, why)
		refused(t, c, trace.Command{Kind: trace.CommandWipe, Node: 2}, "S4 takes its place")
		refused(t, c, changeCommand(raft.Change{Vote: []raft.NodeID{2}}), "cannot take part again")
	}
}

// Nobody has to take the place of one who takes no part.
func TestWipeOfAnOutsider(t *testing.T) {
	c, _, follower := settled(t)
	taken(t, c, changeCommand(raft.Change{Remove: []raft.NodeID{follower}}), 2*raft.Second)
	taken(t, c, trace.Command{Kind: trace.CommandWipe, Node: follower}, 2*raft.Second)
	if c.Servers() != 3 {
		t.Errorf("there are %d servers", c.Servers())
	}
}

// A configuration that is in force at a leader without a majority is not settled.
func TestSettledIsCommitted(t *testing.T) {
	c, leader, _ := settled(t)
	var others []raft.NodeID
	for _, id := range c.members {
		if id != leader {
			others = append(others, id)
		}
	}
	taken(t, c, trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{{leader}, others}},
		0)
	taken(t, c, changeCommand(raft.Change{Remove: others[:1]}), 40*raft.Millisecond)
	st, _ := c.Status(leader)
	inForce, err := st.Config.Unpack()
	if conf := c.Settled(); err != nil || inForce.Member(others[0]) || !conf.Voter(others[0]) {
		t.Errorf("in force at %v is %v, settled is %v (%v)", leader, inForce, conf, err)
	}
	if !c.takesPart(others[0]) {
		t.Errorf("%v takes part until its removal is committed", others[0])
	}
	at := c.server(leader).confIndex
	for _, step := range []struct {
		index raft.Index
		want  bool
	}{{at - 1, true}, {at, false}} {
		c.decided(leader, &raft.Note{Kind: raft.NoteCommitAdvanced, Index: step.index})
		if conf := c.Settled(); conf.Voter(others[0]) != step.want {
			t.Errorf("committed up to %d, the configuration stands at %d: %v", step.index, at, conf)
		}
	}
}
