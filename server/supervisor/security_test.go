package supervisor

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// security tries the front of a cluster as somebody who has no business there.
func security(t *testing.T, p *program) {
	strangers(t, p)
	watchers(t, p)
	admins(t, p)
	v := p.own()
	_ = v.conn.Write(context.Background(), websocket.MessageBinary, make([]byte, wire.MaxUp+1))
	for v.gone == nil {
		v.step()
	}
	if websocket.CloseStatus(v.gone) != websocket.StatusMessageTooBig {
		t.Errorf("a frame that is too long ends with %v", v.gone)
	}
}

// strangers are pages of other origins, and names that were made to point here.
func strangers(t *testing.T, p *program) {
	port := p.addr[strings.LastIndex(p.addr, ":"):]
	for name, head := range map[string][]string{
		"a foreign origin":   {"Origin", "http://evil.example"},
		"another port":       {"Origin", "http://127.0.0.1:1"},
		"another scheme":     {"Origin", "file://"},
		"no origin at all":   {"Origin", "null"},
		"a rebinding name":   {"Host", "evil.example" + port},
		"a rebinding origin": {"Host", "evil.example" + port, "Origin", "http://evil.example" + port},
	} {
		for _, path := range []string{"/", "/v1/status", "/v1/kv/x", "/metrics"} {
			if status, body, _ := p.do("GET", path, "", head...); status != http.StatusForbidden {
				t.Errorf("%s: GET %s says %d %q", name, path, status, body)
			}
		}
		websocketHead, host := http.Header{}, ""
		for i := 0; i < len(head); i += 2 {
			if head[i] == "Host" {
				host = head[i+1]
			} else {
				websocketHead.Set(head[i], head[i+1])
			}
		}
		if _, status, err := p.dial(websocketHead, host); status != http.StatusForbidden {
			t.Errorf("%s: watching says %d %v", name, status, err)
		}
	}
}

// watchers may watch; why they may do no more they are told.
func watchers(t *testing.T, p *program) {
	b, err := os.ReadFile(filepath.Join(p.dir, "token"))
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(b))
	for name, c := range map[string]struct {
		token, says string
	}{
		"no token": {"", "this viewer may only watch; to act it must bring the token that is in " +
			filepath.Join(p.dir, "token")},
		"a wrong token": {strings.Repeat("0", len(token)), "this is not the token of this cluster, " +
			"so this viewer may only watch"},
		"the token": {token, ""},
	} {
		v := p.attach("", c.token)
		h := v.remote.Header()
		if h.Why != c.says || (h.Caps != 0) != (c.says == "") {
			t.Errorf("%s: the header says %q and has powers %b", name, h.Why, h.Caps)
		}
		v.leader(0) // it sees the cluster
		if why := v.act(trace.Command{Kind: trace.CommandHealAll}); why != c.says {
			t.Errorf("%s: a command is answered with %q", name, why)
		}
	}
	if own := p.own().remote.Header(); own.Why != "" || own.Caps&trace.CanKill == 0 {
		t.Errorf("the own page is told %q and has powers %b", own.Why, own.Caps)
	}
	bearer := http.Header{"Authorization": {"Bearer " + token}}
	v, _, err := p.dial(bearer, "")
	if err != nil {
		t.Fatal(err)
	}
	v.remote.Hello("")
	v.remote.Open("")
	if v.until("the header", v.remote.Ready); v.remote.Header().Why != "" {
		t.Errorf("with the token as a header: %q", v.remote.Header().Why)
	}
}

// admins look for the nodes' own doors, with the token even.
func admins(t *testing.T, p *program) {
	b, _ := os.ReadFile(filepath.Join(p.dir, "token"))
	token := "Bearer " + strings.TrimSpace(string(b))
	cut := `{"to":[1,2,3],"from":[]}`
	for _, path := range []string{"/v1/admin/cut", "/v1/admin/campaign",
		"/v1/kv/../admin/campaign", "/v1/kv/%2e%2e/admin/campaign", "/v1/kv//../../admin/campaign",
		"/v1/call/../admin/cut", "/v1/call/%2e%2e/admin/cut", "/v1/call/..%2fadmin/cut",
		"/v1/x/../admin/cut", "/v1/kv/../../v1/admin/campaign", "//v1/admin/cut",
		"/v1/ledger/../admin/campaign", "/v1/ledger/%2e%2e/admin/campaign", "/v1/stream",
		"/v1/peer?from=1", "/debug/pprof/"} {
		for _, method := range []string{"POST", "GET"} {
			until(t, method+" "+path+" is answered", func() bool {
				status, body, _ := p.do(method, path, cut, "Authorization", token)
				away := status == http.StatusServiceUnavailable ||
					status == http.StatusGatewayTimeout // of a key, while nobody leads
				if status != http.StatusNotFound && status != http.StatusMethodNotAllowed && !away {
					t.Errorf("%s %s says %d %q", method, path, status, body)
				}
				return !away
			})
		}
	}
	// A name that looks like a step is a key, and nothing else.
	for _, key := range []string{"../admin/cut", "%2e%2e/admin/cut", "x/../../admin/cut",
		"/../../admin/cut"} {
		p.put(key, cut)
		p.holds(key, cut)
	}
	for _, m := range p.metadata().Members {
		status, body, _ := (&program{t: t, addr: m.Address}).do("GET", "/v1/status", "")
		if status != http.StatusOK || strings.Contains(body, `"cut"`) {
			t.Errorf("behind all that %s says %d %s", m.Name, status, body)
		}
	}
}
