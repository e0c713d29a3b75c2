package world

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// A segment ends when it holds that many events or bytes.
const (
	segmentEvents = 512
	segmentBytes  = 64 << 10
)

// segment is a stretch of the timeline, encoded so that it can be read by itself. It holds next to
// no pointers: a long run must not cost the collector of garbage anything.
type segment struct {
	number  int       // of segments before it, those that are gone too
	first   uint64    // the ordinal of its first event
	count   uint64    // of events
	firstAt raft.Time // the time of its first event, and the greatest up to its end
	lastAt  raft.Time
	data    []byte    // the events
	frame   []byte    // the state before its first event, encoded; nil where it was thinned out
	lanes   []stretch // whose events it holds
}

// stretch says that a segment holds events of one incarnation, numbered from one N to another.
type stretch struct {
	node     raft.NodeID
	boot     uint32
	from, to uint64
}

// size is what a segment costs in memory, near enough.
func (g *segment) size() int { return cap(g.data) + cap(g.frame) + 24*cap(g.lanes) + 128 }

func (g *segment) end() uint64 { return g.first + g.count }

// note widens the spans for an event's id.
func (g *segment) note(id trace.EventID) {
	for i := range g.lanes {
		l := &g.lanes[i]
		if l.node == id.Node && l.boot == id.Boot {
			l.from, l.to = min(l.from, id.N), max(l.to, id.N)
			return
		}
	}
	g.lanes = append(g.lanes, stretch{id.Node, id.Boot, id.N, id.N})
}

// mayHold reports whether the event of that id may be in the segment.
func (g *segment) mayHold(id trace.EventID) bool {
	for i := range g.lanes {
		l := &g.lanes[i]
		if l.node == id.Node && l.boot == id.Boot && l.from <= id.N && id.N <= l.to {
			return true
		}
	}
	return false
}

// reader reads a timeline's events one after the other, across segments.
type reader struct {
	t       *Timeline
	seg     *segment
	off     int
	next    uint64 // the ordinal of the event that take gives
	dec     trace.Decoder
	ev      trace.Event
	have    bool // ev is the event at next
	damaged bool // what is kept cannot be read; it never happens unless memory is
}

// goTo moves to an ordinal that the timeline holds, forwards within a segment if that is cheaper.
func (r *reader) goTo(k uint64) {
	i := r.t.segmentOf(k)
	if i < 0 {
		r.seg, r.have, r.next = nil, false, k
		return
	}
	if g := r.t.segments[i]; r.seg != g || k < r.next {
		r.enter(g)
	}
	for r.next < k && r.peek() != nil {
		r.pass()
	}
}

func (r *reader) enter(g *segment) {
	r.seg, r.off, r.next, r.have, r.damaged = g, 0, g.first, false, false
	r.dec.Reset()
}

// peek gives the next event without passing it; nil at the timeline's end. The event is the
// reader's until pass.
func (r *reader) peek() *trace.Event {
	if r.have {
		return &r.ev
	}
	if r.seg == nil || r.damaged {
		return nil
	}
	for r.next >= r.seg.end() {
		i := r.t.segmentOf(r.next)
		if i < 0 {
			return nil
		}
		r.enter(r.t.segments[i])
	}
	rest, err := r.dec.Next(r.seg.data[r.off:], &r.ev)
	if err != nil {
		r.damaged = true
		return nil
	}
	r.off = len(r.seg.data) - len(rest)
	r.have = true
	return &r.ev
}

// pass goes behind the event that peek gave.
func (r *reader) pass() {
	r.have = false
	r.next++
}
