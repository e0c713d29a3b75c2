package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/raftarium/raftarium/raft"
)

// newForwarder makes the HTTP client by which members reach each other. It follows no redirection
// and uses no proxy, for its requests carry the secret.
func (s *Server) newForwarder() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: dialTime}).DialContext,
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     time.Minute,
		},
	}
}

// answer answers a request at the leader: here, or at the member that is known to lead, one hop
// away. A request that was passed on to this server is not passed on again.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte,
	do func(context.Context, ClientProtocol) error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Timeout)
	defer cancel()
	err := do(ctx, clientHandler{s})
	if err == nil {
		return
	}
	p := problemOf(err)
	elsewhere := p.Why == raft.WhyNotLeader || p.Status == http.StatusNotFound && p.Index == 0
	if !elsewhere || r.Header.Get(HeaderForwarded) != "" || p.Leader == 0 || p.Leader == s.cfg.ID {
		s.problem(w, p)
		return
	}
	if err := s.passOn(ctx, w, r, p.Leader, body); err != nil {
		s.problem(w, err)
	}
}

// passOn asks the leader and gives its answer.
func (s *Server) passOn(ctx context.Context, w http.ResponseWriter, r *http.Request,
	leader raft.NodeID, body []byte) error {
	url := "http://" + s.cfg.Members[leader] + r.URL.EscapedPath()
	req, err := http.NewRequestWithContext(ctx, r.Method, url, bytes.NewReader(body))
	if err != nil {
		return badRequest("passing the request on: " + err.Error())
	}
	for _, h := range []string{HeaderSession, HeaderSeq, "Content-Type"} {
		if v := r.Header.Get(h); v != "" {
			req.Header.Set(h, v)
		}
	}
	req.Header.Set(HeaderForwarded, strconv.FormatUint(uint64(s.cfg.ID), 10))
	req.Header.Set("Authorization", "Bearer "+s.cfg.Secret)
	resp, err := s.forward.Do(req)
	if err != nil {
		return passedOnBadly(err, leader)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or is given up
	b, err := io.ReadAll(io.LimitReader(resp.Body, 2*MaxValue))
	if err != nil {
		return passedOnBadly(err, leader)
	}
	for _, h := range []string{HeaderIndex, HeaderTerm, HeaderPos, "Content-Type", "Retry-After"} {
		if v := resp.Header.Get(h); v != "" {
			w.Header().Set(h, v)
		}
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(b) // what cannot be written any more is the client's loss
	return nil
}

// passedOnBadly tells a request that never left from one of which nobody knows what became.
func passedOnBadly(err error, leader raft.NodeID) *Problem {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return &Problem{Status: http.StatusServiceUnavailable, Retry: true, Leader: leader,
			Why: raft.WhyNotLeader, Text: leader.String() + " leads and cannot be reached"}
	}
	return &Problem{Status: http.StatusGatewayTimeout, Outcome: raft.OutcomeUnknown, Leader: leader,
		Text: "the outcome is unknown: the request was passed on to " + leader.String() +
			", and no answer came back; it may yet happen"}
}
