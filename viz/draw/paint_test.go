package draw

import "testing"

func TestShaderCompiles(t *testing.T) {
	if _, err := NewPainter(); err != nil {
		t.Fatal(err)
	}
}
