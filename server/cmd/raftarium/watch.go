package main

import (
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/hub"
)

// watch lets viewers attach to this node and see the whole cluster. The hub that listens to the
// other nodes begins with the first viewer. Nobody acts from here: faults belong to who started
// the nodes.
type watch struct {
	cfg  server.Config
	mu   sync.Mutex
	hub  *hub.Hub
	over bool
}

// ServeHTTP implements http.Handler.
func (w *watch) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := w.open()
	if h == nil {
		http.Error(rw, "the server is shutting down", http.StatusServiceUnavailable)
		return
	}
	h.ServeHTTP(rw, r)
}

// open gives the hub, beginning it if need be; nil when the node is shutting down.
func (w *watch) open() *hub.Hub {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || w.hub != nil {
		return w.hub
	}
	var members []trace.Member
	for _, id := range slices.Sorted(maps.Keys(w.cfg.Members)) {
		members = append(members, trace.Member{ID: id, Name: id.String(),
			Address: w.cfg.Members[id]})
	}
	w.hub = hub.New(hub.Config{Cluster: w.cfg.Cluster, Members: members, Secret: w.cfg.Secret,
		Store: w.cfg.Store, Machine: w.cfg.Machine, Title: "seen from " + w.cfg.ID.String(),
		Build: w.cfg.Build, Raft: raft.DefaultConfig(), May: mayWatch, Log: w.cfg.Log})
	return w.hub
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
