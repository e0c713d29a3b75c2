package check

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Watched is a source with a checker on it: behind each event that breaks a property stands the
// violation. Violations lie beside the run, with ids of their own, and change nothing in it.
type Watched struct {
	src     trace.Source
	checker *Checker
	told    uint64
	left    []trace.Event // those for which there was no room
	reached raft.Time
	// What the source said of the call that left something, for when that is given.
	goal raft.Time
	err  error
}

var _ trace.Source = (*Watched)(nil)

// watchBoot sets the violations of a Watched apart from those that a source tells by itself.
const watchBoot = 3

// Watch puts a checker on a source.
func Watch(src trace.Source) *Watched {
	return &Watched{src: src, checker: New(src.Header())}
}

// Clone puts a copy of the checker on a copy of its source. Both go on by themselves.
func (w *Watched) Clone(src trace.Source) *Watched {
	c := *w
	c.src, c.checker, c.left = src, w.checker.Clone(), append([]trace.Event(nil), w.left...)
	return &c
}

// Given reports whether Next has given all that it has got.
func (w *Watched) Given() bool { return len(w.left) == 0 }

// Checker gives the checker, for its report.
func (w *Watched) Checker() *Checker { return w.checker }

// Header implements trace.Source.
func (w *Watched) Header() trace.Header { return w.src.Header() }

// Do implements trace.Source.
func (w *Watched) Do(cmd trace.Command) error { return w.src.Do(cmd) }

// Close implements trace.Source.
func (w *Watched) Close() error { return w.src.Close() }

// Next implements trace.Source.
func (w *Watched) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	if len(w.left) > 0 {
		return w.giveLeft(dst)
	}
	start := len(dst)
	got, reached, err := w.src.Next(until, dst)
	if got = w.judge(got, start); len(w.left) > 0 {
		w.goal, w.err = reached, err
		return got, w.before(), nil
	}
	w.reached = max(w.reached, reached)
	return got, w.reached, err
}

// judge lets the checker see the events from start on. Mostly it has nothing to say and the events
// stay where they are.
func (w *Watched) judge(got []trace.Event, start int) []trace.Event {
	for i := start; i < len(got); i++ {
		vs := w.checker.Observe(&got[i])
		if len(vs) == 0 {
			continue
		}
		rest := append([]trace.Event(nil), got[i+1:]...)
		cause, at := got[i].ID, got[i].At
		got = got[:i+1]
		all := make([]trace.Event, 0, len(vs)+len(rest))
		for _, v := range vs {
			all = append(all, w.tell(v, cause, at))
		}
		for j := range rest {
			all = append(all, rest[j])
			for _, v := range w.checker.Observe(&rest[j]) {
				all = append(all, w.tell(v, rest[j].ID, rest[j].At))
			}
		}
		room := min(len(all), cap(got)-len(got))
		w.left = append(w.left, all[room:]...)
		return append(got, all[:room]...)
	}
	return got
}

func (w *Watched) tell(v trace.Violation, cause trace.EventID, at raft.Time) trace.Event {
	w.told++
	return trace.Event{ID: trace.EventID{Node: trace.Checker, Boot: watchBoot, N: w.told},
		Cause: cause, At: at, Body: v}
}

// giveLeft gives what had no room before; a dst without room is given some.
func (w *Watched) giveLeft(dst []trace.Event) ([]trace.Event, raft.Time, error) {
	room := cap(dst) - len(dst)
	if room == 0 {
		room = len(w.left)
	}
	room = min(room, len(w.left))
	dst = append(dst, w.left[:room]...)
	w.left = w.left[room:]
	if len(w.left) > 0 {
		return dst, w.before(), nil
	}
	w.left, w.reached = nil, max(w.reached, w.goal)
	return dst, w.reached, w.err
}

// before gives the moment up to which everything was given while something is left.
func (w *Watched) before() raft.Time {
	w.reached = max(w.reached, min(w.goal, w.left[0].At-1))
	return w.reached
}
