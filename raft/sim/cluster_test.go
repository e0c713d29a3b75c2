package sim

import (
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// runTo collects all events up to a time.
func runTo(t *testing.T, c *Cluster, until raft.Time) []trace.Event {
	t.Helper()
	var all []trace.Event
	for {
		got, reached, err := c.Next(until, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
		if reached >= until {
			return all
		}
	}
}

func TestPlay(t *testing.T) {
	c, err := New(DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, ev := range runTo(t, c, 10*raft.Second) {
		k := fmt.Sprintf("%T", ev.Body)
		if d, ok := ev.Body.(trace.Decided); ok {
			k = d.Note.Kind.String()
		}
		kinds[k]++
	}
	t.Log(kinds)
	for i := range c.servers {
		t.Logf("%+v", c.servers[i].host.Node().Status())
	}
	t.Log(c.Run())
}
