package store

import (
	"errors"
	"sync"
	"time"

	"github.com/raftarium/raftarium/raft"
)

// Limits of the committer.
const (
	// MaxWaiting is how many writes may wait for the disk. A node's own limits keep it far below;
	// more means that something is wrong, and the node is stopped before memory runs out.
	MaxWaiting = 1 << 16

	batchEntries = 1 << 14
	batchBytes   = 4 << 20
)

// ErrTooMany is the error of a write that finds MaxWaiting others before it.
var ErrTooMany = errors.New("store: too many writes wait for the disk")

// Observer is told of each batch: how many entries and bytes of bodies it had, and how long the
// writing and the syncing took. A store that cannot tell them apart has both in sync.
type Observer func(entries, bytes int, write, sync time.Duration)

// Committer writes to a store in a goroutine of its own. While one batch is being synced the next
// one gathers, so that one sync serves all that came meanwhile: there is no timer.
type Committer struct {
	store Store
	done  func(id raft.WriteID, err error)

	mu       sync.Mutex
	more     sync.Cond
	waiting  []raft.Write
	closed   bool
	failed   error
	observer Observer
	ended    chan struct{}
}

// NewCommitter gives a committer for a store. done is called from its goroutine, in order: with the
// last id of a batch when all writes up to it are durable, or with the first one that failed and
// why; after a failure it is not called again. It must not wait for whoever calls Submit.
func NewCommitter(s Store, done func(id raft.WriteID, err error)) *Committer {
	c := &Committer{store: s, done: done, ended: make(chan struct{})}
	c.more.L = &c.mu
	go c.run()
	return c
}

// Observe sets who is told of each batch from now on; nil for nobody. The observer is called from
// the committer's goroutine, before done.
func (c *Committer) Observe(o Observer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.observer = o
}

// Submit takes a write, whose slices must not change any more, and returns at once. Writes become
// durable in the order of the calls. One that comes after a failure or after Close is dropped, as
// the node has been, or is being, stopped.
func (c *Committer) Submit(w raft.Write) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.failed != nil {
		return
	}
	if len(c.waiting) == MaxWaiting {
		c.failed = ErrTooMany
		return
	}
	c.waiting = append(c.waiting, w)
	c.more.Signal()
}

// Waiting gives how many writes wait, those under way not counted.
func (c *Committer) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiting)
}

// Close returns when all that was submitted is durable, or has failed, and done has been told. The
// store stays open.
func (c *Committer) Close() {
	c.mu.Lock()
	c.closed = true
	c.more.Signal()
	c.mu.Unlock()
	<-c.ended
}

// run writes what waits until the committer is closed or the store has failed.
func (c *Committer) run() {
	defer close(c.ended)
	for {
		ws, observer, err := c.next()
		if len(ws) == 0 {
			return
		}
		if err == nil {
			err = c.write(ws, observer)
		}
		if err != nil {
			c.fail(err)
			c.done(ws[0].ID, err)
			return
		}
		c.done(ws[len(ws)-1].ID, nil)
	}
}

// next waits for writes and takes as many as make a good batch; none when all is done.
func (c *Committer) next() ([]raft.Write, Observer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) == 0 && !c.closed {
		c.more.Wait()
	}
	if c.failed != nil {
		return c.waiting[:1], nil, c.failed
	}
	n, entries, bytes := 0, 0, 0
	for n < len(c.waiting) && (n == 0 || entries < batchEntries && bytes < batchBytes) {
		e, b := sizeOf(&c.waiting[n])
		n, entries, bytes = n+1, entries+e, bytes+b
	}
	ws := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	if len(c.waiting) == 0 {
		c.waiting = nil
	}
	return ws, c.observer, nil
}

// write makes a batch durable and tells the observer.
func (c *Committer) write(ws []raft.Write, observer Observer) error {
	start := time.Now()
	if err := c.store.Write(ws); err != nil {
		return err
	}
	if observer == nil {
		return nil
	}
	write, sync := time.Duration(0), time.Since(start)
	if t, ok := c.store.(interface {
		Took() (write, sync time.Duration)
	}); ok {
		write, sync = t.Took()
	}
	entries, bytes := 0, 0
	for i := range ws {
		e, b := sizeOf(&ws[i])
		entries, bytes = entries+e, bytes+b
	}
	observer(entries, bytes, write, sync)
	return nil
}

// fail drops what waits and all that will come.
func (c *Committer) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed, c.waiting = err, nil
}

// sizeOf counts a write's entries, and the bytes of their bodies and of its chunk.
func sizeOf(w *raft.Write) (entries, bytes int) {
	for i := range w.Entries {
		bytes += len(w.Entries[i].Data)
	}
	if w.Chunk != nil {
		bytes += len(w.Chunk.Data)
	}
	return len(w.Entries), bytes
}
