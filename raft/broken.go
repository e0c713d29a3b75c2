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

// must panics with Broken unless the invariant holds. The arguments are formatted only then.
func (n *Node) must(holds bool, format string, args ...any) {
	if !holds {
		panic(Broken{Node: n.cfg.ID, What: say.Textf(format, args...)})
	}
}
