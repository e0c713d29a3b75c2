package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func simulate(t *testing.T, args ...string) (res simResult) {
	t.Helper()
	out, status, err := call(append([]string{"sim", "--json"}, args...)...)
	if status != 0 {
		t.Fatalf("%v: %v", args, err)
	}
	if err := json.Unmarshal([]byte(out), &res); err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	return res
}

func TestTheSameSeedGivesTheSameRun(t *testing.T) {
	args := []string{"--nodes", "5", "--seed", "7", "--for", "10s"}
	a, b := simulate(t, args...), simulate(t, args...)
	if a.Events == 0 || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(a.Hash) || a.Leader == "" ||
		len(a.Checks) == 0 {
		t.Errorf("the result is %+v", a)
	}
	if a.Hash != b.Hash || a.Events != b.Events {
		t.Errorf("the same seed gives %d %s and then %d %s", a.Events, a.Hash, b.Events, b.Hash)
	}
	if c := simulate(t, "--nodes", "5", "--seed", "8", "--for", "10s"); c.Hash == a.Hash {
		t.Error("another seed gives the same run")
	}
	if c := simulate(t, append(args, "--faults")...); c.Hash == a.Hash {
		t.Error("a run with faults is the same as one without")
	}
}

func TestARecordedRunIsFine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.raftrace")
	out, status, err := call("sim", "--for", "5s", "--faults", "--out", path)
	if status != 0 || !strings.Contains(out, "hash") {
		t.Fatalf("%v: %s", err, out)
	}
	if out, status, err = call("check", path); status != 0 {
		t.Errorf("%v: %s", err, out)
	}
	out, status, err = call("sim", "--for", "2s", "--events")
	if status != 0 || strings.Count(out, "\n") < 10 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestAShortSpanIsWrittenOut(t *testing.T) {
	for span, says := range map[string]string{"1us": " 0.000001 s: ", "1500ns": " 0.000001 s: ",
		"1500ms": " 1.5 s: ", "1m": " 60 s: "} {
		out, status, err := call("sim", "--nodes", "1", "--for", span)
		if status != 0 || !strings.Contains(out, says) {
			t.Errorf("--for %s: %d %v, without %q: %s", span, status, err, says, out)
		}
	}
}
