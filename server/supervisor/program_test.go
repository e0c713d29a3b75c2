package supervisor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
	"github.com/raftarium/raftarium/server/wire"
)

// patience bounds every wait of these tests; machines may be busy.
const patience = 40 * time.Second

// built is the program, and starts what starts it: what it starts dies with the tests.
var built struct {
	path    string
	starter *starter
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "raftarium")
	if err == nil {
		built.path, built.starter = filepath.Join(dir, "raftarium"), newStarter()
		var out []byte
		out, err = exec.Command("go", "build", "-o", built.path,
			"github.com/raftarium/raftarium/server/cmd/raftarium").CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "building the program:", err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// output keeps what a program says.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// program is a 'raftarium run' under test.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	dir    string
	addr   string
	stdout *output // but the first line
	stderr *output
	ended  chan struct{} // closed when it has ended, status says how
	status int
}

// run starts a cluster in a directory and waits until the page is served.
func run(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	args = append([]string{"run", "--listen", "127.0.0.1:0", "--data", dir}, args...)
	p := &program{t: t, dir: dir, cmd: exec.Command(built.path, args...), stdout: &output{},
		stderr: &output{},
		ended:  make(chan struct{})}
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := built.starter.start(p.cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	lines := bufio.NewReader(stdout)
	line, _ := lines.ReadString('\n')
	go func() {
		_, _ = io.Copy(p.stdout, lines)
		_ = p.cmd.Wait() // its status says all
		p.status = p.cmd.ProcessState.ExitCode()
		close(p.ended)
	}()
	_, addr, ok := strings.Cut(strings.TrimSpace(line), "http://")
	if !ok {
		t.Fatalf("it says %q and %q", line, p.stderr)
	}
	p.addr = addr
	return p
}

// kill ends the program without a word, and waits for its end.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	p.wait()
}

func (p *program) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the program does not end")
	}
	return p.status
}

// child finds the process of a node; 0 for none.
func (p *program) child(id raft.NodeID) int { return p.children()[id] }

// children finds the processes that the program has started.
func (p *program) children() map[raft.NodeID]int {
	found := map[raft.NodeID]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		p.t.Skip("there is no /proc here")
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || parentOf(pid) != p.cmd.Process.Pid {
			continue
		}
		args, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		_, rest, _ := strings.Cut(string(args), "\x00--id\x00")
		text, _, _ := strings.Cut(rest, "\x00")
		if id, err := strconv.Atoi(text); err == nil {
			found[raft.NodeID(id)] = pid
		}
	}
	return found
}

// stat gives the state of a process, as a letter, and its parent; X when it is gone.
func stat(pid int) (state string, parent int) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 2 {
		return "X", 0
	}
	parent, _ = strconv.Atoi(f[1])
	return f[0], parent
}

func parentOf(pid int) int {
	_, parent := stat(pid)
	return parent
}

// gone reports whether a process is no more, or only its parent does not know yet.
func gone(pid int) bool {
	s, _ := stat(pid)
	return s == "X" || s == "Z"
}

// until polls for a state.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it did not come to this: %s", what)
		}
	}
}

// get asks the front for something.
func (p *program) do(method, path, body string, head ...string) (int, string, http.Header) {
	p.t.Helper()
	req, err := http.NewRequest(method, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			req.Host = head[i+1]
		} else {
			req.Header.Set(head[i], head[i+1])
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b), res.Header
}

func (p *program) metadata() (m wire.Metadata) {
	p.t.Helper()
	_, body, _ := p.do("GET", "/v1/status", "")
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		p.t.Fatalf("the status is %q: %v", body, err)
	}
	return m
}

// leader waits for a leader other than one, and gives it.
func (p *program) leader(not raft.NodeID) (id raft.NodeID) {
	p.t.Helper()
	until(p.t, "there is a leader", func() bool {
		m := p.metadata()
		if m.Leader == nil || *m.Leader == not {
			return false
		}
		id = *m.Leader
		return true
	})
	return id
}

// put writes until it is answered well: an election may be under way.
func (p *program) put(key, value string) {
	p.t.Helper()
	until(p.t, "a write", func() bool {
		status, _, _ := p.do("PUT", "/v1/kv/"+key, value)
		return status == http.StatusOK
	})
}

// holds waits until a key has a value.
func (p *program) holds(key, value string) {
	p.t.Helper()
	until(p.t, key+" is "+value, func() bool {
		status, got, _ := p.do("GET", "/v1/kv/"+key, "")
		return status == http.StatusOK && got == value
	})
}

// page is a viewer, folding all that it is told.
type page struct {
	p      *program
	t      *testing.T
	conn   *websocket.Conn
	remote *wire.Remote
	state  trace.State
	events []trace.Event
	ticket uint64
	gone   error
}

// dial attaches with some headers; the status is that of a refusal.
func (p *program) dial(head http.Header, host string) (*page, int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, res, err := websocket.Dial(ctx, "ws://"+p.addr+"/v1/watch",
		&websocket.DialOptions{HTTPHeader: head, Host: host})
	if err != nil {
		if res == nil {
			return nil, 0, err
		}
		return nil, res.StatusCode, err
	}
	conn.SetReadLimit(wire.MaxDown)
	p.t.Cleanup(func() { _ = conn.CloseNow() })
	v := &page{p: p, t: p.t, conn: conn}
	v.remote = wire.NewRemote(1, func(frame []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = conn.Write(ctx, websocket.MessageBinary, frame) // reading will tell
	})
	return v, 0, nil
}

// attach is a page of some origin, none when it is empty, with a token.
func (p *program) attach(origin, token string) *page {
	p.t.Helper()
	head := http.Header{}
	if origin != "" {
		head.Set("Origin", origin)
	}
	v, _, err := p.dial(head, "")
	if err != nil {
		p.t.Fatal(err)
	}
	v.remote.Hello(token)
	v.remote.Open("")
	v.until("the header", v.remote.Ready)
	return v
}

// own is a page that this program itself served.
func (p *program) own() *page { return p.attach("http://"+p.addr, "") }

func (v *page) step() {
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
	for {
		got, _, _ := v.remote.Next(1<<62, make([]trace.Event, 0, 256))
		for i := range got {
			world.Apply(&v.state, nil, &got[i])
		}
		v.events = append(v.events, got...)
		if len(got) == 0 {
			return
		}
	}
}

func (v *page) until(what string, ok func() bool) {
	v.t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if v.step(); v.gone != nil || time.Now().After(end) {
			v.t.Fatalf("it did not come to this: %s; %v; %+v\n%s", what, v.gone, v.state.Nodes,
				v.p.stderr)
		}
	}
}

// act asks for something and gives the answer: empty when it was done.
func (v *page) act(c trace.Command) (why string) {
	v.t.Helper()
	v.ticket++
	c.ID = v.ticket
	if err := v.remote.Do(c); err != nil {
		v.t.Fatal(err)
	}
	seen := 0
	v.until("an answer to "+c.Kind.String(), func() bool {
		for ; seen < len(v.events); seen++ {
			switch b := v.events[seen].Body.(type) {
			case trace.Accepted:
				if b.Command == c.ID {
					return true
				}
			case trace.Refused:
				if b.Command == c.ID {
					why = b.Why
					return true
				}
			}
		}
		return false
	})
	return why
}

// must asks for something that is to be done.
func (v *page) must(c trace.Command) {
	v.t.Helper()
	if why := v.act(c); why != "" {
		v.t.Fatalf("%v is refused: %s", c.Kind, why)
	}
}

func (v *page) node(id raft.NodeID) trace.NodeState {
	if n := v.state.Node(id); n != nil {
		return *n
	}
	return trace.NodeState{}
}

// leader reads until a node other than one leads, and gives it.
func (v *page) leader(not raft.NodeID) (id raft.NodeID) {
	v.t.Helper()
	v.until("there is a leader", func() bool {
		term := raft.Term(0)
		id = 0
		for i := range v.state.Nodes {
			n := &v.state.Nodes[i]
			if n.Known && n.Alive && n.Role == raft.Leader && n.Term > term {
				id, term = n.ID, n.Term
			}
		}
		return id != 0 && id != not
	})
	return id
}

// equal reads until all nodes that are up have the same log, all of it committed.
func (v *page) equal() {
	v.t.Helper()
	v.until("all logs are equal and committed", func() bool {
		first := v.state.Nodes[0].Log.Last()
		for i := range v.state.Nodes {
			n := &v.state.Nodes[i]
			if !n.Known || !n.Alive || n.Log.Last() != first || n.Commit != first.Index {
				return false
			}
		}
		return true
	})
}

func sigkill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
