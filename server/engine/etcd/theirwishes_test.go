package etcd

import (
	"cmp"
	"fmt"
	"slices"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/confchange"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
)

// theirRead is a read that was asked of a server of etcd.
type theirRead struct {
	number, id uint64
	tries      int
	known      bool
	index      uint64
}

// entry gives the change as etcd's entries have it.
func (ch change) entry() (cc raftpb.ConfChangeV2) {
	for _, part := range [...]struct {
		kind raftpb.ConfChangeType
		ids  []int
	}{{raftpb.ConfChangeAddNode, ch.vote}, {raftpb.ConfChangeAddLearnerNode, ch.learn},
		{raftpb.ConfChangeRemoveNode, ch.remove}} {
		for _, id := range part.ids {
			cc.Changes = append(cc.Changes,
				raftpb.ConfChangeSingle{Type: part.kind, NodeID: uint64(id)})
		}
	}
	if ch.viaJoint() {
		cc.Transition = raftpb.ConfChangeTransitionJointImplicit
	}
	return cc
}

// spelled gives a configuration in the words of both.
func spelled(cs raftpb.ConfState) string {
	return config{cs.Voters, cs.VotersOutgoing,
		slices.Concat(cs.Learners, cs.LearnersNext)}.String()
}

// after gives the configuration that a change makes of another.
func after(was raftpb.ConfState, cc raftpb.ConfChangeV2) (raftpb.ConfState, error) {
	t := tracker.MakeProgressTracker(1, 0)
	var err error
	t.Config, t.Progress, err = confchange.Restore(confchange.Changer{Tracker: t}, was)
	if err != nil {
		return was, err
	}
	c := confchange.Changer{Tracker: t}
	if cc.LeaveJoint() {
		t.Config, t.Progress, err = c.LeaveJoint()
	} else if auto, joint := cc.EnterJoint(); joint {
		t.Config, t.Progress, err = c.EnterJoint(auto, cc.Changes...)
	} else {
		t.Config, t.Progress, err = c.Simple(cc.Changes...)
	}
	if err != nil {
		return was, err
	}
	return t.ConfState(), nil
}

// changeOf gives the change that an entry holds, if it holds one.
func changeOf(e raftpb.Entry) (cc raftpb.ConfChangeV2, ok bool) {
	if e.Type != raftpb.EntryConfChangeV2 {
		return cc, false
	}
	if err := cc.Unmarshal(e.Data); err != nil {
		panic(fmt.Sprintf("the change at %d: %v", e.Index, err))
	}
	return cc, true
}

// madeConf is what an entry has made of the configuration before it. Index and term of an entry
// tell all that is before it, so that it is computed once.
type madeConf struct {
	conf raftpb.ConfState
	text string
}

func (c *theirs) makes(was raftpb.ConfState, e raftpb.Entry, cc raftpb.ConfChangeV2) madeConf {
	key := [2]uint64{e.Index, e.Term}
	made, ok := c.made[key]
	if !ok {
		conf, err := after(was, cc)
		c.must(err)
		made = madeConf{conf, spelled(conf)}
		c.made[key] = made
	}
	return made
}

// confAt gives the configuration of the log up to an index.
func (c *theirs) confAt(s *theirServer, at uint64) raftpb.ConfState {
	_, conf, err := s.storage.InitialState()
	c.must(err)
	for _, e := range c.entries(s) {
		if cc, ok := changeOf(e); ok && e.Index <= at {
			conf = c.makes(conf, e, cc).conf
		}
	}
	return conf
}

// entries gives what is saved of the log.
func (c *theirs) entries(s *theirServer) []raftpb.Entry {
	first, err := s.storage.FirstIndex()
	c.must(err)
	last, err := s.storage.LastIndex()
	c.must(err)
	if last < first {
		return nil
	}
	entries, err := s.storage.Entries(first, last+1, 1<<40)
	c.must(err)
	return entries
}

// inForce gives the configuration that a server goes by.
func inForce(s *theirServer) raftpb.ConfState {
	t := tracker.ProgressTracker{Config: s.node.Status().Config}
	return t.ConfState()
}

func (c *theirs) change(id int, ch change) verdict {
	s := c.servers[id-1]
	if !c.leads(s) {
		return refused
	}
	cc := ch.entry()
	if _, err := after(inForce(s), cc); err != nil && len(inForce(s).VotersOutgoing) == 0 {
		return special // it would panic
	}
	s.newest = raftpb.Entry{}
	if s.node.ProposeConfChange(cc) != nil {
		return refused
	}
	c.carryOut(s)
	if s.newest.Type == raftpb.EntryNormal {
		return emptied
	}
	return taken
}

// reconfigure applies a change. A leader that it takes the vote from just stops leading; ours hands
// over (thesis 4.2.2), and so does the driver for etcd.
func (c *theirs) reconfigure(s *theirServer, cc raftpb.ConfChangeV2) {
	led, progress := c.leads(s), s.node.Status().Progress
	conf := *s.node.ApplyConfChange(cc)
	if led && !c.leads(s) {
		best := slices.MaxFunc(conf.Voters, func(a, b uint64) int {
			rank := func(id uint64) uint64 {
				if p := progress[id]; p.RecentActive && p.State != tracker.StateSnapshot {
					return p.Match + 1
				}
				return 0
			}
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b, a))
		})
		if progress[best].RecentActive {
			c.queue = append(c.queue, raftpb.Message{Type: raftpb.MsgTimeoutNow, From: s.id,
				To: best, Term: s.node.BasicStatus().Term})
		}
	}
}

// named adds who gets a snapshot to those that the snapshot names, as a learner: else etcd does not
// take it. The entry that makes it one follows.
func (s *theirServer) named(m raftpb.Message) raftpb.Message {
	conf := &m.Snapshot.Metadata.ConfState
	all := slices.Concat(conf.Voters, conf.VotersOutgoing, conf.Learners)
	if !slices.Contains(all, s.id) {
		shot := *m.Snapshot
		m.Snapshot = &shot
		m.Snapshot.Metadata.ConfState.Learners = append(slices.Clone(conf.Learners), s.id)
		s.added = shot.Metadata.Index
	}
	return m
}

// unnamed gives a snapshot as it was before its receiver was added.
func (s *theirServer) unnamed(shot raftpb.Snapshot) raftpb.Snapshot {
	if shot.Metadata.Index == s.added {
		shot.Metadata.ConfState.Learners = slices.DeleteFunc(
			slices.Clone(shot.Metadata.ConfState.Learners),
			func(id uint64) bool { return id == s.id })
	}
	return shot
}

func (c *theirs) transfer(id, to int) verdict {
	s := c.servers[id-1]
	if !c.leads(s) {
		return refused
	}
	s.node.TransferLeader(uint64(to))
	begun := s.node.BasicStatus().LeadTransferee == uint64(to)
	c.carryOut(s)
	if !begun {
		return refused
	}
	return taken
}

func (c *theirs) read(id int, number uint64) {
	r := &theirRead{number: number, id: uint64(id)}
	c.reads = append(c.reads, r)
	c.askIndex(r)
}

// askIndex asks for an index to read at, by a name that was never used.
func (c *theirs) askIndex(r *theirRead) {
	s := c.servers[r.id-1]
	r.tries++
	s.node.ReadIndex([]byte(fmt.Sprintf("%d %d", r.number, r.tries)))
	c.carryOut(s)
}

// retry asks again what is not answered yet, as etcd leaves that to its host: a question that is
// lost, or that comes where no leader is known, is dropped without a word.
func (c *theirs) retry() {
	for _, r := range c.reads {
		if !r.known && c.servers[r.id-1].node != nil {
			c.askIndex(r)
		}
	}
}

// hear takes the indexes that reads may rely on.
func (c *theirs) hear(states []raft.ReadState) {
	for _, state := range states {
		var number uint64
		var try int
		_, err := fmt.Sscanf(string(state.RequestCtx), "%d %d", &number, &try)
		c.must(err)
		for _, r := range c.reads {
			if r.number == number && !r.known {
				r.known, r.index = true, state.Index
			}
		}
	}
}

func (c *theirs) answer(number uint64) (uint64, outcome) {
	for _, r := range c.reads {
		if r.number == number && r.known && c.servers[r.id-1].log.last >= r.index {
			return r.index, answered
		}
	}
	return 0, open
}
