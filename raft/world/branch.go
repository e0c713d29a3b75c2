package world

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Branch gives a timeline of its own that begins as this one, with its first k events, and goes on
// by itself. What is encoded is shared, as nobody changes it.
func (t *Timeline) Branch(k uint64) *Timeline {
	k = min(max(k, t.First()), t.length)
	b := &Timeline{header: t.header, limit: t.limit}
	b.events.t = b
	whole := 0 // segments that are closed, and before the place
	for whole+1 < len(t.segments) && t.segments[whole].end() <= k {
		whole++
	}
	b.length = t.First()
	for _, g := range t.segments[:whole] {
		if n := len(b.segments); n > 0 {
			b.bytes += b.segments[n-1].size() // begin counts the last one
		}
		own := *g
		b.segments, b.length = append(b.segments, &own), g.end()
	}
	c := t.Cursor()
	c.SeekOrdinal(b.length)
	b.edge = *c.State().Clone()
	b.bodies = t.bodies.Without(t.createdFrom(k))
	r := reader{t: t}
	for r.goTo(b.length); b.length < k; r.pass() {
		ev := r.peek()
		if ev == nil {
			break
		}
		b.Append(ev)
	}
	return b
}

// createdFrom lists the entries that leaders made from the k-th event on.
func (t *Timeline) createdFrom(k uint64) (created []raft.Entry) {
	r := reader{t: t}
	for r.goTo(k); ; r.pass() {
		ev := r.peek()
		if ev == nil {
			return created
		}
		if b, ok := ev.Body.(trace.Decided); ok {
			created = append(created, slices.Clone(b.Note.Entries)...)
		}
	}
}
