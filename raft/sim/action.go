package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Action is a command that took effect and its place: behind so many events of the run, and before
// whatever else was due at its time. Accidents and what a built-in scenario does are actions too,
// so that a run can be done again without chance.
type Action struct {
	trace.Position
	Command trace.Command // without its ticket
	Asked   bool          // by Do; else the run itself brings it: an accident, or its scenario
}

// KeepActions begins to keep what is done to the cluster. It is for runs that will be done again:
// what is kept only grows.
func (c *Cluster) KeepActions() { c.keeping = true }

// Actions gives what was done since KeepActions, in order.
func (c *Cluster) Actions() []Action { return slices.Clone(c.done) }

// Config gives what the cluster runs with, the settings of its built-in scenario included. With
// Scenario first, no Nemesis and Actions done at their places the run is the same.
func (c *Cluster) Config() Config { return c.cfg }

// Step lets the next thing happen that is due up to until, and appends all events that were not
// given yet, whatever the room in dst; false if nothing was due, and then it is until.
func (c *Cluster) Step(until raft.Time, dst []trace.Event) (got []trace.Event, happened bool) {
	happened = !c.closed && c.step(until)
	return c.take(dst), happened
}

// Wait lets time pass up to a moment and nothing happen that is due in it, nor anything else: it
// ends before whatever is due earlier.
func (c *Cluster) Wait(until raft.Time) {
	if at, _ := c.next(); at < until {
		until = at
	}
	c.now = max(c.now, until)
}

// take gives the events that were not given yet.
func (c *Cluster) take(dst []trace.Event) []trace.Event {
	dst = append(dst, c.outbox[c.given:]...)
	clear(c.outbox)
	c.outbox, c.given = c.outbox[:0], 0
	c.reached = max(c.reached, c.now-1)
	return dst
}

// did keeps a command that is about to take effect.
func (c *Cluster) did(cmd trace.Command) {
	if !c.keeping {
		return
	}
	cmd.ID = 0
	at := trace.Position{Events: c.count, At: c.now}
	c.done = append(c.done, Action{Position: at, Command: cmd})
}
