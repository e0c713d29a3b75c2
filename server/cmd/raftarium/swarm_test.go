package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/scenario"
	"github.com/raftarium/raftarium/raft/sim/swarm"
)

func swarmed(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	cmd := command()
	cmd.SetOut(&b)
	cmd.SetErr(&b)
	cmd.SetArgs(append([]string{"swarm", "--out", t.TempDir()}, args...))
	err = cmd.Execute()
	return b.String(), err
}

func TestSwarmOptionsRefused(t *testing.T) {
	for _, c := range []struct{ args, why string }{
		{"", "needs an end"},
		{"--seeds 1 --shard 3/3", "from 0 to n-1"},
		{"--seeds 1 --shard 1", "give i/n"},
		{"--seeds 1 --shard -1/3", "give i/n"},
		{"--seeds 1 --jobs 0", "from 1 to 1024"},
		{"--seeds 1 --shrink -1", "below 0"},
		{"--seconds 99999999999", "too long"},
		{"--seeds 1 more", "takes no argument"},
	} {
		_, err := swarmed(t, strings.Fields(c.args)...)
		var e exitError
		if err == nil || !strings.Contains(err.Error(), c.why) || !errors.As(err, &e) ||
			e.status != exitUsage {
			t.Errorf("swarm %s: %v", c.args, err)
		}
	}
}

// Shards share the seeds without a rest: together they come to what one comes to.
func TestShards(t *testing.T) {
	total := func(args ...string) (sum swarmTotal) {
		out, err := swarmed(t, append(args, "--seeds", "10", "--from", "40", "--json")...)
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if err := json.Unmarshal([]byte(out), &sum); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	whole := total("--jobs", "2")
	var parts swarmTotal
	for _, shard := range []string{"0/3", "1/3", "2/3"} {
		s := total("--shard", shard)
		parts.Seeds, parts.Events = parts.Seeds+s.Seeds, parts.Events+s.Events
	}
	if whole.Seeds != 10 || whole.Failed != 0 || parts.Seeds != 10 || parts.Events != whole.Events {
		t.Errorf("the whole: %+v; the parts: %+v", whole, parts)
	}
}

// A failure says how to see it again, and is shrunk into a scenario that fails too.
func TestSwarmFailureBecomesAScenario(t *testing.T) {
	m, ok := mutant.Named("votes-for-everyone")
	if !ok {
		t.Fatal("the mutant is gone")
	}
	cfg := swarm.Config(2, 5*raft.Second)
	cfg.Raft.Rules = m.Rules()
	r, err := swarm.RunConfig(cfg)
	if err != nil || r.Verdict != swarm.Unsafe {
		t.Fatalf("%+v, %v", r, err)
	}
	o := swarmOptions{out: t.TempDir() + "/new", most: 100}
	line, err := o.failure(cfg, &r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(line.Link, "?nodes=") || !strings.Contains(line.Link, "&seed=2&") ||
		!strings.Contains(line.Link, "scenario=swarm") ||
		line.Command != "raftarium swarm --from 2 --seeds 1" {
		t.Errorf("it says %+v", line)
	}
	text, err := os.ReadFile(line.Scenario)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse("seed-2", "bug votes-for-everyone\n"+string(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	played, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	if err := played.Err(); err != nil {
		t.Errorf("the scenario does not fail in the same way: %v\n%s", err, text)
	}
	o.most = 0
	if line, err := o.failure(cfg, &r); err != nil || line.Scenario != "" {
		t.Errorf("nothing was to be shrunk: %+v, %v", line, err)
	}
}
