package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// campaign is what a candidate told of its log when it asked for votes.
type campaign struct {
	term     raft.Term
	index    raft.Index
	lastTerm raft.Term
	event    trace.EventID
}

// maxCampaigns is how many campaigns of a server are remembered: requests may be late.
const maxCampaigns = 4

// voteRequestLeaves takes a candidate's request: its own vote is saved, what it tells of its log is
// true, and it stands by a leader's word only if that was given.
func (c *Checker) voteRequestLeaves(n *node, m *raft.Message, r *raft.RequestVote) {
	if n.term == m.Term && (n.role == raft.Candidate && !r.Pre ||
		n.role == raft.PreCandidate && r.Pre) {
		if last := n.log.last(); r.LastIndex != last.Index || r.LastTerm != last.Term {
			c.violate(votesLawful, n, say.Textf("%v asks for votes in term %d with a log that "+
				"ends at index %d of term %d, and it ends at index %d of term %d.", n.id, r.ForTerm,
				r.LastIndex, r.LastTerm, last.Index, last.Term), nil)
		}
	}
	if r.Pre {
		return
	}
	c.voteLeaves(n, r.ForTerm, n.id)
	c.standsByWord(n, r)
	k := r.ForTerm % maxCampaigns
	if n.campaigns[k].term != r.ForTerm {
		n.campaigns[k] = campaign{r.ForTerm, r.LastIndex, r.LastTerm, c.at}
	}
}

// voteIsLawful holds a vote against what the candidate told: an earlier last term, or the same and
// a shorter log, gets none (section 5.4.1).
func (c *Checker) voteIsLawful(n *node, term raft.Term, candidate raft.NodeID) {
	m := c.peek(candidate)
	if m == nil || m == n {
		return
	}
	a := &m.campaigns[term%maxCampaigns]
	own := n.log.last()
	if a.term != term || a.lastTerm > own.Term ||
		a.lastTerm == own.Term && a.index >= own.Index {
		return
	}
	c.violate(votesLawful, n, say.Textf("%v voted in term %d for %v, whose log ends at index %d "+
		"of term %d, and its own ends at index %d of term %d.", n.id, term, candidate, a.index,
		a.lastTerm, own.Index, own.Term), []raft.NodeID{candidate}, a.event)
}
