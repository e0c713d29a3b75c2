package viz

import (
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/input"
	"github.com/raftarium/raftarium/viz/panel"
	"github.com/raftarium/raftarium/viz/player"
	"github.com/raftarium/raftarium/viz/scene"
)

// step is one frame without its picture.
func (g *Game) step() {
	now := g.out.Now()
	wall := now - g.now
	if !g.started {
		wall, g.started = 0, true
	}
	g.now = now
	for _, r := range g.records {
		g.todo = g.reader.Read(now, r, &g.picture, g.todo)
	}
	g.records = g.records[:0]
	g.todo = g.reader.Wait(now, g.todo)
	g.todo = append(g.todo, g.intents...)
	g.intents = g.intents[:0]
	for _, in := range g.todo {
		g.carryOut(in)
	}
	g.todo = g.todo[:0]
	if p := g.player; p != nil {
		p.Freeze(g.reader.Frozen(now))
		p.Tick(wall)
		g.watchOpening()
	}
	if c := g.reader.Cursor(); c != g.cursor && g.out.Cursor != nil {
		g.cursor = c
		g.out.Cursor(c)
	}
}

// open lets go of what is watched and watches something else.
func (g *Game) open(uri string, ticket uint64) {
	if g.player != nil {
		g.player.Close()
	}
	g.desk.Settle(g.opening, false, "something else was opened")
	g.player, g.book, g.opening = nil, nil, 0
	g.selected, g.chosen, g.event, g.logFrom, g.focus = 0, false, 0, 0, 0
	g.sent = scene.Target{}
	g.uri, _, _ = strings.Cut(uri, "#") // what stands behind it is for the transport alone
	g.connected, g.failed = false, ""
	g.reader.Forget()
	src, err := g.out.Shelf.Open(uri)
	if err != nil {
		g.failed = err.Error()
		g.desk.Settle(ticket, false, g.failed)
		return
	}
	g.opening = ticket
	if _, pending := src.(interface{ Ready() bool }); !pending {
		g.connected = true
	}
	p := player.New(src, g.desk)
	p.OnEvent(func(k uint64, ev *trace.Event, before *trace.State) {
		if g.book == nil {
			g.book = panel.NewBook(p.Header())
		}
		g.book.Write(k, ev, before)
	}, func(_ uint64, ev *trace.Event, after *trace.State) { g.book.Observe(ev, after) })
	g.player = p
}

// watchOpening answers the open once the source has said what it is, or that it will not be.
func (g *Game) watchOpening() {
	switch {
	case g.player.Err() != nil:
		g.failed = g.player.Err().Error()
		g.desk.Settle(g.opening, false, g.failed)
		g.opening = 0
	case g.player.Ready():
		g.desk.Settle(g.opening, true, "")
		g.opening = 0
	case g.failed != "":
		g.desk.Settle(g.opening, false, g.failed)
		g.opening = 0
	}
}

// state gives what is shown; an empty state when there is nothing.
func (g *Game) state() *trace.State {
	if g.player != nil {
		if s := g.player.State(); s != nil {
			return s
		}
	}
	return &nothing
}

var nothing trace.State

// compose makes the picture.
func (g *Game) compose() {
	v := &g.view
	if p := g.player; p != nil {
		c := p.Clock()
		v.Now, v.Speed, v.Lag = c.At, c.Speed, c.Lag
		v.Playing = c.Playing && !c.Frozen
		v.Live = p.Header().Clock == trace.Running
	}
	v.Selected, v.Hover, v.Focus = g.target(g.selected), g.reader.Hover(), g.target(g.focus)
	if g.sent.Kind != scene.Nothing {
		v.Selected = g.sent
	}
	v.Tool, v.Drag, v.OneWay = tools[g.reader.Tool()], g.reader.Stroke(), g.reader.OneWay()
	if v.Drag != nil && v.Tool == scene.ToolPoint {
		v.Tool = scene.ToolKnife
	}
	scene.Build(&g.picture, g.state(), *v)
}

var tools = map[input.Tool]scene.Tool{input.PointTool: scene.ToolPoint,
	input.CutTool: scene.ToolKnife, input.LassoTool: scene.ToolLasso,
	input.WriteTool: scene.ToolWrite}

func (g *Game) target(id raft.NodeID) scene.Target {
	if id == 0 {
		return scene.Target{}
	}
	return scene.Target{Kind: scene.TargetNode, Node: id}
}

// moving reports whether the next frame will differ from this one by itself.
func (g *Game) moving() bool {
	if g.reader.Waiting(g.now) || g.board.due || len(g.intents) > 0 || len(g.records) > 0 {
		return true
	}
	return g.player != nil && g.player.Moving()
}
