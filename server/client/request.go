package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/wire"
)

// ErrNotFound says that a key has no value, or an index of the ledger no body. It is an answer of
// the cluster, not a failure.
var ErrNotFound = errors.New("client: there is no such key or entry")

// RefusedError says that a request did not happen and never will.
type RefusedError struct {
	Status int    // of HTTP; 0 when no server could be reached
	Why    string // the name of the core's reason, as notLeader; may be empty
	Text   string // a sentence for people
}

// Error implements error.
func (e *RefusedError) Error() string { return "client: refused: " + e.Text }

// UnknownError says that a request may or may not happen, now or later.
type UnknownError struct{ Err error }

// Error implements error.
func (e *UnknownError) Error() string { return "client: the outcome is unknown: " + e.Err.Error() }

// Unwrap gives the reason.
func (e *UnknownError) Unwrap() error { return e.Err }

// repeat says when a request may be made again.
type repeat uint8

const (
	always    repeat = iota // it is harmless
	ifRefused               // only when it surely did not happen
	ifNotSent               // only when it did not reach a server
)

// request is what is asked, however often.
type request struct {
	method, path string
	body         []byte
	session      string
	seq          uint64
	again        repeat
}

// response is what a server answered.
type response struct {
	status int
	header http.Header
	body   []byte
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 4 << 20

// do makes a request, again and again where that is safe, until it has an outcome or time is up.
// Once an attempt was unknown, only an answer of the cluster can end the doubt.
func (c *Client) do(ctx context.Context, q *request) (response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.Give)
	defer cancel()
	var doubt error
	for pause := pauseFirst; ; pause = min(2*pause, pauseMost) {
		r, err := c.attempt(ctx, q)
		var refused *RefusedError
		var unknown *UnknownError
		switch {
		case err == nil || errors.Is(err, ErrNotFound):
			return r, err
		case errors.As(err, &unknown):
			doubt = err
			if q.again != always {
				return response{}, err
			}
		case errors.As(err, &refused):
			sent := refused.Status != 0
			final := sent && refused.Status != http.StatusServiceUnavailable
			if final || sent && q.again == ifNotSent {
				return r, orDoubt(doubt, err)
			}
		}
		c.metadata.doubt()
		c.metadata.ask()
		if !sleep(ctx, pause) {
			return response{}, orDoubt(doubt, err)
		}
	}
}

// orDoubt gives the error that must be told when an attempt before may yet have an effect.
func orDoubt(doubt, err error) error {
	if doubt != nil {
		return doubt
	}
	return err
}

// attempt asks one server once. The error is ErrNotFound, a *RefusedError or an *UnknownError.
func (c *Client) attempt(ctx context.Context, q *request) (response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opt.Attempt)
	defer cancel()
	addr := c.metadata.target()
	req, err := http.NewRequestWithContext(ctx, q.method, "http://"+addr+q.path,
		bytes.NewReader(q.body))
	if err != nil {
		return response{}, &RefusedError{Status: http.StatusBadRequest, Text: err.Error()}
	}
	c.authorize(req)
	if q.session != "" {
		req.Header.Set(wire.HeaderSession, q.session)
		req.Header.Set(wire.HeaderSeq, strconv.FormatUint(q.seq, 10))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return response{}, failed(addr, err)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or is given up
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return response{}, failed(addr, err)
	}
	r := response{resp.StatusCode, resp.Header, b}
	return r, r.err(q)
}

func (c *Client) authorize(req *http.Request) {
	if c.opt.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.opt.Token)
	}
}

// failed tells a request that never left from one of which nobody knows what became.
func failed(addr string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return &RefusedError{Text: fmt.Sprintf("%s cannot be reached: %v", addr, err)}
	}
	return &UnknownError{fmt.Errorf("asking %s: %w", addr, err)}
}

// err says what an answer means.
func (r *response) err(q *request) error {
	if r.status >= 200 && r.status < 300 {
		return nil
	}
	var b wire.ErrorBody
	if err := json.Unmarshal(r.body, &b); err != nil || b.Error == "" {
		b.Error = fmt.Sprintf("it answered %d %s", r.status, http.StatusText(r.status))
	}
	switch {
	case b.Outcome == raft.OutcomeUnknown.String() || r.status == http.StatusGatewayTimeout,
		r.status >= 500 && b.Outcome == "":
		return &UnknownError{errors.New(b.Error)}
	case r.status == http.StatusNotFound && q.method != http.MethodPost:
		return ErrNotFound
	}
	return &RefusedError{Status: r.status, Why: b.Why, Text: b.Error}
}

func (r *response) place() (p Place) {
	number := func(name string) uint64 {
		n, err := strconv.ParseUint(r.header.Get(name), 10, 64)
		if err != nil {
			return 0 // it is not there
		}
		return n
	}
	p.Index = raft.Index(number(wire.HeaderIndex))
	p.Term = raft.Term(number(wire.HeaderTerm))
	p.Pos = number(wire.HeaderPos)
	return p
}

// sleep waits; false if the context ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
