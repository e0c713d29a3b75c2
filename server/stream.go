package server

import (
	"context"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// streamPace is how long a stream gathers before it sends a frame.
const streamPace = 2 * time.Millisecond

// header tells a hub, or a viewer, what this node is a source of.
func (s *Server) header() trace.Header {
	h := trace.Header{
		Major: trace.Major, Minor: trace.Minor, Kind: trace.Live, Engine: "raftarium",
		Build: s.cfg.Build, Origin: "empty", Title: s.cfg.ID.String(), Cluster: s.cfg.Cluster,
		Clock: trace.Running, ElectionMin: s.cfg.Raft.ElectionMin,
		ElectionMax: s.cfg.Raft.ElectionMax, Heartbeat: s.cfg.Raft.Heartbeat,
		Store: s.cfg.Store, Machine: s.machine.Name(),
	}
	for _, m := range s.metadata().Members {
		h.Members = append(h.Members, trace.Member{ID: m.ID, Name: m.Name, Address: m.Address,
			EngineID: m.Name})
	}
	return h
}

// serveStream sends the node's own events to a hub: a wire Header frame, then the frames of a
// wire.StreamEncoder: a key frame comes first, behind all that the incarnation has told if it began
// not long ago.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	conn, done := s.accept(w, r, 1<<10)
	if conn == nil {
		return
	}
	defer done()
	ctx := conn.CloseRead(s.live)
	sub := newSubscriber()
	if !s.node.do(ctx.Done(), func(raft.Time) { s.node.rec.subscribe(sub) }) {
		return
	}
	defer s.node.rec.streams.Done()
	defer s.node.mail.put(letter{kind: letterDo,
		do: func(raft.Time) { s.node.rec.unsubscribe(sub) }})
	h := wire.Append(nil, 0, wire.Header{Header: s.header()})
	if err := s.write(ctx, conn, h); err != nil {
		return
	}
	s.pumpStream(ctx, conn, sub)
}

// pumpStream sends what gathers until the hub goes away or the node has told its last event.
func (s *Server) pumpStream(ctx context.Context, conn *websocket.Conn, sub *subscriber) {
	var frame []byte
	pace := time.NewTicker(streamPace)
	defer pace.Stop()
	for {
		select {
		case <-sub.wake:
		case <-ctx.Done():
			return
		}
		var over bool
		if frame, over = sub.take(frame); len(frame) > 0 {
			wire.SetStreamClock(frame, s.cfg.Clock())
			if err := s.write(ctx, conn, frame); err != nil {
				return
			}
		}
		if sub.behind() {
			s.node.mail.put(letter{kind: letterDo, do: func(raft.Time) { s.node.rec.catchUp(sub) }})
		}
		if over {
			_ = conn.Close(websocket.StatusNormalClosure, "the node has stopped") // it may be gone
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}

// write sends a binary frame. Who does not read for too long is cut off.
func (s *Server) write(ctx context.Context, conn *websocket.Conn, frame []byte) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.StreamTime)
	defer cancel()
	return conn.Write(ctx, websocket.MessageBinary, frame)
}
