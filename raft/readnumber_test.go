package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// An answer to a question of an earlier incarnation is none to a question of this one, which may
// have come when more was committed.
func TestQuestionsOfIncarnationsDiffer(t *testing.T) {
	seen := map[uint64]uint32{}
	for boot := uint32(1); boot <= 3; boot++ {
		cfg := raft.DefaultConfig()
		cfg.Group, cfg.ID, cfg.Boot, cfg.Members = 1, 2, boot, []raft.NodeID{1, 2, 3}
		n, err := raft.New(cfg, raft.Image{})
		if err != nil {
			t.Fatal(err)
		}
		word := raft.Message{Group: 1, From: 1, FromBoot: 1, To: 2, Term: 1,
			Body: &raft.AppendEntries{}}
		var out raft.Output
		n.Step(1, []raft.Input{raft.Receive(1, word), {Kind: raft.InputRead, Ref: 2}}, &out)
		for _, m := range out.Send {
			q, ok := m.Body.(*raft.ReadIndex)
			if !ok {
				continue
			}
			if before, known := seen[q.ID]; known {
				t.Errorf("incarnations %d and %d both ask by the number %d", before, boot, q.ID)
			}
			seen[q.ID] = boot
		}
	}
	if len(seen) != 3 {
		t.Errorf("three incarnations asked %d questions that differ", len(seen))
	}
}
