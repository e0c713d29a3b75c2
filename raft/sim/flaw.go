package sim

import (
	"encoding/binary"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
)

// Flaw is a bug of what stands around a core, its store or its machine, as real systems had it. The
// museum (package mutant) shows them; a cluster has none unless it is told to.
type Flaw uint8

// The flaws.
const (
	NoFlaw          Flaw = iota
	ResetsLogEarly       // the log begins anew before the snapshot that replaces it is durable
	CompactsEarly        // the log is cut behind a snapshot that is not durable yet
	AnyTailIsTorn        // a last batch that cannot be read was never acknowledged, it believes
	RetriesSync          // when a write has failed it tries again, and takes silence for success
	ForgetsSessions      // the snapshot of the machine lacks who asked for what last
	SkipsEntry           // behind a restart an entry is taken for applied that the machine lacks
	EndsAtDamage         // what cannot be read in the middle of a log is taken for its end
)

var flawNames = [...]string{"NoFlaw", "ResetsLogEarly", "CompactsEarly", "AnyTailIsTorn",
	"RetriesSync", "ForgetsSessions", "SkipsEntry", "EndsAtDamage"}

// String gives the flaw's name.
func (f Flaw) String() string {
	if int(f) < len(flawNames) {
		return flawNames[f]
	}
	return "unknown"
}

// slowSnapshot is how many times as long as a write the file of a snapshot takes, where a flaw does
// not wait for it.
const slowSnapshot = 10

// machine gives the machine as a flaw has it.
func (f Flaw) machine(m machine.StateMachine) machine.StateMachine {
	if f == ForgetsSessions && m.Name() == "kv" || f == SkipsEntry {
		return &flawed{StateMachine: m, flaw: f}
	}
	return m
}

// flawed is a key-value machine whose snapshots hold no sessions, or one whose applied index is
// kept apart from its state, and is ahead of that by one when it comes back.
type flawed struct {
	machine.StateMachine
	flaw Flaw
	skip bool
}

// Restore implements machine.StateMachine.
func (f *flawed) Restore(snapshot []byte) error {
	f.skip = f.flaw == SkipsEntry
	return f.StateMachine.Restore(snapshot)
}

// Apply implements machine.StateMachine.
func (f *flawed) Apply(e raft.Entry) []byte {
	if f.skip {
		f.skip = false
		return f.Read(e.Data) // it changes nothing
	}
	return f.StateMachine.Apply(e)
}

// Snapshot implements machine.StateMachine.
func (f *flawed) Snapshot() []byte {
	b := f.StateMachine.Snapshot()
	if f.flaw != ForgetsSessions {
		return b
	}
	rest := b[len("kv1"):]
	number := func() uint64 {
		v, n := binary.Uvarint(rest)
		rest = rest[n:]
		return v
	}
	number() // what was applied
	for range 2 * number() {
		rest = rest[number():]
	}
	return binary.AppendUvarint(b[:len(b)-len(rest):len(b)-len(rest)], 0)
}

// Clone implements machine.StateMachine.
func (f *flawed) Clone() machine.StateMachine {
	c := *f
	c.StateMachine = f.StateMachine.Clone()
	return &c
}

// resetEarly begins the log anew although the snapshot is still on its way to the disk.
func (d *disk) resetEarly(w *raft.Write) {
	if f := w.Finish; f != nil && !f.KeepLog {
		d.image.Entries, d.image.Base = nil, f.Snapshot.Mark
	}
}

// skip loses the writes up to one: the pages were dropped when the first sync failed.
func (d *disk) skip(id raft.WriteID) {
	for len(d.pending) > 0 && d.pending[0].ID <= id {
		d.pending = d.pending[1:]
	}
}

// endAtDamage reads a log that is damaged in its middle up to there.
func (d *disk) endAtDamage() {
	im := &d.image
	k := len(im.Entries) / 2
	im.Entries = im.Entries[:k:k]
	d.replay()
}

// replay reads a log with holes as a start does: it ends at the first.
func (d *disk) replay() {
	im := &d.image
	prev := im.Base
	for k := range im.Entries {
		e := &im.Entries[k]
		if e.Index != prev.Index+1 || e.Term < prev.Term || e.Term > im.Term {
			im.Entries = im.Entries[:k:k]
			break
		}
		prev = raft.Mark{Index: e.Index, Term: e.Term}
	}
	if s := im.Snapshot; termAt(im, s.Index) != s.Term {
		im.Base, im.Entries = s.Mark, nil
	}
}
