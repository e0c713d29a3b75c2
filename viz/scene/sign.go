package scene

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// drawSigns draws what a badge at a node says: that its log is in doubt, or that it comes or goes
// with the configuration that is being left.
func (b *pen) drawSigns(n *trace.NodeState, pl *Place) {
	d, r := pl.R*0.76, 9.5*b.k*b.rel(pl)
	if n.Doubtful {
		b.badge(pl.X+d, pl.Y+d, r, b.t.Fault)
		b.bold(pl.X+d, pl.Y+d, max(13*b.rel(pl), theme.TextSmall), Centred, b.t.Fault, "?")
	}
	by := b.p.passing(n.ID)
	if by == 0 {
		return
	}
	x, y, arm := pl.X-d, pl.Y+d, r*0.5
	b.badge(x, y, r, b.t.Ink)
	b.stroke(x-arm, y, x+arm, y, 2*b.k, b.t.Ink)
	if by > 0 {
		b.stroke(x, y-arm, x, y+arm, 2*b.k, b.t.Ink)
	}
}

func (b *pen) badge(x, y, r float32, c theme.Color) {
	b.disc(x, y, r, b.t.Card)
	b.ring(x, y, r, 1.7*b.k, c)
}

// bolt draws the word to take over at once; r is half its height.
func (b *pen) bolt(x, y, r float32) {
	f := b.begin()
	b.turned(x, y, r/9, 0, Point{1.8, -9}, Point{-5.6, 1.6}, Point{-0.7, 1.6}, Point{-1.8, 9},
		Point{5.6, -1.6}, Point{0.7, -1.6})
	b.end(f, Shape{Kind: Poly, X: x, Y: y, Color: b.t.Snap})
}

// eyelids is how many points half of an eye's outline has.
const eyelids = 8

// eye draws a question for the read index; r is half its width.
func (b *pen) eye(x, y, r float32) {
	f := b.begin()
	for i := range 2 * eyelids {
		t := float32(i%eyelids)/eyelids*2 - 1 // from corner to corner
		lid := (1 - t*t) * r * 0.66
		if i < eyelids {
			lid, t = -lid, -t
		}
		b.at(x-t*r, y+lid)
	}
	first := b.p.Points[f]
	b.end(f, Shape{Kind: Poly, X: x, Y: y, Color: b.t.Centre})
	n := b.begin()
	b.p.Points = append(b.p.Points, b.p.Points[f:n]...)
	b.at(first.X, first.Y)
	b.end(n, Shape{Kind: Path, W: 1.9 * b.k, Color: b.t.Read, Round: true})
	b.disc(x, y, r*0.34, b.t.Read)
}

// drawHandOvers shows to whom leaders hand over.
func (b *pen) drawHandOvers() {
	for i := range b.p.Places {
		n := b.p.node(b.s, i)
		if !n.Known || !n.Alive || n.Role != raft.Leader || n.HandsTo == 0 {
			continue
		}
		if to := b.p.lay.find(n.HandsTo); to >= 0 && to != i {
			b.drawHandOver(&b.p.Places[i], &b.p.Places[to])
		}
	}
}

// drawHandOver draws an arc beside the link, with a bolt in its middle and a head at its end.
func (b *pen) drawHandOver(from, to *Place) {
	const steps = 16
	k := b.k
	dx, dy := to.X-from.X, to.Y-from.Y
	d := hypot(dx, dy)
	out, in := from.R+18*k*b.rel(from), to.R+18*k*b.rel(to)
	dx, dy = dx/max(d, 1), dy/max(d, 1)
	if d < out+in+34*k { // there is room for the bolt alone
		s := (d + from.R - to.R) / 2
		x, y := from.X+dx*s+dy*13*k, from.Y+dy*s-dx*13*k
		b.disc(x, y, 11*k, b.t.Centre)
		b.bolt(x, y, theme.Bolt*k)
		return
	}
	bow := min(0.3*d, 70*k)
	var end, before, mid Point
	f := b.begin()
	for i := range steps + 1 {
		t := float32(i) / steps
		s, off := out+(d-out-in)*t, -bow*4*t*(1-t)*0.5
		q := Point{from.X + dx*s - dy*off, from.Y + dy*s + dx*off}
		if before, end = end, q; i == steps/2 {
			mid = q
		}
		b.at(q.X, q.Y)
	}
	b.end(f, Shape{Kind: Path, W: 2.4 * k, Dash: 7 * k, Gap: 6 * k, Color: b.t.Snap, Round: true})
	c, s := end.X-before.X, end.Y-before.Y
	l := max(hypot(c, s), 1)
	f = b.begin()
	b.turned(end.X, end.Y, c/l, s/l, Point{8 * k, 0}, Point{-4 * k, -6 * k}, Point{-4 * k, 6 * k})
	b.end(f, Shape{Kind: Poly, X: end.X, Y: end.Y, Color: b.t.Snap})
	b.disc(mid.X, mid.Y, 13*k, b.t.Centre)
	b.bolt(mid.X, mid.Y, theme.Bolt*k)
}
