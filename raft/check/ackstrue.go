package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// ackLeaves takes an acknowledgement of a follower: what it says is saved, and is what the leader
// has. When the term has gone on within the step that formed it, the log may have too.
func (c *Checker) ackLeaves(n *node, m *raft.Message, match raft.Index) {
	if m.Term != n.term {
		return
	}
	c.savedUpTo(n, m.To, match)
	leader := c.peek(m.To)
	if leader == nil || !leader.armed || leader.role != raft.Leader || leader.term != m.Term {
		return
	}
	own, held := n.log.term(match)
	theirs, known := leader.log.term(match)
	switch {
	case !held || match < leader.log.base.Index:
	case !known:
		c.violate(acksTrue, n, say.Textf("%v acknowledged index %d to %v, whose log ends at %d.",
			n.id, match, leader.id, leader.log.last().Index), []raft.NodeID{leader.id},
			leader.ledBy)
	case own != theirs:
		c.violate(acksTrue, n, say.Textf("%v acknowledged index %d to %v with an entry of term %d "+
			"there, and the leader's is of term %d.", n.id, match, leader.id, own, theirs),
			[]raft.NodeID{leader.id}, leader.ledBy)
	}
}

// savedUpTo looks whether what is acknowledged is saved.
func (c *Checker) savedUpTo(n *node, to raft.NodeID, i raft.Index) {
	switch {
	case i > n.durable:
		c.violate(acksTrue, n, say.Textf("%v acknowledged index %d to %v and had saved its log "+
			"only up to %d.", n.id, i, to, n.durable), []raft.NodeID{to})
	case n.failed:
		c.violate(acksTrue, n, say.Textf("%v acknowledged index %d to %v after its disk had "+
			"failed.", n.id, i, to), []raft.NodeID{to})
	}
}
