package draw

import (
	"image"
	"math"
)

// Soft paints a batch over an image without a GPU, pixel for pixel as the shader would. It is for
// tests and for pictures in files, not for speed.
func Soft(dst *image.RGBA, b *Batch) {
	for i := 0; i+2 < len(b.Indices); i += 3 {
		softTriangle(dst, b, &b.Vertices[b.Indices[i]], &b.Vertices[b.Indices[i+1]],
			&b.Vertices[b.Indices[i+2]])
	}
}

// edge is twice the signed area of a triangle, in 1/256 pixels so that neighbours agree exactly
// on which of them has a pixel.
func edge(ax, ay, bx, by, px, py int64) int64 { return (bx-ax)*(py-ay) - (by-ay)*(px-ax) }

func snap(v float32) int64 { return int64(math.Round(float64(v) * 256)) }

func softTriangle(dst *image.RGBA, b *Batch, p, q, r *Vertex) {
	ax, ay, bx, by, cx, cy := snap(p.DstX), snap(p.DstY), snap(q.DstX), snap(q.DstY),
		snap(r.DstX), snap(r.DstY)
	area := edge(ax, ay, bx, by, cx, cy)
	if area == 0 {
		return
	}
	if area < 0 {
		q, r = r, q
		bx, by, cx, cy, area = cx, cy, bx, by, -area
	}
	box := image.Rect(int(min(ax, bx, cx)>>8), int(min(ay, by, cy)>>8), int(max(ax, bx, cx)>>8)+1,
		int(max(ay, by, cy)>>8)+1).Intersect(dst.Rect)
	ta, tb, tc := bias(bx, by, cx, cy), bias(cx, cy, ax, ay), bias(ax, ay, bx, by)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			px, py := int64(x)<<8+128, int64(y)<<8+128
			u, v, w := edge(bx, by, cx, cy, px, py), edge(cx, cy, ax, ay, px, py),
				edge(ax, ay, bx, by, px, py)
			if u+ta < 0 || v+tb < 0 || w+tc < 0 {
				continue
			}
			s := float32(1) / float32(area)
			softPixel(dst, b, x, y, p, q, r, float32(u)*s, float32(v)*s, float32(w)*s)
		}
	}
}

// bias is the rule of who has the pixels on a common edge: 0 for a top or left edge, else -1.
func bias(ax, ay, bx, by int64) int64 {
	if ay == by && bx > ax || by < ay {
		return 0
	}
	return -1
}

func softPixel(dst *image.RGBA, b *Batch, x, y int, p, q, r *Vertex, u, v, w float32) {
	mix := func(a, b, c float32) float32 { return a*u + b*v + c*w }
	var atlas float32
	if p.Inner == modeGlyph {
		sx, sy := int(mix(p.SrcX, q.SrcX, r.SrcX)), int(mix(p.SrcY, q.SrcY, r.SrcY))
		if sx >= 0 && sy >= 0 && sx < AtlasSize && sy < AtlasSize {
			atlas = float32(b.Atlas.Alpha[sy*AtlasSize+sx]) / 255
		}
	}
	a := coverage(mix(p.OffX, q.OffX, r.OffX), mix(p.OffY, q.OffY, r.OffY),
		mix(p.Outer, q.Outer, r.Outer), mix(p.Inner, q.Inner, r.Inner), atlas)
	if a <= 0 {
		return
	}
	i := dst.PixOffset(x, y)
	px := dst.Pix[i : i+4 : i+4]
	rest := 1 - mix(p.ColorA, q.ColorA, r.ColorA)*a
	over := func(under uint8, c float32) uint8 {
		return uint8(min(max(c*a*255+float32(under)*rest+0.5, 0), 255))
	}
	px[0] = over(px[0], mix(p.ColorR, q.ColorR, r.ColorR))
	px[1] = over(px[1], mix(p.ColorG, q.ColorG, r.ColorG))
	px[2] = over(px[2], mix(p.ColorB, q.ColorB, r.ColorB))
	px[3] = over(px[3], mix(p.ColorA, q.ColorA, r.ColorA))
}
