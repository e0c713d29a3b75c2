package raft

import "github.com/raftarium/raftarium/raft/quorum"

// Rules is the paper's decisions, and the small computations that real systems got wrong, as a
// table of pure functions over values. It reads beside Figure 2. A historical bug is this table
// with one entry changed, in another package: the core itself has no bug switches.
type Rules struct {
	// LogIsCurrent says why a candidate's log is not at least as current as the voter's: compared
	// by the term of the last entry, then by its index (section 5.4.1). WhyNone if it is.
	LogIsCurrent func(candidate, voter Mark) Reason

	// MayVote says why a voter may not vote in its current term for this candidate: it has voted
	// for another, or knows of a leader (section 5.2). WhyNone if it may.
	MayVote func(vote, leader, candidate NodeID) Reason

	// VoteAfter gives the vote that a server keeps when its term goes from one to another: none in
	// a new term, its vote in the same one (section 5.2).
	VoteAfter func(from, to Term, vote NodeID) NodeID

	// VoteCounts says whether an answer to a vote request counts: only for the campaign that is
	// under way, of its kind and for its term (section 5.2).
	VoteCounts func(pre bool, forTerm Term, asksPre bool, asksFor Term) bool

	// Matches says whether a follower's log agrees with the leader's at the entry before an append
	// (AppendEntries rule 2, section 5.3). held is false when the follower has no such entry.
	Matches func(term Term, held bool, prevTerm Term) Reason

	// CutFrom gives the first index that a follower must drop to take entries: that of the first
	// entry whose term differs from the follower's own (AppendEntries rule 3, section 5.3). 0 drops
	// nothing. own gives the term of the follower's entry.
	CutFrom func(prev Index, entries []Entry, last Index, own func(Index) Term) Index

	// Proven gives the index up to which an accepted append has proven the follower's log equal to
	// the leader's, and that is all the follower may acknowledge (section 5.3).
	Proven func(prev Index, entries int, last Index) Index

	// FollowerCommit gives a follower's commit index behind an append (AppendEntries rule 5,
	// section 5.3): never beyond what the append has proven. last is where its log ends.
	FollowerCommit func(commit, leaderCommit, proven, last Index) Index

	// MayCommit says whether a leader may commit an entry by counting: only one of its own term
	// (section 5.4.2, Figure 8).
	MayCommit func(entry, current Term) bool

	// OwnMatch gives the index up to which a leader counts itself: what it has saved.
	OwnMatch func(last, saved Index) Index

	// FirstNext gives what a new leader sends first to the others: what follows its own last entry
	// (Figure 2, nextIndex). atStart is where its log ended when it was started.
	FirstNext func(last, atStart Index) Index

	// NextAfterRefusal gives what the leader sends next to a follower that refused: never at or
	// below what is known to match, never above what was refused (section 5.3).
	NextAfterRefusal func(match, rejected, agrees Index) Index

	// VoteNeedsSave says whether a vote waits until term and vote are saved (section 5.2, Figure 2
	// 'persistent state').
	VoteNeedsSave func() bool

	// OwnVoteNeedsSave says whether a candidate's vote for itself waits until it is saved.
	OwnVoteNeedsSave func() bool

	// AckNeedsSave says whether an acknowledgement waits until the entries are saved.
	AckNeedsSave func() bool

	// SavedWith gives the write by whose completion an entry counts as saved: the one that wrote
	// it, and not an earlier one under way (0 for none) of what stood there before it was cut off.
	SavedWith func(cut, own WriteID) WriteID

	// NextTerm gives the term that a server stands for: always one that it was never in before
	// (section 5.2).
	NextTerm func(term Term, vote, self NodeID) Term

	// MayGrant says why a server that is a learner as far as it knows may not vote: it may, as it
	// cannot know that it was promoted (thesis 4.2.1).
	MayGrant func(learner bool) Reason

	// Stands says whether a server may stand for election as far as its own vote goes: one that
	// only learns may not (thesis 4.2.1).
	Stands func(voter bool) bool

	// LastForVotes gives what a candidate says of its log and a voter compares with: its last
	// entry as it is now (section 5.4.1). cut is the highest index that was ever cut off.
	LastForVotes func(last Mark, cut Index, term Term) Mark

	// TakesTerm says whether a server goes to the later term that a message of some kind tells of:
	// always (section 5.1), also where it refuses a candidate its vote because of its log.
	TakesTerm func(k BodyKind, log Reason) bool

	// Sticky says whether hearing a leader refuses votes (thesis 4.2.3); it gives the reason back.
	Sticky func(why Reason) Reason

	// AnswersStaleVote says whether a vote request of an earlier term is answered, so that the
	// candidate learns the term (section 5.1).
	AnswersStaleVote func() bool

	// Wins says whether an election is won: by a majority of sure votes in each half of the
	// configuration, or with doubtful ones among them if every member granted; all counts the
	// learners too.
	Wins func(sure, sureOutgoing, all, allOutgoing quorum.Tally) bool

	// Agree says whether a majority of each half was heard (thesis 6.2, section 6).
	Agree func(voters, outgoing quorum.Tally) bool

	// Stuck says whether a leader's own disk has stood still for too long.
	Stuck func(since, limit Time) bool

	// BeginsTerm says whether a new leader appends an entry of its own (thesis 6.4).
	BeginsTerm func() bool

	// HearsFrom says whether appends and snapshots may come from a server, given who leads the term
	// as far as is known: there is one leader in a term (section 5.2).
	HearsFrom func(leader, from NodeID) bool

	// GivesWay says whether who stands or leads gives way to the word of a leader of its term:
	// always (section 5.2). A follower is one already.
	GivesWay func(role Role) bool

	// FirstContact says whether an append tells a server in doubt what its leader's log held at
	// first contact: only one that was sent to this incarnation (doubt.go).
	FirstContact func(to, boot uint32) bool

	// HeardByRefused says whether an append that is refused is a word of the leader as well.
	HeardByRefused func() bool

	// BeatsWhenFull says whether heartbeats go on to a member whose window is full: what was lost
	// is only found by them.
	BeatsWhenFull func(full bool) bool

	// StaleCounts says whether a message of an earlier term is taken as if it were of this one:
	// never (section 5.1).
	StaleCounts func(k BodyKind) bool

	// Reached gives the index that a majority of each half has, and how many have it (section 6).
	// own is what the leader has saved itself, which is among them only if it has a vote. It may
	// sort what it gets.
	Reached func(own Index, voters, outgoing []Index) (Index, int)

	// Counts says whether a member counts in majorities: only voters do (thesis 4.2.1).
	Counts func(voter, member bool) bool

	// MayChange says why the configuration may not be changed now, given whether the newest one is
	// committed and whether an entry of the leader's term is (thesis 4.1).
	MayChange func(settled, ownTerm bool) Reason

	// PopsConfig says whether cutting the log from an index takes a configuration with it (section
	// 6: a server always uses the latest configuration in its log).
	PopsConfig func(at, cut Index) bool

	// KeepsConfig says whether a configuration behind an installed snapshot stays: only with the
	// log that holds it.
	KeepsConfig func(keepsLog bool) bool

	// SnapshotConfig gives the configuration that a snapshot keeps: that as of its last entry.
	SnapshotConfig func(then, now *Configuration) *Configuration

	// LeavesJoint says whether a leader leaves the joint configuration: when it is committed
	// (section 6) and so is an entry of its own term, whoever was asked for the change.
	LeavesJoint func(committed, ownTerm, asked bool) bool

	// LeavesLead says whether a leader without a vote stops leading: when its removal is committed
	// (thesis 4.2.2).
	LeavesLead func(committed bool) bool

	// CommitAtStart gives the commit index behind a restart: what the snapshot holds is committed
	// (section 7).
	CommitAtStart func(snapshot Index) Index

	// MayPropose says why a leader takes no proposals now: it is handing over (thesis 3.10).
	MayPropose func(transferring bool) Reason

	// LostOutcome gives what a leader that is deposed answers for a proposal whose entry others may
	// have: nobody knows what becomes of it (section 8).
	LostOutcome func() Outcome

	// MayRead says whether a leader knows what is committed: once it has committed an entry of its
	// own term (thesis 6.4).
	MayRead func(committed, current Term) bool

	// FirstQuestion gives the number behind which a server counts its questions for an index to
	// read at (thesis 6.4): no incarnation repeats those of another, whose answers may still
	// come.
	FirstQuestion func(boot uint32) uint64

	// ReadConfirmed says whether a read of one round is proven by answers to another: to the same
	// or a later one, begun after the read came (thesis 6.4).
	ReadConfirmed func(round, answered uint64) bool

	// LeaseSpan gives how long a lease lasts, given the shortest election time-out and how far
	// clocks may drift apart, in parts per million (thesis 6.4.1).
	LeaseSpan func(shortest Time, drift uint32) Time

	// LeaseSurvives says whether the lease holds in spite of a transfer (thesis 6.4.1, 3.10).
	LeaseSurvives func(transferring bool) bool

	// KeepsLog says whether a log keeps what follows an installed snapshot: if it holds the
	// snapshot's last entry (section 7).
	KeepsLog func(held bool, term, snapshot Term) bool
}

// Standard gives the rules as the paper has them.
func Standard() *Rules {
	return &Rules{
		LogIsCurrent:     logIsCurrent,
		MayVote:          mayVote,
		VoteAfter:        voteAfter,
		VoteCounts:       voteCounts,
		Matches:          matches,
		CutFrom:          cutFrom,
		Proven:           proven,
		FollowerCommit:   followerCommit,
		SavedWith:        func(_, own WriteID) WriteID { return own },
		Stands:           func(voter bool) bool { return voter },
		LastForVotes:     func(last Mark, _ Index, _ Term) Mark { return last },
		TakesTerm:        func(BodyKind, Reason) bool { return true },
		FirstNext:        func(last, _ Index) Index { return last + 1 },
		CommitAtStart:    func(snapshot Index) Index { return snapshot },
		MayPropose:       mayPropose,
		FirstQuestion:    func(boot uint32) uint64 { return uint64(boot-1) << 32 },
		LostOutcome:      func() Outcome { return OutcomeUnknown },
		MayCommit:        func(entry, current Term) bool { return entry == current },
		OwnMatch:         func(_, saved Index) Index { return saved },
		NextAfterRefusal: nextAfterRefusal,
		VoteNeedsSave:    func() bool { return true },
		OwnVoteNeedsSave: func() bool { return true },
		AckNeedsSave:     func() bool { return true },
		NextTerm:         func(term Term, _, _ NodeID) Term { return term + 1 },
		MayGrant:         func(bool) Reason { return WhyNone },
		Sticky:           func(why Reason) Reason { return why },
		AnswersStaleVote: func() bool { return true },
		Wins:             wins,
		Agree:            quorum.Joint,
		Stuck:            func(since, limit Time) bool { return since > limit },
		BeginsTerm:       func() bool { return true },
		HearsFrom:        func(leader, from NodeID) bool { return leader == 0 || leader == from },
		GivesWay:         func(Role) bool { return true },
		FirstContact:     func(to, boot uint32) bool { return to == boot },
		HeardByRefused:   func() bool { return true },
		BeatsWhenFull:    func(bool) bool { return true },
		StaleCounts:      func(BodyKind) bool { return false },
		Reached:          reached,
		Counts:           func(voter, _ bool) bool { return voter },
		MayChange:        mayChange,
		PopsConfig:       func(at, cut Index) bool { return at >= cut },
		KeepsConfig:      func(keepsLog bool) bool { return keepsLog },
		SnapshotConfig:   func(then, _ *Configuration) *Configuration { return then },
		LeavesJoint:      func(committed, ownTerm, _ bool) bool { return committed && ownTerm },
		LeavesLead:       func(committed bool) bool { return committed },
		MayRead:          func(committed, current Term) bool { return committed == current },
		ReadConfirmed:    func(round, answered uint64) bool { return answered >= round },
		LeaseSpan:        leaseSpan,
		LeaseSurvives:    func(transferring bool) bool { return !transferring },
		KeepsLog: func(held bool, term, snapshot Term) bool {
			return held && term == snapshot
		},
	}
}

func wins(sure, sureOutgoing, all, allOutgoing quorum.Tally) bool {
	return quorum.Joint(sure, sureOutgoing) ||
		all.Won() && all.All() && allOutgoing.All()
}

func reached(_ Index, voters, outgoing []Index) (Index, int) {
	return quorum.ReachedBoth(voters, outgoing)
}

func mayPropose(transferring bool) Reason {
	if transferring {
		return WhyTransferring
	}
	return WhyNone
}

func mayChange(settled, ownTerm bool) Reason {
	switch {
	case !settled:
		return WhyChanging
	case !ownTerm:
		return WhyOwnTermFirst
	}
	return WhyNone
}

// leaseSpan leaves a hundredth for what happens between the look at the clock and the answer.
func leaseSpan(shortest Time, drift uint32) Time {
	return (shortest - shortest/100) * 1_000_000 / (1_000_000 + Time(drift))
}

func logIsCurrent(candidate, voter Mark) Reason {
	switch {
	case candidate.Term < voter.Term:
		return WhyLogBehindTerm
	case candidate.Term == voter.Term && candidate.Index < voter.Index:
		return WhyLogBehindIndex
	}
	return WhyNone
}

func proven(prev Index, entries int, _ Index) Index { return prev + Index(entries) }

func mayVote(vote, leader, candidate NodeID) Reason {
	switch {
	case vote == candidate:
		return WhyNone // an answer may have been lost: say it again
	case vote != 0:
		return WhyAlreadyVoted
	case leader != 0 && leader != candidate:
		return WhyLeaderKnown
	}
	return WhyNone
}

func voteAfter(from, to Term, vote NodeID) NodeID {
	if from == to {
		return vote
	}
	return 0
}

func voteCounts(pre bool, forTerm Term, asksPre bool, asksFor Term) bool {
	return pre == asksPre && forTerm == asksFor
}

func matches(term Term, held bool, prevTerm Term) Reason {
	switch {
	case !held:
		return WhyLogTooShort
	case term != prevTerm:
		return WhyLogConflict
	}
	return WhyNone
}

func cutFrom(_ Index, entries []Entry, last Index, own func(Index) Term) Index {
	for i := range entries {
		switch e := &entries[i]; {
		case e.Index > last:
			return 0
		case own(e.Index) != e.Term:
			return e.Index
		}
	}
	return 0
}

func followerCommit(commit, leaderCommit, proven, _ Index) Index {
	return max(commit, min(leaderCommit, proven))
}

func nextAfterRefusal(match, rejected, agrees Index) Index {
	return max(match+1, min(rejected, agrees+1))
}
