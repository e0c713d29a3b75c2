package panel

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Group says who takes part in the cluster.
type Group struct {
	Config raft.Configuration
	Index  raft.Index // the entry that made it; 0 for the one that the group began with
	Text   string
}

// build takes the configuration that counts for the picture; where there is none, nobody is known
// to take part.
func (g *Group) build(in *Input) {
	*g = Group{Config: in.Config, Index: in.ConfigIndex, Text: configText(&in.Config)}
}

// configOf gives the configuration in force at a node, as far as it is known.
func configOf(n *trace.NodeState) raft.Configuration {
	if n.Config == "" {
		return raft.Configuration{Voters: n.Members}
	}
	return n.Configuration()
}

// electors gives who votes in a cluster, as the picture has it: while joint those of the new
// configuration; all nodes while nothing is known.
func electors(in *Input, s *trace.State) []raft.NodeID {
	if len(in.Config.Voters) > 0 {
		return in.Config.Voters
	}
	return everybody(s)
}

// electorate gives who votes as one node knows it; all nodes while it knows nothing of that.
func electorate(s *trace.State, n *trace.NodeState) raft.Configuration {
	c := configOf(n)
	if len(c.Voters) == 0 {
		c.Voters = everybody(s)
	}
	return c
}

func everybody(s *trace.State) []raft.NodeID {
	ids := make([]raft.NodeID, len(s.Nodes))
	for i := range s.Nodes {
		ids[i] = s.Nodes[i].ID
	}
	return ids
}

// member reports whether a node takes part; all do while nothing is known of that.
func member(in *Input, id raft.NodeID) bool {
	return len(in.Config.Voters) == 0 || in.Config.Member(id)
}

// gone reports whether a node is no member any more and down, so that only the past tells of it.
func gone(in *Input, n *trace.NodeState) bool { return !n.Alive && !member(in, n.ID) }

// present gives the state without those who are gone.
func present(in *Input, s *trace.State) *trace.State {
	isGone := func(n trace.NodeState) bool { return gone(in, &n) }
	if !slices.ContainsFunc(s.Nodes, isGone) {
		return s
	}
	left := *s
	left.Nodes = slices.DeleteFunc(slices.Clone(s.Nodes), isGone)
	return &left
}

// majority reports whether more than half of some voters are among those of which something holds.
func majority(voters []raft.NodeID, holds func(raft.NodeID) bool) bool {
	count := 0
	for _, id := range voters {
		if holds(id) {
			count++
		}
	}
	return 2*count > len(voters) || len(voters) == 0
}

// mostNames is how many servers a list names; more are counted.
const mostNames = 5

func someNames(ids []raft.NodeID) string {
	if len(ids) > mostNames {
		return count(len(ids), "server")
	}
	return names(ids)
}

// configText says in one line who votes and who learns.
func configText(c *raft.Configuration) string {
	if len(c.Voters) == 0 {
		return ""
	}
	verb := " vote"
	if len(c.Voters) == 1 {
		verb = " alone votes"
	}
	text := someNames(c.Voters) + verb
	if c.Joint() {
		text = "joint: a majority of " + someNames(c.Outgoing) + " and one of " +
			someNames(c.Voters) + " are needed"
	}
	switch len(c.Learners) {
	case 0:
		return text
	case 1:
		return text + "; " + names(c.Learners) + " learns"
	}
	return text + "; " + someNames(c.Learners) + " learn"
}

func equal(a, b raft.Configuration) bool {
	return slices.Equal(a.Voters, b.Voters) && slices.Equal(a.Outgoing, b.Outgoing) &&
		slices.Equal(a.Learners, b.Learners)
}
