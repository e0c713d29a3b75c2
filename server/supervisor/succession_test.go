package supervisor

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// voters waits until all that are up agree on who votes.
func (v *page) voters(want ...raft.NodeID) {
	v.t.Helper()
	v.until("the voters are "+list(want), func() bool {
		agree := 0
		for i := range v.state.Nodes {
			n := &v.state.Nodes[i]
			if !n.Alive || !n.Known {
				continue
			}
			c := n.Configuration()
			if !slices.Equal(c.Voters, want) || c.Joint() || len(c.Learners) > 0 {
				return false
			}
			agree++
		}
		return agree == len(want)
	})
}

// says waits for a line on the terminal.
func (p *program) says(pattern string) {
	p.t.Helper()
	line := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d ` + pattern)
	until(p.t, "the terminal says "+pattern, func() bool {
		return line.MatchString(p.stdout.String())
	})
}

// TestAMemoryNodeThatWasKilledIsSucceeded restarts one that has lost all, in the page, and lets
// another die by itself: new ones take their places, and nothing that was written is lost.
func TestAMemoryNodeThatWasKilledIsSucceeded(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3", "--store", "memory")
	v := p.own()
	v.leader(0)
	p.put("x", "kept")
	v.must(trace.Command{Kind: trace.CommandKill, Node: 2})
	p.says("S2 was killed by the page and has lost all")
	v.must(trace.Command{Kind: trace.CommandRestart, Node: 2})
	v.voters(1, 3, 4)
	p.says("S2 is gone for good, by the page: S4 begins with an empty store")
	p.says("S4 has caught up and is a voter in the place of S2")
	v.until("viewers are told as well", func() bool {
		return slices.ContainsFunc(v.events, func(ev trace.Event) bool {
			c, ok := ev.Body.(trace.Caption)
			return ok && strings.HasPrefix(c.Text, "S4 has caught up")
		})
	})
	why := v.act(trace.Command{Kind: trace.CommandRestart, Node: 2})
	if want := "S2 is gone already, and S4 takes its place"; why != want {
		t.Errorf("the old one is restarted: %q", why)
	}
	sigkill(t, p.child(1)) // maybe the leader
	v.voters(3, 4, 5)
	p.holds("x", "kept")
	if c := p.children(); len(c) != 3 || c[1] != 0 || c[2] != 0 {
		t.Errorf("the processes are %v", c)
	}
	var got []raft.NodeID
	m := p.metadata()
	for _, n := range m.Nodes {
		got = append(got, n.ID)
	}
	want := []raft.NodeID{3, 4, 5}
	if !slices.Equal(got, want) || !slices.Equal(m.Configuration.Voters, want) {
		t.Errorf("the status tells of %v, of which %v vote", got, m.Configuration.Voters)
	}
	if len(v.state.Broken) > 0 {
		t.Errorf("broken is %+v", v.state.Broken)
	}
}

// TestAWipedNodeIsSucceeded takes the data of a node away, while the one that shall take its place
// is wiped itself, and the supervisor ends without a word.
func TestAWipedNodeIsSucceeded(t *testing.T) {
	dir := t.TempDir()
	p := run(t, dir, "--nodes", "3")
	v := p.own()
	p.put("x", "kept")
	token, err := os.ReadFile(filepath.Join(dir, "token"))
	if err != nil {
		t.Fatal(err)
	}
	head := []string{"Authorization", "Bearer " + strings.TrimSpace(string(token))}
	if status, body, _ := p.do("POST", "/v1/admin/wipe", `{"node":1}`); status != 401 {
		t.Errorf("a wipe without the token: %d %s", status, body)
	}
	if status, body, _ := p.do("POST", "/v1/admin/wipe", `{"node":1}`, head...); status != 200 {
		t.Fatalf("a wipe: %d %s", status, body)
	}
	p.says("S1 was killed by an administrator, and its data goes")
	v.must(trace.Command{Kind: trace.CommandWipe, Node: 4})
	p.kill()

	q := run(t, dir, "--nodes", "3")
	w := q.own()
	w.voters(2, 3, 5)
	q.holds("x", "kept")
	for id, there := range map[raft.NodeID]bool{1: false, 2: true, 3: true, 4: false, 5: true} {
		_, err := os.Stat(filepath.Join(dir, id.String()))
		if (err == nil) != there {
			t.Errorf("the directory of %v: %v", id, err)
		}
	}
	until(t, "it is kept that nothing is under way", func() bool {
		var c cluster
		b, err := os.ReadFile(filepath.Join(dir, "cluster.json"))
		return err == nil && json.Unmarshal(b, &c) == nil && len(c.Successions) == 0
	})
	if why := w.act(trace.Command{Kind: trace.CommandWipe, Node: 1}); why !=
		"there is no node 1; there are S2, S3, S5" {
		t.Errorf("a wipe of one that is gone: %q", why)
	}
	if status, body, _ := q.do("POST", "/v1/admin/wipe", `{"node":4}`, head...); status !=
		http.StatusConflict || !strings.Contains(body, "there is no node 4") {
		t.Errorf("a wipe of one that is gone: %d %s", status, body)
	}
}

// TestWithoutAQuorumASuccessorWaits and says why, once.
func TestWithoutAQuorumASuccessorWaits(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "2", "--store", "memory")
	v := p.own()
	v.leader(0)
	v.must(trace.Command{Kind: trace.CommandKill, Node: 1})
	v.must(trace.Command{Kind: trace.CommandRestart, Node: 1})
	p.says("S3 waits for the place of S1: no node leads; 1 of 2 voters are up, and 2 are needed")
	if n := strings.Count(p.stdout.String(), "no node leads"); n > 2 {
		t.Errorf("it says so %d times", n)
	}
}

// TestThePageHandsOverAndChangesWhoTakesPart uses the words that a simulation takes.
func TestThePageHandsOverAndChangesWhoTakesPart(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3")
	v := p.own()
	old := v.leader(0)
	next := old%3 + 1
	v.must(trace.Command{Kind: trace.CommandTransfer, Node: next})
	v.until("the other leads", func() bool { return v.node(next).Role == raft.Leader })
	v.must(trace.Command{Kind: trace.CommandPropose, Key: "x", Value: "1"})
	v.must(trace.Command{Kind: trace.CommandRead, Node: old, Key: "x"})
	v.until("the read is answered by the node that was asked", func() bool {
		return slices.ContainsFunc(v.events, func(ev trace.Event) bool {
			r, ok := ev.Body.(trace.Requested)
			return ok && ev.ID.Node == old && r.Op == "get" && r.Key == "x"
		})
	})
	v.must(trace.Command{Kind: trace.CommandChange, Change: raft.Change{
		Vote: []raft.NodeID{4, 5}, Learn: []raft.NodeID{old}}})
	v.until("it is so", func() bool {
		n := v.node(4)
		c := n.Configuration()
		return !c.Joint() && len(c.Voters) == 4 && v.node(old).Role == raft.Learner
	})
	for _, bad := range []struct {
		cmd  trace.Command
		says string
	}{
		{trace.Command{Kind: trace.CommandTransfer, Node: 9}, "there is no node 9; there are S1 to S5"},
		{trace.Command{Kind: trace.CommandTransfer, Node: old}, "it has no vote"},
		{trace.Command{Kind: trace.CommandChange}, "it names nobody"},
		{trace.Command{Kind: trace.CommandChange, Change: raft.Change{Vote: []raft.NodeID{8}}},
			"S8 cannot be new: the next free id is 6"},
		{trace.Command{Kind: trace.CommandRead}, "a read needs a key"},
		{trace.Command{Kind: trace.CommandWipe, Node: 7}, "there is no node 7"},
		{trace.Command{Kind: trace.CommandDisk, Node: 1}, "the disks and clocks"},
	} {
		if why := v.act(bad.cmd); !strings.Contains(why, bad.says) {
			t.Errorf("%v is answered with %q, without %q", bad.cmd.Kind, why, bad.says)
		}
	}
	if len(v.state.Broken) > 0 {
		t.Errorf("broken is %+v", v.state.Broken)
	}
}

// TestSettingsReachTheNodes asks the preferred leader, which reads by its lease.
func TestSettingsReachTheNodes(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3", "--preferred", "3,2", "--lease-reads")
	until(t, "the preferred one leads", func() bool { return p.leader(0) == 3 })
	p.put("x", "1")
	lease := regexp.MustCompile(`raftarium_read_proofs_total\{node="S3",by="lease"\} [1-9]`)
	until(t, "reads are proven by a lease", func() bool {
		p.holds("x", "1")
		_, body, _ := p.do("GET", "/metrics", "")
		return lease.MatchString(body)
	})
}
