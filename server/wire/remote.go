package wire

import (
	"errors"
	"io"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Bounds of a Remote.
const (
	window     = 8 << 20  // bytes that may be on their way to a viewer
	storeLimit = 32 << 20 // bytes of frames that wait to be decoded
	advanceMax = 4096     // events asked for at once
)

// Remote is a source behind frames: what the viewer draws, whether it runs in a Worker or on
// another machine. It keeps events as they came, encoded, and decodes them when they are asked for.
// It waits for nothing. It is not for several goroutines at once.
type Remote struct {
	stream uint64
	send   func([]byte)
	header trace.Header
	ready  bool
	ended  bool
	why    string
	damage error // a frame that could not be decoded

	frames []held
	stored int // bytes of frames
	rest   []byte
	open   held // the frame of which rest is left
	dec    trace.Decoder
	ahead  trace.Event // decoded, not given yet
	has    bool
	misses uint64 // Missed events made here

	given raft.Time // what Next said last
	edge  raft.Time // Reached of the newest frame
	hash  uint64    // of the run at the edge
	back  uint64    // credit that is not yet granted back

	asking bool // an Advance is under way
	asked  Advance
	came   uint64 // events that came since

	answers []Body

	// Of a running source that may be lost and found again, maybe elsewhere.
	place Place     // how far the decoded events go, by our own time
	by    raft.Time // what must be added to the times that come
	floor raft.Time // what comes is not before
}

// held is an Events frame that waits.
type held struct {
	Events
	size   int
	missed uint64    // events before it that went because there were too many
	by     raft.Time // what must be added to its times
	floor  raft.Time // none of them is before
}

// NewRemote makes the viewer's end of a stream. send takes a frame up and must not keep it.
func NewRemote(stream uint64, send func([]byte)) *Remote {
	return &Remote{stream: stream, send: send, given: -1, edge: -1}
}

// Hello greets the other end. It comes first on a connection, once; Open follows. A running source
// goes on where it was when its connection was lost: at the same hub or another of its cluster.
func (r *Remote) Hello(token string) {
	h := Hello{Major: trace.Major, Minor: trace.Minor, Token: token, Credit: window}
	if r.ready && r.header.Clock == trace.Running {
		p := r.resume()
		h.Since, h.Seen, h.Epoch, h.Made = p.Since, p.Seen, p.Epoch, p.Made
	}
	r.send(Append(nil, 0, h))
}

// resume makes ready for another connection, and gives how far this one came.
func (r *Remote) resume() Place {
	if r.damage != nil { // what could be read stays, and what follows comes again
		r.frames, r.stored, r.rest, r.damage = nil, 0, nil, nil
	}
	p := r.place.Clone()
	if len(r.rest) > 0 {
		r.open.reach(&p)
	}
	for i := range r.frames {
		r.frames[i].reach(&p)
	}
	p.Since, p.Epoch = max(p.Since, r.edge), raft.Time(r.header.Epoch)
	r.floor, r.back, r.ended, r.why = p.Since, 0, false, ""
	return p
}

// reach takes note of what a frame holds, as far as it can be read.
func (h *held) reach(p *Place) {
	var dec trace.Decoder
	for rest := h.Bytes; len(rest) > 0; {
		var ev trace.Event
		var err error
		if rest, err = dec.Next(rest, &ev); err != nil {
			return
		}
		ev.At += h.by
		p.Take(&ev)
	}
}

// greeted takes a header. Times go on as those of the first one.
func (r *Remote) greeted(h trace.Header) {
	if r.ready && h.Clock == trace.Running {
		r.by = raft.Time(h.Epoch - r.header.Epoch)
		h.Epoch = r.header.Epoch
	}
	r.header, r.ready = h, true
}

// Open asks for a source.
func (r *Remote) Open(uri string) { r.send(Append(nil, r.stream, Open{URI: uri})) }

// AskFork asks for a branch, as the stream of another Remote. The answer is a Forked.
func (r *Remote) AskFork(stream uint64, at trace.Position) {
	r.send(Append(nil, r.stream, Fork{New: stream, At: at}))
}

// AskLink asks for a link to a place. The answer is a Linked.
func (r *Remote) AskLink(at trace.Position) { r.send(Append(nil, r.stream, Link{At: at})) }

// Answer gives the oldest answer to AskFork and AskLink that was not given yet.
func (r *Remote) Answer() (Body, bool) {
	if len(r.answers) == 0 {
		return nil, false
	}
	a := r.answers[0]
	r.answers = r.answers[1:]
	return a, true
}

// Feed takes a frame that came, and copies it. Frames of other streams and of types that this
// version does not know are passed over. The error says that the frame is malformed.
func (r *Remote) Feed(frame []byte) error {
	t, stream, _, err := Split(frame)
	if err != nil {
		return err
	}
	if stream != r.stream && (stream != 0 || t != TypeEnd) {
		return nil
	}
	_, b, err := Decode(frame)
	if errors.Is(err, ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	switch b := b.(type) {
	case Header:
		r.greeted(b.Header)
	case Events:
		r.store(b, len(frame))
	case Forked, Linked:
		r.answers = append(r.answers, b)
	case End:
		r.ended = true
		if r.why == "" {
			r.why = b.Why
		}
	default:
		return say.Errorf("wire: a frame of type %d is not for a viewer", t)
	}
	return nil
}

// store puts a frame away, and lets the oldest go when there are too many.
func (r *Remote) store(e Events, size int) {
	r.edge = max(r.edge, e.Reached+r.by)
	r.hash = e.Hash
	r.came += e.N
	if r.asking && (r.edge >= r.asked.Until || r.came >= r.asked.Max) {
		r.asking = false
	}
	e.Bytes = append([]byte(nil), e.Bytes...)
	r.frames = append(r.frames, held{Events: e, size: size, by: r.by, floor: r.floor})
	r.stored += size
	if r.header.Clock == trace.Running {
		// A running source does not stand still for us: what is put away makes room at once.
		r.grant(size)
	}
	for r.stored > storeLimit && len(r.frames) > 1 {
		old := r.frames[0]
		r.frames = r.frames[1:]
		r.frames[0].missed += old.missed + old.N
		r.forget(old)
	}
}

// forget takes a frame out of the account.
func (r *Remote) forget(old held) {
	r.stored -= old.size
	if r.header.Clock != trace.Running {
		r.grant(old.size)
	}
}

// grant gives credit back, in few frames.
func (r *Remote) grant(size int) {
	if r.back += uint64(size); r.back >= window/8 {
		r.send(Append(nil, r.stream, Credit{Bytes: r.back}))
		r.back = 0
	}
}

// Ready reports whether the header is here.
func (r *Remote) Ready() bool { return r.ready }

// Header implements trace.Source. It is zero until the source is Ready.
func (r *Remote) Header() trace.Header { return r.header }

// Ended says why the stream has ended; empty while it has not, and at the end of a recording.
func (r *Remote) Ended() string { return r.why }

// Edge gives the moment up to which events are here; -1 while there is nothing.
func (r *Remote) Edge() raft.Time { return r.edge }

// Hash gives the rolling hash that the other end said last, at the edge.
func (r *Remote) Hash() uint64 { return r.hash }

// Next implements trace.Source. A driven source is asked to advance to until, if it has not come
// that far and no such request is under way; a running one gives all that is here.
func (r *Remote) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	switch {
	case r.damage != nil:
		return dst, r.given, r.damage
	case !r.ready && r.ended:
		return dst, r.given, r.ending()
	case !r.ready:
		return dst, r.given, nil
	}
	running := r.header.Clock == trace.Running
	reached := r.edge
	if !running {
		reached = min(reached, until)
	}
	for r.look() {
		if !running && r.ahead.At > until {
			break
		}
		if len(dst) == cap(dst) {
			reached = min(reached, r.ahead.At-1)
			break
		}
		dst = append(dst, r.ahead)
		r.has = false
	}
	r.given = max(r.given, reached)
	if r.damage != nil {
		return dst, r.given, r.damage
	}
	if r.ended {
		return dst, r.given, r.ending()
	}
	if !running && !r.asking && until > r.edge && len(dst) < cap(dst) {
		r.ask(until, cap(dst))
	}
	return dst, r.given, nil
}

// ask lets the source go on, by no more events than there is room for: who steps event by event
// has the source do so too.
func (r *Remote) ask(until raft.Time, room int) {
	r.asking, r.came = true, 0
	r.asked = Advance{Until: until, Max: uint64(min(max(room, 1), advanceMax))}
	r.send(Append(nil, r.stream, r.asked))
}

// ending is the error of a stream that has ended, once all of it was given.
func (r *Remote) ending() error {
	switch {
	case r.has || len(r.frames) > 0 || len(r.rest) > 0:
		return nil
	case r.why == "":
		return io.EOF
	}
	return errors.New(r.why)
}

// look decodes the next event, if there is one here.
func (r *Remote) look() bool {
	for !r.has && r.damage == nil {
		if len(r.rest) > 0 {
			r.decode()
			continue
		}
		if len(r.frames) == 0 {
			return false
		}
		f := r.frames[0]
		if f.missed > 0 {
			r.miss(f)
			return true
		}
		r.frames = r.frames[1:]
		r.rest, r.open = f.Bytes, f
		r.dec.Reset()
		r.forget(f)
	}
	return r.has
}

func (r *Remote) decode() {
	rest, err := r.dec.Next(r.rest, &r.ahead)
	if err != nil {
		r.damage = say.Errorf("wire: a frame of events: %w", err)
		r.ended, r.why = true, r.damage.Error()
		return
	}
	r.rest, r.has = rest, true
	if r.header.Clock == trace.Running {
		if r.open.by != 0 {
			rebase(&r.ahead, r.open.by)
		}
		r.ahead.At = max(r.ahead.At, r.open.floor)
		r.place.Take(&r.ahead)
	}
}

// miss says what went away before a frame.
func (r *Remote) miss(f held) {
	r.misses++
	r.frames[0].missed = 0
	r.has = true
	r.ahead = trace.Event{
		ID: trace.EventID{Node: trace.FirstHub - 1, Boot: 1, N: r.misses},
		At: r.given,
		Body: trace.Missed{Count: f.missed,
			Why: "the page did not look for so long that the oldest events had to go"},
	}
}

// Do implements trace.Source.
func (r *Remote) Do(c trace.Command) error {
	if r.ended {
		return say.Errorf("wire: %s: the source has ended: %s", c.Kind, r.why)
	}
	b := Append(nil, r.stream, Do{Command: c})
	if len(b) > MaxUp {
		return say.Errorf("wire: %s: the command has %d bytes, over the %d allowed",
			c.Kind, len(b), MaxUp)
	}
	r.send(b)
	return nil
}

// Close implements trace.Source.
func (r *Remote) Close() error {
	if !r.ended {
		r.send(Append(nil, r.stream, Close{}))
	}
	r.ended = true
	return nil
}
