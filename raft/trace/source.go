package trace

import "github.com/raftarium/raftarium/raft"

// The version of the forms. A newer minor is read, with what is not known kept; a newer major is
// refused.
const (
	Major = 1
	Minor = 0
)

// Clock says who moves a source's time.
type Clock uint8

// The clocks. Values are frozen.
const (
	Driven  Clock = 0 // it stands still until it is asked to advance (a simulation, a recording)
	Running Clock = 1 // it runs by itself (a live cluster)
)

// SourceKind says what a source is, for people; what it can do is in Caps.
type SourceKind uint8

// The kinds of source. Values are frozen.
const (
	Simulation SourceKind = 0
	Live       SourceKind = 1
	Recording  SourceKind = 2
)

var sourceNames = [...]string{"simulation", "live", "recording"}

// String gives the kind's name as the page's API writes it.
func (k SourceKind) String() string {
	if int(k) < len(sourceNames) {
		return sourceNames[k]
	}
	return "unknown"
}

// Caps is what a source can do.
type Caps uint32

// The powers of a source.
const (
	CanKill      Caps = 1 << iota // kill and restart nodes
	CanPause                      // pause and resume nodes
	CanCut                        // cut and heal links, partitions
	CanLink                       // give a link delay, loss, ...
	CanPropose                    // write
	CanCampaign                   // make a node stand for election
	CanFork                       // go on differently from a place in the past
	CanShare                      // say a run as a link
	Hashed                        // the run has a rolling hash: same seed, same hash
	KnowsFlights                  // Sent says when a message will arrive
)

// Member is a server of the cluster.
type Member struct {
	ID       raft.NodeID
	Name     string
	Address  string   // where a viewer can attach; empty in a simulation
	UUID     [16]byte // of its data directory
	EngineID string   // what its own engine calls it
}

// Header is the first thing that a source says.
type Header struct {
	Major, Minor uint16
	Kind         SourceKind
	Engine       string // raftarium, or what else produced the events
	Build        string // the version of the program
	Rules        uint32 // sim.Version: runs of one version are equal
	Origin       string // empty, or what the run began with
	Title        string
	URI          string // what was opened
	Seed         uint64
	Cluster      [16]byte
	Members      []Member
	Clock        Clock
	Caps         Caps
	Lag          raft.Time // how far the play-head should stay behind the edge
	Epoch        int64     // of a live cluster: microseconds since 1970 at time 0
	ElectionMin  raft.Time
	ElectionMax  raft.Time
	Heartbeat    raft.Time
	Store        string // file or memory
	Machine      string // kv or ledger
	Why          string // why the viewer may only watch, if so
	Tail         []byte // what a newer minor version has put behind all this, as it was
}

// Source is whatever events come from. A viewer knows nothing else of the outside.
type Source interface {
	// Header says what the source is. It does not change.
	Header() Header
	// Next appends the events that happened up to until, oldest first, and stops when dst is full
	// (its capacity is used up). reached is the moment up to which everything has been given. A
	// driven source moves its time; a running one gives what it has. Next never waits. The error
	// is io.EOF at a recording's end.
	Next(until raft.Time, dst []Event) (got []Event, reached raft.Time, err error)
	// Do hands over a command: taken, not done. Accepted or Refused with the command's ID comes as
	// an event. The error says that the source is gone.
	Do(Command) error
	// Close ends the source.
	Close() error
}

// Position is a place in a run: behind that many events of the run; the time is for people.
type Position struct {
	Events uint64
	At     raft.Time
}
