package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// electedComplete looks whether the log of a new leader holds what was committed in earlier terms.
// Logs that agree at one place agree before it, so the highest such place is enough.
func (c *Checker) electedComplete(n *node) {
	for k := len(c.facts.chosen) - 1; k >= 0; k-- {
		r := &c.facts.chosen[k]
		if r.byTerm >= n.term || r.term == 0 {
			continue
		}
		c.leaderHolds(n, r)
		return
	}
}

// leadersHold looks whether those who lead later terms hold what was just committed.
func (c *Checker) leadersHold(term raft.Term) {
	k := len(c.facts.chosen) - 1
	if k < 0 || c.facts.chosen[k].term == 0 {
		return
	}
	for i := range c.nodes {
		if n := &c.nodes[i]; n.armed && n.role == raft.Leader && n.term > term {
			c.leaderHolds(n, &c.facts.chosen[k])
		}
	}
}

func (c *Checker) leaderHolds(n *node, r *chosenRun) {
	if r.To < n.log.base.Index {
		return // a snapshot holds it
	}
	others := []raft.NodeID{r.by}
	t, held := n.log.term(r.To)
	lost := ""
	switch {
	case !held:
		lost = say.Textf("%v leads term %d and its log ends at index %d, but %v had committed "+
			"index "+
			"%d in term %d.", n.id, n.term, n.log.last().Index, r.by, r.To, r.byTerm)
	case t != r.term:
		lost = say.Textf("%v leads term %d with an entry of term %d at index %d, where %v had "+
			"committed one of term %d.", n.id, n.term, t, r.To, r.by, r.term)
	case r.digest != 0 && n.log.digest(r.To) != 0 && n.log.digest(r.To) != r.digest:
		lost = say.Textf("%v leads term %d and its log up to index %d is not the one that %v "+
			"had "+
			"committed.", n.id, n.term, r.To, r.by)
	default:
		return
	}
	c.violate(leaderCompleteness, n, lost, others, r.event)
	c.ackedLost(n, r)
}
