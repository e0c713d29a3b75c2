package world

import (
	"slices"
	"sort"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// DefaultBytes is how many bytes a timeline keeps unless it is told otherwise.
const DefaultBytes = 192 << 20

// Key frames: every segment of the newest keepAll begins with one, and of those before only one in
// thinBy, so that a seek folds a few thousand events at most.
const (
	keepAll = 64
	thinBy  = 8
)

// Timeline keeps the events of a run, encoded, and the state at its edge. Ordinals count the events
// from 0, those beside the run too. When it holds more than its bound the oldest events go, and
// history then starts later. It is not safe for use by several goroutines at once.
//
// A branch is a timeline of its own that begins as another one (branch.go).
type Timeline struct {
	header   trace.Header
	edge     trace.State
	bodies   trace.Bodies
	segments []*segment
	length   uint64
	bytes    int // what the segments cost, the last one's growth not counted
	limit    int
	enc      trace.Encoder
	events   reader // of Event and Find
}

// NewTimeline gives an empty timeline of a source. Its servers are unknown until they start or a
// key frame tells of them.
func NewTimeline(h trace.Header) *Timeline {
	t := &Timeline{header: h, limit: DefaultBytes}
	for _, m := range h.Members {
		nodeOf(&t.edge, m.ID)
	}
	t.events.t = t
	return t
}

// Limit bounds what the timeline keeps, in bytes; the newest events stay in any case.
func (t *Timeline) Limit(bytes int) { t.limit = bytes }

// Header gives the header of the source.
func (t *Timeline) Header() *trace.Header { return &t.header }

// Append takes the next event: it moves the edge and keeps the event.
func (t *Timeline) Append(ev *trace.Event) {
	k := len(t.segments) - 1
	if k < 0 || t.segments[k].count >= segmentEvents || len(t.segments[k].data) >= segmentBytes {
		t.begin()
		k = len(t.segments) - 1
	}
	g := t.segments[k]
	g.data = t.enc.Append(g.data, ev)
	g.note(ev.ID)
	g.count++
	t.length++
	Apply(&t.edge, &t.bodies, ev)
	if g.count == 1 {
		g.firstAt = t.edge.At
	}
	g.lastAt = t.edge.At
}

// begin closes the last segment and opens the next, with a key frame of the state at the edge.
func (t *Timeline) begin() {
	number := 0
	if k := len(t.segments) - 1; k >= 0 {
		g := t.segments[k]
		g.data, g.lanes = slices.Clone(g.data), slices.Clone(g.lanes) // without room for more
		t.bytes += g.size()
		number = g.number + 1
		if len(t.segments) > keepAll {
			t.thin(len(t.segments) - keepAll - 1)
		}
		t.forget()
	}
	frame := trace.AppendState(nil, &t.edge)
	t.enc.Reset()
	t.segments = append(t.segments, &segment{number: number, first: t.length,
		frame: slices.Clone(frame), data: make([]byte, 0, 16<<10)})
}

// thin drops the key frame of the i-th segment, unless it is the first one or one in thinBy.
func (t *Timeline) thin(i int) {
	g := t.segments[i]
	if i == 0 || g.frame == nil || g.number%thinBy == 0 {
		return
	}
	t.bytes -= cap(g.frame)
	g.frame = nil
}

// forget drops the oldest segments while there are too many bytes, up to one with a key frame.
func (t *Timeline) forget() {
	for t.bytes > t.limit {
		k := 1
		for k < len(t.segments) && t.segments[k].frame == nil {
			k++
		}
		if k >= len(t.segments) {
			return
		}
		for _, g := range t.segments[:k] {
			t.bytes -= g.size()
		}
		t.segments = slices.Delete(t.segments, 0, k)
	}
}

// Edge gives the state behind the last event, to be read and not kept.
func (t *Timeline) Edge() *trace.State { return &t.edge }

// Bodies gives what is known of the entries, at any moment.
func (t *Timeline) Bodies() *trace.Bodies { return &t.bodies }

// Len gives the ordinal one past the last event.
func (t *Timeline) Len() uint64 { return t.length }

// First gives the ordinal of the first event that is still kept; above 0, history starts there.
func (t *Timeline) First() uint64 {
	if len(t.segments) == 0 {
		return 0
	}
	return t.segments[0].first
}

// Start gives the time of the first event that is still kept.
func (t *Timeline) Start() raft.Time {
	if len(t.segments) == 0 {
		return 0
	}
	return t.segments[0].firstAt
}

// segmentOf gives the place of the segment that holds an ordinal; -1 for none.
func (t *Timeline) segmentOf(k uint64) int {
	i := sort.Search(len(t.segments), func(i int) bool { return t.segments[i].end() > k })
	if i == len(t.segments) || k < t.segments[i].first {
		return -1
	}
	return i
}

// Event gives the event of an ordinal; false if the timeline does not hold it. Going upwards from
// one ordinal to the next is cheap.
func (t *Timeline) Event(k uint64) (trace.Event, bool) {
	t.events.goTo(k)
	if ev := t.events.peek(); ev != nil && t.events.next == k {
		return *ev, true
	}
	return trace.Event{}, false
}

// At gives the time of the event of an ordinal, or that of the edge for an ordinal beyond it.
func (t *Timeline) At(k uint64) raft.Time {
	if ev, ok := t.Event(max(k, t.First())); ok {
		return ev.At
	}
	return t.edge.At
}

// Find gives the ordinal of an event, to follow causes; false if it is not here. Newer events are
// found sooner.
func (t *Timeline) Find(id trace.EventID) (k uint64, ok bool) {
	if id.None() {
		return 0, false
	}
	for i := len(t.segments) - 1; i >= 0; i-- {
		g := t.segments[i]
		if !g.mayHold(id) {
			continue
		}
		r := reader{t: t}
		r.enter(g)
		for r.next < g.end() {
			ev := r.peek()
			if ev == nil {
				break
			}
			if ev.ID == id {
				return r.next, true
			}
			r.pass()
		}
	}
	return 0, false
}

// segmentAt gives the place of the segment in which a moment lies: the first one that goes beyond
// it, else the last one; -1 if there is none.
func (t *Timeline) segmentAt(at raft.Time) int {
	i := sort.Search(len(t.segments), func(i int) bool { return t.segments[i].lastAt > at })
	return min(i, len(t.segments)-1)
}

// OrdinalAt gives how many events there are up to a moment, that moment included: where SeekTime
// goes.
func (t *Timeline) OrdinalAt(at raft.Time) uint64 {
	i := t.segmentAt(at)
	if i < 0 {
		return 0
	}
	g := t.segments[i]
	switch {
	case g.firstAt > at:
		return g.first
	case g.lastAt <= at:
		return t.length
	}
	r := reader{t: t}
	r.enter(g)
	for ev := r.peek(); ev != nil && ev.At <= at; ev = r.peek() {
		r.pass()
	}
	return r.next
}
