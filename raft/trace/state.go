package trace

import "github.com/raftarium/raftarium/raft"

// State is all that can be known of a cluster at a moment: what the fold of package world makes of
// the events, and what a key frame carries. It holds no maps, so that it can be copied and encoded
// in one order.
type State struct {
	At       raft.Time
	Events   uint64      // events of the run so far
	Hash     uint64      // rolling hash of them
	Nodes    []NodeState // by ID
	Links    []LinkState // those that were ever set, by From and To
	Flights  []Flight    // messages on their way, in the order of sending
	Requests []Request   // client requests that are open, and those answered in the last second
	// Broken holds the violations so far, the first 16 of them.
	Broken []Violation
	// Missed is how many events this state does not know of.
	Missed uint64
	// Odd is how many events were not understood.
	Odd uint64
}

// NodeState is one server.
type NodeState struct {
	ID      raft.NodeID
	Boot    uint32
	Known   bool // false: fog; nothing below is to be believed until a key frame or a start
	Alive   bool
	Paused  bool
	Silent  bool   // nothing is heard of it; nobody knows whether it lives
	Stays   bool   // it was killed and stays down until it is restarted by hand
	Down    string // why it is down: killed, died, broken, stopped
	Store   string
	Machine string
	Members []raft.NodeID // the voters that the group began with

	Role    raft.Role
	Term    raft.Term
	Vote    raft.NodeID
	Leader  raft.NodeID // whom it follows in Term; 0 for nobody
	Commit  raft.Index
	Applied raft.Index
	Pre     bool // the tally is of pre-votes

	Log      Log
	Snapshot raft.SnapshotRef
	Incoming Transfer // a snapshot that it receives
	// Saved is what is durable.
	SavedTerm raft.Term
	SavedVote raft.NodeID
	SavedLast raft.Mark

	// Deadline is when it will stand for election, DeadlineFrom when that was set; 0 for none.
	Deadline     raft.Time
	DeadlineFrom raft.Time

	Tally    []Ballot   // of a candidate or pre-candidate
	Progress []Progress // of a leader, by Peer
	Since    raft.Time  // when its role last changed
	LastN    uint64     // the N of the last event of its incarnation

	// Config is the configuration in force at the node, and ConfigIndex the entry that made it;
	// empty and 0 for the one that the group began with, Members.
	Config      raft.Packed
	ConfigIndex raft.Index
	HandsTo     raft.NodeID // a leader hands over to it; 0 for nobody
	Doubtful    bool        // its log may have lost what it acknowledged

	Disk  Disk      // how its disk works
	Clock NodeClock // and its clock
}

// Configuration gives the configuration in force at a node, as far as it is known.
func (n *NodeState) Configuration() raft.Configuration {
	if c, err := n.Config.Unpack(); err == nil {
		return c
	}
	return raft.Configuration{Voters: n.Members}
}

// Log is a node's log as runs of one term, from Base.Index+1 without gaps.
type Log struct {
	Base raft.Mark
	Runs []Run
}

// Run is a stretch of a log whose entries have one term. Digest and Pos are those of the log up to
// To, as in a raft.Mark.
type Run struct {
	From, To raft.Index
	Term     raft.Term
	Digest   raft.Digest
	Pos      uint64
}

// Transfer is a snapshot on its way into a node.
type Transfer struct {
	From   raft.NodeID
	Index  raft.Index
	Term   raft.Term
	Offset uint64
	Size   uint64
}

// Ballot is what one server said to a candidate.
type Ballot struct {
	Peer    raft.NodeID
	Granted bool
	Why     raft.Reason
}

// Progress is what a leader knows of a follower.
type Progress struct {
	Peer  raft.NodeID
	State raft.ProgressState
	Match raft.Index
	Next  raft.Index
	// Offset of Size bytes of the snapshot at Index are acknowledged.
	Index  raft.Index
	Offset uint64
	Size   uint64
}

// LinkState is one direction of a link.
type LinkState struct {
	From, To raft.NodeID
	Link     Link
}

// Flight is a message on its way, its entries cut as in Sent.
type Flight struct {
	Msg     EventID
	Copy    uint32
	Message raft.Message
	Bytes   uint32
	SentAt  raft.Time
	Due     raft.Time // 0 when not known
	// Fate and FateAt are set while a flight that has ended is still shown: for a second.
	Fate   Fate
	Why    DropWhy
	FateAt raft.Time
}

// Fate is what became of a flight.
type Fate uint8

// The fates. Values are frozen.
const (
	Flying  Fate = 0
	Arrived Fate = 1
	Died    Fate = 2
)

// Request is a client's request.
type Request struct {
	ID      EventID
	Client  uint32
	Node    raft.NodeID
	Op      string
	Key     string
	Value   string
	At      raft.Time // when it was made
	Due     raft.Time // when it arrives at the node; 0 when not known
	Taken   bool      // the node has it
	Index   raft.Index
	Outcome raft.Outcome // 0 while it is open
	Why     raft.Reason
	EndAt   raft.Time // when it was answered
}

// Last gives the mark of the log's end.
func (l *Log) Last() raft.Mark {
	if len(l.Runs) == 0 {
		return l.Base
	}
	r := l.Runs[len(l.Runs)-1]
	return raft.Mark{Index: r.To, Term: r.Term, Pos: r.Pos, Digest: r.Digest}
}

// TermAt gives the term of the entry at i; false if the log does not hold it. The base counts as
// held.
func (l *Log) TermAt(i raft.Index) (raft.Term, bool) {
	if i == l.Base.Index {
		return l.Base.Term, true
	}
	lo, hi := 0, len(l.Runs)
	for lo < hi {
		if mid := (lo + hi) / 2; l.Runs[mid].To < i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(l.Runs) || i < l.Runs[lo].From {
		return 0, false
	}
	return l.Runs[lo].Term, true
}

// Node finds a server; nil if the state has none of that id.
func (s *State) Node(id raft.NodeID) *NodeState {
	for i := range s.Nodes {
		if s.Nodes[i].ID == id {
			return &s.Nodes[i]
		}
	}
	return nil
}

// Link gives one direction of a link; the zero Link if it was never set.
func (s *State) Link(from, to raft.NodeID) Link {
	for i := range s.Links {
		if s.Links[i].From == from && s.Links[i].To == to {
			return s.Links[i].Link
		}
	}
	return Link{}
}

// Clone copies a state so that the two share nothing that either may change.
func (s *State) Clone() *State {
	c := *s
	c.Nodes = append([]NodeState(nil), s.Nodes...)
	for i := range c.Nodes {
		n := &c.Nodes[i]
		n.Log.Runs = append([]Run(nil), n.Log.Runs...)
		n.Tally = append([]Ballot(nil), n.Tally...)
		n.Progress = append([]Progress(nil), n.Progress...)
	}
	c.Links = append([]LinkState(nil), s.Links...)
	c.Flights = append([]Flight(nil), s.Flights...)
	c.Requests = append([]Request(nil), s.Requests...)
	c.Broken = append([]Violation(nil), s.Broken...)
	return &c
}
