// Package face makes labels from the Go fonts, which come as packages: for tests, for pictures in
// files and for the desktop window. The page makes its labels itself, in its own font, and does not
// link this package.
package face

import (
	"image"
	"image/draw"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/vector"

	batch "github.com/raftarium/raftarium/viz/draw"
)

// Labels makes labels from Go Regular and Go Bold. What the fonts lack is left out.
type Labels struct{ regular, bold *font }

// New reads the two fonts.
func New() (*Labels, error) {
	regular, err := parse("Go Regular", goregular.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := parse("Go Bold", gobold.TTF)
	if err != nil {
		return nil, err
	}
	return &Labels{regular, bold}, nil
}

// Label implements draw.Labels.
func (l *Labels) Label(text string, size int, bold bool) (w, h int, alpha []byte) {
	f := l.regular
	if bold {
		f = l.bold
	}
	scale := float32(size) / float32(f.unitsPerEm)
	width := float32(2)
	for _, r := range text {
		width += float32(f.advance(f.glyph(r))) * scale
	}
	w, h = int(width+0.999), batch.Height(size)
	pen, base := float32(1), float32(batch.Baseline(size))
	ras := vector.NewRasterizer(w, h)
	for _, r := range text {
		g := f.glyph(r)
		f.outline(g, 0, func(pts []point) { contour(ras, pts, pen, base, scale) })
		pen += float32(f.advance(g)) * scale
	}
	mask := image.NewAlpha(image.Rect(0, 0, w, h))
	ras.DrawOp = draw.Src
	ras.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	return w, h, mask.Pix
}

// contour adds one closed outline of quadratic curves; between two points off the curve lies one
// on it.
func contour(ras *vector.Rasterizer, pts []point, x, y, scale float32) {
	n := len(pts)
	if n < 2 {
		return
	}
	at := func(p point) (float32, float32) { return x + p.x*scale, y - p.y*scale }
	mid := func(p, q point) point { return point{(p.x + q.x) / 2, (p.y + q.y) / 2, true} }
	start := pts[0]
	if !start.on {
		if start = pts[n-1]; !start.on {
			start = mid(pts[0], pts[n-1])
		}
	}
	ras.MoveTo(at(start))
	for i, p := range pts {
		next := pts[(i+1)%n]
		switch {
		case p.on:
			ras.LineTo(at(p))
		case next.on:
			cx, cy := at(p)
			ex, ey := at(next)
			ras.QuadTo(cx, cy, ex, ey)
		default:
			cx, cy := at(p)
			ex, ey := at(mid(p, next))
			ras.QuadTo(cx, cy, ex, ey)
		}
	}
	ras.ClosePath()
}
