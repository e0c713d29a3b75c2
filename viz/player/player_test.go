package player

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

const ms = raft.Millisecond

// fake is a source of one event every ten milliseconds. A late one answers a tick later, as a
// Worker does.
type fake struct {
	header  trace.Header
	late    bool
	now     raft.Time // how far it has run
	asked   raft.Time
	room    int
	out     []trace.Event
	n       uint64
	end     raft.Time // of a recording; 0 for none
	done    []trace.Command
	refuse  string
	most    raft.Time // the furthest that was asked for
	closed  bool
	pending bool
	err     error
}

func newFake(clock trace.Clock, late bool) *fake {
	f := &fake{late: late, header: trace.Header{Clock: clock, Caps: trace.CanKill | trace.CanCut,
		Members: []trace.Member{{ID: 1}, {ID: 2}, {ID: 3}}}}
	if clock == trace.Running {
		f.header.Kind, f.header.Lag = trace.Live, 100*ms
	}
	return f
}

func (f *fake) Ready() bool          { return !f.pending }
func (f *fake) Header() trace.Header { return f.header }
func (f *fake) Close() error         { f.closed = true; return nil }

func (f *fake) emit(at raft.Time, b trace.Body) {
	f.n++
	f.out = append(f.out, trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: f.n}, At: at, Body: b})
}

// run makes the events up to until, at most room of them.
func (f *fake) run(until raft.Time, room int) {
	for next := (f.now/(10*ms) + 1) * 10 * ms; next <= until; next += 10 * ms {
		if room--; room < 0 {
			return
		}
		f.now = next
		f.emit(next, trace.Applied{From: 1, To: 1})
		if next%(50*ms) == 0 {
			f.emit(next, trace.Delivered{Msg: trace.EventID{Node: 2, Boot: 1, N: 1}})
		}
	}
	f.now = max(f.now, until)
}

func (f *fake) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	if f.err != nil {
		return dst, f.now, f.err
	}
	driven := f.header.Clock == trace.Driven
	if f.end > 0 {
		until = min(until, f.end)
	}
	if driven && f.late && f.asked > 0 {
		f.run(f.asked, f.room)
		f.asked = 0
	}
	if driven && !f.late && len(f.out) == 0 {
		f.run(until, cap(dst))
	}
	for len(f.out) > 0 && len(dst) < cap(dst) {
		dst = append(dst, f.out[0])
		f.out = f.out[1:]
	}
	if driven && len(dst) < cap(dst) && until > f.now {
		f.asked, f.room = until, cap(dst)
	}
	if driven {
		f.most = max(f.most, until)
	}
	reached := f.now
	if len(f.out) > 0 {
		reached = f.out[0].At - 1
	}
	if f.end > 0 && reached >= f.end {
		return dst, reached, io.EOF
	}
	return dst, reached, nil
}

func (f *fake) Do(c trace.Command) error {
	f.done = append(f.done, c)
	if f.refuse != "" {
		f.emit(f.now, trace.Refused{Command: c.ID, Why: f.refuse})
		return nil
	}
	f.emit(f.now, trace.Accepted{Command: c.ID})
	f.emit(f.now, trace.Crashed{Node: c.Node, Why: "killed"})
	return nil
}

func ticks(p *Player, n int, wall raft.Time) {
	for range n {
		p.Tick(wall)
	}
}

func both(t *testing.T, f func(t *testing.T, src *fake)) {
	for _, late := range []bool{false, true} {
		name := "at once"
		if late {
			name = "a tick later"
		}
		t.Run(name, func(t *testing.T) { f(t, newFake(trace.Driven, late)) })
	}
}

// A simulation moves by wall time times speed, and is never asked for more than a frame of play.
func TestPlayAtSpeed(t *testing.T) {
	both(t, func(t *testing.T, src *fake) {
		p := New(src, NewDesk(0))
		p.SetSpeed(0.5)
		for range 100 {
			p.Tick(16 * ms)
			if ahead := src.most - p.At(); ahead > 8*ms {
				t.Fatalf("the source is asked for %d us beyond the play-head", ahead)
			}
		}
		if at := p.At(); at < 790*ms || at > 800*ms {
			t.Errorf("after 1.6 s at half speed the play-head is at %v us", at)
		}
		if c := p.Clock(); !c.Live || c.Lag != 0 && c.Lag > 8*ms {
			t.Errorf("clock %+v", c)
		}
	})
}

// The slowest speed moves less than a microsecond in a short frame, and still moves.
func TestSlowestSpeedMoves(t *testing.T) {
	p := New(newFake(trace.Driven, false), NewDesk(0))
	p.SetSpeed(0)
	ticks(p, 1000, 500)
	if at := p.At(); at < 480 || at > 500 {
		t.Errorf("half a second at 1/1000 is %d us", at)
	}
}

func TestSpeedIsBounded(t *testing.T) {
	p := New(newFake(trace.Driven, false), NewDesk(0))
	for _, c := range []struct{ ask, want float64 }{{0, SlowestSpeed}, {-3, SlowestSpeed}, {1, 1},
		{99, FastestSpeed}, {math.Inf(1), FastestSpeed}, {math.NaN(), FastestSpeed}} {
		if p.SetSpeed(c.ask); p.Clock().Speed != c.want {
			t.Errorf("speed %v became %v, not %v", c.ask, p.Clock().Speed, c.want)
		}
	}
}

func TestHoldAndFreezeStand(t *testing.T) {
	both(t, func(t *testing.T, src *fake) {
		p := New(src, NewDesk(0))
		p.SetSpeed(1)
		ticks(p, 10, 16*ms)
		for name, stop := range map[string]func(bool){
			"hold": func(on bool) {
				if on {
					p.Hold()
				} else {
					p.Play()
				}
			}, "freeze": p.Freeze} {
			stop(true)
			ticks(p, 3, 16*ms)
			was := p.At()
			ticks(p, 10, 16*ms)
			if p.At() != was || p.Moving() || !p.Clock().Live || was != src.now {
				t.Errorf("%s: from %d to %d, moving %v, live %v, source at %d", name, was, p.At(),
					p.Moving(), p.Clock().Live, src.now)
			}
			stop(false)
			if ticks(p, 3, 16*ms); p.At() == was {
				t.Errorf("after %s it stands for ever", name)
			}
		}
	})
}

// A page that was hidden for a minute stands where it was.
func TestHiddenPageStandsStill(t *testing.T) {
	p := New(newFake(trace.Driven, false), NewDesk(0))
	p.SetSpeed(1)
	ticks(p, 10, 16*ms)
	was := p.At()
	p.Tick(60 * raft.Second)
	if d := p.At() - was; d > frameLimit {
		t.Errorf("the play-head went on by %d us", d)
	}
}

func TestSeekBackAndNow(t *testing.T) {
	both(t, func(t *testing.T, src *fake) {
		p := New(src, NewDesk(0))
		p.SetSpeed(10)
		ticks(p, 20, 16*ms)
		p.Hold()
		ticks(p, 2, 16*ms)
		edge := p.Clock().Edge
		p.SeekTime(205 * ms)
		p.Tick(0)
		c := p.Clock()
		if c.At != 205*ms || c.Live || p.State().At != 205*ms || p.Ordinal() != 24 {
			t.Errorf("clock %+v, state at %d, behind %d events", c, p.State().At, p.Ordinal())
		}
		p.SetSpeed(1)
		p.Play()
		ticks(p, 10, 10*ms)
		if p.At() != 305*ms || p.Clock().Edge != edge {
			t.Errorf("playing in the past: at %d, edge %d", p.At(), p.Clock().Edge)
		}
		p.Now()
		ticks(p, 2, 10*ms)
		if c := p.Clock(); !c.Live || c.At < edge {
			t.Errorf("now: %+v", c)
		}
	})
}

// Played up to the edge the play-head is the edge again, and the run goes on.
func TestPastCatchesUp(t *testing.T) {
	p := New(newFake(trace.Driven, false), NewDesk(0))
	p.SetSpeed(1)
	ticks(p, 20, 10*ms)
	p.SeekTime(150 * ms)
	ticks(p, 12, 10*ms)
	if c := p.Clock(); !c.Live || c.At <= 200*ms {
		t.Errorf("clock %+v", c)
	}
}

func TestSeekBeyondTheEdge(t *testing.T) {
	both(t, func(t *testing.T, src *fake) {
		p := New(src, NewDesk(0))
		p.Hold()
		p.Tick(0)
		p.SeekTime(30 * raft.Second)
		seen := raft.Time(0)
		for n := 0; p.Clock().Seeking || n == 0; n++ {
			was := src.now
			p.Tick(16 * ms)
			if src.now-was > lastSlice {
				t.Fatal("one tick did it all")
			}
			if p.At() < seen {
				t.Fatal("the play-head went back")
			}
			if seen = p.At(); n > 1000 {
				t.Fatalf("no end of it: %+v", p.Clock())
			}
		}
		if p.At() != 30*raft.Second || src.most != p.At() || !p.Clock().Live {
			t.Errorf("clock %+v, asked for %d", p.Clock(), src.most)
		}
	})
}

// A seek has a bound, and beyond it nothing changes.
func TestSeekIsBounded(t *testing.T) {
	p := New(newFake(trace.Driven, false), NewDesk(0))
	p.Hold()
	p.Tick(0)
	for _, at := range []raft.Time{seekLimit + 1, 1e15, math.MaxInt64} {
		err := p.SeekTime(at)
		if err == nil || !strings.Contains(err.Error(), "1 h beyond the edge") || p.Clock().Seeking {
			t.Errorf("to %d: %v", at, err)
		}
	}
	if err := p.SeekTime(seekLimit); err != nil || !p.Clock().Seeking {
		t.Errorf("an hour: %v", err)
	}
}

func TestSteps(t *testing.T) {
	both(t, func(t *testing.T, src *fake) {
		p := New(src, NewDesk(0))
		p.Hold()
		p.Tick(0)
		step := func(by By, dir int) {
			t.Helper()
			if err := p.Step(by, dir); err != nil {
				t.Fatal(err)
			}
			for range 40 {
				p.Tick(16 * ms)
			}
		}
		step(ByEvent, 1)
		if p.At() != 10*ms || p.Ordinal() != 1 {
			t.Fatalf("one event on: at %d, behind %d", p.At(), p.Ordinal())
		}
		step(ByMessage, 1)
		if p.At() != 50*ms || p.Ordinal() != 6 || !p.Clock().Live {
			t.Fatalf("one message on: at %d, behind %d, %+v", p.At(), p.Ordinal(), p.Clock())
		}
		step(ByEvent, -1)
		if p.At() != 50*ms || p.Ordinal() != 5 {
			t.Fatalf("one event back: at %d, behind %d", p.At(), p.Ordinal())
		}
		step(ByEvent, -1)
		if p.At() != 40*ms || p.Ordinal() != 4 || p.Clock().Live {
			t.Fatalf("one event back: at %d, behind %d", p.At(), p.Ordinal())
		}
		step(ByEvent, 1)
		step(ByEvent, 1)
		step(ByEvent, 1)
		if p.At() != 60*ms || p.Ordinal() != 7 || !p.Clock().Live {
			t.Errorf("three events on: at %d, behind %d", p.At(), p.Ordinal())
		}
	})
}

func TestStepBackEndsAtTheStart(t *testing.T) {
	p := New(newFake(trace.Driven, false), NewDesk(0))
	p.SetSpeed(1)
	ticks(p, 3, 10*ms)
	var err error
	for range 5 {
		if err = p.Step(ByEvent, -1); err != nil {
			break
		}
	}
	if !errors.Is(err, errNothingOlder) {
		t.Errorf("stepping back for ever gave %v", err)
	}
}

// Acting waits until the play-head has reached the edge, and the answer comes back once.
func TestDo(t *testing.T) {
	both(t, func(t *testing.T, src *fake) {
		d := NewDesk(100)
		p := New(src, d)
		p.SetSpeed(1)
		ticks(p, 5, 16*ms)
		p.Freeze(true) // a pointer is on the node
		id := p.Do(trace.Command{Kind: trace.CommandKill, Node: 2})
		ticks(p, 5, 16*ms)
		got := d.Fetch(nil)
		if id != 101 || len(got) != 1 || got[0] != (Answer{Ticket: 101, Accepted: true}) {
			t.Fatalf("ticket %d, answers %+v", id, got)
		}
		if len(src.done) != 1 || src.now != p.At() {
			t.Errorf("the source got %d commands and stands at %d, the play-head at %d",
				len(src.done), src.now, p.At())
		}
		if p.State().Node(2).Down != "killed" {
			t.Errorf("what the command did is not shown: %+v", p.State().Node(2))
		}
		src.refuse = "it is down"
		p.Do(trace.Command{Kind: trace.CommandKill, Node: 2})
		ticks(p, 5, 16*ms)
		if got := d.Fetch(nil); len(got) != 1 || got[0].Accepted || got[0].Why != "it is down" {
			t.Errorf("answers %+v", got)
		}
	})
}

// What is asked while a frame of play is still in the asking waits for it.
func TestDoWaitsForTheEdge(t *testing.T) {
	src := newFake(trace.Driven, true)
	p := New(src, NewDesk(0))
	p.SetSpeed(1)
	p.Tick(16 * ms) // asked for, not reached
	p.Do(trace.Command{Kind: trace.CommandKill, Node: 2})
	if len(src.done) != 0 {
		t.Fatalf("handed over at %d, before %d was reached", src.now, src.asked)
	}
	if p.Tick(16 * ms); len(src.done) != 1 || src.now != 16*ms || p.At() != 16*ms {
		t.Errorf("%d handed over, the source at %d, the play-head at %d", len(src.done), src.now,
			p.At())
	}
}

// Acting from within a moment, where a step has ended, shows what the command did.
func TestDoBehindAStep(t *testing.T) {
	src := newFake(trace.Driven, false)
	p := New(src, NewDesk(0))
	p.Hold()
	p.Tick(0)
	for range 5 { // the fifth event is the first of two at 50 ms
		p.Step(ByEvent, 1)
		p.Tick(0)
	}
	p.Tick(0)
	if p.Ordinal() != 5 {
		t.Fatalf("behind %d events", p.Ordinal())
	}
	p.Do(trace.Command{Kind: trace.CommandKill, Node: 2})
	if p.Tick(0); p.State().Node(2).Down != "killed" {
		t.Errorf("behind %d events: %+v", p.Ordinal(), p.State().Node(2))
	}
}

func TestDoInThePastIsRefused(t *testing.T) {
	for _, clock := range []trace.Clock{trace.Driven, trace.Running} {
		d := NewDesk(0)
		src := newFake(clock, false)
		src.run(20*raft.Second, 1<<20)
		p := New(src, d)
		p.Tick(0)
		p.SeekTime(12030 * ms)
		p.Tick(0)
		p.Do(trace.Command{Kind: trace.CommandKill, Node: 1})
		got := d.Fetch(nil)
		if len(got) != 1 || got[0].Accepted || len(src.done) != 0 ||
			!strings.Contains(got[0].Why, "you are looking at 12.03 s; go to now") {
			t.Errorf("clock %d: answers %+v", clock, got)
		}
	}
}

func TestDoIsRefusedWithoutThePower(t *testing.T) {
	d := NewDesk(0)
	src := newFake(trace.Driven, false)
	p := New(src, d)
	p.Do(trace.Command{Kind: trace.CommandKill, Node: 1})
	p.Tick(0)
	p.Do(trace.Command{Kind: trace.CommandPropose, Key: "x"})
	p.header.Why = "you may only watch"
	p.Do(trace.Command{Kind: trace.CommandPropose, Key: "x"})
	var got []string
	for _, a := range d.Fetch(nil) {
		got = append(got, a.Why)
	}
	want := "there is no source yet|a simulation takes no propose|you may only watch"
	if strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}

// Every ticket is answered, though the source says nothing or goes.
func TestAnswersAlwaysCome(t *testing.T) {
	silent := func() (*Player, *Desk, *fake) {
		d, src := NewDesk(0), newFake(trace.Running, false)
		p := New(src, d)
		p.Tick(0)
		p.Do(trace.Command{Kind: trace.CommandKill, Node: 1})
		src.out = nil // its answer is lost
		return p, d, src
	}
	p, d, _ := silent()
	ticks(p, 10, raft.Second)
	if d.Waiting() {
		t.Error("given up too early")
	}
	ticks(p, 10, raft.Second)
	if got := d.Fetch(nil); len(got) != 1 || got[0].Accepted {
		t.Errorf("no answer: %+v", got)
	}
	p, d, src := silent()
	src.err = errors.New("gone")
	p.Tick(0)
	if got := d.Fetch(nil); len(got) != 1 || got[0].Accepted {
		t.Errorf("the source has gone: %+v", got)
	}
	p, d, src = silent()
	p.Close()
	if got := d.Fetch(nil); len(got) != 1 || got[0].Accepted || !src.closed {
		t.Errorf("closed: %+v", got)
	}
}

// A live cluster is followed at a distance, evenly though its frames come in bursts.
func TestFollowLive(t *testing.T) {
	src := newFake(trace.Running, false)
	src.run(raft.Second, 1<<20)
	p := New(src, NewDesk(0))
	p.Tick(0)
	if p.At() != 900*ms {
		t.Fatalf("it begins at %d", p.At())
	}
	least, most := raft.Time(1<<40), raft.Time(0)
	for i := range 600 {
		if i%3 == 0 {
			src.run(raft.Second+raft.Time(i+1)*16*ms, 1<<20)
		}
		was := p.At()
		p.Tick(16 * ms)
		if i > 60 {
			least, most = min(least, p.At()-was), max(most, p.At()-was)
		}
	}
	if least < 13*ms || most > 19*ms {
		t.Errorf("a frame of 16 ms moved it by %d to %d us", least, most)
	}
	if c := p.Clock(); c.Lag < 60*ms || c.Lag > 160*ms || !c.Live {
		t.Errorf("clock %+v", c)
	}
}

// On return to a hidden page the play-head of a live cluster jumps.
func TestLiveJumps(t *testing.T) {
	src := newFake(trace.Running, false)
	src.run(raft.Second, 1<<20)
	p := New(src, NewDesk(0))
	p.Tick(0)
	src.run(60*raft.Second, 1<<20)
	p.Tick(59 * raft.Second)
	if p.At() != 60*raft.Second-100*ms {
		t.Errorf("at %d", p.At())
	}
}

// A pointer over a message stops the play-head of a live cluster too, which then catches up.
func TestLiveFreeze(t *testing.T) {
	src := newFake(trace.Running, false)
	src.run(raft.Second, 1<<20)
	p := New(src, NewDesk(0))
	p.Tick(0)
	p.Freeze(true)
	src.run(1400*ms, 1<<20)
	if ticks(p, 10, 16*ms); p.At() != 900*ms {
		t.Errorf("frozen it went on to %d", p.At())
	}
	p.Freeze(false)
	if ticks(p, 100, 16*ms); p.At() < 1250*ms || !p.Clock().Live {
		t.Errorf("it did not catch up: %+v", p.Clock())
	}
}

// A live cluster is drained while it is held, and stays behind until one goes to now.
func TestLiveHold(t *testing.T) {
	src := newFake(trace.Running, false)
	src.run(raft.Second, 1<<20)
	p := New(src, NewDesk(0))
	p.Tick(0)
	p.Hold()
	src.run(3*raft.Second, 1<<20)
	ticks(p, 10, 16*ms)
	if c := p.Clock(); c.At != 900*ms || c.Edge != 3*raft.Second || c.Live || len(src.out) > 0 {
		t.Errorf("held: %+v", c)
	}
	p.Play()
	ticks(p, 10, 16*ms)
	if c := p.Clock(); c.At != 1060*ms || c.Live {
		t.Errorf("played on: %+v", c)
	}
	p.Now()
	p.Tick(16 * ms)
	if c := p.Clock(); !c.Live || c.At < 2900*ms {
		t.Errorf("now: %+v", c)
	}
}

func TestRecordingEnds(t *testing.T) {
	src := newFake(trace.Driven, false)
	src.header.Kind, src.end = trace.Recording, 100*ms
	d := NewDesk(0)
	p := New(src, d)
	p.SetSpeed(1)
	ticks(p, 20, 16*ms)
	if p.At() != 100*ms || p.Moving() || p.Err() != nil {
		t.Fatalf("at %d, moving %v, %v", p.At(), p.Moving(), p.Err())
	}
	p.Play()
	p.Tick(16 * ms)
	if p.At() >= 100*ms || !p.Moving() {
		t.Errorf("played again: at %d", p.At())
	}
}

func TestPendingSource(t *testing.T) {
	src := newFake(trace.Driven, false)
	src.pending = true
	p := New(src, NewDesk(0))
	ticks(p, 3, 16*ms)
	p.SeekTime(1)
	p.Now()
	p.Hold()
	p.Play()
	if p.Ready() || p.State() != nil || p.Bodies() != nil || p.Moving() || p.Ordinal() != 0 ||
		p.Step(ByEvent, 1) == nil {
		t.Error("it is ready before its source")
	}
	src.pending = false
	if p.Tick(0); !p.Ready() || p.State() == nil {
		t.Error("it is not ready though its source is")
	}
	src = newFake(trace.Driven, false)
	src.pending, src.err = true, errors.New("no such scenario")
	p = New(src, NewDesk(0))
	if p.Tick(0); p.Err() == nil {
		t.Error("a source that failed before its header failed in silence")
	}
}

// Whatever order the controls come in, the play-head stays within history and comes to an end.
func FuzzControls(f *testing.F) {
	f.Add([]byte("0123456789abc"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, clock := range []trace.Clock{trace.Driven, trace.Running} {
			src := newFake(clock, true)
			p := New(src, NewDesk(0))
			for _, c := range data {
				if clock == trace.Running {
					src.run(src.now+16*ms, 1<<20)
				}
				switch c % 10 {
				case 0:
					p.Play()
				case 1:
					p.Hold()
				case 2:
					p.SeekTime(raft.Time(c) * 7 * ms)
				case 3:
					p.Now()
				case 4:
					p.Step(By(c/10%3), int(c/30%2)*2-1)
				case 5:
					p.SetSpeed(float64(c) / 100)
				case 6:
					p.Do(trace.Command{Kind: trace.CommandKill, Node: 1})
				case 7:
					p.Freeze(c > 128)
				}
				p.Tick(16 * ms)
				k := p.Clock()
				if k.At < 0 || k.At > k.Edge || p.State().At > k.Edge {
					t.Fatalf("after %q: %+v, state at %d", data, k, p.State().At)
				}
			}
		}
	})
}
