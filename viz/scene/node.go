package scene

import (
	"math"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// Radii around a node, in CSS pixels beyond its fill.
const (
	leaderGap = 6.2  // the leader's second ring
	arcGap    = 8.4  // the countdown
	pickGap   = 13.5 // the ring of the selection
	pipGap    = 14
)

func (b *pen) drawNodes() {
	for i := range b.p.Places {
		n := b.p.node(b.s, i)
		pl := &b.p.Places[i]
		t := Target{Kind: TargetNode, Node: n.ID}
		b.shows(t, pl.X, pl.Y, pl.R+arcGap*b.k*b.rel(pl))
		b.drawMarks(t, n, pl)
		b.drawNode(n, pl, b.p.lay.outer[i])
		b.done()
	}
}

// rel shrinks what is around small nodes.
func (b *pen) rel(pl *Place) float32 { return clamp(pl.R/(34*b.k), 0.4, 1.12) }

// drawMarks draws what lies around or under a node: selection, focus, hover, a broken promise.
func (b *pen) drawMarks(t Target, n *trace.NodeState, pl *Place) {
	r := b.rel(pl) * b.k
	if b.v.Hover == t {
		b.glow(pl.X, pl.Y, pl.R+30*r, b.t.Accent.Alpha(0.30))
	}
	if b.v.Focus == t {
		b.ring(pl.X, pl.Y, pl.R+(pickGap+6)*r, 6*r, b.t.Accent.Alpha(0.35))
	}
	if b.v.Selected == t || b.v.Focus == t || b.caught(pl) {
		b.ring(pl.X, pl.Y, pl.R+(pickGap+2.4)*r, 2.4*r, b.t.Accent)
	}
	if b.broke(n.ID) {
		b.glow(pl.X, pl.Y, pl.R+26*r, b.t.Broken.Alpha(0.5))
		b.ring(pl.X, pl.Y, pl.R+(arcGap+5)*r, 4*r, b.t.Broken)
	}
}

func (b *pen) broke(id raft.NodeID) bool {
	for i := range b.s.Broken {
		for _, n := range b.s.Broken[i].Nodes {
			if n == id {
				return true
			}
		}
	}
	return false
}

func (b *pen) drawNode(n *trace.NodeState, pl *Place, outer bool) {
	k := b.k
	switch {
	case !n.Known:
		b.disc(pl.X, pl.Y, pl.R, b.t.Fog.Alpha(0.55))
		b.dashes(pl.X, pl.Y, pl.R, 1.8*k, b.around(pl, 6), 0.06, b.t.Ink3)
		b.text(pl.X, pl.Y, b.nameSize(pl), Centred, b.t.Ink2,
			b.p.words.number(fogged, uint64(n.ID)))
		return
	case !n.Alive:
		b.disc(pl.X, pl.Y, pl.R, b.t.Fog)
		b.ring(pl.X, pl.Y, pl.R, 1.4*k, b.t.Ink3.Alpha(0.45))
		b.cross(pl.X, pl.Y, pl.R*0.62, 4.2*k*b.rel(pl), b.t.Fault)
		return
	}
	b.glow(pl.X, pl.Y+4*k, pl.R+12*k, b.t.Shadow)
	fill, lap := b.t.Fill(n.Term)
	if n.Silent || outer {
		fill = fill.Mix(b.t.Fog, 0.6)
	}
	if outer {
		b.disc(pl.X, pl.Y, pl.R, fill)
		b.ring(pl.X, pl.Y, pl.R, 1.2*k, b.t.Ink3.Alpha(0.6))
	} else {
		b.body(n, pl, fill)
		b.hatch(pl, lap)
		b.outline(n, pl)
	}
	if n.Paused {
		b.drawPaused(pl)
		return
	}
	b.words(n, pl)
	b.drawSigns(n, pl)
	if t := &n.Incoming; t.Size > 0 && t.Offset < t.Size {
		b.crate(pl.X-pl.R*1.02, pl.Y+pl.R*0.78, 13*b.rel(pl), float32(t.Offset)/float32(t.Size))
	}
}

// around is how many dashes, one about every so many CSS pixels, go around a node.
func (b *pen) around(pl *Place, every float32) int {
	return max(int(2*math.Pi*pl.R/(every*b.k)), 8)
}

func (b *pen) body(n *trace.NodeState, pl *Place, fill theme.Color) {
	if n.Role == raft.Learner {
		h := pl.R * 0.9
		b.box(pl.X, pl.Y, h, h, h*0.36, 0, 0, fill)
		return
	}
	b.disc(pl.X, pl.Y, pl.R, fill)
}

// hatch draws the laps after the first over a node's fill: strokes, then the other way, then both.
func (b *pen) hatch(pl *Place, lap int) {
	step, r := 8*b.k, pl.R-1.5*b.k
	for d := step/2 - r; d < r; d += step {
		half := float32(math.Sqrt(float64(max(r*r-d*d, 0))))
		c := float32(math.Sqrt2 / 2)
		if lap&1 != 0 {
			b.line(pl.X+(d-half)*c, pl.Y+(d+half)*c, pl.X+(d+half)*c, pl.Y+(d-half)*c, 2*b.k,
				b.t.Hatch)
		}
		if lap&2 != 0 {
			b.line(pl.X+(d-half)*c, pl.Y-(d+half)*c, pl.X+(d+half)*c, pl.Y-(d-half)*c, 2*b.k,
				b.t.Hatch)
		}
	}
}

// outline draws a node's role.
func (b *pen) outline(n *trace.NodeState, pl *Place) {
	k := b.k * b.rel(pl)
	thin := b.t.Ink.Mix(b.t.Centre, 0.25)
	switch {
	case n.Silent:
		b.dashes(pl.X, pl.Y, pl.R, 2*k, b.around(pl, 12), 0.5, b.t.Ink3)
	case n.Role == raft.Leader:
		b.ring(pl.X, pl.Y, pl.R+0.6*k, 2.7*k, b.t.Ink)
		b.ring(pl.X, pl.Y, pl.R+leaderGap*k, 2.7*k, b.t.Ink)
		b.crown(pl.X, pl.Y-pl.R-(leaderGap+9.5)*k, 1.05*k)
	case n.Role == raft.Candidate:
		b.dashes(pl.X, pl.Y, pl.R+1.2*k, 3*k, b.around(pl, 15), 0.46, b.t.Vote)
		b.pips(n, pl)
	case n.Role == raft.PreCandidate:
		b.dashes(pl.X, pl.Y, pl.R+1.2*k, 3.2*k, b.around(pl, 7.2), 0.05, b.t.Vote)
		b.pips(n, pl)
	case n.Role == raft.Learner:
		h := pl.R * 0.9
		b.box(pl.X, pl.Y, h, h, h*0.36, 1.7*k, 0, thin)
	default:
		b.ring(pl.X, pl.Y, pl.R, 1.7*k, thin)
		b.countdown(n, pl)
	}
}

// left is the part of a follower's time-out that is still to run, from 0 to 1.
func left(n *trace.NodeState, now raft.Time) float32 {
	if n.Deadline <= n.DeadlineFrom || n.Deadline == 0 {
		return 0
	}
	return clamp(float32(n.Deadline-now)/float32(n.Deadline-n.DeadlineFrom), 0, 1)
}

func (b *pen) countdown(n *trace.NodeState, pl *Place) {
	if n.Deadline == 0 || n.Paused {
		return
	}
	k := b.k * b.rel(pl)
	r, w := pl.R+arcGap*k, 3.8*k
	part := left(n, b.v.Now)
	b.ring(pl.X, pl.Y, r, w, b.t.Ink.Alpha(0.11))
	if part <= 0 {
		return
	}
	c := b.t.Ink2
	if part < 0.25 { // it will stand for election soon
		c = c.Mix(b.t.Vote, 1-part*4)
	}
	if b.v.ReducedMotion {
		part = float32(math.Ceil(float64(part*8))) / 8
	}
	b.arc(pl.X, pl.Y, r, w, 0, part*2*math.Pi, c)
}

// crown draws a leader's crown; y is its middle.
func (b *pen) crown(x, y, k float32) {
	f := b.begin()
	b.turned(x, y, k, 0, Point{-10, 6.5}, Point{-10.6, -4}, Point{-5, 0.6}, Point{0, -7},
		Point{5, 0.6}, Point{10.6, -4}, Point{10, 6.5})
	b.end(f, Shape{Kind: Poly, X: x, Y: y + 3.5*k, Color: b.t.Ink})
}

// pips draws one mark per vote over a candidate: filled when granted, a cross when refused. The
// marks of a pre-vote are hollow and get a point when granted.
func (b *pen) pips(n *trace.NodeState, pl *Place) {
	conf := b.p.configs.of(n)
	members := conf.Voters
	if conf.Joint() {
		members = conf.Members()
	}
	count := len(members)
	if count == 0 || count > 11 {
		return
	}
	k := b.k * b.rel(pl)
	r := pl.R + pipGap*k
	step := min(float32(0.40), 2.2/float32(count)) * clamp(46*b.k/pl.R, 0.8, 1.3)
	for i, id := range members {
		sin, cos := sincos(-math.Pi/2 + step*(float32(i)-float32(count-1)/2))
		x, y := pl.X+r*cos, pl.Y+r*sin
		granted, refused := ballot(n, id)
		switch {
		case refused:
			b.cross(x, y, 4.6*k, 2*k, b.t.Ink2)
		case granted && !n.Pre:
			b.disc(x, y, 5.2*k, b.t.Vote)
		default:
			b.disc(x, y, 5*k, b.t.Centre)
			b.ring(x, y, 5*k, 1.8*k, b.t.Vote)
			if granted {
				b.disc(x, y, 1.9*k, b.t.Vote)
			}
		}
	}
}

// ballot says what a server said to a candidate; a candidate is for itself.
func ballot(n *trace.NodeState, id raft.NodeID) (granted, refused bool) {
	for i := range n.Tally {
		if n.Tally[i].Peer == id {
			return n.Tally[i].Granted, !n.Tally[i].Granted
		}
	}
	return id == n.ID, false
}

func (b *pen) drawPaused(pl *Place) {
	k := b.k
	step, r := 9*k, pl.R-2*k
	c := float32(math.Sqrt2 / 2)
	for d := step/2 - r; d < r; d += step {
		half := float32(math.Sqrt(float64(max(r*r-d*d, 0))))
		b.line(pl.X+(d-half)*c, pl.Y+(d+half)*c, pl.X+(d+half)*c, pl.Y+(d-half)*c, 3.2*k,
			b.t.Ink.Alpha(0.26))
	}
	for _, side := range [...]float32{-1, 1} {
		b.box(pl.X+side*pl.R*0.17, pl.Y, pl.R*0.095, pl.R*0.32, 2*k, 0, 0, b.t.Ink)
	}
}

func (b *pen) nameSize(pl *Place) float32 {
	switch r := pl.R / b.k; {
	case r >= 50:
		return 22
	case r >= 40:
		return theme.TextTitle
	case r >= 26:
		return 16
	case r >= 17:
		return theme.TextPanel
	}
	return theme.TextSmall
}

// words writes a node's name, term and commit index.
func (b *pen) words(n *trace.NodeState, pl *Place) {
	k, w := b.k, &b.p.words
	name, f := w.name(n.ID), pl.R/(44*k)
	switch r := pl.R / k; {
	case r < 14:
		return
	case r < 20:
		b.bold(pl.X, pl.Y, b.nameSize(pl), Centred, b.t.Ink, name)
	case !b.p.lay.commits || r < commitsFrom/2:
		f = pl.R / (30 * k)
		form := termOf
		if r < 26 {
			form = termShort
		}
		b.bold(pl.X, pl.Y-8*f*k, b.nameSize(pl), Centred, b.t.Ink, name)
		b.text(pl.X, pl.Y+10*f*k, theme.TextSmall, Centred, b.t.OnTerm,
			w.number(form, uint64(n.Term)))
	default:
		small := max(theme.TextPanel*min(f, 1.15), theme.TextSmall)
		b.bold(pl.X, pl.Y-15*f*k, b.nameSize(pl), Centred, b.t.Ink, name)
		b.text(pl.X, pl.Y+5*f*k, small, Centred, b.t.OnTerm, w.number(termOf, uint64(n.Term)))
		b.commit(pl.X, pl.Y+23*f*k, max(small-1, theme.TextSmall), uint64(n.Commit))
	}
}

// commit writes a check mark and an index, centred together.
func (b *pen) commit(x, y, size float32, index uint64) {
	s := b.p.words.number(plain, index)
	w := width(s, size, false) * b.k
	tick := size * 0.42 * b.k
	x -= (w + 2.6*tick) / 2
	b.tick(x+tick*0.8, y-0.4*b.k, tick, 1.5*b.k, b.t.OnTerm)
	b.text(x+2.6*tick, y, size, FromLeft, b.t.OnTerm, s)
}

// crate draws a snapshot that is on its way, filled to a part.
func (b *pen) crate(x, y, half, part float32) {
	k := b.k
	h, v := half*k, half*0.78*k
	b.box(x, y, h, v, 3*k, 0, 0, b.t.Card)
	part = clamp(part, 0, 1)
	if lvl := (v - 3*k) * part; lvl > 0.5 {
		b.box(x, y+v-3*k-lvl, h-3*k, lvl, min(1.2*k, lvl), 0, 0, b.t.Snap)
	}
	b.box(x, y, h, v, 3*k, 1.9*k, 0, b.t.Snap)
}
