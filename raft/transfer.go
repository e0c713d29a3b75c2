package raft

import "slices"

// transfer is a handing over of leadership (thesis 3.10): no proposals are taken, the target gets
// all that it lacks, and is then told to stand for election at once.
type transfer struct {
	ref      Ref // of who asked; 0 for the node's own wish
	to       NodeID
	sent     bool // TimeoutNow has left; whatever comes now, the target may win
	deadline Time
	term     Term
}

// active reports whether a transfer is under way.
func (t *transfer) active() bool { return t.to != 0 }

// transferAsked takes a wish to hand over leadership to a server, or to the best one (0).
func (n *Node) transferAsked(to NodeID, asked Reason) {
	if to == 0 && n.role == Leader {
		if p := n.bestPeer(); p != nil {
			to = p.id
		}
	}
	if to == n.cfg.ID && n.role == Leader && !n.transfer.active() {
		n.answerTransfer(n.cause, OutcomeOK, WhyNone)
		return
	}
	if why := n.mayTransfer(to); why != WhyNone {
		n.note(Note{Kind: NoteTransferRefused, Why: why, Peer: to})
		n.answerTransfer(n.cause, OutcomeRefused, why)
		return
	}
	n.transfer = transfer{ref: n.cause, to: to, deadline: n.now + n.cfg.ElectionMax, term: n.term}
	n.note(Note{Kind: NoteTransferBegun, Why: asked, Peer: to, Index: n.log.lastIndex()})
	n.dropTransferReads()
	n.peer(to).dirty = true
}

// dropTransferReads refuses the reads that came before a transfer and are not proven yet.
func (n *Node) dropTransferReads() {
	for _, r := range n.reads {
		if r.from == 0 {
			n.refuseRead(r.ref, WhyTransferring)
		} else {
			n.send(r.from, &ReadIndexReply{ID: r.id, Why: WhyTransferring}, 0)
		}
	}
	n.reads = n.reads[:0]
}

// mayTransfer says why leadership cannot go to a server now; WhyNone if it can.
func (n *Node) mayTransfer(to NodeID) Reason {
	p := n.peer(to)
	switch {
	case n.role != Leader:
		return WhyNotLeader
	case n.transfer.active():
		return WhyTransferring
	case n.confIndex() > n.commit || n.conf().Joint() || n.change != nil:
		return WhyChanging
	case p == nil || !n.conf().Voter(to):
		return WhyNotVoter
	case !p.heard && !p.heardBefore:
		return WhyUnreachable
	case p.state == Snapshot:
		return WhyInstalling
	}
	return WhyNone
}

func (n *Node) answerTransfer(ref Ref, outcome Outcome, why Reason) {
	if ref != 0 {
		n.answer(Answer{Ref: ref, Outcome: outcome, Why: why, Leader: n.leader, Term: n.term})
	}
}

// bestPeer finds who is closest to this leader's log among those heard of; nil for nobody. The
// preferred ones go first among equals.
func (n *Node) bestPeer() *progress {
	var best *progress
	for i := range n.peers {
		p := &n.peers[i]
		if p.id == n.cfg.ID || !n.conf().Voter(p.id) || p.state == Snapshot ||
			!p.heard && !p.heardBefore {
			continue
		}
		if best == nil || p.match > best.match ||
			p.match == best.match && n.rank(p.id) < n.rank(best.id) {
			best = p
		}
	}
	return best
}

// steerTransfer sends TimeoutNow when the target has everything, and gives up when it takes too
// long: then writes are taken again.
func (n *Node) steerTransfer() {
	t := &n.transfer
	if !t.active() {
		return
	}
	p := n.peer(t.to)
	switch {
	case n.now >= t.deadline || p == nil:
		n.abortTransfer(WhyTimeout)
	case !t.sent && p.match == n.log.lastIndex():
		t.sent = true
		t.deadline = n.now + n.cfg.ElectionMin
		n.note(Note{Kind: NoteTransferSent, Peer: t.to, Index: p.match})
		n.send(t.to, &TimeoutNow{LastIndex: p.match}, 0)
	}
}

// abortTransfer takes leadership back. Where leases are in use an entry is appended, and the lease
// stays away until it is committed: a TimeoutNow that is still on its way can win no election then.
func (n *Node) abortTransfer(why Reason) {
	t := n.transfer
	n.transfer = transfer{}
	outcome := OutcomeRefused
	if t.sent {
		outcome = OutcomeUnknown
	}
	n.note(Note{Kind: NoteTransferEnded, Why: why, Peer: t.to})
	n.answerTransfer(t.ref, outcome, why)
	n.preferFailed()
	if n.stopping {
		n.becomeFollower(n.term, 0, WhyStopping)
		return
	}
	if t.sent && n.cfg.LeaseReads {
		n.leaseHold = n.create(EntryNoop, nil, WhyTransferring)
	}
	if p := n.peer(t.to); p != nil {
		p.dirty = true
	}
}

// handedOver answers who asked for a transfer when it is known who leads now.
func (n *Node) handedOver(leader NodeID) {
	t := n.transfer
	if !t.active() {
		return
	}
	n.transfer = transfer{}
	if leader == t.to {
		n.note(Note{Kind: NoteTransferEnded, Why: WhyLeaderFound, Peer: leader})
		n.answerTransfer(t.ref, OutcomeOK, WhyNone)
		return
	}
	n.note(Note{Kind: NoteTransferEnded, Why: WhyLeaderKnown, Peer: leader})
	n.answerTransfer(t.ref, OutcomeRefused, WhyLeaderKnown)
}

// lostTransfer ends a transfer of which nothing was heard: whether the target won is not known.
func (n *Node) lostTransfer() {
	if !n.transfer.active() || n.role == Leader ||
		n.now < n.transfer.deadline+n.cfg.ElectionMax {
		return
	}
	t := n.transfer
	n.transfer = transfer{}
	n.note(Note{Kind: NoteTransferEnded, Why: WhyTimeout, Peer: t.to})
	n.answerTransfer(t.ref, OutcomeUnknown, WhyTimeout)
}

// timeoutNow stands for election at the leader's word, without asking first: the leader has stopped
// taking proposals for it. An old word, or one to a server whose log has moved on, is ignored.
func (n *Node) timeoutNow(m *Message, t *TimeoutNow) {
	switch {
	case m.Term != n.term || n.leader != m.From || n.role == Leader:
		n.ignore(m, WhyStaleTerm)
	case !n.conf().Voter(n.cfg.ID):
		n.ignore(m, WhyNotVoter)
	case n.installing:
		n.ignore(m, WhyInstalling)
	case n.stopping:
		n.ignore(m, WhyStopping)
	case n.doubtful:
		n.ignore(m, WhyDoubtful)
	case t.LastIndex != n.log.lastIndex():
		n.ignore(m, WhyLogConflict)
	default:
		n.becomeCandidate(WhyTransfer)
	}
}

// rank gives a server's place among the preferred leaders; those who are none stand behind.
func (n *Node) rank(id NodeID) int {
	if k := slices.Index(n.cfg.Preferred, id); k >= 0 {
		return k
	}
	return len(n.cfg.Preferred)
}

// steerPreference hands over to a preferred server that is up and has caught up. It only ever goes
// by the transfer, so it costs no availability, and after a failure it waits twice as long.
func (n *Node) steerPreference() {
	if len(n.cfg.Preferred) == 0 || n.transfer.active() || n.stopping || n.now < n.preferAt {
		return
	}
	n.preferAt = n.now + n.cfg.ElectionMax
	for _, id := range n.cfg.Preferred[:min(n.rank(n.cfg.ID), len(n.cfg.Preferred))] {
		p := n.peer(id)
		caughtUp := p != nil && p.state == Replicate && p.match >= n.commit
		if caughtUp && n.mayTransfer(id) == WhyNone {
			n.cause = 0
			n.transferAsked(id, WhyPreferred)
			return
		}
	}
}

// preferFailed makes the next attempt wait, twice as long each time.
func (n *Node) preferFailed() {
	n.preferWait = min(max(2*n.preferWait, 4*n.cfg.ElectionMax), 256*n.cfg.ElectionMax)
	n.preferAt = n.now + n.preferWait
}
