package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// counted holds a commit by counting against what is saved in fact: the entry is of the leader's
// own term (section 5.4.2), and a majority has it on disk.
func (c *Checker) counted(n *node, note *raft.Note) {
	if note.Why != raft.WhyQuorumSaved {
		return
	}
	if note.LogTerm != n.term {
		c.violate(writesKept, n, say.Textf("%v committed index %d by counting in term %d, and "+
			"the "+
			"entry is of term %d.", n.id, note.Index, n.term, note.LogTerm), nil, n.ledBy)
		return
	}
	if len(n.members) == 0 {
		return
	}
	have := c.holders(n.members, func(m *node) bool { return m.hasSaved(note.Index, note.LogTerm) })
	if need := len(n.members)/2 + 1; len(have) < need {
		c.violate(writesKept, n, say.Textf("%v committed index %d of term %d, and only %v "+
			"have saved "+
			"it; %d of %d are a majority.", n.id, note.Index, note.LogTerm, say.List(have), need,
			len(n.members)),
			have, n.ledBy)
	}
}

// ackLeaves takes an acknowledgement of a follower: what it says is saved, and is what the leader
// has.
func (c *Checker) ackLeaves(n *node, m *raft.Message, match raft.Index) {
	c.savedUpTo(n, m.To, match)
	leader := c.nodeOf(m.To)
	if leader == nil || !leader.armed || leader.role != raft.Leader || leader.term != m.Term {
		return
	}
	own, held := n.log.term(match)
	theirs, known := leader.log.term(match)
	switch {
	case !held || match < leader.log.base.Index:
	case !known:
		c.violate(writesKept, n, say.Textf("%v acknowledged index %d to %v, whose log ends at "+
			"%d.",
			n.id, match, leader.id, leader.log.last().Index), []raft.NodeID{leader.id},
			leader.ledBy)
	case own != theirs:
		c.violate(writesKept, n, say.Textf("%v acknowledged index %d to %v with an entry of "+
			"term %d "+
			"there, and the leader's is of term %d.", n.id, match, leader.id, own, theirs),
			[]raft.NodeID{leader.id}, leader.ledBy)
	}
}

// savedUpTo looks whether what is acknowledged is saved.
func (c *Checker) savedUpTo(n *node, to raft.NodeID, i raft.Index) {
	if i > n.durable {
		c.violate(writesKept, n, say.Textf("%v acknowledged index %d to %v and had saved its "+
			"log only "+
			"up to %d.", n.id, i, to, n.durable), []raft.NodeID{to})
	}
}

// acknowledged takes what a client is told: an entry that it may rely on is committed.
func (c *Checker) acknowledged(o raft.Outcome, i raft.Index, t raft.Term, by raft.NodeID) {
	if o != raft.OutcomeOK || i == 0 {
		return
	}
	n := c.nodeOf(by)
	if n == nil { // the client speaks; whoever answered has been judged
		if l, ok := c.facts.leaders[t]; ok {
			n = c.nodeOf(l.id)
		}
		if n == nil {
			return
		}
	}
	k := c.facts.chosenAt(i)
	switch {
	case k < 0 && i > c.facts.high() && !c.facts.gap:
		c.violate(writesKept, n, say.Textf("A client was told that index %d of term %d is "+
			"written, "+
			"and nothing beyond %d is committed.", i, t, c.facts.high()), nil)
	case k >= 0 && c.facts.chosen[k].term != 0 && c.facts.chosen[k].term != t:
		r := &c.facts.chosen[k]
		c.violate(writesKept, n, say.Textf("A client was told that index %d of term %d is "+
			"written, "+
			"and %v had committed an entry of term %d there.", i, t, r.by, r.term),
			[]raft.NodeID{r.by}, r.event)
	}
	c.facts.acknowledge(ackFact{i, t, c.at})
}

// ackedOverwritten tells that a write that a client was told of is gone: a server has committed
// another entry in its place.
func (c *Checker) ackedOverwritten(n *node, at raft.Index, term raft.Term) {
	for k := range slices.Backward(c.facts.acked) {
		if a := &c.facts.acked[k]; a.index == at && a.term != term {
			c.violate(writesKept, n, say.Textf("A client was told that index %d of term %d is "+
				"written, "+
				"and %v committed an entry of term %d there.", at, a.term, n.id, term), nil,
				a.event)
			return
		}
	}
}

// ackedLost tells that a new leader lacks a write that a client was told of: nobody will have it.
func (c *Checker) ackedLost(n *node, r *chosenRun) {
	var lost *ackFact
	for k := range c.facts.acked {
		a := &c.facts.acked[k]
		if t, held := n.log.term(a.index); a.index > n.log.base.Index && (!held || t != a.term) &&
			a.index <= r.To {
			lost = a
			break
		}
	}
	if lost == nil {
		return
	}
	c.violate(writesKept, n, say.Textf("A client was told that index %d of term %d is "+
		"written, and "+
		"%v leads term %d without it.", lost.index, lost.term, n.id, n.term), []raft.NodeID{r.by},
		[]trace.EventID{lost.event, n.ledBy}...)
}
