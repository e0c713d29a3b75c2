package viz

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/input"
	"github.com/raftarium/raftarium/viz/player"
	"github.com/raftarium/raftarium/viz/scene"
)

const (
	textLimit  = 4096    // bytes of an intent's text that is neither of these
	keyLimit   = 1 << 10 // bytes of a key, as the client's API has it
	valueLimit = 1 << 20 // and of a value
	uriLimit   = 1 << 14 // and of an address, which may be a link

	scrubTime = 5 * raft.Millisecond // of play that a pixel of the wheel is worth
	noSource  = "there is no source yet"
)

// carryOut does what somebody wants and answers, or hands it on to the source, which answers.
func (g *Game) carryOut(in input.Intent) {
	if why := tooLong(&in); why != "" {
		g.desk.Settle(in.Ticket, false, why)
		return
	}
	switch in.Type {
	case input.Open:
		g.open(in.Text, in.Ticket)
		return
	case input.Undo:
		g.undo(in.Ticket)
		return
	case input.Share:
		g.share(in.Ticket)
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

// tooLong says which text of an intent is over its limit; nothing if none is.
func tooLong(in *input.Intent) string {
	switch {
	case (in.Type == input.Write || in.Type == input.Read) && len(in.Text) > keyLimit:
		return "a key has at most 1 KiB, " + strconv.Itoa(keyLimit) + " bytes"
	case in.Type == input.Write && len(in.Text2) > valueLimit:
		return "a value has at most 1 MiB, " + strconv.Itoa(valueLimit) + " bytes"
	case in.Type == input.Open && len(in.Text) > uriLimit:
		return "an address has at most " + strconv.Itoa(uriLimit) + " bytes"
	case in.Type == input.Write || in.Type == input.Open:
		return ""
	case max(len(in.Text), len(in.Text2)) > textLimit:
		return in.Type + ": a text has at most " + strconv.Itoa(textLimit) + " bytes"
	}
	return ""
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
	case input.Branch:
		return g.chooseBranch(whole(in.A)), true
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
	if g.player == nil || g.book() == nil {
		return noSource
	}
	if g.chosen && g.event == k {
		g.chosen, g.sent = false, scene.Target{}
		return ""
	}
	row, ok := g.book().Row(k)
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
		why = pace(p, in)
	case input.Seek:
		why = reason(p.SeekTime(raft.Time(whole(in.A))))
	case input.PlayTo:
		why = reason(p.PlayTo(raft.Time(whole(in.A))))
	case input.Scrub:
		c := p.Clock()
		p.Hold()
		why = reason(p.SeekTime(c.At + raft.Time(in.A*c.Speed*float64(scrubTime))))
	case input.Now:
		p.Now()
	case input.Step:
		by, ok := player.ByNamed(in.Text)
		if !ok {
			return "a step goes by event, message or change, not by " + strconv.Quote(in.Text)
		}
		why = reason(p.Step(by, int(max(min(in.A, 1), -1))))
	default:
		return "there is no intent " + strconv.Quote(in.Type)
	}
	if why == "" {
		g.chosen, g.sent = false, scene.Target{}
	}
	return why
}

// pace sets the speed, or leaves it to what happens.
func pace(p *player.Player, in input.Intent) string {
	if in.Text == "auto" {
		return reason(p.SetAuto())
	}
	if !(in.A >= player.SlowestSpeed && in.A <= player.FastestSpeed) {
		return "a speed is from 1/1000 to 10 times real time"
	}
	p.SetSpeed(in.A)
	return ""
}

// reason gives an error's words; nothing for none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// command hands a command to the source.
func (g *Game) command(kind trace.CommandKind, in input.Intent) {
	c := trace.Command{ID: in.Ticket, Kind: kind}
	switch kind {
	case trace.CommandCut, trace.CommandHeal:
		c.From, c.To, c.Both = raft.NodeID(whole(in.A)), raft.NodeID(whole(in.B)), in.C != 0
	case trace.CommandLink:
		link, why := linkOf(in.Text)
		if why != "" {
			g.desk.Settle(in.Ticket, false, why)
			return
		}
		c.From, c.To, c.Link = raft.NodeID(whole(in.A)), raft.NodeID(whole(in.B)), link
	case trace.CommandDisk, trace.CommandClock:
		if why := deviceOf(&c, in.Text); why != "" {
			g.desk.Settle(in.Ticket, false, why)
			return
		}
		c.Node = raft.NodeID(whole(in.A))
	case trace.CommandPartition:
		groups, why := parts(in.Text)
		if why != "" {
			g.desk.Settle(in.Ticket, false, why)
			return
		}
		c.Groups = groups
	case trace.CommandPropose:
		c.Node, c.Key, c.Value = raft.NodeID(whole(in.A)), in.Text, in.Text2
	case trace.CommandRead:
		c.Node, c.Key = raft.NodeID(whole(in.A)), in.Text
	case trace.CommandChange:
		change, why := changeOf(in.Text)
		if why != "" {
			g.desk.Settle(in.Ticket, false, why)
			return
		}
		c.Change = change
		c.Change.Joint = in.C != 0
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
	if g.branches() {
		g.branchTo(c)
		return
	}
	g.hand(c)
}

// deviceOf reads how a disk works, as 200000,0,1,2: how much longer it takes, full, stuck, and the
// kind of damage that will be found; or how a clock goes, as -1000000,500: skew and drift.
func deviceOf(c *trace.Command, text string) (why string) {
	words := strings.Split(text, ",")
	n := make([]int64, len(words))
	for i, w := range words {
		var err error
		if n[i], err = strconv.ParseInt(w, 10, 40); err != nil {
			return strconv.Quote(w) + " is no number"
		}
	}
	switch {
	case c.Kind == trace.CommandDisk && len(n) == 4 && n[3] >= 0 && n[3] < 256:
		c.Disk = trace.Disk{Slow: raft.Time(n[0]), Full: n[1] != 0, Stuck: n[2] != 0,
			Damage: trace.Damage(n[3])}
	case c.Kind == trace.CommandClock && len(n) == 2 && n[1] == int64(int32(n[1])):
		c.Clock = trace.NodeClock{Skew: raft.Time(n[0]), Drift: int32(n[1])}
	default:
		return strconv.Quote(text) + " does not say how a " + c.Kind.String() + " is"
	}
	return ""
}

// linkOf reads how a link is from now on: delay, jitter, loss, duplicate, reorder, clog, and
// whether it is cut, as 8000,4000,0,0,0,0,0.
func linkOf(text string) (l trace.Link, why string) {
	var n [7]uint64
	words := strings.Split(text, ",")
	if len(words) != len(n) {
		return l, "a link is written 8000,4000,0,0,0,0,0: delay, jitter, loss, duplicate, " +
			"reorder, clog, cut"
	}
	for i, w := range words {
		v, err := strconv.ParseUint(w, 10, 40)
		if err != nil || i > 1 && v > 1_000_000 {
			return l, strconv.Quote(w) + " is no number for a link, or too large"
		}
		n[i] = v
	}
	return trace.Link{Delay: raft.Time(n[0]), Jitter: raft.Time(n[1]), Loss: uint32(n[2]),
		Duplicate: uint32(n[3]), Reorder: uint32(n[4]), Clog: n[5] != 0, Cut: n[6] != 0}, ""
}

// whole turns a number of the page into a whole one that every id, index and time can hold.
func whole(f float64) int64 {
	if math.IsNaN(f) || f < 0 {
		return 0
	}
	return int64(min(f, 1<<53))
}

// changeOf reads who shall vote, who shall learn and who shall go: 6|7|1,2.
func changeOf(text string) (ch raft.Change, why string) {
	lists := strings.Split(text, "|")
	if len(lists) != 3 {
		return ch, "a change is written 6|7|1,2: who shall vote, who shall learn, who shall go"
	}
	named := map[raft.NodeID]bool{}
	for i, to := range [...]*[]raft.NodeID{&ch.Vote, &ch.Learn, &ch.Remove} {
		if *to, why = nodes(lists[i], named, "lists"); why != "" {
			return ch, why
		}
		slices.Sort(*to)
	}
	if len(named) == 0 {
		return ch, "a change names a node at least"
	}
	return ch, ""
}

// nodes reads one of several lists of nodes; none of them may be named already.
func nodes(text string, named map[raft.NodeID]bool, lists string) (ids []raft.NodeID, why string) {
	for word := range strings.SplitSeq(text, ",") {
		if word == "" {
			continue
		}
		n, err := strconv.ParseUint(word, 10, 32)
		if err != nil || n == 0 {
			return nil, strconv.Quote(word) + " is no node"
		}
		id := raft.NodeID(n)
		if named[id] {
			return nil, id.String() + " is in two " + lists + ", or twice in one"
		}
		named[id] = true
		ids = append(ids, id)
	}
	return ids, ""
}

// parts reads the groups of a partition: 1,2|3,4,5.
func parts(text string) (groups [][]raft.NodeID, why string) {
	named := map[raft.NodeID]bool{}
	for part := range strings.SplitSeq(text, "|") {
		ids, why := nodes(part, named, "groups")
		if why != "" {
			return nil, why + "; groups are written 1,2|3,4,5"
		}
		if len(ids) > 0 {
			groups = append(groups, ids)
		}
	}
	if len(groups) == 0 {
		return nil, "a partition names a node at least; groups are written 1,2|3,4,5"
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
