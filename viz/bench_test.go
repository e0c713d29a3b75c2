package viz

import (
	"testing"

	"github.com/raftarium/raftarium/viz/input"
)

// A frame of a running simulation: the source, the play-head, the picture and its triangles. What
// Ebitengine does with them is not in it.
func BenchmarkFrame(b *testing.B) {
	p := newPage(&testing.T{})
	p.game.open(uri, 0)
	p.frames(5)
	p.game.Intend(input.Intent{Type: input.Speed, A: 0.05})
	p.frames(2000)
	b.ReportAllocs()
	for b.Loop() {
		p.frame()
		p.game.batch.Set(&p.game.picture)
	}
}
