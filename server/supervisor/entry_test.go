package supervisor

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/hub"
)

// TestANodeThatIsPausedIsNotWaitedFor pauses the node to which requests were passed on.
func TestANodeThatIsPausedIsNotWaitedFor(t *testing.T) {
	came, forever := make(chan struct{}), make(chan struct{})
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/kv/x" {
			http.NotFound(w, r) // the hub, which would listen
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		came <- struct{}{}
		<-forever
	}))
	defer node.Close()
	defer close(forever)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	id := uuid.New()
	p := &process{id: 1}
	s := &Supervisor{listener: l, cluster: cluster{UUID: id, Nodes: 1, secret: "members only"},
		nodes: map[raft.NodeID]*process{1: p}, news: make(news, mostNews)}
	s.roster = &roster{held: s.cluster,
		addresses: map[raft.NodeID]string{1: node.Listener.Addr().String()}}
	s.hub = hub.New(hub.Config{Cluster: id, Members: s.roster.members(),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	defer s.hub.Close()
	f, err := newFront(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, outcome string
		status          int
	}{
		{"PUT", "unknown", http.StatusGatewayTimeout},
		{"GET", "refused", http.StatusServiceUnavailable},
	} {
		cmd := exec.Command("sleep", "60")
		if _, err := built.starter.start(cmd); err != nil {
			t.Fatal(err)
		}
		p.begin(cmd)
		r := httptest.NewRequest(test.method, "http://"+s.Addr()+"/v1/kv/x", strings.NewReader("1"))
		w, done := httptest.NewRecorder(), make(chan struct{})
		go func() {
			defer close(done)
			f.http.Handler.ServeHTTP(w, r)
		}()
		<-came
		if err := s.pause(1, true); err != nil {
			t.Fatal(err)
		}
		<-done
		if body := w.Body.String(); w.Code != test.status ||
			!strings.Contains(body, "it was paused before it answered") ||
			!strings.Contains(body, `"outcome":"`+test.outcome+`"`) {
			t.Errorf("%s is answered with %d %s", test.method, w.Code, body)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		p.end()
	}
}
