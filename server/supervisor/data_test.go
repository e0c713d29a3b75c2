package supervisor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

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

// TestAMemoryClusterTakesNobodysPlace starts clusters one after the other in a directory.
func TestAMemoryClusterTakesNobodysPlace(t *testing.T) {
	dir := t.TempDir()
	ask := func(store string, nodes int) (cluster, error) {
		return keepCluster(dir, cluster{UUID: uuid.New(), Nodes: nodes, Machine: "kv", Store: store})
	}
	first, err := ask("memory", 3)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ask("memory", 5)
	if err != nil || second.UUID == first.UUID || second.Nodes != 5 {
		t.Errorf("a second cluster on memory is %+v: %v", second, err)
	}
	if _, err := ask("file", 5); err == nil || !strings.Contains(err.Error(), "on the memory store") {
		t.Errorf("one on files in its place: %v", err)
	}
	dir = t.TempDir()
	kept, err := ask("file", 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask("memory", 3); err == nil || !strings.Contains(err.Error(), "on the file store") {
		t.Errorf("one on memory in the place of one on files: %v", err)
	}
	if again, err := ask("file", 3); err != nil || again.UUID != kept.UUID {
		t.Errorf("the cluster on files is %+v: %v", again, err)
	}
}
