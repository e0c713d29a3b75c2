package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// committed takes a server's commit index. What somebody committed before must be the same here;
// what lies beyond is committed from now on.
func (c *Checker) committed(n *node, to raft.Index) {
	if to < n.commit {
		c.violate(marksInOrder, n, say.Textf("%v had committed up to index %d and went back to %d.",
			n.id, n.commit, to), nil)
	}
	if last := n.log.last().Index; to > last {
		c.violate(marksInOrder, n, say.Textf("%v committed index %d while its log ended at %d.",
			n.id, to, last), nil)
		to = last
	}
	c.agreesWithChosen(n, n.commit+1, to, "committed")
	if to > c.facts.high() {
		c.facts.choose(n, to, c.at)
		c.leadersHold(n.term)
	}
	n.commit = max(n.commit, to)
}

// applied takes what a machine has applied: in order, each once, and only what is committed.
func (c *Checker) applied(n *node, from, to raft.Index) {
	switch {
	case from != n.applied+1 || to < from:
		c.violate(marksInOrder, n, say.Textf("%v applied index %d behind index %d: each entry is "+
			"applied once, in order.", n.id, from, n.applied), nil)
	case to > n.commit:
		c.violate(marksInOrder, n, say.Textf("%v applied up to index %d and had committed only "+
			"up to %d.", n.id, to, n.commit), nil)
	default:
		c.agreesWithChosen(n, from, to, "applied")
	}
	n.applied = to
}
