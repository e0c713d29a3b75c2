package panel

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

const (
	readLimit = 256 // reads that are kept
	readShown = 8   // and that are shown
	readText  = 120 // bytes of a key and of a value that are
)

// Read is what a client was told who asked for the value of a key.
type Read struct {
	At      raft.Time
	Node    raft.NodeID // who told it
	Key     string
	Value   string
	Told    bool // Value is known; empty when the key has none
	Index   raft.Index
	Outcome raft.Outcome
	Why     string
}

// read takes the end of a client's read.
func (b *Book) read(ev *trace.Event, before *trace.State) {
	var id trace.EventID
	r := Read{At: ev.At}
	switch e := ev.Body.(type) {
	case trace.Returned:
		id, r.Value, r.Index, r.Outcome = e.Request, e.Value, e.Index, e.Outcome
		r.Told, r.Why = e.Outcome == raft.OutcomeOK, e.Why.String()
	case trace.Answered: // nobody may see the client
		id, r.Index, r.Outcome, r.Why = e.Request, e.Index, e.Outcome, e.Why.String()
	default:
		return
	}
	q := requestOf(before, id)
	if q == nil || q.Op != "get" {
		return
	}
	if _, is := ev.Body.(trace.Answered); is && q.Client != 0 {
		return // the client will tell
	}
	if r.Node, r.Key, r.Value = q.Node, clipText(q.Key), clipText(r.Value); r.Index == 0 {
		r.Index = q.Index
	}
	if len(b.reads) >= readLimit {
		b.reads = append(b.reads[:0], b.reads[readLimit/4:]...)
	}
	b.reads = append(b.reads, r)
}

func requestOf(s *trace.State, id trace.EventID) *trace.Request {
	for i := range s.Requests {
		if s.Requests[i].ID == id {
			return &s.Requests[i]
		}
	}
	return nil
}

func clipText(s string) string {
	for i := range s {
		if i > readText {
			return s[:i] + "…"
		}
	}
	return s
}

// readsUpTo gives the last reads that ended by a moment, oldest first.
func (b *Book) readsUpTo(dst []Read, at raft.Time) []Read {
	end := len(b.reads)
	for end > 0 && b.reads[end-1].At > at {
		end--
	}
	return append(dst, b.reads[max(end-readShown, 0):end]...)
}
