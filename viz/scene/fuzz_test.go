package scene_test

import (
	"math"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/raft/world"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/scene/example"
)

// FuzzBuild draws whatever can be decoded, at any moment and in any size: it never fails, and each
// place in the picture is a number.
func FuzzBuild(f *testing.F) {
	f.Add(tracetest.Encode(tracetest.Events()), int64(example.Now), float32(800), float32(600))
	for _, e := range example.All() {
		if len(e.State.Nodes) < 10 {
			ev := trace.Event{At: e.State.At, Body: trace.KeyFrame{State: e.State}}
			f.Add(tracetest.Encode([]trace.Event{ev}), int64(e.State.At), float32(300), float32(1))
		}
	}
	f.Add(tracetest.Encode(tracetest.Events()), int64(math.MinInt64), float32(0), float32(-1))
	f.Fuzz(func(t *testing.T, b []byte, now int64, width, height float32) {
		if len(b) > 8<<10 || !(max(width, -width, height, -height) < 1e5) {
			return // a browser has no such stage
		}
		var s trace.State
		var bodies trace.Bodies
		for _, ev := range tracetest.Decode(b, 200) {
			world.Apply(&s, &bodies, &ev)
		}
		v := view(1, 1, 1)
		v.Width, v.Height, v.Now = width, height, raft.Time(now)
		var p scene.Picture
		scene.Build(&p, &s, v)
		for i := range p.Shapes {
			if sh := &p.Shapes[i]; !finite(sh.X) || !finite(sh.Y) {
				t.Fatalf("shape %d stands nowhere: %+v", i, sh)
			}
		}
	})
}

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }
