package mutant

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/sim"
)

// Span is how long the accidents of Config last. Behind them is peace, in which all must be well
// soon.
const Span = 8 * raft.Second

// Config gives the cluster in which a seed shows the bug: small, with frequent accidents of the
// kind that it needs.
func (m *Mutant) Config(seed uint64) sim.Config {
	cfg := m.Right(seed)
	m.Break(&cfg)
	return cfg
}

// Right gives the same cluster without the bug, where nothing may be found.
func (m *Mutant) Right(seed uint64) sim.Config {
	r := rng.New(seed).Split("museum", 0)
	millis := func(lo, hi int64) raft.Time {
		return raft.Time(r.Between(lo, hi)) * raft.Millisecond
	}
	cfg := sim.DefaultConfig()
	cfg.Seed, cfg.Nodes, cfg.Rest = seed, int(3+2*(seed%2)), Span
	cfg.Clients, cfg.Think, cfg.Patient = 3, 40*raft.Millisecond, 200*raft.Millisecond
	cfg.Fsync, cfg.Link.Jitter = millis(1, 12), millis(1, 20)
	cfg.SnapshotEvery = uint64(r.Below(2)) * 40
	cfg.Raft.PreVote, cfg.Raft.CheckQuorum = r.Below(2) == 0, r.Below(2) == 0
	cfg.Raft.MaxBatch, cfg.Raft.CatchUp = int(r.Between(1, 8)), 2*raft.Second
	cfg.Nemesis = sim.AllFaults(millis(60, 300), Span)
	n := &cfg.Nemesis
	n.Restart, n.Resume, n.Heal, n.Partition, n.Noise = 12, 12, 6, 6, 3
	n.Change, n.Wipe, n.Clock, n.Disk, n.Damage, n.Transfer = 1, 0, 1, 1, 1, 1
	if seed%3 == 0 { // the network only: logs grow apart
		apart(&cfg)
	}
	if m.NoPreVote {
		cfg.Raft.PreVote = false
	}
	if m.stage != nil {
		m.stage(&cfg)
	}
	if cfg.Raft.LeaseReads {
		cfg.Raft.PreVote, cfg.Raft.CheckQuorum = true, true
	}
	return cfg
}

// apart leaves partitions alone, which last.
func apart(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 400 * raft.Millisecond, Until: cfg.Nemesis.Until, Partition: 3,
		OneWay: 2, Heal: 1}
	cfg.Fsync, cfg.Raft.CheckQuorum = raft.Millisecond, false
}

// changing lets the configuration change all the time.
func changing(cfg *sim.Config) {
	n := &cfg.Nemesis
	*n = sim.AllFaults(150*raft.Millisecond, n.Until)
	n.Change, n.Restart, n.Resume, n.Heal, n.Partition = 16, 10, 10, 10, 4
	n.Wipe, n.Disk, n.Damage, n.Clock = 0, 0, 0, 0
}

// leasing lets reads be served by leases.
func leasing(cfg *sim.Config) {
	cfg.Raft.LeaseReads, cfg.Raft.MaxDrift = true, 10_000
	cfg.Raft.ElectionMin, cfg.Raft.ElectionMax = 400*raft.Millisecond, 600*raft.Millisecond
	cfg.Link.Delay, cfg.Link.Jitter = 4*raft.Millisecond, 4*raft.Millisecond
	cfg.Fsync, cfg.ReadAnywhere = raft.Millisecond, false
	cfg.Clients, cfg.Readers, cfg.Think = 8, 6, 20*raft.Millisecond
	cfg.Nemesis = sim.Nemesis{Every: 250 * raft.Millisecond, Until: cfg.Nemesis.Until, Partition: 4,
		Shape: 2, OneWay: 2, Heal: 4}
}

// reading lets leaders be cut off and asked all the time.
func reading(cfg *sim.Config) {
	apart(cfg)
	cfg.Clients, cfg.Readers = 6, 3
	cfg.Think, cfg.Patient = 15*raft.Millisecond, 150*raft.Millisecond
}

// snapshotting lets followers need snapshots.
func snapshotting(cfg *sim.Config) {
	cfg.SnapshotEvery, cfg.Raft.Trailing = 8, 1
	cfg.Nemesis.Heal, cfg.Nemesis.Partition = 8, 8
}
