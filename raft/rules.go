package raft

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
	// section 5.3).
	FollowerCommit func(commit, leaderCommit, proven Index) Index

	// MayCommit says whether a leader may commit an entry by counting: only one of its own term
	// (section 5.4.2, Figure 8).
	MayCommit func(entry, current Term) bool

	// OwnMatch gives the index up to which a leader counts itself: what it has saved.
	OwnMatch func(last, saved Index) Index

	// NextAfterRefusal gives what the leader sends next to a follower that refused: never at or
	// below what is known to match, never above what was refused (section 5.3).
	NextAfterRefusal func(match, rejected, agrees Index) Index

	// VoteNeedsSave says whether a vote waits until term and vote are saved (section 5.2, Figure 2
	// 'persistent state').
	VoteNeedsSave func() bool

	// AckNeedsSave says whether an acknowledgement waits until the entries are saved.
	AckNeedsSave func() bool
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
		MayCommit:        func(entry, current Term) bool { return entry == current },
		OwnMatch:         func(_, saved Index) Index { return saved },
		NextAfterRefusal: nextAfterRefusal,
		VoteNeedsSave:    func() bool { return true },
		AckNeedsSave:     func() bool { return true },
	}
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

func followerCommit(commit, leaderCommit, proven Index) Index {
	return max(commit, min(leaderCommit, proven))
}

func nextAfterRefusal(match, rejected, agrees Index) Index {
	return max(match+1, min(rejected, agrees+1))
}
