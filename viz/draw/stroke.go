package draw

import (
	"math"

	"github.com/raftarium/raftarium/viz/scene"
)

// arcs draws a ring's part, or the dashes of one.
func (b *Batch) arcs(s *scene.Shape) {
	if s.Dash <= 0 {
		b.arc(s, s.A0, s.A1)
		return
	}
	r := s.R - s.W/2
	dash, step := s.Dash/r, (s.Dash+s.Gap)/r
	n := int((s.A1-s.A0)/step + 0.5)
	for i := range min(max(n, 0), 400) {
		a := s.A0 + step*float32(i)
		b.arc(s, a, a+dash)
	}
}

// arc draws a strip of quads around the centre; angles are clockwise from the top.
func (b *Batch) arc(s *scene.Shape, a0, a1 float32) {
	inner := max(s.R-s.W, 0.01)
	n := max(int(math.Ceil(float64(a1-a0)/(math.Pi/14))), 1)
	// A strip of straight pieces lies inside of its circle: reach out so far that it covers it.
	far := (s.R + 1) / float32(math.Cos(math.Pi/28))
	near := max(inner-1, 0)
	for i := range n + 1 {
		sin, cos := math.Sincos(float64(a0 + (a1-a0)*float32(i)/float32(n)))
		x, y := float32(sin), -float32(cos)
		b.vertex(corner{s.X + x*near, s.Y + y*near, x * near, y * near}, s.R, inner, 1)
		b.vertex(corner{s.X + x*far, s.Y + y*far, x * far, y * far}, s.R, inner, 1)
		if i > 0 {
			m := uint32(len(b.Vertices)) - 4
			b.Indices = append(b.Indices, m, m+1, m+3, m, m+3, m+2)
		}
	}
	if s.Round && a1-a0 < 2*math.Pi-0.01 {
		b.cap(s, a0, -1)
		b.cap(s, a1, 1)
	}
}

// cap rounds an end of an arc by half a disc.
func (b *Batch) cap(s *scene.Shape, a, dir float32) {
	fs, fc := math.Sincos(float64(a))
	sin, cos := float32(fs), float32(fc)
	r, h := s.R-s.W/2, s.W/2
	x, y := s.X+sin*r, s.Y-cos*r
	b.half(x, y, cos*dir, sin*dir, h)
}

// half draws half a disc of radius h whose flat side is at x, y and which bulges along dx, dy.
func (b *Batch) half(x, y, dx, dy, h float32) {
	o := h + 1
	b.quad(corner{x - dy*o, y + dx*o, 0, o}, corner{x - dy*o + dx*o, y + dx*o + dy*o, o, o},
		corner{x + dy*o + dx*o, y - dx*o + dy*o, o, -o}, corner{x + dy*o, y - dx*o, 0, -o}, h, 0)
}

// segment draws a straight line: whole, fading, or in dashes.
func (b *Batch) segment(s *scene.Shape) {
	dx, dy := s.X2-s.X, s.Y2-s.Y
	l := length(dx, dy)
	if l < 0.01 {
		if s.Round {
			b.disc(s.X, s.Y, s.W/2, 0)
		}
		return
	}
	dx, dy = dx/l, dy/l
	if s.Dash <= 0 {
		from := float32(1)
		if s.Fade {
			from = 0
		}
		b.bar(s.X, s.Y, s.X2, s.Y2, dx, dy, s.W, from, s.Round)
		return
	}
	step := s.Dash + s.Gap
	n := int((l + s.Gap) / step)
	rest := (l - float32(n)*step + s.Gap) / 2 // the same at both ends
	for i := range min(max(n, 0), 400) {
		at := rest + step*float32(i)
		if s.Round && s.Dash < 1 {
			b.disc(s.X+dx*at, s.Y+dy*at, s.W/2, 0)
			continue
		}
		b.bar(s.X+dx*at, s.Y+dy*at, s.X+dx*(at+s.Dash), s.Y+dy*(at+s.Dash), dx, dy, s.W, 1, s.Round)
	}
}

// bar draws a thick line along the unit vector dx, dy.
func (b *Batch) bar(x, y, x2, y2, dx, dy, w, from float32, round bool) {
	h := w / 2
	o := h + 1
	nx, ny := -dy*o, dx*o
	b.fade(corner{x + nx, y + ny, o, 0}, corner{x2 + nx, y2 + ny, o, 0},
		corner{x2 - nx, y2 - ny, -o, 0}, corner{x - nx, y - ny, -o, 0}, h, 0, from, 1)
	if round {
		b.half(x, y, -dx, -dy, h)
		b.half(x2, y2, dx, dy, h)
	}
}

// path draws a line through points, whole or in dashes that follow its bends.
func (b *Batch) path(s *scene.Shape) {
	pts := b.pic.Points[s.First : s.First+s.Count]
	if len(pts) < 2 {
		return
	}
	if s.Dash <= 0 {
		b.strip(pts, s.W, s.Round)
		return
	}
	w := walker{pts: pts}
	for range 2000 {
		start, ok := w.take(s.Dash)
		if !ok {
			return
		}
		b.dash(start, w.here(), &w, s)
		if _, ok = w.take(s.Gap); !ok {
			return
		}
	}
}

// dash draws from one place to another along a path; w knows the corners between.
func (b *Batch) dash(from, to scene.Point, w *walker, s *scene.Shape) {
	if s.Dash < 1 {
		b.disc(from.X, from.Y, s.W/2, 0)
		return
	}
	w.piece = append(w.piece[:0], from)
	w.piece = append(w.piece, w.pts[w.first:w.behind]...)
	w.piece = append(w.piece, to)
	if length(to.X-from.X, to.Y-from.Y) < s.W { // what is left at a path's end
		return
	}
	b.strip(w.piece, s.W, s.Round)
}

// walker goes along a path.
type walker struct {
	pts    []scene.Point
	i      int     // on the piece from i to i+1
	along  float32 // so far
	first  int     // the corners that the last take has passed
	behind int
	buf    [24]scene.Point
	piece  []scene.Point
}

func (w *walker) here() scene.Point {
	if w.i+1 >= len(w.pts) {
		return w.pts[len(w.pts)-1]
	}
	a, c := w.pts[w.i], w.pts[w.i+1]
	l := max(length(c.X-a.X, c.Y-a.Y), 1e-4)
	t := min(w.along/l, 1)
	return scene.Point{X: a.X + (c.X-a.X)*t, Y: a.Y + (c.Y-a.Y)*t}
}

// take goes on by d and gives where it was; false at the path's end.
func (w *walker) take(d float32) (from scene.Point, ok bool) {
	if w.piece == nil {
		w.piece = w.buf[:0]
	}
	from, w.first, w.behind = w.here(), w.i+1, w.i+1
	if w.i+1 >= len(w.pts) {
		return from, false
	}
	w.along += d
	for w.i+1 < len(w.pts) {
		a, c := w.pts[w.i], w.pts[w.i+1]
		l := length(c.X-a.X, c.Y-a.Y)
		if w.along < l {
			break
		}
		w.along -= l
		w.i++
		if w.i+1 < len(w.pts) {
			w.behind = w.i + 1
		}
	}
	return from, true
}

// strip draws a thick line through points; at each it is mitred, bluntly where the bend is sharp.
func (b *Batch) strip(pts []scene.Point, w float32, round bool) {
	h := w / 2
	o := h + 1
	n := len(pts)
	dir := func(i int) (float32, float32) {
		dx, dy := pts[i+1].X-pts[i].X, pts[i+1].Y-pts[i].Y
		l := max(length(dx, dy), 1e-4)
		return dx / l, dy / l
	}
	for i := range pts {
		ax, ay := dir(max(i-1, 0))
		cx, cy := dir(min(i, n-2))
		nx, ny := -(ay + cy), ax+cx
		l := max(length(nx, ny), 1e-3)
		nx, ny = nx/l, ny/l
		reach := o / max(nx*-cy+ny*cx, 0.45)
		p := pts[i]
		b.vertex(corner{p.X + nx*reach, p.Y + ny*reach, o, 0}, h, 0, 1)
		b.vertex(corner{p.X - nx*reach, p.Y - ny*reach, -o, 0}, h, 0, 1)
		if i > 0 {
			m := uint32(len(b.Vertices)) - 4
			b.Indices = append(b.Indices, m, m+1, m+3, m, m+3, m+2)
		}
	}
	if round {
		dx, dy := dir(0)
		b.half(pts[0].X, pts[0].Y, -dx, -dy, h)
		dx, dy = dir(n - 2)
		b.half(pts[n-1].X, pts[n-1].Y, dx, dy, h)
	}
}

// poly fills a polygon that is star-shaped as seen from its X, Y: a fan inside, and around it a
// strip a pixel wide that fades out.
func (b *Batch) poly(s *scene.Shape) {
	pts := b.pic.Points[s.First : s.First+s.Count]
	n := uint32(len(pts))
	if n < 3 {
		return
	}
	first := uint32(len(b.Vertices))
	b.vertex(corner{s.X, s.Y, 0, 0}, 0, modePlain, 1)
	turn := around(pts)
	for i := range pts {
		p := pts[i]
		nx, ny := outward(pts, i, turn)
		b.vertex(corner{p.X - nx*0.5, p.Y - ny*0.5, 0, 0}, 0, modePlain, 1)
		b.vertex(corner{p.X + nx*0.5, p.Y + ny*0.5, 0, 0}, 0, modePlain, 0)
	}
	for i := range n {
		a, c := first+1+2*i, first+1+2*((i+1)%n)
		b.Indices = append(b.Indices, first, a, c, a, a+1, c+1, a, c+1, c)
	}
}

// around is 1 for a polygon whose points go clockwise on a screen, else -1.
func around(pts []scene.Point) float32 {
	var area float32
	for i, p := range pts {
		q := pts[(i+1)%len(pts)]
		area += p.X*q.Y - q.X*p.Y
	}
	if area < 0 {
		return -1
	}
	return 1
}

// outward is the direction in which a corner moves when a polygon grows by one.
func outward(pts []scene.Point, i int, turn float32) (x, y float32) {
	n := len(pts)
	p, q, r := pts[(i+n-1)%n], pts[i], pts[(i+1)%n]
	ax, ay := q.Y-p.Y, p.X-q.X
	cx, cy := r.Y-q.Y, q.X-r.X
	al, cl := max(length(ax, ay), 1e-4), max(length(cx, cy), 1e-4)
	ax, ay, cx, cy = ax/al, ay/al, cx/cl, cy/cl
	x, y = ax+cx, ay+cy
	// The sum of two unit normals, divided by half its square, is the mitre.
	half := max((x*x+y*y)/2, 0.35)
	return turn * x / half, turn * y / half
}
