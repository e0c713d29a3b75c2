package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/quorum"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// quorumFact is the newest entry that was committed by counting, and by whose majority.
type quorumFact struct {
	conf  raft.Configuration
	index raft.Index
	term  raft.Term
	event trace.EventID
}

// quorumHolds looks, when a server may have lost something, whether a majority still has on disk
// what is committed. A doubtful server says of itself that it may have lost it, and elections mind
// that: it does not count against.
func (c *Checker) quorumHolds(n *node) {
	q := &c.facts.newest
	if q.index == 0 || n.mayHaveLost() || n.hasSaved(q.index, q.term) {
		return
	}
	saved := func(m *node) bool { return m.mayHaveLost() || m.hasSaved(q.index, q.term) }
	if c.agree(&q.conf, saved) {
		return
	}
	half := q.conf.Voters
	if c.tally(half, saved).Won() {
		half = q.conf.Outgoing
	}
	have := c.holders(half, saved)
	c.violate(quorumKeeps, n, say.Textf("Index %d of term %d is committed, and only %v still have "+
		"it on disk; %d of %d are a majority.", q.index, q.term, say.List(have),
		quorum.Majority(len(half)), len(half)), have, q.event)
}
