// Package check judges a run while it is watched: each safety property of Raft is a fold over the
// events of all servers, in their order. It says which two facts contradict each other.
//
// A Checker keeps what the events say of each server (nodelog.go, node.go) and what holds for all
// of them at once (facts.go); each property reads from these and stands in a file of its own. It
// takes events of every source and never trusts them: what a source did not tell is not judged.
package check

import (
	"maps"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// culprit is a server that broke a property. It is told once.
type culprit struct {
	property property
	id       raft.NodeID
}

// Checker folds events into verdicts. It is not safe for use by several goroutines at once.
type Checker struct {
	nodes []node // by id; the members, and who else speaks as a server
	facts facts
	told  map[culprit]bool
	first [properties]*trace.Violation
	blind [properties]bool  // something that it needs was not told
	found []trace.Violation // by the event that is looked at
	at    trace.EventID     // that event
}

// New gives a checker for a source. Until a server has started, or a key frame has told its state,
// nothing is known of it.
func New(h trace.Header) *Checker {
	c := &Checker{told: map[culprit]bool{}}
	for i := range h.Members {
		c.nodeOf(h.Members[i].ID)
	}
	return c
}

// Clone copies a checker; the copy goes on by itself.
func (c *Checker) Clone() *Checker {
	d := *c
	d.nodes = slices.Clone(c.nodes)
	for i := range d.nodes {
		d.nodes[i].clone()
	}
	d.facts = c.facts.clone()
	d.told, d.found = maps.Clone(c.told), nil
	return &d
}

// peek finds a server; nil when nothing is known of it. The pointer is good until the next new
// server.
func (c *Checker) peek(id raft.NodeID) *node {
	// Ids are nearly always 1, 2, 3, ...
	if k := int(id) - 1; k >= 0 && k < len(c.nodes) && c.nodes[k].id == id {
		return &c.nodes[k]
	}
	if k, ok := c.placeOf(id); ok {
		return &c.nodes[k]
	}
	return nil
}

func (c *Checker) placeOf(id raft.NodeID) (int, bool) {
	return slices.BinarySearchFunc(c.nodes, id, func(n node, id raft.NodeID) int {
		return int(int64(n.id) - int64(id))
	})
}

// nodeOf finds a server, making it known when it is new; nil for who is no server. The pointer is
// good until the next new server.
func (c *Checker) nodeOf(id raft.NodeID) *node {
	if id == 0 || id >= raft.FirstOutsider {
		return nil
	}
	if n := c.peek(id); n != nil {
		return n
	}
	k, _ := c.placeOf(id)
	c.nodes = slices.Insert(c.nodes, k, node{id: id})
	return &c.nodes[k]
}

// Observe takes the next event and gives the violations that it shows, mostly none. They are the
// caller's.
func (c *Checker) Observe(ev *trace.Event) []trace.Violation {
	c.found, c.at = nil, ev.ID
	n := c.nodeOf(ev.ID.Node)
	switch b := ev.Body.(type) {
	case trace.Missed:
		c.missed(n)
		return nil
	case trace.KeyFrame:
		c.keyFrame(b.State)
		return nil
	case trace.Returned:
		c.acknowledged(b.Outcome, b.Index, b.Term, ev.ID.Node)
		return c.found
	case trace.DiskSet:
		c.diskSet(&b)
		return nil
	case trace.Crashed:
		c.crashed(&b)
		return nil
	case trace.Flow:
		c.blind[appendsTrue], c.blind[acksTrue], c.blind[readsProven] = true, true, true
		return nil
	}
	if n == nil {
		return nil
	}
	if ev.How == trace.Inferred {
		c.missed(n) // what led to it was not told either: a vote, a save
		return nil
	}
	if b, ok := ev.Body.(trace.Started); ok {
		c.started(n, ev.ID.Boot, &b)
		return c.found
	}
	if ev.ID.Boot != n.boot {
		if ev.ID.Boot > n.boot {
			n.armed, n.boot = false, ev.ID.Boot // its start was not told
		}
		return nil
	}
	if n.armed {
		c.look(n, ev)
	}
	return c.found
}

// look takes an event of a server of which enough is known.
func (c *Checker) look(n *node, ev *trace.Event) {
	if n.starting {
		c.firstWords(n, ev.Body)
	}
	switch b := ev.Body.(type) {
	case trace.Decided:
		c.decided(n, &b.Note)
	case trace.Sent:
		if n.confDue {
			c.configSettled(n)
		}
		c.sent(n, &b.Message)
	case trace.Saved:
		if n.confDue {
			c.configSettled(n)
		}
		n.save(&b)
		n.savedBy, n.harm.batch = c.at, true
	case trace.SaveFailed:
		n.failed = true
	case trace.Applied:
		c.applied(n, b.From, b.To)
		c.stateAt(n, b.To, b.CRC, 0)
	case trace.Loaded:
		c.snapshotConfig(n, &b.Snapshot)
		n.applied = b.Snapshot.Index
		c.stateAt(n, b.Snapshot.Index, b.Snapshot.CRC, b.Snapshot.Size)
	case trace.Delivered:
		if c.facts.asked && n.role == raft.Leader {
			c.indexQuestion(n, b.Msg)
		}
	case trace.Requested:
		c.requested(n, ev.ID.N, &b)
	case trace.Answered:
		c.answered(n, ev.Cause, &b)
	}
}

// decided dispatches a decision of a core. What a property must see before the fold moves on stands
// before it.
func (c *Checker) decided(n *node, note *raft.Note) {
	switch note.Kind {
	case raft.NoteTermAdvanced:
		c.termTo(n, note.Term, true)
	case raft.NoteBecameFollower, raft.NoteBecameLearner, raft.NoteBecamePreCand,
		raft.NoteBecameCandidate, raft.NoteBecameLeader, raft.NoteVoteGranted:
		c.decidedElection(n, note)
	case raft.NoteVoteRefused:
		n.needed = n.needed || n.role == raft.Learner && (note.Why == raft.WhyLogBehindTerm ||
			note.Why == raft.WhyLogBehindIndex)
	case raft.NoteCreated:
		c.created(n, note)
	case raft.NoteAppended:
		n.needed = false
		c.appended(n, note)
	case raft.NoteTruncated:
		c.truncated(n, note)
	case raft.NoteProgress:
		c.progressed(n, note)
	case raft.NoteCommitAdvanced:
		c.counted(n, note)
		c.committed(n, note.Index)
	case raft.NoteMessageIgnored:
		c.ignored(n, note)
	case raft.NoteCompacted:
		c.compacted(n, note)
	case raft.NoteSnapshotTaken:
		c.snapshotTaken(n, note)
	case raft.NoteSnapshotInstalled:
		c.snapshotInstalled(n, note)
	default:
		c.decidedMore(n, note)
	}
}

// decidedElection dispatches what is decided about roles and votes.
func (c *Checker) decidedElection(n *node, note *raft.Note) {
	switch note.Kind {
	case raft.NoteBecameFollower:
		c.termTo(n, note.Term, false)
		n.role = raft.Follower
	case raft.NoteBecameLearner:
		c.termTo(n, note.Term, false)
		n.role = raft.Learner
	case raft.NoteBecamePreCand:
		n.role = raft.PreCandidate // the term of the note is the one that it asks about
		c.standing(n)
	case raft.NoteBecameCandidate:
		c.termTo(n, note.Term, true)
		n.role = raft.Candidate
		c.standing(n)
		c.voted(n, note.Term, n.id)
	case raft.NoteBecameLeader:
		c.termTo(n, note.Term, false)
		n.role, n.matches, n.rounds, n.provenFrom = raft.Leader, n.matches[:0], n.rounds[:0], 0
		n.leaseFrom = 0
		c.elected(n)
		c.ownVoteCounts(n)
		c.electedByQuorum(n)
		c.electedComplete(n)
	case raft.NoteVoteGranted:
		if !note.Pre {
			c.termTo(n, note.Term, false)
			c.voted(n, note.Term, note.Peer)
			c.voteIsLawful(n, note.Term, note.Peer)
		}
	}
}

// decidedMore dispatches what is decided rarely.
func (c *Checker) decidedMore(n *node, note *raft.Note) {
	switch note.Kind {
	case raft.NoteConfigured:
		c.takeConfig(n, note.Config, note.Index)
	case raft.NoteReadBegun:
		c.readBegins(n, note)
	case raft.NoteReadConfirmed:
		c.readConfirmed(n, note)
	case raft.NoteTransferBegun:
		c.transferBegins(n, note)
	case raft.NoteTransferSent:
		c.transferSent(n, note)
	case raft.NoteTransferEnded:
		c.transferEnds(n, note)
	case raft.NoteDoubtful:
		n.doubtful = true
	case raft.NoteTrusted:
		c.doubtEnds(n, note)
	case raft.NoteOther:
		n.armed = false // nobody knows what it says
	}
}

// sent looks at what a message promises.
func (c *Checker) sent(n *node, m *raft.Message) {
	c.termOfMessage(n, m)
	switch b := m.Body.(type) {
	case *raft.AppendEntries:
		c.appendLeaves(n, m, b)
	case *raft.AppendEntriesReply:
		if b.Round != 0 {
			n.echo(m.Term, m.To, b.Round)
		}
		if b.Success {
			c.ackLeaves(n, m, b.Match)
		}
	case *raft.RequestVote:
		c.voteRequestLeaves(n, m, b)
	case *raft.RequestVoteReply:
		if b.Granted && !b.Doubtful {
			c.stillDoubts(n, "gave its vote without a word of that")
		}
		if b.Granted && !b.Pre {
			c.voteLeaves(n, m.Term, m.To)
		}
	case *raft.InstallSnapshotReply:
		if b.Installed && m.Term == n.term {
			c.savedUpTo(n, m.To, b.Snapshot.Index)
		}
	case *raft.ReadIndex:
		c.indexAsked(n, b.ID)
	case *raft.ReadIndexReply:
		c.indexTold(n, m.To, b)
	}
}

// violate tells a violation, once for each property and culprit.
func (c *Checker) violate(p property, n *node, text string, others []raft.NodeID,
	facts ...trace.EventID) {
	who := culprit{p, n.id}
	if c.told[who] {
		return
	}
	c.told[who] = true
	v := trace.Violation{Check: propertySpecs[p].Name, Section: propertySpecs[p].Section,
		Text: text}
	for _, id := range append(facts, c.at) {
		if !id.None() && !slices.Contains(v.Evidence, id) {
			v.Evidence = append(v.Evidence, id)
		}
	}
	v.Nodes = append(v.Nodes, n.id)
	for _, id := range others {
		if !slices.Contains(v.Nodes, id) {
			v.Nodes = append(v.Nodes, id)
		}
	}
	c.found = append(c.found, v)
	if c.first[p] == nil {
		c.first[p] = &v
	}
}
