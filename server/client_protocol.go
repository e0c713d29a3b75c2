package server

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/server/wire"
)

// Place is where a committed entry stands.
type Place struct {
	Index raft.Index
	Term  raft.Term
	Pos   uint64 // of a ledger's body: its byte position
}

// ClientProtocol is what clients, and who administers the cluster, may ask of a server. Its errors
// are *Problem; one of a server that does not lead says who does, and the caller asks there.
type ClientProtocol interface {
	// Do carries out a command on keys and values. A read is linearizable and answered here, from
	// the index that the leader names.
	Do(ctx context.Context, c machine.Command) (Place, machine.Result, error)
	// Append puts a body at the end of the ledger.
	Append(ctx context.Context, body []byte) (Place, error)
	// Entry reads a committed body of the ledger, as this server has it. That there is none is said
	// from the index that the leader names.
	Entry(ctx context.Context, i raft.Index) (Place, []byte, error)
	// Call asks a registered handler.
	Call(ctx context.Context, name string, body []byte) ([]byte, error)
	// Metadata tells who is in the cluster and who leads it, as far as this server knows.
	Metadata() wire.Metadata
	// Transfer hands leadership to a server, or to whoever is best (0), and waits until it leads.
	Transfer(ctx context.Context, to raft.NodeID) (Place, error)
	// Change changes who takes part, and waits until that is committed.
	Change(ctx context.Context, change raft.Change) (Place, error)
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
	a := &ask{kind: raft.InputPropose, op: cmd.Op.String(), key: cmd.Key, value: cmd.Value,
		command: cmd.Encode()}
	ask := c.s.propose
	if cmd.Op == machine.OpGet {
		a.kind, ask = raft.InputRead, c.s.read
	}
	place, b, err := ask(ctx, a)
	if err != nil {
		return place, res, err
	}
	if res, err = machine.DecodeResult(b); err != nil {
		return place, res, fmt.Errorf("reading the machine's result: %w", err)
	}
	if res.Err != "" {
		return place, res, conflict(&cmd, res.Err)
	}
	return place, res, nil
}

// conflict is the problem of a command that the machine does not take. One behind which its session
// has gone on may have been done before, and is not done now.
func conflict(cmd *machine.Command, why string) *Problem {
	p := &Problem{Status: http.StatusConflict, Text: why}
	if cmd.Seq != 0 {
		p.Outcome = raft.OutcomeUnknown
		p.Text = fmt.Sprintf("the session has gone on behind its request %d, which is not done "+
			"now; whether it was done before is not known any more", cmd.Seq)
	}
	return p
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
	place, b, err := c.s.propose(ctx, &ask{kind: raft.InputPropose, op: "append",
		value: string(body[:min(len(body), maxShown)]), command: body})
	if err == nil {
		place.Pos, _ = binary.Uvarint(b)
	}
	return place, err
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
func (c clientHandler) Metadata() wire.Metadata { return c.s.metadata() }

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
	return s.propose(ctx, &ask{kind: raft.InputPropose, op: "propose", command: command})
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
	case why == raft.WhyDoubtful && leader != 0:
		text += "; " + leader.String() + " leads"
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
