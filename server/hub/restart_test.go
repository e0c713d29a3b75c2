package hub

import (
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// of makes an item that of another incarnation.
func of(boot uint32, it wire.StreamItem) wire.StreamItem {
	it.Event.ID.Boot = boot
	return it
}

// members is a key frame of a node of two that has saved a vote.
func members(s *fakeStream, boot uint32, n uint64) wire.StreamItem {
	k := s.keyFrame(boot, n)
	st := &k.Event.Body.(trace.KeyFrame).State.Nodes[0]
	st.Members, st.Term, st.SavedTerm, st.SavedVote = []raft.NodeID{1, 2}, 4, 3, 1
	return k
}

// judged lets a checker see all that a viewer was told, from its first key frame on, and gives for
// how many events votes were not observable.
func (v *testViewer) judged() (c *check.Checker, blind int) {
	c = check.New(v.remote.Header())
	for i := range v.events {
		c.Observe(&v.events[i])
		for _, r := range c.Report() {
			if r.Name == "votesKept" && r.Status == check.NotObservable {
				blind++
			}
		}
	}
	return c, blind
}

// restarted has S1 end and begin anew with what a test says that it has saved.
func restarted(t *testing.T, again trace.Started, streamed ...wire.StreamItem) *testViewer {
	a, b := newFakeNode(t, 1), newFakeNode(t, 2)
	f := start(t, Config{}, a, b)
	one, other := a.next(), b.next()
	one.send(members(one, 1, 1))
	other.send(members(other, 1, 1))
	f.until("both are known", func() bool {
		return f.hub.State().Node(1).Known && f.hub.State().Node(2).Known
	})
	v := f.watch()
	one.send(event(2, trace.Saved{Write: 1, Term: 4, Vote: 2}))
	one.send(streamed...)
	f.given(1, uint64(2+len(streamed)))
	f.hub.Tell(trace.Crashed{Node: 1, Why: "died"})
	one.end()
	v.await("the crash", ofKind(trace.KindCrashed))
	one = a.next() // it has started meanwhile
	again.Restart, again.Members = true, []raft.NodeID{1, 2}
	one.send(of(2, event(1, again)), of(2, event(2, trace.Saved{Write: 1, Term: 5})), members(one, 2, 2))
	one.send(of(2, event(3, trace.Saved{Write: 2, Term: 5})))
	v.await("what it tells then", func(ev *trace.Event) bool {
		return ev.ID == trace.EventID{Node: 1, Boot: 2, N: 3}
	})
	return v
}

func TestARestartIsToldWithoutAGap(t *testing.T) {
	v := restarted(t, trace.Started{Term: 4, Vote: 2})
	crash, begin := v.place(ofKind(trace.KindCrashed)), v.place(ofKind(trace.KindStarted))
	if crash < 0 || begin < crash || v.count(trace.KindMissed, 0) != 0 {
		t.Errorf("the crash stands at %d, the start at %d: %+v", crash, begin, v.events)
	}
	if got := v.own(0); got != "S1:2 S1:1 S1:2 S1:3" {
		t.Errorf("it is told %s", got)
	}
	c, blind := v.judged()
	if blind != 0 {
		t.Errorf("votes are not observable at %d events", blind)
	}
	for _, r := range c.Report() {
		if r.Status == check.Broken || r.Name == "votesKept" && r.Status != check.Holds {
			t.Errorf("%s is %v", r.Name, r.Status)
		}
	}
	if n := v.node(1); n.Boot != 2 || !n.Known || !n.Alive || n.SavedTerm != 5 {
		t.Errorf("it is shown as %+v", n)
	}
}

// TestAVoteThatIsNotKeptIsSeenLive is what the start is told for.
func TestAVoteThatIsNotKeptIsSeenLive(t *testing.T) {
	v := restarted(t, trace.Started{Term: 4, Vote: 1})
	v.await("the violation", ofKind(trace.KindViolation))
	if b := v.state.Broken; len(b) != 1 || b[0].Check != "votesKept" {
		t.Errorf("said to be broken: %+v", b)
	}
}

// TestWhatANodeDidBeforeItsEndAndDidNotTellIsNoViolation: it was killed behind a truncation that it
// had saved and not told. What was committed is judged all the same.
func TestWhatANodeDidBeforeItsEndAndDidNotTellIsNoViolation(t *testing.T) {
	saved := func(commit raft.Index) []wire.StreamItem {
		items := []wire.StreamItem{
			event(3, trace.Decided{Note: raft.Note{Kind: raft.NoteAppended, From: 1, To: 3, LogTerm: 3,
				Entries: []raft.Entry{{Index: 1, Term: 3}, {Index: 2, Term: 3}, {Index: 3, Term: 3}}}}),
			event(4, trace.Saved{Write: 2, Term: 4, Vote: 2, Last: raft.Mark{Index: 3, Term: 3}}),
		}
		if commit > 0 {
			items = append(items, event(5, trace.Decided{Note: raft.Note{
				Kind: raft.NoteCommitAdvanced, Index: commit, Term: 4}}))
		}
		return items
	}
	cut := trace.Started{Term: 4, Vote: 2, Runs: []trace.Run{{From: 1, To: 2, Term: 3}}}
	v := restarted(t, cut, saved(0)...)
	if len(v.state.Broken) != 0 || v.count(trace.KindMissed, 0) != 1 {
		t.Errorf("said to be broken: %+v", v.state.Broken)
	}
	v = restarted(t, cut, saved(3)...)
	v.await("the violation", ofKind(trace.KindViolation))
}

// TestAHubThatListensAgainIsNotToldTwice: the node tells from its start on, whoever listens.
func TestAHubThatListensAgainIsNotToldTwice(t *testing.T) {
	a := newFakeNode(t, 1)
	f := start(t, Config{}, a)
	one := a.next()
	one.send(event(1, trace.Started{}), event(2, trace.Saved{Write: 1}), one.keyFrame(1, 2))
	f.given(1, 2)
	v := f.watch()
	v.until("it is known", func() bool { return v.node(1).Known })
	one.send(event(3, trace.Saved{Write: 2}))
	f.given(1, 3)
	one.end()
	one = a.next()
	one.send(event(1, trace.Started{}), event(2, trace.Saved{Write: 1}), event(3, trace.Saved{Write: 2}),
		event(4, trace.Saved{Write: 3}), one.keyFrame(1, 4))
	one.send(event(5, trace.Saved{Write: 4}))
	v.await("what is new", numbered(1, 5))
	if got := v.own(0); got != "S1:3 S1:4 S1:5" || v.count(trace.KindMissed, 0) != 0 {
		t.Errorf("it is told %s", got)
	}
}

// TestAStreamThatGoesBackInTimeIsNotFollowed sends what cannot be: old numbers, an old incarnation,
// events of others.
func TestAStreamThatGoesBackInTimeIsNotFollowed(t *testing.T) {
	f, one, _ := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return v.node(1).Known })
	foreign := event(9, trace.Saved{Write: 1, Term: 99})
	foreign.Event.ID.Node, foreign.Event.ID.Boot = 2, 9
	one.send(of(2, event(1, trace.Started{Term: 2})), of(2, event(2, trace.Saved{Write: 1, Term: 2})))
	one.send(of(2, event(1, trace.Saved{Write: 1, Term: 50})), event(7, trace.Saved{Write: 9, Term: 51}),
		one.keyFrame(1, 90), one.keyFrame(2, 1), foreign, of(2, event(0, trace.Saved{Write: 3, Term: 52})))
	one.node.clock = -time.Hour
	one.send(of(2, event(3, trace.Saved{Write: 2, Term: 3})))
	v.await("what is new", func(ev *trace.Event) bool {
		return ev.ID == trace.EventID{Node: 1, Boot: 2, N: 3}
	})
	if got := v.own(0); got != "S1:1 S1:2 S1:3" {
		t.Errorf("it is told %s", got)
	}
	if n := v.node(1); n.SavedTerm != 3 || n.Boot != 2 || v.node(2).SavedTerm == 99 {
		t.Errorf("S1 is %+v", n)
	}
}

func TestAHoleInAStreamIsTold(t *testing.T) {
	f, one, other := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return v.node(1).Known })
	one.send(delivered(2, 1, 9, 2)) // waits for its send
	one.send(event(3, trace.Saved{Write: 1}), event(7, trace.Saved{Write: 2}))
	other.send(event(2, trace.Saved{Write: 1}))
	v.await("what is behind the hole", numbered(1, 7))
	gap := v.place(ofKind(trace.KindMissed))
	if m, ok := v.events[gap].Body.(trace.Missed); !ok || m.Count != 3 || v.node(1).Known {
		t.Errorf("events 4 to 6 are not there, and it is told %+v", v.events[gap])
	}
	if before := v.place(numbered(1, 3)); before < 0 || before > gap {
		t.Errorf("what was heard before stands at %d, and the gap at %d", before, gap)
	}
	v.lose() // between the gap and the key frame behind it
	one.send(one.keyFrame(1, 7), event(8, trace.Saved{Write: 3}))
	f.given(1, 8)
	v.goOn(f)
	v.await("what comes then", numbered(1, 8))
	if !v.node(1).Known || v.count(trace.KindMissed, 0) != 1 {
		t.Errorf("it is not known again, or the gap is told twice: %+v", v.events)
	}
}
