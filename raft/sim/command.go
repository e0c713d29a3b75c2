package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Do implements trace.Source. A command takes effect behind the last event so far; its answer
// stands there. What is refused leaves no trace in the run.
func (c *Cluster) Do(cmd trace.Command) error {
	if why := c.refusal(&cmd); why != "" {
		c.tell(trace.Supervisor, trace.EventID{}, trace.Refused{Command: cmd.ID, Why: why})
		return nil
	}
	c.tell(trace.Supervisor, trace.EventID{}, trace.Accepted{Command: cmd.ID})
	c.carryOut(&cmd)
	return nil
}

// maxDelay bounds the delay and the jitter of a link.
const maxDelay = 3600 * raft.Second

// refusal says, in a sentence, why a command cannot be taken; empty if it can.
func (c *Cluster) refusal(cmd *trace.Command) string {
	switch cmd.Kind {
	case trace.CommandKill, trace.CommandRestart, trace.CommandPause, trace.CommandResume,
		trace.CommandCampaign:
		if !c.known(cmd.Node) {
			return say.Textf("there is no node %d; there are S1 to S%d", cmd.Node, len(c.servers))
		}
		return c.refusalAt(c.server(cmd.Node), cmd.Kind)
	case trace.CommandCut, trace.CommandHeal, trace.CommandLink:
		if !c.known(cmd.From) || !c.known(cmd.To) || cmd.From == cmd.To {
			return say.Textf("there is no link from node %d to node %d", cmd.From, cmd.To)
		}
		if l := &cmd.Link; cmd.Kind == trace.CommandLink &&
			(min(l.Delay, l.Jitter) < 0 || max(l.Delay, l.Jitter) > maxDelay) {
			return say.Textf("a link takes from 0 to %d s", int64(maxDelay/raft.Second))
		}
	case trace.CommandPartition:
		return c.refusalOfGroups(cmd.Groups)
	case trace.CommandPropose:
		if cmd.Key == "" {
			return "a write needs a key"
		}
		if cmd.Node != 0 && !c.known(cmd.Node) {
			return say.Textf("there is no node %d", cmd.Node)
		}
	case trace.CommandHealAll:
	default:
		return say.Textf("a simulation does not know the command %d", uint8(cmd.Kind))
	}
	return ""
}

func (c *Cluster) refusalAt(s *server, kind trace.CommandKind) string {
	up := s.host != nil
	switch {
	case kind == trace.CommandRestart && up:
		return say.Textf("%v is running", s.id)
	case kind == trace.CommandRestart && s.lost:
		return say.Textf("%v ran on the memory store: when it was killed it lost its vote and "+
			"its log, so it cannot come back as a voter", s.id)
	case kind == trace.CommandRestart:
		return ""
	case !up:
		return say.Textf("%v is down", s.id)
	case kind == trace.CommandPause && s.paused:
		return say.Textf("%v is paused already", s.id)
	case kind == trace.CommandResume && !s.paused:
		return say.Textf("%v is not paused", s.id)
	case kind == trace.CommandCampaign && s.paused:
		return say.Textf("%v is paused; it does nothing until it is resumed", s.id)
	}
	return ""
}

func (c *Cluster) refusalOfGroups(groups [][]raft.NodeID) string {
	var seen []raft.NodeID
	for _, g := range groups {
		for _, id := range g {
			if !c.known(id) {
				return say.Textf("there is no node %d", id)
			}
			if slices.Contains(seen, id) {
				return say.Textf("%v stands in two groups", id)
			}
			seen = append(seen, id)
		}
	}
	return ""
}

// carryOut does what was asked for. Commands that name a node act as an event of the supervisor.
func (c *Cluster) carryOut(cmd *trace.Command) {
	switch cmd.Kind {
	case trace.CommandKill:
		c.crash(c.server(cmd.Node), "killed", true)
	case trace.CommandRestart:
		c.restart(c.server(cmd.Node))
	case trace.CommandPause:
		c.pause(c.server(cmd.Node))
	case trace.CommandResume:
		c.resume(c.server(cmd.Node))
	case trace.CommandCampaign:
		s := c.server(cmd.Node)
		s.host.Campaign(0)
		s.host.Do(c.now)
	case trace.CommandCut, trace.CommandHeal:
		c.cut(cmd.From, cmd.To, cmd.Kind == trace.CommandCut)
		if cmd.Both {
			c.cut(cmd.To, cmd.From, cmd.Kind == trace.CommandCut)
		}
	case trace.CommandLink:
		c.setLink(cmd.From, cmd.To, cmd.Link)
	case trace.CommandPartition:
		c.partition(cmd.Groups)
	case trace.CommandHealAll:
		c.partition([][]raft.NodeID{c.members})
	case trace.CommandPropose:
		c.propose(cmd.Node, cmd.Key, cmd.Value)
	}
}

// restart begins a new incarnation; a disk that cannot be read is a violation, not a crash of the
// simulation.
func (c *Cluster) restart(s *server) {
	if err := c.start(s); err != nil {
		c.tell(trace.Checker, trace.EventID{}, trace.Violation{Check: "broken",
			Text:  say.Textf("%v cannot start: %v", s.id, err),
			Nodes: []raft.NodeID{s.id}})
	}
}

// partition lets those talk to each other who stand in one group, and nobody else.
func (c *Cluster) partition(groups [][]raft.NodeID) {
	group := make([]int, len(c.servers)+1)
	for i := range group {
		group[i] = -i // alone
	}
	for g, ids := range groups {
		for _, id := range ids {
			group[id] = g + 1
		}
	}
	for _, from := range c.members {
		for _, to := range c.members {
			if from != to {
				c.cut(from, to, group[from] != group[to])
			}
		}
	}
}
