package raft

// Output is what a step asks of its host. Its slices belong to the node until its next step; the
// entries and bodies in them may be kept, as they are never written again.
type Output struct {
	Notes   []Note       // why, in the order of the decisions
	Save    Write        // at most one a step; ID 0 means nothing to save
	Send    []Message    // each may leave at once, in order
	Apply   []Entry      // committed and saved here, in order, each once
	Answers []Answer     // exactly one for each proposal, read, transfer and change
	Install *SnapshotRef // give this saved snapshot to the state machine, then say Installed
	Fetch   []ChunkRef   // read these, then say Chunk
	Wake    Time         // the next moment at which time alone changes something
}

// Reset empties the output and keeps its memory.
func (o *Output) Reset() {
	o.Notes, o.Send, o.Answers, o.Fetch = o.Notes[:0], o.Send[:0], o.Answers[:0], o.Fetch[:0]
	o.Apply, o.Install, o.Wake = nil, nil, 0
	if o.Save.ID != 0 { // most steps save nothing, and it is the largest field
		o.Save = Write{}
	}
}

// Write is what must become durable, all of it or nothing, in the order of its fields. When it is,
// the host says Saved with its ID; writes become durable in the order of their IDs.
type Write struct {
	ID    WriteID
	Cause Ref

	// Term and Vote are always those of the node after the step, and HardState says whether they
	// changed with this write.
	Term      Term
	Vote      NodeID
	HardState bool
	Doubtful  bool // the node's log may have lost what it acknowledged; kept with term and vote

	TruncateFrom Index   // drop this index and all behind it; 0 for none
	Entries      []Entry // append these, after the truncation

	Chunk  *Chunk        // keep this piece of an incoming snapshot (Chunk.To is this node)
	Finish *FinishedSave // the incoming snapshot is complete

	// CompactTo drops the log up to and including this mark; index 0 for none. A snapshot at or
	// above it is durable already.
	CompactTo Mark
}

// FinishedSave makes an incoming snapshot the newest one of the store.
type FinishedSave struct {
	Snapshot SnapshotRef
	// KeepLog says that the log holds the snapshot's last entry, so that what follows it stays
	// (section 7). Without it the whole log goes and begins anew behind the snapshot.
	KeepLog bool
}

// Empty reports whether there is nothing to save.
func (w *Write) Empty() bool {
	return !w.HardState && w.TruncateFrom == 0 && len(w.Entries) == 0 && w.Chunk == nil &&
		w.Finish == nil && w.CompactTo.Index == 0
}

// Outcome is what became of a request.
type Outcome uint8

// The outcomes. Values are frozen.
const (
	OutcomeOK      Outcome = 1 // it is done: committed and applied at the node that answered
	OutcomeRefused Outcome = 2 // it was not taken and will never happen
	OutcomeUnknown Outcome = 3 // it may or may not happen
)

var outcomeNames = [...]string{"none", "ok", "refused", "unknown"}

// String gives ok, refused or unknown.
func (o Outcome) String() string { return outcomeNames[o&3] }

// Answer is the end of a proposal, read, transfer or change.
type Answer struct {
	Ref     Ref // of the input
	Outcome Outcome
	Why     Reason // unless OK
	Leader  NodeID // who leads, as far as this node knows; 0 for nobody
	Index   Index  // where the entry stands, or what a read may rely on; 0 when refused
	Term    Term
}

// Saved state: what a store gives back at a start.

// Image is what a node had saved, and all that New needs to go on from there.
type Image struct {
	Term     Term
	Vote     NodeID
	Base     Mark        // the prefix before the first entry of Entries
	Entries  []Entry     // without gaps from Base.Index+1
	Snapshot SnapshotRef // the newest, at or above Base; the zero ref for none
	// Doubtful says that the store cannot tell whether acknowledged entries are missing at the end.
	Doubtful bool
}

// Last gives the mark of the whole saved log.
func (im *Image) Last() Mark {
	m := im.Base
	for _, e := range im.Entries {
		m = m.After(e)
	}
	return m
}
