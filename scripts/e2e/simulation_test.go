package e2e

import (
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// visit opens the page with a cluster that runs in it, and waits until it is there.
func visit(t *testing.T, a *aquarium, query string) *browser {
	t.Helper()
	b := open(t, a.url+"/"+query, 1280, 800)
	eval[any](b, `raftarium.ready.then(() => 1)`)
	b.act(`{type: "speed", factor: 1}`)
	return b
}

func hasLeader(s state) bool { id, _ := s.leader(); return id != 0 }

// TestAVisitorBreaksTheClusterInThePage is what a visitor does first: a leader is elected, killed,
// replaced; the network is cut and healed; a value is written and seen everywhere; time goes back.
func TestAVisitorBreaksTheClusterInThePage(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=5&seed=11&store=file")
	s := b.until("a leader leads", hasLeader)
	first, term := s.leader()

	b.act(fmt.Sprintf(`{type: "kill", node: %d}`, first))
	s = b.until("another leads in a higher term", func(s state) bool {
		id, now := s.leader()
		return id != 0 && id != first && now > term && !s.Nodes[first-1].Alive
	})
	b.shot("sim-second-leader")
	b.act(fmt.Sprintf(`{type: "restart", node: %d}`, first))
	b.until("the killed node is back and follows", func(s state) bool {
		return s.Nodes[first-1].Alive && s.Nodes[first-1].Role == "follower"
	})
	cutAndHeal(b)
	writeEverywhere(b)
	goBack(b)
	if n := len(b.state().Violations); n != 0 {
		t.Errorf("%d properties are broken", n)
	}
	b.quiet()
}

// cutAndHeal leaves the leader in a minority: it is replaced there, and all are equal at the end.
func cutAndHeal(b *browser) {
	b.t.Helper()
	s := b.until("a leader leads", hasLeader)
	old, term := s.leader()
	friend := old%5 + 1
	var rest []int
	for id := 1; id <= 5; id++ {
		if id != old && id != friend {
			rest = append(rest, id)
		}
	}
	b.act(fmt.Sprintf(`{type: "partition", groups: [[%d,%d],[%d,%d,%d]]}`, old, friend, rest[0],
		rest[1], rest[2]))
	b.until("the majority has a leader of its own", func(s state) bool {
		id, now := s.leader()
		return now > term && id != old && id != friend
	})
	b.act(`{type: "hold"}`)
	b.shot("sim-partition")
	b.act(`{type: "play"}`)
	b.act(`{type: "healAll"}`)
	b.until("nothing is cut and all agree", func(s state) bool {
		for _, l := range s.Links {
			if l.Cut {
				return false
			}
		}
		return sameTerm(s)
	})
}

func sameTerm(s state) bool {
	for _, n := range s.Nodes {
		if n.Term != s.Nodes[0].Term {
			return false
		}
	}
	return hasLeader(s)
}

// writeEverywhere writes a value and sees it committed on every node.
func writeEverywhere(b *browser) {
	b.t.Helper()
	before := b.state().Nodes[0].CommitIndex
	b.act(`{type: "propose", key: "q", value: "5"}`)
	b.until("the value is committed everywhere", func(s state) bool {
		for _, n := range s.Nodes {
			if n.CommitIndex <= before {
				return false
			}
		}
		return true
	})
	eventually(b.t, b.ctx, "the log shows the value", func() bool {
		return eval[bool](b, `document.querySelector("log-panel").textContent.includes("q5")`)
	})
}

// goBack goes to the beginning, where nobody leads, and to the edge again.
func goBack(b *browser) {
	b.t.Helper()
	b.act(`{type: "hold"}`)
	b.act(`{type: "seek", time: 1000}`)
	b.until("the play-head is at the beginning", func(s state) bool {
		return s.Time == 1000 && !hasLeader(s) && !s.Live
	})
	b.act(`{type: "kill", node: 1}`) // in a branch
	b.until("it is down", func(s state) bool { return !s.Nodes[0].Alive })
	b.act(`{type: "branch", index: 0}`)
	b.until("in the run it is up", func(s state) bool { return s.Nodes[0].Alive })
	b.act(`{type: "step", by: "change"}`)
	b.until("a step went on", func(s state) bool { return s.Time > 1000 })
	b.act(`{type: "play"}`)
}

// TestASnapshotIsInstalled watches the scenario of a node that was away while the others compacted.
func TestASnapshotIsInstalled(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=5&seed=3&scenario=away")
	b.act(`{type: "speed", factor: 0.2}`)
	b.until("the node that was away has a snapshot of the others", func(s state) bool {
		n := s.Nodes[4]
		return s.Time > 620_000 && n.SnapshotIndex > 0 && n.LastIndex >= n.SnapshotIndex
	})
	eventually(t, b.ctx, "the events tell of it", func() bool {
		return eval[bool](b,
			`document.querySelector("event-list").textContent.includes("snapshot")`)
	})
	b.shot("sim-snapshot")
	b.quiet()
}

// TestThePageRunsWhatTheProgramRuns holds that the same seed gives the same hash in WebAssembly and
// natively.
func TestThePageRunsWhatTheProgramRuns(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=5&seed=7")
	b.act(`{type: "hold"}`)
	for _, until := range []raft.Time{raft.Second, 10 * raft.Second, 60 * raft.Second} {
		b.act(fmt.Sprintf(`{type: "seek", time: %d}`, until))
		s := b.until("the run has come so far", func(s state) bool { return s.Time == int64(until) })
		if want := nativeHash(t, until); s.Hash == nil || *s.Hash != want {
			t.Errorf("at %d us the page's hash is %v, the program's %s", until, s.Hash, want)
		}
	}
}

// nativeHash runs the same cluster here.
func nativeHash(t *testing.T, until raft.Time) string {
	t.Helper()
	cfg, err := sim.ParseURI("sim:?nodes=5&seed=7")
	if err != nil {
		t.Fatal(err)
	}
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]trace.Event, 0, 1024)
	for reached := raft.Time(0); reached < until; {
		if _, reached, err = c.Next(until, buf[:0]); err != nil {
			t.Fatal(err)
		}
	}
	_, hash := c.Run()
	return fmt.Sprintf("%016x", hash)
}

// TestAMemoryNodeThatWasKilledStaysDown holds that the page says why.
func TestAMemoryNodeThatWasKilledStaysDown(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=2&store=memory")
	b.until("a leader leads", hasLeader)
	b.act(`{type: "kill", node: 2}`)
	b.until("it is down", func(s state) bool { return !s.Nodes[1].Alive })
	why := b.ask(`{type: "restart", node: 2}`)
	if why == "" || b.state().Nodes[1].Alive {
		t.Error("a voter that lost its vote was restarted")
	}
	t.Log(why)
}
