package raft

import "slices"

// changing is a change of the configuration under way at the leader that was asked for it.
type changing struct {
	ref   Ref
	want  Change
	index Index // the configuration entry whose commit is waited for
	term  Term
	last  bool // with that commit the change is complete
	// newcomers catch up before they get a vote (thesis 4.2.1).
	newcomers []catchUp
}

// catchUp is one newcomer: in each round it gets what the log held when the round began.
type catchUp struct {
	id    NodeID
	round uint32
	goal  Index
	since Time // when the first round began
	began Time
	done  bool
}

// A newcomer has maxRounds rounds, and is caught up when one of them took less than the shortest
// election time-out (thesis 4.2.1).
const maxRounds = 10

// changeAsked takes a wish for another configuration, as leader.
func (n *Node) changeAsked(ch *Change) {
	if why := n.mayChange(ch); why != WhyNone {
		n.note(Note{Kind: NoteChangeRefused, Why: why, Peer: n.leader})
		n.answer(Answer{Ref: n.cause, Outcome: OutcomeRefused, Why: why, Leader: n.leader})
		return
	}
	want := n.conf().after(ch)
	if want.Pack() == n.packed() { // asked again: it is so already
		n.answer(Answer{Ref: n.cause, Outcome: OutcomeOK, Leader: n.cfg.ID, Index: n.confIndex(),
			Term: n.log.term(n.confIndex())})
		return
	}
	n.change = &changing{ref: n.cause, want: *ch}
	for _, id := range want.Voters {
		if !n.conf().Voter(id) {
			n.change.newcomers = append(n.change.newcomers, catchUp{id: id})
		}
	}
	if learn := n.conf().strangers(want.Voters); len(learn) > 0 {
		n.createConfig(n.conf().after(&Change{Learn: learn}), WhyCatchUp)
		return
	}
	n.promote()
}

// mayChange says why the configuration may not be changed now; WhyNone if it may. At most one
// change is uncommitted (thesis 4.1), and an entry of the own term is committed first, without
// which single steps are unsafe (Ongaro, raft-dev, July 2015).
func (n *Node) mayChange(ch *Change) Reason {
	if why := ch.validate(); why != WhyNone {
		return why
	}
	switch {
	case n.role != Leader:
		return WhyNotLeader
	case n.stopping:
		return WhyStopping
	case n.transfer.active():
		return WhyTransferring
	case n.change != nil || n.conf().Joint():
		return WhyChanging
	}
	why := n.rules.MayChange(n.confIndex() <= n.commit, n.log.term(n.commit) == n.term)
	if why != WhyNone {
		return why
	}
	want := n.conf().after(ch)
	switch {
	case len(want.Voters) == 0:
		return WhyNoVoters
	case len(want.Voters) > MaxMembers || len(want.Learners) > MaxMembers,
		len(n.conf().Learners)+len(n.conf().strangers(want.Voters)) > MaxMembers:
		return WhyTooMany
	}
	return WhyNone
}

// createConfig appends a configuration, which is in force at once.
func (n *Node) createConfig(conf Configuration, why Reason) {
	i := n.create(EntryConfig, []byte(conf.Pack()), why)
	n.pushConfig(i, conf, why)
	if n.change != nil {
		n.change.index, n.change.term = i, n.term
	}
}

// promote goes to the configuration that was asked for: by one step where one voter changes, else
// by joint consensus (section 6).
func (n *Node) promote() {
	c := n.change
	want := n.conf().after(&c.want)
	for k := range c.newcomers {
		p := n.peer(c.newcomers[k].id)
		if p == nil || !c.newcomers[k].done {
			return
		}
	}
	c.newcomers = nil
	if c.want.Joint || differ(n.conf().Voters, want.Voters) > 1 {
		want.Outgoing = n.conf().Voters
		n.createConfig(want, WhyChanging)
		return
	}
	c.last = true
	n.createConfig(want, WhyChanging)
}

// steerChange does what the configuration asks of a leader: newcomers catch up, a joint
// configuration is left when it is committed, and a leader that is removed hands over then.
func (n *Node) steerChange() {
	committed := n.confIndex() <= n.commit && n.log.term(n.commit) == n.term
	if c := n.change; c != nil {
		switch {
		case len(c.newcomers) > 0 && committed:
			n.steerNewcomers(c)
		case c.last && committed:
			n.endChange(OutcomeOK, WhyNone)
		}
	}
	conf := n.conf()
	if conf.Joint() && !n.transfer.active() &&
		n.rules.LeavesJoint(n.confIndex() <= n.commit, committed, n.change != nil) {
		left := Configuration{Voters: conf.Voters, Learners: conf.Learners}
		if n.change != nil {
			n.change.last = true
		}
		n.createConfig(left, WhyJointLeft)
	}
}

// steerNewcomers counts the rounds of those who catch up.
func (n *Node) steerNewcomers(c *changing) {
	for k := range c.newcomers {
		u := &c.newcomers[k]
		p := n.peer(u.id)
		if u.done || p == nil {
			continue
		}
		switch {
		case u.round == 0:
			n.beginCatchUp(u)
		case p.match >= u.goal && n.now-u.began < n.cfg.ElectionMin:
			u.done = true
		case p.match >= u.goal && u.round < maxRounds:
			n.beginCatchUp(u)
		case u.round >= maxRounds && p.match >= u.goal, n.now-u.since > n.cfg.CatchUp:
			n.note(Note{Kind: NoteChangeRefused, Why: WhyTooSlow, Peer: u.id})
			n.endChange(OutcomeRefused, WhyTooSlow)
			return
		}
	}
	if !slices.ContainsFunc(c.newcomers, func(u catchUp) bool { return !u.done }) {
		n.promote()
	}
}

func (n *Node) beginCatchUp(u *catchUp) {
	if u.round == 0 {
		u.since = n.now
	}
	u.round, u.goal, u.began = u.round+1, n.log.lastIndex(), n.now
	n.note(Note{Kind: NoteCatchUp, Peer: u.id, Index: u.goal, Count: u.round})
}

// endChange answers who asked for the change.
func (n *Node) endChange(outcome Outcome, why Reason) {
	c := n.change
	n.change = nil
	a := Answer{Ref: c.ref, Outcome: outcome, Why: why, Leader: n.leader}
	if outcome != OutcomeRefused {
		a.Index, a.Term = c.index, c.term
	}
	n.answer(a)
}

// leaveWhenRemoved ends the leadership of a server that has no vote any more: it leads on, without
// counting itself, until its removal is committed, and then hands over (thesis 4.2.2).
func (n *Node) leaveWhenRemoved() {
	settled := n.confIndex() <= n.commit && n.log.term(n.commit) == n.term
	if n.conf().Voter(n.cfg.ID) || !n.rules.LeavesLead(settled) {
		return
	}
	if p := n.bestPeer(); p != nil {
		n.send(p.id, &TimeoutNow{LastIndex: n.log.lastIndex()}, 0)
		n.note(Note{Kind: NoteTransferSent, Why: WhyRemoved, Peer: p.id, Index: n.log.lastIndex()})
	}
	n.becomeFollower(n.term, 0, WhyRemoved)
}

// settlePeers drops those who take no part any more, when the configuration without them is
// committed: with a last word, that it is.
func (n *Node) settlePeers() {
	if n.confIndex() > n.commit {
		return
	}
	gone := false
	for i := range n.peers {
		if p := &n.peers[i]; !p.member && p.id != n.cfg.ID {
			gone = true
			n.sendHeartbeat(p)
		}
	}
	if gone {
		n.matchPeers()
	}
}
