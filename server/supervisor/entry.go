package supervisor

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of a client's request: how long it may take to come in, and how long a node may take
// to answer it.
const (
	readTime   = 30 * time.Second
	answerTime = 8 * time.Second
)

// errPaused and errGone say why a node that was asked gives no answer.
var (
	errPaused = errors.New("it was paused before it answered")
	errGone   = errors.New("it ended before it answered")
)

// leaderOf finds who leads, of all that say so the one of the highest term; nil for nobody.
func leaderOf(st *trace.State) (leader *trace.NodeState) {
	for i := range st.Nodes {
		n := &st.Nodes[i]
		if n.Alive && n.Role == raft.Leader && (leader == nil || n.Term > leader.Term) {
			leader = n
		}
	}
	return leader
}

// entry gives the node that clients are passed on to: the leader if one is known and up, else any
// node that is up; 0 for none. The context ends when the node can answer no more.
func (s *Supervisor) entry() (raft.NodeID, context.Context) {
	leader := leaderOf(s.hub.State())
	s.mu.Lock()
	defer s.mu.Unlock()
	var best *process
	for _, id := range s.roster.ids() {
		p := s.nodes[id]
		if p.cmd == nil || p.paused {
			continue
		}
		if best == nil || leader != nil && leader.ID == id {
			best = p
		}
	}
	if best == nil {
		return 0, context.Background()
	}
	return best.id, best.works
}

// asked is the node to which a request is passed on; its key finds it in the request's context.
type (
	asked    struct{ id raft.NodeID }
	askedKey struct{}
)

// newProxy makes what passes requests on.
func (f *front) newProxy() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite:      f.rewrite,
		ErrorHandler: f.failed,
		Transport: &http.Transport{ResponseHeaderTimeout: answerTime,
			MaxIdleConnsPerHost: 256, DisableCompression: true},
	}
}

// pass passes a request on to a node, and gives it up when that node can answer no more.
func (f *front) pass(w http.ResponseWriter, r *http.Request) {
	id, works := f.super.entry()
	ctx, cancel := context.WithTimeout(r.Context(), readTime+answerTime)
	defer cancel()
	ctx, giveUp := context.WithCancelCause(context.WithValue(ctx, askedKey{}, asked{id}))
	defer giveUp(nil)
	stop := context.AfterFunc(works, func() { giveUp(context.Cause(works)) })
	defer stop()
	f.proxy.ServeHTTP(w, r.WithContext(ctx))
}

// rewrite sends a request to its node. The page's origin was judged here; the node knows only its
// own.
func (f *front) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme = "http"
	r.Out.URL.Host = "127.0.0.1:0" // nobody is there: failed says so
	if a, ok := r.In.Context().Value(askedKey{}).(asked); ok && a.id != 0 {
		r.Out.URL.Host = f.super.roster.addr(a.id)
	}
	r.Out.Host = r.Out.URL.Host
	r.Out.Header.Del("Origin")
	r.Out.Header.Del("Referer")
	r.Out.Header.Del(wire.HeaderForwarded) // for members among themselves
}

// failed answers for a node that did not.
func (f *front) failed(w http.ResponseWriter, r *http.Request, err error) {
	body := wire.ErrorBody{Error: "no node of the cluster can be reached", Outcome: "refused"}
	status := http.StatusServiceUnavailable
	why := context.Cause(r.Context())
	halted := errors.Is(why, errPaused) || errors.Is(why, errGone)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		body.Error, status = "the value is over 1 MiB", http.StatusRequestEntityTooLarge
	case r.Method != http.MethodGet && !neverSent(err):
		body.Error, status = "the node went away before it answered; what became of the request "+
			"is unknown", http.StatusGatewayTimeout
		if halted {
			body.Error = "the node was asked, and " + why.Error() +
				"; what became of the request is unknown"
		}
		body.Outcome = "unknown"
	case halted:
		body.Error = "the node was asked, and " + why.Error()
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
