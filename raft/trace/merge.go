package trace

import (
	"cmp"
	"slices"

	"github.com/raftarium/raftarium/raft"
)

// HoldReceipt is how long a receipt waits for its send to come.
const HoldReceipt = 500 * raft.Millisecond

// Bounds on what a Merger remembers beside what waits: streams, of which those that have ended go
// first, and of each the sends that were made and may still come.
const (
	mostStreams  = 1024
	mostInferred = 1024
)

// Merger puts the streams of several nodes into one order, live. Each stream comes in its own
// order, by N; between streams what is nearest in time goes first, but a receipt never stands
// before its send: it waits, and all of its stream behind it, until the send is here, or has
// become hopeless: the sender's stream has ended, or HoldReceipt has passed. Then the send is made
// from the receipt, as Inferred and with the id of the one that was lost; should that one still
// come, it is dropped.
//
// Times in the merged order never go back, and never lie ahead of the one who merges. Flights' Due
// is left as it is: those who do not drive time do not know it. The zero Merger is ready. It is not
// safe for use by several goroutines at once.
type Merger struct {
	streams []*stream
	offsets []offset
	last    raft.Time
	begun   bool
}

// Stream names what one incarnation of a node tells.
type Stream struct {
	Node raft.NodeID
	Boot uint32
}

type offset struct {
	node raft.NodeID
	by   raft.Time
}

type stream struct {
	id    Stream
	queue []pushed
	// given is the highest N that came out; what is at or below it has been, or never comes.
	given    uint64
	begun    bool     // an event of its own was pushed
	ended    bool     // nobody expects more of it
	inferred []uint64 // the Ns above given that were made from receipts
}

// pushed is an event that waits for its turn.
type pushed struct {
	ev      Event
	at      raft.Time    // when it was pushed, by the clock of the one who merges
	receipt raft.Message // of a Delivered or Dropped, as far as it is known
	told    bool         // receipt is known
	free    bool         // it waits for no send any more
}

// SetOffset says how far a node's clock is behind that of the one who merges: what must be added to
// its times. It holds for the events that come out from now on.
func (m *Merger) SetOffset(node raft.NodeID, by raft.Time) {
	for i := range m.offsets {
		if m.offsets[i].node == node {
			m.offsets[i].by = by
			return
		}
	}
	m.offsets = append(m.offsets, offset{node, by})
}

// Push takes the next event of a stream, at now. What the event's own ID says does not matter for
// the order within the stream; events that other ids have (a hub's) may go along.
func (m *Merger) Push(now raft.Time, from Stream, ev Event) {
	m.push(from, pushed{ev: ev, at: now})
}

// PushReceipt is Push for a Delivered or Dropped whose message is known, whole or cut as in Sent
// (see Cut): so its Sent can be made from it.
func (m *Merger) PushReceipt(now raft.Time, from Stream, ev Event, msg raft.Message) {
	m.push(from, pushed{ev: ev, at: now, receipt: msg, told: true})
}

func (m *Merger) push(from Stream, p pushed) {
	s := m.stream(from)
	if !s.begun && p.own(s) {
		s.begun = true
		s.reach(p.ev.ID.N - 1) // it may be joined in the middle; what was before never comes
	}
	s.queue = append(s.queue, p)
}

// own reports whether the event's id is one of the stream's own.
func (p *pushed) own(s *stream) bool {
	return p.ev.ID.Node == s.id.Node && p.ev.ID.Boot == s.id.Boot
}

// EndStream says that nothing more is to be expected of a stream: its node has died, or begun anew.
// What comes all the same is taken.
func (m *Merger) EndStream(id Stream) { m.stream(id).ended = true }

// Release says that nothing which a stream has brought shall wait for a send any more: it comes out
// with the next Pop. So what its events lack can be told behind them.
func (m *Merger) Release(id Stream) {
	s := m.stream(id)
	for i := range s.queue {
		s.queue[i].free = true
	}
}

// BeginStream takes an EndStream back: whoever listens has come back to a stream that it had lost,
// and its node is still the same incarnation.
func (m *Merger) BeginStream(id Stream) {
	s := m.stream(id)
	s.ended = slices.ContainsFunc(m.streams, func(o *stream) bool {
		return o.id.Node == id.Node && o.id.Boot > id.Boot
	})
}

// stream finds a stream, or begins it. A new incarnation ends those before it.
func (m *Merger) stream(id Stream) *stream {
	i, found := slices.BinarySearchFunc(m.streams, id, func(s *stream, id Stream) int {
		return cmp.Or(cmp.Compare(s.id.Node, id.Node), cmp.Compare(s.id.Boot, id.Boot))
	})
	if found {
		return m.streams[i]
	}
	s := &stream{id: id}
	for _, o := range m.streams {
		if o.id.Node == id.Node {
			o.ended = o.ended || o.id.Boot < id.Boot
			s.ended = s.ended || o.id.Boot > id.Boot
		}
	}
	m.streams = slices.Insert(m.streams, i, s)
	m.shed(s)
	return s
}

// shed forgets a stream when there are too many, but not the one that was just made.
func (m *Merger) shed(keep *stream) {
	if len(m.streams) <= mostStreams {
		return
	}
	worst := -1
	for i, s := range m.streams {
		if s == keep || len(s.queue) > 0 {
			continue
		}
		if worst < 0 || s.ended && !m.streams[worst].ended {
			worst = i
		}
	}
	if worst >= 0 {
		m.streams = slices.Delete(m.streams, worst, worst+1)
	}
}

// Pop appends to dst all events whose turn it is at now. now never goes back.
func (m *Merger) Pop(now raft.Time, dst []Event) []Event {
	for {
		var best *stream
		var at raft.Time
		for _, s := range m.streams {
			if len(s.queue) == 0 || m.held(now, &s.queue[0]) {
				continue
			}
			if t := m.timeOf(&s.queue[0].ev); best == nil || t < at {
				best, at = s, t
			}
		}
		if best == nil {
			return dst
		}
		dst = m.give(now, best, at, dst)
	}
}

// Held gives how many events wait.
func (m *Merger) Held() int {
	n := 0
	for _, s := range m.streams {
		n += len(s.queue)
	}
	return n
}

// timeOf gives an event's time by the clock of the one who merges.
func (m *Merger) timeOf(ev *Event) raft.Time {
	for i := range m.offsets {
		if m.offsets[i].node == ev.ID.Node {
			return ev.At + m.offsets[i].by
		}
	}
	return ev.At
}

// receiptOf gives the message that an event is a receipt of; none if it is no receipt.
func receiptOf(ev *Event) EventID {
	switch b := ev.Body.(type) {
	case Delivered:
		return b.Msg
	case Dropped:
		return b.Msg
	}
	return EventID{}
}

// held reports whether a receipt must wait for its send.
func (m *Merger) held(now raft.Time, p *pushed) bool {
	msg := receiptOf(&p.ev)
	if msg.None() || p.free || now-p.at >= HoldReceipt {
		return false
	}
	return m.mayCome(Stream{msg.Node, msg.Boot}, msg.N)
}

// mayCome reports whether an event that did not come out yet may still come.
func (m *Merger) mayCome(id Stream, n uint64) bool {
	for _, s := range m.streams {
		switch {
		case s.id == id:
			return !s.has(n) && (!s.ended || len(s.queue) > 0)
		case s.id.Node == id.Node && s.id.Boot > id.Boot:
			return false // it would have ended
		}
	}
	return true
}

// reach says that nothing up to n is expected any more.
func (s *stream) reach(n uint64) {
	if n > s.given {
		s.given = n
		s.inferred = slices.DeleteFunc(s.inferred, func(k uint64) bool { return k <= n })
	}
}

// has reports whether the send of that N came out, or was made.
func (s *stream) has(n uint64) bool { return n <= s.given || slices.Contains(s.inferred, n) }

// give lets the first event of a stream out, behind the send that it needs.
func (m *Merger) give(now raft.Time, s *stream, at raft.Time, dst []Event) []Event {
	p := s.queue[0]
	s.queue[0] = pushed{}
	if s.queue = s.queue[1:]; len(s.queue) == 0 {
		s.queue = nil
	}
	if m.cameTwice(s, &p) {
		return dst
	}
	at = min(at, now)
	if m.begun {
		at = max(at, m.last)
	}
	m.last, m.begun = at, true
	if msg := receiptOf(&p.ev); !msg.None() {
		if from := m.stream(Stream{msg.Node, msg.Boot}); !from.has(msg.N) {
			if len(from.inferred) >= mostInferred {
				from.inferred = slices.Delete(from.inferred, 0, 1)
			}
			from.inferred = append(from.inferred, msg.N)
			dst = append(dst, inferSent(msg, &p, at))
		}
	}
	p.ev.At = at
	return append(dst, p.ev)
}

// cameTwice takes note that an event of a stream comes out, and reports whether it is a send that
// was made from its receipt before.
func (m *Merger) cameTwice(s *stream, p *pushed) bool {
	if !p.own(s) {
		return false
	}
	n := p.ev.ID.N
	_, isSent := p.ev.Body.(Sent)
	twice := isSent && slices.Contains(s.inferred, n)
	s.reach(n)
	return twice
}

// inferSent makes the send that a receipt proves.
func inferSent(msg EventID, p *pushed, at raft.Time) Event {
	out := p.receipt
	if !p.told {
		out = raft.Message{To: p.ev.ID.Node}
	}
	out.ID, out.From, out.FromBoot, out.Cause = msg.N, msg.Node, msg.Boot, 0
	if out.Body == nil {
		out.Body = &raft.Foreign{Name: "message", Class: "other", Text: "what it said is not known"}
	}
	out, bytes := Cut(out)
	return Event{ID: msg, At: at, How: Inferred, Body: Sent{Message: out, Bytes: bytes}}
}
