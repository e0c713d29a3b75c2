package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// mostVoters and mostServers bound how far the accidents let a cluster grow.
const (
	mostVoters  = 7
	mostServers = 14
)

// reconfigures asks for another configuration that makes sense: what is asked for can go on when
// those are gone that are gone by now.
func (c *Cluster) reconfigures(id raft.NodeID) {
	r := &c.nemesis.rand
	if c.lateForChange() {
		return
	}
	conf := c.unpacked(c.conf)
	kind, joint, more := r.Below(7), r.Below(3) == 0, c.anybody(r)
	ch := raft.Change{Joint: joint}
	next := raft.NodeID(len(c.servers) + 1)
	switch {
	case kind == 0 && int(next) <= mostServers:
		ch.Learn = []raft.NodeID{next}
	case kind == 1 && int(next) <= mostServers && len(conf.Voters) < mostVoters:
		ch.Vote = []raft.NodeID{next}
	case kind == 2 && conf.Voter(id):
		ch.Learn = []raft.NodeID{id}
	case kind == 6 && conf.Voter(c.bestLeader()):
		ch.Remove = []raft.NodeID{c.bestLeader()}
	case kind == 3 && id != more:
		c.swap(&ch, &conf, id, more)
	case conf.Voter(id):
		ch.Remove = []raft.NodeID{id}
	case len(conf.Voters) < mostVoters:
		ch.Vote = []raft.NodeID{id}
	default:
		return
	}
	if c.sensible(&conf, &ch) {
		c.inflict(trace.Command{Kind: trace.CommandChange, Change: ch})
	}
}

// lateForChange reports whether rest is so close that a change may not be over by then. Without
// pre-votes who is removed is stopped then, and it must be known who that is.
func (c *Cluster) lateForChange() bool {
	return c.cfg.Rest > 0 && !c.cfg.Raft.PreVote && c.cfg.Rest-c.now < 2*c.cfg.Raft.CatchUp
}

// swap turns two servers round: who votes leaves, who does not votes.
func (c *Cluster) swap(ch *raft.Change, conf *raft.Configuration, a, b raft.NodeID) {
	for _, id := range [...]raft.NodeID{a, b} {
		if conf.Voter(id) {
			ch.Remove = append(ch.Remove, id)
		} else {
			ch.Vote = append(ch.Vote, id)
		}
	}
	slices.Sort(ch.Vote)
	slices.Sort(ch.Remove)
}

// sensible reports whether, behind a change, those that are weak now are less than half of the
// voters.
func (c *Cluster) sensible(conf *raft.Configuration, ch *raft.Change) bool {
	left, strong := 0, 0
	for _, id := range slices.Concat(conf.Voters, ch.Vote) {
		if slices.Contains(ch.Remove, id) || slices.Contains(ch.Learn, id) {
			continue
		}
		left++
		if !c.known(id) || !c.server(id).weak() {
			strong++
		}
	}
	return left > 0 && 2*strong > left
}
