package scene

import (
	"slices"
	"strconv"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// badgesMost is how many badges there are at most; into more parts a cluster is not cut, it is in
// shreds.
const badgesMost = 6

// takeSides counts who runs on each side of the cuts, and when that has changed names the sides
// anew and finds room for their badges.
func (p *Picture) takeSides(s *trace.State, changed bool) {
	w := &p.net
	if w.groups < 2 {
		p.Sides = p.Sides[:0]
		return
	}
	for g := range p.Sides {
		now, old := p.halves(s, g)
		a := &p.Sides[g]
		changed = changed || now != half{a.Up, a.Of} || old != half{a.OldUp, a.OldOf}
	}
	if !changed && len(p.Sides) == w.groups {
		return
	}
	p.Sides = slices.Grow(p.Sides[:0], w.groups)[:w.groups]
	for g := range p.Sides {
		p.Sides[g] = p.side(s, g)
	}
	for g := range min(len(p.Sides), badgesMost) {
		p.settle(g)
	}
}

// halves counts a group's part of the voters and, while the configuration is joint, of the old
// ones.
func (p *Picture) halves(s *trace.State, g int) (now, old half) {
	now = p.voters(s, p.Config.Voters, g)
	if p.Config.Joint() {
		old = p.voters(s, p.Config.Outgoing, g)
	}
	return now, old
}

func (p *Picture) side(s *trace.State, g int) Side {
	now, old := p.halves(s, g)
	a := Side{Up: now.up, Of: now.of, OldUp: old.up, OldOf: old.of}
	names := ""
	for i := range p.Places {
		if p.net.group[i] != g {
			continue
		}
		id := p.Places[i].ID
		a.Nodes = append(a.Nodes, id)
		if len(a.Nodes) <= 5 {
			names += id.String() + " "
		}
	}
	if more := len(a.Nodes) - 5; more > 0 {
		names += "+" + strconv.Itoa(more) + " "
	}
	a.Can = now.can() && old.can()
	a.Short = now.text()
	if old.of > 0 {
		a.Short = old.text() + ", " + now.text()
		names += "· old " + old.text() + ", new "
	} else {
		names += "· "
	}
	a.Text = names + now.text()
	a.Verdict = "cannot commit"
	if a.Can {
		a.Verdict = "can commit"
	}
	if p.lay.captions {
		text := max(width(a.Text, theme.TextPanel, true), width(a.Verdict, theme.TextPanel, false))
		a.W, a.H = (text/2+13)*p.lay.k, (theme.TextPanel+8)*p.lay.k
	} else {
		a.W = (width(a.Short, theme.TextSmall, true)/2 + 17) * p.lay.k
		a.H = 12 * p.lay.k
	}
	return a
}

func (h half) text() string { return strconv.Itoa(h.up) + " of " + strconv.Itoa(h.of) }

// settle finds the place for a badge: near its nodes, clear of everything.
func (p *Picture) settle(g int) {
	l, a := &p.lay, &p.Sides[g]
	m := 8 * l.k
	loX, hiX := l.inset.Left+a.W+m, l.w-l.inset.Right-a.W-m
	loY, hiY := l.inset.Top+a.H+m, l.h-l.inset.Bottom-a.H-m
	const nx, ny = 16, 28
	best := float32(1e9)
	for j := range ny + 1 {
		for i := range nx + 1 {
			x := loX + (hiX-loX)*float32(i)/nx
			y := loY + (hiY-loY)*float32(j)/ny
			if cost := p.cost(g, x, y); cost < best {
				best, a.X, a.Y = cost, x, y
			}
		}
	}
	a.X, a.Y = float32(int(a.X)), float32(int(a.Y))
}

// cost says how badly a badge would stand at a place.
func (p *Picture) cost(g int, x, y float32) (cost float32) {
	l, a := &p.lay, &p.Sides[g]
	k := l.k
	own, other := float32(1e9), float32(1e9)
	var cx, cy, n float32
	for i := range p.Places {
		pl := &p.Places[i]
		d := hypot(pl.X-x, pl.Y-y)
		if p.net.group[i] == g {
			own = min(own, d)
			cx, cy, n = cx+pl.X, cy+pl.Y, n+1
		} else {
			other = min(other, d)
		}
		cost += 40 * p.overNode(pl, a, x, y)
	}
	if other < own {
		cost += 4 * (own - other)
	}
	for i := range g {
		b := &p.Sides[i]
		cost += 40 * overlap(x-b.X, y-b.Y, a.W+b.W+10*k, a.H+b.H+8*k)
	}
	for i := range p.scars {
		for _, q := range p.scars[i].pts {
			cost += 2 * overlap(x-q.X, y-q.Y, a.W+10*k, a.H+10*k)
		}
		q := p.scars[i].handle
		cost += 20 * overlap(x-q.X, y-q.Y, a.W+18*k, a.H+18*k)
	}
	cost += 5 * p.overLinks(a, x, y)
	if inside := 1 - hypot((x-l.cx)/l.rx, (y-l.cy)/l.ry); inside > 0 {
		if !l.captions {
			inside *= 0.2
		}
		cost += 500 * k * inside // within the ring there is traffic
	}
	// Of two places that are clear the lower and outer one is the calmer.
	return cost + 0.7*own + 0.3*hypot(cx/n-x, cy/n-y) - 0.35*hypot(l.cx-x, l.cy-y) - 0.15*y
}

// overLinks tells by how much a badge at x, y would cover links on which messages run.
func (p *Picture) overLinks(a *Side, x, y float32) (sum float32) {
	if len(p.Places) > linksMost {
		return 0
	}
	const steps = 12
	for i := range p.Places {
		for j := range i {
			if p.net.group[i] != p.net.group[j] {
				continue
			}
			from, to := &p.Places[i], &p.Places[j]
			most := float32(0)
			for s := 1; s < steps; s++ {
				t := float32(s) / steps
				qx, qy := from.X+(to.X-from.X)*t, from.Y+(to.Y-from.Y)*t
				most = max(most, overlap(x-qx, y-qy, a.W+9*p.lay.k, a.H+9*p.lay.k))
			}
			sum += most
		}
	}
	return sum
}

// overNode tells by how much a badge at x, y would cover a node, its caption or its clients.
func (p *Picture) overNode(pl *Place, a *Side, x, y float32) float32 {
	k := p.lay.k
	near := hypot(max(x-pl.X-a.W, pl.X-x-a.W, 0), max(y-pl.Y-a.H, pl.Y-y-a.H, 0))
	air := 11 * k * clamp(pl.R/(34*k), 0.4, 1.2)
	if p.lay.captions {
		air += 8 * k
	}
	c := max(pl.R+air-near, 0)
	dy := pl.R + 29*k
	if pl.Above {
		dy = -dy
	}
	if p.lay.captions {
		c += overlap(x-pl.X, y-pl.Y-dy, a.W+66*k, a.H+12*k)
	} else {
		c += overlap(x-pl.X, y-pl.Y+pl.R+10*k, a.W+12*k, a.H+9*k)
	}
	qx, qy := p.counter(pl)
	if !p.tells(pl) {
		return c + 0.2*overlap(x-qx, y-qy, a.W+12*k, a.H+12*k)
	}
	return c + 0.5*overlap(x-qx, y-qy-14*k, a.W+34*k, a.H+32*k)
}

// overlap is how deep two boxes whose half sizes add up to w and h stand in each other.
func overlap(dx, dy, w, h float32) float32 {
	ox, oy := w-max(dx, -dx), h-max(dy, -dy)
	if ox <= 0 || oy <= 0 {
		return 0
	}
	return min(ox, oy)
}

// counter is where the first client of a node stands.
func (p *Picture) counter(pl *Place) (x, y float32) {
	l := &p.lay
	k := l.k
	if !p.tells(pl) {
		x, y = pl.X+pl.Side*(pl.R*0.9+12*k), pl.Y-pl.R*0.62-8*k
		m := (theme.Diamond + 3) * k
		return clamp(x, l.inset.Left+m, l.w-l.inset.Right-m), y
	}
	if pl.Above {
		return pl.X + pl.Side*(pl.R+clientGap*k), pl.Y - 16*k
	}
	return pl.X + pl.Side*(pl.R+clientGap*k), pl.Y - 10*k
}

// clientGap and clientHalf are, in CSS pixels, how far from its node a client stands and half the
// width of its words.
const clientGap, clientHalf = 58, 44

// tells reports whether there is room beside a node for a client with its words.
func (p *Picture) tells(pl *Place) bool {
	l := &p.lay
	x := pl.X + pl.Side*(pl.R+clientGap*l.k)
	return l.wide && x-clientHalf*l.k >= l.inset.Left && x+clientHalf*l.k <= l.w-l.inset.Right
}

// drawSides draws the badges.
func (b *pen) drawSides() {
	for g := range b.p.Sides {
		if len(b.p.Sides) > badgesMost {
			return
		}
		a, k := &b.p.Sides[g], b.k
		b.put(Shape{Kind: GlowBox, X: a.X, Y: a.Y + 3*k, X2: a.W - 8*k, Y2: a.H - 8*k, R: 16 * k,
			Color: b.t.Shadow})
		r := min(9*k, a.H)
		b.box(a.X, a.Y, a.W, a.H, r, 0, 0, b.t.Card)
		b.box(a.X, a.Y, a.W, a.H, r, max(k, 1), 0, b.t.Hairline)
		c := b.t.Fault
		if a.Can {
			c = b.t.Committed
		}
		if !b.p.lay.captions {
			b.drawShort(a, c)
			continue
		}
		const size = theme.TextPanel
		b.bold(a.X, a.Y-size*0.62*k, size, Centred, b.t.Ink, a.Text)
		b.text(a.X, a.Y+size*0.66*k, size, Centred, c, a.Verdict)
	}
}

// drawShort draws what a small stage has room for: a sign and how many of how many.
func (b *pen) drawShort(a *Side, c theme.Color) {
	k := b.k
	x := a.X - a.W + 14*k
	if a.Can {
		b.tick(x, a.Y, 5*k, 2*k, c)
	} else {
		b.cross(x, a.Y, 4.6*k, 2*k, c)
	}
	b.bold(x+9*k, a.Y, theme.TextSmall, FromLeft, b.t.Ink, a.Short)
}
