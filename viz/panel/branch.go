package panel

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Branch gives a book of its own that begins as this one, with its first k events, the last of them
// at a moment; s is the state then.
func (b *Book) Branch(k uint64, at raft.Time, s *trace.State) *Book {
	c := &Book{header: b.header, rows: slices.Clone(b.rows[:b.find(k)]),
		lanes: b.lanes.branch(at, s)}
	for _, v := range b.violations {
		if v.k < k {
			c.violations = append(c.violations, v)
		}
	}
	for _, r := range b.reads {
		if r.At <= at {
			c.reads = append(c.reads, r)
		}
	}
	return c
}

// branch gives the lanes as they were at a moment. What began or ended in it may belong to what was
// left behind: the state tells.
func (l *lanes) branch(at raft.Time, s *trace.State) (c lanes) {
	for _, lane := range l.nodes {
		own := Lane{ID: lane.ID}
		for _, s := range lane.Spans {
			if s.From <= at {
				own.Spans = append(own.Spans, s)
			}
		}
		if k := len(own.Spans); k > 0 {
			own.Spans[k-1].To = -1
		}
		c.nodes = append(c.nodes, own)
	}
	for i := range s.Nodes {
		c.span(at, &s.Nodes[i])
	}
	for _, f := range l.faults {
		if f.From >= at {
			break
		}
		if f.To >= at {
			f.To = -1
		}
		c.faults = append(c.faults, f)
	}
	c.fault(at, anyCut(s))
	for _, f := range l.flags {
		if f.At <= at {
			c.flags = append(c.flags, f)
		}
	}
	return c
}
