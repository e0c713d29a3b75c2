package world_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// taken has a leader take b = 2 at an index, in its term.
func (st *story) taken(leader raft.NodeID, index raft.Index, term raft.Term) trace.EventID {
	asked := st.tell(trace.Clients, 1, trace.Invoked{Client: 1, Node: leader, Op: "put", Key: "b",
		Value: "2"})
	st.tell(leader, 1, trace.Requested{Request: asked, Op: "put", Key: "b", Value: "2"})
	st.note(leader, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Term: term, From: index,
		To: index})
	return asked
}

// saves tells that servers have saved their logs.
func (st *story) saves(who ...raft.NodeID) {
	for _, id := range who {
		n := st.s.Node(id)
		st.tell(id, 1, trace.Saved{Term: n.Term, Vote: n.Vote, Last: n.Log.Last()})
	}
}

// takes has servers append what the leader made at an index, in place of what they had there.
func (st *story) takes(leader raft.NodeID, index raft.Index, term raft.Term, who ...raft.NodeID) {
	for _, id := range who {
		if last := st.s.Node(id).Log.Last().Index; last >= index {
			st.note(id, raft.Note{Kind: raft.NoteTruncated, Peer: leader, From: index, To: last})
		}
		st.note(id, raft.Note{Kind: raft.NoteAppended, Peer: leader, From: index, To: index,
			LogTerm: term, Entries: []raft.Entry{{Index: index, Term: term}}})
	}
}

// What a commit makes safe is said of the entry that is there, and only where it is on the disks
// that the leader counts and of the leader's own term.
func TestWhatACommitMakesSafe(t *testing.T) {
	commit := note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved, Index: 1,
		LogTerm: 1, Count: 2})
	later := note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved, Index: 1,
		LogTerm: 3, Count: 2})
	first := func(st *story) trace.EventID { // b = 2 is in S1's log
		st.leads(1, 1, nodes(1, 2), 2, 3)
		return st.taken(1, 1, 1)
	}
	again := func(st *story) { // S2 leads term 2, S1 forgets the entry, leads term 3 and has another
		st.leads(2, 2, nodes(2, 3), 1, 3)
		st.note(1, raft.Note{Kind: raft.NoteTruncated, Peer: 2, From: 1, To: 1})
		st.leads(1, 3, nodes(1, 2), 2, 3)
		st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyNewTerm, Term: 3, From: 1, To: 1})
	}
	counted := func(st *story) {
		st.saves(1)
		st.acknowledged(1, 1, 2)
	}
	for _, c := range []struct {
		name string
		tell func(*story)
		body trace.Body
		want string
	}{
		{"it is safe", func(st *story) {
			first(st)
			st.takes(1, 1, 1, 2)
			st.saves(2)
			counted(st)
		}, commit, "commits 1: b = 2 is safe on S1 and S2 (5.4.2)"},
		{"the client waits no more, and it is safe all the same", func(st *story) {
			asked := first(st)
			st.tell(trace.Clients, 1, trace.Returned{Request: asked})
			st.takes(1, 1, 1, 2)
			st.saves(2)
			counted(st)
		}, commit, "commits 1: b = 2 is safe on S1 and S2 (5.4.2)"},
		{"who is counted has not saved it", func(st *story) {
			first(st)
			st.takes(1, 1, 1, 2)
			counted(st)
		}, commit, "commits 1: it counts S1 and S2, but S2 is not known to have saved 1 (5.4.2)"},
		{"who is counted has saved another", func(st *story) {
			first(st)
			st.takes(1, 1, 2, 2)
			st.saves(2)
			counted(st)
		}, commit, "commits 1: it counts S1 and S2, but S2 is not known to have saved 1 (5.4.2)"},
		{"of who is counted nothing is known", func(st *story) {
			first(st)
			st.tell(2, 1, trace.Missed{Count: 1})
			counted(st)
		}, commit, "commits 1: b = 2 is safe on S1 and S2 (5.4.2)"},
		{"two have not saved it", func(st *story) {
			first(st)
			st.acknowledged(1, 1, 2, 3)
		}, commit, "commits 1: it counts S2 and S3, but S2 and S3 are not known to have saved 1 " +
			"(5.4.2)"},
		{"another entry stands there by now", func(st *story) {
			asked := first(st)
			st.tell(1, 1, trace.Answered{Request: asked, Outcome: raft.OutcomeUnknown, Index: 1})
			again(st)
			st.takes(1, 1, 3, 2)
			st.saves(2)
			counted(st)
		}, later, "commits 1: of its own term and saved on S1 and S2 (5.4.2)"},
		{"another entry stands there, and its answer is from long ago", func(st *story) {
			asked := first(st)
			st.takes(1, 1, 1, 2)
			st.saves(2)
			st.tell(1, 1, trace.Answered{Request: asked, Outcome: raft.OutcomeUnknown, Index: 1})
			st.note(2, raft.Note{Kind: raft.NoteTruncated, Peer: 2, From: 1, To: 1})
			st.saves(2)
			again(st)
			counted(st)
		}, later, "commits 1: it counts S1 and S2, but S2 is not known to have saved 1 (5.4.2)"},
		{"a restarted server forgets whose entry it was", func(st *story) {
			first(st)
			st.tell(1, 2, trace.Started{Members: nodes(1, 2, 3)})
			st.takes(1, 1, 3, 2)
			st.saves(2)
			st.s.Node(1).Boot = 1 // so that the story goes on under the number that it uses
			st.leads(1, 3, nodes(1, 2), 2, 3)
			st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyNewTerm, Term: 3, From: 1, To: 1})
			counted(st)
		}, later, "commits 1: of its own term and saved on S1 and S2 (5.4.2)"},
		{"an entry of an earlier term", func(st *story) {
			first(st)
			st.takes(1, 1, 1, 2)
			st.saves(2)
			st.note(1, raft.Note{Kind: raft.NoteTermAdvanced, Term: 4})
			counted(st)
		}, commit, "commits 1: 1 is saved on S1 and S2, but of term 1, and this is term 4 (5.4.2)"},
	} {
		st := of(3)
		c.tell(st)
		if got := told(st, 1, c.body); got != "4.991 s  S1  "+c.want {
			t.Errorf("%s: it says\n%s, not\n%s", c.name, got, c.want)
		}
	}
}
