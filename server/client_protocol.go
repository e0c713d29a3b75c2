package server

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
)

// Place is where a committed entry stands.
type Place struct {
	Index raft.Index
	Term  raft.Term
	Pos   uint64 // of a ledger's body: its byte position
}

// ClientProtocol is what clients may ask of a server. Its errors are *Problem; one of a server that
// does not lead says who does, and the caller asks there.
type ClientProtocol interface {
	// Do carries out a command on keys and values, a read as well: it goes through the log.
	Do(ctx context.Context, c machine.Command) (Place, machine.Result, error)
	// Append puts a body at the end of the ledger.
	Append(ctx context.Context, body []byte) (Place, error)
	// Entry reads a committed body of the ledger, as this server has it.
	Entry(ctx context.Context, i raft.Index) (Place, []byte, error)
	// Call asks a registered handler.
	Call(ctx context.Context, name string, body []byte) ([]byte, error)
	// Metadata tells who is in the cluster and who leads it, as far as this server knows.
	Metadata() Metadata
}

// clientHandler is the ClientProtocol of a node.
type clientHandler struct{ s *Server }

var _ ClientProtocol = clientHandler{}

// Do implements ClientProtocol.
func (c clientHandler) Do(ctx context.Context, cmd machine.Command) (Place, machine.Result, error) {
	var res machine.Result
	if err := c.s.runs("kv"); err != nil {
		return Place{}, res, err
	}
	switch {
	case cmd.Key == "":
		return Place{}, res, badRequest("the key is empty")
	case len(cmd.Key) > MaxKey:
		return Place{}, res, tooLarge("the key", len(cmd.Key), MaxKey)
	case len(cmd.Value) > MaxValue:
		return Place{}, res, tooLarge("the value", len(cmd.Value), MaxValue)
	}
	place, b, err := c.s.propose(ctx, &ask{op: cmd.Op.String(), key: cmd.Key, value: cmd.Value,
		command: cmd.Encode()})
	if err != nil {
		return place, res, err
	}
	if res, err = machine.DecodeResult(b); err != nil {
		return place, res, fmt.Errorf("reading the machine's result: %w", err)
	}
	if res.Err != "" {
		return place, res, &Problem{Status: http.StatusConflict, Text: res.Err}
	}
	return place, res, nil
}

// Append implements ClientProtocol.
func (c clientHandler) Append(ctx context.Context, body []byte) (Place, error) {
	if err := c.s.runs("ledger"); err != nil {
		return Place{}, err
	}
	switch {
	case len(body) == 0:
		return Place{}, badRequest("the body is empty")
	case len(body) > MaxValue:
		return Place{}, tooLarge("the body", len(body), MaxValue)
	}
	place, b, err := c.s.propose(ctx, &ask{op: "append", value: string(body[:min(len(body),
		maxShown)]), command: body})
	if err == nil {
		place.Pos, _ = binary.Uvarint(b)
	}
	return place, err
}

// Entry implements ClientProtocol. What is committed never changes, so any server that has it may
// give it.
func (c clientHandler) Entry(ctx context.Context, i raft.Index) (Place, []byte, error) {
	if err := c.s.runs("ledger"); err != nil {
		return Place{}, nil, err
	}
	var e raft.Entry
	var held bool
	n := c.s.node
	if !n.do(ctx.Done(), func(raft.Time) { e, held = n.host.Node().Entry(i) }) {
		return Place{}, nil, &Problem{Status: http.StatusServiceUnavailable, Retry: true,
			Text: "the server did not come to it in time", Why: raft.WhyTooMany}
	}
	if !held || e.Kind != raft.EntryCommand {
		st := c.s.Status()
		return Place{}, nil, &Problem{Status: http.StatusNotFound, Leader: st.Leader,
			Text: fmt.Sprintf("index %d of the ledger holds no body here; committed is up to %d",
				i, st.Commit)}
	}
	return Place{Index: e.Index, Term: e.Term, Pos: e.Pos}, e.Data, nil
}

// Call implements ClientProtocol.
func (c clientHandler) Call(ctx context.Context, name string, body []byte) (out []byte, err error) {
	h := c.s.handlers[name]
	if h == nil {
		return nil, &Problem{Status: http.StatusNotFound,
			Text: "no handler is registered under the name " + quote(name)}
	}
	if c.s.refusing.Load() {
		return nil, stopping()
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the handler %s has panicked: %v", quote(name), p)
		}
	}()
	return h(ctx, body)
}

// Metadata implements ClientProtocol.
func (c clientHandler) Metadata() Metadata { return c.s.metadata() }

// runs says that the server runs another machine than the one that is asked for.
func (s *Server) runs(name string) error {
	if has := s.machine.Name(); has != name {
		return &Problem{Status: http.StatusConflict, Text: fmt.Sprintf("this cluster runs "+
			"--machine %s; what you ask for needs one that was started with --machine %s", has,
			name)}
	}
	return nil
}

// Propose puts a command into the log, for a handler or a machine of one's own. It gives the place
// of the committed entry and what the machine answered. The error is a *Problem.
func (s *Server) Propose(ctx context.Context, command []byte) (Place, []byte, error) {
	if len(command) > MaxKey+MaxValue {
		return Place{}, nil, tooLarge("the command", len(command), MaxKey+MaxValue)
	}
	return s.propose(ctx, &ask{op: "propose", command: command})
}

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

// propose waits for what becomes of a request, within the bounds of the server.
func (s *Server) propose(ctx context.Context, a *ask) (Place, []byte, error) {
	if !s.enter() {
		return Place{}, nil, stopping()
	}
	defer s.requests.Done()
	waiting := s.waiting.Add(1)
	defer s.waiting.Add(-1)
	switch {
	case s.Err() != nil:
		return Place{}, nil, &Problem{Status: http.StatusServiceUnavailable, Retry: true,
			Why: raft.WhySaveFailed, Text: "the server has stopped: " + s.Err().Error()}
	case waiting > int64(s.cfg.MaxWaiting):
		return Place{}, nil, refused(raft.WhyTooMany, 0)
	}
	a.reply = make(chan reply, 1)
	begun := time.Now()
	if !s.node.mail.put(letter{kind: letterAsk, ask: a}) {
		return Place{}, nil, stopping()
	}
	select {
	case r := <-a.reply:
		s.meter.append.Observe(time.Since(begun).Seconds())
		return r.place(), r.result, r.problem()
	case <-ctx.Done():
		return Place{}, nil, &Problem{Status: http.StatusGatewayTimeout,
			Outcome: raft.OutcomeUnknown, Leader: s.Status().Leader,
			Text: "the outcome is unknown: no answer came in time, and it may yet happen"}
	}
}

func (r *reply) place() Place { return Place{Index: r.Index, Term: r.Term} }

// problem says why a reply is no success; nil if it is one.
func (r *reply) problem() error {
	switch r.Outcome {
	case raft.OutcomeOK:
		return nil
	case raft.OutcomeRefused:
		return refused(r.Why, r.Leader)
	}
	return &Problem{Status: http.StatusGatewayTimeout, Outcome: raft.OutcomeUnknown, Why: r.Why,
		Leader: r.Leader, Text: "the outcome is unknown: " + r.Why.String() + "; it may yet happen"}
}

// refused is the problem of a request that was not taken and may be made again.
func refused(why raft.Reason, leader raft.NodeID) *Problem {
	text := why.String()
	switch {
	case why == raft.WhyNotLeader && leader == 0:
		text += ", and it knows of no leader"
	case why == raft.WhyNotLeader:
		text += "; " + leader.String() + " does"
	}
	return &Problem{Status: http.StatusServiceUnavailable, Outcome: raft.OutcomeRefused, Why: why,
		Leader: leader, Retry: true, Text: text}
}

func stopping() *Problem { return refused(raft.WhyStopping, 0) }

func tooLarge(what string, is, most int) *Problem {
	return &Problem{Status: http.StatusRequestEntityTooLarge, Why: raft.WhyTooLarge,
		Text: what + " has " + strconv.Itoa(is) + " bytes; at most " + strconv.Itoa(most) +
			" are allowed"}
}
