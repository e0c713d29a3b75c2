package raft

// Status is a copy of what a person may want to see of a node.
type Status struct {
	ID       NodeID
	Boot     uint32
	Role     Role
	Term     Term
	Vote     NodeID
	Leader   NodeID
	Commit   Index
	Applied  Index
	Last     Mark
	Saved    Index
	Base     Mark
	Snapshot SnapshotRef
	Waiting  int // proposals that wait for their commit
	Reads    int // reads that wait
	Config   Packed
	Joint    bool
	Changing bool   // as leader it works on another configuration
	Transfer NodeID // whom leadership is being handed to; 0 for nobody
	Doubtful bool
	Stopped  bool
}

// Status tells how the node stands.
func (n *Node) Status() Status {
	return Status{ID: n.cfg.ID, Boot: n.cfg.Boot, Role: n.role, Term: n.term, Vote: n.vote,
		Leader: n.leader, Commit: n.commit, Applied: n.applied, Last: n.log.last(),
		Saved: n.log.saved(), Base: n.log.base, Snapshot: n.snapshot, Waiting: len(n.waiting),
		Reads:  len(n.reads) + len(n.asks) + len(n.readies),
		Config: n.packed(), Joint: n.conf().Joint(), Changing: n.change != nil,
		Transfer: n.transfer.to,
		Doubtful: n.doubtful, Stopped: n.stopped}
}

// MarkAt gives the mark of the prefix of the log that ends at i; false if the log does not hold it.
func (n *Node) MarkAt(i Index) (Mark, bool) {
	if !n.log.holds(i) {
		return Mark{}, false
	}
	return n.log.markAt(i), true
}

// Entry gives a committed entry of the log; false if i is not committed here or no longer held.
func (n *Node) Entry(i Index) (Entry, bool) {
	if i < n.log.first() || i > n.applying {
		return Entry{}, false
	}
	return *n.log.at(i), true
}
