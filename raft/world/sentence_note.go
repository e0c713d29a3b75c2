package world

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// decidedText tells a decision of the core.
func decidedText(ev *trace.Event, n *raft.Note, s *trace.State) string {
	me := find(s, ev.ID.Node)
	if me != nil && !me.Known {
		me = nil
	}
	switch n.Kind {
	case raft.NoteTermAdvanced, raft.NoteBecameFollower, raft.NoteBecamePreCand,
		raft.NoteBecameCandidate, raft.NoteBecameLeader, raft.NoteDeadlineSet, raft.NoteQuorumLost,
		raft.NoteStopped:
		return roleText(ev, n, s, me)
	case raft.NoteVoteGranted:
		return grantedText(n, s, me)
	case raft.NoteVoteRefused:
		return refusedText(ev, n, me)
	case raft.NoteVoteCounted, raft.NoteVoteDenied:
		return ballotText(ev, n, s)
	case raft.NoteCreated:
		return createdText(n, s, ev.ID.Node)
	case raft.NoteCommitAdvanced:
		return committedText(n, s, me)
	case raft.NoteSnapshotOffered, raft.NoteSnapshotProgress, raft.NoteSnapshotInstalled,
		raft.NoteCompacted, raft.NoteSnapshotTaken:
		return snapshotText(n)
	case raft.NoteConfigured, raft.NoteBecameLearner, raft.NoteChangeRefused, raft.NoteCatchUp:
		return groupText(n)
	case raft.NoteReadBegun, raft.NoteReadConfirmed, raft.NoteReadRefused:
		return readText(n, s)
	case raft.NoteTransferBegun, raft.NoteTransferSent, raft.NoteTransferEnded,
		raft.NoteTransferRefused:
		return transferText(n)
	case raft.NoteDoubtful:
		return fmt.Sprintf("cannot tell whether its log, to %d, has lost what it acknowledged: "+
			"until it has caught up its vote counts only where everybody grants", n.Index)
	case raft.NoteTrusted:
		return trustedText(n)
	}
	return logText(n, me)
}

// roleText tells of terms, roles and time-outs.
func roleText(ev *trace.Event, n *raft.Note, s *trace.State, me *trace.NodeState) string {
	switch n.Kind {
	case raft.NoteTermAdvanced:
		if me != nil && me.Term < n.Term {
			return fmt.Sprintf("goes from term %d to term %d: %s", me.Term, n.Term, n.Why)
		}
		return fmt.Sprintf("goes to term %d: %s", n.Term, n.Why)
	case raft.NoteBecameFollower:
		return followerText(n, me)
	case raft.NoteBecamePreCand:
		if me != nil && me.Role == raft.PreCandidate {
			return fmt.Sprintf("asks for pre-votes for term %d again: it had %s", n.Term,
				electorateFor(s, me).share(granted(me), ""))
		}
		return "asks for pre-votes: " + sinceText(ev, n, me)
	case raft.NoteBecameCandidate:
		return candidateText(ev, n, s, me)
	case raft.NoteBecameLeader:
		return fmt.Sprintf("leads term %d with %s", n.Term, ofAll(n.Count, s, "vote", "votes"))
	case raft.NoteDeadlineSet:
		return deadlineText(n)
	case raft.NoteQuorumLost:
		return fmt.Sprintf("heard from only %s within a time-out, itself included",
			ofAll(n.Count, s, "server", "servers"))
	}
	return "stops for good: " + n.Why.String()
}

// ofAll gives how many of how many: 3 of 5 votes; 3 votes when the whole is not known.
func ofAll(n uint32, s *trace.State, one, many string) string {
	if s == nil {
		return count(n, one, many)
	}
	voters := electorateOf(s)
	if len(voters.now) == 0 {
		return count(n, one, many)
	}
	return fmt.Sprintf("%d of %d %s", n, len(voters.now), many)
}

// granted gives those whose votes a candidate has, sorted.
func granted(me *trace.NodeState) (ids []raft.NodeID) {
	for i := range me.Tally {
		if me.Tally[i].Granted {
			ids = insert(ids, me.Tally[i].Peer)
		}
	}
	return ids
}

// sinceText says why an election begins; where it is known, whose word is missing since when.
func sinceText(ev *trace.Event, n *raft.Note, me *trace.NodeState) string {
	waits := n.Why == raft.WhyElectionTimeout && me != nil && me.Role == raft.Follower &&
		me.DeadlineFrom > 0
	switch {
	case waits && me.Leader != 0:
		return fmt.Sprintf("no word from %v for %s", me.Leader, span(ev.At-me.DeadlineFrom))
	case waits:
		return fmt.Sprintf("no word from a leader for %s", span(ev.At-me.DeadlineFrom))
	}
	return n.Why.String()
}

func candidateText(ev *trace.Event, n *raft.Note, s *trace.State, me *trace.NodeState) string {
	text := fmt.Sprintf("stands for term %d: ", n.Term)
	switch {
	case n.Why == raft.WhyPreVoteWon && me != nil && me.Pre && me.Role == raft.PreCandidate:
		return fmt.Sprintf("%s%s would vote for it", text,
			electorateFor(s, me).share(granted(me), ""))
	case n.Why == raft.WhyElectionTimeout && me != nil && me.Role == raft.Candidate:
		return fmt.Sprintf("%snobody won term %d in time, it had %s", text, me.Term,
			electorateFor(s, me).share(granted(me), "votes"))
	}
	return text + sinceText(ev, n, me)
}

func followerText(n *raft.Note, me *trace.NodeState) string {
	was := ""
	if me != nil {
		switch me.Role {
		case raft.Leader:
			was = "steps down as leader: " // its term has moved on already where that is the cause
			if n.Why != raft.WhyHigherTerm {
				was = fmt.Sprintf("steps down as leader of term %d: ", me.Term)
			}
		case raft.Candidate:
			was = "gives up its candidacy: "
		case raft.PreCandidate:
			was = "asks no more for pre-votes: "
		}
	}
	switch {
	case n.Why == raft.WhyLeaderFound && n.Peer != 0:
		if was != "" {
			return fmt.Sprintf("%sit follows %v, which leads term %d", was, n.Peer, n.Term)
		}
		return fmt.Sprintf("follows %v, which leads term %d", n.Peer, n.Term)
	case n.Why == raft.WhyHigherTerm && was != "":
		return fmt.Sprintf("%sthere is a higher term, %d", was, n.Term)
	case n.Why == raft.WhyHigherTerm:
		return fmt.Sprintf("is a follower in term %d, of nobody yet", n.Term)
	case was != "":
		return was + n.Why.String()
	case me != nil && me.Role == raft.Learner:
		return "has a vote from now on"
	}
	return "steps down: " + n.Why.String()
}

func deadlineText(n *raft.Note) string {
	why := n.Why.String()
	switch {
	case n.Why == raft.WhyHeardLeader && n.Peer != 0:
		why = n.Peer.String() + " sent word"
	case n.Why == raft.WhyGrantedVote && n.Peer != 0:
		why = "it gave " + n.Peer.String() + " its vote"
	}
	return fmt.Sprintf("will stand for election in %s unless it hears from a leader: %s",
		span(n.Left), why)
}

// grantedText tells of a vote that is given. What the candidate's log holds is known from the state
// as long as it stands: a candidate's log does not change.
func grantedText(n *raft.Note, s *trace.State, me *trace.NodeState) string {
	if !n.Pre {
		if me != nil && me.Term == n.Term && me.Vote == n.Peer {
			return fmt.Sprintf("votes for %v in term %d once more: the first answer may be lost",
				n.Peer, n.Term)
		}
		if me != nil {
			return fmt.Sprintf("votes for %v, its first vote in term %d", n.Peer, n.Term)
		}
		return fmt.Sprintf("votes for %v in term %d", n.Peer, n.Term)
	}
	text := fmt.Sprintf("would vote for %v in term %d", n.Peer, n.Term)
	c := find(s, n.Peer)
	if me == nil || !up(c) || c.Role != raft.PreCandidate {
		return text
	}
	theirs, own := c.Log.Last(), me.Log.Last()
	switch {
	case theirs.Index == own.Index && theirs.Term == own.Term:
		return fmt.Sprintf("%s: both logs end at %s", text, placeText(own.Index, own.Term))
	case theirs.Term > own.Term || theirs.Term == own.Term && theirs.Index > own.Index:
		return fmt.Sprintf("%s: its log ends at %s, %v's own at %s", text,
			placeText(theirs.Index, theirs.Term), me.ID, placeText(own.Index, own.Term))
	}
	return text
}

// refusedText tells of a vote that is refused, with the numbers that decided.
func refusedText(ev *trace.Event, n *raft.Note, me *trace.NodeState) string {
	text := fmt.Sprintf("refuses %v its vote for term %d: ", n.Peer, n.Term)
	if n.Pre {
		text = fmt.Sprintf("would not vote for %v in term %d: ", n.Peer, n.Term)
	}
	if me == nil {
		return text + n.Why.String()
	}
	last := me.Log.Last()
	switch {
	case n.Why == raft.WhyLogBehindTerm:
		return fmt.Sprintf("%s%v's last entry is of term %d, %v's of term %d", text, n.Peer,
			n.LogTerm, me.ID, last.Term)
	case n.Why == raft.WhyLogBehindIndex:
		return fmt.Sprintf("%s%v's log ends at %d, %v's at %d, both in term %d", text, n.Peer,
			n.Index, me.ID, last.Index, last.Term)
	case n.Why == raft.WhyAlreadyVoted && me.Vote == me.ID:
		return text + "it has voted for itself"
	case n.Why == raft.WhyAlreadyVoted && me.Vote != 0:
		return fmt.Sprintf("%sits vote of this term is given to %v", text, me.Vote)
	case n.Why == raft.WhyStaleTerm:
		return fmt.Sprintf("%s%v is in term %d already", text, me.ID, me.Term)
	case n.Why == raft.WhyLeaderAlive && me.Role == raft.Leader:
		return fmt.Sprintf("%sit leads term %d itself", text, me.Term)
	case n.Why == raft.WhyLeaderAlive && me.Leader != 0 && me.DeadlineFrom > 0:
		return fmt.Sprintf("%sit heard from %v, its leader, %s", text, me.Leader,
			ago(ev.At-me.DeadlineFrom))
	case n.Why == raft.WhyLeaderKnown && me.Leader != 0:
		return fmt.Sprintf("%s%v leads this term", text, me.Leader)
	}
	return text + n.Why.String()
}

// ballotText tells what a candidate hears.
func ballotText(ev *trace.Event, n *raft.Note, s *trace.State) string {
	what := "vote"
	if n.Pre {
		what = "pre-vote"
	}
	if n.Kind == raft.NoteVoteDenied {
		return fmt.Sprintf("gets no %s from %v for term %d: %s", what, n.Peer, n.Term, n.Why)
	}
	whose := n.Peer.String() + "'s"
	if n.Peer == ev.ID.Node {
		whose = "its own"
	}
	return fmt.Sprintf("counts %s %s for term %d, %s so far", whose, what, n.Term,
		ofAll(n.Count, s, what, what+"s"))
}

// createdText tells of entries that a leader made, and what the client wanted.
func createdText(n *raft.Note, s *trace.State, id raft.NodeID) string {
	if n.Why == raft.WhyNewTerm {
		return fmt.Sprintf("appends %s, empty: only with an entry of its own term can it commit",
			indexes(n.From, n.To))
	}
	text := "appends " + indexes(n.From, n.To) + " for a client"
	if n.Why != raft.WhyProposed {
		text = "appends " + indexes(n.From, n.To) + ": " + n.Why.String()
	}
	if r := requestAt(s, id, n.From); r != nil && n.From == n.To {
		text = fmt.Sprintf("takes %s at %d", command(r.Op, r.Key, r.Value), n.From)
	} else if len(n.Entries) == 1 {
		text += ", " + size(uint64(len(n.Entries[0].Data)))
	}
	if s == nil || len(s.Links) == 0 {
		return text
	}
	voters := electorateFor(s, find(s, id))
	if can := reach(s, voters, id); !voters.enough(can) {
		others := without(can, id)
		if len(others) == 0 {
			return text + ", cannot commit it: it reaches nobody"
		}
		return text + ", cannot commit it: it reaches only " + namesOrCount(others)
	}
	return text
}

// snapshotText tells of snapshots and what they make unnecessary.
func snapshotText(n *raft.Note) string {
	switch n.Kind {
	case raft.NoteSnapshotOffered:
		return fmt.Sprintf("sends %v its snapshot up to %d, %s: what %v needs is compacted", n.Peer,
			n.Index, size(n.Size), n.Peer)
	case raft.NoteSnapshotProgress:
		return fmt.Sprintf("has %s of %s of %v's snapshot up to %d", size(n.Offset), size(n.Size),
			n.Peer, n.Index)
	case raft.NoteSnapshotInstalled:
		if n.Why == raft.WhySnapshotKeepsLog {
			return fmt.Sprintf("installs %v's snapshot up to %d, and keeps what its log holds "+
				"behind it",
				n.Peer, n.Index)
		}
		return fmt.Sprintf("installs %v's snapshot up to %d; its log begins anew behind it", n.Peer,
			n.Index)
	case raft.NoteCompacted:
		return fmt.Sprintf("drops its log up to %d: a snapshot holds it", n.Index)
	}
	return fmt.Sprintf("has taken a snapshot up to %d, %s", n.Index, size(n.Size))
}

// logText tells of the log and of replication.
func logText(n *raft.Note, me *trace.NodeState) string {
	switch n.Kind {
	case raft.NoteAppended:
		return fmt.Sprintf("takes %s of term %d from %v", indexes(n.From, n.To), n.LogTerm, n.Peer)
	case raft.NoteTruncated:
		return fmt.Sprintf("drops %s of term %d: %v, which leads, has other entries there",
			indexes(n.From, n.To), n.LogTerm, n.Peer)
	case raft.NoteAppendRefused:
		text := fmt.Sprintf("refuses %v's append behind %d: ", n.Peer, n.Index)
		switch n.Why {
		case raft.WhyLogTooShort:
			return fmt.Sprintf("%sits log ends at %d", text, n.To)
		case raft.WhyLogConflict:
			return fmt.Sprintf("%sits entry there is of term %d, %v's of term %d", text, n.Term,
				n.Peer, n.LogTerm)
		}
		return text + n.Why.String()
	case raft.NoteProgress:
		return progressText(n)
	case raft.NoteMessageIgnored:
		if n.Why == raft.WhyStaleTerm && me != nil {
			return fmt.Sprintf("ignores %v: its message is of term %d, and this is term %d", n.Peer,
				n.Term, me.Term)
		}
		return fmt.Sprintf("ignores a message of %v: %s", n.Peer, n.Why)
	case raft.NoteProposalRefused:
		if n.Why == raft.WhyNotLeader && n.Peer != 0 {
			return fmt.Sprintf("refuses a client: it does not lead, %v does", n.Peer)
		}
		return "refuses a client: " + n.Why.String()
	}
	return fmt.Sprintf("decides something that this version does not know (%d)", n.Code)
}

func progressText(n *raft.Note) string {
	match := "does not know what it shares with " + n.Peer.String()
	if n.Match > 0 {
		match = fmt.Sprintf("knows that %v has saved up to %d", n.Peer, n.Match)
	}
	switch n.State {
	case raft.Probe:
		return fmt.Sprintf("%s, and probes at %d", match, n.Next)
	case raft.Snapshot:
		return match + ", and sends it a snapshot"
	}
	return fmt.Sprintf("%s, and sends from %d on", match, n.Next)
}
