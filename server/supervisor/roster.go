package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// maxPresent bounds the nodes of a local cluster at one time.
const maxPresent = 16

// roster is which nodes there are and where: those that the cluster began with, until new ones come
// or take the place of others. An id is never given twice. It is safe for several goroutines.
type roster struct {
	dir string // of the cluster; what changes is kept in it before it is true

	mu        sync.Mutex
	held      cluster
	addresses map[raft.NodeID]string
}

// succession is a new node that shall take the place of others, and is not known to have it yet.
type succession struct {
	New  raft.NodeID   `json:"new"`
	Gone []raft.NodeID `json:"gone"`
}

// newRoster finds an address for every node of a cluster.
func newRoster(c cluster) (*roster, error) {
	r := &roster{dir: c.dir, held: c, addresses: map[raft.NodeID]string{}}
	ids := c.ids()
	found, err := freeAddresses(len(ids))
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		r.addresses[id] = found[i]
	}
	return r, nil
}

// ids lists the nodes that there are, sorted.
func (r *roster) ids() []raft.NodeID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held.ids()
}

// names lists them for people.
func (r *roster) names() string {
	ids := r.ids()
	if first, last := ids[0], ids[len(ids)-1]; int(last-first) == len(ids)-1 {
		return fmt.Sprintf("%v to %v", first, last)
	}
	return list(ids)
}

// addr gives where a node is reached; empty when there is none of that id.
func (r *roster) addr(id raft.NodeID) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addresses[id]
}

// member gives a node as viewers know it.
func (r *roster) member(id raft.NodeID) trace.Member {
	return trace.Member{ID: id, Name: id.String(), Address: r.addr(id)}
}

func (r *roster) members() (ms []trace.Member) {
	for _, id := range r.ids() {
		ms = append(ms, r.member(id))
	}
	return ms
}

// peers gives the addresses as the command line of a node has them: of those that the cluster
// began with, and of those that came later. Who is gone has none.
func (r *roster) peers() (began, joined string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var a, b []string
	for i := range r.held.Nodes {
		id := raft.NodeID(i + 1)
		a = append(a, fmt.Sprintf("%d=%s", id, r.addresses[id]))
	}
	for _, id := range r.held.ids() {
		if int(id) > r.held.Nodes {
			b = append(b, fmt.Sprintf("%d=%s", id, r.addresses[id]))
		}
	}
	return strings.Join(a, ","), strings.Join(b, ",")
}

// succeed gives the id of a new node that takes the place of one that is gone for good, and of all
// whose place that one was still to take.
func (r *roster) succeed(old raft.NodeID) (raft.NodeID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next, id := r.held.clone(), r.held.next()
	gone := []raft.NodeID{old}
	next.Successions = slices.DeleteFunc(next.Successions, func(s succession) bool {
		if s.New == old {
			gone = append(s.Gone, old)
		}
		return s.New == old
	})
	next.Successions = append(next.Successions, succession{id, gone})
	next.Present = append(slices.DeleteFunc(r.held.ids(), func(o raft.NodeID) bool {
		return o == old
	}), id)
	if err := r.take(id, next); err != nil {
		return 0, err
	}
	delete(r.addresses, old)
	return id, nil
}

// admit lets a new node come.
func (r *roster) admit(id raft.NodeID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.held.clone()
	switch {
	case id != r.held.next():
		return fmt.Errorf("%v cannot be new: the next free id is %d", id, r.held.next())
	case len(r.held.ids()) >= maxPresent:
		return fmt.Errorf("%v cannot be new: there are %d nodes already", id, maxPresent)
	}
	next.Present = append(r.held.ids(), id)
	return r.take(id, next)
}

// take gives a new node an address and a directory, and keeps what is so from now on. The directory
// comes first: who is without one when the cluster starts again has lost what it knew. The caller
// holds the lock.
func (r *roster) take(id raft.NodeID, next cluster) error {
	found, err := freeAddresses(1)
	if err != nil {
		return err
	}
	if next.Store != "memory" {
		dir := filepath.Join(r.dir, id.String())
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("making the data directory of %v: %w", id, err)
		}
	}
	next.Next = id + 1
	if err := r.keep(next); err != nil {
		return err
	}
	r.addresses[id] = found[0]
	return nil
}

// pending lists the successions that are not known to be over.
func (r *roster) pending() []succession {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.held.Successions)
}

// goneFor lists those whose place a node is to take; none when it has it.
func (r *roster) goneFor(id raft.NodeID) []raft.NodeID {
	for _, s := range r.pending() {
		if s.New == id {
			return s.Gone
		}
	}
	return nil
}

// settled takes note that a node has its place.
func (r *roster) settled(id raft.NodeID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.held.clone()
	next.Successions = slices.DeleteFunc(next.Successions, func(s succession) bool {
		return s.New == id
	})
	return r.keep(next)
}

// keep writes what is so from now on. The caller holds the lock.
func (r *roster) keep(next cluster) error {
	text, err := json.MarshalIndent(next, "", "  ")
	if err == nil {
		err = writeWhole(filepath.Join(r.dir, "cluster.json"), append(text, '\n'), 0o644)
	}
	if err == nil {
		r.held = next
	}
	return err
}
