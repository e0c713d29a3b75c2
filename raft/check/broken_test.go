package check_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/quorum"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// rulesTest is a broken rule and a property that a cluster which lives by it must break.
type rulesTest struct {
	property string
	change   func(*raft.Rules)
	adjust   func(*sim.Config)
}

func no() bool { return false }

// noPreVote lets servers stand without asking first: much is hidden behind pre-votes.
func noPreVote(cfg *sim.Config) { cfg.Raft.PreVote, cfg.Raft.LeaseReads = false, false }

// stale lets leaders that are cut off go on.
func stale(cfg *sim.Config) {
	cfg.Raft.CheckQuorum, cfg.Raft.LeaseReads, cfg.ReadAnywhere = false, false, true
	cfg.Nemesis = sim.Nemesis{Every: 700 * raft.Millisecond, Partition: 3, Heal: 1}
}

func leases(cfg *sim.Config) {
	cfg.Raft.PreVote, cfg.Raft.CheckQuorum, cfg.Raft.LeaseReads = true, true, true
	cfg.Clients, cfg.Think, cfg.Machine = 6, 20*raft.Millisecond, "kv"
}

func handsOver(cfg *sim.Config) {
	leases(cfg)
	cfg.Nemesis = sim.Nemesis{Every: 200 * raft.Millisecond, Transfer: 4, OneWay: 2, Pause: 1,
		Heal: 3, Resume: 3}
}

var brokenRules = map[string]rulesTest{
	"votes for all": {"votesKept", func(r *raft.Rules) {
		r.MayVote = func(_, _, _ raft.NodeID) raft.Reason { return raft.WhyNone }
	}, noPreVote},
	"votes for all make two leaders": {"electionSafety", func(r *raft.Rules) {
		r.MayVote = func(_, _, _ raft.NodeID) raft.Reason { return raft.WhyNone }
	}, noPreVote},
	"one vote is enough": {"electionQuorum", func(r *raft.Rules) {
		r.Wins = func(sure, _, _, _ quorum.Tally) bool { return sure.Yes > 0 }
	}, noPreVote},
	"logs are not compared": {"votesLawful", func(r *raft.Rules) {
		r.LogIsCurrent = func(_, _ raft.Mark) raft.Reason { return raft.WhyNone }
	}, nil},
	"stands in its own term again": {"termsGrow", func(r *raft.Rules) {
		r.NextTerm = func(term raft.Term, _, _ raft.NodeID) raft.Term { return max(term, 1) }
	}, noPreVote},
	"previous terms are not compared": {"logMatching", func(r *raft.Rules) {
		r.Matches = func(_ raft.Term, held bool, _ raft.Term) raft.Reason {
			if !held {
				return raft.WhyLogTooShort
			}
			return raft.WhyNone
		}
	}, nil},
	"begins with a commit index too high": {"marksInOrder", func(r *raft.Rules) {
		r.CommitAtStart = func(snapshot raft.Index) raft.Index { return snapshot + 1 }
	}, nil},
	"a learner stands": {"votersOnly", func(r *raft.Rules) {
		r.Stands = func(bool) bool { return true }
	}, nil},
	"proposals during a transfer": {"transferClean", func(r *raft.Rules) {
		r.MayPropose = func(bool) raft.Reason { return raft.WhyNone }
	}, handsOver},
	"what is lost is refused": {"oneOutcome", func(r *raft.Rules) {
		r.LostOutcome = func() raft.Outcome { return raft.OutcomeRefused }
	}, nil},
	"what conflicts stays": {"acksTrue", func(r *raft.Rules) {
		r.CutFrom = func(raft.Index, []raft.Entry, raft.Index, func(raft.Index) raft.Term) raft.Index {
			return 0
		}
	}, nil},
	"cuts without a conflict": {"committedStays", func(r *raft.Rules) {
		r.CutFrom = func(prev raft.Index, _ []raft.Entry, last raft.Index,
			_ func(raft.Index) raft.Term) raft.Index {
			if last > prev {
				return prev + 1
			}
			return 0
		}
	}, nil},
	"acknowledges its own end": {"acksTrue", func(r *raft.Rules) {
		r.Proven = func(_ raft.Index, _ int, last raft.Index) raft.Index { return last }
	}, nil},
	"acknowledges unsaved": {"matchTrue",
		func(r *raft.Rules) { r.AckNeedsSave = no }, nil},
	"counts itself unsaved": {"commitRule", func(r *raft.Rules) {
		r.OwnMatch = func(last, _ raft.Index) raft.Index { return last }
	}, nil},
	"counts learners": {"commitRule", func(r *raft.Rules) {
		r.Counts = func(_, member bool) bool { return member }
	}, nil},
	"commits earlier terms by counting": {"commitRule", func(r *raft.Rules) {
		r.MayCommit = func(_, _ raft.Term) bool { return true }
	}, nil},
	"changes at any time": {"configsOverlap", func(r *raft.Rules) {
		r.MayChange = func(_, _ bool) raft.Reason { return raft.WhyNone }
	}, nil},
	"leaves a joint one at once": {"configsOverlap", func(r *raft.Rules) {
		r.LeavesJoint = func(_, _, _ bool) bool { return true }
	}, nil},
	"keeps a configuration that is cut": {"configInForce", func(r *raft.Rules) {
		r.PopsConfig = func(_, _ raft.Index) bool { return false }
	}, func(cfg *sim.Config) {
		cfg.Nodes, cfg.Raft.CheckQuorum, cfg.Raft.LeaseReads = 5, false, false
		cfg.Nemesis = sim.Nemesis{Every: 300 * raft.Millisecond, Partition: 2, Heal: 2, Change: 6}
	}},
	"keeps the newest with a snapshot": {"snapshotsTrue", func(r *raft.Rules) {
		r.SnapshotConfig = func(_, now *raft.Configuration) *raft.Configuration { return now }
	}, func(cfg *sim.Config) { cfg.SnapshotEvery = 5 }},
	"a lease in spite of a transfer": {"transferClean", func(r *raft.Rules) {
		r.LeaseSurvives = func(bool) bool { return true }
	}, handsOver},
	"reads before the first commit": {"readsProven", func(r *raft.Rules) {
		r.MayRead = func(_, _ raft.Term) bool { return true }
	}, nil},
	"reads without a round": {"readsProven", func(r *raft.Rules) {
		r.ReadConfirmed = func(_, _ uint64) bool { return true }
	}, nil},
	"stale reads": {"readsFresh", func(r *raft.Rules) {
		r.ReadConfirmed = func(_, _ uint64) bool { return true }
	}, stale},
	"endless leases": {"readsProven", func(r *raft.Rules) {
		r.LeaseSpan = func(raft.Time, uint32) raft.Time { return raft.Second }
		r.Agree = func(_, _ quorum.Tally) bool { return true }
	}, func(cfg *sim.Config) {
		leases(cfg)
		cfg.Nemesis = sim.Nemesis{Every: 700 * raft.Millisecond, Partition: 3, Heal: 1}
	}},
}

// Every property that a rule can break is broken by one in a cluster that lives by it.
func TestBrokenRules(t *testing.T) {
	for name, test := range brokenRules {
		t.Run(name, func(t *testing.T) {
			for seed := uint64(1); seed <= 300; seed++ {
				cfg := sim.Swarm(seed, 15*raft.Second)
				cfg.Scenario = "first" // the swarm's own would draw all anew, the rules too
				cfg.Raft.Rules = raft.Standard()
				if test.change(cfg.Raft.Rules); test.adjust != nil {
					test.adjust(&cfg)
				}
				if text := breaks(t, cfg, test.property); text != "" {
					t.Logf("seed %d: %s", seed, text)
					return
				}
			}
			t.Errorf("no seed breaks %s", test.property)
		})
	}
}

// breaks runs a cluster until a property is broken, and gives what is said then.
func breaks(t *testing.T, cfg sim.Config, property string) string {
	t.Helper()
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	k := check.New(c.Header())
	var evs = make([]trace.Event, 0, 1024)
	for reached := raft.Time(0); reached < 15*raft.Second; {
		if evs, reached, err = c.Next(15*raft.Second, evs[:0]); err != nil {
			t.Fatal(err)
		}
		for i := range evs {
			for _, v := range k.Observe(&evs[i]) {
				if v.Check == property {
					return v.Text
				}
			}
		}
	}
	return ""
}
