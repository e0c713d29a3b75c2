package player

import (
	"errors"
	"math"
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

var (
	errNotReady     = errors.New("there is no source yet")
	errNothingNewer = errors.New("there is nothing newer yet")
	errNothingOlder = errors.New("history starts here")
	errOwnPace      = errors.New("a running source goes at its own pace: give a factor instead")
)

// Play lets the play-head move. At the end of a recording it begins anew.
func (p *Player) Play() {
	if p.over && p.head >= p.reached && p.started {
		p.head, p.back, p.exact = p.line.Start(), true, false
	}
	p.playing, p.stop = true, 0
}

// Hold lets the play-head stand. On a running source it stays behind from then on.
func (p *Player) Hold() {
	p.stopWork()
	p.playing = false
	if p.started && p.header.Clock == trace.Running {
		p.back = true
		p.turnAway()
	}
}

// Freeze lets the play-head stand for as long as a pointer is over something; it is no Hold.
func (p *Player) Freeze(on bool) { p.frozen = on }

// SetSpeed says how fast the play-head moves, 1 is real time; it is kept within SlowestSpeed and
// FastestSpeed, and ends the automatic tempo. A running source that is watched more slowly falls
// behind.
func (p *Player) SetSpeed(factor float64) {
	if math.IsNaN(factor) {
		return
	}
	p.speed = min(max(factor, SlowestSpeed), FastestSpeed)
	p.tempo.on, p.tempo.chosen = false, true
	if p.started && p.header.Clock == trace.Running && p.speed < 1 {
		p.back = true
		p.turnAway()
	}
}

// Clock says where the play-head stands.
type Clock struct {
	At, Edge, Start raft.Time
	Goal            raft.Time // of a seek that is under way, else At
	Seeking         bool
	Live            bool // the play-head is at the edge and was not taken back
	Playing         bool
	Frozen          bool
	Speed           float64   // the one in force
	Auto            bool      // it goes by what happens
	Lag             raft.Time // how far it is behind the edge
}

// Clock gives where the play-head stands.
func (p *Player) Clock() Clock {
	c := Clock{At: p.head, Edge: p.reached, Goal: p.head, Live: !p.back, Playing: p.playing,
		Frozen: p.frozen, Speed: p.speed, Auto: p.tempo.on}
	if p.started {
		c.Start = p.line.Start()
	}
	if p.seek.on {
		c.Goal, c.Seeking = p.seek.goal, true
	}
	c.Lag = max(c.Edge-c.At, 0)
	return c
}

// At gives the moment that is shown.
func (p *Player) At() raft.Time { return p.head }

// State gives the state at the play-head; nil until the source is ready. It is the player's.
func (p *Player) State() *trace.State {
	if !p.started {
		return nil
	}
	return p.cursor.State()
}

// Bodies gives what is known of the entries; nil until the source is ready.
func (p *Player) Bodies() *trace.Bodies {
	if !p.started {
		return nil
	}
	return p.line.Bodies()
}

// Ordinal gives how many events stand before the play-head.
func (p *Player) Ordinal() uint64 {
	if !p.started {
		return 0
	}
	return p.cursor.Ordinal()
}

// Moving reports whether the next tick will change what is shown without anything coming from
// outside, or has work to do.
func (p *Player) Moving() bool {
	if !p.started {
		return false
	}
	if p.err != nil && !p.back {
		return false
	}
	return p.seek.on || p.step.left > 0 || len(p.queue) > 0 ||
		(p.playing && !p.frozen && (!p.over || p.back))
}

// Do hands a command to the source as soon as the play-head has reached the edge, and gives the
// ticket under which the desk will have the answer, exactly one. If the command has no ID it gets
// one.
func (p *Player) Do(c trace.Command) uint64 {
	if c.ID == 0 {
		c.ID = p.desk.Ticket()
	}
	if why := p.forbids(c.Kind); why != "" {
		p.desk.Settle(c.ID, false, why)
		return c.ID
	}
	p.exact = false // the whole of the last moment lies before the command
	p.queue = append(p.queue, c)
	p.handOver()
	return c.ID
}

// forbids says why a command cannot be taken now; nothing if it can.
func (p *Player) forbids(k trace.CommandKind) string {
	switch {
	case !p.started:
		return errNotReady.Error()
	case p.err != nil:
		return "the source has ended: " + p.err.Error()
	case p.back:
		return p.lookingBack()
	case p.header.Caps&needs(k) == 0 && p.header.Why != "":
		return p.header.Why
	case p.header.Caps&needs(k) == 0:
		return "a " + p.header.Kind.String() + " takes no " + k.String()
	}
	return ""
}

// lookingBack says why one cannot act in the past.
func (p *Player) lookingBack() string {
	at := "you are looking at " + Stamp(p.head)
	switch {
	case p.over:
		return at + " of a recording: nothing can be changed in it"
	case p.header.Clock == trace.Running:
		return at + "; go to now, or fork"
	}
	return at + "; go to now: this source cannot go on differently from its past"
}

// Stamp writes a moment for people: 12.03 s, or 1:02:03 from a minute on.
func Stamp(t raft.Time) string {
	if t < 0 {
		return "0.00 s"
	}
	if t < 60*raft.Second {
		h := (t / (10 * raft.Millisecond)) % 100
		return strconv.FormatInt(int64(t/raft.Second), 10) + "." + two(h) + " s"
	}
	s := t / raft.Second
	return strconv.FormatInt(int64(s/3600), 10) + ":" + two(s/60%60) + ":" + two(s%60)
}

func two(t raft.Time) string {
	if t < 10 {
		return "0" + strconv.FormatInt(int64(t), 10)
	}
	return strconv.FormatInt(int64(t), 10)
}

func needs(k trace.CommandKind) trace.Caps {
	switch k {
	case trace.CommandKill, trace.CommandRestart, trace.CommandWipe, trace.CommandChange,
		trace.CommandDisk, trace.CommandClock: // power over the servers themselves
		return trace.CanKill
	case trace.CommandPause, trace.CommandResume:
		return trace.CanPause
	case trace.CommandCut, trace.CommandHeal, trace.CommandPartition, trace.CommandHealAll:
		return trace.CanCut
	case trace.CommandPropose, trace.CommandRead:
		return trace.CanPropose
	case trace.CommandCampaign, trace.CommandTransfer:
		return trace.CanCampaign
	case trace.CommandLink:
		return trace.CanLink
	}
	return 0
}

// handOver gives the waiting commands to the source, once the play-head has reached the edge.
func (p *Player) handOver() {
	if !p.started || len(p.queue) == 0 {
		return
	}
	if p.header.Clock == trace.Driven && (p.seek.on || p.step.left > 0 || p.reached < p.aim) {
		return
	}
	for _, c := range p.queue {
		if err := p.src.Do(c); err != nil {
			p.desk.Settle(c.ID, false, "the source is gone: "+err.Error())
			continue
		}
		p.open = append(p.open, waiting{ticket: c.ID})
		p.tempo.left = linger
	}
	p.queue = p.queue[:0]
}

// turnAway refuses what waits for an edge that the play-head has left.
func (p *Player) turnAway() {
	for _, c := range p.queue {
		p.desk.Settle(c.ID, false, p.lookingBack())
	}
	p.queue = p.queue[:0]
}

func (p *Player) answer(ticket uint64, accepted bool, why string) {
	for i := range p.open {
		if p.open[i].ticket == ticket {
			p.open = append(p.open[:i], p.open[i+1:]...)
			p.desk.Settle(ticket, accepted, why)
			return
		}
	}
}

// wait gives up on answers that do not come.
func (p *Player) wait(wall raft.Time) {
	kept := p.open[:0]
	for _, w := range p.open {
		w.since += min(wall, raft.Second) // a hidden page's time does not count
		switch {
		case p.err != nil:
			p.desk.Settle(w.ticket, false, "the source ended before it answered: it may or may "+
				"not have happened")
		case w.since > answerIn:
			p.desk.Settle(w.ticket, false, "no answer came: it may or may not have happened")
		default:
			kept = append(kept, w)
		}
	}
	p.open = kept
}

// Close ends the source. What was asked and has no answer is refused.
func (p *Player) Close() error {
	for _, c := range p.queue {
		p.desk.Settle(c.ID, false, "the source was closed")
	}
	for _, w := range p.open {
		p.desk.Settle(w.ticket, false, "the source was closed before it answered: it may or may "+
			"not have happened")
	}
	p.queue, p.open = nil, nil
	return p.src.Close()
}

// Event gives an event of the timeline; false if it is no longer kept.
func (p *Player) Event(k uint64) (trace.Event, bool) {
	if !p.started {
		return trace.Event{}, false
	}
	return p.line.Event(k)
}

// Find gives the ordinal of an event; false if it is not kept.
func (p *Player) Find(id trace.EventID) (uint64, bool) {
	if !p.started {
		return 0, false
	}
	return p.line.Find(id)
}
