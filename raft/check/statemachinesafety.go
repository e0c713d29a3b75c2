package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// agreesWithChosen holds a stretch of a log against what was committed anywhere.
func (c *Checker) agreesWithChosen(n *node, from, to raft.Index, did string) {
	if at, k := c.facts.differs(&n.log, from, min(to, c.facts.high())); at != 0 {
		c.committedOther(n, at, k, did)
	}
}

// committedOther tells that a server has another entry at an index where one was committed.
func (c *Checker) committedOther(n *node, at raft.Index, k int, did string) {
	r := &c.facts.chosen[k]
	t, _ := n.log.term(at)
	text := say.Textf("%v %s an entry of term %d at index %d, where %v had committed one of "+
		"term %d.", n.id, did, t, at, r.by, r.term)
	if t == r.term {
		text = say.Textf("%v %s another log up to index %d than %v had committed.", n.id, did, at,
			r.by)
	}
	c.violate(stateMachineSafety, n, text, []raft.NodeID{r.by}, r.event)
	c.ackedOverwritten(n, at, t)
}
