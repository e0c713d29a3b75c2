package draw_test

import (
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/raftarium/raftarium/viz/draw"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
	"github.com/raftarium/raftarium/viz/theme"
)

var rewrite = flag.Bool("rewrite", false, "write the golden pictures anew")

// TestGoldenPictures compares pixels; a few may differ a little, for machines round differently.
func TestGoldenPictures(t *testing.T) {
	b := draw.NewBatch(labels(t))
	for _, c := range []struct {
		name string
		v    scene.View
	}{
		{"partition-light", view(720, 560, 1, theme.Light())},
		{"partition-phone-dark", view(360, 320, 1.5, theme.Dark())},
	} {
		var p scene.Picture
		scene.Build(&p, example.Partition(), c.v)
		got := paint(t, b, &p)
		path := filepath.Join("testdata", c.name+".png")
		if *rewrite {
			store(t, path, got)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if n := differing(got, want); n > 40 {
			t.Errorf("%s: %d pixels differ (-rewrite if that is as it should be)", path, n)
		}
	}
}

func differing(a, b image.Image) (n int) {
	if a.Bounds() != b.Bounds() {
		return a.Bounds().Dx() * a.Bounds().Dy()
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			p := color.RGBAModel.Convert(a.At(x, y)).(color.RGBA)
			q := color.RGBAModel.Convert(b.At(x, y)).(color.RGBA)
			if apart(p.R, q.R) || apart(p.G, q.G) || apart(p.B, q.B) {
				n++
			}
		}
	}
	return n
}

func apart(a, b uint8) bool { return max(a, b)-min(a, b) > 6 }

func store(t *testing.T, path string, img image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}
