package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

// story is a run written by hand: three servers, and what they say.
type story struct {
	evs  []trace.Event
	last map[raft.NodeID]trace.EventID
}

// tell adds an event of a server, in its newest incarnation.
func (s *story) tell(id raft.NodeID, bodies ...trace.Body) *story {
	if s.last == nil {
		s.last = map[raft.NodeID]trace.EventID{}
	}
	for _, b := range bodies {
		ev := s.last[id]
		ev.Node = id
		if _, ok := b.(trace.Started); ok {
			ev.Boot, ev.N = ev.Boot+1, 0
		}
		ev.N++
		s.last[id] = ev
		s.evs = append(s.evs, trace.Event{ID: ev, At: raft.Time(len(s.evs)), Body: b})
	}
	return s
}

func three() *story {
	s := &story{}
	for id := raft.NodeID(1); id <= 3; id++ {
		s.tell(id, trace.Started{Members: []raft.NodeID{1, 2, 3}})
	}
	return s
}

// judge folds a story and gives what was said, as "check: text".
func (s *story) judge() (said []string, c *check.Checker) {
	c = check.New(trace.Header{Members: []trace.Member{{ID: 1}, {ID: 2}, {ID: 3}}})
	for i := range s.evs {
		for _, v := range c.Observe(&s.evs[i]) {
			said = append(said, v.Check+": "+v.Text)
		}
	}
	return said, c
}

func note(n raft.Note) trace.Body { return trace.Decided{Note: n} }

func candidate(t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteBecameCandidate, Term: t})
}

func leader(t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteBecameLeader, Term: t, Count: 2})
}

func granted(t raft.Term, to raft.NodeID) trace.Body {
	return note(raft.Note{Kind: raft.NoteVoteGranted, Term: t, Peer: to})
}

// created and appended make the entry at i of term t with a digest that is the same on all servers.
func created(i raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteCreated, From: i, To: i, Term: t, Digest: digest(i, t)})
}

func appended(from, to raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteAppended, From: from, To: to, LogTerm: t,
		Digest: digest(to, t)})
}

func digest(i raft.Index, t raft.Term) raft.Digest {
	return raft.Digest(1000*uint64(t) + uint64(i))
}

func truncated(from, to raft.Index, before raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteTruncated, From: from, To: to,
		Digest: digest(from-1, before)})
}

func counted(i raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved, Index: i,
		LogTerm: t})
}

func told(i raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyLeaderCommitted, Index: i,
		LogTerm: t})
}

func saved(t raft.Term, vote raft.NodeID, i raft.Index, it raft.Term) trace.Body {
	return trace.Saved{Term: t, Vote: vote, Last: raft.Mark{Index: i, Term: it, Digest: digest(i,
		it)}}
}

func sent(from, to raft.NodeID, t raft.Term, b raft.Body) trace.Body {
	return trace.Sent{Message: raft.Message{From: from, To: to, Term: t, Body: b}}
}

// led is a story in which S1 leads term 1 with the vote of S2, and both have saved entry 1.
func led() *story {
	s := three()
	s.tell(1, candidate(1), saved(1, 1, 0, 0))
	s.tell(2, granted(1, 1), saved(1, 1, 0, 0),
		sent(2, 1, 1, &raft.RequestVoteReply{ForTerm: 1, Granted: true}))
	s.tell(1, leader(1), created(1, 1), saved(1, 1, 1, 1))
	s.tell(2, appended(1, 1, 1), saved(1, 1, 1, 1),
		sent(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1}))
	return s.tell(1, counted(1, 1), trace.Applied{From: 1, To: 1})
}

// second is led, and then S3 leads term 2 with the vote of S2, without entry 1 if it has none.
func second() *story {
	s := led()
	s.tell(3, candidate(2), saved(2, 3, 0, 0))
	s.tell(2, granted(2, 3), saved(2, 3, 1, 1))
	return s.tell(3, leader(2))
}

func TestStories(t *testing.T) {
	for _, test := range stories {
		said, _ := test.story.judge()
		all := strings.Join(said, "\n")
		if test.want == "" && all != "" || !strings.Contains(all, test.want) {
			t.Errorf("%s: said\n%s\nand not: %s", test.name, all, test.want)
		}
	}
}

var answeredOK = trace.Answered{Outcome: raft.OutcomeOK, Index: 1, Term: 1}

// stories is what servers may tell, and a piece of what must be said of it.
var stories = []struct {
	name  string
	story *story
	want  string // a piece of what is said; nothing when all is well
}{
	{"a lawful term", led().tell(1, answeredOK), ""},
	{"two leaders", led().tell(3, candidate(1), saved(1, 3, 0, 0), leader(1)),
		"electionSafety: S1 and S3 both became leader of term 1."},
	{"the same leader twice", led().tell(1, trace.Started{Members: []raft.NodeID{1, 2, 3}, Term: 1,
		Vote: 1, Runs: []trace.Run{{From: 1, To: 1, Term: 1}}}, leader(1)),
		"electionSafety: S1 became leader of term 1 twice."},
	{"same place, other log", led().tell(3, note(raft.Note{Kind: raft.NoteAppended, From: 1, To: 1,
		LogTerm: 1, Digest: 5})),
		"logMatching: S1 and S3 both have an entry of term 1 at index 1, and their logs"},
	{"a gap", led().tell(2, appended(3, 3, 1)),
		"logMatching: S2 took entries from index 3 on while its log ended at 1."},
	{"terms go back", three().tell(2, appended(1, 1, 5), appended(2, 2, 4)),
		"logMatching: S2 has an entry of term 4 at index 2 behind one of term 5"},
	{"a leader cuts its log", led().tell(1, created(2, 1), truncated(2, 2, 1)),
		"logMatching: S1 leads term 1 and dropped entries 2 to 2"},
	{"a leader without it", second(),
		"leaderCompleteness: S3 leads term 2 and its log ends at index 0, but S1 had committed " +
			"index 1"},
	{"a leader with another", led().tell(3, appended(1, 1, 2), candidate(3), saved(3, 3, 1, 2)).
		tell(2, granted(3, 3)).tell(3, leader(3)),
		"leaderCompleteness: S3 leads term 3 with an entry of term 2 at index 1"},
	{"committed too late", three().tell(1, candidate(1), saved(1, 1, 0, 0)).tell(2, granted(1, 1)).
		tell(1, leader(1), created(1, 1), saved(1, 1, 1, 1)).
		tell(3, candidate(2), saved(2, 3, 0, 0)).tell(2, granted(2, 3)).tell(3, leader(2)).
		tell(2, appended(1, 1, 1), saved(2, 3, 1, 1)).tell(1, counted(1, 1)),
		"leaderCompleteness: S3 leads term 2"},
	{"other entries committed", led().tell(3, appended(1, 1, 2), told(1, 2)),
		"stateMachineSafety: S3 committed an entry of term 2 at index 1, where S1 had committed " +
			"one"},
	{"committed beyond the end", led().tell(3, told(1, 1)),
		"stateMachineSafety: S3 committed index 1 while its log ended at 0."},
	{"applied before committed", led().tell(2, trace.Applied{From: 1, To: 1}),
		"stateMachineSafety: S2 applied up to index 1 and had committed only up to 0."},
	{"applied twice", led().tell(1, trace.Applied{From: 1, To: 1}),
		"stateMachineSafety: S1 applied index 1 behind index 1"},
	{"cut below the commit index", led().tell(2, told(1, 1), truncated(1, 1, 0)),
		"stateMachineSafety: S2 dropped entries from index 1 on although it had committed up to " +
			"1."},
	{"a snapshot of another log", led().tell(3, note(raft.Note{Kind: raft.NoteSnapshotInstalled,
		Index: 1, LogTerm: 1, Digest: 9})), "stateMachineSafety: S3 has a snapshot of another log"},
	{"a snapshot of nothing", led().tell(3, note(raft.Note{Kind: raft.NoteSnapshotInstalled,
		Index: 7, LogTerm: 1, Digest: 9})), "nothing beyond 1 is committed anywhere"},
	{"two votes", three().tell(1, granted(4, 2), granted(4, 3)),
		"votesKept: S1 voted in term 4 for S2 and for S3."},
	{"a vote again", three().tell(1, granted(4, 2), granted(4, 2)), ""},
	{"a vote that nobody knew of", three().tell(1, granted(4, 2),
		trace.Started{Members: []raft.NodeID{1, 2, 3}}, granted(4, 3)), ""},
	{"a vote that was forgotten", three().tell(1, granted(4, 2), saved(4, 2, 0, 0),
		trace.Started{Members: []raft.NodeID{1, 2, 3}, Term: 4}),
		"votesKept: S1 had saved its vote for S2 in term 4 and came back with a vote for nobody."},
	{"a term that was forgotten", three().tell(1, saved(4, 0, 0, 0),
		trace.Started{Members: []raft.NodeID{1, 2, 3}, Term: 3}),
		"votesKept: S1 had saved term 4 and came back with term 3."},
	{"a vote leaves unsaved", three().tell(2, granted(1, 1),
		sent(2, 1, 1, &raft.RequestVoteReply{ForTerm: 1, Granted: true})),
		"votesKept: S2 sent its vote for S1 in term 1, and had saved term 0 with a vote for " +
			"nobody."},
	{"a pre-vote leaves unsaved", three().tell(2,
		sent(2, 1, 0, &raft.RequestVoteReply{Pre: true, ForTerm: 1, Granted: true})), ""},
	{"leads on an unsaved vote", three().tell(1, candidate(1)).tell(2, granted(1, 1)).
		tell(1, leader(1)), "votesKept: S1 became leader of term 1 before its own vote was saved"},
	{"leads with one vote", three().tell(1, candidate(1), saved(1, 1, 0, 0), leader(1)),
		"votesKept: S1 became leader of term 1 with the votes of [S1], and 2 of 3 are a majority."},
	{"old term by counting", led().tell(3, appended(1, 1, 1), candidate(2), saved(2, 3, 1, 1)).
		tell(2, granted(2, 3), saved(2, 3, 1, 1)).tell(3, leader(2), counted(1, 1)),
		"writesKept: S3 committed index 1 by counting in term 2, and the entry is of term 1."},
	{"a quorum that has not saved", led().tell(1, created(2, 1), saved(1, 1, 2, 1)).
		tell(2, appended(2, 2, 1)).tell(1, counted(2, 1)),
		"writesKept: S1 committed index 2 of term 1, and only [S1] have saved it"},
	{"an ack leaves unsaved", led().tell(1, created(2, 1)).tell(2, appended(2, 2, 1),
		sent(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})),
		"writesKept: S2 acknowledged index 2 to S1 and had saved its log only up to 1."},
	{"an ack of another entry", led().tell(1, created(2, 1)).tell(3, appended(1, 1, 1),
		appended(2, 2, 3), saved(3, 0, 2, 3),
		sent(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})),
		"writesKept: S3 acknowledged index 2 to S1 with an entry of term 3 there, and the " +
			"leader's"},
	{"answered before committed", led().tell(1, created(2, 1),
		trace.Answered{Outcome: raft.OutcomeOK, Index: 2, Term: 1}),
		"writesKept: A client was told that index 2 of term 1 is written, and nothing beyond 1"},
	{"answered, another is there", led().tell(1, trace.Answered{Outcome: raft.OutcomeOK, Index: 1,
		Term: 3}), "and S1 had committed an entry of term 1 there"},
	{"an answered write is lost", led().tell(1, answeredOK).tell(3, candidate(2), saved(2, 3, 0,
		0)).
		tell(2, granted(2, 3)).tell(3, leader(2)),
		"writesKept: A client was told that index 1 of term 1 is written, and S3 leads term 2 " +
			"without"},
	{"an answered write is overwritten", led().tell(1, answeredOK).tell(3, appended(1, 1, 2),
		told(1, 2)),
		"writesKept: A client was told that index 1 of term 1 is written, and S3 committed"},
	{"a log that was forgotten", led().tell(2, trace.Started{Members: []raft.NodeID{1, 2, 3},
		Term: 1, Vote: 1}), "writesKept: S2 had saved its log up to index 1 and came back with " +
		"a log"},
	{"another log behind a restart", led().tell(2, trace.Started{Members: []raft.NodeID{1, 2, 3},
		Term: 1, Vote: 1, Runs: []trace.Run{{From: 1, To: 1, Term: 7}}}),
		"writesKept: S2 had saved an entry of term 1 at index 1 and came back with one of term 7"},
	{"a longer log behind a restart", led().tell(2, trace.Started{Members: []raft.NodeID{1, 2, 3},
		Term: 1, Vote: 1, Runs: []trace.Run{{From: 1, To: 4, Term: 1}}}), ""},
	// The disk has saved 2 and 3 of term 1; their cut is not saved yet. What both share is 1.
	{"a late completion counts for what is left", led().tell(2, appended(2, 3, 1),
		truncated(2, 3, 1), appended(2, 2, 2), saved(1, 1, 3, 1),
		sent(2, 3, 1, &raft.AppendEntriesReply{Success: true, Match: 2})),
		"writesKept: S2 acknowledged index 2 to S3 and had saved its log only up to 1."},
	{"a late completion, acknowledged as it is", led().tell(2, appended(2, 3, 1),
		truncated(3, 3, 1), saved(1, 1, 3, 1),
		sent(2, 3, 1, &raft.AppendEntriesReply{Success: true, Match: 2})), ""},
}

// A violation names the two facts, and is told once for each culprit.
func TestEvidence(t *testing.T) {
	s := three().tell(1, granted(4, 2), granted(4, 3), granted(4, 1)).tell(2, granted(4, 1),
		granted(4, 3))
	var all []trace.Violation
	c := check.New(trace.Header{})
	for i := range s.evs {
		all = append(all, c.Observe(&s.evs[i])...)
	}
	if len(all) != 2 || all[0].Nodes[0] != 1 || all[1].Nodes[0] != 2 {
		t.Fatalf("two servers voted twice, and these were told: %v", all)
	}
	want := []trace.EventID{{Node: 1, Boot: 1, N: 2}, {Node: 1, Boot: 1, N: 3}}
	if !slices.Equal(all[0].Evidence, want) || all[0].Section != "5.2" {
		t.Errorf("section %s, evidence %v, not 5.2, %v", all[0].Section, all[0].Evidence, want)
	}
	for _, r := range c.Report() {
		if broken := r.Name == "votesKept"; (r.Status == check.Broken) != broken ||
			(r.First != nil) != broken {
			t.Errorf("%s %v, first %v", r.Name, r.Status, r.First)
		}
		if r.Text == "" || r.Section == "" {
			t.Errorf("%s says nothing", r.Name)
		}
	}
}

// status gives what all properties have in common.
func status(t *testing.T, c *check.Checker) check.Status {
	t.Helper()
	rs := c.Report()
	for _, r := range rs {
		if r.Status != rs[0].Status {
			t.Errorf("%s %v, %s %v", rs[0].Name, rs[0].Status, r.Name, r.Status)
		}
	}
	return rs[0].Status
}

// What is not told is not judged: before a start, after Missed, behind a start that was not told.
func TestNotObservable(t *testing.T) {
	s := &story{}
	if _, c := s.judge(); status(t, c) != check.NotObservable {
		t.Error("nothing was told, and it is judged")
	}
	if _, c := three().judge(); status(t, c) != check.Holds {
		t.Error("all have started, and it is not judged")
	}
	gap := led()
	gap.evs = append(gap.evs, trace.Event{ID: trace.EventID{Node: trace.FirstHub, Boot: 1, N: 1},
		Body: trace.Missed{Count: 3}})
	gap.tell(1, counted(9, 1), trace.Answered{Outcome: raft.OutcomeOK, Index: 9, Term: 1},
		leader(1))
	if said, c := gap.judge(); len(said) != 0 || status(t, c) != check.NotObservable {
		t.Errorf("behind a gap it said: %v", said)
	}
	boot := led()
	boot.last[2] = trace.EventID{Node: 2, Boot: 5, N: 10}
	boot.tell(2, granted(1, 3), appended(9, 9, 9))
	if said, c := boot.judge(); len(said) != 0 || status(t, c) != check.NotObservable {
		t.Errorf("of a start that was not told it said: %v", said)
	}
}

// A key frame tells what was missed, and then judging goes on.
func TestKeyFrameArms(t *testing.T) {
	s := led()
	frame := trace.State{}
	for id := raft.NodeID(1); id <= 3; id++ {
		n := trace.NodeState{ID: id, Boot: 1, Known: true, Members: []raft.NodeID{1, 2, 3}, Term: 3,
			Commit: 8, Applied: 8, SavedTerm: 3, SavedVote: 1,
			Log: trace.Log{Runs: []trace.Run{{From: 1, To: 9, Term: 3, Digest: digest(9,
				3)}}},
			SavedLast: raft.Mark{Index: 9, Term: 3, Digest: digest(9, 3)}}
		if id == 1 {
			n.Role = raft.Leader
		}
		frame.Nodes = append(frame.Nodes, n)
	}
	hub := trace.EventID{Node: trace.FirstHub, Boot: 1, N: 1}
	s.evs = append(s.evs, trace.Event{ID: hub, Body: trace.Missed{Count: 3}},
		trace.Event{ID: hub, Body: trace.KeyFrame{State: &frame}})
	s.tell(1, counted(9, 3), trace.Applied{From: 9, To: 9})
	said, c := s.judge()
	if len(said) != 0 || status(t, c) != check.Holds {
		t.Errorf("behind a key frame: %v, %v", status(t, c), said)
	}
	s.tell(2, truncated(5, 9, 3))
	if said, _ = s.judge(); len(said) != 1 || !strings.Contains(said[0], "had committed up to 8") {
		t.Errorf("behind a key frame a broken rule was told as %v", said)
	}
}

// faulty is a run with all faults.
func faulty(seed uint64) sim.Config {
	cfg := sim.DefaultConfig()
	cfg.Seed, cfg.SnapshotEvery = seed, 20
	cfg.Nemesis = sim.AllFaults(100*raft.Millisecond, 0)
	return cfg
}

// brokenRun is a run whose followers vote for everybody.
func brokenRun(t testing.TB, seed uint64) *sim.Cluster {
	t.Helper()
	cfg := faulty(seed)
	rules := raft.Standard()
	rules.MayVote = func(_, _, _ raft.NodeID) raft.Reason { return raft.WhyNone }
	cfg.Raft.Rules, cfg.Raft.PreVote = rules, false
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pull collects a run, with room for some events at a time.
func pull(t testing.TB, src trace.Source, until raft.Time, room int) (all []trace.Event) {
	t.Helper()
	buf := make([]trace.Event, 0, room)
	for reached := raft.Time(0); reached < until; {
		got, r, err := src.Next(until, buf)
		if err != nil {
			t.Fatal(err)
		}
		if room > 0 && len(got) > room || r < reached {
			t.Fatalf("%d events for room %d; reached %d us after %d us", len(got), room, r, reached)
		}
		for i := range got {
			if got[i].At <= reached && reached > 0 {
				t.Fatalf("an event of %d us, when all up to %d us had been given", got[i].At,
					reached)
			}
		}
		all, reached = append(all, got...), r
	}
	return all
}

// A watched source gives what it gives, and behind what breaks a property the violation.
func TestWatch(t *testing.T) {
	const until = 5 * raft.Second
	plain := pull(t, brokenRun(t, 1), until, 100)
	for _, room := range []int{0, 1, 2, 7, 100, 5000} {
		src := check.Watch(brokenRun(t, 1))
		all := pull(t, src, until, room)
		var rest []trace.Event
		violations := uint64(0)
		for i := range all {
			v, ok := all[i].Body.(trace.Violation)
			if !ok || all[i].ID.Boot == 2 { // the cluster's own
				rest = append(rest, all[i])
				continue
			}
			violations++
			before := all[i-1]
			for k := i - 1; before.ID != all[i].Cause; k-- {
				before = all[k]
			}
			if all[i].ID != (trace.EventID{Node: trace.Checker, Boot: 3, N: violations}) ||
				!slices.Contains(v.Evidence, before.ID) || before.At != all[i].At {
				t.Errorf("room %d: %v stands behind %v: %v", room, all[i].ID, before.ID, v)
			}
		}
		if violations == 0 {
			t.Errorf("room %d: no violation", room)
		}
		if fmt.Sprint(ids(rest)) != fmt.Sprint(ids(plain)) {
			t.Errorf("room %d: %d events beside the violations, %d without a watch", room,
				len(rest),
				len(plain))
		}
	}
}

func ids(evs []trace.Event) (ids []trace.EventID) {
	for i := range evs {
		ids = append(ids, evs[i].ID)
	}
	return ids
}

// A copy of a checker, made anywhere, goes on to the same verdicts.
func TestClone(t *testing.T) {
	evs := pull(t, brokenRun(t, 3), 5*raft.Second, 1000)
	whole := check.New(trace.Header{})
	var told []string
	from := make([]int, len(evs))
	var copies []*check.Checker
	for i := range evs {
		if i%97 == 0 {
			copies = append(copies, whole.Clone())
		}
		from[i] = len(told)
		for _, v := range whole.Observe(&evs[i]) {
			told = append(told, v.Text)
		}
	}
	for k, c := range copies {
		var got []string
		for i := 97 * k; i < len(evs); i++ {
			for _, v := range c.Observe(&evs[i]) {
				got = append(got, v.Text)
			}
		}
		if want := told[from[97*k]:]; !slices.Equal(got, want) {
			t.Fatalf("the copy behind event %d said %q, the original %q", 97*k, got, want)
		}
	}
	if len(told) == 0 {
		t.Error("nothing was told")
	}
}

// Whatever a source says, in whatever order, the fold goes on.
func TestNothingPanics(t *testing.T) {
	examples := tracetest.Events()
	for seed := range uint64(300) {
		r := rng.New(seed)
		c := check.New(trace.Header{Members: []trace.Member{{ID: 1}, {ID: 2}, {ID: 7}}})
		for id := raft.NodeID(1); id <= 3; id++ {
			c.Observe(&trace.Event{ID: trace.EventID{Node: id, Boot: 2, N: 1},
				Body: trace.Started{Members: []raft.NodeID{1, 2, 3}}})
		}
		for range 200 {
			ev := examples[r.Below(int64(len(examples)))]
			ev.ID.Node = raft.NodeID(r.Between(0, 4))
			ev.ID.Boot = uint32(r.Between(2, 3))
			if d, ok := ev.Body.(trace.Decided); ok {
				any := func() uint64 { return uint64(r.Below(6)) << (r.Below(2) * r.Below(62)) }
				d.Note.Index, d.Note.From, d.Note.To = raft.Index(any()), raft.Index(any()),
					raft.Index(any())
				d.Note.Term, d.Note.LogTerm = raft.Term(any()), raft.Term(any())
				d.Note.Digest = raft.Digest(r.Below(3))
				ev.Body = d
			}
			c.Observe(&ev)
		}
		c.Report()
		c.Clone()
	}
}

// BenchmarkObserve measures the fold alone.
func BenchmarkObserve(b *testing.B) {
	c, err := sim.New(faulty(1))
	if err != nil {
		b.Fatal(err)
	}
	evs := pull(b, c, 60*raft.Second, 4096)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		k := check.New(c.Header())
		for i := range evs {
			k.Observe(&evs[i])
		}
		n += len(evs)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
