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
	found []trace.Violation // by the event that is looked at
	at    trace.EventID     // that event
}

// New gives a checker for a source. Until a server has started, or a key frame has told its state,
// nothing is known of it.
func New(h trace.Header) *Checker {
	c := &Checker{told: map[culprit]bool{}, facts: newFacts()}
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

// nodeOf finds a server, making it known when it is new; nil for who is no server. The pointer is
// good until the next new server.
func (c *Checker) nodeOf(id raft.NodeID) *node {
	if id == 0 || id >= raft.FirstOutsider {
		return nil
	}
	// Ids are nearly always 1, 2, 3, ...
	if k := int(id) - 1; k < len(c.nodes) && c.nodes[k].id == id {
		return &c.nodes[k]
	}
	k, ok := slices.BinarySearchFunc(c.nodes, id, func(n node, id raft.NodeID) int {
		return int(int64(n.id) - int64(id))
	})
	if !ok {
		c.nodes = slices.Insert(c.nodes, k, node{id: id})
	}
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
		c.look(n, ev.Body)
	}
	return c.found
}

// look takes an event of a server of which enough is known.
func (c *Checker) look(n *node, body trace.Body) {
	switch b := body.(type) {
	case trace.Decided:
		c.decided(n, &b.Note)
	case trace.Sent:
		c.sent(n, &b.Message)
	case trace.Saved:
		n.save(&b)
	case trace.Applied:
		c.applied(n, b.From, b.To)
	case trace.Loaded:
		n.applied = b.Snapshot.Index
	case trace.Answered:
		c.acknowledged(b.Outcome, b.Index, b.Term, n.id)
	}
}

// decided dispatches a decision of a core. What a property must see before the fold moves on stands
// before it.
func (c *Checker) decided(n *node, note *raft.Note) {
	switch note.Kind {
	case raft.NoteBecameLeader:
		n.become(raft.Leader, note.Term)
		c.elected(n)
		c.electedWithVotes(n)
		c.electedComplete(n)
	case raft.NoteBecameCandidate:
		n.become(raft.Candidate, note.Term)
		c.voted(n, note.Term, n.id)
	case raft.NoteBecamePreCand:
		n.role = raft.PreCandidate // the term of the note is the one that it asks about
	case raft.NoteBecameFollower:
		n.become(raft.Follower, note.Term)
	case raft.NoteTermAdvanced:
		n.term = note.Term
	case raft.NoteVoteGranted:
		if !note.Pre {
			c.voted(n, note.Term, note.Peer)
		}
	case raft.NoteCreated:
		c.created(n, note)
	case raft.NoteAppended:
		c.appended(n, note)
	case raft.NoteTruncated:
		c.truncated(n, note)
	case raft.NoteCommitAdvanced:
		c.counted(n, note)
		c.committed(n, note.Index)
	case raft.NoteCompacted:
		n.log.compact(markOf(note))
	case raft.NoteSnapshotTaken:
		c.snapshotAt(n, note)
	case raft.NoteSnapshotInstalled:
		c.snapshotAt(n, note)
		n.install(note)
	case raft.NoteOther:
		n.armed = false // nobody knows what it says
	}
}

// sent looks at what a message promises.
func (c *Checker) sent(n *node, m *raft.Message) {
	switch b := m.Body.(type) {
	case *raft.RequestVoteReply:
		if b.Granted && !b.Pre {
			c.voteLeaves(n, m.Term, m.To)
		}
	case *raft.AppendEntriesReply:
		if b.Success {
			c.ackLeaves(n, m, b.Match)
		}
	case *raft.InstallSnapshotReply:
		if b.Installed {
			c.savedUpTo(n, m.To, b.Snapshot.Index)
		}
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
	v := trace.Violation{Check: propertySpecs[p].name, Section: propertySpecs[p].section,
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
