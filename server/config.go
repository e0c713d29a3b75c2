package server

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/store"
)

// Config is what a server is told before it starts.
type Config struct {
	ID      raft.NodeID
	Members map[raft.NodeID]string // all voters, ID among them, each with its host:port
	Cluster uuid.UUID              // names the cluster; the same at all members
	Secret  string                 // by which members know each other; never empty

	// Listen is the host:port to bind; Members[ID] when empty. A Listener that is given is used
	// instead, and closed by Shutdown or by a Start that fails.
	Listen   string
	Listener net.Listener

	Store   string   // file (also when empty) or memory
	Dir     string   // the data directory of a file store
	FS      store.FS // nil means the operating system's
	Machine string   // kv (also when empty) or ledger; RegisterStateMachine goes before it

	// Token opens what is closed to strangers: faults, administration, and off loopback everything.
	// Without one only the secret does.
	Token        string
	AllowFaults  bool     // cuts and forced elections may be asked for
	AllowHosts   []string // further names under which the server may be reached
	AllowOrigins []string // pages of other origins that may use it

	Raft          raft.Config   // time-outs and limits; all of raft.DefaultConfig when zero
	SnapshotEvery uint64        // applied entries between snapshots; 10,000 when 0; not of a ledger
	Timeout       time.Duration // of a client's request; 5 s when 0
	MaxWaiting    int           // requests that may wait at once; 4,096 when 0
	MaxBytes      int64         // bytes of bodies in requests that are open; 256 MiB when 0
	Withhold      bool          // leave values out of the stream of events
	Build         string        // the program's version, for people

	// Clock gives the wall clock in microseconds since 1970 and must not go back. Nil means the
	// system's, as it was at the start and monotonic from there.
	Clock func() raft.Time
	// Log gets what people should know; nil means slog.Default.
	Log *slog.Logger
	// Observe is called at each step of Start and Shutdown, as it begins; it may be nil.
	Observe func(Step)
}

// The limits of what clients send, in bytes.
const (
	MaxKey   = machine.MaxKey
	MaxValue = machine.MaxValue
)

// complete fills in what was left out, and says what is wrong with the rest.
func (c Config) complete() (Config, error) {
	c.Members = maps.Clone(c.Members)
	c.Store = cmp.Or(c.Store, store.KindFile)
	c.Machine = cmp.Or(c.Machine, "kv")
	c.SnapshotEvery = cmp.Or(c.SnapshotEvery, 10_000)
	c.Timeout = cmp.Or(c.Timeout, 5*time.Second)
	c.MaxWaiting = cmp.Or(c.MaxWaiting, 4096)
	c.MaxBytes = cmp.Or(c.MaxBytes, 256<<20)
	c.Listen = cmp.Or(c.Listen, c.Members[c.ID])
	if c.Listener != nil {
		c.Listen = c.Listener.Addr().String()
	}
	if c.FS == nil {
		c.FS = store.OS()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = wallClock()
	}
	if c.Observe == nil {
		c.Observe = func(Step) {}
	}
	if c.Raft.ElectionMin == 0 {
		rules := c.Raft.Rules
		c.Raft = raft.DefaultConfig()
		c.Raft.Rules = rules
	}
	c.Raft.ID, c.Raft.Group = c.ID, GroupOf(c.Cluster)
	c.Raft.Members = slices.Sorted(maps.Keys(c.Members))
	c.Raft.Seed = randomSeed()
	return c, c.validate()
}

func (c *Config) validate() error {
	switch {
	case c.Cluster == uuid.Nil:
		return errors.New("the cluster has no UUID")
	case c.Secret == "":
		return errors.New("there is no secret by which the members could know each other")
	case c.Store != store.KindFile && c.Store != store.KindMemory:
		return fmt.Errorf("store %q is unknown: there are file and memory", c.Store)
	case c.Store == store.KindFile && c.Dir == "":
		return errors.New("a file store needs a data directory")
	}
	for id, addr := range c.Members {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("the address %q of %v is no host:port: %w", addr, id, err)
		}
	}
	if !loopback(c.Listen) && c.Token == "" {
		return fmt.Errorf("%s can be reached from other machines, so clients need a token, and "+
			"none is given", c.Listen)
	}
	probe := c.Raft
	probe.Boot = 1 // the store gives the real one
	return probe.Validate()
}

// GroupOf derives the Raft group's number from the cluster's UUID.
func GroupOf(cluster uuid.UUID) raft.GroupID {
	return raft.GroupID(binary.BigEndian.Uint64(cluster[:8]) | 1)
}

// wallClock gives a clock that shows the wall clock's time and never goes back.
func wallClock() func() raft.Time {
	start := time.Now()
	base := raft.Time(start.UnixMicro())
	return func() raft.Time { return base + raft.Time(time.Since(start).Microseconds()) }
}

func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, as its documentation says
	return binary.LittleEndian.Uint64(b[:])
}
