package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
)

// Who takes part, as one sees it who sees all servers at once.

// decided follows which configurations are in force and which one is committed.
func (c *Cluster) decided(id raft.NodeID, n *raft.Note) {
	switch n.Kind {
	case raft.NoteConfigured:
		s := c.server(id)
		s.conf, s.confIndex = n.Config, n.Index
	case raft.NoteCommitAdvanced:
		if s := c.server(id); s.confIndex > c.confAt && s.confIndex <= n.Index {
			c.conf, c.confAt = s.conf, s.confIndex
		}
	}
}

// unpacked reads a configuration that a node told of.
func (c *Cluster) unpacked(p raft.Packed) raft.Configuration {
	if p != "" {
		if conf, err := p.Unpack(); err == nil {
			return conf
		}
	}
	return raft.Configuration{Voters: c.founders}
}

// takesPart reports whether a server is a member of the newest committed configuration, or of one
// that may become that.
func (c *Cluster) takesPart(id raft.NodeID) bool {
	return slices.ContainsFunc(c.configurations(c.members), func(conf raft.Configuration) bool {
		return conf.Member(id)
	})
}

// configurations gives the newest committed configuration and those behind it that are in force at
// some servers and not committed.
func (c *Cluster) configurations(at []raft.NodeID) []raft.Configuration {
	seen := []raft.Packed{c.conf}
	for _, id := range at {
		s := c.server(id)
		if s.confIndex > c.confAt && !slices.Contains(seen, s.conf) {
			seen = append(seen, s.conf)
		}
	}
	confs := make([]raft.Configuration, len(seen))
	for i, p := range seen {
		confs[i] = c.unpacked(p)
	}
	return confs
}

// majority reports whether more than half of some voters are among those of which something holds.
func majority(voters []raft.NodeID, holds func(raft.NodeID) bool) bool {
	n := 0
	for _, id := range voters {
		if holds(id) {
			n++
		}
	}
	return 2*n > len(voters) || len(voters) == 0
}

// spares reports whether all configurations can do without those of which something holds: they are
// less than half of the voters.
func (c *Cluster) spares(holds func(raft.NodeID) bool) bool {
	for _, conf := range c.configurations(c.members) {
		for _, voters := range [...][]raft.NodeID{conf.Voters, conf.Outgoing} {
			if !majority(voters, func(id raft.NodeID) bool { return !holds(id) }) {
				return false
			}
		}
	}
	return true
}
