package e2e

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// hub is a node at which a cluster of two can be watched, as the page sees it.
type hub struct {
	t      *testing.T
	server *httptest.Server
	id     raft.NodeID
	header *trace.Header
	hellos chan wire.Hello
	begin  chan struct{} // closed, the node answers
	end    chan struct{} // closed, the node goes
}

func newHub(t *testing.T, id raft.NodeID, header *trace.Header) *hub {
	h := &hub{t: t, id: id, header: header, hellos: make(chan wire.Hello, 16),
		begin: make(chan struct{}), end: make(chan struct{})}
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	header.Members = append(header.Members, trace.Member{ID: id, Name: id.String(),
		Address: strings.TrimPrefix(h.server.URL, "http://")})
	return h
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-h.end:
		http.Error(w, "gone", http.StatusServiceUnavailable)
		return
	default:
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		defer cancel()
		for {
			_, frame, err := conn.Read(ctx)
			if err != nil {
				return
			}
			if _, b, err := wire.Decode(frame); err == nil {
				h.answer(ctx, conn, b)
			}
		}
	}()
	select {
	case <-h.end:
	case <-ctx.Done():
	}
}

// answer greets back, and says that both nodes live, and at whose hub that was seen.
func (h *hub) answer(ctx context.Context, conn *websocket.Conn, b wire.Body) {
	switch b := b.(type) {
	case wire.Hello:
		h.hellos <- b
	case wire.Open:
		select {
		case <-h.begin:
		case <-ctx.Done():
			return
		}
		var enc trace.Encoder
		at := raft.Time(h.id) * raft.Second
		s := &trace.State{At: at}
		for _, m := range h.header.Members {
			s.Nodes = append(s.Nodes, trace.NodeState{ID: m.ID, Boot: 1, Known: true, Alive: true,
				Term: raft.Term(h.id)})
		}
		ev := trace.Event{ID: trace.EventID{Node: trace.FirstHub, Boot: uint32(h.id), N: 1}, At: at,
			Body: trace.KeyFrame{State: s}}
		for _, body := range []wire.Body{wire.Header{Header: *h.header},
			wire.Events{Reached: at, N: 1, Bytes: enc.Append(nil, &ev)}} {
			_ = conn.Write(ctx, websocket.MessageBinary, wire.Append(nil, 1, body))
		}
	}
}

// TestThePageGoesOnAtTheNextNode watches a cluster through a node that then goes: the page says
// that it looks for the cluster, goes on at the other one where it was, and shows that address.
func TestThePageGoesOnAtTheNextNode(t *testing.T) {
	header := &trace.Header{Major: trace.Major, Minor: trace.Minor, Kind: trace.Live,
		Clock: trace.Running, Engine: "raftarium", Epoch: 1e15, Cluster: [16]byte{7}}
	first, second := newHub(t, 1, header), newHub(t, 2, header)
	close(first.begin)
	a := start(t, "--nodes", "1")
	b := open(t, a.url+"/?attach="+header.Members[0].Address, 1280, 800)
	eval[any](b, `raftarium.ready.then(() => 1)`)
	b.until("the cluster is seen at the first node", func(s state) bool {
		return s.Source == "live" && len(s.Nodes) == 2 && s.Nodes[0].Term == 1
	})
	<-first.hellos
	banner := func() string {
		return eval[string](b, `(() => {
			const banner = document.querySelector("alert-banner");
			return banner.checkVisibility() ? banner.textContent : "";
		})()`)
	}
	close(first.end)
	eventually(t, b.ctx, "the page says that it goes on at the second node", func() bool {
		said := banner()
		return strings.Contains(said, "Looking for the cluster.") &&
			strings.Contains(said, "Going on at S2, "+header.Members[1].Address)
	})
	if why := b.ask(`{type: "kill", node: 1}`); !strings.Contains(why, "Going on at S2") {
		t.Errorf("a command was answered with %q", why)
	}
	close(second.begin)
	b.until("it is seen at the second", func(s state) bool { return s.Nodes[0].Term == 2 })
	if hello := <-second.hellos; len(hello.Seen) == 0 || hello.Since < raft.Second {
		t.Errorf("the page does not say where it was: %+v", hello)
	}
	eventually(t, b.ctx, "the page's address is that of the second", func() bool {
		return strings.Contains(eval[string](b, `decodeURIComponent(location.search)`),
			header.Members[1].Address)
	})
	if said := banner(); said != "" {
		t.Errorf("the banner still says %q", said)
	}
}
