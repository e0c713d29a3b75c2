package sim

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// link is one direction between two servers, with a stream of chance of its own.
type link struct {
	trace.Link
	rand rng.Rand
	last raft.Time // when the last message that keeps its order arrives
}

func (c *Cluster) buildLinks() {
	n := c.cfg.Nodes + 1
	c.links = make([]link, n*n)
	for from := 1; from < n; from++ {
		for to := 1; to < n; to++ {
			c.links[from*n+to] = link{Link: c.cfg.Link,
				rand: c.rand.Split("link", uint64(from)<<32|uint64(to))}
		}
	}
}

func (c *Cluster) link(from, to raft.NodeID) *link {
	return &c.links[int(from)*(c.cfg.Nodes+1)+int(to)]
}

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

// deliver gives a message to its addressee, if it is there.
func (c *Cluster) deliver(s *server, it *item) {
	if s.host == nil {
		it.why = uint8(trace.DropDown)
		c.drop(it)
		return
	}
	s.host.Deliver(c.now, it.msg, it.copy)
	s.host.Do(c.now)
}

func msgID(m *raft.Message) trace.EventID {
	return trace.EventID{Node: m.From, Boot: m.FromBoot, N: m.ID}
}

// setLink changes one direction of a link. When it is cut, what has not passed the middle dies
// there; what has passed it arrives.
func (c *Cluster) setLink(from, to raft.NodeID, l trace.Link) {
	old := c.link(from, to)
	if old.Link == l {
		return
	}
	cutting := l.Cut && !old.Cut
	old.Link = l
	c.tell(trace.Network, trace.EventID{}, trace.LinkSet{From: from, To: to, Link: l})
	if !cutting {
		return
	}
	for i := range c.queue.items {
		it := &c.queue.items[i]
		if it.kind != dueDeliver || it.msg.From != from || it.msg.To != to {
			continue
		}
		if middle := it.at - l.Delay/2; middle > c.now {
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
