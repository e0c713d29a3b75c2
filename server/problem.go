package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/wire"
)

// Problem is why a request got no success: an HTTP status, and one clear sentence.
type Problem struct {
	Status  int
	Text    string
	Outcome raft.Outcome // OutcomeUnknown when it may yet happen; else it will never happen
	Why     raft.Reason  // the core's reason, where there is one
	Leader  raft.NodeID  // who leads, as far as the server knows; 0 for nobody
	Retry   bool         // it may succeed in a moment
	// Index and Term are those of a read that found nothing; 0 otherwise.
	Index raft.Index
	Term  raft.Term
}

// Error implements error.
func (p *Problem) Error() string { return p.Text }

func badRequest(text string) *Problem { return &Problem{Status: http.StatusBadRequest, Text: text} }

// problemOf makes a Problem of any error.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &Problem{Status: http.StatusRequestEntityTooLarge,
			Text: "the body is longer than the " + strconv.FormatInt(large.Limit, 10) +
				" bytes allowed"}
	}
	return &Problem{Status: http.StatusInternalServerError, Text: err.Error()}
}

// writeProblem answers with a problem.
func writeProblem(w http.ResponseWriter, p *Problem) {
	b := wire.ErrorBody{Error: p.Text, Outcome: raft.OutcomeRefused.String(), Why: p.Why.Name(),
		Leader: p.Leader}
	if p.Outcome == raft.OutcomeUnknown {
		b.Outcome = p.Outcome.String()
	}
	if p.Retry {
		w.Header().Set("Retry-After", "1")
	}
	if p.Index != 0 {
		putPlace(w, p.Index, p.Term)
	}
	writeJSON(w, p.Status, b)
}

// writeJSON answers with a value. What cannot be written any more is the client's loss.
func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer has no JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

// putPlace tells where an entry stands.
func putPlace(w http.ResponseWriter, i raft.Index, t raft.Term) {
	w.Header().Set(wire.HeaderIndex, strconv.FormatUint(uint64(i), 10))
	w.Header().Set(wire.HeaderTerm, strconv.FormatUint(uint64(t), 10))
}

// problem answers with an error and counts it.
func (s *Server) problem(w http.ResponseWriter, err error) {
	p := problemOf(err)
	s.meter.problem(p.Status)
	writeProblem(w, p)
}
