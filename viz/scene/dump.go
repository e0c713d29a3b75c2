package scene

import (
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/viz/theme"
)

// Dump writes a picture as text, a line a shape: for tests that compare pictures. Lengths are
// rounded to whole pixels.
func Dump(p *Picture) string {
	var w writer
	for i := range p.Shapes {
		w.shape(p, &p.Shapes[i])
	}
	for i := range p.Sides {
		a := &p.Sides[i]
		w.text("side ")
		w.text(strconv.Quote(a.Text + " " + a.Verdict))
		w.lengths(a.X, a.Y, a.W, a.H)
		w.text("\n")
	}
	return string(w.b)
}

type writer struct{ b []byte }

func (w *writer) text(s string) { w.b = append(w.b, s...) }

// lengths writes rounded numbers, each behind a space.
func (w *writer) lengths(vs ...float32) {
	for _, v := range vs {
		w.b = append(w.b, ' ')
		n := int64(v + 0.5)
		if v < 0 {
			n = -int64(0.5 - v)
		}
		w.b = strconv.AppendInt(w.b, n, 10)
	}
}

func (w *writer) number(v float32) {
	w.b = strconv.AppendFloat(w.b, float64(v), 'f', 2, 32)
	for w.b[len(w.b)-1] == '0' {
		w.b = w.b[:len(w.b)-1]
	}
	if w.b[len(w.b)-1] == '.' {
		w.b = w.b[:len(w.b)-1]
	}
}

func (w *writer) shape(p *Picture, s *Shape) {
	w.text(s.Kind.String())
	w.lengths(s.X, s.Y)
	switch s.Kind {
	case Disc, Glow:
		w.lengths(s.R)
	case Arc:
		w.lengths(s.R, s.A0*180/3.14159265, s.A1*180/3.14159265)
	case Line, Stage:
		w.lengths(s.X2, s.Y2)
	case Box, GlowBox:
		w.lengths(s.X2, s.Y2)
	case Path, Poly:
		for _, q := range p.Points[s.First : s.First+s.Count] {
			w.lengths(q.X, q.Y)
		}
	case Text:
		w.lengths(float32(s.Size))
		w.text(" ")
		w.text(strconv.Quote(s.Text))
	}
	if s.W > 0 {
		w.text(" w")
		w.number(s.W)
	}
	if s.Dash > 0 {
		w.text(" dashed")
	}
	w.text(" ")
	w.text(s.Color.CSS())
	if s.Spot >= 0 {
		w.text(" ")
		w.target(&p.Spots[s.Spot].Target)
	}
	w.text("\n")
}

var targetNames = [...]string{"nothing", "node", "link", "cut", "scar", "flight", "request"}

func (w *writer) target(t *Target) {
	w.text(targetNames[t.Kind])
	switch t.Kind {
	case TargetNode:
		w.text(" " + t.Node.String())
	case TargetLink, TargetCut:
		w.text(" " + t.Node.String() + "-" + t.To.String())
	case TargetFlight, TargetRequest:
		w.text(" " + t.Event.Node.String() + "/" + strconv.FormatUint(t.Event.N, 10))
	}
}

// SVG writes a picture as a drawing for browsers: for documents, posters and people.
func SVG(p *Picture) string {
	w := writer{}
	w.text(`<svg xmlns="http://www.w3.org/2000/svg"`)
	w.attr("width", p.Width)
	w.attr("height", p.Height)
	w.text(` font-family="system-ui, sans-serif">` + "\n")
	for i := range p.Shapes {
		w.element(p, &p.Shapes[i], i)
	}
	w.text("</svg>\n")
	return string(w.b)
}

func (w *writer) attr(name string, v float32) {
	w.text(" " + name + `="`)
	w.number(v)
	w.text(`"`)
}

// ink writes how a shape is filled or stroked.
func (w *writer) ink(s *Shape) {
	name := "fill"
	if s.W > 0 {
		name = "stroke"
		w.text(` fill="none"`)
		w.attr("stroke-width", s.W)
		if s.Round {
			w.text(` stroke-linecap="round" stroke-linejoin="round"`)
		}
		if s.Dash > 0 {
			w.text(` stroke-dasharray="`)
			w.number(s.Dash)
			w.text(" ")
			w.number(s.Gap)
			w.text(`"`)
		}
	}
	w.paint(name, s.Color)
}

func (w *writer) paint(name string, c theme.Color) {
	a := c.A
	c.A = 255
	w.text(" " + name + `="` + c.CSS() + `"`)
	if a < 255 {
		w.attr(strings.TrimSuffix(name, "-color")+"-opacity", float32(a)/255)
	}
}
