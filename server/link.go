package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// The bounds of a link: messages that wait for it, how long one may take to leave, and how long the
// link waits before it dials again.
const (
	linkQueue = 1024
	writeTime = 10 * time.Second
	dialTime  = 2 * time.Second
	dialFirst = 10 * time.Millisecond
	dialMost  = 500 * time.Millisecond
)

// link carries messages to one peer. It dials, and dials again; what cannot be carried is dropped
// and told, for the core repeats what matters.
type link struct {
	to      raft.NodeID
	address string
	url     string
	hello   func() []byte
	dial    *websocket.DialOptions
	log     *slog.Logger
	lost    func(m *raft.Message) // tells of a message that the connection took with it
	queue   chan raft.Message
	news    chan struct{} // what hello says is not what it said
	up      atomic.Bool
	silent  bool // a failure was told, and none since has been another
	buf     []byte
	stop    context.CancelFunc

	// These belong to the node loop.
	cut  bool
	idle raft.Time // since when nobody needs it; 0 while somebody does
}

// offer takes a message to be carried, or says why it cannot. It never waits.
func (l *link) offer(m raft.Message) trace.DropWhy {
	switch {
	case l.cut:
		return trace.DropCut
	case !l.up.Load():
		return trace.DropClosed
	}
	select {
	case l.queue <- m:
		return 0
	default:
		return trace.DropFull
	}
}

// run carries until the context ends.
func (l *link) run(ctx context.Context) {
	wait := dialFirst
	for ctx.Err() == nil {
		begun := time.Now()
		err := l.carry(ctx)
		l.up.Store(false)
		l.drain()
		if ctx.Err() != nil {
			return
		}
		if time.Since(begun) > dialMost {
			wait, l.silent = dialFirst, false
		}
		if !l.silent {
			l.silent = true
			l.log.Info("no connection to a peer", "to", l.to.String(), "err", err.Error())
		}
		sleep(ctx, wait)
		wait = min(2*wait, dialMost)
	}
}

// sleep waits, unless the context ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// carry dials and sends what comes, until something fails.
func (l *link) carry(ctx context.Context) error {
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	conn, resp, err := websocket.Dial(dialing, l.url, l.dial)
	cancel()
	if err != nil {
		if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
			return fmt.Errorf("dialling %s: it answered %s", l.url, resp.Status)
		}
		return fmt.Errorf("dialling %s: %w", l.url, err)
	}
	watch := time.AfterFunc(writeTime, func() { _ = conn.CloseNow() })
	defer watch.Stop()
	gone := make(chan error, 1)
	go func() {
		_, _, err := conn.Read(ctx) // it sends nothing: what comes is the end, and maybe why
		_ = conn.CloseNow()
		if err == nil {
			err = errors.New("it sent a message where it must only read")
		}
		gone <- err
	}()
	err = conn.Write(context.Background(), websocket.MessageText, l.hello())
	l.up.Store(err == nil)
	for err == nil {
		watch.Stop()
		select {
		case err = <-gone:
			return fmt.Errorf("the connection to %s: %w", l.url, err)
		case <-l.news:
			watch.Reset(writeTime)
			err = conn.Write(context.Background(), websocket.MessageText, l.hello())
		case m := <-l.queue:
			l.buf = trace.AppendMessage(l.buf[:0], &m)
			watch.Reset(writeTime)
			if err = conn.Write(context.Background(), websocket.MessageBinary, l.buf); err != nil {
				l.lost(&m)
			}
		}
	}
	_ = conn.CloseNow() // it is broken already
	return fmt.Errorf("the connection to %s: %w", l.url, errors.Join(err, <-gone))
}

// drain drops what waits for a connection that is no more.
func (l *link) drain() {
	for {
		select {
		case m := <-l.queue:
			l.lost(&m)
		default:
			return
		}
	}
}
