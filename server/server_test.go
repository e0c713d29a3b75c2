package server_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

func TestMain(m *testing.M) {
	// The tests wait for elections much more than they compute; the command line may say otherwise.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// applied reports whether a server has applied what an answer's header names.
func applied(s *server.Server, a answer) bool {
	var i raft.Index
	_, err := fmt.Sscan(a.header.Get(wire.HeaderIndex), &i)
	return err == nil && s.Status().Applied >= i
}

func TestWriteIsCommittedEverywhere(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"file", "memory"} {
		t.Run(kind, func(t *testing.T) {
			c := newCluster(t, 3, func(cfg *server.Config) { cfg.Store = kind })
			a := c.must(c.leader(), "PUT", "/v1/kv/x", "1")
			if a.header.Get(wire.HeaderIndex) == "" || a.header.Get(wire.HeaderTerm) == "" {
				t.Errorf("a write was answered without its place: %v", a.header)
			}
			for id, s := range c.servers {
				c.until(id.String()+" has applied it", func() bool { return applied(s, a) })
				if got := c.must(id, "GET", "/v1/kv/x", ""); got.body != "1" {
					t.Errorf("%v reads %q", id, got.body)
				}
			}
		})
	}
}

func TestLedgerIsReadAtEveryServer(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, func(cfg *server.Config) { cfg.Machine = "ledger" })
	c.leader()
	first := c.must(c.follower(), "POST", "/v1/ledger", "hello")
	second := c.must(c.leader(), "POST", "/v1/ledger", "world!")
	if p := second.header.Get(wire.HeaderPos); p != "5" {
		t.Errorf("the second body stands at byte %q, behind five bytes", p)
	}
	for id, s := range c.servers {
		c.until("it is there", func() bool { return applied(s, second) })
		for body, a := range map[string]answer{"hello": first, "world!": second} {
			got := c.ask(id, "GET", "/v1/ledger/"+a.header.Get(wire.HeaderIndex), "")
			if got.status != http.StatusOK || got.body != body {
				t.Errorf("%v has %d %q where %q was appended", id, got.status, got.body, body)
			}
		}
		// Index 1 is the first leader's own entry.
		for _, i := range []string{"1", "999"} {
			if got := c.ask(id, "GET", "/v1/ledger/"+i, ""); got.status != http.StatusNotFound {
				t.Errorf("%v answers %d for index %s, which holds no body", id, got.status, i)
			}
		}
	}
}

func TestWritesGoOnWhenTheLeaderIsShutDown(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	old := c.leader()
	c.must(old, "PUT", "/v1/kv/a", "before")
	c.shutdown(old)
	next := c.leader()
	if next == old {
		t.Fatalf("%v leads though it is shut down", old)
	}
	c.must(next, "PUT", "/v1/kv/b", "after")
	s := c.start(old)
	c.until("it has caught up", func() bool {
		return s.Status().Applied >= c.servers[next].Status().Commit
	})
	for k, v := range map[string]string{"a": "before", "b": "after"} {
		if got := c.must(old, "GET", "/v1/kv/"+k, ""); got.body != v {
			t.Errorf("%s is %q, written was %q", k, got.body, v)
		}
	}
}

func TestRestartOnTheSameDataKeepsAll(t *testing.T) {
	t.Parallel()
	for _, m := range []string{"kv", "ledger"} {
		t.Run(m, func(t *testing.T) {
			c := newCluster(t, 3, func(cfg *server.Config) {
				cfg.Machine, cfg.SnapshotEvery, cfg.Raft.Trailing = m, 8, 4
			})
			c.leader()
			paths := map[string]string{} // where each body is found again
			for i := range 20 {
				body := fmt.Sprintf("body %d", i)
				if m == "kv" {
					path := fmt.Sprintf("/v1/kv/key%d", i)
					c.must(c.leader(), "PUT", path, body)
					paths[path] = body
				} else {
					a := c.must(c.leader(), "POST", "/v1/ledger", body)
					paths["/v1/ledger/"+a.header.Get(wire.HeaderIndex)] = body
				}
			}
			if m == "kv" {
				c.until("a snapshot is there", func() bool {
					return c.servers[1].Status().Snapshot.Index > 0
				})
			}
			for id := range c.members {
				c.shutdown(id)
			}
			for id := range c.members {
				c.start(id)
			}
			c.leader()
			for path, body := range paths {
				if got := c.must(1, "GET", path, ""); got.body != body {
					t.Errorf("%s is %q, written was %q", path, got.body, body)
				}
			}
		})
	}
}

func TestFollowerThatIsFarBehindGetsASnapshot(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, func(cfg *server.Config) {
		cfg.SnapshotEvery, cfg.Raft.Trailing, cfg.Raft.ChunkSize = 8, 2, 100
	})
	away := c.follower()
	c.shutdown(away)
	for i := range 30 {
		c.must(c.leader(), "PUT", fmt.Sprintf("/v1/kv/key%d", i), strings.Repeat("v", 50))
	}
	c.until("the leader has cut its log", func() bool {
		return c.servers[c.leader()].Status().Base.Index > 10
	})
	s := c.start(away)
	c.until("it has caught up", func() bool {
		return s.Status().Applied >= c.servers[c.leader()].Status().Commit
	})
	if st := s.Status(); st.Snapshot.Index == 0 {
		t.Errorf("it has caught up without a snapshot: %+v", st)
	}
}

func TestMemoryNodeNeverRepeatsItsIncarnation(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, func(cfg *server.Config) { cfg.Store = "memory" })
	last := c.servers[1].Status().Boot
	for range 2 {
		c.shutdown(1)
		now := c.start(1).Status().Boot
		if now <= last {
			t.Errorf("incarnation %d follows %d", now, last)
		}
		last = now
	}
	c.shutdown(1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := c.build(1)
	if err := s.Start(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a start that nobody waits for any more gives %v", err)
	}
}

func TestStartAndShutdownKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var steps []server.Step
	c := newCluster(t, 1, func(cfg *server.Config) {
		cfg.Observe = func(s server.Step) { steps = append(steps, s) }
	})
	c.leader()
	want := []server.Step{server.StepRecover, server.StepLoad, server.StepListen, server.StepElect}
	if !slices.Equal(steps, want) {
		t.Errorf("it was started in the order %v, not %v", steps, want)
	}
	steps = nil
	c.must(1, "PUT", "/v1/kv/x", "1")
	c.shutdown(1)
	want = []server.Step{server.StepRefuse, server.StepStepDown, server.StepDrain, server.StepFlush,
		server.StepClose}
	if !slices.Equal(steps, want) {
		t.Errorf("it was shut down in the order %v, not %v", steps, want)
	}
}

func TestStepsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	c := &cluster{}
	refuse := func(at server.Step, path string, want int) func(server.Step) {
		return func(s server.Step) {
			if s != at {
				return
			}
			if a := c.ask(1, "GET", path, ""); a.status != want {
				c.t.Errorf("at %s, %s gives %d, not %d: %s", at, path, a.status, want, a.body)
			}
		}
	}
	observers := []func(server.Step){
		refuse(server.StepListen, "/healthz", 0), // nobody answers before the port is served
		refuse(server.StepStepDown, "/v1/kv/x", http.StatusServiceUnavailable),
		refuse(server.StepStepDown, "/healthz", http.StatusServiceUnavailable),
		refuse(server.StepFlush, "/healthz", 0),
	}
	for _, o := range observers {
		*c = *newCluster(t, 0, func(cfg *server.Config) { cfg.Observe = o })
		c.members[1] = "127.0.0.1:0"
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		c.members[1] = l.Addr().String()
		if err := l.Close(); err != nil { // it listens itself
			t.Fatal(err)
		}
		s, err := server.New(c.config(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		c.servers[1] = s
		c.leader()
		c.shutdown(1)
	}
}

func TestNothingIsRegisteredAfterStart(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	s := c.servers[1]
	nothing := func(context.Context, []byte) ([]byte, error) { return nil, nil }
	for what, err := range map[string]error{
		"a handler":       s.Handle("late", nothing),
		"a state machine": s.RegisterStateMachine(machine.NewKV()),
		"a pattern":       s.Mount("GET /late", http.NotFoundHandler()),
		"a second start":  s.Start(context.Background()),
	} {
		if !errors.Is(err, server.ErrStarted) {
			t.Errorf("%s was taken after the start: %v", what, err)
		}
	}
}

func TestRegisteringTwiceIsRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 0, nil)
	c.members[1] = "127.0.0.1:1"
	s, err := server.New(c.config(1))
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(context.Context, []byte) ([]byte, error) { return nil, nil }
	err = errors.Join(s.Handle("a", nothing), s.RegisterStateMachine(machine.NewKV()))
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"a second handler of a name": s.Handle("a", nothing),
		"a handler without a name":   s.Handle("", nothing),
		"a handler that is none":     s.Handle("b", nil),
		"a second machine":           s.RegisterStateMachine(machine.NewLedger()),
	} {
		if err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestBadConfigurationsAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*server.Config){
		"no UUID":           func(c *server.Config) { c.Cluster = [16]byte{} },
		"no secret":         func(c *server.Config) { c.Secret = "" },
		`"tape" is unknown`: func(c *server.Config) { c.Store = "tape" },
		"data directory":    func(c *server.Config) { c.Dir = "" },
		"no host:port":      func(c *server.Config) { c.Members[2] = "nowhere" },
		"need a token":      func(c *server.Config) { c.Listen, c.Token = "0.0.0.0:0", "" },
		"has no address":    func(c *server.Config) { c.ID = 9 },
		"at most a third":   func(c *server.Config) { c.Raft.Heartbeat = raft.Second },
		"no range":          func(c *server.Config) { c.Raft.ElectionMax = 1 },
		"no faults":         func(c *server.Config) { c.Cut.To = []raft.NodeID{2} },
		"is preferred as leader and not": func(c *server.Config) {
			c.Raft.Preferred = []raft.NodeID{2, 3}
		},
		"leader twice": func(c *server.Config) {
			c.Raft.Preferred = []raft.NodeID{2, 1, 2}
		},
		"LeaseReads needs": func(c *server.Config) {
			c.Raft.LeaseReads, c.Raft.CheckQuorum = true, false
		},
		"cannot have Joined": func(c *server.Config) {
			c.Joined = map[raft.NodeID]string{2: "127.0.0.1:3"}
		},
		"of S3 is no host:port": func(c *server.Config) {
			c.Joined = map[raft.NodeID]string{3: ""}
		},
		"no server's id": func(c *server.Config) {
			c.Joined = map[raft.NodeID]string{0: "127.0.0.1:3"}
		},
		"no other server": func(c *server.Config) {
			c.AllowFaults, c.Cut.From = true, []raft.NodeID{1}
		},
	} {
		c := newCluster(t, 0, nil)
		c.members[1], c.members[2] = "127.0.0.1:1", "127.0.0.1:2"
		cfg := c.config(1)
		spoil(&cfg)
		if _, err := server.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted an error with %q, got %v", want, err)
		}
	}
}

func TestStartFailsWithASentence(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	taken := c.config(1)
	taken.Dir = t.TempDir()
	other := c.config(1)
	other.Cluster[3]++
	other.Listen = "127.0.0.1:0"
	inUse := c.config(1)
	inUse.Listen = "127.0.0.1:0"
	unknown := c.config(1)
	unknown.Dir, unknown.Machine, unknown.Listen = t.TempDir(), "abacus", "127.0.0.1:0"
	for _, test := range []struct {
		cfg  server.Config
		want string
	}{
		{taken, "address already in use"}, {inUse, "in use"}, {unknown, `"abacus"`},
	} {
		startFails(t, test.cfg, test.want)
	}
	c.shutdown(1)
	startFails(t, other, "belongs to")
}

func startFails(t *testing.T, cfg server.Config, want string) {
	t.Helper()
	s, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("wanted an error with %q, got %v", want, err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
