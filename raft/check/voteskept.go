package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// voted takes a vote: one for each server and term, over all its incarnations.
func (c *Checker) voted(n *node, term raft.Term, candidate raft.NodeID) {
	was, _ := n.votedFor(term)
	switch was.candidate {
	case candidate:
		n.voteAgain(term)
	case 0:
		n.putVote(vote{term: term, candidate: candidate, event: c.at, doubtful: n.doubtful})
	default:
		c.violate(votesKept, n, say.Textf("%v voted in term %d for %v and for %v.", n.id, term,
			was.candidate, candidate), []raft.NodeID{was.candidate, candidate}, was.event)
	}
}

// voteLeaves takes a vote that is sent, or counted by the candidate itself: it must be saved.
func (c *Checker) voteLeaves(n *node, term raft.Term, candidate raft.NodeID) {
	n.voteLeft(term)
	if n.voteSaved(term, candidate) {
		return
	}
	v, _ := n.votedFor(term)
	c.violate(votesKept, n, say.Textf("%v sent its vote for %v in term %d, and had saved term %d "+
		"with a vote for %v.", n.id, candidate, term, n.savedTerm, n.savedVote),
		[]raft.NodeID{candidate}, v.event)
}

// ownVoteCounts looks at the vote of a new leader for itself.
func (c *Checker) ownVoteCounts(n *node) {
	n.voteLeft(n.term)
	if !n.voteSaved(n.term, n.id) {
		c.violate(votesKept, n, say.Textf("%v became leader of term %d before its own vote was "+
			"saved: saved is term %d with a vote for %v.", n.id, n.term, n.savedTerm,
			n.savedVote), nil)
	}
}

// termAndVoteKept compares what a server knows behind a restart with what it had saved.
func (c *Checker) termAndVoteKept(n *node, s *trace.Started) {
	switch {
	case s.Term < n.savedTerm:
		c.violate(votesKept, n, say.Textf("%v had saved term %d and came back with term %d.",
			n.id, n.savedTerm, s.Term), nil, n.savedBy)
	case s.Term == n.savedTerm && n.savedVote != 0 && s.Vote != n.savedVote:
		c.violate(votesKept, n, say.Textf(
			"%v had saved its vote for %v in term %d and came back with a vote for %v.",
			n.id, n.savedVote, n.savedTerm, s.Vote), nil, n.savedBy)
	}
}
