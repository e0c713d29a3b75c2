package sim

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// clogged makes a link hold what it is given for a while.
func clogged(t *testing.T, c *Cluster, from, to raft.NodeID) (sent int) {
	t.Helper()
	l := c.link(from, to).Link
	l.Clog = true
	evs := taken(t, c, trace.Command{Kind: trace.CommandLink, From: from, To: to, Link: l},
		500*raft.Millisecond)
	if n := count(evs, func(ev *trace.Event, b trace.Delivered) bool {
		return b.Msg.Node == from && ev.ID.Node == to
	}); n != 0 {
		t.Errorf("%d messages came through a link that is clogged", n)
	}
	return len(c.link(from, to).held)
}

// What a clogged link holds goes on together, in order.
func TestClog(t *testing.T) {
	c, leader, follower := settled(t)
	held := clogged(t, c, leader, follower)
	evs := taken(t, c, trace.Command{Kind: trace.CommandHealAll}, 0)
	planned := count(evs, func(_ *trace.Event, b trace.Rescheduled) bool {
		return b.Msg.Node == leader && b.Due == c.Now()+1
	})
	last, came := uint64(0), 0
	for _, ev := range runTo(t, c, c.Now()+1) {
		if b, ok := ev.Body.(trace.Delivered); ok && b.Msg.Node == leader && ev.ID.Node == follower {
			if came++; b.Msg.N <= last {
				t.Errorf("message %d came behind %d", b.Msg.N, last)
			}
			last = b.Msg.N
		}
	}
	if held < 3 || planned != held || came != held {
		t.Errorf("%d messages were held, %d told to go on, and %d came", held, planned, came)
	}
}

// What a clogged link holds dies when it is cut.
func TestCutClog(t *testing.T) {
	c, leader, follower := settled(t)
	held := clogged(t, c, leader, follower)
	evs := taken(t, c, trace.Command{Kind: trace.CommandCut, From: leader, To: follower}, 0)
	if n := count(evs, func(_ *trace.Event, b trace.Dropped) bool {
		return b.Msg.Node == leader && b.Why == trace.DropCut
	}); held == 0 || n != held {
		t.Errorf("%d messages were held, and %d died", held, n)
	}
}

// The shapes are what they say.
func TestShapes(t *testing.T) {
	seen := map[int]bool{}
	for _, seed := range seeds(t, 200) {
		cfg := DefaultConfig()
		cfg.Seed, cfg.Nodes = seed, 6
		c := start(t, cfg)
		c.shape(raft.NodeID(seed%6 + 1))
		degrees := map[int]int{}
		for _, a := range c.members {
			hears := 0
			for _, b := range c.members {
				if a != b && c.link(a, b).Cut != c.link(b, a).Cut {
					t.Fatalf("seed %d: %v and %v hear one way", seed, a, b)
				}
				if a != b && !c.link(a, b).Cut {
					hears++
				}
			}
			degrees[hears]++
		}
		switch {
		case degrees[0] == 1 && degrees[4] == 5: // a node alone
			seen[0] = true
		case degrees[2] == 6: // a ring
			seen[1] = true
		case degrees[5] == 1 && degrees[2]+degrees[3] == 5: // a bridge
			seen[2] = true
		case degrees[4] == 6: // each with a majority
			seen[3] = true
		default:
			t.Fatalf("seed %d: it is no shape: %v", seed, degrees)
		}
	}
	if len(seen) != 4 && *oneSeed == 0 {
		t.Errorf("only %v were drawn", seen)
	}
}

// A copy shares nothing with the original that either changes: not what a clogged link or a stuck
// disk holds.
func TestCloneHoldsItsOwn(t *testing.T) {
	c, leader, follower := settled(t)
	taken(t, c, diskCommand(follower, trace.Disk{Stuck: true}), 0)
	clogged(t, c, follower, leader)
	l, s := c.link(follower, leader), c.server(follower)
	l.held = slices.Grow(l.held, 100) // both would append into the same memory
	s.disk.held = slices.Grow(s.disk.held, 100)
	d := c.Clone()
	runTo(t, c, c.Now()+raft.Second)
	link, disk := c.link(follower, leader).held, c.server(follower).disk.held
	wantLink, wantDisk := slices.Clone(link), slices.Clone(disk)
	for range 3 { // something else happens there
		do(t, d, trace.Command{Kind: trace.CommandPropose, Node: leader, Key: "other", Value: "1"})
	}
	runTo(t, d, d.Now()+raft.Second)
	for i := range link {
		if link[i].at != wantLink[i].at || link[i].seq != wantLink[i].seq {
			t.Errorf("the copy changed what the link holds")
		}
	}
	for i := range disk {
		if disk[i].at != wantDisk[i].at || disk[i].seq != wantDisk[i].seq {
			t.Errorf("the copy changed what the disk holds")
		}
	}
}
