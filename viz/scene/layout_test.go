package scene_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
)

var sizes = [][2]float32{{320, 280}, {390, 340}, {500, 280}, {390, 700}, {830, 670}, {1280, 720},
	{1700, 1300}, {2560, 1600}}

func TestNodesStandFree(t *testing.T) {
	for _, size := range sizes {
		for n := 1; n <= 40; n++ {
			for _, scale := range []float32{1, 1.25, 2} {
				var p scene.Picture
				scene.Build(&p, example.Calm(n), view(size[0], size[1], scale))
				where := fmt.Sprintf("%d nodes on %v at %v", n, size, scale)
				standFree(t, where, &p)
			}
		}
	}
}

func standFree(t *testing.T, where string, p *scene.Picture) {
	t.Helper()
	for i, a := range p.Places {
		if a.X-a.R < 0 || a.Y-a.R < 0 || a.X+a.R > p.Width || a.Y+a.R > p.Height {
			t.Errorf("%s: S%d leaves the stage: %v", where, a.ID, a)
		}
		for _, b := range p.Places[i+1:] {
			if d := math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y)); d < float64(a.R+b.R)*1.2 {
				t.Errorf("%s: S%d and S%d are %.0f apart, radius %.0f", where, a.ID, b.ID, d, a.R)
			}
		}
	}
}

func TestNodeSizes(t *testing.T) {
	cases := []struct {
		w, h, least, most float32
	}{{830, 670, 80, 96}, {390, 340, 56, 64}, {320, 280, 52, 64}, {2560, 1600, 100, 114}}
	for _, c := range cases {
		var p scene.Picture
		scene.Build(&p, example.Calm(5), view(c.w, c.h, 1))
		if d := 2 * p.Places[0].R; d < c.least || d > c.most {
			t.Errorf("on %v by %v a node is %.0f wide, want %v to %v", c.w, c.h, d, c.least, c.most)
		}
	}
}

func TestPlacesScale(t *testing.T) {
	var one, two scene.Picture
	scene.Build(&one, example.Calm(5), view(830, 670, 1))
	scene.Build(&two, example.Calm(5), view(830, 670, 2))
	x1, y1, r1, ok := one.Place(3)
	x2, y2, r2, ok2 := two.Place(3)
	if !ok || !ok2 || near(2*x1, x2) > 0.1 || near(2*y1, y2) > 0.1 || near(2*r1, r2) > 0.1 {
		t.Errorf("S3 is at %v %v %v, at scale 2 at %v %v %v", x1, y1, r1, x2, y2, r2)
	}
	if _, _, _, ok = one.Place(6); ok {
		t.Error("there is no S6")
	}
}

func near(a, b float32) float64 { return math.Abs(float64(a - b)) }

func TestInsetIsKeptFree(t *testing.T) {
	var p scene.Picture
	v := view(830, 670, 1)
	v.Inset = scene.Inset{Left: 200, Bottom: 90}
	scene.Build(&p, example.Calm(5), v)
	for _, a := range p.Places {
		if a.X-a.R < 200 || a.Y+a.R > 580 {
			t.Errorf("S%d stands in the inset: %v", a.ID, a)
		}
	}
}

// TestBadgesAreClear holds that a badge covers no node, no other badge and no handle, and leaves
// the stage nowhere.
func TestBadgesAreClear(t *testing.T) {
	for _, size := range sizes {
		for _, e := range []string{"partition", "nine", "oneway", "star", "islands"} {
			var p scene.Picture
			scene.Build(&p, named(e), view(size[0], size[1], 1))
			for i, a := range p.Sides {
				badgeIsClear(t, fmt.Sprintf("%s on %v: badge %q", e, size, a.Text), &p, &a, i)
			}
		}
	}
}

func badgeIsClear(t *testing.T, where string, p *scene.Picture, a *scene.Side, i int) {
	t.Helper()
	if a.X-a.W < 0 || a.Y-a.H < 0 || a.X+a.W > p.Width || a.Y+a.H > p.Height {
		t.Errorf("%s leaves the stage", where)
	}
	for _, n := range p.Places {
		dx, dy := max(near(a.X, n.X)-float64(a.W), 0), max(near(a.Y, n.Y)-float64(a.H), 0)
		if math.Hypot(dx, dy) < float64(n.R) {
			t.Errorf("%s covers S%d", where, n.ID)
		}
	}
	for _, b := range p.Sides[:i] {
		if near(a.X, b.X) < float64(a.W+b.W) && near(a.Y, b.Y) < float64(a.H+b.H) {
			t.Errorf("%s covers %q", where, b.Text)
		}
	}
	for _, s := range p.Spots {
		if s.Target.Kind == scene.TargetScar && near(a.X, s.X) < float64(a.W) &&
			near(a.Y, s.Y) < float64(a.H) {
			t.Errorf("%s covers the handle", where)
		}
	}
}

func named(name string) *trace.State {
	for _, e := range example.All() {
		if e.Name == name {
			return e.State
		}
	}
	return nil
}

// TestCaptionsAreClear holds that no caption covers another node.
func TestCaptionsAreClear(t *testing.T) {
	for _, size := range sizes {
		for _, e := range example.All() {
			var p scene.Picture
			scene.Build(&p, e.State, view(size[0], size[1], 1))
			for i := range p.Shapes {
				s := &p.Shapes[i]
				if s.Kind == scene.Text && s.Spot < 0 && s.Size == 13 {
					captionIsClear(t, fmt.Sprintf("%s on %v", e.Name, size), &p, s)
				}
			}
		}
	}
}

func captionIsClear(t *testing.T, where string, p *scene.Picture, s *scene.Shape) {
	t.Helper()
	half := float64(len([]rune(s.Text))) * 3.1
	for _, n := range p.Places {
		dx := max(near(s.X, n.X)-half, 0)
		dy := max(near(s.Y, n.Y)-5, 0)
		if math.Hypot(dx, dy) < float64(n.R) {
			t.Errorf("%s: %q covers S%d", where, s.Text, n.ID)
		}
	}
}

// TestAnythingGoes draws states that no cluster has.
func TestAnythingGoes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var p scene.Picture
	for range 400 {
		s := example.Crowd(1+r.IntN(30), r.IntN(40))
		for range r.IntN(60) {
			l := trace.LinkState{From: raft.NodeID(r.IntN(34)), To: raft.NodeID(r.IntN(34))}
			l.Link.Cut = r.IntN(2) == 0
			s.Links = append(s.Links, l)
		}
		for i := range s.Nodes {
			n := &s.Nodes[i]
			n.Role, n.Known, n.Alive = raft.Role(r.IntN(7)), r.IntN(5) > 0, r.IntN(4) > 0
			n.Term, n.Deadline = raft.Term(r.Uint64()), raft.Time(r.Int64())
			n.DeadlineFrom, n.Commit = raft.Time(-r.Int64()), raft.Index(r.Uint64())
			n.Pre, n.Paused, n.Silent = r.IntN(2) == 0, r.IntN(5) == 0, r.IntN(5) == 0
		}
		for i := range s.Flights {
			f := &s.Flights[i]
			f.Fate, f.Why = trace.Fate(r.IntN(4)), trace.DropWhy(r.IntN(9))
			f.SentAt, f.Due = raft.Time(r.Int64N(1e7)), raft.Time(r.Int64N(1e7))
			f.FateAt = raft.Time(r.Int64N(1e7))
			if r.IntN(4) == 0 {
				f.Message.Body = nil
			}
		}
		v := view(r.Float32()*900, r.Float32()*900, r.Float32()*3)
		scene.Build(&p, s, v)
		for i := range p.Shapes {
			q := &p.Shapes[i]
			if sum := q.X + q.Y + q.X2 + q.Y2 + q.R + q.A0 + q.A1; sum != sum {
				t.Fatalf("a shape is not a number: %+v", *q)
			}
		}
		scene.Moving(s, &v)
	}
	scene.Build(&p, &trace.State{}, scene.View{})
}
