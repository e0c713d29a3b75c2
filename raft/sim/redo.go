package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft/say"
)

// Redo makes a cluster repeat a run that was recorded: what was done stands at its places, and the
// rungs tell whether the run is still the same one.
type Redo struct {
	Actions []Action // in order
	Rungs   []Rung   // in order
}

// Rung says what the rolling hash was behind so many events.
type Rung struct {
	Events uint64
	Hash   uint64
}

// redoing is how far a cluster has come with a Redo.
type redoing struct {
	Redo
	agreed uint64 // the last rung that was right
	stray  error  // this is another run
}

// Redo has the cluster do again what lies ahead of it; what it was to do before is forgotten. At
// the first rung that is wrong it stops for good, and Next says between which events that was. What
// lies behind it tells nothing.
func (c *Cluster) Redo(r Redo) {
	ahead := slices.Clone(r.Rungs)
	for len(ahead) > 0 && ahead[0].Events < c.count {
		ahead = ahead[1:]
	}
	c.redo = redoing{Redo: Redo{slices.Clone(r.Actions), ahead}, agreed: c.count}
	c.compare()
}

// again does the next action of the Redo if its place is here: behind its events, and at its time
// unless something else is due before. What is refused now was taken then, so it is another run,
// and a rung will tell.
func (c *Cluster) again() bool {
	if len(c.redo.Actions) == 0 || c.count < c.redo.Actions[0].Events {
		return false
	}
	a := c.redo.Actions[0]
	if at, _ := c.next(); at < a.At {
		return false
	}
	c.now, c.redo.Actions = max(c.now, a.At), c.redo.Actions[1:]
	if c.refusal(&a.Command) == "" {
		c.asked(a.Command)
	}
	return true
}

// compare looks at the rungs that the run has come to. Several may stand at one place, as time also
// passes while nothing happens.
func (c *Cluster) compare() {
	r := &c.redo
	for len(r.Rungs) > 0 && c.count >= r.Rungs[0].Events {
		rung := r.Rungs[0]
		r.Rungs = r.Rungs[1:]
		if c.count == rung.Events && c.hash == rung.Hash {
			r.agreed = rung.Events
			continue
		}
		r.Actions, r.Rungs = nil, nil
		r.stray = say.Errorf("sim: this program leaves the run that was shared between its events "+
			"%d and %d; what was done later is not done here", r.agreed, rung.Events)
	}
}

// Given reports whether Next has given all that has happened, so that a Clone begins where the
// reader is.
func (c *Cluster) Given() bool { return c.given == len(c.outbox) }
