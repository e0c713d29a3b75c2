package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// withHandlers starts a single server with handlers of every kind.
func withHandlers(t *testing.T) *cluster {
	t.Helper()
	c := newCluster(t, 1, nil)
	c.shutdown(1)
	s := c.build(1)
	handlers := map[string]server.Handler{
		"echo": func(_ context.Context, b []byte) ([]byte, error) { return b, nil },
		"fail": func(context.Context, []byte) ([]byte, error) {
			return nil, errors.New("it is broken")
		},
		"panic": func(context.Context, []byte) ([]byte, error) { panic("it is very broken") },
		"teapot": func(context.Context, []byte) ([]byte, error) {
			return nil, &server.Problem{Status: http.StatusTeapot, Text: "short and stout"}
		},
		"slow": func(ctx context.Context, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	}
	for name, h := range handlers {
		if err := s.Handle(name, h); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.servers[1] = s
	c.leader()
	return c
}

func TestStatusesOfTheAPI(t *testing.T) {
	t.Parallel()
	c := withHandlers(t)
	long := strings.Repeat("k", server.MaxKey+1)
	big := strings.Repeat("v", server.MaxValue+1)
	for _, test := range []struct {
		method, path, body string
		want               int
		says               string
	}{
		{"PUT", "/v1/kv/x", "1", 200, ""},
		{"GET", "/v1/kv/x", "", 200, ""},
		{"DELETE", "/v1/kv/x", "", 200, ""},
		{"GET", "/v1/kv/x", "", 404, "no key"},
		{"DELETE", "/v1/kv/x", "", 404, "no key"},
		{"PUT", "/v1/kv/" + long, "1", 413, "1025 bytes"},
		{"GET", "/v1/kv/" + long, "", 413, "1025 bytes"},
		{"PUT", "/v1/kv/" + long[1:], big[1:], 200, ""},
		{"PUT", "/v1/kv/x", big, 413, "1048576 bytes"},
		{"PUT", "/v1/kv/", "1", 400, "empty"},
		{"PATCH", "/v1/kv/x", "1", 405, "GET, PUT, DELETE"},
		{"POST", "/v1/ledger", "body", 409, "--machine ledger"},
		{"GET", "/v1/ledger/1", "", 409, "--machine ledger"},
		{"GET", "/v1/ledger/zero", "", 400, "no number"},
		{"POST", "/v1/call/echo", "hello", 200, ""},
		{"POST", "/v1/call/nobody", "", 404, "no handler"},
		{"POST", "/v1/call/fail", "", 500, "it is broken"},
		{"POST", "/v1/call/panic", "", 500, "it is very broken"},
		{"POST", "/v1/call/teapot", "", 418, "short and stout"},
		{"POST", "/v1/call/echo", big, 413, "1048576 bytes"},
		{"GET", "/healthz", "", 200, ""},
		{"GET", "/v1/status", "", 200, ""},
		{"GET", "/nowhere", "", 404, "nothing at"},
		{"DELETE", "/v1/status", "", 405, "allowed is GET"},
		{"GET", "/v1/call/echo", "", 405, "allowed is POST"},
	} {
		a := c.ask(1, test.method, test.path, test.body)
		path := test.path[:min(len(test.path), 40)]
		if a.status != test.want {
			t.Errorf("%s %s gives %d, not %d: %s", test.method, path, a.status, test.want, a.body)
			continue
		}
		if test.says != "" && !strings.Contains(a.problem(t).Error, test.says) {
			t.Errorf("%s %s does not say %q: %s", test.method, path, test.says, a.body)
		}
	}
}

func TestKeysAndValuesAreAnyBytes(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	c.leader()
	value := "\x00\xff<script>\r\n"
	for _, key := range []string{"a/b/c", "a//b", "../x", ".", "with space", "ünï", "%2F",
		"?&#", "/"} {
		path := "/v1/kv/" + url.PathEscape(key)
		if a := c.ask(1, "PUT", path, value); a.status != 200 {
			t.Fatalf("PUT %s: %d %s", path, a.status, a.body)
		}
		a := c.ask(1, "GET", path, "")
		if a.status != 200 || a.body != value {
			t.Errorf("key %q: got %d %q", key, a.status, a.body)
		}
		if ct := a.header.Get("Content-Type"); ct != "application/octet-stream" ||
			a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("a value is served as %q, which a page could abuse", ct)
		}
	}
	if a := c.ask(1, "GET", "/v1/kv/a/b/c", ""); a.body != value {
		t.Errorf("the key a/b/c is not found by its plain path: %d %s", a.status, a.body)
	}
}

func TestOtherMachinesPathsNameTheFlag(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, func(cfg *server.Config) { cfg.Machine = "ledger" })
	c.leader()
	for _, method := range []string{"PUT", "GET", "DELETE"} {
		a := c.ask(1, method, "/v1/kv/x", "")
		if a.status != http.StatusConflict ||
			!strings.Contains(a.problem(t).Error, "--machine kv") {
			t.Errorf("%s of a key in a ledger's cluster: %d %s", method, a.status, a.body)
		}
	}
	if a := c.ask(1, "POST", "/v1/ledger", ""); a.status != http.StatusBadRequest {
		t.Errorf("an empty body was answered with %d", a.status)
	}
}

func TestAnyServerPassesOnToTheLeaderOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	c.must(c.follower(), "PUT", "/v1/kv/x", "1")
	a := c.must(c.follower(), "GET", "/v1/kv/x", "")
	if a.body != "1" || a.header.Get(wire.HeaderIndex) == "" {
		t.Errorf("a read through a follower gave %q at %v", a.body, a.header)
	}
	c.until("a key that is not there is 404 through a follower too", func() bool {
		return c.ask(c.follower(), "GET", "/v1/kv/none", "").status == http.StatusNotFound
	})
	c.until("what was passed on is not passed on again", func() bool {
		leader, id := c.leader(), c.follower()
		a := c.ask(id, "PUT", "/v1/kv/x", "1", wire.HeaderForwarded, "9")
		return a.status == http.StatusServiceUnavailable && a.problem(t).Leader == leader &&
			a.header.Get("Retry-After") != "" && a.problem(t).Outcome == "refused"
	})
}

func TestWithoutALeaderWritesAreRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	c.leader()
	c.shutdown(1)
	c.shutdown(2)
	c.until("the last one knows of no leader", func() bool {
		a := c.ask(3, "PUT", "/v1/kv/x", "1")
		return a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "" &&
			strings.Contains(a.problem(t).Error, "knows of no leader")
	})
	if a := c.ask(3, "GET", "/healthz", ""); a.status != 200 {
		t.Errorf("a server without a leader is ill: %d %s", a.status, a.body)
	}
}

func TestOutcomeThatIsNotKnownIsCalledSo(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, func(cfg *server.Config) {
		cfg.AllowFaults, cfg.Timeout = true, 100*time.Millisecond
	})
	c.until("a write to a leader that is cut off is unknown", func() bool {
		leader := c.leader()
		var others []string
		for id := range c.members {
			if id != leader {
				others = append(others, id.String()[1:])
			}
		}
		list := "[" + strings.Join(others, ",") + "]"
		c.cut(leader, `{"from":`+list+`,"to":`+list+`}`)
		defer c.cut(leader, `{}`)
		a := c.ask(leader, "PUT", "/v1/kv/x", "1")
		return a.status == http.StatusGatewayTimeout && a.problem(t).Outcome == "unknown" &&
			strings.Contains(a.body, "unknown")
	})
}

// cut sets which links a server cuts.
func (c *cluster) cut(id raft.NodeID, body string) {
	c.t.Helper()
	a := c.ask(id, "POST", "/v1/admin/cut", body, "Authorization", "Bearer a token")
	if a.status != http.StatusOK {
		c.t.Fatalf("cutting %s: %d %s", body, a.status, a.body)
	}
}

func TestTooManyRequestsAreRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, func(cfg *server.Config) { cfg.MaxBytes = 10 })
	c.leader()
	if a := c.ask(1, "PUT", "/v1/kv/x", "short"); a.status != 200 {
		t.Errorf("a short value: %d %s", a.status, a.body)
	}
	a := c.ask(1, "PUT", "/v1/kv/x", "much too long")
	if a.status != http.StatusServiceUnavailable || a.problem(t).Why != "tooMany" {
		t.Errorf("bodies over the bound: %d %s", a.status, a.body)
	}
	if a := c.ask(1, "PUT", "/v1/kv/x", "again"); a.status != 200 {
		t.Errorf("the bound is not given back: %d %s", a.status, a.body)
	}
}

func TestRequestsThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, func(cfg *server.Config) { cfg.MaxWaiting, cfg.AllowFaults = 1, true })
	c.until("a second request is refused while a first one waits", func() bool {
		leader := c.leader()
		var others []string
		for id := range c.members {
			if id != leader {
				others = append(others, id.String()[1:])
			}
		}
		c.cut(leader, `{"to":[`+strings.Join(others, ",")+`]}`) // so that it waits
		defer c.cut(leader, `{}`)
		answers := make(chan answer, 2)
		for range 2 {
			go func() { answers <- c.ask(leader, "PUT", "/v1/kv/x", "1") }()
		}
		one, two := <-answers, <-answers
		return strings.Contains(one.body+two.body, `"tooMany"`)
	})
}

func TestRepeatedRequestOfASessionIsDoneOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	c.leader()
	id := "0191f0a0-0000-7000-8000-000000000001"
	write := func(value, seq string) answer {
		return c.ask(1, "PUT", "/v1/kv/x", value, wire.HeaderSession, id, wire.HeaderSeq, seq)
	}
	write("first", "1")
	if a := write("again", "1"); a.status != 200 {
		t.Errorf("a repeated request: %d %s", a.status, a.body)
	}
	if got := c.ask(1, "GET", "/v1/kv/x", ""); got.body != "first" {
		t.Errorf("a repeated request was done again: %q", got.body)
	}
	write("second", "2")
	if a := write("late", "1"); a.status != http.StatusConflict ||
		a.problem(t).Outcome != "unknown" || !strings.Contains(a.body, "behind its request 1,") {
		t.Errorf("a request before the session's last: %d %s", a.status, a.body)
	}
	for _, h := range [][]string{{wire.HeaderSession, "x", wire.HeaderSeq, "1"},
		{wire.HeaderSession, id}, {wire.HeaderSeq, "1"},
		{wire.HeaderSession, id, wire.HeaderSeq, "0"}} {
		if a := c.ask(1, "PUT", "/v1/kv/x", "1", h...); a.status != http.StatusBadRequest {
			t.Errorf("headers %v: %d %s", h, a.status, a.body)
		}
	}
}

func TestStatusHasTheNamesOfThePagesAPI(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	leader := c.leader()
	c.must(leader, "PUT", "/v1/kv/x", "1")
	a := c.ask(leader, "GET", "/v1/status", "")
	for _, name := range []string{"id", "name", "role", "term", "votedFor", "commitIndex",
		"lastApplied", "lastIndex", "snapshotIndex", "alive", "paused", "store"} {
		if !strings.Contains(a.body, `"`+name+`":`) {
			t.Errorf("the status does not tell %s: %s", name, a.body)
		}
	}
	if !strings.Contains(a.body, `"role":"leader"`) || !strings.Contains(a.body, `"store":"file"`) {
		t.Errorf("the leader's status is %s", a.body)
	}
}

func TestMetricsTellWhatHappened(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	leader := c.leader()
	c.must(leader, "PUT", "/v1/kv/x", "1")
	c.ask(leader, "GET", "/v1/kv/none", "")
	a := c.ask(leader, "GET", "/metrics", "")
	for _, line := range []string{"# TYPE raftarium_role gauge",
		`raftarium_elections_total{kind="won"} `,
		`raftarium_messages_sent_total{class="heartbeat"} `,
		`raftarium_fsync_seconds_bucket{le="5e-05"} `,
		`raftarium_append_seconds_bucket{le="+Inf"} `, "raftarium_append_seconds_sum ",
		"raftarium_connections 2"} {
		if !strings.Contains(a.body, line) {
			t.Errorf("the metrics do not say %q:\n%s", line, a.body)
		}
	}
	if strings.Contains(a.body, "raftarium_append_seconds_count 0\n") ||
		strings.Contains(a.body, `sent_total{class="append"} 0`+"\n") {
		t.Errorf("the metrics tell of no write:\n%s", a.body)
	}
}

func TestSlowHandlerEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	c := withHandlers(t)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+c.members[1]+"/v1/call/slow", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		t.Error("it was answered")
	}
	// Shutdown, in the clean-up, would wait for a handler that goes on.
}
