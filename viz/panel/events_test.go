package panel

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

func TestEventsFold(t *testing.T) {
	row := func(k uint64, ms raft.Time, icon string, id raft.NodeID, text string) Row {
		return Row{K: k, At: ms * raft.Millisecond, Icon: icon, Node: id, Text: text}
	}
	e := Events{Rows: []Row{
		row(1, 10, "vote", 1, "stands"),
		row(2, 11, "vote", 3, "votes for S1"),
		row(3, 11, "vote", 2, "refuses"),
		row(4, 12, "vote", 4, "votes for S1"),
		row(5, 13, "vote", 5, "votes for S1"),
		row(6, 14, "client", 1, "takes x = 1"),
		row(7, 14, "client", 2, "takes x = 1"),
		row(8, 90, "vote", 2, "votes for S1"),
	}}
	e.Rows[4].Current = true
	e.fold()
	want := []string{"stands", "votes for S1", "refuses", "takes x = 1", "takes x = 1",
		"votes for S1"}
	if len(e.Rows) != len(want) {
		t.Fatalf("%d rows, want %d: %v", len(e.Rows), len(want), e.Rows)
	}
	for i, r := range e.Rows {
		if r.Text != want[i] || r.Current != (i == 1) {
			t.Errorf("row %d: %q, current %t; want %q, %t", i, r.Text, r.Current, want[i], i == 1)
		}
	}
	if r := e.Rows[1]; r.K != 2 || r.Also != "S4 and S5" || e.Rows[5].Also != "" {
		t.Errorf("folded are %+v", e.Rows)
	}
}

func TestLaggards(t *testing.T) {
	for _, c := range []struct {
		at   []raft.Index
		want string
	}{
		{[]raft.Index{5, 5, 5}, ""},
		{[]raft.Index{5, 4, 4}, "S2, S3: to 4"},
		{[]raft.Index{4, 4, 4, 4, 5}, "S1–S4: to 4"},
		{[]raft.Index{4, 5, 4, 4, 4, 3}, "S1, S3–S5: to 4 · S6: to 3"},
	} {
		s := trace.State{}
		for i, at := range c.at {
			s.Nodes = append(s.Nodes, trace.NodeState{ID: raft.NodeID(i + 1), Known: true, Commit: at})
		}
		if got := laggards(&s, 5); got != c.want {
			t.Errorf("of %v it says %q, want %q", c.at, got, c.want)
		}
	}
}
