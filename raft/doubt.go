package raft

// A node is doubtful when its store cannot tell whether its log has lost what was acknowledged:
// damage in the last batch may be a torn write, or a lost promise. It serves no reads, and its
// votes, its own included, are marked: they count only in an election that every member granted.
// Who kept an acknowledged entry grants nobody without it, so such an election loses nothing; and
// a cluster whose nodes all lost power, or a cluster of one, elects again. Learners are asked
// too, as what was lost may be the configuration that gave them their vote: a server is a learner
// before it is a voter, so whoever holds the entry is a member for all who do not. Doubt ends
// when the log has caught up with what a leader's log held at first contact.

// heardInDoubt remembers what a leader's log held at first contact: in the first append that was
// sent to this incarnation. One that was on its way before tells less than what was acknowledged
// since; and once a leader knows of this incarnation it counts no word of the one before.
func (n *Node) heardInDoubt(m *Message, a *AppendEntries) {
	if !n.doubtful || !n.rules.FirstContact(m.ToBoot, n.cfg.Boot) ||
		n.doubtTerm == m.Term && n.doubtFrom == m.From {
		return
	}
	n.doubtTerm, n.doubtFrom, n.doubtUntil, n.doubtProven = m.Term, m.From, a.Last, 0
}

// provenInDoubt takes a prefix that is proven equal to the leader's.
func (n *Node) provenInDoubt(proven Index) {
	if n.doubtful {
		n.doubtProven = max(n.doubtProven, proven)
		n.settleDoubt()
	}
}

// settleDoubt ends the doubt when all that the leader's log held at first contact is saved here.
func (n *Node) settleDoubt() {
	if !n.doubtful || n.doubtFrom == 0 || n.doubtTerm != n.term ||
		min(n.doubtProven, n.log.saved()) < n.doubtUntil {
		return
	}
	n.trust(WhyCaughtUp)
}

func (n *Node) trust(why Reason) {
	n.doubtful = false
	n.saveHardState()
	n.note(Note{Kind: NoteTrusted, Why: why, Peer: n.doubtFrom, Index: n.doubtUntil})
}

// beginInDoubt keeps the doubt across further restarts: it is saved like term and vote.
func (n *Node) beginInDoubt() {
	if n.doubtful {
		n.saveHardState()
		n.note(Note{Kind: NoteDoubtful, Why: WhyDoubtful, Index: n.log.lastIndex()})
	}
}
