package world

import (
	"sort"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Bounds on what a state holds, whatever a source says. What is beyond goes: the oldest flights and
// requests, the newest nodes and violations.
const (
	maxNodes    = 1024
	maxLinks    = 1 << 16
	maxFlights  = 8192
	maxRequests = 4096
	maxRuns     = 1 << 16
	maxBroken   = 16
)

// How long what has ended stays in a state, for the picture. Old things are swept when the time
// passes a multiple of sweepEvery, so that the state depends on the events alone.
const (
	diedStays    = raft.Second
	requestStays = 1500 * raft.Millisecond
	sweepEvery   = 250 * raft.Millisecond
)

// Apply folds one event into a state; bodies of entries that a leader made go to b, unless b is
// nil. It takes every event, never fails, and keeps nothing of ev that its owner may change.
func Apply(s *trace.State, b *trace.Bodies, ev *trace.Event) {
	kind := trace.Kind(0)
	if ev.Body != nil {
		kind = ev.Body.Kind()
	}
	if kind.InRun() && kind != 0 {
		s.Events++
		s.Hash = trace.HashEvent(s.Hash, ev)
	}
	if ev.At > s.At {
		if ev.At/sweepEvery != s.At/sweepEvery {
			sweep(s, ev.At/sweepEvery*sweepEvery)
		}
		s.At = ev.At
	}
	applyBody(s, b, ev)
}

func applyBody(s *trace.State, b *trace.Bodies, ev *trace.Event) {
	switch body := ev.Body.(type) {
	case trace.Decided:
		decided(s, b, ev, &body.Note)
	case trace.Sent:
		sent(s, ev, &body)
	case trace.Delivered:
		touch(s, ev)
		delivered(s, &body)
	case trace.Dropped:
		touch(s, ev)
		dropped(s, ev.At, &body)
	case trace.Duplicated:
		touch(s, ev)
		duplicated(s, &body)
	case trace.Rescheduled:
		touch(s, ev)
		rescheduled(s, &body)
	case trace.Saved, trace.Applied, trace.Loaded, trace.SaveFailed, trace.Stopped:
		if n := touch(s, ev); n != nil {
			worked(n, ev)
		}
	case trace.Started, trace.Crashed, trace.Paused, trace.Resumed, trace.Silent:
		lived(s, ev)
	case trace.Invoked, trace.Requested, trace.Answered, trace.Returned:
		touch(s, ev)
		requested(s, ev)
	case trace.DiskSet:
		touch(s, ev)
		if n := nodeOf(s, body.Node); n != nil {
			n.Disk = body.Disk
		}
	case trace.ClockSet:
		touch(s, ev)
		if n := nodeOf(s, body.Node); n != nil {
			n.Clock = body.Clock
		}
	case trace.LinkSet:
		touch(s, ev)
		linkSet(s, &body)
	default:
		beside(s, b, ev)
	}
}

// beside folds what lies beside the run, and what is not understood.
func beside(s *trace.State, b *trace.Bodies, ev *trace.Event) {
	switch body := ev.Body.(type) {
	case trace.Violation:
		if len(s.Broken) < maxBroken {
			s.Broken = append(s.Broken, body)
		}
	case trace.KeyFrame:
		keyFrame(s, b, ev, &body)
	case trace.Missed:
		missed(s, ev.ID.Node, body.Count)
	case trace.Flow, trace.Accepted, trace.Refused, trace.Caption:
		// They say nothing about the state.
	case trace.Other:
		other(s, b, ev)
	default:
		odd(s, touch(s, ev))
	}
}

// other folds what is understood of an event with fields or of a kind that this version does not
// know. In a key frame the servers that are not understood are marked already.
func other(s *trace.State, b *trace.Bodies, ev *trace.Event) {
	u, ok := trace.Understood(ev)
	if _, still := u.Body.(trace.Other); !ok || still {
		odd(s, touch(s, ev))
		return
	}
	applyBody(s, b, &u)
	if u.Body.Kind() == trace.KindKeyFrame {
		s.Odd++
		return
	}
	odd(s, touch(s, ev))
}

// keyFrame replaces the state. What this viewer missed or did not understand it has still missed.
func keyFrame(s *trace.State, b *trace.Bodies, ev *trace.Event, k *trace.KeyFrame) {
	if k.State == nil {
		s.Odd++
		return
	}
	at, missed, odd := s.At, s.Missed, s.Odd
	*s = *k.State.Clone()
	s.At = max(at, ev.At)
	s.Missed, s.Odd = max(s.Missed, missed), max(s.Odd, odd)
	if b != nil {
		for i := len(k.Bodies) - 1; i >= 0; i-- {
			b.Put(k.Bodies[i])
		}
	}
}

// missed forgets what the events that are not told may have changed: of one node if it is that
// node's stream which has the gap, else of all.
func missed(s *trace.State, who raft.NodeID, count uint64) {
	s.Missed += count
	if server(who) {
		if n := nodeOf(s, who); n != nil {
			n.Known = false
		}
	} else {
		for i := range s.Nodes {
			s.Nodes[i].Known = false
		}
	}
	keep := s.Flights[:0]
	for _, f := range s.Flights {
		if f.Fate != trace.Flying || server(who) && f.Message.From != who && f.Message.To != who {
			keep = append(keep, f)
		}
	}
	clear(s.Flights[len(keep):])
	s.Flights = keep
}

// odd counts what was not understood; the node that it was about is unknown from here.
func odd(s *trace.State, n *trace.NodeState) {
	s.Odd++
	if n != nil {
		n.Known = false
	}
}

// server reports whether an id is that of a server, and not of an outsider or nobody.
func server(id raft.NodeID) bool { return id != 0 && id < raft.FirstOutsider }

// nodeOf finds a server, making an unknown one if the state has none of that id; nil for those who
// are no servers.
func nodeOf(s *trace.State, id raft.NodeID) *trace.NodeState {
	if i := int(id) - 1; i >= 0 && i < len(s.Nodes) && s.Nodes[i].ID == id {
		return &s.Nodes[i] // ids mostly count from 1 without gaps
	}
	if !server(id) {
		return nil
	}
	i := sort.Search(len(s.Nodes), func(i int) bool { return s.Nodes[i].ID >= id })
	if i < len(s.Nodes) && s.Nodes[i].ID == id {
		return &s.Nodes[i]
	}
	if len(s.Nodes) >= maxNodes {
		s.Odd++
		return nil
	}
	s.Nodes = append(s.Nodes, trace.NodeState{})
	copy(s.Nodes[i+1:], s.Nodes[i:])
	s.Nodes[i] = trace.NodeState{ID: id}
	return &s.Nodes[i]
}

// touch gives the server whose event this is; nil if it is none's, or of an incarnation that is
// over. A new incarnation that began without Started is unknown.
func touch(s *trace.State, ev *trace.Event) *trace.NodeState {
	n := nodeOf(s, ev.ID.Node)
	switch {
	case n == nil || ev.ID.Boot < n.Boot:
		return nil
	case ev.ID.Boot > n.Boot:
		forget(n)
		n.Boot, n.Known, n.LastN = ev.ID.Boot, false, 0
		n.Alive, n.Paused, n.Stays, n.Down = true, false, false, ""
	}
	n.LastN = max(n.LastN, ev.ID.N)
	n.Silent = false
	return n
}
