package world_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/raft/world"
)

// told gives the line of an event that follows a story.
func told(st *story, who raft.NodeID, body trace.Body) string {
	ev := trace.Event{ID: trace.EventID{Node: who, Boot: 1, N: 99}, At: 4991 * raft.Millisecond,
		Body: body}
	return strings.TrimSpace(world.LineIn(&ev, &st.s))
}

func note(n raft.Note) trace.Body { return trace.Decided{Note: n} }

// waiting gives a led cluster whose S2 heard from S1 168 ms before 4.991 s; all have saved their
// logs.
func waiting() *story {
	st := led()
	st.saves(2, 3)
	st.at(4823*raft.Millisecond, 2, 1, note(raft.Note{Kind: raft.NoteDeadlineSet, Peer: 1,
		Left: 9}))
	return st
}

// The voice of the product: with the state, and without.
func TestSentences(t *testing.T) {
	cases := []struct {
		who       raft.NodeID
		body      trace.Body
		with, not string
	}{
		{2, note(raft.Note{Kind: raft.NoteBecamePreCand, Why: raft.WhyElectionTimeout, Term: 2}),
			"asks for pre-votes: no word from S1 for 168 ms (thesis 9.6)",
			"asks for pre-votes: " + raft.WhyElectionTimeout.String() + " (thesis 9.6)"},
		{2, note(raft.Note{Kind: raft.NoteBecameLeader, Term: 2, Count: 2}),
			"leads term 2 with 2 of 3 votes (5.2)", "leads term 2 with 2 votes (5.2)"},
		{3, note(raft.Note{Kind: raft.NoteVoteRefused, Why: raft.WhyLogBehindTerm, Term: 2,
			Peer: 2}),
			"refuses S2 its vote for term 2: S2's last entry is of term 0, S3's of term 1 (5.4.1)",
			"refuses S2 its vote for term 2: " + raft.WhyLogBehindTerm.String() + " (5.4.1)"},
		{3, note(raft.Note{Kind: raft.NoteVoteRefused, Why: raft.WhyLogBehindIndex, Term: 2,
			Peer: 2, Pre: true}),
			"would not vote for S2 in term 2: S2's log ends at 0, S3's at 1, both in term 1 " +
				"(5.4.1)", ""},
		{2, note(raft.Note{Kind: raft.NoteVoteRefused, Why: raft.WhyLeaderAlive, Term: 2, Peer: 3}),
			"refuses S3 its vote for term 2: it heard from S1, its leader, 168 ms ago (thesis " +
				"4.2.3)", ""},
		{3, note(raft.Note{Kind: raft.NoteVoteGranted, Term: 2, Peer: 2}),
			"votes for S2, its first vote in term 2 (5.2)", "votes for S2 in term 2 (5.2)"},
		{1, note(raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyHigherTerm, Term: 2}),
			"steps down as leader: there is a higher term, 2 (5.1)",
			"is a follower in term 2, of nobody yet (5.1)"},
		{1, note(raft.Note{Kind: raft.NoteCreated, Why: raft.WhyNewTerm, Term: 1, From: 2, To: 2}),
			"appends 2, empty: only with an entry of its own term can it commit (8)", ""},
		{1, note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved, Index: 1,
			LogTerm: 1, Count: 3}), "commits 1: of its own term and saved on S1, S2 and S3 (5.4.2)",
			"commits 1: saved on 3 servers (5.4.2)"},
		{2, note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyLeaderCommitted, Index: 3,
			Peer: 1}), "commits 1 to 3: S1, which leads, says so (5.3)", ""},
		{2, note(raft.Note{Kind: raft.NoteTruncated, Why: raft.WhyLogConflict, Peer: 3, LogTerm: 1,
			From: 1, To: 2}),
			"drops 1 to 2 of term 1: S3, which leads, has other entries there (5.3)", ""},
		{2, note(raft.Note{Kind: raft.NoteAppendRefused, Why: raft.WhyLogTooShort, Peer: 1,
			Index: 9, To: 1}), "refuses S1's append behind 9: its log ends at 1 (5.3)", ""},
		{1, note(raft.Note{Kind: raft.NoteQuorumLost, Term: 1, Count: 1}),
			"heard from only 1 of 3 servers within a time-out, itself included (thesis 6.2)", ""},
		{1, note(raft.Note{Kind: raft.NoteSnapshotOffered, Peer: 3, Index: 4812, Size: 56_300}),
			"sends S3 its snapshot up to 4812, 56.3 KB: what S3 needs is compacted (7)", ""},
		{1, trace.Started{Restart: true, Term: 3, Vote: 2, Runs: []trace.Run{{From: 1, To: 52,
			Term: 3}}},
			"restarts with what it had saved: term 3, its vote for S2, its log up to 52", ""},
		{2, trace.Sent{Message: raft.Message{To: 3, Body: &raft.AppendEntries{PrevIndex: 48,
			PrevTerm: 3,
			Commit:   47, Entries: []raft.Entry{{Index: 49, Term: 4}, {Index: 50, Term: 4}}}}},
			"sends S3: entries 49 to 50 of term 4, behind 48, term 3; committed up to 47", ""},
	}
	for _, c := range cases {
		prefix := "4.991 s  " + c.who.String() + "  "
		if got := told(waiting(), c.who, c.body); got != prefix+c.with {
			t.Errorf("with the state it says\n%s\nnot\n%s", got, prefix+c.with)
		}
		if got := told(&story{}, c.who, c.body); c.not != "" && got != prefix+c.not {
			t.Errorf("of unknown servers it says\n%s\nnot\n%s", got, prefix+c.not)
		}
		ev := trace.Event{ID: trace.EventID{Node: c.who, Boot: 1, N: 9}, Body: c.body}
		if got := strings.TrimSpace(world.Line(&ev)); c.not != "" && !strings.HasSuffix(got,
			c.not) {
			t.Errorf("without a state it says\n%s\nnot\n%s", got, c.not)
		}
	}
}

// Whom others act upon is the subject; what concerns several is a whole sentence.
func TestSubjects(t *testing.T) {
	st := waiting()
	msg := st.tell(1, 1, trace.Sent{Message: raft.Message{From: 1, To: 3,
		Body: &raft.AppendEntries{}}})
	ask := st.tell(trace.Clients, 1, trace.Invoked{Client: 2, Node: 1, Op: "put", Key: "x",
		Value: "9"})
	cases := []struct {
		who  raft.NodeID
		body trace.Body
		want string
	}{
		{trace.Supervisor, trace.Crashed{Node: 3, Why: "killed", Losing: 1},
			"4.991 s  S3  is killed; 1 write under way may be lost"},
		{trace.Network, trace.Dropped{Msg: msg, Why: trace.DropCut},
			"4.991 s      S1's heartbeat to S3 dies: the link is cut"},
		{trace.Network, trace.LinkSet{From: 1, To: 3, Link: trace.Link{Cut: true}},
			"4.991 s      The link from S1 to S3 is cut"},
		{trace.Network, trace.LinkSet{From: 1, To: 3, Link: trace.Link{Delay: 8000, Loss: 25_000}},
			"4.991 s      The link from S1 to S3 takes 8 ms, loses 2.50 %"},
		{trace.Clients, trace.Invoked{Client: 2, Node: 1, Op: "put", Key: "x", Value: "9"},
			"4.991 s      Client 2 asks S1: x = 9"},
		{trace.Clients, trace.Returned{Request: ask, Client: 2, Outcome: raft.OutcomeUnknown,
			Retry: true},
			"4.991 s      Client 2 hears nothing in time: x = 9 may or may not happen; it asks " +
				"again"},
		{3, trace.Delivered{Msg: msg},
			"4.991 s  S3  gets from S1: heartbeat, nothing committed yet"},
		{trace.Checker, trace.Violation{Text: "Two lead term 4.", Section: "5.2"},
			"4.991 s      Two lead term 4. (5.2)"},
		{trace.FirstHub, trace.Missed{Count: 1234, Why: "a slow page"},
			"4.991 s      1234 events are not told here: a slow page"},
	}
	for _, c := range cases {
		if got := told(st, c.who, c.body); got != c.want {
			t.Errorf("it says\n%s\nnot\n%s", got, c.want)
		}
	}
}

// No event goes without words, and what happens all the time has no sign in the list.
func TestEveryKindHasWords(t *testing.T) {
	for _, ev := range tracetest.Events() {
		if text, _ := world.Sentence(&ev, nil); text == "" || strings.Contains(text, "%!") {
			t.Errorf("%T is told as %q", ev.Body, text)
		}
	}
	for _, k := range raft.NoteKinds() {
		ev := trace.Event{Body: trace.Decided{Note: tracetest.Note(k)}}
		text, _ := world.Sentence(&ev, nil)
		if text == "" || strings.Contains(text, "does not know (") || strings.Contains(text, "%!") {
			t.Errorf("%v is told as %q", k, text)
		}
	}
	h, events := run(t, 2, 2*raft.Second)
	tl, signs := world.NewTimeline(h), 0
	for i := range events {
		if world.IconIn(&events[i], tl.Edge()) != "" {
			signs++
		}
		tl.Append(&events[i])
	}
	if signs == 0 || signs > len(events)/4 {
		t.Errorf("%d of %d events have a sign", signs, len(events))
	}
}

func TestIcons(t *testing.T) {
	st := led()
	higher := note(raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyHigherTerm, Term: 2})
	cases := []struct {
		who       raft.NodeID
		body      trace.Body
		with, not string
	}{
		{1, higher, "down", ""}, {2, higher, "", ""},
		{2, note(raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyLeaderFound, Peer: 3}),
			"follower", "follower"},
		{1, note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved}), "commit",
			"commit"},
		{2, note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyLeaderCommitted}), "", ""},
		{trace.Network, trace.LinkSet{From: 1, To: 2}, "", "heal"},
		{trace.Network, trace.LinkSet{From: 1, To: 2, Link: trace.Link{Cut: true}}, "cut", "cut"},
		{2, note(raft.Note{Kind: raft.NoteDeadlineSet}), "", ""},
	}
	for _, c := range cases {
		ev := trace.Event{ID: trace.EventID{Node: c.who, Boot: 1, N: 9}, Body: c.body}
		if with, not := world.IconIn(&ev, &st.s), world.Icon(&ev); with != c.with || not != c.not {
			t.Errorf("%v %T: %q with the state, %q without, not %q and %q", c.who, c.body, with,
				not, c.with, c.not)
		}
	}
}

func cuts(cut bool, pairs ...[2]raft.NodeID) (links []trace.LinkSet) {
	for _, p := range pairs {
		links = append(links, trace.LinkSet{From: p[0], To: p[1], Link: trace.Link{Cut: cut}})
	}
	return links
}

func TestCutText(t *testing.T) {
	both := [][2]raft.NodeID{{1, 3}, {1, 4}, {2, 3}, {2, 4}, {3, 1}, {4, 1}, {3, 2}, {4, 2}, {1,
		5}, {2, 5},
		{5, 1}, {5, 2}}
	cases := []struct {
		links []trace.LinkSet
		want  string
	}{
		{cuts(true, both...), "S1 and S2 are cut from S3, S4 and S5"},
		{cuts(false, both...), "S1 and S2 are linked again with S3, S4 and S5"},
		{cuts(true, both[:5]...), "5 links among S1, S2, S3 and S4 are cut"},
		{cuts(true, both[0]), "The link from S1 to S3 is cut"},
		{cuts(true, [2]raft.NodeID{2, 1}, [2]raft.NodeID{1, 2}), "S1 is cut from S2"},
		{append(cuts(true, both[0]), cuts(false, both[1])...), "2 links change"},
		{nil, ""},
	}
	for _, c := range cases {
		if got := world.CutText(c.links); got != c.want {
			t.Errorf("it says %q, not %q", got, c.want)
		}
	}
}

// Why the cluster is as it is.
func TestWhy(t *testing.T) {
	isolate := func(st *story, a raft.NodeID) {
		for id := raft.NodeID(1); id < 4; id++ {
			if id != a {
				st.tell(trace.Network, 1, trace.LinkSet{From: a, To: id,
					Link: trace.Link{Cut: true}})
			}
		}
	}
	elect := func(st *story) {
		isolate(st, 1)
		st.note(2, raft.Note{Kind: raft.NoteBecameCandidate, Term: 2})
		st.note(2, raft.Note{Kind: raft.NoteVoteCounted, Term: 2, Peer: 2, Count: 1})
	}
	cases := []struct {
		name string
		tell func(*story)
		want string
	}{
		{"calm", func(*story) {},
			"S1 leads term 1: S1 and S2 voted for it, 2 of 3. All follow it, and " +
				"everything up to 1 is committed. (5.2)"},
		{"an entry waits", func(st *story) {
			st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Term: 1, From: 2,
				To: 3})
			st.note(1, raft.Note{Kind: raft.NoteProgress, Peer: 3, Match: 3, Next: 4})
		},
			"S1 leads term 1: S1 and S2 voted for it, 2 of 3. 2 to 3 wait to be committed: 2 " +
				"is saved on " +
				"1 of 3, and 2 are needed. (5.2, 5.3)"},
		{"one is down", func(st *story) { st.tell(trace.Supervisor, 1, trace.Crashed{Node: 3}) },
			"S1 leads term 1: S1 and S2 voted for it, 2 of 3. S3 is down; 2 of 3 remain, and 2 " +
				"are " +
				"enough. (5.2, 5.3)"},
		{"the leader is cut off", func(st *story) { isolate(st, 1) },
			"S1 leads term 1 but cannot commit: S1 and S2 voted for it, 2 of 3. It reaches " +
				"nobody; 2 of 3 " +
				"are needed, so nothing that it accepts can commit. (5.2, 5.3)"},
		{"a new leader beside the old one", func(st *story) {
			elect(st)
			st.note(2, raft.Note{Kind: raft.NoteVoteCounted, Term: 2, Peer: 3, Count: 2})
			st.note(2, raft.Note{Kind: raft.NoteBecameLeader, Term: 2, Count: 2})
			st.note(2, raft.Note{Kind: raft.NoteCommitAdvanced, Index: 1})
		},
			"S2 leads term 2: S2 and S3 voted for it, 2 of 3. S1 still thinks it leads term 1, " +
				"but reaches " +
				"nobody, so nothing that it accepts can commit. S1 is cut off; 2 of 3 remain, " +
				"and 2 are " +
				"enough. (5.2, 5.3)"},
		{"an old entry on a quorum", func(st *story) {
			elect(st)
			st.note(2, raft.Note{Kind: raft.NoteBecameLeader, Term: 2, Count: 2})
			st.tell(2, 1, trace.Saved{Term: 2, Last: raft.Mark{Index: 1, Term: 1}})
			st.note(2, raft.Note{Kind: raft.NoteProgress, Peer: 3, Match: 1, Next: 2})
		},
			"S2 leads term 2: It voted for itself, 1 of 3. S1 still thinks it leads term 1, " +
				"but reaches " +
				"nobody, so nothing that it accepts can commit. 1 is on 2 of 3 servers, but of " +
				"term 1: it " +
				"commits with the first entry of term 2. S1 is cut off; 2 of 3 remain, and 2 " +
				"are enough. " +
				"(5.2, 5.3, 5.4.2)"},
		{"the leader has died", func(st *story) {
			st.note(2, raft.Note{Kind: raft.NoteDeadlineSet, Left: 120 * raft.Millisecond})
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
		},
			"S1, leader of term 1, is down: The first to stand for election is S2, in 119 ms, " +
				"unless it " +
				"hears from a leader. (5.2)"},
		{"a candidate", func(st *story) {
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
			st.note(2, raft.Note{Kind: raft.NoteBecameCandidate, Term: 2})
			st.note(2, raft.Note{Kind: raft.NoteVoteDenied, Term: 2, Peer: 3,
				Why: raft.WhyAlreadyVoted})
		}, "S2 stands for term 2: It has 0 of 3 votes; 2 are needed. S3 said no: " +
			raft.WhyAlreadyVoted.String() + ". (5.2)"},
		{"too few", func(st *story) {
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
			st.tell(trace.Supervisor, 1, trace.Paused{Node: 2})
		}, "Nobody can lead: 1 of 3 servers are at work; an election needs 2 votes. (5.2)"},
		{"all are apart", func(st *story) {
			st.note(1, raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyNoQuorum, Term: 1})
			isolate(st, 1)
			isolate(st, 2)
		}, "Nobody can lead: The cut leaves nobody with 2 of 3 servers: S1 | S2 | S3. (5.2)"},
		{"a broken promise", func(st *story) {
			st.tell(trace.Checker, 1, trace.Violation{Text: "S1 and S2 both lead term 1.",
				Section: "5.2"})
		}, "A promise of Raft is broken: S1 and S2 both lead term 1. (5.2)"},
	}
	for _, c := range cases {
		st := led()
		c.tell(st)
		title, text, section := world.Why(&st.s, &st.b)
		if diff := cmp.Diff(c.want, title+": "+text+" ("+section+")"); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
	if title, _, _ := world.Why(&trace.State{}, nil); title != "Nothing is known yet" {
		t.Errorf("of nothing it says %q", title)
	}
}

func TestSides(t *testing.T) {
	st := led()
	if sides := world.Sides(&st.s); sides != nil {
		t.Errorf("all hang together: %+v", sides)
	}
	for _, l := range cuts(true, [2]raft.NodeID{1, 2}, [2]raft.NodeID{1, 3}) {
		st.tell(trace.Network, 1, l) // one way is enough: no answers come
	}
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 3})
	want := []world.Side{{Nodes: []raft.NodeID{1}, Up: 1, Of: 3},
		{Nodes: []raft.NodeID{2, 3}, Up: 1, Of: 3}}
	if diff := cmp.Diff(want, world.Sides(&st.s)); diff != "" {
		t.Error(diff)
	}
}

func TestDescribe(t *testing.T) {
	st := led()
	st.at(5*raft.Second, 3, 2, trace.Applied{})
	st.note(2, raft.Note{Kind: raft.NoteDeadlineSet, Left: 200 * raft.Millisecond})
	st.tell(1, 1, trace.Sent{Due: 5010 * raft.Millisecond, Message: raft.Message{From: 1, To: 2,
		Term: 1, Body: &raft.AppendEntries{Commit: 1}}})
	st.tell(trace.Clients, 1, trace.Invoked{Client: 1, Node: 1, Op: "put", Key: "x", Value: "9"})
	st.s.Hash = 0xdeadbeef
	want := "at 5.003 s, 22 events, hash 00000000deadbeef\n" +
		"S1   leader       term 1   vote S1         log 1@1                  commit 1    " +
		"applied 0    saved 1    (1 is empty)\n" +
		"S2   follower     term 1   vote -   of S1  log 1@1                  commit 0    " +
		"applied 0    saved 0    election in 198 ms (1 is empty)\n" +
		"S3   unknown\n" +
		"message S1 > S2  term 1  heartbeat, committed up to 1  due in 7 ms\n" +
		"request client 1 > S1  x = 9  waits 0 ms\n"
	if diff := cmp.Diff(want, world.Describe(&st.s, &st.b)); diff != "" {
		t.Error(diff)
	}
}
