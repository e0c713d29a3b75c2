package sim

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

// Swarm gives the configuration of a seed: the size of the cluster, its options, its load and what
// befalls it are all drawn, so that each seed goes where the others do not. For so long everything
// may happen; behind that is peace.
func Swarm(seed uint64, until raft.Time) Config {
	d := drawer{rng.New(seed).Split("swarm", 0)}
	cfg := DefaultConfig()
	cfg.Seed, cfg.Scenario, cfg.Rest = seed, "swarm", until
	cfg.Nodes = int(d.one(3, 5, 3, 5, 4, 7, 6, 1, 2))
	cfg.Fsync = raft.Time(d.one(100, 1000, 5000, 20_000))
	cfg.SnapshotEvery = uint64(d.one(0, 5, 20, 200))
	cfg.Link.Jitter = d.millis(0, 20)
	if d.chance(4) {
		cfg.Machine = "ledger"
	}
	if d.chance(10) {
		cfg.Store = "memory"
	}
	d.load(&cfg)
	d.options(&cfg)
	d.accidents(&cfg, until)
	return cfg
}

// SwarmSpan is how long the accidents of the scenario swarm last.
const SwarmSpan = 15 * raft.Second

// drawSwarm draws what is not drawn yet.
func drawSwarm(c *Config) {
	if c.Nemesis.Every == 0 {
		rules := c.Raft.Rules
		*c = Swarm(c.Seed, SwarmSpan)
		c.Raft.Rules = rules
	}
}

// drawer draws the settings of a swarm.
type drawer struct{ rand rng.Rand }

func (d *drawer) one(values ...int64) int64 { return values[d.rand.Below(int64(len(values)))] }
func (d *drawer) chance(oneIn int64) bool   { return d.rand.Below(oneIn) == 0 }
func (d *drawer) millis(lo, hi int64) raft.Time {
	return raft.Time(d.rand.Between(lo, hi)) * raft.Millisecond
}

func (d *drawer) load(cfg *Config) {
	cfg.Clients = int(d.rand.Between(1, 6))
	cfg.Think = d.millis(10, 150)
	cfg.ReadAnywhere = d.chance(2)
	r := &cfg.Raft
	r.Trailing = uint64(d.one(0, 2, 8, 64))
	r.ChunkSize = uint64(d.one(16, 64, 1024))
	r.MaxBatch = int(d.one(1, 2, 64))
	r.MaxInflight = int(d.one(1, 2, 8))
	r.MaxBytes = int(d.one(1, 64, 1<<18))
	r.MaxPending = int(d.one(2, 1000, 1000))
	r.MaxReads = int(d.one(1, 1000, 1000))
	r.MaxSnapshot = int(d.one(1, 3))
	if entries := min(r.MaxBatch, max(r.MaxBytes/32, 1)); entries*r.MaxInflight < 8 {
		cfg.Clients, cfg.Think = 1, 500*raft.Millisecond // else they ask for more than can be done
	}
}

func (d *drawer) options(cfg *Config) {
	r := &cfg.Raft
	r.PreVote, r.CheckQuorum = !d.chance(3), !d.chance(3)
	r.LeaseReads = d.chance(2) && r.PreVote && r.CheckQuorum
	r.MaxDrift = uint32(d.one(10_000, 100_000))
	r.CatchUp = d.millis(500, 4000)
	if d.chance(4) {
		for id := range cfg.Nodes {
			if d.chance(2) {
				r.Preferred = append(r.Preferred, raft.NodeID(cfg.Nodes-id))
			}
		}
	}
}

func (d *drawer) accidents(cfg *Config, until raft.Time) {
	n := AllFaults(d.millis(60, 500), until)
	mercy := uint32(d.one(1, 3, 8)) // so that there is something to lose
	n.Restart, n.Resume, n.Heal = mercy*n.Restart, mercy*n.Resume, mercy*n.Heal
	for _, weight := range [...]*uint32{&n.Shape, &n.Link, &n.Outage, &n.Disk, &n.Damage, &n.Wipe,
		&n.Clock, &n.Transfer, &n.Change, &n.Noise} {
		*weight *= uint32(d.one(0, 1, 1, 3))
	}
	switch d.rand.Below(5) {
	case 0: // the network only: logs grow apart
		n = Nemesis{Every: 500 * raft.Millisecond, Until: until, Partition: 12, Shape: 4,
			Heal: 1, Noise: 2, Campaign: 1}
		cfg.Raft.CheckQuorum, cfg.Raft.LeaseReads = false, false
		cfg.Patient, cfg.Nodes = 200*raft.Millisecond, int(d.one(3, 5))
		cfg.Fsync, cfg.Link.Jitter = raft.Millisecond, 5*raft.Millisecond
	case 1: // the machines only
		n.Cut, n.OneWay, n.Partition, n.Shape, n.Link = 0, 0, 0, 0, 0
	case 2: // who takes part, mostly
		n.Change, n.Wipe, n.Heal = 12, n.Wipe+2, n.Heal+8
	}
	cfg.Nemesis = n
}
