package mutant

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
)

// reads gives the bugs of reads that do not go through the log (thesis 6.4).
func reads() []Mutant { return append(rounds(), leases()...) }

func rounds() []Mutant {
	return []Mutant{
		{Name: "read-before-own-term", Section: "thesis 6.4",
			Title: "A new leader serves reads before it has committed an entry of its own " +
				"term, when it does not know yet what is committed.",
			Source: "etcd 2017, #7331; rredis 2020, #18; TiKV 2020, #9208", Rule: "MayRead",
			Catches: []string{"readsProven"}, stage: reading,
			change: func(r *raft.Rules) {
				r.MayRead = func(_, _ raft.Term) bool { return true }
			}},
		{Name: "read-proven-by-old-round", Section: "thesis 6.4",
			Title:  "Answers to an earlier round prove a read that came after it.",
			Source: "etcd 2025, #20418, #21399; antfly #599", Rule: "ReadConfirmed",
			Catches: []string{"readsProven"}, stage: reading,
			change: func(r *raft.Rules) {
				r.ReadConfirmed = func(round, answered uint64) bool { return answered+1 >= round }
			}},
		{Name: "read-without-round", Section: "thesis 6.4",
			Title: "A leader answers reads from its own state and asks nobody whether it " +
				"still leads.",
			Source: "Jepsen: etcd and consul 2014; d-engine 2026, #381; DLedger S9",
			Rule:   "ReadConfirmed", Catches: []string{"readsProven", "readsFresh"}, stage: reading,
			change: func(r *raft.Rules) {
				r.ReadConfirmed = func(_, _ uint64) bool { return true }
			}},
		{Name: "read-numbers-repeat", Section: "thesis 6.4",
			Title: "A server that restarts numbers its questions for an index anew, and " +
				"takes the answer to an older one.",
			Source: "this core, until the museum found it; etcd 2025, #20418, is of its kind",
			Rule:   "FirstQuestion", Catches: []string{"readsFresh"}, stage: asking,
			change: func(r *raft.Rules) { r.FirstQuestion = func(uint32) uint64 { return 0 } }},
		{Name: "commit-forgotten", Section: "7",
			Title: "After a restart the commit index is 0, below what the snapshot holds, " +
				"and reads get a wrong index.",
			Source: "JRaft J5 (#1049, #1092)", Rule: "CommitAtStart",
			Catches: []string{"marksInOrder"}, stage: restarting,
			change: func(r *raft.Rules) {
				r.CommitAtStart = func(raft.Index) raft.Index { return 0 }
			}},
	}
}

func leases() []Mutant {
	return []Mutant{
		{Name: "lease-without-clock", Section: "thesis 6.4.1",
			Title:  "A leader serves reads by its lease as long as it believes to lead.",
			Source: "JRaft J7 (#25, #34); TiKV 2016, #964; raft-rs 2018, #140", Rule: "LeaseSpan",
			Catches: []string{"readsProven"}, stage: leasing,
			change: func(r *raft.Rules) {
				r.LeaseSpan = func(raft.Time, uint32) raft.Time { return raft.Second }
			}},
		{Name: "lease-without-drift", Section: "thesis 6.4.1",
			Title: "A lease lasts as long as a whole election time-out, as if no clock ran " +
				"slower than another.",
			Source: "TiKV 2016, #964; raft-rs 2018, #140", Rule: "LeaseSpan",
			Catches: []string{"readsProven"}, stage: drifting,
			change: func(r *raft.Rules) {
				r.LeaseSpan = func(shortest raft.Time, _ uint32) raft.Time { return shortest }
			}},
		{Name: "lease-outlives-transfer", Section: "thesis 6.4.1",
			Title: "A leader serves reads by its lease after it has told another to stand " +
				"for election.",
			Source: "raft-rs 2019, #234; TiKV 2017, #1593; etcd #12704, raft #99",
			Rule:   "LeaseSurvives", Catches: []string{"transferClean", "readsProven"},
			stage: func(cfg *sim.Config) {
				leasing(cfg)
				cfg.Raft.ElectionMin = 200 * raft.Millisecond
				cfg.Raft.ElectionMax = 250 * raft.Millisecond
				cfg.Nemesis.Every = 120 * raft.Millisecond
				cfg.Nemesis.Transfer, cfg.Nemesis.Link = 16, 8
			},
			change: func(r *raft.Rules) { r.LeaseSurvives = func(bool) bool { return true } }},
		{Name: "lease-not-honoured", Section: "thesis 4.2.3",
			Title: "Voters vote although they hear a leader, which relies on it that they " +
				"do not.",
			Source: "raft-rs 2018, #140, #141", Rule: "Sticky",
			Catches: []string{"readsProven"},
			stage: func(cfg *sim.Config) {
				leasing(cfg)
				cfg.Clients, cfg.Readers, cfg.Raft.Heartbeat = 8, 8, 130*raft.Millisecond
				cfg.Nemesis.Cut, cfg.Nemesis.OneWay, cfg.Nemesis.Partition = 8, 8, 0
			},
			change: func(r *raft.Rules) {
				r.Sticky = func(raft.Reason) raft.Reason { return raft.WhyNone }
			}},
	}
}

// restarting lets servers with new snapshots come back to leaders that know less.
func restarting(cfg *sim.Config) {
	cfg.SnapshotEvery, cfg.Raft.Trailing, cfg.Fsync = 1, 0, raft.Millisecond
	cfg.Nemesis = sim.Nemesis{Every: 60 * raft.Millisecond, Until: cfg.Nemesis.Until, Crash: 4,
		Restart: 8, Campaign: 3, Partition: 1, Heal: 3}
}

// asking lets followers be asked, and die.
func asking(cfg *sim.Config) {
	cfg.ReadAnywhere, cfg.Clients, cfg.Readers = true, 8, 6
	cfg.Think, cfg.Link.Delay = 15*raft.Millisecond, 20*raft.Millisecond
	cfg.Nemesis = sim.Nemesis{Every: 60 * raft.Millisecond, Until: cfg.Nemesis.Until, Crash: 4,
		Restart: 16, Partition: 1, Heal: 4, Link: 2}
}

// drifting lets clocks run apart as far as leases allow for, with long time-outs and short ways.
func drifting(cfg *sim.Config) {
	leasing(cfg)
	cfg.Raft.MaxDrift, cfg.Nodes = 500_000, 3
	cfg.Clients, cfg.Readers = 8, 8
	cfg.Link.Delay, cfg.Link.Jitter, cfg.Fsync = raft.Millisecond, 0, 100
	cfg.Nemesis.Clock = 8
}
