package scene

import (
	"math"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// Beyond these numbers of flights trails and words go, and then all but one shape a message.
const (
	busyAt  = 260
	denseAt = 700
)

// course is the way of a message from the edge of one node to that of another, a little to the
// right of the link, so that there and back are told apart.
type course struct {
	x, y   float32 // where it begins
	dx, dy float32 // unit vector
	length float32
}

func (b *pen) course(from, to *Place) (c course, ok bool) {
	c.dx, c.dy = to.X-from.X, to.Y-from.Y
	d := hypot(c.dx, c.dy)
	if d < 1 {
		return c, false
	}
	c.dx, c.dy = c.dx/d, c.dy/d
	gap := 10 * b.k * b.rel(from)
	off := 5.5 * b.k
	c.length = max(d-from.R-to.R-2*gap, 1)
	c.x = from.X + c.dx*(from.R+gap) - c.dy*off
	c.y = from.Y + c.dy*(from.R+gap) + c.dx*off
	return c, true
}

func (c *course) at(s float32) (x, y float32) { return c.x + c.dx*s, c.y + c.dy*s }

// ease starts and ends a little slower than it goes in between.
func ease(t float32) float32 { return t * (0.6 + t*(1.2-0.8*t)) }

// stage is how far a flight is.
type stage struct {
	t    float32 // the part of the way, from 0 to 1
	fate trace.Fate
	age  float32 // since its fate: 0 when it came, 1 when it is no longer shown
}

// progress tells where a flight is at a moment: a function of what it was planned and came to.
// A flight without a plan comes ever nearer and does not arrive before it is known to have.
func progress(f *trace.Flight, v *View) (g stage, shown bool) {
	now := v.Now
	if now < f.SentAt {
		return g, false
	}
	due, end := f.Due, f.FateAt
	if due <= f.SentAt {
		due = f.SentAt + v.unplanned()
		if f.Fate == trace.Arrived {
			end = max(end, due)
		} else if f.Fate == trace.Flying && now-f.SentAt > raft.Time(v.span(theme.LostAfter)) {
			return g, false
		}
	}
	whole := max(float64(due-f.SentAt), 1)
	if f.Fate != trace.Flying && now >= end {
		hold := v.span(theme.PulseTime)
		if f.Fate == trace.Died {
			hold = v.span(theme.BurstTime)
		}
		g.age = float32(float64(now-end) / min(hold, float64(raft.Second)))
		g.fate = f.Fate
		g.t = clamp(float32(float64(end-f.SentAt)/whole), 0, 1)
		return g, g.age < 1
	}
	part := float64(now-f.SentAt) / whole
	if f.Due <= f.SentAt && f.Fate != trace.Arrived {
		part = 0.92 * (1 - math.Exp(-1.6*part))
	}
	if g.t = clamp(float32(part), 0, 1); v.ReducedMotion {
		g.t = (float32(math.Floor(float64(min(g.t, 0.99)*4))) + 0.5) / 4
	}
	return g, true
}

func (b *pen) drawFlights() {
	for i := range b.s.Flights {
		f := &b.s.Flights[i]
		class := classOf(&f.Message)
		if b.v.Hidden.Has(class) {
			continue
		}
		g, shown := progress(f, b.v)
		if !shown {
			continue
		}
		from, to := b.p.lay.find(f.Message.From), b.p.lay.find(f.Message.To)
		if from < 0 || to < 0 {
			continue
		}
		c, ok := b.course(&b.p.Places[from], &b.p.Places[to])
		if !ok {
			continue
		}
		switch g.fate {
		case trace.Flying:
			b.drawFlight(f, class, &c, ease(g.t))
		case trace.Arrived:
			b.drawPulse(class, &c, g.age)
		case trace.Died:
			b.drawBurst(f, class, &c, from, to, g)
		}
	}
}

// classOf sorts a message; those of other engines say their class themselves.
func classOf(m *raft.Message) trace.Class {
	f, ok := m.Body.(*raft.Foreign)
	if !ok {
		return trace.ClassOf(m)
	}
	switch f.Class {
	case "heartbeat":
		return trace.ClassHeartbeat
	case "append":
		return trace.ClassAppend
	case "vote":
		return trace.ClassVote
	case "preVote":
		return trace.ClassPreVote
	case "snapshot":
		return trace.ClassSnapshot
	case "reply":
		return trace.ClassAppendReply
	}
	return trace.ClassOther
}

func (b *pen) hue(c trace.Class) theme.Color {
	switch c {
	case trace.ClassHeartbeat, trace.ClassAppend, trace.ClassAppendReply:
		return b.t.Append
	case trace.ClassPreVote, trace.ClassPreVoteReply, trace.ClassVote, trace.ClassVoteReply:
		return b.t.Vote
	case trace.ClassSnapshot, trace.ClassSnapshotReply:
		return b.t.Snap
	case trace.ClassTransfer:
		return b.t.Snap
	case trace.ClassRead, trace.ClassReadReply:
		return b.t.Read
	}
	return b.t.Ink3
}
