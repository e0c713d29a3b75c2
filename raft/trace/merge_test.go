package trace_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// teller makes the events of one incarnation.
type teller struct {
	id trace.Stream
	n  uint64
}

func (l *teller) event(at raft.Time, body trace.Body) trace.Event {
	l.n++
	return trace.Event{ID: trace.EventID{Node: l.id.Node, Boot: l.id.Boot, N: l.n}, At: at,
		Body: body}
}

func (l *teller) send(at raft.Time, to raft.NodeID) trace.Event {
	return l.event(at, trace.Sent{Message: raft.Message{ID: l.n + 1, From: l.id.Node,
		FromBoot: l.id.Boot, To: to, Term: 3, Body: &raft.AppendEntries{Commit: 7}}})
}

func (l *teller) get(at raft.Time, sent trace.Event) trace.Event {
	return l.event(at, trace.Delivered{Msg: sent.ID})
}

func node(id raft.NodeID) *teller { return &teller{id: trace.Stream{Node: id, Boot: 1}} }

func bodyOf(t *testing.T, ev *trace.Event) raft.Message {
	t.Helper()
	s, ok := ev.Body.(trace.Sent)
	if !ok {
		t.Fatalf("%v is no send: %+v", ev.ID, ev.Body)
	}
	return s.Message
}

func ids(evs []trace.Event) (ids []trace.EventID) {
	for i := range evs {
		ids = append(ids, evs[i].ID)
	}
	return ids
}

// A receipt waits for its send, and its stream behind it; the other streams go on.
func TestReceiptWaitsForSend(t *testing.T) {
	var m trace.Merger
	a, b, c := node(1), node(2), node(3)
	first, sent := a.event(1, trace.Stopped{}), a.send(10, 2)
	got, after := b.get(12, sent), b.event(13, trace.Stopped{})
	m.Push(20, a.id, first)
	m.Push(20, b.id, got)
	m.Push(20, b.id, after)
	m.Push(20, c.id, c.event(30, trace.Stopped{}))
	out := m.Pop(50, nil)
	if len(out) != 2 || out[1].ID.Node != 3 || m.Held() != 2 {
		t.Fatalf("before the send came: %v, and %d wait", ids(out), m.Held())
	}
	m.Push(60, a.id, sent)
	out = m.Pop(60, nil)
	if len(out) != 3 || out[0].ID != sent.ID || out[1].ID != got.ID || out[2].ID != after.ID {
		t.Fatalf("when the send came: %v", ids(out))
	}
	for _, ev := range out {
		if ev.At != 30 || ev.How != trace.Exact {
			t.Errorf("%v is of %d, %d: 30 was told before", ev.ID, ev.At, ev.How)
		}
	}
}

// A node is killed after a send left and before it was streamed.
func TestInferredSend(t *testing.T) {
	var m trace.Merger
	a, b := node(1), node(2)
	start, sent := a.event(1, trace.Stopped{}), a.send(10, 2)
	got := b.get(12, sent)
	m.Push(20, a.id, start)
	m.PushReceipt(20, b.id, got, bodyOf(t, &sent))
	m.Pop(20, nil)
	m.EndStream(a.id)
	out := m.Pop(21, nil)
	if len(out) != 2 || out[0].ID != sent.ID || out[0].How != trace.Inferred ||
		out[1].ID != got.ID {
		t.Fatalf("behind the sender's end: %+v", out)
	}
	made := bodyOf(t, &out[0])
	if made.ID != sent.ID.N || made.From != 1 || made.FromBoot != 1 || made.To != 2 ||
		made.Term != 3 ||
		made.Body.(*raft.AppendEntries).Commit != 7 {
		t.Errorf("the send that was made is %+v", made)
	}
	m.Push(30, a.id, sent) // the original comes after all
	last := a.event(11, trace.Stopped{})
	m.Push(30, a.id, last)
	if out = m.Pop(30, nil); len(out) != 1 || out[0].ID != last.ID || out[0].At != 12 {
		t.Errorf("behind the late original: %+v", out)
	}
}

// Without an end of the stream the wait is bounded; a new incarnation ends the one before.
func TestReceiptDoesNotWaitForEver(t *testing.T) {
	var m trace.Merger
	a, b := node(1), node(2)
	sent := a.send(10, 2)
	m.Push(100, b.id, b.get(12, sent))
	if out := m.Pop(100+trace.HoldReceipt-1, nil); len(out) != 0 {
		t.Fatalf("too early: %v", ids(out))
	}
	out := m.Pop(100+trace.HoldReceipt, nil)
	if len(out) != 2 || out[0].How != trace.Inferred || bodyOf(t, &out[0]).To != 2 {
		t.Fatalf("in time: %+v", out)
	}
	again := &teller{id: trace.Stream{Node: 1, Boot: 2}}
	m.Push(1_000_000, again.id, again.event(900_000, trace.Stopped{}))
	m.Push(1_000_000, b.id, b.get(910_000, a.send(20, 2)))
	if out = m.Pop(1_000_000, nil); len(out) != 3 || out[1].How != trace.Inferred {
		t.Errorf("of an incarnation that is over: %v", ids(out))
	}
}

// A viewer that joins late waits for nothing that was before.
func TestJoinInTheMiddle(t *testing.T) {
	var m trace.Merger
	a, b := node(1), node(2)
	old := a.send(10, 2)
	m.Push(20, a.id, a.event(15, trace.Stopped{}))
	m.Push(20, b.id, b.get(14, old))
	if out := m.Pop(20, nil); len(out) != 2 || out[0].ID.Node != 2 || out[0].How != trace.Exact {
		t.Errorf("%+v", out)
	}
}

// A stream that has ended is still read to its end.
func TestEndedStreamIsReadOut(t *testing.T) {
	var m trace.Merger
	a, b, c := node(1), node(2), node(3)
	fromC := c.send(1, 1)
	m.Push(5, a.id, a.get(4, fromC))
	sent := a.send(5, 2)
	m.Push(5, a.id, sent)
	m.EndStream(a.id)
	m.Push(9, b.id, b.get(3, sent))
	if out := m.Pop(10, nil); len(out) != 0 {
		t.Fatalf("nothing can come before C's send: %v", ids(out))
	}
	m.Push(11, c.id, fromC)
	out := m.Pop(11, nil)
	if len(out) != 4 || out[2].ID != sent.ID || out[2].How != trace.Exact {
		t.Errorf("%+v", out)
	}
}

func TestClockOffsets(t *testing.T) {
	var m trace.Merger
	a, b := node(1), node(2)
	m.SetOffset(2, -1000)
	m.SetOffset(1, 5)
	m.Push(99, b.id, b.event(1020, trace.Stopped{}))
	m.Push(99, a.id, a.event(10, trace.Stopped{}))
	m.Push(99, a.id, a.event(500, trace.Stopped{})) // cannot be: it is 99 now
	out := m.Pop(99, nil)
	if len(out) != 3 || out[0].At != 15 || out[1].At != 20 || out[2].At != 99 {
		t.Errorf("%+v", out)
	}
}

// Whatever the interleaving, whatever is lost at an end: every receipt stands behind its send,
// times never go back, nothing comes twice, each stream keeps its order, and in the end all has
// come.
func TestMergeProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var m trace.Merger
		streams, killed, keep := history(rt)
		var out []trace.Event
		now := raft.Time(1000)
		pos := make([]int, len(streams))
		for left := true; left; {
			now += raft.Time(rapid.IntRange(0, 200_000).Draw(rt, "pause"))
			i := rapid.IntRange(0, len(streams)-1).Draw(rt, "stream")
			for k := rapid.IntRange(1, 5).Draw(rt, "events"); k > 0 && pos[i] < keep[i]; k-- {
				push(&m, now, streams[i], pos[i])
				pos[i]++
			}
			if killed[i] && pos[i] == keep[i] {
				m.EndStream(streams[i][0].stream)
			}
			out = m.Pop(now, out)
			left = false
			for j := range pos {
				left = left || pos[j] < keep[j]
			}
		}
		out = m.Pop(now+trace.HoldReceipt, out)
		if m.Held() != 0 {
			rt.Fatalf("%d events never came", m.Held())
		}
		checkMerged(rt, out, keep)
	})
}

type told struct {
	stream trace.Stream
	ev     trace.Event
	of     *raft.Message // of a receipt
}

// history makes what a few nodes did; the streams of some end before their last events.
func history(rt *rapid.T) (streams [][]told, killed []bool, keep []int) {
	nodes := []*teller{node(1), node(2), node(3)}
	streams = make([][]told, len(nodes))
	type flight struct {
		ev trace.Event
		to int
	}
	var flights []flight
	for i, l := range nodes {
		streams[i] = append(streams[i], told{l.id, l.event(0, trace.Stopped{}), nil})
	}
	for at := raft.Time(1); at < raft.Time(rapid.IntRange(2, 60).Draw(rt, "length")); at++ {
		i := rapid.IntRange(0, 2).Draw(rt, "who")
		k := rapid.IntRange(-1, len(flights)-1).Draw(rt, "flight")
		if k < 0 {
			to := (i + 1 + rapid.IntRange(0, 1).Draw(rt, "to")) % 3
			ev := nodes[i].send(at, raft.NodeID(to+1))
			streams[i] = append(streams[i], told{nodes[i].id, ev, nil})
			flights = append(flights, flight{ev, to})
			continue
		}
		f := flights[k]
		msg := f.ev.Body.(trace.Sent).Message
		streams[f.to] = append(streams[f.to], told{nodes[f.to].id, nodes[f.to].get(at, f.ev), &msg})
	}
	for i := range streams {
		kill := rapid.Bool().Draw(rt, "kill")
		n := len(streams[i])
		if kill {
			n = rapid.IntRange(1, n).Draw(rt, "keep")
		}
		killed, keep = append(killed, kill), append(keep, n)
	}
	return streams, killed, keep
}

func push(m *trace.Merger, now raft.Time, s []told, k int) {
	if s[k].of != nil {
		m.PushReceipt(now, s[k].stream, s[k].ev, *s[k].of)
		return
	}
	m.Push(now, s[k].stream, s[k].ev)
}

func checkMerged(rt *rapid.T, out []trace.Event, keep []int) {
	sent := map[trace.EventID]bool{}
	lastN := map[raft.NodeID]uint64{}
	came := make([]int, len(keep))
	last := raft.Time(-1)
	for _, ev := range out {
		if ev.At < last {
			rt.Fatalf("%v is of %d, behind one of %d", ev.ID, ev.At, last)
		}
		last = ev.At
		switch b := ev.Body.(type) {
		case trace.Sent:
			if sent[ev.ID] {
				rt.Fatalf("%v was sent twice", ev.ID)
			}
			sent[ev.ID] = true
		case trace.Delivered:
			if !sent[b.Msg] {
				rt.Fatalf("%v received %v, which was not sent", ev.ID, b.Msg)
			}
		}
		if ev.How == trace.Inferred {
			if ev.ID.N <= uint64(keep[ev.ID.Node-1]) {
				came[ev.ID.Node-1]++
			}
			continue
		}
		if ev.ID.N <= lastN[ev.ID.Node] {
			rt.Fatalf("%v came behind %d", ev.ID, lastN[ev.ID.Node])
		}
		lastN[ev.ID.Node] = ev.ID.N
		came[ev.ID.Node-1]++
	}
	for i := range keep {
		if came[i] != keep[i] {
			rt.Fatalf("of S%d %d events came, not %d", i+1, came[i], keep[i])
		}
	}
}

// TestReleaseLetsAReceiptGoWithoutItsSend: nobody will bring it any more.
func TestReleaseLetsAReceiptGoWithoutItsSend(t *testing.T) {
	var m trace.Merger
	from, to := trace.Stream{Node: 1, Boot: 1}, trace.Stream{Node: 2, Boot: 1}
	receipt := trace.Event{ID: trace.EventID{Node: 2, Boot: 1, N: 1}, At: 10,
		Body: trace.Delivered{Msg: trace.EventID{Node: 1, Boot: 1, N: 5}}}
	m.Push(10, to, receipt)
	if got := m.Pop(20, nil); len(got) != 0 {
		t.Fatalf("%d events come before the send", len(got))
	}
	m.Release(to)
	got := m.Pop(20, nil)
	if len(got) != 2 || got[0].How != trace.Inferred || got[1].ID != receipt.ID {
		t.Fatalf("released, there come %+v", got)
	}
	m.Push(30, from, trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: 5}, At: 9,
		Body: trace.Sent{Message: raft.Message{ID: 5, From: 1, FromBoot: 1, To: 2,
			Body: &raft.RequestVote{}}}})
	if got := m.Pop(40, nil); len(got) != 0 {
		t.Errorf("the send comes all the same: %+v", got)
	}
}
