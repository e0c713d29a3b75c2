package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// link is one direction between two servers, with a stream of chance of its own.
type link struct {
	trace.Link
	rand rng.Rand
	last raft.Time // when the last message that keeps its order arrives
	held []item    // what came while it was clogged
}

// buildLinks makes the links that are missing, when servers are new.
func (c *Cluster) buildLinks() {
	old, k, n := c.links, c.stride, len(c.servers)+1
	c.links, c.stride = make([]link, n*n), n
	for from := 1; from < n; from++ {
		for to := 1; to < n; to++ {
			if from < k && to < k {
				c.links[from*n+to] = old[from*k+to]
				continue
			}
			c.links[from*n+to] = link{Link: c.cfg.Link,
				rand: c.rand.Split("link", uint64(from)<<32|uint64(to))}
		}
	}
}

func (c *Cluster) link(from, to raft.NodeID) *link { return &c.links[int(from)*c.stride+int(to)] }

// carry draws the fate of a message and gives the time at which it would arrive. Every message
// draws the same numbers, whatever its fate.
func (c *Cluster) carry(m raft.Message) (due raft.Time) {
	l := c.link(m.From, m.To)
	span := l.Delay + raft.Time(l.rand.Between(0, int64(l.Jitter)))
	late, lost := l.rand.Chance(int64(l.Reorder)), l.rand.Chance(int64(l.Loss))
	twice := l.rand.Chance(int64(l.Duplicate))
	again := l.Delay + raft.Time(l.rand.Between(0, int64(2*l.Jitter+l.Delay)))
	due = c.now + span
	if late {
		due += 2 * span
	} else {
		due = max(due, l.last+1) // one link keeps its order
		l.last = due
	}
	half := c.now + (due-c.now)/2
	it := item{node: m.To, msg: m, due: due}
	switch {
	case l.Cut:
		it.kind, it.why = dueDrop, uint8(trace.DropCut)
		c.plan(half, it)
	case lost:
		it.kind, it.why = dueDrop, uint8(trace.DropLoss)
		c.plan(half, it)
	default:
		it.kind = dueDeliver
		c.plan(due, it)
	}
	if twice && !l.Cut {
		it.kind, it.copy, it.due = dueCopy, 1, c.now+again
		c.plan(c.now, it)
	}
	return due
}

// duplicate lets a copy of a message go its own way.
func (c *Cluster) duplicate(it *item) {
	c.tell(trace.Network, msgID(&it.msg), trace.Duplicated{Msg: msgID(&it.msg), Copy: it.copy,
		Due: it.due})
	cp := *it
	cp.kind = dueDeliver
	c.plan(cp.due, cp)
}

// drop lets a message die.
func (c *Cluster) drop(it *item) {
	id := msgID(&it.msg)
	c.tell(trace.Network, id, trace.Dropped{Msg: id, Copy: it.copy, Why: trace.DropWhy(it.why)})
}

// clogged holds a message where its link is clogged; false if it is not.
func (c *Cluster) clogged(it *item) bool {
	l := c.link(it.msg.From, it.msg.To)
	if l.Clog {
		l.held = append(l.held, *it)
	}
	return l.Clog
}

// deliver gives a message to its addressee, if it is there.
func (c *Cluster) deliver(s *server, it *item) {
	if s.host == nil {
		it.why = uint8(trace.DropDown)
		c.drop(it)
		return
	}
	s.host.Deliver(s.clock.reads(c.now), it.msg, it.copy)
	c.do(s)
}

func msgID(m *raft.Message) trace.EventID {
	return trace.EventID{Node: m.From, Boot: m.FromBoot, N: m.ID}
}

// setLink changes one direction of a link. When it is cut, what has not passed the middle dies
// there; what has passed it arrives. When it is no longer clogged, what it held goes on together.
func (c *Cluster) setLink(from, to raft.NodeID, set trace.Link) {
	l := c.link(from, to)
	if l.Link == set {
		return
	}
	cutting, freeing := set.Cut && !l.Cut, l.Clog && !set.Clog
	l.Link = set
	c.tell(trace.Network, trace.EventID{}, trace.LinkSet{From: from, To: to, Link: set})
	if freeing {
		c.unclog(l)
	}
	if cutting {
		c.cutFlights(from, to, set.Delay/2)
	}
}

func (c *Cluster) unclog(l *link) {
	held := l.held
	l.held = nil
	for i := range held {
		it := &held[i]
		it.due = c.now + 1
		c.tell(trace.Network, msgID(&it.msg),
			trace.Rescheduled{Msg: msgID(&it.msg), Copy: it.copy, Due: it.due})
		c.plan(it.due, *it)
	}
}

// cutFlights lets die what is in the first half of its way, and what a clogged link holds.
func (c *Cluster) cutFlights(from, to raft.NodeID, half raft.Time) {
	l := c.link(from, to)
	for i := range l.held {
		l.held[i].why = uint8(trace.DropCut)
		c.drop(&l.held[i])
	}
	l.held = nil
	for i := range c.queue.items {
		it := &c.queue.items[i]
		if it.kind != dueDeliver || it.msg.From != from || it.msg.To != to {
			continue
		}
		if middle := it.at - half; middle > c.now {
			it.kind, it.why, it.at = dueDrop, uint8(trace.DropCut), middle
		}
	}
	c.queue.rebuild()
}

// cut cuts or heals one direction and leaves the rest of the link as it is.
func (c *Cluster) cut(from, to raft.NodeID, cut bool) {
	l := c.link(from, to).Link
	l.Cut = cut
	c.setLink(from, to, l)
}

// partition lets those talk to each other who stand in one group, and nobody else.
func (c *Cluster) partition(groups [][]raft.NodeID) {
	group := make([]int, len(c.servers)+1)
	for i := range group {
		group[i] = -i // alone
	}
	for g, ids := range groups {
		for _, id := range ids {
			group[id] = g + 1
		}
	}
	for _, from := range c.members {
		for _, to := range c.members {
			if from != to {
				c.cut(from, to, group[from] != group[to])
			}
		}
	}
}

// healAll makes every link whole again: none is cut or clogged.
func (c *Cluster) healAll() {
	for _, from := range c.members {
		for _, to := range c.members {
			if l := c.link(from, to).Link; from != to {
				l.Cut, l.Clog = false, false
				c.setLink(from, to, l)
			}
		}
	}
}

func cloneLinks(links []link) []link {
	c := slices.Clone(links)
	for i := range c {
		c[i].held = slices.Clone(c[i].held)
	}
	return c
}
