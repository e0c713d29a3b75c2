package example

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// agree puts a configuration in force at some nodes.
func agree(s *trace.State, index raft.Index, c raft.Configuration, ids ...raft.NodeID) {
	for _, id := range ids {
		n := s.Node(id)
		n.Config, n.ConfigIndex = c.Pack(), index
		if !c.Voter(id) {
			n.Role, n.Deadline, n.DeadlineFrom = raft.Learner, 0, 0
		}
	}
}

// Learner gives a cluster that S2 has left, as has S5, which still runs; S6 learns and asks the
// leader for what it may read, and S4 is in doubt of its log.
func Learner() *trace.State {
	s := Calm(6)
	c := raft.Configuration{Voters: []raft.NodeID{1, 3, 4}, Learners: []raft.NodeID{6}}
	agree(s, 17, c, 1, 3, 4, 5, 6)
	s.Node(2).Alive, s.Node(2).Down = false, "killed"
	s.Node(4).Doubtful = true
	s.Node(6).Commit = 12
	send(s, 1, 6, 420, entries(2, 2))
	send(s, 6, 1, 600, &raft.ReadIndex{ID: 1})
	send(s, 1, 3, 700, &raft.ReadIndexReply{ID: 1, Granted: true, Index: 18})
	q := ask(s, 6, "x", "", 40*ms)
	q.Op = "get"
	return s
}

// Joint gives a joint configuration that S1 and S2 leave and S4 and S5 join, cut so that one half
// has its majority on each side.
func Joint() *trace.State {
	s := Calm(5)
	c := raft.Configuration{Voters: []raft.NodeID{3, 4, 5}, Outgoing: []raft.NodeID{1, 2, 3}}
	agree(s, 19, c, 1, 2, 3, 4, 5)
	part(s, func(id raft.NodeID) int { return int(id) / 3 })
	return s
}

// Transfer gives a leader that hands over to S4 and has told it so.
func Transfer() *trace.State {
	s := Calm(5)
	s.Node(1).HandsTo = 4
	send(s, 1, 4, 380, &raft.TimeoutNow{LastIndex: 18})
	q := ask(s, 1, "S4", "", 20*ms)
	q.Op = "transfer"
	return s
}
