package viz

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/input"
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
	g.steps++
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
	}
	g.watchOpening()
	g.watchCarrier()
	g.watchLinks()
	if c := g.reader.Cursor(); c != g.cursor && g.out.Cursor != nil {
		g.cursor = c
		g.out.Cursor(c)
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
	return g.next != nil || g.player != nil && g.player.Moving()
}
