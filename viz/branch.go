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

// mostBranches bounds the branches of a run.
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
func (g *Game) branch(at player.Place, ticket uint64, then []trace.Command, what string) {
	x := g.exhibited
	why := ""
	switch {
	case g.next != nil:
		why = "something else is being opened"
	case len(g.family) > mostBranches:
		why = "this run has " + strconv.Itoa(mostBranches) + " branches already; open a link to " +
			"one of them to go on from there"
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
		from: x, at: at.At, what: what, then: then}
	b.book = x.book.Branch(at.Ordinal, at.At, b.player.Began())
	for _, a := range x.acts {
		if a.Ordinal < at.Ordinal {
			b.acts = append(b.acts, a)
		}
	}
	b.observe()
	g.next = b
}

// branches reports whether to act now begins a branch: in the past, and anywhere in a run that a
// link brought, which stays as it was shared.
func (g *Game) branches() bool {
	x, p := g.exhibited, g.player
	if p.InPast() {
		return true
	}
	_, shared := valueIn(x.uri, "run")
	return shared && x.from == nil && p.Ready() && p.Err() == nil &&
		p.Header().Caps&trace.CanFork != 0
}

// branchTo begins a branch in which a command is done. One gesture may be several commands: those
// that come while their branch begins are for it too.
func (g *Game) branchTo(c trace.Command) {
	if b := g.next; b != nil && b.from == g.exhibited && len(b.then) > 0 && len(b.then) < 1024 {
		b.then = append(b.then, c)
		b.what = several(wording(&b.then[0]), len(b.then))
		return
	}
	g.branch(g.player.Place(), c.ID, []trace.Command{c}, wording(&c))
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
	last := len(acts) - 1
	for last >= 0 && acts[last].Ordinal >= k {
		last--
	}
	if last < 0 {
		why := "nothing was done up to here"
		if _, shared := valueIn(g.exhibited.uri, "run"); shared {
			why += ", but by the run that was opened"
		}
		g.desk.Settle(ticket, false, why)
		return
	}
	first := last
	for first > 0 && acts[first-1].frame == acts[last].frame {
		first--
	}
	g.branch(acts[first].Place, ticket, nil,
		"without "+several(acts[first].what, last-first+1))
}

// act is something that somebody did, and its place.
type act struct {
	player.Place
	wish
}

// wish is a command in words, and the frame in which it was handed over: what one gesture does is
// undone at once.
type wish struct {
	what  string
	frame uint64
}

// did takes note of what the source has accepted.
func (x *exhibit) did(k uint64, ev *trace.Event, before *trace.State) {
	a, ok := ev.Body.(trace.Accepted)
	if !ok || len(x.asked) == 0 {
		return
	}
	w, ok := x.asked[a.Command]
	if !ok {
		return
	}
	delete(x.asked, a.Command)
	place := player.Place{Ordinal: k}
	place.Events, place.At = before.Events, ev.At
	x.acts = append(x.acts, act{place, w})
}

// hand hands a command to the source that is watched.
func (g *Game) hand(c trace.Command) {
	x := g.exhibited
	if x.asked == nil {
		x.asked = map[uint64]wish{}
	}
	if len(x.asked) < 1024 {
		x.asked[c.ID] = wish{wording(&c), g.steps}
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
	g.desk.Settle(ticket, false,
		"only a simulation runs the same everywhere, so only that can be shared as a link")
}

// watchLinks answers those who asked for a link.
func (g *Game) watchLinks() {
	for _, x := range g.family {
		if len(x.sharing) == 0 {
			continue
		}
		if s, ok := x.src.(Linker); ok {
			for link, why, ok := s.Linked(); ok && len(x.sharing) > 0; link, why, ok = s.Linked() {
				g.desk.SettleLink(x.sharing[0], link, why)
				x.sharing = x.sharing[1:]
			}
		}
		if why := x.trouble(); why != "" {
			g.noLinks(x, why)
		}
	}
}

// noLinks tells those who wait for a link that there will be none.
func (g *Game) noLinks(x *exhibit, why string) {
	for _, t := range x.sharing {
		g.desk.Settle(t, false, why)
	}
	x.sharing = nil
}

// placeIn gives the moment that an address asks to look at first; false if it names none.
func placeIn(uri string) (raft.Time, bool) {
	text, ok := valueIn(uri, "at")
	at, err := strconv.ParseInt(text, 10, 53)
	return raft.Time(at), ok && err == nil && at >= 0
}

// valueIn gives what an address has behind a key of its query; false if that is not in it.
func valueIn(uri, key string) (string, bool) {
	_, query, _ := strings.Cut(uri, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if text, ok := strings.CutPrefix(pair, key+"="); ok {
			return text, true
		}
	}
	return "", false
}

// listBranches lists the family for the page.
func (g *Game) listBranches(dst []panel.Branch) []panel.Branch {
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

// several says that something was done, and more of the kind with it.
func several(what string, n int) string {
	if n < 2 {
		return what
	}
	return what + " and " + strconv.Itoa(n-1) + " more"
}

// wording says a command in few words.
func wording(c *trace.Command) string {
	switch c.Kind {
	case trace.CommandCut, trace.CommandHeal, trace.CommandLink:
		between := "→"
		if c.Both {
			between = "–"
		}
		return c.Kind.String() + " " + c.From.String() + between + c.To.String()
	case trace.CommandPropose:
		return "write " + c.Key
	case trace.CommandRead:
		return "read " + c.Key
	case trace.CommandHealAll:
		return "heal all"
	case trace.CommandCampaign:
		return "election of " + c.Node.String()
	case trace.CommandTransfer:
		return "hand over to " + c.Node.String()
	case trace.CommandChange:
		return "change of members"
	}
	if c.Node != 0 {
		return c.Kind.String() + " " + c.Node.String()
	}
	return c.Kind.String()
}
