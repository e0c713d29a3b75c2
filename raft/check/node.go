package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// node is what the events say of one server. What it voted outlives its incarnations, and so does
// what it has saved.
type node struct {
	id        raft.NodeID
	boot      uint32
	armed     bool // enough is known of it to judge
	restarted bool // this is not the first incarnation that was told of
	doubtful  bool // it may have lost what it acknowledged, and says so
	failed    bool // its disk has failed
	heardFrom uint64
	starting  bool // its first words, which say whether it doubts its log, are still to come
	lost      lostLog
	harm      harm

	role      raft.Role
	term      raft.Term
	ledBy     trace.EventID // the event by which it became leader
	log       nodeLog
	commit    raft.Index
	applied   raft.Index
	snapshot  raft.Index
	savedTerm raft.Term
	savedVote raft.NodeID
	savedBy   trace.EventID
	// durable says up to where log is saved: the length of what the log and the disk share.
	durable raft.Index
	// ghosts are the newest stretches that were cut off, while their writes may be under way.
	ghosts []ghost

	votes     []vote // the newest, in order of giving
	campaigns [maxCampaigns]campaign
	// deaf is the last term in which votes were perhaps not heard, as there was a gap then.
	deaf raft.Term

	// The configuration that it uses, as it has told.
	conf      raft.Configuration
	confText  raft.Packed
	confIndex raft.Index
	confBy    trace.EventID
	confKnown bool
	confDue   bool        // to be held against the log when the step is over
	needed    bool        // it has refused a log behind its own, and heard no leader since
	firstConf raft.Packed // that of the beginning

	matches   []matchFact // of a leader
	handingTo raft.NodeID // whom it hands over to
	handingBy trace.EventID
	wordGiven bool       // and has told it to stand for election
	leaseFrom raft.Index // to be committed before a lease counts again
	wordFrom  raft.Term  // of the newest leader that told it to stand for election

	requests     []request // by n
	requestsLost bool
	rounds       []roundFact
	provenFrom   uint64 // what was asked before this event is proven
	echoes       [maxEchoes]echo
	asking       [maxQuestions]question
	questions    []question
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
	doubtful  bool // the voter may have lost what it acknowledged
}

// How much is remembered of a server.
const (
	maxGhosts = 16
	maxVotes  = 32
)

func (n *node) clone() {
	n.log.runs = slices.Clone(n.log.runs)
	n.ghosts, n.votes = slices.Clone(n.ghosts), slices.Clone(n.votes)
	n.matches, n.requests = slices.Clone(n.matches), slices.Clone(n.requests)
	n.rounds, n.questions = slices.Clone(n.rounds), slices.Clone(n.questions)
}

// mayHaveLost reports whether what a server had saved need not be there any more, as it says.
func (n *node) mayHaveLost() bool { return n.doubtful || n.lost.text != "" }

// save takes note of what is durable. The disk has the log as it was when the write was asked for;
// since then some of it may have been cut off.
func (n *node) save(s *trace.Saved) {
	n.savedTerm, n.savedVote = s.Term, s.Vote
	if base := n.log.base; s.Last.Index <= base.Index {
		if s.Last.Index < base.Index || s.Last.Term == base.Term {
			n.durable = max(n.durable, s.Last.Index)
		}
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
	n.durable, n.ghosts = min(n.durable, m.Index-1), nil // what was there is another entry
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

// voteSaved reports whether a vote is saved, or one of a later term.
func (n *node) voteSaved(term raft.Term, candidate raft.NodeID) bool {
	return n.savedTerm > term || n.savedTerm == term && n.savedVote == candidate
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

// voteAgain takes a vote that is given again: it may no longer be doubtful.
func (n *node) voteAgain(t raft.Term) {
	for k := range n.votes {
		if n.votes[k].term == t {
			n.votes[k].doubtful = n.votes[k].doubtful && n.doubtful
		}
	}
}

func (n *node) putVote(v vote) {
	if len(n.votes) == maxVotes {
		n.votes = slices.Delete(n.votes, 0, 1)
	}
	n.votes = append(n.votes, v)
}
