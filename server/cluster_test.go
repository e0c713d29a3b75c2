package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// patience bounds every wait for a state; it is reached only when something is broken.
const patience = 30 * time.Second

// cluster is servers in one process, on loopback, each with a directory of its own.
type cluster struct {
	t       testing.TB
	dir     string
	members map[raft.NodeID]string
	uuid    uuid.UUID
	servers map[raft.NodeID]*server.Server
	adjust  func(*server.Config)
	listen  map[raft.NodeID]net.Listener
	joined  []raft.NodeID // who came later; the others know nothing of it
}

// newCluster makes a cluster of n servers and starts all of them.
func newCluster(t testing.TB, n int, adjust func(*server.Config)) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: t.TempDir(), members: map[raft.NodeID]string{},
		uuid: uuid.MustParse("6f3b2c1a-0d4e-4f5a-8b6c-7d8e9fa0b1c2"), adjust: adjust,
		servers: map[raft.NodeID]*server.Server{}, listen: map[raft.NodeID]net.Listener{}}
	for i := range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		id := raft.NodeID(i + 1)
		c.listen[id], c.members[id] = l, l.Addr().String()
	}
	t.Cleanup(c.stop)
	for i := range n {
		c.start(raft.NodeID(i + 1))
	}
	return c
}

// config gives the configuration of a server.
func (c *cluster) config(id raft.NodeID) server.Config {
	timing := raft.DefaultConfig()
	timing.ElectionMin, timing.ElectionMax = 300*raft.Millisecond, 600*raft.Millisecond
	timing.Heartbeat = 40 * raft.Millisecond
	if len(c.members) == 1 { // it waits for nobody
		timing.ElectionMin, timing.ElectionMax = 30*raft.Millisecond, 60*raft.Millisecond
		timing.Heartbeat = 10 * raft.Millisecond
	}
	began, joined := maps.Clone(c.members), map[raft.NodeID]string{}
	for _, later := range c.joined {
		if later == id {
			joined[id] = c.members[id]
		}
		delete(began, later)
	}
	cfg := server.Config{ID: id, Members: began, Joined: joined, Cluster: c.uuid, Secret: "members only",
		Token: "a token", Dir: filepath.Join(c.dir, id.String()), Raft: timing,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if c.adjust != nil {
		c.adjust(&cfg)
	}
	return cfg
}

// build gives a server that is not started, with a port that is open.
func (c *cluster) build(id raft.NodeID) *server.Server {
	c.t.Helper()
	cfg := c.config(id)
	cfg.Listener = c.listen[id]
	if cfg.Listener == nil {
		c.until("the port of "+id.String()+" is free", func() bool {
			l, err := net.Listen("tcp", c.members[id])
			cfg.Listener = l
			return err == nil
		})
	}
	delete(c.listen, id)
	s, err := server.New(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c *cluster) start(id raft.NodeID) *server.Server {
	c.t.Helper()
	s := c.build(id)
	if err := s.Start(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	c.servers[id] = s
	return s
}

// join starts a server that was not there at the beginning, with nothing.
func (c *cluster) join(id raft.NodeID) *server.Server {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.joined = append(c.joined, id)
	c.listen[id], c.members[id] = l, l.Addr().String()
	return c.start(id)
}

func (c *cluster) shutdown(id raft.NodeID) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.servers[id].Shutdown(ctx); err != nil {
		c.t.Error(err)
	}
	delete(c.servers, id)
}

func (c *cluster) stop() {
	for id := range c.members {
		if c.servers[id] != nil {
			c.shutdown(id)
		}
		if l := c.listen[id]; l != nil {
			_ = l.Close()
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// until waits for a state.
func (c *cluster) until(what string, so func() bool) {
	c.t.Helper()
	until(c.t, what, so)
}

func until(t testing.TB, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// leader waits until all that run follow one of them, which has committed in its term.
func (c *cluster) leader() raft.NodeID {
	c.t.Helper()
	var leader raft.NodeID
	c.until("all follow one leader", func() bool {
		leader = 0
		for _, s := range c.servers {
			st := s.Status()
			if st.Leader == 0 || leader != 0 && st.Leader != leader || c.servers[st.Leader] == nil {
				return false
			}
			leader = st.Leader
		}
		st := c.servers[leader].Status()
		return st.Role == raft.Leader && st.Commit == st.Last.Index
	})
	return leader
}

// follower gives one that does not lead.
func (c *cluster) follower() raft.NodeID {
	c.t.Helper()
	leader := c.leader()
	for id := range c.servers {
		if id != leader {
			return id
		}
	}
	c.t.Fatal("there is no follower")
	return 0
}

// answer is what came of a request.
type answer struct {
	status int
	body   string
	header http.Header
}

// problem reads the body of an answer that is no success.
func (a answer) problem(t *testing.T) wire.ErrorBody {
	t.Helper()
	var b wire.ErrorBody
	if err := json.Unmarshal([]byte(a.body), &b); err != nil || b.Error == "" {
		t.Fatalf("%d with body %q is no JSON error: %v", a.status, a.body, err)
	}
	return b
}

// ask makes a request of a server. Headers come in pairs.
func (c *cluster) ask(id raft.NodeID, method, path, body string, header ...string) answer {
	c.t.Helper()
	return ask(c.t, c.members[id], method, path, body, header...)
}

func ask(t testing.TB, addr, method, path, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequest(method, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		} else {
			req.Header.Add(header[i], header[i+1])
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{body: err.Error()}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{body: err.Error()}
	}
	return answer{resp.StatusCode, string(b), resp.Header}
}

// must makes a request until it succeeds: a cluster under load may change its leader at any time.
func (c *cluster) must(id raft.NodeID, method, path, body string, header ...string) answer {
	c.t.Helper()
	var a answer
	c.until(fmt.Sprintf("%s %s succeeds", method, path), func() bool {
		a = c.ask(id, method, path, body, header...)
		return a.status == http.StatusOK
	})
	return a
}
