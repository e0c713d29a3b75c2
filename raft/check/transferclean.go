package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// transferBegins takes the beginning of a handing over: to a voter, one at a time.
func (c *Checker) transferBegins(n *node, note *raft.Note) {
	switch {
	case n.role != raft.Leader:
		c.violate(transferClean, n, say.Textf("%v hands over to %v and does not lead.", n.id,
			note.Peer), nil)
	case n.handingTo != 0:
		c.violate(transferClean, n, say.Textf("%v hands over to %v while it hands over to %v.",
			n.id, note.Peer, n.handingTo), []raft.NodeID{note.Peer, n.handingTo}, n.handingBy)
	case n.confKnown && !n.conf.Voter(note.Peer):
		c.violate(transferClean, n, say.Textf("%v hands over to %v, which has no vote.", n.id,
			note.Peer), []raft.NodeID{note.Peer})
	}
	n.handingTo, n.handingBy, n.wordGiven = note.Peer, c.at, false
}

// transferEnds takes its end, or that another one is refused while it goes on. Where the word was
// given it may still be followed, until an entry that is made from now on is committed.
func (c *Checker) transferEnds(n *node, note *raft.Note) {
	if note.Why == raft.WhyTransferring {
		return
	}
	if n.handingTo != 0 && n.wordGiven {
		n.leaseFrom = n.log.last().Index + 1
	}
	n.handingTo, n.wordGiven = 0, false
}

// transferSent takes the word to the target to stand for election.
func (c *Checker) transferSent(n *node, note *raft.Note) {
	if m := c.peek(note.Peer); m != nil {
		m.wordFrom = max(m.wordFrom, n.term)
	}
	n.wordGiven = n.wordGiven || note.Peer == n.handingTo
}

// proposalTaken and leaseTaken hold what a leader does against a transfer under way.
func (c *Checker) proposalTaken(n *node, note *raft.Note) {
	if n.handingTo != 0 && n.role == raft.Leader {
		c.violate(transferClean, n, say.Textf("%v took a proposal at index %d while it hands over "+
			"to %v.", n.id, note.From, n.handingTo), []raft.NodeID{n.handingTo}, n.handingBy)
	}
}

func (c *Checker) leaseTaken(n *node) {
	switch {
	case n.handingTo != 0 && n.role == raft.Leader:
		c.violate(transferClean, n, say.Textf("%v served a read by its lease while it hands over "+
			"to %v.", n.id, n.handingTo), []raft.NodeID{n.handingTo}, n.handingBy)
	case n.commit < n.leaseFrom:
		c.violate(transferClean, n, say.Textf("%v served a read by its lease behind a handing "+
			"over that failed: whoever was told to stand may still win, until index %d is "+
			"committed.", n.id, n.leaseFrom), nil, n.handingBy)
	}
}

// standsByWord looks whether a candidate that says so was told to stand by the leader of the term
// before.
func (c *Checker) standsByWord(n *node, r *raft.RequestVote) {
	if r.Transfer && n.wordFrom+1 != r.ForTerm && !c.facts.gap {
		c.violate(transferClean, n, say.Textf("%v stands for term %d by the word of a leader, and "+
			"no leader of term %d gave it.", n.id, r.ForTerm, r.ForTerm-1), nil)
	}
}
