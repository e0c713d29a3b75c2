package sim

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// clock is a server's own clock. It is set ahead or back, runs too fast or too slow, and never goes
// back: one that is set back stands still until it is right again. The zero clock tells the truth.
type clock struct {
	set   trace.NodeClock
	from  raft.Time // since then it runs so
	base  raft.Time // what it showed then, but for the skew
	floor raft.Time // what it showed then
}

// never is a moment that does not come.
const never = raft.Time(1) << 62

// reads gives what the clock shows at a moment.
func (k *clock) reads(now raft.Time) raft.Time {
	if k.set == (trace.NodeClock{}) && k.from == 0 {
		return now
	}
	return max(k.floor, k.drifted(now)+k.set.Skew)
}

func (k *clock) drifted(now raft.Time) raft.Time {
	span := now - k.from
	return k.base + span + span*raft.Time(k.set.Drift)/1_000_000
}

// shows gives the first moment at which the clock shows a time.
func (k *clock) shows(local raft.Time) raft.Time {
	switch {
	case local >= never/2:
		return never
	case k.set == (trace.NodeClock{}) && k.from == 0:
		return local
	case local <= k.floor:
		return k.from
	}
	span := (local - k.base - k.set.Skew) * 1_000_000 / (1_000_000 + raft.Time(k.set.Drift))
	for k.reads(k.from+span) < local {
		span++
	}
	for span > 0 && k.reads(k.from+span-1) >= local {
		span--
	}
	return k.from + span
}

// adjust makes the clock run otherwise from now on.
func (k *clock) adjust(now raft.Time, set trace.NodeClock) {
	floor, base := k.reads(now), k.drifted(now)
	*k = clock{set: set, from: now, base: base, floor: floor}
}

// The bounds of what can be asked of a clock.
const (
	maxSkew  = 3600 * raft.Second
	maxDrift = 500_000
)

// setClock makes a server's clock run otherwise.
func (c *Cluster) setClock(s *server, set trace.NodeClock) {
	if s.clock.set == set {
		return
	}
	s.clock.adjust(c.now, set)
	c.tell(trace.Network, trace.EventID{}, trace.ClockSet{Node: s.id, Clock: set})
	s.rest()
}
