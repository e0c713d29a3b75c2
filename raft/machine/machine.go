// Package machine holds what a group of servers is for: the replicated state machines (section 2).
package machine

import (
	"errors"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// StateMachine turns committed entries into state. It is deterministic: the same entries in the
// same order give the same state, the same results and the same snapshot bytes on every server.
type StateMachine interface {
	// Name is the name by which the command line and a snapshot know the machine: kv or ledger.
	Name() string
	// Apply takes the next committed entry and gives the result for whoever asked for it. It takes
	// every entry: a command that it cannot read changes nothing and gives a result that says so.
	Apply(e raft.Entry) []byte
	// Read answers a query from the state as it is, and changes nothing. What it cannot read
	// gives a result that says so.
	Read(query []byte) []byte
	// Snapshot gives the whole state as bytes.
	Snapshot() []byte
	// Restore replaces the state by that of a snapshot. On an error the state is unchanged.
	Restore(snapshot []byte) error
	// Clone copies the machine; the copy goes on by itself.
	Clone() StateMachine
}

// ErrUnknown says that no machine has the name.
var ErrUnknown = errors.New("unknown state machine")

// New gives an empty machine by its name, kv or ledger.
func New(name string) (StateMachine, error) {
	switch name {
	case "kv":
		return NewKV(), nil
	case "ledger":
		return NewLedger(), nil
	}
	return nil, say.Errorf("%w %q: there are kv and ledger", ErrUnknown, name)
}
