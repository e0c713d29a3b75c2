// Package hub brings the streams of all nodes of a cluster into one order, judges them, and shows
// them to any number of viewers. It knows nothing of our node: what comes in are events, what goes
// out are frames. A slow viewer is told what it missed; it never slows a node.
package hub

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// The rhythm of a hub.
const (
	tick         = 10 * time.Millisecond  // events of that long leave in one frame
	pulse        = 100 * time.Millisecond // at least so often viewers learn how far it is
	slack        = 20 * raft.Millisecond  // viewers are told that much less than how far it is
	keyFrameTime = 5 * raft.Second        // at least so often, and after
	keyFrameSize = 2 << 20                // that many bytes, viewers get a key frame
	keyBodies    = 1 << 20                // bytes of entries in it
	batchSize    = 512 << 10              // bytes of events that make a frame before the tick
	silence      = 700 * raft.Millisecond // without a stream, a node counts as silent
	crashWait    = raft.Second            // a crash waits so long for the end of the node's stream
)

// limits bound how long others may take.
type limits struct {
	hello time.Duration // a viewer, to say what it wants
	ping  time.Duration // a node that tells nothing, to answer a ping
	close time.Duration // viewers, to hear that the hub ends
}

// usual are the limits where nothing is said of them.
func usual() limits {
	return limits{hello: 5 * time.Second, ping: 2 * time.Second, close: time.Second}
}

// Lag is how far viewers should stay behind the edge, so that nearly every message has its fate
// when it is drawn.
const Lag = 400 * raft.Millisecond

// Config is what a hub is told.
type Config struct {
	Cluster uuid.UUID
	Members []trace.Member // with their addresses
	Secret  string         // opens the nodes' streams
	Store   string
	Machine string
	Title   string
	Build   string
	Raft    raft.Config // the time-outs, for the header

	// Act carries a viewer's command out; the error is a sentence for people. Nil: nobody may act.
	Act func(context.Context, trace.Command) error
	// May says whether a viewer may act, by its token and where its page comes from; why not, else.
	May func(v Visitor) (why string)
	Log *slog.Logger
}

// Hub is made by New and runs until Close.
type Hub struct {
	cfg    Config
	most   limits
	header trace.Header
	epoch  time.Time
	work   chan func()
	ctx    context.Context
	cancel context.CancelFunc
	wait   sync.WaitGroup

	doors   sync.Mutex // closed is changed, and viewing added to, behind it
	closed  bool
	viewing sync.WaitGroup

	// The rest belongs to the loop.
	merger   trace.Merger
	state    trace.State
	bodies   trace.Bodies
	checker  *check.Checker
	enc      trace.Encoder
	popped   []trace.Event
	frame    []byte
	events   uint64 // in the frame
	first    uint64 // run events before it
	told     [3]uint64
	given    raft.Time // no event that leaves has an earlier time
	viewers  []*viewer
	ingests  map[raft.NodeID]*ingest
	lastKey  raft.Time
	sinceKey int
	lastSent time.Time
	history  history
	place    wire.Place      // how far what viewers were told goes
	keyPlace wire.Place      // how far it went at the last key frame
	owed     bool            // the key frame that is made tells what no event did
	settling []chan struct{} // closed when no node tells anything any more

	view atomic.Pointer[trace.State] // a copy for those who ask for the state
}

// New starts a hub for a cluster. Its time 0 is now.
func New(cfg Config) *Hub { return newAt(cfg, time.Now(), usual()) }

func newAt(cfg Config, epoch time.Time, most limits) *Hub {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &Hub{cfg: cfg, epoch: epoch, most: most, work: make(chan func(), 256), ctx: ctx,
		cancel: cancel, ingests: map[raft.NodeID]*ingest{}}
	h.header = trace.Header{Major: trace.Major, Minor: trace.Minor, Kind: trace.Live,
		Engine: "raftarium", Build: cfg.Build, Origin: "empty", Title: cfg.Title,
		Cluster: cfg.Cluster, Members: cfg.Members, Clock: trace.Running, Lag: Lag,
		Epoch: h.epoch.UnixMicro(), ElectionMin: cfg.Raft.ElectionMin,
		ElectionMax: cfg.Raft.ElectionMax, Heartbeat: cfg.Raft.Heartbeat, Store: cfg.Store,
		Machine: cfg.Machine}
	h.checker = check.New(h.header)
	for _, m := range cfg.Members {
		h.state.Nodes = append(h.state.Nodes, trace.NodeState{ID: m.ID})
		h.listen(m)
	}
	h.publish()
	h.wait.Add(1)
	go h.loop()
	for _, in := range h.ingests {
		h.wait.Add(1)
		go in.run()
	}
	return h
}

// Close ends the hub, tells its viewers so, and waits until all of it has ended.
func (h *Hub) Close() {
	h.doors.Lock()
	h.closed = true
	h.doors.Unlock()
	h.cancel()
	h.wait.Wait()
	h.viewing.Wait()
}

// enter counts a visitor in; false when the hub has ended.
func (h *Hub) enter() bool {
	h.doors.Lock()
	defer h.doors.Unlock()
	if h.closed {
		return false
	}
	h.viewing.Add(1)
	return true
}

// now gives the time since the hub's start.
func (h *Hub) now() raft.Time { return raft.Time(time.Since(h.epoch).Microseconds()) }

// do lets the loop run f; false when the hub has ended.
func (h *Hub) do(f func()) bool {
	select {
	case h.work <- f:
		return true
	case <-h.ctx.Done():
		return false
	}
}

// loop owns the hub's state.
func (h *Hub) loop() {
	defer h.wait.Done()
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case f := <-h.work:
			f()
		case <-t.C:
			h.advance()
		case <-h.ctx.Done():
			for _, v := range h.viewers {
				v.end("the server is shutting down")
			}
			return
		}
	}
}

// advance takes what has its place in the order by now, and sends it.
func (h *Hub) advance() {
	now := h.now()
	for _, m := range h.cfg.Members {
		h.ingests[m.ID].look(now)
	}
	h.pop(now)
	h.send(now)
	h.goOn()
	if len(h.settling) > 0 && h.settled() {
		h.flush()
		for _, c := range h.settling {
			close(c)
		}
		h.settling = nil
	}
}

// pop takes what has its place in the order by now.
func (h *Hub) pop(now raft.Time) {
	h.popped = h.merger.Pop(now, h.popped[:0])
	for i := range h.popped {
		h.take(&h.popped[i])
		if len(h.frame) >= batchSize {
			h.flush()
		}
	}
	clear(h.popped)
}

// settled reports whether all streams have ended and all that they told has been sent.
func (h *Hub) settled() bool {
	for _, m := range h.cfg.Members {
		if h.ingests[m.ID].up {
			return false
		}
	}
	return h.merger.Held() == 0
}

// Settle waits until viewers have been sent all that nodes which have ended told last, at most so
// long.
func (h *Hub) Settle(most time.Duration) {
	done := make(chan struct{})
	h.do(func() { h.settling = append(h.settling, done) })
	select {
	case <-done:
	case <-time.After(most):
	case <-h.ctx.Done():
	}
}

// State gives a copy of how the cluster stands, as far as the hub knows; it is not older than a
// tick. Flights and requests are left out.
func (h *Hub) State() *trace.State { return h.view.Load() }

func (h *Hub) publish() {
	s := h.state
	s.Flights, s.Requests = nil, nil
	h.view.Store(s.Clone())
}
