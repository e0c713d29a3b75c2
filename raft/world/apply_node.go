package world

import (
	"slices"
	"sort"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// lived folds the beginning, the end and the pauses of a server.
func lived(s *trace.State, ev *trace.Event) {
	switch body := ev.Body.(type) {
	case trace.Started:
		if n := nodeOf(s, ev.ID.Node); n != nil {
			started(n, ev, &body)
			abandon(s, n.ID, ev.At)
		}
	case trace.Crashed:
		touch(s, ev)
		if n := nodeOf(s, body.Node); n != nil {
			crashed(n, &body)
			abandon(s, body.Node, ev.At)
		}
	case trace.Paused:
		touch(s, ev)
		if n := nodeOf(s, body.Node); n != nil {
			n.Paused = true
		}
	case trace.Resumed:
		touch(s, ev)
		if n := nodeOf(s, body.Node); n != nil {
			n.Paused = false
		}
	case trace.Silent:
		if n := nodeOf(s, body.Node); n != nil {
			n.Silent = true
		}
	}
}

// started begins an incarnation with what was saved and nothing else.
func started(n *trace.NodeState, ev *trace.Event, st *trace.Started) {
	forget(n)
	n.Boot, n.LastN, n.Known, n.Since = ev.ID.Boot, ev.ID.N, true, ev.At
	n.Alive, n.Paused, n.Silent, n.Stays, n.Down = true, false, false, false, ""
	n.Store, n.Machine, n.Members = st.Store, st.Machine, slices.Clone(st.Members)
	n.Term, n.Vote = st.Term, st.Vote
	n.Log.Base, n.Log.Runs = st.Base, append(n.Log.Runs[:0], st.Runs...)
	n.Snapshot = st.Snapshot
	n.Config, n.ConfigIndex = st.Snapshot.Config, st.Snapshot.Index
	n.Commit, n.Applied = st.Snapshot.Index, st.Snapshot.Index
	n.SavedTerm, n.SavedVote, n.SavedLast = st.Term, st.Vote, n.Log.Last()
}

// crashed leaves what was saved, as far as that is known: the rest was in memory.
func crashed(n *trace.NodeState, c *trace.Crashed) {
	forget(n)
	n.Alive, n.Paused, n.Silent, n.Stays, n.Down = false, false, false, c.Stays, c.Why
	n.Term, n.Vote = n.SavedTerm, n.SavedVote
	cutLog(&n.Log, n.SavedLast.Index+1, n.SavedLast)
}

// forget empties what a server holds in memory only.
func forget(n *trace.NodeState) {
	n.Role, n.Leader, n.Pre = raft.Follower, 0, false
	n.Deadline, n.DeadlineFrom = 0, 0
	n.Incoming = trace.Transfer{}
	n.Tally, n.Progress = n.Tally[:0], n.Progress[:0]
	n.HandsTo, n.Doubtful = 0, false
}

// worked folds what a host did for its node.
func worked(n *trace.NodeState, ev *trace.Event) {
	switch body := ev.Body.(type) {
	case trace.Saved:
		n.SavedTerm, n.SavedVote, n.SavedLast = body.Term, body.Vote, body.Last
	case trace.Applied:
		n.Applied = body.To
	case trace.Loaded:
		n.Snapshot, n.Applied = body.Snapshot, body.Snapshot.Index
	case trace.Stopped:
		forget(n)
		n.Alive, n.Paused, n.Down = false, false, "stopped"
	}
}

// linkSet keeps how one direction of a link is.
func linkSet(s *trace.State, l *trace.LinkSet) {
	i := sort.Search(len(s.Links), func(i int) bool {
		k := &s.Links[i]
		return k.From > l.From || k.From == l.From && k.To >= l.To
	})
	if i < len(s.Links) && s.Links[i].From == l.From && s.Links[i].To == l.To {
		s.Links[i].Link = l.Link
		return
	}
	if len(s.Links) >= maxLinks {
		s.Odd++
		return
	}
	s.Links = slices.Insert(s.Links, i, trace.LinkState{From: l.From, To: l.To, Link: l.Link})
}
