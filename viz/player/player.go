package player

import (
	"errors"
	"io"
	"math"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// The range of the speed; 1 is real time.
const (
	SlowestSpeed = 1.0 / 1000
	FastestSpeed = 10.0
	// SimulationSpeed is that of a simulation at first: a message of 10 ms takes 0.6 s.
	SimulationSpeed = 1.0 / 60
)

const (
	frameLimit = 250 * raft.Millisecond // of wall time that a frame may count for
	pullLimit  = 16384                  // events that a tick takes at most
	pullChunk  = 4096                   // and that it asks for at once
	jumpOver   = raft.Second            // live: further from its place the play-head jumps
	easeWithin = 500 * raft.Millisecond
	answerIn   = 15 * raft.Second
)

// Player shows a source at a moment. Use New.
type Player struct {
	src     trace.Source
	header  trace.Header
	line    *world.Timeline
	cursor  *world.Cursor
	desk    *Desk
	before  []Observer
	after   []Observer
	started bool
	opened  bool      // the play-head has found its first place
	later   raft.Time // asked for before the source was ready, if sought
	sought  bool
	buf     []trace.Event
	one     [1]trace.Event

	reached raft.Time // the edge: up to here everything was given
	aim     raft.Time // of a driven source: what was asked for
	head    raft.Time
	rest    float64 // of a microsecond, that the play-head has still to go
	playing bool
	frozen  bool
	back    bool      // the play-head was taken back by hand
	stop    raft.Time // it holds when it comes there; 0 for nowhere
	exact   bool      // it stands behind exactly place events, within a moment
	place   uint64    // then
	placed  bool      // of a running source: the play-head has found its first place
	speed   float64
	tempo   tempo

	seek stretch
	step stepping

	queue []trace.Command // wait until the play-head has reached the edge
	open  []waiting       // were handed over and have no answer yet
	over  bool            // a recording's end
	err   error
}

type waiting struct {
	ticket uint64
	since  raft.Time // wall time that it has waited
}

// New gives a player for a source, playing. A source that is still pending says so by a method
// Ready() bool; until it is ready the player shows nothing. Answers to commands go to the desk.
func New(src trace.Source, desk *Desk) *Player {
	return &Player{src: src, desk: desk, playing: true, speed: SimulationSpeed,
		buf: make([]trace.Event, 0, pullChunk)}
}

// Observer is told of an event, its ordinal in the timeline and the state at the edge. It keeps
// neither.
type Observer func(k uint64, ev *trace.Event, edge *trace.State)

// OnEvent has before called with every event that comes and the state just before it, and after
// with the state just behind it.
func (p *Player) OnEvent(before, after Observer) {
	p.before, p.after = append(p.before, before), append(p.after, after)
}

// Ready reports whether the source has said what it is.
func (p *Player) Ready() bool { return p.started }

// Header gives what the source is; the zero Header until it is ready.
func (p *Player) Header() trace.Header { return p.header }

// Err gives why the source has ended; nil while it goes on, and at a recording's end.
func (p *Player) Err() error { return p.err }

// Tick takes what has happened in wall time since the last tick: it pulls from the source and moves
// the play-head. The work of one tick is bounded.
func (p *Player) Tick(wall raft.Time) {
	wall = max(wall, 0)
	if !p.start() {
		p.wait(wall)
		return
	}
	if p.header.Clock == trace.Running {
		p.drain()
		p.follow(wall)
	} else {
		p.drive(min(wall, frameLimit))
	}
	p.arrive()
	p.show()
	p.pace(min(wall, frameLimit))
	p.handOver()
	p.wait(wall)
}

// start begins the timeline once the source is ready.
func (p *Player) start() bool {
	if p.started {
		return true
	}
	if r, pending := p.src.(interface{ Ready() bool }); pending && !r.Ready() {
		// Next is where a source that failed before its header says so.
		if _, _, err := p.src.Next(0, nil); err != nil && p.err == nil {
			p.err = err
		}
		return false
	}
	p.started = true
	p.header = p.src.Header()
	p.begin()
	p.beginTempo()
	if p.sought {
		p.opened = true
		p.SeekTime(p.later)
	}
	return true
}

// next pulls once, up to until, and gives how many events came and whether there may be more.
func (p *Player) next(until raft.Time, buf []trace.Event) (n int, more bool) {
	if p.err != nil || p.over {
		return 0, false
	}
	got, reached, err := p.src.Next(until, buf[:0])
	for i := range got {
		p.take(&got[i])
	}
	p.reached = max(p.reached, reached)
	switch {
	case errors.Is(err, io.EOF):
		p.over = true
	case err != nil:
		p.err = err
	}
	return len(got), err == nil && len(got) > 0 && len(got) == cap(buf)
}

func (p *Player) take(ev *trace.Event) {
	k := p.line.Len()
	for _, f := range p.before {
		f(k, ev, p.line.Edge())
	}
	p.line.Append(ev)
	p.reached = max(p.reached, ev.At)
	switch b := ev.Body.(type) {
	case trace.Accepted:
		p.answer(b.Command, true, "")
	case trace.Refused:
		p.answer(b.Command, false, b.Why)
	}
	for _, f := range p.after {
		f(k, ev, p.line.Edge())
	}
}

// pull takes what there is up to until, at most pullLimit events.
func (p *Player) pull(until raft.Time) (n int) {
	for n < pullLimit {
		got, more := p.next(until, p.buf)
		if n += got; !more {
			break
		}
	}
	return n
}

func (p *Player) drain() { p.pull(math.MaxInt64) }

// follow moves the play-head of a running source.
func (p *Player) follow(wall raft.Time) {
	first := p.line.Start()
	p.head = max(p.head, first)
	target := max(p.reached-p.header.Lag, first)
	switch {
	case !p.placed:
		p.head, p.placed = target, p.line.Len() > 0
	case p.frozen:
	case p.back && p.playing:
		p.advance(float64(min(wall, frameLimit)) * p.speed)
		if p.head >= target {
			p.back = false
		}
	case p.back:
	case abs(target-p.head) > jumpOver:
		p.head, p.exact = target, false
	default:
		// Frames come in bursts: the play-head goes evenly, a little faster or slower.
		ease := 1 + float64(target-p.head)/float64(easeWithin)
		p.advance(float64(wall) * min(max(ease, 0), 2))
		p.head = min(p.head, p.reached)
	}
}

// drive moves the play-head of a driven source, and has the source follow.
func (p *Player) drive(wall raft.Time) {
	switch {
	case p.step.left > 0:
		p.walk()
		return
	case p.seek.on:
		p.run()
		return
	}
	p.aim = max(p.aim, p.ahead())
	moving := p.playing && !p.frozen && !p.over && len(p.queue) == 0
	p.pull(p.aim) // what came since the last tick
	p.opening()
	if p.back {
		if p.playing && !p.frozen {
			p.advance(float64(wall) * p.speed)
		}
		if p.head >= p.reached {
			p.head, p.back, p.exact = p.reached, false, false
		}
		return
	}
	if moving {
		d := float64(wall)*p.speed + p.rest
		whole := raft.Time(d)
		p.rest = d - float64(whole)
		if p.stop > 0 {
			whole = min(whole, max(p.stop-min(p.aim, p.reached), 0))
		}
		// At most one frame of play is in the asking.
		p.aim = max(min(p.aim, p.reached)+whole, p.aim)
	}
	p.pull(p.aim)
	// A step stands behind one of several events of a moment until something moves it on.
	stays := p.exact && !moving && len(p.queue) == 0
	if at := min(p.aim, p.reached); at > p.head && !stays {
		p.head, p.exact = at, false
	}
}

// ahead gives how far a driven source has really run: one behind frames may be further than it has
// given, when what it was asked for was taken back. The play-head goes there first, as commands
// stand there.
func (p *Player) ahead() raft.Time {
	if s, ok := p.src.(interface{ Edge() raft.Time }); ok {
		return s.Edge()
	}
	return p.reached
}

// advance moves the play-head by a part of microseconds too.
func (p *Player) advance(d float64) {
	d += p.rest
	whole := raft.Time(d)
	p.rest = d - float64(whole)
	if whole > 0 {
		p.head, p.exact = min(p.head+whole, p.reached), false
	}
}

// show brings the state that is shown to the play-head.
func (p *Player) show() {
	if p.exact {
		p.cursor.SeekOrdinal(p.place)
		return
	}
	p.cursor.Forward(p.head)
}

func abs(t raft.Time) raft.Time { return max(t, -t) }
