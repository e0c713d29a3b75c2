package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/quorum"
	"github.com/raftarium/raftarium/raft/say"
)

// electedByQuorum counts the votes that a new leader has in fact: a majority of each half of its
// configuration. A doubtful vote counts only where everybody gave his.
func (c *Checker) electedByQuorum(n *node) {
	if !n.confKnown {
		return
	}
	voted := func(m *node) bool {
		v, known := m.votedFor(n.term)
		return !known || v.candidate == n.id
	}
	sure := func(m *node) bool {
		v, known := m.votedFor(n.term)
		return !known || v.candidate == n.id && !(v.doubtful && (m != n || n.doubtful))
	}
	if c.agree(&n.conf, sure) {
		return
	}
	voters, outgoing := c.tally(n.conf.Voters, voted), c.tally(n.conf.Outgoing, voted)
	if voters.All() && outgoing.All() {
		return
	}
	have := c.holders(n.conf.Voters, sure)
	half := n.conf.Voters
	if quorum.Joint(c.tally(half, sure), quorum.Tally{}) {
		half = n.conf.Outgoing
		have = c.holders(half, sure)
	}
	c.violate(electionQuorum, n, say.Textf("%v became leader of term %d with the votes of %v, and "+
		"%d of %d are a majority.", n.id, n.term, say.List(have), quorum.Majority(len(half)),
		len(half)), have)
}

// tally counts those of some servers of which something is true. Of a server of which nothing is
// known it may be.
func (c *Checker) tally(ids []raft.NodeID, holds func(*node) bool) quorum.Tally {
	t := quorum.Tally{Of: len(ids)}
	for _, id := range ids {
		if m := c.peek(id); m == nil || holds(m) {
			t.Yes++
		}
	}
	return t
}

// agree reports whether something is true of a majority of each half of a configuration.
func (c *Checker) agree(conf *raft.Configuration, holds func(*node) bool) bool {
	return quorum.Joint(c.tally(conf.Voters, holds), c.tally(conf.Outgoing, holds))
}

// holders lists those of some servers of which something is true, for people.
func (c *Checker) holders(ids []raft.NodeID, holds func(*node) bool) (have []raft.NodeID) {
	for _, id := range ids {
		if m := c.peek(id); m == nil || holds(m) {
			have = append(have, id)
		}
	}
	return have
}
