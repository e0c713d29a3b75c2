package linear_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check/linear"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// lived gives the history of a simulated cluster.
func lived(t *testing.T, cfg sim.Config, until raft.Time) *linear.History {
	t.Helper()
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := linear.NewHistory(100_000)
	buf := make([]trace.Event, 0, 1024)
	for reached := raft.Time(0); reached < until; {
		var got []trace.Event
		if got, reached, err = c.Next(until, buf); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			h.Observe(&got[i])
		}
	}
	return h
}

// What clients of a cluster are told under all faults is linearizable.
func TestClusters(t *testing.T) {
	const until = 15 * raft.Second
	seeds, err := strconv.ParseUint(os.Getenv("SEEDS"), 10, 32)
	if err != nil {
		seeds = 40
	}
	operations := 0
	for seed := uint64(1); seed <= seeds; seed++ {
		r := lived(t, sim.Swarm(seed, until), until+3*raft.Second).Check()
		if r.Verdict != linear.OK {
			t.Errorf("seed %d: %v: %s %v", seed, r.Verdict, r.Text, r.Evidence)
		}
		operations += r.Operations
	}
	t.Logf("%d operations", operations)
}

// Leaders that answer reads without proof that they still lead are found out.
func TestStaleReads(t *testing.T) {
	for seed := uint64(1); seed <= 60; seed++ {
		cfg := sim.DefaultConfig()
		cfg.Seed, cfg.Clients, cfg.Think = seed, 8, 20*raft.Millisecond
		cfg.Raft.Rules = raft.Standard()
		cfg.Raft.Rules.ReadConfirmed = func(uint64, uint64) bool { return true }
		cfg.Raft.CheckQuorum, cfg.ReadAnywhere = false, true
		cfg.Nemesis = sim.Nemesis{Every: 700 * raft.Millisecond, Partition: 3, Heal: 1}
		if r := lived(t, cfg, 15*raft.Second).Check(); r.Verdict == linear.Broken {
			t.Logf("seed %d: %s", seed, r.Text)
			return
		}
	}
	t.Error("stale reads survive 60 seeds")
}
