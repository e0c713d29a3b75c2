package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/wire"
)

// lingerTime is how long a link stays to a server that takes no part any more: it is to hear that
// its removal is committed.
const lingerTime = 5 * raft.Second

// links are those to all servers that this one has to speak to: the members of the configuration
// in force, and who is connected to this server, as its configuration may be the newer one. They
// belong to the node loop, or to the start before there is one.
type links struct {
	node   *node
	book   *book
	peers  *peerConns
	open   func(id raft.NodeID, address string) *link
	all    []*link
	cut    map[raft.NodeID]bool // to whom nothing is carried
	config raft.Packed          // the configuration by which they were chosen last
}

// to finds the link to a server; nil for none.
func (s *links) to(id raft.NodeID) *link {
	for _, l := range s.all {
		if l.to == id {
			return l
		}
	}
	return nil
}

// tune opens and closes links as the configuration, the book and the connections ask for.
func (s *links) tune(now raft.Time, config raft.Packed) {
	s.config = config
	conf, err := config.Unpack()
	if err != nil {
		return // the core vouches for it
	}
	wanted := append(conf.Members(), s.peers.connected()...)
	s.all = slices.DeleteFunc(s.all, func(l *link) bool {
		over := s.over(l, now, slices.Contains(wanted, l.to))
		if over {
			l.stop()
		}
		return over
	})
	for _, id := range wanted {
		if addr := s.book.address(id); id != s.node.id && addr != "" && s.to(id) == nil {
			l := s.open(id, addr)
			l.cut = s.cut[id]
			s.all = append(s.all, l)
		}
	}
}

// over reports whether a link is not needed any more, or leads to where its server is not.
func (s *links) over(l *link, now raft.Time, wanted bool) bool {
	switch {
	case s.book.address(l.to) != l.address:
		return true
	case wanted:
		l.idle = 0
		return false
	case l.idle == 0:
		l.idle = now
		time.AfterFunc(time.Duration(lingerTime)*time.Microsecond, s.node.retune)
		return false
	}
	return now-l.idle >= lingerTime
}

// renew lets every link tell its peer what the book says now.
func (s *links) renew() {
	for _, l := range s.all {
		select {
		case l.news <- struct{}{}:
		default: // it is to do so already
		}
	}
}

// retune lets the loop look at the links again.
func (n *node) retune() {
	n.mail.put(letter{kind: letterDo, do: func(now raft.Time) {
		n.links.tune(now, n.host.Node().Status().Config)
	}})
}

// bookChanged lets the loop look at the links again, and tell the peers.
func (n *node) bookChanged() {
	n.mail.put(letter{kind: letterDo, do: func(now raft.Time) {
		n.links.tune(now, n.host.Node().Status().Config)
		n.links.renew()
	}})
}

// newLinks prepares the links, of which none is there yet.
func (s *Server) newLinks(n *node, config raft.Packed) *links {
	ls := &links{node: n, book: s.book, peers: &s.peers, cut: map[raft.NodeID]bool{},
		config: config}
	ls.open = func(id raft.NodeID, address string) *link {
		dial := &websocket.DialOptions{HTTPClient: s.forward, HTTPHeader: http.Header{
			"Authorization": {"Bearer " + s.cfg.Secret}}}
		ctx, stop := context.WithCancel(s.live)
		l := &link{to: id, address: address, hello: s.hello, dial: dial, stop: stop,
			log:   s.cfg.Log.With("node", s.cfg.ID.String()),
			url:   fmt.Sprintf("ws://%s/v1/peer?from=%d", address, s.cfg.ID),
			queue: make(chan raft.Message, linkQueue), news: make(chan struct{}, 1), lost: n.lost}
		s.conns.Add(1)
		go func() {
			defer s.conns.Done()
			l.run(ctx)
		}()
		return l
	}
	return ls
}

// hello says who this server is and where the others are reached, as far as it knows.
func (s *Server) hello() []byte {
	h := PeerHello{Version: peerVersion, Group: uint64(s.cfg.Raft.Group), Cluster: s.cfg.Cluster,
		From: s.cfg.ID, Boot: s.node.boot, Address: s.cfg.own(), Addresses: s.book.all()}
	delete(h.Addresses, s.cfg.ID)
	return mustJSON(h)
}

// cutOff puts the cuts in force that hold from the start on. They are not told: nobody listens yet.
func (n *node) cutOff(c *wire.Cut) {
	for _, id := range c.To {
		n.links.cut[id] = true
	}
	for _, id := range c.From {
		n.cutFrom[id] = true
	}
}

// decodeHello reads what a peer says of itself, and of others.
func decodeHello(b []byte) (h PeerHello, err error) {
	if len(b) > maxHello {
		return h, fmt.Errorf("the hello is longer than %d bytes", maxHello)
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return h, fmt.Errorf("the hello is malformed: %w", err)
	}
	return h, nil
}
