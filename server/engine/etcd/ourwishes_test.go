package etcd

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
)

// Inputs that wait for an answer have a number: commands have 1, changes and transfers those from 2
// on, reads those from firstRead on.
const (
	command   raft.Ref = 1
	firstRead raft.Ref = 1 << 32
)

// ask gives a server a wish, and what it answered at once, if it did.
func (c *ours) ask(s *ourServer, wish raft.Input) (raft.Answer, bool) {
	c.asked++
	wish.Ref = command + raft.Ref(c.asked)
	c.step(s, wish)
	a, ended := c.answers[wish.Ref]
	return a, ended
}

// hear takes answers. A read may only be answered when the machine has what it relies on.
func (c *ours) hear(s *ourServer, answers []raft.Answer) {
	for _, a := range answers {
		if a.Ref >= firstRead && a.Outcome == raft.OutcomeOK && uint64(a.Index) > s.log.last {
			c.fail(s.cfg.ID, fmt.Errorf("a read at %d is answered when %d is applied", a.Index,
				s.log.last))
		}
		if _, twice := c.answers[a.Ref]; twice && a.Ref > command {
			c.fail(s.cfg.ID, fmt.Errorf("the request %d is answered twice", a.Ref))
		}
		c.answers[a.Ref] = a
	}
}

func nodeIDs(ids []int) (all []raft.NodeID) {
	for _, id := range ids {
		all = append(all, raft.NodeID(id))
	}
	return all
}

func (c *ours) change(id int, ch change) verdict {
	s := c.servers[id-1]
	if s.node == nil {
		return refused
	}
	before := s.node.Status().Config
	a, ended := c.ask(s, raft.Reconfigure(0, &raft.Change{Vote: nodeIDs(ch.vote),
		Learn: nodeIDs(ch.learn), Remove: nodeIDs(ch.remove), Joint: ch.viaJoint()}))
	if ended && a.Outcome == raft.OutcomeRefused {
		switch a.Why {
		case raft.WhyNotLeader, raft.WhyChanging, raft.WhyTransferring:
			return refused
		}
		return special // etcd takes it before an entry of its own term, or panics on it
	}
	c.step(s, raft.Wake()) // a newcomer that has caught up is found to have
	switch {
	case s.node.Status().Config != before:
		return taken
	case ended: // it is so already: etcd would have an entry for it
		return special
	}
	return delayed
}

func (c *ours) transfer(id, to int) verdict {
	s := c.servers[id-1]
	if s.node == nil {
		return refused
	}
	if st := s.node.Status(); st.Role == raft.Leader && st.Transfer != 0 {
		return special // etcd gives up the one that is under way, and begins anew
	}
	a, ended := c.ask(s, raft.Transfer(0, raft.NodeID(to)))
	switch {
	case !ended:
		s.handedAt, s.handing = s.now, 0
		return taken
	case a.Outcome == raft.OutcomeOK, a.Why == raft.WhyNotLeader, a.Why == raft.WhyNotVoter:
		return refused
	}
	return special
}

// tire lets the clock of a leader jump to where it gives up handing over: to the longest election
// time-out, which here is out of reach, after as many heartbeats as etcd waits for.
func (s *ourServer) tire() {
	if s.node.Status().Transfer == 0 {
		return
	}
	if s.handing++; s.handing == electionTicks {
		s.now = max(s.now, s.handedAt+s.cfg.ElectionMax)
	}
}

func (c *ours) read(id int, number uint64) {
	c.step(c.servers[id-1], raft.Read(firstRead+raft.Ref(number)))
}

func (c *ours) retry() {} // it does so by itself

func (c *ours) answer(number uint64) (uint64, outcome) {
	a, ended := c.answers[firstRead+raft.Ref(number)]
	switch {
	case !ended:
		return 0, open
	case a.Outcome == raft.OutcomeOK:
		return uint64(a.Index), answered
	}
	return 0, denied
}

// described gives a configuration in the words of both.
func described(packed raft.Packed) string {
	conf, err := packed.Unpack()
	if err != nil {
		return err.Error()
	}
	var c config
	for _, part := range [...]struct {
		to *[]uint64
		of []raft.NodeID
	}{{&c.voters, conf.Voters}, {&c.outgoing, conf.Outgoing}, {&c.learners, conf.Learners}} {
		for _, id := range part.of {
			*part.to = append(*part.to, uint64(id))
		}
	}
	return c.String()
}

// text gives what an entry says: the command, or the configuration in the words of both.
func text(e *raft.Entry) string {
	if e.Kind == raft.EntryConfig {
		return described(raft.Packed(e.Data))
	}
	return string(e.Data)
}
