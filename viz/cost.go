package viz

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
)

// Cost is what the frames of the stage have cost lately in Go of our own: taking what has come,
// moving the play-head, the picture and the batch; not what Ebitengine and the GPU do with it, nor
// the panels where they are made between frames. Times are as fine as Outside.Now is.
type Cost struct {
	Median, P95 raft.Time
	Frames      int // that it was measured over
}

// costs keeps what the last frames took.
type costs struct {
	ring  [512]raft.Time
	n     int
	frame raft.Time // of the frame under way, so far
}

// add counts a part of the frame under way.
func (c *costs) add(d raft.Time) { c.frame += d }

// end ends a frame.
func (c *costs) end() {
	c.ring[c.n%len(c.ring)] = c.frame
	c.n++
	c.frame = 0
}

// Cost tells what the last frames took.
func (g *Game) Cost() Cost {
	c := &g.costs
	kept := slices.Clone(c.ring[:min(c.n, len(c.ring))])
	if len(kept) == 0 {
		return Cost{}
	}
	slices.Sort(kept)
	return Cost{Median: kept[len(kept)/2], P95: kept[len(kept)*95/100], Frames: len(kept)}
}
