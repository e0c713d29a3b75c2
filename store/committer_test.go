package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
	"github.com/raftarium/raftarium/store/storetest"
)

// gate is a store whose writes wait until they are let through.
type gate struct {
	store.Store
	begun chan []raft.WriteID // a write has begun
	pass  chan error          // let it through, or let it fail
}

func newGate() *gate {
	return &gate{store.NewMemory(), make(chan []raft.WriteID), make(chan error)}
}

func (g *gate) Write(ws []raft.Write) error {
	var ids []raft.WriteID
	for _, w := range ws {
		ids = append(ids, w.ID)
	}
	g.begun <- ids
	if err := <-g.pass; err != nil {
		return err
	}
	return g.Store.Write(ws)
}

// answers collects what a committer says.
type answer struct {
	id  raft.WriteID
	err error
}

func one(id raft.WriteID) raft.Write {
	return raft.Write{ID: id, Entries: storetest.Entries(raft.Mark{Index: raft.Index(id - 1)}, 1, 1,
		body)}
}

func TestCommitterGroups(t *testing.T) {
	defer goleak.VerifyNone(t)
	g := newGate()
	said := make(chan answer, 9)
	c := store.NewCommitter(g, func(id raft.WriteID, err error) { said <- answer{id, err} })
	type batch struct{ entries, bytes int }
	var seen []batch
	c.Observe(func(entries, bytes int, _, _ time.Duration) {
		seen = append(seen, batch{entries, bytes})
	})
	c.Submit(one(1))
	if ids := <-g.begun; !slices.Equal(ids, []raft.WriteID{1}) {
		t.Fatalf("the first batch is %v", ids)
	}
	for id := raft.WriteID(2); id <= 4; id++ { // while the first one is being synced
		c.Submit(one(id))
	}
	if n := c.Waiting(); n != 3 {
		t.Errorf("%d writes wait, want 3", n)
	}
	g.pass <- nil
	if a := <-said; a != (answer{1, nil}) {
		t.Errorf("first %+v was said", a)
	}
	if ids := <-g.begun; !slices.Equal(ids, []raft.WriteID{2, 3, 4}) {
		t.Fatalf("the second batch is %v", ids)
	}
	g.pass <- nil
	c.Close()
	if a := <-said; a != (answer{4, nil}) || len(said) > 0 {
		t.Errorf("then %+v was said, and %d more", a, len(said))
	}
	if want := []batch{{1, 4}, {3, 12}}; !slices.Equal(seen, want) {
		t.Errorf("observed %v, want %v", seen, want)
	}
	if im, err := g.Load(); err != nil || len(im.Entries) != 4 {
		t.Errorf("%d entries, %v", len(im.Entries), err)
	}
}

func TestCommitterFails(t *testing.T) {
	defer goleak.VerifyNone(t)
	g := newGate()
	said := make(chan answer, 9)
	c := store.NewCommitter(g, func(id raft.WriteID, err error) { said <- answer{id, err} })
	c.Submit(one(1))
	<-g.begun
	c.Submit(one(2))
	broken := errors.New("broken")
	g.pass <- broken
	if a := <-said; a != (answer{1, broken}) {
		t.Errorf("%+v was said", a)
	}
	c.Submit(one(3))
	c.Close()
	if len(said) > 0 {
		t.Errorf("after the failure %+v was said", <-said)
	}
}

func TestCommitterClosesEmptyHanded(t *testing.T) {
	defer goleak.VerifyNone(t)
	c := store.NewCommitter(store.NewMemory(), func(id raft.WriteID, err error) {
		t.Errorf("%d, %v was said", id, err)
	})
	c.Close()
	c.Submit(one(1)) // nobody is there to take it, and nobody waits
	c.Close()
}

// TestCommitterOnCloseWrites closes while much waits: all of it is written first.
func TestCommitterOnCloseWrites(t *testing.T) {
	defer goleak.VerifyNone(t)
	g := newGate()
	last := raft.WriteID(0)
	c := store.NewCommitter(g, func(id raft.WriteID, err error) {
		if err != nil {
			t.Error(err)
		}
		last = id
	})
	const n = 40_000 // more than one batch holds
	c.Submit(one(1))
	<-g.begun
	for id := raft.WriteID(2); id <= n; id++ {
		c.Submit(one(id))
	}
	closed := make(chan bool)
	go func() { c.Close(); close(closed) }()
	for batches := 1; ; batches++ {
		g.pass <- nil
		select {
		case ids := <-g.begun:
			if len(ids) > 1<<14 {
				t.Errorf("a batch of %d", len(ids))
			}
		case <-closed:
			if last != n || batches != 4 {
				t.Errorf("the last write said is %d of %d, in %d batches", last, n, batches)
			}
			return
		}
	}
}

// TestCommitterIsBounded hangs the disk: the node is stopped before memory runs out.
func TestCommitterIsBounded(t *testing.T) {
	defer goleak.VerifyNone(t)
	g := newGate()
	said := make(chan answer, 9)
	c := store.NewCommitter(g, func(id raft.WriteID, err error) { said <- answer{id, err} })
	c.Submit(one(1))
	<-g.begun
	for id := raft.WriteID(2); id < store.MaxWaiting+9; id++ {
		c.Submit(raft.Write{ID: id})
	}
	if n := c.Waiting(); n != store.MaxWaiting {
		t.Errorf("%d writes wait", n)
	}
	g.pass <- nil
	<-said
	if a := <-said; a != (answer{2, store.ErrTooMany}) {
		t.Errorf("%+v was said", a)
	}
	c.Close()
}
