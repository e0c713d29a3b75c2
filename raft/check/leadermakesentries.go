package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// created takes entries that a leader made: it leads, in the term of the entries, and they stand at
// the end of its log.
func (c *Checker) created(n *node, note *raft.Note) {
	if !c.follows(n, note) {
		return
	}
	l := c.facts.leaderOf(note.Term)
	switch {
	case n.role != raft.Leader || note.Term != n.term:
		c.violate(leaderMakesEntries, n, say.Textf("%v made an entry of term %d at index %d as %v "+
			"of term %d.", n.id, note.Term, note.From, n.role.String(), n.term), nil)
	case l != nil && l.id == n.id:
		if l.first == 0 {
			l.first = note.From
		}
		l.last = note.To
	}
	c.entryOf(n, note)
	c.configMade(n, note)
	c.termOfEntries(n, note.From, note.Term)
	c.extend(n, note, note.Term)
}

// appended takes entries that came from a leader: the leader of their term has made them, none
// other has, and none are there that it has not made.
func (c *Checker) appended(n *node, note *raft.Note) {
	if !c.follows(n, note) {
		return
	}
	c.termOfEntries(n, note.From, note.LogTerm)
	c.madeByLeader(n, note.From, note.To, note.LogTerm)
	if k := len(c.facts.confs); k > 0 && c.facts.confs[k-1].index >= note.From {
		n.confDue = true
	}
	c.extend(n, note, note.LogTerm)
}

func (c *Checker) madeByLeader(n *node, from, to raft.Index, term raft.Term) {
	if from <= c.facts.sinceIndex {
		return
	}
	switch l := c.facts.leaderOf(term); {
	case c.facts.forgotten(term) || l != nil && l.first != 0 && from >= l.first && to <= l.last:
	case l == nil:
		c.violate(leaderMakesEntries, n, say.Textf("%v has an entry of term %d at index %d, and "+
			"nobody has led that term.", n.id, term, from), nil)
	default:
		c.violate(leaderMakesEntries, n, say.Textf("%v has entries of term %d at index %d to %d, "+
			"and the leader %v has made those at %d to %d.", n.id, term, from, to, l.id, l.first,
			l.last), []raft.NodeID{l.id}, l.event)
	}
}
