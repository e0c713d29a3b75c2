package scene

import "github.com/raftarium/raftarium/viz/theme"

// wireEnds is the drawn part of the link between two places.
func (b *pen) wireEnds(x, y *Place) (x1, y1, x2, y2 float32, ok bool) {
	dx, dy := y.X-x.X, y.Y-x.Y
	d := hypot(dx, dy)
	gap := 13 * b.k * b.rel(x)
	if d < x.R+y.R+2*gap+12*b.k {
		return 0, 0, 0, 0, false
	}
	dx, dy = dx/d, dy/d
	return x.X + dx*(x.R+gap), x.Y + dy*(x.R+gap), y.X - dx*(y.R+gap), y.Y - dy*(y.R+gap), true
}

// drawLinks draws the hairlines; where nothing passes they fade to dots.
func (b *pen) drawLinks() {
	p := b.p
	if len(p.Places) > linksMost {
		return
	}
	for i := range p.Places {
		for j := i + 1; j < len(p.Places); j++ {
			b.drawLink(i, j)
		}
	}
}

func (b *pen) drawLink(i, j int) {
	p, w := b.p, &b.p.net
	x1, y1, x2, y2, ok := b.wireEnds(&p.Places[i], &p.Places[j])
	if !ok || p.lay.outer[i] || p.lay.outer[j] { // who is no member has no links
		return
	}
	t := Target{Kind: TargetLink, Node: p.Places[i].ID, To: p.Places[j].ID}
	b.shows(t, x1, y1, 5*b.k)
	sp := &p.Spots[b.spot]
	sp.X2, sp.Y2 = x2, y2
	switch lit := b.v.Hover == t || b.v.Selected == t || b.v.Focus == t; {
	case lit:
		b.stroke(x1, y1, x2, y2, 3*b.k, b.t.Accent.Alpha(0.55))
	case w.cut[i*w.n+j] && w.cut[j*w.n+i]:
		b.dashed(x1, y1, x2, y2, 1.7*b.k, 0.1*b.k, 8*b.k, b.t.Fault.Alpha(0.32))
	default:
		b.line(x1, y1, x2, y2, max(1.2*b.k, 1), b.t.Link)
	}
	b.done()
}

// drawCuts draws the scars: those of groups as curves, those of single links as strokes across.
func (b *pen) drawCuts() {
	p, w := b.p, &b.p.net
	if w.cuts == 0 || p.lay.rows {
		return
	}
	for i := range p.Places {
		for j := i + 1; j < len(p.Places); j++ {
			there, back := w.cut[i*w.n+j], w.cut[j*w.n+i]
			if (there || back) && !w.apart(i, j) {
				b.drawCut(i, j, there, back)
			}
		}
	}
	for i := range p.scars {
		b.drawScar(i)
	}
	if w.oneWay != 0 && len(p.scars) > 0 {
		b.drawOneWay(p.scars[0].pts)
	}
}

func (b *pen) drawScar(i int) {
	s := &b.p.scars[i]
	t := Target{Kind: TargetScar, Scar: uint8(min(i, 255))}
	lit := b.v.Hover == t || b.v.Focus == t
	f := b.begin()
	b.p.Points = append(b.p.Points, s.pts...)
	if len(s.pts) > 1 {
		b.end(f, Shape{Kind: Path, W: 2.6 * b.k, Dash: 9 * b.k, Gap: 7 * b.k, Color: b.t.Fault,
			Round: true})
	}
	if s.held {
		b.drawHandle(t, s.handle.X, s.handle.Y, theme.HandleSize, lit)
	}
}

// drawHandle draws what heals a cut: a cross in a circle.
func (b *pen) drawHandle(t Target, x, y, r float32, lit bool) {
	k := b.k
	b.shows(t, x, y, r*k)
	fill, sign := b.t.Card, b.t.Fault
	if lit {
		fill, sign = sign, fill
		b.glow(x, y, (r+8)*k, b.t.Fault.Alpha(0.35))
	}
	b.disc(x, y, r*k, fill)
	b.ring(x, y, r*k, 1.9*k, b.t.Fault)
	b.cross(x, y, r*0.48*k, 1.9*k, sign)
	b.done()
}

// Where on a single link its scar is: of one cut both ways as seen from the lower node, which keeps
// the scars of a ring's diagonals apart, and of one cut one way as seen from the sender.
const (
	cutBoth = 0.42
	cutOne  = 0.6
)

// drawCut draws the scar of one link, nearer to the side that hears nothing.
func (b *pen) drawCut(i, j int, there, back bool) {
	from, to := &b.p.Places[i], &b.p.Places[j]
	t := Target{Kind: TargetCut, Node: from.ID, To: to.ID}
	at := float32(cutBoth)
	if there != back {
		if at = cutOne; back {
			from, to = to, from
		}
	}
	x1, y1, x2, y2, ok := b.wireEnds(from, to)
	if !ok {
		return
	}
	k := b.k
	x, y := x1+(x2-x1)*at, y1+(y2-y1)*at
	d := hypot(x2-x1, y2-y1)
	dx, dy := (x2-x1)/d, (y2-y1)/d
	half := 19 * k
	if there != back {
		b.arrow(x-dx*34*k, y-dy*34*k, x-dx*(theme.HandleSize-1)*k, y-dy*(theme.HandleSize-1)*k)
	}
	b.stroke(x-dy*half, y+dx*half, x+dy*half, y-dx*half, 2.6*k, b.t.Fault)
	b.drawHandle(t, x, y, 8, b.v.Hover == t || b.v.Focus == t)
}

// arrow points at where nothing passes.
func (b *pen) arrow(x, y, x2, y2 float32) {
	k := b.k
	d := max(hypot(x2-x, y2-y), 1)
	c, s := (x2-x)/d, (y2-y)/d
	b.stroke(x, y, x2-c*6*k, y2-s*6*k, 2*k, b.t.Fault)
	f := b.begin()
	b.turned(x2, y2, c, s, Point{0, 0}, Point{-9 * k, -5 * k}, Point{-9 * k, 5 * k})
	b.end(f, Shape{Kind: Poly, X: x2 - c*6*k, Y: y2 - s*6*k, Color: b.t.Fault})
}

// drawOneWay marks a scar that is one only in one direction: arrows that end at it.
func (b *pen) drawOneWay(pts []Point) {
	p, w := b.p, &b.p.net
	group := 0
	if w.oneWay > 0 {
		group = 1
	}
	var cx, cy, n float32
	for i := range p.Places {
		if w.group[i] == group {
			cx, cy, n = cx+p.Places[i].X, cy+p.Places[i].Y, n+1
		}
	}
	cx, cy = cx/n, cy/n
	for _, at := range [...]float32{0.38, 0.62} {
		i := int(at * float32(len(pts)-1))
		if i < 1 || i+1 >= len(pts) {
			continue
		}
		dx, dy := pts[i+1].X-pts[i-1].X, pts[i+1].Y-pts[i-1].Y
		d := max(hypot(dx, dy), 1)
		nx, ny := -dy/d, dx/d
		if nx*(cx-pts[i].X)+ny*(cy-pts[i].Y) < 0 {
			nx, ny = -nx, -ny
		}
		k := b.k
		b.arrow(pts[i].X+nx*34*k, pts[i].Y+ny*34*k, pts[i].X+nx*4*k, pts[i].Y+ny*4*k)
	}
}
