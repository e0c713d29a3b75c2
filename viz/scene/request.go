package scene

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// drawRequests draws clients' requests: diamonds outside of the ring, at their node.
func (b *pen) drawRequests() {
	if b.v.Hidden&HideClients != 0 || b.p.lay.rows {
		return
	}
	b.p.reqs = resize(b.p.reqs, len(b.p.Places))
	for i := len(b.s.Requests) - 1; i >= 0; i-- { // the newest are seen
		q := &b.s.Requests[i]
		at := b.p.lay.find(q.Node)
		alpha := b.fresh(q)
		if at < 0 || alpha <= 0 {
			continue
		}
		slot := b.p.reqs[at]
		b.p.reqs[at]++
		if slot < b.queue(at) {
			b.drawRequest(q, &b.p.Places[at], slot, alpha)
		}
	}
	for i, n := range b.p.reqs {
		if most := b.queue(i); n > most {
			pl := &b.p.Places[i]
			x, y := b.p.counter(pl)
			b.text(x+pl.Side*(theme.Diamond+7)*b.k, y, theme.TextSmall, sideways(pl), b.t.Ink2,
				b.p.words.number(moreOf, uint64(n-most)))
		}
	}
}

// queue is how many requests are drawn at a node. Below a client of the topmost nodes runs the link
// to their neighbour.
func (b *pen) queue(at int) int16 {
	l, pl := &b.p.lay, &b.p.Places[at]
	if l.ry > 200*b.k && pl.Y > l.cy-0.6*l.ry && b.p.tells(pl) {
		return 2
	}
	return 1
}

func sideways(pl *Place) Align {
	if pl.Side < 0 {
		return ToRight
	}
	return FromLeft
}

// fresh is how much is seen of a request: all while it is open, and less and less when it is
// answered.
func (b *pen) fresh(q *trace.Request) float32 {
	if b.v.Now < q.At {
		return 0
	}
	if q.Outcome == 0 || b.v.Now < q.EndAt {
		return 1
	}
	hold := min(b.v.span(theme.AnswerTime), float64(raft.Second))
	age := float32(float64(b.v.Now-q.EndAt) / hold)
	return clamp((1-age)*2.5, 0, 1)
}

func (b *pen) drawRequest(q *trace.Request, pl *Place, slot int16, alpha float32) {
	k := b.k
	x, y := b.p.counter(pl)
	y += float32(slot) * 58 * k
	r := float32(theme.Diamond) * k
	t := Target{Kind: TargetRequest, Node: q.Node, Event: q.ID}
	dx, dy := pl.X-x, pl.Y-y
	d := max(hypot(dx, dy), 1)
	dx, dy = dx/d, dy/d
	if end := d - pl.R - 13*k; end > r+6*k {
		b.dashed(x+dx*(r+5*k), y+dy*(r+5*k), x+dx*end, y+dy*end, 1.5*k, 0.1*k, 4.2*k,
			b.t.Ink2.Alpha(alpha))
		b.drawErrand(q, x, y, dx, dy, r, end)
	}
	b.shows(t, x, y, r+3*k)
	defer b.done()
	if b.v.Hover == t || b.v.Selected == t || b.v.Focus == t {
		b.glow(x, y, 24*k, b.t.Accent.Alpha(0.45))
	}
	b.drawDiamond(q, x, y, r, alpha)
	if b.p.tells(pl) {
		b.text(x, y+r+11*k, theme.TextSmall, Centred, b.t.Ink.Alpha(alpha), b.p.words.request(q))
		b.text(x, y+r+26*k, theme.TextSmall, Centred, b.t.Ink2.Alpha(alpha), b.status(q))
	}
}

// drawErrand shows a request on its way to its node.
func (b *pen) drawErrand(q *trace.Request, x, y, dx, dy, from, to float32) {
	if q.Taken || q.Due <= q.At || b.v.Now >= q.Due || b.v.Now < q.At {
		return
	}
	s := from + (to-from)*ease(float32(float64(b.v.Now-q.At)/float64(q.Due-q.At)))
	b.disc(x+dx*s, y+dy*s, 3.4*b.k, b.t.Ink)
}

func (b *pen) drawDiamond(q *trace.Request, x, y, r, alpha float32) {
	k, ink := b.k, b.t.Ink.Alpha(alpha)
	f := b.begin()
	b.turned(x, y, 1, 0, Point{0, -r}, Point{r, 0}, Point{0, r}, Point{-r, 0})
	ended := q.Outcome != 0 && b.v.Now >= q.EndAt
	if ended && q.Outcome == raft.OutcomeOK {
		b.end(f, Shape{Kind: Poly, X: x, Y: y, Color: ink})
		b.tick(x, y, r*0.46, 1.8*k, b.t.Centre.Alpha(alpha))
		return
	}
	b.end(f, Shape{Kind: Poly, X: x, Y: y, Color: b.t.Centre.Alpha(alpha)})
	f = b.begin()
	r -= 0.9 * k
	b.turned(x, y, 1, 0, Point{0, -r}, Point{r, 0}, Point{0, r}, Point{-r, 0}, Point{0, -r})
	b.end(f, Shape{Kind: Path, W: 1.8 * k, Color: ink, Round: true})
	if ended && q.Outcome == raft.OutcomeRefused {
		b.cross(x, y, r*0.42, 1.8*k, ink)
	} else if ended {
		b.bold(x, y, theme.TextSmall, Centred, ink, "?")
	}
}

// status says what became of a request.
func (b *pen) status(q *trace.Request) string {
	if q.Outcome == 0 || b.v.Now < q.EndAt {
		return b.p.words.number(waits, uint64(max(b.v.Now-q.At, 0)/(raft.Second/10)))
	}
	switch q.Outcome {
	case raft.OutcomeOK:
		if q.Index == 0 {
			return "ok"
		}
		return b.p.words.number(okAt, uint64(q.Index))
	case raft.OutcomeRefused:
		if why := reason(q.Why); why != "" {
			return why
		}
		return "refused"
	}
	return "unknown"
}
