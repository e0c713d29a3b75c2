package scenario

import "github.com/raftarium/raftarium/raft/trace"

// quantity is a number that every server has.
type quantity struct {
	name string
	text string
	of   func(*trace.NodeState) uint64
}

var quantities = [...]quantity{
	{"term", "the current term", func(n *trace.NodeState) uint64 { return uint64(n.Term) }},
	{"commit", "the commit index", func(n *trace.NodeState) uint64 { return uint64(n.Commit) }},
	{"applied", "the last index applied to the state machine",
		func(n *trace.NodeState) uint64 { return uint64(n.Applied) }},
	{"last", "the last index of the log",
		func(n *trace.NodeState) uint64 { return uint64(n.Log.Last().Index) }},
	{"saved", "the last index that is durable",
		func(n *trace.NodeState) uint64 { return uint64(n.SavedLast.Index) }},
	{"snapshot", "the index of the snapshot",
		func(n *trace.NodeState) uint64 { return uint64(n.Snapshot.Index) }},
	{"boot", "how often it was started",
		func(n *trace.NodeState) uint64 { return uint64(n.Boot) }},
}

var comparisons = [...]struct {
	sign string
	is   func(a, b uint64) bool
}{
	{"=", func(a, b uint64) bool { return a == b }},
	{">=", func(a, b uint64) bool { return a >= b }},
	{"<=", func(a, b uint64) bool { return a <= b }},
	{">", func(a, b uint64) bool { return a > b }},
	{"<", func(a, b uint64) bool { return a < b }},
}

func readQuantity(of func(*trace.NodeState) uint64) func(*line, *Scenario) (
	func(*view) bool, error) {
	return func(l *line, _ *Scenario) (func(*view) bool, error) {
		sign := l.next()
		var signs []string
		for _, c := range comparisons {
			if signs = append(signs, c.sign); c.sign != sign {
				continue
			}
			want, err := l.uint()
			if err != nil {
				return nil, err
			}
			ids, err := l.on()
			if ids != nil || err != nil {
				return everywhere(ids, func(n *trace.NodeState) bool {
					return c.is(of(n), want)
				}), err
			}
			return func(v *view) bool { return c.is(highest(v.state, of), want) }, nil
		}
		return nil, l.choice("comparison", sign, signs)
	}
}

// highest gives the highest of a quantity among those who are up.
func highest(s *trace.State, of func(*trace.NodeState) uint64) (most uint64) {
	for i := range s.Nodes {
		if n := &s.Nodes[i]; n.Known && n.Alive {
			most = max(most, of(n))
		}
	}
	return most
}
