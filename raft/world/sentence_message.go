package world

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// MessageText tells what a message says, for the one who hovers over it; the names of sender and
// addressee stand beside it.
func MessageText(m *raft.Message) string {
	switch b := m.Body.(type) {
	case *raft.AppendEntries:
		return appendText(b)
	case *raft.AppendEntriesReply:
		return appendReplyText(b)
	case *raft.RequestVote:
		if b.Pre {
			return fmt.Sprintf("would you vote for me in term %d? My log ends at %s", b.ForTerm,
				placeText(b.LastIndex, b.LastTerm))
		}
		return fmt.Sprintf("vote for me in term %d. My log ends at %s", b.ForTerm,
			placeText(b.LastIndex, b.LastTerm))
	case *raft.RequestVoteReply:
		return voteReplyText(b)
	case *raft.InstallSnapshot:
		text := fmt.Sprintf("the snapshot up to %d, from byte %d of %d", b.Snapshot.Index, b.Offset,
			b.Snapshot.Size)
		if b.Done {
			text += ", the last piece"
		}
		return text
	case *raft.InstallSnapshotReply:
		if b.Installed {
			return fmt.Sprintf("has the whole snapshot up to %d", b.Snapshot.Index)
		}
		return fmt.Sprintf("has %d of %d bytes of the snapshot up to %d", b.Next, b.Snapshot.Size,
			b.Snapshot.Index)
	case *raft.TimeoutNow:
		return fmt.Sprintf("stand for election now: your log ends at %d, as mine does", b.LastIndex)
	case *raft.ReadIndex:
		return "what must be applied before a read?"
	case *raft.ReadIndexReply:
		if b.Granted {
			return fmt.Sprintf("a read may go on when %d is applied", b.Index)
		}
		return "no read now: " + b.Why.String()
	case *raft.Foreign:
		return b.Name + ": " + b.Text
	}
	return "a message of a kind that this version does not know"
}

// placeText gives a place in a log with its term.
func placeText(i raft.Index, t raft.Term) string {
	if i == 0 {
		return "0, empty"
	}
	return fmt.Sprintf("%d, term %d", i, t)
}

func appendText(b *raft.AppendEntries) string {
	committed := "nothing committed yet"
	if b.Commit > 0 {
		committed = fmt.Sprintf("committed up to %d", b.Commit)
	}
	if b.Heartbeat() {
		return "heartbeat, " + committed
	}
	first, last := &b.Entries[0], &b.Entries[len(b.Entries)-1]
	noun, terms := "entries", fmt.Sprintf("term %d", last.Term)
	if len(b.Entries) == 1 {
		noun = "entry"
	}
	if first.Term != last.Term {
		terms = fmt.Sprintf("terms %d to %d", first.Term, last.Term)
	}
	return fmt.Sprintf("%s %s of %s, behind %s; %s", noun, indexes(first.Index, last.Index), terms,
		placeText(b.PrevIndex, b.PrevTerm), committed)
}

func appendReplyText(b *raft.AppendEntriesReply) string {
	switch {
	case b.Success:
		return fmt.Sprintf("yes: its log is saved and equal up to %d", b.Match)
	case b.Why == raft.WhyStaleTerm:
		return "no: the message is of an earlier term"
	}
	return fmt.Sprintf("no, not behind %d: %s; try behind %d", b.Rejected, b.Why, b.Hint)
}

func voteReplyText(b *raft.RequestVoteReply) string {
	switch {
	case b.Granted && b.Pre:
		return fmt.Sprintf("would vote for you in term %d", b.ForTerm)
	case b.Granted:
		return fmt.Sprintf("votes for you in term %d", b.ForTerm)
	case b.Pre:
		return fmt.Sprintf("would not vote for you in term %d: %s", b.ForTerm, b.Why)
	}
	return fmt.Sprintf("no vote for you in term %d: %s", b.ForTerm, b.Why)
}

// thing names a message by its class: a heartbeat, a vote, ...
func thing(m *raft.Message) string {
	switch trace.ClassOf(m) {
	case trace.ClassHeartbeat:
		return "heartbeat"
	case trace.ClassAppend:
		return "append"
	case trace.ClassAppendReply:
		return "answer to an append"
	case trace.ClassPreVote:
		return "request for a pre-vote"
	case trace.ClassPreVoteReply:
		return "answer to a pre-vote request"
	case trace.ClassVote:
		return "request for a vote"
	case trace.ClassVoteReply:
		return "answer to a vote request"
	case trace.ClassSnapshot:
		return "piece of a snapshot"
	case trace.ClassSnapshotReply:
		return "answer to a piece of a snapshot"
	case trace.ClassTransfer:
		return "word to stand for election"
	case trace.ClassRead:
		return "question for a read"
	case trace.ClassReadReply:
		return "answer for a read"
	}
	return "message"
}

// carriedText tells of a message on its way.
func carriedText(ev *trace.Event, s *trace.State) string {
	switch b := ev.Body.(type) {
	case trace.Sent:
		text := fmt.Sprintf("sends %v: %s", b.Message.To, MessageText(&b.Message))
		if ev.How == trace.Inferred {
			text += " (nobody saw it leave; it was received)"
		}
		return text
	case trace.Delivered:
		if m := messageOf(s, b.Msg); m != nil {
			return fmt.Sprintf("gets from %v: %s", m.From, MessageText(m))
		}
		return fmt.Sprintf("gets message %d of %v", b.Msg.N, b.Msg.Node)
	case trace.Dropped:
		return message(s, b.Msg) + " " + droppedText(b.Why)
	case trace.Duplicated:
		return message(s, b.Msg) + " is on its way twice"
	case trace.Rescheduled:
		return message(s, b.Msg) + " will arrive " + span(b.Due-ev.At) + " from now"
	case trace.Flow:
		return fmt.Sprintf("%v sends %v %d of class %v, %s in all, not told one by one", b.From,
			b.To, b.Count, b.Class, size(b.Bytes))
	}
	return ""
}

func droppedText(w trace.DropWhy) string {
	switch w {
	case trace.DropLoss:
		return "is lost on its way"
	case trace.DropCut:
		return "dies: the link is cut"
	case trace.DropDown:
		return "arrives at a server that is down"
	case trace.DropPerson:
		return "is dropped by hand"
	case trace.DropFull:
		return "dies: a queue is full"
	case trace.DropClosed:
		return "dies: the connection is lost"
	}
	return "dies"
}

// messageOf finds a message on its way; nil if the state has none.
func messageOf(s *trace.State, id trace.EventID) *raft.Message {
	if s == nil {
		return nil
	}
	for i := range s.Flights {
		if s.Flights[i].Msg == id {
			return &s.Flights[i].Message
		}
	}
	return nil
}

// message names a message: S1's heartbeat to S3.
func message(s *trace.State, id trace.EventID) string {
	if m := messageOf(s, id); m != nil {
		return fmt.Sprintf("%v's %s to %v", m.From, thing(m), m.To)
	}
	return fmt.Sprintf("%v's message %d", id.Node, id.N)
}

// clientText tells of a client's request.
func clientText(ev *trace.Event, s *trace.State) string {
	switch b := ev.Body.(type) {
	case trace.Invoked:
		return fmt.Sprintf("Client %d asks %v: %s", b.Client, b.Node, command(b.Op, b.Key, b.Value))
	case trace.Requested:
		return "is asked: " + command(b.Op, b.Key, b.Value)
	case trace.Answered:
		if r := findOrNil(s, b.Request); r != nil && r.Op == "get" && b.Outcome == raft.OutcomeOK {
			return fmt.Sprintf("answers %s from what it has applied, to %d at least",
				command(r.Op, r.Key, r.Value), b.Index)
		}
		return answeredText(&b, request(s, b.Request))
	case trace.Returned:
		return returnedText(&b, request(s, b.Request))
	}
	return ""
}

// request gives what was asked for, or "the request".
func request(s *trace.State, id trace.EventID) string {
	if r := findOrNil(s, id); r != nil {
		return command(r.Op, r.Key, r.Value)
	}
	return "its request"
}

// findOrNil finds a request; nil where there is none, or no state.
func findOrNil(s *trace.State, id trace.EventID) *trace.Request {
	if s == nil {
		return nil
	}
	return findRequest(s, id)
}

// answeredText tells what a server answers.
func answeredText(b *trace.Answered, what string) string {
	switch b.Outcome {
	case raft.OutcomeOK:
		if b.Index == 0 {
			return "answers ok: " + what
		}
		return fmt.Sprintf("answers ok: %s is committed at %d", what, b.Index)
	case raft.OutcomeRefused:
		if b.Why == raft.WhyNotLeader && b.Leader != 0 {
			return fmt.Sprintf("refuses %s: it does not lead, %v does", what, b.Leader)
		}
		return fmt.Sprintf("refuses %s: %s", what, b.Why)
	}
	return fmt.Sprintf("answers that %s may or may not happen: %s", what, b.Why)
}

// returnedText tells what a client learns: done, refused, or unknown, which is not refused.
func returnedText(b *trace.Returned, what string) string {
	text := fmt.Sprintf("Client %d hears nothing in time: %s may or may not happen", b.Client, what)
	switch {
	case b.Outcome == raft.OutcomeOK && b.Value != "":
		text = fmt.Sprintf("Client %d gets its answer: %s at %d gives %s", b.Client, what, b.Index,
			short(b.Value))
	case b.Outcome == raft.OutcomeOK:
		text = fmt.Sprintf("Client %d gets its answer: %s is committed at %d", b.Client, what,
			b.Index)
	case b.Outcome == raft.OutcomeRefused:
		text = fmt.Sprintf("Client %d is refused %s: %s", b.Client, what, b.Why)
	case b.Why != raft.WhyNone:
		text = fmt.Sprintf("Client %d hears that %s may or may not happen: %s", b.Client, what,
			b.Why)
	}
	if b.Retry {
		text += "; it asks again"
	}
	return text
}
