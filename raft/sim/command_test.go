package sim

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

// settled gives a cluster of three that has a leader, and who that is.
func settled(t *testing.T) (c *Cluster, leader, follower raft.NodeID) {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Nodes = 3
	c = start(t, cfg)
	runTo(t, c, 2*raft.Second)
	leader = c.bestLeader()
	if c.server(leader).host.Node().Status().Role != raft.Leader {
		t.Fatal("nobody leads after 2 s")
	}
	return c, leader, leader%3 + 1
}

// do gives a command and the events that it made at once.
func do(t *testing.T, c *Cluster, cmd trace.Command) []trace.Event {
	t.Helper()
	cmd.ID = 77
	if err := c.Do(cmd); err != nil {
		t.Fatal(err)
	}
	return runTo(t, c, c.Now())
}

// taken gives a command that must be taken, and what follows within a time.
func taken(t *testing.T, c *Cluster, cmd trace.Command, within raft.Time) []trace.Event {
	t.Helper()
	evs := do(t, c, cmd)
	if a, ok := evs[0].Body.(trace.Accepted); !ok || a.Command != 77 {
		t.Fatalf("%v was not taken: %v", cmd.Kind, line(&evs[0]))
	}
	return append(evs, runTo(t, c, c.Now()+within)...)
}

// refused gives a command that must be refused and leaves nothing in the run.
func refused(t *testing.T, c *Cluster, cmd trace.Command, why string) {
	t.Helper()
	n, hash := c.Run()
	evs := do(t, c, cmd)
	r, ok := evs[0].Body.(trace.Refused)
	if !ok || len(evs) != 1 || r.Command != 77 || !strings.Contains(r.Why, why) {
		t.Errorf("%v: expected one refusal that says %q, got %v", cmd.Kind, why, line(&evs[0]))
	}
	if gn, gh := c.Run(); gn != n || gh != hash {
		t.Errorf("%v was refused and changed the run from %d, %x to %d, %x", cmd.Kind, n, hash, gn,
			gh)
	}
}

func count[B trace.Body](evs []trace.Event, is func(ev *trace.Event, b B) bool) (n int) {
	for i := range evs {
		if b, ok := evs[i].Body.(B); ok && is(&evs[i], b) {
			n++
		}
	}
	return n
}

func notes(evs []trace.Event, node raft.NodeID, kind raft.NoteKind) int {
	return count(evs, func(ev *trace.Event, d trace.Decided) bool {
		return ev.ID.Node == node && d.Note.Kind == kind
	})
}

func TestKillAndRestart(t *testing.T) {
	c, leader, _ := settled(t)
	before := c.server(leader).host.Node().Status()
	evs := taken(t, c, trace.Command{Kind: trace.CommandKill, Node: leader}, 2*raft.Second)
	if n := count(evs, func(_ *trace.Event, b trace.Crashed) bool {
		return b.Node == leader && b.Why == "killed" && b.Stays
	}); n != 1 {
		t.Errorf("%v was killed %d times", leader, n)
	}
	if n := count(evs, func(ev *trace.Event,
		_ trace.Sent) bool {
		return ev.ID.Node == leader
	}); n != 0 {
		t.Errorf("%v sent %d messages when it was dead", leader, n)
	}
	if next := c.bestLeader(); next == leader {
		t.Errorf("nobody took over within 2 s")
	}
	refused(t, c, trace.Command{Kind: trace.CommandKill, Node: leader}, "is down")
	refused(t, c, trace.Command{Kind: trace.CommandPause, Node: leader}, "is down")
	refused(t, c, trace.Command{Kind: trace.CommandCampaign, Node: leader}, "is down")
	evs = taken(t, c, trace.Command{Kind: trace.CommandRestart, Node: leader}, 2*raft.Second)
	if n := count(evs, func(ev *trace.Event, b trace.Started) bool {
		return ev.ID.Node == leader && ev.ID.Boot == 2 && b.Restart && b.Term >= before.Term
	}); n != 1 {
		t.Errorf("%v started %d times with what it had saved", leader, n)
	}
	if st := c.server(leader).host.Node().Status(); st.Commit < before.Commit {
		t.Errorf("%v knows of commit index %d, before it was killed of %d", leader, st.Commit,
			before.Commit)
	}
	refused(t, c, trace.Command{Kind: trace.CommandRestart, Node: leader}, "is running")
}

// Who ran on memory has lost its vote and cannot come back.
func TestMemoryStaysDown(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Store = "memory"
	c := start(t, cfg)
	runTo(t, c, raft.Second)
	taken(t, c, trace.Command{Kind: trace.CommandKill, Node: 1}, raft.Second)
	refused(t, c, trace.Command{Kind: trace.CommandRestart, Node: 1}, "lost its vote")
}

func TestPauseAndResume(t *testing.T) {
	c, leader, follower := settled(t)
	evs := taken(t, c, trace.Command{Kind: trace.CommandPause, Node: follower}, raft.Second)
	for i := range evs {
		if evs[i].ID.Node == follower {
			t.Fatalf("%v is paused and did something: %s", follower, line(&evs[i]))
		}
	}
	refused(t, c, trace.Command{Kind: trace.CommandPause, Node: follower}, "paused already")
	refused(t, c, trace.Command{Kind: trace.CommandCampaign, Node: follower}, "paused")
	evs = taken(t, c, trace.Command{Kind: trace.CommandResume, Node: follower}, raft.Second)
	f, l := c.server(follower).host.Node().Status(), c.server(leader).host.Node().Status()
	if notes(evs, follower, raft.NoteAppended) == 0 || f.Commit+3 < l.Commit {
		t.Errorf("%v did not catch up: commit %d, and %v has %d", follower, f.Commit, leader,
			l.Commit)
	}
	refused(t, c, trace.Command{Kind: trace.CommandResume, Node: follower}, "not paused")
}

// What waited for a paused server dies with it, visibly.
func TestKillWhilePaused(t *testing.T) {
	c, _, follower := settled(t)
	taken(t, c, trace.Command{Kind: trace.CommandPause, Node: follower}, 300*raft.Millisecond)
	waiting := 0
	for i := range c.server(follower).inbox {
		if c.server(follower).inbox[i].kind == dueDeliver {
			waiting++
		}
	}
	evs := do(t, c, trace.Command{Kind: trace.CommandKill, Node: follower})
	if n := count(evs, func(_ *trace.Event, b trace.Dropped) bool {
		return b.Why == trace.DropDown
	}); waiting == 0 || n != waiting {
		t.Errorf("%d messages waited for %v, and %d were dropped with it", waiting, follower, n)
	}
}

func TestCutOneWay(t *testing.T) {
	c, leader, follower := settled(t)
	evs := taken(t, c, trace.Command{Kind: trace.CommandCut, From: leader, To: follower},
		raft.Second/2)
	sets := count(evs, func(_ *trace.Event, b trace.LinkSet) bool { return b.Link.Cut })
	dropped := count(evs, func(_ *trace.Event, b trace.Dropped) bool {
		return b.Msg.Node == leader && b.Why == trace.DropCut
	})
	back := count(evs, func(ev *trace.Event, b trace.Delivered) bool {
		return b.Msg.Node == follower && ev.ID.Node == leader
	})
	if sets != 1 || dropped == 0 || back == 0 {
		t.Errorf("one way: %d links cut, %d messages died there, %d came the other way", sets,
			dropped,
			back)
	}
	evs = taken(t, c, trace.Command{Kind: trace.CommandHeal, From: leader, To: follower},
		raft.Second)
	if count(evs, func(ev *trace.Event, b trace.Delivered) bool {
		return b.Msg.Node == leader && ev.ID.Node == follower
	}) == 0 {
		t.Error("nothing passed when the link was healed")
	}
	refused(t, c, trace.Command{Kind: trace.CommandCut, From: leader, To: leader}, "no link")
	refused(t, c, trace.Command{Kind: trace.CommandHeal, From: 0, To: 9}, "no link")
}

func TestPartitionAndHealAll(t *testing.T) {
	cfg := DefaultConfig()
	c := start(t, cfg)
	runTo(t, c, 2*raft.Second)
	leader := c.bestLeader()
	other := leader%5 + 1
	minority := []raft.NodeID{leader, other}
	var majority []raft.NodeID
	for _, id := range c.members {
		if id != leader && id != other {
			majority = append(majority, id)
		}
	}
	taken(t, c, trace.Command{Kind: trace.CommandPartition,
		Groups: [][]raft.NodeID{minority, majority}}, 3*raft.Second)
	next := c.bestLeader()
	if next == leader || next == other {
		t.Errorf("%v leads, and it is cut off with one other", next)
	}
	if st := c.server(leader).host.Node().Status(); st.Role == raft.Leader {
		t.Errorf("%v still leads without a quorum", leader)
	}
	taken(t, c, trace.Command{Kind: trace.CommandHealAll}, 2*raft.Second)
	for i := range c.links {
		if c.links[i].Cut {
			t.Error("a link is still cut")
		}
	}
	refused(t, c, trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{{1, 2}, {2}}},
		"two groups")
	refused(t, c, trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{{6}}},
		"no node 6")
}

func TestProposeByHand(t *testing.T) {
	c, _, follower := settled(t)
	for _, at := range []raft.NodeID{0, follower} { // the leader, and one that must refuse
		evs := taken(t, c, trace.Command{Kind: trace.CommandPropose, Node: at, Key: "hand",
			Value: "7"},
			raft.Second)
		if n := count(evs, func(_ *trace.Event, b trace.Returned) bool {
			return b.Client == 3 && b.Outcome == raft.OutcomeOK && !b.Retry
		}); n != 1 {
			t.Errorf("asked at %v: the write was done %d times", at, n)
		}
	}
	refused(t, c, trace.Command{Kind: trace.CommandPropose, Value: "7"}, "needs a key")
	refused(t, c, trace.Command{Kind: trace.CommandPropose, Node: 4, Key: "x"}, "no node 4")
}

func TestCampaignByHand(t *testing.T) {
	c, leader, follower := settled(t)
	evs := taken(t, c, trace.Command{Kind: trace.CommandCampaign, Node: follower}, raft.Second)
	if notes(evs, follower, raft.NoteBecameCandidate) == 0 {
		t.Errorf("%v did not stand for election", follower)
	}
	evs = taken(t, c, trace.Command{Kind: trace.CommandCampaign, Node: c.bestLeader()}, 0)
	if len(evs) != 1 {
		t.Errorf("a leader that is asked to campaign did something: %v", line(&evs[1]))
	}
	refused(t, c, trace.Command{Kind: trace.CommandCampaign, Node: 9}, "no node 9")
	_ = leader
}

func TestLinkByHand(t *testing.T) {
	c, leader, follower := settled(t)
	slow := trace.Link{Delay: 70 * raft.Millisecond}
	evs := taken(t, c, trace.Command{Kind: trace.CommandLink, From: leader, To: follower,
		Link: slow},
		raft.Second/2)
	for i := range evs {
		if b, ok := evs[i].Body.(trace.Sent); ok && b.Message.From == leader &&
			b.Message.To == follower && b.Due-evs[i].At < slow.Delay {
			t.Errorf("a message takes %d us on a link of %d us", b.Due-evs[i].At, slow.Delay)
		}
	}
	for _, l := range []trace.Link{{Delay: -1}, {Jitter: -1}, {Delay: 1 << 62}, {Jitter: 1 << 62}} {
		refused(t, c, trace.Command{Kind: trace.CommandLink, From: 1, To: 2, Link: l}, "from 0 to")
	}
	refused(t, c, trace.Command{Kind: 99}, "does not know")
	refused(t, c, trace.Command{Kind: trace.CommandKill}, "no node 0")
}

// Watching and refusing change nothing: the hash is that of the run without them.
func TestWatchingChangesNothing(t *testing.T) {
	plain := start(t, faulty(5))
	runTo(t, plain, 3*raft.Second)
	c := start(t, faulty(5))
	src := check.Watch(c)
	for at := raft.Time(0); at <= 3*raft.Second; at += 50 * raft.Millisecond {
		runTo(t, src, at)
		if err := src.Do(trace.Command{Kind: trace.CommandKill, Node: 99}); err != nil {
			t.Fatal(err)
		}
	}
	n, hash := plain.Run()
	if gn, gh := c.Run(); gn != n || gh != hash {
		t.Errorf("watched: %d events, hash %016x; not watched: %d, %016x", gn, gh, n, hash)
	}
}
