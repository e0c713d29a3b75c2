package panel

import (
	"sort"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

const (
	spanLimit  = 4096 // spans that are kept for a node
	spanShown  = 200  // and that are shown
	flagLimit  = 256
	liveWindow = 120 * raft.Second
)

// lanes keeps the history of the nodes, a span at a time.
type lanes struct {
	nodes  []Lane
	faults []Fault
	flags  []Flag
}

// observe looks at the state behind an event. Most kinds of event cannot change a lane.
func (l *lanes) observe(ev *trace.Event, s *trace.State) {
	switch b := ev.Body.(type) {
	case trace.Sent, trace.Delivered, trace.Dropped, trace.Duplicated, trace.Rescheduled,
		trace.Flow, trace.Invoked, trace.Requested, trace.Answered, trace.Returned, trace.Saved,
		trace.Applied, trace.Accepted, trace.Refused, trace.Caption:
		return
	case trace.LinkSet:
		l.fault(ev.At, anyCut(s))
		return
	case trace.Violation:
		if len(l.flags) < flagLimit {
			l.flags = append(l.flags, Flag{ev.At, "violation"})
		}
		return
	case trace.KeyFrame:
		l.fault(ev.At, anyCut(s))
	case trace.Decided:
		if b.Note.Kind == raft.NoteDeadlineSet || b.Note.Kind == raft.NoteProgress {
			return
		}
	}
	for i := range s.Nodes {
		l.span(ev.At, &s.Nodes[i])
	}
}

func (l *lanes) span(at raft.Time, n *trace.NodeState) {
	lane := l.lane(n.ID)
	kind, term := kindOf(n), n.Term
	if k := len(lane.Spans); k > 0 {
		last := &lane.Spans[k-1]
		if last.Kind == kind && last.Term == term {
			return
		}
		if last.From == at { // it was so for no time at all
			last.Kind, last.Term = kind, term
			if k > 1 && lane.Spans[k-2].Kind == kind && lane.Spans[k-2].Term == term {
				lane.Spans[k-2].To = -1
				lane.Spans = lane.Spans[:k-1]
			}
			return
		}
		last.To = at
	}
	if len(lane.Spans) >= spanLimit {
		lane.Spans = append(lane.Spans[:0], lane.Spans[spanLimit/4:]...)
	}
	lane.Spans = append(lane.Spans, Span{at, -1, term, kind})
}

func (l *lanes) lane(id raft.NodeID) *Lane {
	i := sort.Search(len(l.nodes), func(i int) bool { return l.nodes[i].ID >= id })
	if i == len(l.nodes) || l.nodes[i].ID != id {
		l.nodes = append(l.nodes, Lane{})
		copy(l.nodes[i+1:], l.nodes[i:])
		l.nodes[i] = Lane{ID: id}
	}
	return &l.nodes[i]
}

func kindOf(n *trace.NodeState) SpanKind {
	switch {
	case n.Silent || (!n.Known && n.Alive):
		return SpanUnknown
	case !n.Alive && n.Boot == 0:
		return SpanUnknown
	case !n.Alive:
		return SpanDown
	case n.Paused:
		return SpanPaused
	case n.Role == raft.Leader:
		return SpanLeader
	case n.Role == raft.Candidate || n.Role == raft.PreCandidate:
		return SpanCandidate
	}
	return SpanFollower
}

// fault opens or closes the time of a cut.
func (l *lanes) fault(at raft.Time, cut bool) {
	k := len(l.faults)
	open := k > 0 && l.faults[k-1].To < 0
	switch {
	case cut && !open:
		if k >= flagLimit {
			l.faults = append(l.faults[:0], l.faults[flagLimit/4:]...)
		}
		l.faults = append(l.faults, Fault{at, -1, "cut"})
	case !cut && open:
		l.faults[k-1].To = at
	}
}

func anyCut(s *trace.State) bool {
	for i := range s.Links {
		if s.Links[i].Link.Cut {
			return true
		}
	}
	return false
}

// build cuts the part out that the page shows: all of a simulation, the last minutes of a live
// cluster.
func (v *Lanes) build(in *Input) {
	v.From, v.To = in.Clock.Start, upTo(max(in.Clock.Edge, in.Clock.Goal)-in.Clock.Start)
	if v.To += in.Clock.Start; in.Header.Kind == trace.Live {
		v.To = in.Clock.Edge
		v.From = max(v.From, v.To-liveWindow)
	}
	v.Faults, v.Marks = v.Faults[:0], v.Marks[:0]
	nodes := v.Nodes[:0]
	if in.Book == nil {
		v.Nodes = nodes
		return
	}
	l := &in.Book.lanes
	for i := range l.nodes {
		if len(nodes) < cap(nodes) {
			nodes = nodes[:len(nodes)+1]
		} else {
			nodes = append(nodes, Lane{})
		}
		nodes[i].ID = l.nodes[i].ID
		nodes[i].Spans = clip(nodes[i].Spans[:0], l.nodes[i].Spans, v.From, in.Clock.Edge)
	}
	v.Nodes = nodes
	for _, f := range l.faults {
		if f.To < 0 {
			f.To = in.Clock.Edge
		}
		if f.To >= v.From {
			f.From = max(f.From, v.From)
			v.Faults = append(v.Faults, f)
		}
	}
	for _, m := range l.flags {
		if m.At >= v.From {
			v.Marks = append(v.Marks, m)
		}
	}
}

// clip copies the last spans that reach into from to edge.
func clip(dst, all []Span, from, edge raft.Time) []Span {
	first := sort.Search(len(all), func(i int) bool { return all[i].To < 0 || all[i].To > from })
	for _, s := range all[max(first, len(all)-spanShown):] {
		if s.To < 0 {
			s.To = max(edge, s.From)
		}
		s.From = max(s.From, from)
		dst = append(dst, s)
	}
	return dst
}

// upTo gives the end of a scale with round numbers, a little beyond t.
func upTo(t raft.Time) raft.Time {
	unit := raft.Time(raft.Second)
	for {
		for _, m := range [...]raft.Time{1, 2, 3, 4, 5, 6, 8} {
			if m*unit > t {
				return m * unit
			}
		}
		unit *= 10
	}
}
