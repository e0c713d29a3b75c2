package raft

// Message is one message between two servers: the same type in the core, on the wire, in the trace
// and in the picture. Once formed it is never changed, its body included.
type Message struct {
	// ID is the N of the Sent event, given by the sender's host; {From, FromBoot, ID} names the
	// message everywhere. The core leaves it 0.
	ID       uint64
	Group    GroupID
	From     NodeID
	FromBoot uint32 // the sender's incarnation
	To       NodeID
	ToBoot   uint32 // the addressee's incarnation, as far as a leader knows it; 0 for unknown
	Term     Term   // the sender's current term, also for a pre-vote
	Body     Body

	// Cause is the sender's input that this message follows from. It stays with the sender.
	Cause Ref
}

// Body is what a message says: one of the types below, or OtherBody for what this version does not
// know. Bodies are pointers, shared and never written after they were sent.
type Body interface {
	// Kind tells the type of the body without a type switch.
	Kind() BodyKind
}

// BodyKind numbers the bodies. Values are frozen: wire and recordings hold them.
type BodyKind uint8

// The kinds of body.
const (
	KindRequestVote          BodyKind = 1
	KindRequestVoteReply     BodyKind = 2
	KindAppendEntries        BodyKind = 3
	KindAppendEntriesReply   BodyKind = 4
	KindInstallSnapshot      BodyKind = 5
	KindInstallSnapshotReply BodyKind = 6
	KindTimeoutNow           BodyKind = 7 // leadership transfer (thesis 3.10)
	KindReadIndex            BodyKind = 8 // a follower's read (thesis 6.4)
	KindReadIndexReply       BodyKind = 9
	KindForeign              BodyKind = 200
)

// RequestVote asks for a vote (section 5.2), or with Pre whether a vote would be given (thesis
// 9.6).
type RequestVote struct {
	Pre       bool
	ForTerm   Term // the term that the candidate stands for: its own, or with Pre its own plus one
	LastIndex Index
	LastTerm  Term
	// Transfer says that the leader asked for this election: a voter that has just heard from it
	// need not refuse (thesis 4.2.3).
	Transfer bool
}

// RequestVoteReply answers a RequestVote.
type RequestVoteReply struct {
	Pre     bool
	ForTerm Term // copied from the request: an answer counts for its own campaign only
	Granted bool
	Why     Reason // of a refusal
	// Doubtful says that the voter may have lost what it acknowledged: its vote counts only where
	// every member grants.
	Doubtful bool
}

// AppendEntries replicates entries, and without any is a heartbeat (sections 5.2 and 5.3).
type AppendEntries struct {
	PrevIndex Index
	PrevTerm  Term
	Entries   []Entry
	Commit    Index  // the leader's commit index
	Round     uint64 // the leader's newest round of heartbeats, to be echoed; 0 before the first
	Last      Index  // the last index of the leader's log
}

// Heartbeat reports whether the append carries no entries.
func (a *AppendEntries) Heartbeat() bool { return len(a.Entries) == 0 }

// AppendEntriesReply answers an AppendEntries.
type AppendEntriesReply struct {
	Success bool
	// Match is, on success, the index up to which the follower's saved log is proven equal to the
	// leader's: PrevIndex plus the number of entries.
	Match Index
	// Rejected is, on refusal, the PrevIndex that was refused, and Hint the last place in the
	// follower's log that may agree with the leader's (section 5.3, last part).
	Rejected Index
	Hint     Index
	HintTerm Term
	Why      Reason // of a refusal
	Round    uint64 // of the append that is answered
}

// InstallSnapshot carries one chunk of a snapshot (section 7).
type InstallSnapshot struct {
	Snapshot SnapshotRef
	Offset   uint64
	Data     []byte
	Done     bool // the last chunk
}

// InstallSnapshotReply answers a chunk.
type InstallSnapshotReply struct {
	Snapshot  SnapshotRef
	Next      uint64 // the offset that the follower wants next
	Installed bool   // the whole snapshot, or more, is saved here
}

// TimeoutNow tells a follower to stand for election at once: the leader hands over (thesis 3.10).
type TimeoutNow struct {
	LastIndex Index // of the leader's log, which the follower must have reached exactly
}

// ReadIndex asks the leader for an index that a read must wait for (thesis 6.4).
type ReadIndex struct {
	ID uint64 // the asker's number, which the answer repeats
}

// ReadIndexReply answers a ReadIndex.
type ReadIndexReply struct {
	ID      uint64
	Granted bool
	Index   Index  // to be applied before the read
	Why     Reason // of a refusal
}

// Foreign is a message of another engine, of which only a picture can be drawn.
type Foreign struct {
	Name  string // the engine's own name for it
	Class string // heartbeat, append, vote, preVote, snapshot, reply, other
	Text  string // what it says, in one line
}

// OtherBody keeps a body of a kind that this version does not know, byte for byte.
type OtherBody struct {
	Code BodyKind
	Raw  []byte
}

// Kind implements Body.
func (*RequestVote) Kind() BodyKind { return KindRequestVote }

// Kind implements Body.
func (*RequestVoteReply) Kind() BodyKind { return KindRequestVoteReply }

// Kind implements Body.
func (*AppendEntries) Kind() BodyKind { return KindAppendEntries }

// Kind implements Body.
func (*AppendEntriesReply) Kind() BodyKind { return KindAppendEntriesReply }

// Kind implements Body.
func (*InstallSnapshot) Kind() BodyKind { return KindInstallSnapshot }

// Kind implements Body.
func (*InstallSnapshotReply) Kind() BodyKind { return KindInstallSnapshotReply }

// Kind implements Body.
func (*TimeoutNow) Kind() BodyKind { return KindTimeoutNow }

// Kind implements Body.
func (*ReadIndex) Kind() BodyKind { return KindReadIndex }

// Kind implements Body.
func (*ReadIndexReply) Kind() BodyKind { return KindReadIndexReply }

// Kind implements Body.
func (*Foreign) Kind() BodyKind { return KindForeign }

// Kind implements Body.
func (o *OtherBody) Kind() BodyKind { return o.Code }
