package world

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// requested folds the life of a client's request.
func requested(s *trace.State, ev *trace.Event) {
	switch b := ev.Body.(type) {
	case trace.Invoked:
		addRequest(s, trace.Request{ID: ev.ID, Client: b.Client, Node: b.Node, Op: b.Op, Key: b.Key,
			Value: b.Value, At: ev.At, Due: b.Due})
	case trace.Requested:
		id := b.Request
		if id.None() {
			id = ev.ID
		}
		r := findRequest(s, id)
		if r == nil {
			r = addRequest(s, trace.Request{ID: id, Op: b.Op, Key: b.Key, Value: b.Value,
				At: ev.At})
		}
		r.Node, r.Taken = ev.ID.Node, true
	case trace.Answered:
		// What the client knows stands: an answer that comes after it gave up changes nothing.
		if r := findRequest(s, b.Request); r != nil && r.Outcome == 0 {
			r.Outcome, r.Why, r.Index, r.EndAt = known(b.Outcome), b.Why, b.Index, ev.At
		}
	case trace.Returned:
		if r := findRequest(s, b.Request); r != nil {
			r.Outcome, r.Why, r.EndAt = known(b.Outcome), b.Why, ev.At
			if b.Index != 0 {
				r.Index = b.Index
			}
		}
	}
}

// known gives an outcome that ends a request: one that nobody names is unknown.
func known(o raft.Outcome) raft.Outcome {
	if o == 0 {
		return raft.OutcomeUnknown
	}
	return o
}

func addRequest(s *trace.State, r trace.Request) *trace.Request {
	if len(s.Requests) >= maxRequests {
		s.Requests = slices.Delete(s.Requests, 0, 1)
	}
	s.Requests = append(s.Requests, r)
	return &s.Requests[len(s.Requests)-1]
}

func findRequest(s *trace.State, id trace.EventID) *trace.Request {
	for i := range s.Requests {
		if r := &s.Requests[i]; r.ID.N == id.N && r.ID == id {
			return r
		}
	}
	return nil
}

// waitingAt gives the first request for an entry that a node has taken and not yet decided about:
// the core takes proposals in the order of their coming.
func waitingAt(s *trace.State, node raft.NodeID) *trace.Request {
	for i := range s.Requests {
		r := &s.Requests[i]
		if r.Node == node && r.Taken && r.Index == 0 && r.Outcome == 0 && proposes(r.Op) {
			return r
		}
	}
	return nil
}

// proposes reports whether a request asks for an entry of its own in the log.
func proposes(op string) bool {
	return op != "get" && op != "transfer" && op != "change"
}

// placed keeps at which index a request stands.
func placed(s *trace.State, node raft.NodeID, note *raft.Note) {
	if note.Why != raft.WhyProposed || note.To-note.From >= maxRequests {
		return
	}
	for i := range note.To - note.From + 1 {
		r := waitingAt(s, node)
		if r == nil {
			return
		}
		r.Index = note.From + i
	}
}

// notPlaced ends a request that the core did not take; the answer that follows says the same.
func notPlaced(s *trace.State, node raft.NodeID, at raft.Time, why raft.Reason) {
	if r := waitingAt(s, node); r != nil {
		r.Outcome, r.Why, r.EndAt = raft.OutcomeRefused, why, at
	}
}

// abandon says that a node has forgotten what it had taken. Its clients still wait; where nobody
// sees a client, what becomes of the request is not known.
func abandon(s *trace.State, node raft.NodeID, at raft.Time) {
	for i := range s.Requests {
		r := &s.Requests[i]
		if r.Node != node || r.Outcome != 0 {
			continue
		}
		r.Taken = false
		if r.Client == 0 {
			r.Outcome, r.EndAt = raft.OutcomeUnknown, at
		}
	}
}
