package branch

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/sim"
)

// Copies are made no closer together than spacing, and no more than mostStops are kept.
const (
	spacing   = raft.Second
	mostStops = 48
)

// stop is a copy of a run at rest, to begin a branch from. It is copied again for each branch.
type stop struct {
	events, hash uint64
	at           raft.Time
	cluster      *sim.Cluster
	watched      *check.Watched
}

// stop keeps a copy of the run as it is, unless there are events that nobody has got yet.
func (r *Run) stop() {
	if !r.cluster.Given() || !r.watched.Given() {
		return
	}
	s := newStop(r.cluster, r.watched)
	s.events, s.hash = r.cluster.Run()
	r.stops = append(r.stops, s)
	if len(r.stops) > mostStops {
		r.thin()
	}
}

func newStop(c *sim.Cluster, w *check.Watched) stop {
	c = c.Clone()
	return stop{at: c.Now(), cluster: c, watched: w.Clone(c)}
}

// thin drops the copy that is missed least: where the gap that it leaves is smallest, measured by
// how far away it is. So near the edge every second is kept, and an hour back some minutes. The
// first one, from which every place can be reached, stays, and so does the last.
func (r *Run) thin() {
	edge := r.stops[len(r.stops)-1].at
	least, which := int64(-1), 0
	for i := 1; i+1 < len(r.stops); i++ {
		gap := int64(r.stops[i+1].at-r.stops[i-1].at) << 20
		if share := gap / int64(edge-r.stops[i].at+spacing); least < 0 || share < least {
			least, which = share, i
		}
	}
	r.stops = slices.Delete(slices.Clone(r.stops), which, which+1)
}
