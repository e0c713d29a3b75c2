package raft

import (
	"slices"

	"github.com/raftarium/raftarium/raft/say"
)

// Config is what a node is told at its start. All servers of a group have the same Group, Members
// and time-outs; a Config never changes while its node lives.
type Config struct {
	Group   GroupID
	ID      NodeID
	Boot    uint32   // this incarnation; never repeats for an ID
	Members []NodeID // the voters, sorted, ID among them
	Seed    uint64   // of the election time-outs

	// The election time-out is drawn between Min and Max, both in microseconds, for each wait
	// (section 5.2). Heartbeat is how often a leader sends word, at most a third of Min.
	ElectionMin Time
	ElectionMax Time
	Heartbeat   Time

	PreVote     bool // ask before standing (thesis 9.6)
	CheckQuorum bool // a leader that does not hear from a quorum steps down (thesis 6.2)

	MaxBatch    int    // entries in one append, from 1
	MaxBytes    int    // bytes of bodies in one append, unless one entry alone is larger
	MaxInflight int    // appends with entries on their way to one follower
	MaxPending  int    // proposals that wait for their commit
	ChunkSize   uint64 // bytes of a snapshot in one message
	Trailing    uint64 // entries kept behind a snapshot, for followers that are a little late

	Rules *Rules // nil means Standard(); anything else is a museum piece
}

// DefaultConfig gives the settings of a live node: election time-out 150 to 300 ms, heartbeat 30
// ms, pre-vote and check-quorum on. Group, ID, Boot, Members and Seed are the caller's.
func DefaultConfig() Config {
	return Config{
		ElectionMin: 150 * Millisecond, ElectionMax: 300 * Millisecond, Heartbeat: 30 * Millisecond,
		PreVote: true, CheckQuorum: true,
		MaxBatch: 256, MaxBytes: 256 << 10, MaxInflight: 64, MaxPending: 10_000,
		ChunkSize: 64 << 10, Trailing: 64,
	}
}

// Validate says what is wrong with a configuration, naming the field; nil if nothing is.
func (c *Config) Validate() error {
	switch {
	case c.ID == 0 || c.ID >= FirstOutsider:
		return say.Errorf("raft: ID %d is no server's id", c.ID)
	case c.Boot == 0:
		return say.Errorf("raft: Boot is 0; incarnations count from 1")
	case !slices.IsSorted(c.Members):
		return say.Errorf("raft: Members %v are not sorted", say.List(c.Members))
	case !slices.Contains(c.Members, c.ID):
		return say.Errorf("raft: %v is not among the Members %v", c.ID, say.List(c.Members))
	case c.Members[0] == 0 || len(slices.Compact(slices.Clone(c.Members))) != len(c.Members):
		return say.Errorf("raft: Members %v hold nobody or somebody twice", say.List(c.Members))
	case c.ElectionMin <= 0 || c.ElectionMax < c.ElectionMin:
		return say.Errorf("raft: the election time-out from %d to %d us is no range",
			int64(c.ElectionMin), int64(c.ElectionMax))
	case c.Heartbeat <= 0 || c.Heartbeat > c.ElectionMin/3:
		return say.Errorf("raft: Heartbeat %d us must be above 0 and at most a third of "+
			"ElectionMin, %d us", int64(c.Heartbeat), int64(c.ElectionMin))
	case c.MaxBatch < 1 || c.MaxBytes < 1 || c.MaxInflight < 1 || c.MaxPending < 1 ||
		c.ChunkSize < 1:
		return say.Errorf("raft: MaxBatch, MaxBytes, MaxInflight, MaxPending and ChunkSize " +
			"must be at least 1")
	}
	return nil
}
