package mutant

import (
	"cmp"
	"slices"

	"github.com/raftarium/raftarium/raft"
)

// commits gives the bugs of what counts as safe (sections 5.3, 5.4.2, 8).
func commits() []Mutant { return append(indexes(), majorities()...) }

func indexes() []Mutant {
	return []Mutant{
		{Name: "commit-beyond-proven", Section: "5.3",
			Title: "A follower commits what the leader has committed, also where the logs " +
				"may differ.",
			Source: "copycat 2017, #265; RabbitMQ ra 2025, #508; tikv #1084; etcd #21178; " +
				"CockroachDB #30260; dragonboat #393",
			Rule: "FollowerCommit", Catches: []string{"stateMachineSafety"},
			change: func(r *raft.Rules) {
				r.FollowerCommit = func(commit, leaderCommit, _, last raft.Index) raft.Index {
					return max(commit, min(leaderCommit, last))
				}
			}},
		{Name: "commit-beyond-end", Section: "5.3",
			Title: "A follower commits beyond the end of its log, as the leader has got " +
				"that far.",
			Source: "DLedger S8, D2 (#278), D3 (#316)", Rule: "FollowerCommit",
			Catches: []string{"broken"},
			change: func(r *raft.Rules) {
				r.FollowerCommit = func(commit, leaderCommit, _, _ raft.Index) raft.Index {
					return max(commit, leaderCommit)
				}
			}},
		{Name: "commit-old-term-by-counting", Section: "5.4.2", Scenario: "figure8-bug",
			Title: "A leader commits entries of earlier terms by counting (Figure 8).",
			Source: "LogCabin 2013, #44; CCF 2022, #3950, #3969; DLedger S10 and D18 (#4), " +
				"0.3.x",
			Rule: "MayCommit", Catches: []string{"commitRule"},
			change: func(r *raft.Rules) {
				r.MayCommit = func(_, _ raft.Term) bool { return true }
			}},
		{Name: "own-entry-counts-unsaved", Section: "5.3",
			Title:  "A leader counts itself for entries that it has not saved yet.",
			Source: "d-engine 2026, #329, #445; etcd 2022, #14370", Rule: "OwnMatch",
			Catches: []string{"commitRule"},
			change: func(r *raft.Rules) {
				r.OwnMatch = func(last, _ raft.Index) raft.Index { return last }
			}},
	}
}

func majorities() []Mutant {
	return []Mutant{
		{Name: "union-commits", Section: "6",
			Title: "While two configurations hold, a majority of them together commits, " +
				"and not one of each.",
			Source: "CCF 2022, #3837, #3948; async-raft 2021 (6c0ccaf)", Rule: "Reached",
			Catches: []string{"commitRule"}, stage: changing,
			change: func(r *raft.Rules) {
				r.Reached = func(_ raft.Index, voters,
					outgoing []raft.Index) (raft.Index, int) {
					return most(slices.Concat(voters, outgoing))
				}
			}},
		{Name: "one-voter-shortcut", Section: "6",
			Title: "Where there is one voter the leader commits what it has itself, though " +
				"it is not that voter.",
			Source: "RedisLabs/raft 2021, #13, #5", Rule: "Reached",
			Catches: []string{"commitRule"}, stage: shrinking,
			change: func(r *raft.Rules) {
				right := r.Reached
				r.Reached = func(own raft.Index, voters,
					outgoing []raft.Index) (raft.Index, int) {
					if len(voters) == 1 && len(outgoing) == 0 {
						return own, 1
					}
					return right(own, voters, outgoing)
				}
			}},
		{Name: "refused-and-done", Section: "8",
			Title: "A leader that is deposed refuses what it had taken, and others go on " +
				"to commit that.",
			Source:  "section 8 warns of it; Jepsen tells ok, fail and unknown apart",
			Rule:    "LostOutcome",
			Catches: []string{"oneOutcome"}, stage: storms,
			change: func(r *raft.Rules) {
				r.LostOutcome = func() raft.Outcome { return raft.OutcomeRefused }
			}},
	}
}

// most gives the index that more than half have, and how many have it.
func most(matches []raft.Index) (raft.Index, int) {
	if len(matches) == 0 {
		return 0, 0
	}
	slices.SortFunc(matches, func(a, b raft.Index) int { return cmp.Compare(b, a) })
	k := len(matches) / 2
	return matches[k], k + 1
}
