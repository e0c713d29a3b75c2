package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/wire"
)

// serveTransfer answers POST /v1/admin/transfer: the leader hands over, and the answer comes when
// the other one leads.
func (s *Server) serveTransfer(w http.ResponseWriter, r *http.Request) {
	var t wire.TransferRequest
	body, err := readJSON(r, "the transfer", &t)
	if err != nil {
		s.problem(w, err)
		return
	}
	s.answer(w, r, body, func(ctx context.Context, p ClientProtocol) error {
		place, err := p.Transfer(ctx, t.Node)
		if err == nil {
			writeJSON(w, http.StatusOK, wire.Accepted{Accepted: true, Term: place.Term,
				Leader: s.Status().Leader})
		}
		return err
	})
}

// serveChange answers POST /v1/admin/change: who takes part is changed, and the answer comes when
// that is committed. The addresses in it are believed at once.
func (s *Server) serveChange(w http.ResponseWriter, r *http.Request) {
	var c wire.ChangeRequest
	body, err := readJSON(r, "the change", &c)
	for id, addr := range c.Addresses {
		if bad := checkAddress(id, addr); bad != nil && err == nil {
			err = badRequest("the change is malformed: " + bad.Error())
		}
	}
	if err != nil {
		s.problem(w, err)
		return
	}
	s.book.learn(c.Addresses, said)
	// A newcomer may take longer to catch up than a request to come in.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	s.answer(w, r, body, func(ctx context.Context, p ClientProtocol) error {
		place, err := p.Change(ctx, raft.Change{Vote: c.Vote, Learn: c.Learn, Remove: c.Remove,
			Joint: c.Joint})
		if err == nil {
			writeJSON(w, http.StatusOK, wire.Accepted{Accepted: true, Index: place.Index,
				Term: place.Term, Leader: s.Status().Leader})
		}
		return err
	})
}

// maxAdmin bounds what is administered with, in bytes.
const maxAdmin = 64 << 10

// readJSON reads a request's body, which must be what v is and no more.
func readJSON(r *http.Request, what string, v any) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxAdmin+1))
	switch {
	case err != nil:
		return nil, badRequest("reading " + what + ": " + err.Error())
	case len(b) > maxAdmin:
		return nil, tooLarge(what, len(b), maxAdmin)
	}
	if err := unmarshalStrictly(b, v); err != nil {
		return nil, badRequest(what + " is malformed: " + err.Error())
	}
	return b, nil
}

// Transfer implements ClientProtocol.
func (c clientHandler) Transfer(ctx context.Context, to raft.NodeID) (Place, error) {
	return c.administer(ctx, &ask{kind: raft.InputTransfer, peer: to},
		"leadership is not handed to "+whom(to))
}

// whom names who shall lead.
func whom(to raft.NodeID) string {
	if to == 0 {
		return "anybody"
	}
	return to.String()
}

// Change implements ClientProtocol.
func (c clientHandler) Change(ctx context.Context, change raft.Change) (Place, error) {
	if c.s.Status().Role == raft.Leader {
		for _, id := range slices.Concat(change.Vote, change.Learn) {
			if c.s.addressOf(id) == "" {
				return Place{}, &Problem{Status: http.StatusConflict, Why: raft.WhyUnreachable,
					Text: fmt.Sprintf("the configuration is not changed: where %v is reached is "+
						"not known; addresses says it", id)}
			}
		}
	}
	return c.administer(ctx, &ask{kind: raft.InputChange, change: change},
		"the configuration is not changed")
}

// administer waits for what becomes of a wish, and says what a refusal means.
func (c clientHandler) administer(ctx context.Context, a *ask, not string) (Place, error) {
	r, err := c.s.request(ctx, a)
	if err != nil {
		return Place{}, err
	}
	err = r.problem()
	var p *Problem
	if errors.As(err, &p) && p.Outcome == raft.OutcomeRefused {
		p.Text = not + ": " + p.Text
		switch r.Why {
		case raft.WhyCannotBe:
			p.Status, p.Retry = http.StatusBadRequest, false
			p.Text = not + ": it names nobody, or somebody who cannot be, or somebody twice"
		case raft.WhyNotVoter, raft.WhyNoVoters, raft.WhyTooMany, raft.WhyTooSlow,
			raft.WhyUnreachable, raft.WhyInstalling:
			p.Status, p.Retry = http.StatusConflict, false
		}
	}
	return r.place(), err
}

// unmarshalStrictly reads JSON that is one value without fields that it does not have.
func unmarshalStrictly(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("something stands behind it")
	}
	return nil
}
