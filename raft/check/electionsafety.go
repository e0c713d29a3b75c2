package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// elected holds a new leader against all earlier ones: a term has one leader, and a leader that
// restarts does not lead the same term again.
func (c *Checker) elected(n *node) {
	n.ledBy = c.at
	was := c.facts.leaderOf(n.term)
	if was == nil {
		c.facts.lead(leaderFact{term: n.term, id: n.id, event: c.at})
		return
	}
	text := say.Textf("%v and %v both became leader of term %d.", was.id, n.id, n.term)
	if was.id == n.id {
		text = say.Textf("%v became leader of term %d twice.", n.id, n.term)
	}
	c.violate(electionSafety, n, text, []raft.NodeID{was.id}, was.event)
}
