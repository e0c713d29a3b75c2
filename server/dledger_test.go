package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// TestDLedger holds the behaviours of a running DLedger, by their numbers, with what is otherwise
// here. Others of its server's are tests of their own; raft.TestDLedger names them.
func TestDLedger(t *testing.T) {
	t.Parallel()
	for _, b := range []struct {
		name  string
		holds func(*testing.T)
	}{
		{"Behaviour01 a single server leads and takes appends", singleServer},
		{"Behaviour02 restarted it leads again, in a higher term", singleServerAgain},
		{"Behaviour03 of three exactly one leads", oneLeads},
		{"Behaviour38 a write's result is that of its own entry, in order", resultsInOrder},
		{"Behaviour39 a read behind a write sees it, and overwrites win", readsSeeWrites},
		{"Behaviour69 an unknown handler is answered with an error", unknownHandler},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			b.holds(t)
		})
	}
}

func singleServer(t *testing.T) {
	c := newCluster(t, 1, nil)
	c.leader()
	c.must(1, "PUT", "/v1/kv/x", "1")
}

// singleServerAgain: DLedger leads in the same term again; here every election has a new one.
func singleServerAgain(t *testing.T) {
	c := newCluster(t, 1, nil)
	c.leader()
	c.must(1, "PUT", "/v1/kv/x", "1")
	before := c.servers[1].Status().Term
	c.shutdown(1)
	c.start(1)
	c.leader()
	if term := c.servers[1].Status().Term; term <= before {
		t.Errorf("it led term %d, and leads term %d", before, term)
	}
	if a := c.must(1, "GET", "/v1/kv/x", ""); a.body != "1" {
		t.Errorf("it reads %q", a.body)
	}
}

func oneLeads(t *testing.T) {
	c := newCluster(t, 3, nil)
	leader := c.leader()
	c.until("the others follow it", func() bool {
		following := 0
		for id, s := range c.servers {
			if st := s.Status(); id != leader && st.Role == raft.Follower && st.Leader == leader {
				following++
			}
		}
		return following == 2
	})
}

// resultsInOrder: the result of an append to the ledger is the place of that very body.
func resultsInOrder(t *testing.T) {
	for _, kind := range []string{"file", "memory"} {
		c := newCluster(t, 1, func(cfg *server.Config) { cfg.Machine, cfg.Store = "ledger", kind })
		c.leader()
		pos := 0
		for i := range 10 {
			text := fmt.Sprintf("body %d", i*i)
			a := c.must(1, "POST", "/v1/ledger", text)
			if got := a.header.Get(wire.HeaderPos); got != fmt.Sprint(pos) {
				t.Errorf("%s: body %d stands at byte %s, not %d", kind, i, got, pos)
			}
			pos += len(text)
			got := c.must(1, "GET", "/v1/ledger/"+a.header.Get(wire.HeaderIndex), "")
			if got.body != text {
				t.Errorf("%s: its index holds %q, not %q", kind, got.body, text)
			}
		}
	}
}

// readsSeeWrites: DLedger's register reads -1 where nothing is set; here it is said not to be
// there.
func readsSeeWrites(t *testing.T) {
	c := newCluster(t, 3, nil)
	leader, follower := c.leader(), c.follower()
	if a := c.ask(follower, "GET", "/v1/kv/x", ""); a.status != http.StatusNotFound {
		t.Errorf("a key that was never set: %d %s", a.status, a.body)
	}
	for i := range 5 {
		value := fmt.Sprint(i)
		c.must(leader, "PUT", "/v1/kv/x", value)
		for _, id := range []raft.NodeID{leader, follower} {
			if a := c.must(id, "GET", "/v1/kv/x", ""); a.body != value {
				t.Errorf("%v reads %q behind a write of %q", id, a.body, value)
			}
		}
	}
}

func unknownHandler(t *testing.T) {
	c := newCluster(t, 1, nil)
	c.leader()
	a := c.ask(1, "POST", "/v1/call/nobody", "")
	if a.status != http.StatusNotFound || a.problem(t).Error == "" {
		t.Errorf("it was answered %d %s", a.status, a.body)
	}
}
