package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// peerVersion is the version of what members say to each other. Another one is refused.
const peerVersion = 1

// The longest frames of a peer, in bytes: its hello, and a message. A batch of entries is cut by
// raft.Config.MaxBytes unless one entry alone is longer.
const (
	maxHello   = 64 << 10
	maxMessage = 8 << 20
)

// helloTime bounds how long a peer may take to say who it is.
const helloTime = 5 * time.Second

// PeerHello is the first frame of a peer that wants to send, as JSON: who it is, and of what.
type PeerHello struct {
	Version int         `json:"version"`
	Group   uint64      `json:"group,string"`
	Cluster uuid.UUID   `json:"cluster"`
	From    raft.NodeID `json:"from"`
	Boot    uint32      `json:"boot"`
	// Address is where it is reached, and Addresses where others are, as far as it knows. A hello
	// that comes again, between messages, tells what it has learned.
	Address   string                 `json:"address,omitempty"`
	Addresses map[raft.NodeID]string `json:"addresses,omitempty"`
}

// PeerProtocol is what the other members of the cluster may ask of a server. The secret was checked
// before.
type PeerProtocol interface {
	// Greet takes a peer's hello. The error is a sentence that says why it is refused.
	Greet(h PeerHello) error
	// Receive takes a message of a peer that was greeted. It waits while the node has too much to
	// do. The error says why nothing more is taken of this peer.
	Receive(h PeerHello, m raft.Message) error
}

var errEnding = errors.New("the server is shutting down")

// peerHandler is the PeerProtocol of a node.
type peerHandler struct{ s *Server }

var _ PeerProtocol = peerHandler{}

// Greet implements PeerProtocol.
func (p peerHandler) Greet(h PeerHello) error {
	cfg := &p.s.cfg
	switch {
	case h.Version != peerVersion:
		return fmt.Errorf("peer protocol version %d is not spoken here, version %d is", h.Version,
			peerVersion)
	case h.Cluster != cfg.Cluster || raft.GroupID(h.Group) != cfg.Raft.Group:
		return fmt.Errorf("%v of cluster %s is not of this cluster, %s", h.From, h.Cluster,
			cfg.Cluster)
	case h.From == cfg.ID || h.From == 0 || h.From >= raft.FirstOutsider:
		return fmt.Errorf("%d is no other server of this cluster, to %v", h.From, cfg.ID)
	case h.Boot == 0:
		return fmt.Errorf("%v says that its incarnation is 0; they count from 1", h.From)
	case len(h.Addresses) > maxPages:
		return fmt.Errorf("%v knows of %d servers, and at most %d are believed", h.From,
			len(h.Addresses), maxPages)
	}
	if h.Address != "" {
		if err := checkAddress(h.From, h.Address); err != nil {
			return err
		}
		p.s.book.learn(map[raft.NodeID]string{h.From: h.Address}, said)
	}
	p.s.book.learn(h.Addresses, hearsay)
	return nil
}

// Receive implements PeerProtocol.
func (p peerHandler) Receive(h PeerHello, m raft.Message) error {
	if m.From != h.From || m.FromBoot != h.Boot || m.To != p.s.cfg.ID || m.ID == 0 {
		return fmt.Errorf("message %d from %v (incarnation %d) to %v came over the connection of "+
			"%v (incarnation %d) to %v", m.ID, m.From, m.FromBoot, m.To, h.From, h.Boot, p.s.cfg.ID)
	}
	if !p.s.node.mail.put(letter{kind: letterMessage, msg: m}) {
		return errEnding
	}
	return nil
}

// peerConns holds the connection of each peer that sends, the newest of each.
type peerConns struct {
	mu    sync.Mutex
	conns map[raft.NodeID]*websocket.Conn
}

// maxPeers bounds the servers that are connected at once.
const maxPeers = 2 * raft.MaxMembers

// take keeps a peer's connection in the place of an older one, which is closed; false when there
// are too many.
func (p *peerConns) take(id raft.NodeID, conn *websocket.Conn) bool {
	p.mu.Lock()
	old := p.conns[id]
	if old == nil && len(p.conns) >= maxPeers {
		p.mu.Unlock()
		return false
	}
	if p.conns == nil {
		p.conns = map[raft.NodeID]*websocket.Conn{}
	}
	p.conns[id] = conn
	p.mu.Unlock()
	if old != nil {
		_ = old.CloseNow() // the peer has dialled again: this one is dead
	}
	return true
}

// connected lists who is connected.
func (p *peerConns) connected() []raft.NodeID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.conns))
}

func (p *peerConns) leave(id raft.NodeID, conn *websocket.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns[id] == conn {
		delete(p.conns, id)
	}
}

// servePeer reads what a peer sends, for as long as it makes sense.
func (s *Server) servePeer(w http.ResponseWriter, r *http.Request) {
	from, err := strconv.ParseUint(r.URL.Query().Get("from"), 10, 32)
	if err != nil {
		s.problem(w, badRequest("the query of /v1/peer must say from which member: from=ID"))
		return
	}
	conn, done := s.accept(w, r, maxMessage)
	if conn == nil {
		return
	}
	defer done()
	var p PeerProtocol = peerHandler{s}
	if err := s.readPeer(conn, p, raft.NodeID(from)); err != nil {
		level := slog.LevelWarn
		if errors.Is(err, errEnding) {
			level = slog.LevelDebug // so every shutdown goes
		}
		s.cfg.Log.Log(r.Context(), level, "a peer's connection is refused", "node",
			s.cfg.ID.String(), "from", r.RemoteAddr, "why", err.Error())
		_ = conn.Close(websocket.StatusPolicyViolation, closeReason(err)) // it may be gone
	}
}

// readPeer gives an error for what a peer did wrong, and nil when it just went away.
func (s *Server) readPeer(conn *websocket.Conn, p PeerProtocol, from raft.NodeID) error {
	h, err := readHello(s.live, conn)
	if err != nil {
		return err
	}
	if h.From != from {
		return fmt.Errorf("the hello is of %v and the address says %v", h.From, from)
	}
	if err := p.Greet(h); err != nil {
		return err
	}
	if !s.peers.take(h.From, conn) {
		return fmt.Errorf("%d servers are connected already", maxPeers)
	}
	s.node.retune()
	defer s.node.retune()
	defer s.peers.leave(h.From, conn)
	var buf bytes.Buffer
	for {
		t, rd, err := conn.Reader(context.Background()) // ends when the connection is closed
		if err == nil {
			buf.Reset()
			_, err = buf.ReadFrom(rd)
		}
		if err != nil {
			return tooBig(err)
		}
		if t != websocket.MessageBinary {
			if err := hearAgain(p, &h, buf.Bytes()); err != nil {
				return err
			}
			continue
		}
		m, err := trace.DecodeMessage(buf.Bytes())
		if err != nil {
			return fmt.Errorf("a message cannot be read: %w", err)
		}
		if err := p.Receive(h, m); err != nil {
			return err
		}
	}
}

// hearAgain takes a hello that comes again, with news of where servers are reached.
func hearAgain(p PeerProtocol, h *PeerHello, b []byte) error {
	again, err := decodeHello(b)
	switch {
	case err != nil:
		return err
	case again.From != h.From || again.Boot != h.Boot:
		return fmt.Errorf("%v (incarnation %d) says now that it is %v (incarnation %d)", h.From,
			h.Boot, again.From, again.Boot)
	}
	return p.Greet(again)
}

// tooBig keeps of the errors of a read the one that is the peer's fault.
func tooBig(err error) error {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return fmt.Errorf("a frame is longer than the %d bytes allowed", maxMessage)
	}
	return nil
}

func readHello(ctx context.Context, conn *websocket.Conn) (h PeerHello, err error) {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	_, rd, err := conn.Reader(ctx)
	if err != nil {
		return h, fmt.Errorf("reading the hello: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(rd, maxHello+1))
	if err != nil {
		return h, fmt.Errorf("reading the hello: %w", err)
	}
	return decodeHello(b)
}

// closeReason fits a sentence into a close frame.
func closeReason(err error) string {
	const most = 120
	s := err.Error()
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}
