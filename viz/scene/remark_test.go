package scene

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/viz/theme"
)

func TestRemarks(t *testing.T) {
	var p Picture
	light := theme.Light()
	b := &pen{p: &p, t: &light, k: 1, spot: -1}
	for _, r := range []struct {
		x, y float32
		text string
	}{
		{100, 100, "cut"},
		{200, 100, "cut"},   // the neighbour has said it
		{300, 100, "cut"},   // that was not said
		{120, 106, "stale"}, // on other words
		{120, 130, "stale"},
	} {
		b.remark(r.x, r.y, FromLeft, b.t.Ink2, r.text)
	}
	var got []float32
	for _, s := range p.Shapes {
		got = append(got, s.X, s.Y)
	}
	if want := []float32{100, 100, 300, 100, 120, 130}; !slices.Equal(got, want) {
		t.Errorf("words stand at %v, want %v", got, want)
	}
}
