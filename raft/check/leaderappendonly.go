package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// leaderDrops takes a cut: never by a leader in its own log (leader append-only, Figure 3).
func (c *Checker) leaderDrops(n *node, from, to raft.Index) {
	if n.role == raft.Leader {
		c.violate(leaderAppendOnly, n, say.Textf(
			"%v leads term %d and dropped entries %d to %d of its own log.", n.id, n.term, from,
			to), nil, n.ledBy)
	}
}

// leaderReplaces takes a snapshot that is installed: never by a leader.
func (c *Checker) leaderReplaces(n *node, index raft.Index) {
	if n.role == raft.Leader {
		c.violate(leaderAppendOnly, n, say.Textf("%v leads term %d and installed a snapshot up "+
			"to index %d over its own log.", n.id, n.term, index), nil, n.ledBy)
	}
}
