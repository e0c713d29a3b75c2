package world

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// near is how many events a cursor would rather fold than begin anew at a key frame.
const near = 2 * segmentEvents

// Cursor is a place in a timeline, between two events, with the state there. Forwards it folds what
// lies between; backwards it begins at the nearest key frame before. Where the timeline has
// forgotten the place, it stands at the first event that is kept.
type Cursor struct {
	t     *Timeline
	r     reader
	state *trace.State
	at    raft.Time // of the state as folded; state.At may have been set to a later moment
}

// Cursor gives a new cursor, before the first event that is kept.
func (t *Timeline) Cursor() *Cursor {
	c := &Cursor{t: t, r: reader{t: t}}
	c.SeekOrdinal(t.First())
	return c
}

// State gives the state at the cursor, to be read until the cursor moves.
func (c *Cursor) State() *trace.State { return c.state }

// Ordinal gives how many events lie before the cursor.
func (c *Cursor) Ordinal() uint64 { return c.r.next }

// SeekOrdinal goes behind the first k events, or as near as the timeline can.
func (c *Cursor) SeekOrdinal(k uint64) {
	k = min(max(k, c.t.First()), c.t.Len())
	i := c.t.segmentOf(k)
	if i < 0 {
		i = len(c.t.segments) - 1
	}
	if !c.here() || c.r.next > k || !c.goesOn(i) {
		c.begin(i)
	}
	for c.r.next < k && c.fold() {
	}
	c.state.At = c.at
}

// SeekTime goes behind all events up to a moment, that moment included. The state's At is then that
// moment.
func (c *Cursor) SeekTime(at raft.Time) {
	i := c.t.segmentAt(at)
	if !c.here() || c.at > at || !c.goesOn(i) {
		c.begin(i)
	}
	c.forward(at)
}

// Forward is SeekTime, cheapest for a moment not far ahead.
func (c *Cursor) Forward(at raft.Time) {
	if !c.here() || at < c.at || at-c.at > raft.Second {
		c.SeekTime(at)
		return
	}
	c.forward(at)
}

func (c *Cursor) forward(at raft.Time) {
	for ev := c.r.peek(); ev != nil && ev.At <= at; ev = c.r.peek() {
		c.fold()
	}
	c.state.At = max(c.at, at)
}

// Next gives the event that Step would fold, without folding it; false at the timeline's end. It is
// the cursor's until it moves.
func (c *Cursor) Next() (*trace.Event, bool) {
	if !c.here() {
		c.SeekOrdinal(c.r.next)
	}
	ev := c.r.peek()
	return ev, ev != nil
}

// Step folds one more event and gives it; false at the timeline's end.
func (c *Cursor) Step() (trace.Event, bool) {
	ev, ok := c.Next()
	if !ok {
		return trace.Event{}, false
	}
	got := *ev
	c.fold()
	c.state.At = c.at
	return got, true
}

// fold folds the next event; false if there is none.
func (c *Cursor) fold() bool {
	ev := c.r.peek()
	if ev == nil {
		return false
	}
	c.state.At = c.at
	Apply(c.state, nil, ev)
	c.at = c.state.At
	c.r.pass()
	return true
}

// here reports whether the cursor stands where it can go on from.
func (c *Cursor) here() bool {
	return c.state != nil && c.r.seg != nil && !c.r.damaged && c.r.next >= c.t.First()
}

// goesOn reports whether folding on from here to the i-th segment is cheaper than a key frame.
func (c *Cursor) goesOn(i int) bool {
	first := c.t.segments[i].first
	return c.r.next+near >= first || c.r.next >= c.t.segments[c.t.framed(i)].first
}

// begin goes to the last key frame at or before the i-th segment; -1 for a timeline without events.
func (c *Cursor) begin(i int) {
	if i < 0 {
		c.state = c.t.edge.Clone()
		c.at, c.r.seg, c.r.next, c.r.have = c.state.At, nil, 0, false
		return
	}
	g := c.t.segments[c.t.framed(i)]
	s, err := trace.DecodeState(g.frame)
	if err != nil { // it was encoded here: only damaged memory can do this
		s = &trace.State{Odd: 1}
	}
	c.state, c.at = s, s.At
	c.r.enter(g)
}

// framed gives the last segment at or before the i-th that begins with a key frame; the first one
// always does.
func (t *Timeline) framed(i int) int {
	for i > 0 && t.segments[i].frame == nil {
		i--
	}
	return i
}
