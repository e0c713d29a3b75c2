package server

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/store"
)

// node is the node loop: one goroutine that owns the host, and what others may use of it.
type node struct {
	id    raft.NodeID
	boot  uint32
	clock func() raft.Time
	log   *slog.Logger
	mail  *mailbox
	meter *meter

	// What others may read.
	status  atomic.Pointer[raft.Status]
	reign   atomic.Pointer[reign]
	failed  chan struct{} // closed when the node can do nothing more, err says why
	failing sync.Once
	err     error
	quit    chan struct{}
	ended   chan struct{} // closed when the loop is over

	// What belongs to the loop.
	host     *host.Host
	store    store.Store
	saves    *store.Committer
	disk     *diskWorker
	links    *links
	rec      *recorder
	now      raft.Time
	waiting  map[raft.Ref]*ask
	drops    []dropped
	cutFrom  map[raft.NodeID]bool
	asked    raft.WriteID // the last write that was begun
	durable  raft.WriteID
	handing  chan struct{} // closed when leadership is handed over; nil while the node works
	draining chan struct{} // closed when all is saved; nil while the node works
}

// ask is a request on its way through the loop.
type ask struct {
	kind           raft.InputKind // InputPropose, InputRead, InputTransfer or InputChange
	op, key, value string         // for people
	command        []byte         // InputPropose; InputRead: the query
	peer           raft.NodeID    // InputTransfer
	change         raft.Change    // InputChange
	came           raft.Time
	reply          chan reply // takes one without waiting
}

// put hands the request to the host.
func (a *ask) put(h *host.Host, now raft.Time) raft.Ref {
	none := trace.EventID{}
	switch a.kind {
	case raft.InputRead:
		return h.Read(now, none, a.op, a.key, a.command)
	case raft.InputTransfer:
		return h.Transfer(now, none, a.peer)
	case raft.InputChange:
		return h.Change(now, none, a.change)
	}
	return h.Request(now, none, a.op, a.key, a.value[:min(len(a.value), maxShown)], a.command)
}

// reply is what became of an ask.
type reply struct {
	trace.Answered
	result []byte
}

// dropped is a message that did not get onto its link.
type dropped struct {
	msg trace.EventID
	why trace.DropWhy
}

// maxShown is how much of a value the events tell, in bytes.
const maxShown = 128

// run is the loop. It takes all letters at hand, steps the core once (turn.go), and sleeps until a
// letter comes or the core wants to be woken.
func (n *node) run() {
	defer close(n.ended)
	var letters []letter
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		letters = n.turn(letters)
		timer.Reset(n.sleep())
		select {
		case <-n.mail.wake:
		case <-timer.C:
		case <-n.quit:
			n.end()
			return
		}
	}
}

// tick looks at the clock.
func (n *node) tick() { n.now = max(n.now, n.clock()) }

// sleep gives how long nothing is to be done unless a letter comes.
func (n *node) sleep() time.Duration {
	const most = time.Minute
	left := n.host.Wake() - n.clock()
	return min(max(time.Duration(left)*time.Microsecond, 0), most)
}

// receive hands a letter to the host.
func (n *node) receive(l *letter) {
	switch l.kind {
	case letterMessage:
		n.deliver(&l.msg)
	case letterAsk:
		if l.ask.kind == raft.InputRead && l.ask.came > n.now {
			// A lease is judged at the moment that this turn has read, and this read came later, if
			// the process was stopped in between much later: it waits for the next turn.
			n.mail.put(*l)
			return
		}
		n.waiting[l.ask.put(n.host, n.now)] = l.ask
	case letterSaved:
		n.saved(l.write, l.err)
	case letterDo:
		l.do(n.now)
	}
}

// deliver takes a peer's message, unless that direction is cut.
func (n *node) deliver(m *raft.Message) {
	switch {
	case n.draining != nil:
		return
	case n.cutFrom[m.From]:
		id := trace.EventID{Node: m.From, Boot: m.FromBoot, N: m.ID}
		n.host.Tell(n.now, id, trace.Dropped{Msg: id, Why: trace.DropCut})
		return
	}
	n.meter.received(m)
	n.rec.received = m
	n.host.Deliver(n.now, *m, 0)
	n.rec.received = nil
}

// saved takes what the disk says. A disk that failed ends the node.
func (n *node) saved(id raft.WriteID, err error) {
	if err != nil {
		n.host.SaveFailed(n.now, id, err.Error())
		n.fail(fmt.Errorf("%v cannot save any more: %w", n.id, err))
		return
	}
	n.durable = max(n.durable, id)
	n.host.Saved(n.now, id)
}

// step lets the core take what has come, and tells afterwards what its messages met.
func (n *node) step() {
	n.host.Do(n.now)
	for _, d := range n.drops {
		n.host.Tell(n.now, d.msg, trace.Dropped{Msg: d.msg, Why: d.why})
	}
	n.drops = n.drops[:0]
	if st := n.host.Node().Status(); st != *n.status.Load() {
		n.changed(n.status.Load(), &st)
	}
	if n.handing != nil && n.handedOver() {
		closeOnce(n.handing)
	}
	if n.draining != nil && (n.durable >= n.asked || n.err != nil) {
		closeOnce(n.draining)
	}
	n.rec.flush()
}

// changed takes note of how the node stands now.
func (n *node) changed(was, is *raft.Status) {
	n.follow(is.Leader)
	if was.Doubtful && !is.Doubtful {
		n.log.Warn("the node has all that the leader had and is trusted again", "node",
			n.id.String(), "leader", is.Leader.String())
	}
	if is.Config != n.links.config {
		n.links.tune(n.now, is.Config)
	}
	n.status.Store(is)
}

// handedOver reports whether a node that was told to step down has done so.
func (n *node) handedOver() bool {
	st := n.status.Load()
	return st.Role != raft.Leader && st.Transfer == 0 || st.Stopped || n.err != nil
}

// follow takes note of who leads.
func (n *node) follow(leader raft.NodeID) {
	if old := n.reign.Load(); leader != 0 && leader != old.leader {
		n.reign.Store(newReign(leader))
		old.end()
	}
}

// fail ends the node's service: what waits is unknown, and nothing more is promised.
func (n *node) fail(err error) {
	n.failing.Do(func() {
		n.err = err
		n.log.Error("the node has stopped", "node", n.id.String(), "why", err.Error())
		close(n.failed)
	})
	for ref, a := range n.waiting {
		a.reply <- reply{Answered: trace.Answered{Outcome: raft.OutcomeUnknown,
			Why: raft.WhySaveFailed}}
		delete(n.waiting, ref)
	}
}

// end is the last act of the loop: everybody who waits is told.
func (n *node) end() {
	n.tick()
	if n.err == nil {
		n.host.Tell(n.now, trace.EventID{}, trace.Stopped{})
	}
	n.rec.finish()
	for _, l := range n.mail.close() {
		if l.kind == letterAsk {
			l.ask.reply <- reply{Answered: trace.Answered{Outcome: raft.OutcomeRefused,
				Why: raft.WhyStopping}}
		}
	}
	for _, a := range n.waiting {
		a.reply <- reply{Answered: trace.Answered{Outcome: raft.OutcomeUnknown,
			Why: raft.WhyStopping}}
	}
	n.waiting = nil
}

// do runs something on the loop and waits for its end; false when the loop is over or done is
// closed first.
func (n *node) do(done <-chan struct{}, f func(now raft.Time)) bool {
	ran := make(chan struct{})
	ok := n.mail.put(letter{kind: letterDo, do: func(now raft.Time) {
		f(now)
		close(ran)
	}})
	if !ok {
		return false
	}
	select {
	case <-ran:
		return true
	case <-n.ended:
	case <-done:
	}
	return false
}

func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}
