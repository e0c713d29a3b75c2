package scenario

import (
	"fmt"
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// never is a judge for whom no run fails.
func never(trace.Header) func(*trace.Event) bool {
	return func(*trace.Event) bool { return false }
}

// faulty gives a configuration in which everything happens that can.
func faulty(seed uint64) sim.Config {
	cfg := sim.DefaultConfig()
	cfg.Seed, cfg.SnapshotEvery, cfg.Raft.Trailing = seed, 20, 4
	cfg.Think, cfg.Clients = 40*raft.Millisecond, 3
	cfg.Nemesis = sim.AllFaults(150*raft.Millisecond, 4*raft.Second)
	return cfg
}

// plain gives an event without what tells an accident from a deed: who is killed stays down.
func plain(ev trace.Event) string {
	if b, ok := ev.Body.(trace.Crashed); ok {
		b.Why, b.Stays = "", false
		ev.Body = b
	}
	return fmt.Sprintf("%d us, %v: %v, hash %016x", ev.At, ev.ID, ev.Body.Kind(),
		trace.HashEvent(0, &ev))
}

// A run with accidents is recorded as actions, and these give the same run without accidents.
func TestRecordedRunIsTheRun(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		var want []string
		k, failed, err := Record(faulty(seed), 5*raft.Second,
			func(trace.Header) func(*trace.Event) bool {
				return func(ev *trace.Event) bool {
					want = append(want, plain(*ev))
					return false
				}
			})
		if err != nil || failed || len(k.Actions) < 10 {
			t.Fatalf("seed %d: %v, failed %v, %d actions", seed, err, failed, len(k.Actions))
		}
		n := 0
		if _, _, err = k.Play(func(evs []trace.Event) bool {
			for i := range evs {
				if evs[i].Body.Kind() == trace.KindAccepted {
					continue
				}
				if got := plain(evs[i]); n >= len(want) || got != want[n] {
					t.Errorf("seed %d: event %d is\n%s\nand was\n%s", seed, n, got,
						append(want, "none")[min(n, len(want))])
					return false
				}
				n++
			}
			return true
		}); err != nil {
			t.Fatal(err)
		}
		if n != len(want) {
			t.Errorf("seed %d: %d events of %d", seed, n, len(want))
		}
	}
}

// What a scenario did is a case, with the same hash.
func TestScenarioAsCase(t *testing.T) {
	for _, name := range Names() {
		s, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Run()
		if err != nil {
			t.Fatal(err)
		}
		k := Case{Config: s.Config, Bug: s.Bug, Actions: r.Actions,
			End: trace.Position{Events: r.Events, At: r.At}}
		n, hash, err := k.Play(func([]trace.Event) bool { return true })
		if err != nil || n != r.Events || hash != r.Hash {
			t.Errorf("%s: %d events, hash %016x, %v; the scenario %d, %016x", name, n, hash, err,
				r.Events, r.Hash)
		}
	}
}

// failing finds a run in which a mutant breaks a property.
func failing(t *testing.T, bug, property string) Case {
	t.Helper()
	m, ok := mutant.Named(bug)
	if !ok {
		t.Fatalf("there is no mutant %s", bug)
	}
	for seed := uint64(1); seed <= 200; seed++ {
		cfg := faulty(seed)
		cfg.Raft.Rules, cfg.Raft.PreVote = m.Rules(), !m.NoPreVote && cfg.Raft.PreVote
		k, failed, err := Record(cfg, 10*raft.Second, Breaks(property))
		if err != nil {
			t.Fatal(err)
		}
		if failed {
			k.Bug = bug
			return k
		}
	}
	t.Fatalf("%s breaks %s with none of 200 seeds", bug, property)
	return Case{}
}

// Minimize finds the few that matter among many, and asks no more often than it may.
func TestMinimize(t *testing.T) {
	var many []int
	for i := range 200 {
		many = append(many, i)
	}
	asked := 0
	fails := func(some []int) bool {
		asked++
		return slices.Contains(some, 3) && slices.Contains(some, 77) && slices.Contains(some, 199)
	}
	if got := Minimize(many, fails, 1000); !slices.Equal(got, []int{3, 77, 199}) || asked > 200 {
		t.Errorf("asked %d times, %v are left", asked, got)
	}
	asked = 0
	if got := Minimize(many, fails, 10); asked != 10 || !fails(got) || len(got) == 200 {
		t.Errorf("asked %d times, %d are left", asked, len(got))
	}
	if got := Minimize(many, func([]int) bool { return true }, 1000); len(got) != 0 {
		t.Errorf("%v are left of what is not needed", got)
	}
	if got := Minimize([]int(nil), fails, 1000); len(got) != 0 {
		t.Errorf("%v of nothing", got)
	}
}

// A failing run becomes a small one, and that one a scenario that fails in the same way.
func TestShrink(t *testing.T) {
	for _, c := range []struct {
		bug, property string
		most          int // actions that may be left
	}{
		{"votes-for-everyone", "electionSafety", 12},
		{"log-not-compared", "leaderCompleteness", 12},
	} {
		t.Run(c.bug, func(t *testing.T) {
			k := failing(t, c.bug, c.property)
			small, played := Shrink(k, Breaks(c.property), 300)
			t.Logf("%d actions, %d servers, %d ms became %d, %d, %d in %d runs", len(k.Actions),
				k.Config.Nodes, k.End.At/raft.Millisecond, len(small.Actions), small.Config.Nodes,
				small.End.At/raft.Millisecond, played)
			if len(small.Actions) > c.most || played > 300 {
				t.Errorf("%d actions are left after %d runs", len(small.Actions), played)
			}
			text := small.Text("A failing run", c.property)
			t.Log("\n" + text)
			s, err := Parse("shrunk", text)
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Run()
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Err(); err != nil {
				t.Errorf("the text does not fail in the same way: %v", err)
			}
		})
	}
}
