package draw_test

import (
	"flag"
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/viz/draw"
	"github.com/raftarium/raftarium/viz/draw/face"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
	"github.com/raftarium/raftarium/viz/theme"
)

var pictures = flag.Bool("pictures", false, "write pictures of the examples to testdata/out")

func labels(tb testing.TB) *face.Labels {
	l, err := face.New()
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func view(w, h, scale float32, th theme.Theme) scene.View {
	return scene.View{Width: w * scale, Height: h * scale, Scale: scale, Theme: th,
		Now: example.Now, Playing: true}
}

func paint(tb testing.TB, b *draw.Batch, p *scene.Picture) *image.RGBA {
	b.Set(p)
	img := image.NewRGBA(image.Rect(0, 0, int(p.Width), int(p.Height)))
	draw.Soft(img, b)
	return img
}

func save(t *testing.T, name string, img image.Image) {
	if err := os.MkdirAll("testdata/out", 0o755); err != nil {
		t.Fatal(err)
	}
	store(t, filepath.Join("testdata/out", name+".png"), img)
}

func TestPictures(t *testing.T) {
	if !*pictures {
		t.Skip("only with -pictures")
	}
	b := draw.NewBatch(labels(t))
	for _, e := range example.All() {
		for _, look := range []struct {
			name string
			v    scene.View
		}{
			{"light", view(830, 670, 1, theme.Light())}, {"dark", view(830, 670, 1, theme.Dark())},
			{"phone", view(390, 340, 2, theme.Light())}, {"small", view(320, 280, 2, theme.Dark())},
			{"great", view(1700, 1300, 1, theme.Light())},
		} {
			if look.v.Scale == 1 {
				look.v.Inset = scene.Inset{Left: 60, Bottom: 50}
			}
			var p scene.Picture
			scene.Build(&p, e.State, look.v)
			save(t, e.Name+"-"+look.name, paint(t, b, &p))
		}
	}
}

// TestGestures writes pictures of what a pointer does.
func TestGestures(t *testing.T) {
	if !*pictures {
		t.Skip("only with -pictures")
	}
	b := draw.NewBatch(labels(t))
	stroke := []scene.Point{{X: 330, Y: 40}, {X: 350, Y: 200}, {X: 345, Y: 340}, {X: 380, Y: 560}}
	loop := []scene.Point{{X: 350, Y: 40}, {X: 560, Y: 30}, {X: 800, Y: 200}, {X: 700, Y: 360},
		{X: 450, Y: 200}}
	node := func(id raft.NodeID) scene.Target {
		return scene.Target{Kind: scene.TargetNode, Node: id}
	}
	for name, change := range map[string]func(*scene.View){
		"knife":  func(v *scene.View) { v.Tool, v.Drag = scene.ToolKnife, stroke },
		"oneway": func(v *scene.View) { v.Tool, v.Drag, v.OneWay = scene.ToolKnife, stroke, true },
		"lasso":  func(v *scene.View) { v.Tool, v.Drag = scene.ToolLasso, loop },
		"picked": func(v *scene.View) {
			v.Selected, v.Hover, v.Focus = node(3), node(2), node(4)
		},
	} {
		v := view(830, 670, 1, theme.Light())
		change(&v)
		var p scene.Picture
		scene.Build(&p, example.Install(), v)
		save(t, "gesture-"+name, paint(t, b, &p))
	}
}
