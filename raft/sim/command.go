package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Do implements trace.Source. A command takes effect behind the last event so far; its answer
// stands there. What is refused leaves no trace in the run; what is taken ends a Redo.
func (c *Cluster) Do(cmd trace.Command) error {
	if why := c.refusal(&cmd); why != "" {
		c.tell(trace.Supervisor, trace.EventID{}, trace.Refused{Command: cmd.ID, Why: why})
		return nil
	}
	c.tell(trace.Supervisor, trace.EventID{}, trace.Accepted{Command: cmd.ID})
	c.redo = redoing{} // from here on it is another run
	c.asked(cmd)
	return nil
}

// asked carries out what somebody outside wants.
func (c *Cluster) asked(cmd trace.Command) {
	c.did(cmd)
	if k := len(c.done); c.keeping {
		c.done[k-1].Asked = true
	}
	c.carryOut(&cmd, false)
}

// maxDelay bounds the delay and the jitter of a link.
const maxDelay = 3600 * raft.Second

// refusal says, in a sentence, why a command cannot be taken; empty if it can.
func (c *Cluster) refusal(cmd *trace.Command) string {
	switch cmd.Kind {
	case trace.CommandKill, trace.CommandRestart, trace.CommandPause, trace.CommandResume,
		trace.CommandCampaign, trace.CommandWipe, trace.CommandDisk, trace.CommandClock:
		if !c.known(cmd.Node) {
			return say.Textf("there is no node %d; there are S1 to S%d", cmd.Node, len(c.servers))
		}
		return c.refusalAt(c.server(cmd.Node), cmd)
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
	case trace.CommandPropose, trace.CommandRead, trace.CommandTransfer, trace.CommandChange:
		return c.refusalOfRequest(cmd)
	case trace.CommandHealAll:
	default:
		return say.Textf("a simulation does not know the command %d", uint8(cmd.Kind))
	}
	return ""
}

func (c *Cluster) refusalAt(s *server, cmd *trace.Command) string {
	up := s.host != nil
	switch {
	case cmd.Kind == trace.CommandWipe:
		return c.refusalToWipe(s)
	case cmd.Kind == trace.CommandDisk:
		return refusalOfDisk(&cmd.Disk)
	case cmd.Kind == trace.CommandClock:
		return refusalOfClock(&cmd.Clock)
	case cmd.Kind == trace.CommandRestart && up:
		return say.Textf("%v is running", s.id)
	case cmd.Kind == trace.CommandRestart && s.gone != "":
		return say.Textf("%v cannot come back as a voter: %s", s.id, s.gone)
	case cmd.Kind == trace.CommandRestart:
		return ""
	case !up:
		return say.Textf("%v is down", s.id)
	case cmd.Kind == trace.CommandPause && s.paused:
		return say.Textf("%v is paused already", s.id)
	case cmd.Kind == trace.CommandResume && !s.paused:
		return say.Textf("%v is not paused", s.id)
	case cmd.Kind == trace.CommandCampaign && s.paused:
		return say.Textf("%v is paused; it does nothing until it is resumed", s.id)
	}
	return ""
}

func (c *Cluster) refusalToWipe(s *server) string {
	switch {
	case s.heir != 0:
		return say.Textf("%v is gone already, and %v takes its place", s.id, s.heir)
	case len(c.servers) >= MaxNodes:
		return say.Textf("there are %d nodes already, and no room for one that takes its place",
			MaxNodes)
	}
	return ""
}

func refusalOfDisk(d *trace.Disk) string {
	switch {
	case d.Slow < 0 || d.Slow > maxSlow:
		return say.Textf("a disk takes from 0 to %d s longer", int64(maxSlow/raft.Second))
	case d.Damage > trace.DamageLog:
		return say.Textf("a simulation does not know the damage %d", uint8(d.Damage))
	}
	return ""
}

func refusalOfClock(k *trace.NodeClock) string {
	switch {
	case k.Skew < -maxSkew || k.Skew > maxSkew:
		return say.Textf("a clock is wrong by at most %d s", int64(maxSkew/raft.Second))
	case k.Drift < -maxDrift || k.Drift > maxDrift:
		return say.Textf("a clock drifts by at most %d parts per million", maxDrift)
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

func (c *Cluster) refusalOfRequest(cmd *trace.Command) string {
	switch {
	case cmd.Kind == trace.CommandChange:
		return c.refusalOfChange(&cmd.Change)
	case cmd.Node != 0 && !c.known(cmd.Node):
		return say.Textf("there is no node %d", cmd.Node)
	case cmd.Kind == trace.CommandPropose && cmd.Key == "":
		return "a write needs a key"
	case cmd.Kind == trace.CommandRead && cmd.Key == "":
		return "a read needs a key"
	case cmd.Kind == trace.CommandRead && c.cfg.Machine != "kv":
		return say.Textf("the %s machine has no keys to read", c.cfg.Machine)
	}
	return ""
}

// refusalOfChange looks at what the servers are; whether their configuration may change they say
// themselves.
func (c *Cluster) refusalOfChange(ch *raft.Change) string {
	for _, id := range slices.Concat(ch.Vote, ch.Learn) {
		if c.known(id) && c.server(id).gone != "" {
			return say.Textf("%v cannot take part again: %s", id, c.server(id).gone)
		}
	}
	for _, id := range ch.Remove {
		if !c.known(id) {
			return say.Textf("there is no node %d to be removed", id)
		}
	}
	next := len(c.servers) + 1
	for _, id := range c.newcomers(ch) {
		if int(id) != next || next > MaxNodes {
			return say.Textf("%v cannot be new: the next free id is %d, and ids go up to %d", id,
				next, MaxNodes)
		}
		next++
	}
	return ""
}

// carryOut does what was asked for, or what befalls a server as an accident.
func (c *Cluster) carryOut(cmd *trace.Command, accident bool) {
	switch cmd.Kind {
	case trace.CommandKill, trace.CommandRestart, trace.CommandPause, trace.CommandResume,
		trace.CommandCampaign, trace.CommandWipe, trace.CommandDisk, trace.CommandClock:
		c.carryOutAt(c.server(cmd.Node), cmd, accident)
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
		c.healAll()
	case trace.CommandPropose:
		c.propose(cmd.Node, cmd.Key, cmd.Value)
	case trace.CommandRead:
		c.readKey(cmd.Node, cmd.Key)
	case trace.CommandTransfer:
		c.transfer(cmd.Node)
	case trace.CommandChange:
		c.change(cmd.Change)
	}
}

func (c *Cluster) carryOutAt(s *server, cmd *trace.Command, accident bool) {
	switch cmd.Kind {
	case trace.CommandKill:
		if accident {
			c.crash(s, "died", false)
		} else {
			c.crash(s, "killed", true)
		}
	case trace.CommandRestart:
		c.restart(s)
	case trace.CommandPause:
		c.pause(s)
	case trace.CommandResume:
		c.resume(s)
	case trace.CommandCampaign:
		s.host.Campaign(0)
		c.do(s)
	case trace.CommandWipe:
		c.wipe(s)
	case trace.CommandDisk:
		c.setDisk(s, cmd.Disk)
	case trace.CommandClock:
		c.setClock(s, cmd.Clock)
	}
}
