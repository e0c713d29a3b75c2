package raft

import "slices"

// receive is the term check of Figure 2, "rules for all servers", and then the dispatch by body.
func (n *Node) receive(m *Message) {
	if why := n.admit(m); why != WhyNone {
		n.ignore(m, why)
		return
	}
	switch b := m.Body.(type) {
	case *RequestVote:
		n.voteRequested(m, b)
		return
	case *RequestVoteReply:
		n.voteAnswered(m, b)
		return
	}
	if m.Term < n.term {
		n.receiveStale(m)
		return
	}
	if m.Term > n.term {
		n.becomeFollower(m.Term, 0, WhyHigherTerm)
	}
	switch b := m.Body.(type) {
	case *AppendEntries:
		n.appendReceived(m, b)
	case *AppendEntriesReply:
		n.appendAnswered(m, b)
	case *InstallSnapshot:
		n.snapshotReceived(m, b)
	case *InstallSnapshotReply:
		n.snapshotAnswered(m, b)
	}
}

// What is believed is bounded, so that counting on from it cannot overflow.
const (
	maxTerm  Term  = 1 << 62
	maxIndex Index = 1 << 62
)

// admit says why a message is none of this node's business or cannot be; WhyNone if it is welcome.
func (n *Node) admit(m *Message) Reason {
	switch {
	case m.Group != n.cfg.Group:
		return WhyWrongGroup
	case m.To != n.cfg.ID || m.From == n.cfg.ID || !slices.Contains(n.cfg.Members, m.From):
		return WhyUnknownMember
	case m.FromBoot == 0 || m.Term > maxTerm:
		return WhyCannotBe
	}
	switch b := m.Body.(type) {
	case *RequestVote:
		if b.ForTerm < m.Term || b.Pre != (b.ForTerm > m.Term) || b.LastTerm > m.Term {
			return WhyCannotBe
		}
	case *AppendEntries:
		return appendCanBe(m.Term, b)
	case *InstallSnapshot:
		if b.Snapshot.Index-1 >= maxIndex || b.Snapshot.Term > m.Term ||
			b.Offset > b.Snapshot.Size || uint64(len(b.Data)) > b.Snapshot.Size-b.Offset {
			return WhyCannotBe
		}
	case *RequestVoteReply, *AppendEntriesReply, *InstallSnapshotReply:
	default:
		return WhyCannotBe
	}
	return WhyNone
}

// appendCanBe checks that entries follow one another and no term is above the leader's.
func appendCanBe(term Term, a *AppendEntries) Reason {
	if a.PrevIndex == 0 && a.PrevTerm != 0 || a.PrevIndex > maxIndex {
		return WhyCannotBe
	}
	m := Mark{Index: a.PrevIndex, Term: a.PrevTerm}
	for i := range a.Entries {
		e := &a.Entries[i]
		if e.Index != m.Index+1 || e.Term < m.Term {
			return WhyCannotBe
		}
		m = Mark{Index: e.Index, Term: e.Term}
	}
	if m.Term > term {
		return WhyCannotBe
	}
	return WhyNone
}

// receiveStale answers requests of an earlier term with the current one, so that the sender learns
// it, and ignores the rest (section 5.1).
func (n *Node) receiveStale(m *Message) {
	n.ignore(m, WhyStaleTerm)
	switch b := m.Body.(type) {
	case *AppendEntries:
		n.send(m.From, &AppendEntriesReply{Rejected: b.PrevIndex, Why: WhyStaleTerm}, n.hardWrite)
	case *InstallSnapshot:
		n.send(m.From, &AppendEntriesReply{Why: WhyStaleTerm}, n.hardWrite)
	}
}

func (n *Node) ignore(m *Message, why Reason) {
	n.note(Note{Kind: NoteMessageIgnored, Why: why, Peer: m.From, Term: m.Term})
}
