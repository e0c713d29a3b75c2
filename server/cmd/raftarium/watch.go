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

// watch lets viewers attach to this node and see the whole cluster. The hub that listens to the other
// nodes begins with the first viewer. Nobody acts from here: faults belong to who started the nodes.
type watch struct {
	cfg   server.Config
	guard *server.Guard
	once  sync.Once
	hub   *hub.Hub
}

// ServeHTTP implements http.Handler.
func (w *watch) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.once.Do(func() {
		var members []trace.Member
		for _, id := range slices.Sorted(maps.Keys(w.cfg.Members)) {
			members = append(members, trace.Member{ID: id, Name: id.String(),
				Address: w.cfg.Members[id]})
		}
		w.hub = hub.New(hub.Config{Cluster: w.cfg.Cluster, Members: members, Secret: w.cfg.Secret,
			Store: w.cfg.Store, Machine: w.cfg.Machine, Title: "seen from " + w.cfg.ID.String(),
			Build: w.cfg.Build, Raft: raft.DefaultConfig(), May: w.may, Log: w.cfg.Log})
	})
	w.hub.ServeHTTP(rw, r)
}

func (w *watch) may(v hub.Visitor) string {
	return "a node started by 'raftarium serve' lets viewers watch only"
}
