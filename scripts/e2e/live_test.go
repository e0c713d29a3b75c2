package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestAVisitorBreaksTheLiveCluster attaches the page to the cluster of processes that the same
// command started, writes to it, and kills one of its processes with the page's own command.
func TestAVisitorBreaksTheLiveCluster(t *testing.T) {
	a := start(t)
	b := visit(t, a, "")
	b.act(fmt.Sprintf(`{type: "open", uri: "ws://%s"}`, a.host()))
	s := b.until("the live cluster has a leader", func(s state) bool {
		return s.Source == "live" && len(s.Nodes) == 3 && hasLeader(s)
	})
	old, term := s.leader()
	put(t, a, "x", "7")
	b.until("the write is committed everywhere", func(s state) bool {
		return committed(s) && s.Nodes[0].CommitIndex == s.Nodes[1].CommitIndex
	})
	b.shot("live")

	b.act(fmt.Sprintf(`{type: "kill", node: %d}`, old))
	b.until("the process is down and another leads", func(s state) bool {
		id, now := s.leader()
		return !s.Nodes[old-1].Alive && id != 0 && id != old && now > term
	})
	b.shot("live-killed")
	put(t, a, "y", "8")
	b.act(fmt.Sprintf(`{type: "restart", node: %d}`, old))
	b.until("it is back and has caught up", func(s state) bool {
		n := s.Nodes[old-1]
		return n.Alive && n.Role == "follower" && n.CommitIndex == s.Nodes[old%3].CommitIndex
	})
	pauseAndCut(b)
	if n := len(b.state().Violations); n != 0 {
		t.Errorf("%d properties are broken", n)
	}
	b.quiet()
}

// pauseAndCut stops a follower and lets it go on, and cuts the leader off.
func pauseAndCut(b *browser) {
	b.t.Helper()
	s := b.until("a leader leads", hasLeader)
	leader, term := s.leader()
	follower := leader%3 + 1
	b.act(fmt.Sprintf(`{type: "pause", node: %d}`, follower))
	b.until("it is paused", func(s state) bool { return s.Nodes[follower-1].Paused })
	b.act(fmt.Sprintf(`{type: "resume", node: %d}`, follower))
	b.until("it goes on", func(s state) bool { return !s.Nodes[follower-1].Paused })
	b.act(fmt.Sprintf(`{type: "partition", groups: [[%d],[%d,%d]]}`, leader, follower,
		follower%3+1))
	b.until("the others have a leader", func(s state) bool {
		id, now := s.leader()
		return id != leader && now > term
	})
	b.shot("live-partition")
	b.act(`{type: "healAll"}`)
	b.until("all agree again", sameTerm)
}

func committed(s state) bool {
	for _, n := range s.Nodes {
		if n.CommitIndex < 2 {
			return false
		}
	}
	return true
}

// put writes a key as a client does.
func put(t *testing.T, a *aquarium, key, value string) {
	t.Helper()
	eventually(t, t.Context(), "a write of "+key+" is accepted", func() bool {
		req, err := http.NewRequest(http.MethodPut, a.url+"/v1/kv/"+key, strings.NewReader(value))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode == http.StatusOK
	})
}

// TestAttachByTheAddress opens the page with ?attach=.
func TestAttachByTheAddress(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := visit(t, a, "?attach=ws://"+a.host())
	b.until("the live cluster is shown", func(s state) bool {
		return s.Source == "live" && len(s.Nodes) == 1 && hasLeader(s)
	})
}
