package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// request is what somebody asked of a server and has not been answered.
type request struct {
	n       uint64 // of its event
	floor   raft.Index
	floorBy trace.EventID
	op      op
	made    raft.Index // the entry that was made of it; 0 for none
	term    raft.Term
	done    bool
}

// op is what is asked, as far as it matters here.
type op uint8

const (
	opOther op = iota
	opRead
	opChange
)

// maxRequests is how many open requests of a server are remembered.
const maxRequests = 1 << 14

// requested takes a request: what anybody was told of before, a read of now must show.
func (c *Checker) requested(n *node, number uint64, b *trace.Requested) {
	r := request{n: number, floor: c.facts.told, floorBy: c.facts.toldBy}
	switch b.Op {
	case "get", "read":
		r.op = opRead
	case "change":
		r.op = opChange
	}
	if len(n.requests) == maxRequests {
		n.requests, n.requestsLost = slices.Delete(n.requests, 0, maxRequests/2), true
	}
	n.requests = append(n.requests, r)
}

// request finds an open request by the number of its event; nil when it is not known. The pointer
// is good until the next one.
func (n *node) request(number uint64) *request {
	k, ok := slices.BinarySearchFunc(n.requests, number, func(r request, number uint64) int {
		switch {
		case r.n < number:
			return -1
		case r.n > number:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &n.requests[k]
}

// close forgets requests that are answered.
func (n *node) close() {
	k := 0
	for k < len(n.requests) && n.requests[k].done {
		k++
	}
	if k > 0 && (k == len(n.requests) || k >= len(n.requests)/2) {
		n.requests = append(n.requests[:0], n.requests[k:]...)
	}
}

// entryOf takes the entry that is made of a proposal: one of each.
func (c *Checker) entryOf(n *node, note *raft.Note) {
	if note.Why != raft.WhyProposed {
		return
	}
	c.proposalTaken(n, note)
	r := n.request(uint64(note.Cause))
	if r == nil {
		return
	}
	if r.made != 0 {
		c.violate(oneOutcome, n, say.Textf("%v made the entries %d and %d of one request.", n.id,
			r.made, note.From), nil, c.own(n, r.n))
	}
	r.made, r.term = note.From, note.Term
}

// answered takes the answer to a request: there is one, and it tells the truth.
func (c *Checker) answered(n *node, cause trace.EventID, b *trace.Answered) {
	if cause.None() || cause.Node != n.id || cause.Boot != n.boot {
		c.acknowledged(b.Outcome, b.Index, b.Term, n.id)
		return
	}
	r := n.request(cause.N)
	if r == nil || r.done {
		if !n.requestsLost && (r != nil || n.heardFrom < cause.N) {
			c.violate(oneOutcome, n, say.Textf("%v answered a request that it does not have, or a "+
				"second time.", n.id), nil, cause)
		}
		return
	}
	r.done = true
	switch {
	case b.Outcome == raft.OutcomeRefused && r.made != 0:
		c.violate(oneOutcome, n, say.Textf("%v refused a request of which it had made the entry "+
			"at index %d.", n.id, r.made), nil, cause)
	case b.Outcome != raft.OutcomeOK:
	case r.made != 0 && (b.Index != r.made || b.Term != r.term):
		c.violate(writesKept, n, say.Textf("%v answered a request with index %d of term %d, and "+
			"its entry stands at index %d in term %d.", n.id, b.Index, b.Term, r.made, r.term),
			nil, cause)
	case r.made == 0 && r.op == opRead:
		c.readAnswered(n, r, b.Index)
	}
	if r.made != 0 || r.op == opRead {
		c.acknowledged(b.Outcome, b.Index, b.Term, n.id)
	}
	n.close()
}
