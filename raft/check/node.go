package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// node is what the events say of one server. What it voted outlives its incarnations, and so does
// what it has saved.
type node struct {
	id      raft.NodeID
	boot    uint32
	armed   bool // enough is known of it to judge
	members []raft.NodeID

	role      raft.Role
	term      raft.Term
	ledBy     trace.EventID // the event by which it became leader
	log       nodeLog
	commit    raft.Index
	applied   raft.Index
	savedTerm raft.Term
	savedVote raft.NodeID
	savedBy   trace.EventID
	// durable says up to where log is saved: the length of what the log and the disk share.
	durable raft.Index
	// ghosts are the newest stretches that were cut off, while their writes may be under way.
	ghosts []ghost

	votes []vote // the newest, in order of giving
	// deaf is the last term in which votes were perhaps not heard, as there was a gap then.
	deaf raft.Term
}

// ghost is a stretch of a log that was cut off.
type ghost struct {
	from raft.Index
	runs []trace.Run
}

// vote is a vote that a server gave.
type vote struct {
	term      raft.Term
	candidate raft.NodeID
	event     trace.EventID
	left      bool // others know of it
}

// How much is remembered of a server.
const (
	maxGhosts = 16
	maxVotes  = 32
)

func (n *node) clone() {
	n.log.runs = slices.Clone(n.log.runs)
	n.ghosts, n.votes = slices.Clone(n.ghosts), slices.Clone(n.votes)
}

func (n *node) become(r raft.Role, term raft.Term) { n.role, n.term = r, term }

// save takes note of what is durable. The disk has the log as it was when the write was asked for;
// since then some of it may have been cut off.
func (n *node) save(s *trace.Saved) {
	n.savedTerm, n.savedVote = s.Term, s.Vote
	if s.Last.Index <= n.log.base.Index {
		n.durable = max(n.durable, s.Last.Index)
		return
	}
	if t, ok := n.log.term(s.Last.Index); ok && t == s.Last.Term {
		n.durable = s.Last.Index
		return
	}
	low := s.Last.Index
	for k := len(n.ghosts) - 1; k >= 0; k-- {
		low = min(low, n.ghosts[k].from-1)
		if n.ghosts[k].holds(s.Last.Index, s.Last.Term) {
			n.durable = low
			return
		}
	}
}

func (g *ghost) holds(i raft.Index, t raft.Term) bool {
	for j := range g.runs {
		if r := &g.runs[j]; r.From <= i && i <= r.To {
			return r.Term == t
		}
	}
	return false
}

// cut drops the log from an index on.
func (n *node) cut(note *raft.Note) {
	if note.From == 0 {
		return
	}
	runs := n.log.truncate(note.From, note.Digest, note.Pos)
	n.durable = min(n.durable, note.From-1)
	if len(n.ghosts) == maxGhosts {
		n.ghosts = slices.Delete(n.ghosts, 0, 1)
	}
	n.ghosts = append(n.ghosts, ghost{note.From, runs})
}

// install begins the log anew behind a snapshot, or cuts off what the snapshot holds.
func (n *node) install(note *raft.Note) {
	m := markOf(note)
	if note.Why == raft.WhySnapshotKeepsLog {
		n.log.compact(m)
		return
	}
	n.log = nodeLog{base: m}
	n.durable, n.ghosts = min(n.durable, m.Index), nil
}

// hasSaved reports whether the server's disk holds an entry, as far as can be known.
func (n *node) hasSaved(i raft.Index, t raft.Term) bool {
	if !n.armed {
		return true // nobody knows
	}
	if i > n.durable {
		return false
	}
	own, ok := n.log.term(i)
	return !ok && i <= n.log.base.Index || ok && own == t
}

// votedFor gives the server's vote in a term; known is false when that is forgotten.
func (n *node) votedFor(t raft.Term) (v vote, known bool) {
	for k := len(n.votes) - 1; k >= 0; k-- {
		if n.votes[k].term == t {
			return n.votes[k], true
		}
	}
	return vote{}, n.armed && t > n.deaf && len(n.votes) < maxVotes
}

// forgetVotes drops the votes that nobody knows of and that were not saved: a restart takes them
// back, and that is lawful.
func (n *node) forgetVotes(savedTerm raft.Term, savedVote raft.NodeID) {
	n.votes = slices.DeleteFunc(n.votes, func(v vote) bool {
		return !v.left && (v.term > savedTerm || v.term == savedTerm && v.candidate != savedVote)
	})
}

// voteLeft says that others know of the server's vote in a term.
func (n *node) voteLeft(t raft.Term) {
	for k := range n.votes {
		n.votes[k].left = n.votes[k].left || n.votes[k].term == t
	}
}

func (n *node) putVote(v vote) {
	if len(n.votes) == maxVotes {
		n.votes = slices.Delete(n.votes, 0, 1)
	}
	n.votes = append(n.votes, v)
}
