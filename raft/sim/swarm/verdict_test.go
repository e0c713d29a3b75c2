package swarm

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Each verdict has a name, and says whether somebody should look.
func TestVerdicts(t *testing.T) {
	for v, want := range map[Verdict]string{Fine: "fine", Lost: "lost", Unsafe: "unsafe",
		NotAlive: "notAlive", 9: "unknown"} {
		if v.String() != want || v.Failed() != (v == Unsafe || v == NotAlive) {
			t.Errorf("%d is %q, failed %v", v, v, v.Failed())
		}
	}
}

// A cluster that cannot be is refused with its seed, and does not run.
func TestImpossibleClusterIsRefused(t *testing.T) {
	cfg := Config(7, raft.Second)
	cfg.Nodes = sim.MaxNodes + 1
	r, err := RunConfig(cfg)
	if err == nil || !strings.HasPrefix(err.Error(), "swarm: seed 7: sim: nodes=102") ||
		r != (Result{}) {
		t.Errorf("%+v, %v", r, err)
	}
}

// A server that finds itself broken ends the run at once, as unsafe.
func TestBrokenServerIsUnsafe(t *testing.T) {
	m, ok := mutant.Named("log-reset-early")
	if !ok {
		t.Fatal("there is no such mutant")
	}
	cfg := m.Config(m.Seed)
	r, err := RunConfig(cfg)
	if err != nil || r.Verdict != Unsafe || r.Check != "broken" || r.Text == "" ||
		r.At > cfg.Nemesis.Until {
		t.Errorf("seed %d: %+v, %v", m.Seed, r, err)
	}
}

// A core that elects and commits, and yet does nothing that clients ask for, does not serve.
func TestWhoTakesNoWritesDoesNotServe(t *testing.T) {
	rules := raft.Standard()
	rules.MayPropose = func(bool) raft.Reason { return raft.WhyTooMany }
	found := Result{}
	for seed := uint64(1); seed <= 20 && found.Check != "served"; seed++ {
		cfg := Config(seed, 3*raft.Second)
		cfg.Raft.Rules = rules
		r, err := RunConfig(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict == Fine {
			t.Fatalf("seed %d: no write was done, and all is fine: %+v", seed, r)
		}
		found = r
	}
	if found.Verdict != NotAlive || !found.Slow ||
		!strings.Contains(found.Text, "a write that was asked for when peace had come was not done") {
		t.Errorf("%+v", found)
	}
}

// Whoever is apart in spite of the peace is no core that could serve: a witness does not call it
// stuck.
func TestWitnessLooksWhetherTheyCouldServe(t *testing.T) {
	started := trace.Started{}
	for _, c := range []struct {
		name  string
		peace []trace.Body // what is so when the peace is said to come
		later []trace.Body
		want  bool
	}{
		{"all are there", nil, nil, true},
		{"two are there", []trace.Body{trace.Crashed{Node: 3}}, nil, true},
		{"one is there", []trace.Body{trace.Crashed{Node: 3}, trace.Paused{Node: 2}}, nil, false},
		{"they are apart", []trace.Body{trace.LinkSet{From: 1, To: 2, Link: trace.Link{Cut: true}}},
			nil, false},
		{"disks are ill", []trace.Body{trace.DiskSet{Node: 1, Disk: trace.Disk{Stuck: true}},
			trace.DiskSet{Node: 2, Disk: trace.Disk{Full: true}}}, nil, false},
		{"one goes on again", []trace.Body{trace.Paused{Node: 3}, trace.Paused{Node: 2},
			trace.Resumed{Node: 2}}, nil, true},
		{"peace is broken", nil, []trace.Body{trace.Crashed{Node: 3}}, false},
	} {
		take := Stuck(trace.Header{ElectionMax: 300 * raft.Millisecond,
			Members: []trace.Member{{ID: 1}, {ID: 2}, {ID: 3}}})
		var n uint64
		stuck := false
		tell := func(at raft.Time, node raft.NodeID, b trace.Body) {
			n++
			stuck = take(&trace.Event{At: at, ID: trace.EventID{Node: node, Boot: 1, N: n}, Body: b})
		}
		for id := raft.NodeID(1); id <= 3; id++ {
			tell(0, id, started)
		}
		for _, b := range c.peace {
			tell(1, trace.Supervisor, b)
		}
		tell(2, trace.Clients, trace.Invoked{Client: 1, Key: sim.PeaceKey})
		for _, b := range c.later {
			tell(3, trace.Supervisor, b)
		}
		tell(10*raft.Second, 1, trace.Applied{})
		if stuck {
			t.Errorf("%s: it is stuck too early", c.name)
		}
		tell(60*raft.Second, 1, trace.Applied{})
		if stuck != c.want {
			t.Errorf("%s: it is stuck: %v", c.name, stuck)
		}
	}
}
