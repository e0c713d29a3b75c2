package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// number reads a metric that is one.
func (c *cluster) number(id raft.NodeID, name string) (v float64) {
	c.t.Helper()
	if _, err := fmt.Sscan(c.metric(id, name), &v); err != nil {
		c.t.Fatalf("the metric %s is no number: %v", name, err)
	}
	return v
}

// TestAReadIsAnsweredByTheServerThatIsAsked and makes no entry.
func TestAReadIsAnsweredByTheServerThatIsAsked(t *testing.T) {
	t.Parallel()
	for _, m := range []string{"kv", "ledger"} {
		t.Run(m, func(t *testing.T) {
			c := newCluster(t, 3, func(cfg *server.Config) { cfg.Machine = m })
			id := c.follower()
			path, missing, method := "/v1/kv/x", "/v1/kv/none", "PUT"
			if m == "ledger" {
				path, missing, method = "/v1/ledger", "/v1/ledger/999", "POST"
			}
			a := c.must(id, method, path, "written")
			if m == "ledger" {
				path += "/" + a.header.Get(wire.HeaderIndex)
			}
			c.until("the reads leave the log as it is", func() bool {
				last := c.servers[c.leader()].Status().Last
				if got := c.must(id, "GET", path, ""); got.body != "written" ||
					got.header.Get(wire.HeaderTerm) == "" {
					t.Errorf("it reads %q at %v", got.body, got.header)
				}
				got := c.ask(id, "GET", missing, "")
				if got.status != http.StatusNotFound || got.header.Get(wire.HeaderIndex) == "" {
					return false // it lost its leader
				}
				return c.servers[c.leader()].Status().Last == last
			})
			if n := c.number(id, `reads_total{outcome="ok"}`); n < 1 {
				t.Errorf("it has answered %v reads", n)
			}
			if n := c.number(c.leader(), `read_proofs_total{by="round"}`); n < 1 {
				t.Errorf("its leader has proven %v rounds", n)
			}
		})
	}
}

// TestReadsSeeWhatWasAcknowledgedBefore reads at all servers what others write, over changes of the
// leader, by rounds and by leases: a counter never goes back.
func TestReadsSeeWhatWasAcknowledgedBefore(t *testing.T) {
	t.Parallel()
	for _, lease := range []bool{false, true} {
		t.Run(fmt.Sprintf("lease %v", lease), func(t *testing.T) {
			c := newCluster(t, 3, func(cfg *server.Config) { cfg.Raft.LeaseReads = lease })
			c.leader()
			var mu sync.Mutex
			acknowledged := 0
			var readers sync.WaitGroup
			over := make(chan struct{})
			for id := raft.NodeID(1); id <= 3; id++ {
				readers.Go(func() {
					for {
						select {
						case <-over:
							return
						default:
						}
						mu.Lock()
						before := acknowledged
						mu.Unlock()
						a := c.ask(id, "GET", "/v1/kv/n", "")
						got := 0
						_, _ = fmt.Sscan(a.body, &got)
						if a.status == http.StatusOK && got < before ||
							a.status == http.StatusNotFound && before > 0 {
							t.Errorf("%v reads %d %q behind %d", id, a.status, a.body, before)
						}
						if strings.Contains(a.body, "unknown") {
							t.Errorf("the outcome of a read is unknown: %s", a.body)
						}
					}
				})
			}
			for n := 1; n <= 60; n++ {
				c.must(raft.NodeID(n%3+1), "PUT", "/v1/kv/n", fmt.Sprint(n))
				mu.Lock()
				acknowledged = n
				mu.Unlock()
				if n%15 == 0 {
					c.admin(1, "transfer", `{}`)
				}
			}
			close(over)
			readers.Wait()
			leases := 0.0
			for id := range c.servers {
				leases += c.number(id, `read_proofs_total{by="lease"}`)
			}
			if lease != (leases > 0) {
				t.Errorf("%v reads were proven by a lease", leases)
			}
		})
	}
}

// TestAReadWithoutALeaderIsRefused, at once when there is none, and in time when it is lost.
func TestAReadWithoutALeaderIsRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, func(cfg *server.Config) {
		cfg.AllowFaults, cfg.Timeout = true, 400*time.Millisecond
	})
	c.until("a read at a leader that is cut off gets no answer", func() bool {
		leader := c.leader()
		c.cut(leader, others(leader))
		defer c.cut(leader, `{}`)
		a := c.ask(leader, "GET", "/v1/kv/x", "")
		return a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "" &&
			a.problem(t).Outcome == "refused"
	})
	c.leader()
	c.shutdown(1)
	c.shutdown(2)
	c.until("the last one knows of no leader", func() bool {
		a := c.ask(3, "GET", "/v1/kv/x", "")
		return a.status == http.StatusServiceUnavailable && a.problem(t).Why == "noLeader" &&
			a.header.Get("Retry-After") != ""
	})
}

// others is a cut of all links of one of three servers.
func others(id raft.NodeID) string {
	a, b := id%3+1, (id+1)%3+1
	return fmt.Sprintf(`{"from":[%d,%d],"to":[%d,%d]}`, a, b, a, b)
}
