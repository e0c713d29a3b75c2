package scenario

import (
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/sim"
)

// setting is a word that may stand before the steps.
type setting struct {
	name string
	text string // what it sets, for people
	read func(*line, *sim.Config) error
	// write gives what stands behind the name; two configurations that write the same are the same
	// in this setting.
	write func(*sim.Config) string
}

// copy gives a configuration the value that another has; false if it cannot be written.
func (s *setting) copy(to, from *sim.Config) bool {
	l := &line{words: strings.Fields(s.write(from)), nodes: from.Nodes}
	return s.read(l, to) == nil
}

// settings lists what can be set of the cluster. The first lines of a scenario (title, lesson,
// section, bug) are no settings of the cluster and stand in parse.go.
func settings() []setting {
	return append(clusterSettings(), append(raftSettings(), linkSettings()...)...)
}

func clusterSettings() []setting {
	return []setting{
		{"nodes", "how many servers",
			func(l *line, c *sim.Config) error {
				n, err := l.uint()
				if err == nil && (n < 1 || n > sim.MaxNodes) {
					err = l.errorf("a cluster has 1 to %d servers", sim.MaxNodes)
				}
				c.Nodes = int(n)
				return err
			}, func(c *sim.Config) string { return strconv.Itoa(c.Nodes) }},
		{"seed", "of everything that is drawn",
			func(l *line, c *sim.Config) (err error) {
				w := l.next()
				if c.Seed, err = strconv.ParseUint(w, 10, 64); err != nil {
					return l.errorf("%s is no whole number of 64 bits", l.shown(w))
				}
				return nil
			}, func(c *sim.Config) string { return strconv.FormatUint(c.Seed, 10) }},
		oneOf("store", "file keeps what was synced at a kill, memory loses all",
			[]string{"file", "memory"}, func(c *sim.Config) *string { return &c.Store }),
		oneOf("machine", "the state machine", []string{"kv", "ledger"},
			func(c *sim.Config) *string { return &c.Machine }),
		number("clients", "how many clients write by themselves", 0, 64,
			func(c *sim.Config) *int { return &c.Clients }),
		number("readers", "how many of them do nothing but read", 0, 64,
			func(c *sim.Config) *int { return &c.Readers }),
		timed("think", "between a client's requests, on average",
			func(c *sim.Config) *raft.Time { return &c.Think }),
		timed("rest", "when the clients make no more requests; 0ms for never",
			func(c *sim.Config) *raft.Time { return &c.Rest }),
		timed("patient", "how long a client waits for an answer",
			func(c *sim.Config) *raft.Time { return &c.Patient }),
		onOff("readAnywhere", "clients read at any server, not at the leader alone",
			func(c *sim.Config) *bool { return &c.ReadAnywhere }),
		timed("fsync", "how long a disk takes to sync, at least; up to twice that",
			func(c *sim.Config) *raft.Time { return &c.Fsync }),
		number("snapshotEvery", "entries between two snapshots; 0 for none", 0, 1<<30,
			func(c *sim.Config) *uint64 { return &c.SnapshotEvery }),
	}
}

func raftSettings() []setting { return append(raftTimes(), raftLimits()...) }

func raftTimes() []setting {
	return []setting{
		{"election", "the election time-out: between two times, like 150ms 300ms",
			func(l *line, c *sim.Config) (err error) {
				if c.Raft.ElectionMin, err = l.span(); err == nil {
					c.Raft.ElectionMax, err = l.span()
				}
				return err
			}, func(c *sim.Config) string {
				return spanText(c.Raft.ElectionMin) + " " + spanText(c.Raft.ElectionMax)
			}},
		timed("heartbeat", "how often a leader sends word",
			func(c *sim.Config) *raft.Time { return &c.Raft.Heartbeat }),
		onOff("preVote", "ask before standing for election (thesis 9.6)",
			func(c *sim.Config) *bool { return &c.Raft.PreVote }),
		onOff("checkQuorum", "a leader that hears from no quorum steps down (thesis 6.2)",
			func(c *sim.Config) *bool { return &c.Raft.CheckQuorum }),
		onOff("leaseReads", "a leader answers reads without a round while its lease holds",
			func(c *sim.Config) *bool { return &c.Raft.LeaseReads }),
		shared("maxDrift", "how far clocks may drift apart",
			func(c *sim.Config) *uint32 { return &c.Raft.MaxDrift }),
		{"preferred", "who shall lead if they can, the best first; nobody for no one",
			func(l *line, c *sim.Config) (err error) {
				if c.Raft.Preferred = nil; !l.accept("nobody") {
					c.Raft.Preferred, err = l.servers()
				}
				return err
			}, func(c *sim.Config) string {
				if len(c.Raft.Preferred) == 0 {
					return "nobody"
				}
				return serverNames(c.Raft.Preferred)
			}},
		timed("catchUp", "how long a newcomer may take before its promotion is given up",
			func(c *sim.Config) *raft.Time { return &c.Raft.CatchUp }),
	}
}

func raftLimits() []setting {
	return []setting{
		number("maxBatch", "entries in one append", 1, 1<<20,
			func(c *sim.Config) *int { return &c.Raft.MaxBatch }),
		number("maxBytes", "bytes of bodies in one append", 1, 1<<30,
			func(c *sim.Config) *int { return &c.Raft.MaxBytes }),
		number("maxInflight", "appends with entries on their way to one follower", 1, 1<<20,
			func(c *sim.Config) *int { return &c.Raft.MaxInflight }),
		number("maxPending", "proposals that wait for their commit", 1, 1<<20,
			func(c *sim.Config) *int { return &c.Raft.MaxPending }),
		number("maxWindow", "bytes of bodies on their way to one follower", 1, 1<<30,
			func(c *sim.Config) *int { return &c.Raft.MaxWindow }),
		number("maxEntry", "bytes of one proposal", 1, 1<<30,
			func(c *sim.Config) *int { return &c.Raft.MaxEntry }),
		number("maxReads", "reads that wait", 1, 1<<20,
			func(c *sim.Config) *int { return &c.Raft.MaxReads }),
		number("maxHeld", "messages that wait for the disk", 1, 1<<20,
			func(c *sim.Config) *int { return &c.Raft.MaxHeld }),
		number("maxSnapshot", "followers that are sent a snapshot at the same time", 1, 1<<20,
			func(c *sim.Config) *int { return &c.Raft.MaxSnapshot }),
		number("chunkSize", "bytes of a snapshot in one message", 1, 1<<30,
			func(c *sim.Config) *uint64 { return &c.Raft.ChunkSize }),
		number("trailing", "entries kept behind a snapshot", 0, 1<<30,
			func(c *sim.Config) *uint64 { return &c.Raft.Trailing }),
	}
}

func linkSettings() []setting {
	return []setting{
		timed("delay", "of every link, at least",
			func(c *sim.Config) *raft.Time { return &c.Link.Delay }),
		timed("jitter", "of every link: up to this much more",
			func(c *sim.Config) *raft.Time { return &c.Link.Jitter }),
		shared("loss", "of every link", func(c *sim.Config) *uint32 { return &c.Link.Loss }),
		shared("duplicate", "of every link",
			func(c *sim.Config) *uint32 { return &c.Link.Duplicate }),
		shared("reorder", "of every link: the share that takes up to three times the delay",
			func(c *sim.Config) *uint32 { return &c.Link.Reorder }),
	}
}

func oneOf(name, text string, all []string, of func(*sim.Config) *string) setting {
	return setting{name, text, func(l *line, c *sim.Config) error {
		w := l.next()
		for _, s := range all {
			if s == w {
				*of(c) = w
				return nil
			}
		}
		return l.choice(name, w, all)
	}, func(c *sim.Config) string { return *of(c) }}
}

func onOff(name, text string, of func(*sim.Config) *bool) setting {
	words := []string{"off", "on"}
	return setting{name, text, func(l *line, c *sim.Config) error {
		w := l.next()
		if w != "on" && w != "off" {
			return l.choice("switch", w, words)
		}
		*of(c) = w == "on"
		return nil
	}, func(c *sim.Config) string {
		if *of(c) {
			return "on"
		}
		return "off"
	}}
}

func number[N int | uint64](name, text string, low, high N, of func(*sim.Config) *N) setting {
	return setting{name, text, func(l *line, c *sim.Config) error {
		n, err := l.uint()
		if err == nil && (n < uint64(low) || n > uint64(high)) {
			err = l.errorf("%s goes from %d to %d", name, uint64(low), uint64(high))
		}
		*of(c) = N(n)
		return err
	}, func(c *sim.Config) string { return strconv.FormatUint(uint64(*of(c)), 10) }}
}

func timed(name, text string, of func(*sim.Config) *raft.Time) setting {
	return setting{name, text, func(l *line, c *sim.Config) (err error) {
		*of(c), err = l.span()
		return err
	}, func(c *sim.Config) string { return spanText(*of(c)) }}
}

func shared(name, text string, of func(*sim.Config) *uint32) setting {
	return setting{name, text, func(l *line, c *sim.Config) (err error) {
		*of(c), err = l.shareOf(l.next())
		return err
	}, func(c *sim.Config) string { return shareText(*of(c)) }}
}

// bugNames lists the mutants.
func bugNames() []string {
	var names []string
	for _, m := range mutant.All() {
		names = append(names, m.Name)
	}
	return names
}
