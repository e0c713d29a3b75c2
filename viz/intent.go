package viz

import (
	"math"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/input"
	"github.com/raftarium/raftarium/viz/player"
	"github.com/raftarium/raftarium/viz/scene"
)

const (
	textLimit = 4096                 // bytes of an intent's text
	scrubTime = 5 * raft.Millisecond // of play that a pixel of the wheel is worth
	noSource  = "there is no source yet"
)

// carryOut does what somebody wants and answers, or hands it on to the source, which answers.
func (g *Game) carryOut(in input.Intent) {
	if len(in.Text) > textLimit || len(in.Text2) > textLimit {
		g.desk.Settle(in.Ticket, false, "the text is longer than 4096 bytes")
		return
	}
	if in.Type == input.Open {
		g.open(in.Text, in.Ticket)
		return
	}
	if kind, ok := trace.CommandNamed(in.Type); ok {
		g.command(kind, in)
		return
	}
	why, known := g.show(in)
	if !known {
		if g.player == nil {
			why = noSource
		} else {
			why = g.play(in)
		}
	}
	g.desk.Settle(in.Ticket, why == "", why)
}

// show does what changes the picture alone.
func (g *Game) show(in input.Intent) (why string, known bool) {
	switch in.Type {
	case input.Select:
		g.selected, g.chosen, g.sent = raft.NodeID(whole(in.A)), false, scene.Target{}
	case input.Event:
		return g.choose(uint64(whole(in.A))), true
	case input.Sender:
		return g.chooseSent(in), true
	case input.UseTool:
		t, ok := input.ToolNamed(in.Text)
		if !ok {
			return "there is no tool " + strconv.Quote(in.Text), true
		}
		g.reader.Use(t)
	case input.Filter:
		g.view.Hidden = hidden(in.Text)
	case input.Focus:
		g.focus = raft.NodeID(whole(in.A))
	case input.FixLog:
		g.logFrom = raft.Index(whole(in.A))
	case input.Escape:
		g.reader.Give()
		g.selected, g.chosen, g.sent = 0, false, scene.Target{}
	default:
		return "", false
	}
	return "", true
}

// choose marks an event of the list. Chosen twice it is let go.
func (g *Game) choose(k uint64) string {
	if g.player == nil || g.book == nil {
		return noSource
	}
	if g.chosen && g.event == k {
		g.chosen, g.sent = false, scene.Target{}
		return ""
	}
	row, ok := g.book.Row(k)
	if !ok {
		return "the list has no event " + strconv.FormatUint(k, 10)
	}
	g.chosen, g.event, g.selected, g.sent = true, k, row.Node, scene.Target{}
	return ""
}

// chooseSent marks a message.
func (g *Game) chooseSent(in input.Intent) string {
	if g.player == nil {
		return noSource
	}
	g.sent = g.reader.Hover()
	id := trace.EventID{Node: raft.NodeID(whole(in.A)), Boot: uint32(whole(in.B)),
		N: uint64(whole(in.C))}
	if g.sent.Event != id {
		g.sent = scene.Target{Kind: scene.TargetFlight, Event: id}
	}
	k, ok := g.player.Find(id)
	if !ok {
		return "that message is no longer in the history that is kept"
	}
	g.chosen, g.event, g.selected = true, k, 0
	return ""
}

// play moves the play-head.
func (g *Game) play(in input.Intent) (why string) {
	p := g.player
	switch in.Type {
	case input.Play:
		p.Play()
	case input.Hold:
		p.Hold()
	case input.Toggle:
		if p.Clock().Playing {
			p.Hold()
		} else {
			p.Play()
		}
	case input.Speed:
		p.SetSpeed(in.A)
	case input.Seek:
		p.SeekTime(raft.Time(whole(in.A)))
	case input.Scrub:
		c := p.Clock()
		p.Hold()
		p.SeekTime(c.At + raft.Time(in.A*c.Speed*float64(scrubTime)))
	case input.Now:
		p.Now()
	case input.Step:
		by, ok := player.ByNamed(in.Text)
		if !ok {
			return "a step goes by event, message or change, not by " + strconv.Quote(in.Text)
		}
		if err := p.Step(by, int(max(min(in.A, 1), -1))); err != nil {
			return err.Error()
		}
	default:
		return "there is no intent " + strconv.Quote(in.Type)
	}
	g.chosen, g.sent = false, scene.Target{}
	return ""
}

// command hands a command to the source.
func (g *Game) command(kind trace.CommandKind, in input.Intent) {
	c := trace.Command{ID: in.Ticket, Kind: kind}
	switch kind {
	case trace.CommandCut, trace.CommandHeal:
		c.From, c.To, c.Both = raft.NodeID(whole(in.A)), raft.NodeID(whole(in.B)), in.C != 0
	case trace.CommandPartition:
		groups, why := parts(in.Text)
		if why != "" {
			g.desk.Settle(in.Ticket, false, why)
			return
		}
		c.Groups = groups
	case trace.CommandPropose:
		c.Node, c.Key, c.Value = raft.NodeID(whole(in.A)), in.Text, in.Text2
	default:
		c.Node = raft.NodeID(whole(in.A))
	}
	if g.player == nil {
		g.desk.Settle(in.Ticket, false, noSource)
		return
	}
	if !g.connected && g.failed != "" {
		g.desk.Settle(in.Ticket, false, g.failed)
		return
	}
	g.player.Do(c)
}

// whole turns a number of the page into a whole one that every id, index and time can hold.
func whole(f float64) int64 {
	if math.IsNaN(f) || f < 0 {
		return 0
	}
	return int64(min(f, 1<<53))
}

// parts reads the groups of a partition: 1,2|3,4,5.
func parts(text string) (groups [][]raft.NodeID, why string) {
	for part := range strings.SplitSeq(text, "|") {
		var ids []raft.NodeID
		for word := range strings.SplitSeq(part, ",") {
			if word == "" {
				continue
			}
			n, err := strconv.ParseUint(word, 10, 32)
			if err != nil || n == 0 {
				return nil, strconv.Quote(word) + " is no node; groups are written 1,2|3,4,5"
			}
			ids = append(ids, raft.NodeID(n))
		}
		if len(ids) > 0 {
			groups = append(groups, ids)
		}
	}
	return groups, ""
}

// hidden reads the classes of message that are not drawn. What is no class hides nothing.
func hidden(text string) (h scene.Hidden) {
	for name := range strings.SplitSeq(text, ",") {
		if name == "client" {
			h |= scene.HideClients
		}
		for c := trace.ClassHeartbeat; c <= trace.ClassOther; c++ {
			if c.String() == name {
				h |= scene.Hide(c)
			}
		}
	}
	return h
}
