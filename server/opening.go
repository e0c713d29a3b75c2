package server

import "github.com/raftarium/raftarium/server/wire"

// The bounds of an opening.
const (
	openingEvents = 4096
	openingSize   = 1 << 20 // bytes
)

// opening is the first events of an incarnation, from its start on: a hub that listened to the one
// before needs some time to find the new one, and shall miss nothing of it. It is kept for as long
// as nothing of it is missing; the zero opening is empty and whole.
type opening struct {
	enc    wire.StreamEncoder
	frame  []byte
	events int
	over   bool // it had to go
}

// put takes the next event.
func (o *opening) put(it *wire.StreamItem) {
	if o.over {
		return
	}
	if o.events == 0 {
		o.frame = o.enc.Begin(o.frame)
	}
	o.frame = o.enc.Append(o.frame, it)
	if o.events++; o.events > openingEvents || len(o.frame) > openingSize {
		*o = opening{over: true}
	}
}

// tell gives a hub all of it, or nothing when it is not whole any more. The caller holds the hub's
// lock.
func (o *opening) tell(s *subscriber) {
	if o.events == 0 {
		return
	}
	var dec wire.StreamDecoder
	_, items, err := dec.Decode(o.frame, nil)
	if err != nil {
		return // nobody writes such a frame; the key frame that follows says what is so
	}
	for i := range items {
		s.add(&items[i])
	}
}
