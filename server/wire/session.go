package wire

import (
	"errors"
	"io"
	"math"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Bounds of a Session.
const (
	mostStreams = 64        // open at once
	batchBytes  = 128 << 10 // of events in one frame, unless one alone is larger
	batchMost   = 1024      // events in one call of Next
	mostCredit  = 1 << 40   // bytes
)

// Session serves one viewer from sources. It does its work in slices, so that whoever calls it can
// do other things in between: Handle takes a frame in, Pump works. It is not for several goroutines
// at once.
type Session struct {
	open    func(uri string) (trace.Source, error)
	send    func([]byte)
	credit  uint64 // of a new stream
	greeted bool
	streams []*serving // in the order of opening
	turn    int
}

// serving is one source that is served.
type serving struct {
	id      uint64
	src     trace.Source
	clock   trace.Clock
	hashed  bool
	credit  uint64
	out     [][]byte // frames that wait for credit
	until   raft.Time
	left    uint64 // events that the Advance under way may still give
	poke    bool   // something may have happened without an Advance
	idle    bool   // the source had nothing more to say
	over    bool   // the source has ended; why, if not a recording's end
	why     string
	reached raft.Time
	run     uint64
	hash    uint64
	enc     trace.Encoder
	events  []trace.Event
}

// NewSession makes the sources' end. open makes a source of a URI; its error is shown to people.
// send takes a frame down and may keep it.
func NewSession(open func(uri string) (trace.Source, error), send func([]byte)) *Session {
	return &Session{open: open, send: send}
}

// Close closes all sources.
func (s *Session) Close() {
	for _, v := range s.streams {
		v.src.Close()
	}
	s.streams = nil
}

// Handle takes a viewer's frame. The error says that the frame is malformed or out of place; an End
// that says the same was sent, and the connection is to be closed.
func (s *Session) Handle(frame []byte) error {
	stream, b, err := Decode(frame)
	if errors.Is(err, ErrUnknown) && Type(frame[0]).Up() {
		return nil // of a newer viewer
	}
	if err == nil {
		err = s.take(stream, b)
	}
	if err != nil {
		s.send(Append(nil, 0, End{Why: err.Error()}))
	}
	return err
}

func (s *Session) take(stream uint64, b Body) error {
	if h, ok := b.(Hello); ok {
		return s.hello(h)
	}
	if !s.greeted {
		return say.Errorf("wire: a frame of type %d came before Hello", b.Type())
	}
	if o, ok := b.(Open); ok {
		return s.begin(stream, func() (trace.Source, error) { return s.open(o.URI) })
	}
	v := s.find(stream)
	if v == nil {
		return nil // it has ended; the viewer did not know yet
	}
	switch b := b.(type) {
	case Advance:
		v.until, v.left = b.Until, b.Max
	case Credit:
		v.credit = min(v.credit+min(b.Bytes, mostCredit), mostCredit)
	case Do:
		if err := v.src.Do(b.Command); err != nil {
			v.over, v.why = true, err.Error()
		}
		v.poke = true
	case Fork:
		return s.fork(v, b)
	case Link:
		s.link(v, b)
	case Close:
		s.drop(v)
	default:
		return say.Errorf("wire: a frame of type %d is not from a viewer", b.Type())
	}
	return nil
}

// hello begins anew: a page that opens another source may keep its Worker.
func (s *Session) hello(h Hello) error {
	if h.Major != trace.Major {
		return say.Errorf("wire: the viewer speaks major version %d, and this program major "+
			"version %d", h.Major, trace.Major)
	}
	s.Close()
	s.greeted, s.credit = true, min(h.Credit, mostCredit)
	return nil
}

// begin begins a stream with the source that make gives.
func (s *Session) begin(stream uint64, make func() (trace.Source, error)) error {
	if stream == 0 || s.find(stream) != nil {
		return say.Errorf("wire: stream %d cannot be opened: it is open or reserved", stream)
	}
	if len(s.streams) >= mostStreams {
		return say.Errorf("wire: stream %d cannot be opened: %d are open", stream, mostStreams)
	}
	src, err := make()
	if err != nil {
		s.send(Append(nil, stream, End{Why: err.Error()}))
		return nil
	}
	h := src.Header()
	v := &serving{id: stream, src: src, clock: h.Clock, hashed: h.Caps&trace.Hashed != 0,
		credit: s.credit, reached: -1}
	if p, ok := power[trace.Placed](src); ok {
		v.run, v.hash = p.Began()
	}
	s.streams = append(s.streams, v)
	s.send(Append(nil, stream, Header{Header: h}))
	return nil
}

// power finds what a source can do beside being one, or the source that it is wrapped around.
func power[T any](src trace.Source) (T, bool) {
	for {
		if p, ok := src.(T); ok {
			return p, true
		}
		w, ok := src.(interface{ Unwrap() trace.Source })
		if !ok {
			var none T
			return none, false
		}
		src = w.Unwrap()
	}
}

func (s *Session) fork(v *serving, f Fork) error {
	forker, ok := power[trace.Forker](v.src)
	if !ok {
		s.send(Append(nil, v.id, Forked{New: f.New, Why: "this source cannot be forked"}))
		return nil
	}
	branch, err := forker.Fork(f.At)
	if err != nil {
		s.send(Append(nil, v.id, Forked{New: f.New, Why: err.Error()}))
		return nil
	}
	s.send(Append(nil, v.id, Forked{New: f.New}))
	return s.begin(f.New, func() (trace.Source, error) { return branch, nil })
}

func (s *Session) link(v *serving, l Link) {
	sharer, ok := power[trace.Sharer](v.src)
	if !ok {
		s.send(Append(nil, v.id, Linked{Why: "this source cannot be shared as a link"}))
		return
	}
	link, err := sharer.Link(l.At)
	if err != nil {
		s.send(Append(nil, v.id, Linked{Why: err.Error()}))
		return
	}
	s.send(Append(nil, v.id, Linked{Link: link}))
}

func (s *Session) find(stream uint64) *serving {
	for _, v := range s.streams {
		if v.id == stream {
			return v
		}
	}
	return nil
}

func (s *Session) drop(v *serving) {
	v.src.Close()
	s.streams = slices.DeleteFunc(s.streams, func(o *serving) bool { return o == v })
}

// Pump works for at most so many events, and reports whether it could go on at once. It cannot
// without credit, when all that was asked for is done, or when a source had nothing to say.
func (s *Session) Pump(most int) (more bool) {
	for range len(s.streams) {
		if most <= 0 || len(s.streams) == 0 {
			break
		}
		s.turn = (s.turn + 1) % len(s.streams)
		v := s.streams[s.turn]
		most -= v.work(most)
		v.flush(s.send)
		if v.over && len(v.out) == 0 {
			s.send(Append(nil, v.id, End{Why: v.why}))
			s.drop(v)
		}
	}
	return slices.ContainsFunc(s.streams, (*serving).busy)
}

// busy reports whether there is work to do now.
func (v *serving) busy() bool {
	return len(v.out) == 0 && !v.over && !v.idle &&
		(v.clock == trace.Running || v.poke || v.advancing())
}

// advancing reports whether an Advance is under way.
func (v *serving) advancing() bool {
	return v.clock == trace.Driven && v.left > 0 && v.until > v.reached
}

// work asks the source for events, at most n, and puts them into frames. It says how many there
// were.
func (v *serving) work(n int) int {
	if len(v.out) > 0 || v.over {
		return 0
	}
	until := v.reached
	n = min(n, batchMost)
	switch {
	case v.clock == trace.Running:
		until = math.MaxInt64
	case v.advancing():
		until = v.until
		n = int(min(uint64(n), v.left))
	case !v.poke:
		return 0
	}
	if cap(v.events) < n {
		v.events = make([]trace.Event, 0, n)
	}
	got, reached, err := v.src.Next(until, v.events[:0:n])
	if err != nil {
		v.over = true
		if !errors.Is(err, io.EOF) {
			v.why = err.Error()
		}
	}
	// What happens at the moment that is reached already, a command's effect, was not asked for.
	v.poke = len(got) == n
	v.idle = len(got) == 0 && reached <= v.reached
	v.left -= min(v.left, uint64(len(got)))
	if !v.idle {
		reached = max(v.reached, reached)
		v.batch(got, reached)
		v.reached = reached
	}
	clear(got)
	return max(len(got), 1)
}

// batch makes frames of events.
func (v *serving) batch(evs []trace.Event, reached raft.Time) {
	v.enc.Reset()
	first, from := v.run, 0
	var b []byte
	cut := func(to int) {
		upTo := reached
		if to < len(evs) {
			upTo = max(v.reached, min(reached, evs[to].At-1))
		}
		v.frame(b, first, to-from, upTo)
		v.enc.Reset()
		first, from, b = v.run, to, nil
	}
	for i := range evs {
		size := len(b)
		b = v.enc.Append(b, &evs[i])
		if len(b) > mostEvent && size > 0 {
			b = b[:size]
			cut(i)
			b = v.enc.Append(nil, &evs[i])
		}
		if len(b) > mostEvent {
			v.enc.Reset()
			b = v.enc.Append(nil, tooLarge(&evs[i]))
		}
		if v.count(&evs[i]); len(b) >= batchBytes && i+1 < len(evs) {
			cut(i + 1)
		}
	}
	v.frame(b, first, len(evs)-from, reached)
}

// mostEvent is what an event may have at most, so that it fits into a frame.
const mostEvent = MaxDown - 64

// tooLarge stands for an event that cannot be sent.
func tooLarge(ev *trace.Event) *trace.Event {
	return &trace.Event{ID: ev.ID, At: ev.At,
		Body: trace.Missed{Count: 1, Why: "an event was too large to be sent"}}
}

// count takes an event into the run. A source that begins in the middle of a run begins with a key
// frame that says where.
func (v *serving) count(ev *trace.Event) {
	if k, ok := ev.Body.(trace.KeyFrame); ok && v.run == 0 && k.State != nil {
		v.run, v.hash = k.State.Events, k.State.Hash
	}
	if ev.Body.Kind().InRun() {
		v.run++
		if v.hashed {
			v.hash = trace.HashEvent(v.hash, ev)
		}
	}
}

func (v *serving) frame(b []byte, first uint64, n int, reached raft.Time) {
	var hash uint64
	if v.hashed {
		hash = v.hash
	}
	v.out = append(v.out, Append(nil, v.id, Events{First: first, Reached: reached, Hash: hash,
		N: uint64(n), Bytes: b}))
}

// flush sends what the credit allows.
func (v *serving) flush(send func([]byte)) {
	for len(v.out) > 0 && v.credit >= uint64(len(v.out[0])) {
		v.credit -= uint64(len(v.out[0]))
		send(v.out[0])
		v.out = v.out[1:]
	}
}
