package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// termTo takes a server to a term: never a lower one, and where it must be new, a higher one.
func (c *Checker) termTo(n *node, term raft.Term, fresh bool) {
	switch {
	case term < n.term:
		c.violate(termsGrow, n, say.Textf("%v went from term %d back to term %d.", n.id, n.term,
			term), nil)
	case fresh && term == n.term:
		c.violate(termsGrow, n, say.Textf("%v began term %d, in which it was already.", n.id,
			term), nil)
	}
	n.term = term
}

// termOfEntries holds entries that a log takes against those before them, and against the term.
func (c *Checker) termOfEntries(n *node, from raft.Index, term raft.Term) {
	switch last := n.log.last(); {
	case term < last.Term:
		c.violate(termsGrow, n, say.Textf("%v has an entry of term %d at index %d behind one of "+
			"term %d: terms in a log never go back.", n.id, term, from, last.Term), nil)
	case term > n.term:
		c.violate(termsGrow, n, say.Textf("%v took an entry of term %d at index %d in term %d.",
			n.id, term, from, n.term), nil)
	}
}

// termOfMessage holds a message against its sender's term.
func (c *Checker) termOfMessage(n *node, m *raft.Message) {
	if m.Term > n.term {
		c.violate(termsGrow, n, say.Textf("%v sent a message of term %d in term %d.", n.id, m.Term,
			n.term), nil)
	}
}
