package server

import (
	"maps"
	"sync"

	"github.com/raftarium/raftarium/raft"
)

// source is who says where a server is reached, the better one last.
type source uint8

const (
	hearsay source = iota // another server has heard of it
	said                  // it says so itself, or who administers the cluster does
	settled               // this server's configuration
)

// contact is where a server is reached, and by whose word.
type contact struct {
	address string
	by      source
}

// book is where the servers of the cluster are reached. It is lost with the process: what the
// configuration does not hold is learned again, as every server says its own address to those that
// it dials, and those of others with it.
type book struct {
	own     raft.NodeID
	changed func() // somebody is reached elsewhere than before; it is called without the lock

	mu    sync.Mutex
	pages map[raft.NodeID]contact
}

// maxPages bounds the servers in a book: those of a configuration, and as many that are gone.
const maxPages = 2 * raft.MaxMembers

func newBook(c *Config, changed func()) *book {
	b := &book{own: c.ID, changed: changed, pages: map[raft.NodeID]contact{}}
	for _, known := range []map[raft.NodeID]string{c.Members, c.Joined} {
		for id, addr := range known {
			if addr != "" {
				b.pages[id] = contact{addr, settled}
			}
		}
	}
	return b
}

// learn takes a word on where servers are reached. One of the same worth that comes later goes
// before, but hearsay only fills in what is not known.
func (b *book) learn(addresses map[raft.NodeID]string, by source) {
	b.mu.Lock()
	news := false
	for id, addr := range addresses {
		old, known := b.pages[id]
		better := !known && len(b.pages) < maxPages || known && by != hearsay && by >= old.by
		if id == b.own || checkAddress(id, addr) != nil || !better {
			continue
		}
		b.pages[id] = contact{addr, by}
		news = news || old.address != addr
	}
	b.mu.Unlock()
	if news {
		b.changed()
	}
}

// address gives where a server is reached; empty when it is not known.
func (b *book) address(id raft.NodeID) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pages[id].address
}

// all gives the whole book.
func (b *book) all() map[raft.NodeID]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[raft.NodeID]string{}
	for id, c := range maps.All(b.pages) {
		all[id] = c.address
	}
	return all
}
