package scene

import (
	"github.com/raftarium/raftarium/raft/trace"
)

// Build makes the picture of a state as a view looks at it. It reuses the memory of dst; in the
// steady state a frame allocates nothing. dst.Places, dst.Sides and what it answers about targets
// are then those of this frame.
func Build(dst *Picture, s *trace.State, v View) {
	if v.Scale <= 0 {
		v.Scale = 1
	}
	dst.Reset()
	dst.Width, dst.Height, dst.Scale = v.Width, v.Height, v.Scale
	changed := dst.enlist(s)
	moved := dst.arrange(s, &v)
	if dst.wire(s) || moved {
		dst.carve()
		moved = true
	}
	dst.takeSides(s, moved || changed)
	b := pen{p: dst, s: s, v: &v, t: &v.Theme, k: v.Scale, spot: -1}
	b.put(Shape{Kind: Stage, X: v.Width * 0.5, Y: v.Height * 0.46, X2: v.Width, Y2: v.Height,
		Color: v.Theme.Centre, Second: v.Theme.Rim})
	b.drawLinks()
	b.drawCuts()
	b.drawHandOvers()
	b.drawRequests()
	if dst.lay.rows { // many messages pass over many nodes
		b.drawFlights()
	}
	b.drawNodes()
	b.drawCaptions()
	if !dst.lay.rows {
		b.drawFlights()
	}
	b.drawSides()
	b.drawDrag()
}
