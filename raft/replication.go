package raft

// create appends an entry of the leader's own making.
func (n *Node) create(kind EntryKind, data []byte, why Reason) Index {
	i := n.log.lastIndex() + 1
	entry := n.log.appendOne(n.term, kind, data, n.writeOfNew(i))
	t := n.newNote(NoteCreated)
	t.Why, t.Term, t.From, t.To, t.Entries = why, n.term, i, i, entry
	t.Digest, t.Pos = n.log.tip.Digest, n.log.tip.Pos
	for k := range n.peers {
		n.peers[k].dirty, n.peers[k].cause = true, n.cause
	}
	return i
}

// appendEntries puts entries into the log and into the write of this step.
func (n *Node) appendEntries(entries []Entry) {
	if len(entries) > 0 {
		n.log.append(entries, n.writeOfNew(entries[0].Index))
	}
}

// writeOfNew gives the write that saves what is appended from an index on.
func (n *Node) writeOfNew(from Index) WriteID {
	cut := n.cutWrite
	if cut <= n.durable {
		cut = 0
	}
	if n.newFrom == 0 || from < n.newFrom {
		n.newFrom = from
	}
	return n.rules.SavedWith(cut, n.save().ID)
}

// propose takes a client's command, as leader.
func (n *Node) propose(data []byte) {
	why := WhyNone
	switch {
	case n.role != Leader:
		why = WhyNotLeader
	case n.rules.MayPropose(n.transfer.active()) != WhyNone:
		why = WhyTransferring
	case len(data) > n.cfg.MaxEntry:
		why = WhyTooLarge
	case len(n.waiting) >= n.cfg.MaxPending:
		why = WhyTooMany
	}
	if why != WhyNone {
		n.note(Note{Kind: NoteProposalRefused, Why: why, Peer: n.leader})
		n.answer(Answer{Ref: n.cause, Outcome: OutcomeRefused, Why: why, Leader: n.leader})
		return
	}
	i := n.create(EntryCommand, data, WhyProposed)
	n.waiting = append(n.waiting, proposal{i, n.term, n.cause})
}

// heartbeat is the leader's regular word to everyone: it keeps followers from standing for
// election, and repeats what may have been lost.
func (n *Node) heartbeat() {
	n.heartbeatAt = n.now + n.cfg.Heartbeat
	if n.cfg.LeaseReads {
		n.beginRound()
		n.roundAnswered()
	}
	for i := range n.peers {
		p := &n.peers[i]
		if p.id == n.cfg.ID || n.toldToStand(p) {
			continue
		}
		p.ping = false
		p.probed = false
		// A chunk that was not answered for a whole interval is sent again.
		p.waiting, p.stalled = p.waiting && !p.stalled, p.waiting && !p.stalled
		if !n.sendEntries(p) && n.rules.BeatsWhenFull(len(p.inflight) >= n.cfg.MaxInflight) {
			n.sendHeartbeat(p)
		}
	}
}

// toldToStand reports whether a member was told to stand for election: it gets no word any more, as
// that would make it a follower again.
func (n *Node) toldToStand(p *progress) bool { return n.transfer.sent && n.transfer.to == p.id }

// sendAll forms the messages of this step, each peer's once.
func (n *Node) sendAll() {
	if n.role != Leader {
		return
	}
	for i := range n.peers {
		p := &n.peers[i]
		if p.id != n.cfg.ID && !n.toldToStand(p) {
			n.cause = p.cause
			if !(p.dirty && n.sendEntries(p)) && p.ping {
				n.sendHeartbeat(p)
			}
		}
		p.dirty, p.ping, p.cause = false, false, 0
	}
	n.cause = 0
}

// sendEntries sends a member what it lacks, as far as its state allows; it reports whether anything
// was sent.
func (n *Node) sendEntries(p *progress) bool {
	if p.next <= n.log.base.Index && p.state != Snapshot {
		if !p.heard && !p.heardBefore || n.sendingSnapshots() >= n.cfg.MaxSnapshot {
			return false // nobody is there, or enough of them are on their way
		}
		n.offerSnapshot(p)
	}
	sent := false
	switch p.state {
	case Snapshot:
		n.fetchChunk(p) // the chunk leaves when the host has read it
	case Probe:
		if !p.probed {
			p.probed = true
			n.sendAppend(p, p.next, n.batchEnd(p.next))
			sent = true
		}
	case Replicate:
		for p.next <= n.log.lastIndex() && len(p.inflight) < n.cfg.MaxInflight &&
			p.window < n.cfg.MaxWindow {
			end := n.batchEnd(p.next)
			n.sendAppend(p, p.next, end)
			p.sent(end, n.log.bytes(p.next, end))
			p.next = end + 1
			sent = true
		}
	}
	return sent
}

// batchEnd gives the last index of an append that begins at from, within the limits.
func (n *Node) batchEnd(from Index) Index {
	last := n.log.lastIndex()
	if from > last {
		return from - 1
	}
	end := min(last, from+Index(n.cfg.MaxBatch)-1)
	for end > from && n.log.bytes(from, end) > n.cfg.MaxBytes {
		end--
	}
	return end
}

// sendAppend sends the entries from one index to another; an empty range makes a probe. Members
// that stand alike get the same body.
func (n *Node) sendAppend(p *progress, from, to Index) {
	prev, a, last := from-1, n.formed, n.log.lastIndex()
	if a == nil || a.PrevIndex != prev || len(a.Entries) != int(to-prev) ||
		a.Commit != n.commit || a.Round != n.round || a.Last != last {
		a = place(&n.bodies.appends, AppendEntries{PrevIndex: prev, PrevTerm: n.log.term(prev),
			Entries: n.log.slice(from, to), Commit: n.commit, Round: n.round, Last: last})
		n.formed = a
	}
	n.send(p.id, a, 0)
}

// sendHeartbeat sends an empty append. It stands behind what was sent last, so that its refusal
// tells of a loss; to a member whose place in the log is not there it stands behind the empty
// prefix, on which all logs agree.
func (n *Node) sendHeartbeat(p *progress) {
	if p.state == Snapshot || p.next <= n.log.base.Index {
		n.send(p.id, &AppendEntries{Round: n.round, Last: n.log.lastIndex()}, 0)
		return
	}
	n.sendAppend(p, p.next, p.next-1)
}

// appendReceived is AppendEntries' receiver implementation (Figure 2, section 5.3).
func (n *Node) appendReceived(m *Message, a *AppendEntries) {
	if !n.heardLeader(m) {
		return
	}
	if n.installing {
		n.ignore(m, WhyInstalling)
		return
	}
	n.heardInDoubt(m, a)
	a = n.beyondCommit(a)
	if len(a.Entries) > 0 && a.Entries[0].Term < a.PrevTerm {
		n.ignore(m, WhyCannotBe) // behind what is committed here its terms would go back
		return
	}
	held := n.log.holds(a.PrevIndex)
	if why := n.rules.Matches(n.log.term(a.PrevIndex), held, a.PrevTerm); why != WhyNone {
		n.refuseAppend(m, a, why)
		return
	}
	if held && n.liesElsewhere(a) {
		n.ignore(m, WhyCannotBe)
		return
	}
	n.heardOf(m.From)
	n.takeEntries(m.From, a)
	proven := n.rules.Proven(a.PrevIndex, len(a.Entries), n.log.lastIndex())
	n.commitAsFollower(m.From, a.Commit, proven)
	n.provenInDoubt(proven)
	need := max(n.hardWrite, n.log.writeOf(proven))
	if !n.rules.AckNeedsSave() {
		need = 0
	}
	n.acknowledge(m.From, proven, a.Round, need)
}

// acknowledge sends an acknowledgement at the end of the step: one answers all that the leader sent
// meanwhile, as its match speaks for the whole prefix.
func (n *Node) acknowledge(leader NodeID, match Index, round uint64, need WriteID) {
	a := &n.ack
	if a.leader != leader || a.term != n.term {
		*a = ack{leader: leader, term: n.term}
	}
	a.match, a.round, a.need = max(a.match, match), max(a.round, round), max(a.need, need)
	a.cause = n.cause
}

// sendAck sends the acknowledgement of this step, unless its term is over.
func (n *Node) sendAck() {
	a := n.ack
	if a.leader == 0 {
		return
	}
	n.ack = ack{}
	if a.term == n.term {
		n.cause = a.cause
		n.send(a.leader, place(&n.bodies.replies, AppendEntriesReply{Success: true,
			Match: a.match, Round: a.round}), a.need)
		n.cause = 0
	}
}

// heardLeader takes the word of the leader of the current term: whoever else stood or led gives way
// (section 5.2), and the election time-out begins anew, also when the message will be refused.
// It is false for what no correct server sends.
func (n *Node) heardLeader(m *Message) bool {
	if !n.rules.HearsFrom(n.leader, m.From) {
		n.ignore(m, WhyCannotBe) // two leaders in one term
		return false
	}
	if (n.role != n.restingRole() || n.leader != m.From) && n.rules.GivesWay(n.role) {
		n.becomeFollower(m.Term, m.From, WhyLeaderFound)
		n.handedOver(m.From)
	}
	if n.rules.HeardByRefused() {
		n.heardOf(m.From)
	}
	return true
}

// heardOf begins the election time-out anew: the leader is there.
func (n *Node) heardOf(leader NodeID) {
	n.needed = false
	if n.heardAt == n.now && n.electionAt > n.now && n.deadlineOf == leader {
		return
	}
	n.heardAt, n.deadlineOf = n.now, leader
	if n.cfg.LeaseReads {
		n.promisedTo = n.now + n.cfg.ElectionMin
	}
	n.setDeadline(leader, WhyHeardLeader)
}

// beyondCommit leaves out what is committed here: it is equal at the leader, and may be cut here.
func (n *Node) beyondCommit(a *AppendEntries) *AppendEntries {
	if a.PrevIndex >= n.commit {
		return a
	}
	skip := min(n.commit-a.PrevIndex, Index(len(a.Entries)))
	prev := a.PrevIndex + skip
	if prev < n.log.base.Index {
		return &AppendEntries{PrevIndex: n.commit, PrevTerm: n.log.term(n.commit), Commit: a.Commit,
			Round: a.Round, Last: a.Last}
	}
	return &AppendEntries{PrevIndex: prev, PrevTerm: n.log.term(prev), Entries: a.Entries[skip:],
		Commit: a.Commit, Round: a.Round, Last: a.Last}
}

// refuseAppend answers with the last place that may agree (section 5.3, last part).
func (n *Node) refuseAppend(m *Message, a *AppendEntries, why Reason) {
	hint := n.log.agreesUpTo(a.PrevIndex, a.PrevTerm)
	if hint == a.PrevIndex {
		hint-- // the same index, another term
	}
	hint = max(hint, n.commit)
	n.note(Note{Kind: NoteAppendRefused, Why: why, Peer: m.From, Index: a.PrevIndex,
		LogTerm: a.PrevTerm, To: n.log.lastIndex(), Term: n.log.term(a.PrevIndex)})
	n.send(m.From, &AppendEntriesReply{Rejected: a.PrevIndex, Hint: hint,
		HintTerm: n.log.term(hint), Why: why, Round: a.Round}, n.hardWrite)
}

// liesElsewhere reports whether the bodies of entries would not lie where they must: behind the
// entry before them, and where the log has the same entries, at the same places.
func (n *Node) liesElsewhere(a *AppendEntries) bool {
	pos := n.log.markAt(a.PrevIndex).Pos
	for i := range a.Entries {
		e := &a.Entries[i]
		if e.Pos != pos {
			return true
		}
		if n.log.term(e.Index) != e.Term || !n.log.holds(e.Index) {
			break // from here on they are new, and were seen to follow one another
		}
		pos = n.log.markAt(e.Index).Pos
	}
	return false
}

// takeEntries puts the leader's entries into the log. Only a proven conflict removes anything; what
// is already there stays.
func (n *Node) takeEntries(leader NodeID, a *AppendEntries) {
	if last := n.log.lastIndex(); a.PrevIndex < last { // else nothing there could differ
		if cut := n.rules.CutFrom(a.PrevIndex, a.Entries, last, n.log.term); cut != 0 {
			n.truncate(leader, cut)
		}
	}
	last := n.log.lastIndex()
	known := min(last-a.PrevIndex, Index(len(a.Entries)))
	n.appendEntries(a.Entries[known:])
	n.noteAppended(leader, last+1)
	for i := range a.Entries {
		if e := &a.Entries[i]; e.Kind == EntryConfig && e.Index > last {
			n.takeConfig(e)
		}
	}
}

// truncate drops entries that the leader does not have. None of them can be committed.
func (n *Node) truncate(leader NodeID, from Index) {
	n.must(from > n.commit, "the leader's log differs at %d, and %d is committed", from, n.commit)
	before := n.log.markAt(from - 1)
	n.note(Note{Kind: NoteTruncated, Why: WhyLogConflict, Peer: leader, From: from,
		To: n.log.lastIndex(), LogTerm: n.log.term(from), Digest: before.Digest, Pos: before.Pos})
	n.cutWrite, n.cutLast = n.log.writeOf(n.log.lastIndex()), max(n.cutLast, n.log.lastIndex())
	n.log.truncate(from)
	n.popConfigs(from)
	n.save()
	if n.cutFrom == 0 || from < n.cutFrom {
		n.cutFrom = from
	}
}

// noteAppended tells what was appended from an index on, one note for each term.
func (n *Node) noteAppended(leader NodeID, from Index) {
	for last := n.log.lastIndex(); from <= last; {
		to, term := from, n.log.term(from)
		if term == n.log.tip.Term {
			to = last
		}
		for to < last && n.log.term(to+1) == term {
			to++
		}
		m := n.log.markAt(to)
		t := n.newNote(NoteAppended)
		t.Peer, t.LogTerm, t.From, t.To, t.Digest, t.Pos = leader, term, from, to, m.Digest, m.Pos
		from = to + 1
	}
}

// appendAnswered takes a follower's answer, as leader of the term in which it was asked.
func (n *Node) appendAnswered(m *Message, r *AppendEntriesReply) {
	p := n.heardFollower(m)
	if p == nil {
		return
	}
	if r.Match > n.log.lastIndex() || r.Rejected > n.log.lastIndex() {
		n.ignore(m, WhyCannotBe)
		return
	}
	n.roundTaken(p, r.Round)
	if r.Success {
		n.appendAccepted(p, r.Match)
	} else {
		n.appendRefused(p, r)
	}
}

// heardFollower finds the progress of a follower that sent word; nil when this node does not lead.
// A new incarnation may have lost what it never acknowledged as saved, so its match is forgotten.
func (n *Node) heardFollower(m *Message) *progress {
	if n.role != Leader {
		n.ignore(m, WhyNotLeader)
		return nil
	}
	p := n.peer(m.From)
	if p == nil {
		n.ignore(m, WhyUnknownMember)
		return nil
	}
	if p.boot > m.FromBoot {
		n.ignore(m, WhyStaleTerm)
		return nil
	}
	p.heard = true
	if p.boot != 0 && p.boot != m.FromBoot {
		n.forget(p)
		n.noteProgress(p)
	}
	p.boot = m.FromBoot
	return p
}

func (n *Node) appendAccepted(p *progress, match Index) {
	was := *p
	p.match = max(p.match, match)
	p.next = max(p.next, p.match+1)
	p.acknowledged(match)
	p.probed = false
	if p.state == Probe || p.state == Snapshot && p.match >= n.log.base.Index && match > 0 {
		p.become(Replicate)
		p.next = p.match + 1
	}
	p.dirty, p.cause = true, n.cause
	if p.match != was.match || p.next != was.next || p.state != was.state {
		n.noteProgress(p)
	}
	n.commitAsLeader()
}

// appendRefused looks for the place where the logs agree. The leader only proposes where to probe.
func (n *Node) appendRefused(p *progress, r *AppendEntriesReply) {
	switch {
	case p.state == Snapshot, r.Rejected <= p.match && p.match > 0:
		return // an answer to what has since been settled
	case p.state == Probe && r.Rejected != p.next-1:
		return // an answer to an earlier probe
	}
	agrees := n.log.agreesUpTo(r.Hint, r.HintTerm)
	p.next = n.rules.NextAfterRefusal(p.match, r.Rejected, agrees)
	p.become(Probe)
	p.dirty, p.cause = true, n.cause
	n.noteProgress(p)
}
