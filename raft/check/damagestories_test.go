package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

// damaged is led, and then the disk of S2 is damaged and S2 dies with a write under way.
func damaged(d trace.Damage) *story {
	return led().tell(trace.Network, trace.DiskSet{Node: 2, Disk: trace.Disk{Damage: d}}).
		tell(trace.Supervisor, trace.Crashed{Node: 2, Losing: 1})
}

// back is the start of S2 with all that it had saved in led, short without entry 1.
func back() trace.Started {
	s := short()
	s.Runs = []trace.Run{{From: 1, To: 1, Term: 1, Digest: digest(1, 1)}}
	return s
}

func short() trace.Started { return trace.Started{Members: ids(1, 2, 3), Term: 1, Vote: 1} }

// doubting is a story in which S2 has lost entry 1 and says so.
func doubting() *story { return damaged(trace.DamageTail).tell(2, short(), doubt, forgot()) }

func trusted(why raft.Reason) trace.Body { return kind(raft.NoteTrusted, raft.Note{Why: why, Peer: 1}) }

func damageStories() []storyTest {
	const silent = "damageTold: The last that S2 had written cannot be read, and it goes on as"
	vote := &raft.RequestVoteReply{ForTerm: 2, Granted: true}
	open := &raft.RequestVoteReply{ForTerm: 2, Granted: true, Doubtful: true}
	tail := trace.DiskSet{Node: 2, Disk: trace.Disk{Damage: trace.DamageTail}}
	read := doubting()
	n := read.next(2)
	read.tell(2, ask("get")).reply(2, n, answeredOK)
	idle := led().tell(trace.Network, trace.DiskSet{Node: 2,
		Disk: trace.Disk{Damage: trace.DamageTorn}}).tell(trace.Supervisor, trace.Crashed{Node: 2})
	full := led().tell(trace.Network, trace.DiskSet{Node: 2,
		Disk: trace.Disk{Damage: trace.DamageTorn}}).tell(2, trace.SaveFailed{}).
		tell(trace.Supervisor, trace.Crashed{Node: 2, Losing: 1})
	later := doubting().tell(2, appended(1, 1, 1), saved(1, 1, 1, 1), trusted(raft.WhyCaughtUp))
	return []storyTest{
		{"a tail is lost in silence", damaged(trace.DamageTail).tell(2, back(), forgot()), silent},
		{"a tail is lost and told", doubting(), ""},
		{"a tail that was mended", damaged(trace.DamageTail).tell(trace.Network,
			trace.DiskSet{Node: 2}).tell(2, back(), forgot()), ""},
		{"nothing was there to be lost", three().tell(trace.Network, tail).tell(2,
			trace.Started{Members: ids(1, 2, 3)}, forgot()), ""},
		{"half a write in silence", damaged(trace.DamageTorn).tell(2, back(), forgot()), silent},
		{"half a write, told", damaged(trace.DamageTorn).tell(2, back(), doubt, forgot()), ""},
		{"no write to be torn", idle.tell(2, back(), forgot()), ""},
		{"a write that failed, not torn", full.tell(2, back(), forgot()), ""},
		{"half a write in silence, on a disk that became slow", damaged(trace.DamageTorn).
			tell(trace.Network, trace.DiskSet{Node: 2, Disk: trace.Disk{Slow: 1,
				Damage: trace.DamageTorn}}).tell(2, back(), forgot()), silent},
		{"nothing is left to be lost again", three().tell(2, granted(1, 1), saved(1, 1, 0, 0)).
			tell(trace.Network, tail).tell(2, short(), doubt, forgot()).tell(trace.Network,
			trace.DiskSet{Node: 2}).tell(2, trusted(raft.WhyAllGranted)).tell(trace.Network,
			tail).tell(2, short(), forgot()), ""},
		{"what was saved is not known", led().tell(2, trace.Missed{Count: 1}).tell(trace.Network,
			tail).tell(2, back(), forgot()), ""},
		{"starts with a damaged log", damaged(trace.DamageLog).tell(2, back()),
			"damageTold: The log of S2 is damaged in its middle, and it has started with what"},
		{"does not start with a damaged log", damaged(trace.DamageLog).tell(trace.Supervisor,
			trace.Crashed{Node: 2, Stays: true}), ""},
		{"trusts too early", doubting().tell(2, trusted(raft.WhyCaughtUp)),
			"damageTold: S2 trusts its log, which ends at index 0, and its leader S1 has index 1 " +
				"of term 1, which S2 once had saved too."},
		{"trusts what it has not saved", doubting().tell(2, appended(1, 1, 1),
			trusted(raft.WhyCaughtUp)), "damageTold: S2 trusts its log, which ends at index 1"},
		{"trusts when it has all", later, ""},
		{"is elected by all", doubting().tell(2, trusted(raft.WhyAllGranted)), ""},
		{"a vote in doubt", doubting().tell(2, at(2), granted(2, 3), saved(2, 3, 0, 0),
			sent(2, 3, 2, vote)), "damageTold: S2 may have lost what it acknowledged, and gave its"},
		{"a vote that tells of doubt", doubting().tell(2, at(2), granted(2, 3), saved(2, 3, 0, 0),
			sent(2, 3, 2, open)), ""},
		{"a read in doubt", read,
			"damageTold: S2 may have lost what it acknowledged, and answered a read."},
	}
}

// Behind a loss a server needs what it had saved only where the leader of its term has it as well.
func TestDoubtEndsBesideOtherLeaders(t *testing.T) {
	losing := func(left trace.Started) *story {
		return led().tell(1, created(2, 1), saved(1, 1, 2, 1)).tell(2, appended(2, 2, 1),
			saved(1, 1, 2, 1)).tell(trace.Network, trace.DiskSet{Node: 2,
			Disk: trace.Disk{Damage: trace.DamageTail}}).tell(2, left, doubt, forgot())
	}
	owing := func() *story { return losing(back()) }
	next := func() *story { // S1 leads again, with S3
		return owing().tell(1, kind(raft.NoteBecameFollower, raft.Note{Term: 1}), candidate(3),
			saved(3, 1, 2, 1)).tell(3, at(3), granted(3, 1), saved(3, 1, 0, 0)).tell(1, leader(3),
			created(3, 3), saved(3, 1, 3, 3)).tell(3, appended(1, 2, 1), appended(3, 3, 3),
			saved(3, 1, 3, 3)).tell(1, counted(3, 3))
	}
	for _, test := range []storyTest{
		{"what this leader has", owing().tell(2, trusted(raft.WhyCaughtUp)),
			"S1 has index 2 of term 1"},
		{"what this leader has cut", owing().tell(1, truncated(2, 2, 1)).tell(2,
			trusted(raft.WhyCaughtUp)), ""},
		{"what this leader has made anew", owing().tell(1, truncated(2, 2, 1), created(2, 2)).
			tell(2, trusted(raft.WhyCaughtUp)), ""},
		{"what this leader has kept of it", losing(short()).tell(1, truncated(2, 2, 1),
			created(2, 2)).tell(2, trusted(raft.WhyCaughtUp)), "S1 has index 1 of term 1"},
		{"what was lost before it lost more", owing().tell(2, short(), doubt, forgot(),
			appended(1, 1, 1), saved(1, 1, 1, 1), trusted(raft.WhyCaughtUp)),
			"S1 has index 2 of term 1"},
		{"what a later leader has", next().tell(2, trusted(raft.WhyCaughtUp)), ""},
		{"what this later leader has", next().tell(2, at(3), trusted(raft.WhyCaughtUp)),
			"S1 has index 2 of term 1"},
	} {
		said, _ := test.story.judge()
		said = slices.DeleteFunc(said, func(s string) bool {
			return !strings.HasPrefix(s, "damageTold")
		})
		if all := strings.Join(said, "\n"); (all == "") != (test.want == "") ||
			!strings.Contains(all, test.want) {
			t.Errorf("%s: said %q, not %q", test.name, all, test.want)
		}
	}
}

func stateStories() []storyTest {
	applied := func(crc uint32) trace.Body { return trace.Applied{From: 1, To: 1, CRC: crc} }
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 1, Term: 1}, Size: 7, CRC: 8}
	both := func(a, b trace.Body) *story { return applying().tell(2, a).tell(3, b) }
	taken := func(size uint64) trace.Body {
		return kind(raft.NoteSnapshotTaken, raft.Note{Index: 1, LogTerm: 1, Size: size})
	}
	const differ = "sameState: The state machine of S3 at index 1 differs from that of S2 there"
	return []storyTest{
		{"machines are equal", both(applied(8), applied(8)), ""},
		{"a machine is not told", both(applied(8), applied(0)), ""},
		{"machines differ", both(applied(8), applied(9)), differ},
		{"machines differ in size", both(applied(8), applied(8)).tell(2, taken(7)).
			tell(3, taken(8)), differ},
		{"of one the size is told, and of the other the checksum", both(applied(8),
			applied(0)).tell(3, taken(7)), ""},
		{"another machine is loaded", both(applied(9), trace.Loaded{Snapshot: ref}), differ},
		{"a machine is loaded", both(applied(8), trace.Loaded{Snapshot: ref}), ""},
		{"another machine behind a restart", both(applied(9), trace.Started{Members: ids(1, 2, 3),
			Term: 1, Snapshot: ref, Base: ref.Mark}), differ},
	}
}

// applying is led, and S2 and S3 know that entry 1 is committed.
func applying() *story {
	return led().tell(2, told(1, 1)).tell(3, at(1), appended(1, 1, 1), told(1, 1))
}

// What is told of damage names who told of it, and of a machine the other one.
func TestEvidenceOfHarm(t *testing.T) {
	for _, test := range []struct {
		name  string
		story *story
		want  []trace.EventID
		nodes []raft.NodeID
	}{
		{"damageTold", damaged(trace.DamageLog).tell(2, back()), []trace.EventID{
			{Node: trace.Network, N: 1}, {Node: 2, Boot: 2, N: 1}}, ids(2)},
		{"damageTold", doubting().tell(2, trusted(raft.WhyCaughtUp)), []trace.EventID{
			{Node: trace.Network, N: 1}, {Node: 1, Boot: 1, N: 4}, {Node: 2, Boot: 2, N: 4}},
			ids(2, 1)},
		{"sameState", applying().tell(2, trace.Applied{From: 1, To: 1, CRC: 8}).
			tell(3, trace.Applied{From: 1, To: 1, CRC: 9}), []trace.EventID{
			{Node: 2, Boot: 1, N: 9}, {Node: 3, Boot: 1, N: 5}}, ids(3, 2)},
	} {
		_, c := test.story.judge()
		for _, r := range c.Report() {
			switch {
			case r.Name != test.name:
			case r.Status != check.Broken:
				t.Errorf("%s: %v", test.name, r.Status)
			case !slices.Equal(r.First.Evidence, test.want),
				!slices.Equal(r.First.Nodes, test.nodes):
				t.Errorf("%s: evidence %v of %v, want %v of %v", test.name, r.First.Evidence,
					r.First.Nodes, test.want, test.nodes)
			}
		}
	}
}
