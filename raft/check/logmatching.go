package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// created takes entries that a leader made: at the end of its log, and nowhere else are there
// others of the same index and term.
func (c *Checker) created(n *node, note *raft.Note) {
	if last := n.log.last(); note.From != last.Index+1 {
		c.violate(logMatching, n, say.Textf(
			"%v made an entry at index %d while its log ended at %d.", n.id, note.From, last.Index),
			nil)
		n.armed = false
		return
	}
	c.extend(n, note, note.Term)
}

// appended takes entries that came from a leader.
func (c *Checker) appended(n *node, note *raft.Note) {
	last := n.log.last()
	if note.From != last.Index+1 || note.To < note.From {
		c.violate(logMatching, n, say.Textf(
			"%v took entries from index %d on while its log ended at %d.", n.id, note.From,
			last.Index),
			nil)
		n.armed = false
		return
	}
	if note.LogTerm < last.Term {
		c.violate(logMatching, n, say.Textf(
			"%v has an entry of term %d at index %d behind one of term %d: terms in a log never "+
				"go back.",
			n.id, note.LogTerm, note.From, last.Term), nil)
	}
	c.extend(n, note, note.LogTerm)
}

// extend makes a log longer and holds its new end against every entry of the same index and term:
// as the digest is of the whole log up to there, one comparison is enough.
func (c *Checker) extend(n *node, note *raft.Note, term raft.Term) {
	n.log.append(trace.Run{From: note.From, To: note.To, Term: term, Digest: note.Digest,
		Pos: note.Pos})
	if note.Digest == 0 {
		return // this source does not tell digests
	}
	s, known := c.facts.entries.get(note.To, term)
	if !known {
		c.facts.entries.put(note.To, slot{term, note.Digest, c.at})
		return
	}
	if s.digest != note.Digest {
		c.violate(logMatching, n, say.Textf("%v and %v both have an entry of term %d at index "+
			"%d, "+
			"and their logs up to there differ.", s.event.Node, n.id, term, note.To),
			[]raft.NodeID{s.event.Node}, s.event)
	}
}

// truncated takes a cut: never by a leader in its own log (leader append-only, Figure 3), and never
// of what is committed.
func (c *Checker) truncated(n *node, note *raft.Note) {
	if n.role == raft.Leader {
		c.violate(logMatching, n, say.Textf(
			"%v leads term %d and dropped entries %d to %d of its own log.", n.id, n.term,
			note.From,
			note.To), nil, n.ledBy)
	}
	if note.From <= n.commit {
		c.violate(stateMachineSafety, n, say.Textf(
			"%v dropped entries from index %d on although it had committed up to %d.", n.id,
			note.From,
			n.commit), nil)
	}
	n.cut(note)
}
