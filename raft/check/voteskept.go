package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// voted takes a vote: one for each server and term, over all its incarnations.
func (c *Checker) voted(n *node, term raft.Term, candidate raft.NodeID) {
	was, _ := n.votedFor(term)
	switch was.candidate {
	case candidate:
	case 0:
		n.putVote(vote{term: term, candidate: candidate, event: c.at})
	default:
		c.violate(votesKept, n, say.Textf("%v voted in term %d for %v and for %v.", n.id, term,
			was.candidate, candidate), []raft.NodeID{was.candidate, candidate}, was.event)
	}
}

// voteLeaves takes a vote that is sent: it must be saved.
func (c *Checker) voteLeaves(n *node, term raft.Term, candidate raft.NodeID) {
	n.voteLeft(term)
	if c.voteSaved(n, term, candidate) {
		return
	}
	v, _ := n.votedFor(term)
	c.violate(votesKept, n, say.Textf("%v sent its vote for %v in term %d, and had saved term "+
		"%d "+
		"with a vote for %v.", n.id, candidate, term, n.savedTerm, n.savedVote),
		[]raft.NodeID{candidate}, v.event)
}

func (c *Checker) voteSaved(n *node, term raft.Term, candidate raft.NodeID) bool {
	return n.savedTerm > term || n.savedTerm == term && n.savedVote == candidate
}

// electedWithVotes looks at the votes of a new leader: its own is saved, and a majority has voted.
func (c *Checker) electedWithVotes(n *node) {
	n.voteLeft(n.term)
	if !c.voteSaved(n, n.term, n.id) {
		c.violate(votesKept, n, say.Textf("%v became leader of term %d before its own vote "+
			"was saved: "+
			"saved is term %d with a vote for %v.", n.id, n.term, n.savedTerm, n.savedVote), nil)
	}
	if len(n.members) == 0 {
		return
	}
	term, leader := n.term, n.id
	voters := c.holders(n.members, func(m *node) bool {
		v, known := m.votedFor(term)
		return !known || v.candidate == leader
	})
	if need := len(n.members)/2 + 1; len(voters) < need {
		c.violate(votesKept, n, say.Textf("%v became leader of term %d with the votes of %v, "+
			"and %d of %d are a majority.", leader, term, say.List(voters), need, len(n.members)),
			voters)
	}
}
