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
	Of    int           // servers in the cluster
	Can   bool          // those at work are a majority: they can elect and commit
}

// Sides gives the groups into which cut links divide the cluster, that with S1 first; nil while all
// hang together.
func Sides(s *trace.State) []Side {
	ids := voters(s)
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
		if up(find(s, id)) {
			g.Up++
		}
		g.Can = g.Up >= majority(len(ids))
	}
	return sides
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

// voters gives those who vote: as the server with the highest term knows them, while joint those of
// the new configuration; else all servers that are in the state.
func voters(s *trace.State) []raft.NodeID {
	var best *trace.NodeState
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if len(n.Members) > 0 && (best == nil || n.Known && n.Term > best.Term) {
			best = n
		}
	}
	if best != nil {
		c := best.Configuration()
		return c.Voters
	}
	var ids []raft.NodeID
	for i := range s.Nodes {
		ids = append(ids, s.Nodes[i].ID)
	}
	return ids
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

// majority gives how many of n voters elect and commit.
func majority(n int) int { return n/2 + 1 }

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

// reach gives the members that a server can exchange messages with, itself included.
func reach(s *trace.State, id raft.NodeID) []raft.NodeID {
	var ids []raft.NodeID
	for _, to := range voters(s) {
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
