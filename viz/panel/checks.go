package panel

import (
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

func index(i raft.Index) string { return strconv.FormatUint(uint64(i), 10) }

// build says how each property stands at the play-head.
func (c *Checks) build(s *trace.State) {
	c.List, c.Holds = c.List[:0], 0
	fog := len(s.Nodes) == 0
	for i := range s.Nodes {
		fog = fog || (!s.Nodes[i].Known && s.Nodes[i].Boot > 0)
	}
	for _, p := range check.Properties() {
		k := Check{Name: p.Name, Section: p.Section, Text: p.Text}
		if fog && p.Name != "electionSafety" { // leaders are told apart by their own words
			k.Status = NotObservable
		}
		c.List = append(c.List, k)
	}
	for i := range s.Broken {
		c.broke(&s.Broken[i])
	}
	for i := range c.List {
		if c.List[i].Status == Holds {
			c.Holds++
		}
	}
}

// broke marks a property; one that is not known here is added.
func (c *Checks) broke(v *trace.Violation) {
	for i := range c.List {
		if k := &c.List[i]; k.Name == v.Check {
			if k.Status != Broken {
				k.Status, k.Broken = Broken, v.Text
			}
			return
		}
	}
	c.List = append(c.List, Check{Name: v.Check, Section: v.Section, Text: v.Check,
		Status: Broken, Broken: v.Text})
}
