package raft

import (
	"slices"

	"github.com/raftarium/raftarium/raft/quorum"
)

// ballot is what a server said to this candidate.
type ballot struct {
	voter    NodeID
	granted  bool
	doubtful bool // it may have lost what it acknowledged
}

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
	n.rest(why, leader)
	n.clearBallots()
	if was == Leader {
		n.dropReads(WhyLostLeadership)
		n.peers = n.peers[:0]
		n.dropProposals(WhyLostLeadership)
		n.dropSteering()
		n.setDeadline(0, why)
		return
	}
	n.dropReads(WhyNoLeader)
}

// dropSteering ends what a leader was doing for those who asked for another configuration or
// leader. A transfer whose target was told goes on without it, unless this server has stopped.
func (n *Node) dropSteering() {
	if n.change != nil {
		n.endChange(OutcomeUnknown, WhyLostLeadership)
	}
	t := n.transfer
	if !t.active() || t.sent && !n.stopped {
		return
	}
	n.transfer = transfer{}
	outcome := OutcomeRefused
	if t.sent {
		outcome = OutcomeUnknown
	}
	n.note(Note{Kind: NoteTransferEnded, Why: WhyLostLeadership, Peer: t.to})
	n.answerTransfer(t.ref, outcome, WhyLostLeadership)
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

func (n *Node) clearBallots() { n.ballots, n.learnersAsked = n.ballots[:0], false }

// campaignAsked stands for election at once, as somebody asks; where a leader may rely on a promise
// of this server it waits until that is over.
func (n *Node) campaignAsked() {
	switch {
	case n.role == Leader || n.installing || n.stopping || !n.mayCampaign():
	case n.now < n.promisedTo:
		n.electionAt = n.promisedTo
		n.note(Note{Kind: NoteDeadlineSet, Why: WhyPromised, Left: n.electionAt - n.now})
	default:
		n.becomeCandidate(WhyAsked)
	}
}

// campaign asks first whether it would win (thesis 9.6), or stands at once where pre-vote is off.
func (n *Node) campaign(why Reason) {
	switch {
	case n.installing:
		n.setDeadline(0, WhyInstalling) // its log is not what a candidate may show
	case !n.mayCampaign():
		n.setDeadline(0, WhyNotVoter)
	case n.cfg.PreVote:
		n.becomePreCandidate(why)
	default:
		n.becomeCandidate(why)
	}
}

func (n *Node) becomePreCandidate(why Reason) {
	n.role, n.leader = PreCandidate, 0
	n.clearBallots()
	n.dropReads(WhyNoLeader)
	n.dropReadies(WhyNoLeader)
	n.note(Note{Kind: NoteBecamePreCand, Why: why, Term: n.term + 1})
	n.setDeadline(0, why)
	n.askForVotes(&RequestVote{Pre: true, ForTerm: n.term + 1}, 0)
	n.count(n.cfg.ID, true, n.doubtful)
}

// becomeCandidate stands for a new term. Neither does the request leave nor does its own vote count
// before term and vote are saved.
func (n *Node) becomeCandidate(why Reason) {
	n.role, n.leader = Candidate, 0
	n.clearBallots()
	n.dropReads(WhyNoLeader)
	n.dropReadies(WhyNoLeader)
	n.term, n.vote = n.rules.NextTerm(n.term, n.vote, n.cfg.ID), n.cfg.ID
	n.saveHardState()
	n.note(Note{Kind: NoteBecameCandidate, Why: why, Term: n.term})
	n.setDeadline(0, why)
	need := n.hardWrite
	if !n.rules.OwnVoteNeedsSave() {
		need = 0
	}
	n.askForVotes(&RequestVote{ForTerm: n.term, Transfer: why == WhyTransfer}, need)
	if need == 0 {
		n.count(n.cfg.ID, true, n.doubtful)
	}
}

func (n *Node) askForVotes(r *RequestVote, need WriteID) {
	last := n.rules.LastForVotes(n.log.last(), n.cutLast, n.term)
	r.LastIndex, r.LastTerm = last.Index, last.Term
	for _, id := range n.conf().Members() {
		if id != n.cfg.ID && n.conf().Voter(id) {
			n.send(id, r, need)
		}
	}
}

// askLearners asks the members without a vote as well, once a vote is doubtful: whoever gave it may
// have lost a configuration in which they have one.
func (n *Node) askLearners() {
	r, need := &RequestVote{ForTerm: n.term}, n.hardWrite
	if n.role == PreCandidate {
		r, need = &RequestVote{Pre: true, ForTerm: n.term + 1}, 0
	}
	last := n.log.last()
	r.LastIndex, r.LastTerm = last.Index, last.Term
	for _, id := range n.conf().Learners {
		if id != n.cfg.ID && !n.conf().Voter(id) {
			n.send(id, r, need)
		}
	}
	n.learnersAsked = true
}

// countOwnVote counts a candidate's vote for itself once it is saved.
func (n *Node) countOwnVote() {
	if n.role == Candidate && n.durable >= n.hardWrite {
		n.count(n.cfg.ID, true, n.doubtful)
	}
}

// leaderAlive says why nobody needs an election: a leader other than the asker was heard within the
// shortest time-out (thesis 4.2.3, 9.6), or with leases was promised not to be replaced that soon,
// before a restart of this server too. The leader's own word that it hands over ends that.
func (n *Node) leaderAlive(asker NodeID, r *RequestVote) Reason {
	switch {
	case r.Transfer && !r.Pre:
		return WhyNone
	case n.now < n.promisedTo && n.leader != asker:
		return n.rules.Sticky(WhyPromised)
	case !n.cfg.PreVote || n.leader == 0 || n.leader == asker:
		return WhyNone
	case n.role == Leader || n.now-n.heardAt < n.cfg.ElectionMin:
		return n.rules.Sticky(WhyLeaderAlive)
	}
	return WhyNone
}

// voteRequested answers a request for a vote or a pre-vote. A pre-vote changes nothing here.
func (n *Node) voteRequested(m *Message, r *RequestVote) {
	alive := n.leaderAlive(m.From, r)
	behind := n.rules.LogIsCurrent(Mark{Index: r.LastIndex, Term: r.LastTerm},
		n.rules.LastForVotes(n.log.last(), n.cutLast, n.term))
	if !r.Pre && m.Term > n.term && alive == WhyNone &&
		n.rules.TakesTerm(KindRequestVote, behind) {
		n.becomeFollower(m.Term, 0, WhyHigherTerm)
	}
	why := n.refusal(m, r, alive, behind)
	reply := &RequestVoteReply{Pre: r.Pre, ForTerm: r.ForTerm, Granted: why == WhyNone, Why: why,
		Doubtful: n.doubtful}
	note := Note{Kind: NoteVoteRefused, Why: why, Term: r.ForTerm, Peer: m.From, Pre: r.Pre,
		Index: r.LastIndex, LogTerm: r.LastTerm}
	if why != WhyNone {
		n.needed = n.needed || n.role == Learner && (why == WhyLogBehindTerm ||
			why == WhyLogBehindIndex)
		n.note(note)
		if why != WhyStaleTerm || n.rules.AnswersStaleVote() {
			n.send(m.From, reply, n.hardWrite)
		}
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
func (n *Node) refusal(m *Message, r *RequestVote, alive, behind Reason) Reason {
	if r.ForTerm < n.term {
		return WhyStaleTerm
	}
	if alive != WhyNone {
		return alive
	}
	if why := n.rules.MayGrant(n.role == Learner); why != WhyNone {
		return why
	}
	if r.ForTerm == n.term {
		if why := n.rules.MayVote(n.vote, n.leader, m.From); why != WhyNone {
			return why
		}
	}
	return behind
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
	n.count(m.From, r.Granted, r.Doubtful)
}

// count takes one server's ballot, once, and acts when the election is decided.
func (n *Node) count(voter NodeID, granted, doubtful bool) {
	b := n.ballotOf(voter)
	if b.granted {
		return
	}
	b.granted, b.doubtful = granted, doubtful
	if !granted {
		return
	}
	term := n.term
	if n.role == PreCandidate {
		term++
	}
	sure, sureOld := n.tally(func(b *ballot) bool { return b.granted && !b.doubtful })
	all, allOld := n.tally(func(b *ballot) bool { return b.granted })
	votes := uint32(all.Yes)
	n.note(Note{Kind: NoteVoteCounted, Term: term, Peer: voter, Pre: n.role == PreCandidate,
		Count: votes})
	learners := n.tallyLearners()
	all.Yes, all.Of = all.Yes+learners.Yes, all.Of+learners.Of
	switch {
	case !n.rules.Wins(sure, sureOld, all, allOld):
		if doubtful && !n.learnersAsked {
			n.askLearners()
		}
	case n.role == PreCandidate:
		n.becomeCandidate(WhyPreVoteWon)
	default:
		n.becomeLeader(votes)
	}
}

// tallyLearners counts the ballots of the members without a vote, which matter where a vote is
// doubtful.
func (n *Node) tallyLearners() (t quorum.Tally) {
	for _, id := range n.conf().Learners {
		if n.conf().Voter(id) {
			continue
		}
		t.Of++
		if n.ballotOf(id).granted {
			t.Yes++
		}
	}
	return t
}

// ballotOf finds what a server said, or begins its ballot.
func (n *Node) ballotOf(voter NodeID) *ballot {
	for i := range n.ballots {
		if n.ballots[i].voter == voter {
			return &n.ballots[i]
		}
	}
	n.ballots = append(n.ballots, ballot{voter: voter})
	return &n.ballots[len(n.ballots)-1]
}

// tally counts the ballots of which yes holds, in each half of the configuration.
func (n *Node) tally(yes func(*ballot) bool) (voters, outgoing quorum.Tally) {
	c := n.conf()
	voters.Of, outgoing.Of = len(c.Voters), len(c.Outgoing)
	for i := range n.ballots {
		b := &n.ballots[i]
		if !yes(b) {
			continue
		}
		if slices.Contains(c.Voters, b.voter) {
			voters.Yes++
		}
		if slices.Contains(c.Outgoing, b.voter) {
			outgoing.Yes++
		}
	}
	return voters, outgoing
}

// becomeLeader takes over: it knows nothing of the others' logs, and begins its term with an entry
// of its own (section 5.2, section 8).
func (n *Node) becomeLeader(votes uint32) {
	n.role, n.leader, n.needed = Leader, n.cfg.ID, false
	n.note(Note{Kind: NoteBecameLeader, Term: n.term, Count: votes})
	if n.doubtful {
		n.doubtFrom, n.doubtUntil = n.cfg.ID, n.log.lastIndex()
		n.trust(WhyAllGranted)
	}
	n.handedOver(n.cfg.ID)
	n.dropReads(WhyLostLeadership)
	n.round, n.leaseHold = 0, 0
	n.peers = n.peers[:0]
	n.matchPeers()
	n.quorumAt = n.now + n.cfg.ElectionMin
	n.preferAt, n.preferWait = n.now+n.cfg.ElectionMax, 0
	if n.rules.BeginsTerm() {
		n.create(EntryNoop, nil, WhyNewTerm)
	}
	n.heartbeatAt = n.now // the first append is the announcement
}

// checkQuorum steps down when no quorum was heard within a time-out, or when its own disk has stood
// still for so long that a leader with a working one should take over (thesis 6.2).
func (n *Node) checkQuorum() {
	n.quorumAt = n.now + n.cfg.ElectionMin
	var voters, outgoing quorum.Tally
	for i := range n.peers {
		p := &n.peers[i]
		yes := 0
		// Who was told to stand for election gets no word, and so has nothing to answer.
		if p.heard || p.id == n.cfg.ID || n.toldToStand(p) {
			yes = 1
		}
		if p.voter {
			voters.Of, voters.Yes = voters.Of+1, voters.Yes+yes
		}
		if p.outgoing {
			outgoing.Of, outgoing.Yes = outgoing.Of+1, outgoing.Yes+yes
		}
		p.heard, p.heardBefore = false, p.heard
	}
	if !n.cfg.CheckQuorum {
		return
	}
	stuck := Time(0)
	if n.durable < n.lastWrite {
		stuck = n.now - n.writeSince
	}
	switch {
	case !n.rules.Agree(voters, outgoing):
		n.note(Note{Kind: NoteQuorumLost, Term: n.term, Count: uint32(voters.Yes)})
		n.becomeFollower(n.term, 0, WhyNoQuorum)
	case n.rules.Stuck(stuck, n.cfg.ElectionMax) && len(n.conf().Voters) > 1:
		n.becomeFollower(n.term, 0, WhyWaitsForDisk)
	}
}
