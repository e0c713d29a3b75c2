package sim

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// faulty gives a configuration in which everything happens that can.
func faulty(seed uint64) Config {
	cfg := DefaultConfig()
	cfg.Seed, cfg.SnapshotEvery, cfg.Raft.Trailing = seed, 20, 4
	cfg.Think, cfg.Clients = 40*raft.Millisecond, 3
	cfg.Nemesis = AllFaults(150*raft.Millisecond, 0)
	return cfg
}

func TestSameSeedSameRun(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		var first string
		for try := range 3 {
			c := start(t, faulty(seed))
			runTo(t, c, 5*raft.Second)
			n, hash := c.Run()
			got := fmt.Sprintf("%d events, hash %016x", n, hash)
			if try == 0 {
				first = got
			} else if got != first {
				t.Errorf("seed %d: %s, and then %s", seed, first, got)
			}
		}
	}
}

func TestOtherSeedOtherRun(t *testing.T) {
	hashes := map[uint64]uint64{}
	for seed := uint64(1); seed <= 20; seed++ {
		c := start(t, faulty(seed))
		runTo(t, c, raft.Second)
		_, hash := c.Run()
		if other, ok := hashes[hash]; ok {
			t.Errorf("seeds %d and %d give the same run", other, seed)
		}
		hashes[hash] = seed
	}
}

// How Next is cut into calls, by room and by time, changes nothing.
func TestCutIntoCalls(t *testing.T) {
	whole := start(t, faulty(3))
	all := runTo(t, whole, 3*raft.Second)
	n, hash := whole.Run()
	for _, room := range []int{1, 3, 7, 31, 255, 4097} {
		for _, step := range []raft.Time{3 * raft.Second, 333_333, 16_667} {
			c := start(t, faulty(3))
			got, reached := pull(t, c, 3*raft.Second, step, room)
			if gn, gh := c.Run(); gn != n || gh != hash || got != len(all) {
				t.Errorf("room %d, step %d us: %d events given of %d, %d in the run, hash %016x; "+
					"in one go %d, %d, %016x", room, step, got, len(all), gn, gh, len(all), n, hash)
			}
			if reached != 3*raft.Second {
				t.Errorf("room %d, step %d us: reached %d us", room, step, reached)
			}
		}
	}
}

// pull runs a cluster in steps of time with room for a few events, and holds Next to its words.
func pull(t *testing.T, c *Cluster, end, step raft.Time, room int) (n int, reached raft.Time) {
	t.Helper()
	buf := make([]trace.Event, 0, room)
	last := raft.Time(0)
	for until := step; reached < end; {
		until = min(until, end)
		got, r, err := c.Next(until, buf)
		switch {
		case err != nil:
			t.Fatal(err)
		case r < reached:
			t.Fatalf("reached went back from %d to %d us", reached, r)
		case len(got) > room:
			t.Fatalf("%d events were given where there was room for %d", len(got), room)
		}
		for i := range got {
			if got[i].At < last || got[i].At <= reached && reached > 0 || got[i].At > until {
				t.Fatalf("an event of %d us came after %d, with all up to %d given, asked up to %d",
					got[i].At, last, reached, until)
			}
			last = got[i].At
		}
		reached = r
		n += len(got)
		if r >= until {
			until += step
		}
	}
	return n, reached
}

// A copy made anywhere in a run goes on to the same end, and so does the original beside it.
func TestClone(t *testing.T) {
	end := 4 * raft.Second
	cmds := []trace.Command{{Kind: trace.CommandKill, Node: 2},
		{Kind: trace.CommandPropose, Key: "x", Value: "1"}, {Kind: trace.CommandCampaign, Node: 1},
		{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{{1, 2}, {3, 4, 5}}},
		{Kind: trace.CommandHealAll}, {Kind: trace.CommandRestart, Node: 2}}
	run := func(visit func(step int, c *Cluster)) *Cluster {
		c := start(t, faulty(11))
		buf := make([]trace.Event, 0, 7)
		for step, reached := 0, raft.Time(0); reached < end; step++ {
			var err error
			if _, reached, err = c.Next(end, buf); err != nil {
				t.Fatal(err)
			}
			if step%150 == 100 {
				c.Do(cmds[step/150%len(cmds)])
			}
			if visit != nil {
				visit(step, c)
			}
		}
		return c
	}
	n, hash := run(nil).Run()
	type copied struct {
		step int
		c    *Cluster
	}
	var copies []copied
	last := 0
	run(func(step int, c *Cluster) {
		if last = step; step%9 == 3 {
			copies = append(copies, copied{step, c.Clone()})
		}
	})
	for _, k := range copies {
		buf := make([]trace.Event, 0, 7)
		for step, reached := k.step+1, raft.Time(0); reached < end; step++ {
			_, reached, _ = k.c.Next(end, buf)
			if step%150 == 100 {
				k.c.Do(cmds[step/150%len(cmds)])
			}
		}
		if gn, gh := k.c.Run(); gn != n || gh != hash {
			t.Errorf("the copy behind call %d of %d: %d events, hash %016x; the original %d, %016x",
				k.step, last, gn, gh, n, hash)
		}
	}
	if len(copies) < 20 {
		t.Errorf("only %d copies were made", len(copies))
	}
}

// The golden table tells when sim.Version must grow.
func TestGolden(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "# sim.Version %d: when a line changes, Version must grow.\n", Version)
	for _, name := range Scenarios() {
		if name == "swarm" {
			continue // it stands below
		}
		for _, seed := range []uint64{1, 2, 1<<63 + 9} {
			for _, nodes := range []int{3, 5} {
				cfg := DefaultConfig()
				cfg.Scenario, cfg.Seed, cfg.Nodes = name, seed, nodes
				golden(t, &b, name, cfg)
			}
		}
	}
	for seed := uint64(1); seed <= 8; seed++ {
		golden(t, &b, "swarm", swarm(seed, 0))
	}
	const path = "testdata/golden.txt"
	if *rewrite {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s differs; write it anew with -rewrite and let Version grow.\ngot\n%s\nwant\n%s",
			path, b.String(), want)
	}
}

func golden(t *testing.T, b *strings.Builder, name string, cfg Config) {
	t.Helper()
	c := start(t, cfg)
	runTo(t, c, 2*raft.Second)
	n, hash := c.Run()
	fmt.Fprintf(b, "%-6s seed %-20d nodes %d: %6d events, hash %016x\n", name, cfg.Seed, cfg.Nodes,
		n,
		hash)
}
