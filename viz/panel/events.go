package panel

import "github.com/raftarium/raftarium/raft"

const (
	foldBack = 8                     // rows that are looked back at for one that says the same
	foldNear = 60 * raft.Millisecond // and how long ago it may be
)

// build copies the last rows before the play-head. When several nodes say the same, as all do who
// answer a candidate or who start together, it is one row.
func (e *Events) build(in *Input) {
	e.From, e.Rows = 0, e.Rows[:0]
	if in.Book == nil {
		return
	}
	end := in.Book.find(in.Ordinal)
	e.Rows = append(e.Rows, in.Book.rows[max(end-rowsShown, 0):end]...)
	if len(e.Rows) == 0 {
		return
	}
	e.From = e.Rows[0].K
	if !in.Chosen {
		e.Rows[len(e.Rows)-1].Current = true
	}
	for i := range e.Rows {
		e.Rows[i].Current = e.Rows[i].Current || in.Chosen && e.Rows[i].K == in.Event
	}
	e.fold()
}

// fold puts the rows that repeat an earlier one into it.
func (e *Events) fold() {
	also := make(map[int][]raft.NodeID)
	rows := e.Rows[:0]
	for _, r := range e.Rows {
		at := same(rows, &r)
		if at < 0 {
			rows = append(rows, r)
			continue
		}
		also[at] = append(also[at], r.Node)
		rows[at].Current = rows[at].Current || r.Current
	}
	e.Rows = rows
	for at := range rows {
		if ids := also[at]; len(ids) > 0 {
			rows[at].Also = names(ids)
		}
	}
}

// same gives the place of the row that r repeats, or -1.
func same(rows []Row, r *Row) int {
	switch r.Icon {
	case "preVote", "vote", "follower", "learner", "config", "restart":
	default:
		return -1
	}
	for i := len(rows) - 1; i >= max(len(rows)-foldBack, 0); i-- {
		o := &rows[i]
		if r.At-o.At > foldNear {
			return -1
		}
		if o.Text == r.Text && o.Icon == r.Icon && o.Section == r.Section && o.Node != r.Node {
			return i
		}
	}
	return -1
}

// names lists nodes: S3, S4 and S5.
func names(ids []raft.NodeID) string {
	text := ""
	for i, id := range ids {
		switch {
		case i == 0:
		case i == len(ids)-1:
			text += " and "
		default:
			text += ", "
		}
		text += id.String()
	}
	return text
}
