package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/ndjson"
)

// recordings is a run in both forms.
type recordings struct {
	binary, lines bytes.Buffer
	w             *trace.Writer
	n             *ndjson.Writer
}

func record(t *testing.T, h trace.Header) *recordings {
	t.Helper()
	r := &recordings{}
	var err error
	if r.w, err = trace.NewWriter(&r.binary, h); err != nil {
		t.Fatal(err)
	}
	if r.n, err = ndjson.NewWriter(&r.lines, h); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *recordings) append(t *testing.T, ev *trace.Event) {
	t.Helper()
	if err := r.w.Append(ev); err != nil {
		t.Fatal(err)
	}
	if err := r.n.Append(ev); err != nil {
		t.Fatal(err)
	}
}

// played records a simulation, and says whether something was broken in it.
func played(t *testing.T, cfg sim.Config, until raft.Time) (*recordings, bool) {
	t.Helper()
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, judge, broken := record(t, c.Header()), check.New(c.Header()), false
	buf := make([]trace.Event, 0, 1024)
	for reached := raft.Time(0); reached < until; {
		var got []trace.Event
		if got, reached, err = c.Next(until, buf[:0]); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			broken = len(judge.Observe(&got[i])) > 0 || broken
			r.append(t, &got[i])
		}
	}
	if err := r.w.Close(); err != nil {
		t.Fatal(err)
	}
	return r, broken
}

// mutated records a run of servers that vote for everyone, with a seed that shows it.
func mutated(t *testing.T) *recordings {
	t.Helper()
	m, ok := mutant.Named("votes-for-everyone")
	if !ok {
		t.Fatal("there is no such mutant")
	}
	for seed := uint64(1); seed < 50; seed++ {
		cfg := sim.DefaultConfig()
		cfg.Seed, cfg.Raft.Rules = seed, m.Rules()
		cfg.Raft.PreVote, cfg.Raft.CheckQuorum = false, false
		cfg.Nemesis = sim.AllFaults(200*raft.Millisecond, 0)
		if r, broken := played(t, cfg, 10*raft.Second); broken {
			return r
		}
	}
	t.Fatal("no seed shows the mutant")
	return nil
}

func TestCheckSaysWhatHoldsByItsStatus(t *testing.T) {
	dir := t.TempDir()
	good, _ := played(t, sim.DefaultConfig(), 3*raft.Second)
	bad := mutated(t)
	b, lines := good.binary.Bytes(), good.lines.String()
	newer := bytes.Replace(b, []byte("RAFTTRC1"), []byte("RAFTTRC2"), 1)
	head, rest, _ := strings.Cut(lines, "\n")
	told := record(t, trace.Header{Major: trace.Major})
	told.append(t, &trace.Event{ID: trace.EventID{Node: trace.Checker, Boot: 1, N: 1},
		Body: trace.Violation{Check: "electionSafety", Text: "S1 and S2 lead term 4."}})
	gap := record(t, trace.Header{Major: trace.Major})
	gap.append(t, &trace.Event{ID: trace.EventID{Node: trace.FirstHub, Boot: 1, N: 1},
		Body: trace.Missed{Count: 12}})
	damaged := bytes.Clone(b)
	damaged[len(damaged)/2] ^= 1
	for _, c := range []struct {
		name, content string
		status        int
		says          string
	}{
		{"good.raftrace", string(b), 0, ""},
		{"good.ndjson", lines, 0, ""},
		{"broken.raftrace", bad.binary.String(), exitViolation, "violations"},
		{"broken.ndjson", bad.lines.String(), exitViolation, "violations"},
		{"told.ndjson", told.lines.String(), exitViolation, "told.ndjson: 1 violations"},
		{"cut.raftrace", string(b[:len(b)/2]), exitUndecided, "is cut off"},
		{"cut.ndjson", lines[:len(lines)-20], exitUndecided, "is cut off"},
		{"twice.raftrace", string(b) + string(b), exitUndecided, fmt.Sprintf(
			"goes on behind its end, at byte %d, for %d bytes", len(b), len(b))},
		{"tail.raftrace", string(b) + "hello", exitUndecided, fmt.Sprintf(
			"goes on behind its end, at byte %d, for 5 bytes", len(b))},
		{"marked.raftrace", string(b) + "RAFTEND1", exitUndecided, "for 8 bytes"},
		{"brokenTail.raftrace", bad.binary.String() + "hello", exitViolation, "violations"},
		{"twice.ndjson", lines + lines, exitUndecided, fmt.Sprintf(
			"goes on behind its end, at byte %d, for %d bytes", len(lines), len(lines))},
		{"gap.ndjson", gap.lines.String(), exitUndecided, "does not hold 12 events"},
		{"header.ndjson", head + "\n", exitUndecided, "does not say enough"},
		{"damaged.raftrace", string(damaged), exitFailed, "checksum is wrong"},
		{"newer.raftrace", string(newer), exitFailed, "major version 2"},
		{"newer.ndjson", strings.Replace(lines, `"major":1`, `"major":2`, 1), exitFailed,
			"major version 2"},
		{"nonsense", "these are no events", exitFailed, "this is no recording"},
		{"nonsense.ndjson", `{"hello":1}` + "\n", exitFailed, "line 1"},
		{"halfline.ndjson", head + "\n{\"at\n" + rest, exitFailed, "line 2"},
		{"empty", "", exitFailed, "this is no recording"},
		{"brace", "{", exitFailed, "line 1"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		out, status, err := call("check", path)
		if status != c.status || c.says == "" && err != nil {
			t.Errorf("%s: status %d, not %d: %v\n%s", c.name, status, c.status, err, out)
		}
		if err != nil && (!strings.Contains(err.Error(), c.says) ||
			!strings.Contains(err.Error(), c.name)) {
			t.Errorf("%s: it says %q, without %q or the file's name", c.name, err, c.says)
		}
		if judged := status == 0 || status > exitUsage; judged && !strings.Contains(out, "leaderCompl") {
			t.Errorf("%s: the properties are not named: %s", c.name, out)
		}
	}
	for path, says := range map[string]string{dir: "is a directory", os.DevNull: "no ordinary file",
		filepath.Join(dir, "none"): "no such file"} {
		_, status, err := call("check", path)
		if status != exitFailed || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %d %v", path, status, err)
		}
	}
}
