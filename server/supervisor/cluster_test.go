package supervisor

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// TestAClusterOfProcesses takes one cluster through its life, as its visitors see it.
func TestAClusterOfProcesses(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3")
	v := p.own()
	v.leader(0)
	c := &life{p: p, v: v}
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"clients", c.clients},
		{"metrics", c.metrics},
		{"writes of viewers", c.proposals},
		{"security", func(t *testing.T) { security(t, p) }},
		{"kill and restart", c.killAndRestart},
		{"pause and resume", c.pauseAndResume},
		{"partition and heal", c.partition},
		{"a cut one way", c.oneWay},
		{"commands that make no sense", c.nonsense},
		{"a second one", c.second},
		{"shutdown", c.shutdown},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			p.t, v.t = t, t
			step.do(t)
		}) {
			break
		}
	}
	p.t, v.t = t, t
}

type life struct {
	p *program
	v *page
}

func (c *life) clients(t *testing.T) {
	p := c.p
	p.put("x", "7")
	status, body, head := p.do("GET", "/v1/kv/x", "")
	if status != http.StatusOK || body != "7" || head.Get("X-Raftarium-Index") == "" ||
		head.Get("X-Raftarium-Term") == "" {
		t.Errorf("GET says %d %q %v", status, body, head)
	}
	if status, body, _ = p.do("DELETE", "/v1/kv/x", ""); status != http.StatusOK {
		t.Errorf("DELETE says %d %q", status, body)
	}
	keys(t, p)
	for _, want := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/v1/kv/x", "", http.StatusNotFound, "there is no key"},
		{"GET", "/v1/kv/" + strings.Repeat("k", 1025), "", http.StatusRequestEntityTooLarge, "1024"},
		{"PUT", "/v1/kv/big", strings.Repeat("v", 1<<20+1), http.StatusRequestEntityTooLarge, "1"},
		{"GET", "/v1/ledger/1", "", http.StatusConflict, "--machine"},
		{"POST", "/v1/call/echo", "hello", http.StatusOK, "hello"},
		{"POST", "/v1/call/nobody", "", http.StatusNotFound, "error"},
		{"GET", "/v1/nothing", "", http.StatusNotFound, "there is nothing at /v1/nothing"},
		{"GET", "/healthz", "", http.StatusOK, "true"},
	} {
		status, body, _ := p.do(want.method, want.path, want.body)
		if status != want.status || !strings.Contains(body, want.says) {
			t.Errorf("%s %.40s says %d %q, not %d", want.method, want.path, status, body, want.status)
		}
	}
	m := p.metadata()
	if len(m.Nodes) != 3 || len(m.Members) != 3 || m.Machine != "kv" || m.Store != "file" {
		t.Errorf("the status is %+v", m)
	}
	for _, n := range m.Nodes {
		if !n.Alive || n.Paused || n.Store != "file" || n.Term == 0 || n.Term != m.Term {
			t.Errorf("the status of %s is %+v, and the term %d", n.Name, n, m.Term)
		}
	}
}

// keys holds that a key is what was written, at the front as at a node, where a path would be
// cleaned and the client sent elsewhere.
func keys(t *testing.T, p *program) {
	node := &program{t: t, addr: p.metadata().Members[0].Address}
	for _, key := range []string{"a/b", "a//b", "a/./b", "a/../b", "../b", "./b", "b/..", "b/.", "/",
		"//", "%2e%2e/c"} {
		p.put(key, "of "+key)
		p.holds(key, "of "+key)
		node.holds(key, "of "+key)
	}
	for _, again := range []struct{ path, value string }{
		{"..%2Fb", "of ../b"}, {"a%2F%2Fb", "of a//b"}, {"%2E%2E/b", "of ../b"},
		{"../c", "of %2e%2e/c"}, // they are unescaped, and so it is the same key
	} {
		for _, at := range []*program{p, node} {
			at.holds(again.path, again.value)
		}
	}
	if status, body, _ := p.do("GET", "/v1/kv/%252e%252e/c", ""); status != http.StatusNotFound {
		t.Errorf("a key is unescaped twice: %d %q", status, body)
	}
}

// metrics holds that the front tells those of all nodes, by one line of type each.
func (c *life) metrics(t *testing.T) {
	_, body, head := c.p.do("GET", "/metrics", "")
	if ct := head.Get("Content-Type"); !strings.HasPrefix(ct, "text/plain; version=0.0.4") {
		t.Errorf("they are served as %q", ct)
	}
	for _, node := range []string{"S1", "S2", "S3"} {
		for _, line := range []string{`raftarium_up{node="` + node + `"} 1`,
			`raftarium_term{node="` + node + `"} `,
			`raftarium_elections_total{node="` + node + `",kind="won"} `} {
			if strings.Count(body, "\n"+line) != 1 {
				t.Errorf("the metrics do not say %q once", line)
			}
		}
	}
	for _, line := range []string{"# HELP raftarium_term ", "# TYPE raftarium_term gauge\n",
		"# TYPE raftarium_fsync_seconds histogram\n"} {
		if strings.Count(body, line) != 1 {
			t.Errorf("the metrics say %q %d times", line, strings.Count(body, line))
		}
	}
	last, done := "", map[string]bool{}
	for line := range strings.Lines(body) { // the samples of a metric stand together
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, _, _ := strings.Cut(rest, " ")
			if done[name] {
				t.Errorf("%s comes again behind %s", name, last)
			}
			last, done[name] = name, true
		} else if !strings.HasPrefix(strings.TrimPrefix(line, "# TYPE "), last) {
			t.Errorf("behind the head of %s stands %q", last, line)
		}
	}
}

func (c *life) proposals(t *testing.T) {
	for _, key := range []string{"seen", "a/b", "../admin/cut", ".."} {
		c.v.must(trace.Command{Kind: trace.CommandPropose, Key: key, Value: "by " + key})
		c.p.holds(pathOfKey(key), "by "+key)
	}
	follower := c.v.leader(0)%3 + 1
	c.v.must(trace.Command{Kind: trace.CommandPropose, Node: follower, Key: "f", Value: "1"})
	c.p.holds("f", "1")
	c.v.must(trace.Command{Kind: trace.CommandCampaign, Node: follower})
}

// killAndRestart kills one node through the page and another from outside, and sees that the second
// comes back and the first does not until it is told to.
func (c *life) killAndRestart(t *testing.T) {
	p, v := c.p, c.v
	p.put("x", "1")
	leader := v.leader(0)
	pid := p.child(leader)
	v.must(trace.Command{Kind: trace.CommandKill, Node: leader})
	if !gone(pid) {
		t.Errorf("process %d lives", pid)
	}
	v.until("it is shown as killed", func() bool {
		n := v.node(leader)
		return !n.Alive && n.Stays && n.Down == "killed"
	})
	next := v.leader(leader)
	p.put("x", "2")
	other := 6 - leader - next
	pid = p.child(other)
	sigkill(t, pid)
	v.until("it is shown as crashed", func() bool {
		n := v.node(other)
		return !n.Alive && !n.Stays && n.Down == "died"
	})
	v.until("it is back", func() bool { return v.node(other).Alive && v.node(other).Known })
	if now := p.child(other); now == 0 || now == pid {
		t.Errorf("the process was %d and is %d", pid, now)
	}
	if n := v.node(leader); n.Alive || p.child(leader) != 0 {
		t.Errorf("what was killed through the page is %+v, process %d", n, p.child(leader))
	}
	why := v.act(trace.Command{Kind: trace.CommandKill, Node: leader})
	if !strings.Contains(why, "is down") {
		t.Errorf("killing it again: %q", why)
	}
	p.put("x", "3")
	v.must(trace.Command{Kind: trace.CommandRestart, Node: leader})
	v.equal()
	p.holds("x", "3")
	if n := v.node(leader); n.Stays || n.Down != "" {
		t.Errorf("it is back as %+v", n)
	}
}

func (c *life) pauseAndResume(t *testing.T) {
	p, v := c.p, c.v
	leader := v.leader(0)
	pid := p.child(leader)
	v.must(trace.Command{Kind: trace.CommandPause, Node: leader})
	until(t, "the process is stopped", func() bool {
		s, _ := stat(pid)
		return s == "T"
	})
	v.until("it is shown as paused", func() bool { return v.node(leader).Paused })
	if why := v.act(trace.Command{Kind: trace.CommandPause, Node: leader}); why == "" {
		t.Error("it was paused twice")
	}
	v.leader(leader)
	if n := v.node(leader); !n.Paused || n.Silent {
		t.Errorf("it is shown as %+v", n)
	}
	p.put("paused", "yes")
	v.must(trace.Command{Kind: trace.CommandResume, Node: leader})
	until(t, "the process goes on", func() bool {
		s, _ := stat(pid)
		return s != "T"
	})
	v.equal()
	if p.child(leader) != pid || v.node(leader).Paused {
		t.Error("it is not the same process, going on")
	}
}

func (c *life) partition(t *testing.T) {
	v := c.v
	leader := v.leader(0)
	a, b := leader%3+1, (leader+1)%3+1
	v.must(trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{{leader}, {a, b}}})
	if !v.state.Link(leader, a).Cut || !v.state.Link(b, leader).Cut || v.state.Link(a, b).Cut {
		t.Errorf("behind the answer the links are %+v", v.state.Links)
	}
	v.leader(leader)
	c.p.put("cut", "yes")
	v.must(trace.Command{Kind: trace.CommandHealAll})
	for _, l := range v.state.Links {
		if l.Link.Cut {
			t.Errorf("the link from %v to %v is still cut", l.From, l.To)
		}
	}
	v.equal()
	c.p.holds("cut", "yes")
}

// oneWay cuts what the leader sends: what it receives comes still. The cuts outlive a restart.
func (c *life) oneWay(t *testing.T) {
	v := c.v
	leader := v.leader(0)
	a, b := leader%3+1, (leader+1)%3+1
	for _, to := range []raft.NodeID{a, b} {
		v.must(trace.Command{Kind: trace.CommandCut, From: leader, To: to})
	}
	if v.state.Link(a, leader).Cut || !v.state.Link(leader, a).Cut {
		t.Errorf("the links are %+v", v.state.Links)
	}
	v.leader(leader)
	v.must(trace.Command{Kind: trace.CommandKill, Node: leader})
	v.must(trace.Command{Kind: trace.CommandRestart, Node: leader})
	v.until("a message is dropped at the cut again", func() bool {
		boot := v.node(leader).Boot
		for i := len(v.events) - 1; i >= 0; i-- {
			ev := &v.events[i]
			if d, ok := ev.Body.(trace.Dropped); ok && d.Why == trace.DropCut &&
				ev.ID.Node == leader && ev.ID.Boot == boot && v.node(leader).Alive {
				return true
			}
		}
		return false
	})
	boot := v.node(leader).Boot
	for i := range v.events { // not even before it could be told of the cut
		if d, ok := v.events[i].Body.(trace.Delivered); ok && d.Msg.Node == leader &&
			d.Msg.Boot == boot {
			t.Errorf("message %d of the restarted node came through the cut", d.Msg.N)
			break
		}
	}
	v.must(trace.Command{Kind: trace.CommandHeal, From: leader, To: a, Both: true})
	v.must(trace.Command{Kind: trace.CommandHeal, From: leader, To: b})
	v.equal()
	if n := len(v.state.Broken); n != 0 {
		t.Errorf("%d properties are broken: %+v", n, v.state.Broken)
	}
}

func (c *life) nonsense(t *testing.T) {
	for _, want := range []struct {
		cmd  trace.Command
		says string
	}{
		{trace.Command{Kind: trace.CommandKill, Node: 77}, "there is no node 77; there are S1 to S3"},
		{trace.Command{Kind: trace.CommandKill}, "there is no node 0"},
		{trace.Command{Kind: trace.CommandRestart, Node: 1}, "S1 is running"},
		{trace.Command{Kind: trace.CommandResume, Node: 1}, "S1 is not paused"},
		{trace.Command{Kind: trace.CommandCut, From: 1, To: 1}, "no link from node 1 to node 1"},
		{trace.Command{Kind: trace.CommandCut, From: 1, To: 9}, "no link from node 1 to node 9"},
		{trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{{1, 2}, {2}}},
			"S2 stands in two groups"},
		{trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{{1, 9}}},
			"there is no node 9"},
		{trace.Command{Kind: trace.CommandPropose}, "a write needs a key"},
		{trace.Command{Kind: trace.CommandPropose, Key: "x", Node: 8}, "there is no node 8"},
		{trace.Command{Kind: trace.CommandLink, From: 1, To: 2}, "can be cut and healed"},
		{trace.Command{Kind: 99}, "does not know the command"},
	} {
		if why := c.v.act(want.cmd); !strings.Contains(why, want.says) {
			t.Errorf("%+v: the answer is %q, without %q", want.cmd, why, want.says)
		}
	}
}

// second tries to run another cluster in the same directory, and at the same address.
func (c *life) second(t *testing.T) {
	said, status := fails(t, "run", "--listen", "127.0.0.1:0", "--data", c.p.dir)
	want := "raftarium: the data directory " + c.p.dir + " is in use by another raftarium run\n"
	if said != want || status != 1 {
		t.Errorf("%d: %s", status, said)
	}
	said, status = fails(t, "run", "--listen", c.p.addr, "--data", t.TempDir())
	if !strings.Contains(said, "opening the address "+c.p.addr) ||
		!strings.Contains(said, "address already in use") || strings.Count(said, "\n") != 1 ||
		status != 1 {
		t.Errorf("%d: %s", status, said)
	}
}

func (c *life) shutdown(t *testing.T) {
	p := c.p
	p.put("last", "word")
	pids := p.children()
	c.v.must(trace.Command{Kind: trace.CommandPause, Node: 1}) // also one that cannot listen just now
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for c.v.gone == nil {
		c.v.step()
	}
	if why := c.v.remote.Ended(); why != "the server is shutting down" {
		t.Errorf("viewers are told %q", why)
	}
	for id := range pids {
		if n := c.v.node(id); n.Alive || n.Down != "stopped" {
			t.Errorf("%v has not ended gracefully: %+v", id, n)
		}
	}
	if status := p.wait(); status != 0 {
		t.Errorf("it ended with status %d", status)
	}
	for id, pid := range pids {
		if !gone(pid) {
			t.Errorf("process %d of %v lives", pid, id)
		}
	}
	if said := p.stderr.String(); strings.Contains(said, "ERROR") || strings.Contains(said, "panic") {
		t.Error(said)
	}
}

// TestChildrenDieWithTheSupervisor ends a supervisor with SIGKILL while one of its nodes is
// stopped; the next run in the same directory has all that was acknowledged.
func TestChildrenDieWithTheSupervisor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	p := run(t, dir, "--nodes", "3")
	v := p.own()
	v.leader(0)
	p.put("kept", "yes")
	pids := p.children()
	if len(pids) != 3 {
		t.Fatalf("there are %d processes", len(pids))
	}
	v.must(trace.Command{Kind: trace.CommandPause, Node: 2})
	secrets := func() {
		t.Helper()
		for _, name := range []string{"token", "secret"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", name, info, err)
			}
		}
	}
	secrets()
	if err := os.Chmod(filepath.Join(dir, "token"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.kill()
	for id, pid := range pids {
		until(t, "the process of "+id.String()+" ends", func() bool { return gone(pid) })
	}
	q := run(t, dir, "--nodes", "3")
	q.holds("kept", "yes")
	secrets()
}

// TestWithoutANodeClientsAreTold kills all nodes, one by the page and one from outside.
func TestWithoutANodeClientsAreTold(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "2", "--store", "memory", "--restart", "never")
	v := p.own()
	v.leader(0)
	v.must(trace.Command{Kind: trace.CommandKill, Node: 1})
	sigkill(t, p.child(2))
	v.until("the other is down and stays so", func() bool {
		n := v.node(2)
		return !n.Alive && n.Stays && n.Down == "died"
	})
	status, body, head := p.do("GET", "/v1/kv/x", "")
	if status != http.StatusServiceUnavailable || head.Get("Retry-After") == "" ||
		!strings.Contains(body, `"error"`) {
		t.Errorf("with no node at all a client is told %d %q", status, body)
	}
	status, body, head = p.do("GET", "/healthz", "")
	if status != http.StatusServiceUnavailable || head.Get("Retry-After") == "" ||
		!strings.Contains(body, "no node of the cluster is up") {
		t.Errorf("with no node at all its health is %d %q", status, body)
	}
	status, body, _ = p.do("GET", "/metrics", "")
	if status != http.StatusOK || !strings.Contains(body, `raftarium_up{node="S2"} 0`) {
		t.Errorf("with no node at all the metrics are %d %q", status, body)
	}
	if why := v.act(trace.Command{Kind: trace.CommandPropose, Key: "x"}); why != "no node is up" {
		t.Errorf("a viewer's write with no node at all: %q", why)
	}
}

func TestRestartNeverLeavesItDown(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "1", "--restart", "never")
	v := p.own()
	v.leader(0)
	p.put("x", "1")
	sigkill(t, p.child(1))
	v.until("it is down and stays so", func() bool { return !v.node(1).Alive && v.node(1).Stays })
	down := v.remote.Edge()
	v.until("more than the usual second has passed", func() bool {
		return v.remote.Edge() > down+1500*raft.Millisecond
	})
	if pid := p.child(1); pid != 0 || v.node(1).Alive {
		t.Errorf("it is back as process %d", pid)
	}
	v.must(trace.Command{Kind: trace.CommandRestart, Node: 1})
	p.holds("x", "1")
}

func TestALedger(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "1", "--machine", "ledger")
	v := p.own()
	v.leader(0)
	status, body, head := p.do("POST", "/v1/ledger", "a line")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	if _, got, _ := p.do("GET", "/v1/ledger/"+head.Get("X-Raftarium-Index"), ""); got != "a line" {
		t.Errorf("the line is %q", got)
	}
	if status, body, _ := p.do("PUT", "/v1/kv/x", "1"); status != http.StatusConflict {
		t.Errorf("%d %s", status, body)
	}
	v.must(trace.Command{Kind: trace.CommandPropose, Key: "x", Value: "1"})
}
