// Package tracetest holds what tests of the trace and of its readers need: one example of every
// kind of event, note and message.
package tracetest

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Mark is a mark with every field set.
func Mark(i raft.Index) raft.Mark {
	return raft.Mark{Index: i, Term: 3, Pos: uint64(i) * 10,
		Digest: raft.Digest(0x123456789abcdef0 + uint64(i))}
}

// Snapshot is a snapshot with every field set.
func Snapshot(i raft.Index) raft.SnapshotRef {
	return raft.SnapshotRef{Mark: Mark(i), Size: 70_000, CRC: 0xdeadbeef,
		Config: Config()}
}

// Entries is three entries behind index i, the first without a body.
func Entries(i raft.Index) []raft.Entry {
	return []raft.Entry{
		{Index: i + 1, Term: 3, Kind: raft.EntryNoop, Pos: 100},
		{Index: i + 2, Term: 4, Pos: 100, Data: []byte("set x 1")},
		{Index: i + 3, Term: 4, Pos: 107, Data: []byte("set y 2")},
	}
}

// Bodies is one example of every body of a message, with an unknown one at the end.
func Bodies() []raft.Body {
	return []raft.Body{
		&raft.RequestVote{Pre: true, ForTerm: 4, LastIndex: 41, LastTerm: 3,
			Transfer: true},
		&raft.RequestVoteReply{Pre: true, ForTerm: 4, Granted: true, Why: raft.WhyAlreadyVoted,
			Doubtful: true},
		&raft.AppendEntries{PrevIndex: 41, PrevTerm: 3, Entries: Entries(41), Commit: 40,
			Round: 6, Last: 50},
		&raft.AppendEntries{PrevIndex: 41, PrevTerm: 3, Commit: 41},
		&raft.AppendEntriesReply{Success: true, Match: 44, Rejected: 50, Hint: 44, HintTerm: 3,
			Why: raft.WhyLogTooShort, Round: 6},
		&raft.InstallSnapshot{Snapshot: Snapshot(30), Offset: 4096, Data: []byte("bytes"),
			Done: true},
		&raft.InstallSnapshotReply{Snapshot: Snapshot(30), Next: 8192, Installed: true},
		&raft.TimeoutNow{LastIndex: 44},
		&raft.ReadIndex{ID: 9},
		&raft.ReadIndexReply{ID: 9, Granted: true, Index: 44, Why: raft.WhyNotLeader},
		&raft.Foreign{Name: "MsgReadIndex", Class: "other", Text: "asks for the read index"},
		&raft.OtherBody{Code: 77, Raw: []byte{1, 2, 3}},
		nil,
	}
}

// Message is a message from S1 to S2 with the given body.
func Message(b raft.Body) raft.Message {
	return raft.Message{ID: 17, Group: 5, From: 1, FromBoot: 2, To: 2, ToBoot: 3, Term: 4, Body: b}
}

// Note is a note of a kind with every field set that the kind has.
func Note(k raft.NoteKind) raft.Note {
	n := raft.Note{Kind: k, Cause: 16}
	f := k.Fields()
	put := func(bit raft.NoteField, set func()) {
		if f&bit != 0 {
			set()
		}
	}
	put(raft.FieldWhy, func() { n.Why = raft.WhyHigherTerm })
	put(raft.FieldTerm, func() { n.Term = 4 })
	put(raft.FieldPeer, func() { n.Peer = 3 })
	put(raft.FieldPre, func() { n.Pre = true })
	put(raft.FieldIndex, func() { n.Index = 1000 })
	put(raft.FieldLogTerm, func() { n.LogTerm = 3 })
	put(raft.FieldFrom, func() { n.From = 42 })
	put(raft.FieldTo, func() { n.To = 44 })
	put(raft.FieldDigest, func() { n.Digest = 0xfedcba9876543210 })
	put(raft.FieldPos, func() { n.Pos = 114 })
	put(raft.FieldCount, func() { n.Count = 3 })
	put(raft.FieldLeft, func() { n.Left = 168 * raft.Millisecond })
	put(raft.FieldState, func() { n.State = raft.Replicate })
	put(raft.FieldMatch, func() { n.Match = 41 })
	put(raft.FieldNext, func() { n.Next = 45 })
	put(raft.FieldOffset, func() { n.Offset = 4096 })
	put(raft.FieldSize, func() { n.Size = 70_000 })
	put(raft.FieldEntries, func() { n.Entries = Entries(41) })
	put(raft.FieldConfig, func() { n.Config = Config() })
	put(raft.FieldRound, func() { n.Round = 6 })
	return n
}

// State is a state in which every list holds something.
func State() *trace.State {
	id := trace.EventID{Node: 1, Boot: 2, N: 17}
	sent, bytes := trace.Cut(Message(&raft.AppendEntries{PrevIndex: 41, Entries: Entries(41)}))
	return &trace.State{
		At: 5 * raft.Second, Events: 1234, Hash: 0xdeadbeefdeadbeef,
		Nodes: []trace.NodeState{
			{ID: 1, Boot: 2, Known: true, Alive: true, Paused: true, Silent: true, Stays: true,
				Down: "killed", Store: "file", Machine: "kv", Members: []raft.NodeID{1, 2, 3},
				Role: raft.Leader, Term: 4, Vote: 1, Leader: 1, Commit: 40, Applied: 39, Pre: true,
				Log: trace.Log{Base: Mark(30), Runs: Runs()}, Snapshot: Snapshot(30),
				Incoming:  trace.Transfer{From: 3, Index: 30, Term: 3, Offset: 5, Size: 9},
				SavedTerm: 4, SavedVote: 1, SavedLast: Mark(43), Deadline: 5100 * raft.Millisecond,
				DeadlineFrom: 4900 * raft.Millisecond, Since: 4 * raft.Second, LastN: 99,
				Tally: []trace.Ballot{{Peer: 2, Granted: true},
					{Peer: 3, Why: raft.WhyAlreadyVoted}},
				Progress: []trace.Progress{{Peer: 2, State: raft.Snapshot, Match: 30, Next: 31,
					Index: 30, Offset: 1, Size: 2}, {Peer: 3}},
				Config: Config(), ConfigIndex: 42, HandsTo: 2, Doubtful: true,
				Disk:  trace.Disk{Slow: 200 * raft.Millisecond, Stuck: true},
				Clock: trace.NodeClock{Skew: -raft.Second, Drift: 500}},
			{ID: 2},
		},
		Links: []trace.LinkState{{From: 1, To: 2, Link: Link()}, {From: 2, To: 1}},
		Flights: []trace.Flight{{Msg: id, Copy: 1, Message: sent, Bytes: bytes,
			SentAt: 4999 * raft.Millisecond, Due: 5001 * raft.Millisecond, Fate: trace.Died,
			Why: trace.DropCut, FateAt: 5 * raft.Second}},
		Requests: []trace.Request{{ID: trace.EventID{Node: trace.Clients, Boot: 1, N: 5}, Client: 1,
			Node: 1, Op: "put", Key: "x", Value: "1", At: 4 * raft.Second, Due: 4 * raft.Second,
			Taken: true, Index: 42, Outcome: raft.OutcomeOK, Why: raft.WhyNotLeader,
			EndAt: 5 * raft.Second}},
		Broken: []trace.Violation{Violation()}, Missed: 7, Odd: 1,
	}
}

// Config is a joint configuration with a learner.
func Config() raft.Packed {
	c := raft.Configuration{Voters: []raft.NodeID{1, 2, 4}, Outgoing: []raft.NodeID{1, 2, 3},
		Learners: []raft.NodeID{3, 5}}
	return c.Pack()
}

// Runs is a log of two terms behind index 30.
func Runs() []trace.Run {
	return []trace.Run{{From: 31, To: 41, Term: 3, Digest: 7, Pos: 100},
		{From: 42, To: 44, Term: 4, Digest: 0xabcdef0123456789, Pos: 114}}
}

// Link is a link with every field set.
func Link() trace.Link {
	return trace.Link{Cut: true, Delay: 5000, Jitter: 2000, Loss: 10_000, Duplicate: 500,
		Reorder: 7, Clog: true}
}

// Disk is a disk with every field set.
func Disk() trace.Disk {
	return trace.Disk{Slow: 20_000, Stuck: true, Full: true, Failing: true,
		Damage: trace.DamageTail}
}

// Violation is a violation with every field set.
func Violation() trace.Violation {
	return trace.Violation{Check: "electionSafety", Section: "5.2", Text: "S1 and S2 lead term 4",
		Evidence: []trace.EventID{{Node: 1, Boot: 2, N: 3}, {Node: 2, Boot: 1, N: 4}},
		Nodes:    []raft.NodeID{1, 2}}
}

// Command is a command with every field set.
func Command() trace.Command {
	return trace.Command{ID: 7, Kind: trace.CommandPartition, Node: 1, From: 2, To: 3, Both: true,
		Groups: [][]raft.NodeID{{1, 2}, {3, 4, 5}}, Key: "x", Value: "1", Link: Link(),
		Change: raft.Change{Vote: []raft.NodeID{6}, Learn: []raft.NodeID{1, 2},
			Remove: []raft.NodeID{3}, Joint: true},
		Disk: Disk(), Clock: trace.NodeClock{Skew: -1500, Drift: -20_000}}
}

// Header is a header with every field set but Tail.
func Header() trace.Header {
	return trace.Header{Major: trace.Major, Minor: trace.Minor, Kind: trace.Recording,
		Engine: "raftarium", Build: "v0.1", Rules: 3, Origin: "empty", Title: "a run",
		URI: "sim:?nodes=5&seed=7", Seed: 1<<63 + 7, Cluster: [16]byte{1, 15: 2},
		Members: []trace.Member{{ID: 1, Name: "S1", Address: "ws://127.0.0.1:1", UUID: [16]byte{9},
			EngineID: "e1"}, {ID: 2, Name: "S2"}},
		Clock: trace.Running, Caps: trace.CanKill | trace.Hashed, Lag: 250 * raft.Millisecond,
		Epoch: 1_700_000_000_000_000, ElectionMin: 150_000, ElectionMax: 300_000, Heartbeat: 30_000,
		Store: "file", Machine: "kv", Why: "no token"}
}

// Events is one example of every kind of event, note and message, in the order of their times.
func Events() []trace.Event {
	var evs []trace.Event
	at := raft.Time(0)
	n := uint64(16)
	add := func(b trace.Body) {
		at += 137
		n++
		ev := trace.Event{ID: trace.EventID{Node: 1, Boot: 2, N: n},
			Cause: trace.EventID{Node: 1, Boot: 2, N: 16}, At: at, Body: b}
		switch n % 4 {
		case 1:
			ev.Cause = trace.EventID{Node: 2, Boot: 1, N: n}
		case 2:
			ev.Cause, ev.How = trace.EventID{}, trace.Inferred
		case 3:
			ev.ID.Node, ev.ID.Boot = trace.Network, 1
		}
		evs = append(evs, ev)
	}
	for _, k := range raft.NoteKinds() {
		add(trace.Decided{Note: Note(k)})
		add(trace.Decided{Note: raft.Note{Kind: k}})
	}
	add(trace.Decided{Note: raft.Note{Kind: raft.NoteOther, Cause: 3, Code: 99, Raw: []byte{5, 0}}})
	for _, b := range Bodies() {
		m, bytes := trace.Cut(Message(b))
		add(trace.Sent{Message: m, Bytes: bytes, Due: at + 5000})
		m.ID = n + 1
		add(trace.Sent{Message: m})
	}
	for _, b := range bodies() {
		add(b)
	}
	return evs
}

// bodies is one example of every other kind.
func bodies() []trace.Body {
	msg := trace.EventID{Node: 1, Boot: 2, N: 17}
	req := trace.EventID{Node: trace.Clients, Boot: 1, N: 5}
	return []trace.Body{
		trace.Started{Restart: true, Store: "file", Machine: "kv", Members: []raft.NodeID{1, 2, 3},
			Term: 4, Vote: 1, Base: Mark(30), Runs: Runs(), Snapshot: Snapshot(30)},
		trace.Started{},
		trace.Crashed{Node: 2, Why: "killed", Stays: true, Losing: 3},
		trace.Paused{Node: 2}, trace.Resumed{Node: 2}, trace.Stopped{},
		trace.Saved{Write: 300, Term: 4, Vote: 1, Last: Mark(44)}, trace.Saved{Write: 1},
		trace.SaveFailed{Write: 301, Err: "no space left"},
		trace.Applied{From: 40, To: 44}, trace.Loaded{Snapshot: Snapshot(30)},
		trace.Delivered{Msg: msg}, trace.Delivered{Msg: msg, Copy: 1},
		trace.Dropped{Msg: msg, Copy: 1, Why: trace.DropCut},
		trace.Duplicated{Msg: msg, Copy: 1, Due: 99_000},
		trace.Rescheduled{Msg: msg, Copy: 1, Due: 1},
		trace.Flow{From: 1, To: 2, Class: trace.ClassHeartbeat, Count: 30, Bytes: 1 << 40},
		trace.Invoked{Client: 1, Node: 1, Op: "put", Key: "x", Value: "1\x00", Due: 9},
		trace.Requested{Request: req, Op: "put", Key: "x", Value: "9007199254740993"},
		trace.Requested{},
		trace.Answered{Request: req, Outcome: raft.OutcomeRefused, Why: raft.WhyNotLeader,
			Leader: 2, Index: 42, Term: 4, Due: 9},
		trace.Returned{Request: req, Client: 1, Outcome: raft.OutcomeOK, Why: raft.WhyTooMany,
			Index: 42, Term: 4, Value: "1", Retry: true},
		trace.LinkSet{From: 1, To: 2, Link: Link()}, trace.LinkSet{From: 2, To: 1},
		trace.Accepted{Command: 1 << 60},
		trace.Refused{Command: 8, Why: "that message has arrived"},
		Violation(), trace.Caption{Text: "S1 crashes \u2014 \"why?\""},
		trace.KeyFrame{State: State(), Bodies: []raft.Entry{Entries(41)[2], Entries(41)[1]}},
		trace.Missed{Count: 1 << 54, Why: "the viewer was too slow"}, trace.Silent{Node: 2},
		trace.Other{Code: 201, Raw: []byte{0, 1, 2, 0}},
		trace.DiskSet{Node: 2, Disk: Disk()}, trace.DiskSet{Node: 2},
		trace.ClockSet{Node: 3, Clock: trace.NodeClock{Skew: 5000, Drift: -20_000}},
		trace.ClockSet{Node: 3}, trace.Applied{From: 45, To: 46, CRC: 0xdeadbeef},
	}
}
