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
	"github.com/raftarium/raftarium/raft/world"
)

// The rhythm of a hub.
const (
	tick         = 10 * time.Millisecond  // events of that long leave in one frame
	pulse        = 100 * time.Millisecond // at least so often viewers learn how far it is
	slack        = 20 * raft.Millisecond  // viewers are told that much less than how far it is
	keyFrameTime = 5 * raft.Second        // at least so often, and after
	keyFrameSize = 2 << 20                // that many bytes, viewers get a key frame
	keyBodies    = 1 << 20                // bytes of entries in it
	silence      = 700 * raft.Millisecond // without a stream, a node counts as silent
)

// Lag is how far viewers should stay behind the edge, so that nearly every message has its fate when
// it is drawn.
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
	header trace.Header
	epoch  time.Time
	work   chan func()
	ctx    context.Context
	cancel context.CancelFunc
	wait   sync.WaitGroup

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

	view atomic.Pointer[trace.State] // a copy for those who ask for the state
}

// New starts a hub for a cluster. Its time 0 is now.
func New(cfg Config) *Hub {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &Hub{cfg: cfg, epoch: time.Now(), work: make(chan func(), 256), ctx: ctx, cancel: cancel,
		ingests: map[raft.NodeID]*ingest{}}
	h.header = trace.Header{Major: trace.Major, Minor: trace.Minor, Kind: trace.Live,
		Engine: "raftarium", Build: cfg.Build, Origin: "empty", Title: cfg.Title,
		Cluster: cfg.Cluster, Members: cfg.Members, Clock: trace.Running, Lag: Lag,
		Epoch: h.epoch.UnixMicro(), ElectionMin: cfg.Raft.ElectionMin,
		ElectionMax: cfg.Raft.ElectionMax, Heartbeat: cfg.Raft.Heartbeat, Store: cfg.Store,
		Machine: cfg.Machine}
	h.checker = check.New(h.header)
	for _, m := range cfg.Members {
		h.state.Nodes = append(h.state.Nodes, trace.NodeState{ID: m.ID})
	}
	h.publish()
	h.wait.Add(1)
	go h.loop()
	for _, m := range cfg.Members {
		in := &ingest{hub: h, member: m, lost: h.now()}
		h.ingests[m.ID] = in
		h.wait.Add(1)
		go in.run()
	}
	return h
}

// Close ends the hub and waits until all of it has ended.
func (h *Hub) Close() {
	h.cancel()
	h.wait.Wait()
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
	h.noticeSilence(now)
	h.popped = h.merger.Pop(now, h.popped[:0])
	for i := range h.popped {
		h.take(&h.popped[i])
	}
	clear(h.popped)
	h.send(now)
}

// noticeSilence tells of nodes that nothing is heard of and nobody knows to be down.
func (h *Hub) noticeSilence(now raft.Time) {
	for _, m := range h.cfg.Members {
		in, n := h.ingests[m.ID], h.state.Node(m.ID)
		if in.up || n == nil || n.Silent || !n.Known || !n.Alive || now-in.lost < silence {
			continue
		}
		h.tell(trace.FirstHub, trace.Silent{Node: m.ID})
	}
}

// Tell puts an event of the supervisor into the order, now.
func (h *Hub) Tell(body trace.Body) {
	h.do(func() { h.tell(trace.Supervisor, body) })
}

// tell makes an event of somebody who is no node, and takes it.
func (h *Hub) tell(who raft.NodeID, body trace.Body) {
	k := 0
	if who == trace.Checker {
		k = 1
	} else if who >= trace.FirstHub {
		k = 2
	}
	h.told[k]++
	h.take(&trace.Event{
		ID: trace.EventID{Node: who, Boot: uint32(h.epoch.Unix()), N: h.told[k]},
		At: max(h.given, h.now()), Body: body})
}

// take folds an event, judges it and puts it into the frame.
func (h *Hub) take(ev *trace.Event) {
	ev.At = max(ev.At, h.given, 0)
	h.given = ev.At
	if k, ok := ev.Body.(trace.KeyFrame); ok {
		h.takeNode(&k, ev)
		return
	}
	world.Apply(&h.state, &h.bodies, ev)
	h.put(ev)
	for _, v := range h.checker.Observe(ev) {
		h.cfg.Log.Error("a property of Raft does not hold", "check", v.Check, "what", v.Text)
		h.tell(trace.Checker, v)
	}
}

// takeNode takes a key frame in which a node tells how it stands, into that of the cluster.
func (h *Hub) takeNode(k *trace.KeyFrame, ev *trace.Event) {
	if k.State == nil {
		return
	}
	for i := range k.State.Nodes {
		n := k.State.Nodes[i]
		old := h.state.Node(n.ID)
		if old == nil || n.ID != ev.ID.Node {
			continue
		}
		n.Paused, n.Silent, n.Stays = old.Paused && old.Boot == n.Boot, false, false
		*old = n
	}
	for i := len(k.Bodies) - 1; i >= 0; i-- {
		h.bodies.Put(k.Bodies[i])
	}
	h.keyFrame(h.now())
}

// keyFrame puts the whole state into the frame.
func (h *Hub) keyFrame(now raft.Time) {
	h.lastKey, h.sinceKey = now, 0
	ev := h.keyEvent()
	h.checker.Observe(&ev)
	h.put(&ev)
}

func (h *Hub) keyEvent() trace.Event {
	s := h.state.Clone()
	s.At = h.given
	h.told[2]++
	return trace.Event{
		ID: trace.EventID{Node: trace.FirstHub, Boot: uint32(h.epoch.Unix()), N: h.told[2]},
		At: h.given, Body: trace.KeyFrame{State: s, Bodies: h.bodies.Newest(keyBodies)}}
}

// put appends an event to the frame that leaves next.
func (h *Hub) put(ev *trace.Event) {
	h.frame = h.enc.Append(h.frame, ev)
	h.events++
}

// State gives a copy of how the cluster stands, as far as the hub knows; it is not older than a
// tick.
func (h *Hub) State() *trace.State { return h.view.Load() }

func (h *Hub) publish() {
	s := h.state.Clone()
	s.Flights, s.Requests = nil, nil
	h.view.Store(s)
}
