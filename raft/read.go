package raft

import (
	"slices"

	"github.com/raftarium/raftarium/raft/quorum"
)

// A linearizable read takes three steps, in this order (thesis 6.4): note the commit index, prove
// that this server still leads by a round of heartbeats that begins after the read came, wait until
// the machine has applied up to that index. A lease replaces the round (thesis 6.4.1). A follower
// or learner asks the leader for the index and waits for its own machine.

// read is a read that waits at the leader, for its own clients or for a follower.
type read struct {
	ref   Ref    // its own client's; 0 for a follower's
	from  NodeID // the follower that asks
	id    uint64 // by which the follower knows it
	index Index  // the commit index when it came; 0 while no entry of this term is committed
	round uint64 // the round that proves it; 0 while none has begun
}

// ask is a read that waits at a follower for the leader's index.
type ask struct {
	ref   Ref
	id    uint64 // by which the leader was asked; 0 while it was not
	since Time   // when it came
	sent  Time   // when the leader was asked last
}

// ready is a read whose index is known and waits for the machine.
type ready struct {
	ref   Ref
	index Index
	term  Term
	since Time // when its index became known
}

// roundAt remembers when a round of heartbeats was sent.
type roundAt struct {
	round uint64
	at    Time
}

// readPatience is how many of the longest election time-outs a follower's read waits for the
// leader, and for its machine.
const readPatience = 2

// maxRoundsOpen bounds the rounds whose answers are waited for; the oldest is forgotten.
const maxRoundsOpen = 64

// readAsked takes a client's read, on whatever server it reaches.
func (n *Node) readAsked() {
	why := n.mayServeRead()
	switch {
	case why != WhyNone:
		n.refuseRead(n.cause, why)
	case n.role == Leader:
		n.leaderRead(read{ref: n.cause})
	default:
		n.asks = append(n.asks, ask{ref: n.cause, since: n.now})
		n.askLeader = true
	}
}

// mayServeRead says why no read can be taken now; WhyNone if one can.
func (n *Node) mayServeRead() Reason {
	switch {
	case n.stopping:
		return WhyStopping
	case n.doubtful:
		return WhyDoubtful
	case n.leader == 0:
		return WhyNoLeader
	case n.role == Leader && n.transfer.active():
		return WhyTransferring
	case len(n.reads)+len(n.asks)+len(n.readies) >= n.cfg.MaxReads:
		return WhyTooMany
	}
	return WhyNone
}

func (n *Node) refuseRead(ref Ref, why Reason) {
	n.note(Note{Kind: NoteReadRefused, Why: why, Peer: n.leader})
	n.answer(Answer{Ref: ref, Outcome: OutcomeRefused, Why: why, Leader: n.leader})
}

// leaderRead takes a read at the leader: by the lease if one holds, else it waits for a round.
func (n *Node) leaderRead(r read) {
	if n.rules.MayRead(n.log.term(n.commit), n.term) {
		if left := n.leaseLeft(); left > 0 {
			r.index = n.commit
			n.note(Note{Kind: NoteReadConfirmed, Why: WhyLease, Index: r.index, Left: left})
			n.readConfirmed(&r)
			return
		}
	}
	n.reads = append(n.reads, r)
}

// beginReads gives the reads that came with this step their index and one common round. Until an
// entry of its own term is committed a leader's commit index may be behind, and they wait for that
// (thesis 6.4, step 1).
func (n *Node) beginReads() {
	k := len(n.reads)
	if k == 0 || n.reads[k-1].round != 0 || !n.rules.MayRead(n.log.term(n.commit), n.term) {
		return
	}
	n.beginRound()
	for ; k > 0 && n.reads[k-1].round == 0; k-- {
		n.reads[k-1].index, n.reads[k-1].round = n.commit, n.round
	}
	n.note(Note{Kind: NoteReadBegun, Index: n.commit, Round: n.round})
	n.roundAnswered() // a cluster of one has answered already
}

// beginRound begins a round of heartbeats, to be answered by those who vote. Rounds are counted by
// the leader itself: an answer proves leadership for all that came before its round was sent.
func (n *Node) beginRound() {
	n.round++
	n.rounds = append(n.rounds, roundAt{n.round, n.now})
	if len(n.rounds) > maxRoundsOpen {
		n.rounds = slices.Delete(n.rounds, 0, 1)
	}
	for i := range n.peers {
		p := &n.peers[i]
		p.ping = p.member
		if p.id == n.cfg.ID {
			p.round, p.ping = n.round, false
		}
	}
}

// roundTaken takes the round that a follower's answer belongs to.
func (n *Node) roundTaken(p *progress, round uint64) {
	if round > p.round && round <= n.round {
		p.round = round
		n.roundAnswered()
	}
}

// roundAnswered confirms the reads of the newest round that a majority has answered, and counts the
// lease from the moment when that round was sent.
func (n *Node) roundAnswered() {
	round, count := n.reachedRound()
	k := 0
	for k < len(n.rounds) && n.rounds[k].round <= round {
		n.leaseFrom = n.rounds[k].at
		k++
	}
	n.rounds = slices.Delete(n.rounds, 0, k)
	k = 0
	for k < len(n.reads) && n.reads[k].round != 0 &&
		n.rules.ReadConfirmed(n.reads[k].round, round) {
		k++
	}
	if k == 0 {
		return
	}
	last := n.reads[k-1]
	n.note(Note{Kind: NoteReadConfirmed, Why: WhyQuorumAnswered, Index: last.index,
		Round: last.round, Count: uint32(count)})
	for i := range n.reads[:k] {
		n.readConfirmed(&n.reads[i])
	}
	n.reads = slices.Delete(n.reads, 0, k)
}

func (n *Node) reachedRound() (uint64, int) {
	var buf, old [16]uint64
	voters, outgoing := buf[:0], old[:0]
	for i := range n.peers {
		p := &n.peers[i]
		if p.voter {
			voters = append(voters, p.round)
		}
		if p.outgoing {
			outgoing = append(outgoing, p.round)
		}
	}
	return quorum.ReachedBoth(voters, outgoing)
}

// readConfirmed tells the index of a read to whoever waits for it.
func (n *Node) readConfirmed(r *read) {
	if r.from == 0 {
		n.readies = append(n.readies, ready{r.ref, r.index, n.term, n.now})
		return
	}
	n.send(r.from, &ReadIndexReply{ID: r.id, Granted: true, Index: r.index}, 0)
}

// finishReads answers the reads whose index is handed out to the machine. The host answers them
// from the machine after it has applied this step's entries. One that waits for entries that do not
// come, as they do not for a server that was removed, is refused in the end.
func (n *Node) finishReads() {
	k := 0
	for _, r := range n.readies {
		if r.index > n.applying || n.installing {
			if n.now >= r.since+readPatience*n.cfg.ElectionMax {
				n.refuseRead(r.ref, WhyTimeout)
				continue
			}
			n.readies[k] = r
			k++
			continue
		}
		n.answer(Answer{Ref: r.ref, Outcome: OutcomeOK, Leader: n.leader, Index: r.index,
			Term: r.term})
	}
	n.readies = n.readies[:k]
}

// dropReads refuses all reads that wait for a leader that is gone, or that this server no longer
// is. To refuse a read is always true: it changes nothing.
func (n *Node) dropReads(why Reason) {
	for _, r := range n.reads {
		if r.from == 0 {
			n.refuseRead(r.ref, why)
		}
	}
	for _, a := range n.asks {
		n.refuseRead(a.ref, why)
	}
	n.reads, n.asks, n.rounds = n.reads[:0], n.asks[:0], n.rounds[:0]
	n.leaseFrom, n.askLeader = 0, false
}

// dropReadies refuses the reads that wait for the machine.
func (n *Node) dropReadies(why Reason) {
	for _, r := range n.readies {
		n.refuseRead(r.ref, why)
	}
	n.readies = n.readies[:0]
}

// sendAsks asks the leader for an index, once for all reads that wait and have no answer. What was
// asked and not answered within a heartbeat is asked again, by a new number, as an answer must
// belong to a question that came after the read.
func (n *Node) sendAsks() {
	if len(n.asks) == 0 || n.role == Leader || n.leader == 0 {
		return
	}
	again := n.asks[0].id != 0 && n.now-n.asks[0].sent >= n.cfg.ElectionMin
	if !n.askLeader && !again {
		return
	}
	n.askLeader = false
	k := 0
	for _, a := range n.asks {
		if n.now-a.since > readPatience*n.cfg.ElectionMax {
			n.refuseRead(a.ref, WhyTimeout)
			continue
		}
		n.asks[k] = a
		k++
	}
	n.asks = n.asks[:k]
	if k == 0 {
		return
	}
	n.readSeq++
	for i := range n.asks {
		if a := &n.asks[i]; a.id == 0 || again {
			a.id, a.sent = n.readSeq, n.now
		}
	}
	n.send(n.leader, &ReadIndex{ID: n.readSeq}, 0)
}

// readIndexAsked takes a follower's question, as leader.
func (n *Node) readIndexAsked(m *Message, r *ReadIndex) {
	why := WhyNotLeader
	if n.role == Leader {
		why = n.mayServeRead()
	}
	if why != WhyNone {
		n.note(Note{Kind: NoteReadRefused, Why: why, Peer: m.From})
		n.send(m.From, &ReadIndexReply{ID: r.ID, Why: why}, 0)
		return
	}
	n.leaderRead(read{from: m.From, id: r.ID})
}

// readIndexAnswered takes the leader's index for the reads that asked by that number.
func (n *Node) readIndexAnswered(m *Message, r *ReadIndexReply) {
	k, found := 0, false
	for _, a := range n.asks {
		switch {
		case a.id == 0 || a.id != r.ID:
			n.asks[k] = a
			k++
			continue
		case r.Granted:
			n.readies = append(n.readies, ready{a.ref, r.Index, m.Term, n.now})
		default:
			n.refuseRead(a.ref, r.Why)
		}
		found = true
	}
	n.asks = n.asks[:k]
	if !found {
		n.ignore(m, WhyNoRead)
	}
}

// leaseLeft tells how long this leader may still answer reads without asking anybody: counted from
// the sending of the newest round that a majority answered, as long as no voter can have stood for
// election or elected another, with clocks that drift apart by MaxDrift at most. A transfer ends
// the lease, also one that came to nothing, until an entry made after it is committed: then who was
// told to stand for election can no longer win by that word.
func (n *Node) leaseLeft() Time {
	if !n.cfg.LeaseReads || n.leaseFrom == 0 ||
		!n.rules.LeaseSurvives(n.transfer.active() || n.commit < n.leaseHold) {
		return 0
	}
	return n.leaseFrom + n.rules.LeaseSpan(n.cfg.ElectionMin, n.cfg.MaxDrift) - n.now
}
