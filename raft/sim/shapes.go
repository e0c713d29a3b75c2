package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// The shapes of a network that does not hear all of itself.

func (c *Cluster) cutBoth(id raft.NodeID)   { c.cutFrom(id, true) }
func (c *Cluster) cutOneWay(id raft.NodeID) { c.cutFrom(id, false) }

func (c *Cluster) cutFrom(id raft.NodeID, both bool) {
	c.inflict(trace.Command{Kind: trace.CommandCut, From: id, To: c.anybody(&c.nemesis.rand),
		Both: both})
}

func (c *Cluster) heals(raft.NodeID) { c.inflict(trace.Command{Kind: trace.CommandHealAll}) }

// halves draws two groups.
func (c *Cluster) halves(raft.NodeID) {
	r := &c.nemesis.rand
	var a, b []raft.NodeID
	for _, id := range c.members {
		if r.Below(2) == 0 {
			a = append(a, id)
		} else {
			b = append(b, id)
		}
	}
	c.inflict(trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{a, b}})
}

// shape draws one of the others: a node alone; a ring, where each hears its two neighbours; a
// bridge, two halves that hear each other through one server alone; and a ring of majorities, where
// each hears the half that follows it and no two hear the same.
func (c *Cluster) shape(id raft.NodeID) {
	r := &c.nemesis.rand
	kind, order := r.Below(4), shuffled(r, c.members)
	place := make([]int, len(c.members)+1)
	for i, other := range order {
		place[other] = i
	}
	n := len(order)
	c.letHear(func(a, b raft.NodeID) bool {
		ahead := (place[b] - place[a] + n) % n
		switch kind {
		case 0:
			return a != id && b != id
		case 1:
			return ahead == 1 || ahead == n-1
		case 2:
			return a == id || b == id || (2*place[a] < n) == (2*place[b] < n)
		}
		return min(ahead, n-ahead) <= (n+2)/4
	})
}

// letHear cuts and heals links, so that those two hear each other of whom it holds.
func (c *Cluster) letHear(hear func(a, b raft.NodeID) bool) {
	for i, a := range c.members {
		for _, b := range c.members[i+1:] {
			kind := trace.CommandCut
			if hear(a, b) {
				kind = trace.CommandHeal
			}
			if cut := kind == trace.CommandCut; c.link(a, b).Cut != cut || c.link(b, a).Cut != cut {
				c.inflict(trace.Command{Kind: kind, From: a, To: b, Both: true})
			}
		}
	}
}

func shuffled(r *rng.Rand, ids []raft.NodeID) []raft.NodeID {
	ids = slices.Clone(ids)
	for i := len(ids) - 1; i > 0; i-- {
		k := r.Below(int64(i + 1))
		ids[i], ids[k] = ids[k], ids[i]
	}
	return ids
}

// noise makes every link lossy, or clean again.
func (c *Cluster) noise(raft.NodeID) {
	r, l := &c.nemesis.rand, c.cfg.Link
	if r.Below(2) == 0 {
		l.Loss, l.Duplicate, l.Reorder = uint32(r.Below(100_000)), uint32(r.Below(50_000)),
			uint32(r.Below(100_000))
	}
	c.setAllLinks(l)
}

// linkFault makes one direction of a link slow, lossy or clogged, or clean again.
func (c *Cluster) linkFault(id raft.NodeID) {
	r, l := &c.nemesis.rand, c.cfg.Link
	other, kind := c.anybody(r), r.Below(6)
	delay, jitter := r.Between(0, 120), r.Between(0, 60)
	share := uint32(r.Below(500_000))
	if other == id {
		return
	}
	switch kind {
	case 0:
		l.Delay, l.Jitter = raft.Time(delay)*raft.Millisecond, raft.Time(jitter)*raft.Millisecond
	case 1:
		l.Loss = share
	case 2:
		l.Duplicate, l.Reorder = share, share
	case 3, 4:
		l.Clog = true
	}
	l.Cut = c.link(id, other).Cut
	c.inflictLink(id, other, l)
}

// setAllLinks makes all links alike; those that are cut or clogged stay so.
func (c *Cluster) setAllLinks(l trace.Link) {
	for _, from := range c.members {
		for _, to := range c.members {
			if from != to {
				l.Cut, l.Clog = c.link(from, to).Cut, c.link(from, to).Clog
				c.inflictLink(from, to, l)
			}
		}
	}
}

func (c *Cluster) inflictLink(from, to raft.NodeID, l trace.Link) {
	if l != c.link(from, to).Link {
		c.inflict(trace.Command{Kind: trace.CommandLink, From: from, To: to, Link: l})
	}
}
