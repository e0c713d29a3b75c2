package mutant_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

var long = flag.Bool("long", false, "give every mutant ten times as many seeds")

// bound is how many seeds, of 30 s each, a mutant may survive.
const bound = 60

// faulty gives a cluster in which accidents are frequent and the disks slow, so that what is broken
// shows soon.
func faulty(seed uint64, m *mutant.Mutant) sim.Config {
	r := rng.New(seed).Split("mutant", 0)
	cfg := sim.DefaultConfig()
	cfg.Seed, cfg.Nodes = seed, int(3+2*(seed%2))
	cfg.Clients, cfg.Think = 5, 30*raft.Millisecond
	cfg.Patient = 200 * raft.Millisecond
	cfg.Fsync = raft.Time(r.Between(1, 12)) * raft.Millisecond
	cfg.Link.Jitter = raft.Time(r.Between(1, 20)) * raft.Millisecond
	cfg.SnapshotEvery = uint64(r.Below(2)) * 40
	cfg.Raft.PreVote = r.Below(2) == 0 && !m.NoPreVote
	cfg.Raft.CheckQuorum = r.Below(2) == 0
	cfg.Raft.MaxBatch = int(r.Between(1, 8))
	cfg.Nemesis = sim.AllFaults(raft.Time(r.Between(60, 300))*raft.Millisecond, 0)
	cfg.Nemesis.Restart, cfg.Nemesis.Resume, cfg.Nemesis.Heal = 12, 12, 6
	cfg.Nemesis.Partition, cfg.Nemesis.Noise = 6, 3
	if seed%3 == 0 { // the network only, for long: logs grow apart
		cfg.Nemesis = sim.Nemesis{Every: 400 * raft.Millisecond, Partition: 3, OneWay: 2, Heal: 1}
		cfg.Fsync, cfg.Raft.CheckQuorum = raft.Millisecond, false
	}
	cfg.Raft.Rules = m.Rules()
	return cfg
}

// run plays a mutant and gives the checks that tripped, with the first violation of each.
func run(t *testing.T, cfg sim.Config, until raft.Time) map[string]trace.Violation {
	t.Helper()
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	src := check.Watch(c)
	tripped := map[string]trace.Violation{}
	buf := make([]trace.Event, 0, 1024)
	for reached := raft.Time(0); reached < until; {
		var got []trace.Event
		if got, reached, err = src.Next(until, buf); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if v, ok := got[i].Body.(trace.Violation); ok {
				if _, known := tripped[v.Check]; !known {
					tripped[v.Check] = v
				}
			}
		}
	}
	return tripped
}

// Every mutant is caught, and every check catches one.
func TestMutantsAreCaught(t *testing.T) {
	seeds := uint64(bound)
	if *long {
		seeds *= 10
	}
	caught := map[string]int{}
	var grid strings.Builder
	fmt.Fprintf(&grid, "%-28s", "seeds until it trips")
	for _, name := range check.Names() {
		fmt.Fprintf(&grid, " %18s", name)
	}
	fmt.Fprintf(&grid, " %8s\n", "broken")
	for _, m := range mutant.All() {
		needed, example := map[string]uint64{}, ""
		for seed := uint64(1); seed <= seeds; seed++ {
			tripped := run(t, faulty(seed, &m), 30*raft.Second)
			for _, name := range slices.Sorted(maps.Keys(tripped)) {
				if needed[name] == 0 {
					needed[name] = seed
				}
				if example == "" || strings.HasPrefix(example, "broken") {
					example = fmt.Sprintf("%s, seed %d: %s", name, seed, tripped[name].Text)
				}
			}
			if example != "" && seed >= 5 && !*long {
				break
			}
		}
		fmt.Fprintf(&grid, "%-28s", m.Name)
		for _, name := range append(check.Names(), "broken") {
			if needed[name] > 0 {
				caught[name]++
			}
			width := 18
			if name == "broken" {
				width = 8
			}
			fmt.Fprintf(&grid, " %*d", width, needed[name])
		}
		fmt.Fprintf(&grid, "\n    %s\n", example)
		if example == "" {
			t.Errorf("%s survives %d seeds", m.Name, seeds)
		}
	}
	for _, name := range check.Names() {
		if caught[name] == 0 {
			t.Errorf("no mutant trips %s", name)
		}
	}
	t.Log("\n" + grid.String())
}

// The same accidents do nothing to the standard rules.
func TestStandardSurvives(t *testing.T) {
	standard := mutant.Mutant{}
	for seed := uint64(1); seed <= 20; seed++ {
		cfg := faulty(seed, &standard)
		for name, v := range run(t, cfg, 20*raft.Second) {
			t.Errorf("seed %d: %s: %s", seed, name, v.Text)
		}
	}
}

func TestNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range mutant.All() {
		if got, ok := mutant.Named(m.Name); !ok || got.Text != m.Text || seen[m.Name] {
			t.Errorf("%s is found: %v, twice: %v", m.Name, ok, seen[m.Name])
		}
		if m.Text == "" || m.Section == "" {
			t.Errorf("%s does not say what is wrong", m.Name)
		}
		seen[m.Name] = true
	}
	if _, ok := mutant.Named("none"); ok {
		t.Error("a mutant that is not there was found")
	}
}
