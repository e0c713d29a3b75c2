package scene

import (
	"github.com/raftarium/raftarium/viz/theme"
)

// remark is a word beside a message: where its middle is and how far it reaches.
type remark struct {
	x, y, half float32
	text       string
}

// sameNear is the distance, in CSS pixels, within which the same word is said once.
const sameNear = 150

// remark writes a few words beside a message, unless a neighbour has said the same or they would
// stand on other words: where many die together, one says why.
func (b *pen) remark(x, y float32, align Align, c theme.Color, text string) {
	k := b.k
	half := width(text, theme.TextSmall, false) * k / 2
	r := remark{x: x + half, y: y, half: half, text: text}
	if align == ToRight {
		r.x = x - half
	}
	for i := range b.p.remarks {
		o := &b.p.remarks[i]
		if o.text == text && hypot(o.x-r.x, o.y-y) < sameNear*k ||
			overlap(o.x-r.x, o.y-y, o.half+half+4*k, 15*k) > 0 {
			return
		}
	}
	b.p.remarks = append(b.p.remarks, r)
	b.text(x, y, theme.TextSmall, align, c, text)
}

// remarkBehind writes on the side that a message comes from, so that it does not run into the
// node that it goes to; off a level trail it stands a little higher.
func (b *pen) remarkBehind(c *course, x, y, off float32, text string) {
	if c.dy < 0.35 && c.dy > -0.35 {
		y -= 12 * b.k
	}
	if c.dx > 0 {
		b.remark(x-off, y, ToRight, b.t.Ink2, text)
		return
	}
	b.remark(x+off, y, FromLeft, b.t.Ink2, text)
}
