package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/server/wire"
)

// Handler answers requests to POST /v1/call/NAME at the node that is asked; what it wants agreed on
// it proposes through the server (Server.Propose). Its error is the client's: a *Problem as it is,
// any other as an internal error. It must end when ctx does.
type Handler func(ctx context.Context, body []byte) ([]byte, error)

// Server is one node of a cluster. It is built, started and shut down in the order of its methods
// below, each once.
type Server struct {
	cfg      Config
	guard    *Guard
	meter    *meter
	machine  machine.StateMachine
	handlers map[string]Handler
	mounted  []mount

	mu    sync.Mutex
	state state

	node     *node
	book     *book
	http     *http.Server
	listener net.Listener
	served   chan struct{} // closed when the port is no longer served
	peers    peerConns
	forward  *http.Client
	live     context.Context // ends when websockets must
	die      context.CancelFunc
	conns    sync.WaitGroup // websockets, and the goroutines of links

	// entering is held while a request is counted in, and while refusing begins: behind that nobody
	// is counted in any more, as waiting for requests asks.
	entering sync.RWMutex
	refusing atomic.Bool  // no new requests
	waiting  atomic.Int64 // proposals that wait
	bodies   atomic.Int64 // bytes of bodies in requests that are open
	requests sync.WaitGroup
	cut      atomic.Pointer[wire.Cut] // what is in force
}

// state is how far a server's life has gone.
type state uint8

const (
	built state = iota
	started
	stopped
)

// mount is a handler that somebody else brings.
type mount struct {
	pattern string
	handler http.Handler
}

// ErrStarted is wrapped by the errors of what must come before Start.
var ErrStarted = errors.New("the server has been started")

// New builds a server. The error says what is wrong with the configuration.
func New(cfg Config) (*Server, error) {
	c, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("server: configuring %v: %w", cfg.ID, err)
	}
	s := &Server{cfg: c, handlers: map[string]Handler{}, served: make(chan struct{})}
	s.guard = &Guard{Bind: c.Listen, Hosts: append([]string{hostname(c.own())},
		c.AllowHosts...), Origins: c.AllowOrigins, Token: c.Token, Secret: c.Secret}
	s.book = newBook(&c, func() { s.node.bookChanged() })
	s.meter = newMeter(func() *raft.Status { return s.node.status.Load() })
	return s, nil
}

// RegisterStateMachine gives the server an empty machine of its own, in the place of the one that
// Config.Machine names.
func (s *Server) RegisterStateMachine(m machine.StateMachine) error {
	return s.register("the state machine "+m.Name(), func() error {
		if s.machine != nil {
			return fmt.Errorf("there is one already, %s", s.machine.Name())
		}
		s.machine = m
		return nil
	})
}

// Handle registers a handler for POST /v1/call/NAME. A name is registered once.
func (s *Server) Handle(name string, h Handler) error {
	return s.register("the handler "+quote(name), func() error {
		switch {
		case name == "" || h == nil:
			return errors.New("it needs a name and a function")
		case s.handlers[name] != nil:
			return errors.New("there is one of that name already")
		}
		s.handlers[name] = h
		return nil
	})
}

// Mount serves a further pattern of http.ServeMux on the server's port, behind its Guard. What it
// lets strangers do is the handler's affair.
func (s *Server) Mount(pattern string, h http.Handler) error {
	return s.register("the pattern "+quote(pattern), func() error {
		s.mounted = append(s.mounted, mount{pattern, h})
		return nil
	})
}

func (s *Server) register(what string, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := error(ErrStarted)
	if s.state == built {
		err = do()
	}
	if err != nil {
		return fmt.Errorf("server: registering %s: %w", what, err)
	}
	return nil
}

// Guard gives the guard of the server's port.
func (s *Server) Guard() *Guard { return s.guard }

// Addr gives the address that is listened on; nil before Start.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Failed gives a channel that is closed when the node has stopped by itself, as its disk failed or
// an invariant of it does not hold. Err then says why. It must not be called before Start.
func (s *Server) Failed() <-chan struct{} { return s.node.failed }

// Err says why the node has stopped by itself; nil if it has not.
func (s *Server) Err() error {
	select {
	case <-s.node.failed:
		return s.node.err
	default:
		return nil
	}
}

// Status gives how the node stands. It must not be called before Start.
func (s *Server) Status() raft.Status { return *s.node.status.Load() }

// accept makes a websocket of a request, with a bound on the frames that it may receive. It gives
// nil when that fails and the client has been told. The websocket ends with the server at the
// latest; done must be called at its end.
func (s *Server) accept(w http.ResponseWriter, r *http.Request, most int64) (*websocket.Conn,
	func()) {
	// The guard has checked the origin, by rules of its own.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return nil, nil
	}
	conn.SetReadLimit(most)
	s.conns.Add(1)
	s.meter.connections.Inc()
	stop := context.AfterFunc(s.live, func() { _ = conn.CloseNow() })
	return conn, func() {
		stop()
		_ = conn.CloseNow() // mostly it is closed already
		s.meter.connections.Dec()
		s.conns.Done()
	}
}

// newHTTP makes the server of the port.
func (s *Server) newHTTP() *http.Server {
	return &http.Server{
		Handler:           s.guard.Wrap(s.routes()),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          errorLog(s.cfg.Log),
	}
}
