package raft

import (
	"slices"

	"github.com/raftarium/raftarium/raft/say"
)

// Config is what a node is told at its start. All servers of a group have the same Group, Members,
// time-outs and options; a Config never changes while its node lives.
type Config struct {
	Group GroupID
	ID    NodeID
	Boot  uint32 // this incarnation; never repeats for an ID
	// Members are the voters that the group began with, sorted. A server that is not among them
	// joins: it follows whoever leads, and the log tells it who takes part.
	Members []NodeID
	Seed    uint64 // of the election time-outs

	// The election time-out is drawn between Min and Max, both in microseconds, for each wait
	// (section 5.2). Heartbeat is how often a leader sends word, at most a third of Min.
	ElectionMin Time
	ElectionMax Time
	Heartbeat   Time

	PreVote     bool // ask before standing (thesis 9.6)
	CheckQuorum bool // a leader that does not hear from a quorum steps down (thesis 6.2)

	// LeaseReads lets a leader answer reads without a round as long as no other can have been
	// elected, given clocks that drift apart by at most MaxDrift parts per million (thesis 6.4.1).
	// It needs PreVote and CheckQuorum.
	LeaseReads bool
	MaxDrift   uint32

	// Preferred are servers that shall lead if they can, the best one first; others hand over to
	// them when they have caught up.
	Preferred []NodeID
	// CatchUp is how long a newcomer may take before its promotion to a voter is given up.
	CatchUp Time

	MaxBatch    int    // entries in one append, from 1
	MaxBytes    int    // bytes of bodies in one append, unless one entry alone is larger
	MaxInflight int    // appends with entries on their way to one follower
	MaxWindow   int    // bytes of bodies on their way to one follower
	MaxEntry    int    // bytes of one proposal
	MaxPending  int    // proposals that wait for their commit
	MaxReads    int    // reads that wait
	MaxHeld     int    // messages that wait for the disk; what comes beyond is not sent
	MaxSnapshot int    // followers that are sent a snapshot at the same time
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
		MaxDrift: 10_000, CatchUp: 30 * Second,
		MaxBatch: 256, MaxBytes: 256 << 10, MaxInflight: 64, MaxWindow: 4 << 20,
		MaxEntry: 2 << 20, MaxPending: 10_000, MaxReads: 10_000, MaxHeld: 10_000, MaxSnapshot: 3,
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
	case len(c.Members) == 0:
		return say.Errorf("raft: Members names nobody")
	case c.Members[0] == 0 || len(slices.Compact(slices.Clone(c.Members))) != len(c.Members):
		return say.Errorf("raft: Members %v hold nobody or somebody twice", say.List(c.Members))
	case c.ElectionMin <= 0 || c.ElectionMax < c.ElectionMin:
		return say.Errorf("raft: the election time-out from %d to %d us is no range",
			int64(c.ElectionMin), int64(c.ElectionMax))
	case c.Heartbeat <= 0 || c.Heartbeat > c.ElectionMin/3:
		return say.Errorf("raft: Heartbeat %d us must be above 0 and at most a third of "+
			"ElectionMin, %d us", int64(c.Heartbeat), int64(c.ElectionMin))
	case c.LeaseReads && !(c.PreVote && c.CheckQuorum):
		return say.Errorf("raft: LeaseReads needs PreVote and CheckQuorum")
	case c.MaxDrift > 500_000:
		return say.Errorf("raft: MaxDrift %d ppm is above 500000", c.MaxDrift)
	case c.CatchUp <= 0:
		return say.Errorf("raft: CatchUp %d us must be above 0", int64(c.CatchUp))
	}
	return c.validateLimits()
}

func (c *Config) validateLimits() error {
	if min(c.MaxBatch, c.MaxBytes, c.MaxInflight, c.MaxWindow, c.MaxEntry, c.MaxPending, c.MaxReads,
		c.MaxHeld, c.MaxSnapshot) < 1 || c.ChunkSize < 1 {
		return say.Errorf("raft: MaxBatch, MaxBytes, MaxInflight, MaxWindow, MaxEntry, " +
			"MaxPending, MaxReads, MaxHeld, MaxSnapshot and ChunkSize must be at least 1")
	}
	return nil
}
