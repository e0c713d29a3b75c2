// Package sim is a whole cluster in one goroutine from one seed: servers, links, disks, clients
// and the accidents that befall them. A run is a function of (Version, seed, configuration,
// actions): the same events, bit for bit, natively and in a page, and however Next is cut into
// calls.
package sim

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Version counts the changes after which the same seed gives another run. A golden table of seeds
// and hashes tells when it must grow.
const Version = 3

// MaxNodes bounds the size of a cluster.
const MaxNodes = 101

// Config is all that a run depends on beside its actions.
type Config struct {
	Nodes    int    // 1 to MaxNodes
	Seed     uint64 // of everything that is drawn
	Store    string // file keeps what was synced at a kill; memory loses all
	Machine  string // kv or ledger
	Scenario string // a name of Scenarios; empty for first

	Link  trace.Link // every link, both ways
	Fsync raft.Time  // how long a write takes, at least; up to twice that

	Clients int       // how many
	Think   raft.Time // between a client's requests, on average
	Patient raft.Time // how long a client waits for an answer
	// ReadAnywhere lets clients read at any server, which asks the leader for an index, and not at
	// the leader alone.
	ReadAnywhere bool
	Rest         raft.Time // from then on the clients make no more requests; 0 for never

	SnapshotEvery uint64
	Raft          raft.Config // Group, ID, Boot, Members and Seed are set by the cluster
	Readers       int         // so many of the clients do nothing but read
	Nemesis       Nemesis
	Flaw          Flaw // of the stores and machines; a museum piece
}

// DefaultConfig gives a cluster as a page opens it: links of 8 to 12 ms, disks of 1 to 2 ms, two
// clients.
func DefaultConfig() Config {
	r := raft.DefaultConfig()
	r.Heartbeat = 50 * raft.Millisecond
	r.ChunkSize = 64
	r.Trailing = 8
	r.MaxBatch = 64
	r.MaxInflight = 8
	return Config{
		Nodes: 5, Seed: 1, Store: "file", Machine: "kv", Scenario: "first",
		Link:    trace.Link{Delay: 8 * raft.Millisecond, Jitter: 4 * raft.Millisecond},
		Fsync:   raft.Millisecond,
		Clients: 2, Think: 120 * raft.Millisecond, Patient: 600 * raft.Millisecond,
		SnapshotEvery: 200,
		Raft:          r,
	}
}

// validate says what is wrong, naming the value.
func (c *Config) validate() error {
	switch {
	case c.Nodes < 1 || c.Nodes > MaxNodes:
		return say.Errorf("sim: nodes=%d: a cluster has 1 to %d", c.Nodes, MaxNodes)
	case c.Store != "file" && c.Store != "memory":
		return say.Errorf("sim: store=%q: there are file and memory", clip(c.Store))
	case c.Clients < 0 || c.Clients > 64:
		return say.Errorf("sim: clients=%d: from 0 to 64", c.Clients)
	case c.Think < raft.Millisecond || c.Patient < raft.Millisecond:
		return say.Errorf("sim: think and patient must be at least 1 ms")
	case c.Link.Delay < 0 || c.Link.Jitter < 0 || c.Fsync < 0 || c.Rest < 0:
		return say.Errorf("sim: delays cannot be negative")
	}
	return nil
}
