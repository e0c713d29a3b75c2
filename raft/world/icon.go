package world

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Icon gives the name of the sign that stands before an event in a list: preVote, vote, leader,
// append, commit, cut, heal, kill, restart, pause, client, snapshot, down, violation, follower,
// learner, config, transfer, doubt or truncate. It is empty for what happens all the time and
// only fills lists: heartbeats, time-outs, saves, acknowledgements.
func Icon(ev *trace.Event) string { return IconIn(ev, nil) }

// IconIn is Icon with what the state just before the event adds: a follower that only goes to a new
// term is not worth a line, a leader that steps down is.
func IconIn(ev *trace.Event, s *trace.State) string {
	switch b := ev.Body.(type) {
	case trace.Decided:
		return noteIcon(&b.Note, find(s, ev.ID.Node))
	case trace.LinkSet:
		switch {
		case b.Link.Cut:
			return "cut"
		case s == nil || cut(s, b.From, b.To):
			return "heal"
		}
	case trace.Started:
		return "restart"
	case trace.Crashed, trace.Stopped, trace.SaveFailed:
		return "kill"
	case trace.Paused, trace.Resumed:
		return "pause"
	case trace.Loaded:
		return "snapshot"
	case trace.Silent:
		return "down"
	case trace.Violation:
		return "violation"
	case trace.Requested:
		if b.Request.None() {
			return "client"
		}
	case trace.Returned:
		if b.Outcome == raft.OutcomeUnknown || b.Outcome == raft.OutcomeRefused && !b.Retry {
			return "client"
		}
	}
	return ""
}

// noteIcon gives the sign of a decision; me is the node before it, or nil.
func noteIcon(n *raft.Note, me *trace.NodeState) string {
	switch n.Kind {
	case raft.NoteBecameFollower:
		return followerIcon(n, me)
	case raft.NoteBecameLearner:
		if n.Peer != 0 || me == nil || me.Role != raft.Learner {
			return "learner"
		}
	case raft.NoteConfigured:
		if n.Why != raft.WhyStarted { // as it was before
			return "config"
		}
	case raft.NoteCatchUp, raft.NoteChangeRefused:
		return "config"
	case raft.NoteTransferBegun, raft.NoteTransferSent, raft.NoteTransferEnded:
		return "transfer"
	case raft.NoteDoubtful, raft.NoteTrusted:
		return "doubt"
	case raft.NoteBecamePreCand:
		return "preVote"
	case raft.NoteBecameCandidate:
		return "vote"
	case raft.NoteVoteGranted, raft.NoteVoteRefused:
		if n.Pre {
			return "preVote"
		}
		return "vote"
	case raft.NoteBecameLeader:
		return "leader"
	case raft.NoteQuorumLost:
		return "down"
	case raft.NoteStopped:
		return "kill"
	case raft.NoteCreated:
		if n.Why == raft.WhyProposed {
			return "client"
		}
		return "append"
	case raft.NoteAppendRefused:
		return "append"
	case raft.NoteTruncated:
		return "truncate"
	case raft.NoteCommitAdvanced:
		if n.Why == raft.WhyQuorumSaved {
			return "commit"
		}
	case raft.NoteSnapshotOffered, raft.NoteSnapshotInstalled, raft.NoteCompacted,
		raft.NoteSnapshotTaken:
		return "snapshot"
	}
	return ""
}

func followerIcon(n *raft.Note, me *trace.NodeState) string {
	switch {
	case n.Peer != 0:
		return "follower"
	case me == nil:
		if n.Why == raft.WhyHigherTerm {
			return ""
		}
		return "down"
	case me.Role == raft.Leader:
		return "down"
	case me.Role == raft.Follower:
		return ""
	}
	return "follower"
}
