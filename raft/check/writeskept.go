package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// acknowledged takes what a client is told: an entry that it may rely on is committed.
func (c *Checker) acknowledged(o raft.Outcome, i raft.Index, t raft.Term, by raft.NodeID) {
	if o != raft.OutcomeOK || i == 0 || t == 0 {
		return
	}
	n := c.peek(by)
	if n == nil { // the client speaks; whoever answered has been judged
		if l := c.facts.leaderOf(t); l != nil {
			n = c.peek(l.id)
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
