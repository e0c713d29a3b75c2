package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// started takes a new incarnation with all that it had saved, and holds that against what was saved
// before.
func (c *Checker) started(n *node, boot uint32, s *trace.Started) {
	if n.armed {
		c.termAndVoteKept(n, s)
		c.logKept(n, s)
	}
	deaf := n.deaf
	if !n.armed {
		deaf = max(deaf, s.Term)
	}
	n.forgetVotes(s.Term, s.Vote)
	*n = node{id: n.id, deaf: deaf, boot: boot, armed: true, members: slices.Clone(s.Members),
		votes: n.votes,
		term:  s.Term, log: nodeLog{base: s.Base, runs: slices.Clone(s.Runs)},
		savedTerm: s.Term, savedVote: s.Vote, savedBy: c.at, applied: s.Snapshot.Index}
	n.durable = n.log.last().Index
	c.committed(n, s.Snapshot.Index)
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

// logKept compares the log behind a restart with what was saved of the log before. A disk may hold
// more than it had said.
func (c *Checker) logKept(n *node, s *trace.Started) {
	now := nodeLog{base: s.Base, runs: s.Runs}
	i := n.durable
	if i <= now.base.Index || i < n.log.base.Index {
		return
	}
	was, ok := n.log.term(i)
	is, held := now.term(i)
	switch {
	case ok && !held:
		c.violate(writesKept, n, say.Textf(
			"%v had saved its log up to index %d and came back with a log that ends at %d.",
			n.id, i, now.last().Index), nil)
	case ok && is != was:
		c.violate(writesKept, n, say.Textf(
			"%v had saved an entry of term %d at index %d and came back with one of term %d there.",
			n.id, was, i, is), nil)
	}
}

// missed forgets what is no longer sure: of one server when it says so itself, else of all.
func (c *Checker) missed(n *node) {
	c.facts.gap = true
	if n != nil {
		n.armed = false
		return
	}
	for i := range c.nodes {
		c.nodes[i].armed = false
	}
}

// keyFrame takes the state of those servers of which nothing is known any more.
func (c *Checker) keyFrame(s *trace.State) {
	if s == nil {
		return
	}
	for i := range s.Nodes {
		f := &s.Nodes[i]
		n := c.nodeOf(f.ID)
		if n == nil || n.armed || !f.Known {
			continue
		}
		c.facts.gap = true
		*n = node{id: n.id, boot: f.Boot, armed: true, members: slices.Clone(f.Members),
			votes: n.votes, role: f.Role, term: f.Term, commit: f.Commit, applied: f.Applied,
			log:       nodeLog{base: f.Log.Base, runs: slices.Clone(f.Log.Runs)},
			savedTerm: f.SavedTerm, savedVote: f.SavedVote, savedBy: c.at}
		if v, _ := n.votedFor(f.Term); f.Vote != 0 && v.candidate == 0 {
			n.putVote(vote{term: f.Term, candidate: f.Vote, event: c.at, left: true})
		}
		n.deaf = f.Term
		n.save(&trace.Saved{Term: f.SavedTerm, Vote: f.SavedVote, Last: f.SavedLast})
		c.facts.choose(n, min(f.Commit, n.log.last().Index), c.at)
	}
}

// holders gives those of the members of which something is true.
func (c *Checker) holders(members []raft.NodeID, holds func(*node) bool) (ids []raft.NodeID) {
	for _, id := range members {
		if m := c.nodeOf(id); m != nil && holds(m) {
			ids = append(ids, id)
		}
	}
	return ids
}
