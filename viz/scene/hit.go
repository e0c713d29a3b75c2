package scene

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/viz/theme"
)

// slack is how far beside a small thing a pointer may be, in CSS pixels.
const slack = 7

// Hit tells what a picture shows at a place: the nearest, and of two things that are both under the
// place the smaller one. A link is hit only where nothing else is.
func Hit(p *Picture, x, y float32) Target { return hit(p, x, y, slack) }

// Touch is Hit for a finger.
func Touch(p *Picture, x, y float32) Target { return hit(p, x, y, theme.FingerSize-8) }

func hit(p *Picture, x, y, slack float32) Target {
	var best, link Target
	bestAway, bestR, linkAway := float32(1e9), float32(1e9), float32(1e9)
	for i := range p.Spots {
		s := &p.Spots[i]
		away := max(far(x, y, s.X, s.Y, s.X2, s.Y2)-s.R, 0)
		if away > slack*p.Scale {
			continue
		}
		if s.Target.Kind == TargetLink {
			if away < linkAway {
				link, linkAway = s.Target, away
			}
			continue
		}
		if away < bestAway || away == bestAway && s.R <= bestR {
			best, bestAway, bestR = s.Target, away, s.R
		}
	}
	if best.Kind == Nothing {
		return link
	}
	return best
}

// Crossed appends the links that a stroke crosses, each once, with From on the left side of the
// stroke and To on its right, as seen by who draws it.
func Crossed(p *Picture, stroke []Point, dst []Pair) []Pair {
	for i := range p.Places {
		for j := i + 1; j < len(p.Places); j++ {
			if pair, _, ok := crossing(&p.Places[i], &p.Places[j], stroke); ok {
				dst = append(dst, pair)
			}
		}
	}
	return dst
}

// crossing tells whether, where and which way around a stroke crosses the link of two nodes.
func crossing(x, y *Place, stroke []Point) (pair Pair, at Point, ok bool) {
	a, b := Point{x.X, x.Y}, Point{y.X, y.Y}
	for i := 1; i < len(stroke); i++ {
		c, d := stroke[i-1], stroke[i]
		t, met := meets(a, b, c, d)
		if !met {
			continue
		}
		pair = Pair{From: x.ID, To: y.ID}
		// On a screen, where y grows downwards, what is left of a stroke has a negative product.
		if (d.X-c.X)*(a.Y-c.Y)-(d.Y-c.Y)*(a.X-c.X) > 0 {
			pair.From, pair.To = pair.To, pair.From
		}
		return pair, Point{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t}, true
	}
	return pair, at, false
}

// Inside appends the nodes whose middle a closed loop holds, by ID.
func Inside(p *Picture, loop []Point, dst []raft.NodeID) []raft.NodeID {
	for i := range p.Places {
		if within(p.Places[i].X, p.Places[i].Y, loop) {
			dst = append(dst, p.Places[i].ID)
		}
	}
	return dst
}

func within(x, y float32, loop []Point) (in bool) {
	for i := range loop {
		a, b := loop[i], loop[(i+1)%len(loop)]
		if (a.Y > y) != (b.Y > y) && x < a.X+(b.X-a.X)*(y-a.Y)/(b.Y-a.Y) {
			in = !in
		}
	}
	return in
}

// caught reports whether the loop that is being drawn holds a node.
func (b *pen) caught(pl *Place) bool {
	return b.v.Tool == ToolLasso && len(b.v.Drag) > 2 && within(pl.X, pl.Y, b.v.Drag)
}

// drawDrag draws the stroke of the knife, or the loop of the lasso, so far.
func (b *pen) drawDrag() {
	if len(b.v.Drag) < 2 || b.v.Tool != ToolKnife && b.v.Tool != ToolLasso {
		return
	}
	k, c := b.k, b.t.Fault
	if b.v.Tool == ToolLasso {
		c = b.t.Accent
	}
	f := b.begin()
	b.p.Points = append(b.p.Points, b.v.Drag...)
	if b.v.Tool == ToolLasso {
		b.at(b.v.Drag[0].X, b.v.Drag[0].Y)
		b.end(f, Shape{Kind: Path, W: 2.2 * k, Dash: 6 * k, Gap: 6 * k, Color: c, Round: true})
		return
	}
	b.end(f, Shape{Kind: Path, W: 6 * k, Color: c.Alpha(0.18), Round: true})
	f = b.begin()
	b.p.Points = append(b.p.Points, b.v.Drag...)
	b.end(f, Shape{Kind: Path, W: 2.4 * k, Color: c, Round: true})
	for i := range b.p.Places {
		for j := i + 1; j < len(b.p.Places) && len(b.p.Places) <= linksMost; j++ {
			if pair, at, ok := crossing(&b.p.Places[i], &b.p.Places[j], b.v.Drag); ok {
				b.drawNick(pair, at)
			}
		}
	}
}

// drawNick marks a link that the stroke would cut.
func (b *pen) drawNick(pair Pair, at Point) {
	k := b.k
	if !b.v.OneWay {
		b.disc(at.X, at.Y, 5*k, b.t.Card)
		b.ring(at.X, at.Y, 5*k, 2*k, b.t.Fault)
		return
	}
	from, to := b.p.lay.find(pair.From), b.p.lay.find(pair.To)
	if from < 0 || to < 0 {
		return
	}
	x, y := &b.p.Places[from], &b.p.Places[to]
	d := max(hypot(y.X-x.X, y.Y-x.Y), 1)
	dx, dy := (y.X-x.X)/d, (y.Y-x.Y)/d
	b.arrow(at.X-dx*26*k, at.Y-dy*26*k, at.X-dx*2*k, at.Y-dy*2*k)
}
