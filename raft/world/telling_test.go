package world_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// telling is a line that is told of an event, without its time.
type telling struct {
	who  raft.NodeID
	body trace.Body
	want string
}

func (c *telling) check(t *testing.T, st *story) {
	t.Helper()
	if got := told(st, c.who, c.body); got != "4.991 s  "+c.want {
		t.Errorf("it says\n%s\nnot\n%s", got, c.want)
	}
}

// How servers begin and end, and what their disks and machines do.
func TestLives(t *testing.T) {
	super := trace.Supervisor
	for _, c := range []telling{
		{1, trace.Started{}, "S1  starts with nothing saved"},
		{1, trace.Started{Restart: true}, "S1  restarts with nothing saved"},
		{1, trace.Started{Restart: true, Term: 3, Base: raft.Mark{Index: 8, Term: 2}},
			"S1  restarts with what it had saved: term 3, no vote, its log up to 8"},
		{super, trace.Crashed{Node: 2}, "S2  crashes"},
		{super, trace.Crashed{Node: 2, Why: "died"}, "S2  dies"},
		{super, trace.Crashed{Node: 2, Why: "died", Stays: true},
			"S2  dies; it stays down until somebody restarts it"},
		{super, trace.Crashed{Node: 2, Why: "killed", Stays: true}, "S2  is killed"},
		{super, trace.Crashed{Node: 2, Why: "broken", Losing: 2},
			"S2  is taken out of service: an invariant is broken; 2 writes under way may be lost"},
		{super, trace.Paused{Node: 2}, "S2  is paused: it keeps all and does nothing"},
		{super, trace.Resumed{Node: 2}, "S2  goes on where it was paused"},
		{2, trace.Stopped{}, "S2  has shut down in good order"},
		{trace.FirstHub, trace.Silent{Node: 2}, "S2  is silent: nobody knows whether it lives"},
		{2, trace.Saved{Term: 3, Last: raft.Mark{Index: 9}},
			"S2  has saved term 3, its log up to 9"},
		{2, trace.Saved{Term: 3, Vote: 1, Last: raft.Mark{Index: 9}},
			"S2  has saved term 3, its vote for S1, its log up to 9"},
		{2, trace.SaveFailed{Err: "no space left"}, "S2  cannot save: no space left"},
		{2, trace.Applied{From: 4, To: 4}, "S2  applies 4 to its state machine"},
		{2, trace.Applied{From: 4, To: 9}, "S2  applies 4 to 9 to its state machine"},
		{2, trace.Loaded{Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 8}}},
			"S2  loads the snapshot up to 8 into its state machine"},
	} {
		c.check(t, led())
	}
}

// What lies beside the run.
func TestBeside(t *testing.T) {
	hub := trace.FirstHub
	for _, c := range []telling{
		{hub, trace.Caption{Text: "Now watch S2."}, "    Now watch S2."},
		{hub, trace.KeyFrame{}, "    From here all is known again"},
		{hub, trace.Missed{Count: 1}, "    1 event is not told here"},
		{2, trace.Missed{Count: 7, Why: "a slow page"},
			"    7 events are not told here, of S2: a slow page"},
		{hub, trace.Accepted{Command: 7}, "    Command 7 is taken"},
		{hub, trace.Refused{Why: "S9 is not there"}, "    Refused: S9 is not there"},
		{2, nil, "S2  an event that says nothing"},
		{2, trace.Other{Code: 201}, "S2  an event of a kind that this version does not know (201)"},
		{trace.Network, trace.LinkSet{From: 1, To: 2, Link: trace.Link{Delay: 500, Jitter: 3500}},
			"    The link from S1 to S2 takes 0 to 4 ms"},
		{trace.Network, trace.LinkSet{From: 1, To: 2, Link: trace.Link{Loss: 30_000,
			Duplicate: 500, Reorder: 10_500}},
			"    The link from S1 to S2 takes 0 ms, loses 3 %, doubles 0.05 %, reorders 1.05 %"},
	} {
		c.check(t, led())
	}
	st := led()
	st.tell(trace.Network, 1, trace.LinkSet{From: 1, To: 2, Link: trace.Link{Cut: true}})
	(&telling{trace.Network, trace.LinkSet{From: 1, To: 2},
		"    The link from S1 to S2 is healed"}).check(t, st)
}

// What clients want, get and do not get.
func TestClients(t *testing.T) {
	ask := func(op, key, value string) trace.Body {
		return trace.Invoked{Client: 2, Node: 1, Op: op, Key: key, Value: value}
	}
	const asks = "    Client 2 asks S1: "
	for _, c := range []telling{
		{trace.Clients, ask("put", "x", "9"), asks + "x = 9"},
		{trace.Clients, ask("get", "x", ""), asks + "read x"},
		{trace.Clients, ask("delete", "x", ""), asks + "delete x"},
		{trace.Clients, ask("cas", "x", "9"), asks + "x = 9, if it is as expected"},
		{trace.Clients, ask("transfer", "S2", ""), asks + "that S2 leads"},
		{trace.Clients, ask("transfer", "nobody", ""), asks + "that another leads"},
		{trace.Clients, ask("change", "", "+S4"), asks + "the members +S4"},
		{trace.Clients, ask("append", "", "body"), asks + "append  body"},
		{trace.Clients, ask("put", "a key of more than so many letters", "a\nb"),
			asks + `a key of more than so ma... = "a"...`},
		{trace.Clients, ask("put", "käse", "twenty-four letters, äöü"),
			asks + "käse = twenty-four letters, äöü"},
		{1, trace.Requested{Op: "put", Key: "x", Value: "9"}, "S1  is asked: x = 9"},
	} {
		c.check(t, led())
	}
	st := led()
	put := st.tell(trace.Clients, 1, ask("put", "x", "9"))
	get := st.tell(trace.Clients, 1, ask("get", "x", ""))
	answer := func(id trace.EventID, o raft.Outcome, why raft.Reason, i raft.Index,
		leader raft.NodeID) trace.Body {
		return trace.Answered{Request: id, Outcome: o, Why: why, Index: i, Leader: leader}
	}
	returned := func(id trace.EventID, o raft.Outcome, why raft.Reason, i raft.Index, value string,
	) trace.Body {
		return trace.Returned{Request: id, Client: 2, Outcome: o, Why: why, Index: i, Value: value}
	}
	none := trace.EventID{Node: trace.Clients, Boot: 9, N: 9}
	for _, c := range []telling{
		{1, answer(put, raft.OutcomeOK, 0, 7, 1), "S1  answers ok: x = 9 is committed at 7"},
		{1, answer(put, raft.OutcomeOK, 0, 0, 1), "S1  answers ok: x = 9"},
		{1, answer(none, raft.OutcomeOK, 0, 7, 1), "S1  answers ok: its request is committed at 7"},
		{1, answer(get, raft.OutcomeOK, 0, 7, 1),
			"S1  answers read x from what it has applied, to 7 at least"},
		{1, answer(put, raft.OutcomeRefused, raft.WhyNotLeader, 0, 2),
			"S1  refuses x = 9: it does not lead, S2 does"},
		{1, answer(put, raft.OutcomeRefused, raft.WhyNotLeader, 0, 0),
			"S1  refuses x = 9: this server does not lead"},
		{1, answer(put, raft.OutcomeUnknown, raft.WhyLostLeadership, 0, 2),
			"S1  answers that x = 9 may or may not happen: it stopped leading before it was " +
				"committed"},
		{trace.Clients, returned(put, raft.OutcomeOK, 0, 7, ""),
			"    Client 2 gets its answer: x = 9 is committed at 7"},
		{trace.Clients, returned(get, raft.OutcomeOK, 0, 7, "9"),
			"    Client 2 gets its answer: read x at 7 gives 9"},
		{trace.Clients, returned(put, raft.OutcomeRefused, raft.WhyTooMany, 0, ""),
			"    Client 2 is refused x = 9: too many are waiting"},
		{trace.Clients, returned(put, raft.OutcomeUnknown, raft.WhyTimeout, 0, ""),
			"    Client 2 hears that x = 9 may or may not happen: it took too long"},
		{trace.Clients, returned(none, 0, 0, 0, ""),
			"    Client 2 hears nothing in time: its request may or may not happen"},
	} {
		c.check(t, st)
	}
}

func packed(voters, outgoing, learners []raft.NodeID) raft.Packed {
	c := raft.Configuration{Voters: voters, Outgoing: outgoing, Learners: learners}
	return c.Pack()
}

// Who takes part, who reads and who hands over to whom.
func TestGroupSentences(t *testing.T) {
	ids := func(ids ...raft.NodeID) []raft.NodeID { return ids }
	three := packed(ids(1, 2, 3), nil, nil)
	conf := func(why raft.Reason, p raft.Packed) trace.Body {
		return note(raft.Note{Kind: raft.NoteConfigured, Why: why, Index: 8, Config: p})
	}
	const now = "S1  goes by the configuration of 8 from now on: "
	for _, c := range []telling{
		{1, conf(raft.WhyNone, three), now + "S1, S2 and S3 vote (6)"},
		{1, conf(raft.WhyStarted, three),
			"S1  goes by the configuration of 8: S1, S2 and S3 vote (5.2)"},
		{1, conf(raft.WhyLogConflict, three),
			"S1  goes back to the configuration before: S1, S2 and S3 vote (5.3)"},
		{1, conf(raft.WhyChanging, packed(ids(1), nil, ids(4))),
			now + "S1 alone votes, S4 learns (thesis 4.1)"},
		{1, conf(raft.WhyChanging, packed(ids(1, 2, 3, 4, 5, 6), nil, ids(7, 8))),
			now + "6 servers vote, S7 and S8 learn (thesis 4.1)"},
		{1, conf(raft.WhyChanging, packed(ids(1, 2, 4), ids(1, 2, 3), nil)),
			now + "a majority of S1, S2 and S3 and one of S1, S2 and S4 are needed (thesis 4.1)"},
		{1, conf(raft.WhyChanging, raft.Packed("\xff\xff")),
			now + "one that cannot be read (thesis 4.1)"},
		{1, note(raft.Note{Kind: raft.NoteBecameLearner, Peer: 2}),
			"S1  follows S2 as a learner, without a vote (thesis 4.2.1)"},
		{1, note(raft.Note{Kind: raft.NoteBecameLearner}),
			"S1  is a learner: it has no vote (thesis 4.2.1)"},
		{1, note(raft.Note{Kind: raft.NoteCatchUp, Peer: 4, Index: 9, Count: 2}),
			"S1  waits for S4 to reach 9 before it may vote, round 2 (thesis 4.2.1)"},
		{1, note(raft.Note{Kind: raft.NoteChangeRefused, Why: raft.WhyTooSlow, Peer: 4}),
			"S1  gives up making S4 a voter: it did not catch up in time (thesis 4.2.1)"},
		{1, note(raft.Note{Kind: raft.NoteChangeRefused, Why: raft.WhyNotLeader, Peer: 2}),
			"S1  refuses another configuration: it does not lead, S2 does (8)"},
		{1, note(raft.Note{Kind: raft.NoteChangeRefused, Why: raft.WhyChanging}),
			"S1  refuses another configuration: the configuration is being changed (thesis 4.1)"},
		{1, note(raft.Note{Kind: raft.NoteReadBegun, Index: 9, Round: 6}),
			"S1  takes a read at 9, and asks whether it still leads: round 6 (thesis 6.4)"},
		{1, note(raft.Note{Kind: raft.NoteReadConfirmed, Why: raft.WhyQuorumAnswered, Index: 9,
			Count: 2}),
			"S1  still leads, as 2 of 3 servers say since: the read at 9 may go on (thesis 6.4)"},
		{1, note(raft.Note{Kind: raft.NoteReadConfirmed, Why: raft.WhyLease, Index: 9,
			Left: 90 * raft.Millisecond}),
			"S1  answers a read at 9 by its lease, which holds for 90 ms (thesis 6.4.1)"},
		{1, note(raft.Note{Kind: raft.NoteReadRefused, Why: raft.WhyNotLeader, Peer: 2}),
			"S1  refuses a read: it does not lead, S2 does (8)"},
		{1, note(raft.Note{Kind: raft.NoteReadRefused, Why: raft.WhyTooMany}),
			"S1  refuses a read: too many are waiting (thesis 6.4)"},
		{1, note(raft.Note{Kind: raft.NoteTransferBegun, Why: raft.WhyAsked, Peer: 2, Index: 9}),
			"S1  hands over to S2: it takes no writes until S2 has 9 (thesis 3.10)"},
		{1, note(raft.Note{Kind: raft.NoteTransferBegun, Why: raft.WhyPreferred, Peer: 2,
			Index: 9}),
			"S1  hands over to S2: it takes no writes until S2 has 9; a preferred server has " +
				"caught up (thesis 3.10)"},
		{1, note(raft.Note{Kind: raft.NoteTransferSent, Peer: 2, Index: 9}),
			"S1  tells S2 to stand for election: its log ends at 9 too (thesis 3.10)"},
		{1, note(raft.Note{Kind: raft.NoteTransferEnded, Why: raft.WhyLeaderFound, Peer: 2}),
			"S1  has handed over: S2 leads (5.2)"},
		{1, note(raft.Note{Kind: raft.NoteTransferEnded, Why: raft.WhyLeaderKnown, Peer: 2}),
			"S1  was to hand over, and S2 leads (5.2)"},
		{1, note(raft.Note{Kind: raft.NoteTransferEnded, Why: raft.WhyTimeout, Peer: 2}),
			"S1  gives up handing over to S2: it took too long (thesis 3.10)"},
		{1, note(raft.Note{Kind: raft.NoteTransferRefused, Why: raft.WhyNotVoter, Peer: 4}),
			"S1  does not hand over to S4: it has no vote (thesis 4.2.1)"},
		{1, note(raft.Note{Kind: raft.NoteTransferRefused, Why: raft.WhyUnreachable}),
			"S1  does not hand over: it was not heard of lately (thesis 3.10)"},
		{1, note(raft.Note{Kind: raft.NoteTrusted, Why: raft.WhyCaughtUp, Peer: 2, Index: 9}),
			"S1  is in doubt no more: it has all up to 9, where S2's log ended"},
		{1, note(raft.Note{Kind: raft.NoteTrusted, Why: raft.WhyAllGranted}),
			"S1  is in doubt no more: every member granted its vote"},
	} {
		c.check(t, led())
	}
}

// Votes, snapshots and replication, with the numbers that decided.
func TestDecisions(t *testing.T) {
	refused := func(why raft.Reason) trace.Body {
		return note(raft.Note{Kind: raft.NoteVoteRefused, Why: why, Term: 2, Peer: 3})
	}
	progress := func(s raft.ProgressState, match raft.Index) trace.Body {
		return note(raft.Note{Kind: raft.NoteProgress, Peer: 3, State: s, Match: match, Next: 9})
	}
	voted := func(st *story, vote raft.NodeID) {
		st.note(2, raft.Note{Kind: raft.NoteVoteGranted, Term: 2, Peer: vote})
	}
	for _, c := range []struct {
		tell func(*story)
		telling
	}{
		{nil, telling{2, refused(raft.WhyStaleTerm),
			"S2  refuses S3 its vote for term 2: S2 is in term 1 already (5.1)"}},
		{nil, telling{2, refused(raft.WhyLeaderKnown),
			"S2  refuses S3 its vote for term 2: S1 leads this term (5.2)"}},
		{nil, telling{1, refused(raft.WhyLeaderAlive),
			"S1  refuses S3 its vote for term 2: it leads term 1 itself (thesis 4.2.3)"}},
		{nil, telling{2, refused(raft.WhyWaitsForDisk),
			"S2  refuses S3 its vote for term 2: its own write is still under way (5.2)"}},
		{func(st *story) { voted(st, 1) }, telling{2, refused(raft.WhyAlreadyVoted),
			"S2  refuses S3 its vote for term 2: its vote of this term is given to S1 (5.2)"}},
		{func(st *story) { voted(st, 2) }, telling{2, refused(raft.WhyAlreadyVoted),
			"S2  refuses S3 its vote for term 2: it has voted for itself (5.2)"}},
		{nil, telling{3, note(raft.Note{Kind: raft.NoteSnapshotProgress, Peer: 1, Index: 30,
			Offset: 4096, Size: 70_000}), "S3  has 4.0 KB of 70.0 KB of S1's snapshot up to 30 (7)"}},
		{nil, telling{3, note(raft.Note{Kind: raft.NoteSnapshotInstalled, Peer: 1, Index: 30,
			Why: raft.WhySnapshotKeepsLog}),
			"S3  installs S1's snapshot up to 30, and keeps what its log holds behind it (7)"}},
		{nil, telling{3, note(raft.Note{Kind: raft.NoteSnapshotInstalled, Peer: 1, Index: 30,
			Why: raft.WhySnapshotResets}),
			"S3  installs S1's snapshot up to 30; its log begins anew behind it (7)"}},
		{nil, telling{1, progress(raft.Probe, 0),
			"S1  does not know what it shares with S3, and probes at 9 (5.3)"}},
		{nil, telling{1, progress(raft.Replicate, 8),
			"S1  knows that S3 has saved up to 8, and sends from 9 on (5.3)"}},
		{nil, telling{1, progress(raft.Snapshot, 8),
			"S1  knows that S3 has saved up to 8, and sends it a snapshot (5.3)"}},
		{nil, telling{2, note(raft.Note{Kind: raft.NoteMessageIgnored, Why: raft.WhyStaleTerm,
			Peer: 3, Term: 0}),
			"S2  ignores S3: its message is of term 0, and this is term 1 (5.1)"}},
		{nil, telling{2, note(raft.Note{Kind: raft.NoteMessageIgnored, Why: raft.WhyNoCampaign,
			Peer: 3}),
			"S2  ignores a message of S3: the answer is to a campaign that is over (5.2)"}},
		{nil, telling{2, note(raft.Note{Kind: raft.NoteAppendRefused, Why: raft.WhyLogConflict,
			Peer: 1, Index: 9, Term: 2, LogTerm: 3}),
			"S2  refuses S1's append behind 9: its entry there is of term 2, S1's of term 3 (5.3)"}},
		{nil, telling{2, note(raft.Note{Kind: raft.NoteProposalRefused, Why: raft.WhyNotLeader,
			Peer: 1}), "S2  refuses a client: it does not lead, S1 does (8)"}},
		{nil, telling{2, note(raft.Note{Kind: raft.NoteOther, Code: 99}),
			"S2  decides something that this version does not know (99)"}},
	} {
		st := led()
		if c.tell != nil {
			c.tell(st)
		}
		c.check(t, st)
	}
}

// How roles change, where the state says what went before.
func TestRoleSentences(t *testing.T) {
	follower := func(why raft.Reason, term raft.Term, peer raft.NodeID) trace.Body {
		return note(raft.Note{Kind: raft.NoteBecameFollower, Why: why, Term: term, Peer: peer})
	}
	role := func(k raft.NoteKind, why raft.Reason, term raft.Term) raft.Note {
		return raft.Note{Kind: k, Why: why, Term: term}
	}
	stands := func(st *story) {
		st.note(2, role(raft.NoteBecameCandidate, raft.WhyElectionTimeout, 2))
		st.note(2, raft.Note{Kind: raft.NoteVoteCounted, Term: 2, Peer: 2, Count: 1})
	}
	asks := func(st *story) {
		st.note(2, role(raft.NoteBecamePreCand, raft.WhyElectionTimeout, 2))
		st.note(2, raft.Note{Kind: raft.NoteVoteCounted, Term: 2, Peer: 2, Pre: true, Count: 1})
		st.note(2, raft.Note{Kind: raft.NoteVoteCounted, Term: 2, Peer: 3, Pre: true, Count: 2})
	}
	waits := func(st *story) {
		st.note(2, raft.Note{Kind: raft.NoteTermAdvanced, Term: 2})
		st.at(4791*raft.Millisecond, 2, 1, note(raft.Note{Kind: raft.NoteDeadlineSet, Left: 9}))
	}
	for _, c := range []struct {
		tell func(*story)
		telling
	}{
		{waits, telling{2, note(role(raft.NoteBecamePreCand, raft.WhyElectionTimeout, 3)),
			"S2  asks for pre-votes: no word from a leader for 200 ms (thesis 9.6)"}},
		{asks, telling{2, note(role(raft.NoteBecamePreCand, raft.WhyElectionTimeout, 2)),
			"S2  asks for pre-votes for term 2 again: it had 2 of 3 (thesis 9.6)"}},
		{asks, telling{2, note(role(raft.NoteBecameCandidate, raft.WhyPreVoteWon, 2)),
			"S2  stands for term 2: 2 of 3 would vote for it (5.2)"}},
		{stands, telling{2, note(role(raft.NoteBecameCandidate, raft.WhyElectionTimeout, 3)),
			"S2  stands for term 3: nobody won term 2 in time, it had 1 of 3 votes (5.2)"}},
		{nil, telling{2, note(role(raft.NoteBecameCandidate, raft.WhyTransfer, 2)),
			"S2  stands for term 2: the leader hands over to it (5.2)"}},
		{nil, telling{1, follower(raft.WhyNoQuorum, 1, 0),
			"S1  steps down as leader of term 1: it heard from no quorum within a time-out " +
				"(thesis 6.2)"}},
		{stands, telling{2, follower(raft.WhyLeaderFound, 2, 3),
			"S2  gives up its candidacy: it follows S3, which leads term 2 (5.2)"}},
		{stands, telling{2, follower(raft.WhyHigherTerm, 3, 0),
			"S2  gives up its candidacy: there is a higher term, 3 (5.1)"}},
		{asks, telling{2, follower(raft.WhyAsked, 1, 0),
			"S2  asks no more for pre-votes: it was asked to (5.2)"}},
		{func(st *story) { st.note(2, raft.Note{Kind: raft.NoteBecameLearner, Term: 1}) },
			telling{2, follower(raft.WhyChanging, 1, 0),
				"S2  has a vote from now on (thesis 4.1)"}},
		{nil, telling{2, follower(raft.WhyStarted, 1, 0),
			"S2  steps down: it has just started (5.2)"}},
		{func(st *story) {
			st.at(4991*raft.Millisecond-500, 2, 1, note(raft.Note{Kind: raft.NoteDeadlineSet,
				Left: 9}))
		}, telling{2, note(raft.Note{Kind: raft.NoteVoteRefused, Why: raft.WhyLeaderAlive, Term: 2,
			Peer: 3}), "S2  refuses S3 its vote for term 2: it heard from S1, its leader, just " +
			"now (thesis 4.2.3)"}},
	} {
		st := led()
		if c.tell != nil {
			c.tell(st)
		}
		c.check(t, st)
	}
}

// A vote that would be given is told with the two logs, as far as they explain it.
func TestPreVoteSentences(t *testing.T) {
	appended := func(st *story, id raft.NodeID, term raft.Term, to raft.Index) {
		st.note(id, raft.Note{Kind: raft.NoteAppended, LogTerm: term, From: 2, To: to})
	}
	for _, c := range []struct {
		name string
		tell func(*story)
		want string
	}{
		{"equal logs", func(*story) {}, ": both logs end at 1, term 1"},
		{"a longer log", func(st *story) { appended(st, 3, 1, 4) },
			": its log ends at 4, term 1, S2's own at 1, term 1"},
		{"a later term", func(st *story) { appended(st, 3, 2, 2); appended(st, 2, 1, 9) },
			": its log ends at 2, term 2, S2's own at 9, term 1"},
		{"what should not be", func(st *story) { appended(st, 2, 1, 9) }, ""},
		{"a candidate that is down", func(st *story) {
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 3})
		}, ""},
	} {
		st := led()
		st.note(3, raft.Note{Kind: raft.NoteBecamePreCand, Term: 2})
		c.tell(st)
		granted := note(raft.Note{Kind: raft.NoteVoteGranted, Term: 2, Peer: 3, Pre: true})
		want := "4.991 s  S2  would vote for S3 in term 2" + c.want + " (thesis 9.6)"
		if got := told(st, 2, granted); got != want {
			t.Errorf("%s: it says\n%s\nnot\n%s", c.name, got, want)
		}
	}
	st := led()
	st.note(2, raft.Note{Kind: raft.NoteVoteGranted, Term: 2, Peer: 3})
	(&telling{2, note(raft.Note{Kind: raft.NoteVoteGranted, Term: 2, Peer: 3}),
		"S2  votes for S3 in term 2 once more: the first answer may be lost (5.2)"}).check(t, st)
}

// A commit is told with what it is for: a client's wish, or what came along with it (5.4.2).
func TestCommitSentences(t *testing.T) {
	st := led()
	st.tell(1, 1, trace.Requested{Op: "put", Key: "x", Value: "9"})
	st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Term: 1, From: 2, To: 2})
	st.tell(1, 1, trace.Saved{Term: 1, Last: raft.Mark{Index: 2, Term: 1}})
	st.note(1, raft.Note{Kind: raft.NoteProgress, Peer: 2, Match: 2, Next: 3})
	st.takes(1, 2, 1, 2)
	st.saves(2)
	commit := func(i raft.Index, term raft.Term) trace.Body {
		return note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved, Index: i,
			LogTerm: term, Count: 2})
	}
	(&telling{1, commit(2, 1), "S1  commits 2: x = 9 is safe on S1 and S2 (5.4.2)"}).check(t, st)
	st.note(1, raft.Note{Kind: raft.NoteBecameLeader, Term: 3})
	st.note(1, raft.Note{Kind: raft.NoteCreated, Why: raft.WhyNewTerm, Term: 3, From: 3, To: 3})
	(&telling{1, commit(3, 3), "S1  commits 2 to 3: 3 is of its own term and saved on 2 of 3 " +
		"servers, the others with it (5.4.2)"}).check(t, st)
}
