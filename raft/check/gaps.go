package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft/trace"
)

// missed forgets what is no longer sure: of one server when it says so itself, else of all.
func (c *Checker) missed(n *node) {
	c.facts.gap, c.facts.newest = true, quorumFact{}
	if n != nil {
		n.armed = false
		return
	}
	for i := range c.nodes {
		c.nodes[i].armed = false
	}
}

// keyFrame takes the state of those servers of which nothing is known any more. It does not say who
// of the members has a vote: that is known again when a configuration is told.
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
		*n = node{id: n.id, boot: f.Boot, armed: true, restarted: true, heardFrom: f.LastN,
			votes: n.votes, role: f.Role, term: f.Term, commit: f.Commit, applied: f.Applied,
			snapshot:  f.Snapshot.Index,
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
