package sim

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// scenario is a run that is worth watching: settings, and what is done when. Text scripts with
// expectations will take its place (package scenario).
type scenario struct {
	name    string
	adjust  func(*Config)
	actions []action
}

// action is something that a scenario does. Whom it concerns is found when it happens.
type action struct {
	at   raft.Time
	what actionKind
}

type actionKind uint8

const (
	isolateFollower actionKind = iota // cut the last follower off
	healAll
	firstStands // ask the first server to stand for election, so that there is a leader soon
)

var scenarios = [...]scenario{
	{name: "first", adjust: func(*Config) {}},
	{
		name: "away",
		adjust: func(c *Config) {
			c.Clients, c.Think = 4, 24*raft.Millisecond
			c.SnapshotEvery, c.Raft.Trailing = 8, 2
		},
		actions: []action{
			{at: 30 * raft.Millisecond, what: firstStands},
			{at: 350 * raft.Millisecond, what: isolateFollower},
			{at: 620 * raft.Millisecond, what: healAll},
		},
	},
	{name: "quiet", adjust: func(c *Config) { c.Clients = 0 }},
	{name: "swarm", adjust: drawSwarm},
}

// Scenarios lists the names that Config.Scenario takes.
func Scenarios() []string {
	var names []string
	for i := range scenarios {
		names = append(names, scenarios[i].name)
	}
	return names
}

func scenarioNamed(name string) (scenario, bool) {
	for _, s := range scenarios {
		if s.name == name {
			return s, true
		}
	}
	return scenario{}, false
}

// act does what the scenario asks for.
func (c *Cluster) act(a *action) {
	switch a.what {
	case healAll:
		c.did(trace.Command{Kind: trace.CommandHealAll})
		c.healAll()
	case firstStands:
		if s := &c.servers[0]; s.host != nil && !s.paused {
			c.did(trace.Command{Kind: trace.CommandCampaign, Node: s.id})
			s.host.Campaign(0)
			c.do(s)
		}
	case isolateFollower:
		for i := len(c.servers) - 1; i >= 0; i-- {
			if s := &c.servers[i]; s.host == nil || s.host.Node().Status().Role == raft.Leader {
				continue
			}
			c.isolate(c.servers[i].id)
			return
		}
	}
}

// isolate cuts a node off from all others.
func (c *Cluster) isolate(id raft.NodeID) {
	for _, other := range c.members {
		if other != id {
			c.did(trace.Command{Kind: trace.CommandCut, From: id, To: other, Both: true})
			c.cut(id, other, true)
			c.cut(other, id, true)
		}
	}
}
