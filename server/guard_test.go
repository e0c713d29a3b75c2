package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/server"
)

func TestGuardLetsInByHostAndOrigin(t *testing.T) {
	t.Parallel()
	g := &server.Guard{Bind: "127.0.0.1:8080", Hosts: []string{"raft.example"},
		Origins: []string{"https://page.example"}, Token: "t", Secret: "s"}
	for _, test := range []struct {
		host, origin string
		want         int
	}{
		{"127.0.0.1:8080", "", 200},
		{"localhost:8080", "", 200},
		{"LOCALHOST", "", 200},
		{"[::1]:8080", "", 200},
		{"127.1.2.3:8080", "", 200},
		{"raft.example", "", 200},
		{"Raft.Example:8080", "", 200},
		{"evil.example:8080", "", 403}, // a name that was made to point here
		{"localhost.evil.example:8080", "", 403},
		{"127.0.0.1.evil.example", "", 403},
		{"", "", 403},
		{"10.0.0.1:8080", "", 403},
		{"127.0.0.1:8080", "http://127.0.0.1:8080", 200},
		{"localhost:8080", "http://localhost:8080", 200},
		{"raft.example", "https://raft.example", 200},
		{"127.0.0.1:8080", "https://page.example", 200},
		{"127.0.0.1:8080", "http://page.example", 403}, // another scheme is another origin
		{"127.0.0.1:8080", "http://evil.example", 403},
		{"127.0.0.1:8080", "http://127.0.0.1:9090", 403}, // another port is another page
		{"127.0.0.1:8080", "http://localhost:8080", 403},
		{"127.0.0.1:8080", "null", 403},
		{"127.0.0.1:8080", "http://127.0.0.1:8080/path", 403},
		{"127.0.0.1:8080", "http://user@127.0.0.1:8080", 403},
		{"127.0.0.1:8080", "file://127.0.0.1:8080", 403},
		{"evil.example", "http://evil.example", 403}, // rebinding, and then its own origin
	} {
		r := httptest.NewRequest("GET", "http://x/", nil)
		r.Host = test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		w := httptest.NewRecorder()
		g.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("host %q, origin %q: %d, not %d", test.host, test.origin, w.Code, test.want)
		}
		own := test.want == 200 && test.origin != "" && test.origin != "https://page.example"
		if g.Own(r) != own {
			t.Errorf("host %q, origin %q: a page of its own: %v", test.host, test.origin, !own)
		}
	}
}

func TestGuardOfSecondOriginHeader(t *testing.T) {
	t.Parallel()
	g := &server.Guard{Bind: "127.0.0.1:8080"}
	r := httptest.NewRequest("GET", "http://127.0.0.1:8080/", nil)
	r.Header.Add("Origin", "http://127.0.0.1:8080")
	r.Header.Add("Origin", "http://evil.example")
	w := httptest.NewRecorder()
	g.Wrap(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("a second origin was passed over: %d", w.Code)
	}
}

func TestGuardAsksForTheToken(t *testing.T) {
	t.Parallel()
	near := &server.Guard{Bind: "127.0.0.1:8080", Token: "the token", Secret: "the secret"}
	far := &server.Guard{Bind: "10.0.0.1:8080", Token: "the token", Secret: "the secret"}
	bare := &server.Guard{Bind: "127.0.0.1:8080"}
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for _, test := range []struct {
		name, header string
		h            http.Handler
		want         int
	}{
		{"a client on loopback", "", near.Client(ok), 200},
		{"a client from far", "", far.Client(ok), 401},
		{"a client from far with the token", "Bearer the token", far.Client(ok), 200},
		{"a fault without a token", "", near.Admin(ok), 401},
		{"a fault with a wrong token", "Bearer the Token", near.Admin(ok), 401},
		{"a fault with a part of it", "Bearer the", near.Admin(ok), 401},
		{"a fault with an empty token", "Bearer ", near.Admin(ok), 401},
		{"a fault with another scheme", "Basic the token", near.Admin(ok), 401},
		{"a fault with the token", "Bearer the token", near.Admin(ok), 200},
		{"a fault with the secret", "bearer the secret", near.Admin(ok), 200},
		{"a member with the token only", "Bearer the token", near.Member(ok), 401},
		{"a member with the secret", "Bearer the secret", near.Member(ok), 200},
		{"no token where there is none", "Bearer ", bare.Admin(ok), 401},
		{"no header where there is no token", "", bare.Member(ok), 401},
	} {
		r := httptest.NewRequest("POST", "http://127.0.0.1:8080/?token=the+token", nil)
		if test.header != "" {
			r.Header.Set("Authorization", test.header)
		}
		w := httptest.NewRecorder()
		test.h.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s: %d, not %d", test.name, w.Code, test.want)
		}
	}
}

func TestServerIsGuarded(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	c.leader()
	auth := []string{"Authorization", "Bearer a token"}
	foreign := []string{"Origin", "http://evil.example"}
	for _, test := range []struct {
		name, method, path, body string
		header                   []string
		want                     int
	}{
		{"a foreign origin reads", "GET", "/v1/status", "", foreign, 403},
		{"a foreign origin writes", "PUT", "/v1/kv/x", "1", foreign, 403},
		{"a rebound name reads", "GET", "/v1/kv/x", "", []string{"Host", "evil.example"}, 403},
		{"a foreign origin listens", "GET", "/v1/stream", "",
			[]string{"Origin", "http://evil.example", "Authorization", "Bearer members only"}, 403},
		{"a stranger listens", "GET", "/v1/stream", "", nil, 401},
		{"a stranger sends", "GET", "/v1/peer?from=2", "", nil, 401},
		{"the token is no secret", "GET", "/v1/peer?from=2", "", auth, 401},
		{"a stranger profiles", "GET", "/debug/pprof/cmdline", "", nil, 401},
		{"a stranger cuts", "POST", "/v1/admin/cut", "{}", nil, 401},
		{"faults are not let in", "POST", "/v1/admin/cut", "{}", auth, 403},
		{"nor elections forced", "POST", "/v1/admin/campaign", "", auth, 403},
		{"the token profiles", "GET", "/debug/pprof/", "", auth, 200},
	} {
		a := c.ask(1, test.method, test.path, test.body, test.header...)
		if a.status != test.want {
			t.Errorf("%s: %d, not %d: %s", test.name, a.status, test.want, a.body)
		}
	}
}

func TestFaultsAreCheckedBeforeTheyAreLetIn(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, func(cfg *server.Config) { cfg.AllowFaults = true })
	c.leader()
	auth := []string{"Authorization", "Bearer a token"}
	for body, want := range map[string]int{
		`{"from":[2],"to":[3]}`: 200, `{}`: 200, `{"to":[1]}`: 400, `{"to":[9]}`: 400,
		`{"two":[2]}`: 400,
		`[`:           400, ``: 400, `{"to":"` + strings.Repeat("x", 1<<17) + `"}`: 400,
	} {
		if a := c.ask(1, "POST", "/v1/admin/cut", body, auth...); a.status != want {
			t.Errorf("cut %.40s: %d, not %d: %s", body, a.status, want, a.body)
		}
	}
	if a := c.ask(1, "POST", "/v1/admin/cut", `{}`); a.status != 401 {
		t.Errorf("a cut without the token: %d", a.status)
	}
	id := c.follower()
	term := c.servers[id].Status().Term
	if a := c.ask(id, "POST", "/v1/admin/campaign", "", auth...); a.status != 202 {
		t.Errorf("a campaign: %d %s", a.status, a.body)
	}
	c.until("there was an election", func() bool { return c.servers[id].Status().Term > term })
}

func TestOffLoopbackClientsNeedTheToken(t *testing.T) {
	t.Parallel()
	g := &server.Guard{Bind: "0.0.0.0:8080", Hosts: []string{"raft.example"}, Token: "t"}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://raft.example/", nil)
	g.Wrap(g.Client(http.NotFoundHandler())).ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("a client from another machine was let in with %d", w.Code)
	}
	r = httptest.NewRequest("GET", "http://0.0.0.0:8080/", nil)
	w = httptest.NewRecorder()
	g.Wrap(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("the address of no machine is an allowed name: %d", w.Code)
	}
}
