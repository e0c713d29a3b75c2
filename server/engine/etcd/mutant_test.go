package etcd

import (
	"testing"

	"github.com/raftarium/raftarium/raft/mutant"
)

// compared are the mutants that schedules can show: of votes, logs, commits, changes of the
// configuration, transfers and reads by rounds, without leases and failing disks.
var compared = [...]string{
	"votes-for-everyone", "vote-forgotten", "vote-not-saved", "any-vote-counts", "log-not-compared",
	"log-compared-by-length", "log-compared-by-term-alone", "previous-term-not-compared",
	"never-truncates", "truncate-always", "ack-own-last-index", "ack-not-saved",
	"commit-beyond-end", "commit-old-term-by-counting", "own-entry-counts-unsaved",
	"change-before-own-term", "change-upon-change", "configuration-not-popped",
	"configuration-outlives-snapshot", "learner-counts", "removed-leader-leaves-early",
	"joint-left-early", "joint-not-left", "union-commits", "one-voter-shortcut", "learner-stands",
	"learner-refuses", "snapshot-with-newest-configuration", "proposals-during-transfer",
	"read-before-own-term", "read-proven-by-old-round", "read-without-round",
}

// TestMutantsAreFound shows that the comparison can fail: a core with one broken rule differs from
// etcd's in some schedule.
func TestMutantsAreFound(t *testing.T) {
	for _, name := range compared {
		m, ok := mutant.Named(name)
		if !ok {
			t.Errorf("there is no mutant %s", name)
		}
		t.Run(m.Name, func(t *testing.T) {
			for _, s := range byHand() {
				if newPair(t, s.setup, m.Rules()).run(s.script) != nil {
					t.Logf("found by %q", s.name)
					return
				}
			}
			for seed := uint64(1); seed <= 1000; seed++ {
				for _, k := range kinds {
					s, script := k.schedule(seed)
					p := newPair(t, s, m.Rules())
					p.lenient = true
					if p.run(script) != nil {
						t.Logf("found by %s, seed %d", k.name, seed)
						return
					}
				}
			}
			t.Error("no schedule differs")
		})
	}
}
