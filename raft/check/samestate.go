package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// stateFact is what was told of a state machine that has applied the log up to an index. What was
// not told is 0.
type stateFact struct {
	index raft.Index
	crc   uint32 // of its snapshot
	size  uint64 // of that, in bytes
	event trace.EventID
}

// maxStates is how many indexes are remembered.
const maxStates = 256

// stateAt holds a machine against those of others, and its own of before, that had applied the same
// log: they are equal.
func (c *Checker) stateAt(n *node, index raft.Index, crc uint32, size uint64) {
	if index == 0 || crc == 0 && size == 0 {
		return
	}
	states := c.facts.states
	for k := range slices.Backward(states) {
		s := &states[k]
		if s.index != index {
			continue
		}
		if s.crc != 0 && crc != 0 && s.crc != crc || s.size != 0 && size != 0 && s.size != size {
			c.violate(sameState, n, say.Textf("The state machine of %v at index %d differs from "+
				"that of %v there, though both have applied the same log.", n.id, index,
				s.event.Node), []raft.NodeID{s.event.Node}, s.event)
		}
		s.crc, s.size = max(s.crc, crc), max(s.size, size)
		return
	}
	if len(states) == maxStates {
		states = slices.Delete(states, 0, maxStates/2)
	}
	c.facts.states = append(states, stateFact{index, crc, size, c.at})
}
