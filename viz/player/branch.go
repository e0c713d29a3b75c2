package player

import (
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// Place is where a branch begins: behind the run's events so far as they are shown, and at the
// moment of the play-head.
type Place struct {
	trace.Position
	Ordinal uint64 // behind so many events of the timeline
}

// Place gives the place that is shown. What lies beside the run belongs to whoever judges it anew.
func (p *Player) Place() Place {
	if !p.started {
		return Place{}
	}
	at := Place{Ordinal: p.cursor.Ordinal()}
	at.Events, at.At = p.cursor.State().Events, p.head
	for at.Ordinal > p.line.First() {
		ev, ok := p.line.Event(at.Ordinal - 1)
		if !ok || ev.Body.Kind().InRun() {
			break
		}
		at.Ordinal--
	}
	return at
}

// InPast reports whether to act now would be to act in the past of a run that can go on differently
// from there.
func (p *Player) InPast() bool {
	return p.started && p.back && p.err == nil && p.header.Caps&trace.CanFork != 0
}

// Branch gives a player of a source that goes on from a place of this one's: what is shown before
// it is the same, and it goes at the same pace.
func (p *Player) Branch(src trace.Source, at Place) *Player {
	b := New(src, p.desk)
	b.line = p.line.Branch(at.Ordinal)
	b.reached, b.aim, b.head, b.opened = at.At, at.At, at.At, true
	b.playing, b.speed, b.tempo = p.playing, p.speed, p.tempo
	b.tempo.seen, b.tempo.chosen = at.Ordinal, true
	return b
}

// Began gives the state at which a branch began, until it goes on.
func (p *Player) Began() *trace.State { return p.line.Edge() }

// begin gives the player its timeline, unless it has one as a branch.
func (p *Player) begin() {
	if p.line == nil {
		p.line = world.NewTimeline(p.header)
	}
	p.cursor = p.line.Cursor()
}
