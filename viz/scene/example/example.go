// Package example makes states of clusters that are worth looking at: for tests, benchmarks and
// pictures in documents. No program links it.
package example

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Now is the moment of all examples.
const Now = 5250 * raft.Millisecond

const ms = raft.Millisecond

// Named is an example with its name.
type Named struct {
	Name  string
	State *trace.State
}

// All gives every example.
func All() []Named {
	return []Named{
		{"calm", Calm(5)}, {"election", Election()}, {"partition", Partition()}, {"three", Three()},
		{"nine", Nine()}, {"install", Install()}, {"roles", Roles()}, {"oneway", OneWay()},
		{"single", Single()}, {"star", Star()}, {"islands", Islands()}, {"crowd", Crowd(101, 2000)},
		{"learner", Learner()}, {"joint", Joint()}, {"transfer", Transfer()},
	}
}

// Calm gives n nodes that follow S1 in term 2.
func Calm(n int) *trace.State {
	s := &trace.State{At: Now}
	var members []raft.NodeID
	for i := range n {
		members = append(members, raft.NodeID(i+1))
	}
	for i, id := range members {
		wait := raft.Time(150+i*29%150) * ms
		s.Nodes = append(s.Nodes, trace.NodeState{ID: id, Boot: 1, Known: true, Alive: true,
			Members: members, Term: 2, Leader: 1, Vote: 1, Commit: 18, Applied: 18,
			DeadlineFrom: Now - raft.Time(20+i*23%90)*ms})
		s.Nodes[i].Deadline = s.Nodes[i].DeadlineFrom + wait
	}
	if n > 0 {
		lead(&s.Nodes[0])
	}
	return s
}

func lead(n *trace.NodeState) {
	n.Role, n.Leader, n.Deadline, n.DeadlineFrom = raft.Leader, n.ID, 0, 0
}

func follow(s *trace.State, leader raft.NodeID, term raft.Term, ids ...raft.NodeID) {
	for _, id := range ids {
		n := s.Node(id)
		n.Role, n.Leader, n.Term, n.Vote = raft.Follower, leader, term, leader
	}
	l := s.Node(leader)
	l.Term = term
	lead(l)
}

// send puts a message into the air that is part (in thousandths) of its way.
func send(s *trace.State, from, to raft.NodeID, part int, body raft.Body) *trace.Flight {
	const way = 40 * ms
	sent := Now - way*raft.Time(part)/1000
	id := trace.EventID{Node: from, Boot: 1, N: uint64(1000 + len(s.Flights))}
	s.Flights = append(s.Flights, trace.Flight{Msg: id, SentAt: sent, Due: sent + way,
		Message: raft.Message{ID: id.N, From: from, FromBoot: 1, To: to, Body: body}})
	return &s.Flights[len(s.Flights)-1]
}

func drop(f *trace.Flight, why trace.DropWhy, ago raft.Time) {
	f.Fate, f.Why, f.FateAt = trace.Died, why, Now-ago
}

func entries(terms ...raft.Term) *raft.AppendEntries {
	a := &raft.AppendEntries{PrevIndex: 40, PrevTerm: 1}
	for i, t := range terms {
		a.Entries = append(a.Entries, raft.Entry{Index: raft.Index(41 + i), Term: t})
	}
	return a
}

func cut(s *trace.State, from, to raft.NodeID) {
	s.Links = append(s.Links, trace.LinkState{From: from, To: to, Link: trace.Link{Cut: true}})
}

func part(s *trace.State, group func(raft.NodeID) int) {
	for i := range s.Nodes {
		for j := range s.Nodes {
			if a, b := s.Nodes[i].ID, s.Nodes[j].ID; group(a) != group(b) {
				cut(s, a, b)
			}
		}
	}
}

func ask(s *trace.State, node raft.NodeID, key, value string, ago raft.Time) *trace.Request {
	s.Requests = append(s.Requests, trace.Request{ID: trace.EventID{Node: trace.Clients,
		N: uint64(len(s.Requests) + 1)}, Client: 1, Node: node, Op: "put", Key: key, Value: value,
		At: Now - ago, Due: Now - ago + 10*ms, Taken: true})
	return &s.Requests[len(s.Requests)-1]
}

// Partition gives an old leader cut off with one follower, and a new one on the other side.
func Partition() *trace.State {
	s := Calm(5)
	follow(s, 1, 3, 2)
	follow(s, 3, 4, 4, 5)
	for i, c := range []raft.Index{48, 48, 52, 51, 50} {
		s.Nodes[i].Commit = c
	}
	part(s, func(id raft.NodeID) int {
		if id <= 2 {
			return 0
		}
		return 1
	})
	send(s, 3, 4, 620, entries(4, 4))
	send(s, 3, 5, 430, entries(4))
	send(s, 5, 3, 380, &raft.AppendEntriesReply{Success: true, Match: 50})
	send(s, 1, 2, 480, entries())
	drop(send(s, 1, 4, 900, entries(3)), trace.DropCut, 280*ms)
	ask(s, 1, "x", "9", 1200*ms)
	q := ask(s, 3, "x", "7", 160*ms)
	q.Outcome, q.Index, q.EndAt = raft.OutcomeOK, 52, Now-40*ms
	return s
}

// Election gives a candidate of term 4 that has two votes of five, and one against it.
func Election() *trace.State {
	s := Calm(5)
	follow(s, 1, 3, 2, 3, 4, 5)
	s.Nodes[0].Alive, s.Nodes[0].Down, s.Nodes[0].Role = false, "killed", raft.Follower
	c := s.Node(3)
	c.Role, c.Term, c.Leader, c.Vote, c.Deadline = raft.Candidate, 4, 0, 3, 0
	c.Tally = []trace.Ballot{{Peer: 3, Granted: true}, {Peer: 4, Granted: true},
		{Peer: 5, Why: raft.WhyAlreadyVoted}}
	p := s.Node(5)
	p.Role, p.Pre, p.Leader, p.Deadline = raft.PreCandidate, true, 0, 0
	p.Tally = []trace.Ballot{{Peer: 5, Granted: true}, {Peer: 2, Granted: true}}
	s.Node(4).Term, s.Node(4).Leader = 4, 0
	ask := &raft.RequestVote{ForTerm: 4, LastIndex: 48, LastTerm: 3}
	send(s, 3, 2, 520, ask)
	drop(send(s, 3, 1, 1000, ask), trace.DropDown, 200*ms)
	send(s, 4, 3, 700, &raft.RequestVoteReply{ForTerm: 4, Granted: true})
	send(s, 5, 3, 500, &raft.RequestVoteReply{ForTerm: 4, Why: raft.WhyAlreadyVoted})
	send(s, 5, 4, 400, &raft.RequestVote{Pre: true, ForTerm: 4})
	send(s, 2, 5, 450, &raft.RequestVoteReply{Pre: true, ForTerm: 4, Granted: true})
	return s
}

// Three gives three nodes, one of which gets entries of two terms.
func Three() *trace.State {
	s := Calm(3)
	follow(s, 1, 2, 2, 3)
	send(s, 1, 2, 550, entries(1, 1, 2, 2, 2, 2, 2))
	send(s, 1, 3, 640, entries())
	send(s, 3, 1, 520, &raft.AppendEntriesReply{Why: raft.WhyLogConflict, Rejected: 17})
	q := ask(s, 1, "colour", "blue", 30*ms)
	q.Outcome, q.EndAt, q.Index = raft.OutcomeOK, Now-5*ms, 19
	q = ask(s, 2, "n", "1", 40*ms)
	q.Outcome, q.EndAt, q.Why = raft.OutcomeRefused, Now-5*ms, raft.WhyNotLeader
	return s
}

// Nine gives nine nodes in term 12, whose colour is hatched, two of them cut off.
func Nine() *trace.State {
	s := Calm(9)
	follow(s, 4, 12, 1, 2, 3, 5, 6, 7)
	follow(s, 8, 11, 9)
	part(s, func(id raft.NodeID) int {
		if id >= 8 {
			return 1
		}
		return 0
	})
	for i := range 6 {
		to := raft.NodeID([]int{1, 2, 3, 5, 6, 7}[i])
		send(s, 4, to, 200+110*i, entries(12))
	}
	ask(s, 4, "x", "1", 400*ms)
	ask(s, 8, "y", "2", 900*ms)
	return s
}

// Install gives a follower that was away for long and gets a snapshot.
func Install() *trace.State {
	s := Calm(5)
	follow(s, 2, 6, 1, 3, 4, 5)
	s.Node(4).Incoming = trace.Transfer{From: 2, Index: 4812, Term: 5, Offset: 400, Size: 1000}
	s.Node(4).Commit, s.Node(4).Term = 1042, 5
	s.Node(5).Commit = 4818
	f := send(s, 2, 4, 480, &raft.InstallSnapshot{Offset: 400,
		Snapshot: raft.SnapshotRef{Size: 1000}})
	f.Bytes = 200
	send(s, 4, 2, 380, &raft.InstallSnapshotReply{Next: 400})
	send(s, 2, 1, 300, entries())
	send(s, 2, 3, 500, entries())
	drop(send(s, 2, 5, 600, entries(6, 6)), trace.DropLoss, 350*ms)
	return s
}

// Roles gives one node of every kind.
func Roles() *trace.State {
	s := Calm(8)
	s.Node(2).Paused = true
	s.Node(3).Alive, s.Node(3).Down = false, "killed"
	s.Node(4).Known = false
	s.Node(5).Role, s.Node(5).Term = raft.Learner, 8
	s.Node(6).Silent, s.Node(6).Term = true, 7
	s.Node(7).Term, s.Node(7).Role, s.Node(7).Leader = 14, raft.Leader, 7
	s.Node(8).Term = 5
	s.Broken = []trace.Violation{{Check: "electionSafety", Nodes: []raft.NodeID{7}}}
	q := ask(s, 1, "x", "1", 300*ms)
	q.Outcome, q.EndAt = raft.OutcomeUnknown, Now-10*ms
	ask(s, 1, "y", "2", 100*ms)
	ask(s, 1, "z", "3", 90*ms)
	return s
}

// OneWay gives a leader that is heard by two and hears them not.
func OneWay() *trace.State {
	s := Calm(5)
	for _, a := range []raft.NodeID{3, 4} {
		for _, b := range []raft.NodeID{1, 2, 5} {
			cut(s, a, b)
		}
	}
	send(s, 1, 3, 500, entries(2))
	drop(send(s, 3, 1, 0, &raft.AppendEntriesReply{Success: true}), trace.DropCut, 100*ms)
	return s
}

// Single gives a ring with one link cut both ways, and one cut one way.
func Single() *trace.State {
	s := Calm(5)
	cut(s, 2, 3)
	cut(s, 3, 2)
	cut(s, 1, 4)
	send(s, 1, 5, 480, entries(2))
	drop(send(s, 1, 4, 0, entries(2)), trace.DropCut, 300*ms)
	return s
}

// Star gives three groups.
func Star() *trace.State {
	s := Calm(7)
	part(s, func(id raft.NodeID) int { return int(id) / 3 })
	return s
}

// Islands gives two groups whose nodes are no neighbours.
func Islands() *trace.State {
	s := Calm(5)
	part(s, func(id raft.NodeID) int { return int(id % 2) })
	return s
}

// Crowd gives many nodes with many messages.
func Crowd(nodes, flights int) *trace.State {
	s := Calm(nodes)
	bodies := []raft.Body{entries(), entries(2, 2), &raft.AppendEntriesReply{Success: true},
		&raft.RequestVote{ForTerm: 3}, &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{Size: 9}}}
	for i := range flights {
		from, to := raft.NodeID(i%nodes+1), raft.NodeID((i*7+3)%nodes+1)
		if from == to {
			to = to%raft.NodeID(nodes) + 1
		}
		send(s, from, to, i*37%1000, bodies[i%len(bodies)])
	}
	for i := range s.Nodes {
		s.Nodes[i].Term = raft.Term(1 + i*5%11)
	}
	return s
}
