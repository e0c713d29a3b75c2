package scene

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/viz/theme"
)

// glide lets the places move calmly to where they belong when a node comes or goes.
type glide struct {
	was, goal []Place // was is empty while nothing moves
	since     raft.Time
}

// leave remembers the places that are about to change. When the stage itself changes, or time does
// not run, they are simply elsewhere.
func (p *Picture) leave(v *View) {
	l, g := &p.lay, &p.glide
	g.was = g.was[:0]
	if v.Playing && !v.ReducedMotion && l.w == v.Width && l.h == v.Height && l.k == v.Scale &&
		l.inset == v.Inset {
		g.was, g.since = append(g.was, p.Places...), v.Now
	}
}

// move puts the places where they are at this moment; it reports whether they moved.
func (p *Picture) move(v *View) bool {
	g := &p.glide
	if len(g.was) == 0 {
		return false
	}
	t := float32(float64(v.Now-g.since) / v.span(theme.GlideTime))
	if t < 0 || t >= 1 || v.ReducedMotion {
		g.was = g.was[:0]
		copy(p.Places, g.goal)
		return true
	}
	t = ease(t)
	for i, q := range g.goal {
		if old := placeOf(g.was, q.ID); old != nil {
			q.X, q.Y, q.R = mix(old.X, q.X, t), mix(old.Y, q.Y, t), mix(old.R, q.R, t)
		} else {
			q.R *= mix(0.3, 1, t)
		}
		p.Places[i] = q
	}
	return true
}

func placeOf(places []Place, id raft.NodeID) *Place {
	for i := range places {
		if places[i].ID == id {
			return &places[i]
		}
	}
	return nil
}

func mix(a, b, t float32) float32 { return a + (b-a)*t }
