package world_test

import (
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// What each message says to the one who hovers over it, and what it is called when it dies.
func TestMessages(t *testing.T) {
	snap := raft.SnapshotRef{Mark: raft.Mark{Index: 30, Term: 3}, Size: 70_000}
	es := []raft.Entry{{Index: 8, Term: 2}, {Index: 9, Term: 3}}
	cases := []struct {
		body         raft.Body
		says, called string
	}{
		{&raft.AppendEntries{Commit: 7}, "heartbeat, committed up to 7", "heartbeat"},
		{&raft.AppendEntries{PrevIndex: 7, PrevTerm: 2, Entries: es, Commit: 7},
			"entries 8 to 9 of terms 2 to 3, behind 7, term 2; committed up to 7", "append"},
		{&raft.AppendEntries{Entries: []raft.Entry{{Index: 1, Term: 1}}},
			"entry 1 of term 1, behind 0, empty; nothing committed yet", "append"},
		{&raft.AppendEntriesReply{Success: true, Match: 9},
			"yes: its log is saved and equal up to 9", "answer to an append"},
		{&raft.AppendEntriesReply{Why: raft.WhyStaleTerm},
			"no: the message is of an earlier term", "answer to an append"},
		{&raft.AppendEntriesReply{Rejected: 9, Hint: 4, Why: raft.WhyLogConflict},
			"no, not behind 9: its entry there has another term; try behind 4",
			"answer to an append"},
		{&raft.RequestVote{Pre: true, ForTerm: 4, LastIndex: 9, LastTerm: 3},
			"would you vote for me in term 4? My log ends at 9, term 3", "request for a pre-vote"},
		{&raft.RequestVote{ForTerm: 4},
			"vote for me in term 4. My log ends at 0, empty", "request for a vote"},
		{&raft.RequestVoteReply{Pre: true, ForTerm: 4, Granted: true},
			"would vote for you in term 4", "answer to a pre-vote request"},
		{&raft.RequestVoteReply{Pre: true, ForTerm: 4, Why: raft.WhyLeaderAlive},
			"would not vote for you in term 4: it has just heard from a leader",
			"answer to a pre-vote request"},
		{&raft.RequestVoteReply{ForTerm: 4, Granted: true}, "votes for you in term 4",
			"answer to a vote request"},
		{&raft.RequestVoteReply{ForTerm: 4, Why: raft.WhyAlreadyVoted},
			"no vote for you in term 4: its vote of this term is given to another",
			"answer to a vote request"},
		{&raft.InstallSnapshot{Snapshot: snap, Offset: 4096},
			"the snapshot up to 30, from byte 4096 of 70000", "piece of a snapshot"},
		{&raft.InstallSnapshot{Snapshot: snap, Offset: 65536, Done: true},
			"the snapshot up to 30, from byte 65536 of 70000, the last piece",
			"piece of a snapshot"},
		{&raft.InstallSnapshotReply{Snapshot: snap, Next: 8192},
			"has 8192 of 70000 bytes of the snapshot up to 30", "answer to a piece of a snapshot"},
		{&raft.InstallSnapshotReply{Snapshot: snap, Installed: true},
			"has the whole snapshot up to 30", "answer to a piece of a snapshot"},
		{&raft.TimeoutNow{LastIndex: 9}, "stand for election now: your log ends at 9, as mine does",
			"word to stand for election"},
		{&raft.ReadIndex{}, "what must be applied before a read?", "question for a read"},
		{&raft.ReadIndexReply{Granted: true, Index: 9}, "a read may go on when 9 is applied",
			"answer for a read"},
		{&raft.ReadIndexReply{Why: raft.WhyNotLeader},
			"no read now: this server does not lead", "answer for a read"},
		{&raft.Foreign{Name: "MsgHup", Text: "beats"}, "MsgHup: beats", "message"},
		{&raft.OtherBody{Code: 99}, "a message of a kind that this version does not know",
			"message"},
		{nil, "a message of a kind that this version does not know", "message"},
	}
	for _, c := range cases {
		m := raft.Message{From: 1, To: 2, Body: c.body}
		if got := world.MessageText(&m); got != c.says {
			t.Errorf("%T says\n%s\nnot\n%s", c.body, got, c.says)
		}
		st := led()
		msg := st.tell(1, 1, trace.Sent{Message: m})
		want := "4.991 s      S1's " + c.called + " to S2 is lost on its way"
		if got := told(st, trace.Network, trace.Dropped{Msg: msg, Why: trace.DropLoss}); got != want {
			t.Errorf("it is told as\n%s\nnot\n%s", got, want)
		}
	}
}

// What becomes of a message on its way, where it is known and where it is not.
func TestCarried(t *testing.T) {
	st := led()
	msg := st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, To: 2, Body: &raft.ReadIndex{}}})
	known, not := "S1's question for a read to S2 ", fmt.Sprintf("S1's message %d ", msg.N)
	dropped := func(w trace.DropWhy) trace.Body { return trace.Dropped{Msg: msg, Why: w} }
	cases := []struct {
		who  raft.NodeID
		body trace.Body
		want string
	}{
		{trace.Network, dropped(trace.DropLoss), "is lost on its way"},
		{trace.Network, dropped(trace.DropCut), "dies: the link is cut"},
		{trace.Network, dropped(trace.DropDown), "arrives at a server that is down"},
		{trace.Network, dropped(trace.DropPerson), "is dropped by hand"},
		{trace.Network, dropped(trace.DropFull), "dies: a queue is full"},
		{trace.Network, dropped(trace.DropClosed), "dies: the connection is lost"},
		{trace.Network, dropped(99), "dies"},
		{trace.Network, trace.Duplicated{Msg: msg, Copy: 1}, "is on its way twice"},
		{trace.Network, trace.Rescheduled{Msg: msg, Due: 4999 * raft.Millisecond},
			"will arrive 8 ms from now"},
		{trace.Network, trace.Rescheduled{Msg: msg, Due: 1}, "will arrive 0 ms from now"},
		{trace.Network, trace.Rescheduled{Msg: msg, Due: 4991*raft.Millisecond + 850},
			"will arrive 850 us from now"},
	}
	for _, c := range cases {
		if got := told(st, c.who, c.body); got != "4.991 s      "+known+c.want {
			t.Errorf("it says\n%s\nnot\n%s", got, c.want)
		}
		if got := told(&story{}, c.who, c.body); got != "4.991 s      "+not+c.want {
			t.Errorf("of what is not known it says\n%s\nnot\n%s", got, c.want)
		}
	}
	for _, c := range []struct {
		body       trace.Body
		who        raft.NodeID
		with, none string
	}{
		{trace.Delivered{Msg: msg}, 2, "S2  gets from S1: what must be applied before a read?",
			fmt.Sprintf("S2  gets message %d of S1", msg.N)},
		{trace.Flow{From: 1, To: 2, Class: trace.ClassHeartbeat, Count: 30, Bytes: 4_100_000}, 0,
			"    S1 sends S2 30 of class heartbeat, 4.1 MB in all, not told one by one",
			"    S1 sends S2 30 of class heartbeat, 4.1 MB in all, not told one by one"},
	} {
		if with, none := told(st, c.who, c.body), told(&story{}, c.who, c.body); with !=
			"4.991 s  "+c.with || none != "4.991 s  "+c.none {
			t.Errorf("it says\n%s\nand of what is not known\n%s", with, none)
		}
	}
	ev := trace.Event{ID: msg, How: trace.Inferred, Body: trace.Sent{Message: raft.Message{To: 2,
		Body: &raft.ReadIndex{}}}}
	want := "sends S2: what must be applied before a read? (nobody saw it leave; it was received)"
	if got, _ := world.Sentence(&ev, nil); got != want {
		t.Errorf("of a send that was inferred it says\n%s", got)
	}
}
