package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// matchFact is what a leader counts for a server.
type matchFact struct {
	peer  raft.NodeID
	match raft.Index
}

// progressed takes what a leader knows of a server. It begins anew only with one that has
// restarted.
func (c *Checker) progressed(n *node, note *raft.Note) {
	if n.role != raft.Leader {
		return
	}
	was := n.matchOf(note.Peer)
	last := n.log.last().Index
	m := c.peek(note.Peer)
	switch {
	case note.Match > last || note.Next <= note.Match || note.Next > last+1:
		c.violate(matchTrue, n, say.Textf("%v counts index %d for %v and sends from %d on, and "+
			"its own log ends at %d.", n.id, note.Match, note.Peer, note.Next, last),
			[]raft.NodeID{note.Peer}, n.ledBy)
	case note.Match < was.match && (note.Match != 0 || m != nil && m.armed && !m.restarted):
		c.violate(matchTrue, n, say.Textf("%v had counted index %d for %v and counts %d now.",
			n.id, was.match, note.Peer, note.Match), []raft.NodeID{note.Peer}, n.ledBy)
	case note.Match > was.match:
		c.matchSaved(n, m, note.Match)
	}
	was.match = note.Match
}

// matchSaved looks whether a server has saved what its leader counts. One that has gone on to
// another term may have dropped it, and a doubtful one may have lost it.
func (c *Checker) matchSaved(n, m *node, match raft.Index) {
	if m == nil || !m.armed || m.term != n.term || m.mayHaveLost() {
		return
	}
	t, held := n.log.term(match)
	if held && !m.hasSaved(match, t) {
		c.violate(matchTrue, n, say.Textf("%v counts index %d of term %d for %v, which has not "+
			"saved that: its saved log ends at %d.", n.id, match, t, m.id, m.durable),
			[]raft.NodeID{m.id}, n.ledBy)
	}
}

// matchOf finds what a leader counts for a server. The pointer is good until the next new one.
func (n *node) matchOf(peer raft.NodeID) *matchFact {
	for k := range n.matches {
		if n.matches[k].peer == peer {
			return &n.matches[k]
		}
	}
	n.matches = append(n.matches, matchFact{peer: peer})
	return &n.matches[len(n.matches)-1]
}
