package scene_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
)

func spot(t *testing.T, p *scene.Picture, kind scene.TargetKind) *scene.Spot {
	t.Helper()
	for i := range p.Spots {
		if p.Spots[i].Target.Kind == kind {
			return &p.Spots[i]
		}
	}
	t.Fatalf("nothing of kind %d can be hit", kind)
	return nil
}

func TestHit(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Partition(), view(830, 670, 2))
	for _, kind := range []scene.TargetKind{scene.TargetNode, scene.TargetScar, scene.TargetFlight,
		scene.TargetRequest} {
		s := spot(t, &p, kind)
		if got := scene.Hit(&p, s.X, s.Y); got != s.Target {
			t.Errorf("at the middle of %+v is %+v", s.Target, got)
		}
		if got := scene.Hit(&p, s.X+s.R+10, s.Y); got != s.Target && kind != scene.TargetNode {
			t.Errorf("a little beside %+v is %+v", s.Target, got)
		}
	}
	if got := scene.Hit(&p, 3, 3); got.Kind != scene.Nothing {
		t.Errorf("in the corner is %+v", got)
	}
}

func TestHitPrefersTheSmaller(t *testing.T) {
	s := example.Calm(5)
	s.Flights = append(s.Flights, example.Install().Flights[0])
	var p scene.Picture
	scene.Build(&p, s, view(830, 670, 1))
	f, n := spot(t, &p, scene.TargetFlight), spot(t, &p, scene.TargetNode)
	f.X, f.Y = n.X+5, n.Y
	if got := scene.Hit(&p, n.X+5, n.Y); got != f.Target {
		t.Errorf("a message over a node is hit as %+v", got)
	}
	if got := scene.Hit(&p, n.X-n.R+3, n.Y); got != n.Target {
		t.Errorf("beside that message the node is hit as %+v", got)
	}
}

func TestHitLink(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Calm(5), view(830, 670, 1))
	a, b := p.Places[0], p.Places[1]
	got := scene.Hit(&p, (a.X+b.X)/2, (a.Y+b.Y)/2+3)
	if want := (scene.Target{Kind: scene.TargetLink, Node: 1, To: 2}); got != want {
		t.Errorf("on the link is %+v, want %+v", got, want)
	}
	far := scene.Point{X: (a.X + b.X) / 2, Y: (a.Y+b.Y)/2 - 16}
	if got := scene.Hit(&p, far.X, far.Y); got.Kind != scene.Nothing {
		t.Errorf("beside the link is %+v", got)
	}
	if got := scene.Touch(&p, far.X, far.Y); got.Kind != scene.TargetLink {
		t.Errorf("a finger beside the link finds %+v", got)
	}
}

func TestCrossed(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Calm(2), view(830, 670, 1)) // S1 on the left, S2 on the right
	x := (p.Places[0].X + p.Places[1].X) / 2
	down := []scene.Point{{X: x, Y: 0}, {X: x + 5, Y: 100}, {X: x, Y: 670}}
	up := []scene.Point{down[2], down[1], down[0]}
	cases := []struct {
		name   string
		stroke []scene.Point
		want   []scene.Pair
	}{
		// Who draws downwards has the right side of the page on his left.
		{"down", down, []scene.Pair{{From: 2, To: 1}}},
		{"up", up, []scene.Pair{{From: 1, To: 2}}},
		{"beside", []scene.Point{{X: 5, Y: 0}, {X: 5, Y: 600}}, nil},
		{"a point", down[:1], nil},
	}
	for _, c := range cases {
		if got := scene.Crossed(&p, c.stroke, nil); !slices.Equal(got, c.want) {
			t.Errorf("%s: crossed %v, want %v", c.name, got, c.want)
		}
	}
}

func TestCrossedBetweenGroups(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Calm(5), view(830, 670, 1))
	y := (p.Places[1].Y + p.Places[2].Y) / 2 // above S3 and S4, below the others
	got := scene.Crossed(&p, []scene.Point{{X: 0, Y: y}, {X: 830, Y: y}}, nil)
	if len(got) != 6 {
		t.Errorf("a stroke between 3 and 2 nodes crosses %v", got)
	}
	for _, pair := range got {
		if pair.From == 3 || pair.From == 4 {
			t.Errorf("%v: what is above is on the left of a stroke to the right", pair)
		}
	}
}

func TestInside(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Calm(5), view(830, 670, 1))
	loop := []scene.Point{{X: 0, Y: 0}, {X: 830, Y: 0}, {X: 830, Y: 300}, {X: 0, Y: 300}}
	if got := scene.Inside(&p, loop, nil); !slices.Equal(got, []raft.NodeID{1, 2, 5}) {
		t.Errorf("the upper half holds %v", got)
	}
}

func TestSides(t *testing.T) {
	down := example.Partition()
	down.Node(4).Alive = false
	cases := []struct {
		name  string
		state *trace.State
		want  []string
	}{
		{"calm", example.Calm(5), nil},
		{"partition", example.Partition(),
			[]string{"S1 S2 · 2 of 5 cannot commit", "S3 S4 S5 · 3 of 5 can commit"}},
		{"one down", down,
			[]string{"S1 S2 · 2 of 5 cannot commit", "S3 S4 S5 · 2 of 5 cannot commit"}},
		{"one way", example.OneWay(),
			[]string{"S1 S2 S5 · 3 of 5 can commit", "S3 S4 · 2 of 5 cannot commit"}},
		{"single links", example.Single(), nil},
		{"three groups", example.Star(), []string{"S1 S2 · 2 of 7 cannot commit",
			"S3 S4 S5 · 3 of 7 cannot commit", "S6 S7 · 2 of 7 cannot commit"}},
	}
	for _, c := range cases {
		var p scene.Picture
		scene.Build(&p, c.state, view(830, 670, 1))
		var got []string
		for _, a := range p.Sides {
			got = append(got, a.Text+" "+a.Verdict)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestHealed(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Partition(), view(830, 670, 1))
	if got := p.Healed(scene.Target{Kind: scene.TargetScar}, nil); len(got) != 12 {
		t.Errorf("the scar of 2 and 3 nodes heals %v", got)
	}
	scene.Build(&p, example.Single(), view(830, 670, 1))
	got := p.Healed(scene.Target{Kind: scene.TargetCut, Node: 1, To: 4}, nil)
	if !slices.Equal(got, []scene.Pair{{From: 1, To: 4}}) {
		t.Errorf("a cut one way heals %v", got)
	}
	got = p.Healed(scene.Target{Kind: scene.TargetCut, Node: 2, To: 3}, nil)
	if len(got) != 2 {
		t.Errorf("a cut both ways heals %v", got)
	}
}

func TestCutGoesWithItsState(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Partition(), view(830, 670, 1))
	scene.Build(&p, example.Calm(5), view(830, 670, 1))
	for _, s := range p.Spots {
		if s.Target.Kind == scene.TargetScar || s.Target.Kind == scene.TargetCut {
			t.Error("the scar is still there when the links are healed")
		}
	}
	if len(p.Sides) != 0 {
		t.Errorf("the sides are still there: %v", p.Sides)
	}
}

func TestHiddenClasses(t *testing.T) {
	var p scene.Picture
	v := view(830, 670, 1)
	v.Hidden = scene.Hide(trace.ClassAppend, trace.ClassHeartbeat, trace.ClassAppendReply) |
		scene.HideClients
	scene.Build(&p, example.Partition(), v)
	for _, s := range p.Spots {
		if s.Target.Kind == scene.TargetFlight || s.Target.Kind == scene.TargetRequest {
			t.Errorf("%+v is hidden and can be hit", s.Target)
		}
	}
}

func TestLabels(t *testing.T) {
	cases := []struct{ example, want string }{
		{"partition", "leader of term 3 · no quorum"}, {"partition", "leader of term 4"},
		{"partition", "ok at 52"}, {"partition", "waits 1.2 s"}, {"partition", "x = 9"},
		{"partition", "cut"}, {"election", "S1 · down: killed"}, {"election", "candidate"},
		{"election", "asks for pre-votes"}, {"election", "has voted"}, {"election", "down"},
		{"three", "×7"}, {"three", "differs at 17"}, {"three", "not the leader"},
		{"install", "lost"}, {"roles", "S4 ?"}, {"roles", "learner"}, {"roles", "silent"},
		{"roles", "broken promise"}, {"roles", "S2 · paused"}, {"nine", "term 12"},
		{"learner", "learner"}, {"learner", "in doubt"}, {"learner", "S5 · no member"},
		{"learner", "get x"}, {"joint", "leader of term 2 · no quorum · leaves"},
		{"joint", "follower of S1 · joins"}, {"transfer", "hands over to S4"},
		{"transfer", "hand over to S4"},
	}
	for _, c := range cases {
		var p scene.Picture
		scene.Build(&p, named(c.example), view(830, 670, 1))
		if !slices.ContainsFunc(p.Shapes, func(s scene.Shape) bool { return s.Text == c.want }) {
			t.Errorf("%s does not say %q", c.example, c.want)
		}
	}
}

func TestFramesAllocateNothing(t *testing.T) {
	s := example.Crowd(9, 200)
	s.Links = example.Nine().Links
	var p scene.Picture
	v := view(1280, 720, 1)
	scene.Build(&p, s, v)
	if n := testing.AllocsPerRun(50, func() { scene.Build(&p, s, v) }); n > 0 {
		t.Errorf("a frame allocates %v times", n)
	}
}

func TestMoving(t *testing.T) {
	still := example.Calm(5)
	for i := range still.Nodes {
		still.Nodes[i].Deadline = 0
	}
	flight, hidden := still.Clone(), scene.Hide(trace.ClassHeartbeat)
	flight.Flights = example.Install().Flights[2:3]
	burst := still.Clone()
	burst.Flights = example.Install().Flights[4:]
	gone := burst.Clone()
	gone.Flights[0].FateAt = example.Now - 2*raft.Second
	asked := still.Clone()
	asked.Requests = example.Partition().Requests[:1]
	cases := []struct {
		name    string
		state   *trace.State
		playing bool
		hidden  scene.Hidden
		want    bool
	}{
		{"nothing happens", still, true, 0, false}, {"held", example.Calm(5), false, 0, false},
		{"a countdown", example.Calm(5), true, 0, true}, {"a flight", flight, true, 0, true},
		{"a hidden flight", flight, true, hidden, false}, {"a burst", burst, true, 0, true},
		{"an old burst", gone, true, 0, false}, {"an open request", asked, true, 0, true},
	}
	for _, c := range cases {
		v := view(830, 670, 1)
		v.Playing, v.Hidden = c.playing, c.hidden
		if got := scene.Moving(c.state, &v); got != c.want {
			t.Errorf("%s: moving is %v", c.name, got)
		}
	}
}

func TestOnlyABrokenPromiseIsRed(t *testing.T) {
	for _, e := range example.All() {
		var p scene.Picture
		v := view(830, 670, 1)
		scene.Build(&p, e.State, v)
		d := scene.Dump(&p)
		if got := strings.Contains(d, v.Theme.Broken.CSS()); got != (len(e.State.Broken) > 0) {
			t.Errorf("%s: red is there: %v", e.Name, got)
		}
	}
}
