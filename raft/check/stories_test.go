package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

func TestStories(t *testing.T) {
	for _, test := range slices.Concat(stories, moreStories()) {
		said, _ := test.story.judge()
		all := strings.Join(said, "\n")
		if test.want == "" && all != "" || !strings.Contains(all, test.want) {
			t.Errorf("%s: said\n%s\nand not: %s", test.name, all, test.want)
		}
	}
}

// Each property is broken by a story.
func TestEveryPropertyCanFail(t *testing.T) {
	for _, name := range check.Names() {
		if !slices.ContainsFunc(slices.Concat(stories, moreStories()), func(s storyTest) bool {
			return strings.HasPrefix(s.want, name+": ")
		}) {
			t.Errorf("no story breaks %s", name)
		}
	}
}

var answeredOK = trace.Answered{Outcome: raft.OutcomeOK, Index: 1, Term: 1}

// storyTest is what servers may tell, and a piece of what must be said of it.
type storyTest struct {
	name  string
	story *story
	want  string // nothing when all is well
}

// stories is what servers may tell, and a piece of what must be said of it.
var stories = []storyTest{
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
	{"terms go back", three().tell(2, granted(6, 1), appended(1, 1, 5),
		appended(2, 2, 4)),
		"termsGrow: S2 has an entry of term 4 at index 2 behind one of term 5"},
	{"a leader cuts its log", led().tell(1, created(2, 1), truncated(2, 2, 1)),
		"leaderAppendOnly: S1 leads term 1 and dropped entries 2 to 2"},
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
		"marksInOrder: S3 committed index 1 while its log ended at 0."},
	{"applied before committed", led().tell(2, trace.Applied{From: 1, To: 1}),
		"marksInOrder: S2 applied up to index 1 and had committed only up to 0."},
	{"applied twice", led().tell(1, trace.Applied{From: 1, To: 1}),
		"marksInOrder: S1 applied index 1 behind index 1"},
	{"cut below the commit index", led().tell(2, told(1, 1), truncated(1, 1, 0)),
		"committedStays: S2 dropped entries from index 1 on although it had committed up to " +
			"1."},
	{"a snapshot of another log", led().tell(3, note(raft.Note{Kind: raft.NoteSnapshotInstalled,
		Index: 1, LogTerm: 1, Digest: 9})), "snapshotsTrue: S3 has a snapshot of another log"},
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
		"electionQuorum: S1 became leader of term 1 with the votes of [S1], and 2 of 3 are a majority."},
	{"old term by counting", led().tell(3, appended(1, 1, 1), candidate(2), saved(2, 3, 1, 1)).
		tell(2, granted(2, 3), saved(2, 3, 1, 1)).tell(3, leader(2), counted(1, 1)),
		"commitRule: S3 committed index 1 by counting in term 2, and the entry is of term 1."},
	{"a quorum that has not saved", led().tell(1, created(2, 1), saved(1, 1, 2, 1)).
		tell(2, appended(2, 2, 1)).tell(1, counted(2, 1)),
		"commitRule: S1 committed index 2 of term 1, and only [S1] have saved it"},
	{"an ack leaves unsaved", led().tell(1, created(2, 1)).tell(2, appended(2, 2, 1),
		sent(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})),
		"acksTrue: S2 acknowledged index 2 to S1 and had saved its log only up to 1."},
	{"an ack of another entry", led().tell(1, created(2, 1)).tell(3, at(1),
		appended(1, 1, 1), appended(2, 2, 3), saved(3, 0, 2, 3),
		sent(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})),
		"acksTrue: S3 acknowledged index 2 to S1 with an entry of term 3 there, and the " +
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
		Term: 1, Vote: 1}, forgot()), "restartsTrue: S2 had saved its log up to index 1 and came back with " +
		"a log"},
	{"another log behind a restart", led().tell(2, trace.Started{Members: []raft.NodeID{1, 2, 3},
		Term: 1, Vote: 1, Runs: []trace.Run{{From: 1, To: 1, Term: 7}}}, forgot()),
		"restartsTrue: S2 had saved an entry of term 1 at index 1 and came back with one of term 7"},
	{"a longer log behind a restart", led().tell(2, trace.Started{Members: []raft.NodeID{1, 2, 3},
		Term: 1, Vote: 1, Runs: []trace.Run{{From: 1, To: 4, Term: 1}}}), ""},
	// The disk has saved 2 and 3 of term 1; their cut is not saved yet. What both share is 1.
	{"a late completion counts for what is left", led().tell(2, appended(2, 3, 1),
		truncated(2, 3, 1), appended(2, 2, 2), saved(1, 1, 3, 1),
		sent(2, 3, 1, &raft.AppendEntriesReply{Success: true, Match: 2})),
		"acksTrue: S2 acknowledged index 2 to S3 and had saved its log only up to 1."},
	{"a late completion, acknowledged as it is", led().tell(1, created(2, 1), created(3, 1)).tell(2,
		appended(2, 3, 1),
		truncated(3, 3, 1), saved(1, 1, 3, 1),
		sent(2, 3, 1, &raft.AppendEntriesReply{Success: true, Match: 2})), ""},
}
