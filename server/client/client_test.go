package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

// group is three servers on loopback.
type group struct {
	t       *testing.T
	dir     string
	machine string
	members map[raft.NodeID]string
	servers map[raft.NodeID]*server.Server
	addrs   []string
}

func newGroup(t *testing.T, machine string) *group {
	t.Helper()
	g := &group{t: t, dir: t.TempDir(), machine: machine, members: map[raft.NodeID]string{},
		servers: map[raft.NodeID]*server.Server{}}
	listeners := map[raft.NodeID]net.Listener{}
	for id := raft.NodeID(1); id <= 3; id++ {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[id], g.members[id] = l, l.Addr().String()
		g.addrs = append(g.addrs, l.Addr().String())
	}
	t.Cleanup(func() {
		for id := range g.servers {
			g.shutdown(id)
		}
	})
	for id, l := range listeners {
		g.start(id, l)
	}
	return g
}

func (g *group) start(id raft.NodeID, l net.Listener) {
	g.t.Helper()
	timing := raft.DefaultConfig()
	timing.ElectionMin, timing.ElectionMax = 300*raft.Millisecond, 600*raft.Millisecond
	s, err := server.New(server.Config{ID: id, Members: g.members, Listener: l, Raft: timing,
		Cluster: uuid.MustParse("6f3b2c1a-0d4e-4f5a-8b6c-7d8e9fa0b1c2"), Secret: "members only",
		Machine: g.machine, Dir: filepath.Join(g.dir, id.String()),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		g.t.Fatal(err)
	}
	echo := func(_ context.Context, b []byte) ([]byte, error) { return b, nil }
	if err := errors.Join(s.Handle("echo", echo), s.Start(context.Background())); err != nil {
		g.t.Fatal(err)
	}
	g.servers[id] = s
}

func (g *group) shutdown(id raft.NodeID) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := g.servers[id].Shutdown(ctx); err != nil {
		g.t.Error(err)
	}
	delete(g.servers, id)
}

func dial(t *testing.T, opt client.Options, addrs ...string) *client.Client {
	t.Helper()
	c, err := client.New(addrs, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestKeysAreWrittenReadAndDeleted(t *testing.T) {
	g := newGroup(t, "kv")
	ctx := context.Background()
	for _, addr := range g.addrs { // one address is enough to find the leader
		c := dial(t, client.Options{}, addr)
		p, err := c.Put(ctx, "a/b c", []byte("1"))
		if err != nil || p.Index == 0 || p.Term == 0 {
			t.Fatalf("put: %+v, %v", p, err)
		}
		if v, _, err := c.Get(ctx, "a/b c"); err != nil || string(v) != "1" {
			t.Errorf("get: %q, %v", v, err)
		}
		if _, err := c.Delete(ctx, "a/b c"); err != nil {
			t.Errorf("delete: %v", err)
		}
		if _, _, err := c.Get(ctx, "a/b c"); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("get of what is deleted: %v", err)
		}
		if _, err := c.Delete(ctx, "a/b c"); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("delete of what is deleted: %v", err)
		}
		if b, err := c.Call(ctx, "echo", []byte("hello")); err != nil || string(b) != "hello" {
			t.Errorf("call: %q, %v", b, err)
		}
	}
}

func TestLedgerIsAppendedAndRead(t *testing.T) {
	g := newGroup(t, "ledger")
	c := dial(t, client.Options{}, g.addrs...)
	ctx := context.Background()
	p, err := c.Append(ctx, []byte("hello"))
	if err != nil || p.Pos != 0 {
		t.Fatalf("append: %+v, %v", p, err)
	}
	q, err := c.Append(ctx, []byte("world"))
	if err != nil || q.Pos != 5 || q.Index <= p.Index {
		t.Fatalf("append: %+v, %v", q, err)
	}
	b, at, err := c.Entry(ctx, q.Index)
	if err != nil || string(b) != "world" || at != q {
		t.Errorf("entry: %q %+v, %v", b, at, err)
	}
	if _, _, err := c.Entry(ctx, q.Index+100); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("an entry that is not there: %v", err)
	}
}

func TestRefusalsAreTypedAndFinal(t *testing.T) {
	g := newGroup(t, "kv")
	c := dial(t, client.Options{}, g.addrs...)
	ctx := context.Background()
	_, err1 := c.Append(ctx, []byte("x"))
	_, err2 := c.Call(ctx, "nobody", nil)
	_, err3 := c.Put(ctx, strings.Repeat("k", 2000), nil)
	for want, err := range map[int]error{409: err1, 404: err2, 413: err3} {
		var refused *client.RefusedError
		if !errors.As(err, &refused) || refused.Status != want || refused.Text == "" {
			t.Errorf("wanted a refusal with %d, got %v", want, err)
		}
	}
}

func TestStatusFindsTheLeader(t *testing.T) {
	g := newGroup(t, "kv")
	c := dial(t, client.Options{}, g.addrs[0])
	if _, err := c.Put(context.Background(), "x", nil); err != nil { // then there is a leader
		t.Fatal(err)
	}
	st, err := c.Status(context.Background())
	if err != nil || st.Leader == nil || len(st.Members) != 3 || st.Machine != "kv" {
		t.Errorf("the status is %+v, %v", st, err)
	}
}

// TestWritesGoOnThroughAFailOver shuts the leader down among writes. Each writer overwrites one key
// in order: a write that was lost, or done again behind a later one, shows at the end.
func TestWritesGoOnThroughAFailOver(t *testing.T) {
	g := newGroup(t, "kv")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var done atomic.Int64
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			c := dial(t, client.Options{Attempt: time.Second}, g.addrs...)
			for i := range 25 {
				if _, err := c.Put(ctx, fmt.Sprintf("w%d", w), fmt.Append(nil, i)); err != nil {
					t.Errorf("writer %d, write %d: %v", w, i, err)
					return
				}
				done.Add(1)
			}
		})
	}
	c := dial(t, client.Options{}, g.addrs...)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for done.Load() < 30 && ctx.Err() == nil {
		<-tick.C
	}
	st, err := c.Status(ctx)
	if err != nil || st.Leader == nil {
		t.Fatalf("%+v, %v", st, err)
	}
	g.shutdown(*st.Leader)
	writers.Wait()
	for w := range 4 {
		if v, _, err := c.Get(ctx, fmt.Sprintf("w%d", w)); err != nil || string(v) != "24" {
			t.Errorf("the last write of writer %d is %q, %v", w, v, err)
		}
	}
}

// fake is a server that answers as it is told, and counts.
func fake(t *testing.T, answers func(n int64, w http.ResponseWriter, r *http.Request)) (
	*client.Client, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/status" {
			_, _ = io.WriteString(w, `{"id":1,"leader":null}`)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		answers(n.Add(1), w, r)
	}))
	t.Cleanup(s.Close)
	return dial(t, client.Options{Give: 2 * time.Second}, s.Listener.Addr().String()), &n
}

func TestUnknownWriteIsAskedAgainUnderTheSameNumber(t *testing.T) {
	var first string
	c, n := fake(t, func(n int64, w http.ResponseWriter, r *http.Request) {
		is := r.Header.Get("X-Raftarium-Session") + " " + r.Header.Get("X-Raftarium-Seq")
		switch {
		case n == 1:
			first = is
		case is != first || len(is) < 30:
			t.Errorf("asked again as %q, first as %q", is, first)
		}
		if n < 3 {
			w.WriteHeader(http.StatusGatewayTimeout)
			_, _ = io.WriteString(w, `{"error":"no answer","outcome":"unknown"}`)
		}
	})
	if _, err := c.Put(context.Background(), "x", nil); err != nil || n.Load() != 3 {
		t.Errorf("%v after %d attempts", err, n.Load())
	}
}

func TestUnknownAppendIsNotAskedAgain(t *testing.T) {
	c, n := fake(t, func(_ int64, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusGatewayTimeout)
		_, _ = io.WriteString(w, `{"error":"no answer","outcome":"unknown"}`)
	})
	_, err := c.Append(context.Background(), []byte("x"))
	var unknown *client.UnknownError
	if !errors.As(err, &unknown) || n.Load() != 1 {
		t.Errorf("%v after %d attempts", err, n.Load())
	}
}

func TestRefusedAppendIsAskedAgain(t *testing.T) {
	c, n := fake(t, func(n int64, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":"no leader","outcome":"refused","why":"notLeader"}`)
		}
	})
	if _, err := c.Append(context.Background(), []byte("x")); err != nil || n.Load() != 2 {
		t.Errorf("%v after %d attempts", err, n.Load())
	}
}

// TestDoubtIsKept asks first without an answer and then with a refusal: the refusal is of the
// second attempt only, and says nothing of the first.
func TestDoubtIsKept(t *testing.T) {
	c, _ := fake(t, func(n int64, w http.ResponseWriter, _ *http.Request) {
		status, body := http.StatusServiceUnavailable, `{"error":"no leader","outcome":"refused"}`
		if n == 1 {
			status, body = http.StatusGatewayTimeout, `{"error":"no answer","outcome":"unknown"}`
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	_, err := c.Put(context.Background(), "x", nil)
	var unknown *client.UnknownError
	if !errors.As(err, &unknown) {
		t.Errorf("a write in doubt is said to be %v", err)
	}
}

func TestNobodyThereIsARefusal(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := dial(t, client.Options{Give: 200 * time.Millisecond}, addr)
	_, err = c.Put(context.Background(), "x", nil)
	var refused *client.RefusedError
	if !errors.As(err, &refused) {
		t.Errorf("a write that nobody got is said to be %v", err)
	}
	if _, err := c.Status(context.Background()); err == nil {
		t.Error("nobody told a status")
	}
}

func TestAddressesAreChecked(t *testing.T) {
	for _, addrs := range [][]string{nil, {"nowhere"}} {
		if _, err := client.New(addrs, client.Options{}); err == nil {
			t.Errorf("the addresses %v were taken", addrs)
		}
	}
}
