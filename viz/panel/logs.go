package panel

import (
	"unicode/utf8"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

const (
	columns      = 24  // of the log's window
	ahead        = 8   // columns that are kept free behind the commit index
	minimapLimit = 200 // stretches
	labelLimit   = 3   // characters of common width in a cell
)

func (l *Logs) build(in *Input, s *trace.State) {
	s = present(in, s)
	rows := l.Rows[:0]
	l.Last, l.Commit = 0, 0
	var longest *trace.NodeState
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if last := n.Log.Last().Index; longest == nil || last > l.Last {
			l.Last, longest = last, n
		}
		l.Commit = max(l.Commit, n.Commit)
	}
	l.window(in.LogFrom)
	for i := range s.Nodes {
		if len(rows) < cap(rows) {
			rows = rows[:len(rows)+1] // keep the cells' memory
		} else {
			rows = append(rows, LogRow{})
		}
		rows[i].build(&s.Nodes[i], l.From, l.To, in.Bodies)
	}
	l.Rows = rows
	l.CommitText, l.Foot = commitText(l.Commit), laggards(s, l.Commit)
	l.Minimap = minimap(l.Minimap[:0], longest)
}

// window puts the commit index well inside, or begins at the index that was asked for.
func (l *Logs) window(from raft.Index) {
	l.Fixed = from > 0
	end := max(l.Commit+ahead, columns)
	if end > l.Last {
		end = max(l.Last, columns)
	}
	l.From = end - columns + 1
	if l.Fixed {
		l.From = min(from, max(l.Last, 1))
	}
	l.To = l.From + columns - 1
}

func (r *LogRow) build(n *trace.NodeState, from, to raft.Index, bodies *trace.Bodies) {
	*r = LogRow{ID: n.ID, Leader: n.Alive && n.Role == raft.Leader, Base: n.Log.Base.Index,
		Snapshot: n.Snapshot.Index, SnapshotTerm: n.Snapshot.Term, Cells: r.Cells[:0]}
	for _, run := range n.Log.Runs {
		for i := max(run.From, from); i <= run.To && i <= to; i++ {
			r.Cells = append(r.Cells, cell(n, i, run.Term, bodies))
		}
	}
}

func cell(n *trace.NodeState, i raft.Index, t raft.Term, bodies *trace.Bodies) Cell {
	c := Cell{Index: i, Term: t, Label: "·"}
	if i <= n.Commit {
		c.Marks |= Committed
	}
	if i <= n.Applied {
		c.Marks |= Applied
	}
	if i <= n.SavedLast.Index {
		c.Marks |= Saved
	}
	if bodies == nil {
		return c
	}
	e, ok := bodies.Get(i, t)
	if !ok {
		return c
	}
	if e.Kind == raft.EntryNoop {
		c.Marks |= Noop
	}
	c.Label = label(&e, n.Machine)
	return c
}

// label shortens an entry to what fits into a cell: x7 for the put of 7 at x.
func label(e *raft.Entry, kind string) string {
	switch {
	case e.Kind == raft.EntryNoop:
		return "∅"
	case e.Kind == raft.EntryConfig:
		return "C"
	case len(e.Data) == 0:
		return "·"
	}
	if kind == "kv" || kind == "" {
		if c, err := machine.DecodeCommand(e.Data); err == nil {
			return commandLabel(c)
		}
	}
	return fit(printable(e.Data), "")
}

func commandLabel(c machine.Command) string {
	switch c.Op {
	case machine.OpGet:
		return cut(c.Key, labelLimit-1) + "?"
	case machine.OpDelete:
		return cut(c.Key, labelLimit-1) + "×"
	}
	return fit(c.Key, c.Value)
}

// fit joins a key and a value if there is room for both; else it gives the beginning of the key
// and says that there is more.
func fit(key, value string) string {
	if both := key + value; cut(both, labelLimit) == both {
		return both
	}
	return cut(key, labelLimit-1) + "…"
}

// cut gives as much of s as is n wide. Signs and scripts from far up are twice as wide as letters.
func cut(s string, n int) string {
	for i, r := range s {
		if n--; r > 0x2e80 {
			n--
		}
		if n < 0 {
			return s[:i]
		}
	}
	return s
}

// printable keeps what can be read of an entry's bytes.
func printable(b []byte) string {
	var out []byte
	for len(b) > 0 && len(out) < 4*labelLimit {
		r, size := utf8.DecodeRune(b)
		if r > ' ' && r != utf8.RuneError && r != 0x7f {
			out = utf8.AppendRune(out, r)
		}
		b = b[size:]
	}
	if len(out) == 0 {
		return "·"
	}
	return string(out)
}

func commitText(i raft.Index) string {
	if i == 0 {
		return "nothing is committed"
	}
	return "committed to " + index(i)
}

// laggards says who does not know of all that is committed: S1, S2: to 48. It stands beside the
// words "committed to".
func laggards(s *trace.State, top raft.Index) string {
	var b []byte
	var done []raft.Index
	for i := range s.Nodes {
		at := s.Nodes[i].Commit
		if at == top || contains(done, at) || !s.Nodes[i].Known {
			continue
		}
		done = append(done, at)
		if len(b) > 0 {
			b = append(b, " · "...)
		}
		b = appendWho(b, s, at)
		b = append(append(b, ": to "...), index(at)...)
	}
	return string(b)
}

// appendWho names all whose commit index is at; three or more in a row are a range.
func appendWho(b []byte, s *trace.State, at raft.Index) []byte {
	first := true
	for i := 0; i < len(s.Nodes); i++ {
		end := i
		for end < len(s.Nodes) && s.Nodes[end].Known && s.Nodes[end].Commit == at {
			end++
		}
		if end == i {
			continue
		}
		if end-i == 2 {
			end--
		}
		if !first {
			b = append(b, ", "...)
		}
		first = false
		b = append(b, s.Nodes[i].ID.String()...)
		if end > i+1 {
			b = append(append(b, "–"...), s.Nodes[end-1].ID.String()...)
		}
		i = end - 1
	}
	return b
}

func contains(is []raft.Index, i raft.Index) bool {
	for _, x := range is {
		if x == i {
			return true
		}
	}
	return false
}

// minimap gives the longest log as stretches of one term, at most the last minimapLimit.
func minimap(dst []Stretch, n *trace.NodeState) []Stretch {
	if n == nil {
		return dst
	}
	if base := n.Log.Base; base.Index > 0 {
		dst = append(dst, Stretch{1, base.Index, base.Term})
	}
	runs := n.Log.Runs
	if len(runs) > minimapLimit {
		runs = runs[len(runs)-minimapLimit:]
	}
	for _, r := range runs {
		if k := len(dst); k > 0 && dst[k-1].Term == r.Term && dst[k-1].To+1 == r.From {
			dst[k-1].To = r.To
			continue
		}
		dst = append(dst, Stretch{r.From, r.To, r.Term})
	}
	return dst
}
