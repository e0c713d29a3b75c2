package draw

import (
	"math"
	"slices"

	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/theme"
)

// Batch is a picture as triangles: all that goes to the screen in one call. It keeps its memory
// from frame to frame.
type Batch struct {
	Vertices []Vertex
	Indices  []uint32
	Atlas    *Atlas

	r, g, b, a float32 // the colour of what is being added, premultiplied
	pic        *scene.Picture
}

// NewBatch makes an empty batch whose texts are made by labels.
func NewBatch(labels Labels) *Batch { return &Batch{Atlas: NewAtlas(labels)} }

// Set makes the batch that of a picture. Texts that are new are drawn into the atlas; if it is full
// it is emptied once, and what then still has no room is left out.
func (b *Batch) Set(p *scene.Picture) {
	full := b.Atlas.Full
	b.fill(p)
	if b.Atlas.Full && !full {
		b.Atlas.Clear()
		b.fill(p)
	}
}

func (b *Batch) fill(p *scene.Picture) {
	b.Vertices, b.Indices, b.pic = b.Vertices[:0], b.Indices[:0], p
	for i := range p.Shapes {
		b.add(&p.Shapes[i])
	}
	b.pic = nil
}

func (b *Batch) add(s *scene.Shape) {
	b.color(s.Color)
	switch s.Kind {
	case scene.Stage:
		b.ground(s)
	case scene.Disc:
		b.disc(s.X, s.Y, s.R, s.W)
	case scene.Arc:
		b.arcs(s)
	case scene.Line:
		b.segment(s)
	case scene.Path:
		b.path(s)
	case scene.Box:
		inner := float32(0)
		if s.W > 0 {
			inner = max(s.R-s.W, 0.01)
		}
		b.nine(s, max(s.R, 1), inner, 1)
	case scene.Glow:
		b.square(s.X, s.Y, s.R, s.R, modeGlow)
	case scene.GlowBox:
		b.soft(s)
	case scene.Poly:
		b.poly(s)
	case scene.Text:
		b.text(s)
	}
}

func (b *Batch) color(c theme.Color) {
	b.a = float32(c.A) / 255
	b.r, b.g, b.b = float32(c.R)/255*b.a, float32(c.G)/255*b.a, float32(c.B)/255*b.a
}

// corner is a vertex without its colour.
type corner struct{ x, y, ox, oy float32 }

// vertex adds one in place: it is what most of a frame's time goes to.
func (b *Batch) vertex(c corner, outer, inner, alpha float32) {
	n := len(b.Vertices)
	if n == cap(b.Vertices) {
		b.Vertices = slices.Grow(b.Vertices, 1024)
	}
	b.Vertices = b.Vertices[:n+1]
	v := &b.Vertices[n]
	v.DstX, v.DstY, v.SrcX, v.SrcY = c.x, c.y, 0, 0
	v.ColorR, v.ColorG, v.ColorB, v.ColorA = b.r*alpha, b.g*alpha, b.b*alpha, b.a*alpha
	v.OffX, v.OffY, v.Outer, v.Inner = c.ox, c.oy, outer, inner
}

// quad adds the four corners of a quadrilateral, in order around it.
func (b *Batch) quad(p, q, r, s corner, outer, inner float32) {
	b.fade(p, q, r, s, outer, inner, 1, 1)
}

// fade is a quad whose first and last corner have another alpha than the two between.
func (b *Batch) fade(p, q, r, s corner, outer, inner, from, to float32) {
	b.square4()
	b.vertex(p, outer, inner, from)
	b.vertex(q, outer, inner, to)
	b.vertex(r, outer, inner, to)
	b.vertex(s, outer, inner, from)
}

// square4 adds the indices of the four vertices that come next.
func (b *Batch) square4() {
	n := uint32(len(b.Vertices))
	b.Indices = append(b.Indices, n, n+1, n+2, n, n+2, n+3)
}

// ground fills the stage: the rim's colour, and over it a glow of the middle's.
func (b *Batch) ground(s *scene.Shape) {
	b.color(s.Second)
	b.quad(corner{0, 0, 0, 0}, corner{s.X2, 0, 0, 0}, corner{s.X2, s.Y2, 0, 0},
		corner{0, s.Y2, 0, 0}, 0, modePlain)
	b.color(s.Color)
	rx, ry := max(s.X, s.X2-s.X)*1.25, max(s.Y, s.Y2-s.Y)*1.25
	at := func(x, y float32) corner { return corner{x, y, (x - s.X) / rx, (y - s.Y) / ry} }
	b.quad(at(0, 0), at(s.X2, 0), at(s.X2, s.Y2), at(0, s.Y2), 1, modeGlow)
}

// square is a quad around a centre, h is half of it.
func (b *Batch) square(x, y, h, outer, inner float32) {
	b.quad(corner{x - h, y - h, -h, -h}, corner{x + h, y - h, h, -h}, corner{x + h, y + h, h, h},
		corner{x - h, y + h, -h, h}, outer, inner)
}

func (b *Batch) disc(x, y, r, w float32) {
	inner := float32(0)
	if w > 0 {
		inner = max(r-w, 0.01)
	}
	b.square(x, y, r+1, r, inner)
}

// nine draws a rounded box as nine quads, for in each the offset from the nearest corner's centre
// is linear. pad is how far beyond the edge pixels may be touched.
func (b *Batch) nine(s *scene.Shape, ro, inner, pad float32) {
	ro = min(ro, s.X2, s.Y2)
	xs := [4]float32{-s.X2 - pad, -s.X2 + ro, s.X2 - ro, s.X2 + pad}
	ys := [4]float32{-s.Y2 - pad, -s.Y2 + ro, s.Y2 - ro, s.Y2 + pad}
	off := [4]float32{-ro - pad, 0, 0, ro + pad}
	if inner > 0 { // a box smaller than its corners wish keeps the width of its stroke
		inner = max(ro-s.W, 0.01)
	}
	b.grid(s, &xs, &ys, &off, ro, inner)
}

// soft draws a box whose edge is soft.
func (b *Batch) soft(s *scene.Shape) {
	xs := [4]float32{-s.X2 - s.R, -s.X2, s.X2, s.X2 + s.R}
	ys := [4]float32{-s.Y2 - s.R, -s.Y2, s.Y2, s.Y2 + s.R}
	off := [4]float32{-s.R, 0, 0, s.R}
	b.grid(s, &xs, &ys, &off, s.R, modeGlow)
}

// grid adds nine quads around the middle of a shape, turned by its angle.
func (b *Batch) grid(s *scene.Shape, xs, ys, off *[4]float32, outer, inner float32) {
	sin, cos := float32(0), float32(1)
	if s.A0 != 0 {
		fs, fc := math.Sincos(float64(s.A0))
		sin, cos = float32(fs), float32(fc)
	}
	first := uint32(len(b.Vertices))
	for j := range 4 {
		for i := range 4 {
			x, y := xs[i], ys[j]
			at := corner{s.X + x*cos - y*sin, s.Y + x*sin + y*cos, off[i], off[j]}
			b.vertex(at, outer, inner, 1)
		}
	}
	for j := range uint32(3) {
		for i := range uint32(3) {
			if i == 1 && j == 1 && inner > 0 {
				continue // the middle of an outline is empty
			}
			n := first + 4*j + i
			b.Indices = append(b.Indices, n, n+1, n+5, n, n+5, n+4)
		}
	}
}

// text puts a label from the atlas so that the middle of its figures is at Y.
func (b *Batch) text(s *scene.Shape) {
	e, ok := b.Atlas.find(s.Text, int(s.Size), s.Bold)
	if !ok || e.w == 0 {
		return
	}
	x := s.X
	switch s.Align {
	case scene.Centred:
		x -= float32(e.w) / 2
	case scene.ToRight:
		x -= float32(e.w)
	}
	x = float32(math.Round(float64(x)))
	y := float32(math.Round(float64(s.Y+0.36*float32(s.Size)))) - float32(Baseline(int(s.Size)))
	w, h, u, v := float32(e.w), float32(e.h), float32(e.x), float32(e.y)
	b.square4()
	for _, c := range [...][2]float32{{0, 0}, {w, 0}, {w, h}, {0, h}} {
		b.Vertices = append(b.Vertices, Vertex{DstX: x + c[0], DstY: y + c[1], SrcX: u + c[0],
			SrcY: v + c[1], Inner: modeGlyph, ColorR: b.r, ColorG: b.g, ColorB: b.b, ColorA: b.a})
	}
}

func length(x, y float32) float32 { return float32(math.Sqrt(float64(x*x + y*y))) }

func clamp(a float32) float32 { return min(max(a, 0), 1) }
