package world

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// requestAt finds the request that stands at an index of a leader's log, or is about to.
func requestAt(s *trace.State, id raft.NodeID, i raft.Index) *trace.Request {
	if s == nil {
		return nil
	}
	me := find(s, id)
	for k := range s.Requests {
		if r := &s.Requests[k]; r.Node == id && r.Index == i && stands(r, me) {
			return r
		}
	}
	return waitingAt(s, id)
}

// stands reports whether a request that a leader gave a place is still there. What it took before
// it led this time may be gone, with another entry in its place: so it was answered that what
// becomes of it is unknown, or the server has restarted and forgotten it.
func stands(r *trace.Request, me *trace.NodeState) bool {
	if !r.Taken || r.Outcome == raft.OutcomeRefused {
		return false
	}
	return r.Outcome == 0 || me != nil && r.At >= me.Since
}

// committedText tells of a commit: how far, what for, and on whose word or disks.
func committedText(n *raft.Note, s *trace.State, me *trace.NodeState) string {
	from := n.Index
	if me != nil && me.Commit < n.Index {
		from = me.Commit + 1
	}
	text := "commits " + indexes(from, n.Index)
	switch {
	case n.Why == raft.WhySnapshotHolds:
		return fmt.Sprintf("commits up to %d: %s", n.Index, n.Why)
	case n.Why == raft.WhyLeaderCommitted && n.Peer != 0:
		return fmt.Sprintf("%s: %v, which leads, says so", text, n.Peer)
	case n.Why != raft.WhyQuorumSaved:
		return text + ": " + n.Why.String()
	case me == nil:
		return text + ": saved on " + ofAll(n.Count, s, "server", "servers")
	}
	return text + ": " + countedText(n, s, me, from)
}

// countedText tells of a commit by counting. It says only what is so: a leader with a wrong rule
// may count what nobody has, and what it may not count.
func countedText(n *raft.Note, s *trace.State, me *trace.NodeState, from raft.Index) string {
	who := savedOn(me, n.Index)
	where := ofAll(n.Count, s, "server", "servers")
	if len(who) == int(n.Count) && len(who) <= mostNames {
		where = names(who)
	}
	first, held := me.Log.TermAt(from)
	several := held && first != n.LogTerm
	r := requestAt(s, me.ID, n.Index)
	switch lacks := lacking(s, who, n.Index, n.LogTerm); {
	case len(lacks) == 1:
		return fmt.Sprintf("it counts %s, but %s is not known to have saved %d", where,
			names(lacks), n.Index)
	case len(lacks) > 1:
		return fmt.Sprintf("it counts %s, but %s are not known to have saved %d", where,
			namesOrCount(lacks), n.Index)
	case n.LogTerm != 0 && n.LogTerm != me.Term:
		return fmt.Sprintf("%d is saved on %s, but of term %d, and this is term %d", n.Index, where,
			n.LogTerm, me.Term)
	case several:
		return fmt.Sprintf("%d is of its own term and saved on %s, the others with it", n.Index,
			where)
	case r != nil && r.Index == n.Index:
		return fmt.Sprintf("%s is safe on %s", command(r.Op, r.Key, r.Value), where)
	}
	return "of its own term and saved on " + where
}

// savedOn gives the servers of which a leader knows that they have saved the log up to an index.
func savedOn(me *trace.NodeState, i raft.Index) []raft.NodeID {
	var who []raft.NodeID
	if me.SavedLast.Index >= i {
		who = append(who, me.ID)
	}
	for k := range me.Progress {
		if p := &me.Progress[k]; p.Match >= i {
			who = insert(who, p.Peer)
		}
	}
	return who
}

// lacking gives those of some servers that, for all that is known, have not saved an entry. Of whom
// nothing is known nothing is said.
func lacking(s *trace.State, who []raft.NodeID, i raft.Index, term raft.Term) []raft.NodeID {
	var lacks []raft.NodeID
	for _, id := range who {
		n := find(s, id)
		if n == nil || !n.Known || n.Silent {
			continue
		}
		if t, held := n.Log.TermAt(i); n.SavedLast.Index < i || held && term != 0 && t != term {
			lacks = append(lacks, id)
		}
	}
	return lacks
}
