package supervisor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// TestANodeWithoutItsDataIsNoVoter holds that a node whose directory is gone is not let in again
// under its old name, while a cluster that has never run may begin.
func TestANodeWithoutItsDataIsNoVoter(t *testing.T) {
	dir, ids := t.TempDir(), []raft.NodeID{1, 2, 3}
	if err := allThere(dir, ids); err != nil {
		t.Errorf("a fresh cluster: %v", err)
	}
	for _, id := range ids {
		if err := os.Mkdir(filepath.Join(dir, id.String()), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := allThere(dir, ids); err != nil {
		t.Errorf("a whole cluster: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "S2")); err != nil {
		t.Fatal(err)
	}
	err := allThere(dir, ids)
	if err == nil || !strings.Contains(err.Error(), "S2 has no data any more") {
		t.Errorf("without the data of S2: %v", err)
	}
}
