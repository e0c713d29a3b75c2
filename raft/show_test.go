package raft_test

import (
	"fmt"
	"strings"

	"github.com/raftarium/raftarium/raft"
)

// show says what came out of all servers since the last time.
func (r *rig) show(out *strings.Builder, heard *told) {
	for i := range r.members {
		id := raft.NodeID(i + 1)
		m := r.take(id)
		heard.hear(&m)
		for k := range m.notes {
			n := &m.notes[k]
			if n.Kind != raft.NoteDeadlineSet && n.Kind != raft.NoteProgress {
				fmt.Fprintf(out, "%v %s\n", id, showNote(n))
			}
		}
		for k := range m.sent {
			fmt.Fprintf(out, "%s\n", showMessage(&m.sent[k]))
		}
		for _, a := range m.answers {
			fmt.Fprintf(out, "%v answers: %v", id, a.Outcome)
			if a.Index > 0 {
				fmt.Fprintf(out, " index=%d term=%d", a.Index, a.Term)
			}
			if a.Why != raft.WhyNone {
				fmt.Fprintf(out, ": %s", a.Why.Name())
			}
			out.WriteString("\n")
		}
		if k := len(m.applied); k > 0 {
			fmt.Fprintf(out, "%v applies %d to %d\n", id, m.applied[0].Index, m.applied[k-1].Index)
		}
	}
}

func (r *rig) status(out *strings.Builder) {
	for i, m := range r.members {
		if m.node == nil {
			fmt.Fprintf(out, "S%d is down\n", i+1)
			continue
		}
		s := m.node.Status()
		fmt.Fprintf(out, "%v %v term=%d vote=%v leader=%v commit=%d saved=%d log=%v", s.ID, s.Role,
			s.Term, s.Vote, s.Leader, s.Commit, s.Saved, r.terms(s.ID))
		if s.Base.Index > 0 {
			fmt.Fprintf(out, " behind %d/%d", s.Base.Index, s.Base.Term)
		}
		fmt.Fprintf(out, " writes=%d\n", len(m.pending))
	}
}

// showMessage says a message in one line.
func showMessage(m *raft.Message) string {
	head := fmt.Sprintf("%v->%v term=%d ", m.From, m.To, m.Term)
	switch b := m.Body.(type) {
	case *raft.RequestVote:
		name := "requestVote"
		if b.Pre {
			name = "preVote"
		}
		text := fmt.Sprintf("%s for=%d last=%d/%d", name, b.ForTerm, b.LastIndex, b.LastTerm)
		if b.Transfer {
			text += " transfer"
		}
		return head + text
	case *raft.RequestVoteReply:
		name := "voteReply"
		if b.Pre {
			name = "preVoteReply"
		}
		if b.Doubtful {
			name = "doubtful " + name
		}
		if b.Granted {
			return head + fmt.Sprintf("%s for=%d yes", name, b.ForTerm)
		}
		return head + fmt.Sprintf("%s for=%d no: %s", name, b.ForTerm, b.Why.Name())
	case *raft.AppendEntries:
		var terms []raft.Term
		for i := range b.Entries {
			terms = append(terms, b.Entries[i].Term)
		}
		return head + fmt.Sprintf("append prev=%d/%d entries=%v commit=%d", b.PrevIndex, b.PrevTerm,
			terms,
			b.Commit)
	case *raft.AppendEntriesReply:
		if b.Success {
			return head + fmt.Sprintf("appendReply match=%d", b.Match)
		}
		return head + fmt.Sprintf("appendReply rejected=%d hint=%d/%d: %s", b.Rejected, b.Hint,
			b.HintTerm,
			b.Why.Name())
	case *raft.InstallSnapshot:
		return head + fmt.Sprintf("snapshot %d/%d offset=%d size=%d of %d", b.Snapshot.Index,
			b.Snapshot.Term, b.Offset, len(b.Data), b.Snapshot.Size)
	case *raft.InstallSnapshotReply:
		return head + fmt.Sprintf("snapshotReply %d/%d next=%d installed=%v", b.Snapshot.Index,
			b.Snapshot.Term, b.Next, b.Installed)
	case *raft.TimeoutNow:
		return head + fmt.Sprintf("timeoutNow last=%d", b.LastIndex)
	case *raft.ReadIndex:
		return head + "readIndex"
	case *raft.ReadIndexReply:
		if b.Granted {
			return head + fmt.Sprintf("readIndexReply index=%d", b.Index)
		}
		return head + "readIndexReply no: " + b.Why.Name()
	}
	return head + fmt.Sprintf("%T", m.Body)
}
