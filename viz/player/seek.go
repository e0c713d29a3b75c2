package player

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

const (
	seekLimit  = 3600 * raft.Second // how far beyond the edge one seek may run
	firstSlice = 200 * raft.Millisecond
	lastSlice  = 20 * raft.Second
	fewEvents  = 2000
	manyEvents = 10000
	stepSpan   = 10 * raft.Second // a step looks for its event no further than this
	stepWork   = 256              // events that a step takes in one tick
	stepLook   = 1 << 17          // events that a step within the timeline looks at
)

// stretch is the way to a moment beyond the edge of a driven source. It is gone in slices, so that
// the page stays alive, and their length follows from how much happens in them.
type stretch struct {
	on    bool
	goal  raft.Time
	slice raft.Time
	came  int // events since the last slice was asked for
}

// By says what a step goes by.
type By uint8

// The lengths of a step.
const (
	ByEvent   By = iota // one event
	ByMessage           // until a message arrives or dies
	ByChange            // until something happens that the list of events tells
)

// ByNamed finds the length of a step by the name that the page's API has for it; false for none.
func ByNamed(name string) (By, bool) {
	switch name {
	case "event":
		return ByEvent, true
	case "message":
		return ByMessage, true
	case "change":
		return ByChange, true
	}
	return ByEvent, false
}

func (by By) ends(ev *trace.Event) bool {
	switch by {
	case ByEvent:
		return ev.Body.Kind().InRun()
	case ByMessage:
		k := ev.Body.Kind()
		return k == trace.KindDelivered || k == trace.KindDropped
	}
	return world.Icon(ev) != ""
}

// stepping is a step forward that a driven source has to make first.
type stepping struct {
	by    By
	left  int // events that it may still take
	until raft.Time
	ready bool // what was asked for before is here
}

// SeekTime takes the play-head to a moment. Beyond the edge a driven source runs there, in slices;
// a running one stays at its edge. The error says that the moment is more than an hour beyond the
// edge.
func (p *Player) SeekTime(t raft.Time) error {
	if t-seekLimit > p.reached {
		return fmt.Errorf("a seek goes at most 1 h beyond the edge, which is at %s",
			Stamp(p.reached))
	}
	if !p.started {
		p.later, p.sought = t, true
		return nil
	}
	p.stopWork()
	t = max(t, p.line.Start())
	p.exact, p.rest = false, 0
	switch {
	case t < p.edge():
		p.head, p.back = t, true
		p.aim = max(p.aim, p.reached)
		p.turnAway()
	case p.header.Clock == trace.Running || t == p.reached || p.over:
		p.Now()
	default:
		p.back = false
		p.seek = stretch{on: true, goal: t, slice: firstSlice}
		p.aim = max(p.aim, p.reached)
	}
	return nil
}

// PlayTo lets the play-head move up to a moment, and holds there. One that is not ahead of it is
// gone to at once. The error says that it is more than an hour beyond the edge.
func (p *Player) PlayTo(t raft.Time) error {
	if !p.started || t <= p.head || t-seekLimit > p.reached {
		p.Hold()
		return p.SeekTime(t)
	}
	p.Play()
	p.stop = t
	return nil
}

// arrive holds the play-head where PlayTo wanted it.
func (p *Player) arrive() {
	if t := p.stop; t > 0 && p.head >= t {
		p.Hold()
		if p.head > t {
			_ = p.SeekTime(t) // which is not beyond the edge
		}
	}
}

// edge is the last moment that a play-head that was taken back can be at.
func (p *Player) edge() raft.Time {
	if p.header.Clock == trace.Running {
		return p.reached - p.header.Lag
	}
	return p.reached
}

// Now takes the play-head to the edge.
func (p *Player) Now() {
	if !p.started {
		return
	}
	p.stopWork()
	p.back, p.exact, p.rest = false, false, 0
	if p.header.Clock == trace.Running {
		p.head, p.playing = max(p.reached-p.header.Lag, p.line.Start()), true
		return
	}
	p.head = p.reached
	p.aim = max(p.aim, p.reached)
}

// run goes on with a seek beyond the edge.
func (p *Player) run() {
	k := &p.seek
	if p.reached >= p.aim {
		switch {
		case k.came < fewEvents:
			k.slice = min(2*k.slice, lastSlice)
		case k.came > manyEvents:
			k.slice = max(k.slice/2, raft.Millisecond)
		}
		k.came = 0
		p.aim = max(min(k.goal, p.reached+k.slice), p.aim)
	}
	k.came += p.pull(p.aim)
	p.head, p.exact = min(p.reached, p.aim), false
	if p.reached >= k.goal || p.over || p.err != nil {
		p.seek = stretch{}
	}
}

// Step goes one event, message or change forward (dir > 0) or back, and holds there. The error says
// why it cannot.
func (p *Player) Step(by By, dir int) error {
	if !p.started {
		return errNotReady
	}
	p.stopWork()
	p.playing = false
	if dir < 0 {
		return p.stepBack(by)
	}
	if k, ok := p.find(by, p.cursor.Ordinal()); ok {
		p.stand(k + 1)
		return nil
	}
	if p.header.Clock == trace.Running || p.over {
		return errNothingNewer
	}
	p.back, p.exact = false, false
	p.head = max(p.head, p.reached)
	p.step = stepping{by: by, left: stepLook}
	return nil
}

// find gives the first event from ordinal k on that ends a step.
func (p *Player) find(by By, k uint64) (uint64, bool) {
	k = max(k, p.line.First())
	for end := min(p.line.Len(), k+stepLook); k < end; k++ {
		if ev, ok := p.line.Event(k); ok && by.ends(&ev) {
			return k, true
		}
	}
	return 0, false
}

func (p *Player) stepBack(by By) error {
	k := p.cursor.Ordinal() // the play-head stands behind k events
	least := p.line.First()
	for n := 0; k > least+1 && n < stepLook; n++ {
		k--
		if ev, ok := p.line.Event(k - 1); ok && by.ends(&ev) {
			p.stand(k)
			return nil
		}
	}
	if p.cursor.Ordinal() <= least+1 {
		return errNothingOlder
	}
	p.stand(least + 1)
	return nil
}

// stand puts the play-head behind exactly k events.
func (p *Player) stand(k uint64) {
	ev, ok := p.line.Event(k - 1)
	if !ok {
		return
	}
	p.head, p.rest = ev.At, 0
	p.place, p.exact = k, true
	// Within the last moment one stands at the edge: time has not gone on since.
	p.back = p.head < p.edge()
	p.aim = max(p.aim, p.reached)
	if p.back {
		p.turnAway()
	}
	p.show()
}

// walk has a driven source make the events of a step, one at a time, so that the step ends at the
// edge and one may act there.
func (p *Player) walk() {
	if !p.step.ready {
		p.aim = max(p.aim, p.ahead())
		p.pull(p.aim)
		p.head = max(p.head, min(p.aim, p.reached))
		if p.step.ready = p.reached >= p.aim || p.over || p.err != nil; !p.step.ready {
			return
		}
		p.step.until = p.reached + stepSpan
	}
	for range stepWork {
		n, _ := p.next(p.step.until, p.one[:0])
		if n == 0 {
			break
		}
		p.step.left--
		ev, ok := p.line.Event(p.line.Len() - 1)
		if p.step.left == 0 || (ok && p.step.by.ends(&ev)) {
			p.step = stepping{}
			p.place, p.exact = p.line.Len(), true
			break
		}
	}
	p.head, p.aim = p.reached, p.reached
	if p.reached >= p.step.until || p.over || p.err != nil {
		p.step = stepping{}
	}
}

// stopWork ends a seek or a step that is under way. What was asked for last still comes.
func (p *Player) stopWork() { p.seek, p.step, p.stop = stretch{}, stepping{}, 0 }
