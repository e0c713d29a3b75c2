package hub

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of going on where a viewer was: how far its clock may be ahead of ours, and how long a
// hub may take to come as far as another one was.
const (
	aheadMost = 10 * raft.Second
	aheadTime = 10 * raft.Second
)

// The reasons for a gap in what a viewer is told.
const (
	whySlow = "the viewer was too slow"
	whyAway = "the viewer was away for longer than the server remembers"
)

// sieve lets through what a viewer that has come back does not have, at times that it has not
// passed.
type sieve struct {
	has   wire.Place
	since raft.Time // by the hub's clock
	own   bool      // the viewer was at this hub: it has what the hub itself told, up to its place
	live  bool      // it sifts what happens now
	gap   bool      // a gap is told, and the key frame behind it not yet
	anew  bool      // a key frame was given: what the hub told behind it is needed
	until raft.Time
}

// passes reports whether an event is for the viewer. place is how far the hub had come at a key
// frame, and owed whether that tells what no event did.
func (s *sieve) passes(ev *trace.Event, place *wire.Place, owed bool) bool {
	switch kind := ev.Body.Kind(); {
	case kind == trace.KindKeyFrame:
		return s.passesKey(ev, place, owed)
	case !isNode(ev.ID.Node) && s.own:
		return !s.has.HasAll(ev.ID)
	case !isNode(ev.ID.Node):
		return s.live || s.anew || ev.At > s.since
	case s.has.Has(ev):
		return false
	default:
		s.gap = s.gap || kind == trace.KindMissed
		return true
	}
}

// passesKey reports whether a viewer needs a key frame. One that does not know what the viewer
// knows already would take that back.
func (s *sieve) passesKey(ev *trace.Event, place *wire.Place, owed bool) bool {
	needed := s.live || s.gap || owed && !(s.own && s.has.HasAll(ev.ID))
	if !needed || !covers(place, &s.has) {
		return false
	}
	s.gap, s.anew = false, true
	return true
}

// knows reports whether nothing in a chunk is for the viewer.
func (s *sieve) knows(c *chunk) bool {
	if s.live || s.gap || s.anew || len(c.holds.Made) > 0 {
		return false
	}
	for _, id := range c.holds.Seen {
		if (isNode(id.Node) || s.own) && !s.has.HasAll(id) {
			return false
		}
	}
	return s.own || c.outside <= s.since
}

// parcel gathers events for one viewer.
type parcel struct {
	enc     trace.Encoder
	bytes   []byte
	events  uint64
	first   uint64
	reached raft.Time
}

func (p *parcel) put(ev *trace.Event) {
	p.bytes = p.enc.Append(p.bytes, ev)
	p.events++
}

// frame gives what has gathered, and begins anew.
func (p *parcel) frame(stream uint64) []byte {
	f := wire.Append(nil, stream, wire.Events{First: p.first, Reached: p.reached, N: p.events,
		Bytes: p.bytes})
	p.bytes, p.events = p.bytes[:0], 0
	p.enc.Reset()
	return f
}

// sift puts what a viewer needs of some encoded events into a parcel.
func (s *sieve) sift(events []byte, place *wire.Place, owed bool, to *parcel) {
	var dec trace.Decoder
	for len(events) > 0 {
		var ev trace.Event
		var err error
		if events, err = dec.Next(events, &ev); err != nil {
			return // nobody writes such events
		}
		if s.passes(&ev, place, owed) {
			ev.At = max(ev.At, s.since)
			to.put(&ev)
		}
	}
}

// errand brings a viewer to where the hub is, beside the hub's loop.
type errand struct {
	sieve  sieve
	missed *trace.Event // told first; nil if nothing is lost
	chunks []*chunk
	credit int64 // was taken for it
}

// cost bounds how many bytes the frames of an errand have.
func (e *errand) cost() (n int64) {
	const each, more = 256, 12 // of a frame; of an event, for what it was relative to
	n = each
	for _, c := range e.chunks {
		if !e.sieve.knows(c) {
			n += int64(len(c.bytes)) + int64(c.events)*more + each
		}
	}
	return n
}

// frames makes the frames of an errand, in order, until send fails. It gives how many bytes it has
// sent.
func (e *errand) frames(stream uint64, send func([]byte) error) (sent int64, err error) {
	var p parcel
	leave := func() {
		if p.events > 0 && err == nil {
			f := p.frame(stream)
			sent += int64(len(f))
			err = send(f)
		}
	}
	if e.missed != nil {
		p.reached = e.sieve.since
		p.put(e.missed)
	}
	for _, c := range e.chunks {
		if e.sieve.knows(c) {
			continue
		}
		if len(p.bytes)+len(c.bytes) > batchSize {
			leave()
		}
		if p.events == 0 {
			p.first = c.first
		}
		p.reached = max(c.reached, e.sieve.since)
		e.sieve.sift(c.bytes, &c.place, c.owed, &p)
	}
	leave()
	return sent, err
}

// resume lets a viewer go on where it was: it gets what it lacks, and a gap with a key frame for
// what the hub does not hold any more.
func (h *Hub) resume(v *viewer, at wire.Place) {
	since := at.Since + at.Epoch - raft.Time(h.header.Epoch)
	s := sieve{has: at, since: max(since, 0), own: int64(at.Epoch) == h.header.Epoch,
		until: h.now() + aheadTime}
	e := &errand{sieve: s}
	from := 0
	if !h.history.reaches(&at, s.since) {
		if from = h.history.keyAbove(&at); from >= 0 {
			e.sieve.gap = true
			e.missed = &trace.Event{ID: h.nextID(trace.FirstHub), At: s.since, Body: trace.Missed{
				Count: between(&at, &h.history.chunks[from].place), Why: whyAway}}
		}
	}
	if from >= 0 {
		e.chunks = h.history.from(from)
	}
	e.credit = e.cost()
	if from < 0 || s.since > h.now()+aheadMost || v.credit < e.credit || !v.offer(item{errand: e}) {
		v.missed = max(between(&at, &h.place), 1)
		h.refresh(v, whyAway)
		return
	}
	v.credit -= e.credit
	if s.live = true; !h.abreast(&s) {
		v.sieve = &s
	}
}

// abreast reports whether a hub has come as far as a viewer that has come to it, or never will.
func (h *Hub) abreast(s *sieve) bool {
	return h.given >= s.since && covers(&h.place, &s.has) || h.now() > s.until
}

// sifted gives the frame that leaves as a viewer needs it that was further than the hub is; nil for
// nothing.
func (h *Hub) sifted(v *viewer) []byte {
	p := parcel{first: h.first, reached: max(h.given, v.sieve.since)}
	v.sieve.sift(h.frame, &h.keyPlace, false, &p)
	if h.abreast(v.sieve) {
		v.sieve = nil
	}
	return p.frame(v.stream)
}
