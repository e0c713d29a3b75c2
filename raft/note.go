package raft

import "strconv"

// Note is one decision of the core, made in the line where it was decided, with its reason. Notes
// are the core's log, and they are complete: role, term, vote, log, commit index, deadline and
// progress can be folded from them alone. They enter the trace unchanged.
//
// It is one flat struct so that a step allocates none. Each kind uses the fields that noteFields
// names for it, each always with the meaning told here.
type Note struct {
	Kind  NoteKind
	Code  NoteKind      // the kind of a note that this version does not know (NoteOther)
	Why   Reason        // the reason, where the kind leaves it open
	State ProgressState // what the leader does for Peer
	Pre   bool          // a pre-vote, not a vote
	Peer  NodeID        // the other server concerned: leader, candidate, voter, follower
	Count uint32        // how many servers, this one included
	Cause Ref           // the input that it follows from; 0 when time alone decided

	Term    Term    // the term that the decision is about
	Index   Index   // the index that the decision is about
	LogTerm Term    // the term of the entry at Index, or of the run From to To
	From    Index   // the first index of a range
	To      Index   // the last index of a range
	Digest  Digest  // of the log up to To; of a cut, up to From-1
	Pos     uint64  // the byte position behind To or Index
	Left    Time    // time left until a deadline
	Match   Index   // what Peer's saved log is known to share with the leader's
	Next    Index   // what the leader will send to Peer next
	Offset  uint64  // bytes of a snapshot already there
	Size    uint64  // bytes of a snapshot in all
	Entries []Entry // entries that a leader made
	Config  Packed  // a configuration
	Round   uint64  // a leader's round of heartbeats
	Raw     []byte  // a note of a kind that this version does not know
}

// NoteKind says what was decided. Values are frozen: recordings hold them; new ones come at the
// end.
type NoteKind uint8

// The kinds of note.
const (
	NoteTermAdvanced      NoteKind = 1  // a higher term was seen or begun; the vote is forgotten
	NoteBecameFollower    NoteKind = 2  // follows Peer in Term, or nobody yet
	NoteBecamePreCand     NoteKind = 3  // asks whether it would win Term
	NoteBecameCandidate   NoteKind = 4  // stands for Term and votes for itself
	NoteBecameLeader      NoteKind = 5  // won Term with Count votes
	NoteVoteGranted       NoteKind = 6  // gives Peer its vote for Term (Pre: would give it)
	NoteVoteRefused       NoteKind = 7  // does not
	NoteVoteCounted       NoteKind = 8  // a vote of Peer counts for this candidate
	NoteVoteDenied        NoteKind = 9  // Peer said no to this candidate
	NoteDeadlineSet       NoteKind = 10 // will stand for election in Left
	NoteCreated           NoteKind = 11 // as leader made the Entries, From to To
	NoteAppended          NoteKind = 12 // as follower took From to To, all of LogTerm
	NoteTruncated         NoteKind = 13 // dropped From to To: they differ from Peer's, which leads
	NoteAppendRefused     NoteKind = 14 // refused Peer's append behind Index
	NoteProgress          NoteKind = 15 // as leader knows Match, Next, State of Peer
	NoteCommitAdvanced    NoteKind = 16 // Index is committed (Count servers have it)
	NoteMessageIgnored    NoteKind = 17 // a message of Peer changed nothing
	NoteProposalRefused   NoteKind = 18 // a client's proposal was not taken; Peer leads
	NoteSnapshotOffered   NoteKind = 19 // sends Peer the snapshot at Index: what it needs is cut
	NoteSnapshotProgress  NoteKind = 20 // has Offset of Size bytes of Peer's snapshot
	NoteSnapshotInstalled NoteKind = 21 // all up to Index is now the snapshot's
	NoteCompacted         NoteKind = 22 // dropped the log up to Index: a snapshot holds it
	NoteQuorumLost        NoteKind = 23 // as leader heard only Count servers within a time-out
	NoteStopped           NoteKind = 24 // will do nothing more
	NoteSnapshotTaken     NoteKind = 25 // a snapshot of its own at Index is durable
	NoteConfigured        NoteKind = 26 // the configuration at Index is in force here
	NoteBecameLearner     NoteKind = 27 // follows Peer in Term and has no vote
	NoteChangeRefused     NoteKind = 28 // another configuration was not taken, or Peer is too slow
	NoteCatchUp           NoteKind = 29 // Peer must reach Index in round Count before it may vote
	NoteReadBegun         NoteKind = 30 // reads wait for Round and then for Index
	NoteReadConfirmed     NoteKind = 31 // reads at Index: Round was answered, or Left of a lease
	NoteReadRefused       NoteKind = 32 // a read was not taken; Peer leads or asks
	NoteTransferBegun     NoteKind = 33 // hands over to Peer, which must reach Index first
	NoteTransferSent      NoteKind = 34 // told Peer to stand for election, with its log at Index
	NoteTransferEnded     NoteKind = 35 // the handing over to Peer is over
	NoteDoubtful          NoteKind = 36 // its log, to Index, may have lost what it acknowledged
	NoteTrusted           NoteKind = 37 // it has all that Peer's log held at first contact
	NoteTransferRefused   NoteKind = 38 // will not hand over to Peer
	NoteOther             NoteKind = 255
)

// NoteField is a bit for each field of a note beside Kind and Cause.
type NoteField uint32

// The fields, in the order in which encodings write them. New ones come at the end.
const (
	FieldWhy NoteField = 1 << iota
	FieldTerm
	FieldPeer
	FieldPre
	FieldIndex
	FieldLogTerm
	FieldFrom
	FieldTo
	FieldDigest
	FieldPos
	FieldCount
	FieldLeft
	FieldState
	FieldMatch
	FieldNext
	FieldOffset
	FieldSize
	FieldEntries
	FieldConfig
	FieldRound
)

// noteSpec is what there is to know of a kind of note.
type noteSpec struct {
	name    string
	section string // of the paper; a reason's own section goes first
	fields  NoteField
}

var noteSpecs = [...]noteSpec{
	NoteTermAdvanced:    {"termAdvanced", "5.1", FieldWhy | FieldTerm | FieldPeer},
	NoteBecameFollower:  {"becameFollower", "5.2", FieldWhy | FieldTerm | FieldPeer},
	NoteBecamePreCand:   {"becamePreCandidate", "thesis 9.6", FieldWhy | FieldTerm},
	NoteBecameCandidate: {"becameCandidate", "5.2", FieldWhy | FieldTerm},
	NoteBecameLeader:    {"becameLeader", "5.2", FieldTerm | FieldCount},
	NoteVoteGranted:     {"voteGranted", "5.2", FieldTerm | FieldPeer | FieldPre},
	NoteVoteRefused: {"voteRefused", "5.2",
		FieldWhy | FieldTerm | FieldPeer | FieldPre | FieldIndex | FieldLogTerm},
	NoteVoteCounted: {"voteCounted", "5.2", FieldTerm | FieldPeer | FieldPre | FieldCount},
	NoteVoteDenied:  {"voteDenied", "5.2", FieldWhy | FieldTerm | FieldPeer | FieldPre},
	NoteDeadlineSet: {"deadlineSet", "5.2", FieldWhy | FieldPeer | FieldLeft},
	NoteCreated: {"created", "5.3",
		FieldWhy | FieldTerm | FieldFrom | FieldTo | FieldDigest | FieldPos | FieldEntries},
	NoteAppended: {"appended", "5.3",
		FieldPeer | FieldLogTerm | FieldFrom | FieldTo | FieldDigest | FieldPos},
	NoteTruncated: {"truncated", "5.3",
		FieldWhy | FieldPeer | FieldLogTerm | FieldFrom | FieldTo | FieldDigest | FieldPos},
	NoteAppendRefused: {"appendRefused", "5.3",
		FieldWhy | FieldPeer | FieldIndex | FieldLogTerm | FieldTo | FieldTerm},
	NoteProgress: {"progress", "5.3", FieldPeer | FieldState | FieldMatch | FieldNext},
	NoteCommitAdvanced: {"commitAdvanced", "5.3",
		FieldWhy | FieldPeer | FieldIndex | FieldLogTerm | FieldCount},
	NoteMessageIgnored:  {"messageIgnored", "5.1", FieldWhy | FieldPeer | FieldTerm},
	NoteProposalRefused: {"proposalRefused", "8", FieldWhy | FieldPeer},
	NoteSnapshotOffered: {"snapshotOffered", "7",
		FieldPeer | FieldIndex | FieldLogTerm | FieldSize},
	NoteSnapshotProgress: {"snapshotProgress", "7",
		FieldPeer | FieldIndex | FieldLogTerm | FieldOffset | FieldSize},
	NoteSnapshotInstalled: {"snapshotInstalled", "7",
		FieldWhy | FieldPeer | FieldIndex | FieldLogTerm | FieldDigest | FieldPos | FieldSize},
	NoteCompacted:  {"compacted", "7", FieldIndex | FieldLogTerm | FieldDigest | FieldPos},
	NoteQuorumLost: {"quorumLost", "thesis 6.2", FieldTerm | FieldCount},
	NoteStopped:    {"stopped", "", FieldWhy},
	NoteSnapshotTaken: {"snapshotTaken", "7",
		FieldIndex | FieldLogTerm | FieldDigest | FieldPos | FieldSize},
	NoteConfigured:    {"configured", "6", FieldWhy | FieldIndex | FieldConfig},
	NoteBecameLearner: {"becameLearner", "thesis 4.2.1", FieldWhy | FieldTerm | FieldPeer},
	NoteChangeRefused: {"changeRefused", "6", FieldWhy | FieldPeer},
	NoteCatchUp:       {"catchUp", "thesis 4.2.1", FieldPeer | FieldIndex | FieldCount},
	NoteReadBegun:     {"readBegun", "thesis 6.4", FieldIndex | FieldRound},
	NoteReadConfirmed: {"readConfirmed", "thesis 6.4",
		FieldWhy | FieldIndex | FieldCount | FieldLeft | FieldRound},
	NoteReadRefused:     {"readRefused", "thesis 6.4", FieldWhy | FieldPeer},
	NoteTransferBegun:   {"transferBegun", "thesis 3.10", FieldWhy | FieldPeer | FieldIndex},
	NoteTransferSent:    {"transferSent", "thesis 3.10", FieldWhy | FieldPeer | FieldIndex},
	NoteTransferEnded:   {"transferEnded", "thesis 3.10", FieldWhy | FieldPeer},
	NoteTransferRefused: {"transferRefused", "thesis 3.10", FieldWhy | FieldPeer},
	NoteDoubtful:        {"doubtful", "", FieldWhy | FieldIndex},
	NoteTrusted:         {"trusted", "", FieldWhy | FieldPeer | FieldIndex},
	NoteOther:           {"other", "", 0},
}

// Known reports whether this version knows the kind.
func (k NoteKind) Known() bool { return int(k) < len(noteSpecs) && noteSpecs[k].name != "" }

// Fields gives the fields that a kind uses.
func (k NoteKind) Fields() NoteField {
	if !k.Known() {
		return 0
	}
	return noteSpecs[k].fields
}

// String gives the kind's name as encodings write it.
func (k NoteKind) String() string {
	if !k.Known() {
		return "note " + strconv.Itoa(int(k))
	}
	return noteSpecs[k].name
}

// NoteKinds lists every kind that this version knows, in order.
func NoteKinds() []NoteKind {
	var ks []NoteKind
	for k := range noteSpecs {
		if NoteKind(k).Known() && NoteKind(k) != NoteOther {
			ks = append(ks, NoteKind(k))
		}
	}
	return ks
}

// Section gives the section of the paper ("5.2") or thesis ("thesis 9.6") that the decision rests
// on: that of its reason if it has one, else that of its kind. It may be empty.
func (n *Note) Section() string {
	if s := n.Why.Section(); s != "" {
		return s
	}
	if !n.Kind.Known() {
		return ""
	}
	return noteSpecs[n.Kind].section
}
