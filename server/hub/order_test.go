package hub

import (
	"bytes"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// two starts a hub over two nodes that have told how they stand.
func two(t *testing.T, cfg Config) (*fixture, *fakeStream, *fakeStream) {
	a, b := newFakeNode(t, 1), newFakeNode(t, 2)
	f := start(t, cfg, a, b)
	one, other := a.next(), b.next()
	one.send(one.keyFrame(1, 1))
	other.send(other.keyFrame(1, 1))
	f.until("both are known", func() bool {
		st := f.hub.State()
		return st.Node(1).Known && st.Node(2).Known
	})
	return f, one, other
}

func TestAViewerSeesTheWholeClusterInOrder(t *testing.T) {
	f, one, other := two(t, Config{Store: "file", Machine: "kv", Title: "fakes"})
	v := f.watch()
	v.until("the cluster as it stands", func() bool { return len(v.events) > 0 })
	h := v.remote.Header()
	if h.Cluster != cluster || h.Kind != trace.Live || h.Clock != trace.Running || h.Lag != Lag ||
		len(h.Members) != 2 || h.Store != "file" || h.Caps != 0 || h.Why == "" {
		t.Errorf("the header is %+v", h)
	}
	if k := v.events[0].Body.Kind(); k != trace.KindKeyFrame {
		t.Errorf("the first event is of kind %d, not a key frame", k)
	}
	if !v.node(1).Alive || !v.node(2).Alive {
		t.Errorf("the first key frame does not know both: %+v", v.state.Nodes)
	}
	other.send(delivered(1, 2, 2, 2), event(3, trace.Applied{From: 1, To: 1}))
	one.send(sent(1, 2, 2), event(3, trace.Saved{Write: 1}))
	got := v.await("the receipt", numbered(2, 2))
	if s := v.place(numbered(1, 2)); s < 0 || s > got || v.events[s].How != trace.Exact {
		t.Errorf("the send stands at %d and its receipt at %d", s, got)
	}
	v.await("what stands behind the receipt", numbered(2, 3))
	for i := 1; i < len(v.events); i++ {
		if v.events[i].At < v.events[i-1].At {
			t.Errorf("time goes back at event %d", i)
		}
	}
}

func TestALostSendIsMadeFromItsReceipt(t *testing.T) {
	f, one, other := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return len(v.events) > 0 })
	one.end() // killed between the send and its streaming
	other.send(delivered(1, 2, 2, 2))
	got := v.await("the receipt", numbered(2, 2))
	s := v.place(numbered(1, 2))
	if s < 0 || s > got || v.events[s].How != trace.Inferred {
		t.Fatalf("the send stands at %d and its receipt at %d", s, got)
	}
	m := v.events[s].Body.(trace.Sent).Message
	if _, ok := m.Body.(*raft.RequestVote); !ok || m.From != 1 || m.To != 2 || m.ID != 2 {
		t.Errorf("the send that was made is %+v", m)
	}
}

// TestACrashStandsBehindAllThatTheNodeTold has the supervisor know of the end before the node's
// last events have come.
func TestACrashStandsBehindAllThatTheNodeTold(t *testing.T) {
	f, one, _ := two(t, Config{})
	v := f.watch()
	f.hub.Tell(trace.Crashed{Node: 1, Why: "killed", Stays: true})
	one.send(event(2, trace.Decided{Note: raft.Note{Kind: raft.NoteBecameLeader, Term: 7}}))
	f.until("the last event is there", func() bool { return f.hub.State().Node(1).Term == 7 })
	one.end()
	dead := v.await("the crash", ofKind(trace.KindCrashed))
	if led := v.place(numbered(1, 2)); led < 0 || led > dead {
		t.Errorf("the crash stands at %d and what the node told before at %d", dead, led)
	}
	if n := v.node(1); n.Alive || !n.Stays || n.Role == raft.Leader {
		t.Errorf("the node is shown as %+v", n)
	}
}

func TestACrashIsToldAlsoWhenTheStreamDoesNotEnd(t *testing.T) {
	f, _, _ := two(t, Config{})
	v := f.watch()
	f.hub.Tell(trace.Crashed{Node: 1, Why: "killed"})
	v.await("the crash", ofKind(trace.KindCrashed))
}

func TestALostStreamIsSilentAndThenKnownAgain(t *testing.T) {
	one := newFakeNode(t, 1)
	f := start(t, Config{}, one)
	s := one.next()
	s.send(s.keyFrame(1, 1))
	v := f.watch()
	v.until("it is known", func() bool { return v.node(1).Known })
	one.away.Store(true)
	s.end()
	v.until("it is silent", func() bool { return v.node(1).Silent && v.node(1).Alive })
	one.away.Store(false)
	s = one.next()
	s.send(s.keyFrame(1, 9), event(10, trace.Saved{Write: 1, Term: 4}))
	v.until("it is heard again", func() bool { return !v.node(1).Silent && v.node(1).SavedTerm == 4 })
	gap := v.place(ofKind(trace.KindMissed))
	if gap < 0 || v.events[gap].Body.(trace.Missed).Count != 8 || v.events[gap].ID.Node != 1 {
		t.Errorf("8 events were not heard, and what is said of it is %d: %+v", gap, v.events)
	}
	if !v.node(1).Known {
		t.Error("it is not known again")
	}
}

// TestAStreamThatCameBackIsWaitedForAgain: a receipt waits for the send of a node whose stream was
// lost once and is there again.
func TestAStreamThatCameBackIsWaitedForAgain(t *testing.T) {
	a, b := newFakeNode(t, 1), newFakeNode(t, 2)
	f := start(t, Config{}, a, b)
	one, other := a.next(), b.next()
	one.send(one.keyFrame(1, 1))
	other.send(other.keyFrame(1, 1))
	one.end()
	one = a.next()
	one.send(one.keyFrame(1, 5), event(6, trace.Saved{Write: 1, Term: 4}))
	v := f.watch()
	v.until("it is heard again", func() bool { return v.node(1).SavedTerm == 4 })
	other.send(delivered(1, 2, 7, 2))
	held := make(chan int, 1)
	f.until("the receipt is there", func() bool {
		f.hub.do(func() { held <- f.hub.merger.Held() })
		return <-held > 0
	})
	f.hub.Tell(trace.Resumed{Node: 2})
	v.await("a tick", ofKind(trace.KindResumed))
	one.send(sent(1, 2, 7))
	got := v.await("the receipt", numbered(2, 2))
	if s := v.place(numbered(1, 7)); s < 0 || s > got || v.events[s].How != trace.Exact {
		t.Errorf("the send stands at %d and the receipt at %d: %+v", s, got, v.events)
	}
}

func TestANewIncarnationIsNotJudgedByTheOldOne(t *testing.T) {
	one := newFakeNode(t, 1)
	f := start(t, Config{}, one)
	s := one.next()
	first := s.keyFrame(1, 1)
	first.Event.Body.(trace.KeyFrame).State.Nodes[0].SavedTerm = 9
	s.send(first)
	v := f.watch()
	v.until("it is known", func() bool { return v.node(1).Known })
	s.end()
	s = one.next()
	s.send(s.keyFrame(2, 40))
	v.until("the new one is known", func() bool { return v.node(1).Boot == 2 && v.node(1).Known })
	if gap := v.place(ofKind(trace.KindMissed)); gap < 0 {
		t.Error("nobody says that the start was not heard")
	}
	if n := len(v.state.Broken); n != 0 {
		t.Errorf("%d properties are said to be broken: %+v", n, v.state.Broken)
	}
}

func TestANodesMomentsAreToldByTheHubsClock(t *testing.T) {
	one := newFakeNode(t, 1)
	one.clock = time.Hour
	f := start(t, Config{}, one)
	s := one.next()
	k := s.keyFrame(1, 1)
	st := k.Event.Body.(trace.KeyFrame).State
	st.Nodes[0].DeadlineFrom = one.now()
	st.Nodes[0].Deadline = one.now() + 200*raft.Millisecond
	s.send(k)
	v := f.watch()
	v.until("it is known", func() bool { return v.node(1).Known })
	n := v.node(1)
	if n.Deadline < 0 || n.Deadline > 2*raft.Second*20 || n.DeadlineFrom > n.Deadline {
		t.Errorf("a deadline in 200 ms stands at %d, set at %d", n.Deadline, n.DeadlineFrom)
	}
	s.send(event(2, trace.Saved{Write: 1}))
	i := v.await("an event", numbered(1, 2))
	if at := v.events[i].At; at > raft.Time(patience.Microseconds()) {
		t.Errorf("an event of a clock that is an hour ahead stands at %d", at)
	}
}

func TestACutThatTwoTellIsToldOnce(t *testing.T) {
	f, one, _ := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return len(v.events) > 0 })
	cut := trace.LinkSet{From: 1, To: 2, Link: trace.Link{Cut: true}}
	f.hub.Tell(cut)
	one.send(event(2, cut), event(3, trace.Saved{Write: 1}))
	v.await("what follows", numbered(1, 3))
	n := 0
	for i := range v.events {
		if v.events[i].Body.Kind() == trace.KindLinkSet {
			n++
		}
	}
	if n != 1 || !v.state.Link(1, 2).Cut {
		t.Errorf("the cut is told %d times, and is in force: %v", n, v.state.Link(1, 2).Cut)
	}
}

// TestWhatAKilledNodeDidNotTellIsNoViolation: S1 votes, is killed before that is streamed, and S2
// leads with its vote.
func TestWhatAKilledNodeDidNotTellIsNoViolation(t *testing.T) {
	a, b := newFakeNode(t, 1), newFakeNode(t, 2)
	f := start(t, Config{}, a, b)
	one, other := a.next(), b.next()
	for _, s := range []*fakeStream{one, other} {
		k := s.keyFrame(1, 1)
		n := &k.Event.Body.(trace.KeyFrame).State.Nodes[0]
		n.Members, n.SavedTerm = []raft.NodeID{1, 2}, 1
		s.send(k)
	}
	v := f.watch()
	v.until("both are known", func() bool { return v.node(1).Known && v.node(2).Known })
	one.end()
	other.send(event(2, trace.Decided{Note: raft.Note{Kind: raft.NoteBecameCandidate, Term: 2}}),
		event(3, trace.Saved{Write: 1, Term: 2, Vote: 2}),
		delivered(1, 2, 5, 4),
		event(5, trace.Decided{Note: raft.Note{Kind: raft.NoteBecameLeader, Term: 2}}),
		event(6, trace.Saved{Write: 2, Term: 2, Vote: 2}))
	v.await("what follows", numbered(2, 6))
	if len(v.state.Broken) > 0 {
		t.Errorf("said to be broken: %+v", v.state.Broken)
	}
}

// TestAVoteOfARestartedNodeIsNoViolation: S1 begins anew and votes, all before the hub listens to it
// again.
func TestAVoteOfARestartedNodeIsNoViolation(t *testing.T) {
	a, b := newFakeNode(t, 1), newFakeNode(t, 2)
	f := start(t, Config{}, a, b)
	one, other := a.next(), b.next()
	members := func(s *fakeStream, boot uint32, n uint64) wire.StreamItem {
		k := s.keyFrame(boot, n)
		st := &k.Event.Body.(trace.KeyFrame).State.Nodes[0]
		st.Members, st.SavedTerm = []raft.NodeID{1, 2}, 1
		return k
	}
	one.send(members(one, 1, 1))
	other.send(members(other, 1, 1))
	v := f.watch()
	v.until("both are known", func() bool { return v.node(1).Known && v.node(2).Known })
	f.hub.Tell(trace.Crashed{Node: 1, Why: "died"})
	one.end()
	v.await("the crash", ofKind(trace.KindCrashed))
	one = a.next()
	vote := delivered(1, 2, 5, 4)
	vote.Received.FromBoot = 2
	vote.Event.Body = trace.Delivered{Msg: trace.EventID{Node: 1, Boot: 2, N: 5}}
	other.send(event(2, trace.Decided{Note: raft.Note{Kind: raft.NoteBecameCandidate, Term: 2}}),
		event(3, trace.Saved{Write: 1, Term: 2, Vote: 2}), vote,
		event(5, trace.Decided{Note: raft.Note{Kind: raft.NoteBecameLeader, Term: 2}}))
	held := make(chan int, 1)
	f.until("the receipt waits", func() bool {
		f.hub.do(func() { held <- f.hub.merger.Held() })
		return <-held > 0
	})
	one.send(members(one, 2, 9))
	v.await("it leads", numbered(2, 5))
	v.until("the new one is known", func() bool { return v.node(1).Boot == 2 && v.node(1).Known })
	if len(v.state.Broken) > 0 {
		t.Errorf("said to be broken: %+v", v.state.Broken)
	}
}

// TestMuchAtOnceFitsIntoFrames has more take its place in one tick than a frame may hold.
func TestMuchAtOnceFitsIntoFrames(t *testing.T) {
	f, _, _ := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return len(v.events) > 0 })
	const events = 96
	body := bytes.Repeat([]byte("x"), 60_000)
	f.hub.do(func() {
		for n := uint64(3); n < 3+events; n++ {
			it := event(n, trace.Decided{Note: raft.Note{Kind: raft.NoteCreated,
				From: raft.Index(n), To: raft.Index(n), Term: 1,
				Entries: []raft.Entry{{Index: raft.Index(n), Term: 1, Data: body}}}})
			it.Event.ID.Node, it.Event.ID.Boot = 1, 1
			f.hub.merger.Push(f.hub.now(), trace.Stream{Node: 1, Boot: 1}, it.Event)
		}
	})
	v.await("the last of them", numbered(1, 2+events))
	for n := uint64(3); n < 3+events; n++ {
		if v.place(numbered(1, n)) < 0 {
			t.Fatalf("event %d is not there", n)
		}
	}
}

func TestWhoIsNotOneOfUsIsNotTakenIn(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*trace.Header)
		says   string
	}{
		"another cluster": {func(h *trace.Header) { h.Cluster[0]++ }, "node of another cluster"},
		"another version": {func(h *trace.Header) { h.Major++ }, "major version 2"},
	} {
		t.Run(name, func(t *testing.T) {
			one := newFakeNode(t, 1)
			c.change(&one.header)
			f := start(t, Config{}, one)
			f.until("people are told", func() bool { return f.log.has(c.says) })
			if f.hub.State().Node(1).Known {
				t.Error("it was taken in")
			}
		})
	}
}

func TestANodeThatHangsIsSilent(t *testing.T) {
	t.Parallel()
	one := newFakeNode(t, 1)
	one.deaf = true
	most := patient()
	most.ping = 50 * time.Millisecond
	f := startAt(t, time.Now(), most, Config{}, one)
	s := one.next()
	one.away.Store(true)
	s.send(s.keyFrame(1, 1))
	v := f.watch()
	v.until("it is silent", func() bool { return v.node(1).Silent })
}
