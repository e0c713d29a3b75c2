package scene

import (
	"github.com/raftarium/raftarium/raft/trace"
)

// Moving reports whether the picture changes by itself while the play-head moves: something flies,
// fades, counts down or waits. A picture whose play-head stands never does.
func Moving(s *trace.State, v *View) bool {
	if !v.Playing {
		return false
	}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if n.Known && n.Alive && !n.Paused && n.Deadline > v.Now {
			return true
		}
	}
	for i := range s.Flights {
		f := &s.Flights[i]
		if v.Hidden.Has(classOf(&f.Message)) {
			continue
		}
		if _, shown := progress(f, v); shown {
			return true
		}
	}
	b := pen{v: v}
	for i := range s.Requests {
		if v.Hidden&HideClients == 0 && b.fresh(&s.Requests[i]) > 0 {
			return true
		}
	}
	return false
}
