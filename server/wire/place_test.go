package wire_test

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

func id(node raft.NodeID, boot uint32, n uint64) trace.EventID {
	return trace.EventID{Node: node, Boot: boot, N: n}
}

func caption(i trace.EventID, at raft.Time) trace.Event {
	return trace.Event{ID: i, At: at, Body: trace.Caption{Text: "x"}}
}

func inferred(i trace.EventID) trace.Event {
	return trace.Event{ID: i, How: trace.Inferred, Body: trace.Sent{}}
}

func TestAPlaceKnowsWhatWasSeen(t *testing.T) {
	var p wire.Place
	for _, ev := range []trace.Event{caption(id(2, 1, 5), 10), caption(id(1, 3, 7), 20),
		caption(id(1, 2, 90), 20), inferred(id(2, 1, 9)), caption(id(1, 3, 6), 15),
		{ID: id(99, 1, 1), At: 17, Body: trace.KeyFrame{State: &trace.State{Nodes: []trace.NodeState{
			{ID: 3, Boot: 4, LastN: 8}, {ID: 4}}}}}} {
		p.Take(&ev)
	}
	if want := []trace.EventID{id(1, 3, 7), id(2, 1, 5), id(3, 4, 8), id(99, 1, 1)}; p.Since != 20 ||
		!slices.Equal(p.Seen, want) || !slices.Equal(p.Made, []trace.EventID{id(2, 1, 9)}) {
		t.Errorf("the place is %+v", p)
	}
	sent := inferred(id(2, 1, 9))
	for _, c := range []struct {
		ev  trace.Event
		has bool
	}{
		{caption(id(1, 3, 7), 0), true}, {caption(id(1, 3, 8), 0), false},
		{caption(id(1, 2, 91), 0), true}, {caption(id(1, 4, 1), 0), false},
		{caption(id(2, 1, 6), 0), false}, {sent, true}, {caption(id(2, 1, 9), 0), false},
		{caption(id(3, 4, 8), 0), true}, {caption(id(7, 1, 1), 0), false},
	} {
		if p.Has(&c.ev) != c.has {
			t.Errorf("that %v, a %T, was seen is said to be %v", c.ev.ID, c.ev.Body, !c.has)
		}
	}
}

func TestAPlaceDoesNotGrowForEver(t *testing.T) {
	var p wire.Place
	for i := range 5000 {
		ev := caption(id(raft.NodeID(i+1), 1, 1), 0)
		p.Take(&ev)
		ev = inferred(id(1, 1, uint64(i+2)))
		p.Take(&ev)
	}
	if len(p.Seen) > 1024 || len(p.Made) > 256 {
		t.Errorf("it holds %d and %d events", len(p.Seen), len(p.Made))
	}
	h := wire.Hello{Major: trace.Major, Seen: p.Seen, Made: p.Made}
	if n := len(wire.Append(nil, 0, h)); n > wire.MaxHello {
		t.Errorf("a hello has %d bytes", n)
	}
}

// TestARunningSourceGoesOnAtItsSecondHello: frames that are not read yet count as well, times stay
// on the first header's clock, and none goes back.
func TestARunningSourceGoesOnAtItsSecondHello(t *testing.T) {
	var up []wire.Body
	r := wire.NewRemote(1, func(b []byte) {
		_, body, err := wire.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		up = append(up, body)
	})
	feed := func(b wire.Body) {
		if err := r.Feed(wire.Append(nil, 1, b)); err != nil {
			t.Fatal(err)
		}
	}
	events := func(reached raft.Time, evs ...trace.Event) {
		var e trace.Encoder
		var b []byte
		for i := range evs {
			b = e.Append(b, &evs[i])
		}
		feed(wire.Events{Reached: reached, N: uint64(len(evs)), Bytes: b})
	}
	r.Hello("token")
	if h := up[0].(wire.Hello); len(h.Seen) != 0 || h.Token != "token" {
		t.Errorf("it begins with %+v", h)
	}
	head := trace.Header{Major: trace.Major, Clock: trace.Running, Epoch: 1_000_000}
	feed(wire.Header{Header: head})
	events(120, caption(id(1, 1, 1), 100), caption(id(1, 1, 2), 110))
	if got, _, _ := r.Next(0, make([]trace.Event, 0, 1)); len(got) != 1 {
		t.Fatalf("%d events come", len(got))
	}
	events(150, caption(id(2, 1, 4), 140))
	feed(wire.End{Why: "the server is shutting down"})
	r.Hello("token")
	h := up[len(up)-1].(wire.Hello)
	if h.Since != 150 || h.Epoch != 1_000_000 || r.Ended() != "" ||
		!slices.Equal(h.Seen, []trace.EventID{id(1, 1, 2), id(2, 1, 4)}) {
		t.Errorf("it goes on with %+v", h)
	}
	head.Epoch, head.Title = 1_000_100, "another"
	feed(wire.Header{Header: head})
	state := &trace.State{At: 70, Nodes: []trace.NodeState{{ID: 1, Since: 60, Deadline: 90}}}
	events(75, caption(id(2, 1, 5), 40), trace.Event{ID: id(99, 1, 1), At: 70,
		Body: trace.KeyFrame{State: state}})
	var at []raft.Time
	got, reached, err := r.Next(0, make([]trace.Event, 0, 10))
	for i := range got {
		at = append(at, got[i].At)
	}
	if want := []raft.Time{110, 140, 150, 170}; !slices.Equal(at, want) || reached != 175 || err != nil {
		t.Fatalf("events come at %v, reached %d, %v", at, reached, err)
	}
	s := got[3].Body.(trace.KeyFrame).State
	if s.At != 170 || s.Nodes[0].Since != 160 || s.Nodes[0].Deadline != 190 || s.Nodes[0].DeadlineFrom != 0 {
		t.Errorf("the key frame's state is %+v", s)
	}
	if h := r.Header(); h.Epoch != 1_000_000 || h.Title != "another" {
		t.Errorf("the header is %+v", h)
	}
}

func TestAfterDamageARunningSourceAsksAgain(t *testing.T) {
	var last []byte
	r := wire.NewRemote(1, func(b []byte) { last = append([]byte(nil), b...) })
	feed := func(b wire.Body) {
		if err := r.Feed(wire.Append(nil, 1, b)); err != nil {
			t.Fatal(err)
		}
	}
	feed(wire.Header{Header: trace.Header{Major: trace.Major, Clock: trace.Running}})
	var e trace.Encoder
	ev := caption(id(1, 1, 1), 5)
	feed(wire.Events{Reached: 5, N: 2, Bytes: append(e.Append(nil, &ev), 9, 9)})
	if _, _, err := r.Next(0, make([]trace.Event, 0, 10)); err == nil {
		t.Fatal("nobody says that a frame is damaged")
	}
	r.Hello("")
	_, b, _ := wire.Decode(last)
	if h := b.(wire.Hello); !slices.Equal(h.Seen, []trace.EventID{id(1, 1, 1)}) {
		t.Errorf("it asks again with %+v", h)
	}
	e.Reset()
	ev = caption(id(1, 1, 2), 6)
	feed(wire.Events{Reached: 6, N: 1, Bytes: e.Append(nil, &ev)})
	if got, _, err := r.Next(0, make([]trace.Event, 0, 10)); err != nil || len(got) != 1 {
		t.Errorf("%d events come then, %v", len(got), err)
	}
}
