package hub

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of dialling a node's stream, and of hearing nothing of it.
const (
	dialTime  = 2 * time.Second
	dialFirst = 20 * time.Millisecond
	dialMost  = 250 * time.Millisecond
	pingPause = time.Second
)

// sameClock is how far two clocks may seem apart on one machine: the time that a frame takes.
const sameClock = 20 * raft.Millisecond

// ingest listens to one node's own stream, and dials again when it is lost.
type ingest struct {
	hub     *Hub
	member  trace.Member
	ctx     context.Context // ends with the hub, or when the member is gone for good
	stop    context.CancelFunc
	refused string // why its stream was not taken the last time; people were told
	// signs counts the signs of life, and where we are: it is odd while a frame is handed over.
	signs atomic.Uint64
	// These belong to the hub's loop.
	up    bool
	lost  raft.Time      // when the stream was lost
	boot  uint32         // of the incarnation that was heard last
	heard uint64         // the N of its event that was heard last
	clock clock          // how far the node's is off
	end   *trace.Crashed // told by the supervisor, and waits for the end of the stream
	endAt raft.Time
	told  []chan struct{} // closed when the crash stands in the order
}

func (in *ingest) run() {
	defer in.hub.wait.Done()
	pause := dialFirst
	defer in.stop()
	for in.ctx.Err() == nil {
		began := time.Now()
		err := in.listen(in.ctx)
		in.hub.do(in.down)
		if time.Since(began) > dialTime {
			pause = dialFirst
		}
		in.hub.cfg.Log.Debug("a node's stream ended", "node", in.member.ID.String(), "err", err)
		select {
		case <-time.After(pause):
		case <-in.ctx.Done():
		}
		pause = min(2*pause, dialMost)
	}
}

// listen reads one connection until it ends.
func (in *ingest) listen(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, err := in.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		in.watch(ctx, conn)
	}()
	defer func() { cancel(); <-watched }()
	var dec wire.StreamDecoder
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if err := in.handOver(ctx, &dec, frame); err != nil {
			return err
		}
	}
}

// handOver gives the loop what a frame holds.
func (in *ingest) handOver(ctx context.Context, dec *wire.StreamDecoder, frame []byte) error {
	in.signs.Add(1)
	defer in.signs.Add(1)
	clock, items, err := dec.Decode(frame, nil)
	if err != nil {
		in.tellRefused(fmt.Errorf("the stream of %v: %w", in.member.ID, err))
		return err
	}
	came := in.hub.now()
	if !in.hub.do(func() { in.take(clock, came, items) }) {
		return ctx.Err()
	}
	return nil
}

// dial opens a stream and reads what it begins with. What carries the secret goes to the member
// itself: by no proxy, and not where a redirection says.
func (in *ingest) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	conn, res, err := websocket.Dial(ctx, "ws://"+in.member.Address+"/v1/stream",
		&websocket.DialOptions{HTTPClient: client,
			HTTPHeader: http.Header{"Authorization": {"Bearer " + in.hub.cfg.Secret}}})
	if err != nil && res != nil && res.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("%v at %s does not let us listen: %s", in.member.ID, in.member.Address,
			res.Status)
		in.tellRefused(err)
	}
	if err != nil {
		return nil, fmt.Errorf("listening to %v at %s: %w", in.member.ID, in.member.Address, err)
	}
	conn.SetReadLimit(wire.MaxStream)
	if err := in.readHeader(ctx, conn); err != nil {
		_ = conn.Close(websocket.StatusPolicyViolation, "this stream is not taken")
		return nil, err
	}
	return conn, nil
}

// readHeader reads what the stream begins with, and refuses what is of another cluster or major
// version.
func (in *ingest) readHeader(ctx context.Context, conn *websocket.Conn) error {
	_, frame, err := conn.Read(ctx)
	if err != nil {
		return err
	}
	_, b, err := wire.Decode(frame)
	head, ok := b.(wire.Header)
	switch {
	case err != nil:
		err = fmt.Errorf("the stream of %v begins badly: %w", in.member.ID, err)
	case !ok:
		err = fmt.Errorf("the stream of %v does not begin with a header", in.member.ID)
	case head.Header.Cluster != in.hub.header.Cluster:
		err = fmt.Errorf("at %s there is a node of another cluster", in.member.Address)
	}
	if err != nil {
		in.tellRefused(err)
		return err
	}
	in.hub.do(func() { in.up = true })
	return nil
}

// tellRefused tells people why a stream is not taken, once for each reason.
func (in *ingest) tellRefused(err error) {
	if why := err.Error(); why != in.refused {
		in.refused = why
		in.hub.cfg.Log.Warn("a node is not listened to", "node", in.member.ID.String(), "why", why)
	}
}

// watch ends a connection over which nothing can come any more. A paused node is left in peace.
func (in *ingest) watch(ctx context.Context, conn *websocket.Conn) {
	t := time.NewTicker(pingPause)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
		if in.paused() {
			continue
		}
		before := in.signs.Load()
		pinging, cancel := context.WithTimeout(ctx, in.hub.most.ping)
		err := conn.Ping(pinging)
		cancel()
		if err != nil && in.hangs(before) {
			_ = conn.CloseNow() // the reader sees it
			return
		}
	}
}

// hangs reports whether nothing was heard of a node since there were so many signs of life, though
// we were listening. The answer to a ping stands behind all that the node told before it: who tells
// much, or waits for us, answers late.
func (in *ingest) hangs(before uint64) bool {
	return before%2 == 0 && in.signs.Load() == before && !in.paused()
}

func (in *ingest) paused() bool {
	n := in.hub.State().Node(in.member.ID)
	return n != nil && n.Paused
}

// take puts a frame's events into the order.
func (in *ingest) take(at, came raft.Time, items []wire.StreamItem) {
	in.tune(at, came)
	h, now := in.hub, in.hub.now()
	for i := range items {
		it := &items[i]
		if !in.hear(&it.Event) {
			continue
		}
		it.Event.At -= raft.Time(h.epoch.UnixMicro())
		h.merger.BeginStream(in.stream())
		if it.Received != nil {
			h.merger.PushReceipt(now, in.stream(), it.Event, *it.Received)
		} else {
			h.merger.Push(now, in.stream(), it.Event)
		}
	}
}

// hear reports whether an event is news of the node itself, and notices what was not heard before
// it. Who listens again may be told what it knows.
func (in *ingest) hear(ev *trace.Event) bool {
	id, kind := ev.ID, ev.Body.Kind()
	beside := kind == trace.KindKeyFrame || kind == trace.KindMissed
	known := in.heard
	if id.Boot > in.boot {
		known = 0
	}
	switch {
	case id.Node != in.member.ID || id.Boot < in.boot || id.Boot == 0:
		return false
	case id.N < known || id.N == known && !beside:
		return false
	case kind == trace.KindKeyFrame && in.boot != 0 && id.N > known:
		in.noticeGap(id, id.N-known)
	case !beside && id.N > known+1:
		in.noticeGap(trace.EventID{Node: id.Node, Boot: id.Boot, N: id.N - 1}, id.N-1-known)
	}
	in.boot, in.heard = id.Boot, id.N
	return true
}

// noticeGap tells what of a node's events was not heard, up to one: those of the time without a
// stream, or those from its start on. It is told at once, behind all that was heard: from now on
// nobody waits for these events, and who judges must not go on without them as if nothing had been.
func (in *ingest) noticeGap(upTo trace.EventID, count uint64) {
	gap := trace.Missed{Count: count, Why: in.member.ID.String() + " had begun before its events " +
		"could be heard"}
	if upTo.Boot == in.boot {
		gap.Why = "nothing was heard of " + in.member.ID.String() + " for a while"
	}
	h := in.hub
	if in.boot != 0 {
		h.merger.Release(in.stream())
		h.pop(h.now())
	}
	h.take(&trace.Event{ID: upTo, At: h.given, Body: gap})
}

func (in *ingest) stream() trace.Stream { return trace.Stream{Node: in.member.ID, Boot: in.boot} }

// tune estimates how far the node's clock is off.
func (in *ingest) tune(at, came raft.Time) {
	off, changed := in.clock.heard(came+raft.Time(in.hub.epoch.UnixMicro())-at, came)
	if !changed {
		return
	}
	if off > -sameClock && off < sameClock {
		off = 0
	}
	in.hub.merger.SetOffset(in.member.ID, off)
}

// down tells the order that nothing more comes of what this incarnation has sent.
func (in *ingest) down() {
	if in.up {
		in.up, in.lost, in.clock = false, in.hub.now(), clock{}
		in.hub.merger.EndStream(in.stream())
	}
	in.bury()
}

// crash takes what the supervisor knows of the node's end. It stands behind all that the node has
// told, and some of that may still be on its way.
func (in *ingest) crash(c trace.Crashed, done chan struct{}) {
	in.end, in.endAt, in.told = &c, in.hub.now(), append(in.told, done)
	if !in.up {
		in.bury()
	}
}

// bury puts a crash behind the node's stream.
func (in *ingest) bury() {
	if in.end == nil {
		return
	}
	in.hub.merger.Push(in.hub.now(), in.stream(), trace.Event{
		ID: trace.EventID{Node: trace.Supervisor}, At: in.endAt, Body: *in.end})
	in.end = nil
}

// buried tells those who wait that the crash stands in the order.
func (in *ingest) buried() {
	for _, c := range in.told {
		close(c)
	}
	in.told = nil
}

// look tells of a node that nothing is heard of and nobody knows to be down.
func (in *ingest) look(now raft.Time) {
	if in.end != nil && now-in.endAt > crashWait {
		in.bury()
	}
	n := in.hub.state.Node(in.member.ID)
	if in.up || n == nil || n.Silent || !n.Known || !n.Alive || n.Paused || now-in.lost < silence {
		return
	}
	in.hub.tell(trace.FirstHub, trace.Silent{Node: in.member.ID})
}
