// Package trace is the one border between what happens and who watches: the events that every
// source speaks, the commands that it takes, the state of a key frame, and their encodings.
//
// The core says why (raft.Note, in Decided); the host and the network say what was done; a viewer's
// state is a fold over these events and over nothing else (package world).
package trace

import "github.com/raftarium/raftarium/raft"

// Those who take part in a trace and are no servers.
const (
	Network    = raft.FirstOutsider     // the links, the model disks, the clocks
	Supervisor = raft.FirstOutsider + 1 // starts, kills and pauses nodes
	Checker    = raft.FirstOutsider + 2 // judges (package check)
	Clients    = raft.FirstOutsider + 3 // the clients of a simulation, all of them
	FirstHub   = raft.FirstOutsider + 16
)

// EventID names an event: who saw it, in which incarnation, and its number there, from 1.
// The zero EventID is no event.
type EventID struct {
	Node raft.NodeID
	Boot uint32
	N    uint64
}

// None reports whether the id names no event.
func (id EventID) None() bool { return id == EventID{} }

// How says how a source came to know an event.
type How uint8

// The ways of knowing. Values are frozen.
const (
	Exact    How = 0 // it was there
	Sampled  How = 1 // it happened between two looks
	Inferred How = 2 // it must have happened, as something else did
)

// Event is one thing that happened.
type Event struct {
	ID    EventID
	Cause EventID   // the event it follows from; none when time alone did it
	At    raft.Time // since the start of the run
	How   How
	Body  Body
}

// Body says what happened: one of the value types of this package.
type Body interface {
	Kind() Kind
}

// Kind numbers the bodies of events. Values are frozen: recordings hold them.
type Kind uint8

// The kinds of event.
const (
	KindDecided     Kind = 1
	KindStarted     Kind = 2
	KindCrashed     Kind = 3
	KindPaused      Kind = 4
	KindResumed     Kind = 5
	KindStopped     Kind = 6
	KindSaved       Kind = 7
	KindSaveFailed  Kind = 8
	KindApplied     Kind = 9
	KindLoaded      Kind = 10
	KindSent        Kind = 11
	KindDelivered   Kind = 12
	KindDropped     Kind = 13
	KindDuplicated  Kind = 14
	KindRescheduled Kind = 15
	KindFlow        Kind = 16
	KindInvoked     Kind = 17
	KindRequested   Kind = 18
	KindAnswered    Kind = 19
	KindReturned    Kind = 20
	KindLinkSet     Kind = 21
	KindAccepted    Kind = 23
	KindRefused     Kind = 24
	KindViolation   Kind = 25
	KindCaption     Kind = 26
	KindKeyFrame    Kind = 27
	KindMissed      Kind = 28
	KindSilent      Kind = 31
	KindDiskSet     Kind = 32
	KindClockSet    Kind = 33
)

// InRun reports whether events of this kind are part of the run: counted and hashed. The others lie
// beside it, so that watching, judging and asking never change a run.
func (k Kind) InRun() bool {
	switch k {
	case KindFlow, KindAccepted, KindRefused, KindViolation, KindCaption, KindKeyFrame, KindMissed,
		KindSilent:
		return false
	}
	return k <= KindLinkSet || k == KindDiskSet || k == KindClockSet
}

// Decided is a decision of the core, unchanged.
type Decided struct{ Note raft.Note }

// Started is the first event of an incarnation, with all that the node had saved.
type Started struct {
	Restart  bool   // it has run before
	Store    string // file or memory
	Machine  string // kv or ledger
	Members  []raft.NodeID
	Term     raft.Term
	Vote     raft.NodeID
	Base     raft.Mark
	Runs     []Run // the saved log
	Snapshot raft.SnapshotRef
}

// Crashed says that Node stopped without a word. Losing says how many of its writes were lost.
type Crashed struct {
	Node   raft.NodeID
	Why    string // killed, died, broken
	Stays  bool   // it stays down until somebody restarts it
	Losing uint32
}

// Paused says that Node stands still: it keeps all and does nothing.
type Paused struct{ Node raft.NodeID }

// Resumed ends a pause.
type Resumed struct{ Node raft.NodeID }

// Stopped is the last event of a graceful shutdown.
type Stopped struct{}

// Saved says that all writes up to Write are durable, and what is saved since: term, vote, the log
// up to Last.
type Saved struct {
	Write raft.WriteID
	Term  raft.Term
	Vote  raft.NodeID
	Last  raft.Mark
}

// SaveFailed says that a write failed.
type SaveFailed struct {
	Write raft.WriteID
	Err   string
}

// Applied says that the state machine has applied From to To.
type Applied struct {
	From, To raft.Index
	// CRC is that of its snapshot behind To (raft.SnapshotRef), where one is begun there; else 0.
	// Machines that have applied the same log have the same.
	CRC uint32
}

// Loaded says that the state machine's state is now that of the snapshot.
type Loaded struct{ Snapshot raft.SnapshotRef }

// Sent says that a message left. In it entries are cut to index, term, kind and position and
// snapshot chunks to nothing; Bytes is what was cut away. The event's N is the message's ID.
type Sent struct {
	Message raft.Message
	Bytes   uint32
	Due     raft.Time // when the carrier plans to deliver it; 0 when not known
}

// Delivered says that a message was taken by its addressee. Msg is its Sent; Copy counts the
// duplicates, 0 for the original.
type Delivered struct {
	Msg  EventID
	Copy uint32
}

// Dropped says that a message died.
type Dropped struct {
	Msg  EventID
	Copy uint32
	Why  DropWhy
}

// DropWhy says why a message died.
type DropWhy uint8

// The reasons for a drop. Values are frozen.
const (
	DropLoss   DropWhy = 1 // the link lost it
	DropCut    DropWhy = 2 // the link is cut
	DropDown   DropWhy = 3 // the addressee is down
	DropPerson DropWhy = 4 // somebody dropped it by hand
	DropFull   DropWhy = 5 // a queue was full
	DropClosed DropWhy = 6 // the connection was lost
)

var dropNames = [...]string{"", "lost", "cut", "down", "by hand", "queue full", "connection lost"}

// String gives the reason in a word or two.
func (w DropWhy) String() string {
	if int(w) < len(dropNames) {
		return dropNames[w]
	}
	return "unknown"
}

// Duplicated says that a copy of a message is on its way too.
type Duplicated struct {
	Msg  EventID
	Copy uint32
	Due  raft.Time
}

// Rescheduled says that a message's plan changed.
type Rescheduled struct {
	Msg  EventID
	Copy uint32
	Due  raft.Time
}

// Flow stands for many messages of one class on one link, sent and received, that were not told
// one by one.
type Flow struct {
	From, To raft.NodeID
	Class    Class
	Count    uint32
	Bytes    uint64
}

// Invoked says that a client sent a request to Node. The event's id is the request's id.
type Invoked struct {
	Client uint32 // which of the clients, from 1
	Node   raft.NodeID
	Op     string // put, get, delete, append, ...
	Key    string
	Value  string
	Due    raft.Time // when it is planned to arrive; 0 when not known
}

// Requested says that a node took a client's request.
type Requested struct {
	Request EventID // its Invoked, or this event itself when nobody saw the client
	Op      string
	Key     string
	Value   string
}

// Answered says what a node answered to a request.
type Answered struct {
	Request EventID
	Outcome raft.Outcome
	Why     raft.Reason
	Leader  raft.NodeID
	Index   raft.Index
	Term    raft.Term
	Due     raft.Time
}

// Returned says what a client learned. Retry says that the client will ask again.
type Returned struct {
	Request EventID
	Client  uint32
	Outcome raft.Outcome
	Why     raft.Reason
	Index   raft.Index
	Term    raft.Term
	Value   string // what was read
	Retry   bool
}

// LinkSet says how one direction of a link is from now on.
type LinkSet struct {
	From, To raft.NodeID
	Link     Link
}

// Link is what one direction of a link does to messages. The zero Link is a perfect one without
// delay.
type Link struct {
	Cut       bool
	Delay     raft.Time // at least
	Jitter    raft.Time // and up to this much more
	Loss      uint32    // parts per million
	Duplicate uint32    // parts per million
	Reorder   uint32    // parts per million that take up to three times the delay
	Clog      bool      // messages are held, and go on together when it is cleared
}

// Accepted answers a command that was taken. It stands where the command took effect.
type Accepted struct{ Command uint64 }

// Refused answers a command that was not taken.
type Refused struct {
	Command uint64
	Why     string // a sentence for people
}

// Violation says that a property of Raft does not hold.
type Violation struct {
	Check    string // the property's name: electionSafety, ...
	Section  string // of the paper
	Text     string // what happened, in one sentence
	Evidence []EventID
	Nodes    []raft.NodeID
}

// Caption is a sentence for people.
type Caption struct{ Text string }

// KeyFrame carries the whole state at its moment.
type KeyFrame struct {
	State  *State
	Bodies []raft.Entry // newest first, up to 1 MB
}

// Missed says that Count events are not told here. What they changed is unknown until the next key
// frame.
type Missed struct {
	Count uint64
	Why   string
}

// Silent says that nothing is heard of Node any more; nobody knows whether it lives.
type Silent struct{ Node raft.NodeID }

// Other keeps an event of a kind, or with a tail, that this version does not know, byte for byte.
type Other struct {
	Code Kind
	Raw  []byte
}

// Kind implements Body.
func (Decided) Kind() Kind { return KindDecided }

// Kind implements Body.
func (Started) Kind() Kind { return KindStarted }

// Kind implements Body.
func (Crashed) Kind() Kind { return KindCrashed }

// Kind implements Body.
func (Paused) Kind() Kind { return KindPaused }

// Kind implements Body.
func (Resumed) Kind() Kind { return KindResumed }

// Kind implements Body.
func (Stopped) Kind() Kind { return KindStopped }

// Kind implements Body.
func (Saved) Kind() Kind { return KindSaved }

// Kind implements Body.
func (SaveFailed) Kind() Kind { return KindSaveFailed }

// Kind implements Body.
func (Applied) Kind() Kind { return KindApplied }

// Kind implements Body.
func (Loaded) Kind() Kind { return KindLoaded }

// Kind implements Body.
func (Sent) Kind() Kind { return KindSent }

// Kind implements Body.
func (Delivered) Kind() Kind { return KindDelivered }

// Kind implements Body.
func (Dropped) Kind() Kind { return KindDropped }

// Kind implements Body.
func (Duplicated) Kind() Kind { return KindDuplicated }

// Kind implements Body.
func (Rescheduled) Kind() Kind { return KindRescheduled }

// Kind implements Body.
func (Flow) Kind() Kind { return KindFlow }

// Kind implements Body.
func (Invoked) Kind() Kind { return KindInvoked }

// Kind implements Body.
func (Requested) Kind() Kind { return KindRequested }

// Kind implements Body.
func (Answered) Kind() Kind { return KindAnswered }

// Kind implements Body.
func (Returned) Kind() Kind { return KindReturned }

// Kind implements Body.
func (LinkSet) Kind() Kind { return KindLinkSet }

// Kind implements Body.
func (Accepted) Kind() Kind { return KindAccepted }

// Kind implements Body.
func (Refused) Kind() Kind { return KindRefused }

// Kind implements Body.
func (Violation) Kind() Kind { return KindViolation }

// Kind implements Body.
func (Caption) Kind() Kind { return KindCaption }

// Kind implements Body.
func (KeyFrame) Kind() Kind { return KindKeyFrame }

// Kind implements Body.
func (Missed) Kind() Kind { return KindMissed }

// Kind implements Body.
func (Silent) Kind() Kind { return KindSilent }

// Kind implements Body.
func (DiskSet) Kind() Kind { return KindDiskSet }

// Kind implements Body.
func (ClockSet) Kind() Kind { return KindClockSet }

// Kind implements Body.
func (o Other) Kind() Kind { return o.Code }
