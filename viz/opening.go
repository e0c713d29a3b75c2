package viz

import (
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/panel"
	"github.com/raftarium/raftarium/viz/player"
	"github.com/raftarium/raftarium/viz/scene"
)

// Carried is what a source may tell of what carries it to the page, a Worker or a socket.
type Carried interface {
	Connected() bool // it is there
	Retrying() bool  // it is not, and is being looked for
	Lost() string    // why it is not there, and what is done about it: sentences
	Where() string   // the address at which it is now
}

// exhibit is a source that is watched, or will be once it has said what it is.
type exhibit struct {
	uri    string // without what stands behind #, which is for the transport alone
	src    trace.Source
	player *player.Player
	book   *panel.Book // from the first event on
	ticket uint64      // of the open that is not answered yet

	from *exhibit        // of a branch: what it is a branch of
	at   raft.Time       // and where it begins
	what string          // and by what
	then []trace.Command // what is done as soon as it is there

	asked   map[uint64]wish // what was handed over, by its ticket
	acts    []act           // and accepted, in order
	sharing []uint64        // tickets of those who wait for a link
}

// open watches something else as soon as that has said what it is. Until then, and if it never
// does, all stays as it is.
func (g *Game) open(uri string, ticket uint64) {
	src, err := g.out.Shelf.Open(uri)
	if err != nil {
		g.desk.Settle(ticket, false, err.Error())
		if !g.showing() {
			g.nothing(bare(uri), err.Error())
		}
		return
	}
	if g.next != nil {
		g.refuse(g.next, "something else was opened")
	}
	g.next = g.exhibit(uri, src, ticket)
	if !g.showing() {
		g.present(g.next) // there is nothing to keep
	}
}

func bare(uri string) string {
	uri, _, _ = strings.Cut(uri, "#")
	return uri
}

// showing reports whether there is something to see.
func (g *Game) showing() bool { return g.player != nil && g.player.Ready() }

func (g *Game) exhibit(uri string, src trace.Source, ticket uint64) *exhibit {
	x := &exhibit{uri: bare(uri), src: src, player: player.New(src, g.desk), ticket: ticket}
	x.player.Calm(g.view.ReducedMotion)
	if at, ok := placeIn(x.uri); ok && x.player.SeekTime(at) == nil {
		x.player.Hold() // the moment is kept until there is a source
	}
	x.observe()
	return x
}

// observe has the book written.
func (x *exhibit) observe() {
	x.player.OnEvent(func(k uint64, ev *trace.Event, before *trace.State) {
		if x.book == nil {
			x.book = panel.NewBook(x.player.Header())
		}
		x.book.Write(k, ev, before)
		x.did(k, ev, before)
	}, func(_ uint64, ev *trace.Event, after *trace.State) { x.book.Observe(ev, after) })
}

// letGo ends what is watched.
func (g *Game) letGo() {
	for _, x := range g.family {
		g.noLinks(x, "something else was opened")
		x.player.Close()
	}
	g.family, g.exhibited, g.player = nil, nil, nil
	g.selected, g.chosen, g.event, g.logFrom, g.focus = 0, false, 0, 0, 0
	g.sent = scene.Target{}
	g.connected, g.retrying, g.failed = false, false, ""
	g.reader.Forget()
}

// present watches x from now on.
func (g *Game) present(x *exhibit) {
	g.letGo()
	g.family = append(g.family, x)
	g.exhibited, g.player, g.uri = x, x.player, x.uri
}

// refuse says that x will not be watched.
func (g *Game) refuse(x *exhibit, why string) {
	g.desk.Settle(x.ticket, false, why)
	for i := range x.then {
		if id := x.then[i].ID; id != x.ticket {
			g.desk.Settle(id, false, why)
		}
	}
	g.next = nil
	if x != g.exhibited {
		x.player.Close()
		return
	}
	g.nothing(x.uri, why)
}

// nothing lets go of what is watched and says why there is nothing to see.
func (g *Game) nothing(uri, why string) {
	g.letGo()
	g.uri, g.failed = uri, why
}

// watchOpening answers the open once its source has said what it is, or that it will not be. How
// long one waits for that is for what carries it to say: a simulation only needs the machine.
func (g *Game) watchOpening() {
	x := g.next
	if x == nil {
		return
	}
	if x != g.exhibited {
		x.player.Tick(0)
	}
	switch why := x.trouble(); {
	case x.player.Ready():
		g.next = nil
		g.arrived(x)
	case why != "":
		g.refuse(x, why)
	}
}

// arrived shows what was waited for.
func (g *Game) arrived(x *exhibit) {
	switch {
	case x.from != nil:
		g.family = append(g.family, x)
		g.turnTo(x)
	case x != g.exhibited:
		g.present(x)
	}
	if len(x.then) == 0 {
		g.desk.Settle(x.ticket, true, "")
	}
	for _, c := range x.then {
		g.hand(c) // whose answer is the source's
	}
	x.then = nil
}

// trouble says why a source is not there; empty while it is, or may still come.
func (x *exhibit) trouble() string {
	if err := x.player.Err(); err != nil {
		return err.Error()
	}
	if c, ok := x.src.(Carried); ok {
		return c.Lost()
	}
	return ""
}

// watchCarrier takes note of how what is watched is carried.
func (g *Game) watchCarrier() {
	x := g.exhibited
	if x == nil {
		return
	}
	g.connected, g.retrying, g.failed = true, false, x.trouble()
	if c, ok := x.src.(Carried); ok {
		g.connected, g.retrying, g.uri = c.Connected(), c.Retrying(), c.Where()
	}
}
