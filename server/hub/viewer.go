package hub

import (
	"context"
	"errors"
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
	writeTime   = 10 * time.Second
	resumeAt    = 256 << 10 // bytes of credit with which a viewer that missed events goes on
	mostCredit  = 16 << 20
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
	most   int    // bytes of a frame that are read of it

	from    wire.Place // it has been there
	resumes bool       // it goes on from there

	// These belong to the hub's loop.
	credit int64
	missed uint64
	behind bool
	need   int64  // the credit with which it goes on when it is behind
	sieve  *sieve // it was further than this hub; nil for most

	mu    sync.Mutex
	queue []item
	over  string // nothing more will come; why
	wake  chan struct{}
}

// item is what waits for a viewer: a frame, or an errand that makes frames.
type item struct {
	frame  []byte
	errand *errand
}

// ServeHTTP is the websocket /v1/watch. Who may come here at all was judged before.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.enter() {
		http.Error(w, "the server is shutting down", http.StatusServiceUnavailable)
		return
	}
	defer h.viewing.Done()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	conn.SetReadLimit(wire.MaxHello) // who may write values is known only behind it
	v := &viewer{hub: h, conn: conn, most: wire.MaxHello, wake: make(chan struct{}, 1)}
	if err := v.greet(h.ctx, r); err != nil {
		v.refuse(err)
		return
	}
	v.most = wire.MaxUp
	conn.SetReadLimit(int64(v.most))
	h.serve(v)
}

// serve shows the cluster to a viewer that has said what it wants, until one of the two goes.
func (h *Hub) serve(v *viewer) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(h.ctx, func() { time.AfterFunc(h.most.close, cancel) })
	written := make(chan struct{})
	go func() {
		defer close(written)
		defer cancel()
		v.write(ctx)
	}()
	if h.do(func() { h.join(v) }) {
		if err := v.read(ctx); err != nil {
			v.refuse(err)
		}
		h.do(func() { h.leave(v) })
	}
	cancel()
	stop()
	<-written
}

// greet takes the first two frames: who it is, and what it wants.
func (v *viewer) greet(ctx context.Context, r *http.Request) error {
	ctx, cancel := context.WithTimeout(ctx, v.hub.most.hello)
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
	v.from, v.resumes = hello.Resumes()
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

// next reads a frame. Those that only a newer version knows are passed over.
func (v *viewer) next(ctx context.Context) (wire.Body, uint64, error) {
	for {
		kind, frame, err := v.conn.Read(ctx)
		switch {
		case errors.Is(err, websocket.ErrMessageTooBig):
			return nil, 0, fmt.Errorf("a frame is longer than the %d bytes allowed", v.most)
		case err != nil:
			return nil, 0, fmt.Errorf("%w: %w", errGone, err)
		case kind != websocket.MessageBinary:
			return nil, 0, errors.New("frames are binary, and a text came")
		}
		stream, b, err := wire.Decode(frame)
		if errors.Is(err, wire.ErrUnknown) && wire.Type(frame[0]).Up() {
			continue
		}
		return b, stream, err
	}
}

// errGone says that a viewer is not there any more, or says nothing.
var errGone = errors.New("the viewer has gone")

// refuse closes the connection with one sentence, if somebody is there to read it.
func (v *viewer) refuse(why error) {
	if errors.Is(why, errGone) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), v.hub.most.close)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = v.conn.CloseNow() })()
	_ = v.conn.Write(ctx, websocket.MessageBinary,
		wire.Append(nil, v.stream, wire.End{Why: why.Error()})) // it may be gone
	_ = v.conn.Close(websocket.StatusPolicyViolation, closeReason(why.Error()))
}

// closeReason fits a sentence into a close frame.
func closeReason(why string) string { return why[:min(len(why), 120)] }

// read takes frames up until the viewer leaves.
func (v *viewer) read(ctx context.Context) error {
	for {
		b, stream, err := v.next(ctx)
		if err != nil {
			return err
		}
		t := b.Type()
		if stream != v.stream && t.Up() && t != wire.TypeHello && t != wire.TypeOpen {
			continue // of a stream that there is not
		}
		switch b := b.(type) {
		case wire.Credit:
			v.hub.do(func() { v.hub.grant(v, b.Bytes) })
		case wire.Do:
			v.act(ctx, b.Command)
		case wire.Close:
			return nil
		case wire.Advance: // a running source goes on by itself
		case wire.Fork:
			v.offer(item{frame: wire.Append(nil, v.stream, wire.Forked{New: b.New,
				Why: "a live cluster cannot be forked yet"})})
		case wire.Link:
			v.offer(item{frame: wire.Append(nil, v.stream, wire.Linked{
				Why: "a live cluster cannot be shared as a link"})})
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
		for i := range queue {
			if err := v.bring(ctx, &queue[i]); err != nil {
				return
			}
			queue[i] = item{}
		}
		if over != "" {
			defer context.AfterFunc(ctx, func() { _ = v.conn.CloseNow() })()
			_ = v.conn.Close(websocket.StatusGoingAway, closeReason(over))
			return
		}
	}
}

// bring writes what an item is. Credit that an errand did not need goes back.
func (v *viewer) bring(ctx context.Context, it *item) error {
	send := func(frame []byte) error {
		ctx, cancel := context.WithTimeout(ctx, writeTime)
		defer cancel()
		return v.conn.Write(ctx, websocket.MessageBinary, frame)
	}
	if it.errand == nil {
		return send(it.frame)
	}
	sent, err := it.errand.frames(v.stream, send)
	if rest := it.errand.credit - sent; err == nil && rest > 0 {
		v.hub.do(func() { v.hub.grant(v, uint64(rest)) })
	}
	return err
}

// full reports whether nothing more can be offered.
func (v *viewer) full() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.queue) >= mostQueued || v.over != ""
}

// offer puts an item into the queue; false when it is full.
func (v *viewer) offer(it item) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.queue) >= mostQueued || v.over != "" {
		return false
	}
	v.queue = append(v.queue, it)
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
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over == "" {
		v.queue = append(v.queue, item{frame: wire.Append(nil, v.stream, wire.End{Why: why})})
		v.over = why
	}
	v.poke()
}
