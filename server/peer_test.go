package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// dial opens a websocket to a server, as a member.
func (c *cluster) dial(ctx context.Context, id raft.NodeID, path string) *websocket.Conn {
	c.t.Helper()
	// Little memory in the socket, so that who does not read is soon noticed.
	small := func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return conn, err
	}
	conn, _, err := websocket.Dial(ctx, "ws://"+c.members[id]+path, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: small}},
		HTTPHeader: http.Header{"Authorization": {"Bearer members only"}}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// Short names for the tables below.
type (
	hello = server.PeerHello
	msg   = raft.Message
)

func (c *cluster) hello() server.PeerHello {
	return server.PeerHello{Version: 1, Group: uint64(server.GroupOf(c.uuid)), Cluster: c.uuid,
		From: 2, Boot: 7}
}

func (c *cluster) message() raft.Message {
	return raft.Message{ID: 1, Group: server.GroupOf(c.uuid), From: 2, FromBoot: 7, To: 1, Term: 1,
		Body: &raft.RequestVote{ForTerm: 1}}
}

func TestBadPeersAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, nil)
	c.shutdown(2)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	good, err := json.Marshal(c.hello())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		says   string
		hello  func(h *hello)
		first  string // in the place of the hello
		second func() (websocket.MessageType, []byte)
	}{
		"another version":  {says: "version 2", hello: func(h *hello) { h.Version = 2 }},
		"another cluster":  {says: "not of this", hello: func(h *hello) { h.Cluster[0]++ }},
		"another group":    {says: "not of this", hello: func(h *hello) { h.Group++ }},
		"another name":     {says: "the address says", hello: func(h *hello) { h.From = 3 }},
		"no incarnation":   {says: "incarnation", hello: func(h *hello) { h.Boot = 0 }},
		"nobody's name":    {says: "no other server", hello: func(h *hello) { h.From = 0 }},
		"no address":       {says: "no host:port", hello: func(h *hello) { h.Address = "there" }},
		"too many names":   {says: "at most 512", hello: func(h *hello) { h.Addresses = manyNames() }},
		"another's again":  {says: "says now", second: c.again(func(h *hello) { h.From = 3 })},
		"another life":     {says: "says now", second: c.again(func(h *hello) { h.Boot++ })},
		"no JSON":          {says: "malformed", first: "hello"},
		"a long hello":     {says: "longer than", first: `"` + strings.Repeat("x", 70_000) + `"`},
		"garbage":          {says: "cannot be read", second: bytesFrame([]byte{0xff, 0xff})},
		"text":             {says: "malformed", second: textFrame},
		"somebody else's":  {says: "came over", second: c.spoiled(func(m *msg) { m.From = 3 })},
		"an older life's":  {says: "came over", second: c.spoiled(func(m *msg) { m.FromBoot-- })},
		"to somebody else": {says: "came over", second: c.spoiled(func(m *msg) { m.To = 3 })},
		"without a number": {says: "came over", second: c.spoiled(func(m *msg) { m.ID = 0 })},
	} {
		t.Run(name, func(t *testing.T) {
			h, first, from := c.hello(), good, raft.NodeID(2)
			if test.hello != nil {
				test.hello(&h)
				first, _ = json.Marshal(h)
			}
			if h.From == 0 {
				from = 0
			}
			conn := c.dial(ctx, 1, fmt.Sprintf("/v1/peer?from=%d", from))
			if test.first != "" {
				first = []byte(test.first)
			}
			if err := conn.Write(ctx, websocket.MessageText, first); err != nil {
				t.Fatal(err)
			}
			if test.second != nil {
				kind, b := test.second()
				if err := conn.Write(ctx, kind, b); err != nil {
					t.Fatal(err)
				}
			}
			_, _, err := conn.Read(ctx)
			var closed websocket.CloseError
			if !errors.As(err, &closed) || closed.Code != websocket.StatusPolicyViolation ||
				!strings.Contains(closed.Reason, test.says) {
				t.Errorf("wanted a refusal that says %q, got %v", test.says, err)
			}
		})
	}
}

// again is a hello that comes behind the first one.
func (c *cluster) again(spoil func(h *hello)) func() (websocket.MessageType, []byte) {
	h := c.hello()
	spoil(&h)
	b, err := json.Marshal(h)
	if err != nil {
		c.t.Fatal(err)
	}
	return func() (websocket.MessageType, []byte) { return websocket.MessageText, b }
}

func manyNames() map[raft.NodeID]string {
	names := map[raft.NodeID]string{}
	for id := range 600 {
		names[raft.NodeID(id+1)] = "h:1"
	}
	return names
}

func bytesFrame(b []byte) func() (websocket.MessageType, []byte) {
	return func() (websocket.MessageType, []byte) { return websocket.MessageBinary, b }
}

func textFrame() (websocket.MessageType, []byte) { return websocket.MessageText, []byte("x") }

func (c *cluster) spoiled(spoil func(m *msg)) func() (websocket.MessageType, []byte) {
	m := c.message()
	spoil(&m)
	return bytesFrame(trace.AppendMessage(nil, &m))
}

func TestPeersQueryMustNameIt(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	a := c.ask(1, "GET", "/v1/peer?from=me", "", "Authorization", "Bearer members only")
	if a.status != http.StatusBadRequest {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestOversizedPeerFrameIsRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, nil)
	c.shutdown(2)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn := c.dial(ctx, 1, "/v1/peer?from=2")
	hello, err := json.Marshal(c.hello())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(ctx, websocket.MessageText, hello); err != nil {
		t.Fatal(err)
	}
	// The server may hang up while the frame is still on its way.
	writeErr := conn.Write(ctx, websocket.MessageBinary, make([]byte, 9<<20))
	_, _, err = conn.Read(ctx)
	if ctx.Err() != nil || err == nil {
		t.Errorf("a frame of 9 MiB was taken: %v, %v", writeErr, err)
	}
}

func TestMessageOfAPeerReachesTheCore(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, nil)
	c.shutdown(2)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn := c.dial(ctx, 1, "/v1/peer?from=2")
	hello, err := json.Marshal(c.hello())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write(ctx, websocket.MessageText, hello); err != nil {
		t.Fatal(err)
	}
	m := c.message()
	m.Term = 77
	m.Body = &raft.RequestVote{ForTerm: 77}
	if err := conn.Write(ctx, websocket.MessageBinary, trace.AppendMessage(nil, &m)); err != nil {
		t.Fatal(err)
	}
	c.until("its term has arrived", func() bool { return c.servers[1].Status().Term >= 77 })
}

func TestOneWayCutStopsOneWayOnly(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, func(cfg *server.Config) { cfg.AllowFaults = true })
	leader, other := c.leader(), c.follower()
	list := "[" + other.String()[1:] + "]"
	// The follower hears nothing any more and asks for pre-votes; what it says still arrives.
	c.cut(leader, `{"to":`+list+`}`)
	c.until("the follower misses its leader", func() bool {
		return c.servers[other].Status().Role == raft.PreCandidate
	})
	heard := c.received(leader)
	c.until("the leader still hears it", func() bool { return c.received(leader) != heard })
	c.cut(leader, `{"from":`+list+`}`)
	before, got := c.metric(leader, `messages_dropped_total{why="cut"}`), c.received(leader)
	c.until("it drops what it hears", func() bool {
		return c.metric(leader, `messages_dropped_total{why="cut"}`) != before
	})
	if now := c.received(leader); now != got {
		t.Errorf("messages came through a cut: %s, before %s", now, got)
	}
	c.cut(leader, `{}`)
	c.leader()
}

// received gives how many messages of each class a server's core got.
func (c *cluster) received(id raft.NodeID) string {
	c.t.Helper()
	var all []string
	for line := range strings.Lines(c.ask(id, "GET", "/metrics", "").body) {
		if strings.HasPrefix(line, "raftarium_messages_received_total{") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return strings.Join(all, " ")
}

// metric gives the value of one line of /metrics.
func (c *cluster) metric(id raft.NodeID, name string) string {
	c.t.Helper()
	for line := range strings.Lines(c.ask(id, "GET", "/metrics", "").body) {
		if rest, ok := strings.CutPrefix(line, "raftarium_"+name+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	c.t.Fatalf("there is no metric %s", name)
	return ""
}

func TestNodeThatIsStartedCutOffSendsNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, func(cfg *server.Config) { cfg.AllowFaults = true })
	id, other := c.follower(), c.leader()
	c.shutdown(id)
	c.shutdown(other)
	c.start(other)
	adjust := c.adjust
	c.adjust = func(cfg *server.Config) {
		adjust(cfg)
		cfg.Cut = wire.Cut{To: []raft.NodeID{other}}
	}
	s := c.start(id)
	c.until("both have tried to be elected", func() bool {
		return c.metric(id, `messages_dropped_total{why="cut"}`) > "1" &&
			s.Status().Role == raft.PreCandidate &&
			c.servers[other].Status().Role == raft.PreCandidate
	})
	for line := range strings.SplitSeq(c.received(other), " raftarium") {
		if !strings.HasSuffix(line, " 0") {
			t.Errorf("a message came through: %s", line)
		}
	}
	if a := c.ask(id, "GET", "/v1/status", ""); !strings.Contains(a.body, `"cut":{`) {
		t.Errorf("its status says nothing of the cut: %s", a.body)
	}
	c.cut(id, `{}`)
	c.leader()
}

// heard keeps what is logged and tells of each record.
type heard struct {
	slog.Handler
	records chan slog.Record
	text    string
}

func (h heard) Enabled(context.Context, slog.Level) bool { return true }

func (h heard) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h heard) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if strings.Contains(a.Value.String(), h.text) {
			select {
			case h.records <- r:
			default:
			}
		}
		return true
	})
	return nil
}

// TestShutdownIsNoFaultOfPeers shuts a server down slowly, as it must wait for a handler, so that
// its peers still send to it.
func TestShutdownIsNoFaultOfPeers(t *testing.T) {
	t.Parallel()
	log := heard{records: make(chan slog.Record, 1), text: "the server is shutting down"}
	c := newCluster(t, 3, func(cfg *server.Config) { cfg.Log = slog.New(log) })
	c.leader()
	id := c.follower()
	c.shutdown(id)
	s := c.build(id)
	came, end := make(chan struct{}), make(chan struct{})
	err := s.Handle("slow", func(context.Context, []byte) ([]byte, error) {
		close(came)
		<-end
		return nil, nil
	})
	if err := errors.Join(err, s.Start(context.Background())); err != nil {
		t.Fatal(err)
	}
	c.servers[id] = s
	c.leader()
	go c.ask(id, "POST", "/v1/call/slow", "")
	<-came
	var over sync.WaitGroup
	over.Go(func() { c.shutdown(id) })
	select {
	case r := <-log.records:
		if r.Level != slog.LevelDebug || r.Message != "a peer's connection is refused" {
			t.Errorf("at a shutdown it says %v %q", r.Level, r.Message)
		}
	case <-time.After(patience):
		t.Error("no peer sent anything")
	}
	close(end)
	over.Wait()
}
