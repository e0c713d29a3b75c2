package mutant

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
)

// snapshots gives the bugs of cut logs and of what stands for them (section 7).
func snapshots() []Mutant {
	return []Mutant{
		{Name: "snapshot-with-newest-configuration", Section: "7",
			Title: "A snapshot keeps the configuration in force now, and not the one as of " +
				"its last entry.",
			Source: "dragonboat 2025, matrixone #23281; braft 2024, pikiwidb #385",
			Rule:   "SnapshotConfig", Catches: []string{"snapshotsTrue"}, stage: snapshotChanging,
			change: func(r *raft.Rules) {
				r.SnapshotConfig = func(_, now *raft.Configuration) *raft.Configuration {
					return now
				}
			}},
		{Name: "log-kept-behind-snapshot", Section: "7",
			Title: "A log that does not agree with an installed snapshot keeps what " +
				"follows it.",
			Source: "openraft 2022, #559", Rule: "KeepsLog",
			Catches: []string{"entriesCommit", "votesLawful"},
			stage: func(cfg *sim.Config) {
				apart(cfg)
				cfg.SnapshotEvery, cfg.Raft.Trailing = 4, 0
				cfg.Clients, cfg.Think = 5, 20*raft.Millisecond
			},
			change: func(r *raft.Rules) {
				r.KeepsLog = func(held bool, _, _ raft.Term) bool { return held }
			}},
		{Name: "sessions-not-in-snapshot", Section: "8",
			Title: "A snapshot of the machine lacks who asked for what last, so a request " +
				"that comes again is done again.",
			Source: "thesis 6.3 warns of it", Rule: "Flaw: ForgetsSessions",
			Catches: []string{"sameState", "linearizable"}, stage: repeating,
			flaw: sim.ForgetsSessions},
		{Name: "entry-not-applied", Section: "7",
			Title: "How far the machine has come is saved apart from its state; behind a crash " +
				"an entry counts as applied that is not there.",
			Source: "etcd 2022, #13766, #13854", Rule: "Flaw: SkipsEntry",
			Catches: []string{"sameState"}, stage: repeating, flaw: sim.SkipsEntry},
	}
}

// repeating lets requests come again at servers that have loaded a snapshot.
func repeating(cfg *sim.Config) {
	cfg.SnapshotEvery, cfg.Raft.Trailing = 2, 0
	cfg.Clients, cfg.Readers, cfg.Think = 4, 2, 30*raft.Millisecond
	cfg.Patient = 60 * raft.Millisecond
	cfg.Nemesis = sim.Nemesis{Every: 150 * raft.Millisecond, Until: cfg.Nemesis.Until, Crash: 4,
		Restart: 12, Partition: 3, Heal: 6, Campaign: 2}
}
