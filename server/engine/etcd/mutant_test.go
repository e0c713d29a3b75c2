package etcd

import (
	"testing"

	"github.com/raftarium/raftarium/raft/mutant"
)

// compared are the mutants that schedules can show: of votes, logs and commits, without changes of
// the configuration, reads and failing disks.
var compared = [...]string{
	"votes-for-everyone", "vote-forgotten", "vote-not-saved", "any-vote-counts", "log-not-compared",
	"log-compared-by-length", "log-compared-by-term-alone", "previous-term-not-compared",
	"never-truncates", "truncate-always", "ack-own-last-index", "ack-not-saved",
	"commit-beyond-end", "commit-old-term-by-counting", "own-entry-counts-unsaved",
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
			for _, s := range schedules {
				if newPair(t, s.nodes, s.guarded, m.Rules()).run(s.script) != nil {
					t.Logf("found by %q", s.name)
					return
				}
			}
			for seed := uint64(1); seed <= 1000; seed++ {
				nodes, guarded, script := randomSchedule(seed)
				p := newPair(t, nodes, guarded, m.Rules())
				p.lenient = true
				if p.run(script) != nil {
					t.Logf("found by seed %d", seed)
					return
				}
			}
			t.Error("no schedule differs")
		})
	}
}
