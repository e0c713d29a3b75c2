package machine

import (
	"encoding/binary"
	"errors"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// Ledger is DLedger's machine: the ledger is the log. Bodies stay in the log alone and are read
// from there by index; the machine only counts, and its snapshot holds no bodies.
type Ledger struct {
	first  raft.Index // of the entries that the ledger still has; 1 until retention cuts
	last   raft.Index
	bodies uint64 // how many entries have a body
	pos    uint64 // the byte position behind the last body
}

// NewLedger gives an empty ledger.
func NewLedger() *Ledger { return &Ledger{first: 1} }

// Name implements StateMachine.
func (*Ledger) Name() string { return "ledger" }

// Len gives how many entries with a body were appended.
func (l *Ledger) Len() uint64 { return l.bodies }

// Pos gives the byte position behind the last body.
func (l *Ledger) Pos() uint64 { return l.pos }

// Apply implements StateMachine. The result is the byte position at which the body begins.
func (l *Ledger) Apply(e raft.Entry) []byte {
	l.last, l.pos = e.Index, e.Pos+uint64(len(e.Data))
	if e.Kind != raft.EntryCommand {
		return nil
	}
	l.bodies++
	return binary.AppendUvarint(nil, e.Pos)
}

// Read implements StateMachine. Whatever the query, the result is the first index, the last one and
// the byte position behind the last body.
func (l *Ledger) Read([]byte) []byte {
	b := binary.AppendUvarint(nil, uint64(l.first))
	b = binary.AppendUvarint(b, uint64(l.last))
	return binary.AppendUvarint(b, l.pos)
}

// Snapshot implements StateMachine.
func (l *Ledger) Snapshot() []byte {
	b := []byte("ledger1")
	for _, v := range []uint64{uint64(l.first), uint64(l.last), l.bodies, l.pos} {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

// Restore implements StateMachine.
func (l *Ledger) Restore(b []byte) error {
	r := reader{rest: b}
	if r.raw(7) != "ledger1" {
		return errors.New("restoring the ledger: these bytes are no ledger snapshot")
	}
	fresh := Ledger{first: raft.Index(r.number()), last: raft.Index(r.number()),
		bodies: r.number(), pos: r.number()}
	if r.err != nil || len(r.rest) != 0 {
		return say.Errorf("restoring the ledger: %w", errors.Join(r.err, r.left()))
	}
	*l = fresh
	return nil
}

// Clone implements StateMachine.
func (l *Ledger) Clone() StateMachine {
	c := *l
	return &c
}
