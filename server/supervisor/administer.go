package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of what the leader is asked for: how long it may take, as newcomers have to catch up,
// and how long a viewer's command waits for a refusal before it counts as taken.
const (
	changeTime = 45 * time.Second
	takeTime   = 500 * time.Millisecond
)

// askLeader asks the leader, as its supervisor, and waits for the answer. It gives up when that
// node can answer no more.
func (s *Supervisor) askLeader(ctx context.Context, path string, body any) error {
	leader := leaderOf(s.hub.State())
	if leader == nil {
		return s.noLeader()
	}
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	p, err := s.running(leader.ID)
	var works context.Context
	if err == nil {
		works = p.works
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, changeTime)
	defer cancel()
	defer context.AfterFunc(works, cancel)()
	return s.request(ctx, http.MethodPost, leader.ID, path, b)
}

// soon waits for what is asked; what has not been refused by then counts as taken and goes on. How
// it ends is told.
func (s *Supervisor) soon(what string, ask func(context.Context) error) error {
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return errEnding
	}
	s.wait.Add(1)
	s.mu.Unlock()
	done, late := make(chan error, 1), make(chan struct{})
	go func() {
		defer s.wait.Done()
		err := ask(s.ctx)
		done <- err
		select {
		case <-late:
			if err != nil && s.ctx.Err() == nil {
				s.say("%s did not come to pass: %v", what, err)
			}
		default:
		}
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(takeTime):
		close(late)
		return nil
	}
}

// transfer asks the leader to hand over to a node, or to whoever is best (0).
func (s *Supervisor) transfer(ctx context.Context, to raft.NodeID) error {
	if to != 0 {
		if _, err := s.node(to); err != nil {
			return err
		}
	}
	return s.askLeader(ctx, "/v1/admin/transfer", wire.TransferRequest{Node: to})
}

// change asks the leader for another configuration. Nodes that it names and that there are not yet
// are started.
func (s *Supervisor) change(ctx context.Context, c raft.Change) error {
	for _, id := range slices.Concat(c.Vote, c.Learn) {
		if p, err := s.node(id); err == nil {
			if p.heir != 0 {
				return fmt.Errorf("%v cannot take part again: %v takes its place", id, p.heir)
			}
			continue
		}
		if err := s.newcomer(id); err != nil {
			return err
		}
	}
	return s.tryChange(ctx, c)
}

// newcomer starts a node that there was not, with an empty store.
func (s *Supervisor) newcomer(id raft.NodeID) error {
	s.mu.Lock()
	err := s.roster.admit(id)
	if s.stopping {
		err = errEnding
	}
	if err == nil {
		s.nodes[id] = &process{id: id}
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.say("%v begins with an empty store", id)
	return s.join(id, nil)
}

// node finds a node and takes the lock for it.
func (s *Supervisor) node(id raft.NodeID) (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known(id)
}

// admin answers POST /v1/admin/transfer, change and wipe.
func (f *front) admin(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), changeTime)
	defer cancel()
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // the body is bounded
	var err error
	switch what := r.PathValue("what"); what {
	case "transfer":
		var t wire.TransferRequest
		if err = decode(r, &t); err == nil {
			err = f.super.transfer(ctx, t.Node)
		}
	case "change":
		var c wire.ChangeRequest
		if err = decode(r, &c); err == nil && len(c.Addresses) > 0 {
			err = &askError{http.StatusBadRequest, wire.ErrorBody{Outcome: "refused",
				Error: "addresses are not for 'raftarium run', which starts its nodes itself"}}
		}
		if err == nil {
			err = f.super.change(ctx, raft.Change{Vote: c.Vote, Learn: c.Learn, Remove: c.Remove,
				Joint: c.Joint})
		}
	case "wipe":
		var t wire.TransferRequest
		if err = decode(r, &t); err == nil {
			err = f.super.wipe(ctx, t.Node, byAdmin)
		}
	default:
		f.unknown(w, r)
		return
	}
	f.answered(w, err)
}

// answered says what became of something that was asked for.
func (f *front) answered(w http.ResponseWriter, err error) {
	var e *askError
	switch {
	case err == nil:
		answer(w, http.StatusOK, wire.Accepted{Accepted: true})
	case errors.As(err, &e):
		if e.status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1")
		}
		answer(w, e.status, e.body)
	default:
		answer(w, http.StatusConflict, wire.ErrorBody{Error: err.Error(), Outcome: "refused"})
	}
}

// decode reads a request's body, which must be what v is and no more.
func decode(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return &askError{http.StatusBadRequest, wire.ErrorBody{Outcome: "refused",
			Error: "the body is malformed: " + err.Error()}}
	}
	return nil
}

// askError is what a node answered that is no success.
type askError struct {
	status int
	body   wire.ErrorBody
}

// Error implements error.
func (e *askError) Error() string { return e.body.Error }

// read asks a node, or the leader (0), for a key. What it answers is seen in the events.
func (s *Supervisor) read(cmd trace.Command) error {
	switch {
	case cmd.Key == "":
		return errors.New("a read needs a key")
	case s.cfg.Machine != "kv":
		return fmt.Errorf("the %s machine has no keys to read", s.cfg.Machine)
	}
	return s.hand(cmd.Node, http.MethodGet, "/v1/kv/"+pathOfKey(cmd.Key), "")
}
