package scene

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// element writes one shape as an element of SVG; n makes the names of its gradients.
func (w *writer) element(p *Picture, s *Shape, n int) {
	switch s.Kind {
	case Stage:
		w.stage(s)
	case Disc:
		w.circle(s)
	case Arc:
		w.arc(s)
	case Line:
		w.line(s, n)
	case Path, Poly:
		w.points(p, s)
	case Box:
		w.box(s)
	case Glow:
		w.gradient(s, n)
		w.text("<circle")
		w.attr("cx", s.X)
		w.attr("cy", s.Y)
		w.attr("r", s.R)
		w.text(` fill="url(#g` + strconv.Itoa(n) + `)"/>` + "\n")
	case GlowBox:
		w.text("<rect")
		w.rect(s.X, s.Y, s.X2+s.R/2, s.Y2+s.R/2)
		w.attr("rx", s.R/2)
		w.text(` style="filter:blur(`)
		w.number(s.R / 4)
		w.text(`px)"`)
		w.paint("fill", s.Color)
		w.text("/>\n")
	case Text:
		w.words(s)
	}
}

func (w *writer) stage(s *Shape) {
	w.text(`<radialGradient id="stage" r="0.8"><stop`)
	w.paint("stop-color", s.Color)
	w.text(`/><stop offset="1"`)
	w.paint("stop-color", s.Second)
	w.text(`/></radialGradient><rect`)
	w.attr("width", s.X2)
	w.attr("height", s.Y2)
	w.text(` fill="url(#stage)"/>` + "\n")
}

func (w *writer) circle(s *Shape) {
	w.text("<circle")
	w.attr("cx", s.X)
	w.attr("cy", s.Y)
	w.attr("r", s.R-s.W/2)
	w.ink(s)
	w.text("/>\n")
}

func (w *writer) arc(s *Shape) {
	if s.A1-s.A0 > 2*math.Pi-0.01 {
		w.circle(s)
		return
	}
	r := s.R - s.W/2
	s0, c0 := sincos(s.A0)
	s1, c1 := sincos(s.A1)
	w.text(`<path d="M`)
	w.number(s.X + r*s0)
	w.text(" ")
	w.number(s.Y - r*c0)
	w.text("A")
	w.number(r)
	w.text(" ")
	w.number(r)
	if s.A1-s.A0 > math.Pi {
		w.text(" 0 1 1 ")
	} else {
		w.text(" 0 0 1 ")
	}
	w.number(s.X + r*s1)
	w.text(" ")
	w.number(s.Y - r*c1)
	w.text(`"`)
	w.ink(s)
	w.text("/>\n")
}

func (w *writer) line(s *Shape, n int) {
	c := *s
	if s.Fade {
		w.text(`<linearGradient id="g` + strconv.Itoa(n) + `" gradientUnits="userSpaceOnUse"`)
		w.attr("x1", s.X)
		w.attr("y1", s.Y)
		w.attr("x2", s.X2)
		w.attr("y2", s.Y2)
		w.text(`><stop`)
		w.paint("stop-color", s.Color.Alpha(0))
		w.text(`/><stop offset="1"`)
		w.paint("stop-color", s.Color)
		w.text(`/></linearGradient>`)
	}
	w.text("<line")
	w.attr("x1", s.X)
	w.attr("y1", s.Y)
	w.attr("x2", s.X2)
	w.attr("y2", s.Y2)
	if s.Fade {
		w.attr("stroke-width", s.W)
		w.text(` stroke="url(#g` + strconv.Itoa(n) + `)"`)
	} else {
		w.ink(&c)
	}
	w.text("/>\n")
}

func (w *writer) points(p *Picture, s *Shape) {
	if s.Kind == Path {
		w.text(`<polyline points="`)
	} else {
		w.text(`<polygon points="`)
	}
	for i, q := range p.Points[s.First : s.First+s.Count] {
		if i > 0 {
			w.text(" ")
		}
		w.number(q.X)
		w.text(",")
		w.number(q.Y)
	}
	w.text(`"`)
	w.ink(s)
	w.text("/>\n")
}

func (w *writer) rect(x, y, hw, hh float32) {
	w.attr("x", x-hw)
	w.attr("y", y-hh)
	w.attr("width", 2*hw)
	w.attr("height", 2*hh)
}

func (w *writer) box(s *Shape) {
	w.text("<rect")
	w.rect(s.X, s.Y, s.X2-s.W/2, s.Y2-s.W/2)
	w.attr("rx", max(s.R-s.W/2, 0))
	if s.A0 != 0 {
		w.text(` transform="rotate(`)
		w.number(s.A0 * 180 / math.Pi)
		w.text(" ")
		w.number(s.X)
		w.text(" ")
		w.number(s.Y)
		w.text(`)"`)
	}
	w.ink(s)
	w.text("/>\n")
}

// gradient is that of a glow: the shader's soft step in a few stops.
func (w *writer) gradient(s *Shape, n int) {
	w.text(`<radialGradient id="g` + strconv.Itoa(n) + `">`)
	for i := range 5 {
		d := 1 - float32(i)/4
		w.text("<stop")
		w.attr("offset", 1-d)
		w.paint("stop-color", s.Color.Alpha(d*d*(3-2*d)))
		w.text("/>")
	}
	w.text("</radialGradient>")
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func (w *writer) words(s *Shape) {
	w.text("<text")
	w.attr("x", s.X)
	w.attr("y", s.Y+0.36*float32(s.Size))
	w.attr("font-size", float32(s.Size))
	switch s.Align {
	case Centred:
		w.text(` text-anchor="middle"`)
	case ToRight:
		w.text(` text-anchor="end"`)
	}
	if s.Bold {
		w.text(` font-weight="600"`)
	}
	w.paint("fill", s.Color)
	w.text(">" + escape.Replace(strings.Map(printable, s.Text)) + "</text>\n")
}

// printable leaves out what XML forbids.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}
