package world

import (
	"slices"
	"sort"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// decided folds a decision of the core. It is grouped by what the note is about; whatever falls
// through changes nothing that a state holds.
func decided(s *trace.State, b *trace.Bodies, ev *trace.Event, note *raft.Note) {
	if note.Kind == raft.NoteCreated && b != nil {
		for _, e := range note.Entries {
			b.Put(e)
		}
	}
	n := touch(s, ev)
	if n == nil {
		return
	}
	if !note.Kind.Known() || note.Kind == raft.NoteOther {
		odd(s, n)
		return
	}
	switch note.Kind {
	case raft.NoteDeadlineSet:
		n.Deadline, n.DeadlineFrom = ev.At+note.Left, ev.At
	case raft.NoteProgress:
		progressNoted(n, note)
	case raft.NoteCommitAdvanced:
		n.Commit = note.Index
	case raft.NoteCreated:
		appendRun(n, note.From, note.To, note.Term, note.Digest, note.Pos)
		placed(s, n.ID, note)
	case raft.NoteAppended:
		appendRun(n, note.From, note.To, note.LogTerm, note.Digest, note.Pos)
	case raft.NoteTruncated:
		cutLog(&n.Log, note.From, raft.Mark{Index: note.From - 1, Digest: note.Digest,
			Pos: note.Pos})
	case raft.NoteProposalRefused:
		notPlaced(s, n.ID, ev.At, note.Why)
	case raft.NoteStopped:
		forget(n)
		n.Alive, n.Down = false, "stopped"
	default:
		if !decidedRole(n, ev.At, note) && !decidedGroup(n, note) {
			decidedSnapshot(n, note)
		}
	}
}

// decidedGroup folds notes about who takes part and who shall lead; false for any other.
func decidedGroup(n *trace.NodeState, note *raft.Note) bool {
	switch note.Kind {
	case raft.NoteConfigured:
		n.Config, n.ConfigIndex = note.Config, note.Index
		if n.Role == raft.Leader {
			matchProgress(n)
		}
	case raft.NoteTransferBegun:
		n.HandsTo = note.Peer
	case raft.NoteTransferEnded:
		n.HandsTo = 0
	case raft.NoteDoubtful:
		n.Doubtful = true
	case raft.NoteTrusted:
		n.Doubtful = false
	default:
		return false
	}
	return true
}

// matchProgress gives a leader one progress for each other member of its configuration.
func matchProgress(n *trace.NodeState) {
	c := n.Configuration()
	ids := c.Members()
	next := n.Log.Last().Index + 1
	for _, id := range ids {
		if id != n.ID && !slices.ContainsFunc(n.Progress, func(p trace.Progress) bool {
			return p.Peer == id
		}) {
			*progressOf(n, id) = trace.Progress{Peer: id, Next: next}
		}
	}
	n.Progress = slices.DeleteFunc(n.Progress, func(p trace.Progress) bool {
		return !slices.Contains(ids, p.Peer)
	})
}

// decidedRole folds notes about term, vote, role and leader; false for any other.
func decidedRole(n *trace.NodeState, at raft.Time, note *raft.Note) bool {
	switch note.Kind {
	case raft.NoteTermAdvanced:
		n.Term, n.Vote, n.Leader = note.Term, 0, 0
	case raft.NoteBecameFollower:
		become(n, raft.Follower, at)
		n.Term, n.Leader = note.Term, note.Peer
	case raft.NoteBecameLearner:
		become(n, raft.Learner, at)
		n.Term, n.Leader = note.Term, note.Peer
	case raft.NoteBecamePreCand:
		become(n, raft.PreCandidate, at)
		n.Leader, n.Pre = 0, true
	case raft.NoteBecameCandidate:
		become(n, raft.Candidate, at)
		n.Term, n.Vote, n.Leader = note.Term, n.ID, 0
	case raft.NoteBecameLeader:
		lead(n, at, note)
	case raft.NoteVoteGranted:
		if !note.Pre {
			n.Term, n.Vote = note.Term, note.Peer
		}
	case raft.NoteVoteCounted:
		ballot(n, trace.Ballot{Peer: note.Peer, Granted: true})
	case raft.NoteVoteDenied:
		ballot(n, trace.Ballot{Peer: note.Peer, Why: note.Why})
	default:
		return false
	}
	return true
}

// become changes the role; whatever was counted for the old one is over.
func become(n *trace.NodeState, r raft.Role, at raft.Time) {
	if n.Role != r {
		n.Role, n.Since = r, at
	}
	n.Tally, n.Pre = n.Tally[:0], false
	n.Progress = n.Progress[:0]
}

// lead makes a leader: it has no deadline, keeps its tally as the proof of its election, and knows
// nothing of the others' logs.
func lead(n *trace.NodeState, at raft.Time, note *raft.Note) {
	if n.Role != raft.Leader {
		n.Role, n.Since = raft.Leader, at
	}
	n.Term, n.Leader, n.Pre = note.Term, n.ID, false
	n.Deadline, n.DeadlineFrom = 0, 0
	n.Progress, n.HandsTo = n.Progress[:0], 0
	matchProgress(n)
}

// ballot keeps what a server said last.
func ballot(n *trace.NodeState, b trace.Ballot) {
	for i := range n.Tally {
		if n.Tally[i].Peer == b.Peer {
			n.Tally[i] = b
			return
		}
	}
	if len(n.Tally) < maxNodes {
		n.Tally = append(n.Tally, b)
	}
}

// progressOf finds what a leader knows of a follower, making it if need be.
func progressOf(n *trace.NodeState, peer raft.NodeID) *trace.Progress {
	i := 0
	for i < len(n.Progress) && n.Progress[i].Peer < peer {
		i++
	}
	if i < len(n.Progress) && n.Progress[i].Peer == peer {
		return &n.Progress[i]
	}
	if len(n.Progress) >= maxNodes {
		return &trace.Progress{}
	}
	n.Progress = append(n.Progress, trace.Progress{})
	copy(n.Progress[i+1:], n.Progress[i:])
	n.Progress[i] = trace.Progress{Peer: peer}
	return &n.Progress[i]
}

func progressNoted(n *trace.NodeState, note *raft.Note) {
	p := progressOf(n, note.Peer)
	p.State, p.Match, p.Next = note.State, note.Match, note.Next
	if p.State != raft.Snapshot {
		p.Index, p.Offset, p.Size = 0, 0, 0
	}
}

// decidedSnapshot folds notes about snapshots.
func decidedSnapshot(n *trace.NodeState, note *raft.Note) {
	mark := raft.Mark{Index: note.Index, Term: note.LogTerm, Pos: note.Pos, Digest: note.Digest}
	switch note.Kind {
	case raft.NoteSnapshotOffered:
		p := progressOf(n, note.Peer)
		p.State, p.Index, p.Offset, p.Size = raft.Snapshot, note.Index, 0, note.Size
	case raft.NoteSnapshotProgress:
		n.Incoming = trace.Transfer{From: note.Peer, Index: note.Index, Term: note.LogTerm,
			Offset: note.Offset, Size: note.Size}
	case raft.NoteSnapshotInstalled:
		n.Incoming = trace.Transfer{}
		n.Snapshot = raft.SnapshotRef{Mark: mark, Size: note.Size}
		if note.Why == raft.WhySnapshotKeepsLog {
			compactLog(&n.Log, mark)
		} else {
			n.Log.Base, n.Log.Runs = mark, n.Log.Runs[:0]
		}
	case raft.NoteSnapshotTaken:
		n.Snapshot = raft.SnapshotRef{Mark: mark, Size: note.Size}
	case raft.NoteCompacted:
		compactLog(&n.Log, mark)
	}
}

// appendRun puts entries of one term behind a log. What is in their place goes; if the log does not
// reach them, something was not told, and the node is unknown.
func appendRun(n *trace.NodeState, from, to raft.Index, t raft.Term, d raft.Digest, pos uint64) {
	l := &n.Log
	if from == 0 || to < from {
		n.Known = false
		return
	}
	switch last := l.Last().Index; {
	case from <= last:
		cutLog(l, from, raft.Mark{Index: from - 1})
	case from > last+1:
		n.Known = false
		l.Base, l.Runs = raft.Mark{Index: from - 1}, l.Runs[:0]
	}
	if k := len(l.Runs) - 1; k >= 0 && l.Runs[k].Term == t {
		l.Runs[k].To, l.Runs[k].Digest, l.Runs[k].Pos = to, d, pos
		return
	}
	if len(l.Runs) >= maxRuns {
		r := l.Runs[0]
		compactLog(l, raft.Mark{Index: r.To, Term: r.Term, Digest: r.Digest, Pos: r.Pos})
	}
	l.Runs = append(l.Runs, trace.Run{From: from, To: to, Term: t, Digest: d, Pos: pos})
}

// cutLog drops the entries from an index on. before says digest and position of the log up to the
// entry before it, where its Index is that.
func cutLog(l *trace.Log, from raft.Index, before raft.Mark) {
	if from > l.Last().Index {
		return
	}
	if from <= l.Base.Index { // what is compacted cannot be cut; it is told, so it is shown
		l.Base, l.Runs = raft.Mark{Index: max(from, 1) - 1}, l.Runs[:0]
		return
	}
	k := sort.Search(len(l.Runs), func(i int) bool { return l.Runs[i].To >= from })
	if k == len(l.Runs) {
		return
	}
	if r := &l.Runs[k]; r.From < from {
		r.To, r.Digest, r.Pos = from-1, 0, 0
		if before.Index == from-1 {
			r.Digest, r.Pos = before.Digest, before.Pos
		}
		k++
	}
	l.Runs = l.Runs[:k]
}

// compactLog drops the entries up to and including a mark.
func compactLog(l *trace.Log, m raft.Mark) {
	if m.Index < l.Base.Index {
		return
	}
	l.Base = m
	k := sort.Search(len(l.Runs), func(i int) bool { return l.Runs[i].To > m.Index })
	l.Runs = append(l.Runs[:0], l.Runs[k:]...)
	if len(l.Runs) > 0 && l.Runs[0].From <= m.Index {
		l.Runs[0].From = m.Index + 1
	}
}
