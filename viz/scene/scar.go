package scene

import (
	"math"

	"github.com/raftarium/raftarium/viz/theme"
)

// scar is where a cluster is cut: a smooth curve between the groups.
type scar struct {
	pts    []Point
	handle Point
	held   bool // it has a handle
}

// carve works out the scars of the groups: one curve between two, a star between more, and where a
// group's nodes are no neighbours a curve around each run of them.
func (p *Picture) carve() {
	w := &p.net
	p.scars = p.scars[:0]
	if w.groups < 2 || p.lay.rows || len(p.Places) < 2 {
		return
	}
	var edges []int // i stands for the gap between the nodes i and i+1
	for i := range p.Places {
		if w.group[i] != w.group[(i+1)%w.n] {
			edges = append(edges, i)
		}
	}
	switch {
	case len(edges) == 2:
		p.curve(p.around(edges[0], edges[1]), true)
	case len(edges) == w.groups:
		p.star(edges)
	default:
		p.islands(edges)
	}
}

// around gives the bends of a curve that parts the nodes behind the gap a up to the gap b from all
// others: half way between the outermost of them and their neighbours.
func (p *Picture) around(a, b int) []Point {
	n := len(p.Places)
	if n == 2 {
		return []Point{p.beyond(a), p.between(a), p.beyond(b)}
	}
	in1, in2 := &p.Places[(a+1)%n], &p.Places[b]
	out1, out2 := &p.Places[a], &p.Places[(b+1)%n]
	f := float32(0.5)
	if run := (b - a + n) % n; n >= 7 && 2*run != n { // leave room around a small run
		f = 0.34
		if 2*run > n {
			f = 1 - f
		}
	}
	mid := Point{((in1.X+in2.X)*f + (out1.X+out2.X)*(1-f)) / 2,
		((in1.Y+in2.Y)*f + (out1.Y+out2.Y)*(1-f)) / 2}
	return []Point{p.beyond(a), p.between(a), mid, p.between(b), p.beyond(b)}
}

func (p *Picture) between(i int) Point {
	a, b := &p.Places[i], &p.Places[(i+1)%len(p.Places)]
	return Point{(a.X + b.X) / 2, (a.Y + b.Y) / 2}
}

// beyond is the end of a scar, outside of the ring.
func (p *Picture) beyond(i int) Point {
	l := &p.lay
	sin, cos := sincos(float32(l.angle(float64(i) + 0.5)))
	r := p.Places[i].R
	ry := l.ry
	if len(p.Places) == 2 {
		ry = min(l.ry, 3*r)
	}
	far := r + 26*l.k
	x, y := l.cx+cos*(l.rx+far), l.cy+sin*(ry+far)
	m := (theme.HandleSize + 5) * l.k
	return Point{clamp(x, l.inset.Left+m, l.w-l.inset.Right-m),
		clamp(y, l.inset.Top+m, l.h-l.inset.Bottom-m)}
}

func (p *Picture) star(edges []int) {
	w := &p.net
	var hub Point
	for g := range w.groups {
		var x, y, n float32
		for i := range p.Places {
			if w.group[i] == g {
				x, y, n = x+p.Places[i].X, y+p.Places[i].Y, n+1
			}
		}
		hub.X, hub.Y = hub.X+x/n/float32(w.groups), hub.Y+y/n/float32(w.groups)
	}
	for i, e := range edges {
		p.curve([]Point{p.beyond(e), p.between(e), hub}, i == 0)
	}
}

func (p *Picture) islands(edges []int) {
	w := &p.net
	size := make([]int, w.groups)
	largest := 0
	for _, g := range w.group {
		if size[g]++; size[g] > size[largest] {
			largest = g
		}
	}
	held := true
	for i, e := range edges {
		if w.group[(e+1)%w.n] != largest {
			p.curve(p.around(e, edges[(i+1)%len(edges)]), held)
			held = false
		}
	}
}

// curve smooths the bends and keeps the curve open where a living link passes.
func (p *Picture) curve(bends []Point, held bool) {
	pts := smooth(bends)
	if pts[0].Y > pts[len(pts)-1].Y+1 && len(bends) != 3 {
		reverse(pts)
	}
	s := scar{handle: pts[0], held: held}
	for i, q := range pts {
		near := held && hypot(q.X-s.handle.X, q.Y-s.handle.Y) < theme.HandleSize*p.lay.k
		if p.gate(q) || near {
			if len(s.pts) > 1 {
				p.scars = append(p.scars, s)
				s.held = false
			}
			s.pts = nil
			continue
		}
		s.pts = append(s.pts, pts[i])
	}
	p.scars = append(p.scars, s)
}

// gate reports whether a link that lives passes close to a point.
func (p *Picture) gate(q Point) bool {
	w := &p.net
	for a := range p.Places {
		for b := a + 1; b < w.n; b++ {
			if w.apart(a, b) {
				continue
			}
			x, y := &p.Places[a], &p.Places[b]
			if far(q.X, q.Y, x.X, x.Y, y.X, y.Y) < 8*p.lay.k {
				return true
			}
		}
	}
	return false
}

func reverse(pts []Point) {
	for i, j := 0, len(pts)-1; i < j; i, j = i+1, j-1 {
		pts[i], pts[j] = pts[j], pts[i]
	}
}

// smooth runs a Catmull-Rom curve through the bends.
func smooth(bends []Point) []Point {
	const steps = 16
	var out []Point
	at := func(i int) Point { return bends[min(max(i, 0), len(bends)-1)] }
	for i := range len(bends) - 1 {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		for j := range steps {
			t := float32(j) / steps
			out = append(out, Point{spline(a.X, b.X, c.X, d.X, t), spline(a.Y, b.Y, c.Y, d.Y, t)})
		}
	}
	return append(out, bends[len(bends)-1])
}

func spline(a, b, c, d, t float32) float32 {
	return 0.5 * (2*b + (c-a)*t + (2*a-5*b+4*c-d)*t*t + (3*b-a-3*c+d)*t*t*t)
}

// far is the distance of a point from a piece of a line.
func far(x, y, x1, y1, x2, y2 float32) float32 {
	dx, dy := x2-x1, y2-y1
	if l := dx*dx + dy*dy; l > 0 {
		t := clamp(((x-x1)*dx+(y-y1)*dy)/l, 0, 1)
		x1, y1 = x1+t*dx, y1+t*dy
	}
	return hypot(x-x1, y-y1)
}

// meets gives the place, from 0 to 1 on the first piece of a line, where two pieces cross.
func meets(a, b, c, d Point) (t float32, ok bool) {
	rx, ry, sx, sy := b.X-a.X, b.Y-a.Y, d.X-c.X, d.Y-c.Y
	det := rx*sy - ry*sx
	if math.Abs(float64(det)) < 1e-6 {
		return 0, false
	}
	t = ((c.X-a.X)*sy - (c.Y-a.Y)*sx) / det
	u := ((c.X-a.X)*ry - (c.Y-a.Y)*rx) / det
	return t, t >= 0 && t <= 1 && u >= 0 && u <= 1
}

// torn tells where on its way between two places a message meets the scar.
func (p *Picture) torn(a, b Point) float32 {
	for i := range p.scars {
		pts := p.scars[i].pts
		for j := 1; j < len(pts); j++ {
			if t, ok := meets(a, b, pts[j-1], pts[j]); ok {
				return t
			}
		}
	}
	return 0.5
}
