package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// What clients were told is judged when it is asked for: a made-up answer of a cluster that works
// breaks nothing else.
func TestCheckOfClients(t *testing.T) {
	cfg := sim.DefaultConfig()
	good, _ := played(t, cfg, 4*raft.Second)
	lie := record(t, trace.Header{Major: trace.Major})
	for i, body := range []trace.Body{
		trace.Invoked{Client: 1, Op: "put", Key: "x", Value: "1"},
		trace.Returned{Client: 1, Request: trace.EventID{Node: trace.Clients, Boot: 1, N: 1},
			Outcome: raft.OutcomeOK},
		trace.Invoked{Client: 1, Op: "get", Key: "x"},
		trace.Returned{Client: 1, Request: trace.EventID{Node: trace.Clients, Boot: 1, N: 3},
			Outcome: raft.OutcomeOK, Value: "2"},
	} {
		lie.append(t, &trace.Event{ID: trace.EventID{Node: trace.Clients, Boot: 1,
			N: uint64(i + 1)}, Body: body})
	}
	cfg.Clients = 0
	silent, _ := played(t, cfg, 2*raft.Second)
	for name, c := range map[string]struct {
		file   bytes.Buffer
		status int
		says   string
	}{
		"good.raftrace":   {good.binary, 0, "linearizable       holds"},
		"lie.ndjson":      {lie.lines, exitViolation, `explains that client 1 read "x" = "2"`},
		"silent.raftrace": {silent.binary, exitUndecided, "linearizable       not observable"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, c.file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		out, status, err := call("check", "--linear", path)
		if status != c.status || !strings.Contains(out, c.says) {
			t.Errorf("%s: status %d, not %d: %v\n%s", name, status, c.status, err, out)
		}
	}
}
