package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/server/wire"
)

// frames is one example of every body.
func frames() []wire.Body {
	return []wire.Body{
		wire.Hello{Major: trace.Major, Minor: 3, Token: "secret", Credit: 1 << 20, Since: 5,
			Seen:  []trace.EventID{{Node: 1, Boot: 2, N: 3}, {Node: 2, Boot: 1, N: 9}},
			Epoch: 7, Made: []trace.EventID{{Node: 2, Boot: 1, N: 11}}},
		wire.Open{URI: "sim:?nodes=5"}, wire.Advance{Until: -7, Max: 9},
		wire.Credit{Bytes: 1 << 40},
		wire.Do{Command: tracetest.Command()},
		wire.Fork{New: 3, At: trace.Position{Events: 8, At: 9}},
		wire.Link{At: trace.Position{Events: 8, At: 9}}, wire.Close{},
		wire.Header{Header: tracetest.Header()},
		wire.Events{First: 1, Reached: 2, Hash: 1 << 63, N: 4, Bytes: []byte{5, 6}},
		wire.Forked{New: 3, Why: "no"}, wire.Linked{Link: "l", Why: "w"}, wire.End{Why: "over"},
	}
}

func TestEveryFrameComesBackAsItWas(t *testing.T) {
	for _, want := range frames() {
		stream, got, err := wire.Decode(wire.Append(nil, 300, want))
		if diff := cmp.Diff(want, got); err != nil || stream != 300 || diff != "" {
			t.Errorf("stream %d, %v (-want +got)\n%s", stream, err, diff)
		}
	}
}

func TestACutFrameIsAnErrorThatNamesIt(t *testing.T) {
	for _, b := range frames() {
		whole := wire.Append(nil, 1, b)
		if _, ok := b.(wire.Events); ok {
			whole = whole[:len(whole)-2] // its bytes have no length of their own
		}
		for n := range whole {
			_, got, err := wire.Decode(whole[:n])
			// A command and a header may leave out what is zero at their ends.
			_, isDo := got.(wire.Do)
			_, isHeader := got.(wire.Header)
			if err == nil && !isDo && !isHeader {
				t.Errorf("%T cut to %d of %d bytes became %v", b, n, len(whole), got)
			}
		}
	}
	_, _, err := wire.Decode(append([]byte{byte(wire.TypeOpen), 1}, 200))
	if err == nil || err.Error() != "wire: a frame of type 2 at byte 2: a number is cut off" {
		t.Errorf("got %v", err)
	}
}

func TestFramesThatAreTooLongAreRefused(t *testing.T) {
	up := wire.Append(nil, 1, wire.Open{URI: strings.Repeat("x", wire.MaxUp)})
	down := wire.Append(nil, 1, wire.End{Why: strings.Repeat("x", wire.MaxDown)})
	for _, b := range [][]byte{up, down} {
		if _, _, err := wire.Decode(b); err == nil || !strings.Contains(err.Error(), "allowed") {
			t.Errorf("got %v", err)
		}
	}
}

// source is a driven or running source of prepared events, which answers a command with an event.
type source struct {
	header trace.Header
	events []trace.Event
	next   int
	now    raft.Time
	most   raft.Time // the latest that was ever asked for
	closed bool
}

func newSource(clock trace.Clock, n int) *source {
	s := &source{now: -1}
	s.header = trace.Header{Major: trace.Major, Clock: clock, Caps: trace.Hashed}
	examples := tracetest.Events()
	for i := range n {
		ev := examples[i%len(examples)]
		ev.ID.N, ev.At = uint64(i)+1, raft.Time(i/3)*100
		if ev.Body.Kind() != trace.KindKeyFrame {
			s.events = append(s.events, ev)
		}
	}
	return s
}

func (s *source) Header() trace.Header { return s.header }

func (s *source) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	s.most = max(s.most, until)
	if s.header.Clock == trace.Running {
		until = s.events[len(s.events)-1].At
	}
	for s.next < len(s.events) && s.events[s.next].At <= until {
		if len(dst) == cap(dst) {
			s.now = max(s.now, s.events[s.next].At-1)
			return dst, s.now, nil
		}
		dst = append(dst, s.events[s.next])
		s.next++
	}
	s.now = max(s.now, until)
	return dst, s.now, nil
}

// Do answers with as many events as the command's Node says, up to a thousand.
func (s *source) Do(c trace.Command) error {
	for i := range min(max(c.Node, 1), 1000) {
		ev := trace.Event{ID: trace.EventID{Node: trace.Supervisor, Boot: 1, N: uint64(i) + 1},
			At: s.now, Body: trace.Accepted{Command: c.ID}}
		s.events = slices.Insert(s.events, s.next, ev)
	}
	return nil
}

func (s *source) Close() error {
	s.closed = true
	return nil
}

func (s *source) Fork(at trace.Position) (trace.Source, error) {
	if at.At > s.now {
		return nil, errors.New("that has not happened yet")
	}
	return newSource(trace.Driven, 30), nil
}

// pair is a Remote and a Session with queues between them.
type pair struct {
	t       testing.TB
	remote  *wire.Remote
	session *wire.Session
	up      [][]byte
	down    [][]byte
	credit  int // what the viewer has granted and the session not used
	// Of a driven source that is given no commands: the events that it may still send, and the
	// last Reached.
	strict  bool
	allowed uint64
	reached raft.Time
}

func newPair(t testing.TB, src trace.Source) *pair {
	p := &pair{t: t}
	p.remote = wire.NewRemote(1, func(b []byte) { p.up = append(p.up, b) })
	p.session = wire.NewSession(func(uri string) (trace.Source, error) {
		if src == nil {
			return nil, fmt.Errorf("there is no %s", uri)
		}
		return src, nil
	}, func(b []byte) { p.down = append(p.down, b) })
	p.remote.Hello("token")
	p.remote.Open("test:")
	p.carry(1 << 20)
	return p
}

// carry brings all frames to where they go, and lets the session work for so many events a time.
func (p *pair) carry(most int) {
	p.t.Helper()
	for {
		for len(p.up) > 0 {
			b := p.up[0]
			p.up = p.up[1:]
			switch _, body, _ := wire.Decode(b); body := body.(type) {
			case wire.Hello:
				p.credit = int(body.Credit)
			case wire.Credit:
				p.credit += int(body.Bytes)
			case wire.Advance:
				p.allowed = body.Max
			}
			if err := p.session.Handle(b); err != nil {
				p.t.Fatal(err)
			}
		}
		more := p.session.Pump(most)
		for _, b := range p.down {
			if b[0] == byte(wire.TypeEvents) {
				if p.credit -= len(b); p.credit < 0 {
					p.t.Fatalf("the session sent %d bytes more than it was allowed", -p.credit)
				}
				p.check(b)
			}
			if err := p.remote.Feed(b); err != nil {
				p.t.Fatal(err)
			}
			clear(b) // a frame's memory may be used again
		}
		p.down = p.down[:0]
		if !more && len(p.up) == 0 {
			return
		}
	}
}

// check looks at a frame of events of a driven source.
func (p *pair) check(frame []byte) {
	if !p.strict {
		return
	}
	_, b, err := wire.Decode(frame)
	if err != nil {
		p.t.Fatal(err)
	}
	e := b.(wire.Events)
	if p.allowed -= e.N; p.allowed > 1<<40 {
		p.t.Fatal("more events came than were asked for")
	}
	var d trace.Decoder
	for rest := e.Bytes; len(rest) > 0; {
		var ev trace.Event
		if rest, err = d.Next(rest, &ev); err != nil {
			p.t.Fatal(err)
		}
		if ev.At <= p.reached {
			p.t.Fatalf("an event at %d came when %d was reached", ev.At, p.reached)
		}
	}
	p.reached = e.Reached
}

// drain plays a driven source in steps up to an end.
func (p *pair) drain(step, end raft.Time, room, most int) []trace.Event {
	p.t.Helper()
	var all []trace.Event
	last := raft.Time(-1)
	buf, calls := make([]trace.Event, 0, room), 0
	for until := raft.Time(0); ; {
		calls++
		got, reached, err := p.remote.Next(until, buf[:0:1+(room-1)*(calls%2)])
		for _, ev := range got {
			if ev.At > until || ev.At <= last {
				p.t.Fatalf("an event at %d, asked up to %d, all said to be given up to %d",
					ev.At, until, last)
			}
		}
		all = append(all, got...)
		if errors.Is(err, io.EOF) || reached >= end {
			return all
		}
		if err != nil {
			p.t.Fatal(err)
		}
		if last = reached; reached >= until {
			until = min(until+step, end)
		}
		p.carry(most)
	}
}

func same(t *testing.T, want, got []trace.Event) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		if !reflect.DeepEqual(want[i], got[i]) {
			t.Fatalf("event %d (-want +got)\n%s", i, cmp.Diff(want[i], got[i]))
		}
	}
	if len(want) != len(got) {
		t.Fatalf("%d events came of %d", len(got), len(want))
	}
}

func TestADrivenSourceComesThroughHoweverItIsCut(t *testing.T) {
	for _, c := range []struct {
		step       raft.Time
		room, most int
	}{{50, 7, 5}, {100_000, 100, 64}, {1, 1, 1000}, {1 << 40, 1 << 16, 1 << 20}, {250, 4096, 1}} {
		n := 9000
		if c.step < 1000 {
			n = 900
		}
		src := newSource(trace.Driven, n)
		end := src.events[len(src.events)-1].At
		p := newPair(t, src)
		p.strict, p.reached = true, -1
		same(t, src.events, p.drain(c.step, end, c.room, c.most))
		var h uint64
		for i := range src.events {
			h = trace.HashEvent(h, &src.events[i])
		}
		if p.remote.Hash() != h {
			t.Errorf("the hash came as %x, not %x", p.remote.Hash(), h)
		}
	}
}

func TestADrivenSourceNeverRunsBeyondWhatWasAskedFor(t *testing.T) {
	src := newSource(trace.Driven, 3000)
	p := newPair(t, src)
	buf := make([]trace.Event, 0, 100)
	for range 5 {
		if _, _, err := p.remote.Next(1000, buf); err != nil {
			t.Fatal(err)
		}
		p.carry(1000)
	}
	if src.most != 1000 || p.remote.Edge() != 1000 {
		t.Errorf("asked up to 1000, it ran to %d and said %d", src.most, p.remote.Edge())
	}
}

func TestOnlyOneAdvanceIsUnderWay(t *testing.T) {
	p := newPair(t, newSource(trace.Driven, 3000))
	for range 3 {
		p.remote.Next(1000, make([]trace.Event, 0, 10))
	}
	if len(p.up) != 1 {
		t.Errorf("%d frames were sent", len(p.up))
	}
}

func TestACommandsEffectComesWhileTimeStandsStill(t *testing.T) {
	src := newSource(trace.Driven, 300)
	p := newPair(t, src)
	p.drain(500, 500, 4096, 1000)
	if err := p.remote.Do(trace.Command{ID: 77, Kind: trace.CommandKill, Node: 1}); err != nil {
		t.Fatal(err)
	}
	p.carry(1000)
	got, reached, err := p.remote.Next(500, make([]trace.Event, 0, 10))
	if err != nil || len(got) != 1 || got[0].Body != (trace.Accepted{Command: 77}) ||
		reached != 500 {
		t.Errorf("got %v, reached %d, %v", got, reached, err)
	}
}

func TestManyEffectsOfACommandComeWhileTimeStandsStill(t *testing.T) {
	p := newPair(t, newSource(trace.Driven, 300))
	p.drain(500, 500, 4096, 1000)
	p.remote.Do(trace.Command{ID: 77, Node: 40})
	p.carry(7)
	got, _, err := p.remote.Next(500, make([]trace.Event, 0, 100))
	if err != nil || len(got) != 40 {
		t.Errorf("%d events came, %v", len(got), err)
	}
}

func TestCreditComesBackAsFramesAreUsed(t *testing.T) {
	src := newSource(trace.Driven, 60)
	for i := range src.events {
		src.events[i].Body = trace.Caption{Text: strings.Repeat("x", 1<<20)}
	}
	p := newPair(t, src)
	p.strict, p.reached = true, -1
	same(t, src.events, p.drain(300, src.events[len(src.events)-1].At, 100, 100))
}

func TestARunningSourceIsDrainedWithoutBeingAsked(t *testing.T) {
	src := newSource(trace.Running, 3000)
	p := newPair(t, src)
	p.carry(1 << 20)
	var all []trace.Event
	for {
		got, _, err := p.remote.Next(0, make([]trace.Event, 0, 1000))
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, got...); len(got) == 0 {
			break
		}
	}
	same(t, src.events, all)
	for _, b := range p.up {
		if b[0] == byte(wire.TypeAdvance) {
			t.Error("a running source was asked to advance")
		}
	}
}

func TestARecordingIsServedToItsEnd(t *testing.T) {
	var b bytes.Buffer
	src := newSource(trace.Driven, 3000)
	w, err := trace.NewWriter(&b, src.header)
	if err != nil {
		t.Fatal(err)
	}
	for i := range src.events {
		w.Append(&src.events[i])
	}
	w.Close()
	rec, err := trace.OpenRecording(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p := newPair(t, rec)
	same(t, src.events, p.drain(1000, 1<<40, 300, 64))
	if p.remote.Ended() != "" {
		t.Errorf("ended with %q", p.remote.Ended())
	}
}

func TestWhatCannotBeOpenedSaysWhy(t *testing.T) {
	p := newPair(t, nil)
	if p.remote.Ready() || p.remote.Ended() != "there is no test:" {
		t.Errorf("ready %v, ended %q", p.remote.Ready(), p.remote.Ended())
	}
	if _, _, err := p.remote.Next(0, nil); err == nil || p.remote.Do(trace.Command{}) == nil {
		t.Error("it can still be used")
	}
}

func TestABranchIsAStreamOfItsOwn(t *testing.T) {
	p := newPair(t, newSource(trace.Driven, 300))
	p.drain(500, 500, 4096, 1000)
	p.remote.AskFork(2, trace.Position{At: 300})
	p.remote.AskFork(3, trace.Position{At: 1 << 40})
	p.remote.AskLink(trace.Position{At: 300})
	branch := wire.NewRemote(2, func(b []byte) { p.up = append(p.up, b) })
	for _, b := range p.up {
		if err := p.session.Handle(b); err != nil {
			t.Fatal(err)
		}
	}
	p.up = nil
	for _, b := range p.down {
		branch.Feed(b)
	}
	p.carry(1000)
	if !branch.Ready() {
		t.Error("the branch's header has not come")
	}
	want := []wire.Body{wire.Forked{New: 2}, wire.Forked{New: 3, Why: "that has not happened yet"},
		wire.Linked{Why: "this source cannot be shared as a link"}}
	for _, w := range want {
		if got, ok := p.remote.Answer(); !ok || got != w {
			t.Errorf("got %v, want %v", got, w)
		}
	}
}

func TestWithoutCreditNothingIsSent(t *testing.T) {
	var down [][]byte
	src := newSource(trace.Driven, 3000)
	s := wire.NewSession(func(string) (trace.Source, error) { return src, nil },
		func(b []byte) { down = append(down, b) })
	send := func(b wire.Body) {
		if err := s.Handle(wire.Append(nil, 1, b)); err != nil {
			t.Fatal(err)
		}
	}
	send(wire.Hello{Major: trace.Major})
	send(wire.Open{URI: "x"})
	send(wire.Advance{Until: 1 << 40, Max: 2000})
	for range 10 {
		if s.Pump(100) {
			t.Fatal("it says that it can go on")
		}
	}
	if len(down) != 1 {
		t.Fatalf("%d frames were sent", len(down))
	}
	send(wire.Credit{Bytes: 10_000})
	for s.Pump(100) {
	}
	if len(down) < 2 {
		t.Error("with credit it does not go on")
	}
}

func TestAViewerThatDoesNotLookLosesTheOldest(t *testing.T) {
	r := wire.NewRemote(1, func([]byte) {})
	feed := func(b wire.Body) {
		if err := r.Feed(wire.Append(nil, 1, b)); err != nil {
			t.Fatal(err)
		}
	}
	feed(wire.Header{Header: trace.Header{Major: trace.Major, Clock: trace.Running}})
	text := strings.Repeat("x", 1<<20)
	for i := range 50 {
		var e trace.Encoder
		ev := trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: uint64(i) + 1}, At: raft.Time(i),
			Body: trace.Caption{Text: text}}
		feed(wire.Events{Reached: raft.Time(i), N: 1, Bytes: e.Append(nil, &ev)})
	}
	got, reached, err := r.Next(0, make([]trace.Event, 0, 100))
	if err != nil || reached != 49 {
		t.Fatalf("reached %d, %v", reached, err)
	}
	missed, ok := got[0].Body.(trace.Missed)
	if !ok || int(missed.Count)+len(got)-1 != 50 || len(got) < 30 {
		t.Errorf("%d events came, the first is %v", len(got), got[0].ID)
	}
	if got[1].ID.N != missed.Count+1 {
		t.Errorf("behind %d missed events comes number %d", missed.Count, got[1].ID.N)
	}
}

func TestADamagedFrameOfEventsEndsTheSource(t *testing.T) {
	p := newPair(t, newSource(trace.Driven, 30))
	p.remote.Feed(wire.Append(nil, 1, wire.Events{Reached: 9, N: 1, Bytes: []byte{9, 9}}))
	p.remote.Next(100, make([]trace.Event, 0, 100))
	if _, _, err := p.remote.Next(100, nil); err == nil || p.remote.Ended() == "" {
		t.Errorf("got %v, %q", err, p.remote.Ended())
	}
}

func TestMalformedFramesEndTheSession(t *testing.T) {
	hello := wire.Append(nil, 0, wire.Hello{Major: trace.Major})
	open := wire.Append(nil, 1, wire.Open{})
	for _, c := range []struct {
		name   string
		frames [][]byte
	}{
		{"empty", [][]byte{{}}},
		{"no hello", [][]byte{wire.Append(nil, 1, wire.Open{})}},
		{"another major", [][]byte{wire.Append(nil, 0, wire.Hello{Major: 9})}},
		{"cut", [][]byte{hello, {byte(wire.TypeAdvance), 1}}},
		{"stream 0", [][]byte{hello, wire.Append(nil, 0, wire.Open{})}},
		{"open twice", [][]byte{hello, open, open}},
		{"wrong way", [][]byte{hello, open, wire.Append(nil, 1, wire.End{})}},
	} {
		var last []byte
		s := wire.NewSession(func(string) (trace.Source, error) {
			return newSource(trace.Driven, 3), nil
		}, func(b []byte) { last = b })
		var err error
		for _, b := range c.frames {
			if err != nil {
				t.Errorf("%s: ended too early: %v", c.name, err)
			}
			err = s.Handle(b)
		}
		_, b, _ := wire.Decode(last)
		if end, ok := b.(wire.End); err == nil || !ok || end.Why != err.Error() {
			t.Errorf("%s: error %v, last frame %v", c.name, err, b)
		}
	}
}

func TestUnknownFramesArePassedOver(t *testing.T) {
	p := newPair(t, newSource(trace.Driven, 3))
	if err := p.remote.Feed([]byte{200, 1, 2, 3}); err != nil {
		t.Error(err)
	}
	if err := p.session.Handle([]byte{40, 1, 2, 3}); err != nil {
		t.Error(err)
	}
}

func TestASecondHelloBeginsAnew(t *testing.T) {
	src := newSource(trace.Driven, 3)
	p := newPair(t, src)
	p.remote.Hello("token")
	p.remote.Open("test:")
	if p.carry(10); !src.closed || !p.remote.Ready() {
		t.Error("the first source is still open")
	}
}

func TestClosingClosesTheSource(t *testing.T) {
	src := newSource(trace.Driven, 3)
	p := newPair(t, src)
	p.remote.Close()
	if p.carry(10); !src.closed {
		t.Error("it is still open")
	}
}

func TestAnEventThatIsTooLargeIsMissedAndNotSent(t *testing.T) {
	src := newSource(trace.Driven, 10)
	src.events[4].Body = trace.Caption{Text: strings.Repeat("x", wire.MaxDown)}
	src.events[6].Body = trace.Caption{Text: strings.Repeat("x", wire.MaxDown-1000)}
	got := newPair(t, src).drain(1000, src.events[9].At, 100, 100)
	want := slices.Clone(src.events)
	want[4].Body, want[4].Cause, want[4].How = got[4].Body, trace.EventID{}, trace.Exact
	same(t, want, got)
	if _, ok := got[4].Body.(trace.Missed); !ok {
		t.Errorf("in its place stands %v", got[4])
	}
}

func FuzzFrame(f *testing.F) {
	for _, b := range frames() {
		f.Add(wire.Append(nil, 1, b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		stream, body, err := wire.Decode(b)
		if err == nil {
			again := wire.Append(nil, stream, body)
			if _, twice, err := wire.Decode(again); err != nil || !reflect.DeepEqual(body, twice) {
				t.Errorf("%v became %v, %v", body, twice, err)
			}
		}
		src := newSource(trace.Driven, 30)
		s := wire.NewSession(func(string) (trace.Source, error) { return src, nil },
			func([]byte) {})
		s.Handle(wire.Append(nil, 0, wire.Hello{Major: trace.Major, Credit: 1 << 20}))
		s.Handle(wire.Append(nil, 1, wire.Open{}))
		s.Handle(b)
		for range 20 {
			s.Pump(100)
		}
		r := wire.NewRemote(1, func([]byte) {})
		r.Feed(wire.Append(nil, 1, wire.Header{Header: src.header}))
		r.Feed(b)
		for range 20 {
			r.Next(100, make([]trace.Event, 0, 10))
		}
	})
}
