package mutant

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
)

// storage gives the bugs of disks and of what is done when they fail.
func storage() []Mutant {
	return []Mutant{
		{Name: "log-reset-early", Section: "7",
			Title: "The log is dropped before the snapshot that replaces it is on the " +
				"disk; a crash in between leaves neither.",
			Source: "etcd 2018, #10219, #11888; Zeebe 2022, camunda #10463",
			Rule:   "Flaw: ResetsLogEarly", Catches: []string{"broken"},
			stage: crashing, flaw: sim.ResetsLogEarly},
		{Name: "compacted-early", Section: "7",
			Title: "The log is cut behind a snapshot that is not on the disk yet; a crash " +
				"leaves a gap.",
			Source: "etcd 2014, #1795; etcd 2026, #22340; rredis 2020, #43",
			Rule:   "Flaw: CompactsEarly", Catches: []string{"broken"},
			stage: crashing, flaw: sim.CompactsEarly},
		{Name: "any-tail-is-torn", Section: "5.1",
			Title: "A last batch that cannot be read is taken for a torn write and cut " +
				"off, though it was acknowledged.",
			Source: "LogCabin and ZooKeeper (FAST 2018)", Rule: "Flaw: AnyTailIsTorn",
			Catches: []string{"restartsTrue", "damageTold"}, stage: damaging,
			flaw: sim.AnyTailIsTorn},
		{Name: "log-ends-at-damage", Section: "5.1",
			Title: "What cannot be read in the middle of a log is taken for its end, and all " +
				"behind it is gone without a word.",
			Source: "unistore 2021, #567; RocksDB #7271; NATS 2025, #7556",
			Rule:   "Flaw: EndsAtDamage", Catches: []string{"damageTold", "restartsTrue"},
			stage: damaging, flaw: sim.EndsAtDamage},
		{Name: "doubt-ends-too-early", Section: "5.1",
			Title: "A server that has lost what it acknowledged trusts itself as soon as it " +
				"has what an append tells of that was sent before the loss.",
			Source: "this core, until the swarm found it", Rule: "FirstContact",
			Catches: []string{"damageTold"}, stage: doubting,
			change: func(r *raft.Rules) {
				r.FirstContact = func(_, _ uint32) bool { return true }
			}},
		{Name: "sync-tried-again", Section: "5.1",
			Title: "A write that failed is tried again, and now it seems to succeed; what " +
				"was to be written is gone.",
			Source: "PostgreSQL 2018 (fsyncgate); rostam 2026, #94", Rule: "Flaw: RetriesSync",
			Catches: []string{"restartsTrue"}, stage: failing, flaw: sim.RetriesSync},
	}
}

// crashing lets servers die while followers need snapshots.
func crashing(cfg *sim.Config) {
	snapshotting(cfg)
	cfg.SnapshotEvery, cfg.Raft.Trailing, cfg.Fsync = 4, 0, 20*raft.Millisecond
	cfg.Nemesis.Crash, cfg.Nemesis.Restart, cfg.Nemesis.Every = 10, 16, 100*raft.Millisecond
	cfg.Nemesis.Outage = 3
}

// damaging lets disks lose what they hold.
func damaging(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 150 * raft.Millisecond, Until: cfg.Nemesis.Until, Damage: 6,
		Crash: 2, Restart: 12, Partition: 2, Heal: 6}
}

// doubting lets disks lose what they hold while copies of appends are long on their way.
func doubting(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 60 * raft.Millisecond, Until: cfg.Nemesis.Until, Damage: 10,
		Restart: 20}
	cfg.Link.Delay, cfg.Link.Jitter, cfg.Fsync = 5*raft.Millisecond, 120*raft.Millisecond, 100
	cfg.Link.Duplicate, cfg.SnapshotEvery = 400_000, 0
	cfg.Clients, cfg.Think, cfg.Raft.Heartbeat = 6, 10*raft.Millisecond, 10*raft.Millisecond
	cfg.Raft.ElectionMin, cfg.Raft.ElectionMax = 500*raft.Millisecond, 1000*raft.Millisecond
}

// failing lets writes fail.
func failing(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 100 * raft.Millisecond, Until: cfg.Nemesis.Until, Disk: 10,
		Crash: 6, Restart: 12, Partition: 1, Heal: 6}
}
