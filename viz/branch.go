package viz

import (
	"errors"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/panel"
	"github.com/raftarium/raftarium/viz/player"
)

// mostBranches bounds a family, the run itself included.
const mostBranches = 32

// Brancher is a source that can go on differently from a place in its past. The branch is pending,
// as a source is that was just opened. (A trace.Forker gives it at once.)
type Brancher interface {
	Branch(at trace.Position) trace.Source
}

// Linker is a source that can be asked for a link to a place. Linked gives the oldest answer that
// was not given yet. (A trace.Sharer gives it at once.)
type Linker interface {
	AskLink(at trace.Position)
	Linked() (link, why string, ok bool)
}

// fork begins a branch.
func fork(src trace.Source, at trace.Position) (trace.Source, error) {
	switch s := src.(type) {
	case Brancher:
		return s.Branch(at), nil
	case trace.Forker:
		return s.Fork(at)
	}
	return nil, errors.New("this source cannot go on differently from its past")
}

// branch begins a branch of what is watched at a place. When it is there it is watched, and then
// does what is asked for, if anything; what tells people what it is.
func (g *Game) branch(at player.Place, ticket uint64, then *trace.Command, what string) {
	x := g.exhibited
	why := ""
	switch {
	case g.next != nil:
		why = "something else is being opened"
	case len(g.family) >= mostBranches:
		why = "there are " + strconv.Itoa(mostBranches) + " branches of this run already"
	}
	if why != "" {
		g.desk.Settle(ticket, false, why)
		return
	}
	src, err := fork(x.src, at.Position)
	if err != nil {
		g.desk.Settle(ticket, false, err.Error())
		return
	}
	b := &exhibit{uri: x.uri, src: src, player: x.player.Branch(src, at), ticket: ticket,
		book: x.book.Branch(at.Ordinal, at.At), from: x, at: at.At, what: what, then: then}
	for _, a := range x.acts {
		if a.Ordinal < at.Ordinal {
			b.acts = append(b.acts, a)
		}
	}
	b.observe()
	g.next = b
}

// turnTo watches another one of the same family.
func (g *Game) turnTo(x *exhibit) {
	g.exhibited, g.player = x, x.player
	g.chosen, g.sent.Kind = false, 0
}

// chooseBranch turns to a branch by its place in the list.
func (g *Game) chooseBranch(i int64) string {
	if i < 0 || i >= int64(len(g.family)) {
		return "there is no branch " + strconv.FormatInt(i, 10)
	}
	g.turnTo(g.family[i])
	return ""
}

// undo goes on without the last thing that was done before the play-head: in a branch, as all that
// was is kept.
func (g *Game) undo(ticket uint64) {
	if !g.showing() || g.player.Header().Caps&trace.CanFork == 0 {
		g.desk.Settle(ticket, false, "nothing can be taken back here")
		return
	}
	acts, k := g.exhibited.acts, g.player.Ordinal()
	for i := len(acts) - 1; i >= 0; i-- {
		if acts[i].Ordinal < k {
			g.branch(acts[i].Place, ticket, nil, "without "+acts[i].what)
			return
		}
	}
	g.desk.Settle(ticket, false, "nothing was done up to here")
}

// act is something that somebody did, and its place.
type act struct {
	player.Place
	what string
}

// did takes note of what the source has accepted.
func (x *exhibit) did(k uint64, ev *trace.Event, before *trace.State) {
	a, ok := ev.Body.(trace.Accepted)
	if !ok || len(x.asked) == 0 {
		return
	}
	what, ok := x.asked[a.Command]
	if !ok {
		return
	}
	delete(x.asked, a.Command)
	place := player.Place{Ordinal: k}
	place.Events, place.At = before.Events, ev.At
	x.acts = append(x.acts, act{place, what})
}

// hand hands a command to the source that is watched.
func (g *Game) hand(c trace.Command) {
	x := g.exhibited
	if x.asked == nil {
		x.asked = map[uint64]string{}
	}
	if len(x.asked) < 1024 {
		x.asked[c.ID] = wording(&c)
	}
	g.player.Do(c)
}

// share asks for a link to the place that is shown.
func (g *Game) share(ticket uint64) {
	if !g.showing() {
		g.desk.Settle(ticket, false, noSource)
		return
	}
	at := g.player.Place().Position
	switch s := g.exhibited.src.(type) {
	case Linker:
		if g.player.Header().Caps&trace.CanShare == 0 {
			break
		}
		s.AskLink(at)
		g.exhibited.sharing = append(g.exhibited.sharing, ticket)
		return
	case trace.Sharer:
		link, err := s.Link(at)
		g.desk.SettleLink(ticket, link, reason(err))
		return
	}
	g.desk.Settle(ticket, false, "only a simulation is the same everywhere: a "+
		g.player.Header().Kind.String()+" cannot be shared as a link")
}

// watchLinks answers those who asked for a link.
func (g *Game) watchLinks() {
	x := g.exhibited
	if x == nil || len(x.sharing) == 0 {
		return
	}
	if s, ok := x.src.(Linker); ok {
		for link, why, ok := s.Linked(); ok && len(x.sharing) > 0; link, why, ok = s.Linked() {
			g.desk.SettleLink(x.sharing[0], link, why)
			x.sharing = x.sharing[1:]
		}
	}
	if why := x.trouble(); why != "" {
		for _, t := range x.sharing {
			g.desk.Settle(t, false, why)
		}
		x.sharing = nil
	}
}

// placeIn gives the moment that an address asks to look at first; false if it names none.
func placeIn(uri string) (raft.Time, bool) {
	_, query, _ := strings.Cut(uri, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if text, ok := strings.CutPrefix(pair, "at="); ok {
			at, err := strconv.ParseInt(text, 10, 53)
			return raft.Time(at), err == nil && at >= 0
		}
	}
	return 0, false
}

// branches lists the family for the page.
func (g *Game) branches(dst []panel.Branch) []panel.Branch {
	if len(g.family) < 2 {
		return dst
	}
	for i, x := range g.family {
		b := panel.Branch{Name: "Run", On: x == g.exhibited}
		if x.from != nil {
			b.Name, b.What, b.At = "Branch "+strconv.Itoa(i), x.what, x.at
		}
		dst = append(dst, b)
	}
	return dst
}

// wording says a command in few words.
func wording(c *trace.Command) string {
	switch c.Kind {
	case trace.CommandCut, trace.CommandHeal, trace.CommandLink:
		return c.Kind.String() + " " + c.From.String() + "–" + c.To.String()
	case trace.CommandPropose:
		return "write " + c.Key
	case trace.CommandHealAll:
		return "heal all"
	}
	if c.Node != 0 {
		return c.Kind.String() + " " + c.Node.String()
	}
	return c.Kind.String()
}
