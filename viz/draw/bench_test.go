package draw_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/draw"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
	"github.com/raftarium/raftarium/viz/theme"
)

func benchmarkFrame(b *testing.B, s *trace.State) {
	batch := draw.NewBatch(labels(b))
	v := view(1280, 720, 1, theme.Light())
	var p scene.Picture
	frame := func() {
		scene.Build(&p, s, v)
		batch.Set(&p)
	}
	frame()
	b.ReportAllocs()
	for b.Loop() {
		frame()
	}
	b.ReportMetric(float64(len(p.Shapes)), "shapes")
	b.ReportMetric(float64(len(batch.Vertices)), "vertices")
}

func BenchmarkFrame5Nodes200Messages(b *testing.B) {
	benchmarkFrame(b, example.Crowd(5, 200))
}

func BenchmarkFrame101Nodes2000Messages(b *testing.B) {
	benchmarkFrame(b, example.Crowd(101, 2000))
}

func BenchmarkBuild5Nodes200Messages(b *testing.B) {
	s, v := example.Crowd(5, 200), view(1280, 720, 1, theme.Light())
	var p scene.Picture
	b.ReportAllocs()
	for b.Loop() {
		scene.Build(&p, s, v)
	}
}
