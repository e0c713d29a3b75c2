package scene

import (
	"math"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// drawFlight draws a message that is t of its way.
func (b *pen) drawFlight(f *trace.Flight, class trace.Class, c *course, t float32) {
	x, y := c.at(c.length * t)
	target := Target{Kind: TargetFlight, Event: f.Msg, Copy: f.Copy}
	b.shows(target, x, y, 9*b.k)
	defer b.done()
	if len(b.s.Flights) > denseAt {
		b.drawSpeck(class, x, y)
		return
	}
	if b.v.Hover == target || b.v.Selected == target || b.v.Focus == target {
		b.glow(x, y, 26*b.k, b.t.Accent.Alpha(0.4))
		b.ring(x, y, 17*b.k, 1.8*b.k, b.t.Accent)
	}
	if back := min(c.length*t, 44*b.k); len(b.s.Flights) <= busyAt && class != trace.ClassAppend {
		b.trail(x-c.dx*back, y-c.dy*back, x, y, 2.6*b.k, b.hue(class).Alpha(0.42))
	}
	switch class {
	case trace.ClassHeartbeat:
		b.disc(x, y, theme.Bead*b.k, b.t.Centre)
		b.ring(x, y, theme.Bead*b.k, 2*b.k, b.t.Append)
	case trace.ClassAppend:
		b.drawTrain(f, c, t)
	case trace.ClassVote, trace.ClassPreVote:
		b.drawVote(x, y, c, class == trace.ClassPreVote)
	case trace.ClassSnapshot:
		part := float32(0)
		if m, ok := f.Message.Body.(*raft.InstallSnapshot); ok && m.Snapshot.Size > 0 {
			part = float32(float64(m.Offset+uint64(f.Bytes)) / float64(m.Snapshot.Size))
		}
		b.crate(x, y, 11, part)
	case trace.ClassTransfer:
		b.bolt(x, y, theme.Bolt*b.k)
	case trace.ClassRead:
		b.eye(x, y, theme.Eye*b.k)
	case trace.ClassOther:
		b.box(x, y, 5*b.k, 5*b.k, 1.5*b.k, 0, 0, b.t.Ink3)
	default:
		b.drawAnswer(f, class, c, x, y)
	}
}

// drawSpeck is a message among very many.
func (b *pen) drawSpeck(class trace.Class, x, y float32) {
	switch r := 3 * b.k; class {
	case trace.ClassHeartbeat:
		b.ring(x, y, r, 1.3*b.k, b.t.Append)
	case trace.ClassAppend, trace.ClassSnapshot:
		b.box(x, y, r, r, b.k, 0, 0, b.hue(class))
	default:
		b.disc(x, y, r*0.9, b.hue(class))
	}
}

// drawTrain draws an append: a wagon an entry in the colour of the entry's term, up to four. It
// comes out of its sender and goes into its addressee as out of and into a tunnel.
func (b *pen) drawTrain(f *trace.Flight, c *course, t float32) {
	k := b.k
	pitch, half := (theme.Wagon+1)*k, theme.Wagon*k/2
	var entries []raft.Entry
	if m, ok := f.Message.Body.(*raft.AppendEntries); ok {
		entries = m.Entries
	}
	n := min(max(len(entries), 1), 4)
	train := 9*k + float32(n)*pitch
	head := t * (c.length + train)
	angle := float32(math.Atan2(float64(c.dy), float64(c.dx)))
	tail := head - 9*k - float32(n)*pitch
	if len(b.s.Flights) <= busyAt && tail > 0 {
		x, y := c.at(min(tail, c.length))
		x0, y0 := c.at(max(tail-40*k, 0))
		b.trail(x0, y0, x, y, 2.6*k, b.t.Append.Alpha(0.42))
	}
	for i := range n {
		at := head - 9*k - pitch*float32(i) - half
		if a := tunnel(at, c.length, k); a > 0 {
			x, y := c.at(at)
			fill, lap := b.t.Fog, 0
			if i < len(entries) {
				fill, lap = b.t.Fill(entries[i].Term)
			}
			b.box(x, y, half, half, 3*k, 0, angle, fill.Alpha(a))
			if lap > 0 {
				b.line(x-half*0.6, y+half*0.6, x+half*0.6, y-half*0.6, 2*k, b.t.Hatch)
			}
			b.box(x, y, half, half, 3*k, 1.9*k, angle, b.t.Append.Alpha(a))
		}
	}
	if a := tunnel(head-4*k, c.length, k); a > 0 {
		x, y := c.at(head)
		p := b.begin()
		b.turned(x, y, c.dx, c.dy, Point{0, 0}, Point{-8 * k, -6 * k}, Point{-8 * k, 6 * k})
		b.end(p, Shape{Kind: Poly, X: x - c.dx*5*k, Y: y - c.dy*5*k, Color: b.t.Append.Alpha(a)})
	}
	if at := tail - 11*k; len(entries) > 4 && at > 0 && at < c.length {
		x, y := c.at(at)
		b.text(x-c.dy*9*k, y+c.dx*9*k, theme.TextSmall, Centred, b.t.Append,
			b.p.words.number(timesOf, uint64(len(entries))))
	}
	b.spotAt(c, clamp(head-train/2, 0, c.length), max(train/2, 9*k))
}

// spotAt moves the spot of what is being drawn.
func (b *pen) spotAt(c *course, s, r float32) {
	if b.spot >= 0 {
		sp := &b.p.Spots[b.spot]
		sp.X, sp.Y = c.at(s)
		sp.X2, sp.Y2, sp.R = sp.X, sp.Y, min(r, 16*b.k)
	}
}

// tunnel is how much is seen of what is at s of a way.
func tunnel(s, length, k float32) float32 {
	return clamp(min(s+5*k, length-s+5*k)/(7*k), 0, 1)
}

// drawVote draws a triangle that points where it goes; that of a pre-vote is dotted.
func (b *pen) drawVote(x, y float32, c *course, pre bool) {
	r := theme.Triangle * b.k
	f := b.begin()
	b.turned(x, y, c.dx, c.dy, Point{r, 0}, Point{-0.62 * r, -0.92 * r}, Point{-0.62 * r, 0.92 * r})
	if !pre {
		b.end(f, Shape{Kind: Poly, X: x, Y: y, Color: b.t.Vote})
		return
	}
	b.end(f, Shape{Kind: Poly, X: x, Y: y, Color: b.t.Centre})
	first := b.p.Points[f]
	f2 := b.begin()
	b.p.Points = append(b.p.Points, b.p.Points[f:f2]...)
	b.at(first.X, first.Y)
	b.end(f2, Shape{Kind: Path, W: 2.1 * b.k, Dash: 0.2 * b.k, Gap: 3.5 * b.k, Color: b.t.Vote,
		Round: true})
}

// drawAnswer draws half of a question's size, with a tick or a cross.
func (b *pen) drawAnswer(f *trace.Flight, class trace.Class, c *course, x, y float32) {
	yes, why := b.answer(&f.Message)
	hue, r := b.hue(class), theme.Answer*b.k
	switch {
	case !yes:
		b.disc(x, y, r, b.t.Centre)
		b.ring(x, y, r, 1.7*b.k, hue)
		b.cross(x, y, r*0.5, 1.8*b.k, hue)
	case class == trace.ClassPreVoteReply:
		b.disc(x, y, r, b.t.Centre)
		b.dashes(x, y, r, 1.9*b.k, 11, 0.06, hue)
		b.tick(x, y, r*0.62, 1.8*b.k, hue)
	default:
		b.disc(x, y, r, hue)
		b.tick(x, y, r*0.68, 1.8*b.k, b.t.OnClass)
	}
	if why != "" && len(b.s.Flights) <= busyAt {
		b.remarkBehind(c, x, y, r+5*b.k, why)
	}
}

func (b *pen) answer(m *raft.Message) (yes bool, why string) {
	switch r := m.Body.(type) {
	case *raft.RequestVoteReply:
		return r.Granted, refusal(r.Granted, r.Why)
	case *raft.AppendEntriesReply:
		switch {
		case r.Success:
			return true, ""
		case r.Why == raft.WhyLogConflict:
			return false, b.p.words.number(differs, uint64(r.Rejected))
		case r.Why == raft.WhyLogTooShort:
			return false, b.p.words.number(endsAt, uint64(r.Hint))
		}
		return false, refusal(false, r.Why)
	case *raft.ReadIndexReply:
		return r.Granted, refusal(r.Granted, r.Why)
	}
	return true, ""
}

func refusal(granted bool, why raft.Reason) string {
	if granted {
		return ""
	}
	return reason(why)
}
