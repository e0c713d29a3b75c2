package scene

import (
	"math"

	"github.com/raftarium/raftarium/raft/trace"
)

// drawPulse shows where a message was taken in.
func (b *pen) drawPulse(class trace.Class, c *course, age float32) {
	if class == trace.ClassHeartbeat || b.v.ReducedMotion || len(b.s.Flights) > busyAt {
		return
	}
	x, y := c.at(c.length)
	b.glow(x, y, (10+8*age)*b.k, b.hue(class).Alpha(0.5*(1-age)))
}

// drawBurst shows where and why a message died.
func (b *pen) drawBurst(f *trace.Flight, class trace.Class, c *course, from, to int, g stage) {
	t := ease(g.t)
	switch {
	case f.Why == trace.DropDown:
		t = 1
	case f.Why == trace.DropCut && b.p.net.apart(from, to):
		x, y := c.at(c.length)
		t = clamp(b.p.torn(Point{c.x, c.y}, Point{x, y})+6*b.k/c.length, 0.1, 0.95)
	case f.Why == trace.DropCut:
		t = b.p.net.scarAt(from, to) - 32*b.k/c.length
	default:
		t = clamp(t, 0.25, 0.92)
	}
	x, y := c.at(c.length * t)
	b.shows(Target{Kind: TargetFlight, Event: f.Msg, Copy: f.Copy}, x, y, 12*b.k)
	defer b.done()
	k, a := b.k, 1-g.age*g.age
	if len(b.s.Flights) > denseAt {
		b.cross(x, y, 4*k, 1.5*k, b.t.Fault.Alpha(a))
		return
	}
	back := min(c.length*t, 70*k)
	b.trail(x-c.dx*back, y-c.dy*back, x-c.dx*8*k, y-c.dy*8*k, 2.6*k, b.hue(class).Alpha(0.5*a))
	b.disc(x, y, 5.5*k, b.t.Centre.Alpha(a))
	b.ring(x, y, 5.5*k, 1.9*k, b.hue(class).Alpha(a))
	grow := float32(0.4)
	if !b.v.ReducedMotion {
		grow = 1 - (1-g.age)*(1-g.age)*(1-g.age)
	}
	r0, r1 := (8.5+3*grow)*k, (12+5*grow)*k
	for i := range 8 {
		sin, cos := sincos(float32(i) * math.Pi / 4)
		b.stroke(x+cos*r0, y+sin*r0, x+cos*r1, y+sin*r1, 2*k, b.t.Fault.Alpha(a))
	}
	if len(b.s.Flights) <= busyAt {
		b.remark(x+15*k, y-14*k, FromLeft, b.t.Fault.Alpha(a), f.Why.String())
	}
}

// scarAt tells where on the way from one node to another the scar of a single cut link is.
func (w *network) scarAt(from, to int) float32 {
	switch {
	case !w.cut[to*w.n+from]:
		return cutOne
	case from < to:
		return cutBoth
	}
	return 1 - cutBoth
}
