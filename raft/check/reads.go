package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// roundFact is a round of heartbeats that a leader began for reads.
type roundFact struct {
	round uint64
	n     uint64 // of the event
}

// echo says up to which round a server has answered a leader of a term.
type echo struct {
	term  raft.Term
	to    raft.NodeID
	round uint64
}

// question is a follower's question for an index, as it was sent or as it came to the leader.
type question struct {
	from raft.NodeID
	id   uint64
	n    uint64 // of the event
}

// How much is remembered of reads.
const (
	maxRounds    = 128
	maxEchoes    = 4
	maxQuestions = 8
)

// readBegins takes a round for reads: the leader knows what is committed, as an entry of its own
// term is.
func (c *Checker) readBegins(n *node, note *raft.Note) {
	c.knowsCommitted(n)
	if note.Index < n.commit {
		c.violate(readsProven, n, say.Textf("%v reads at index %d and had committed up to %d.",
			n.id, note.Index, n.commit), nil)
	}
	if len(n.rounds) == maxRounds {
		n.rounds = slices.Delete(n.rounds, 0, maxRounds/2)
	}
	n.rounds = append(n.rounds, roundFact{note.Round, c.at.N})
}

func (c *Checker) knowsCommitted(n *node) {
	if t, held := n.log.term(n.commit); n.role != raft.Leader || held && t != n.term {
		c.violate(readsProven, n, say.Textf("%v serves reads as %v of term %d, and the entry at "+
			"its commit index %d is of term %d.", n.id, n.role.String(), n.term, n.commit, t), nil,
			n.ledBy)
	}
}

// readConfirmed takes the proof of reads: a majority has answered their round, or a lease holds.
func (c *Checker) readConfirmed(n *node, note *raft.Note) {
	if note.Why == raft.WhyLease {
		c.knowsCommitted(n)
		c.leaseTaken(n)
		c.leaseHolds(n)
		n.provenFrom = c.at.N
		return
	}
	for k := range n.rounds {
		if r := n.rounds[k]; r.round == note.Round {
			n.provenFrom = max(n.provenFrom, r.n)
			n.rounds = slices.Delete(n.rounds, 0, k+1)
			break
		}
	}
	if !n.confKnown {
		return
	}
	answered := func(m *node) bool {
		return m == n || !m.armed || m.echoed(n.term, n.id, note.Round)
	}
	if !c.agree(&n.conf, answered) {
		have := c.holders(n.conf.Members(), answered)
		c.violate(readsProven, n, say.Textf("%v took reads for proven by round %d, and only %v "+
			"have answered it.", n.id, note.Round, say.List(have)), have, n.ledBy)
	}
}

// leaseHolds looks, as somebody who sees all servers can, whether another leader has committed
// while a lease is relied on: then clocks differ by more than was assumed.
func (c *Checker) leaseHolds(n *node) {
	for i := range c.nodes {
		m := &c.nodes[i]
		if !m.armed || m.role != raft.Leader || m.term <= n.term {
			continue
		}
		if t, held := m.log.term(m.commit); held && t == m.term {
			c.violate(readsProven, n, say.Textf("%v served a read by its lease of term %d, and %v "+
				"leads term %d and has committed.", n.id, n.term, m.id, m.term),
				[]raft.NodeID{m.id}, m.ledBy)
		}
	}
}

// readAnswered takes the answer to a read that did not go through the log.
func (c *Checker) readAnswered(n *node, r *request, index raft.Index) {
	c.stillDoubts(n, "answered a read")
	if index < r.floor {
		c.violate(readsFresh, n, say.Textf("%v answered a read with what was there at index %d, "+
			"and before it was asked for somebody had been told of index %d.", n.id, index,
			r.floor), []raft.NodeID{r.floorBy.Node}, r.floorBy, c.own(n, r.n))
	}
	if n.role == raft.Leader && n.provenFrom < r.n {
		c.violate(readsProven, n, say.Textf("%v answered a read before it had proven that it "+
			"still leads.", n.id), nil, c.own(n, r.n))
	}
}

// own gives the id of one of a server's events.
func (c *Checker) own(n *node, number uint64) trace.EventID {
	return trace.EventID{Node: n.id, Boot: n.boot, N: number}
}

// echoed reports whether a server has answered a round of a leader. What it said in a term long ago
// may be forgotten; then it is believed.
func (n *node) echoed(term raft.Term, to raft.NodeID, round uint64) bool {
	e := n.echoes[term%maxEchoes]
	return e.term > term || e.term == term && e.to == to && e.round >= round
}

// echo takes an answer to a round.
func (n *node) echo(term raft.Term, to raft.NodeID, round uint64) {
	switch e := &n.echoes[term%maxEchoes]; {
	case term > e.term || term == e.term && to != e.to:
		*e = echo{term, to, round}
	case term == e.term:
		e.round = max(e.round, round)
	}
}

// indexAsked takes a follower's question, as it leaves.
func (c *Checker) indexAsked(n *node, id uint64) {
	c.facts.asked = true
	n.asking[c.at.N%maxQuestions] = question{n.id, id, c.at.N}
}

// indexQuestion takes a follower's question, as it first arrives at the leader: there may be
// copies.
func (c *Checker) indexQuestion(n *node, msg trace.EventID) {
	m := c.peek(msg.Node)
	if m == nil || m.boot != msg.Boot {
		return
	}
	for _, q := range m.asking {
		if q.n == msg.N && q.from != 0 && n.question(m.id, q.id) == nil {
			if len(n.questions) == maxRounds {
				n.questions = slices.Delete(n.questions, 0, maxRounds/2)
			}
			n.questions = append(n.questions, question{m.id, q.id, c.at.N})
		}
	}
}

func (n *node) question(from raft.NodeID, id uint64) *question {
	for k := range n.questions {
		if q := &n.questions[k]; q.from == from && q.id == id {
			return q
		}
	}
	return nil
}

// indexTold takes a leader's answer to a follower's question: it was proven after that came.
func (c *Checker) indexTold(n *node, to raft.NodeID, r *raft.ReadIndexReply) {
	if q := n.question(to, r.ID); q != nil && r.Granted && n.provenFrom < q.n {
		c.violate(readsProven, n, say.Textf("%v told %v an index to read at before it had proven "+
			"that it still leads.", n.id, to), []raft.NodeID{to}, c.own(n, q.n))
	}
}
