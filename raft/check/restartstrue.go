package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// started takes a new incarnation with all that it had saved, and holds that against what was saved
// before.
func (c *Checker) started(n *node, boot uint32, s *trace.Started) {
	fresh := node{id: n.id, boot: boot, armed: true, restarted: n.boot != 0, votes: n.votes,
		campaigns: n.campaigns, echoes: n.echoes, wordFrom: n.wordFrom, deaf: n.deaf,
		term: s.Term, log: nodeLog{base: s.Base, runs: slices.Clone(s.Runs)},
		savedTerm: s.Term, savedVote: s.Vote, savedBy: c.at, applied: s.Snapshot.Index,
		snapshot: s.Snapshot.Index, starting: true,
		doubtful: n.doubtful, harm: n.harm}
	if n.armed {
		c.termAndVoteKept(n, s)
		if fresh.lost = c.logKept(n, s); fresh.lost.text != "" && fresh.harm.owedTo < n.durable {
			fresh.harm.owed, fresh.harm.owedTo = n.log, n.durable
		}
	} else {
		fresh.deaf = max(n.deaf, s.Term)
		fresh.harm = harm{damage: n.harm.damage, by: n.harm.by}
		c.facts.since = max(c.facts.since, s.Term)
		c.facts.sinceIndex = max(c.facts.sinceIndex, fresh.log.last().Index)
	}
	n.forgetVotes(s.Term, s.Vote)
	fresh.votes = n.votes
	*n = fresh
	n.durable = n.log.last().Index
	c.startsDamaged(n)
	c.logIsWhole(n, s)
	c.stateAt(n, s.Snapshot.Index, s.Snapshot.CRC, s.Snapshot.Size)
	c.configAtStart(n, s)
	c.committed(n, s.Snapshot.Index)
}

// lostLog is what a server came back without. A doubtful one says so itself, with its first words.
type lostLog struct {
	text  string
	event trace.EventID
}

// logKept compares the log behind a restart with what was saved of the log before. A disk may hold
// more than it had said.
func (c *Checker) logKept(n *node, s *trace.Started) lostLog {
	now := nodeLog{base: s.Base, runs: s.Runs}
	i := n.durable
	if i <= now.base.Index || i < n.log.base.Index {
		return lostLog{}
	}
	was, ok := n.log.term(i)
	is, held := now.term(i)
	switch {
	case ok && !held:
		return lostLog{say.Textf("%v had saved its log up to index %d and came back with a log "+
			"that ends at %d.", n.id, i, now.last().Index), c.at}
	case ok && is != was:
		return lostLog{say.Textf("%v had saved an entry of term %d at index %d and came back "+
			"with one of term %d there.", n.id, was, i, is), c.at}
	}
	return lostLog{}
}

// firstWords ends a start: a server that has not said by then that it doubts its log stands for it.
func (c *Checker) firstWords(n *node, body trace.Body) {
	if d, ok := body.(trace.Decided); ok {
		switch d.Note.Kind {
		case raft.NoteConfigured, raft.NoteBecameLearner:
			return
		case raft.NoteDoubtful:
			n.doubtful, n.starting, n.lost = true, false, lostLog{}
			n.harm.startedFrom()
			return
		}
	}
	lost := n.lost
	n.starting, n.doubtful, n.lost = false, false, lostLog{}
	if lost.text != "" {
		c.violate(restartsTrue, n, lost.text, nil, lost.event)
	}
	c.saysNothing(n)
	n.harm.startedFrom()
	c.quorumHolds(n)
}

// logIsWhole looks at a log behind a restart: it has no gaps, and each of its entries is the one
// that was made.
func (c *Checker) logIsWhole(n *node, s *trace.Started) {
	prev := s.Base
	for i := range s.Runs {
		r := &s.Runs[i]
		if r.From != prev.Index+1 || r.To < r.From || r.Term < prev.Term {
			c.violate(restartsTrue, n, say.Textf("%v came back with a log in which index %d of "+
				"term %d follows index %d of term %d.", n.id, r.From, r.Term, prev.Index,
				prev.Term), nil)
			n.armed = false
			return
		}
		prev = raft.Mark{Index: r.To, Term: r.Term}
		e, known := c.facts.entries.get(r.To, r.Term)
		if known && r.Digest != 0 && e.digest != r.Digest {
			c.violate(restartsTrue, n, say.Textf("%v came back with another log up to index %d of "+
				"term %d than %v has.", n.id, r.To, r.Term, e.event.Node),
				[]raft.NodeID{e.event.Node}, e.event)
		}
	}
	if s.Base.Index > s.Snapshot.Index {
		c.violate(snapshotsTrue, n, say.Textf("%v came back with a log that begins behind index "+
			"%d and a snapshot up to %d: what lies between is gone.", n.id, s.Base.Index,
			s.Snapshot.Index), nil)
	}
}
