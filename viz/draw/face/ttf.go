package face

import (
	"encoding/binary"
	"fmt"
)

// font is what is needed of a TrueType file: the outlines, the widths and the table of characters.
type font struct {
	unitsPerEm int
	longLoca   bool
	metrics    int // how many glyphs have a width of their own
	cmap       []byte
	glyf       []byte
	hmtx       []byte
	loca       []byte
}

// point is one of an outline, on the curve or off it.
type point struct {
	x, y float32
	on   bool
}

var be = binary.BigEndian

// u16 reads a number, and 0 beyond the end: a font that is cut short loses glyphs, no more.
func u16(b []byte, at int) int {
	if at < 0 || at+2 > len(b) {
		return 0
	}
	return int(be.Uint16(b[at:]))
}

func i16(b []byte, at int) int { return int(int16(u16(b, at))) }

func u32(b []byte, at int) int { return u16(b, at)<<16 | u16(b, at+2) }

func parse(name string, b []byte) (*font, error) {
	tables := map[string][]byte{}
	for i := range u16(b, 4) {
		at := 12 + 16*i
		from, size := u32(b, at+8), u32(b, at+12)
		if at+16 > len(b) || from > len(b) || size > len(b)-from {
			return nil, fmt.Errorf("read the font %s: table %d lies outside of the file", name, i)
		}
		tables[string(b[at:at+4])] = b[from : from+size]
	}
	for _, need := range []string{"head", "hhea", "hmtx", "loca", "glyf", "cmap"} {
		if len(tables[need]) == 0 {
			return nil, fmt.Errorf("read the font %s: it has no table %s", name, need)
		}
	}
	f := &font{unitsPerEm: u16(tables["head"], 18), longLoca: u16(tables["head"], 50) != 0,
		metrics: u16(tables["hhea"], 34), glyf: tables["glyf"], hmtx: tables["hmtx"],
		loca: tables["loca"]}
	if f.unitsPerEm == 0 || f.metrics == 0 {
		return nil, fmt.Errorf("read the font %s: it has no size", name)
	}
	c := tables["cmap"]
	for i := range u16(c, 2) {
		if at := u32(c, 4+8*i+4); at < len(c) && u16(c, at) == 4 {
			f.cmap = c[at:]
			return f, nil
		}
	}
	return nil, fmt.Errorf("read the font %s: it has no table of characters of format 4", name)
}

// glyph finds a character's glyph; 0, the sign for what is missing, if there is none.
func (f *font) glyph(r rune) int {
	if r > 0xffff {
		return 0
	}
	segments := u16(f.cmap, 6) / 2
	for i := range segments {
		if int(r) > u16(f.cmap, 14+2*i) {
			continue
		}
		start := u16(f.cmap, 16+2*segments+2*i)
		if int(r) < start {
			return 0
		}
		delta := u16(f.cmap, 16+4*segments+2*i)
		at := 16 + 6*segments + 2*i
		offset := u16(f.cmap, at)
		if offset == 0 {
			return (int(r) + delta) & 0xffff
		}
		if g := u16(f.cmap, at+offset+2*(int(r)-start)); g != 0 {
			return (g + delta) & 0xffff
		}
		return 0
	}
	return 0
}

// advance is a glyph's width in units of the font.
func (f *font) advance(g int) int { return u16(f.hmtx, 4*min(g, f.metrics-1)) }

// data is a glyph's description, empty for a space.
func (f *font) data(g int) []byte {
	var from, to int
	if f.longLoca {
		from, to = u32(f.loca, 4*g), u32(f.loca, 4*g+4)
	} else {
		from, to = 2*u16(f.loca, 2*g), 2*u16(f.loca, 2*g+2)
	}
	if from >= to || to > len(f.glyf) {
		return nil
	}
	return f.glyf[from:to]
}

// outline gives a glyph's contours, one by one.
func (f *font) outline(g, depth int, give func([]point)) {
	b := f.data(g)
	n := i16(b, 0)
	switch {
	case len(b) < 10 || depth > 4:
	case n >= 0:
		simple(b, n, give)
	default:
		f.composite(b, depth, give)
	}
}

// The bits of a point of a simple glyph, and of a part of a composite one.
const (
	onCurve  = 1
	xShort   = 2
	yShort   = 4
	repeat   = 8
	xSame    = 16
	ySame    = 32
	wordArgs = 1
	areXY    = 2
	hasScale = 8
	more     = 32
	twoScale = 64
	twoByTwo = 128
)

func simple(b []byte, contours int, give func([]point)) {
	count := u16(b, 10+2*(contours-1)) + 1
	at := 10 + 2*contours
	at += 2 + u16(b, at)
	flags := make([]byte, 0, count)
	for len(flags) < count && at < len(b) {
		flag, times := b[at], 1
		at++
		if flag&repeat != 0 && at < len(b) {
			times += int(b[at])
			at++
		}
		for range times {
			flags = append(flags, flag)
		}
	}
	if len(flags) < count {
		return
	}
	pts := make([]point, count)
	x, y := 0, 0
	for i := range pts {
		x, at = step(b, at, x, flags[i]&xShort != 0, flags[i]&xSame != 0)
		pts[i].x, pts[i].on = float32(x), flags[i]&onCurve != 0
	}
	for i := range pts {
		y, at = step(b, at, y, flags[i]&yShort != 0, flags[i]&ySame != 0)
		pts[i].y = float32(y)
	}
	from := 0
	for i := range contours {
		if to := u16(b, 10+2*i) + 1; from < to && to <= count {
			give(pts[from:to])
			from = to
		}
	}
}

// step reads the next coordinate.
func step(b []byte, at, v int, short, same bool) (next, behind int) {
	switch {
	case short && at < len(b):
		d := int(b[at])
		if !same {
			d = -d
		}
		return v + d, at + 1
	case same || short:
		return v, at
	}
	return v + i16(b, at), at + 2
}

// composite gives the contours of a glyph that is made of others, moved.
func (f *font) composite(b []byte, depth int, give func([]point)) {
	for at := 10; at+4 <= len(b); {
		flags, g := u16(b, at), u16(b, at+2)
		at += 4
		var dx, dy float32
		if flags&wordArgs != 0 {
			dx, dy = float32(i16(b, at)), float32(i16(b, at+2))
			at += 4
		} else {
			v := u16(b, at)
			dx, dy = float32(int8(v>>8)), float32(int8(v))
			at += 2
		}
		if flags&areXY == 0 {
			dx, dy = 0, 0
		}
		switch {
		case flags&hasScale != 0:
			at += 2
		case flags&twoScale != 0:
			at += 4
		case flags&twoByTwo != 0:
			at += 8
		}
		f.outline(g, depth+1, func(pts []point) {
			moved := make([]point, len(pts))
			for i, p := range pts {
				moved[i] = point{p.x + dx, p.y + dy, p.on}
			}
			give(moved)
		})
		if flags&more == 0 {
			return
		}
	}
}
