package scene

import (
	"math"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// ringMost is how many nodes stand on a ring; more stand in rows.
const ringMost = 25

// ringLeast is the least diameter, in CSS pixels, of more than nine nodes on a ring.
const ringLeast = 24

// commitsFrom is the diameter, in CSS pixels, from which a node says its commit index.
const commitsFrom = 70

// linksMost is up to how many nodes all links are drawn.
const linksMost = 12

// layout remembers what the places were worked out for, and what follows from it.
type layout struct {
	w, h, k  float32
	inset    Inset
	ids      []raft.NodeID
	at       []int   // of each place, where its node stands in the state
	outer    []bool  // of each place, whether its node is no member
	cx, cy   float32 // the ring's middle
	rx, ry   float32 // and its half axes
	start    float64 // the angle of the first node
	captions bool    // there is room for a caption at every node
	commits  bool    // and in every node for its commit index
	roomy    bool    // and between two for what goes without saying
	wide     bool    // and beside it for the words of a request
	rows     bool    // the nodes stand in rows
}

func (l *layout) find(id raft.NodeID) int {
	if i := int(id) - 1; i >= 0 && i < len(l.ids) && l.ids[i] == id {
		return i
	}
	if i, ok := slices.BinarySearch(l.ids, id); ok {
		return i
	}
	return -1
}

// node gives the node at a place.
func (p *Picture) node(s *trace.State, place int) *trace.NodeState {
	return &s.Nodes[p.lay.at[place]]
}

// same reports whether the places stand as they should.
func (p *Picture) same(s *trace.State, v *View) bool {
	l := &p.lay
	if l.w != v.Width || l.h != v.Height || l.k != v.Scale || l.inset != v.Inset {
		return false
	}
	k := 0
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if !p.shown(n) {
			continue
		}
		if k >= len(l.ids) || l.ids[k] != n.ID || l.outer[k] == p.member(n.ID) {
			return false
		}
		l.at[k] = i
		k++
	}
	return k == len(l.ids)
}

// arrange gives every node its place, if the stage or the nodes have changed; it reports whether
// any place is another than before.
func (p *Picture) arrange(s *trace.State, v *View) bool {
	l := &p.lay
	if p.same(s, v) {
		return p.move(v)
	}
	p.leave(v)
	l.w, l.h, l.k, l.inset = v.Width, v.Height, v.Scale, v.Inset
	l.ids, l.at, l.outer, p.Places = l.ids[:0], l.at[:0], l.outer[:0], p.Places[:0]
	for i := range s.Nodes {
		if n := &s.Nodes[i]; p.shown(n) {
			l.ids, l.at = append(l.ids, n.ID), append(l.at, i)
			l.outer = append(l.outer, !p.member(n.ID))
			p.Places = append(p.Places, Place{ID: n.ID})
		}
	}
	l.rows = len(l.ids) > ringMost
	if len(l.ids) > 0 && !l.rows {
		l.rows = !p.onRing()
	}
	if l.rows {
		p.inRows()
	}
	for i := range p.Places {
		if l.outer[i] {
			p.Places[i].R *= theme.OuterSize
		}
	}
	p.glide.goal = append(p.glide.goal[:0], p.Places...)
	p.move(v)
	return true
}

// room is the free rectangle of the stage in CSS pixels.
func (l *layout) room() (x, y, w, h float32) {
	x, y = l.inset.Left/l.k, l.inset.Top/l.k
	return x, y, max(l.w/l.k-x-l.inset.Right/l.k, 40), max(l.h/l.k-y-l.inset.Bottom/l.k, 40)
}

// margins are what a ring keeps free for captions, crowns and clients.
type margins struct{ top, side, bottom float32 }

func (l *layout) margins(w, h float32) margins {
	l.captions = h >= 400 && w >= 420
	m := margins{top: 28, side: 26, bottom: 16}
	if l.captions {
		m.top, m.bottom = 62, 50
	}
	if w >= 640 {
		m.side = 112
	} else if w >= 420 {
		m.side = 70
	}
	return m
}

// onRing puts the nodes on an ellipse, the first at the top, clockwise; false if there is no room.
// All is worked out in CSS pixels and scaled at the end.
func (p *Picture) onRing() bool {
	l := &p.lay
	n := len(l.ids)
	x, y, w, h := l.room()
	m := l.margins(w, h)
	d := clamp(0.114*min(w, 1.2*h), theme.NodeSmall, theme.NodeGreat)
	l.start = -math.Pi / 2
	if n == 2 {
		l.start = -math.Pi
	} else if n == 4 {
		l.start = -math.Pi * 3 / 4
	}
	loX, hiX, loY, hiY := extent(n, l.start)
	for range 3 { // the ring and the nodes' size depend on each other
		l.rx = fit(w-2*m.side-d, hiX-loX)
		l.ry = fit(h-m.top-m.bottom-d, hiY-loY)
		l.rx, l.ry = min(l.rx, 1.32*l.ry, 4.4*d), min(l.ry, 1.2*l.rx, 4.4*d)
		l.cx = x + w/2 - l.rx*(hiX+loX)/2
		free := h - m.top - m.bottom - d - l.ry*(hiY-loY)
		l.cy = y + m.top + d/2 - l.ry*loY + free/2
		if n == 1 {
			l.rx, l.ry, l.cy = 1, 1, y+h/2
		}
		d = min(d, 0.64*p.gap(n))
	}
	if n > 9 && d < ringLeast {
		return false
	}
	l.commits = d >= commitsFrom
	l.wide = w >= 480 && p.gap(n) >= d+115
	l.roomy = p.gap(n) >= d+72
	for i := range p.Places {
		pl := &p.Places[i]
		a := l.angle(float64(i))
		sin, cos := sincos(float32(a))
		pl.X, pl.Y = (l.cx+l.rx*cos)*l.k, (l.cy+l.ry*sin)*l.k
		pl.R, pl.Angle = d/2*l.k, float32(a)
		pl.Above = sin < 0.05
		pl.Side = 1
		if cos < -0.01 {
			pl.Side = -1
		}
	}
	l.cx, l.cy, l.rx, l.ry = l.cx*l.k, l.cy*l.k, l.rx*l.k, l.ry*l.k
	return true
}

// angle is where on the ring a place is; places between two nodes have fractions.
func (l *layout) angle(i float64) float64 {
	return l.start + 2*math.Pi*i/float64(len(l.ids))
}

func fit(room, extent float32) float32 {
	if room = max(room, 10); extent < 0.01 {
		return room
	}
	return room / extent
}

// extent is the bounding box of n places on the unit circle.
func extent(n int, start float64) (loX, hiX, loY, hiY float32) {
	for i := range n {
		s, c := math.Sincos(start + 2*math.Pi*float64(i)/float64(n))
		loX, hiX = min(loX, float32(c)), max(hiX, float32(c))
		loY, hiY = min(loY, float32(s)), max(hiY, float32(s))
	}
	if n == 1 {
		return 0, 0, 0, 0
	}
	return loX, hiX, loY, hiY
}

// gap is the smallest distance between two neighbours on the ring.
func (p *Picture) gap(n int) float32 {
	if n < 2 {
		return 1e6
	}
	l := &p.lay
	least := float32(1e6)
	for i := range n {
		s1, c1 := math.Sincos(l.angle(float64(i)))
		s2, c2 := math.Sincos(l.angle(float64(i + 1)))
		least = min(least, hypot(l.rx*float32(c2-c1), l.ry*float32(s2-s1)))
	}
	return least
}

// inRows puts many nodes into staggered rows.
func (p *Picture) inRows() {
	l := &p.lay
	x, y, w, h := l.room()
	n := float64(len(l.ids))
	cols := max(int(math.Ceil(math.Sqrt(n*float64(w/h)))), 1)
	rows := (len(l.ids) + cols - 1) / cols
	dx, dy := (w-24)/(float32(cols)+0.5), (h-24)/float32(rows)
	d := clamp(0.62*min(dx, dy), 14, 72)
	l.captions, l.commits, l.roomy, l.wide = false, false, false, false
	for i := range p.Places {
		pl := &p.Places[i]
		row := i / cols
		shift := float32(0.5)
		if row%2 == 1 {
			shift = 1
		}
		pl.X = (x + 12 + dx*(float32(i%cols)+shift)) * l.k
		pl.Y = (y + 12 + dy*(float32(row)+0.5)) * l.k
		pl.R, pl.Side = d/2*l.k, 1
	}
	l.cx, l.cy, l.rx, l.ry = l.w/2, l.h/2, l.w/2, l.h/2
}
