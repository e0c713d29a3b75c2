package server

import (
	"context"
	"net/http"
	"time"

	"github.com/raftarium/raftarium/raft"
)

// enter counts a request in; false when the server takes none any more.
func (s *Server) enter() bool {
	s.entering.RLock()
	defer s.entering.RUnlock()
	if s.refusing.Load() {
		return false
	}
	s.requests.Add(1)
	return true
}

// propose waits for what becomes of a proposal, within the bounds of the server.
func (s *Server) propose(ctx context.Context, a *ask) (Place, []byte, error) {
	begun := time.Now()
	r, err := s.request(ctx, a)
	if err != nil {
		return Place{}, nil, err
	}
	s.meter.append.Observe(time.Since(begun).Seconds())
	return r.place(), r.result, r.problem()
}

// request brings something to the core and waits for its answer. The error is a *Problem.
func (s *Server) request(ctx context.Context, a *ask) (reply, error) {
	if !s.enter() {
		return reply{}, stopping()
	}
	defer s.requests.Done()
	waiting := s.waiting.Add(1)
	defer s.waiting.Add(-1)
	switch {
	case s.Err() != nil:
		return reply{}, &Problem{Status: http.StatusServiceUnavailable, Retry: true,
			Why: raft.WhySaveFailed, Text: "the server has stopped: " + s.Err().Error()}
	case waiting > int64(s.cfg.MaxWaiting):
		return reply{}, refused(raft.WhyTooMany, 0)
	}
	a.reply, a.came = make(chan reply, 1), s.cfg.Clock()
	if !s.node.mail.put(letter{kind: letterAsk, ask: a}) {
		return reply{}, stopping()
	}
	select {
	case r := <-a.reply:
		return r, nil
	case <-ctx.Done():
		return reply{}, &Problem{Status: http.StatusGatewayTimeout,
			Outcome: raft.OutcomeUnknown, Leader: s.Status().Leader,
			Text: "the outcome is unknown: no answer came in time, and it may yet happen"}
	}
}
