package raft

import "fmt"

// Broken is what the core panics with when something is so that cannot be: a broken invariant,
// never something that came from outside. The host catches it, stops this node and shows it.
type Broken struct {
	Node NodeID
	What string
}

// Error gives the broken invariant in words.
func (b Broken) Error() string { return fmt.Sprintf("%v is broken: %s", b.Node, b.What) }

// must panics with Broken unless the invariant holds. The arguments are formatted only then.
func (n *Node) must(holds bool, format string, args ...any) {
	if !holds {
		panic(Broken{Node: n.cfg.ID, What: fmt.Sprintf(format, args...)})
	}
}
