package server

import (
	"slices"
	"sync"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of a stream, in bytes: a hub for which streamLimit waits misses events, until it has
// taken all that waits; then it gets a key frame. maxBody is the longest body of an entry that the
// stream carries, keyFrameBodies what a key frame carries of them in all.
const (
	streamLimit    = 2 << 20
	maxBody        = 64 << 10
	keyFrameBodies = 1 << 20
)

// recorder takes the events of a node and hands them to the hubs that listen. With nobody listening
// it only folds what a key frame will need.
type recorder struct {
	node     *node
	withhold bool
	state    trace.State   // of this node, from its own events
	received *raft.Message // what is being delivered just now
	opening  opening
	subs     []*subscriber
	streams  sync.WaitGroup // of the subscribers' goroutines; the loop adds to it
}

// subscriber is one hub that listens. The node loop fills it, a goroutine of its own empties it.
type subscriber struct {
	mu     sync.Mutex
	enc    wire.StreamEncoder
	frame  []byte // begun, and not yet taken
	missed uint64 // events that found no room
	news   bool   // since the last flush
	over   bool   // nothing more will come
	wake   chan struct{}
}

func newSubscriber() *subscriber { return &subscriber{wake: make(chan struct{}, 1)} }

// record takes the next event. Messages and requests are no part of what a key frame of one node
// holds.
func (r *recorder) record(ev *trace.Event) {
	switch ev.Body.(type) {
	case trace.Sent, trace.Delivered, trace.Dropped, trace.Requested, trace.Answered, trace.LinkSet:
	default:
		world.Apply(&r.state, nil, ev)
	}
	if len(r.subs) == 0 && r.opening.over {
		return
	}
	it := wire.StreamItem{Event: r.cut(ev)}
	if _, ok := ev.Body.(trace.Delivered); ok && r.received != nil {
		m, bytes := trace.Cut(*r.received)
		it.Received, it.Bytes = &m, bytes
	}
	r.opening.put(&it)
	for _, s := range r.subs {
		s.put(&it)
	}
}

// cut leaves out of an event the bodies and values that the stream does not carry.
func (r *recorder) cut(ev *trace.Event) trace.Event {
	c := *ev
	switch b := c.Body.(type) {
	case trace.Requested:
		if r.withhold {
			b.Value = ""
			c.Body = b
		}
	case trace.Decided:
		if slices.ContainsFunc(b.Note.Entries, r.tooMuch) {
			b.Note.Entries = r.cutEntries(b.Note.Entries)
			c.Body = b
		}
	}
	return c
}

func (r *recorder) tooMuch(e raft.Entry) bool {
	return len(e.Data) > maxBody || r.withhold && len(e.Data) > 0
}

func (r *recorder) cutEntries(es []raft.Entry) []raft.Entry {
	es = slices.Clone(es)
	for i := range es {
		if r.tooMuch(es[i]) {
			es[i].Data = nil
		}
	}
	return es
}

// put encodes an item for a hub that is not too far behind.
func (s *subscriber) put(it *wire.StreamItem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news = true
	if s.missed > 0 || len(s.frame) > streamLimit {
		s.missed++
		return
	}
	s.add(it)
}

// add encodes an item. The caller holds the lock.
func (s *subscriber) add(it *wire.StreamItem) {
	if len(s.frame) == 0 {
		s.frame = s.enc.Begin(s.frame)
	}
	s.frame = s.enc.Append(s.frame, it)
}

// resume tells a hub how much it missed, if anything, and all that is so now. The caller holds the
// lock.
func (r *recorder) resume(s *subscriber, why string) {
	ev := trace.Event{At: r.node.now, ID: trace.EventID{Node: r.node.id, Boot: r.node.boot,
		N: r.node.host.Events()}}
	if s.missed > 0 {
		ev.Body = trace.Missed{Count: s.missed, Why: why}
		s.add(&wire.StreamItem{Event: ev})
		s.missed = 0
	}
	ev.Body = r.keyFrame()
	s.add(&wire.StreamItem{Event: ev})
}

// keyFrame gives the state of this node, with the newest bodies of its log.
func (r *recorder) keyFrame() trace.KeyFrame {
	st := r.state.Clone()
	st.At = r.node.now
	if n := st.Node(r.node.id); n != nil {
		n.LastN = r.node.host.Events()
	}
	var bodies []raft.Entry
	if !r.withhold {
		core, left := r.node.host.Node(), keyFrameBodies
		for i := core.Status().Commit; i > 0 && left > 0; i-- {
			e, ok := core.Entry(i)
			if !ok {
				break
			}
			if left -= len(e.Data) + 16; left > 0 && !r.tooMuch(e) {
				bodies = append(bodies, e)
			}
		}
	}
	return trace.KeyFrame{State: st, Bodies: bodies}
}

// catchUp lets a hub that has missed events go on from here.
func (r *recorder) catchUp(s *subscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missed > 0 && !s.over {
		s.news = true
		r.resume(s, "the hub was too slow")
	}
}

// behind reports whether a hub has missed events since its last key frame.
func (s *subscriber) behind() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missed > 0
}

// subscribe begins to tell a hub everything: from the start on, if that is not long ago, and then a
// key frame.
func (r *recorder) subscribe(s *subscriber) {
	s.mu.Lock()
	r.opening.tell(s)
	r.resume(s, "")
	s.news = true
	s.mu.Unlock()
	r.subs = append(r.subs, s)
	r.streams.Add(1)
}

func (r *recorder) unsubscribe(s *subscriber) {
	r.subs = slices.DeleteFunc(r.subs, func(o *subscriber) bool { return o == s })
}

// flush wakes the hubs' goroutines once for all that a step has told.
func (r *recorder) flush() {
	for _, s := range r.subs {
		s.mu.Lock()
		news := s.news
		s.news = false
		s.mu.Unlock()
		if news {
			s.ring()
		}
	}
}

// finish says that nothing more will come.
func (r *recorder) finish() {
	for _, s := range r.subs {
		r.catchUp(s)
		s.mu.Lock()
		s.over = true
		s.mu.Unlock()
		s.ring()
	}
	r.subs = nil
}

func (s *subscriber) ring() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take gives the frame that has gathered, empty if there is none, and keeps empty's memory for the
// next one. over says that it was the last.
func (s *subscriber) take(empty []byte) (frame []byte, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	frame, s.frame = s.frame, empty[:0]
	return frame, s.over
}
