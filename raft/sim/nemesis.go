package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// Nemesis is how often which accidents befall a cluster. The zero Nemesis is none.
type Nemesis struct {
	Every raft.Time // between accidents, on average; 0 for none
	Until raft.Time // then everything is healed, restarted and resumed; 0 for never
	// Weights: an accident is drawn in proportion.
	Crash, Restart, Pause, Resume, Cut, OneWay, Partition, Heal, Noise, Campaign uint32
}

// AllFaults gives a nemesis that does everything.
func AllFaults(every, until raft.Time) Nemesis {
	return Nemesis{Every: every, Until: until, Crash: 3, Restart: 5, Pause: 2, Resume: 4, Cut: 2,
		OneWay: 2, Partition: 2, Heal: 4, Noise: 2, Campaign: 1}
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
		c.healEverything()
		return
	}
	weights := [...]uint32{n.Crash, n.Restart, n.Pause, n.Resume, n.Cut, n.OneWay, n.Partition,
		n.Heal, n.Noise, n.Campaign}
	total := int64(0)
	for _, w := range weights {
		total += int64(w)
	}
	if total == 0 {
		return
	}
	pick, s := r.Below(total), c.server(c.members[r.Below(int64(len(c.members)))])
	kind := 0
	for pick >= int64(weights[kind]) {
		pick -= int64(weights[kind])
		kind++
	}
	c.accident(kind, s)
	c.plan(c.now+raft.Time(r.Between(int64(n.Every/2), int64(3*n.Every/2))), item{kind: dueNemesis})
}

func (c *Cluster) accident(kind int, s *server) {
	r := &c.nemesis.rand
	other := c.members[r.Below(int64(len(c.members)))]
	switch kind {
	case 0:
		if s.host != nil && c.cfg.Store == "file" {
			c.crash(s, "died", false)
		}
	case 1:
		if s.host == nil {
			c.restart(s)
		}
	case 2:
		if s.host != nil && !s.paused {
			c.pause(s)
		}
	case 3:
		if s.host != nil && s.paused {
			c.resume(s)
		}
	case 4, 5:
		if other != s.id {
			c.cut(s.id, other, true)
			if kind == 4 {
				c.cut(other, s.id, true)
			}
		}
	case 6:
		c.randomPartition(r)
	case 7:
		c.partition([][]raft.NodeID{c.members})
	case 8:
		c.noise(r)
	case 9:
		if s.host != nil && !s.paused {
			s.host.Campaign(0)
			s.host.Do(c.now)
		}
	}
}

func (c *Cluster) randomPartition(r *rng.Rand) {
	var a, b []raft.NodeID
	for _, id := range c.members {
		if r.Below(2) == 0 {
			a = append(a, id)
		} else {
			b = append(b, id)
		}
	}
	c.partition([][]raft.NodeID{a, b})
}

// noise makes every link lossy, or clean again.
func (c *Cluster) noise(r *rng.Rand) {
	l := c.cfg.Link
	if r.Below(2) == 0 {
		l.Loss, l.Duplicate, l.Reorder = uint32(r.Below(100_000)), uint32(r.Below(50_000)),
			uint32(r.Below(100_000))
	}
	c.setAllLinks(l)
}

func (c *Cluster) setAllLinks(l trace.Link) {
	for _, from := range c.members {
		for _, to := range c.members {
			if from != to {
				l.Cut = c.link(from, to).Cut
				c.setLink(from, to, l)
			}
		}
	}
}

// healEverything ends all accidents.
func (c *Cluster) healEverything() {
	c.setAllLinks(c.cfg.Link)
	c.partition([][]raft.NodeID{slices.Clone(c.members)})
	for i := range c.servers {
		switch s := &c.servers[i]; {
		case s.host == nil && !s.lost:
			c.restart(s)
		case s.host != nil && s.paused:
			c.resume(s)
		}
	}
}
