package draw

import (
	"image"
	"math"
	"testing"

	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/theme"
)

// blocks makes labels that are covered all over.
type blocks struct{ made int }

func (b *blocks) Label(text string, size int, bold bool) (w, h int, alpha []byte) {
	b.made++
	w, h = len(text)*size/2, Height(size)
	alpha = make([]byte, w*h)
	for i := range alpha {
		alpha[i] = 255
	}
	return w, h, alpha
}

var white = theme.Hex(0xffffff)

// drawn paints shapes of a picture of 100 by 100.
func drawn(points []scene.Point, shapes ...scene.Shape) *image.RGBA {
	p := scene.Picture{Width: 100, Height: 100, Scale: 1, Points: points, Shapes: shapes}
	b := NewBatch(&blocks{})
	b.Set(&p)
	img := image.NewRGBA(image.Rect(0, 0, 100, 100))
	Soft(img, b)
	return img
}

// area is how many pixels are covered, and most the most covered of them.
func area(img *image.RGBA) (sum float64, most uint8) {
	for i := 3; i < len(img.Pix); i += 4 {
		sum += float64(img.Pix[i]) / 255
		most = max(most, img.Pix[i])
	}
	return sum, most
}

func TestShapesCoverTheirArea(t *testing.T) {
	half := white.Alpha(0.5)
	triangle := []scene.Point{{X: 20, Y: 20}, {X: 80, Y: 20}, {X: 20, Y: 80}}
	bend := []scene.Point{{X: 10, Y: 50}, {X: 50, Y: 50}, {X: 90, Y: 50}}
	cases := []struct {
		name   string
		points []scene.Point
		shape  scene.Shape
		want   float64
	}{
		{"disc", nil, scene.Shape{Kind: scene.Disc, X: 50, Y: 50, R: 30}, math.Pi * 900},
		{"ring", nil, scene.Shape{Kind: scene.Disc, X: 50, Y: 50, R: 30, W: 4},
			math.Pi * (900 - 676)},
		{"quarter", nil, scene.Shape{Kind: scene.Arc, X: 50, Y: 50, R: 30, W: 4, A1: math.Pi / 2},
			math.Pi * (900 - 676) / 4},
		{"dashed circle", nil, scene.Shape{Kind: scene.Arc, X: 50, Y: 50, R: 30, W: 4,
			A1: 2 * math.Pi, Dash: 28 * math.Pi / 10, Gap: 28 * math.Pi / 10},
			math.Pi * (900 - 676) / 2},
		{"line", nil, scene.Shape{Kind: scene.Line, X: 10.5, Y: 20, X2: 90.5, Y2: 60, W: 3},
			3 * math.Hypot(80, 40)},
		{"round line", nil, scene.Shape{Kind: scene.Line, X: 20, Y: 20, X2: 80, Y2: 60, W: 8,
			Round: true}, 8*math.Hypot(60, 40) + math.Pi*16},
		{"dashed line", nil, scene.Shape{Kind: scene.Line, X: 5, Y: 50, X2: 95, Y2: 50, W: 4,
			Dash: 10, Gap: 10}, 5 * 40},
		{"path", bend, scene.Shape{Kind: scene.Path, W: 4, Count: 3}, 80 * 4},
		{"dashed path", bend, scene.Shape{Kind: scene.Path, W: 4, Count: 3, Dash: 10, Gap: 6},
			50 * 4},
		{"box", nil, scene.Shape{Kind: scene.Box, X: 50, Y: 50, X2: 30, Y2: 20, R: 8},
			60*40 - (4-math.Pi)*64},
		{"turned box", nil, scene.Shape{Kind: scene.Box, X: 50, Y: 50, X2: 30, Y2: 20, R: 8,
			A0: 0.6}, 60*40 - (4-math.Pi)*64},
		{"outline", nil, scene.Shape{Kind: scene.Box, X: 50, Y: 50, X2: 30, Y2: 20, R: 8, W: 2},
			60*40 - (4-math.Pi)*64 - (56*36 - (4-math.Pi)*36)},
		{"triangle", triangle, scene.Shape{Kind: scene.Poly, X: 35, Y: 35, Count: 3}, 1800},
		{"text", nil, scene.Shape{Kind: scene.Text, X: 50, Y: 50, Size: 20, Text: "abc"}, 30 * 28},
	}
	for _, c := range cases {
		c.shape.Color = half
		got, most := area(drawn(c.points, c.shape))
		if want := c.want / 2; math.Abs(got-want) > 0.02*want+1 {
			t.Errorf("%s covers %.1f, want %.1f", c.name, got, want)
		}
		if most > half.A+1 {
			t.Errorf("%s has a seam: %d, where %d is most", c.name, most, half.A)
		}
	}
}

func TestShapesStandWhereTheyShould(t *testing.T) {
	img := drawn(nil, scene.Shape{Kind: scene.Arc, X: 50, Y: 50, R: 30, W: 6, A1: math.Pi / 2,
		Color: white})
	at := func(x, y int) uint8 { return img.RGBAAt(x, y).A }
	if at(69, 31) != 255 || at(31, 31) != 0 || at(69, 69) != 0 {
		t.Error("a quarter from the top, clockwise, is at the upper right")
	}
	img = drawn(nil, scene.Shape{Kind: scene.Text, X: 50, Y: 50, Size: 20, Text: "ab",
		Align: scene.FromLeft, Color: white})
	if at(49, 50) != 0 || at(50, 50) != 255 || at(69, 50) != 255 || at(70, 50) != 0 {
		t.Error("a text from the left begins at its X")
	}
	img = drawn(nil, scene.Shape{Kind: scene.Line, X: 10, Y: 50, X2: 90, Y2: 50, W: 4, Fade: true,
		Color: white})
	if at(12, 50) > 20 || at(88, 50) < 230 {
		t.Error("a line that fades begins transparent")
	}
	img = drawn(nil, scene.Shape{Kind: scene.Stage, X: 50, Y: 50, X2: 100, Y2: 100,
		Color: theme.Hex(0xff0000), Second: theme.Hex(0x0000ff)})
	if c, rim := img.RGBAAt(50, 50), img.RGBAAt(0, 0); c.R < 240 || rim.B < 240 || c.A != 255 {
		t.Errorf("the stage is %v in the middle and %v at the rim", c, rim)
	}
}

func TestAtlas(t *testing.T) {
	b := &blocks{}
	a := NewAtlas(b)
	var all []place
	for i := range 400 {
		text := string(rune('a'+i%26)) + string(rune('a'+i/26)) + "word"[:i%5%4]
		e, ok := a.find(text, 12+i%3, i%2 == 0)
		if !ok {
			t.Fatalf("no room for label %d", i)
		}
		all = append(all, e)
	}
	for i, e := range all {
		r := image.Rect(e.x-1, e.y-1, e.x+e.w+1, e.y+e.h+1)
		for _, f := range all[:i] {
			if r.Overlaps(image.Rect(f.x, f.y, f.x+f.w, f.y+f.h)) {
				t.Fatalf("%v overlaps %v", e, f)
			}
		}
		if !image.Rect(e.x, e.y, e.x+e.w, e.y+e.h).In(a.Dirty) {
			t.Fatalf("%v is not in the dirty rectangle %v", e, a.Dirty)
		}
	}
	made := b.made
	a.Dirty = image.Rectangle{}
	if _, ok := a.find("aa", 12, true); !ok || b.made != made || !a.Dirty.Empty() {
		t.Error("a label that is there is not made again")
	}
	if a.Clear(); a.Dirty.Dx() != AtlasSize {
		t.Error("a cleared atlas is dirty all over")
	}
}

func TestFullAtlasIsEmptiedOnce(t *testing.T) {
	b := NewBatch(&blocks{})
	p := scene.Picture{Width: 100, Height: 100, Scale: 1}
	words := func(n int) {
		p.Shapes = p.Shapes[:0]
		for i := range 40 {
			p.Shapes = append(p.Shapes, scene.Shape{Kind: scene.Text, Size: 60, Color: white,
				Text: "label " + string(rune('A'+n)) + string(rune('0'+i))})
		}
		b.Set(&p)
	}
	for n := range 20 {
		if words(n); len(b.Vertices) != 40*4 {
			t.Fatalf("in frame %d %d labels of 40 have a place", n, len(b.Vertices)/4)
		}
	}
}

func TestOddLabels(t *testing.T) {
	a := NewAtlas(&blocks{})
	for _, size := range []int{-1, 0, 201} {
		if _, ok := a.find("x", size, false); ok {
			t.Errorf("a label of size %d has a place", size)
		}
	}
	if e, _ := a.find(string(make([]byte, 5000)), 20, false); e.w != 0 {
		t.Errorf("a label that is too wide has the place %v", e)
	}
}
