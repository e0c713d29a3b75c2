package scene

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// configsMost bounds the configurations that are kept read; beyond it all are read anew.
const configsMost = 64

// configs keeps configurations read, so that a frame makes none.
type configs struct {
	known map[raft.Packed]raft.Configuration
}

// of gives the configuration in force at a node, as far as it is known.
func (c *configs) of(n *trace.NodeState) raft.Configuration {
	if n.Config == "" {
		return raft.Configuration{Voters: n.Members}
	}
	if conf, ok := c.known[n.Config]; ok {
		return conf
	}
	if c.known == nil || len(c.known) >= configsMost {
		c.known = map[raft.Packed]raft.Configuration{}
	}
	conf := n.Configuration()
	c.known[n.Config] = conf
	return conf
}

// speaker gives the node whose configuration counts for the picture; nil if none has any: the
// leader of the highest term, else who runs, has the highest term and in it the newest one.
func speaker(s *trace.State) (best *trace.NodeState) {
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if n.Known && (n.Config != "" || len(n.Members) > 0) && (best == nil || outranks(n, best)) {
			best = n
		}
	}
	return best
}

func outranks(a, b *trace.NodeState) bool {
	leads := func(n *trace.NodeState) bool { return n.Alive && n.Role == raft.Leader }
	switch {
	case leads(a) != leads(b):
		return leads(a)
	case a.Alive != b.Alive:
		return a.Alive
	case a.Term != b.Term:
		return a.Term > b.Term
	}
	return a.ConfigIndex > b.ConfigIndex
}

// enlist finds out who takes part; it reports whether that has changed since the last time.
func (p *Picture) enlist(s *trace.State) bool {
	p.Config, p.ConfigIndex = raft.Configuration{}, 0
	if n := speaker(s); n != nil {
		p.Config, p.ConfigIndex = p.configs.of(n), n.ConfigIndex
	}
	c, k := &p.Config, &p.counted
	if slices.Equal(c.Voters, k.Voters) && slices.Equal(c.Outgoing, k.Outgoing) &&
		slices.Equal(c.Learners, k.Learners) {
		return false
	}
	*k = raft.Configuration{Voters: append(k.Voters[:0], c.Voters...),
		Outgoing: append(k.Outgoing[:0], c.Outgoing...),
		Learners: append(k.Learners[:0], c.Learners...)}
	return true
}

// has reports whether a sorted list names a server.
func has(ids []raft.NodeID, id raft.NodeID) bool {
	_, ok := slices.BinarySearch(ids, id)
	return ok
}

// member reports whether a server takes part; all do while nothing is known of that.
func (p *Picture) member(id raft.NodeID) bool {
	c := &p.Config
	return len(c.Voters) == 0 || has(c.Voters, id) || has(c.Outgoing, id) || has(c.Learners, id)
}

// shown reports whether a node has a place: who is no member any more and down has none.
func (p *Picture) shown(n *trace.NodeState) bool { return n.Alive || p.member(n.ID) }

// passing says of a voter of a joint configuration whether it comes or goes: 1, -1, or 0 for
// neither.
func (p *Picture) passing(id raft.NodeID) int {
	c := &p.Config
	if !c.Joint() {
		return 0
	}
	switch now, before := has(c.Voters, id), has(c.Outgoing, id); {
	case now && !before:
		return 1
	case before && !now:
		return -1
	}
	return 0
}

// half is how many of some voters there are, and how many of them run on one side.
type half struct{ up, of int }

func (h half) can() bool { return 2*h.up > h.of || h.of == 0 }

// voters gives those who elect and commit; all nodes while nothing is known of that.
func (p *Picture) voters(s *trace.State, ids []raft.NodeID, g int) half {
	all := len(p.Config.Voters) == 0
	h := half{of: len(ids)}
	if all {
		h.of = len(p.Places)
	}
	for i := range p.Places {
		n := p.node(s, i)
		if p.net.group[i] == g && runs(n) && (all || has(ids, n.ID)) {
			h.up++
		}
	}
	return h
}

// runs reports whether a node is at work.
func runs(n *trace.NodeState) bool { return n.Alive && !n.Paused }
