package sim

import "github.com/raftarium/raftarium/raft"

// itemKind says what is due.
type itemKind uint8

const (
	dueDeliver   itemKind = iota // a message arrives
	dueDrop                      // a message dies
	dueCopy                      // a message is duplicated
	dueSaved                     // a write is durable
	dueSnapshot                  // a snapshot of the machine is durable
	dueChunk                     // a piece of a snapshot was read
	dueThink                     // a client makes its next request
	dueArrive                    // a client's request arrives at a node
	dueReturn                    // an answer arrives at a client
	dueImpatient                 // a client gives up waiting
	dueRetry                     // a client asks again
	dueAction                    // the scenario does something
	dueNemesis                   // an accident happens
)

// item is something that will happen at a time. It is plain data, so that a queue can be copied.
type item struct {
	at   raft.Time
	seq  uint64 // breaks ties in the order of planning
	kind itemKind

	node    raft.NodeID // to whom
	boot    uint32      // of which incarnation, for what concerns one
	msg     raft.Message
	due     raft.Time // of a message: its plan
	copy    uint32
	why     uint8 // of a drop
	write   raft.WriteID
	ref     raft.SnapshotRef
	told    bool // of a snapshot: the node believes it to be durable already
	chunk   raft.ChunkRef
	client  int
	attempt uint64 // of a client: which of its tries
	answer  reply
}

// queue is a heap of items, the soonest on top.
type queue struct{ items []item }

func (q *queue) less(i, j int) bool {
	a, b := &q.items[i], &q.items[j]
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

func (q *queue) push(it item) {
	q.items = append(q.items, it)
	for i := len(q.items) - 1; i > 0; {
		up := (i - 1) / 2
		if !q.less(i, up) {
			break
		}
		q.items[i], q.items[up] = q.items[up], q.items[i]
		i = up
	}
}

func (q *queue) pop() item {
	top := q.items[0]
	last := len(q.items) - 1
	q.items[0] = q.items[last]
	q.items[last] = item{}
	q.items = q.items[:last]
	for i := 0; ; {
		l, r, m := 2*i+1, 2*i+2, i
		if l < last && q.less(l, m) {
			m = l
		}
		if r < last && q.less(r, m) {
			m = r
		}
		if m == i {
			return top
		}
		q.items[i], q.items[m] = q.items[m], q.items[i]
		i = m
	}
}

// rebuild puts the heap in order after items were changed in place.
func (q *queue) rebuild() {
	old := q.items
	q.items = make([]item, 0, len(old))
	for _, it := range old {
		q.push(it)
	}
}
