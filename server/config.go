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
	"github.com/raftarium/raftarium/server/wire"
	"github.com/raftarium/raftarium/store"
)

// Config is what a server is told before it starts.
type Config struct {
	ID raft.NodeID
	// Members are the voters that the group began with, each with its host:port; the same at all
	// servers. One that is gone for good may have none.
	Members map[raft.NodeID]string
	// Joined are the addresses of servers that came later, as far as they are known; ID stands here
	// or in Members. The servers tell each other of others.
	Joined  map[raft.NodeID]string
	Cluster uuid.UUID // names the cluster; the same at all members
	Secret  string    // by which members know each other; never empty

	// Listen is the host:port to bind; this server's own address when empty. A Listener that is
	// given is used instead, and closed by Shutdown or by a Start that fails.
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
	Cut          wire.Cut // the links that are cut from the first message on; needs AllowFaults
	AllowHosts   []string // further names under which the server may be reached
	AllowOrigins []string // pages of other origins that may use it

	// Raft holds time-outs and limits; all of raft.DefaultConfig when ElectionMin is zero, but for
	// Rules, LeaseReads and Preferred.
	Raft          raft.Config
	SnapshotEvery uint64        // applied entries between snapshots; 10,000 when 0; not of a ledger
	Timeout       time.Duration // of a client's request; 5 s when 0
	StreamTime    time.Duration // a hub that takes no frame for so long is cut off; 10 s when 0
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
	c.Members, c.Joined = maps.Clone(c.Members), maps.Clone(c.Joined)
	c.Store = cmp.Or(c.Store, store.KindFile)
	c.Machine = cmp.Or(c.Machine, "kv")
	c.SnapshotEvery = cmp.Or(c.SnapshotEvery, 10_000)
	c.Timeout = cmp.Or(c.Timeout, 5*time.Second)
	c.StreamTime = cmp.Or(c.StreamTime, 10*time.Second)
	c.MaxWaiting = cmp.Or(c.MaxWaiting, 4096)
	c.MaxBytes = cmp.Or(c.MaxBytes, 256<<20)
	c.Listen = cmp.Or(c.Listen, c.own())
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
		given := c.Raft
		c.Raft = raft.DefaultConfig()
		c.Raft.Rules, c.Raft.LeaseReads = given.Rules, given.LeaseReads
		c.Raft.Preferred = given.Preferred
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
	case c.own() == "":
		return fmt.Errorf("%v has no address: it is neither among the Members, %v, nor among "+
			"those that Joined, %v", c.ID, c.Raft.Members, slices.Sorted(maps.Keys(c.Joined)))
	case c.Secret == "":
		return errors.New("there is no secret by which the members could know each other")
	case c.Store != store.KindFile && c.Store != store.KindMemory:
		return fmt.Errorf("store %q is unknown: there are file and memory", c.Store)
	case c.Store == store.KindFile && c.Dir == "":
		return errors.New("a file store needs a data directory")
	}
	if err := c.validateServers(); err != nil {
		return err
	}
	if !loopback(c.Listen) && c.Token == "" {
		return fmt.Errorf("%s can be reached from other machines, so clients need a token, and "+
			"none is given", c.Listen)
	}
	if c.Cut.OrNil() != nil && !c.AllowFaults {
		return errors.New("links are to be cut where no faults are let in")
	}
	if id, ok := c.stranger(&c.Cut); ok {
		return fmt.Errorf("the link to %v is to be cut, which is no other server", id)
	}
	probe := c.Raft
	probe.Boot = 1 // the store gives the real one
	return probe.Validate()
}

// own gives this server's own address.
func (c *Config) own() string { return cmp.Or(c.Members[c.ID], c.Joined[c.ID]) }

// validateServers looks at the addresses, and at whom the settings name.
func (c *Config) validateServers() error {
	for id, addr := range c.Members {
		if err := checkAddress(id, addr); err != nil && addr != "" {
			return err
		}
	}
	for id, addr := range c.Joined {
		if err := checkAddress(id, addr); err != nil {
			return err
		}
		if _, twice := c.Members[id]; twice {
			return fmt.Errorf("%v cannot have Joined: it is one of the Members", id)
		}
	}
	for i, id := range c.Raft.Preferred {
		_, member := c.Members[id]
		switch {
		case !member && c.Joined[id] == "":
			return fmt.Errorf("%v is preferred as leader and not known here", id)
		case slices.Contains(c.Raft.Preferred[:i], id):
			return fmt.Errorf("%v is preferred as leader twice", id)
		}
	}
	return nil
}

// maxAddress bounds an address, in bytes.
const maxAddress = 255

// checkAddress says what is wrong with a server's address.
func checkAddress(id raft.NodeID, addr string) error {
	if id == 0 || id >= raft.FirstOutsider {
		return fmt.Errorf("%d is no server's id", id)
	}
	if _, _, err := net.SplitHostPort(addr); err != nil || len(addr) > maxAddress {
		return fmt.Errorf("the address %s of %v is no host:port of at most %d bytes", quote(addr),
			id, maxAddress)
	}
	return nil
}

// stranger finds somebody in a cut who can be no other server.
func (c *Config) stranger(cut *wire.Cut) (raft.NodeID, bool) {
	for _, id := range slices.Concat(cut.From, cut.To) {
		if id == c.ID || id == 0 || id >= raft.FirstOutsider {
			return id, true
		}
	}
	return 0, false
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
