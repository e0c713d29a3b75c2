package mutant

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
)

// membership gives the bugs of changes of the configuration (section 6, thesis 4).
func membership() []Mutant { return append(configurations(), joints()...) }

func configurations() []Mutant {
	return []Mutant{
		{Name: "change-before-own-term", Section: "thesis 4.1",
			Title: "A new leader changes the configuration before it has committed an " +
				"entry of its own term.",
			Source: "Raft itself (raft-dev, July 2015); old raft-rs #41; jgroups-raft #38",
			Rule:   "MayChange", Catches: []string{"configsOverlap"}, stage: changing,
			change: func(r *raft.Rules) {
				r.MayChange = func(settled, _ bool) raft.Reason {
					if !settled {
						return raft.WhyChanging
					}
					return raft.WhyNone
				}
			}},
		{Name: "change-upon-change", Section: "thesis 4.1",
			Title:  "A configuration is changed while another change is not committed.",
			Source: "etcd 2017, #7280", Rule: "MayChange",
			Catches: []string{"configsOverlap"}, stage: changing,
			change: func(r *raft.Rules) {
				r.MayChange = func(_, _ bool) raft.Reason { return raft.WhyNone }
			}},
		{Name: "configuration-not-popped", Section: "6",
			Title: "A configuration whose entry was cut off stays in force.",
			Source: "canonical/raft 2021, #250, #354; LogCabin's ConfigurationManager is " +
				"there for it",
			Rule: "PopsConfig", Catches: []string{"configInForce"}, stage: changing,
			change: func(r *raft.Rules) {
				r.PopsConfig = func(_, _ raft.Index) bool { return false }
			}},
		{Name: "configuration-outlives-snapshot", Section: "6",
			Title: "A configuration that was never committed stays in force behind a " +
				"snapshot that has replaced the log with its entry.",
			Source: "openraft 2026, #1808; dragonboat 2026, matrixone #24966", Rule: "KeepsConfig",
			Catches: []string{"configInForce"}, stage: snapshotChanging,
			change: func(r *raft.Rules) {
				r.KeepsConfig = func(bool) bool { return true }
			}},
		{Name: "learner-counts", Section: "thesis 4.2.1",
			Title:  "A server that only learns counts in majorities.",
			Source: "etcd 2020, #11640; async-raft 2021 (d882e74, beb0302)", Rule: "Counts",
			Catches: []string{"commitRule"}, stage: changing,
			change: func(r *raft.Rules) {
				r.Counts = func(_, member bool) bool { return member }
			}},
		{Name: "removed-leader-leaves-early", Section: "thesis 4.2.2",
			Title:  "A leader that is removed leaves before its removal is committed.",
			Source: "etcd 2019, #10563", Rule: "LeavesLead",
			Catches: []string{"leaderElected"}, stage: shrinking,
			change: func(r *raft.Rules) { r.LeavesLead = func(bool) bool { return true } }},
	}
}

func joints() []Mutant {
	return []Mutant{
		{Name: "joint-left-early", Section: "6",
			Title:  "A leader leaves the joint configuration before that is committed.",
			Source: "camunda 2026, #60086", Rule: "LeavesJoint",
			Catches: []string{"configsOverlap"}, stage: changing,
			change: func(r *raft.Rules) {
				r.LeavesJoint = func(_, _, _ bool) bool { return true }
			}},
		{Name: "joint-not-left", Section: "6",
			Title: "Only who began a joint configuration leaves it: where that leader is " +
				"gone the group stays joint for ever.",
			Source: "etcd 2020, #12136; raft-rs", Rule: "LeavesJoint",
			Catches: []string{"jointLeft"}, stage: joining,
			change: func(r *raft.Rules) {
				r.LeavesJoint = func(committed, own, asked bool) bool {
					return committed && own && asked
				}
			}},
	}
}

// shrinking lets small groups become smaller.
func shrinking(cfg *sim.Config) {
	changing(cfg)
	cfg.Nodes = 2
	cfg.Nemesis.Crash, cfg.Nemesis.Restart, cfg.Nemesis.Cut = 1, 20, 8
}

// joining lets leaders be lost in the middle of a change.
func joining(cfg *sim.Config) {
	changing(cfg)
	cfg.Nemesis.Crash, cfg.Nemesis.Campaign, cfg.Nemesis.OneWay = 8, 8, 4
}

// snapshotChanging lets the configuration change, and followers need snapshots.
func snapshotChanging(cfg *sim.Config) {
	changing(cfg)
	cfg.SnapshotEvery, cfg.Raft.Trailing = 5, 0
	cfg.Raft.CheckQuorum = false
	cfg.Nemesis.Every = 250 * raft.Millisecond
	cfg.Nemesis.Partition, cfg.Nemesis.OneWay, cfg.Nemesis.Heal = 12, 6, 6
}
