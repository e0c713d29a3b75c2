package hub

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
	"github.com/raftarium/raftarium/server/wire"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

const secret = "the secret of the tests"

var cluster = uuid.MustParse("5b0f9a4e-6a59-4a0c-9a57-0d8b0c7a4a11")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeNode is a node of which only the stream is there.
type fakeNode struct {
	t      *testing.T
	id     raft.NodeID
	header trace.Header
	clock  time.Duration // how far its clock is ahead
	deaf   bool          // it does not read, so it answers no ping
	http   *httptest.Server
	away   atomic.Bool // nobody listens
	conns  chan *fakeStream
	over   chan struct{}
}

// fakeStream is one connection of the hub to a node.
type fakeStream struct {
	node *fakeNode
	conn *websocket.Conn
	enc  wire.StreamEncoder
	over chan struct{}
	once sync.Once
}

func newFakeNode(t *testing.T, id raft.NodeID) *fakeNode {
	n := &fakeNode{t: t, id: id, header: trace.Header{Major: trace.Major, Kind: trace.Live,
		Cluster: cluster}, conns: make(chan *fakeStream, 100)}
	n.http, n.over = httptest.NewServer(n), make(chan struct{})
	t.Cleanup(func() {
		close(n.over)
		n.http.Close()
	})
	return n
}

func (n *fakeNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if n.away.Load() || r.URL.Path != "/v1/stream" || r.Header.Get("Authorization") != "Bearer "+secret {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	if !n.deaf {
		conn.CloseRead(r.Context())
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	head := wire.Append(nil, 0, wire.Header{Header: n.header})
	if conn.Write(ctx, websocket.MessageBinary, head) != nil {
		return
	}
	s := &fakeStream{node: n, conn: conn, over: make(chan struct{})}
	n.conns <- s
	select {
	case <-s.over:
	case <-n.over:
	}
}

// next waits until the hub listens, and gives the stream.
func (n *fakeNode) next() *fakeStream {
	n.t.Helper()
	select {
	case s := <-n.conns:
		n.t.Cleanup(s.end)
		return s
	case <-time.After(patience):
		n.t.Fatalf("the hub does not listen to %v", n.id)
		return nil
	}
}

// end ends a connection without a word, as a kill does.
func (s *fakeStream) end() { s.once.Do(func() { close(s.over) }) }

// now gives the node's clock.
func (n *fakeNode) now() raft.Time { return raft.Time(time.Now().Add(n.clock).UnixMicro()) }

// send sends a frame. Events get the node's clock; those without a boot are of boot 1.
func (s *fakeStream) send(items ...wire.StreamItem) {
	s.node.t.Helper()
	frame := s.enc.Begin(nil)
	for i := range items {
		it := items[i]
		it.Event.At = s.node.now()
		if it.Event.ID.Node == 0 {
			it.Event.ID.Node = s.node.id
		}
		if it.Event.ID.Boot == 0 {
			it.Event.ID.Boot = 1
		}
		if k, ok := it.Event.Body.(trace.KeyFrame); ok {
			k.State.At = it.Event.At
		}
		frame = s.enc.Append(frame, &it)
	}
	wire.SetStreamClock(frame, s.node.now())
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageBinary, frame); err != nil {
		s.node.t.Fatal(err)
	}
}

// event makes an event of the node that sends it.
func event(n uint64, b trace.Body) wire.StreamItem {
	return wire.StreamItem{Event: trace.Event{ID: trace.EventID{N: n}, Body: b}}
}

// keyFrame tells that the node runs, as number n of an incarnation.
func (s *fakeStream) keyFrame(boot uint32, n uint64) wire.StreamItem {
	it := event(n, trace.KeyFrame{State: &trace.State{Nodes: []trace.NodeState{
		{ID: s.node.id, Boot: boot, Known: true, Alive: true, Term: 1, LastN: n}}}})
	it.Event.ID.Boot = boot
	return it
}

// sent is a vote of From as its message number n.
func sent(from, to raft.NodeID, n uint64) wire.StreamItem {
	return event(n, trace.Sent{Message: raft.Message{ID: n, From: from, FromBoot: 1, To: to, Term: 1,
		Body: &raft.RequestVote{ForTerm: 2}}})
}

// delivered is the receipt of such a message, with the message.
func delivered(from, to raft.NodeID, msg, n uint64) wire.StreamItem {
	it := event(n, trace.Delivered{Msg: trace.EventID{Node: from, Boot: 1, N: msg}})
	it.Received = &raft.Message{ID: msg, From: from, FromBoot: 1, To: to, Term: 1,
		Body: &raft.RequestVote{ForTerm: 2}}
	return it
}

// logged keeps what a hub says to people.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), text)
}

// fixture is a hub with a server before it.
type fixture struct {
	t    *testing.T
	hub  *Hub
	http *httptest.Server
	log  *logged
}

func start(t *testing.T, cfg Config, nodes ...*fakeNode) *fixture {
	return startAt(t, time.Now(), patient(), cfg, nodes...)
}

// patient are limits that only what hangs comes to, and no machine under load.
func patient() limits { return limits{hello: patience, ping: patience, close: patience} }

func startAt(t *testing.T, epoch time.Time, most limits, cfg Config, nodes ...*fakeNode) *fixture {
	f := &fixture{t: t, log: &logged{}}
	cfg.Cluster, cfg.Secret = cluster, secret
	cfg.Log = slog.New(slog.NewTextHandler(f.log, nil))
	for _, n := range nodes {
		cfg.Members = append(cfg.Members, trace.Member{ID: n.id, Name: n.id.String(),
			Address: strings.TrimPrefix(n.http.URL, "http://")})
	}
	f.hub = newAt(cfg, epoch, most)
	f.http = httptest.NewServer(f.hub)
	t.Cleanup(func() {
		f.hub.Close()
		f.http.Close()
	})
	return f
}

// count gives how many viewers the hub serves.
func (f *fixture) count() int {
	c := make(chan int, 1)
	f.hub.do(func() { c <- len(f.hub.viewers) })
	return <-c
}

// until waits for something that no viewer tells.
func (f *fixture) until(what string, ok func() bool) {
	f.t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			f.t.Fatalf("it did not come to this: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// viewer is one who watches, with all that it was told.
type testViewer struct {
	t      *testing.T
	conn   *websocket.Conn
	remote *wire.Remote
	events []trace.Event
	state  trace.State
	frames int
	gone   error
}

func (f *fixture) dial() *testViewer {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(f.http.URL, "http"), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(wire.MaxDown)
	v := &testViewer{t: f.t, conn: conn}
	v.remote = wire.NewRemote(1, v.write)
	return v
}

// watch attaches a viewer with all the credit that it may want. What happens from then on is told
// to it as it happens, and not only as a part of how the cluster stands.
func (f *fixture) watch() *testViewer {
	f.t.Helper()
	v := f.dial()
	v.remote.Hello("")
	v.remote.Open("")
	v.until("the header", v.remote.Ready)
	return v
}

// lose ends a viewer's connection without a word.
func (v *testViewer) lose() { _ = v.conn.CloseNow() }

// goOn attaches a viewer that has lost its connection, to the same hub or another, and waits until
// it is taken in there: the header is the first that it is told.
func (v *testViewer) goOn(f *fixture) {
	v.t.Helper()
	v.conn, v.gone = f.dial().conn, nil
	v.remote.Hello("")
	v.remote.Open("")
	v.step()
}

func (v *testViewer) write(frame []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := v.conn.Write(ctx, websocket.MessageBinary, frame); err != nil {
		v.t.Error(err)
	}
}

// step takes one frame.
func (v *testViewer) step() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, frame, err := v.conn.Read(ctx)
	if err == nil {
		err = v.remote.Feed(frame)
	}
	if err != nil {
		v.gone = err
		return
	}
	v.frames++
	for {
		got, _, err := v.remote.Next(1<<62, make([]trace.Event, 0, 256))
		for i := range got {
			world.Apply(&v.state, nil, &got[i])
		}
		v.events = append(v.events, got...)
		if len(got) == 0 || err != nil {
			return
		}
	}
}

// until reads until something holds.
func (v *testViewer) until(what string, ok func() bool) {
	v.t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if v.step(); v.gone != nil || time.Now().After(end) {
			v.t.Fatalf("it did not come to this: %s; after %d events: %v, %v", what, len(v.events),
				v.gone, v.remote.Ended())
		}
	}
}

// place gives where the first event that something holds of stands; -1 for nowhere.
func (v *testViewer) place(is func(*trace.Event) bool) int {
	for i := range v.events {
		if is(&v.events[i]) {
			return i
		}
	}
	return -1
}

// await reads until an event comes of which something holds, and gives its place.
func (v *testViewer) await(what string, is func(*trace.Event) bool) int {
	v.t.Helper()
	v.until(what, func() bool { return v.place(is) >= 0 })
	return v.place(is)
}

func (v *testViewer) node(id raft.NodeID) trace.NodeState {
	if n := v.state.Node(id); n != nil {
		return *n
	}
	return trace.NodeState{}
}

// numbered finds an event by its id, of boot 1, beside key frames and gaps.
func numbered(node raft.NodeID, n uint64) func(*trace.Event) bool {
	return func(ev *trace.Event) bool {
		return ev.ID == trace.EventID{Node: node, Boot: 1, N: n} && ev.Body.Kind().InRun()
	}
}

func ofKind(k trace.Kind) func(*trace.Event) bool {
	return func(ev *trace.Event) bool { return ev.Body.Kind() == k }
}
