package raft

import (
	"encoding/binary"
	"slices"

	"github.com/raftarium/raftarium/raft/say"
)

// Configuration says who takes part in a group (section 6, thesis 4).
type Configuration struct {
	// Voters elect and commit, sorted. While joint they are those of C_new.
	Voters []NodeID
	// Outgoing are the voters of C_old while joint, sorted; else empty. A decision then needs a
	// majority of each half (section 6).
	Outgoing []NodeID
	// Learners get the log and have no vote, sorted (thesis 4.2.1). While joint, a voter of C_old
	// that becomes a learner stands in both.
	Learners []NodeID
}

// Packed is a Configuration as a string of bytes: what an entry of kind EntryConfig holds, and what
// a snapshot keeps of it. Equal configurations have equal Packed. Empty means: that which the group
// began with.
type Packed string

// MaxMembers is how many servers a configuration may name in each of its parts.
const MaxMembers = 256

// Joint reports whether two majorities are needed.
func (c *Configuration) Joint() bool { return len(c.Outgoing) > 0 }

// Voter reports whether a server has a vote, in either half.
func (c *Configuration) Voter(id NodeID) bool {
	return slices.Contains(c.Voters, id) || slices.Contains(c.Outgoing, id)
}

// Member reports whether a server takes part at all.
func (c *Configuration) Member(id NodeID) bool {
	return c.Voter(id) || slices.Contains(c.Learners, id)
}

// Members lists all who take part, sorted.
func (c *Configuration) Members() []NodeID {
	ids := slices.Concat(c.Voters, c.Outgoing, c.Learners)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// strangers gives those who take no part yet. To become voters they learn first, so there must be
// room for them among the learners.
func (c *Configuration) strangers(ids []NodeID) (out []NodeID) {
	for _, id := range ids {
		if !c.Member(id) {
			out = append(out, id)
		}
	}
	return out
}

// Pack gives the configuration as bytes.
func (c *Configuration) Pack() Packed {
	var b []byte
	for _, ids := range [...][]NodeID{c.Voters, c.Outgoing, c.Learners} {
		b = binary.AppendUvarint(b, uint64(len(ids)))
		for _, id := range ids {
			b = binary.AppendUvarint(b, uint64(id))
		}
	}
	return Packed(b)
}

// Unpack reads what Pack gave. The errors say what cannot be.
func (p Packed) Unpack() (c Configuration, err error) {
	b := []byte(p)
	for _, ids := range [...]*[]NodeID{&c.Voters, &c.Outgoing, &c.Learners} {
		if *ids, b, err = unpackIDs(b); err != nil {
			return Configuration{}, err
		}
	}
	switch {
	case len(b) > 0:
		return Configuration{}, say.Errorf("%d bytes stand behind the configuration", len(b))
	case len(c.Voters) == 0:
		return Configuration{}, say.Errorf("the configuration names no voter")
	}
	for _, id := range c.Learners {
		if slices.Contains(c.Voters, id) {
			return Configuration{}, say.Errorf("%v is a voter and a learner at once", id)
		}
	}
	if c.Pack() != p { // a number can be written at greater length
		return Configuration{}, say.Errorf("the configuration is not written as Pack writes it")
	}
	return c, nil
}

func unpackIDs(b []byte) (ids []NodeID, rest []byte, err error) {
	count, k := binary.Uvarint(b)
	if k <= 0 || count > MaxMembers {
		return nil, nil, say.Errorf("the configuration's number of servers cannot be read")
	}
	b = b[k:]
	for range count {
		id, k := binary.Uvarint(b)
		if k <= 0 || id == 0 || id >= uint64(FirstOutsider) ||
			len(ids) > 0 && NodeID(id) <= ids[len(ids)-1] {
			return nil, nil, say.Errorf("the configuration's servers are not sorted ids")
		}
		ids, b = append(ids, NodeID(id)), b[k:]
	}
	return ids, b, nil
}

// Change is a wish for another configuration. Servers that it does not name stay what they are.
type Change struct {
	Vote   []NodeID // shall be voters; who is new catches up as a learner first
	Learn  []NodeID // shall be learners
	Remove []NodeID // shall not take part any more
	Joint  bool     // goes by joint consensus also where a single step would do
}

// after gives the configuration that a change asks for. The receiver must not be joint.
func (c *Configuration) after(ch *Change) Configuration {
	named := slices.Concat(ch.Vote, ch.Learn, ch.Remove)
	keep := func(ids, more []NodeID) []NodeID {
		kept := slices.DeleteFunc(slices.Clone(ids), func(id NodeID) bool {
			return slices.Contains(named, id)
		})
		kept = append(kept, more...)
		slices.Sort(kept)
		return slices.Compact(kept)
	}
	return Configuration{Voters: keep(c.Voters, ch.Vote), Learners: keep(c.Learners, ch.Learn)}
}

// validate says why a change can never be: it names somebody twice or nobody.
func (ch *Change) validate() Reason {
	named := slices.Concat(ch.Vote, ch.Learn, ch.Remove)
	slices.Sort(named)
	switch k := len(named); {
	case k == 0 || named[0] == 0 || named[k-1] >= FirstOutsider:
		return WhyCannotBe
	case k > MaxMembers:
		return WhyTooMany
	case len(slices.Compact(named)) != k:
		return WhyCannotBe
	}
	return WhyNone
}

// differ counts the servers that are in one list and not in the other.
func differ(a, b []NodeID) int {
	count := 0
	for _, id := range a {
		if !slices.Contains(b, id) {
			count++
		}
	}
	for _, id := range b {
		if !slices.Contains(a, id) {
			count++
		}
	}
	return count
}
