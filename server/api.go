package server

import (
	"context"
	"io"
	"net/http"
	"net/http/pprof"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/server/wire"
)

const kvPath = "/v1/kv/"

// routes gives the handler of the port, behind the Guard.
func (s *Server) routes() http.Handler {
	g, mux := s.guard, http.NewServeMux()
	client := func(pattern string, f http.HandlerFunc) { mux.Handle(pattern, g.Client(f)) }
	client("POST /v1/ledger", s.serveAppend)
	client("GET /v1/ledger/{index}", s.serveEntry)
	client("POST /v1/call/{name}", s.serveCall)
	client("GET /v1/status", s.serveStatus)
	client("GET /metrics", s.meter.handler().ServeHTTP)
	mux.HandleFunc("GET /healthz", s.serveHealth)
	mux.Handle("GET /v1/peer", g.Member(http.HandlerFunc(s.servePeer)))
	mux.Handle("GET /v1/stream", g.Member(http.HandlerFunc(s.serveStream)))
	mux.Handle("POST /v1/admin/cut", g.Admin(s.faults(s.serveCut)))
	mux.Handle("POST /v1/admin/campaign", g.Admin(s.faults(s.serveCampaign)))
	mux.Handle("POST /v1/admin/transfer", g.Admin(http.HandlerFunc(s.serveTransfer)))
	mux.Handle("POST /v1/admin/change", g.Admin(http.HandlerFunc(s.serveChange)))
	mux.Handle("GET /debug/pprof/", g.Admin(http.HandlerFunc(pprof.Index)))
	mux.Handle("GET /debug/pprof/profile", g.Admin(http.HandlerFunc(pprof.Profile)))
	mux.Handle("GET /debug/pprof/trace", g.Admin(http.HandlerFunc(pprof.Trace)))
	for _, m := range s.mounted {
		mux.Handle(m.pattern, m.handler)
	}
	return Keys(g.Client(http.HandlerFunc(s.serveKV)), http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if _, pattern := mux.Handler(r); pattern == "" {
				s.nowhere(w, r, mux)
				return
			}
			mux.ServeHTTP(w, r)
		}))
}

// Keys hands requests for keys to kv and all others to next. A key is the rest of the path as it
// was written, unescaped once: keys are any text, and a mux would clean slashes and dots out of
// them, and send who asks for a//b to the other key a/b. So it stands before every mux.
func Keys(kv, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), kvPath) {
			kv.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// nowhere answers what no route takes, as JSON.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var allowed []string
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		try := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(try); pattern != "" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		s.problem(w, &Problem{Status: http.StatusMethodNotAllowed, Text: quote(r.Method) +
			" is not for this path; allowed is " + strings.Join(allowed, ", ")})
		return
	}
	s.problem(w, &Problem{Status: http.StatusNotFound, Text: "there is nothing at " +
		quote(r.URL.Path)})
}

// serveKV answers PUT, GET and DELETE of /v1/kv/KEY.
func (s *Server) serveKV(w http.ResponseWriter, r *http.Request) {
	cmd, err := kvCommand(r)
	var body []byte
	if err == nil && cmd.Op == machine.OpPut {
		var release func()
		body, release, err = s.body(r)
		defer release()
		cmd.Value = string(body)
	}
	if err != nil {
		s.problem(w, err)
		return
	}
	s.answer(w, r, body, func(ctx context.Context, p ClientProtocol) error {
		place, res, err := p.Do(ctx, cmd)
		if err != nil {
			return err
		}
		if !res.Found && cmd.Op != machine.OpPut {
			return &Problem{Status: http.StatusNotFound, Text: "there is no key " + quote(cmd.Key),
				Index: place.Index, Term: place.Term}
		}
		putPlace(w, place.Index, place.Term)
		if cmd.Op == machine.OpGet {
			writeBody(w, []byte(res.Value))
		} else {
			writeJSON(w, http.StatusOK, Written{Index: place.Index, Term: place.Term})
		}
		return nil
	})
}

// Written is the JSON of a write that succeeded.
type Written struct {
	Index raft.Index `json:"index"`
	Term  raft.Term  `json:"term"`
	// Pos is, of an append to the ledger, the body's byte position.
	Pos *uint64 `json:"pos,omitempty,string"`
}

// kvCommand reads the command that a request is.
func kvCommand(r *http.Request) (c machine.Command, err error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		c.Op = machine.OpGet
	case http.MethodPut:
		c.Op = machine.OpPut
	case http.MethodDelete:
		c.Op = machine.OpDelete
	default:
		return c, &Problem{Status: http.StatusMethodNotAllowed, Text: quote(r.Method) +
			" is not for keys; allowed is GET, PUT, DELETE"}
	}
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), kvPath))
	if err != nil {
		return c, badRequest("the key is malformed: " + err.Error())
	}
	c.Key = key
	if len(key) > MaxKey {
		return c, tooLarge("the key", len(key), MaxKey)
	}
	return c, session(r, &c)
}

// session reads the headers by which a repeated request is known.
func session(r *http.Request, c *machine.Command) error {
	id, seq := r.Header.Get(wire.HeaderSession), r.Header.Get(wire.HeaderSeq)
	if id == "" && seq == "" {
		return nil
	}
	u, err := uuid.Parse(id)
	if err != nil || u == uuid.Nil {
		return badRequest(wire.HeaderSession + " is no UUID")
	}
	n, err := strconv.ParseUint(seq, 10, 64)
	if err != nil || n == 0 {
		return badRequest(wire.HeaderSeq + " is no number from 1")
	}
	c.Session, c.Seq = u, n
	return nil
}

// body reads a request's body, within the bound on the bytes of all that are open. release must be
// called when the request is over.
func (s *Server) body(r *http.Request) (b []byte, release func(), err error) {
	size := r.ContentLength
	if size < 0 || size > MaxValue {
		size = MaxValue
	}
	release = func() { s.bodies.Add(-size) }
	if s.bodies.Add(size) > s.cfg.MaxBytes {
		return nil, release, refused(raft.WhyTooMany, 0)
	}
	b, err = io.ReadAll(r.Body)
	if err == nil {
		return b, release, nil
	}
	if p := problemOf(err); p.Status == http.StatusRequestEntityTooLarge {
		return nil, release, p
	}
	return nil, release, badRequest("reading the body: " + err.Error())
}

// serveAppend answers POST /v1/ledger.
func (s *Server) serveAppend(w http.ResponseWriter, r *http.Request) {
	body, release, err := s.body(r)
	defer release()
	if err != nil {
		s.problem(w, err)
		return
	}
	s.answer(w, r, body, func(ctx context.Context, p ClientProtocol) error {
		place, err := p.Append(ctx, body)
		if err != nil {
			return err
		}
		putPlace(w, place.Index, place.Term)
		w.Header().Set(wire.HeaderPos, strconv.FormatUint(place.Pos, 10))
		writeJSON(w, http.StatusOK, Written{Index: place.Index, Term: place.Term, Pos: &place.Pos})
		return nil
	})
}

// serveEntry answers GET /v1/ledger/INDEX: from here unless it is no longer kept here.
func (s *Server) serveEntry(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.ParseUint(r.PathValue("index"), 10, 64)
	if err != nil || i == 0 {
		s.problem(w, badRequest("the index "+quote(r.PathValue("index"))+" is no number from 1"))
		return
	}
	read := func(ctx context.Context, p ClientProtocol) error {
		place, body, err := p.Entry(ctx, raft.Index(i))
		if err != nil {
			return err
		}
		putPlace(w, place.Index, place.Term)
		w.Header().Set(wire.HeaderPos, strconv.FormatUint(place.Pos, 10))
		writeBody(w, body)
		return nil
	}
	s.answer(w, r, nil, read)
}

// serveCall answers POST /v1/call/NAME, at this node.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request) {
	body, release, err := s.body(r)
	defer release()
	if err != nil {
		s.problem(w, err)
		return
	}
	s.local(w, r, func(ctx context.Context, p ClientProtocol) error {
		out, err := p.Call(ctx, r.PathValue("name"), body)
		if err == nil {
			writeBody(w, out)
		}
		return err
	})
}

// local answers here.
func (s *Server) local(w http.ResponseWriter, r *http.Request,
	do func(context.Context, ClientProtocol) error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Timeout)
	defer cancel()
	if err := do(ctx, clientHandler{s}); err != nil {
		s.problem(w, err)
	}
}

func writeBody(w http.ResponseWriter, b []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff") // a value is never a page of ours
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b) // what cannot be written any more is the client's loss
}
