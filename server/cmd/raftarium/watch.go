package main

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/hub"
)

// watch lets viewers attach to this node and see the whole cluster. The hub that listens to the
// other nodes begins with the first viewer. Nobody acts from here: faults belong to who started
// the nodes.
type watch struct {
	cfg    server.Config
	server *server.Server
	mu     sync.Mutex
	hub    *hub.Hub
	over   bool
}

// ServeHTTP implements http.Handler.
func (w *watch) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := w.open()
	if h == nil {
		http.Error(rw, "the server is shutting down", http.StatusServiceUnavailable)
		return
	}
	done := make(chan struct{})
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		w.follow(h, done)
	}()
	defer func() { close(done); <-followed }()
	h.ServeHTTP(rw, r)
}

// open gives the hub, beginning it if need be; nil when the node is shutting down.
func (w *watch) open() *hub.Hub {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || w.hub != nil {
		return w.hub
	}
	w.hub = hub.New(hub.Config{Cluster: w.cfg.Cluster, Members: w.members(), Secret: w.cfg.Secret,
		Store: w.cfg.Store, Machine: w.cfg.Machine, Title: "seen from " + w.cfg.ID.String(),
		Build: w.cfg.Build, Raft: raft.DefaultConfig(), May: mayWatch, Log: w.cfg.Log})
	return w.hub
}

// members lists who takes part by now, and this node.
func (w *watch) members() (ms []trace.Member) {
	own := w.cfg.ID
	ms = []trace.Member{{ID: own, Name: own.String(), Address: cmp.Or(w.cfg.Members[own],
		w.cfg.Joined[own])}}
	for _, m := range w.server.Metadata().Members {
		if m.ID != own {
			ms = append(ms, trace.Member{ID: m.ID, Name: m.Name, Address: m.Address})
		}
	}
	slices.SortFunc(ms, func(a, b trace.Member) int { return cmp.Compare(a.ID, b.ID) })
	return ms
}

// followTime is how often the hub of a node is told who takes part, while it has viewers.
const followTime = 500 * time.Millisecond

// follow lets a hub listen to those who come to take part.
func (w *watch) follow(h *hub.Hub, done <-chan struct{}) {
	t := time.NewTicker(followTime)
	defer t.Stop()
	for {
		for _, m := range w.members() {
			h.Join(m)
		}
		select {
		case <-t.C:
		case <-done:
			return
		}
	}
}

// close ends the hub; its viewers are told.
func (w *watch) close() {
	w.mu.Lock()
	h := w.hub
	w.hub, w.over = nil, true
	w.mu.Unlock()
	if h != nil {
		h.Close()
	}
}

// mayWatch says why viewers may only watch.
func mayWatch(hub.Visitor) string {
	return "a node started by 'raftarium serve' lets viewers watch only"
}
