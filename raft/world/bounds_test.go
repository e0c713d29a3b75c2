package world_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/raft/world"
)

// Whatever a source tells, a state stays bounded. What is beyond is counted, or the oldest goes.
func TestStateIsBounded(t *testing.T) {
	leads := trace.Decided{Note: raft.Note{Kind: raft.NoteBecameLeader, Term: 1}}
	for _, c := range []struct {
		name  string
		tell  func(st *story, k int)
		held  func(*trace.State) int
		bound int
		odd   bool // what is beyond is counted as not understood
	}{
		{"servers", func(st *story, k int) { st.tell(raft.NodeID(k+1), 1, trace.Started{}) },
			func(s *trace.State) int { return len(s.Nodes) }, 1024, true},
		{"links", func(st *story, k int) {
			st.tell(trace.Network, 1, trace.LinkSet{From: raft.NodeID(k + 1), To: 1})
		}, func(s *trace.State) int { return len(s.Links) }, 1 << 16, true},
		{"flights", func(st *story, k int) {
			st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, To: 2, Body: &raft.ReadIndex{}}})
		}, func(s *trace.State) int { return len(s.Flights) }, 8192, false},
		{"copies", func(st *story, k int) {
			if k == 0 {
				st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, Body: &raft.ReadIndex{}}})
			}
			st.tell(trace.Network, 1, trace.Duplicated{Msg: st.s.Flights[0].Msg,
				Copy: uint32(k + 1)})
		}, func(s *trace.State) int { return len(s.Flights) }, 8192, false},
		{"requests", func(st *story, k int) { st.tell(trace.Clients, 1, trace.Invoked{Client: 1}) },
			func(s *trace.State) int { return len(s.Requests) }, 4096, false},
		{"terms in a log", func(st *story, k int) {
			st.note(1, raft.Note{Kind: raft.NoteAppended, LogTerm: raft.Term(k + 1),
				From: raft.Index(k + 1), To: raft.Index(k + 1)})
		}, func(s *trace.State) int { return len(s.Nodes[0].Log.Runs) }, 1 << 16, false},
		{"followers", func(st *story, k int) {
			if k == 0 {
				st.tell(1, 1, leads)
			}
			st.note(1, raft.Note{Kind: raft.NoteProgress, Peer: raft.NodeID(k + 2)})
		}, func(s *trace.State) int { return len(s.Nodes[0].Progress) }, 1024, false},
		{"votes", func(st *story, k int) {
			st.note(1, raft.Note{Kind: raft.NoteVoteCounted, Peer: raft.NodeID(k + 2)})
		}, func(s *trace.State) int { return len(s.Nodes[0].Tally) }, 1024, false},
		{"violations", func(st *story, k int) { st.tell(trace.Checker, 1, trace.Violation{}) },
			func(s *trace.State) int { return len(s.Broken) }, 16, false},
	} {
		st := &story{}
		for k := range c.bound + 3 {
			c.tell(st, k)
		}
		if got := c.held(&st.s); got != c.bound {
			t.Errorf("%s: %d are held, and the bound is %d", c.name, got, c.bound)
		}
		if odd := st.s.Odd >= 3; odd != c.odd {
			t.Errorf("%s: %d events are counted as not understood", c.name, st.s.Odd)
		}
	}
}

// The oldest flights, requests and terms go first.
func TestOldestGoesFirst(t *testing.T) {
	st := &story{}
	var sent, asked []trace.EventID
	for k := range 8193 {
		sent = append(sent, st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, To: 2,
			Body: &raft.ReadIndex{}}}))
		asked = append(asked, st.tell(trace.Clients, 1, trace.Invoked{Client: 1}))
		st.note(2, raft.Note{Kind: raft.NoteAppended, LogTerm: raft.Term(k + 1),
			From: raft.Index(k + 1), To: raft.Index(k + 1)})
	}
	if st.s.Flights[0].Msg != sent[1] || st.s.Requests[0].ID != asked[8193-4096] {
		t.Errorf("the first flight is %v, the first request %v", st.s.Flights[0].Msg,
			st.s.Requests[0].ID)
	}
	for k := 8193; k <= 1<<16; k++ {
		st.note(2, raft.Note{Kind: raft.NoteAppended, LogTerm: raft.Term(k + 1),
			From: raft.Index(k + 1), To: raft.Index(k + 1)})
	}
	if l := st.s.Node(2).Log; l.Base != (raft.Mark{Index: 1, Term: 1}) || l.Runs[0].From != 2 {
		t.Errorf("the log begins behind %+v with %+v", l.Base, l.Runs[0])
	}
}

// In a long list of flights one that ends is taken out wherever it stands, and the others keep
// their order.
func TestFlightsKeepTheirOrder(t *testing.T) {
	for _, gone := range []int{0, 1, 100, 299, 300, 598, 599} {
		st := &story{}
		var want []trace.EventID
		for range 600 {
			want = append(want, st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, To: 2,
				Body: &raft.ReadIndex{}}}))
		}
		st.tell(2, 1, trace.Delivered{Msg: want[gone]})
		want = append(want[:gone], want[gone+1:]...)
		if len(st.s.Flights) != len(want) {
			t.Fatalf("without the %dth there are %d", gone, len(st.s.Flights))
		}
		for i, f := range st.s.Flights {
			if f.Msg != want[i] || f.Message.Body == nil {
				t.Fatalf("without the %dth the %dth is %v, not %v", gone, i, f.Msg, want[i])
			}
		}
	}
}

// tailed gives a body as the next minor version might write it, with a field at its end that this
// version does not know.
func tailed(b trace.Body) trace.Other {
	id := trace.EventID{Node: 1, Boot: 1, N: 1}
	var e trace.Encoder
	e.Append(nil, &trace.Event{ID: id, Body: trace.Stopped{}})
	id.N++
	raw := e.Append(nil, &trace.Event{ID: id, Body: b})
	_, n := binary.Uvarint(raw) // the length, and then a byte each for kind and flags
	return trace.Other{Code: b.Kind(), Raw: append(raw[n+2:], 42)}
}

// What is understood of an event of a newer version is folded, and that not all was understood is
// counted; of whom it was, is unknown from here.
func TestNewerVersions(t *testing.T) {
	st := led()
	st.tell(2, 1, tailed(trace.Applied{From: 1, To: 7}))
	if n := st.s.Node(2); n.Applied != 7 || n.Known || st.s.Odd != 1 {
		t.Errorf("S2 has applied %d, known %v, odd %d", n.Applied, n.Known, st.s.Odd)
	}
	frame := led().s.Clone()
	frame.Nodes[2].Commit = 77
	st.tell(3, 1, tailed(trace.KeyFrame{State: frame,
		Bodies: []raft.Entry{{Index: 1, Term: 1, Data: []byte("x")}}}))
	if n := st.s.Node(3); n.Commit != 77 || !n.Known || !st.s.Node(2).Known || st.s.Odd != 2 {
		t.Errorf("behind a key frame S3 has committed %d, known %v, odd %d", n.Commit, n.Known,
			st.s.Odd)
	}
	st.tell(3, 1, nil)
	if st.s.Node(3).Known || st.s.Odd != 3 {
		t.Errorf("behind an event without a body S3 is known: %v, odd %d", st.s.Node(3).Known,
			st.s.Odd)
	}
}

// How far a snapshot has come a leader learns from answers; who does not lead any more, or leads
// another term, learns nothing.
func TestSnapshotAnswersCountForTheirLeaderOnly(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*story)
		want uint64
	}{
		{"the leader", func(*story) {}, 16},
		{"an earlier term", func(st *story) {
			st.note(1, raft.Note{Kind: raft.NoteBecameLeader, Term: 2})
			st.note(1, raft.Note{Kind: raft.NoteSnapshotOffered, Peer: 3, Index: 8, Size: 40})
		}, 0},
		{"another snapshot", func(st *story) {
			st.note(1, raft.Note{Kind: raft.NoteSnapshotOffered, Peer: 3, Index: 9, Size: 40})
		}, 0},
	} {
		st := led()
		st.note(1, raft.Note{Kind: raft.NoteSnapshotOffered, Peer: 3, Index: 8, Size: 40})
		c.tell(st)
		msg := st.tell(3, 1, trace.Sent{Message: raft.Message{From: 3, To: 1, Term: 1,
			Body: &raft.InstallSnapshotReply{Next: 16,
				Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 8}}}}})
		st.tell(1, 1, trace.Delivered{Msg: msg})
		got := uint64(99)
		for _, p := range st.s.Node(1).Progress {
			if p.Peer == 3 {
				got = p.Offset
			}
		}
		if got != c.want {
			t.Errorf("%s: %d bytes are acknowledged, not %d", c.name, got, c.want)
		}
	}
}

// A description names what each server, message and request is, also where all goes wrong.
func TestDescribeTrouble(t *testing.T) {
	st := led()
	msg := st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, To: 2, Body: &raft.ReadIndex{}}})
	st.tell(trace.Network, 1, trace.Duplicated{Msg: msg, Copy: 1})
	st.tell(trace.Network, 1, trace.Dropped{Msg: msg, Why: trace.DropCut})
	st.tell(trace.Network, 1, trace.LinkSet{From: 1, To: 2, Link: trace.Link{Cut: true}})
	st.tell(1, 1, trace.Requested{Op: "put", Key: "x", Value: "1"})
	st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Term: 1, From: 2, To: 2,
		Entries: []raft.Entry{{Index: 2, Term: 1, Data: []byte("body")}}})
	st.note(3, raft.Note{Kind: raft.NoteBecameCandidate, Term: 2})
	st.note(3, raft.Note{Kind: raft.NoteVoteCounted, Term: 2, Peer: 3})
	st.note(3, raft.Note{Kind: raft.NoteSnapshotProgress, Peer: 1, Index: 8, Offset: 16, Size: 40})
	st.tell(trace.Checker, 1, trace.Violation{Check: "electionSafety", Text: "Two lead."})
	st.tell(4, 1, trace.Started{})
	for _, b := range []trace.Body{trace.Crashed{Node: 4}, trace.Paused{Node: 2}} {
		st.tell(trace.Supervisor, 1, b)
	}
	st.tell(5, 1, trace.Started{})
	st.tell(trace.FirstHub, 1, trace.Silent{Node: 5})
	st.tell(6, 1, trace.Started{})
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 6, Why: "killed"})
	st.tell(7, 1, trace.Missed{Count: 2})
	st.tell(8, 1, nil)
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1, Why: "died"})
	text := world.Describe(&st.s, &st.b)
	for _, want := range []string{"S1   down:died", "S2   paused", "S3   candidate", "S4   down  ",
		"S5   silent", "S6   down:killed", "S7   unknown", "link    S1 > S2  cut",
		"gets 16 of 40 bytes of 8", "has 1 of 3", "died ", "ago: cut", "copy 1",
		"broken  electionSafety: Two lead.", "missed  2 events", "odd     1 event not understood",
		"request somebody > S1  x = 1 at 2  unknown"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	st = led()
	st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Term: 1, From: 2, To: 2,
		Entries: []raft.Entry{{Index: 2, Term: 1, Data: []byte("body")}}})
	st.tell(trace.Clients, 1, trace.Invoked{Client: 3, Node: 1, Op: "get", Key: "x"})
	st.tell(trace.Clients, 1, trace.Returned{Request: trace.EventID{Node: trace.Clients, Boot: 1,
		N: 1}, Outcome: raft.OutcomeRefused, Why: raft.WhyTooMany})
	text = world.Describe(&st.s, &st.b)
	for _, want := range []string{"(2 has 4 B)",
		"request client 3 > S1  read x  refused: too many are waiting"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if text := world.Describe(tracetest.State(), nil); !strings.Contains(text, "snapshot 30") {
		t.Errorf("there is no snapshot in\n%s", text)
	}
}

// The smaller side of a cut is told first.
func TestCutTextOfTheSmallerSide(t *testing.T) {
	links := cuts(true, [2]raft.NodeID{1, 3}, [2]raft.NodeID{3, 1}, [2]raft.NodeID{2, 3},
		[2]raft.NodeID{3, 2})
	if got, want := world.CutText(links), "S3 is cut from S1 and S2"; got != want {
		t.Errorf("it says %q, not %q", got, want)
	}
}

// Links that somebody named twice are not two sides.
func TestCutTextOfOneDirectionTwice(t *testing.T) {
	twice := cuts(true, [2]raft.NodeID{1, 2}, [2]raft.NodeID{1, 2})
	if got, want := world.CutText(twice), "2 links among S1 and S2 are cut"; got != want {
		t.Errorf("it says %q, not %q", got, want)
	}
	for i := range twice {
		twice[i].Link.Cut = false
	}
	if got, want := world.CutText(twice), "2 links among S1 and S2 are healed"; got != want {
		t.Errorf("it says %q, not %q", got, want)
	}
}
