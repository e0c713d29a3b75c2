package raft

import "strconv"

// NodeID names a server within its cluster, from 1, and is never reused. 0 is nobody.
// It is shown as S1, S2, ...
type NodeID uint32

// FirstOutsider is the lowest id of those who take part in a trace and are no servers: the network,
// clients, the supervisor, the checker, the hubs. It is 2^32-256.
const FirstOutsider NodeID = 1<<32 - 256

// String gives S1 for 1, and "nobody" for 0.
func (id NodeID) String() string {
	switch {
	case id == 0:
		return "nobody"
	case id >= FirstOutsider:
		return "outsider " + strconv.Itoa(int(id-FirstOutsider))
	}
	return "S" + strconv.Itoa(int(id))
}

// Uint64 gives the id's number for texts; it makes NodeID a say.Number, as the like of it does
// Term, Index and WriteID.
func (id NodeID) Uint64() uint64 { return uint64(id) }

// GroupID names one Raft group. In the real world it is derived from the cluster's UUID, in a
// simulation from the seed.
type GroupID uint64

// Term is the paper's logical clock (section 5.1). The first election makes term 1.
type Term uint64

// Uint64 gives the term for texts.
func (t Term) Uint64() uint64 { return uint64(t) }

// Index is a place in the log, from 1. 0 is the empty prefix.
type Index uint64

// Uint64 gives the index for texts.
func (i Index) Uint64() uint64 { return uint64(i) }

// Time is a moment, or a span between two moments, in microseconds. What a moment counts from is
// the host's affair: the core only compares and adds.
type Time int64

// Spans of Time.
const (
	Microsecond Time = 1
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
)

// Ref is what the host calls an input by: the N of the event that recorded it, or 0 for none.
// The core copies it to every note, message, answer and write that follows from that input.
type Ref uint64

// WriteID numbers the writes of one incarnation of a node, from 1; it only grows.
type WriteID uint64

// Uint64 gives the number of the write for texts.
func (id WriteID) Uint64() uint64 { return uint64(id) }

// Digest is a rolling hash of a log up to an index: equal digests at equal indexes mean equal logs.
type Digest uint64

// EntryKind says what an entry is for. Values are frozen: logs and recordings hold them.
type EntryKind uint8

// The kinds of entry.
const (
	EntryCommand EntryKind = 0 // a command for the state machine
	EntryNoop    EntryKind = 1 // a leader's first entry, empty (thesis 6.4)
	EntryConfig  EntryKind = 2 // a configuration, Packed (section 6)
)

// Entry is one slot of the log. An entry that was handed out is never written again.
type Entry struct {
	Index Index
	Term  Term
	Kind  EntryKind
	// Pos is the byte position of the entry's body in the sequence of all bodies: the previous
	// entry's Pos plus the size of its body.
	Pos  uint64
	Data []byte
}

// Mark is the end of a prefix of a log: everything up to and including Index, in one small value.
// The zero Mark is the empty prefix.
type Mark struct {
	Index  Index
	Term   Term
	Pos    uint64 // the position at which the next body begins
	Digest Digest
}

// After gives the mark of the prefix that m and then e make.
func (m Mark) After(e Entry) Mark {
	return Mark{Index: e.Index, Term: e.Term, Pos: e.Pos + uint64(len(e.Data)),
		Digest: m.Digest.Append(e.Term, e.Kind, e.Data)}
}

// SnapshotRef names a snapshot: the prefix that it stands for, its size in bytes, the CRC-32C of
// its bytes, and the configuration as of its last entry (section 7). Two nodes that snapshot the
// same prefix of a deterministic machine have equal refs.
type SnapshotRef struct {
	Mark
	Size   uint64
	CRC    uint32
	Config Packed
}

// Role is what a server is in its term (section 5.1, thesis 9.6 for the pre-candidate).
type Role uint8

// The roles. Values are frozen.
const (
	Follower     Role = 0
	PreCandidate Role = 1
	Candidate    Role = 2
	Leader       Role = 3
	Learner      Role = 4 // follows, has no vote (thesis 4.2.1)
)

var roleNames = [...]string{"follower", "preCandidate", "candidate", "leader", "learner"}

// String gives the role as the page's API writes it.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return "role " + strconv.Itoa(int(r))
}

// ProgressState is what a leader is doing for one follower.
type ProgressState uint8

// The states of progress. Values are frozen.
const (
	Probe     ProgressState = 0 // looking for where the logs agree, one append at a time
	Replicate ProgressState = 1 // the logs agree up to match; entries are streamed
	Snapshot  ProgressState = 2 // what it needs is compacted; a snapshot is on its way
)

var progressNames = [...]string{"probe", "replicate", "snapshot"}

// String gives the state's name.
func (s ProgressState) String() string {
	if int(s) < len(progressNames) {
		return progressNames[s]
	}
	return "progress " + strconv.Itoa(int(s))
}
