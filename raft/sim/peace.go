package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Peace is what comes behind the last accident: a core of servers that can elect a leader and
// commit, with links, disks and clocks that work as they should. The others are down, or in the
// core as well. It must serve soon; what it must do stands in package swarm.
type Peace struct {
	From raft.Time     // 0: it has not come
	Core []raft.NodeID // sorted; empty if what is left cannot live in peace
}

// Peace gives the peace that has come, if any.
func (c *Cluster) Peace() Peace { return c.peace }

// Status tells how a server stands; false if it is down or does not exist.
func (c *Cluster) Status(id raft.NodeID) (raft.Status, bool) {
	if !c.known(id) || c.server(id).host == nil {
		return raft.Status{}, false
	}
	return c.server(id).host.Node().Status(), true
}

// Settled gives the newest committed configuration.
func (c *Cluster) Settled() raft.Configuration { return c.unpacked(c.conf) }

// PeaceKey is what is written when peace has come.
const PeaceKey = "peace"

// resting reports whether the clients make no more requests.
func (c *Cluster) resting() bool { return c.cfg.Rest > 0 && c.now >= c.cfg.Rest }

// settle ends all accidents.
func (c *Cluster) settle() {
	core := c.core()
	c.peace = Peace{From: max(c.now, 1), Core: core}
	l := c.cfg.Link
	l.Loss, l.Duplicate, l.Reorder = 0, 0, 0
	c.setAllLinks(l)
	c.inflict(trace.Command{Kind: trace.CommandHealAll})
	for _, id := range c.members {
		s := c.server(id)
		c.inflictDisk(s, func(d *trace.Disk) { *d = trace.Disk{Damage: d.Damage} })
		if s.clock.set != (trace.NodeClock{}) {
			c.inflict(trace.Command{Kind: trace.CommandClock, Node: id})
		}
		switch {
		case !slices.Contains(core, id) && len(core) > 0:
			c.inflictAt(trace.CommandKill, id)
		case s.host == nil:
			c.inflictAt(trace.CommandRestart, id)
		case s.paused:
			c.inflictAt(trace.CommandResume, id)
		}
	}
	c.inflict(trace.Command{Kind: trace.CommandPropose, Key: PeaceKey, Value: "1"})
}

// core draws who is left in peace: all who can come back, or only so many that they can still elect
// and commit. While a change is asked for it is all of them: what will be the majority then cannot
// be told. It is nobody if too many are gone, or if one is needed that will disturb the others.
func (c *Cluster) core() []raft.NodeID {
	r := &c.nemesis.rand
	core := slices.DeleteFunc(slices.Clone(c.members), func(id raft.NodeID) bool {
		s := c.server(id)
		return s.gone != "" || s.host == nil && s.disk.set.Damage == trace.DamageLog
	})
	small, order := r.Below(2) == 0, shuffled(r, core)
	if !c.able(core) {
		return nil
	}
	drop := func(ids []raft.NodeID, may func(raft.NodeID) bool) {
		for _, id := range ids {
			less := slices.DeleteFunc(slices.Clone(core), func(o raft.NodeID) bool {
				return o == id
			})
			if may(id) && c.able(less) {
				core = less
			}
		}
	}
	if !c.cfg.Raft.PreVote {
		if drop(order, c.useless); slices.ContainsFunc(core, c.useless) {
			return nil
		}
	}
	if small && !c.changing() {
		drop(order, func(raft.NodeID) bool { return true })
	}
	return core
}

// useless reports whether a server takes no part, or soon may not. Without pre-votes such a one
// stands for election for ever and disturbs those who lead (thesis 4.2.3): whoever removes a server
// then has to stop it.
func (c *Cluster) useless(id raft.NodeID) bool {
	return slices.ContainsFunc(c.configurations(c.members), func(conf raft.Configuration) bool {
		return !slices.Contains(conf.Voters, id) && !slices.Contains(conf.Learners, id)
	})
}

// changing reports whether somebody waits for another configuration, or a leader works on one.
func (c *Cluster) changing() bool {
	for _, id := range c.members {
		if st, up := c.Status(id); up && st.Changing {
			return true
		}
	}
	return slices.ContainsFunc(c.clients, func(cl client) bool {
		return cl.person && cl.what == wantChange && c.now-cl.since < 2*c.cfg.Raft.CatchUp
	})
}

// able reports whether some servers can elect and commit whatever configuration counts for them:
// they are a majority that is not in doubt, or all members.
func (c *Cluster) able(core []raft.NodeID) bool {
	if len(core) == 0 {
		return false
	}
	in := func(id raft.NodeID) bool { return slices.Contains(core, id) }
	sure := func(id raft.NodeID) bool { return in(id) && !c.server(id).doubtful() }
	for _, conf := range c.configurations(core) {
		voters := slices.Concat(conf.Voters, conf.Outgoing, conf.Learners)
		if (!majority(conf.Voters, sure) || !majority(conf.Outgoing, sure)) &&
			slices.ContainsFunc(voters, func(id raft.NodeID) bool { return !in(id) }) {
			return false
		}
	}
	return true
}

// Able reports whether the core of the peace can still elect and commit, whatever configuration
// counts for it by now: a change that was asked for before may have given a vote to who is gone, or
// taken it from one that will disturb the others.
func (c *Cluster) Able() bool {
	return c.able(c.peace.Core) &&
		(c.cfg.Raft.PreVote || !slices.ContainsFunc(c.peace.Core, c.useless))
}

// Servers gives how many servers there are, those that are gone included. Their ids go from 1 on.
func (c *Cluster) Servers() int { return len(c.servers) }
