package panel

import (
	"sort"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

const (
	rowLimit  = 1 << 14 // rows that are kept
	rowsShown = 60
)

// Book keeps what the panels show of the past: the events in words and the lanes of the timeline.
// Both are written once, when an event comes.
type Book struct {
	header     trace.Header
	rows       []Row
	links      []trace.LinkSet // of the last row, while it may yet grow
	linksAt    raft.Time
	lanes      lanes
	violations []violation
	reads      []Read
}

type violation struct {
	k uint64
	v Violation
}

// NewBook begins an empty book for a source.
func NewBook(h trace.Header) *Book { return &Book{header: h} }

// Write takes the k-th event of the timeline in words; before is the state just before it. It keeps
// neither.
func (b *Book) Write(k uint64, ev *trace.Event, before *trace.State) {
	switch body := ev.Body.(type) {
	case trace.LinkSet:
		b.link(k, ev, body, before)
		return
	case trace.Violation:
		if len(b.violations) < flagLimit {
			b.violations = append(b.violations,
				violation{k, Violation{body.Check, body.Text, body.Section, ev.At}})
		}
	}
	b.read(ev, before)
	icon := world.IconIn(ev, before)
	if icon == "" {
		return
	}
	b.links = b.links[:0]
	text, section := world.Sentence(ev, before)
	id := world.Subject(ev)
	b.add(Row{K: k, At: ev.At, Icon: icon, Node: id, Name: name(&b.header, id), Text: text,
		Section: section})
}

// Observe takes the same event with the state that it led to.
func (b *Book) Observe(ev *trace.Event, after *trace.State) { b.lanes.observe(ev, after) }

func (b *Book) add(r Row) {
	if len(b.rows) >= rowLimit {
		b.rows = append(b.rows[:0], b.rows[rowLimit/4:]...)
	}
	b.rows = append(b.rows, r)
}

// link writes one row for all the links that are cut, or healed, at one moment.
func (b *Book) link(k uint64, ev *trace.Event, set trace.LinkSet, before *trace.State) {
	if set.Link == before.Link(set.From, set.To) {
		return // as it was
	}
	heals := !set.Link.Cut && before.Link(set.From, set.To).Cut
	if len(b.links) == 0 || b.linksAt != ev.At || b.links[0].Link.Cut != set.Link.Cut ||
		!set.Link.Cut && !heals {
		b.links = b.links[:0]
		icon := "heal"
		if set.Link.Cut {
			icon = "cut"
		}
		b.add(Row{K: k, At: ev.At, Icon: icon})
	}
	b.linksAt = ev.At
	r := &b.rows[len(b.rows)-1]
	if b.links = append(b.links, set); len(b.links) > 1 {
		r.Text = world.CutText(b.links)
		return
	}
	r.Text, r.Section = world.Sentence(ev, before)
	if !set.Link.Cut && !heals {
		b.links = b.links[:0] // a delay or a loss is told by itself
	}
}

// find gives the index of the first row whose ordinal is not below k.
func (b *Book) find(k uint64) int {
	return sort.Search(len(b.rows), func(i int) bool { return b.rows[i].K >= k })
}

// Near gives the ordinal of the next row behind the place before which k events stand (forward),
// or of the last row but one before it; false if the book holds none.
func (b *Book) Near(k uint64, forward bool) (uint64, bool) {
	i := b.find(k)
	if forward {
		if i < len(b.rows) {
			return b.rows[i].K, true
		}
		return 0, false
	}
	for i--; i >= 0; i-- {
		if b.rows[i].K+1 < k {
			return b.rows[i].K, true
		}
	}
	return 0, false
}

// Row gives the row of an event; false if it has none.
func (b *Book) Row(k uint64) (Row, bool) {
	i := b.find(k)
	if i < len(b.rows) && b.rows[i].K == k {
		return b.rows[i], true
	}
	return Row{}, false
}

func (b *Book) violationsUpTo(dst []Violation, k uint64) []Violation {
	for _, v := range b.violations {
		if v.k < k {
			dst = append(dst, v.v)
		}
	}
	return dst
}
