package server_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// admin asks a server for something that needs the token.
func (c *cluster) admin(id raft.NodeID, what, body string) answer {
	c.t.Helper()
	return c.ask(id, "POST", "/v1/admin/"+what, body, "Authorization", "Bearer a token")
}

// changed asks for a change until it is done: a cluster under load may change its leader.
func (c *cluster) changed(id raft.NodeID, body string) {
	c.t.Helper()
	c.until("the change "+body+" is done", func() bool {
		a := c.admin(id, "change", body)
		if a.status == http.StatusOK && !strings.Contains(a.body, `"accepted":true`) {
			c.t.Fatalf("%s: %d %s", body, a.status, a.body)
		}
		return a.status == http.StatusOK
	})
}

// voters waits until servers agree on who votes.
func (c *cluster) voters(want ...raft.NodeID) {
	c.t.Helper()
	for _, id := range want {
		c.until(fmt.Sprintf("%v knows that %v vote", id, want), func() bool {
			st := c.servers[id].Status()
			conf, err := st.Config.Unpack()
			return err == nil && slices.Equal(conf.Voters, want) && !conf.Joint() &&
				len(conf.Learners) == 0
		})
	}
}

// TestAServerJoinsAndTheOthersLeave replaces all servers of a cluster, one after the other, in ways
// that differ in who says where a newcomer is reached.
func TestAServerJoinsAndTheOthersLeave(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	c.must(c.leader(), "PUT", "/v1/kv/x", "kept")
	c.join(4) // it is connected to the members, and says itself where it is
	if st := c.servers[4].Status(); st.Role != raft.Learner {
		t.Errorf("it begins as %v", st.Role)
	}
	c.changed(1, `{"learn":[4]}`) // when the leader knows where it is
	if a := c.must(4, "GET", "/v1/kv/x", ""); a.body != "kept" {
		t.Errorf("a learner reads %q", a.body)
	}
	a := c.ask(4, "GET", "/v1/status", "")
	if !strings.Contains(a.body, `"role":"learner"`) || !strings.Contains(a.body,
		`"configuration":{"voters":[1,2,3],"outgoing":[],"learners":[4]}`) {
		t.Errorf("its status is %s", a.body)
	}
	c.changed(4, `{"vote":[4],"remove":[1],"joint":true}`) // passed on by a learner
	c.voters(2, 3, 4)
	c.shutdown(1)
	c.join(5)
	c.changed(2, fmt.Sprintf(`{"vote":[5],"addresses":{"5":%q}}`, c.members[5]))
	c.changed(5, `{"remove":[2]}`)
	c.voters(3, 4, 5)
	c.shutdown(2)
	c.changed(4, `{"remove":[3]}`)
	c.shutdown(3)
	c.voters(4, 5)
	c.leader()
	c.must(5, "PUT", "/v1/kv/y", "new")
	if a := c.must(4, "GET", "/v1/kv/x", ""); a.body != "kept" {
		t.Errorf("x is %q", a.body)
	}
	var m wire.Metadata
	if err := json.Unmarshal([]byte(c.ask(4, "GET", "/v1/status", "").body), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Members) != 2 || m.Members[0].Address != c.members[4] ||
		m.Members[1].Address != c.members[5] {
		t.Errorf("the members are %+v", m.Members)
	}
}

// TestARestartedServerLearnsWhereTheOthersAre restarts servers that came later, and what they were
// told with them.
func TestARestartedServerLearnsWhereTheOthersAre(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	c.leader()
	c.join(4)
	c.join(5)
	c.changed(1, fmt.Sprintf(`{"vote":[4,5],"addresses":{"4":%q,"5":%q}}`, c.members[4],
		c.members[5]))
	c.voters(1, 2, 3, 4, 5)
	for _, id := range []raft.NodeID{1, 4, 2, 5} {
		c.shutdown(id)
		c.start(id)
	}
	c.shutdown(3) // so that each of the others is needed soon
	c.must(c.leader(), "PUT", "/v1/kv/x", "1")
	for _, id := range []raft.NodeID{1, 2, 4, 5} {
		c.until(id.String()+" knows all addresses", func() bool {
			var m wire.Metadata
			if err := json.Unmarshal([]byte(c.ask(id, "GET", "/v1/status", "").body),
				&m); err != nil {
				return false
			}
			return len(m.Members) == 5 && !slices.ContainsFunc(m.Members,
				func(s wire.MemberStatus) bool { return s.Address != c.members[s.ID] })
		})
	}
}

// TestAServerAnswersALeaderThatItsConfigurationDoesNotName keeps one away while all others are
// replaced: it has the older configuration, and is led by who is not in it.
func TestAServerAnswersALeaderThatItsConfigurationDoesNotName(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	away := c.follower()
	one, two := away%3+1, (away+1)%3+1
	c.shutdown(away)
	c.join(4)
	c.join(5)
	c.changed(one, fmt.Sprintf(`{"vote":[4,5],"remove":[%d,%d],"addresses":{"4":%q,"5":%q}}`, one,
		two, c.members[4], c.members[5]))
	c.shutdown(one)
	c.shutdown(two)
	c.start(away)
	c.voters(away, 4, 5)
	c.must(away, "PUT", "/v1/kv/x", "1")
}

// TestAServerMayMove starts one again where it was not before: by its own word the others find it.
func TestAServerMayMove(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	c.leader()
	c.join(4)
	c.changed(1, fmt.Sprintf(`{"vote":[4],"addresses":{"4":%q}}`, c.members[4]))
	c.shutdown(4)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.listen[4], c.members[4] = l, l.Addr().String()
	c.start(4)
	a := c.must(1, "PUT", "/v1/kv/x", "1")
	c.until("it is led again", func() bool { return applied(c.servers[4], a) })
}

func TestTransferIsDoneWhenTheOtherLeads(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	c.until("leadership is handed over, asked through a follower", func() bool {
		to := c.follower()
		a := c.admin(to, "transfer", fmt.Sprintf(`{"node":%d}`, to))
		return a.status == http.StatusOK && c.leader() == to
	})
	c.until("it is handed to whoever is best", func() bool {
		old := c.leader()
		return c.admin(old, "transfer", `{}`).status == http.StatusOK && c.leader() != old
	})
	old := c.leader()
	a := c.ask(old, "GET", "/metrics", "")
	if !strings.Contains(a.body, `raftarium_transfers_total{kind="begun"} `) ||
		!strings.Contains(a.body, "raftarium_voters 3\n") ||
		!strings.Contains(a.body, "raftarium_learners 0\n") {
		t.Errorf("the metrics are\n%s", a.body)
	}
}

func TestAdministrationIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	c.leader()
	long := `{"vote":[` + strings.Repeat(" ", 70_000) + `2]}`
	for _, test := range []struct {
		what, body string
		status     int
		why, says  string
	}{
		{"transfer", `{"node":9}`, 409, "notVoter", "leadership is not handed to S9: it has no vote"},
		{"transfer", `{}`, 409, "notVoter", "leadership is not handed to anybody"},
		{"transfer", `{"node":1}`, 200, "", ""},
		{"transfer", `{"to":1}`, 400, "", "the transfer is malformed"},
		{"transfer", `{"node":-1}`, 400, "", "the transfer is malformed"},
		{"transfer", ``, 400, "", "the transfer is malformed"},
		{"transfer", `{} {}`, 400, "", "something stands behind it"},
		{"change", `{}`, 400, "cannotBe", "names nobody"},
		{"change", `{"vote":[1],"remove":[1]}`, 400, "cannotBe", "somebody twice"},
		{"change", `{"remove":[1]}`, 409, "noVoters", "nobody would have a vote"},
		{"change", `{"vote":[2]}`, 409, "unreachable", "where S2 is reached is not known"},
		{"change", `{"vote":[2],"addresses":{"2":"nowhere"}}`, 400, "", "no host:port"},
		{"change", `{"addresses":{"0":"a:1"}}`, 400, "", "no server's id"},
		{"change", `{"vote":"2"}`, 400, "", "the change is malformed"},
		{"change", `[`, 400, "", "the change is malformed"},
		{"change", long, 413, "tooLarge", "at most 65536"},
		{"change", `{"vote":[1]}`, 200, "", ""},
	} {
		a := c.admin(1, test.what, test.body)
		if a.status != test.status {
			t.Errorf("%s %.60s: %d %s", test.what, test.body, a.status, a.body)
			continue
		}
		if a.status != 200 && (a.problem(t).Why != test.why ||
			!strings.Contains(a.problem(t).Error, test.says)) {
			t.Errorf("%s %.60s: %s", test.what, test.body, a.body)
		}
		if open := c.ask(1, "POST", "/v1/admin/"+test.what, test.body); open.status != 401 {
			t.Errorf("%s without the token: %d", test.what, open.status)
		}
	}
}

func TestAPreferredServerLeads(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, func(cfg *server.Config) { cfg.Raft.Preferred = []raft.NodeID{2, 3} })
	c.until("the preferred one leads", func() bool { return c.leader() == 2 })
	c.shutdown(2)
	c.until("the next best leads", func() bool { return c.leader() == 3 })
	c.start(2)
	c.until("it leads again", func() bool { return c.leader() == 2 })
}
