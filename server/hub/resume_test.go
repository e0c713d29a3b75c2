package hub

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// own gives the events of nodes that a viewer was told, from a place on, as text; times must not go
// back, and nothing may come twice.
func (v *testViewer) own(from int) string {
	v.t.Helper()
	seen := map[trace.EventID]bool{}
	var b strings.Builder
	for i := range v.events {
		ev := &v.events[i]
		if i > 0 && ev.At < v.events[i-1].At {
			v.t.Errorf("time goes back from %d to %d at event %v", v.events[i-1].At, ev.At, ev.ID)
		}
		if !isNode(ev.ID.Node) || ev.Body.Kind() == trace.KindMissed {
			continue
		}
		if seen[ev.ID] {
			v.t.Errorf("event %v came twice", ev.ID)
		}
		if seen[ev.ID] = true; i >= from {
			fmt.Fprintf(&b, "%v:%d ", ev.ID.Node, ev.ID.N)
		}
	}
	return strings.TrimSpace(b.String())
}

// count gives how many events of a kind came, from a place on.
func (v *testViewer) count(k trace.Kind, from int) (n int) {
	for i := from; i < len(v.events); i++ {
		if v.events[i].Body.Kind() == k {
			n++
		}
	}
	return n
}

// given waits until a hub has told all of a node's events up to one.
func (f *fixture) given(node raft.NodeID, n uint64) {
	f.t.Helper()
	told := make(chan bool, 1)
	f.until(fmt.Sprintf("event %d of %v is told", n, node), func() bool {
		f.hub.do(func() {
			told <- f.hub.place.HasAll(trace.EventID{Node: node, Boot: 1, N: n}) && f.hub.events == 0
		})
		return <-told
	})
}

func TestAViewerThatComesBackGetsWhatItLacksAndNothingTwice(t *testing.T) {
	f, one, other := two(t, Config{})
	v := f.watch()
	one.send(sent(1, 2, 2), event(3, trace.Saved{Write: 1}))
	v.await("the last before", numbered(1, 3))
	f.hub.Tell(trace.Resumed{Node: 1})
	v.await("what the supervisor tells before", ofKind(trace.KindResumed))
	v.lose()
	before := len(v.events)
	one.send(event(4, trace.Saved{Write: 2}))
	f.given(1, 4)
	other.send(delivered(1, 2, 2, 2))
	f.given(2, 2)
	f.hub.Tell(trace.Paused{Node: 2})
	one.send(event(5, trace.Saved{Write: 3}))
	f.given(1, 5)
	v.goOn(f)
	one.send(event(6, trace.Saved{Write: 4}))
	v.await("what happens then", numbered(1, 6))
	if got := v.own(before); got != "S1:4 S2:2 S1:5 S1:6" {
		t.Errorf("it gets %s", got)
	}
	if v.count(trace.KindPaused, 0) != 1 || v.count(trace.KindResumed, 0) != 1 || !v.node(2).Paused {
		t.Error("what the supervisor told is not there once")
	}
	if v.count(trace.KindMissed, 0)+v.count(trace.KindKeyFrame, before) != 0 {
		t.Errorf("a gap is told where there is none: %+v", v.events[before:])
	}
}

func TestAViewerThatComesBackAtOnceMissesNothing(t *testing.T) {
	f, one, _ := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return v.node(1).Known })
	n, before := uint64(2), len(v.events)
	for range 20 {
		for range 10 {
			one.send(event(n, trace.Saved{Write: raft.WriteID(n)}))
			n++
		}
		v.await("some of it", numbered(1, n-8))
		v.lose()
		v.goOn(f)
	}
	v.await("the last", numbered(1, n-1))
	if got := len(strings.Fields(v.own(0))); got != int(n-2) || v.count(trace.KindMissed, 0) != 0 ||
		v.count(trace.KindKeyFrame, before) != 0 {
		t.Errorf("%d events came of %d", got, n-2)
	}
}

// TestAGapIsToldOfWhatTheHubDoesNotHoldAnyMore: it forgets, keeps a key frame and what is behind.
func TestAGapIsToldOfWhatTheHubDoesNotHoldAnyMore(t *testing.T) {
	for name, kept := range map[string]bool{"with a key frame": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			f, one, _ := two(t, Config{})
			v := f.watch()
			one.send(event(2, trace.Saved{Write: 1}))
			v.await("the last before", numbered(1, 2))
			v.lose()
			before := len(v.events)
			one.send(event(3, trace.Saved{Write: 2}), event(4, trace.Saved{Write: 3, Term: 7}))
			f.given(1, 4)
			f.hub.do(func() {
				f.hub.history.base.Reach(trace.EventID{Node: 1, Boot: 1, N: 4})
				f.hub.history.chunks, f.hub.history.open = nil, false
				if kept {
					f.hub.keyFrame(f.hub.now())
				}
			})
			one.send(event(5, trace.Saved{Write: 4, Term: 8}))
			f.given(1, 5)
			v.goOn(f)
			one.send(event(6, trace.Saved{Write: 5, Term: 8}))
			v.await("what happens then", numbered(1, 6))
			want, count := "S1:5 S1:6", uint64(2)
			if !kept {
				want, count = "S1:6", 3
			}
			if got := v.own(before); got != want {
				t.Errorf("it gets %s, not %s", got, want)
			}
			gap, key := &v.events[before], &v.events[before+1]
			if m, ok := gap.Body.(trace.Missed); !ok || m.Count != count {
				t.Errorf("%d events are lost, and it is told %+v", count, gap)
			}
			if key.Body.Kind() != trace.KindKeyFrame || v.count(trace.KindKeyFrame, before) != 1 ||
				!v.node(1).Known || v.node(1).SavedTerm != 8 {
				t.Errorf("behind the gap stands %+v, and S1 is %+v", key, v.node(1))
			}
		})
	}
}

// TestTheHubForgetsTheOldest sends more than it keeps.
func TestTheHubForgetsTheOldest(t *testing.T) {
	f, one, _ := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return v.node(1).Known })
	v.lose()
	before := len(v.events)
	body := bytes.Repeat([]byte("x"), 60_000)
	last := uint64(1)
	for range 2 * historySize / len(body) {
		last++
		one.send(event(last, trace.Decided{Note: raft.Note{Kind: raft.NoteCreated,
			From: raft.Index(last), To: raft.Index(last), Term: 1,
			Entries: []raft.Entry{{Index: raft.Index(last), Term: 1, Data: body}}}}))
	}
	f.given(1, last)
	sizes := make(chan int, 2)
	f.hub.do(func() { sizes <- f.hub.history.size; sizes <- len(f.hub.history.chunks) })
	if size := <-sizes; size > historySize+keyFrameSize || <-sizes == 0 {
		t.Errorf("it keeps %d bytes", size)
	}
	v.goOn(f)
	one.send(event(last+1, trace.Saved{Write: 1}))
	v.await("what happens then", numbered(1, last+1))
	v.own(0)
	if v.count(trace.KindMissed, before) != 1 || v.count(trace.KindKeyFrame, before) < 1 {
		t.Error("no gap is told")
	}
}

// TestAViewerGoesOnAtAnotherHub moves from one hub, which is behind in one node and ahead in the
// other, to a second that began at another time.
func TestAViewerGoesOnAtAnotherHub(t *testing.T) {
	a, b := newFakeNode(t, 1), newFakeNode(t, 2)
	f := start(t, Config{}, a, b)
	one, other := a.next(), b.next()
	g := startAt(t, time.Now().Add(-time.Hour), patient(), Config{}, a, b)
	two, second := a.next(), b.next()
	tell := func(n raft.NodeID, items ...wire.StreamItem) {
		for _, s := range []*fakeStream{one, two, other, second} {
			if s.node.id == n {
				s.send(items...)
			}
		}
	}
	tell(1, one.keyFrame(1, 1))
	tell(2, other.keyFrame(1, 1))
	v := f.watch()
	v.until("both are known", func() bool { return v.node(1).Known && v.node(2).Known })
	epoch := v.remote.Header().Epoch
	tell(1, sent(1, 2, 2))
	tell(2, delivered(1, 2, 2, 2))
	one.send(event(3, trace.Saved{Write: 1, Term: 5})) // the second hub has not heard it yet
	v.await("what it hears", numbered(1, 3))
	v.await("what it hears", numbered(2, 2))
	v.lose()
	before := len(v.events)
	second.send(event(3, trace.Saved{Write: 2, Term: 6}))
	g.given(2, 3)
	g.given(1, 2)
	v.goOn(g)
	v.await("what it lacks", numbered(2, 3))
	two.send(event(3, trace.Saved{Write: 1, Term: 5}), event(4, trace.Saved{Write: 2, Term: 6}))
	v.await("what happens then", numbered(1, 4))
	if got := v.own(before); got != "S2:3 S1:4" {
		t.Errorf("it gets %s", got)
	}
	if v.count(trace.KindMissed, 0)+v.count(trace.KindKeyFrame, before) != 0 {
		t.Errorf("a gap is told where there is none: %+v", v.events[before:])
	}
	if v.remote.Header().Epoch != epoch {
		t.Error("its time 0 is another one now")
	}
	if at := v.events[len(v.events)-1].At; at > raft.Time(patience.Microseconds())*5 {
		t.Errorf("the last event is told at %d", at)
	}
	g.hub.do(func() { g.hub.keyFrame(g.hub.now()) })
	v.until("a key frame", func() bool { return v.count(trace.KindKeyFrame, before) > 0 })
	if n := v.node(2); n.Since > v.state.At || v.node(1).SavedTerm != 6 || n.SavedTerm != 6 {
		t.Errorf("behind a key frame the state is %+v", v.state.Nodes)
	}
}

// TestAKeyFrameOfAHubThatIsBehindIsNotTaken: it would take back what the viewer knows.
func TestAKeyFrameOfAHubThatIsBehindIsNotTaken(t *testing.T) {
	a := newFakeNode(t, 1)
	f := start(t, Config{}, a)
	one := a.next()
	g := start(t, Config{}, a)
	two := a.next()
	for _, s := range []*fakeStream{one, two} {
		s.send(s.keyFrame(1, 1))
	}
	v := f.watch()
	one.send(event(2, trace.Saved{Write: 1, Term: 5}))
	v.await("what it hears", numbered(1, 2))
	v.lose()
	before := len(v.events)
	g.given(1, 1)
	v.goOn(g)
	g.until("it is there", func() bool { return g.count() == 1 })
	g.hub.do(func() { g.hub.keyFrame(g.hub.now()); g.hub.flush() })
	g.hub.Tell(trace.Paused{Node: 1})
	v.await("what follows", ofKind(trace.KindPaused))
	if v.count(trace.KindKeyFrame, before) != 0 || v.node(1).SavedTerm != 5 {
		t.Errorf("S1 is %+v", v.node(1))
	}
	two.send(event(2, trace.Saved{Write: 1, Term: 5}))
	g.given(1, 2)
	g.hub.do(func() { g.hub.keyFrame(g.hub.now()); g.hub.flush() })
	v.until("a key frame", func() bool { return v.count(trace.KindKeyFrame, before) == 1 })
	v.own(0)
}

// TestWhatWasInferredDoesNotComeTwice: the viewer has a send that was made from its receipt, and
// what the sender told before it comes only then.
func TestWhatWasInferredDoesNotComeTwice(t *testing.T) {
	f, one, other := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return v.node(1).Known })
	other.send(delivered(1, 2, 4, 2))
	v.await("the receipt", numbered(2, 2))
	f.hub.do(func() { f.hub.keyFrame(f.hub.now()) }) // which knows of no more than was told
	v.until("a key frame", func() bool { return v.count(trace.KindKeyFrame, 1) > 0 })
	v.lose()
	before := len(v.events)
	one.send(sent(1, 2, 2), event(3, trace.Saved{Write: 1}), sent(1, 2, 4), event(5, trace.Saved{Write: 2}))
	f.given(1, 5)
	v.goOn(f)
	one.send(event(6, trace.Saved{Write: 3}))
	v.await("what happens then", numbered(1, 6))
	if got := v.own(before); got != "S1:2 S1:3 S1:5 S1:6" {
		t.Errorf("it gets %s", got)
	}
}

// TestNonsenseToGoOnFromDoesNoHarm has viewers claim what cannot be.
func TestNonsenseToGoOnFromDoesNoHarm(t *testing.T) {
	f, one, _ := two(t, Config{})
	epoch := raft.Time(f.hub.header.Epoch)
	const far = 1<<63 - 1
	var many []trace.EventID
	for i := range 1000 {
		many = append(many, trace.EventID{Node: raft.NodeID(i + 1), Boot: 9, N: far})
	}
	for name, hello := range map[string]wire.Hello{
		"a far future":      {Since: far, Epoch: epoch, Seen: []trace.EventID{{Node: 1, Boot: 1, N: 1}}},
		"a far past":        {Since: -far, Epoch: -far, Seen: []trace.EventID{{Node: 1, Boot: 1, N: 1}}},
		"events to come":    {Epoch: epoch, Seen: []trace.EventID{{Node: 1, Boot: 1<<32 - 1, N: 1<<64 - 1}}},
		"many nodes":        {Epoch: epoch, Seen: many},
		"nobody":            {Epoch: epoch, Seen: []trace.EventID{{}}},
		"no credit at all":  {Epoch: epoch, Seen: []trace.EventID{{Node: 1, Boot: 1}}},
		"made, never heard": {Epoch: epoch, Seen: []trace.EventID{{Node: 1, Boot: 1, N: 1}}, Made: many[:200]},
	} {
		t.Run(name, func(t *testing.T) {
			v := f.dial()
			hello.Major = trace.Major
			if name != "no credit at all" {
				hello.Credit = 8 << 20
			}
			v.write(wire.Append(nil, 0, hello))
			v.write(wire.Append(nil, 1, wire.Open{}))
			v.until("the header", v.remote.Ready)
			f.hub.Tell(trace.Resumed{Node: 2})
			if hello.Credit > 0 {
				v.await("what is told to all", ofKind(trace.KindResumed))
			}
		})
	}
	v := f.watch()
	one.send(event(2, trace.Saved{Write: 1}))
	v.await("the hub works on", numbered(1, 2))
}

func TestAViewerIsGivenNothingBelowItsTime(t *testing.T) {
	var enc trace.Encoder
	var b []byte
	for n, at := range []raft.Time{40, 90, 130} {
		b = enc.Append(b, &trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: uint64(n + 1)}, At: at,
			Body: trace.Saved{Write: 1}})
	}
	var p parcel
	s := sieve{since: 100}
	s.has.Reach(trace.EventID{Node: 1, Boot: 1, N: 1})
	s.sift(b, nil, false, &p)
	var dec trace.Decoder
	var at []raft.Time
	for rest := p.bytes; len(rest) > 0; {
		var ev trace.Event
		var err error
		if rest, err = dec.Next(rest, &ev); err != nil {
			t.Fatal(err)
		}
		at = append(at, ev.At)
	}
	if !slices.Equal(at, []raft.Time{100, 130}) {
		t.Errorf("it is given events at %v", at)
	}
}

// TestAChunkIsPassedOverOnlyIfAllOfItIsKnown has chunks of one event each.
func TestAChunkIsPassedOverOnlyIfAllOfItIsKnown(t *testing.T) {
	one := func(id trace.EventID, at raft.Time, how trace.How) trace.Event {
		return trace.Event{ID: id, At: at, How: how, Body: trace.Sent{Message: raft.Message{
			Body: &raft.RequestVote{}}}}
	}
	node := trace.EventID{Node: 1, Boot: 1, N: 5}
	hub := trace.EventID{Node: trace.Supervisor, Boot: 7, N: 5}
	for i, c := range []struct {
		ev     trace.Event
		seen   []trace.EventID
		own    bool
		passed bool
	}{
		{one(node, 10, trace.Exact), []trace.EventID{node}, false, true},
		{one(node, 10, trace.Exact), []trace.EventID{{Node: 1, Boot: 1, N: 4}}, false, false},
		{one(node, 10, trace.Inferred), nil, true, false},
		{one(hub, 10, trace.Exact), nil, false, true}, // another hub's, and the time is known
		{one(hub, 110, trace.Exact), nil, false, false},
		{one(hub, 10, trace.Exact), nil, true, false},
		{one(hub, 110, trace.Exact), []trace.EventID{hub}, true, true},
	} {
		var h history
		h.add(&c.ev, 0, &wire.Place{})
		s := sieve{since: 100, own: c.own}
		for _, id := range c.seen {
			s.has.Reach(id)
		}
		if got := s.knows(h.chunks[0]); got != c.passed {
			t.Errorf("case %d: it is known: %v", i, got)
		}
	}
}

// TestToGoOnTakesCreditToo: a viewer that has room for little is told of a gap when it has more.
func TestToGoOnTakesCreditToo(t *testing.T) {
	f, one, _ := two(t, Config{})
	for n := uint64(2); n < 200; n++ {
		one.send(sent(1, 2, n))
	}
	f.given(1, 199)
	v := f.dial()
	v.write(wire.Append(nil, 0, wire.Hello{Major: trace.Major, Credit: 500,
		Epoch: raft.Time(f.hub.header.Epoch),
		Seen:  []trace.EventID{{Node: 1, Boot: 1, N: 1}, {Node: 2, Boot: 1, N: 1}}}))
	v.write(wire.Append(nil, 1, wire.Open{}))
	v.until("the header", v.remote.Ready)
	v.write(wire.Append(nil, 1, wire.Credit{Bytes: 1 << 20}))
	i := v.await("a gap", ofKind(trace.KindMissed))
	if m := v.events[i].Body.(trace.Missed); i != 0 || m.Count < 198 {
		t.Errorf("at %d it is told %+v", i, m)
	}
	v.until("how the cluster stands", func() bool { return v.node(1).Known })
}
