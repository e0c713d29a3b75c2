package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/quorum"
	"github.com/raftarium/raftarium/raft/say"
)

// counted holds a commit by counting against what is saved in fact: the entry is of the leader's
// own term (section 5.4.2), and a majority of each half has it on disk.
func (c *Checker) counted(n *node, note *raft.Note) {
	if note.Why != raft.WhyQuorumSaved {
		return
	}
	if note.LogTerm != n.term {
		c.violate(commitRule, n, say.Textf("%v committed index %d by counting in term %d, and the "+
			"entry is of term %d.", n.id, note.Index, n.term, note.LogTerm), nil, n.ledBy)
		return
	}
	if !n.confKnown {
		return
	}
	saved := func(m *node) bool {
		return m.mayHaveLost() || m.hasSaved(note.Index, note.LogTerm)
	}
	if c.agree(&n.conf, saved) {
		c.facts.newest = quorumFact{n.conf, note.Index, note.LogTerm, c.at}
		return
	}
	half := n.conf.Voters
	if c.tally(half, saved).Won() {
		half = n.conf.Outgoing
	}
	have := c.holders(half, saved)
	c.violate(commitRule, n, say.Textf("%v committed index %d of term %d, and only %v have saved "+
		"it; %d of %d are a majority.", n.id, note.Index, note.LogTerm, say.List(have),
		quorum.Majority(len(half)), len(half)), have, n.ledBy)
}
