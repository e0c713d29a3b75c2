package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"strings"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/hub"
	"github.com/raftarium/raftarium/server/wire"
	"github.com/raftarium/raftarium/static"
)

// front serves the page, the viewers, and passes clients on to a node.
type front struct {
	super *Supervisor
	guard *server.Guard
	http  *http.Server
	proxy *httputil.ReverseProxy
}

func newFront(s *Supervisor) (*front, error) {
	f := &front{super: s, guard: &server.Guard{Bind: s.Addr(), Hosts: s.cfg.AllowHosts,
		Origins: s.cfg.AllowOrigins, Token: s.cluster.token, Secret: s.cluster.secret}}
	f.proxy = f.newProxy()
	mux := http.NewServeMux()
	mux.Handle("/", static.Handler())
	mux.HandleFunc("GET /v1/watch", func(w http.ResponseWriter, r *http.Request) {
		s.hub.ServeHTTP(w, r)
	})
	mux.Handle("GET /v1/status", f.guard.Client(http.HandlerFunc(f.status)))
	mux.HandleFunc("GET /healthz", f.health)
	mux.Handle("POST /v1/admin/{what}", f.guard.Admin(http.HandlerFunc(f.admin)))
	mux.HandleFunc("/v1/", f.unknown)
	pass := f.guard.Client(http.HandlerFunc(f.pass))
	for _, path := range []string{"/v1/ledger", "/v1/ledger/", "/v1/call/"} {
		mux.Handle(path, pass)
	}
	mux.Handle("GET /metrics", f.guard.Client(http.HandlerFunc(f.metrics)))
	f.http = &http.Server{Handler: f.guard.Wrap(server.Keys(pass, mux)),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: readTime, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10}
	return f, nil
}

// serve answers until the listener is closed.
func (f *front) serve(l net.Listener) {
	if err := f.http.Serve(l); !errors.Is(err, http.ErrServerClosed) && !f.super.isStopping() {
		f.super.cfg.Log.Error("serving has ended", "err", err)
	}
}

// may says why a viewer may only watch; empty if it may act. A page that this server itself gave to
// a browser on the same machine may act on the cluster that it started.
func (f *front) may(v hub.Visitor) string {
	switch {
	case f.guard.Loopback() && f.guard.Own(v.Request) && onLoopback(v.Request.Host):
		return ""
	case f.guard.Accepts(v.Token) || f.guard.Trusted(v.Request):
		return ""
	case v.Token != "":
		return "this is not the token of this cluster, so this viewer may only watch"
	}
	return "this viewer may only watch; to act it must bring the token that is in " +
		f.super.TokenFile()
}

// onLoopback reports whether a host names this machine itself, and not, by --allow-host,
// something in front of it that others can reach.
func onLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (f *front) unknown(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusNotFound, wire.ErrorBody{Error: "there is nothing at " + r.URL.Path,
		Outcome: "refused"})
}

func (f *front) health(w http.ResponseWriter, _ *http.Request) {
	if id, _ := f.super.entry(); id == 0 {
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusServiceUnavailable,
			wire.ErrorBody{Error: "no node of the cluster is up", Outcome: "refused"})
		return
	}
	answer(w, http.StatusOK, map[string]bool{"ok": true})
}

// status tells how all nodes stand, as the hub knows it, and who takes part, as the leader has it.
func (f *front) status(w http.ResponseWriter, _ *http.Request) {
	s, st := f.super, f.super.hub.State()
	m := wire.Metadata{Cluster: s.cluster.UUID.String(), Machine: s.cfg.Machine, Store: s.cfg.Store}
	var newest *trace.NodeState
	for _, id := range s.roster.ids() {
		n := st.Node(id)
		if n == nil {
			n = &trace.NodeState{ID: id} // it has not said a word yet
		}
		m.Nodes = append(m.Nodes, nodeStatus(n, s.cfg.Store))
		m.Members = append(m.Members, wire.MemberStatus{ID: n.ID, Name: n.ID.String(),
			Address: s.roster.addr(n.ID)})
		m.Term = max(m.Term, n.Term)
		if n.Known && (newest == nil || n.ConfigIndex > newest.ConfigIndex) {
			newest = n
		}
	}
	if leader := leaderOf(st); leader != nil {
		m.Leader, newest = &leader.ID, leader
		if leader.HandsTo != 0 {
			m.Transfer = &leader.HandsTo
		}
	}
	var c raft.Configuration
	if newest != nil {
		c = newest.Configuration()
	}
	m.Configuration = wire.ConfigurationOf(&c)
	answer(w, http.StatusOK, m)
}

func nodeStatus(n *trace.NodeState, store string) wire.NodeStatus {
	ns := wire.NodeStatus{ID: n.ID, Name: n.ID.String(), Role: n.Role.String(), Term: n.Term,
		CommitIndex: n.Commit, LastApplied: n.Applied, LastIndex: n.Log.Last().Index,
		SnapshotIndex: n.Snapshot.Index, Alive: n.Alive && !n.Silent, Paused: n.Paused,
		Doubtful: n.Doubtful, Store: store}
	if n.Vote != 0 {
		ns.VotedFor = &n.Vote
	}
	return ns
}

// close ends the front; requests under way get a moment.
func (f *front) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if f.http.Shutdown(ctx) != nil {
		_ = f.http.Close()
	}
}
