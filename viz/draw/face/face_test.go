package face

import (
	"testing"

	"github.com/raftarium/raftarium/viz/draw"
)

func TestLabel(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{12, 19, 40} {
		w, h, alpha := l.Label("S7 ·", size, true)
		if h != draw.Height(size) || len(alpha) != w*h || w < size || w > 4*size {
			t.Fatalf("at %d the label is %d by %d", size, w, h)
		}
		sum, below := 0, 0
		for i, v := range alpha {
			sum += int(v)
			if i/w >= draw.Baseline(size)+1 {
				below += int(v)
			}
			if i%w == 0 && v > 0 {
				t.Fatalf("at %d there is no air on the left", size)
			}
		}
		if part := float64(sum) / 255 / float64(w*h); part < 0.1 || part > 0.5 {
			t.Errorf("at %d %.2f of the label is covered", size, part)
		}
		if below > sum/50 {
			t.Errorf("at %d capitals and figures go below the baseline", size)
		}
	}
}

func TestFiguresHaveOneWidth(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := l.Label("0000", 30, false)
	for _, text := range []string{"1111", "2397", "4568"} {
		if w, _, _ := l.Label(text, 30, false); w != want {
			t.Errorf("%s is %d wide, 0000 %d", text, w, want)
		}
	}
}

func TestBrokenFonts(t *testing.T) {
	for _, b := range [][]byte{nil, {0, 1, 0, 0}, make([]byte, 40), {0, 1, 0, 0, 255, 255, 9: 0}} {
		if _, err := parse("broken", b); err == nil {
			t.Errorf("%v is no font", b)
		}
	}
}
