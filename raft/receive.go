package raft

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
		if !n.rules.StaleCounts(m.Body.Kind()) {
			n.receiveStale(m)
			return
		}
		taken := *m
		taken.Term, m = n.term, &taken
	}
	if m.Term > n.term {
		if !n.rules.TakesTerm(m.Body.Kind(), WhyNone) {
			n.ignore(m, WhyHigherTerm)
			return
		}
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
	case *TimeoutNow:
		n.timeoutNow(m, b)
	case *ReadIndex:
		n.readIndexAsked(m, b)
	case *ReadIndexReply:
		n.readIndexAnswered(m, b)
	}
}

// What is believed is bounded, so that counting on from it cannot overflow.
const (
	maxTerm  Term  = 1 << 62
	maxIndex Index = 1 << 62
	// maxSnapshotSize is what a store takes at most, in bytes.
	maxSnapshotSize = 1 << 40
)

// admit says why a message is none of this node's business or cannot be; WhyNone if it is welcome.
// Requests are taken from servers that this one's configuration does not name, as its configuration
// may be an old one (thesis 4.1); answers count from members alone.
func (n *Node) admit(m *Message) Reason {
	switch {
	case m.Group != n.cfg.Group:
		return WhyWrongGroup
	case m.To != n.cfg.ID || m.From == n.cfg.ID || m.From == 0 || m.From >= FirstOutsider:
		return WhyUnknownMember
	case answers(m.Body) && n.stranger(m.From):
		return WhyUnknownMember
	case m.FromBoot == 0 || m.Term > maxTerm || m.Term == 0 && n.term == 0 && !preVote(m.Body):
		return WhyCannotBe
	}
	switch b := m.Body.(type) {
	case *RequestVote:
		if b.ForTerm < m.Term || b.Pre != (b.ForTerm > m.Term) || b.LastTerm > m.Term ||
			(b.LastIndex == 0) != (b.LastTerm == 0) {
			return WhyCannotBe
		}
	case *AppendEntries:
		return appendCanBe(m.Term, b)
	case *InstallSnapshot:
		return n.snapshotCanBe(m.Term, b)
	case *ReadIndexReply:
		if b.Index > maxIndex {
			return WhyCannotBe
		}
	case *RequestVoteReply, *AppendEntriesReply, *InstallSnapshotReply, *TimeoutNow, *ReadIndex:
	default:
		return WhyCannotBe
	}
	return WhyNone
}

// answers reports whether a body answers something that a candidate or leader has sent to members.
func answers(b Body) bool {
	switch b.(type) {
	case *RequestVoteReply, *AppendEntriesReply, *InstallSnapshotReply:
		return true
	}
	return false
}

// stranger reports whether a server is neither a member here nor still being told that it is none.
func (n *Node) stranger(id NodeID) bool { return !n.conf().Member(id) && n.peer(id) == nil }

// preVote reports whether a body may come from a server that knows of no term yet.
func preVote(b Body) bool {
	switch b := b.(type) {
	case *RequestVote:
		return b.Pre
	case *RequestVoteReply:
		return b.Pre
	}
	return false
}

// snapshotCanBe checks that a chunk lies within a snapshot that a store can take.
func (n *Node) snapshotCanBe(term Term, b *InstallSnapshot) Reason {
	s := &b.Snapshot
	if s.Index-1 >= maxIndex || s.Term == 0 || s.Term > term || s.Size > maxSnapshotSize ||
		b.Offset > s.Size || uint64(len(b.Data)) > s.Size-b.Offset {
		return WhyCannotBe
	}
	if _, err := n.packedConfig(s.Config); err != nil {
		return WhyCannotBe
	}
	return WhyNone
}

// appendCanBe checks that entries follow one another, body behind body, and no term is above the
// leader's.
func appendCanBe(term Term, a *AppendEntries) Reason {
	if (a.PrevIndex == 0) != (a.PrevTerm == 0) || a.PrevIndex > maxIndex {
		return WhyCannotBe
	}
	m := Mark{Index: a.PrevIndex, Term: a.PrevTerm}
	for i := range a.Entries {
		e := &a.Entries[i]
		if e.Index != m.Index+1 || e.Term < m.Term || e.Term == 0 || i > 0 && e.Pos != m.Pos {
			return WhyCannotBe
		}
		if e.Kind == EntryConfig {
			if _, err := Packed(e.Data).Unpack(); err != nil {
				return WhyCannotBe
			}
		}
		m = Mark{Index: e.Index, Term: e.Term, Pos: e.Pos + uint64(len(e.Data))}
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
	case *ReadIndex:
		n.send(m.From, &ReadIndexReply{ID: b.ID, Why: WhyStaleTerm}, n.hardWrite)
	}
}

func (n *Node) ignore(m *Message, why Reason) {
	n.note(Note{Kind: NoteMessageIgnored, Why: why, Peer: m.From, Term: m.Term})
}
