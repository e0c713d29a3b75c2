package trace_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// The newest word about a clock holds.
func TestClockOffsetIsCorrected(t *testing.T) {
	var m trace.Merger
	a := node(1)
	m.SetOffset(1, 500)
	m.SetOffset(1, -5)
	m.Push(99, a.id, a.event(20, trace.Stopped{}))
	if out := m.Pop(99, nil); len(out) != 1 || out[0].At != 15 {
		t.Errorf("%+v", out)
	}
}

// A message that dropped on its way to a node waits for its send as one that came does.
func TestDropWaitsForSend(t *testing.T) {
	var m trace.Merger
	a, b := node(1), node(2)
	m.Push(5, a.id, a.event(1, trace.Stopped{}))
	sent := a.send(10, 2)
	m.Push(20, b.id, b.event(12, trace.Dropped{Msg: sent.ID, Why: trace.DropFull}))
	if out := m.Pop(20, nil); len(out) != 1 || m.Held() != 1 {
		t.Fatalf("before the send came: %v", ids(out))
	}
	m.Push(21, a.id, sent)
	if out := m.Pop(21, nil); len(out) != 2 || out[0].ID != sent.ID || out[0].How != trace.Exact {
		t.Errorf("when the send came: %+v", out)
	}
}

// A stream that was lost and is found again is waited for again, unless its node has begun anew
// meanwhile.
func TestStreamThatComesBack(t *testing.T) {
	for _, anew := range []bool{false, true} {
		var m trace.Merger
		a, b := node(1), node(2)
		m.Push(5, a.id, a.event(1, trace.Stopped{}))
		m.Pop(5, nil)
		m.EndStream(a.id)
		if anew {
			again := &teller{id: trace.Stream{Node: 1, Boot: 2}}
			m.Push(6, again.id, again.event(6, trace.Stopped{}))
			m.Pop(6, nil)
		}
		m.BeginStream(a.id)
		sent := a.send(10, 2)
		m.Push(20, b.id, b.get(12, sent))
		out := m.Pop(20, nil)
		if anew && (len(out) != 2 || out[0].How != trace.Inferred) || !anew && len(out) != 0 {
			t.Errorf("begun anew %v: there come %+v", anew, out)
		}
	}
}

// Of an incarnation that nobody has heard of nothing comes, when the node is in a later one.
func TestIncarnationThatWasNeverHeard(t *testing.T) {
	var m trace.Merger
	b := node(2)
	later := &teller{id: trace.Stream{Node: 1, Boot: 3}}
	m.Push(5, later.id, later.event(1, trace.Stopped{}))
	m.Push(20, b.id, b.get(12, node(1).send(10, 2)))
	if out := m.Pop(20, nil); len(out) != 3 || out[1].How != trace.Inferred {
		t.Errorf("there come %+v", out)
	}
}

// What others say in a node's stream goes along with it, in its place, and is none of its numbers.
func TestEventsOfOthersGoAlong(t *testing.T) {
	var m trace.Merger
	a, hub := node(1), &teller{id: trace.Stream{Node: trace.FirstHub, Boot: 1}, n: 900}
	told := []trace.Event{hub.event(1, trace.Silent{Node: 1}), a.event(2, trace.Stopped{}),
		hub.event(3, trace.Silent{Node: 1}), a.event(4, trace.Stopped{})}
	for _, ev := range told {
		m.Push(10, a.id, ev)
	}
	out := m.Pop(10, nil)
	if len(out) != 4 {
		t.Fatalf("there come %v", ids(out))
	}
	for i := range out {
		if out[i].ID != told[i].ID {
			t.Errorf("event %d is %v, not %v", i, out[i].ID, told[i].ID)
		}
	}
}

// The merger remembers a bounded number of streams. One that still has something to tell is not
// forgotten, and those that have ended go first: what a live one has sent is known for long.
func TestStreamsAreBounded(t *testing.T) {
	for _, ended := range []bool{false, true} {
		var m trace.Merger
		waiting, live := node(1), node(2)
		m.Push(5, waiting.id, waiting.event(1, trace.Stopped{}))
		m.Push(5, waiting.id, waiting.get(2, node(9999).send(1, 1)))
		sent := live.send(3, 5000)
		m.Push(5, live.id, sent)
		if out := m.Pop(5, nil); len(out) != 2 || m.Held() != 1 {
			t.Fatalf("there come %v", ids(out))
		}
		for id := raft.NodeID(10); id < 2000; id++ {
			l := node(id)
			m.Push(7, l.id, l.event(7, trace.Stopped{}))
			m.Pop(7, nil)
			if ended {
				m.EndStream(l.id)
			}
		}
		if m.Held() != 1 {
			t.Errorf("ended %v: %d events wait", ended, m.Held())
		}
		late := node(5000)
		m.Push(9, late.id, late.get(9, sent))
		if out := m.Pop(9, nil); ended && (len(out) != 1 || out[0].How != trace.Exact) ||
			!ended && len(out) != 0 {
			t.Errorf("ended %v: of what was sent long ago there come %+v", ended, out)
		}
	}
}

// Of the sends that were made and may still come a bounded number is remembered, the newest.
func TestInferredSendsAreBounded(t *testing.T) {
	var m trace.Merger
	a, b := node(1), node(2)
	m.Push(1, a.id, a.event(0, trace.Stopped{}))
	m.Pop(1, nil)
	var sends []trace.Event
	for range 1030 {
		sends = append(sends, a.send(5, 2))
		m.Push(10, b.id, b.get(9, sends[len(sends)-1]))
	}
	out := m.Pop(10+trace.HoldReceipt, nil)
	if len(out) != 2*len(sends) {
		t.Fatalf("%d events come of %d receipts", len(out), len(sends))
	}
	for _, ev := range sends {
		m.Push(20+trace.HoldReceipt, a.id, ev)
	}
	out = m.Pop(20+trace.HoldReceipt, nil)
	if len(out) != len(sends)-1024 || out[0].ID != sends[0].ID {
		t.Errorf("of %d sends that come late %d are told twice", len(sends), len(out))
	}
}
