package supervisor

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// spoil flips bits near the end of a node's log, within its last batch.
func (p *program) spoil(id raft.NodeID) {
	p.t.Helper()
	logs, err := filepath.Glob(filepath.Join(p.dir, id.String(), "log", "*.seg"))
	if err != nil || len(logs) == 0 {
		p.t.Fatalf("%v has no log: %v", id, err)
	}
	last := slices.Max(logs)
	b, err := os.ReadFile(last)
	if err != nil {
		p.t.Fatal(err)
	}
	end := len(strings.TrimRight(string(b), "\x00"))
	for i := end - 4; i < end; i++ {
		b[i] ^= 0x5a
	}
	if err := os.WriteFile(last, b, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// decided reports whether a node has left a note of a kind in an incarnation behind one.
func (v *page) decided(id raft.NodeID, boot uint32, kind raft.NoteKind) bool {
	return slices.ContainsFunc(v.events, func(ev trace.Event) bool {
		d, ok := ev.Body.(trace.Decided)
		return ok && ev.ID.Node == id && ev.ID.Boot > boot && d.Note.Kind == kind
	})
}

// TestANodeWithATornLogCatchesUp kills a node and damages the last batch of its log: it comes up,
// says that it doubts, and is trusted when it has what the leader had. Nothing acknowledged is lost.
func TestANodeWithATornLogCatchesUp(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3")
	v := p.own()
	v.leader(0)
	for range 3 {
		p.put("x", "acknowledged")
	}
	v.equal()
	for _, id := range []raft.NodeID{v.leader(0), v.leader(0)%3 + 1} {
		boot := v.node(id).Boot
		v.must(trace.Command{Kind: trace.CommandKill, Node: id})
		p.spoil(id)
		v.must(trace.Command{Kind: trace.CommandRestart, Node: id})
		v.until("it doubts, and then does not", func() bool {
			return v.decided(id, boot, raft.NoteDoubtful) && v.decided(id, boot, raft.NoteTrusted) &&
				!v.node(id).Doubtful
		})
		v.equal()
		p.holds("x", "acknowledged")
	}
	for _, line := range []string{"is not whole", "the node is doubtful", "is trusted again"} {
		if !strings.Contains(p.stderr.String(), line) {
			t.Errorf("the log does not say that it %s:\n%s", line, p.stderr)
		}
	}
	if len(v.state.Broken) > 0 {
		t.Errorf("broken is %+v", v.state.Broken)
	}
}

// TestAClusterOfDoubtfulNodesElectsAgain damages the logs of all nodes at once, as a power loss
// does. None alone may be elected; all together may.
func TestAClusterOfDoubtfulNodesElectsAgain(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3")
	v := p.own()
	v.leader(0)
	p.put("old", "1")
	p.put("x", "1")
	v.equal()
	for id := raft.NodeID(1); id <= 3; id++ {
		v.must(trace.Command{Kind: trace.CommandKill, Node: id})
	}
	for id := raft.NodeID(1); id <= 3; id++ {
		p.spoil(id)
	}
	v.must(trace.Command{Kind: trace.CommandRestart, Node: 1})
	v.until("it doubts", func() bool { return v.node(1).Doubtful })
	for _, n := range p.metadata().Nodes {
		if n.Doubtful != (n.ID == 1) {
			t.Errorf("the status of %v says %v", n.ID, n.Doubtful)
		}
	}
	_, metrics, _ := p.do("GET", "/metrics", "")
	if !strings.Contains(metrics, `raftarium_doubtful{node="S1"} 1`) {
		t.Errorf("the metrics do not say that it doubts:\n%s", metrics)
	}
	v.must(trace.Command{Kind: trace.CommandRestart, Node: 2})
	from := v.node(2).LastN
	v.until("two of three, in doubt, elect nobody", func() bool {
		return v.node(2).LastN > from+30
	})
	if n := v.node(1); n.Role == raft.Leader || v.node(2).Role == raft.Leader {
		t.Errorf("one of two that doubt leads")
	}
	v.must(trace.Command{Kind: trace.CommandRestart, Node: 3})
	p.put("x", "2")
	v.equal()
	p.holds("old", "1")
	for id := raft.NodeID(1); id <= 3; id++ {
		v.until(id.String()+" is trusted", func() bool { return !v.node(id).Doubtful })
	}
}
