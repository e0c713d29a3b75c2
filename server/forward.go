package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/wire"
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

// reign is the time for which this server holds a member for the leader. That nobody is known to
// lead for a while does not end it; that another one does, does.
type reign struct {
	leader raft.NodeID
	over   context.Context
	end    context.CancelFunc
}

func newReign(leader raft.NodeID) *reign {
	ctx, end := context.WithCancel(context.Background())
	return &reign{leader, ctx, end}
}

// How long the answer of a member that no longer leads may be on its way; longer where it has
// handed over because it was asked to.
const (
	lateTime  = 200 * time.Millisecond
	lateAdmin = 2 * time.Second
)

// errDeposed says that another member leads than the one that was asked.
var errDeposed = errors.New("another member leads by now")

// answer answers a request at the leader: here, or at the member that is known to lead, one hop
// away. A request that was passed on to this server is not passed on again. When the leader gives
// no answer and another comes up, that one is asked, if asking twice is harmless.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte,
	do func(context.Context, ClientProtocol) error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout(r))
	defer cancel()
	for {
		err := do(ctx, clientHandler{s})
		if err == nil {
			return
		}
		p := problemOf(err)
		elsewhere := p.Why == raft.WhyNotLeader || p.Why == raft.WhyDoubtful ||
			p.Status == http.StatusNotFound && p.Index == 0
		if !elsewhere || r.Header.Get(wire.HeaderForwarded) != "" || p.Leader == 0 ||
			p.Leader == s.cfg.ID {
			s.problem(w, p)
			return
		}
		sent, err := s.passOn(ctx, w, r, p.Leader, body)
		switch {
		case err == nil:
			return
		case errors.Is(err, errDeposed) && (!sent || repeatable(r)):
		default:
			s.problem(w, passedOnBadly(r, sent, err, p.Leader))
			return
		}
	}
}

// repeatable reports whether a request may be made twice without harm: it changes nothing, or the
// cluster knows it again.
func repeatable(r *http.Request) bool {
	return reads(r) || r.Header.Get(wire.HeaderSession) != ""
}

// administers reports whether a request is about who leads or takes part.
func administers(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/admin/") }

// timeout gives how long a request may take: a newcomer has time to catch up.
func (s *Server) timeout(r *http.Request) time.Duration {
	if administers(r) {
		return s.cfg.Timeout + time.Duration(s.cfg.Raft.CatchUp)*time.Microsecond
	}
	return s.cfg.Timeout
}

func reads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// passOn asks the leader and gives its answer. sent says that the request may have reached it. The
// error is errDeposed when another member leads by then: a leader that is stopped, or cut off,
// would be waited for in vain.
func (s *Server) passOn(ctx context.Context, w http.ResponseWriter, r *http.Request,
	leader raft.NodeID, body []byte) (sent bool, err error) {
	reign := s.node.reign.Load()
	if reign.leader != leader {
		return false, errDeposed
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	stop := context.AfterFunc(reign.over, func() {
		late := lateTime
		if administers(r) {
			late = lateAdmin
		}
		time.AfterFunc(late, func() { giveUp(errDeposed) })
	})
	defer stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent = true }})
	resp, err := s.askLeader(ctx, r, leader, body)
	if err != nil {
		return sent, orCause(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or is given up
	b, err := io.ReadAll(io.LimitReader(resp.Body, 2*MaxValue))
	if err != nil {
		return sent, orCause(ctx, err)
	}
	for _, h := range []string{wire.HeaderIndex, wire.HeaderTerm, wire.HeaderPos, "Content-Type",
		"Retry-After"} {
		if v := resp.Header.Get(h); v != "" {
			w.Header().Set(h, v)
		}
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(b) // what cannot be written any more is the client's loss
	return sent, nil
}

// orCause gives errDeposed for the error of a request that was given up because of it.
func orCause(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errDeposed) {
		return errDeposed
	}
	return err
}

// askLeader makes a client's request of the leader.
func (s *Server) askLeader(ctx context.Context, r *http.Request, leader raft.NodeID,
	body []byte) (*http.Response, error) {
	url := "http://" + s.addressOf(leader) + r.URL.EscapedPath()
	req, err := http.NewRequestWithContext(ctx, r.Method, url, bytes.NewReader(body))
	if err != nil {
		return nil, badRequest("passing the request on: " + err.Error())
	}
	for _, h := range []string{wire.HeaderSession, wire.HeaderSeq, "Content-Type"} {
		if v := r.Header.Get(h); v != "" {
			req.Header.Set(h, v)
		}
	}
	req.Header.Set(wire.HeaderForwarded, strconv.FormatUint(uint64(s.cfg.ID), 10))
	req.Header.Set("Authorization", "Bearer "+s.cfg.Secret)
	return s.forward.Do(req)
}

// passedOnBadly tells a request that has changed nothing from one of which nobody knows what
// became.
func passedOnBadly(r *http.Request, sent bool, err error, leader raft.NodeID) error {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	if !sent || reads(r) {
		text := leader.String() + " leads and cannot be reached"
		if sent {
			text = leader.String() + " was asked and gives no answer"
		}
		return &Problem{Status: http.StatusServiceUnavailable, Retry: true, Leader: leader,
			Why: raft.WhyNotLeader, Text: text}
	}
	text := "the outcome is unknown: the request was passed on to " + leader.String()
	if errors.Is(err, errDeposed) {
		text += ", which leads no longer"
	}
	return &Problem{Status: http.StatusGatewayTimeout, Outcome: raft.OutcomeUnknown, Leader: leader,
		Text: text + ", and no answer came back; it may yet happen"}
}
