package hub

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of a viewer.
const (
	helloTime   = 5 * time.Second
	writeTime   = 10 * time.Second
	resumeAt    = 256 << 10 // bytes of credit with which a viewer that missed events goes on
	mostCredit  = 64 << 20
	mostQueued  = 256 // frames
	mostViewers = 1000
	actTime     = 5 * time.Second
)

// Visitor is who asks to watch.
type Visitor struct {
	Request *http.Request
	Token   string // what its first frame brought
}

// viewer is one connection. The loop fills its queue, a goroutine of its own empties it.
type viewer struct {
	hub    *Hub
	conn   *websocket.Conn
	stream uint64
	why    string // it may not act; empty if it may

	// These belong to the hub's loop.
	credit int64
	missed uint64
	behind bool

	mu    sync.Mutex
	queue [][]byte
	over  bool
	wake  chan struct{}
}

// ServeHTTP is the websocket /v1/watch. Who may come here at all was judged before.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(wire.MaxUp)
	v := &viewer{hub: h, conn: conn, wake: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	if err := v.greet(ctx, r); err != nil {
		v.refuse(err)
		return
	}
	defer h.do(func() { h.leave(v) })
	if !h.do(func() { h.join(v) }) {
		return
	}
	go func() {
		defer cancel()
		v.write(ctx)
	}()
	if err := v.read(ctx); err != nil && ctx.Err() == nil {
		v.refuse(err)
	}
}

// greet takes the first two frames: who it is, and what it wants.
func (v *viewer) greet(ctx context.Context, r *http.Request) error {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	b, _, err := v.next(ctx)
	if err != nil {
		return err
	}
	hello, ok := b.(wire.Hello)
	switch {
	case !ok:
		return fmt.Errorf("the first frame must be Hello, and a frame of type %d came", b.Type())
	case hello.Major != trace.Major:
		return fmt.Errorf("the viewer speaks major version %d, and this server major version %d",
			hello.Major, trace.Major)
	}
	v.credit = int64(min(hello.Credit, mostCredit))
	v.why = "this viewer may only watch"
	if v.hub.cfg.May != nil {
		v.why = v.hub.cfg.May(Visitor{Request: r, Token: hello.Token})
	}
	b, stream, err := v.next(ctx)
	if err != nil {
		return err
	}
	if _, ok := b.(wire.Open); !ok || stream == 0 {
		return fmt.Errorf("the second frame must be Open, and a frame of type %d came", b.Type())
	}
	v.stream = stream
	return nil
}

func (v *viewer) next(ctx context.Context) (wire.Body, uint64, error) {
	kind, frame, err := v.conn.Read(ctx)
	if err != nil {
		return nil, 0, err
	}
	if kind != websocket.MessageBinary {
		return nil, 0, fmt.Errorf("frames are binary, and a text came")
	}
	stream, b, err := wire.Decode(frame)
	return b, stream, err
}

// refuse closes the connection with one sentence.
func (v *viewer) refuse(why error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = v.conn.Write(ctx, websocket.MessageBinary,
		wire.Append(nil, v.stream, wire.End{Why: why.Error()}))
	reason := why.Error()
	if len(reason) > 120 {
		reason = reason[:120]
	}
	_ = v.conn.Close(websocket.StatusPolicyViolation, reason)
}

// read takes frames up until the viewer leaves.
func (v *viewer) read(ctx context.Context) error {
	for {
		b, _, err := v.next(ctx)
		if err != nil {
			return err
		}
		switch b := b.(type) {
		case wire.Credit:
			v.hub.do(func() { v.hub.credit(v, b.Bytes) })
		case wire.Do:
			v.act(ctx, b.Command)
		case wire.Close:
			return nil
		case wire.Advance: // a running source goes on by itself
		case wire.Fork:
			v.offer(wire.Append(nil, v.stream, wire.Forked{New: b.New,
				Why: "a live cluster cannot be forked yet"}))
		case wire.Link:
			v.offer(wire.Append(nil, v.stream, wire.Linked{
				Why: "a live cluster cannot be shared as a link"}))
		default:
			return fmt.Errorf("a frame of type %d has no place here", b.Type())
		}
	}
}

// act carries out a command, or refuses it. The answer goes to this viewer alone: tickets are its
// own.
func (v *viewer) act(ctx context.Context, cmd trace.Command) {
	why := v.why
	if why == "" && v.hub.cfg.Act == nil {
		why = "nobody can act on this cluster from here"
	}
	if why == "" {
		ctx, cancel := context.WithTimeout(ctx, actTime)
		defer cancel()
		if err := v.hub.cfg.Act(ctx, cmd); err != nil {
			why = err.Error()
		}
	}
	v.hub.do(func() { v.hub.answer(v, cmd.ID, why) })
}

// write empties the queue. A viewer that takes nothing for long is let go.
func (v *viewer) write(ctx context.Context) {
	for {
		select {
		case <-v.wake:
		case <-ctx.Done():
			return
		}
		v.mu.Lock()
		queue, over := v.queue, v.over
		v.queue = nil
		v.mu.Unlock()
		for _, frame := range queue {
			sending, cancel := context.WithTimeout(ctx, writeTime)
			err := v.conn.Write(sending, websocket.MessageBinary, frame)
			cancel()
			if err != nil {
				return
			}
		}
		if over {
			_ = v.conn.Close(websocket.StatusGoingAway, "the server is shutting down")
			return
		}
	}
}

// offer puts a frame into the queue; false when it is full.
func (v *viewer) offer(frame []byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.queue) >= mostQueued {
		return false
	}
	v.queue = append(v.queue, frame)
	v.poke()
	return true
}

func (v *viewer) poke() {
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// end says why nothing more will come.
func (v *viewer) end(why string) {
	v.offer(wire.Append(nil, v.stream, wire.End{Why: why}))
	v.mu.Lock()
	v.over = true
	v.mu.Unlock()
	v.poke()
}
