package viz

import (
	"bytes"
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/panel"
)

const (
	publishEvery = 66 * raft.Millisecond // at most 15 views a second
	viewLimit    = 1 << 20               // bytes that the page takes
)

// board makes the panels' view, and hands it out when it has changed, not too often.
type board struct {
	view   panel.View
	in     panel.Input
	places []panel.Place
	sides  []panel.Side
	last   []byte // the last view, without its serial
	next   []byte
	out    []byte
	serial uint64
	at     raft.Time
	once   bool
	due    bool // there may be something new, and it is too early to look
}

// publish hands out a view if one is due.
func (g *Game) publish() {
	b := &g.board
	if g.out.Publish == nil {
		return
	}
	if b.due = b.once && g.now-b.at < publishEvery; b.due {
		// Frames come for a reason; whatever it was, look again when it is time.
		return
	}
	g.fill(&b.in)
	panel.Build(&b.view, &b.in)
	b.next = b.view.Append(b.next[:0])
	if b.once && bytes.Equal(b.next, b.last) {
		return
	}
	b.once, b.at = true, g.now
	b.serial++
	b.out = append(b.out[:0], `{"serial":`...)
	b.out = strconv.AppendUint(b.out, b.serial, 10)
	b.out = append(append(b.out, ','), b.next[1:]...)
	if len(b.out) > viewLimit {
		b.shorten()
	}
	b.last, b.next = b.next, b.last
	b.in.Answers = b.in.Answers[:0]
	g.out.Publish(b.out)
}

// shorten leaves out what can grow, so that the answers and the nodes still reach the page.
func (b *board) shorten() {
	b.view.Lanes, b.view.Log, b.view.Links = panel.Lanes{}, panel.Logs{}, nil
	b.view.Summary = "the view is too large for the page: logs, links and timeline are left out"
	b.out = append(b.out[:0], `{"serial":`...)
	b.out = strconv.AppendUint(b.out, b.serial, 10)
	n := len(b.out)
	b.out = b.view.Append(b.out)
	b.out[n] = ','
}

// fill gathers what the view is made of.
func (g *Game) fill(in *panel.Input) {
	answers := in.Answers
	for _, a := range g.desk.Fetch(nil) {
		answers = append(answers, panel.Answer(a))
	}
	*in = panel.Input{Connected: g.connected, Retrying: g.retrying, Error: g.failed,
		Book: g.book(), Answers: answers, Branches: g.listBranches(in.Branches[:0]),
		Selected: g.selected, Event: g.event, Chosen: g.chosen, LogFrom: g.logFrom,
		Scale: g.view.Scale}
	g.board.places, g.board.sides = g.board.places[:0], g.board.sides[:0]
	for _, p := range g.picture.Places {
		g.board.places = append(g.board.places, panel.Place{ID: p.ID, X: p.X, Y: p.Y, R: p.R})
	}
	for _, s := range g.picture.Sides {
		g.board.sides = append(g.board.sides, panel.Side{Nodes: s.Nodes, Up: s.Up, Of: s.Of,
			Can: s.Can, Text: s.Text, Verdict: s.Verdict})
	}
	in.Places, in.Sides = g.board.places, g.board.sides
	in.Config, in.ConfigIndex = g.picture.Config, g.picture.ConfigIndex
	in.Header.URI = g.uri
	p := g.player
	if p == nil {
		return
	}
	c := p.Clock()
	in.Clock = panel.Clock{At: c.At, Edge: c.Edge, Start: c.Start, Live: c.Live,
		Playing: c.Playing, Speed: c.Speed, Auto: c.Auto, Lag: c.Lag, Goal: c.Goal,
		Seeking: c.Seeking, Frozen: c.Frozen}
	if !p.Ready() {
		return
	}
	in.Header = p.Header()
	in.Header.URI = g.uri
	in.State, in.Bodies, in.Ordinal = p.State(), p.Bodies(), p.Ordinal()
	in.Why = g.why(in.State, in.Bodies)
}

// why says why what is shown is so: the event that was chosen, or the newest thing worth telling.
func (g *Game) why(s *trace.State, b *trace.Bodies) panel.Why {
	if g.chosen && g.book() != nil {
		if ev, ok := g.player.Event(g.event); ok {
			return panel.Tell(g.book(), g.event, &ev)
		}
	}
	return panel.WhyNow(s, b)
}
