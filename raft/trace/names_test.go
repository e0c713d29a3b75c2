package trace_test

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Each message has a class by which people tell it apart, and answers are known as such.
func TestClasses(t *testing.T) {
	seen := map[trace.Class]bool{}
	for _, c := range []struct {
		body  raft.Body
		class trace.Class
		name  string
		reply bool
	}{
		{&raft.AppendEntries{Commit: 1}, trace.ClassHeartbeat, "heartbeat", false},
		{&raft.AppendEntries{Entries: []raft.Entry{{}}}, trace.ClassAppend, "append", false},
		{&raft.AppendEntriesReply{}, trace.ClassAppendReply, "appendReply", true},
		{&raft.RequestVote{Pre: true}, trace.ClassPreVote, "preVote", false},
		{&raft.RequestVoteReply{Pre: true}, trace.ClassPreVoteReply, "preVoteReply", true},
		{&raft.RequestVote{}, trace.ClassVote, "vote", false},
		{&raft.RequestVoteReply{}, trace.ClassVoteReply, "voteReply", true},
		{&raft.InstallSnapshot{}, trace.ClassSnapshot, "snapshot", false},
		{&raft.InstallSnapshotReply{}, trace.ClassSnapshotReply, "snapshotReply", true},
		{&raft.TimeoutNow{}, trace.ClassTransfer, "transfer", false},
		{&raft.ReadIndex{}, trace.ClassRead, "read", false},
		{&raft.ReadIndexReply{}, trace.ClassReadReply, "readReply", true},
		{&raft.Foreign{}, trace.ClassOther, "other", false},
		{&raft.OtherBody{}, trace.ClassOther, "other", false},
		{nil, trace.ClassOther, "other", false},
	} {
		got := trace.ClassOf(&raft.Message{Body: c.body})
		if got != c.class || got.String() != c.name || got.Reply() != c.reply {
			t.Errorf("%T is %v, an answer %v, and should be %s, %v", c.body, got, got.Reply(), c.name,
				c.reply)
		}
		seen[got] = true
	}
	if len(seen) != int(trace.ClassOther)+1 {
		t.Errorf("of %d classes %d have an example", trace.ClassOther+1, len(seen))
	}
}

// What has a name says it, and a value that this version does not know is no reason to fall over.
func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{trace.Class(200).String(), "other"},
		{trace.Simulation.String(), "simulation"}, {trace.Live.String(), "live"},
		{trace.Recording.String(), "recording"}, {trace.SourceKind(9).String(), "unknown"},
		{trace.DropFull.String(), "queue full"}, {trace.DropWhy(99).String(), "unknown"},
		{trace.DamageNone.String(), "none"}, {trace.DamageTail.String(), "tail"},
		{trace.Damage(9).String(), "unknown"}, {trace.CommandDisk.String(), "disk"},
		{trace.CommandKind(99).String(), "unknown"}, {trace.KindLinkSet.String(), "linkSet"},
		{trace.Kind(22).String(), "event 22"}, {trace.Kind(250).String(), "event 250"},
	} {
		if c.got != c.want {
			t.Errorf("it is %q, not %q", c.got, c.want)
		}
	}
	for k := trace.CommandKill; k <= trace.CommandClock; k++ {
		if got, ok := trace.CommandNamed(k.String()); !ok || got != k {
			t.Errorf("%v is found as %v, %v", k, got, ok)
		}
	}
	for _, name := range []string{"", "unknown", "Kill"} {
		if k, ok := trace.CommandNamed(name); ok {
			t.Errorf("%q is %v", name, k)
		}
	}
}

// The bodies of entries stay until there are too many, and then the oldest go; the first of two
// that differ stays.
func TestBodiesAreBounded(t *testing.T) {
	var b trace.Bodies
	if es := b.Newest(1 << 20); es != nil {
		t.Errorf("of none the newest are %v", es)
	}
	entry := func(i raft.Index, size int) raft.Entry {
		return raft.Entry{Index: i, Term: 1, Data: make([]byte, size)}
	}
	b.Put(raft.Entry{Index: 1, Term: 1, Data: []byte("first")})
	b.Put(raft.Entry{Index: 1, Term: 1, Data: []byte("other")})
	b.Put(raft.Entry{Index: 1, Term: 2, Data: []byte("later")})
	if e, ok := b.Get(1, 1); !ok || string(e.Data) != "first" {
		t.Errorf("entry 1 of term 1 is %q, %v", e.Data, ok)
	}
	if e, ok := b.Get(1, 2); !ok || string(e.Data) != "later" {
		t.Errorf("entry 1 of term 2 is %q, %v", e.Data, ok)
	}
	const big = trace.BodiesLimit / 4
	for i := raft.Index(2); i <= 6; i++ {
		b.Put(entry(i, big))
	}
	for i, want := range map[raft.Index]bool{1: false, 2: false, 3: false, 4: true, 5: true,
		6: true} {
		if _, ok := b.Get(i, 1); ok != want {
			t.Errorf("entry %d is kept: %v", i, ok)
		}
	}
	b.Put(entry(7, 3*trace.BodiesLimit))
	if _, ok := b.Get(7, 1); !ok {
		t.Error("the newest entry is too large to be kept")
	}
	if _, ok := b.Get(6, 1); ok {
		t.Error("beside an entry that is too large others are kept")
	}
	b.Put(entry(8, 10))
	b.Put(entry(9, 100))
	b.Put(entry(10, 100))
	for limit, want := range map[int][]raft.Index{0: nil, 1: {10}, 109: {10, 9}, 1000: {10, 9, 8}} {
		var got []raft.Index
		for _, e := range b.Newest(limit) {
			got = append(got, e.Index)
		}
		if len(got) != len(want) || len(got) > 0 && got[len(got)-1] != want[len(want)-1] {
			t.Errorf("the newest up to %d bytes are %v, not %v", limit, got, want)
		}
	}
}

// A log knows the term at each place that it holds, its base included.
func TestTermAt(t *testing.T) {
	l := trace.Log{Base: raft.Mark{Index: 5, Term: 2}, Runs: []trace.Run{{From: 6, To: 8, Term: 2},
		{From: 9, To: 9, Term: 4}, {From: 10, To: 20, Term: 7}}}
	for i, want := range map[raft.Index]raft.Term{4: 0, 5: 2, 6: 2, 8: 2, 9: 4, 10: 7, 20: 7,
		21: 0} {
		if got, ok := l.TermAt(i); got != want || ok != (want != 0) {
			t.Errorf("the entry at %d is of term %d, %v, and not %d", i, got, ok, want)
		}
	}
}

// A table without some entries takes others in their places, and the table that it was made from
// keeps its own.
func TestBodiesWithout(t *testing.T) {
	var b trace.Bodies
	for i, data := range []string{"a", "bb", "ccc"} {
		b.Put(raft.Entry{Index: raft.Index(i + 1), Term: 1, Data: []byte(data)})
	}
	c := b.Without([]raft.Entry{{Index: 2, Term: 1}, {Index: 9, Term: 1}, {Index: 3, Term: 4}})
	if _, ok := c.Get(2, 1); ok {
		t.Error("entry 2 is still there")
	}
	c.Put(raft.Entry{Index: 2, Term: 1, Data: []byte("other")})
	var got []string
	for _, e := range c.Newest(1 << 10) {
		got = append(got, string(e.Data))
	}
	if want := []string{"other", "ccc", "a"}; !slices.Equal(got, want) {
		t.Errorf("the newest are %v, not %v", got, want)
	}
	if e, ok := b.Get(2, 1); !ok || string(e.Data) != "bb" || len(b.Newest(1<<10)) != 3 {
		t.Errorf("in the table that it was made from entry 2 is %q, %v", e.Data, ok)
	}
}
