package scene

import (
	"math"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// pen appends shapes to a picture. Lengths are device pixels; k is how many make a CSS pixel.
type pen struct {
	p    *Picture
	s    *trace.State
	v    *View
	t    *theme.Theme
	k    float32
	spot int32 // what the next shapes show
}

func (b *pen) put(s Shape) {
	s.Spot = b.spot
	b.p.Shapes = append(b.p.Shapes, s)
}

// shows begins something that can be hit; what is drawn until done belongs to it.
func (b *pen) shows(t Target, x, y, r float32) {
	b.p.Spots = append(b.p.Spots, Spot{Target: t, X: x, Y: y, X2: x, Y2: y, R: r})
	b.spot = int32(len(b.p.Spots) - 1)
}

func (b *pen) done() { b.spot = -1 }

func (b *pen) disc(x, y, r float32, c theme.Color) {
	b.put(Shape{Kind: Disc, X: x, Y: y, R: r, Color: c})
}

// ring draws a circle whose stroke's outer edge has radius r.
func (b *pen) ring(x, y, r, w float32, c theme.Color) {
	b.put(Shape{Kind: Disc, X: x, Y: y, R: r, W: w, Color: c})
}

func (b *pen) arc(x, y, r, w, a0, a1 float32, c theme.Color) {
	b.put(Shape{Kind: Arc, X: x, Y: y, R: r, W: w, A0: a0, A1: a1, Color: c, Round: true})
}

// dashes draws a circle in n dashes, each of which takes the given part of its share.
func (b *pen) dashes(x, y, r, w float32, n int, part float32, c theme.Color) {
	share := 2 * math.Pi * (r - w/2) / float32(n)
	b.put(Shape{Kind: Arc, X: x, Y: y, R: r, W: w, A1: 2 * math.Pi, Color: c, Round: true,
		Dash: share * part, Gap: share * (1 - part)})
}

func (b *pen) line(x, y, x2, y2, w float32, c theme.Color) {
	b.put(Shape{Kind: Line, X: x, Y: y, X2: x2, Y2: y2, W: w, Color: c})
}

func (b *pen) stroke(x, y, x2, y2, w float32, c theme.Color) {
	b.put(Shape{Kind: Line, X: x, Y: y, X2: x2, Y2: y2, W: w, Color: c, Round: true})
}

func (b *pen) dashed(x, y, x2, y2, w, dash, gap float32, c theme.Color) {
	b.put(Shape{Kind: Line, X: x, Y: y, X2: x2, Y2: y2, W: w, Color: c, Dash: dash, Gap: gap,
		Round: true})
}

// trail is a line that begins transparent.
func (b *pen) trail(x, y, x2, y2, w float32, c theme.Color) {
	b.put(Shape{Kind: Line, X: x, Y: y, X2: x2, Y2: y2, W: w, Color: c, Fade: true})
}

// box fills, or with a width outlines, a box around x, y, half hw by hh, turned by a.
func (b *pen) box(x, y, hw, hh, r, w, a float32, c theme.Color) {
	b.put(Shape{Kind: Box, X: x, Y: y, X2: hw, Y2: hh, R: r, W: w, A0: a, Color: c})
}

func (b *pen) glow(x, y, r float32, c theme.Color) {
	b.put(Shape{Kind: Glow, X: x, Y: y, R: r, Color: c})
}

func (b *pen) text(x, y, size float32, align Align, c theme.Color, s string) {
	b.put(Shape{Kind: Text, X: x, Y: y, Size: int32(size*b.k + 0.5), Align: align, Color: c,
		Text: s})
}

func (b *pen) bold(x, y, size float32, align Align, c theme.Color, s string) {
	b.text(x, y, size, align, c, s)
	b.p.Shapes[len(b.p.Shapes)-1].Bold = true
}

// begin and end make a polygon or a path of the points that at adds between them.
func (b *pen) begin() int32 { return int32(len(b.p.Points)) }

func (b *pen) at(x, y float32) { b.p.Points = append(b.p.Points, Point{x, y}) }

func (b *pen) end(first int32, s Shape) {
	s.First, s.Count = first, int32(len(b.p.Points))-first
	b.put(s)
}

// turned adds points given around the origin, turned by the unit vector c, s and moved to x, y.
func (b *pen) turned(x, y, c, s float32, pts ...Point) {
	for _, q := range pts {
		b.at(x+q.X*c-q.Y*s, y+q.X*s+q.Y*c)
	}
}

// tick draws a check mark that fits a circle of radius r.
func (b *pen) tick(x, y, r, w float32, c theme.Color) {
	f := b.begin()
	b.at(x-r*0.62, y+r*0.05)
	b.at(x-r*0.15, y+r*0.52)
	b.at(x+r*0.66, y-r*0.48)
	b.end(f, Shape{Kind: Path, W: w, Color: c, Round: true})
}

// cross draws two strokes that fit a circle of radius r.
func (b *pen) cross(x, y, r, w float32, c theme.Color) {
	d := r * 0.7071
	b.stroke(x-d, y-d, x+d, y+d, w, c)
	b.stroke(x-d, y+d, x+d, y-d, w, c)
}

func hypot(x, y float32) float32 { return float32(math.Sqrt(float64(x*x + y*y))) }

func sincos(a float32) (s, c float32) {
	fs, fc := math.Sincos(float64(a))
	return float32(fs), float32(fc)
}

func clamp(x, lo, hi float32) float32 { return max(min(x, hi), lo) }
