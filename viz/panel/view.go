package panel

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// View is all that the page shows beside the picture. The names of its JSON form are the page's
// contract; Append writes it. Times are in microseconds.
type View struct {
	Source     Source
	Time       Clock
	Summary    string // one sentence for the live region of screen readers
	Checks     Checks
	Nodes      []Node
	Group      Group
	Links      []trace.LinkState
	Violations []Violation
	Why        Why
	Log        Logs
	Events     Events
	Lanes      Lanes
	Sides      []Side
	Reads      []Read
	Answers    []Answer
	Branches   []Branch
}

// Source says what is watched.
type Source struct {
	Kind      trace.SourceKind
	Title     string
	URI       string
	Engine    string
	Seed      string
	Store     string
	Machine   string
	Caps      trace.Caps
	Why       string // why one may only watch, if so
	Connected bool
	Retrying  bool   // it is lost and is being looked for
	Error     string // why there is no source, or no longer one
}

// Clock says where the play-head stands and how it moves.
type Clock struct {
	At, Edge, Start raft.Time
	Live            bool // the play-head is at the edge
	Playing         bool
	Speed           float64 // 1 is real time
	Auto            bool    // the speed goes by what happens
	Lag             raft.Time
	Events          uint64
	Hash            uint64
	Hashed          bool // Hash is one that another run of the seed will have too
	Goal            raft.Time
	Seeking         bool // on the way to Goal
	Frozen          bool // it stands for as long as the pointer is over something
}

// Checks says what is judged and how it stands.
type Checks struct {
	Holds int
	List  []Check
}

// Check is one property of Raft.
type Check struct {
	Name    string
	Section string
	Text    string
	Status  Status
	Broken  string // what happened, if it is broken
}

// Status is how a property stands.
type Status uint8

// The standings.
const (
	Holds Status = iota
	Broken
	NotObservable // what it speaks about cannot be seen in this source
)

var statusNames = [...]string{"holds", "broken", "notObservable"}

// String gives the standing as the page's contract writes it.
func (s Status) String() string { return statusNames[s%3] }

// Node is one server, with the place of its picture in CSS pixels.
type Node struct {
	ID            raft.NodeID
	Name          string
	Role          raft.Role
	Term          raft.Term
	VotedFor      raft.NodeID
	CommitIndex   raft.Index
	LastApplied   raft.Index
	LastIndex     raft.Index
	SnapshotIndex raft.Index
	Alive         bool
	Paused        bool
	Known         bool
	Stays         bool
	Store         string
	Down          string
	Caption       string
	CanRestart    bool
	WhyNot        string
	Config        raft.Configuration // in force there
	GroupText     string             // that in words, where it is not the cluster's
	Member        bool
	Gone          bool // it is no member any more and down: only the past tells of it
	Doubtful      bool // its log may have lost what it acknowledged
	Disk          trace.Disk
	Clock         trace.NodeClock
	HandsTo       raft.NodeID
	Selected      bool
	X, Y, R       float32
}

// Violation is a property that was broken.
type Violation struct {
	Check, Text, Section string
	At                   raft.Time
}

// Why is the sentence that names the reason and the section.
type Why struct{ Title, Text, Section string }

// Logs is a window of the logs, side by side.
type Logs struct {
	From, To, Last raft.Index
	Rows           []LogRow
	Commit         raft.Index // the highest
	CommitText     string
	Foot           string // who is behind it
	Minimap        []Stretch
	Fixed          bool // the window does not follow the commit index
}

// LogRow is one node's part of the window.
type LogRow struct {
	ID           raft.NodeID
	Leader       bool
	Base         raft.Index // up to here the log is cut
	Snapshot     raft.Index
	SnapshotTerm raft.Term
	Cells        []Cell
}

// Cell is one entry.
type Cell struct {
	Index raft.Index
	Term  raft.Term
	Label string
	Marks Mark
}

// Mark is what is to be said of an entry in one log.
type Mark uint8

// The marks of an entry.
const (
	Committed Mark = 1 << iota
	Applied
	Noop
	Saved
)

// Stretch is a part of a log with one term.
type Stretch struct {
	From, To raft.Index
	Term     raft.Term
}

// Events is the end of the list of what happened, up to the play-head, oldest first.
type Events struct {
	From uint64
	Rows []Row
}

// Row is one event in words.
type Row struct {
	K       uint64 // its ordinal in the timeline
	At      raft.Time
	Icon    string
	Node    raft.NodeID
	Name    string
	Text    string
	Section string
	Also    string // the other nodes that said or did the same then
	Current bool
}

// Lanes is the timeline: a lane for each node.
type Lanes struct {
	From, To raft.Time
	Nodes    []Lane
	Faults   []Fault
	Marks    []Flag
}

// Lane is the history of one node.
type Lane struct {
	ID    raft.NodeID
	Spans []Span
}

// Span is a time in which a node was the same. To is -1 while it still is.
type Span struct {
	From, To raft.Time
	Term     raft.Term
	Kind     SpanKind
}

// SpanKind is what a node was during a span.
type SpanKind uint8

// The kinds of span. Values are the page's contract.
const (
	SpanFollower  SpanKind = 0
	SpanLeader    SpanKind = 1
	SpanCandidate SpanKind = 2
	SpanDown      SpanKind = 3
	SpanPaused    SpanKind = 4
	SpanUnknown   SpanKind = 5
)

// Fault is a time in which something was broken on purpose. To is -1 while it still is.
type Fault struct {
	From, To raft.Time
	Name     string
}

// Flag is a moment worth finding again.
type Flag struct {
	At   raft.Time
	Name string
}

// Side is a group of nodes that can talk to one another but not to the others.
type Side struct {
	Nodes   []raft.NodeID
	Up, Of  int
	Can     bool // it has a quorum
	Text    string
	Verdict string
}

// Answer is the end of an intent.
type Answer struct {
	Ticket   uint64
	Accepted bool
	Why      string
	Link     string
}

// Branch is a run, or one that began as it did and went on differently.
type Branch struct {
	Name string
	What string    // was done first in a branch
	At   raft.Time // where it begins
	On   bool      // it is what is shown
}
