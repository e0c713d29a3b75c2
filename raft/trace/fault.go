package trace

import "github.com/raftarium/raftarium/raft"

// DiskSet says how Node's disk works from now on.
type DiskSet struct {
	Node raft.NodeID
	Disk Disk
}

// Disk is what a disk does to writes. The zero Disk works as it should.
type Disk struct {
	Slow    raft.Time // what is written takes that much longer to be durable
	Stuck   bool      // nothing becomes durable until that is over
	Full    bool      // there is no room: a write that needs some fails, and the node stops
	Failing bool      // every write fails, and the node stops
	Damage  Damage
}

// Damage is what a node will find on its disk at its next start.
type Damage uint8

// The kinds of damage. Values are frozen.
const (
	DamageNone Damage = 0
	DamageTorn Damage = 1 // the batch that was being written at the crash is half there
	DamageTail Damage = 2 // the last durable batch cannot be read: what it promised is lost
	DamageLog  Damage = 3 // an earlier place cannot be read: the node does not start any more
)

var damageNames = [...]string{"none", "torn", "tail", "log"}

// String gives the damage's name.
func (d Damage) String() string {
	if int(d) < len(damageNames) {
		return damageNames[d]
	}
	return "unknown"
}

// ClockSet says how Node's clock runs from now on.
type ClockSet struct {
	Node  raft.NodeID
	Clock NodeClock
}

// NodeClock is how a node's clock differs from the true time. The zero NodeClock does not.
type NodeClock struct {
	Skew  raft.Time // it is ahead by that much; a clock that is set back stands still meanwhile
	Drift int32     // parts per million that it runs too fast, below 0 too slow
}
