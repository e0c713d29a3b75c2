package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// truncated takes a cut: not of what is committed, and only where the leader's log differs.
func (c *Checker) truncated(n *node, note *raft.Note) {
	c.leaderDrops(n, note.From, note.To)
	if note.From <= n.commit {
		c.violate(committedStays, n, say.Textf("%v dropped entries from index %d on although it "+
			"had committed up to %d.", n.id, note.From, n.commit), nil)
	}
	c.conflictIsProven(n, note)
	n.cut(note)
	n.confDue = true
	c.quorumHolds(n)
}

// conflictIsProven looks whether the leader for whom a server cuts its log has another entry there.
func (c *Checker) conflictIsProven(n *node, note *raft.Note) {
	l := c.peek(note.Peer)
	if l == nil || !l.armed || l.role != raft.Leader || l.term != n.term ||
		note.From <= l.log.base.Index {
		return
	}
	own, held := n.log.term(note.From)
	theirs, known := l.log.term(note.From)
	if held && (!known || own == theirs) {
		c.violate(committedStays, n, say.Textf("%v dropped entries from index %d on, and the "+
			"leader %v has nothing there that differs.", n.id, note.From, l.id),
			[]raft.NodeID{l.id}, l.ledBy)
	}
}
