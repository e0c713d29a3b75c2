package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// snapshotTaken takes a snapshot of a server's own machine.
func (c *Checker) snapshotTaken(n *node, note *raft.Note) {
	if note.Index > n.applied {
		c.violate(snapshotsTrue, n, say.Textf("%v took a snapshot up to index %d and had applied "+
			"only up to %d.", n.id, note.Index, n.applied), nil)
	}
	c.snapshotAt(n, note)
	n.snapshot = max(n.snapshot, note.Index)
}

// snapshotInstalled takes a snapshot that came from a leader.
func (c *Checker) snapshotInstalled(n *node, note *raft.Note) {
	c.leaderReplaces(n, note.Index)
	c.snapshotAt(n, note)
	n.install(note)
	n.snapshot, n.confDue = max(n.snapshot, note.Index), true
	c.quorumHolds(n)
}

// compacted takes a cut of the log's beginning: a snapshot holds what goes.
func (c *Checker) compacted(n *node, note *raft.Note) {
	if note.Index > n.snapshot {
		c.violate(snapshotsTrue, n, say.Textf("%v dropped its log up to index %d, and its newest "+
			"snapshot stands for no more than %d.", n.id, note.Index, n.snapshot), nil)
	}
	n.log.compact(markOf(note))
}

// snapshotAt holds a snapshot against what was committed: it stands for the same prefix of the log.
func (c *Checker) snapshotAt(n *node, note *raft.Note) {
	c.stateAt(n, note.Index, 0, note.Size)
	k := c.facts.chosenAt(note.Index)
	if k < 0 {
		if note.Index > c.facts.high() && !c.facts.gap {
			c.violate(snapshotsTrue, n, say.Textf("%v has a snapshot up to index %d, and nothing "+
				"beyond %d is committed anywhere.", n.id, note.Index, c.facts.high()), nil)
		}
		return
	}
	r := &c.facts.chosen[k]
	if r.term != 0 && note.LogTerm != r.term {
		c.violate(snapshotsTrue, n, say.Textf("%v has a snapshot that ends with an entry of term "+
			"%d at index %d, where %v had committed one of term %d.", n.id, note.LogTerm,
			note.Index, r.by, r.term), []raft.NodeID{r.by}, r.event)
		return
	}
	s, known := c.facts.entries.get(note.Index, note.LogTerm)
	if known && note.Digest != 0 && s.digest != note.Digest {
		c.violate(snapshotsTrue, n, say.Textf("%v has a snapshot of another log up to index %d "+
			"than %v has.", n.id, note.Index, s.event.Node), []raft.NodeID{s.event.Node}, s.event)
	}
}

// snapshotConfig holds the configuration that a snapshot keeps against that of the log there.
func (c *Checker) snapshotConfig(n *node, s *raft.SnapshotRef) {
	if s.Index == 0 || s.Config == "" {
		return
	}
	want, by, known := c.configUpTo(n, s.Index)
	if known && want != s.Config {
		c.violate(snapshotsTrue, n, say.Textf("%v has a snapshot up to index %d with the "+
			"configuration %s, and in force there was %s.", n.id, s.Index, configText(s.Config),
			configText(want)), nil, by)
	}
}
