package check_test

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

func at(t raft.Term) trace.Body { return note(raft.Note{Kind: raft.NoteTermAdvanced, Term: t}) }

func pack(voters, outgoing, learners []raft.NodeID) raft.Packed {
	c := raft.Configuration{Voters: voters, Outgoing: outgoing, Learners: learners}
	return c.Pack()
}

func ids(ids ...raft.NodeID) []raft.NodeID { return ids }

// config makes the configuration entry at i of term t.
func config(i raft.Index, t raft.Term, p raft.Packed) trace.Body {
	return note(raft.Note{Kind: raft.NoteCreated, From: i, To: i, Term: t, Digest: digest(i, t),
		Entries: []raft.Entry{{Index: i, Term: t, Kind: raft.EntryConfig, Data: []byte(p)}}})
}

func configured(i raft.Index, p raft.Packed) trace.Body {
	return note(raft.Note{Kind: raft.NoteConfigured, Index: i, Config: p})
}

func proposed(i raft.Index, t raft.Term, cause raft.Ref) trace.Body {
	return note(raft.Note{Kind: raft.NoteCreated, Why: raft.WhyProposed, Cause: cause, From: i,
		To: i, Term: t, Digest: digest(i, t)})
}

func kind(k raft.NoteKind, n raft.Note) trace.Body {
	n.Kind = k
	return note(n)
}

// ask and reply are a request and its answer; n is the number of the request's event.
func ask(op string) trace.Body { return trace.Requested{Op: op} }

func (s *story) reply(id raft.NodeID, n uint64, b trace.Answered) *story {
	s.tell(id, b)
	cause := s.evs[len(s.evs)-1].ID
	cause.N = n
	s.evs[len(s.evs)-1].Cause = cause
	return s
}

// next gives the number of a server's next event.
func (s *story) next(id raft.NodeID) uint64 { return s.last[id].N + 1 }

// stands lets S3 stand for term 2 with a log that ends at index i of term t.
func stands(i raft.Index, t raft.Term) *story {
	s := led().tell(3, candidate(2), saved(2, 3, 0, 0),
		sent(3, 2, 2, &raft.RequestVote{ForTerm: 2, LastIndex: i, LastTerm: t}))
	return s.tell(2, at(2), granted(2, 3), saved(2, 3, 1, 1))
}

var heartbeat = &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1}

func entriesOf(es ...raft.Entry) *raft.AppendEntries {
	return &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: es}
}

var doubt = kind(raft.NoteDoubtful, raft.Note{})

// changed is led, and then S1 makes S4 a voter.
func changed() *story {
	s := led()
	four := pack(ids(1, 2, 3, 4), nil, nil)
	return s.tell(1, config(2, 1, four), configured(2, four))
}

// reading is led, and then S1 takes a read, begins a round for it, and S2 answers that.
func reading(answered uint64) (*story, uint64) {
	s := led()
	n := s.next(1)
	s.tell(1, ask("get"), kind(raft.NoteReadBegun, raft.Note{Index: 1, Round: 5}))
	return s.tell(2, sent(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1,
		Round: answered})), n
}

func confirmed(why raft.Reason) trace.Body {
	return kind(raft.NoteReadConfirmed, raft.Note{Why: why, Index: 1, Round: 5})
}

func moreStories() []storyTest {
	var all []storyTest
	all = append(all, electionStories()...)
	all = append(all, logStories()...)
	all = append(all, leaderStories()...)
	all = append(all, diskStories()...)
	all = append(all, damageStories()...)
	all = append(all, stateStories()...)
	all = append(all, configStories()...)
	all = append(all, transferStories()...)
	all = append(all, readStories()...)
	return append(all, requestStories()...)
}

func electionStories() []storyTest {
	doubted := three().tell(2, trace.Started{Members: ids(1, 2, 3)}, doubt, forgot(), at(1),
		granted(1, 1), saved(1, 1, 0, 0)).tell(1, candidate(1), saved(1, 1, 0, 0))
	allGranted := three().tell(2, trace.Started{Members: ids(1, 2, 3)}, doubt, forgot(), at(1),
		granted(1, 1), saved(1, 1, 0, 0)).tell(3, at(1), granted(1, 1), saved(1, 1, 0, 0))
	joint := pack(ids(1, 2, 3), ids(3, 4, 5), nil)
	halved := three().tell(1, configured(1, joint), candidate(1), saved(1, 1, 0, 0)).
		tell(2, at(1), granted(1, 1), saved(1, 1, 0, 0))
	for id := raft.NodeID(4); id <= 5; id++ {
		halved.tell(id, trace.Started{Members: ids(1, 2, 3)})
	}
	return []storyTest{
		{"a doubtful vote counts", doubted.tell(1, leader(1)),
			"electionQuorum: S1 became leader of term 1 with the votes of [S1], and 2 of 3"},
		{"doubtful, and all granted", allGranted.tell(1, candidate(1), saved(1, 1, 0, 0),
			leader(1)), ""},
		{"half of a joint majority", halved.tell(1, leader(1)),
			"electionQuorum: S1 became leader of term 1 with the votes of [], and 2 of 3 are"},
		{"votes for a shorter log", stands(0, 0),
			"votesLawful: S2 voted in term 2 for S3, whose log ends at index 0 of term 0"},
		{"a candidate boasts", stands(7, 1),
			"votesLawful: S3 asks for votes in term 2 with a log that ends at index 7 of term 1"},
		{"an own vote unsaved leaves", three().tell(3, candidate(2),
			sent(3, 2, 2, &raft.RequestVote{ForTerm: 2})),
			"votesKept: S3 sent its vote for S3 in term 2"},
		{"a term goes back", three().tell(2, at(4), at(3)),
			"termsGrow: S2 went from term 4 back to term 3."},
		{"a term begins twice", three().tell(2, at(4), candidate(4)),
			"termsGrow: S2 began term 4, in which it was already."},
		{"a message from the future", led().tell(1, sent(1, 2, 5, heartbeat)),
			"termsGrow: S1 sent a message of term 5 in term 1."},
		{"an entry from the future", led().tell(3, appended(1, 1, 1)),
			"termsGrow: S3 took an entry of term 1 at index 1 in term 0."},
	}
}

func logStories() []storyTest {
	return []storyTest{
		{"a leader installs", led().tell(1, kind(raft.NoteSnapshotInstalled, raft.Note{Index: 1,
			LogTerm: 1})), "leaderAppendOnly: S1 leads term 1 and installed a snapshot"},
		{"a follower makes an entry", led().tell(2, created(2, 1)),
			"leaderMakesEntries: S2 made an entry of term 1 at index 2 as follower of term 1."},
		{"an entry that nobody made", led().tell(2, appended(2, 3, 1)),
			"leaderMakesEntries: S2 has entries of term 1 at index 2 to 3, and the leader S1 has " +
				"made those at 1 to 1."},
		{"an entry of no leader", led().tell(2, at(9), appended(2, 2, 9)),
			"leaderMakesEntries: S2 has an entry of term 9 at index 2, and nobody has led"},
		{"a cut without a conflict", led().tell(1, created(2, 1)).tell(2, appended(2, 2, 1),
			note(raft.Note{Kind: raft.NoteTruncated, Peer: 1, From: 2, To: 2})),
			"committedStays: S2 dropped entries from index 2 on, and the leader S1 has nothing"},
		{"a commit index goes back", led().tell(1, told(0, 0)),
			"marksInOrder: S1 had committed up to index 1 and went back to 0."},
		{"cut without a snapshot", led().tell(1, kind(raft.NoteCompacted, raft.Note{Index: 1,
			LogTerm: 1})), "snapshotsTrue: S1 dropped its log up to index 1, and its newest"},
		{"a snapshot before its time", led().tell(2, told(1, 1), kind(raft.NoteSnapshotTaken,
			raft.Note{Index: 1, LogTerm: 1})),
			"snapshotsTrue: S2 took a snapshot up to index 1 and had applied only up to 0."},
		{"a lawful compaction", led().tell(1, kind(raft.NoteSnapshotTaken, raft.Note{Index: 1,
			LogTerm: 1}), kind(raft.NoteCompacted, raft.Note{Index: 1, LogTerm: 1})), ""},
	}
}

func leaderStories() []storyTest {
	progress := func(peer raft.NodeID, match, next raft.Index) trace.Body {
		return kind(raft.NoteProgress, raft.Note{Peer: peer, Match: match, Next: next})
	}
	return []storyTest{
		{"an append of its own log", led().tell(1, created(2, 1),
			sent(1, 2, 1, entriesOf(raft.Entry{Index: 2, Term: 1}))), ""},
		{"an append of nobody's log", led().tell(1,
			sent(1, 2, 1, entriesOf(raft.Entry{Index: 2, Term: 1}))),
			"appendsTrue: S1 leads term 1 and told S2 of an entry of term 1 at index 2"},
		{"an append behind another entry", led().tell(1,
			sent(1, 2, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 7})),
			"appendsTrue: S1 leads term 1 and told S2 of an entry of term 7 at index 1"},
		{"an append of a follower", led().tell(2, sent(2, 3, 1, heartbeat)),
			"appendsTrue: S2 sent an append of term 1, which it does not lead."},
		{"a commit index too high", led().tell(1, sent(1, 2, 1, &raft.AppendEntries{PrevIndex: 1,
			PrevTerm: 1, Commit: 2})),
			"appendsTrue: S1 told S2 of commit index 2, and its own is 1."},
		{"what cannot be", led().tell(1, kind(raft.NoteMessageIgnored, raft.Note{
			Why: raft.WhyCannotBe, Peer: 2, Term: 1})),
			"appendsTrue: S1 got a message of term 1 from S2 that no correct server sends."},
		{"counts what is saved", led().tell(1, progress(2, 1, 2)), ""},
		{"counts what is not saved", led().tell(3, at(1)).tell(1, progress(3, 1, 2)),
			"matchTrue: S1 counts index 1 of term 1 for S3, which has not saved that"},
		{"counts beyond its log", led().tell(1, progress(2, 4, 5)),
			"matchTrue: S1 counts index 4 for S2 and sends from 5 on"},
		{"counts less than before", led().tell(1, progress(2, 1, 2), progress(2, 0, 2)),
			"matchTrue: S1 had counted index 1 for S2 and counts 0 now."},
	}
}

func diskStories() []storyTest {
	back := trace.Started{Members: ids(1, 2, 3), Term: 1, Vote: 1}
	return []storyTest{
		{"a doubtful server lost its tail", led().tell(2, back, doubt, forgot()), ""},
		{"a majority has it no more", led().tell(2, back, forgot()),
			"quorumKeeps: Index 1 of term 1 is committed, and only [S1] still have it on disk"},
		{"a gap behind a restart", led().tell(2, trace.Started{Members: ids(1, 2, 3), Term: 1,
			Vote: 1, Runs: []trace.Run{{From: 1, To: 1, Term: 1}, {From: 3, To: 3, Term: 1}}}),
			"restartsTrue: S2 came back with a log in which index 3 of term 1 follows index 1"},
		{"another log of the same terms", led().tell(2, trace.Started{Members: ids(1, 2, 3),
			Term: 1, Vote: 1, Runs: []trace.Run{{From: 1, To: 1, Term: 1, Digest: 5}}}),
			"restartsTrue: S2 came back with another log up to index 1 of term 1 than S1 has."},
		{"a log without its beginning", led().tell(2, trace.Started{Members: ids(1, 2, 3),
			Term: 1, Vote: 1, Base: raft.Mark{Index: 1, Term: 1}}),
			"snapshotsTrue: S2 came back with a log that begins behind index 1 and a snapshot"},
		{"an ack of a broken disk", led().tell(2, trace.SaveFailed{},
			sent(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1})),
			"acksTrue: S2 acknowledged index 1 to S1 after its disk had failed."},
	}
}

func configStories() []storyTest {
	four, five := pack(ids(1, 2, 3, 4), nil, nil), pack(ids(1, 2, 3, 4, 5), nil, nil)
	joint := pack(ids(3, 4, 5), ids(1, 2, 3), nil)
	return []storyTest{
		{"one voter more", changed().tell(1, sent(1, 2, 1, heartbeat)), ""},
		{"two voters more", led().tell(1, config(2, 1, five), configured(2, five)),
			"configsOverlap: S1 went from configuration [S1 S2 S3] to [S1 S2 S3 S4 S5]: some of"},
		{"through a joint one", led().tell(1, config(2, 1, joint), configured(2, joint),
			sent(1, 2, 1, heartbeat)), ""},
		{"a joint one of others", led().tell(1, config(2, 1, pack(ids(3), ids(1, 2), nil))),
			"configsOverlap: S1 went from configuration [S1 S2 S3] to [S1 S2] and [S3]"},
		{"two changes at once", changed().tell(1, config(3, 1, five)),
			"configsOverlap: S1 made a configuration at index 3 while the one at 2 is not"},
		{"a change before the term's first commit", led().tell(2, candidate(2), saved(2, 2, 1, 1)).
			tell(3, at(2), granted(2, 2), saved(2, 2, 0, 0)).tell(2, leader(2), config(2, 2, four)),
			"configsOverlap: S2 made a configuration at index 2 before an entry of its term 2"},
		{"an old configuration", led().tell(1, config(2, 1, four), sent(1, 2, 1, heartbeat)),
			"configInForce: S1 uses configuration [S1 S2 S3], and the newest in its log is [S1 " +
				"S2 S3 S4]"},
		{"a configuration that is cut", changed().tell(2, appended(2, 2, 1), configured(2, four),
			saved(1, 1, 2, 1), truncated(2, 2, 1), saved(1, 1, 1, 1)),
			"configInForce: S2 uses configuration [S1 S2 S3 S4], and the newest in its log is"},
		{"a configuration falls back", changed().tell(2, appended(2, 2, 1), configured(2, four),
			saved(1, 1, 2, 1), truncated(2, 2, 1), configured(0, pack(ids(1, 2, 3), nil, nil)),
			saved(1, 1, 1, 1)), ""},
		{"a learner stands", three().tell(4, trace.Started{Members: ids(1, 2, 3)}, candidate(1)),
			"votersOnly: S4 stands for election and has no vote in configuration [S1 S2 S3]."},
		{"who is being removed stands", led().tell(1, config(2, 1, pack(ids(2, 3), nil, nil)),
			configured(2, pack(ids(2, 3), nil, nil)),
			kind(raft.NoteBecameFollower, raft.Note{Term: 1}), candidate(2)), ""},
	}
}

func transferStories() []storyTest {
	begun := func(to raft.NodeID) trace.Body {
		return kind(raft.NoteTransferBegun, raft.Note{Peer: to})
	}
	byWord := &raft.RequestVote{ForTerm: 2, LastIndex: 1, LastTerm: 1, Transfer: true}
	return []storyTest{
		{"stands by a word", led().tell(1, begun(2), kind(raft.NoteTransferSent,
			raft.Note{Peer: 2})).tell(2, candidate(2), saved(2, 2, 1, 1), sent(2, 3, 2, byWord)),
			""},
		{"stands by no word", led().tell(2, candidate(2), saved(2, 2, 1, 1),
			sent(2, 3, 2, byWord)),
			"transferClean: S2 stands for term 2 by the word of a leader, and no leader of term 1"},
		{"hands over twice", led().tell(1, begun(2), begun(3)),
			"transferClean: S1 hands over to S3 while it hands over to S2."},
		{"hands over to no voter", led().tell(1, begun(9)),
			"transferClean: S1 hands over to S9, which has no vote."},
		{"takes a proposal meanwhile", led().tell(1, begun(2), proposed(2, 1, 0)),
			"transferClean: S1 took a proposal at index 2 while it hands over to S2."},
		{"a lease too soon again", led().tell(1, begun(2), kind(raft.NoteTransferSent,
			raft.Note{Peer: 2}), kind(raft.NoteTransferEnded, raft.Note{Peer: 2}),
			confirmed(raft.WhyLease)),
			"transferClean: S1 served a read by its lease behind a handing over that failed"},
		{"takes one when it is over", led().tell(1, begun(2), kind(raft.NoteTransferEnded,
			raft.Note{Peer: 2}), proposed(2, 1, 0)), ""},
	}
}

func readStories() []storyTest {
	ok := trace.Answered{Outcome: raft.OutcomeOK, Index: 1, Term: 1}
	good, n := reading(5)
	good.tell(1, confirmed(raft.WhyQuorumAnswered)).reply(1, n, ok)
	unanswered, _ := reading(4)
	unproven, m := reading(5)
	stale := led().tell(1, answeredOK)
	k := stale.next(2)
	stale.tell(2, ask("get")).reply(2, k, trace.Answered{Outcome: raft.OutcomeOK, Index: 0})
	lease := led().tell(2, candidate(2), saved(2, 2, 1, 1)).tell(3, at(2), granted(2, 2)).
		tell(2, leader(2), created(2, 2), saved(2, 2, 2, 2)).
		tell(3, appended(1, 1, 1), appended(2, 2, 2), saved(2, 2, 2, 2)).tell(2, counted(2, 2))
	early := led().tell(2, candidate(2), saved(2, 2, 1, 1)).tell(3, at(2), granted(2, 2)).
		tell(2, leader(2), kind(raft.NoteReadBegun, raft.Note{Round: 1}))
	asked := led()
	q := asked.next(2)
	asked.tell(2, sent(2, 1, 1, &raft.ReadIndex{ID: 3})).tell(1, trace.Delivered{
		Msg: trace.EventID{Node: 2, Boot: 1, N: q}},
		sent(1, 2, 1, &raft.ReadIndexReply{ID: 3, Granted: true, Index: 1}))
	return []storyTest{
		{"a read behind a round", good, ""},
		{"a round that few answered", unanswered.tell(1, confirmed(raft.WhyQuorumAnswered)),
			"readsProven: S1 took reads for proven by round 5, and only [S1] have answered it."},
		{"a read without a round", unproven.reply(1, m, ok),
			"readsProven: S1 answered a read before it had proven that it still leads."},
		{"a stale read", stale, "readsFresh: S2 answered a read with what was there at index 0, " +
			"and before it was asked for somebody had been told of index 1."},
		{"a lease beside a new leader", lease.tell(1, confirmed(raft.WhyLease)),
			"readsProven: S1 served a read by its lease of term 1, and S2 leads term 2 and has"},
		{"a read before the first commit", early,
			"readsProven: S2 serves reads as leader of term 2, and the entry at its commit"},
		{"a follower is told too soon", asked,
			"readsProven: S1 told S2 an index to read at before it had proven"},
	}
}

func requestStories() []storyTest {
	good, twice, refused, other := led(), led(), led(), led()
	n := good.next(1)
	taken := func(s *story) *story {
		return s.tell(1, ask("put"), proposed(2, 1, raft.Ref(n)), saved(1, 1, 2, 1)).
			tell(2, appended(2, 2, 1), saved(1, 1, 2, 1)).tell(1, counted(2, 1))
	}
	ok := trace.Answered{Outcome: raft.OutcomeOK, Index: 2, Term: 1}
	return []storyTest{
		{"a request", taken(good).reply(1, n, ok), ""},
		{"answered twice", taken(twice).reply(1, n, ok).reply(1, n, ok),
			"oneOutcome: S1 answered a request that it does not have, or a second time."},
		{"refused and yet made", taken(refused).reply(1, n, trace.Answered{
			Outcome: raft.OutcomeRefused}),
			"oneOutcome: S1 refused a request of which it had made the entry at index 2."},
		{"made twice", taken(led()).tell(1, proposed(3, 1, raft.Ref(n))),
			"oneOutcome: S1 made the entries 2 and 3 of one request."},
		{"answered with another entry", taken(other).reply(1, n, answeredOK),
			"writesKept: S1 answered a request with index 1 of term 1, and its entry stands at"},
	}
}
