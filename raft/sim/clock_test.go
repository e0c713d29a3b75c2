package sim

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// A clock never goes back, and shows gives the first moment of what it reads, however it is set.
func TestClockNeverGoesBack(t *testing.T) {
	for _, seed := range seeds(t, 200) {
		r := rng.New(seed)
		var k clock
		now, last := raft.Time(0), raft.Time(0)
		for range 50 {
			now += raft.Time(r.Below(int64(raft.Second)))
			if got := k.reads(now); got < last {
				t.Fatalf("seed %d: at %d us the clock goes back from %d to %d", seed, now, last, got)
			}
			last = k.reads(now)
			goal := last + raft.Time(r.Below(int64(raft.Second)))
			if at := k.shows(goal); k.reads(at) < goal || at > now && k.reads(at-1) >= goal {
				t.Fatalf("seed %d: it shows %d at %d us, but reads %d then and %d before", seed, goal,
					at, k.reads(at), k.reads(at-1))
			}
			if r.Below(3) == 0 {
				k.adjust(now, trace.NodeClock{Skew: raft.Time(r.Between(-2e6, 2e6)),
					Drift: int32(r.Between(-maxDrift, maxDrift))})
			}
		}
	}
}

// A leader whose clock runs at half the speed sends half as many heartbeats, and events tell the
// true time all the same.
func TestDrift(t *testing.T) {
	c, leader, follower := settled(t)
	beats := func(evs []trace.Event) int {
		return count(evs, func(ev *trace.Event, s trace.Sent) bool {
			a, ok := s.Message.Body.(*raft.AppendEntries)
			return ok && ev.ID.Node == leader && s.Message.To == follower && len(a.Entries) == 0
		})
	}
	c.cfg.Rest = c.Now()
	runTo(t, c, c.Now()+raft.Second)
	usual := beats(runTo(t, c, c.Now()+2*raft.Second))
	from := c.Now()
	evs := taken(t, c, trace.Command{Kind: trace.CommandClock, Node: leader,
		Clock: trace.NodeClock{Drift: -maxDrift}}, 2*raft.Second)
	if got := beats(evs); got < usual/2-2 || got > usual/2+2 {
		t.Errorf("%d heartbeats in 2 s with half a clock, %d with a whole one", got, usual)
	}
	for i := range evs {
		if evs[i].At < from || evs[i].At > from+2*raft.Second {
			t.Fatalf("an event is told for %d us, and it is between %d and %d", evs[i].At, from,
				from+2*raft.Second)
		}
	}
	if n := count(evs, func(_ *trace.Event, b trace.ClockSet) bool {
		return b.Node == leader && b.Clock.Drift == -maxDrift
	}); n != 1 {
		t.Errorf("it was told %d times that the clock was set", n)
	}
	bad := trace.Command{Kind: trace.CommandClock, Node: leader}
	bad.Clock.Drift = maxDrift + 1
	refused(t, c, bad, "drifts by at most")
	bad.Clock = trace.NodeClock{Skew: maxSkew + 1}
	refused(t, c, bad, "wrong by at most")
}

// A clock that is set ahead makes a follower stand for election; one that is set back stands still.
func TestSkew(t *testing.T) {
	c, _, follower := settled(t)
	evs := taken(t, c, trace.Command{Kind: trace.CommandClock, Node: follower,
		Clock: trace.NodeClock{Skew: 5 * raft.Second}}, 50*raft.Millisecond)
	if notes(evs, follower, raft.NoteBecamePreCand) == 0 {
		t.Errorf("the clock of %v jumped over its election time-out, and nothing followed", follower)
	}
	taken(t, c, trace.Command{Kind: trace.CommandHealAll}, raft.Second)
	evs = taken(t, c, trace.Command{Kind: trace.CommandCut, From: c.bestLeader(), To: follower,
		Both: true}, 0)
	evs = append(evs, taken(t, c, trace.Command{Kind: trace.CommandClock, Node: follower},
		4*raft.Second)...)
	if notes(evs, follower, raft.NoteBecamePreCand) != 0 {
		t.Errorf("the clock of %v stands still, and it waited for a leader to the end", follower)
	}
}
