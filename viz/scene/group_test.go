package scene_test

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
)

func places(p *scene.Picture) (ids []raft.NodeID) {
	for i := range p.Places {
		ids = append(ids, p.Places[i].ID)
	}
	return ids
}

func TestWhoHasAPlace(t *testing.T) {
	var p scene.Picture
	s := example.Learner()
	scene.Build(&p, s, view(830, 670, 1))
	if got := places(&p); !slices.Equal(got, []raft.NodeID{1, 3, 4, 5, 6}) {
		t.Errorf("places have %v: who left and is down has none", got)
	}
	_, _, member, _ := p.Place(1)
	if _, _, r, _ := p.Place(5); r >= member {
		t.Errorf("who is no member is as large (%v) as a member (%v)", r, member)
	}
	for _, sp := range p.Spots {
		if l := sp.Target; l.Kind == scene.TargetLink && (l.Node == 5 || l.To == 5) {
			t.Errorf("the link %v-%v is drawn: S5 is no member", l.Node, l.To)
		}
	}
	s.Node(2).Alive = true
	scene.Build(&p, s, view(830, 670, 1))
	if got := places(&p); !slices.Equal(got, []raft.NodeID{1, 2, 3, 4, 5, 6}) {
		t.Errorf("S2 runs again, and places have %v", got)
	}
}

func TestTheLeadersConfigurationCounts(t *testing.T) {
	s := example.Calm(5)
	left := raft.Configuration{Voters: []raft.NodeID{1, 2, 3}}
	s.Node(2).Config, s.Node(2).ConfigIndex = left.Pack(), 9 // S1, which leads, knows of none
	var p scene.Picture
	scene.Build(&p, s, view(830, 670, 1))
	if len(p.Config.Voters) != 5 {
		t.Errorf("a follower's configuration counts: %v", p.Config)
	}
	s.Node(1).Role = raft.Follower
	scene.Build(&p, s, view(830, 670, 1))
	if !slices.Equal(p.Config.Voters, left.Voters) || p.ConfigIndex != 9 {
		t.Errorf("nobody leads, and the newest does not count: %v", p.Config)
	}
}

func TestSidesGoByTheConfiguration(t *testing.T) {
	cut := example.Learner()
	for _, a := range []raft.NodeID{1, 6} {
		for _, b := range []raft.NodeID{3, 4, 5} {
			cut.Links = append(cut.Links,
				trace.LinkState{From: a, To: b, Link: trace.Link{Cut: true}},
				trace.LinkState{From: b, To: a, Link: trace.Link{Cut: true}})
		}
	}
	for _, c := range []struct {
		state *trace.State
		want  []string
	}{
		{cut, []string{"S1 S6 · 1 of 3 cannot commit", "S3 S4 S5 · 2 of 3 can commit"}},
		{example.Joint(), []string{"S1 S2 · old 2 of 3, new 0 of 3 cannot commit",
			"S3 S4 S5 · old 1 of 3, new 3 of 3 cannot commit"}},
	} {
		var p scene.Picture
		scene.Build(&p, c.state, view(830, 670, 1))
		var got []string
		for _, a := range p.Sides {
			got = append(got, a.Text+" "+a.Verdict)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestASideOfBothHalvesCanCommit(t *testing.T) {
	s := example.Joint()
	s.Links = s.Links[:0]
	for _, id := range []raft.NodeID{2, 3, 4, 5} {
		s.Links = append(s.Links, trace.LinkState{From: 1, To: id, Link: trace.Link{Cut: true}},
			trace.LinkState{From: id, To: 1, Link: trace.Link{Cut: true}})
	}
	var p scene.Picture
	scene.Build(&p, s, view(830, 670, 1))
	if len(p.Sides) != 2 || p.Sides[0].Can || !p.Sides[1].Can {
		t.Fatalf("%+v", p.Sides)
	}
	s.Node(2).Paused = true // then one of three of the old half is left
	scene.Build(&p, s, view(830, 670, 1))
	if p.Sides[1].Can {
		t.Errorf("%q can commit without a majority of the old half", p.Sides[1].Text)
	}
}

func TestChangesOfConfigurationMakeNoGarbage(t *testing.T) {
	s := example.Joint()
	var p scene.Picture
	v := view(1280, 720, 1)
	scene.Build(&p, s, v)
	if n := testing.AllocsPerRun(50, func() { scene.Build(&p, s, v) }); n > 0 {
		t.Errorf("a frame allocates %v times", n)
	}
}

func TestPlacesGlideWhenANodeComes(t *testing.T) {
	five, six := example.Calm(5), example.Calm(6)
	var p, fresh scene.Picture
	v := view(830, 670, 1)
	scene.Build(&p, five, v)
	scene.Build(&fresh, six, v)
	x0, y0, _, _ := p.Place(4)
	x1, y1, _, _ := fresh.Place(4)
	at := func(now raft.Time) (x, y float32) {
		v.Now = now
		scene.Build(&p, six, v)
		x, y, _, _ = p.Place(4)
		return x, y
	}
	if x, y := at(example.Now); x != x0 || y != y0 {
		t.Errorf("S4 jumps from %v, %v to %v, %v", x0, y0, x, y)
	}
	if x, y := at(example.Now + 200*raft.Millisecond); x == x0 && y == y0 || x == x1 && y == y1 {
		t.Errorf("S4 stands still at %v, %v", x, y)
	}
	if x, y := at(example.Now + raft.Second); x != x1 || y != y1 {
		t.Errorf("S4 is at %v, %v in the end, not at %v, %v", x, y, x1, y1)
	}
	v.Playing = false
	scene.Build(&p, five, v)
	if x, y, _, _ := p.Place(4); x != x0 || y != y0 {
		t.Errorf("time stands, and S4 is at %v, %v", x, y)
	}
}
