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
	f.proxy = &httputil.ReverseProxy{
		Rewrite:      f.rewrite,
		ErrorHandler: f.failed,
		Transport: &http.Transport{ResponseHeaderTimeout: 8 * time.Second,
			MaxIdleConnsPerHost: 256, DisableCompression: true},
	}
	mux := http.NewServeMux()
	mux.Handle("/", static.Handler())
	mux.HandleFunc("GET /v1/watch", func(w http.ResponseWriter, r *http.Request) {
		s.hub.ServeHTTP(w, r)
	})
	mux.Handle("GET /v1/status", f.guard.Client(http.HandlerFunc(f.status)))
	mux.HandleFunc("GET /healthz", f.health)
	mux.HandleFunc("/v1/", f.unknown)
	for _, path := range []string{"/v1/kv/", "/v1/ledger", "/v1/ledger/", "/v1/call/", "/metrics"} {
		mux.Handle(path, f.guard.Client(f.proxy))
	}
	f.http = &http.Server{Handler: f.guard.Wrap(mux), ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
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

// entry gives the node that clients are passed on to: the leader if one is known and up, else any
// node that is up; 0 for none.
func (s *Supervisor) entry() raft.NodeID {
	st := s.hub.State()
	s.mu.Lock()
	defer s.mu.Unlock()
	best, term, leads := raft.NodeID(0), raft.Term(0), false
	for _, id := range s.cluster.ids() {
		p := s.nodes[id]
		if p.cmd == nil || p.paused {
			continue
		}
		n := st.Node(id)
		lead := n != nil && n.Alive && n.Role == raft.Leader
		if best == 0 || lead && (!leads || n.Term > term) {
			best, leads = id, lead
			if lead {
				term = n.Term
			}
		}
	}
	return best
}

// rewrite sends a request to a node. The page's origin was judged here; the node knows only its
// own.
func (f *front) rewrite(r *httputil.ProxyRequest) {
	id := f.super.entry()
	r.Out.URL.Scheme = "http"
	r.Out.URL.Host = "127.0.0.1:0" // nobody is there: failed says so
	if id != 0 {
		r.Out.URL.Host = f.super.cluster.addr(id)
	}
	r.Out.Host = r.Out.URL.Host
	r.Out.Header.Del("Origin")
	r.Out.Header.Del("Referer")
	r.Out.Header.Del(server.HeaderForwarded) // for members among themselves
}

// failed answers for a node that did not.
func (f *front) failed(w http.ResponseWriter, r *http.Request, err error) {
	body := server.ErrorBody{Error: "no node of the cluster can be reached", Outcome: "refused"}
	status := http.StatusServiceUnavailable
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		body.Error, status = "the value is over 1 MiB", http.StatusRequestEntityTooLarge
	case r.Method != http.MethodGet && !neverSent(err):
		body.Error, status = "the node went away before it answered; what became of the request "+
			"is unknown", http.StatusGatewayTimeout
		body.Outcome = "unknown"
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	answer(w, status, body)
}

// neverSent reports whether a request surely did not reach a node.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (f *front) unknown(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusNotFound, server.ErrorBody{Error: "there is nothing at " + r.URL.Path,
		Outcome: "refused"})
}

func (f *front) health(w http.ResponseWriter, _ *http.Request) {
	if f.super.entry() == 0 {
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusServiceUnavailable,
			server.ErrorBody{Error: "no node of the cluster is up", Outcome: "refused"})
		return
	}
	answer(w, http.StatusOK, map[string]bool{"ok": true})
}

// status tells how all nodes stand, as the hub knows it.
func (f *front) status(w http.ResponseWriter, _ *http.Request) {
	s, st := f.super, f.super.hub.State()
	m := server.Metadata{Cluster: s.cluster.UUID, Machine: s.cfg.Machine, Store: s.cfg.Store}
	term := raft.Term(0)
	for i := range st.Nodes {
		n := &st.Nodes[i]
		m.Nodes = append(m.Nodes, nodeStatus(n, s.cfg.Store))
		m.Members = append(m.Members, server.MemberStatus{ID: n.ID, Name: n.ID.String(),
			Address: s.cluster.addr(n.ID)})
		if n.Alive && n.Role == raft.Leader && n.Term >= term {
			m.Leader, term = &n.ID, n.Term
		}
		m.Term = max(m.Term, n.Term)
	}
	answer(w, http.StatusOK, m)
}

func nodeStatus(n *trace.NodeState, store string) server.NodeStatus {
	ns := server.NodeStatus{ID: n.ID, Name: n.ID.String(), Role: n.Role.String(), Term: n.Term,
		CommitIndex: n.Commit, LastApplied: n.Applied, LastIndex: n.Log.Last().Index,
		SnapshotIndex: n.Snapshot.Index, Alive: n.Alive && !n.Silent, Paused: n.Paused,
		Store: store}
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
