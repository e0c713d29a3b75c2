package hub

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// What a hub keeps for viewers that come back, in bytes of events; it is kept in chunks.
const (
	historySize = 4 << 20
	chunkSize   = 32 << 10
	chunkCost   = 512 // of a chunk, beside its events
)

// chunk is a stretch of what viewers were told. One that is full is not changed any more.
type chunk struct {
	enc     trace.Encoder
	bytes   []byte
	first   uint64 // run events before it
	events  uint64
	reached raft.Time
	holds   wire.Place // the last of each whose events are in it
	outside raft.Time  // when the last event in it was that is no node's; -1 for none
	key     bool       // it begins with a key frame
	place   wire.Place // how far the hub had come at that key frame
	owed    bool       // which tells what no event did
}

// history is the newest of what viewers were told, in order.
type history struct {
	chunks []*chunk
	open   bool // the last of them takes more
	size   int
	// base is the last of each node's events that are not in the chunks, or never were, and
	// outside the time of the last event of no node that is not.
	base    wire.Place
	outside raft.Time
}

// add keeps an event, and lets the oldest go when there are too many. place is how far the hub has
// come before it.
func (h *history) add(ev *trace.Event, first uint64, place *wire.Place) {
	key := ev.Body.Kind() == trace.KindKeyFrame
	if !h.open || key || len(h.chunks[len(h.chunks)-1].bytes) >= chunkSize {
		h.shed()
		h.close()
		c := &chunk{first: first, outside: -1, key: key}
		if key {
			c.place = place.Clone()
		}
		h.chunks, h.open, h.size = append(h.chunks, c), true, h.size+chunkCost
	}
	c := h.chunks[len(h.chunks)-1]
	before := len(c.bytes)
	c.bytes = c.enc.Append(c.bytes, ev)
	h.size += len(c.bytes) - before
	c.events, c.reached = c.events+1, ev.At
	c.holds.Take(ev)
	if !key && !isNode(ev.ID.Node) {
		c.outside = ev.At
	}
}

// shed lets the oldest chunks go.
func (h *history) shed() {
	for h.size > historySize && len(h.chunks) > 0 {
		old := h.chunks[0]
		for _, id := range old.holds.Seen {
			h.base.Reach(id)
		}
		h.outside = max(h.outside, old.outside)
		h.size -= len(old.bytes) + chunkCost
		h.chunks = slices.Delete(h.chunks, 0, 1)
		h.open = h.open && len(h.chunks) > 0
	}
}

// from gives the chunks from one on, as they are now.
func (h *history) from(i int) []*chunk {
	h.close()
	return slices.Clone(h.chunks[i:])
}

// close makes the next event begin a chunk.
func (h *history) close() {
	if h.open {
		h.chunks[len(h.chunks)-1].enc = trace.Encoder{} // its tables are not small
	}
	h.open = false
}

// reaches reports whether all that lies behind a place is kept.
func (h *history) reaches(p *wire.Place, since raft.Time) bool {
	for _, id := range h.base.Seen {
		if isNode(id.Node) && !p.HasAll(id) {
			return false
		}
	}
	return since >= h.outside
}

// keyAbove gives the first chunk with a key frame that takes account of all that a place does; -1
// for none.
func (h *history) keyAbove(p *wire.Place) int {
	return slices.IndexFunc(h.chunks, func(c *chunk) bool {
		return c.key && covers(&c.place, p)
	})
}

// covers reports whether one place is as far as another, as far as nodes are concerned.
func covers(a, b *wire.Place) bool {
	return !slices.ContainsFunc(b.Seen, func(id trace.EventID) bool {
		return isNode(id.Node) && !a.HasAll(id)
	})
}

// between counts the events of nodes from one place to another that is further.
func between(from, to *wire.Place) (n uint64) {
	for _, id := range to.Seen {
		if !isNode(id.Node) || from.HasAll(id) {
			continue
		}
		n += id.N
		if was := from.Of(id.Node); was.Boot == id.Boot {
			n -= was.N
		}
	}
	return n
}

func isNode(id raft.NodeID) bool { return id != 0 && id < raft.FirstOutsider }

// note takes note of an event that viewers are told.
func (h *Hub) note(ev *trace.Event) {
	first := h.state.Events
	if ev.Body.Kind().InRun() {
		first-- // it is counted already
	}
	h.history.add(ev, first, &h.place)
	if ev.Body.Kind() == trace.KindKeyFrame {
		h.history.chunks[len(h.history.chunks)-1].owed = h.owed
		h.keyPlace = h.place.Clone()
	}
	h.place.Take(ev)
}
