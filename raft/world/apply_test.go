package world_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/raft/world"
)

// story folds events, each with an id of its own, one millisecond apart unless at says otherwise.
type story struct {
	s trace.State
	b trace.Bodies
	n map[raft.NodeID]uint64
}

func (st *story) tell(who raft.NodeID, boot uint32, body trace.Body) trace.EventID {
	return st.at(st.s.At+raft.Millisecond, who, boot, body)
}

func (st *story) at(at raft.Time, who raft.NodeID, boot uint32, body trace.Body) trace.EventID {
	if st.n == nil {
		st.n = map[raft.NodeID]uint64{}
	}
	st.n[who]++
	id := trace.EventID{Node: who, Boot: boot, N: st.n[who]}
	world.Apply(&st.s, &st.b, &trace.Event{ID: id, At: at, Body: body})
	return id
}

func (st *story) note(who raft.NodeID, n raft.Note) { st.tell(who, 1, trace.Decided{Note: n}) }

// cluster gives a story in which three servers have started.
func cluster() *story {
	st := &story{}
	for id := range raft.NodeID(3) {
		st.tell(id+1, 1, trace.Started{Store: "file", Machine: "kv", Members: []raft.NodeID{1, 2,
			3}})
	}
	return st
}

// led gives a cluster of three that S1 leads in term 1 with entry 1 committed.
func led() *story {
	st := cluster()
	st.note(1, raft.Note{Kind: raft.NoteBecameCandidate, Why: raft.WhyElectionTimeout, Term: 1})
	st.note(1, raft.Note{Kind: raft.NoteVoteCounted, Term: 1, Peer: 1, Count: 1})
	st.note(1, raft.Note{Kind: raft.NoteVoteCounted, Term: 1, Peer: 2, Count: 2})
	st.note(1, raft.Note{Kind: raft.NoteBecameLeader, Term: 1, Count: 2})
	st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyNewTerm, Term: 1, From: 1, To: 1,
		Digest: 5, Entries: []raft.Entry{{Index: 1, Term: 1, Kind: raft.EntryNoop}}})
	st.tell(1, 1, trace.Saved{Write: 2, Term: 1, Vote: 1, Last: raft.Mark{Index: 1, Term: 1,
		Digest: 5}})
	for id := raft.NodeID(2); id < 4; id++ {
		st.note(id, raft.Note{Kind: raft.NoteTermAdvanced, Why: raft.WhyHigherTerm, Term: 1})
		st.note(id, raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyLeaderFound, Term: 1,
			Peer: 1})
		st.note(id, raft.Note{Kind: raft.NoteAppended, Peer: 1, LogTerm: 1, From: 1, To: 1,
			Digest: 5})
		st.note(1, raft.Note{Kind: raft.NoteProgress, Peer: id, State: raft.Replicate, Match: 1,
			Next: 2})
	}
	st.note(1, raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved, Index: 1,
		LogTerm: 1, Count: 3})
	return st
}

func known(s *trace.State) (ids []raft.NodeID) {
	for i := range s.Nodes {
		if s.Nodes[i].Known {
			ids = append(ids, s.Nodes[i].ID)
		}
	}
	return ids
}

// What is not known is said, and known again from the next start or key frame on.
func TestFog(t *testing.T) {
	whole := led().s.Clone()
	cases := []struct {
		name string
		tell func(*story)
		want []raft.NodeID
	}{
		{"nothing", func(*story) {}, []raft.NodeID{1, 2, 3}},
		{"missed by a hub", func(st *story) {
			st.tell(trace.FirstHub, 1, trace.Missed{Count: 7})
		}, nil},
		{"missed of one", func(st *story) { st.tell(2, 1, trace.Missed{Count: 7}) },
			[]raft.NodeID{1, 3}},
		{"a new boot without a start", func(st *story) {
			st.tell(3, 2, trace.Decided{Note: raft.Note{Kind: raft.NoteDeadlineSet, Left: 9}})
		}, []raft.NodeID{1, 2}},
		{"a late event of an old boot", func(st *story) {
			st.tell(3, 2, trace.Started{})
			st.tell(3, 1, trace.Decided{Note: raft.Note{Kind: raft.NoteBecameLeader, Term: 9}})
		}, []raft.NodeID{1, 2, 3}},
		{"a note of an unknown kind", func(st *story) {
			st.note(1, raft.Note{Kind: raft.NoteOther, Code: 99, Raw: []byte{1}})
		}, []raft.NodeID{2, 3}},
		{"an event of an unknown kind", func(st *story) {
			st.tell(1, 1, trace.Other{Code: 199, Raw: []byte{1}})
		}, []raft.NodeID{2, 3}},
		{"a gap in the log", func(st *story) {
			st.note(2, raft.Note{Kind: raft.NoteAppended, Peer: 1, LogTerm: 1, From: 5, To: 6})
		}, []raft.NodeID{1, 3}},
		{"missed, then a start", func(st *story) {
			st.tell(trace.FirstHub, 1, trace.Missed{Count: 7})
			st.tell(3, 2, trace.Started{})
		}, []raft.NodeID{3}},
		{"missed, then a key frame", func(st *story) {
			st.tell(trace.FirstHub, 1, trace.Missed{Count: 7})
			st.tell(trace.FirstHub, 1, trace.KeyFrame{State: whole})
			if st.s.Missed != 7 {
				t.Errorf("behind a key frame %d events are missed, not 7", st.s.Missed)
			}
		}, []raft.NodeID{1, 2, 3}},
		{"a key frame without a state", func(st *story) {
			st.tell(trace.FirstHub, 1, trace.KeyFrame{})
		}, []raft.NodeID{1, 2, 3}},
	}
	for _, c := range cases {
		st := led()
		c.tell(st)
		if diff := cmp.Diff(c.want, known(&st.s)); diff != "" {
			t.Errorf("%s: who is known: %s", c.name, diff)
		}
	}
}

// A key frame is taken as a copy: neither side sees what the other does later.
func TestKeyFrameIsCopied(t *testing.T) {
	st, frame := led(), led().s.Clone()
	st.tell(trace.FirstHub, 1, trace.KeyFrame{State: frame,
		Bodies: []raft.Entry{{Index: 1, Term: 9, Data: []byte("x")}}})
	st.note(1, raft.Note{Kind: raft.NoteCreated, Term: 1, From: 2, To: 2})
	st.note(1, raft.Note{Kind: raft.NoteProgress, Peer: 2, Match: 2})
	if got := frame.Nodes[0].Log.Last().Index; got != 1 || frame.Nodes[0].Progress[0].Match != 1 {
		t.Errorf("the key frame was changed: log up to %d", got)
	}
	if _, ok := st.b.Get(1, 9); !ok {
		t.Error("the key frame's bodies are not known")
	}
}

func TestCrashAndStart(t *testing.T) {
	st := led()
	st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Term: 1, From: 2, To: 2,
		Digest: 6})
	msg := st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, To: 2,
		Body: &raft.AppendEntries{}}})
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1, Why: "killed", Stays: true, Losing: 1})
	n := st.s.Node(1)
	if n.Alive || !n.Stays || n.Down != "killed" || n.Role != raft.Follower || len(n.Progress) > 0 {
		t.Errorf("behind its crash S1 is %+v", n)
	}
	if last := n.Log.Last(); last.Index != 1 || last.Digest != 5 {
		t.Errorf("the log of a crashed node ends at %+v, and 1 was saved", last)
	}
	if len(st.s.Flights) != 1 || st.s.Flights[0].Msg != msg {
		t.Error("what a crashed node had sent flies on")
	}
	snap := raft.SnapshotRef{Mark: raft.Mark{Index: 4, Term: 2}, Size: 9}
	st.n[1] = 0
	st.tell(1, 2, trace.Started{Restart: true, Members: []raft.NodeID{1, 2, 3}, Term: 2, Vote: 3,
		Base: raft.Mark{Index: 2, Term: 1}, Runs: []trace.Run{{From: 3, To: 6, Term: 2}},
		Snapshot: snap})
	n = st.s.Node(1)
	if !n.Alive || n.Down != "" || n.Stays || n.Commit != 4 || n.Applied != 4 || n.Boot != 2 ||
		n.Log.Last().Index != 6 || n.SavedLast.Index != 6 || n.SavedVote != 3 || n.LastN != 1 {
		t.Errorf("behind its start S1 is %+v", n)
	}
	st.note(1, raft.Note{Kind: raft.NoteBecameLeader, Term: 9}) // of the boot that is over
	if n.Role != raft.Follower || n.Term != 2 {
		t.Errorf("a late word of the dead made S1 %+v", n)
	}
}

// Paused and silent are said by others, and end with a word of the node itself or of who said it.
func TestPausedAndSilent(t *testing.T) {
	st := led()
	st.tell(trace.Supervisor, 1, trace.Paused{Node: 2})
	st.tell(trace.FirstHub, 1, trace.Silent{Node: 3})
	if !st.s.Node(2).Paused || !st.s.Node(3).Silent || !st.s.Node(3).Known {
		t.Error("S2 is paused and S3 silent")
	}
	st.tell(trace.Supervisor, 1, trace.Resumed{Node: 2})
	st.note(3, raft.Note{Kind: raft.NoteDeadlineSet, Left: 5})
	if st.s.Node(2).Paused || st.s.Node(3).Silent {
		t.Error("S2 goes on, and S3 has said a word")
	}
	st.tell(2, 1, trace.Stopped{})
	if n := st.s.Node(2); n.Alive || n.Down != "stopped" {
		t.Errorf("S2 has shut down: %+v", n)
	}
}

func TestFlights(t *testing.T) {
	st := led()
	send := func() trace.EventID {
		return st.tell(1, 1, trace.Sent{Due: 99, Message: raft.Message{From: 1, To: 2,
			Body: &raft.AppendEntries{}}})
	}
	arrives, dies, twice := send(), send(), send()
	st.tell(trace.Network, 1, trace.Duplicated{Msg: twice, Copy: 1, Due: 120})
	st.tell(trace.Network, 1, trace.Rescheduled{Msg: dies, Due: 500})
	if f := st.s.Flights[1]; f.Due != 500 {
		t.Errorf("the second one is due at %d", f.Due)
	}
	st.tell(2, 1, trace.Delivered{Msg: arrives})
	st.tell(2, 1, trace.Delivered{Msg: twice, Copy: 1})
	st.tell(2, 1, trace.Delivered{Msg: arrives}) // it cannot arrive again
	st.tell(trace.Network, 1, trace.Dropped{Msg: dies, Why: trace.DropCut})
	died := st.s.At
	want := fmt.Sprint([]trace.EventID{dies, twice})
	if got := fmt.Sprint([]trace.EventID{st.s.Flights[0].Msg, st.s.Flights[1].Msg}); got != want ||
		len(st.s.Flights) != 2 || st.s.Flights[1].Copy != 0 ||
		st.s.Flights[0].Fate != trace.Died || st.s.Flights[0].FateAt != died {
		t.Errorf("there fly %+v", st.s.Flights)
	}
	st.at(died+999*raft.Millisecond, 3, 1, trace.Applied{})
	if len(st.s.Flights) != 2 {
		t.Error("what died is seen for a second")
	}
	st.at(died+1300*raft.Millisecond, 3, 1, trace.Applied{})
	if len(st.s.Flights) != 1 || st.s.Flights[0].Msg != twice {
		t.Error("what died long ago is gone, what flies is not")
	}
}

// An inferred send says nothing about the life of its sender.
func TestInferredSendOfTheDead(t *testing.T) {
	st := led()
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
	before := *st.s.Node(1)
	world.Apply(&st.s, nil, &trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: 400},
		How:  trace.Inferred,
		Body: trace.Sent{Message: raft.Message{From: 1, To: 2, Body: &raft.AppendEntries{}}}})
	if after := st.s.Node(1); after.LastN != before.LastN || after.Alive || len(st.s.Flights) != 1 {
		t.Errorf("S1 is %+v", after)
	}
}

func TestRequests(t *testing.T) {
	st := led()
	ask := func() trace.EventID {
		return st.tell(trace.Clients, 1, trace.Invoked{Client: 1, Node: 1, Op: "put", Key: "x",
			Value: "9"})
	}
	taken, refused, lost := ask(), ask(), ask()
	st.tell(1, 1, trace.Requested{Request: taken, Op: "put"})
	st.tell(1, 1, trace.Requested{Request: refused, Op: "put"})
	st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Term: 1, From: 2, To: 2})
	st.note(1, raft.Note{Kind: raft.NoteProposalRefused, Why: raft.WhyTooMany})
	rs := st.s.Requests
	if rs[0].Index != 2 || !rs[0].Taken || rs[1].Outcome != raft.OutcomeRefused || rs[2].Taken {
		t.Fatalf("requests: %+v", rs)
	}
	st.tell(trace.Clients, 1, trace.Returned{Request: lost, Client: 1, Retry: true})
	st.tell(1, 1, trace.Answered{Request: lost, Outcome: raft.OutcomeOK, Index: 3})
	if rs[2].Outcome != raft.OutcomeUnknown {
		t.Error("an answer that nobody waited for changes nothing for the client")
	}
	seen := st.tell(1, 1, trace.Requested{Op: "get", Key: "y"}) // of a client that nobody sees
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
	rs = st.s.Requests
	if rs[0].Outcome != 0 || rs[0].Taken || rs[3].ID != seen ||
		rs[3].Outcome != raft.OutcomeUnknown {
		t.Errorf("behind the crash: %+v", rs)
	}
	st.at(st.s.At+2*raft.Second, 2, 1, trace.Applied{})
	if len(st.s.Requests) != 1 || st.s.Requests[0].ID != taken {
		t.Errorf("what ended long ago is gone, what is open is not: %+v", st.s.Requests)
	}
}

func TestSnapshotTransfer(t *testing.T) {
	st := led()
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 8, Term: 1, Digest: 3, Pos: 70}, Size: 40}
	st.note(1, raft.Note{Kind: raft.NoteSnapshotOffered, Peer: 3, Index: 8, LogTerm: 1, Size: 40})
	st.note(3, raft.Note{Kind: raft.NoteSnapshotProgress, Peer: 1, Index: 8, LogTerm: 1,
		Offset: 16, Size: 40})
	reply := st.tell(3, 1, trace.Sent{Message: raft.Message{From: 3, To: 1, Term: 1,
		Body: &raft.InstallSnapshotReply{Snapshot: ref, Next: 16}}})
	st.tell(1, 1, trace.Delivered{Msg: reply})
	if p := st.s.Node(1).Progress[1]; p.Peer != 3 || p.State != raft.Snapshot || p.Offset != 16 {
		t.Errorf("S1 knows of S3 %+v", p)
	}
	if in := st.s.Node(3).Incoming; in.Offset != 16 || in.From != 1 || in.Size != 40 {
		t.Errorf("S3 gets %+v", in)
	}
	for _, keeps := range []bool{true, false} {
		st.note(3, raft.Note{Kind: raft.NoteAppended, LogTerm: 1, From: 2, To: 12, Digest: 1})
		why, last := raft.WhySnapshotResets, raft.Index(8)
		if keeps {
			why, last = raft.WhySnapshotKeepsLog, 12
		}
		st.note(3, raft.Note{Kind: raft.NoteSnapshotInstalled, Why: why, Index: 8, LogTerm: 1,
			Digest: 3, Pos: 70, Size: 40})
		if n := st.s.Node(3); n.Log.Base != ref.Mark || n.Log.Last().Index != last ||
			n.Incoming.Size != 0 || n.Snapshot.Size != 40 {
			t.Errorf("keeps %v: S3's log is %s, its snapshot %+v", keeps, world.LogText(&n.Log),
				n.Snapshot)
		}
	}
}

func TestLinks(t *testing.T) {
	st := led()
	st.tell(trace.Network, 1, trace.LinkSet{From: 2, To: 1, Link: trace.Link{Cut: true}})
	st.tell(trace.Network, 1, trace.LinkSet{From: 1, To: 2, Link: trace.Link{Loss: 5}})
	st.tell(trace.Network, 1, trace.LinkSet{From: 2, To: 1, Link: trace.Link{Delay: 7}})
	want := []trace.LinkState{{From: 1, To: 2, Link: trace.Link{Loss: 5}},
		{From: 2, To: 1, Link: trace.Link{Delay: 7}}}
	if diff := cmp.Diff(want, st.s.Links); diff != "" {
		t.Error(diff)
	}
}

// The fold counts and hashes the run as the simulator does, and nothing that lies beside it.
func TestHashOfTheRun(t *testing.T) {
	cfg := sim.DefaultConfig()
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var s trace.State
	rnd := rand.New(rand.NewPCG(9, 9))
	var events []trace.Event
	for at := raft.Time(0); at < 3*raft.Second; at += 100 * raft.Millisecond {
		events = advance(t, c, events, at)
		if err := c.Do(randomCommand(rnd)); err != nil {
			t.Fatal(err)
		}
	}
	events = advance(t, c, events, 3*raft.Second)
	for i := range events {
		world.Apply(&s, nil, &events[i])
	}
	if n, hash := c.Run(); s.Events != n || s.Hash != hash || n == 0 || n == uint64(len(events)) {
		t.Errorf("the fold counts %d with hash %x, the simulator %d with %x, of %d events",
			s.Events, s.Hash, n, hash, len(events))
	}
}

// The fold and the words take every well-formed event, in any order and of anybody, and what they
// make of it can be kept as a key frame.
func TestAnythingGoes(t *testing.T) {
	_, real := run(t, 8, 2*raft.Second)
	pool := append(tracetest.Events(), real...)
	rnd := rand.New(rand.NewPCG(4, 2))
	for range 30 {
		var s trace.State
		var b trace.Bodies
		for range 400 {
			ev := pool[rnd.IntN(len(pool))]
			if rnd.IntN(3) == 0 {
				ev.ID = trace.EventID{Node: oddID(rnd), Boot: rnd.Uint32N(3), N: rnd.Uint64N(50)}
			}
			if rnd.IntN(10) == 0 {
				ev.At = raft.Time(rnd.Uint64())
			}
			if d, ok := ev.Body.(trace.Decided); ok && rnd.IntN(2) == 0 {
				ev.Body = oddNote(rnd, d)
			}
			before := s.Clone()
			world.Apply(&s, &b, &ev)
			for _, st := range []*trace.State{nil, before, &s} {
				world.Sentence(&ev, st)
				world.IconIn(&ev, st)
				world.LineIn(&ev, st)
			}
			world.Why(&s, &b)
			world.Sides(&s)
		}
		world.Describe(&s, &b)
		if _, err := trace.DecodeState(trace.AppendState(nil, &s)); err != nil {
			t.Fatal(err)
		}
	}
}

func oddID(rnd *rand.Rand) raft.NodeID {
	ids := []raft.NodeID{0, 1, 2, 3, 77, 5000, raft.FirstOutsider, trace.Clients, 1<<32 - 1}
	return ids[rnd.IntN(len(ids))]
}

func oddNote(rnd *rand.Rand, d trace.Decided) trace.Decided {
	odd := func() raft.Index {
		is := []raft.Index{0, 1, 2, 7, 1 << 40, 1<<64 - 1}
		return is[rnd.IntN(len(is))]
	}
	n := &d.Note
	n.From, n.To, n.Index, n.Match, n.Next = odd(), odd(), odd(), odd(), odd()
	n.Term, n.LogTerm, n.Left = raft.Term(odd()), raft.Term(odd()), raft.Time(odd())
	n.Peer, n.Why, n.Kind = oddID(rnd), raft.Reason(rnd.IntN(60)), raft.NoteKind(rnd.IntN(40))
	return d
}
