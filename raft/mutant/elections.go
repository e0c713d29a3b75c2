package mutant

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/quorum"
	"github.com/raftarium/raftarium/raft/sim"
)

// elections gives the bugs of votes and terms (sections 5.1, 5.2, 5.4.1).
func elections() []Mutant {
	return slices.Concat(votes(), comparisons(), candidates(), terms())
}

func votes() []Mutant {
	return []Mutant{
		{Name: "votes-for-everyone", Section: "5.2",
			Title:  "A server votes for whoever asks, as often as asked.",
			Source: "ClickHouse Keeper 2021, NuRaft #185", Rule: "MayVote",
			Catches: []string{"votesKept", "electionSafety"},
			change: func(r *raft.Rules) {
				r.MayVote = func(_, _, _ raft.NodeID) raft.Reason { return raft.WhyNone }
			}},
		{Name: "vote-forgotten", Section: "5.2", NoPreVote: true,
			Title: "The vote is forgotten whenever a server becomes a follower, also in " +
				"the same term.",
			Source: "CCF 2024, #5891, #8091; eliben/raft #27; akka-raft #56; Zeebe 2020, " +
				"camunda #5356",
			Rule: "MayVote, VoteAfter", Catches: []string{"votesKept"}, stage: storms,
			change: func(r *raft.Rules) {
				r.VoteAfter = func(_, _ raft.Term, _ raft.NodeID) raft.NodeID { return 0 }
				r.MayVote = func(vote, _, candidate raft.NodeID) raft.Reason {
					if vote != 0 && vote != candidate {
						return raft.WhyAlreadyVoted
					}
					return raft.WhyNone // it does not look whom it follows
				}
			}},
		{Name: "vote-not-saved", Section: "5.2", Title: "A vote leaves before it is saved.",
			Source: "JRaft J1 (2019, #96); robustmq #2039; DLedger S4",
			Rule:   "VoteNeedsSave", Catches: []string{"votesKept"},
			change: func(r *raft.Rules) { r.VoteNeedsSave = no }},
		{Name: "own-vote-not-saved", Section: "5.2", NoPreVote: true,
			Title: "A candidate asks for votes, and counts its own, before its term and " +
				"vote are saved.",
			Source: "JRaft J2 (2026, #1245); eliben/raft #26", Rule: "OwnVoteNeedsSave",
			Catches: []string{"votesKept"},
			change:  func(r *raft.Rules) { r.OwnVoteNeedsSave = no }},
		{Name: "any-vote-counts", Section: "5.2",
			Title:  "A candidate counts every yes, also to another campaign or to a pre-vote.",
			Source: "eliben/raft 2026, #27; canonical/raft 2021, #196", Rule: "VoteCounts",
			Catches: []string{"electionQuorum"},
			change: func(r *raft.Rules) {
				r.VoteCounts = func(bool, raft.Term, bool, raft.Term) bool { return true }
			}},
	}
}

func comparisons() []Mutant {
	return []Mutant{
		{Name: "log-not-compared", Section: "5.4.1",
			Title:  "A vote is given without a look at the candidate's log.",
			Source: "jgroups-raft 2015, #14", Rule: "LogIsCurrent",
			Catches: []string{"votesLawful", "leaderCompleteness"},
			change: func(r *raft.Rules) {
				r.LogIsCurrent = func(_, _ raft.Mark) raft.Reason { return raft.WhyNone }
			}},
		{Name: "log-compared-by-length", Section: "5.4.1", Scenario: "newer-log-bug",
			Title:  "The longer log wins, whatever the terms.",
			Source: "openraft 2026, #1722; async-raft 2021 (a48a328)", Rule: "LogIsCurrent",
			Catches: []string{"votesLawful", "leaderCompleteness"},
			change: func(r *raft.Rules) {
				r.LogIsCurrent = func(candidate, voter raft.Mark) raft.Reason {
					if candidate.Index < voter.Index {
						return raft.WhyLogBehindIndex
					}
					return raft.WhyNone
				}
			}},
		{Name: "log-compared-by-term-alone", Section: "5.4.1",
			Title:  "Of two logs with the same last term the shorter one may win.",
			Source: "ClickHouse Keeper 2021, NuRaft #185", Rule: "LogIsCurrent",
			Catches: []string{"votesLawful"},
			change: func(r *raft.Rules) {
				r.LogIsCurrent = func(candidate, voter raft.Mark) raft.Reason {
					if candidate.Term < voter.Term {
						return raft.WhyLogBehindTerm
					}
					return raft.WhyNone
				}
			}},
		{Name: "log-told-by-term", Section: "5.4.1",
			Title: "A server takes its current term for that of its last entry, and so one " +
				"that lags outranks those that have everything.",
			Source: "DLedger D1 (#52)", Rule: "LastForVotes",
			Catches: []string{"votesLawful"},
			change: func(r *raft.Rules) {
				r.LastForVotes = func(last raft.Mark, _ raft.Index, term raft.Term) raft.Mark {
					return raft.Mark{Index: last.Index, Term: term}
				}
			}},
		{Name: "log-told-as-it-was", Section: "5.4.1",
			Title: "What was cut off still counts in elections: a server stands with a log " +
				"that it no longer has.",
			Source: "DLedger S6; CCF 2019, #519", Rule: "LastForVotes",
			Catches: []string{"votesLawful"}, stage: apart,
			change: func(r *raft.Rules) {
				r.LastForVotes = func(last raft.Mark, cut raft.Index, _ raft.Term) raft.Mark {
					return raft.Mark{Index: max(last.Index, cut), Term: last.Term}
				}
			}},
	}
}

func candidates() []Mutant {
	return []Mutant{
		{Name: "old-term-again", Section: "5.2", NoPreVote: true,
			Title: "A leader that restarts leads again in its old term, without the " +
				"entries that it had not saved.",
			Source: "Kafka KRaft 2020, KAFKA-10527; DLedger S5", Rule: "NextTerm",
			Catches: []string{"termsGrow"},
			change: func(r *raft.Rules) {
				r.NextTerm = func(term raft.Term, vote, self raft.NodeID) raft.Term {
					if vote == self {
						return term
					}
					return term + 1
				}
			}},
		{Name: "union-elects", Section: "6",
			Title: "While two configurations hold, a majority of them together elects, and " +
				"not one of each.",
			Source: "CCF 2022, #3837, #3948", Rule: "Wins", Catches: []string{"electionQuorum"},
			stage: changing,
			change: func(r *raft.Rules) {
				r.Wins = func(sure, sureOutgoing, all, allOutgoing quorum.Tally) bool {
					both := quorum.Tally{Yes: sure.Yes + sureOutgoing.Yes,
						Of: sure.Of + sureOutgoing.Of}
					return both.Won() || all.Won() && all.All() && allOutgoing.All()
				}
			}},
		{Name: "learner-stands", Section: "thesis 4.2.1",
			Title:  "A server that only learns stands for election.",
			Source: "redpanda 2023, #8495", Rule: "Stands", Catches: []string{"votersOnly"},
			stage:  changing,
			change: func(r *raft.Rules) { r.Stands = func(bool) bool { return true } }},
		{Name: "learner-refuses", Section: "thesis 4.2.1",
			Title: "A server that has not heard yet that it may vote refuses its vote, and " +
				"nobody can be elected.",
			Source: "raft-rs 2018, #57; etcd 2019, #10998; KAFKA-16526", Rule: "MayGrant",
			Catches: []string{"leaderElected"}, stage: promoting,
			change: func(r *raft.Rules) {
				r.MayGrant = func(learner bool) raft.Reason {
					if learner {
						return raft.WhyNotVoter
					}
					return raft.WhyNone
				}
			}},
	}
}

func terms() []Mutant {
	return []Mutant{
		{Name: "old-term-unanswered", Section: "5.1",
			Title: "A candidate of an earlier term gets no answer, so it never learns of " +
				"the later one, and nobody can win.",
			Source: "etcd 2017, #8501; CockroachDB #18151; openraft 2026, #1796; " +
				"canonical/raft 2022, #279",
			Rule: "AnswersStaleVote", Catches: []string{"leaderElected"}, stage: parted,
			change: func(r *raft.Rules) { r.AnswersStaleVote = no }},
		{Name: "term-hidden-by-log", Section: "5.1", NoPreVote: true,
			Title: "A candidate with a later term and a shorter log is refused, and its " +
				"term is not taken over: it stands for ever, and never hears its leader.",
			Source: "DLedger D12 (#85, #247, #325); redpanda 2026, #31547", Rule: "TakesTerm",
			Catches: []string{"logsConverge"}, stage: lagging,
			change: func(r *raft.Rules) {
				r.TakesTerm = func(k raft.BodyKind, log raft.Reason) bool {
					return log == raft.WhyNone && k != raft.KindAppendEntriesReply
				}
			}},
		{Name: "time-out-by-success", Section: "5.2",
			Title: "Only an append that is accepted counts as a word of the leader: who " +
				"lacks entries stands for election while it is helped.",
			Source: "redpanda 2026, #30815", Rule: "HeardByRefused",
			Catches: []string{"termsSettle"}, stage: starving,
			change: func(r *raft.Rules) { r.HeardByRefused = no }},
		{Name: "leads-with-stuck-disk", Section: "thesis 6.2",
			Title: "A leader whose disk stands still goes on to lead, and nobody gets an " +
				"answer.",
			Source: "hashicorp/raft #683; DLedger #287", Rule: "Stuck", Scenario: "stuck-disk-bug",
			Catches: []string{"requestsAnswered"},
			change: func(r *raft.Rules) {
				r.Stuck = func(_, _ raft.Time) bool { return false }
			}},
	}
}

// lagging lets logs and terms grow far apart, and appends be small.
func lagging(cfg *sim.Config) {
	apart(cfg)
	cfg.Raft.MaxBatch, cfg.Raft.MaxInflight = 1, 1
	cfg.SnapshotEvery, cfg.Raft.Trailing, cfg.Raft.ChunkSize = 20, 2, 16
}

// parted lets terms grow apart, and servers be lost.
func parted(cfg *sim.Config) {
	cfg.Nodes, cfg.Raft.PreVote, cfg.Raft.CheckQuorum = 3, true, false
	cfg.Nemesis = sim.Nemesis{Every: 150 * raft.Millisecond, Until: cfg.Nemesis.Until, Partition: 8,
		OneWay: 2, Campaign: 8, Heal: 3, Crash: 1, Restart: 4}
}

// starving lets logs differ in many terms, so that help takes longer than an election time-out.
func starving(cfg *sim.Config) {
	cfg.Nemesis = sim.Nemesis{Every: 150 * raft.Millisecond, Until: cfg.Nemesis.Until, Campaign: 8,
		Partition: 6, OneWay: 4, Heal: 2}
	cfg.Nodes, cfg.SnapshotEvery, cfg.Fsync = 5, 0, raft.Millisecond
	cfg.Raft.PreVote, cfg.Raft.CheckQuorum, cfg.Raft.MaxBatch = false, false, 1
	cfg.Raft.ElectionMin, cfg.Raft.ElectionMax = 300*raft.Millisecond, 600*raft.Millisecond
	cfg.Link.Delay, cfg.Link.Jitter = 70*raft.Millisecond, 5*raft.Millisecond
}

// promoting lets newcomers become voters while leaders die.
func promoting(cfg *sim.Config) {
	changing(cfg)
	cfg.Nodes = 2
	cfg.Nemesis.Crash, cfg.Nemesis.Cut, cfg.Nemesis.OneWay = 8, 8, 8
}
