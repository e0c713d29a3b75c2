package raft

import "strconv"

// Reason says why: why a vote was refused, a leader stepped down, a message changed nothing.
// Values are frozen: wire and recordings hold them; new ones come at the end.
type Reason uint8

// The reasons.
const (
	WhyNone             Reason = 0
	WhyHigherTerm       Reason = 1  // a message carried a higher term
	WhyElectionTimeout  Reason = 2  // no word from a leader within the time-out
	WhyAsked            Reason = 3  // somebody asked for it: a campaign, a step-down
	WhyPreVoteWon       Reason = 4  // a quorum would vote for it
	WhyLeaderFound      Reason = 5  // the leader of this term made itself known
	WhyNoQuorum         Reason = 6  // it did not hear from a quorum within a time-out
	WhyStarted          Reason = 7  // the node has just started
	WhyHeardLeader      Reason = 8  // the leader of this term sent word
	WhyGrantedVote      Reason = 9  // it gave somebody its vote
	WhyStaleTerm        Reason = 10 // the message is of an earlier term
	WhyAlreadyVoted     Reason = 11 // its vote of this term is given to another
	WhyLeaderAlive      Reason = 12 // it has heard from a leader within the shortest time-out
	WhyLogBehindTerm    Reason = 13 // the candidate's last entry has an earlier term
	WhyLogBehindIndex   Reason = 14 // same last term, but the candidate's log is shorter
	WhyLeaderKnown      Reason = 15 // another server leads this term
	WhyLogTooShort      Reason = 16 // there is no entry at the index before the append
	WhyLogConflict      Reason = 17 // the entry before the append has another term
	WhyLogCompacted     Reason = 18 // what is needed is cut (not given any more)
	WhyQuorumSaved      Reason = 19 // a quorum has saved it, and it is of the leader's own term
	WhyLeaderCommitted  Reason = 20 // the leader says so, and the log is proven up to there
	WhySnapshotHolds    Reason = 21 // a snapshot holds only what is committed
	WhyNotLeader        Reason = 22 // this server does not lead
	WhyLostLeadership   Reason = 23 // it stopped leading before the entry was committed
	WhyWrongGroup       Reason = 24 // the message is of another group
	WhyUnknownMember    Reason = 25 // the sender or the addressee is no member
	WhyNoCampaign       Reason = 26 // an answer to a campaign that is over
	WhyNewTerm          Reason = 27 // a leader's first entry
	WhyProposed         Reason = 28 // a client asked for it
	WhySnapshotOld      Reason = 29 // the snapshot holds nothing that is not committed here
	WhySnapshotKeepsLog Reason = 30 // the log holds the snapshot's last entry; the rest stays
	WhySnapshotResets   Reason = 31 // the log lacks the snapshot's last entry; it begins anew
	WhySaveFailed       Reason = 32 // the disk failed; what was promised can no longer be kept
	WhyTooLarge         Reason = 33 // over a size limit
	WhyTooMany          Reason = 34 // too many are waiting
	WhyStopping         Reason = 35 // the server is shutting down
	WhyCannotBe         Reason = 36 // no correct server sends this
	WhyInstalling       Reason = 37 // a snapshot is being installed
	WhyOwnTermFirst     Reason = 38 // a quorum has it, but it is of an earlier term
	WhyWaitsForDisk     Reason = 39 // a write of its own is still under way
	WhyTransfer         Reason = 40 // the leader hands over to it
	WhyTransferring     Reason = 41 // leadership is being handed over
	WhyChanging         Reason = 42 // the configuration is being changed
	WhyNoVoters         Reason = 43 // nobody would have a vote
	WhyTooSlow          Reason = 44 // it did not catch up in time
	WhyRemoved          Reason = 45 // it has no vote any more
	WhyPreferred        Reason = 46 // a preferred server has caught up
	WhyLease            Reason = 47 // the lease of the leader holds
	WhyQuorumAnswered   Reason = 48 // a quorum has answered a round that began later
	WhyDoubtful         Reason = 49 // its log may have lost what it acknowledged
	WhyCaughtUp         Reason = 50 // it has all that the leader had at first contact
	WhyPromised         Reason = 51 // it may have promised a leader not to vote yet
	WhyNoLeader         Reason = 52 // it knows of no leader
	WhyTimeout          Reason = 53 // it took too long
	WhyNotVoter         Reason = 54 // it has no vote
	WhyUnreachable      Reason = 55 // it was not heard of lately
	WhyJointLeft        Reason = 56 // the joint configuration is committed and left
	WhyCatchUp          Reason = 57 // a newcomer gets the log before it gets a vote
	WhyNoRead           Reason = 58 // an answer to a read that nobody waits for
	WhyAllGranted       Reason = 59 // every member granted its vote
	WhyUnreadable       Reason = 60 // the machine cannot be restored from the snapshot
)

type reasonSpec struct{ name, text, section string }

var reasonSpecs = [...]reasonSpec{
	WhyNone:             {"", "", ""},
	WhyHigherTerm:       {"higherTerm", "a higher term was seen", "5.1"},
	WhyElectionTimeout:  {"electionTimeout", "no word from a leader within the time-out", "5.2"},
	WhyAsked:            {"asked", "it was asked to", ""},
	WhyPreVoteWon:       {"preVoteWon", "a quorum would vote for it", "thesis 9.6"},
	WhyLeaderFound:      {"leaderFound", "the leader of this term made itself known", "5.2"},
	WhyNoQuorum:         {"noQuorum", "it heard from no quorum within a time-out", "thesis 6.2"},
	WhyStarted:          {"started", "it has just started", "5.2"},
	WhyHeardLeader:      {"heardLeader", "the leader sent word", "5.2"},
	WhyGrantedVote:      {"grantedVote", "it gave its vote", "5.2"},
	WhyStaleTerm:        {"staleTerm", "the message is of an earlier term", "5.1"},
	WhyAlreadyVoted:     {"alreadyVoted", "its vote of this term is given to another", "5.2"},
	WhyLeaderAlive:      {"leaderAlive", "it has just heard from a leader", "thesis 4.2.3"},
	WhyLogBehindTerm:    {"logBehindTerm", "the candidate's last term is earlier", "5.4.1"},
	WhyLogBehindIndex:   {"logBehindIndex", "the candidate's log is shorter", "5.4.1"},
	WhyLeaderKnown:      {"leaderKnown", "another server leads this term", "5.2"},
	WhyLogTooShort:      {"logTooShort", "its log ends before the append begins", "5.3"},
	WhyLogConflict:      {"logConflict", "its entry there has another term", "5.3"},
	WhyLogCompacted:     {"logCompacted", "what is needed is cut, a snapshot holds it", "7"},
	WhyQuorumSaved:      {"quorumSaved", "a quorum has saved it", "5.4.2"},
	WhyLeaderCommitted:  {"leaderCommitted", "the leader says so", "5.3"},
	WhySnapshotHolds:    {"snapshotHolds", "a snapshot holds only what is committed", "7"},
	WhyNotLeader:        {"notLeader", "this server does not lead", "8"},
	WhyLostLeadership:   {"lostLeadership", "it stopped leading before it was committed", "8"},
	WhyWrongGroup:       {"wrongGroup", "the message is of another group", ""},
	WhyUnknownMember:    {"unknownMember", "the sender or the addressee is no member", "6"},
	WhyNoCampaign:       {"noCampaign", "the answer is to a campaign that is over", "5.2"},
	WhyNewTerm:          {"newTerm", "a leader begins with an empty entry of its own term", "8"},
	WhyProposed:         {"proposed", "a client asked for it", "5.3"},
	WhySnapshotOld:      {"snapshotOld", "all of the snapshot is committed here already", "7"},
	WhySnapshotKeepsLog: {"snapshotKeepsLog", "the log holds the snapshot's last entry", "7"},
	WhySnapshotResets:   {"snapshotResets", "the log lacks the snapshot's last entry", "7"},
	WhySaveFailed:       {"saveFailed", "the disk failed", ""},
	WhyTooLarge:         {"tooLarge", "it is over a size limit", ""},
	WhyTooMany:          {"tooMany", "too many are waiting", ""},
	WhyStopping:         {"stopping", "the server is shutting down", ""},
	WhyCannotBe:         {"cannotBe", "no correct server sends this", ""},
	WhyInstalling:       {"installing", "a snapshot is being installed", "7"},
	WhyOwnTermFirst:     {"ownTermFirst", "a quorum has it, but it is of an earlier term", "5.4.2"},
	WhyWaitsForDisk:     {"waitsForDisk", "its own write is still under way", "5.2"},
	WhyTransfer:         {"transfer", "the leader hands over to it", "thesis 3.10"},
	WhyTransferring:     {"transferring", "leadership is being handed over", "thesis 3.10"},
	WhyChanging:         {"changing", "the configuration is being changed", "thesis 4.1"},
	WhyNoVoters:         {"noVoters", "nobody would have a vote", "6"},
	WhyTooSlow:          {"tooSlow", "it did not catch up in time", "thesis 4.2.1"},
	WhyRemoved:          {"removed", "it has no vote any more", "thesis 4.2.2"},
	WhyPreferred:        {"preferred", "a preferred server has caught up", "thesis 3.10"},
	WhyLease:            {"lease", "no other can have been elected yet", "thesis 6.4.1"},
	WhyQuorumAnswered:   {"quorumAnswered", "a quorum has answered since", "thesis 6.4"},
	WhyDoubtful:         {"doubtful", "its log may have lost what it acknowledged", ""},
	WhyCaughtUp:         {"caughtUp", "it has all that the leader had at first contact", ""},
	WhyPromised:         {"promised", "it may have promised a leader to wait", "thesis 6.4.1"},
	WhyNoLeader:         {"noLeader", "it knows of no leader", "8"},
	WhyTimeout:          {"timeout", "it took too long", ""},
	WhyNotVoter:         {"notVoter", "it has no vote", "thesis 4.2.1"},
	WhyUnreachable:      {"unreachable", "it was not heard of lately", ""},
	WhyJointLeft:        {"jointLeft", "the joint configuration is committed", "6"},
	WhyCatchUp:          {"catchUp", "it gets the log before it gets a vote", "thesis 4.2.1"},
	WhyNoRead:           {"noRead", "nobody waits for the answer any more", "thesis 6.4"},
	WhyAllGranted:       {"allGranted", "every member granted its vote", ""},
	WhyUnreadable:       {"unreadable", "its machine cannot read the snapshot", "7"},
}

// Name gives the reason's name as encodings write it; empty for none.
func (r Reason) Name() string {
	if int(r) < len(reasonSpecs) {
		return reasonSpecs[r].name
	}
	return "reason" + strconv.Itoa(int(r))
}

// String gives the reason in plain words, a clause without a full stop.
func (r Reason) String() string {
	if int(r) < len(reasonSpecs) {
		return reasonSpecs[r].text
	}
	return "a reason that this version does not know (" + strconv.Itoa(int(r)) + ")"
}

// Section gives the section of the paper ("5.2") or thesis ("thesis 9.6"); it may be empty.
func (r Reason) Section() string {
	if int(r) < len(reasonSpecs) {
		return reasonSpecs[r].section
	}
	return ""
}

// ReasonNamed finds a reason by its name; false if there is none.
func ReasonNamed(name string) (Reason, bool) {
	for r := range reasonSpecs {
		if reasonSpecs[r].name == name {
			return Reason(r), true
		}
	}
	return 0, false
}
