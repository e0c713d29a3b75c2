package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// harm is what has befallen a server's disk, as far as somebody told it.
type harm struct {
	damage trace.Damage
	by     trace.EventID
	// batch says that something is saved that the loss of the last batch would take, and torn that
	// a write was under way when the server stopped.
	batch, torn bool
	// owed is the log up to owedTo as it was saved before some of it was lost.
	owed   nodeLog
	owedTo raft.Index
}

// diskSet takes how a server's disk works from now on. Its damage is found at the next start.
func (c *Checker) diskSet(b *trace.DiskSet) {
	if n := c.peek(b.Node); n != nil && n.harm.damage != b.Disk.Damage {
		n.harm.damage, n.harm.by, n.harm.torn = b.Disk.Damage, c.at, false
	}
}

// crashed takes the end of an incarnation: a disk may tear what is being written then.
func (c *Checker) crashed(b *trace.Crashed) {
	if n := c.peek(b.Node); n != nil {
		n.harm.torn = b.Losing > 0 && n.harm.damage == trace.DamageTorn && !n.failed
	}
}

// mustDoubt reports whether a server that starts cannot know what its disk has lost.
func (h *harm) mustDoubt() bool { return h.torn || h.damage == trace.DamageTail && h.batch }

// startsDamaged takes a start from a disk that was damaged in a place that no crash explains.
func (c *Checker) startsDamaged(n *node) {
	if n.harm.damage == trace.DamageLog {
		c.violate(damageTold, n, say.Textf("The log of %v is damaged in its middle, and it has "+
			"started with what is left as if that were all.", n.id), nil, n.harm.by)
	}
}

// saysNothing takes a start without a word of doubt.
func (c *Checker) saysNothing(n *node) {
	if n.harm.mustDoubt() {
		c.violate(damageTold, n, say.Textf("The last that %v had written cannot be read, and it "+
			"goes on as if nothing could be lost.", n.id), nil, n.harm.by)
	}
}

// startedFrom ends a start: what was damaged is found.
func (h *harm) startedFrom() {
	h.batch, h.torn = h.batch && h.damage != trace.DamageTail, false
}

// doubtEnds takes a server that trusts its log again, as it holds all that its leader's held when
// that first spoke to it: what it once had saved, and its leader has, is there again.
func (c *Checker) doubtEnds(n *node, note *raft.Note) {
	owed, to := n.harm.owed, n.harm.owedTo
	n.doubtful, n.harm.owed, n.harm.owedTo = false, nodeLog{}, 0
	l := c.peek(note.Peer)
	if note.Why != raft.WhyCaughtUp || l == nil || !l.armed || l.term != n.term {
		return
	}
	if i, t := owed.agreesUpTo(&l.log, to); i != 0 && !n.hasSaved(i, t) {
		c.violate(damageTold, n, say.Textf("%v trusts its log, which ends at index %d, and its "+
			"leader %v has index %d of term %d, which %v once had saved too.", n.id,
			n.log.last().Index, l.id, i, t, n.id), []raft.NodeID{l.id}, n.harm.by, l.ledBy)
	}
}

// agreesUpTo gives the highest index up to one at which two logs have an entry of one term, and
// that; 0 where they have none that can be known.
func (l *nodeLog) agreesUpTo(other *nodeLog, to raft.Index) (raft.Index, raft.Term) {
	i := min(to, other.last().Index)
	for i > max(l.base.Index, other.base.Index) {
		own, _ := l.term(i)
		if t, _ := other.term(i); t == own && t != 0 {
			return i, t
		}
		i = max(l.runStart(i), other.runStart(i)) - 1
	}
	return 0, 0
}

// stillDoubts takes what a server must not do that may have lost what it acknowledged.
func (c *Checker) stillDoubts(n *node, what string) {
	if n.doubtful {
		c.violate(damageTold, n, say.Textf("%v may have lost what it acknowledged, and %s.", n.id,
			what), nil, n.harm.by)
	}
}
