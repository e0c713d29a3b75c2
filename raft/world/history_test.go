package world_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/raft/world"
)

// tick gives the n-th event of a quiet run, one a millisecond.
func tick(n uint64) trace.Event {
	return trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: n + 1},
		At: raft.Time(n+1) * raft.Millisecond, Body: trace.Applied{To: raft.Index(n + 1)}}
}

// A timeline without events has a beginning all the same, at which cursors stand.
func TestEmptyTimeline(t *testing.T) {
	tl := world.NewTimeline(tracetest.Header())
	if tl.Header().Title != tracetest.Header().Title || tl.Len() != 0 || tl.First() != 0 ||
		tl.Start() != 0 || tl.At(0) != 0 || tl.At(9) != 0 || tl.OrdinalAt(raft.Second) != 0 {
		t.Errorf("it has %d events from %d on, from time %d", tl.Len(), tl.First(), tl.Start())
	}
	if ev, ok := tl.Event(0); ok {
		t.Errorf("it has an event: %+v", ev)
	}
	if k, ok := tl.Find(trace.EventID{Node: 1, Boot: 1, N: 1}); ok {
		t.Errorf("it finds an event at %d", k)
	}
	c := tl.Cursor()
	c.SeekOrdinal(7)
	c.SeekTime(raft.Second)
	if c.Ordinal() != 0 || c.State().At != raft.Second ||
		len(c.State().Nodes) != len(tracetest.Header().Members) {
		t.Errorf("its cursor stands at %d with %+v", c.Ordinal(), c.State())
	}
	if ev, ok := c.Step(); ok {
		t.Errorf("its cursor goes on with %+v", ev)
	}
}

// Moments and ordinals find each other, before the first event and beyond the last one too.
func TestMomentsAndOrdinals(t *testing.T) {
	tl := world.NewTimeline(trace.Header{})
	for n := range uint64(2000) {
		ev := tick(n)
		tl.Append(&ev)
	}
	for _, c := range []struct {
		at   raft.Time
		want uint64
	}{{-5, 0}, {0, 0}, {raft.Millisecond - 1, 0}, {raft.Millisecond, 1},
		{600*raft.Millisecond + 1, 600}, {2 * raft.Second, 2000}, {3 * raft.Second, 2000}} {
		if got := tl.OrdinalAt(c.at); got != c.want {
			t.Errorf("up to %d there are %d events, not %d", c.at, got, c.want)
		}
	}
	if at := tl.At(700); at != 701*raft.Millisecond {
		t.Errorf("event 700 is of %d", at)
	}
	if at := tl.At(5000); at != 2*raft.Second {
		t.Errorf("beyond the edge it is %d", at)
	}
	if _, ok := tl.Find(trace.EventID{}); ok {
		t.Error("no event at all is found")
	}
	if k, ok := tl.Find(trace.EventID{Node: 1, Boot: 1, N: 1500}); !ok || k != 1499 {
		t.Errorf("event 1500 of S1 is found at %d, %v", k, ok)
	}
}

// The bodies of entries are kept for all moments.
func TestTimelineKeepsBodies(t *testing.T) {
	tl := world.NewTimeline(trace.Header{})
	e := raft.Entry{Index: 1, Term: 1, Data: []byte("x")}
	ev := trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: 1}, Body: trace.Decided{
		Note: raft.Note{Kind: raft.NoteCreated, Term: 1, From: 1, To: 1,
			Entries: []raft.Entry{e}}}}
	tl.Append(&ev)
	if got, ok := tl.Bodies().Get(1, 1); !ok || string(got.Data) != "x" {
		t.Errorf("entry 1 is %+v, %v", got, ok)
	}
}

// However small its bound is, a timeline keeps its newest events and can be walked.
func TestTheNewestStay(t *testing.T) {
	tl := world.NewTimeline(trace.Header{})
	tl.Limit(1)
	for n := range uint64(5000) {
		ev := tick(n)
		tl.Append(&ev)
		if got, ok := tl.Event(n); !ok || got.ID != ev.ID {
			t.Fatalf("event %d is gone at once", n)
		}
	}
	if tl.First() < 3900 || tl.First() >= 5000 {
		t.Errorf("events are kept from %d on", tl.First())
	}
	c := tl.Cursor()
	if n := c.State().Node(1); c.Ordinal() != tl.First() || n.Applied != raft.Index(tl.First()) {
		t.Errorf("before event %d S1 has applied %d", c.Ordinal(), n.Applied)
	}
}

// Where key frames were thinned out, a timeline forgets up to the next one, so that what is left
// begins with a state.
func TestHistoryBeginsAtAKeyFrame(t *testing.T) {
	tl := world.NewTimeline(trace.Header{})
	limit, firsts := 4<<20, 0
	for n := uint64(0); firsts < 3; n++ {
		ev := tick(n)
		first := tl.First()
		tl.Append(&ev)
		if n > 75*512 && n%512 == 0 {
			limit = limit * 49 / 50
			tl.Limit(limit)
		}
		if tl.First() == first {
			continue
		}
		firsts++
		c := tl.Cursor()
		for range 3 {
			if got := c.State().Node(1); c.Ordinal() > n+1 ||
				got.Applied != raft.Index(c.Ordinal()) || !got.Alive && c.Ordinal() > 0 {
				t.Fatalf("history begins at %d, and before event %d S1 has applied %d", tl.First(),
					c.Ordinal(), got.Applied)
			}
			c.SeekOrdinal(c.Ordinal() + 700)
		}
		if n > 1<<20 {
			t.Fatal("nothing is ever forgotten")
		}
	}
}
