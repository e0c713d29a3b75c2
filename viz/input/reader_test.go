package input

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/theme"
)

// picture shows n servers that run on a stage of 800 by 600.
func picture(n int, cuts ...scene.Pair) *scene.Picture {
	s := &trace.State{}
	for i := range n {
		s.Nodes = append(s.Nodes, trace.NodeState{ID: raft.NodeID(i + 1), Known: true, Alive: true,
			Boot: 1, Term: 1})
	}
	for _, c := range cuts {
		s.Links = append(s.Links, trace.LinkState{From: c.From, To: c.To,
			Link: trace.Link{Cut: true}})
	}
	p := &scene.Picture{}
	scene.Build(p, s, scene.View{Width: 800, Height: 600, Scale: 1, Theme: theme.Light()})
	return p
}

// place gives the middle of a node.
func place(t *testing.T, p *scene.Picture, id raft.NodeID) scene.Point {
	t.Helper()
	x, y, _, ok := p.Place(id)
	if !ok {
		t.Fatalf("%v is not in the picture", id)
	}
	return scene.Point{X: x, Y: y}
}

func show(in []Intent) string {
	var out []string
	for _, i := range in {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %g %g %g %s", i.Type, i.A, i.B, i.C,
			strings.TrimSpace(i.Text+" "+i.Text2))))
	}
	return strings.Join(out, "; ")
}

// drag presses at the first point, moves through the others and lets go at the last.
func drag(r *Reader, p *scene.Picture, mods Mods, touch bool, path ...scene.Point) []Intent {
	var got []Intent
	for i, q := range path {
		kind := Move
		if i == 0 {
			kind = Down
		}
		got = r.Read(0, Record{Kind: kind, X: q.X, Y: q.Y, Mods: mods, Touch: touch}, p, got)
	}
	q := path[len(path)-1]
	return r.Read(0, Record{Kind: Up, X: q.X, Y: q.Y, Mods: mods, Touch: touch}, p, got)
}

func TestTapSelects(t *testing.T) {
	p := picture(5)
	r := New()
	if got := show(drag(r, p, 0, false, place(t, p, 3))); got != "select 3 0 0" {
		t.Errorf("a tap on S3 gave %q", got)
	}
	if got := show(drag(r, p, 0, false, scene.Point{X: 3, Y: 3})); got != "select 0 0 0" {
		t.Errorf("a tap on the empty stage gave %q", got)
	}
	q := place(t, p, 3)
	wandered := drag(r, p, 0, true, q, scene.Point{X: q.X + 8, Y: q.Y})
	if got := show(wandered); got != "select 3 0 0" {
		t.Errorf("a finger's tap that wandered 8 pixels gave %q", got)
	}
}

// halves draws a vertical line through the middle of the stage, downwards.
func halves(p *scene.Picture) []scene.Point {
	x := p.Width/2 + 20 // beside S1, which stands at the top
	return []scene.Point{{X: x, Y: 2}, {X: x, Y: 200}, {X: x, Y: p.Height - 2}}
}

func TestKnifeCutsWhatItCrosses(t *testing.T) {
	p := picture(5)
	got := drag(New(), p, 0, false, halves(p)...)
	if len(got) != 6 {
		t.Fatalf("a stroke between two and three nodes gave %d cuts: %s", len(got), show(got))
	}
	left := map[raft.NodeID]bool{}
	for i := range p.Places {
		left[p.Places[i].ID] = p.Places[i].X < p.Width/2+20
	}
	for _, c := range got {
		if c.Type != Cut || c.C != 1 || left[raft.NodeID(c.A)] == left[raft.NodeID(c.B)] {
			t.Errorf("the stroke gave %s", show([]Intent{c}))
		}
	}
}

// A stroke drawn downwards has the screen's right on its left side: with shift what comes from there
// dies.
func TestShiftCutsOneWay(t *testing.T) {
	p := picture(5)
	for _, c := range drag(New(), p, Shift, false, halves(p)...) {
		from, to := place(t, p, raft.NodeID(c.A)), place(t, p, raft.NodeID(c.B))
		if c.C != 0 || from.X < to.X {
			t.Errorf("cuts %s, from x=%v to x=%v", show([]Intent{c}), from.X, to.X)
		}
	}
}

func TestDragFromNodeIsNoStroke(t *testing.T) {
	p := picture(5)
	a, b := place(t, p, 2), place(t, p, 5)
	if got := drag(New(), p, 0, false, a, b); len(got) != 0 {
		t.Errorf("dragging from S2 gave %s", show(got))
	}
	r := New()
	r.Use(CutTool)
	if got := drag(r, p, 0, false, a, b); len(got) == 0 {
		t.Error("with the knife in the hand a stroke from S2 cut nothing")
	}
}

func TestLassoIsolates(t *testing.T) {
	p := picture(5)
	r := New()
	r.Use(LassoTool)
	q := place(t, p, 2)
	loop := []scene.Point{{X: q.X - 90, Y: q.Y - 90}, {X: q.X + 90, Y: q.Y - 90},
		{X: q.X + 90, Y: q.Y + 90}, {X: q.X - 90, Y: q.Y + 90}}
	if got := show(drag(r, p, 0, false, loop...)); got != "partition 0 0 0 2|1,3,4,5" {
		t.Errorf("a loop around S2 gave %q", got)
	}
	far := []scene.Point{{X: 1, Y: 1}, {X: 9, Y: 1}, {X: 9, Y: 9}}
	if got := drag(r, p, 0, false, far...); len(got) != 0 {
		t.Errorf("a loop around nothing gave %s", show(got))
	}
}

func TestWriteTool(t *testing.T) {
	p := picture(3)
	r := New()
	r.Use(WriteTool)
	got := show(append(drag(r, p, 0, false, place(t, p, 1)), drag(r, p, 0, false, place(t, p, 2))...))
	if got != "propose 1 0 0 x 1; propose 2 0 0 y 2" {
		t.Errorf("two writes gave %q", got)
	}
}

func TestScarHeals(t *testing.T) {
	cuts := []scene.Pair{{From: 1, To: 2}, {From: 2, To: 1}, {From: 1, To: 3}, {From: 3, To: 1}}
	p := picture(3, cuts...)
	for _, s := range p.Spots {
		if s.Target.Kind != scene.TargetScar {
			continue
		}
		got := drag(New(), p, 0, false, scene.Point{X: s.X, Y: s.Y})
		if len(got) != 4 || got[0].Type != Heal {
			t.Errorf("a tap on the scar gave %s", show(got))
		}
		return
	}
	t.Fatal("the picture of a partition has no scar")
}

func TestSecondFingerGivesUp(t *testing.T) {
	p := picture(5)
	r := New()
	var got []Intent
	for _, rec := range []Record{{Kind: Down, X: 2, Y: 2, Pointer: 1}, {Kind: Move, X: 790, Y: 590,
		Pointer: 1}, {Kind: Down, X: 9, Y: 9, Pointer: 2}, {Kind: Up, Pointer: 2},
		{Kind: Up, X: 790, Y: 590, Pointer: 1}} {
		rec.Touch = true
		got = r.Read(0, rec, p, got)
	}
	if len(got) != 0 || r.Frozen(0) {
		t.Errorf("two fingers gave %s, frozen %v", show(got), r.Frozen(0))
	}
}

func TestHoverFreezes(t *testing.T) {
	p := picture(5)
	r := New()
	q := place(t, p, 4)
	r.Read(0, Record{Kind: Move, X: q.X, Y: q.Y}, p, nil)
	if !r.Frozen(0) || r.Cursor() != "pointer" || !r.Waiting(0) {
		t.Errorf("over S4: frozen %v, cursor %q", r.Frozen(0), r.Cursor())
	}
	if r.Frozen(restAfter) || r.Waiting(restAfter) {
		t.Error("a pointer that rests over a node holds the time for ever")
	}
	r.Read(0, Record{Kind: Move, X: 2, Y: 2}, p, nil)
	if r.Frozen(0) || r.Cursor() != "default" {
		t.Errorf("over nothing: frozen %v, cursor %q", r.Frozen(0), r.Cursor())
	}
	r.Read(0, Record{Kind: Move, X: q.X, Y: q.Y}, p, nil)
	r.Read(0, Record{Kind: Cancel}, p, nil)
	if r.Frozen(0) {
		t.Error("the pointer has left, and time stands still")
	}
}

func TestLongPress(t *testing.T) {
	p := picture(5)
	r := New()
	q := place(t, p, 4)
	r.Read(0, Record{Kind: Down, X: q.X, Y: q.Y, Touch: true}, p, nil)
	if got := r.Wait(holdAfter-1, nil); len(got) != 0 {
		t.Errorf("too early: %s", show(got))
	}
	if got := show(r.Wait(holdAfter, nil)); got != "select 4 0 0" {
		t.Errorf("a long press gave %q", got)
	}
	got := r.Wait(2*holdAfter, nil)
	got = r.Read(2*holdAfter, Record{Kind: Up, X: q.X, Y: q.Y, Touch: true}, p, got)
	if len(got) != 0 {
		t.Errorf("and once more: %s", show(got))
	}
}

// Any sequence of records, in any order, is survived.
func FuzzRead(f *testing.F) {
	f.Add([]byte{0, 10, 10, 1, 200, 200, 2, 200, 200})
	p := picture(5)
	f.Fuzz(func(t *testing.T, data []byte) {
		r := New()
		for ; len(data) >= 3; data = data[3:] {
			r.Read(raft.Time(len(data)), Record{Kind: Kind(data[0] % 6), Pointer: int(data[0] >> 6),
				X: float32(data[1]) * 3, Y: float32(data[2]) * 3, Touch: data[0]&32 != 0}, p, nil)
			r.Wait(raft.Time(len(data)), nil)
		}
	})
}
