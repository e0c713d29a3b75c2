package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/raftarium/raftarium/raft"
)

// readPause is how long a read whose leader is gone waits before it looks for another.
const readPause = 5 * time.Millisecond

// read answers a linearizable read from this server's machine. What is refused has changed nothing,
// so a read that was taken, and lost its leader meanwhile, is asked again when there is one: as
// long as ctx allows.
func (s *Server) read(ctx context.Context, a *ask) (Place, []byte, error) {
	for {
		led := s.Status().Leader != 0
		r, err := s.request(ctx, a)
		if err != nil {
			return Place{}, nil, s.unread(err)
		}
		s.meter.read(r.Outcome)
		err = r.problem()
		if err == nil || !readAgain(r.Why, led) {
			return r.place(), r.result, s.unread(err)
		}
		if !s.awaitLeader(ctx) {
			return Place{}, nil, s.unread(err)
		}
	}
}

// readAgain reports whether a read that was refused may find a leader soon. Where there was none
// when it came, that is said at once.
func readAgain(why raft.Reason, led bool) bool {
	switch why {
	case raft.WhyNoLeader:
		return led
	case raft.WhyStopping, raft.WhyDoubtful, raft.WhyTooMany, raft.WhySaveFailed:
		return false
	}
	return true
}

// awaitLeader waits until a leader is known here; false when the context or the node ends first.
func (s *Server) awaitLeader(ctx context.Context) bool {
	for {
		sleep(ctx, readPause)
		switch {
		case ctx.Err() != nil || s.Err() != nil || s.refusing.Load():
			return false
		case s.Status().Leader != 0:
			return true
		}
	}
}

// unread says of a read that got no answer that nothing has happened: a read's outcome is never
// unknown.
func (s *Server) unread(err error) error {
	var p *Problem
	if errors.As(err, &p) && p.Outcome == raft.OutcomeUnknown {
		return &Problem{Status: http.StatusServiceUnavailable, Retry: true, Leader: p.Leader,
			Why: raft.WhyTimeout, Text: "the read got no answer in time; nothing has happened"}
	}
	return err
}

// Entry implements ClientProtocol. What is committed never changes, so any server that has it may
// give it at once; that there is nothing is true only up to an index that the leader names.
func (c clientHandler) Entry(ctx context.Context, i raft.Index) (Place, []byte, error) {
	if err := c.s.runs("ledger"); err != nil {
		return Place{}, nil, err
	}
	e, held, err := c.entry(ctx, i)
	if err != nil || held {
		return bodyOf(e, err)
	}
	place, _, err := c.s.read(ctx, &ask{kind: raft.InputRead, op: "read",
		key: strconv.FormatUint(uint64(i), 10)})
	if err != nil {
		return Place{}, nil, err
	}
	e, held, err = c.entry(ctx, i)
	if err != nil || held {
		return bodyOf(e, err)
	}
	p := &Problem{Status: http.StatusNotFound, Index: place.Index, Term: place.Term,
		Text: fmt.Sprintf("index %d of the ledger holds no body; committed is up to %d", i,
			place.Index)}
	if i <= c.s.Status().Base.Index { // it is cut here; the leader may have it
		p.Index, p.Leader = 0, c.s.Status().Leader
		p.Text = fmt.Sprintf("index %d of the ledger is not kept here any more", i)
	}
	return Place{}, nil, p
}

// entry gives a committed entry, if it is kept here.
func (c clientHandler) entry(ctx context.Context, i raft.Index) (e raft.Entry, held bool,
	err error) {
	n := c.s.node
	if !n.do(ctx.Done(), func(raft.Time) { e, held = n.host.Node().Entry(i) }) {
		return e, false, &Problem{Status: http.StatusServiceUnavailable, Retry: true,
			Text: "the server did not come to it in time", Why: raft.WhyTooMany}
	}
	return e, held, nil
}

// bodyOf gives the body of an entry that is kept here.
func bodyOf(e raft.Entry, err error) (Place, []byte, error) {
	if err == nil && e.Kind != raft.EntryCommand {
		err = &Problem{Status: http.StatusNotFound, Index: e.Index, Term: e.Term,
			Text: fmt.Sprintf("index %d of the ledger holds no body", e.Index)}
	}
	return Place{Index: e.Index, Term: e.Term, Pos: e.Pos}, e.Data, err
}
