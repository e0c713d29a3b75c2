package swarm

import (
	"flag"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/scenario"
	"github.com/raftarium/raftarium/raft/sim"
)

var oneSeed = flag.Uint64("seed", 0, "run the swarm with this seed only")

// A small swarm with fixed seeds: nothing is broken, and all is well when the accidents are over.
func TestSwarm(t *testing.T) {
	from, to := uint64(1), uint64(300)
	if *oneSeed != 0 {
		from, to = *oneSeed, *oneSeed
	}
	lost := 0
	for seed := from; seed <= to; seed++ {
		r, err := Run(seed, sim.SwarmSpan)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict.Failed() {
			t.Errorf("seed %d, %d us: %v: %s: %s\nrepeat: raftarium swarm --from %d --seeds 1", seed,
				r.At, r.Verdict, r.Check, r.Text, seed)
		}
		if r.Verdict == Lost {
			lost++
		}
	}
	if lost > 5 {
		t.Errorf("%d of %d seeds say nothing about peace", lost, to)
	}
}

// Seeds that once failed: what was lost before a crash was counted behind it (decision 22), and a
// server that was removed as peace came, and had not been told, disturbed the others for ever, which
// without pre-votes is nobody's fault (thesis 4.2.3).
func TestSeedsThatFailed(t *testing.T) {
	for seed, want := range map[uint64]Verdict{268027: Fine, 415339: Lost} {
		if r, err := Run(seed, sim.SwarmSpan); err != nil || r.Verdict != want {
			t.Errorf("seed %d: %v: %s: %s, %v, want %v", seed, r.Verdict, r.Check, r.Text, err, want)
		}
	}
}

// What a seed comes to does not depend on how often it is asked.
func TestRunIsAFunctionOfItsSeed(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		a, err := Run(seed, 5*raft.Second)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := Run(seed, 5*raft.Second); a != b {
			t.Errorf("seed %d: %+v, and then %+v", seed, a, b)
		}
	}
}

func TestEndlessAccidentsAreRefused(t *testing.T) {
	cfg := Config(1, 0)
	if _, err := RunConfig(cfg); err == nil {
		t.Error("a swarm without an end was taken")
	}
}

// A swarm whose rules are broken finds it: by safety, or by what must happen in peace.
func TestSwarmFindsBrokenRules(t *testing.T) {
	for _, c := range []struct {
		name   string
		want   Verdict
		change func(*raft.Rules)
	}{
		{"a vote for everybody", Unsafe, func(r *raft.Rules) {
			r.MayVote = func(raft.NodeID, raft.NodeID, raft.NodeID) raft.Reason { return raft.WhyNone }
		}},
		{"acknowledged before it is saved", Unsafe, func(r *raft.Rules) {
			r.AckNeedsSave = func() bool { return false }
		}},
		{"a joint configuration that is never left", NotAlive, func(r *raft.Rules) {
			r.LeavesJoint = func(bool, bool, bool) bool { return false }
		}},
		{"what is lost is not found", NotAlive, func(r *raft.Rules) {
			r.BeatsWhenFull = func(full bool) bool { return !full }
		}},
	} {
		found := Result{}
		for seed := uint64(1); seed <= 300 && found.Verdict != c.want; seed++ {
			cfg := Config(seed, 10*raft.Second)
			cfg.Raft.Rules = raft.Standard()
			c.change(cfg.Raft.Rules)
			r, err := RunConfig(cfg)
			if err != nil {
				t.Fatal(err)
			}
			found = r
		}
		if found.Verdict != c.want {
			t.Errorf("%s: no seed of 300 is %v", c.name, c.want)
		}
		t.Logf("%s: seed %d: %s: %s", c.name, found.Seed, found.Check, found.Text)
	}
}

// Stuck sees by the events alone that a core does not serve, and nothing where one does.
func TestStuck(t *testing.T) {
	for _, c := range []struct {
		rules *raft.Rules
		want  bool
	}{{raft.Standard(), false}, {func() *raft.Rules {
		r := raft.Standard()
		r.LeavesJoint = func(bool, bool, bool) bool { return false }
		return r
	}(), true}} {
		found := 0
		for seed := uint64(1); seed <= 40; seed++ {
			cfg := Config(seed, 6*raft.Second)
			cfg.Raft.Rules = c.rules
			r, err := RunConfig(cfg)
			if err != nil {
				t.Fatal(err)
			}
			_, failed, err := scenario.Record(cfg, r.At+20*raft.Second, Stuck)
			if err != nil {
				t.Fatal(err)
			}
			if failed && r.Verdict != NotAlive {
				t.Errorf("seed %d: it is stuck, and %+v", seed, r)
			}
			if failed {
				found++
			}
		}
		if (found > 0) != c.want {
			t.Errorf("of 40 seeds %d are stuck", found)
		}
	}
}
