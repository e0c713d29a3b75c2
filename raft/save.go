package raft

// heldMessage waits for a write.
type heldMessage struct {
	write WriteID
	term  Term
	msg   Message
}

// send forms a message that may leave when the write need is durable.
func (n *Node) send(to NodeID, body Body, need WriteID) {
	m := Message{Group: n.cfg.Group, From: n.cfg.ID, FromBoot: n.cfg.Boot, To: to, Term: n.term,
		Body: body, Cause: n.cause}
	if p := n.peer(to); p != nil {
		m.ToBoot = p.boot
	}
	if need > n.durable {
		if len(n.held) >= n.cfg.MaxHeld { // as good as lost on its way
			n.note(Note{Kind: NoteMessageIgnored, Why: WhyTooMany, Peer: to, Term: n.term})
			return
		}
		n.held = append(n.held, heldMessage{need, n.term, m})
		return
	}
	n.out.Send = append(n.out.Send, m)
}

// save gives the write of this step, beginning it if need be.
func (n *Node) save() *Write {
	w := &n.out.Save
	if w.ID == 0 {
		if n.lastWrite == n.durable {
			n.writeSince = n.now
		}
		n.lastWrite++
		w.ID, w.Cause = n.lastWrite, n.cause
	}
	return w
}

// saveHardState says that term or vote have changed.
func (n *Node) saveHardState() {
	w := n.save()
	w.HardState = true
	n.hardWrite = w.ID
}

// finishWrite fills in what a write says about the whole step.
func (n *Node) finishWrite() {
	w := &n.out.Save
	if w.ID == 0 {
		return
	}
	w.Term, w.Vote, w.Doubtful, w.TruncateFrom = n.term, n.vote, n.doubtful, n.cutFrom
	from := n.newFrom
	if n.cutFrom != 0 && (from == 0 || n.cutFrom < from) {
		from = n.cutFrom
	}
	if from != 0 {
		w.Entries = n.log.slice(max(from, n.log.first()), n.log.lastIndex())
	}
}

// saved takes the completion of writes: what waited for them is counted and released.
func (n *Node) saved(id WriteID) {
	if id <= n.durable {
		return
	}
	if id > n.lastWrite {
		n.broken("write %d is saved, and %d was the last asked for", id, n.lastWrite)
	}
	n.durable, n.writeSince = id, n.now
	n.log.markSaved(id)
	n.countOwnVote()
	n.countOwnMatch()
	n.settleDoubt()
	n.snapshotSaved()
}

// release sends what waited for writes that are durable now. What was held for an earlier term is
// dropped, not sent late.
func (n *Node) release() {
	k := 0
	for _, h := range n.held {
		switch {
		case h.write > n.durable:
			n.held[k] = h
			k++
		case h.term == n.term:
			n.out.Send = append(n.out.Send, h.msg)
		}
	}
	n.held = n.held[:k]
}
