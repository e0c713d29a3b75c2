package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
	"github.com/raftarium/raftarium/server/wire"
)

// patience bounds every wait of these tests.
const patience = 40 * time.Second

// served is a cluster of processes that were started by hand.
type served struct {
	t     *testing.T
	addrs []string
	procs []*exec.Cmd
}

// freeAddresses finds three addresses on which nobody listens.
func freeAddresses(t *testing.T) (addrs []string) {
	t.Helper()
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // when all are found, so that they differ
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

// serveThree starts three nodes. Their standard input ends with the tests, and they with it.
func serveThree(t *testing.T) *served {
	t.Helper()
	s := &served{t: t}
	dir, peers := t.TempDir(), []string{}
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("0123456789abcdef0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.addrs = freeAddresses(t)
	for i, addr := range s.addrs {
		peers = append(peers, fmt.Sprintf("%d=%s", i+1, addr))
	}
	for i := range 3 {
		cmd := exec.Command(os.Args[0], "serve", "--id", fmt.Sprint(i+1), "--peers",
			strings.Join(peers, ","), "--cluster", "5b0f9a4e-6a59-4a0c-9a57-0d8b0c7a4a11",
			"--secret-file", secret, "--data", filepath.Join(dir, fmt.Sprint(i+1)), "--with-parent")
		cmd.Env = append(os.Environ(), asProgram+"=1")
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		s.procs = append(s.procs, cmd)
		t.Cleanup(func() {
			_ = in.Close()
			_ = cmd.Wait() // a killed one has an error
		})
	}
	return s
}

// put writes through one node until it is answered well.
func (s *served) put(node int, key, value string) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		req, err := http.NewRequest("PUT", "http://"+s.addrs[node-1]+"/v1/kv/"+key,
			strings.NewReader(value))
		if err != nil {
			s.t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			s.t.Fatalf("a write through S%d: %v %v", node, res, err)
		}
	}
}

// visitor folds what a node shows.
type visitor struct {
	t      *testing.T
	conn   *websocket.Conn
	remote *wire.Remote
	state  trace.State
	last   []trace.Event
}

func (s *served) visit(node int) *visitor {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+s.addrs[node-1]+"/v1/watch", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	conn.SetReadLimit(wire.MaxDown)
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	v := &visitor{t: s.t, conn: conn}
	v.remote = wire.NewRemote(1, func(b []byte) {
		_ = conn.Write(context.Background(), websocket.MessageBinary, b) // reading will tell
	})
	v.remote.Hello("")
	v.remote.Open("")
	return v
}

func (v *visitor) until(what string, ok func() bool) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for !ok() {
		_, frame, err := v.conn.Read(ctx)
		if err == nil {
			err = v.remote.Feed(frame)
		}
		if err != nil {
			v.t.Fatalf("it did not come to this: %s; %v %s %+v", what, err, v.remote.Ended(),
				v.state.Nodes)
		}
		for n := -1; n != 0; {
			v.last, _, _ = v.remote.Next(1<<62, make([]trace.Event, 0, 256))
			for i := range v.last {
				world.Apply(&v.state, nil, &v.last[i])
			}
			n = len(v.last)
		}
	}
}

// whole reads until a leader and its followers are known, all with everything committed.
func (v *visitor) whole(but raft.NodeID) (leader raft.NodeID) {
	v.t.Helper()
	v.until("the cluster is whole", func() bool {
		if len(v.state.Nodes) != 3 {
			return false
		}
		leader = 0
		commit := raft.Index(0)
		for i := range v.state.Nodes {
			n := &v.state.Nodes[i]
			if n.ID == but {
				continue
			}
			if !n.Known || !n.Alive || n.Silent || commit > 0 && n.Commit != commit {
				return false
			}
			if commit = n.Commit; n.Role == raft.Leader {
				leader = n.ID
			}
		}
		return leader != 0
	})
	return leader
}

// TestAnyNodeShowsTheWholeCluster attaches to each of three nodes, and goes on to watch when
// another one, the leader, dies.
func TestAnyNodeShowsTheWholeCluster(t *testing.T) {
	s := serveThree(t)
	s.put(1, "x", "1")
	var leader raft.NodeID
	for node := 1; node <= 3; node++ {
		v := s.visit(node)
		leader = v.whole(0)
		h := v.remote.Header()
		if h.Title != fmt.Sprintf("seen from S%d", node) || h.Caps != 0 ||
			!strings.Contains(h.Why, "watch only") || h.Members[2].Address != s.addrs[2] {
			t.Errorf("the header of S%d is %+v", node, h)
		}
	}
	other := int(leader)%3 + 1
	v := s.visit(other)
	v.whole(0)
	if err := s.procs[leader-1].Process.Kill(); err != nil {
		t.Fatal(err)
	}
	v.until("the dead one is silent, for nobody knows more", func() bool {
		n := v.state.Node(leader)
		return n.Silent && n.Alive
	})
	if next := v.whole(leader); next == leader {
		t.Error("the dead one leads")
	}
	before := v.state.Node(raft.NodeID(other)).Commit
	s.put(other, "x", "2")
	v.until("a write is seen", func() bool { return v.state.Node(raft.NodeID(other)).Commit > before })
	if len(v.state.Broken) > 0 {
		t.Errorf("said to be broken: %+v", v.state.Broken)
	}
	s.ends(v, other)
}

// ends shuts down the node that a visitor watches through.
func (s *served) ends(v *visitor, node int) {
	s.t.Helper()
	if err := s.procs[node-1].Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	v.until("the visitor is told of the end", func() bool {
		return v.remote.Ended() == "the server is shutting down"
	})
	if err := s.procs[node-1].Wait(); err != nil {
		s.t.Errorf("the node ends with %v", err)
	}
}
