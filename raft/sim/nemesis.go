package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// Nemesis is how often which accidents befall a cluster. The zero Nemesis is none. What it does are
// commands as a person might give them. It keeps to what a cluster may survive: less than half of
// the voters are gone for good or have lost what they acknowledged, and where leases are in use
// clocks drift apart by no more than they may.
type Nemesis struct {
	Every raft.Time // between accidents, on average; 0 for none
	Until raft.Time // then a core of servers is left in peace (see Peace); 0 for never
	// Weights: an accident is drawn in proportion.
	Crash, Restart, Pause, Resume, Cut, OneWay, Partition, Heal, Noise, Campaign uint32

	Shape    uint32 // a node alone, a ring, a bridge, a ring of majorities
	Link     uint32 // one direction of a link is slow, lossy or clogged
	Outage   uint32 // all lose power at once
	Disk     uint32 // a disk is slow, stuck, full or fails
	Damage   uint32 // a batch is torn, or the last one lost, or the log cannot be read
	Wipe     uint32 // a disk is gone, and a new server takes its place
	Clock    uint32 // a clock is set or drifts
	Transfer uint32 // somebody wants another leader
	Change   uint32 // somebody wants another configuration
}

// AllFaults gives a nemesis that does everything.
func AllFaults(every, until raft.Time) Nemesis {
	return Nemesis{Every: every, Until: until, Crash: 3, Restart: 5, Pause: 2, Resume: 4, Cut: 2,
		OneWay: 2, Partition: 2, Heal: 4, Noise: 2, Campaign: 1, Shape: 2, Link: 4, Outage: 1,
		Disk: 3, Damage: 2, Wipe: 1, Clock: 2, Transfer: 2, Change: 4}
}

// nemesis is the state of the accidents.
type nemesis struct {
	rand rng.Rand
}

func (c *Cluster) startNemesis() {
	c.nemesis.rand = c.rand.Split("nemesis", 0)
	if c.cfg.Nemesis.Every > 0 {
		c.plan(c.cfg.Nemesis.Every, item{kind: dueNemesis})
	}
}

// befall lets one accident happen and plans the next.
func (c *Cluster) befall() {
	n, r := &c.cfg.Nemesis, &c.nemesis.rand
	if n.Until > 0 && c.now >= n.Until {
		c.settle()
		return
	}
	weights := [...]uint32{n.Crash, n.Restart, n.Pause, n.Resume, n.Cut, n.OneWay, n.Partition,
		n.Heal, n.Noise, n.Campaign, n.Shape, n.Link, n.Outage, n.Disk, n.Damage, n.Wipe, n.Clock,
		n.Transfer, n.Change}
	total := int64(0)
	for _, w := range weights {
		total += int64(w)
	}
	if total == 0 {
		return
	}
	pick, id := r.Below(total), c.anybody(r)
	kind := 0
	for pick >= int64(weights[kind]) {
		pick -= int64(weights[kind])
		kind++
	}
	accidents := [...]func(*Cluster, raft.NodeID){(*Cluster).dies, (*Cluster).comesBack,
		(*Cluster).stops, (*Cluster).goesOn, (*Cluster).cutBoth, (*Cluster).cutOneWay,
		(*Cluster).halves, (*Cluster).heals, (*Cluster).noise, (*Cluster).stands,
		(*Cluster).shape, (*Cluster).linkFault, (*Cluster).outage, (*Cluster).diskFault,
		(*Cluster).damage, (*Cluster).wiped, (*Cluster).clockFault, (*Cluster).handsOver,
		(*Cluster).reconfigures}
	accidents[kind](c, id)
	wait := raft.Time(r.Between(int64(n.Every/2), int64(3*n.Every/2)))
	if n.Until > 0 && c.now < n.Until {
		wait = min(wait, n.Until-c.now)
	}
	c.plan(c.now+wait, item{kind: dueNemesis})
}

// inflict does what a command says, if it makes sense.
func (c *Cluster) inflict(cmd trace.Command) bool {
	if c.refusal(&cmd) != "" {
		return false
	}
	c.did(cmd)
	c.carryOut(&cmd, true)
	return true
}

func (c *Cluster) inflictAt(kind trace.CommandKind, id raft.NodeID) bool {
	return c.inflict(trace.Command{Kind: kind, Node: id})
}

// dies ends a server; one that runs on memory is gone then, and is replaced.
func (c *Cluster) dies(id raft.NodeID) {
	if c.cfg.Store != "memory" {
		c.inflictAt(trace.CommandKill, id)
		return
	}
	if c.server(id).host != nil && c.mayLose(id) && c.inflictAt(trace.CommandKill, id) {
		c.inflictAt(trace.CommandWipe, id)
	}
}

func (c *Cluster) comesBack(id raft.NodeID) { c.inflictAt(trace.CommandRestart, id) }
func (c *Cluster) stops(id raft.NodeID)     { c.inflictAt(trace.CommandPause, id) }
func (c *Cluster) goesOn(id raft.NodeID)    { c.inflictAt(trace.CommandResume, id) }
func (c *Cluster) stands(id raft.NodeID)    { c.inflictAt(trace.CommandCampaign, id) }

// outage takes the power from all; some writes are torn by it, if all can come back.
func (c *Cluster) outage(raft.NodeID) {
	if c.cfg.Store == "memory" {
		return
	}
	r := &c.nemesis.rand
	torn := r.Below(2) == 0 && !slices.ContainsFunc(c.members, c.lost)
	for _, id := range c.members {
		s := c.server(id)
		if s.host == nil {
			continue
		}
		if torn && r.Below(2) == 0 {
			c.inflictDisk(s, func(d *trace.Disk) { d.Damage = trace.DamageTorn })
		}
		c.inflictAt(trace.CommandKill, id)
	}
}

// inflictDisk changes something of how a disk works.
func (c *Cluster) inflictDisk(s *server, change func(*trace.Disk)) {
	set := s.disk.set
	if change(&set); set != s.disk.set {
		c.inflict(trace.Command{Kind: trace.CommandDisk, Node: s.id, Disk: set})
	}
}

// diskFault makes a disk slow or stuck, or lets writes fail, or ends that.
func (c *Cluster) diskFault(id raft.NodeID) {
	r, s := &c.nemesis.rand, c.server(id)
	kind, slow := r.Below(6), raft.Time(r.Between(5, 200))*raft.Millisecond
	if s.disk.set.Stuck || s.disk.set.Full || s.disk.set.Failing {
		kind = 5
	}
	c.inflictDisk(s, func(d *trace.Disk) {
		switch kind {
		case 0, 1:
			d.Slow = slow
		case 2:
			d.Stuck = true
		case 3:
			d.Full = c.mayLose(id)
		case 4:
			d.Failing = c.mayLose(id)
		default:
			*d = trace.Disk{Damage: d.Damage}
		}
	})
}

// damage harms what a disk holds. It is found when the server comes back.
func (c *Cluster) damage(id raft.NodeID) {
	r, s := &c.nemesis.rand, c.server(id)
	kind := [...]trace.Damage{trace.DamageTorn, trace.DamageTail, trace.DamageTail,
		trace.DamageLog}[r.Below(4)]
	if c.cfg.Store == "memory" || s.gone != "" || s.weak() || !c.mayLose(id) {
		return
	}
	c.inflictDisk(s, func(d *trace.Disk) { d.Damage = kind })
	c.inflictAt(trace.CommandKill, id)
	if r.Below(2) == 0 {
		c.inflictAt(trace.CommandRestart, id)
	}
	if c.server(id).gone != "" {
		c.inflictAt(trace.CommandWipe, id)
	}
}

// wiped takes a disk away, or replaces a server that is gone.
func (c *Cluster) wiped(id raft.NodeID) {
	if c.lost(id) || c.mayLose(id) {
		c.inflictAt(trace.CommandWipe, id)
	}
}

// lost reports whether a server is gone for good.
func (c *Cluster) lost(id raft.NodeID) bool { return c.server(id).gone != "" }

// mayLose reports whether the cluster survives that one more server loses what it acknowledged.
func (c *Cluster) mayLose(id raft.NodeID) bool {
	return c.spares(func(other raft.NodeID) bool { return other == id || c.server(other).weak() })
}

// clockFault sets a clock ahead or back, or makes it drift, or right again.
func (c *Cluster) clockFault(id raft.NodeID) {
	r := &c.nemesis.rand
	kind, drift, skew := r.Below(4), r.Between(-100_000, 100_000), r.Between(-2000, 2000)
	cmd := trace.Command{Kind: trace.CommandClock, Node: id, Clock: c.server(id).clock.set}
	if c.cfg.Raft.LeaseReads { // two of them drift apart by at most MaxDrift, and none jumps
		most := int64(c.cfg.Raft.MaxDrift) * 9 / 20
		drift, skew = drift*most/100_000, 0
	}
	switch {
	case kind == 0 && cmd.Clock != (trace.NodeClock{}):
		cmd.Clock = trace.NodeClock{}
	case kind <= 1:
		cmd.Clock.Skew = raft.Time(skew) * raft.Millisecond
	default:
		cmd.Clock.Drift = int32(drift)
	}
	c.inflict(cmd)
}

// handsOver asks for another leader: a certain one, or whoever is best.
func (c *Cluster) handsOver(id raft.NodeID) {
	if c.nemesis.rand.Below(3) == 0 {
		id = 0
	}
	c.inflictAt(trace.CommandTransfer, id)
}
