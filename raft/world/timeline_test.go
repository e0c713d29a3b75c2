package world_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// run gives the events of a simulated cluster with faults: kills, cuts, pauses, restarts.
func run(t testing.TB, seed uint64, until raft.Time) (trace.Header, []trace.Event) {
	t.Helper()
	cfg := sim.DefaultConfig()
	cfg.Seed, cfg.SnapshotEvery, cfg.Raft.Trailing = seed, 20, 4
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	var all []trace.Event
	for at := raft.Time(0); at < until; at += 200 * raft.Millisecond {
		all = advance(t, c, all, at)
		cmd := randomCommand(rnd)
		if err := c.Do(cmd); err != nil {
			t.Fatal(err)
		}
	}
	return c.Header(), advance(t, c, all, until)
}

func advance(t testing.TB, c *sim.Cluster, all []trace.Event, at raft.Time) []trace.Event {
	t.Helper()
	for {
		got, reached, err := c.Next(at, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
		if reached >= at {
			return all
		}
	}
}

func randomCommand(rnd *rand.Rand) trace.Command {
	kinds := []trace.CommandKind{trace.CommandKill, trace.CommandRestart, trace.CommandRestart,
		trace.CommandPause, trace.CommandResume, trace.CommandResume, trace.CommandPartition,
		trace.CommandHealAll, trace.CommandHealAll, trace.CommandCampaign, trace.CommandCut,
		trace.CommandPropose}
	id := func() raft.NodeID { return raft.NodeID(1 + rnd.IntN(5)) }
	cmd := trace.Command{ID: rnd.Uint64(), Kind: kinds[rnd.IntN(len(kinds))], Node: id(),
		From: id(), To: id(), Both: rnd.IntN(2) == 0, Key: "k", Value: "v"}
	if cmd.Kind == trace.CommandPartition {
		cmd.Groups = [][]raft.NodeID{{1, 2}, {3, 4, 5}}
	}
	return cmd
}

// same fails unless two states are equal.
func same(t *testing.T, what string, k uint64, got, want *trace.State) {
	t.Helper()
	if !bytes.Equal(trace.AppendState(nil, got), trace.AppendState(nil, want)) {
		t.Fatalf("%s: behind event %d the state is\n%s\nnot\n%s", what, k,
			world.Describe(got, nil), world.Describe(want, nil))
	}
}

// The state at any place, however it was reached, is the straight fold of the events before it.
func TestSeekEqualsFold(t *testing.T) {
	h, events := run(t, 3, 150*raft.Second)
	tl := world.NewTimeline(h)
	straight := make([][]byte, 0, len(events)+1)
	for i := range events {
		straight = append(straight, trace.AppendState(nil, tl.Edge()))
		tl.Append(&events[i])
	}
	straight = append(straight, trace.AppendState(nil, tl.Edge()))
	if len(events) < 40_000 {
		t.Fatalf("only %d events: the test needs more than the newest segments hold", len(events))
	}
	check := func(what string, c *world.Cursor) {
		t.Helper()
		if k := c.Ordinal(); !bytes.Equal(trace.AppendState(nil, c.State()), straight[k]) {
			want, _ := trace.DecodeState(straight[k])
			same(t, what, k, c.State(), want)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	c := tl.Cursor()
	for range 120 {
		k := rnd.Uint64N(tl.Len() + 1)
		c.SeekOrdinal(k)
		if c.Ordinal() != k {
			t.Fatalf("SeekOrdinal(%d) went to %d", k, c.Ordinal())
		}
		check("SeekOrdinal", c)
		for range rnd.IntN(20) {
			if ev, ok := c.Step(); ok && ev.ID != events[c.Ordinal()-1].ID {
				t.Fatalf("Step gave %v at %d, not %v", ev.ID, k, events[c.Ordinal()-1].ID)
			}
			check("Step", c)
		}
	}
	for range 120 {
		at := raft.Time(rnd.Int64N(int64(151*raft.Second))) - raft.Second/2
		c.SeekTime(at)
		checkTime(t, events, c, at)
		for range rnd.IntN(10) {
			at += raft.Time(rnd.Int64N(int64(30 * raft.Millisecond)))
			c.Forward(at)
			checkTime(t, events, c, at)
			c.SeekOrdinal(c.Ordinal())
			check("Forward", c)
			c.SeekTime(at)
		}
	}
}

// checkTime fails unless the cursor stands behind all events up to a moment and no others.
func checkTime(t *testing.T, events []trace.Event, c *world.Cursor, at raft.Time) {
	t.Helper()
	k := c.Ordinal()
	if k > 0 && events[k-1].At > at {
		t.Fatalf("the cursor at %d went behind event %d, which is of %d", at, k-1, events[k-1].At)
	}
	if k < uint64(len(events)) && events[k].At <= at {
		t.Fatalf("the cursor at %d stands before event %d, which is of %d", at, k, events[k].At)
	}
	if c.State().At < at {
		t.Fatalf("the state at %d says it is of %d", at, c.State().At)
	}
}

func TestEventAndFind(t *testing.T) {
	h, events := run(t, 4, 5*raft.Second)
	tl := world.NewTimeline(h)
	for i := range events {
		tl.Append(&events[i])
	}
	for i := range events {
		ev, ok := tl.Event(uint64(i))
		if !ok || ev.ID != events[i].ID || ev.At != events[i].At || tl.At(uint64(i)) != ev.At {
			t.Fatalf("event %d is %v %v, not %v", i, ev, ok, events[i])
		}
	}
	for i := 0; i < len(events); i += 37 {
		if k, ok := tl.Find(events[i].ID); !ok || k != uint64(i) {
			t.Fatalf("event %v is found at %d %v, not at %d", events[i].ID, k, ok, i)
		}
	}
	if _, ok := tl.Event(uint64(len(events))); ok {
		t.Error("there is an event beyond the last one")
	}
	if k, ok := tl.Find(trace.EventID{Node: 1, Boot: 9, N: 1}); ok {
		t.Errorf("an event that never was is found at %d", k)
	}
	if k := tl.OrdinalAt(raft.Second); k == 0 || events[k-1].At > raft.Second ||
		events[k].At <= raft.Second {
		t.Errorf("the first second ends at event %d, between %d and %d", k, events[k-1].At,
			events[k].At)
	}
}

// A cursor that is made before there are events, or stands at the edge, goes on when more come.
func TestCursorFollowsEdge(t *testing.T) {
	h, events := run(t, 5, 3*raft.Second)
	tl := world.NewTimeline(h)
	c, byTime := tl.Cursor(), tl.Cursor()
	byTime.SeekTime(raft.Second)
	for i := range events {
		tl.Append(&events[i])
		if ev, ok := c.Step(); !ok || ev.ID != events[i].ID {
			t.Fatalf("Step at the edge gave %v %v, not %v", ev.ID, ok, events[i].ID)
		}
		if i%100 == 0 {
			byTime.Forward(events[i].At)
			same(t, "Forward", byTime.Ordinal(), byTime.State(), tl.Edge())
		}
	}
	same(t, "Step", c.Ordinal(), c.State(), tl.Edge())
	if _, ok := c.Step(); ok {
		t.Error("there was a step beyond the edge")
	}
}

// Beyond its bound a timeline forgets its oldest events, and nothing else.
func TestForget(t *testing.T) {
	h, events := run(t, 6, 40*raft.Second)
	tl, whole := world.NewTimeline(h), world.NewTimeline(h)
	tl.Limit(200 << 10)
	early := tl.Cursor()
	for i := range events {
		tl.Append(&events[i])
		whole.Append(&events[i])
	}
	first := tl.First()
	if first == 0 || tl.Len() != uint64(len(events)) || tl.Start() != tl.At(first) {
		t.Fatalf("of %d events, those from %d are kept, from time %d", tl.Len(), first, tl.Start())
	}
	if _, ok := tl.Event(first - 1); ok {
		t.Errorf("event %d is there, and history starts at %d", first-1, first)
	}
	c, want := tl.Cursor(), whole.Cursor()
	for _, k := range []uint64{0, first, first + 1, (first + tl.Len()) / 2, tl.Len()} {
		c.SeekOrdinal(k)
		want.SeekOrdinal(max(k, first))
		same(t, "SeekOrdinal", k, c.State(), want.State())
	}
	early.Forward(0)
	if early.Ordinal() != first {
		t.Errorf("a cursor in what is forgotten went to %d, not %d", early.Ordinal(), first)
	}
}
