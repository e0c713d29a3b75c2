package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// follows reports whether entries begin at the end of a log. Where they do not, nothing more can be
// said of that server.
func (c *Checker) follows(n *node, note *raft.Note) bool {
	last := n.log.last()
	if note.From == last.Index+1 && note.To >= note.From {
		return true
	}
	c.violate(logMatching, n, say.Textf("%v took entries from index %d on while its log ended at "+
		"%d.", n.id, note.From, last.Index), nil)
	n.armed = false
	return false
}

// extend makes a log longer and holds its new end against every entry of the same index and term:
// as the digest is of the whole log up to there, one comparison is enough.
func (c *Checker) extend(n *node, note *raft.Note, term raft.Term) {
	n.log.append(trace.Run{From: note.From, To: note.To, Term: term, Digest: note.Digest,
		Pos: note.Pos})
	if note.Digest == 0 {
		c.blind[logMatching] = true // this source does not tell digests
		return
	}
	s, known := c.facts.entries.get(note.To, term)
	if !known {
		c.facts.entries.put(note.To, slot{term, note.Digest, c.at})
		return
	}
	if s.digest != note.Digest {
		c.violate(logMatching, n, say.Textf("%v and %v both have an entry of term %d at index %d, "+
			"and their logs up to there differ.", s.event.Node, n.id, term, note.To),
			[]raft.NodeID{s.event.Node}, s.event)
	}
}
