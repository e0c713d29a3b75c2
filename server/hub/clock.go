package hub

import "github.com/raftarium/raftarium/raft"

// clockWindow is how long a frame that came quickly is remembered, at least. Clocks drift: what was
// so for ever would be wrong after some hours.
const clockWindow = 30 * raft.Second

// clock estimates how far the clock of a node is off: by the frame that came quickest, of this
// window of time and the one before.
type clock struct {
	begun    bool
	since    raft.Time // when this window began
	now, was raft.Time // the least difference in this window, and in the one before
	off      raft.Time
}

// heard takes the difference that a frame shows at a moment, and gives the estimate and whether it
// has changed.
func (c *clock) heard(off, at raft.Time) (estimate raft.Time, changed bool) {
	first := !c.begun
	switch {
	case first:
		c.begun, c.since, c.now, c.was = true, at, off, off
	case at-c.since >= clockWindow:
		c.since, c.now, c.was = at, off, c.now
	default:
		c.now = min(c.now, off)
	}
	best := min(c.now, c.was)
	changed = c.off != best || first
	c.off = best
	return best, changed
}
