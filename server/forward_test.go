package server_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// gate stands before a server's port. While it is shut, nothing comes in: to those outside, the
// server is a process that was stopped.
type gate struct {
	mu    sync.Mutex
	open  chan struct{} // closed while it is open
	kept  string        // what came while it was shut
	conns []net.Conn
	over  sync.WaitGroup
}

// newGate serves at l and lets through to an address.
func newGate(l net.Listener, to string) *gate {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	g.over.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			g.mu.Lock()
			g.conns = append(g.conns, in, out)
			g.mu.Unlock()
			g.over.Go(func() { g.let(in, out) })
			g.over.Go(func() {
				_, _ = io.Copy(in, out)
				_ = in.Close()
			})
		}
	})
	return g
}

// let brings what comes from outside in.
func (g *gate) let(in, out net.Conn) {
	defer out.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := in.Read(b)
		if err != nil {
			return
		}
		g.mu.Lock()
		open := g.open
		select {
		case <-open:
		default:
			g.kept += string(b[:n])
		}
		g.mu.Unlock()
		<-open
		if _, err := out.Write(b[:n]); err != nil {
			return
		}
	}
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open, g.kept = make(chan struct{}), ""
}

func (g *gate) unshut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.open)
}

// keeps reports whether a text has come since the gate was shut.
func (g *gate) keeps(text string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Contains(g.kept, text)
}

// gated starts three servers with a gate before each, which would wait for hours.
func gated(t *testing.T) (*cluster, map[raft.NodeID]*gate) {
	t.Helper()
	c := newCluster(t, 0, func(cfg *server.Config) { cfg.Timeout = time.Hour })
	gates := map[raft.NodeID]*gate{}
	for id := raft.NodeID(1); id <= 3; id++ {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		outer, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		c.listen[id], c.members[id] = inner, outer.Addr().String()
		g := newGate(outer, inner.Addr().String())
		gates[id] = g
		t.Cleanup(func() {
			_ = outer.Close()
			for _, conn := range g.conns {
				_ = conn.Close()
			}
			g.over.Wait()
		})
	}
	t.Cleanup(c.stop) // before the gates go
	for id := range c.members {
		c.start(id)
	}
	return c, gates
}

// TestALeaderThatIsStoppedIsNotWaitedFor passes requests on to a leader that takes none, until
// another leads: what may be asked twice is asked there, and of the rest it is said that nobody
// knows. A read waits for an index of that leader, and then of the other.
func TestALeaderThatIsStoppedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	c, gates := gated(t)
	session := []string{wire.HeaderSession, "0191f0a0-0000-7000-8000-000000000002",
		wire.HeaderSeq, "1"}
	c.must(c.leader(), "PUT", "/v1/kv/x", "first")
	for _, test := range []struct {
		name, method, value string
		header              []string
		status              int
		says                string
	}{
		{"a write", "PUT", "second", nil, http.StatusGatewayTimeout, "leads no longer"},
		{"a write of a session", "PUT", "third", session, http.StatusOK, "index"},
		{"a read", "GET", "", nil, http.StatusOK, "third"},
	} {
		c.until(test.name+" is passed on to a leader that is stopped", func() bool {
			leader := c.leader()
			entry := c.follower()
			if entry == leader {
				return false
			}
			gates[leader].shut()
			defer gates[leader].unshut()
			answers := make(chan answer, 1)
			go func() {
				answers <- c.ask(entry, test.method, "/v1/kv/x", test.value, test.header...)
			}()
			var a answer
			select {
			case a = <-answers:
			case <-time.After(patience):
				t.Fatalf("%s waits for a leader that is stopped", test.name)
			}
			if test.method != "GET" && !gates[leader].keeps(test.method+" /v1/kv/x") {
				return false // another led before it came there
			}
			if a.status != test.status || !strings.Contains(a.body, test.says) {
				t.Errorf("%s is answered with %d %s", test.name, a.status, a.body)
			}
			if unknown := a.status == http.StatusGatewayTimeout; unknown !=
				strings.Contains(a.body, `"outcome":"unknown"`) {
				t.Errorf("%s has the outcome %s", test.name, a.body)
			}
			return true
		})
	}
}
