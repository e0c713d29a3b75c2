package raft

import "github.com/raftarium/raftarium/raft/quorum"

// ballot is what a member said to this candidate.
type ballot uint8

const (
	ballotOpen ballot = iota
	ballotYes
	ballotNo
)

// setDeadline draws a new election time-out (section 5.2).
func (n *Node) setDeadline(peer NodeID, why Reason) {
	span := n.rand.Between(int64(n.cfg.ElectionMin), int64(n.cfg.ElectionMax))
	n.electionAt = n.now + Time(span)
	n.note(Note{Kind: NoteDeadlineSet, Why: why, Peer: peer, Left: Time(span)})
}

// becomeFollower follows a leader of a term, or nobody yet. The vote is forgotten only when the
// term really changes.
func (n *Node) becomeFollower(term Term, leader NodeID, why Reason) {
	was := n.role
	n.setTerm(term, why, leader)
	n.role, n.leader = Follower, leader
	n.note(Note{Kind: NoteBecameFollower, Why: why, Term: term, Peer: leader})
	n.clearBallots()
	if was == Leader {
		n.peers = n.peers[:0]
		n.dropProposals(WhyLostLeadership)
		n.setDeadline(0, why)
	}
}

// setTerm moves to a term, at least the current one.
func (n *Node) setTerm(term Term, why Reason, peer NodeID) {
	n.must(term >= n.term, "term %d would go back to %d", n.term, term)
	vote := n.rules.VoteAfter(n.term, term, n.vote)
	if term == n.term && vote == n.vote {
		return
	}
	if term > n.term {
		n.note(Note{Kind: NoteTermAdvanced, Why: why, Term: term, Peer: peer})
	}
	n.term, n.vote = term, vote
	n.saveHardState()
}

func (n *Node) clearBallots() { clear(n.ballots) }

func (n *Node) campaignAsked() {
	if n.role != Leader && !n.installing && !n.stopping {
		n.becomeCandidate(WhyAsked)
	}
}

// campaign asks first whether it would win (thesis 9.6), or stands at once where pre-vote is off.
func (n *Node) campaign(why Reason) {
	switch {
	case n.installing:
		n.setDeadline(0, WhyInstalling) // its log is not what a candidate may show
	case n.cfg.PreVote:
		n.becomePreCandidate(why)
	default:
		n.becomeCandidate(why)
	}
}

func (n *Node) becomePreCandidate(why Reason) {
	n.role, n.leader = PreCandidate, 0
	n.clearBallots()
	n.note(Note{Kind: NoteBecamePreCand, Why: why, Term: n.term + 1})
	n.setDeadline(0, why)
	n.askForVotes(&RequestVote{Pre: true, ForTerm: n.term + 1}, 0)
	n.count(n.cfg.ID, true)
}

// becomeCandidate stands for a new term. Neither does the request leave nor does its own vote count
// before term and vote are saved.
func (n *Node) becomeCandidate(why Reason) {
	n.role, n.leader = Candidate, 0
	n.clearBallots()
	n.term, n.vote = n.term+1, n.cfg.ID
	n.saveHardState()
	n.note(Note{Kind: NoteBecameCandidate, Why: why, Term: n.term})
	n.setDeadline(0, why)
	need := n.hardWrite
	if !n.rules.VoteNeedsSave() {
		need = 0
	}
	n.askForVotes(&RequestVote{ForTerm: n.term}, need)
	if need == 0 {
		n.count(n.cfg.ID, true)
	}
}

func (n *Node) askForVotes(r *RequestVote, need WriteID) {
	last := n.log.last()
	r.LastIndex, r.LastTerm = last.Index, last.Term
	for _, id := range n.cfg.Members {
		if id != n.cfg.ID {
			n.send(id, r, need)
		}
	}
}

// countOwnVote counts a candidate's vote for itself once it is saved.
func (n *Node) countOwnVote() {
	if n.role == Candidate && n.durable >= n.hardWrite {
		n.count(n.cfg.ID, true)
	}
}

// leaderAlive reports whether a leader other than the asker was heard within the shortest time-out:
// then nobody needs an election (thesis 4.2.3, 9.6).
func (n *Node) leaderAlive(asker NodeID) bool {
	if !n.cfg.PreVote || n.leader == 0 || n.leader == asker {
		return false
	}
	return n.role == Leader || n.now-n.heardAt < n.cfg.ElectionMin
}

// voteRequested answers a request for a vote or a pre-vote. A pre-vote changes nothing here.
func (n *Node) voteRequested(m *Message, r *RequestVote) {
	alive := n.leaderAlive(m.From)
	if !r.Pre && m.Term > n.term && !alive {
		n.becomeFollower(m.Term, 0, WhyHigherTerm)
	}
	why := n.refusal(m, r, alive)
	reply := &RequestVoteReply{Pre: r.Pre, ForTerm: r.ForTerm, Granted: why == WhyNone, Why: why}
	note := Note{Kind: NoteVoteRefused, Why: why, Term: r.ForTerm, Peer: m.From, Pre: r.Pre,
		Index: r.LastIndex, LogTerm: r.LastTerm}
	if why != WhyNone {
		n.note(note)
		n.send(m.From, reply, n.hardWrite)
		return
	}
	if r.Pre {
		n.note(Note{Kind: NoteVoteGranted, Term: r.ForTerm, Peer: m.From, Pre: true})
		n.send(m.From, reply, n.hardWrite)
		return
	}
	n.grant(m.From, reply)
}

// grant gives the vote. The answer waits until term and vote are saved.
func (n *Node) grant(candidate NodeID, reply *RequestVoteReply) {
	if n.vote != candidate {
		n.vote = candidate
		n.saveHardState()
	}
	n.note(Note{Kind: NoteVoteGranted, Term: n.term, Peer: candidate})
	n.setDeadline(candidate, WhyGrantedVote)
	need := n.hardWrite
	if !n.rules.VoteNeedsSave() {
		need = 0
	}
	n.send(candidate, reply, need)
}

// refusal says why a vote is refused; WhyNone to grant it (RequestVote, receiver implementation).
func (n *Node) refusal(m *Message, r *RequestVote, alive bool) Reason {
	if r.ForTerm < n.term {
		return WhyStaleTerm
	}
	if alive {
		return WhyLeaderAlive
	}
	if r.ForTerm == n.term {
		if why := n.rules.MayVote(n.vote, n.leader, m.From); why != WhyNone {
			return why
		}
	}
	return n.rules.LogIsCurrent(Mark{Index: r.LastIndex, Term: r.LastTerm}, n.log.last())
}

// voteAnswered counts an answer, if it is to the campaign under way.
func (n *Node) voteAnswered(m *Message, r *RequestVoteReply) {
	if m.Term > n.term && !r.Granted {
		n.becomeFollower(m.Term, 0, WhyHigherTerm)
		return
	}
	asksPre, asksFor := n.role == PreCandidate, n.term
	if asksPre {
		asksFor = n.term + 1
	}
	if n.role != PreCandidate && n.role != Candidate ||
		!n.rules.VoteCounts(r.Pre, r.ForTerm, asksPre, asksFor) {
		n.ignore(m, WhyNoCampaign)
		return
	}
	if !r.Granted {
		n.note(Note{Kind: NoteVoteDenied, Why: r.Why, Term: r.ForTerm, Peer: m.From, Pre: r.Pre})
	}
	n.count(m.From, r.Granted)
}

// count takes one member's ballot, once, and acts when there is a majority.
func (n *Node) count(voter NodeID, granted bool) {
	yes := uint32(0)
	for i, id := range n.cfg.Members {
		if id == voter {
			if n.ballots[i] == ballotYes {
				return
			}
			n.ballots[i] = ballotNo
			if granted {
				n.ballots[i] = ballotYes
			}
		}
		if n.ballots[i] == ballotYes {
			yes++
		}
	}
	if !granted {
		return
	}
	term := n.term
	if n.role == PreCandidate {
		term++
	}
	n.note(Note{Kind: NoteVoteCounted, Term: term, Peer: voter, Pre: n.role == PreCandidate,
		Count: yes})
	if int(yes) < quorum.Majority(len(n.cfg.Members)) {
		return
	}
	if n.role == PreCandidate {
		n.becomeCandidate(WhyPreVoteWon)
	} else {
		n.becomeLeader(yes)
	}
}

// becomeLeader takes over: it knows nothing of the others' logs, and begins its term with an entry
// of its own (section 5.2, section 8).
func (n *Node) becomeLeader(votes uint32) {
	n.role, n.leader = Leader, n.cfg.ID
	n.note(Note{Kind: NoteBecameLeader, Term: n.term, Count: votes})
	n.peers = n.peers[:0]
	for _, id := range n.cfg.Members {
		n.peers = append(n.peers, progress{id: id, next: n.log.lastIndex() + 1, heard: true,
			cause: n.cause})
	}
	n.quorumAt = n.now + n.cfg.ElectionMin
	n.create(EntryNoop, nil, WhyNewTerm)
	n.heartbeatAt = n.now // the first append is the announcement
}

// checkQuorum steps down when no quorum was heard within a time-out, or when its own disk has stood
// still for so long that a leader with a working one should take over (thesis 6.2).
func (n *Node) checkQuorum() {
	n.quorumAt = n.now + n.cfg.ElectionMin
	heard := uint32(1)
	for i := range n.peers {
		p := &n.peers[i]
		if p.id != n.cfg.ID && p.heard {
			heard++
		}
		p.heard = false
	}
	if !n.cfg.CheckQuorum {
		return
	}
	stuck := n.durable < n.lastWrite && n.now-n.writeSince > n.cfg.ElectionMax
	switch {
	case int(heard) < quorum.Majority(len(n.cfg.Members)):
		n.note(Note{Kind: NoteQuorumLost, Term: n.term, Count: heard})
		n.becomeFollower(n.term, 0, WhyNoQuorum)
	case stuck && len(n.cfg.Members) > 1:
		n.becomeFollower(n.term, 0, WhyWaitsForDisk)
	}
}
