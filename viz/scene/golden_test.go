package scene_test

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
	"github.com/raftarium/raftarium/viz/theme"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

func view(w, h, scale float32) scene.View {
	return scene.View{Width: w * scale, Height: h * scale, Scale: scale, Theme: theme.Light(),
		Now: example.Now, Playing: true}
}

func TestDumps(t *testing.T) {
	for _, e := range example.All() {
		if e.Name == "crowd" {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			var p scene.Picture
			scene.Build(&p, e.State, view(830, 670, 1))
			golden(t, e.Name+".txt", scene.Dump(&p))
		})
	}
}

func TestSVGGolden(t *testing.T) {
	var p scene.Picture
	scene.Build(&p, example.Partition(), view(830, 670, 1))
	golden(t, "partition.svg", scene.SVG(&p))
}

func golden(t *testing.T, name, got string) {
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("%s line %d:\n want %s\n got  %s\n(-rewrite if that is as it should be)",
				path, i+1, a[i], b[i])
		}
	}
	t.Fatalf("%s has %d lines, now there are %d", path, len(a), len(b))
}

func TestSVGIsWellFormed(t *testing.T) {
	s := example.Partition()
	s.Requests[0].Key, s.Requests[0].Value = "<b>&\"", "\x00\xff\x1b"
	var p scene.Picture
	scene.Build(&p, s, view(830, 670, 1))
	d := xml.NewDecoder(strings.NewReader(scene.SVG(&p)))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
