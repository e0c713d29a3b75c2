// Package linear judges whether what clients were told is linearizable: whether each request can
// have happened at one moment between its call and its return. It looks at the client's side alone,
// key by key, after the fact, and is bounded by the number of operations; the search is
// porcupine's.
package linear

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Operation is one thing that a client wanted, with all its tries: they go under one session and
// number, and happen once or not at all.
type Operation struct {
	Client uint32
	Op     string // get, put, delete, cas
	Key    string
	Value  string // of a put; of a cas the new one
	Expect string // of a cas
	Got    string // what a get read, or a cas found
	Done   bool   // of a cas: the value was as expected
	// Call and Return are places in the order of events. Return is Never for an operation of which
	// nobody knows what became: it may happen at any time behind its call, or never.
	Call, Return int64
	Asked        trace.EventID // its first Invoked; of a get the last, as earlier ones told nothing
	Told         trace.EventID // the Returned that ended it
	vague        bool          // a cas of which the events do not say what it expects
}

// Never is later than all that returns.
const Never int64 = 1 << 62

// History collects the operations of clients from events: a fold, fed in order.
type History struct {
	limit   int
	now     int64
	ops     []Operation
	open    []pending // by Client, from 1
	full    bool      // the limit is reached
	dropped bool      // and there was more
}

// pending is what a client waits for, or will try again.
type pending struct {
	active  bool
	op      Operation
	last    trace.EventID // its newest try
	lastAt  int64
	waiting bool // its newest try has no answer
	again   bool // the client has said that it will ask again
	unknown bool // of some try nobody knows what became
}

// maxClients bounds how many clients are told apart.
const maxClients = 1 << 16

// NewHistory gives an empty history that keeps at most limit operations; what comes later is left
// out, and Dropped says so.
func NewHistory(limit int) *History { return &History{limit: limit} }

// Dropped reports whether there were more operations than the limit.
func (h *History) Dropped() bool { return h.dropped }

// Observe takes the next event.
func (h *History) Observe(ev *trace.Event) {
	if h.full {
		_, asked := ev.Body.(trace.Invoked)
		h.dropped = h.dropped || asked
		return // whoever waits now is left waiting
	}
	h.now++
	switch b := ev.Body.(type) {
	case trace.Invoked:
		h.invoked(ev.ID, &b)
	case trace.Returned:
		h.returned(ev.ID, &b)
	}
}

// client finds what a client waits for; nil for one that cannot be told apart.
func (h *History) client(number uint32) *pending {
	if number == 0 || number > maxClients {
		return nil
	}
	for int(number) > len(h.open) {
		h.open = append(h.open, pending{})
	}
	return &h.open[number-1]
}

func (h *History) invoked(id trace.EventID, b *trace.Invoked) {
	p := h.client(b.Client)
	switch {
	case p == nil || b.Op != "get" && b.Op != "put" && b.Op != "delete" && b.Op != "cas":
		return
	case p.active && p.again && p.op.Op == b.Op && p.op.Key == b.Key && p.op.Value == b.Value:
		p.last, p.lastAt, p.again, p.waiting = id, h.now, false, true
		return
	}
	h.abandon(p)
	*p = pending{active: true, waiting: true, last: id, lastAt: h.now,
		op: Operation{Client: b.Client, Op: b.Op, Key: b.Key, Value: b.Value, Call: h.now,
			Return: Never, Asked: id, vague: b.Op == "cas"}}
}

func (h *History) returned(id trace.EventID, b *trace.Returned) {
	p := h.client(b.Client)
	if p == nil || !p.active || p.last != b.Request {
		return
	}
	p.waiting = false
	switch b.Outcome {
	case raft.OutcomeOK:
		p.op.Return, p.op.Told, p.op.Got = h.now, id, b.Value
		if p.op.Op == "get" {
			p.op.Call, p.op.Asked = p.lastAt, p.last
		}
		h.keep(p.op)
		p.active = false
		return
	case raft.OutcomeUnknown:
		p.unknown = true
	}
	if p.again = b.Retry; !b.Retry {
		h.abandon(p)
	}
}

// mayHappen reports whether an operation without an answer may have happened, or may still: some
// try of it was not refused.
func (p *pending) mayHappen() bool {
	return p.active && p.op.Op != "get" && (p.unknown || p.waiting)
}

// abandon ends an operation without an answer.
func (h *History) abandon(p *pending) {
	if p.mayHappen() {
		h.keep(p.op)
	}
	p.active = false
}

func (h *History) keep(op Operation) {
	if h.ops = append(h.ops, op); len(h.ops) >= h.limit {
		h.full = true
	}
}

// Operations gives what was collected so far, with what is still waited for: of that nobody knows
// yet.
func (h *History) Operations() []Operation {
	ops := append([]Operation(nil), h.ops...)
	for i := range h.open {
		if p := &h.open[i]; p.mayHappen() {
			ops = append(ops, p.op)
		}
	}
	return ops
}
