package hub

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of dialling a node's stream.
const (
	dialTime  = 2 * time.Second
	dialFirst = 20 * time.Millisecond
	dialMost  = 500 * time.Millisecond
)

// sameClock is how far two clocks may seem apart on one machine: the time that a frame takes.
const sameClock = 20 * raft.Millisecond

// ingest listens to one node's own stream, and dials again when it is lost.
type ingest struct {
	hub    *Hub
	member trace.Member
	// These belong to the hub's loop.
	up     bool
	lost   raft.Time // when the stream was lost
	boot   uint32    // of the incarnation that was heard last
	offset raft.Time // what must be added to the node's clock
	tuned  bool
}

func (in *ingest) run() {
	defer in.hub.wait.Done()
	pause := dialFirst
	for in.hub.ctx.Err() == nil {
		began := time.Now()
		err := in.listen(in.hub.ctx)
		in.hub.do(in.down)
		if time.Since(began) > time.Second {
			pause = dialFirst
		}
		in.hub.cfg.Log.Debug("a node's stream ended", "node", in.member.ID, "err", err)
		select {
		case <-time.After(pause):
		case <-in.hub.ctx.Done():
		}
		pause = min(2*pause, dialMost)
	}
}

// listen reads one connection until it ends.
func (in *ingest) listen(ctx context.Context) error {
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	head := http.Header{"Authorization": {"Bearer " + in.hub.cfg.Secret}}
	conn, res, err := websocket.Dial(dialing, "ws://"+in.member.Address+"/v1/stream",
		&websocket.DialOptions{HTTPHeader: head})
	if err != nil {
		if res != nil {
			return fmt.Errorf("listening to %v at %s: %s: %w", in.member.ID, in.member.Address,
				res.Status, err)
		}
		return fmt.Errorf("listening to %v at %s: %w", in.member.ID, in.member.Address, err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(wire.MaxStream)
	if err := in.readHeader(ctx, conn); err != nil {
		return err
	}
	var dec wire.StreamDecoder
	for {
		_, frame, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		clock, items, err := dec.Decode(frame, nil)
		if err != nil {
			return fmt.Errorf("the stream of %v: %w", in.member.ID, err)
		}
		came := in.hub.now()
		if !in.hub.do(func() { in.take(clock, came, items) }) {
			return ctx.Err()
		}
	}
}

// readHeader reads what the stream begins with, and refuses what is of another cluster or major
// version.
func (in *ingest) readHeader(ctx context.Context, conn *websocket.Conn) error {
	_, frame, err := conn.Read(ctx)
	if err != nil {
		return err
	}
	_, b, err := wire.Decode(frame)
	if err != nil {
		return fmt.Errorf("the stream of %v begins badly: %w", in.member.ID, err)
	}
	head, ok := b.(wire.Header)
	switch {
	case !ok:
		return fmt.Errorf("the stream of %v does not begin with a header", in.member.ID)
	case head.Header.Major != trace.Major:
		return fmt.Errorf("%v speaks major version %d, this hub %d", in.member.ID,
			head.Header.Major, trace.Major)
	case head.Header.Cluster != in.hub.header.Cluster:
		return fmt.Errorf("at %s there is a node of another cluster", in.member.Address)
	}
	in.hub.do(func() { in.up = true })
	return nil
}

// take puts a frame's events into the order.
func (in *ingest) take(clock, came raft.Time, items []wire.StreamItem) {
	in.tune(clock, came)
	h, now := in.hub, in.hub.now()
	for i := range items {
		it := &items[i]
		it.Event.At -= raft.Time(h.epoch.UnixMicro())
		if it.Event.ID.Node == in.member.ID {
			in.boot = max(in.boot, it.Event.ID.Boot)
		}
		from := trace.Stream{Node: in.member.ID, Boot: in.boot}
		if it.Received != nil {
			h.merger.PushReceipt(now, from, it.Event, *it.Received)
		} else {
			h.merger.Push(now, from, it.Event)
		}
	}
}

// tune estimates how far the node's clock is off: by the frame that came quickest.
func (in *ingest) tune(clock, came raft.Time) {
	off := came + raft.Time(in.hub.epoch.UnixMicro()) - clock
	if in.tuned && off >= in.offset {
		return
	}
	in.offset, in.tuned = off, true
	if off > -sameClock && off < sameClock {
		off = 0
	}
	in.hub.merger.SetOffset(in.member.ID, off)
}

// down tells the order that nothing more comes of what this incarnation has sent.
func (in *ingest) down() {
	if in.up {
		in.up, in.lost, in.tuned = false, in.hub.now(), false
		in.hub.merger.EndStream(trace.Stream{Node: in.member.ID, Boot: in.boot})
	}
}
