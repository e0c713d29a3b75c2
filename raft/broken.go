package raft

import "github.com/raftarium/raftarium/raft/say"

// Broken is what the core panics with when something is so that cannot be: a broken invariant,
// never something that came from outside. The host catches it, stops this node and shows it.
type Broken struct {
	Node NodeID
	What string
}

// Error gives the broken invariant in words.
func (b Broken) Error() string { return say.Textf("%v is broken: %s", b.Node, b.What) }

// must panics with Broken unless the invariant holds. Its arguments are allocated in any case: what
// each step tests calls broken itself.
func (n *Node) must(holds bool, format string, args ...any) {
	if !holds {
		n.broken(format, args...)
	}
}

// broken panics with Broken.
func (n *Node) broken(format string, args ...any) {
	panic(Broken{Node: n.cfg.ID, What: say.Textf(format, args...)})
}
