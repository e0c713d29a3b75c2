package mutant

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
)

// replication gives the bugs of logs that should grow equal (section 5.3).
func replication() []Mutant {
	return slices.Concat(cuts(), acknowledgements(), leaders())
}

// cutBehind cuts off all that stands behind the entry before an append, conflict or not.
func cutBehind(prev raft.Index, _ []raft.Entry, last raft.Index,
	_ func(raft.Index) raft.Term) raft.Index {
	if last > prev {
		return prev + 1
	}
	return 0
}

func cuts() []Mutant {
	return []Mutant{
		{Name: "previous-term-not-compared", Section: "5.3",
			Title: "An append is taken wherever the log is long enough, whatever stands " +
				"before it.",
			Source: "async-raft 2021 (6202138)", Rule: "Matches",
			Catches: []string{"acksTrue", "logMatching"},
			change: func(r *raft.Rules) {
				r.Matches = func(_ raft.Term, held bool, _ raft.Term) raft.Reason {
					if !held {
						return raft.WhyLogTooShort
					}
					return raft.WhyNone
				}
			}},
		{Name: "never-truncates", Section: "5.3",
			Title:  "What conflicts with the leader's entries stays.",
			Source: "qdrant 2023, #1329; openraft 2022, #559", Rule: "CutFrom",
			Catches: []string{"acksTrue"},
			change: func(r *raft.Rules) {
				r.CutFrom = func(raft.Index, []raft.Entry, raft.Index,
					func(raft.Index) raft.Term) raft.Index {
					return 0
				}
			}},
		{Name: "truncate-always", Section: "5.3",
			Title:  "An append cuts off all that stands behind it, conflict or not.",
			Source: "willemt/raft #37; async-raft 2021 (9540c90); CCF 2024, #5991", Rule: "CutFrom",
			Catches: []string{"committedStays"},
			change:  func(r *raft.Rules) { r.CutFrom = cutBehind }},
		{Name: "truncate-by-hint", Section: "5.3",
			Title: "A leader that was refused goes back as far as it can, and the follower " +
				"drops all from there, equal or not.",
			Source: "DLedger S1", Rule: "CutFrom, NextAfterRefusal",
			Catches: []string{"committedStays"},
			change: func(r *raft.Rules) {
				r.NextAfterRefusal = func(match, _, _ raft.Index) raft.Index { return match + 1 }
				r.CutFrom = cutBehind
			}},
		{Name: "truncate-to-start", Section: "5.3",
			Title: "A server that leads for the first time begins where its log ended when " +
				"it was started, and all drop what lies behind.",
			Source: "DLedger S2", Rule: "CutFrom, FirstNext", Catches: []string{"committedStays"},
			change: func(r *raft.Rules) {
				r.FirstNext = func(last, atStart raft.Index) raft.Index {
					return min(last, atStart) + 1
				}
				r.CutFrom = cutBehind
			}},
	}
}

func acknowledgements() []Mutant {
	return []Mutant{
		{Name: "ack-own-last-index", Section: "5.3",
			Title:  "A follower acknowledges all of its log, not what the append has proven.",
			Source: "CCF 2024, #6001", Rule: "Proven", Catches: []string{"acksTrue"},
			change: func(r *raft.Rules) {
				r.Proven = func(_ raft.Index, _ int, last raft.Index) raft.Index { return last }
			}},
		{Name: "ack-not-saved", Section: "5.3",
			Title:  "An acknowledgement leaves before the entries are saved.",
			Source: "YugabyteDB 2026, #32875; NATS 2025, #7564", Rule: "AckNeedsSave",
			Catches: []string{"acksTrue"},
			change:  func(r *raft.Rules) { r.AckNeedsSave = no }},
		{Name: "older-write-counts", Section: "5.3",
			Title: "The end of an older write, whose entries were cut off, makes those " +
				"count as saved that took their place.",
			Source: "redpanda 2021, #3114; etcd 2022, raft #8; RabbitMQ ra 2025, #516",
			Rule:   "SavedWith", Catches: []string{"acksTrue"}, stage: slowDisks,
			change: func(r *raft.Rules) {
				r.SavedWith = func(cut, own raft.WriteID) raft.WriteID {
					if cut != 0 {
						return cut
					}
					return own
				}
			}},
		{Name: "old-append-counts", Section: "5.1",
			Title: "Appends of a leader that is deposed are taken: they cut and commit " +
				"what is not its own any more.",
			Source: "DLedger S3; hashicorp/raft 2026, #695", Rule: "HearsFrom, StaleCounts",
			Catches: []string{"quorumKeeps"}, stage: overlapping,
			change: func(r *raft.Rules) {
				r.HearsFrom = func(_, _ raft.NodeID) bool { return true }
				r.StaleCounts = func(k raft.BodyKind) bool { return k == raft.KindAppendEntries }
			}},
	}
}

func leaders() []Mutant {
	return []Mutant{
		{Name: "old-answer-counts", Section: "5.3",
			Title: "A leader counts what a follower acknowledged to it in an earlier term, " +
				"and what was cut off since.",
			Source: "Students' Guide to Raft; CCF #5341, #5678; Aeron 2026, #2147",
			Rule:   "StaleCounts", Catches: []string{"matchTrue", "commitRule"}, stage: late,
			Scenario: "late-answer-bug",
			change: func(r *raft.Rules) {
				r.StaleCounts = func(k raft.BodyKind) bool {
					return k == raft.KindAppendEntriesReply
				}
			}},
		{Name: "leader-takes-appends", Section: "5.3",
			Title: "A leader that hears another one, which is deposed, goes on to lead and cuts " +
				"its log for what it hears.",
			Source: "NATS 2023, #4056, of two leaders in one term",
			Rule:   "HearsFrom, GivesWay, StaleCounts", Catches: []string{"leaderAppendOnly"},
			stage: overlapping,
			change: func(r *raft.Rules) {
				r.HearsFrom = func(_, _ raft.NodeID) bool { return true }
				r.GivesWay = func(role raft.Role) bool { return role != raft.Leader }
				r.StaleCounts = func(k raft.BodyKind) bool { return k == raft.KindAppendEntries }
			}},
		{Name: "loss-not-repaired", Section: "5.3",
			Title: "An append that was lost is never sent again: the follower refuses all " +
				"that comes behind it.",
			Source: "DLedger D7 (#251), #331; hashicorp/raft 2026, #612", Rule: "NextAfterRefusal",
			Catches: []string{"entriesCommit"}, stage: lossy,
			change: func(r *raft.Rules) {
				r.NextAfterRefusal = func(_, rejected, _ raft.Index) raft.Index {
					return rejected + 1
				}
			}},
		{Name: "silent-when-full", Section: "5.3",
			Title: "A follower to which too much is on its way gets no heartbeats either, " +
				"so it is never found out that all of that was lost.",
			Source: "etcd, maybeSendAppend; CockroachDB 2023, #103827", Rule: "BeatsWhenFull",
			Catches: []string{"logsConverge"}, stage: lossy,
			change: func(r *raft.Rules) {
				r.BeatsWhenFull = func(full bool) bool { return !full }
			}},
		{Name: "proposals-during-transfer", Section: "thesis 3.10",
			Title:  "A leader takes proposals while it hands over.",
			Source: "hashicorp/raft 2022, #487; redpanda 2021, #2606", Rule: "MayPropose",
			Catches: []string{"transferClean"},
			stage:   func(cfg *sim.Config) { cfg.Nemesis.Transfer = 12 },
			change: func(r *raft.Rules) {
				r.MayPropose = func(bool) raft.Reason { return raft.WhyNone }
			}},
		{Name: "no-entry-of-its-own", Section: "8",
			Title: "A new leader appends nothing: what it has inherited waits for the next " +
				"request, and so do reads.",
			Source: "DLedger D19 (#305); rredis #22", Rule: "BeginsTerm",
			Catches: []string{"logsConverge"},
			change:  func(r *raft.Rules) { r.BeginsTerm = no }},
	}
}

// slowDisks lets writes be long under way while leaders change.
func slowDisks(cfg *sim.Config) {
	storms(cfg)
	cfg.Fsync, cfg.Clients, cfg.Think = raft.Millisecond, 8, 10*raft.Millisecond
	cfg.Patient = 60 * raft.Millisecond
	cfg.Link.Jitter = 10 * raft.Millisecond
	cfg.Nemesis.Disk, cfg.Nemesis.Every = 12, 60*raft.Millisecond
}

// storms lets leaders change all the time, and messages be late.
func storms(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 120 * raft.Millisecond, Until: cfg.Nemesis.Until, Partition: 3,
		OneWay: 3, Cut: 2, Heal: 4, Campaign: 8, Pause: 3, Resume: 6, Crash: 1, Restart: 4, Link: 8}
	cfg.Link.Delay, cfg.Link.Jitter = 10*raft.Millisecond, 30*raft.Millisecond
	cfg.Raft.PreVote = false
}

// lossy lets messages be lost.
func lossy(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 200 * raft.Millisecond, Until: cfg.Nemesis.Until, Noise: 6,
		Link: 4, Cut: 2, Heal: 3}
	cfg.Raft.MaxBatch, cfg.Raft.MaxInflight = 1, 2
	cfg.Raft.PreVote, cfg.Raft.CheckQuorum = true, false
}

// late lets answers come when their term is over.
func late(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 80 * raft.Millisecond, Until: cfg.Nemesis.Until, Campaign: 12,
		Partition: 2, OneWay: 3, Heal: 3}
	cfg.Nodes, cfg.Clients, cfg.Think = 5, 3, 20*raft.Millisecond
	cfg.Patient = 100 * raft.Millisecond
	cfg.Link.Delay, cfg.Link.Jitter, cfg.Fsync = 5*raft.Millisecond, 150*raft.Millisecond, 100
	cfg.Raft.ElectionMin, cfg.Raft.ElectionMax = 500*raft.Millisecond, 1000*raft.Millisecond
	cfg.Raft.PreVote, cfg.Raft.CheckQuorum = false, false
	cfg.Raft.MaxBatch, cfg.Raft.MaxInflight = 64, 1
}

// overlapping lets appends come when the next leader has sent its own.
func overlapping(cfg *sim.Config) {
	late(cfg)
	cfg.Nodes, cfg.Link.Jitter = 3, 120*raft.Millisecond
	cfg.Nemesis.Campaign, cfg.Nemesis.Partition, cfg.Nemesis.OneWay = 20, 1, 1
}
