package world

import (
	"sort"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Side is a group of servers that can talk to each other and to nobody else.
type Side struct {
	Nodes []raft.NodeID // sorted
	Up    int           // of Nodes, how many are at work
	Of    int           // voters in the cluster
	Can   bool          // those at work are a majority, while joint of both halves: they can commit
}

// Sides gives the groups into which cut links divide the voters, that with the lowest id first; nil
// while all hang together.
func Sides(s *trace.State) []Side {
	voters := electorateOf(s)
	ids := voters.all()
	if len(ids) < 2 || len(s.Links) == 0 {
		return nil
	}
	side := make([]int, len(ids)) // the side of each, from 1
	var sides []Side
	for i := range ids {
		if side[i] != 0 {
			continue
		}
		sides = append(sides, Side{Of: len(ids)})
		spread(s, ids, side, i, len(sides))
	}
	if len(sides) < 2 {
		return nil
	}
	for i, id := range ids {
		g := &sides[side[i]-1]
		g.Nodes = append(g.Nodes, id)
	}
	for i := range sides {
		work := atWork(s, sides[i].Nodes)
		sides[i].Up, sides[i].Can = len(work), voters.enough(work)
	}
	return sides
}

// atWork gives those of some servers that are up.
func atWork(s *trace.State, ids []raft.NodeID) []raft.NodeID {
	var work []raft.NodeID
	for _, id := range ids {
		if up(find(s, id)) {
			work = append(work, id)
		}
	}
	return work
}

// spread marks all that hang together with the i-th.
func spread(s *trace.State, ids []raft.NodeID, side []int, i, mark int) {
	side[i] = mark
	for todo := []int{i}; len(todo) > 0; {
		from := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for to := range ids {
			if side[to] == 0 && linked(s, ids[from], ids[to]) {
				side[to] = mark
				todo = append(todo, to)
			}
		}
	}
}

// find gives a server; nil if the state has none of that id.
func find(s *trace.State, id raft.NodeID) *trace.NodeState {
	if s == nil {
		return nil
	}
	if i := int(id) - 1; i >= 0 && i < len(s.Nodes) && s.Nodes[i].ID == id {
		return &s.Nodes[i]
	}
	return s.Node(id)
}

// up reports whether a server is known to be at work.
func up(n *trace.NodeState) bool {
	return n != nil && n.Known && n.Alive && !n.Paused && !n.Silent
}

// linked reports whether two servers can talk to each other, both ways.
func linked(s *trace.State, a, b raft.NodeID) bool { return !cut(s, a, b) && !cut(s, b, a) }

// cut reports whether one direction of a link is cut.
func cut(s *trace.State, from, to raft.NodeID) bool {
	i := sort.Search(len(s.Links), func(i int) bool {
		l := &s.Links[i]
		return l.From > from || l.From == from && l.To >= to
	})
	return i < len(s.Links) && s.Links[i].From == from && s.Links[i].To == to && s.Links[i].Link.Cut
}

// reach gives the voters that a server can exchange messages with, itself included if it is one.
func reach(s *trace.State, voters electorate, id raft.NodeID) []raft.NodeID {
	var ids []raft.NodeID
	for _, to := range voters.all() {
		if to == id || up(find(s, to)) && linked(s, id, to) {
			ids = append(ids, to)
		}
	}
	return ids
}

// without gives ids but for one.
func without(ids []raft.NodeID, id raft.NodeID) []raft.NodeID {
	var rest []raft.NodeID
	for _, k := range ids {
		if k != id {
			rest = append(rest, k)
		}
	}
	return rest
}
