// Package mutant is a museum of broken Rafts: the standard rules with an entry changed, as real
// systems had them. They show that every check can fail, and what it looks like when it does.
//
// What cannot be said by an entry of the table stands nowhere here: a leader that cuts its own log,
// a node that forgets its term at a restart, or one that sends an older term would need other code
// in the core, and a disk that lies is the affair of a store.
package mutant

import "github.com/raftarium/raftarium/raft"

// Mutant is one broken table of rules.
type Mutant struct {
	Name    string // for people and flags: words with hyphens
	Section string // of the paper: the rule that is broken
	Text    string // what is wrong, in a sentence
	change  func(*raft.Rules)
	// NoPreVote says that the bug hides behind pre-votes.
	NoPreVote bool
}

// Rules gives the broken table. The zero Mutant breaks nothing.
func (m *Mutant) Rules() *raft.Rules {
	r := raft.Standard()
	if m.change != nil {
		m.change(r)
	}
	return r
}

// Named finds a mutant; false if there is none of that name.
func Named(name string) (Mutant, bool) {
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	return Mutant{}, false
}

// All gives every mutant, in the order of the paper's sections.
func All() []Mutant {
	var all []Mutant
	all = append(all, elections()...)
	all = append(all, logs()...)
	return append(all, commits()...)
}

func no() bool { return false }

func elections() []Mutant {
	return []Mutant{
		{Name: "votes-for-everyone", Section: "5.2",
			Text: "A server votes for whoever asks, as often as asked.",
			change: func(r *raft.Rules) {
				r.MayVote = func(_, _, _ raft.NodeID) raft.Reason { return raft.WhyNone }
			}},
		{Name: "vote-forgotten", Section: "5.2", NoPreVote: true,
			Text: "The vote is forgotten whenever a server becomes a follower, also in the same " +
				"term.",
			change: func(r *raft.Rules) {
				r.VoteAfter = func(_, _ raft.Term, _ raft.NodeID) raft.NodeID { return 0 }
				r.MayVote = func(vote, _, candidate raft.NodeID) raft.Reason {
					if vote != 0 && vote != candidate {
						return raft.WhyAlreadyVoted
					}
					return raft.WhyNone // it does not look whom it follows
				}
			}},
		{Name: "vote-not-saved", Section: "5.2",
			Text:   "A vote leaves before it is saved.",
			change: func(r *raft.Rules) { r.VoteNeedsSave = no }},
		{Name: "any-vote-counts", Section: "5.2",
			Text: "A candidate counts every yes, also to another campaign or to a pre-vote.",
			change: func(r *raft.Rules) {
				r.VoteCounts = func(bool, raft.Term, bool, raft.Term) bool { return true }
			}},
		{Name: "log-not-compared", Section: "5.4.1",
			Text: "A vote is given without a look at the candidate's log.",
			change: func(r *raft.Rules) {
				r.LogIsCurrent = func(_, _ raft.Mark) raft.Reason { return raft.WhyNone }
			}},
		{Name: "log-compared-by-length", Section: "5.4.1",
			Text: "The longer log wins, whatever the terms.",
			change: func(r *raft.Rules) {
				r.LogIsCurrent = func(candidate, voter raft.Mark) raft.Reason {
					if candidate.Index < voter.Index {
						return raft.WhyLogBehindIndex
					}
					return raft.WhyNone
				}
			}},
		{Name: "log-compared-by-term-alone", Section: "5.4.1",
			Text: "Of two logs with the same last term the shorter one may win.",
			change: func(r *raft.Rules) {
				r.LogIsCurrent = func(candidate, voter raft.Mark) raft.Reason {
					if candidate.Term < voter.Term {
						return raft.WhyLogBehindTerm
					}
					return raft.WhyNone
				}
			}},
	}
}

func logs() []Mutant {
	return []Mutant{
		{Name: "previous-term-not-compared", Section: "5.3",
			Text: "An append is taken wherever the log is long enough, whatever stands before it.",
			change: func(r *raft.Rules) {
				r.Matches = func(_ raft.Term, held bool, _ raft.Term) raft.Reason {
					if !held {
						return raft.WhyLogTooShort
					}
					return raft.WhyNone
				}
			}},
		{Name: "never-truncates", Section: "5.3",
			Text: "What conflicts with the leader's entries stays.",
			change: func(r *raft.Rules) {
				r.CutFrom = func(raft.Index, []raft.Entry, raft.Index,
					func(raft.Index) raft.Term) raft.Index {
					return 0
				}
			}},
		{Name: "truncate-always", Section: "5.3",
			Text: "An append cuts off all that stands behind it, conflict or not.",
			change: func(r *raft.Rules) {
				r.CutFrom = func(prev raft.Index, _ []raft.Entry, last raft.Index,
					_ func(raft.Index) raft.Term) raft.Index {
					if last > prev {
						return prev + 1
					}
					return 0
				}
			}},
		{Name: "ack-own-last-index", Section: "5.3",
			Text: "A follower acknowledges all of its log, not what the append has proven.",
			change: func(r *raft.Rules) {
				r.Proven = func(_ raft.Index, _ int, last raft.Index) raft.Index { return last }
			}},
		{Name: "ack-not-saved", Section: "5.3",
			Text:   "An acknowledgement leaves before the entries are saved.",
			change: func(r *raft.Rules) { r.AckNeedsSave = no }},
	}
}

func commits() []Mutant {
	return []Mutant{
		{Name: "commit-beyond-proven", Section: "5.3",
			Text: "A follower commits what the leader has committed, also where the logs may " +
				"differ.",
			change: func(r *raft.Rules) {
				r.FollowerCommit = func(commit, leaderCommit, _ raft.Index) raft.Index {
					return max(commit, leaderCommit)
				}
			}},
		{Name: "commit-old-term-by-counting", Section: "5.4.2",
			Text: "A leader commits entries of earlier terms by counting (Figure 8).",
			change: func(r *raft.Rules) {
				r.MayCommit = func(_, _ raft.Term) bool { return true }
			}},
		{Name: "own-entry-counts-unsaved", Section: "5.3",
			Text: "A leader counts itself for entries that it has not saved yet.",
			change: func(r *raft.Rules) {
				r.OwnMatch = func(last, _ raft.Index) raft.Index { return last }
			}},
	}
}
