package world_test

import (
	"reflect"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// A branch begins as the timeline that it comes from, wherever that is, and neither knows what
// becomes of the other: not even of an entry that has the same index and term in both.
func TestABranchBeginsAsTheTimeline(t *testing.T) {
	c, err := sim.New(sim.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	line := world.NewTimeline(c.Header())
	evs, _, err := c.Next(3*raft.Second, make([]trace.Event, 0, 1<<14))
	if err != nil || len(evs) < 2000 {
		t.Fatalf("%d events, %v", len(evs), err)
	}
	for i := range evs {
		line.Append(&evs[i])
	}
	for k := uint64(0); k <= line.Len(); k += 97 {
		b := line.Branch(k)
		at := line.Cursor()
		at.SeekOrdinal(k)
		if b.Len() != k || !reflect.DeepEqual(b.Edge(), at.State()) {
			t.Fatalf("behind %d events it has %d, and another state", k, b.Len())
		}
		if ev, ok := b.Event(k / 2); k > 0 && (!ok || ev.ID != evs[k/2].ID) {
			t.Fatalf("behind %d events: event %d is %v", k, k/2, ev.ID)
		}
		for i := int(k); i < len(evs); i++ {
			made(evs[i], func(e raft.Entry) {
				if _, known := b.Bodies().Get(e.Index, e.Term); known {
					t.Fatalf("behind %d events it knows entry %d, made behind them", k, e.Index)
				}
			})
		}
		for i := range min(600, len(evs)) { // over the end of a segment
			b.Append(&evs[i])
		}
		if ev, ok := line.Event(min(k, line.Len()-1)); !ok || ev.ID != evs[min(k, line.Len()-1)].ID {
			t.Fatalf("the branch behind %d events has written into the timeline: %v", k, ev.ID)
		}
	}
	for i := range evs {
		made(evs[i], func(e raft.Entry) {
			if _, known := line.Bodies().Get(e.Index, e.Term); !known {
				t.Errorf("the timeline has forgotten entry %d", e.Index)
			}
		})
	}
}

// made calls f with each entry that a leader made in an event.
func made(ev trace.Event, f func(raft.Entry)) {
	if d, ok := ev.Body.(trace.Decided); ok && d.Note.Kind == raft.NoteCreated {
		for _, e := range d.Note.Entries {
			f(e)
		}
	}
}
