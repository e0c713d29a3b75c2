package player

import (
	"math"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// The automatic tempo moves between SimulationSpeed, at which a message can be followed by eye, and
// QuietSpeed, at which the wait for an election is a second or two.
const QuietSpeed = 1.0 / 8

const (
	approach  = 600 * raft.Millisecond // of wall time that what is foreseen is kept away at least
	linger    = 700 * raft.Millisecond // of wall time that one looks at what has happened
	brakeOver = 90 * raft.Millisecond  // time constants of the easing
	hurryOver = 600 * raft.Millisecond
	writeSpan = 60 * raft.Millisecond // a write that takes longer waits for something else
	lookMost  = 1024                  // events that are looked at in a tick
)

// tempo is the pace that goes by what happens. It looks at the state at the play-head alone: what
// will happen is foreseen from time-outs and from messages on their way, so that the source need
// never run ahead of what is shown.
type tempo struct {
	on     bool
	chosen bool      // somebody has said on or off
	calm   bool      // off until somebody says on
	left   raft.Time // wall time for which one still looks at what has happened
	seen   uint64    // events before this ordinal were judged
}

// Calm says that the reader asked for less motion: the pace is then steady until somebody chooses
// the automatic one.
func (p *Player) Calm(on bool) { p.tempo.calm = on }

// SetAuto gives the pace over to what happens: fast while only heartbeats and their replies flow,
// slow when something is worth seeing. The error says why a source cannot be paced.
func (p *Player) SetAuto() error {
	if p.started && p.header.Clock == trace.Running {
		return errOwnPace
	}
	p.tempo.on, p.tempo.chosen = true, true
	return nil
}

// beginTempo sets what a source begins with.
func (p *Player) beginTempo() {
	switch {
	case p.header.Clock == trace.Running:
		p.speed, p.tempo.on = 1, false
	case !p.tempo.chosen:
		p.tempo.on = p.header.Kind == trace.Simulation && !p.tempo.calm
	}
}

// pace eases the speed to what the moment that is shown is worth.
func (p *Player) pace(wall raft.Time) {
	t := &p.tempo
	if !t.on {
		return
	}
	if p.notable() {
		t.left = linger
	}
	if !p.playing || p.frozen || p.seek.on || p.step.left > 0 {
		return
	}
	want := SimulationSpeed
	if t.left = max(t.left-wall, 0); t.left == 0 {
		want = quietSpeed(p.cursor.State())
	}
	over := hurryOver
	if want < p.speed {
		over = brakeOver
	}
	part := 1 - math.Exp(-float64(wall)/float64(over))
	p.speed *= math.Pow(want/p.speed, part)
	if math.Abs(p.speed/want-1) < 0.01 {
		p.speed = want
	}
}

// notable reports whether the play-head has passed something that the list of events tells.
func (p *Player) notable() (found bool) {
	k, end := p.tempo.seen, p.cursor.Ordinal()
	p.tempo.seen = end
	if end < k || end-k > lookMost {
		return end != k // it was taken somewhere else
	}
	waits := !led(p.cursor.State())
	for k = max(k, p.line.First()); k < end; k++ {
		ev, ok := p.line.Event(k)
		if icon := world.Icon(&ev); ok && icon != "" && !(waits && icon == "client") {
			return true
		}
	}
	return false
}

// quietSpeed gives the speed that a state is worth.
func quietSpeed(s *trace.State) float64 {
	if busy(s) {
		return SimulationSpeed
	}
	left := float64(nextElection(s)-s.At) / float64(approach)
	return min(max(left, SimulationSpeed), QuietSpeed)
}

// busy reports whether something is on its way that is worth seeing: a vote, an entry, a chunk of
// a snapshot, a write. Heartbeats and acknowledgements are not.
func busy(s *trace.State) bool {
	for i := range s.Flights {
		if f := &s.Flights[i]; f.Fate == trace.Flying && worthSeeing(trace.ClassOf(&f.Message)) {
			return true
		}
	}
	if !led(s) {
		return false // clients wait as everybody does
	}
	for i := range s.Requests {
		if r := &s.Requests[i]; r.Outcome == 0 && s.At-r.At < writeSpan {
			return true
		}
	}
	return false
}

// led reports whether somebody leads. Until somebody does, all that one waits for is an election.
func led(s *trace.State) bool {
	for i := range s.Nodes {
		if n := &s.Nodes[i]; n.Alive && !n.Paused && n.Role == raft.Leader {
			return true
		}
	}
	return false
}

func worthSeeing(c trace.Class) bool {
	return c != trace.ClassHeartbeat && c != trace.ClassAppendReply
}

// nextElection gives when the first node will stand for election, if nothing reaches it before.
func nextElection(s *trace.State) raft.Time {
	next := raft.Time(math.MaxInt64)
	for i := range s.Nodes {
		n := &s.Nodes[i]
		waits := n.Known && n.Alive && !n.Paused && n.Role != raft.Leader
		if waits && n.Deadline >= s.At && n.Deadline > 0 {
			next = min(next, n.Deadline)
		}
	}
	return next
}
