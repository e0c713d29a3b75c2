package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/server/wire"
)

// alone starts a cluster of one in memory, that ends with the test.
func alone(f *testing.F) *Server {
	f.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	s, err := New(Config{Cluster: uuid.UUID{7}, ID: 1, Store: "memory", Secret: "a secret of 16 bytes",
		Members: map[raft.NodeID]string{1: l.Addr().String()}, Listener: l, AllowFaults: true,
		Timeout: 300 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	echo := func(_ context.Context, b []byte) ([]byte, error) { return b, nil }
	if err := s.Handle("echo", echo); err != nil {
		f.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			f.Error(err)
		}
	})
	return s
}

// works fails the test if the server has broken down.
func works(t *testing.T, s *Server) {
	t.Helper()
	select {
	case <-s.Failed():
		t.Fatalf("the server has broken down: %v", s.Err())
	default:
	}
}

// FuzzRequest sends any request to the port. The answer is what was asked for, or says as JSON why
// not; it is never our own fault, and the server goes on.
func FuzzRequest(f *testing.F) {
	s := alone(f)
	h := s.guard.Wrap(s.routes())
	for _, text := range []string{
		"PUT /v1/kv/a%2Fb HTTP/1.1\nX-Raftarium-Session: 11111111-1111-4111-8111-111111111111\n" +
			"X-Raftarium-Seq: 1\nContent-Length: 1\n\nx",
		"GET /v1/kv/a HTTP/1.1\n\n", "DELETE /v1/kv/a HTTP/1.1\n\n", "GET /v1/kv/%zz HTTP/1.1\n\n",
		"POST /v1/ledger HTTP/1.1\nContent-Length: 2\n\nhi", "GET /v1/ledger/2 HTTP/1.1\n\n",
		"POST /v1/call/echo HTTP/1.1\nTransfer-Encoding: chunked\n\n1\na\n0\n\n",
		"GET /v1/status HTTP/1.1\nOrigin: http://evil\n\n", "GET /healthz HTTP/1.1\n\n",
		"POST /v1/admin/cut HTTP/1.1\nContent-Length: 23\n\n{\"to\":[2],\"from\":[3,4]}",
		"POST /v1/admin/transfer HTTP/1.1\nContent-Length: 10\n\n{\"node\":1}",
		"POST /v1/admin/change HTTP/1.1\nContent-Length: 23\n\n{\"vote\":[1],\"learn\":[2]}",
		"POST /v1/admin/campaign HTTP/1.1\n\n", "GET /metrics HTTP/1.1\n\n",
		"GET /v1/peer?from=2 HTTP/1.1\nUpgrade: websocket\n\n", "GET //v1/../kv/ HTTP/1.0\n\n",
	} {
		f.Add([]byte(strings.ReplaceAll(text, "\n", "\r\n")), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, strange bool) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil || strings.HasPrefix(r.URL.Path, "/debug/") || elsewhere(r) {
			return // profiles take their time, and other machines are not dialled
		}
		r.RemoteAddr = "127.0.0.1:9"
		if !strange {
			r.Host = s.Addr().String()
			r.Header.Set("Authorization", "Bearer "+s.cfg.Secret)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		works(t, s)
		honest(t, r, w)
	})
}

// elsewhere reports whether a request names servers of other machines. It leaves the body as it was.
func elsewhere(r *http.Request) bool {
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(b), failing{err}))
	var c wire.ChangeRequest
	_ = json.NewDecoder(bytes.NewReader(b)).Decode(&c)
	return outside(c.Addresses)
}

// outside reports whether an address is not of this machine.
func outside(addresses map[raft.NodeID]string) bool {
	for _, a := range addresses {
		if a != "" && !strings.HasPrefix(a, "127.0.0.1:") {
			return true
		}
	}
	return false
}

// failing is a body that ends as another did.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// honest holds what every answer must be.
func honest(t *testing.T, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	switch {
	case w.Code == http.StatusInternalServerError:
		t.Errorf("%s %q is answered %d %s", r.Method, r.URL, w.Code, w.Body)
	case w.Code < 400 || r.Method == http.MethodHead || strings.HasPrefix(r.URL.Path, "/v1/peer") ||
		strings.HasPrefix(r.URL.Path, "/v1/stream"):
		return
	}
	var e wire.ErrorBody
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.Error == "" {
		t.Errorf("%s %q is answered %d with no reason: %q", r.Method, r.URL, w.Code, w.Body)
	}
	if len(e.Error) > 1000 {
		t.Errorf("a reason of %d bytes", len(e.Error))
	}
}

// FuzzPeer says any hello to a server and then sends it any message. What is not of its cluster, or
// not of who says that it sends it, is refused with a reason, and the server goes on.
func FuzzPeer(f *testing.F) {
	s := alone(f)
	hello := PeerHello{Version: peerVersion, Group: uint64(s.cfg.Raft.Group), Cluster: s.cfg.Cluster,
		From: 2, Boot: 1, Address: "127.0.0.1:1", Addresses: map[raft.NodeID]string{3: "127.0.0.1:2"}}
	good, err := json.Marshal(hello)
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range tracetest.Bodies() {
		m := tracetest.Message(b)
		m.Group, m.From, m.FromBoot, m.To = s.cfg.Raft.Group, 2, 1, 1
		f.Add(good, trace.AppendMessage(nil, &m))
	}
	f.Add([]byte(`{"version":1,"group":"1","from":-1}`), []byte{})
	f.Add([]byte(fmt.Sprintf(`{"addresses":{%s}}`, strings.Repeat(`"7":"",`, 9))), []byte{0})
	f.Fuzz(func(t *testing.T, greeting, frame []byte) {
		p := peerHandler{s}
		h, err := decodeHello(greeting)
		if outside(h.Addresses) || outside(map[raft.NodeID]string{h.From: h.Address}) {
			return
		}
		if err == nil {
			err = p.Greet(h)
		}
		if err != nil {
			closeReason(err)
			h = hello
		}
		if n := len(s.book.all()); n > maxPages {
			t.Fatalf("it believes where %d servers are", n)
		}
		m, err := trace.DecodeMessage(frame)
		if _, snapshot := m.Body.(*raft.InstallSnapshot); err != nil || snapshot {
			return // what a member's machine saved is believed: who cannot load it stops
		}
		if err := p.Receive(h, m); err != nil {
			closeReason(err)
			m.From, m.FromBoot, m.To, m.ID = h.From, h.Boot, 1, 1
			m.Group = s.cfg.Raft.Group
			if err := p.Receive(h, m); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan struct{}) // its turn is over
		s.node.do(done, func(raft.Time) {})
		works(t, s)
	})
}
