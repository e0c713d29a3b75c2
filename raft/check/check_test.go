package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

// A violation names the two facts, and is told once for each culprit.
func TestEvidence(t *testing.T) {
	s := three().tell(1, granted(4, 2), granted(4, 3), granted(4, 1)).tell(2, granted(4, 1),
		granted(4, 3))
	var all []trace.Violation
	c := check.New(trace.Header{})
	for i := range s.evs {
		all = append(all, c.Observe(&s.evs[i])...)
	}
	if len(all) != 2 || all[0].Nodes[0] != 1 || all[1].Nodes[0] != 2 {
		t.Fatalf("two servers voted twice, and these were told: %v", all)
	}
	want := []trace.EventID{{Node: 1, Boot: 1, N: 2}, {Node: 1, Boot: 1, N: 3}}
	if !slices.Equal(all[0].Evidence, want) || all[0].Section != "5.2" {
		t.Errorf("section %s, evidence %v, not 5.2, %v", all[0].Section, all[0].Evidence, want)
	}
	for _, r := range c.Report() {
		if broken := r.Name == "votesKept"; (r.Status == check.Broken) != broken ||
			(r.First != nil) != broken {
			t.Errorf("%s %v, first %v", r.Name, r.Status, r.First)
		}
		if r.Text == "" || r.Section == "" {
			t.Errorf("%s says nothing", r.Name)
		}
	}
}

// status gives what all properties have in common.
func status(t *testing.T, c *check.Checker) check.Status {
	t.Helper()
	rs := c.Report()
	for _, r := range rs {
		if r.Status != rs[0].Status {
			t.Errorf("%s %v, %s %v", rs[0].Name, rs[0].Status, r.Name, r.Status)
		}
	}
	return rs[0].Status
}

// What is not told is not judged: before a start, after Missed, behind a start that was not told.
func TestNotObservable(t *testing.T) {
	s := &story{}
	if _, c := s.judge(); status(t, c) != check.NotObservable {
		t.Error("nothing was told, and it is judged")
	}
	if _, c := three().judge(); status(t, c) != check.Holds {
		t.Error("all have started, and it is not judged")
	}
	gap := led()
	gap.evs = append(gap.evs, trace.Event{ID: trace.EventID{Node: trace.FirstHub, Boot: 1, N: 1},
		Body: trace.Missed{Count: 3}})
	gap.tell(1, counted(9, 1), trace.Answered{Outcome: raft.OutcomeOK, Index: 9, Term: 1},
		leader(1))
	if said, c := gap.judge(); len(said) != 0 || status(t, c) != check.NotObservable {
		t.Errorf("behind a gap it said: %v", said)
	}
	boot := led()
	boot.last[2] = trace.EventID{Node: 2, Boot: 5, N: 10}
	boot.tell(2, granted(1, 3), appended(9, 9, 9))
	if said, c := boot.judge(); len(said) != 0 || status(t, c) != check.NotObservable {
		t.Errorf("of a start that was not told it said: %v", said)
	}
}

// A key frame tells what was missed, and then judging goes on.
func TestKeyFrameArms(t *testing.T) {
	s := led()
	frame := trace.State{}
	for id := raft.NodeID(1); id <= 3; id++ {
		n := trace.NodeState{ID: id, Boot: 1, Known: true, Members: []raft.NodeID{1, 2, 3}, Term: 3,
			Commit: 8, Applied: 8, SavedTerm: 3, SavedVote: 1,
			Log: trace.Log{Runs: []trace.Run{{From: 1, To: 9, Term: 3, Digest: digest(9,
				3)}}},
			SavedLast: raft.Mark{Index: 9, Term: 3, Digest: digest(9, 3)}}
		if id == 1 {
			n.Role = raft.Leader
		}
		frame.Nodes = append(frame.Nodes, n)
	}
	hub := trace.EventID{Node: trace.FirstHub, Boot: 1, N: 1}
	s.evs = append(s.evs, trace.Event{ID: hub, Body: trace.Missed{Count: 3}},
		trace.Event{ID: hub, Body: trace.KeyFrame{State: &frame}})
	s.tell(1, counted(9, 3), trace.Applied{From: 9, To: 9})
	said, c := s.judge()
	if len(said) != 0 {
		t.Errorf("behind a key frame it said: %v", said)
	}
	properties := check.Properties()
	for i, r := range c.Report() { // a key frame does not say who has a vote
		want := check.Holds
		if properties[i].Needs == "the configurations" {
			want = check.NotObservable
		}
		if r.Status != want {
			t.Errorf("behind a key frame %s is %v, not %v", r.Name, r.Status, want)
		}
	}
	s.tell(2, truncated(5, 9, 3))
	if said, _ = s.judge(); len(said) != 1 || !strings.Contains(said[0], "had committed up to 8") {
		t.Errorf("behind a key frame a broken rule was told as %v", said)
	}
}

// faulty is a run with all faults.
func faulty(seed uint64) sim.Config {
	cfg := sim.DefaultConfig()
	cfg.Seed, cfg.SnapshotEvery = seed, 20
	cfg.Nemesis = sim.AllFaults(100*raft.Millisecond, 0)
	return cfg
}

// brokenRun is a run whose followers vote for everybody.
func brokenRun(t testing.TB, seed uint64) *sim.Cluster {
	t.Helper()
	cfg := faulty(seed)
	rules := raft.Standard()
	rules.MayVote = func(_, _, _ raft.NodeID) raft.Reason { return raft.WhyNone }
	cfg.Raft.Rules, cfg.Raft.PreVote = rules, false
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pull collects a run, with room for some events at a time.
func pull(t testing.TB, src trace.Source, until raft.Time, room int) (all []trace.Event) {
	t.Helper()
	buf := make([]trace.Event, 0, room)
	for reached := raft.Time(0); reached < until; {
		got, r, err := src.Next(until, buf)
		if err != nil {
			t.Fatal(err)
		}
		if room > 0 && len(got) > room || r < reached {
			t.Fatalf("%d events for room %d; reached %d us after %d us", len(got), room, r, reached)
		}
		for i := range got {
			if got[i].At <= reached && reached > 0 {
				t.Fatalf("an event of %d us, when all up to %d us had been given", got[i].At,
					reached)
			}
		}
		all, reached = append(all, got...), r
	}
	return all
}

// A watched source gives what it gives, and behind what breaks a property the violation.
func TestWatch(t *testing.T) {
	const until = 5 * raft.Second
	plain := pull(t, brokenRun(t, 1), until, 100)
	for _, room := range []int{0, 1, 2, 7, 100, 5000} {
		src := check.Watch(brokenRun(t, 1))
		all := pull(t, src, until, room)
		var rest []trace.Event
		violations := uint64(0)
		for i := range all {
			v, ok := all[i].Body.(trace.Violation)
			if !ok || all[i].ID.Boot == 2 { // the cluster's own
				rest = append(rest, all[i])
				continue
			}
			violations++
			before := all[i-1]
			for k := i - 1; before.ID != all[i].Cause; k-- {
				before = all[k]
			}
			if all[i].ID != (trace.EventID{Node: trace.Checker, Boot: 3, N: violations}) ||
				!slices.Contains(v.Evidence, before.ID) || before.At != all[i].At {
				t.Errorf("room %d: %v stands behind %v: %v", room, all[i].ID, before.ID, v)
			}
		}
		if violations == 0 {
			t.Errorf("room %d: no violation", room)
		}
		if fmt.Sprint(eventIDs(rest)) != fmt.Sprint(eventIDs(plain)) {
			t.Errorf("room %d: %d events beside the violations, %d without a watch", room,
				len(rest),
				len(plain))
		}
	}
}

func eventIDs(evs []trace.Event) (got []trace.EventID) {
	for i := range evs {
		got = append(got, evs[i].ID)
	}
	return got
}

// A copy of a checker, made anywhere, goes on to the same verdicts.
func TestClone(t *testing.T) {
	evs := pull(t, brokenRun(t, 3), 5*raft.Second, 1000)
	whole := check.New(trace.Header{})
	var told []string
	from := make([]int, len(evs))
	var copies []*check.Checker
	for i := range evs {
		if i%97 == 0 {
			copies = append(copies, whole.Clone())
		}
		from[i] = len(told)
		for _, v := range whole.Observe(&evs[i]) {
			told = append(told, v.Text)
		}
	}
	for k, c := range copies {
		var got []string
		for i := 97 * k; i < len(evs); i++ {
			for _, v := range c.Observe(&evs[i]) {
				got = append(got, v.Text)
			}
		}
		if want := told[from[97*k]:]; !slices.Equal(got, want) {
			t.Fatalf("the copy behind event %d said %q, the original %q", 97*k, got, want)
		}
	}
	if len(told) == 0 {
		t.Error("nothing was told")
	}
}

// Whatever a source says, in whatever order, the fold goes on.
func TestNothingPanics(t *testing.T) {
	examples := tracetest.Events()
	for seed := range uint64(300) {
		r := rng.New(seed)
		c := check.New(trace.Header{Members: []trace.Member{{ID: 1}, {ID: 2}, {ID: 7}}})
		for id := raft.NodeID(1); id <= 3; id++ {
			c.Observe(&trace.Event{ID: trace.EventID{Node: id, Boot: 2, N: 1},
				Body: trace.Started{Members: []raft.NodeID{1, 2, 3}}})
		}
		for range 200 {
			ev := examples[r.Below(int64(len(examples)))]
			ev.ID.Node = raft.NodeID(r.Between(0, 4))
			ev.ID.Boot = uint32(r.Between(2, 3))
			if d, ok := ev.Body.(trace.Decided); ok {
				any := func() uint64 { return uint64(r.Below(6)) << (r.Below(2) * r.Below(62)) }
				d.Note.Index, d.Note.From, d.Note.To = raft.Index(any()), raft.Index(any()),
					raft.Index(any())
				d.Note.Term, d.Note.LogTerm = raft.Term(any()), raft.Term(any())
				d.Note.Digest = raft.Digest(r.Below(3))
				ev.Body = d
			}
			c.Observe(&ev)
		}
		c.Report()
		c.Clone()
	}
}

// BenchmarkObserve measures the fold alone, over five servers under load.
func BenchmarkObserve(b *testing.B) {
	cfg := sim.DefaultConfig()
	cfg.Clients, cfg.Think, cfg.SnapshotEvery = 16, 5*raft.Millisecond, 100
	c, err := sim.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	evs := pull(b, c, 5*raft.Second, 4096)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		k := check.New(c.Header())
		for i := range evs {
			k.Observe(&evs[i])
		}
		n += len(evs)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
