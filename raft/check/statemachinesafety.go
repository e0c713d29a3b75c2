package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// committed takes a server's commit index. What somebody committed before must be the same here;
// what lies beyond is committed from now on.
func (c *Checker) committed(n *node, to raft.Index) {
	if last := n.log.last().Index; to > last {
		c.violate(stateMachineSafety, n, say.Textf(
			"%v committed index %d while its log ended at %d.", n.id, to, last), nil)
		to = last
	}
	high := c.facts.high()
	if at, k := c.facts.differs(&n.log, n.commit+1, min(to, high)); at != 0 {
		c.committedOther(n, at, k, "committed")
	}
	if to > high {
		c.facts.choose(n, to, c.at)
		c.leadersHold(n.term)
	}
	n.commit = max(n.commit, to)
}

// committedOther tells that a server has another entry at an index where one was committed.
func (c *Checker) committedOther(n *node, at raft.Index, k int, did string) {
	r := &c.facts.chosen[k]
	t, _ := n.log.term(at)
	text := say.Textf("%v %s an entry of term %d at index %d, where %v had committed one of "+
		"term %d.",
		n.id, did, t, at, r.by, r.term)
	if t == r.term {
		text = say.Textf("%v %s another log up to index %d than %v had committed.", n.id, did, at,
			r.by)
	}
	c.violate(stateMachineSafety, n, text, []raft.NodeID{r.by}, r.event)
	c.ackedOverwritten(n, at, t)
}

// applied takes what a machine has applied: in order, each once, and only what is committed.
func (c *Checker) applied(n *node, from, to raft.Index) {
	switch {
	case from != n.applied+1:
		c.violate(stateMachineSafety, n, say.Textf(
			"%v applied index %d behind index %d: each entry is applied once, in order.", n.id,
			from,
			n.applied), nil)
	case to > n.commit:
		c.violate(stateMachineSafety, n, say.Textf(
			"%v applied up to index %d and had committed only up to %d.", n.id, to, n.commit), nil)
	default:
		if at, k := c.facts.differs(&n.log, from, min(to, c.facts.high())); at != 0 {
			c.committedOther(n, at, k, "applied")
		}
	}
	n.applied = to
}

// snapshotAt holds a snapshot against what was committed: it stands for the same prefix of the log.
func (c *Checker) snapshotAt(n *node, note *raft.Note) {
	k := c.facts.chosenAt(note.Index)
	if k < 0 {
		if note.Index > c.facts.high() && !c.facts.gap {
			c.violate(stateMachineSafety, n, say.Textf(
				"%v has a snapshot up to index %d, and nothing beyond %d is committed anywhere.",
				n.id, note.Index, c.facts.high()), nil)
		}
		return
	}
	r := &c.facts.chosen[k]
	if r.term != 0 && note.LogTerm != r.term {
		c.violate(stateMachineSafety, n, say.Textf("%v has a snapshot that ends with an entry "+
			"of "+
			"term %d at index %d, where %v had committed one of term %d.", n.id, note.LogTerm,
			note.Index, r.by, r.term), []raft.NodeID{r.by}, r.event)
		return
	}
	s, known := c.facts.entries.get(note.Index, note.LogTerm)
	if known && note.Digest != 0 && s.digest != note.Digest {
		c.violate(stateMachineSafety, n, say.Textf("%v has a snapshot of another log up to "+
			"index %d "+
			"than %v has.", n.id, note.Index, s.event.Node), []raft.NodeID{s.event.Node}, s.event)
	}
}
