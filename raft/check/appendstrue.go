package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// appendLeaves takes an append: its sender leads the term, and what it says stands in its own log.
func (c *Checker) appendLeaves(n *node, m *raft.Message, a *raft.AppendEntries) {
	if n.role != raft.Leader || n.term != m.Term {
		// It may have given up in the very step in which it formed the message.
		l := c.facts.leaderOf(m.Term)
		if l == nil && !c.facts.forgotten(m.Term) || l != nil && l.id != n.id {
			c.violate(appendsTrue, n, say.Textf("%v sent an append of term %d, which it does not "+
				"lead.", n.id, m.Term), nil)
		}
		return
	}
	if a.Commit > n.commit {
		c.violate(appendsTrue, n, say.Textf("%v told %v of commit index %d, and its own is %d.",
			n.id, m.To, a.Commit, n.commit), []raft.NodeID{m.To})
	}
	if !n.log.agrees(a.PrevIndex, a.PrevTerm) {
		c.notItsOwn(n, m.To, a.PrevIndex, a.PrevTerm)
	}
	k, prev := len(n.log.runs), a.PrevIndex
	for i := range a.Entries {
		e := &a.Entries[i]
		if k == len(n.log.runs) || e.Index > n.log.runs[k].To {
			k = n.log.find(e.Index)
		}
		if e.Index != prev+1 || e.Index > n.log.base.Index &&
			(k == len(n.log.runs) || n.log.runs[k].Term != e.Term) {
			c.notItsOwn(n, m.To, e.Index, e.Term)
			return
		}
		prev = e.Index
	}
}

func (c *Checker) notItsOwn(n *node, to raft.NodeID, i raft.Index, t raft.Term) {
	c.violate(appendsTrue, n, say.Textf("%v leads term %d and told %v of an entry of term %d at "+
		"index %d, which does not stand in its own log, at that place.", n.id, n.term, to, t, i),
		[]raft.NodeID{to}, n.ledBy)
}

// ignored takes a message that a server ignored: one that no correct server sends says that
// somebody is none.
func (c *Checker) ignored(n *node, note *raft.Note) {
	if note.Why != raft.WhyCannotBe {
		return
	}
	c.violate(appendsTrue, n, say.Textf("%v got a message of term %d from %v that no correct "+
		"server sends.", n.id, note.Term, note.Peer), []raft.NodeID{note.Peer})
}
