package sim

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

func diskCommand(id raft.NodeID, d trace.Disk) trace.Command {
	return trace.Command{Kind: trace.CommandDisk, Node: id, Disk: d}
}

func saves(evs []trace.Event, id raft.NodeID) int {
	return count(evs, func(ev *trace.Event, _ trace.Saved) bool { return ev.ID.Node == id })
}

// A disk that is stuck saves nothing and acknowledges nothing, and then all of it, in order.
func TestStuckDisk(t *testing.T) {
	c, _, follower := settled(t)
	evs := taken(t, c, diskCommand(follower, trace.Disk{Stuck: true}), raft.Second)
	if n := saves(evs, follower); n != 0 {
		t.Errorf("%d writes were saved on a disk that is stuck", n)
	}
	before := c.server(follower).host.Node().Status()
	if before.Saved == before.Last.Index {
		t.Fatal("nothing waits for the disk")
	}
	evs = taken(t, c, diskCommand(follower, trace.Disk{}), raft.Second)
	last := raft.WriteID(0)
	for i := range evs {
		if b, ok := evs[i].Body.(trace.Saved); ok && evs[i].ID.Node == follower {
			if b.Write <= last {
				t.Errorf("write %d was saved behind %d", b.Write, last)
			}
			last = b.Write
		}
	}
	if st := c.server(follower).host.Node().Status(); st.Saved <= before.Last.Index {
		t.Errorf("%v has saved its log to %d, and it was at %d when its disk was stuck", follower,
			st.Saved, before.Last.Index)
	}
}

// A leader whose disk is stuck gives way to one that can save.
func TestStuckLeaderYields(t *testing.T) {
	c, leader, _ := settled(t)
	taken(t, c, diskCommand(leader, trace.Disk{Stuck: true}), 3*raft.Second)
	if next := c.bestLeader(); next == leader {
		t.Errorf("%v still leads, and has saved nothing for 3 s", leader)
	}
}

func TestSlowDisk(t *testing.T) {
	c, _, follower := settled(t)
	runTo(t, c, c.Now()+raft.Second)
	fast := saves(runTo(t, c, c.Now()+2*raft.Second), follower)
	evs := taken(t, c, diskCommand(follower, trace.Disk{Slow: 500 * raft.Millisecond}),
		2*raft.Second)
	if n := count(evs, func(ev *trace.Event, b trace.DiskSet) bool { return b.Node == follower }); n != 1 {
		t.Errorf("it was told %d times that the disk is slow", n)
	}
	late := c.Now() - 1500*raft.Millisecond
	batches := map[raft.Time]bool{}
	for i := range evs {
		if _, ok := evs[i].Body.(trace.Saved); ok && evs[i].ID.Node == follower && evs[i].At > late {
			batches[evs[i].At] = true
		}
	}
	if len(batches) > 3 || fast < 10 {
		t.Errorf("%d batches in 1.5 s on a disk that takes half a second; before %d saves in 2 s",
			len(batches), fast)
	}
}

// A disk that is full, or fails, stops its node loudly; it comes back when there is room.
func TestFullAndFailingDisk(t *testing.T) {
	for why, set := range map[string]trace.Disk{
		"disk full": {Full: true}, "disk error": {Failing: true},
	} {
		c, _, follower := settled(t)
		evs := taken(t, c, diskCommand(follower, set), raft.Second)
		failed := count(evs, func(ev *trace.Event, b trace.SaveFailed) bool {
			return ev.ID.Node == follower && b.Err == why
		})
		crashed := count(evs, func(_ *trace.Event, b trace.Crashed) bool {
			return b.Node == follower && b.Why == why && b.Stays
		})
		if failed != 1 || crashed != 1 || notes(evs, follower, raft.NoteStopped) != 1 {
			t.Errorf("%s: %d writes failed, %d crashes, %d times stopped", why, failed, crashed,
				notes(evs, follower, raft.NoteStopped))
		}
		taken(t, c, trace.Command{Kind: trace.CommandRestart, Node: follower}, 2*raft.Second)
		if c.server(follower).host != nil {
			t.Errorf("%s: %v runs, and its disk fails still", why, follower)
		}
		taken(t, c, diskCommand(follower, trace.Disk{}), 0)
		evs = taken(t, c, trace.Command{Kind: trace.CommandRestart, Node: follower}, 2*raft.Second)
		if saves(evs, follower) == 0 || c.server(follower).doubtful() {
			t.Errorf("%s: %v came back and saved %d times (in doubt: %v)", why, follower,
				saves(evs, follower), c.server(follower).doubtful())
		}
	}
}

// harmed gives a server a kind of damage, kills it, and starts it again.
func harmed(t *testing.T, d trace.Damage) (c *Cluster, id raft.NodeID, before raft.Image,
	evs []trace.Event) {
	t.Helper()
	c, _, id = settled(t)
	taken(t, c, diskCommand(id, trace.Disk{Damage: d}), 0)
	for len(c.server(id).disk.pending) == 0 || c.server(id).disk.batch == 0 {
		c.Step(never, nil)
	}
	before = c.server(id).disk.image
	evs = taken(t, c, trace.Command{Kind: trace.CommandKill, Node: id}, 0)
	return c, id, before, append(evs,
		taken(t, c, trace.Command{Kind: trace.CommandRestart, Node: id}, 0)...)
}

// What is torn at a crash was not acknowledged: nothing is lost, and the node cannot know that.
func TestTornWrite(t *testing.T) {
	c, id, before, evs := harmed(t, trace.DamageTorn)
	if notes(evs, id, raft.NoteDoubtful) != 1 {
		t.Errorf("%v holds itself for sound", id)
	}
	if got := c.server(id).host.Node().Status(); got.Last.Index != before.Last().Index {
		t.Errorf("the log ends at %d, and %d was saved", got.Last.Index, before.Last().Index)
	}
	evs = runTo(t, c, c.Now()+2*raft.Second)
	if notes(evs, id, raft.NoteTrusted) != 1 || c.server(id).doubtful() {
		t.Errorf("%v caught up and still doubts itself", id)
	}
}

// A last batch that cannot be read takes with it what it promised.
func TestLostTail(t *testing.T) {
	c, id, before, evs := harmed(t, trace.DamageTail)
	st := c.server(id).host.Node().Status()
	if notes(evs, id, raft.NoteDoubtful) != 1 || st.Last.Index >= before.Last().Index {
		t.Errorf("the log ends at %d, and %d was acknowledged (in doubt: %v)", st.Last.Index,
			before.Last().Index, st.Doubtful)
	}
	if st.Term != before.Term || st.Vote != before.Vote {
		t.Errorf("term %d, vote for %v: they stand in a batch twice, and were %d, %v", st.Term,
			st.Vote, before.Term, before.Vote)
	}
	if n := count(evs, func(_ *trace.Event, b trace.DiskSet) bool {
		return b.Node == id && b.Disk.Damage == trace.DamageNone
	}); n != 1 {
		t.Errorf("it was told %d times that the damage was found", n)
	}
	runTo(t, c, c.Now()+2*raft.Second)
	if got := c.server(id).host.Node().Status(); got.Doubtful || got.Commit < before.Last().Index {
		t.Errorf("%v has committed up to %d (in doubt: %v)", id, got.Commit, got.Doubtful)
	}
}

// Damage that no torn write explains keeps a server from starting, for good.
func TestDamagedLog(t *testing.T) {
	c, id, _, evs := harmed(t, trace.DamageLog)
	if c.server(id).host != nil || count(evs, func(_ *trace.Event, b trace.Crashed) bool {
		return b.Node == id && b.Why == "damaged log" && b.Stays
	}) != 1 {
		t.Errorf("%v started with a damaged log", id)
	}
	refused(t, c, trace.Command{Kind: trace.CommandRestart, Node: id}, "no torn write explains")
	refused(t, c, diskCommand(id, trace.Disk{Slow: -1}), "from 0 to 60 s")
	refused(t, c, diskCommand(id, trace.Disk{Damage: 9}), "does not know the damage 9")
}

// Writes that wait while a disk syncs become durable together.
func TestGroupCommit(t *testing.T) {
	var d disk
	at := []raft.Time{d.takes(0, 1000), d.takes(10, 1000), d.takes(20, 1000)}
	if at[0] >= at[1] || at[1] != at[2] {
		t.Errorf("three writes are durable at %v", at)
	}
	if next := d.takes(at[1]+1, 1000); next <= at[1] {
		t.Errorf("a write that was made at %d is durable at %d", at[1]+1, next)
	}
}

// Losing the last batch leaves term and vote, and a log that reaches the newest snapshot.
func TestLoseLast(t *testing.T) {
	write := func(id raft.WriteID, term raft.Term, w raft.Write) pendingWrite {
		w.ID, w.Term, w.Vote = id, term, raft.NodeID(id)
		return pendingWrite{w, raft.Time(id)}
	}
	entries := func(from, to raft.Index, term raft.Term) (es []raft.Entry) {
		for i := from; i <= to; i++ {
			es = append(es, raft.Entry{Index: i, Term: term})
		}
		return es
	}
	for _, c := range []struct {
		name     string
		snapshot raft.Mark
		last     raft.Write
		want     raft.Index // the last index
		base     raft.Index
	}{
		{name: "appended", last: raft.Write{Entries: entries(4, 6, 2)}, want: 3},
		{name: "truncated", last: raft.Write{TruncateFrom: 2, Entries: entries(2, 2, 2)}, want: 3},
		{name: "behind a snapshot", snapshot: raft.Mark{Index: 5, Term: 2},
			last: raft.Write{Entries: entries(4, 6, 2)}, want: 5, base: 5},
		{name: "a snapshot that is there", snapshot: raft.Mark{Index: 2, Term: 1},
			last: raft.Write{Entries: entries(4, 6, 2)}, want: 3},
		{name: "term and vote alone", last: raft.Write{HardState: true}, want: 3},
	} {
		d := disk{set: trace.Disk{Damage: trace.DamageTail}}
		d.pending = []pendingWrite{write(1, 1, raft.Write{Entries: entries(1, 3, 1)}),
			write(2, 2, c.last)}
		d.sync(2)
		d.image.Snapshot.Mark = c.snapshot
		d.recover()
		if got := d.image; got.Term != 2 || got.Vote != 2 || !got.Doubtful ||
			got.Last().Index != c.want || got.Base.Index != c.base {
			t.Errorf("%s: %+v", c.name, got)
		}
		d.recover()
		if got := d.image.Last().Index; got != c.want {
			t.Errorf("%s: a second start lost more, to %d", c.name, got)
		}
	}
}

// A rack that loses power while all write elects again, when all are back: each vote is marked, and
// all are needed.
func TestRackOutage(t *testing.T) {
	for _, nodes := range []int{1, 3, 5} {
		cfg := DefaultConfig()
		cfg.Nodes, cfg.Fsync, cfg.Think = nodes, 40*raft.Millisecond, 5*raft.Millisecond
		c := start(t, cfg)
		for _, id := range c.members {
			do(t, c, diskCommand(id, trace.Disk{Damage: trace.DamageTorn}))
		}
		runTo(t, c, 2*raft.Second)
		writing := func() (n int) {
			for i := range c.servers {
				n += min(1, len(c.servers[i].disk.pending))
			}
			return n
		}
		for writing() < nodes {
			c.Step(never, nil)
		}
		for _, id := range c.members {
			do(t, c, trace.Command{Kind: trace.CommandKill, Node: id})
		}
		for _, id := range c.members[1:] {
			do(t, c, trace.Command{Kind: trace.CommandRestart, Node: id})
		}
		evs := runTo(t, c, c.Now()+3*raft.Second)
		early := count(evs, func(_ *trace.Event, d trace.Decided) bool {
			return d.Note.Kind == raft.NoteBecameLeader
		})
		evs = taken(t, c, trace.Command{Kind: trace.CommandRestart, Node: 1}, 4*raft.Second)
		trusted := count(evs, func(_ *trace.Event, d trace.Decided) bool {
			return d.Note.Kind == raft.NoteTrusted && d.Note.Why == raft.WhyAllGranted
		})
		if early != 0 || trusted == 0 || returned(evs, "put", raft.OutcomeOK) == 0 {
			t.Errorf("%d nodes: %d elected while S1 was away, %d trusted behind an election that all "+
				"granted, %d writes done", nodes, early, trusted,
				returned(evs, "put", raft.OutcomeOK))
		}
	}
}
