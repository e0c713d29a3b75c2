package scene

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// drawCaptions says under or over each node what it is.
func (b *pen) drawCaptions() {
	if b.p.lay.rows {
		return
	}
	for i := range b.p.Places {
		n, pl := b.p.node(b.s, i), &b.p.Places[i]
		text, c := b.caption(i, n)
		if text == "" || !b.p.lay.captions && (!n.Known || n.Alive && !n.Paused) {
			continue
		}
		y := pl.Y + pl.R + 29*b.k
		if !b.p.lay.captions {
			if y, text = pl.Y+pl.R+11*b.k, b.p.words.name(n.ID); pl.Above {
				y = pl.Y - pl.R - 10*b.k
			}
		} else if pl.Above {
			y = pl.Y - pl.R - b.headroom(n, pl)
		}
		x := b.aside(i, y, width(text, theme.TextPanel, false)*b.k/2)
		b.text(x, y, theme.TextPanel, Centred, c, text)
	}
}

// aside moves the middle of a caption, whose half width is given, so far to the side that it covers
// no other node and stays on the stage.
func (b *pen) aside(i int, y, half float32) float32 {
	p, k := b.p, b.k
	x := p.Places[i].X
	for j := range p.Places {
		o := &p.Places[j]
		dy := max(o.Y-y, y-o.Y)
		if reach := o.R + 13*k; j != i && dy < reach+5*k {
			switch over := half + reach - max(o.X-x, x-o.X); {
			case over <= 0:
			case o.X > x:
				x -= over
			default:
				x += over
			}
		}
	}
	return clamp(x, half+4*k, max(p.Width-half-4*k, half+4*k))
}

// headroom is how far above a node its caption stands.
func (b *pen) headroom(n *trace.NodeState, pl *Place) float32 {
	rel := b.rel(pl) * b.k
	switch {
	case !n.Known || !n.Alive || n.Paused || n.Silent:
		return 21 * b.k
	case n.Role == raft.Leader:
		return (leaderGap+17)*rel + 12*b.k
	case n.Role == raft.Candidate || n.Role == raft.PreCandidate:
		return (pipGap+5)*rel + 12*b.k
	}
	return arcGap*rel + 15*b.k
}

func (b *pen) caption(i int, n *trace.NodeState) (string, theme.Color) {
	w, c := &b.p.words, b.t.Ink2
	switch {
	case b.broke(n.ID):
		return "broken promise", b.t.Broken
	case !n.Known:
		return "nothing is known", c
	case !n.Alive:
		why := n.Down
		if why == "" {
			return w.pair(w.name(n.ID), " · ", "down"), c
		}
		return w.pair(w.name(n.ID), " · down: ", why), c
	case n.Paused:
		return w.pair(w.name(n.ID), " · ", "paused"), c
	case n.Silent:
		return "silent", c
	case b.p.lay.outer[i]:
		return w.pair(w.name(n.ID), " · ", "no member"), c
	case n.Doubtful:
		return "in doubt", b.t.Fault
	}
	text, c := b.standing(i, n)
	if fault := ailing(n); fault != "" {
		c = b.t.Fault
		if n.Role == raft.Leader {
			text = w.pair(text, " · ", fault)
		} else {
			text = fault // what it is its outline says
		}
	}
	switch by := b.p.passing(n.ID); {
	case by == 0:
		return text, c
	case text == "" && by > 0:
		return "joins", c
	case text == "":
		return "leaves", c
	case by > 0:
		return w.pair(text, " · ", "joins"), c
	}
	return w.pair(text, " · ", "leaves"), c
}

// ailing says what is wrong with a server's disk or clock.
func ailing(n *trace.NodeState) string {
	switch d := &n.Disk; {
	case d.Stuck:
		return "stuck disk"
	case d.Full:
		return "full disk"
	case d.Failing:
		return "failing disk"
	case d.Slow > 0:
		return "slow disk"
	case n.Clock != trace.NodeClock{}:
		return "wrong clock"
	}
	return ""
}

// standing says in which role a node is.
func (b *pen) standing(i int, n *trace.NodeState) (string, theme.Color) {
	w, c := &b.p.words, b.t.Ink2
	switch n.Role {
	case raft.Leader:
		if n.HandsTo != 0 {
			return w.number(handsTo, uint64(n.HandsTo)), c
		}
		if b.p.net.groups > 1 && !b.p.Sides[b.p.net.group[i]].Can {
			return w.number(leadsAlone, uint64(n.Term)), c
		}
		return w.number(leads, uint64(n.Term)), c
	case raft.PreCandidate:
		return "asks for pre-votes", c
	case raft.Candidate:
		return "candidate", c
	case raft.Learner:
		return "learner", c
	}
	switch {
	case !b.p.lay.roomy:
		return "", c // its outline says that it follows
	case n.Leader == 0:
		return "follower", c
	}
	return w.number(follows, uint64(n.Leader)), c
}
