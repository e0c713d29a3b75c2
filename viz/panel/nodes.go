package panel

import (
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// node makes the card of one server.
func node(in *Input, s *trace.State, n *trace.NodeState) Node {
	v := Node{ID: n.ID, Name: name(&in.Header, n.ID), Role: n.Role, Term: n.Term,
		VotedFor: n.Vote, CommitIndex: n.Commit, LastApplied: n.Applied,
		LastIndex: n.Log.Last().Index, SnapshotIndex: n.Snapshot.Index, Alive: n.Alive,
		Paused: n.Paused, Known: n.Known, Stays: n.Stays, Store: n.Store, Down: n.Down,
		Selected: n.ID == in.Selected}
	v.Config, v.Member, v.Gone = configOf(n), member(in, n.ID), gone(in, n)
	v.Doubtful = n.Doubtful
	if !equal(v.Config, in.Config) {
		v.GroupText = configText(&v.Config)
	}
	if n.Alive && n.Role == raft.Leader {
		v.HandsTo = n.HandsTo
	}
	v.Caption = caption(in, s, n)
	v.Disk, v.Clock = n.Disk, n.Clock
	v.CanRestart, v.WhyNot = restartable(&in.Header, n)
	for i := range in.Places {
		if p := &in.Places[i]; p.ID == n.ID && in.Scale > 0 {
			v.X, v.Y, v.R = round(p.X/in.Scale), round(p.Y/in.Scale), round(p.R/in.Scale)
		}
	}
	return v
}

// round keeps a tenth of a pixel, so that equal pictures give equal bytes.
func round(f float32) float32 { return float32(int32(f*10+0.5)) / 10 }

func name(h *trace.Header, id raft.NodeID) string {
	if id == 0 || id >= raft.FirstOutsider {
		return ""
	}
	for i := range h.Members {
		if m := &h.Members[i]; m.ID == id && m.Name != "" {
			return m.Name
		}
	}
	return id.String()
}

// caption says in a few words what a node is.
func caption(in *Input, s *trace.State, n *trace.NodeState) string {
	term := strconv.FormatUint(uint64(n.Term), 10)
	switch {
	case n.Silent:
		return "nothing is heard of it"
	case !n.Alive && n.Down != "":
		return n.Down
	case !n.Alive && n.Boot == 0:
		return "not started"
	case !n.Alive:
		return "down"
	case !n.Known:
		return "not known"
	case n.Paused:
		return "paused"
	case !member(in, n.ID):
		return "no member"
	case n.Doubtful:
		return "in doubt: its log may have lost what it acknowledged"
	}
	switch n.Role {
	case raft.Leader:
		if n.HandsTo != 0 {
			return "leader of term " + term + ", hands over to " + n.HandsTo.String()
		}
		if !reachesQuorum(s, n) {
			return "leader of term " + term + " · no quorum"
		}
		return "leader of term " + term
	case raft.Candidate, raft.PreCandidate:
		return campaign(s, n, term)
	case raft.Learner:
		return "learner"
	}
	if n.Leader != 0 {
		return "follower of " + n.Leader.String()
	}
	return "follower, knows no leader"
}

func campaign(s *trace.State, n *trace.NodeState, term string) string {
	conf := electorate(s, n)
	yes, of := 0, len(conf.Voters)
	if conf.Joint() {
		of = len(conf.Members())
	}
	for _, b := range n.Tally {
		if b.Granted {
			yes++
		}
	}
	votes := strconv.Itoa(yes) + " of " + strconv.Itoa(of)
	if n.Role == raft.PreCandidate {
		return "asks whether it would win: " + votes
	}
	return "candidate of term " + term + ": " + votes
}

// reachesQuorum reports whether a node can talk, there and back, to a majority, itself counted; of
// a joint configuration to one of each half.
func reachesQuorum(s *trace.State, n *trace.NodeState) bool {
	reached := func(id raft.NodeID) bool {
		o := s.Node(id)
		return id == n.ID || o != nil && o.Alive && !o.Paused && !s.Link(n.ID, id).Cut &&
			!s.Link(id, n.ID).Cut
	}
	conf := electorate(s, n)
	return majority(conf.Voters, reached) && majority(conf.Outgoing, reached)
}

// restartable says whether restart would do something, and if not why.
func restartable(h *trace.Header, n *trace.NodeState) (bool, string) {
	switch {
	case h.Caps&trace.CanKill == 0 && h.Why != "":
		return false, h.Why
	case h.Caps&trace.CanKill == 0:
		return false, "this source takes no such command"
	case n.Alive && n.Known:
		return false, n.ID.String() + " is running"
	case n.Store == "memory" && n.Boot > 0 && n.Down != "stopped":
		return false, n.ID.String() + " ran on the memory store: when it was killed it lost its " +
			"vote and its log, so it cannot come back under its name; a new server can take its " +
			"place, as a learner first"
	case n.Down == "wiped":
		return false, n.ID.String() + " lost its disk, and with it its vote: a new server takes " +
			"its place, as a learner first"
	case n.Down == "damaged log":
		return false, n.ID.String() + " cannot read its log any more, so it does not start; when " +
			"its disk is wiped, a new server takes its place"
	}
	return true, ""
}
