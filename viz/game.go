package viz

import (
	"fmt"
	"runtime/debug"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/draw"
	"github.com/raftarium/raftarium/viz/input"
	"github.com/raftarium/raftarium/viz/panel"
	"github.com/raftarium/raftarium/viz/player"
	"github.com/raftarium/raftarium/viz/scene"
	"github.com/raftarium/raftarium/viz/theme"
)

// Item is something that a shelf offers to watch.
type Item struct{ Title, URI string }

// Shelf opens what can be watched.
type Shelf interface {
	// List gives what is offered.
	List() []Item
	// Open gives the source of a URI. It does not wait: a source that is still pending says so by
	// a method Ready() bool.
	Open(uri string) (trace.Source, error)
}

// Outside is what the game needs of whoever runs it.
type Outside struct {
	Shelf   Shelf
	Labels  draw.Labels
	Now     func() raft.Time    // the wall clock; only differences count
	More    func(frames int)    // asks for animation frames
	Later   func()              // has AfterFrame called soon, between two frames; may be nil
	Cursor  func(name string)   // shows a CSS cursor; may be nil
	Publish func(view []byte)   // takes a view as JSON, and copies it; may be nil
	Died    func(report string) // is told of a panic, before it goes on; may be nil
	Tickets uint64              // tickets begin behind this number
}

// Game is the stage, an ebiten.Game. Its methods are to be called from one goroutine at a time, as
// browsers and Ebitengine do.
type Game struct {
	out    Outside
	desk   *player.Desk
	reader *input.Reader

	exhibited *exhibit       // what is watched; nil for nothing
	family    []*exhibit     // the run that is watched, or was branched from, and its branches
	player    *player.Player // its player, or nil
	next      *exhibit       // what was asked for and has not said yet what it is
	uri       string
	connected bool
	retrying  bool   // it is being looked for
	failed    string // why there is no source, or no longer one

	records []input.Record
	intents []input.Intent
	todo    []input.Intent

	view     scene.View
	picture  scene.Picture
	batch    *draw.Batch
	painter  *draw.Painter
	selected raft.NodeID
	chosen   bool
	event    uint64 // the ordinal of the event that was chosen
	sent     scene.Target
	focus    raft.NodeID
	logFrom  raft.Index

	now     raft.Time
	started bool
	frames  uint64
	steps   uint64 // frames, drawn or not
	costs   costs
	later   bool      // AfterFrame will be called
	cleared raft.Time // when the atlas was last thrown away
	cursor  string
	board   board
}

// New gives a game that watches nothing yet.
func New(out Outside) *Game {
	g := &Game{out: out, desk: player.NewDesk(out.Tickets), reader: input.New(),
		batch: draw.NewBatch(out.Labels)}
	g.view.Scale, g.view.Width, g.view.Height = 1, 800, 600
	g.view.Theme = theme.Light()
	return g
}

// Pointer takes what a pointer did; it is read with the next frame.
func (g *Game) Pointer(r input.Record) {
	if len(g.records) < 4096 {
		g.records = append(g.records, r)
	}
}

// Intend takes an intent and gives the ticket under which the view will answer it; it is carried
// out with the next frame.
func (g *Game) Intend(in input.Intent) uint64 {
	in.Ticket = g.desk.Ticket()
	if len(g.intents) >= 1024 {
		g.desk.Settle(in.Ticket, false, "too many intents are waiting")
		return in.Ticket
	}
	g.intents = append(g.intents, in)
	return in.Ticket
}

// Resize says how large the stage is in device pixels, and how many of them a CSS pixel has.
func (g *Game) Resize(width, height int, scale float64) {
	scale = min(max(scale, 0.25), 16)
	if float32(scale) != g.view.Scale {
		g.batch.Atlas.Clear()
	}
	g.view.Width, g.view.Height = float32(max(width, 1)), float32(max(height, 1))
	g.view.Scale = float32(scale)
}

// Inset says what of the stage something else covers at its edges, in device pixels.
func (g *Game) Inset(in scene.Inset) { g.view.Inset = in }

// Look says how the picture should look.
func (g *Game) Look(dark, reducedMotion, contrast bool) {
	g.view.Theme = theme.Light()
	if dark {
		g.view.Theme = theme.Dark()
	}
	g.view.ReducedMotion = reducedMotion
}

// book tells what has happened in what is watched; nil before anything has.
func (g *Game) book() *panel.Book {
	if g.exhibited == nil {
		return nil
	}
	return g.exhibited.book
}

// Frames gives how many frames were drawn.
func (g *Game) Frames() uint64 { return g.frames }

// Layout implements ebiten.Game: one pixel of the picture is one of the device.
func (g *Game) Layout(outsideWidth, outsideHeight int) (int, int) {
	return outsideWidth, outsideHeight
}

// LayoutF implements ebiten.LayoutFer.
func (g *Game) LayoutF(outsideWidth, outsideHeight float64) (float64, float64) {
	return outsideWidth, outsideHeight
}

// Update implements ebiten.Game.
func (g *Game) Update() error {
	defer g.guard("update")
	begin := g.out.Now()
	g.step()
	g.costs.add(g.out.Now() - begin)
	return nil
}

// Draw implements ebiten.Game.
func (g *Game) Draw(dst *ebiten.Image) {
	defer g.guard("draw")
	if g.painter == nil {
		p, err := draw.NewPainter()
		if err != nil {
			panic(err)
		}
		g.painter = p
	}
	begin := g.out.Now()
	b := dst.Bounds()
	g.view.Width, g.view.Height = float32(b.Dx()), float32(b.Dy())
	g.compose()
	g.batch.Set(&g.picture)
	g.painter.Paint(dst, g.batch)
	if g.batch.Atlas.Full && g.now-g.cleared >= raft.Second {
		g.batch.Atlas.Clear() // what is still shown comes back with the next frame
		g.cleared = g.now
		g.out.More(1)
	}
	g.frames++
	switch {
	case g.out.Later == nil:
		g.publish()
	case !g.later:
		g.later = true
		g.out.Later()
	}
	g.costs.add(g.out.Now() - begin)
	g.costs.end()
	if g.moving() {
		g.out.More(1)
	}
}

// AfterFrame does what need not hold a frame up: it hands out the view, if one is due. It comes of
// Outside.Later.
func (g *Game) AfterFrame() {
	defer g.guard("view")
	g.later = false
	g.publish()
	if g.board.due {
		g.out.More(1)
	}
}

// guard tells of a panic and lets it go on: a fault that was swallowed would leave a stage that
// lies.
func (g *Game) guard(where string) {
	if e := recover(); e != nil {
		if g.out.Died != nil {
			g.out.Died(fmt.Sprintf("%s: %v\n%s", where, e, debug.Stack()))
		}
		panic(e)
	}
}
