// Package supervisor runs a real local cluster: every node is a process of its own, so that a kill
// is a SIGKILL and a pause a SIGSTOP. It serves the page and is the entry to the cluster.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/hub"
)

// restartAfter is how long a node that died by itself stays down; tellTime bounds how long its
// end is waited for to take its place in the order.
const (
	restartAfter = time.Second
	tellTime     = 2 * time.Second
	settleTime   = time.Second // so long the nodes' last words may take to their viewers
)

// Config is what a supervisor is told.
type Config struct {
	Program string // the raftarium program itself
	Dir     string // of the cluster's data
	Listen  string // host:port of the page and the entry
	Nodes   int    // 1 to 9
	Store   string // file or memory
	Machine string // kv or ledger
	Restart bool   // start a node again that died by itself
	// LeaseReads and Preferred are as in raft.Config.
	LeaseReads bool
	Preferred  []raft.NodeID
	Build      string
	Raft       raft.Config

	AllowHosts   []string
	AllowOrigins []string
	Log          *slog.Logger
	// Output is where the nodes' own output goes; nil for the supervisor's standard error.
	Output *os.File
}

// Supervisor is made by Start and ends with Stop.
type Supervisor struct {
	cfg      Config
	cluster  cluster
	roster   *roster
	hub      *hub.Hub
	front    *front
	starter  *starter
	listener net.Listener
	asker    *http.Client
	unlock   func()
	news     news

	mu       sync.Mutex
	nodes    map[raft.NodeID]*process
	cuts     map[direction]bool
	writes   int // of viewers, that wait
	stopping bool
	wait     sync.WaitGroup
	ctx      context.Context
	cancel   context.CancelFunc
}

// Start opens the data directory and the address, starts the processes and serves the page. The
// error is one sentence that names what was in the way.
func Start(cfg Config) (*Supervisor, error) {
	if cfg.Nodes < 1 || cfg.Nodes > 9 {
		return nil, fmt.Errorf("--nodes %d: a local cluster has 1 to 9 nodes", cfg.Nodes)
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	c, unlock, err := openCluster(cfg)
	if err != nil {
		return nil, err
	}
	who, err := newRoster(c)
	if err != nil {
		unlock()
		return nil, err
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		unlock()
		return nil, fmt.Errorf("opening the address %s: %w", cfg.Listen, err)
	}
	s := &Supervisor{cfg: cfg, cluster: c, roster: who, starter: newStarter(), listener: l,
		unlock: unlock, asker: newAsker(), nodes: map[raft.NodeID]*process{},
		cuts: map[direction]bool{}, news: make(news, mostNews)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.begin(); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// begin starts everything that Start has made room for.
func (s *Supervisor) begin() error {
	var err error
	if s.front, err = newFront(s); err != nil {
		return err
	}
	s.hub = hub.New(hub.Config{Cluster: s.cluster.UUID, Members: s.roster.members(),
		Secret: s.cluster.secret, Store: s.cfg.Store, Machine: s.cfg.Machine,
		Title: "a local cluster", Build: s.cfg.Build, Raft: s.cfg.Raft, Act: s.Act,
		May: s.front.may, Log: s.cfg.Log})
	for _, id := range s.roster.ids() {
		s.nodes[id] = &process{id: id}
	}
	for _, id := range s.roster.ids() {
		if err := s.launch(id, ""); err != nil {
			return err
		}
	}
	s.resume()
	s.wait.Add(2)
	go s.watchLeader()
	go func() {
		defer s.wait.Done()
		s.front.serve(s.listener)
	}()
	return nil
}

// Addr gives the address that is served.
func (s *Supervisor) Addr() string { return s.listener.Addr().String() }

// TokenFile names the file that holds the token.
func (s *Supervisor) TokenFile() string { return s.cluster.path("token") }

// Stop ends the cluster gracefully: no request is taken any more, every node gets SIGTERM and some
// time, then SIGKILL; viewers see them stop.
func (s *Supervisor) Stop() {
	s.mu.Lock()
	s.stopping = true
	var up []*os.Process
	var gone []chan struct{}
	for _, p := range s.nodes {
		if p.cmd != nil {
			up, gone = append(up, p.cmd.Process), append(gone, p.gone)
		}
	}
	s.mu.Unlock()
	_ = s.listener.Close()
	if s.front != nil {
		s.front.close()
	}
	for _, proc := range up {
		terminate(proc)
	}
	for _, c := range gone {
		<-c // a process that does not end by itself is killed
	}
	s.cancel()
	if s.hub != nil {
		s.hub.Settle(settleTime)
		s.hub.Close()
	}
	s.wait.Wait()
	s.starter.close()
	s.asker.CloseIdleConnections()
	s.unlock()
}

// Pid gives the process id of a node; 0 while it is down.
func (s *Supervisor) Pid(id raft.NodeID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.nodes[id]; p != nil && p.cmd != nil {
		return p.cmd.Process.Pid
	}
	return 0
}

func (s *Supervisor) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

// launch starts a node's process and watches over it; by says who starts it again. The caller does
// not hold the lock.
func (s *Supervisor) launch(id raft.NodeID, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.nodes[id]
	if s.stopping || p.cmd != nil {
		return nil
	}
	cmd := s.command(id)
	pipe, err := s.starter.start(cmd)
	if err != nil {
		return fmt.Errorf("starting the process of %v: %w", id, err)
	}
	p.begin(cmd)
	if by != "" {
		s.news.tell("%v was started again by %s", id, by)
	}
	s.wait.Add(1)
	go s.watch(p, cmd, pipe, p.gone)
	return nil
}

// watch waits for the end of a process, says how it came, and starts the node again if that is its
// way.
func (s *Supervisor) watch(p *process, cmd *exec.Cmd, pipe io.Closer, gone chan struct{}) {
	defer s.wait.Done()
	err := cmd.Wait()
	_ = pipe.Close() // it was closed by Wait, if that has seen the end
	c, stopping := s.ended(p)
	close(gone)
	if stopping {
		return
	}
	s.tellEnd(p, c, err)
	if c.Stays {
		return
	}
	select {
	case <-time.After(restartAfter):
	case <-s.ctx.Done():
		return
	}
	start := s.launch
	if s.cfg.Store == "memory" {
		start = s.replace
	}
	if err := start(p.id, bySuper); err != nil && !errors.Is(err, errEnding) {
		s.cfg.Log.Error("a node cannot be started again", "node", p.id.String(), "err", err)
	}
}

// ended takes note that a node's process has ended, and waits until viewers have been told.
func (s *Supervisor) ended(p *process) (c trace.Crashed, stopping bool) {
	s.mu.Lock()
	c = trace.Crashed{Node: p.id, Why: "died"}
	if p.killed {
		c.Why = "killed"
	}
	c.Stays = p.killed || !s.cfg.Restart
	var told <-chan struct{}
	if stopping = s.stopping; !stopping {
		told = s.hub.Tell(c) // before the node can be started again
	}
	p.end()
	s.mu.Unlock()
	if stopping {
		return c, true
	}
	select {
	case <-told:
	case <-time.After(tellTime):
	case <-s.ctx.Done():
	}
	return c, false
}

var errEnding = errors.New("the cluster is shutting down")
