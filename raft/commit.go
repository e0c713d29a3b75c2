package raft

// countOwnMatch counts the leader itself as one of those who have saved its entries.
func (n *Node) countOwnMatch() {
	if n.role == Leader {
		n.commitAsLeader()
	}
}

// commitAsLeader commits what a quorum has saved, if it is of the leader's own term; entries of
// earlier terms are committed with it, never by counting (section 5.4.2).
func (n *Node) commitAsLeader() {
	own := n.peer(n.cfg.ID)
	own.match = n.rules.OwnMatch(n.log.lastIndex(), n.log.saved())
	own.next = n.log.lastIndex() + 1
	if n.commit == n.log.lastIndex() {
		return // most answers come late
	}
	voters, outgoing := n.matches[0][:0], n.matches[1][:0]
	for i := range n.peers {
		p := &n.peers[i]
		if p.voter {
			voters = append(voters, p.match)
		}
		if p.outgoing {
			outgoing = append(outgoing, p.match)
		}
	}
	n.matches = [2][]Index{voters, outgoing}
	index, count := n.rules.Reached(own.match, voters, outgoing)
	if index <= n.commit || !n.rules.MayCommit(n.log.term(index), n.term) {
		return
	}
	n.setCommit(index, WhyQuorumSaved).Count = uint32(count)
}

// commitAsFollower takes the leader's word, as far as the logs are proven equal.
func (n *Node) commitAsFollower(leader NodeID, leaderCommit, proven Index) {
	index := n.rules.FollowerCommit(n.commit, leaderCommit, proven, n.log.lastIndex())
	if index > n.commit {
		n.setCommit(index, WhyLeaderCommitted).Peer = leader
	}
}

// setCommit commits up to an index; what else there is to tell goes into the note that it gives.
func (n *Node) setCommit(index Index, why Reason) *Note {
	if index > n.log.lastIndex() {
		n.broken("commit %d is beyond the log's end %d", index, n.log.lastIndex())
	}
	n.commit = index
	t := n.newNote(NoteCommitAdvanced)
	t.Why, t.Index, t.LogTerm = why, index, n.log.term(index)
	return t
}

// handOut gives the machine what is committed and saved here, and answers the proposals among it.
func (n *Node) handOut() {
	to := min(n.commit, n.log.saved())
	if n.installing || to <= n.applying {
		return
	}
	n.out.Apply = n.log.slice(n.applying+1, to)
	n.applying = to
	k := 0
	for ; k < len(n.waiting) && n.waiting[k].index <= to; k++ {
		w := n.waiting[k]
		n.answer(Answer{Ref: w.ref, Outcome: OutcomeOK, Leader: n.cfg.ID, Index: w.index,
			Term: w.term})
	}
	n.waiting = append(n.waiting[:0], n.waiting[k:]...)
}

// dropProposals answers all that wait: they are in a log that may or may not prevail, so what
// becomes of them is unknown here.
func (n *Node) dropProposals(why Reason) {
	for _, w := range n.waiting {
		n.answer(Answer{Ref: w.ref, Outcome: n.rules.LostOutcome(), Why: why, Leader: n.leader,
			Index: w.index, Term: w.term})
	}
	n.waiting = n.waiting[:0]
}
