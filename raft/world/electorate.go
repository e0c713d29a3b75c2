package world

import (
	"fmt"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// electorate is who elects and commits: the voters of a configuration and, while it is joint, those
// of the old one too. Each of the two halves decides by itself (section 6).
type electorate struct{ now, old []raft.NodeID }

// electorateOf gives the electorate by the newest configuration that is known: that of the entry
// whose term and index are highest. Who was removed goes by an older one and does not count. While
// no configuration is known it is all servers of the state.
func electorateOf(s *trace.State) electorate {
	var best *trace.NodeState
	for i := range s.Nodes {
		if n := &s.Nodes[i]; configured(n) && (best == nil || newerConfig(n, best)) {
			best = n
		}
	}
	if best == nil {
		var all []raft.NodeID
		for i := range s.Nodes {
			all = append(all, s.Nodes[i].ID)
		}
		return electorate{now: all}
	}
	c := best.Configuration()
	return electorate{now: c.Voters, old: c.Outgoing}
}

// electorateFor gives the electorate as a server knows it, by which it counts; the newest one where
// it knows none.
func electorateFor(s *trace.State, n *trace.NodeState) electorate {
	if n == nil || !configured(n) {
		return electorateOf(s)
	}
	c := n.Configuration()
	return electorate{now: c.Voters, old: c.Outgoing}
}

func configured(n *trace.NodeState) bool { return len(n.Members) > 0 || n.Config != "" }

// newerConfig reports whether a server's configuration is newer than another's.
func newerConfig(n, than *trace.NodeState) bool {
	if n.Known != than.Known {
		return n.Known
	}
	a, b := configTerm(n), configTerm(than)
	return a > b || a == b && n.ConfigIndex > than.ConfigIndex
}

// configTerm gives the term of the entry that made a server's configuration. One that is compacted
// is not above its log's base.
func configTerm(n *trace.NodeState) raft.Term {
	if t, ok := n.Log.TermAt(n.ConfigIndex); ok {
		return t
	}
	return n.Log.Base.Term
}

// all gives the voters of both halves, sorted.
func (e electorate) all() []raft.NodeID {
	if len(e.old) == 0 {
		return e.now
	}
	ids := slices.Concat(e.now, e.old)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (e electorate) joint() bool { return len(e.old) > 0 }

// has reports whether a server has a vote, in either half.
func (e electorate) has(id raft.NodeID) bool {
	return slices.Contains(e.now, id) || slices.Contains(e.old, id)
}

// enough reports whether some servers, without repetition, elect and commit.
func (e electorate) enough(ids []raft.NodeID) bool {
	return among(e.now, ids) >= majority(len(e.now)) &&
		(!e.joint() || among(e.old, ids) >= majority(len(e.old)))
}

// majority gives how many of n voters elect and commit.
func majority(n int) int { return n/2 + 1 }

// among counts how many of some voters are among ids.
func among(voters, ids []raft.NodeID) (n int) {
	for _, id := range ids {
		if slices.Contains(voters, id) {
			n++
		}
	}
	return n
}

// share says how many of the voters some servers are: 2 of 5 servers, where plain is the noun or
// empty; of a joint configuration, 2 of 3 old and 1 of 3 new voters.
func (e electorate) share(ids []raft.NodeID, plain string) string {
	return e.say(among(e.now, ids), among(e.old, ids), plain)
}

// least says how many of the voters are needed, as share does.
func (e electorate) least(plain string) string {
	return e.say(majority(len(e.now)), majority(len(e.old)), plain)
}

func (e electorate) say(now, old int, plain string) string {
	switch {
	case e.joint():
		return fmt.Sprintf("%d of %d old and %d of %d new voters", old, len(e.old), now, len(e.now))
	case plain == "":
		return fmt.Sprintf("%d of %d", now, len(e.now))
	}
	return fmt.Sprintf("%d of %d %s", now, len(e.now), plain)
}

// needed says how many are needed where the whole was just named: 3 votes, where plain is the noun
// or empty; of a joint configuration, 2 of the old and 2 of the new.
func (e electorate) needed(plain string) string {
	now, old := majority(len(e.now)), majority(len(e.old))
	switch {
	case e.joint():
		return fmt.Sprintf("%d of the old and %d of the new", old, now)
	case plain == "":
		return fmt.Sprint(now)
	}
	return fmt.Sprintf("%d %s", now, plain)
}
