package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/trace"
)

// What a page shares runs here to the same hash, up to the moment that the link shows.
func TestALinkRunsAsInThePage(t *testing.T) {
	r, err := branch.Open("sim:?seed=11")
	if err != nil {
		t.Fatal(err)
	}
	to := func(until raft.Time) {
		for reached := raft.Time(-1); reached < until; {
			if _, reached, err = r.Next(until, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	to(700 * raft.Millisecond)
	if err := r.Do(trace.Command{Kind: trace.CommandKill, Node: 2}); err != nil {
		t.Fatal(err)
	}
	to(2 * raft.Second)
	events, hash := r.Run()
	link, err := r.Link(trace.Position{Events: events, At: 2 * raft.Second})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{link,
		"http://localhost:8080/" + strings.TrimPrefix(link, "sim:")} {
		res := simulate(t, "--link", address)
		if res.Events != events || res.Hash != fmt.Sprintf("%016x", hash) || res.Seconds != 2 ||
			res.Seed != "11" {
			t.Errorf("%s runs to %+v, want %d events, %016x", address, res, events, hash)
		}
	}
	if res := simulate(t, "--link", link, "--for", "3s"); res.Events <= events || res.Seconds != 3 {
		t.Errorf("beyond its moment: %+v", res)
	}
	for bad, want := range map[string]string{"sim:?run=AAAA": "the link is damaged",
		"sim:?bug=none": "the museum has no bug", "nonsense": "does not begin with sim:"} {
		_, status, err := call("sim", "--link", bad)
		if status != 2 || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: status %d, %v", bad, status, err)
		}
	}
}
