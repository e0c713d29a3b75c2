package sim

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// A cluster as a page opens it elects one leader and serves its clients.
func TestPlay(t *testing.T) {
	c := start(t, DefaultConfig())
	leaders, ok := 0, 0
	for _, ev := range runTo(t, c, 5*raft.Second) {
		switch b := ev.Body.(type) {
		case trace.Decided:
			if b.Note.Kind == raft.NoteBecameLeader {
				leaders++
			}
		case trace.Returned:
			if b.Outcome == raft.OutcomeOK {
				ok++
			}
		}
	}
	if leaders != 1 || ok < 40 {
		t.Errorf("in 5 s without accidents: %d elections won, %d requests served", leaders, ok)
	}
}

// The scenario away needs a snapshot before its first second is over: that is what it is for.
func TestAwayInstallsSnapshot(t *testing.T) {
	for _, nodes := range []int{3, 5, 7} {
		for seed := uint64(1); seed <= 20; seed++ {
			cfg := DefaultConfig()
			cfg.Scenario, cfg.Nodes, cfg.Seed = "away", nodes, seed
			at := raft.Time(0)
			for _, ev := range runTo(t, start(t, cfg), 3*raft.Second) {
				if d, ok := ev.Body.(trace.Decided); ok && at == 0 &&
					d.Note.Kind == raft.NoteSnapshotInstalled {
					at = ev.At
				}
			}
			if at == 0 || at >= raft.Second {
				t.Errorf("%d nodes, seed %d: a snapshot was installed at %d us (0: never)", nodes,
					seed, at)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"nodes":    func(c *Config) { c.Nodes = 0 },
		"many":     func(c *Config) { c.Nodes = MaxNodes + 1 },
		"store":    func(c *Config) { c.Store = "tape" },
		"machine":  func(c *Config) { c.Machine = "oracle" },
		"scenario": func(c *Config) { c.Scenario = "none" },
		"clients":  func(c *Config) { c.Clients = 65 },
		"think":    func(c *Config) { c.Think = 0 },
		"delay":    func(c *Config) { c.Link.Delay = -1 },
		"election": func(c *Config) { c.Raft.ElectionMax = 1 },
		"batch":    func(c *Config) { c.Raft.MaxBatch = 0 },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: a wrong configuration was taken", name)
		}
	}
}
