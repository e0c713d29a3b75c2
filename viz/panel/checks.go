package panel

import (
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

func index(i raft.Index) string { return strconv.FormatUint(uint64(i), 10) }

// judged lists what package check judges, in the order of the paper's Figure 3. Logs says that the
// property speaks about logs, Clients that it speaks about what clients were told.
var judged = [...]struct {
	name, section, text string
	logs, clients       bool
}{
	{"electionSafety", "5.2", "at most one leader in a term", false, false},
	{"votesKept", "5.2", "votes and terms are kept across a restart", false, false},
	{"logMatching", "5.3", "logs with an equal entry are equal up to it", true, false},
	{"leaderCompleteness", "5.4", "a leader has every committed entry", true, false},
	{"stateMachineSafety", "5.4.3", "no two servers apply different entries at one index", true,
		false},
	{"writesKept", "8", "no acknowledged write is lost", true, true},
}

// build says how each property stands at the play-head.
func (c *Checks) build(s *trace.State) {
	c.List, c.Holds = c.List[:0], 0
	fog := len(s.Nodes) == 0
	for i := range s.Nodes {
		fog = fog || (!s.Nodes[i].Known && s.Nodes[i].Boot > 0)
	}
	for _, j := range judged {
		k := Check{Name: j.name, Section: j.section, Text: j.text}
		if fog && j.logs {
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
