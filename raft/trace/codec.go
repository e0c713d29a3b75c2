package trace

import (
	"encoding/binary"
	"io"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// The binary form of an event: its length (uvarint), kind (a byte), flags (a byte), what the flags
// name, and the body. Numbers of servers are those of lanes: a lane is an incarnation of one who
// gives ids; the first mention writes it out, later ones write its number. Bodies refer to nothing
// outside of their event, so one that is not understood can be kept and written again. New fields
// come at a body's end; flags and what they name are fixed within a major version.
const (
	flagLane  = 1 << iota // another lane than the event before: its number follows
	flagN                 // N is not the lane's last plus one: the difference follows
	flagAt                // At is not that of the event before: the difference follows
	flagCause             // it has a cause in the same lane: how far back
	flagOther             // it has a cause in another lane: lane and N
	flagHow               // it is not exact
	flagsKnown
)

// mostLanes bounds the table of lanes; a new one then takes the place of the oldest.
const mostLanes = 1024

// lane is one incarnation of one who gives ids, and the last N there.
type lane struct {
	node raft.NodeID
	boot uint32
	n    uint64
}

// lanes is what an Encoder and a Decoder keep alike.
type lanes struct {
	at     raft.Time
	last   int // the lane of the event before
	next   int // which lane goes, when the table is full
	table  []lane
	events int // since Reset
	bytes  int // Decoder: since Reset
	pass   pass
}

func (l *lanes) reset() { *l = lanes{table: l.table[:0]} }

// find gives the number of a lane, or -1.
func (l *lanes) find(node raft.NodeID, boot uint32) int {
	if l.last < len(l.table) && l.table[l.last].node == node && l.table[l.last].boot == boot {
		return l.last
	}
	for i := range l.table {
		if l.table[i].node == node && l.table[i].boot == boot {
			return i
		}
	}
	return -1
}

// add makes a lane and gives its number.
func (l *lanes) add(node raft.NodeID, boot uint32) int {
	if len(l.table) < mostLanes {
		l.table = append(l.table, lane{node: node, boot: boot})
		return len(l.table) - 1
	}
	i := l.next % mostLanes
	l.next = i + 1
	l.table[i] = lane{node: node, boot: boot}
	return i
}

// Encoder writes events one behind the other. Each is written relative to those before it since
// Reset, so they are read in the same order and from the same start. The zero Encoder is ready.
type Encoder struct{ lanes }

// Reset makes the next event stand for itself.
func (e *Encoder) Reset() { e.reset() }

// Append appends an event.
func (e *Encoder) Append(dst []byte, ev *Event) []byte {
	p := &e.pass // kept, so that it is not allocated for each event
	*p = pass{mode: writing, b: dst, at: ev.At, id: ev.ID, cause: ev.Cause}
	m := p.open("event")
	var k Kind
	if ev.Body != nil {
		k = ev.Body.Kind()
	}
	p.b = append(p.b, byte(k), 0)
	flags := e.envelope(p, ev)
	p.b[m.start+2] = flags
	p.keep()
	if o, ok := ev.Body.(Other); ok {
		p.b = append(p.b, o.Raw...)
		p.keep()
	} else {
		p.body(k, ev.Body)
	}
	p.close(m)
	e.events++
	dst, p.b = p.b, nil
	return dst
}

func (e *Encoder) envelope(p *pass, ev *Event) (flags byte) {
	i := e.find(ev.ID.Node, ev.ID.Boot)
	if i < 0 || i != e.last {
		flags |= flagLane
		i = e.putLane(p, i, ev.ID)
	}
	e.last = i
	if n := ev.ID.N - e.table[i].n - 1; n != 0 {
		flags |= flagN
		p.putUint(zigzag(int64(n)))
	}
	e.table[i].n = ev.ID.N
	if ev.At != e.at {
		flags |= flagAt
		p.putUint(zigzag(int64(ev.At - e.at)))
		e.at = ev.At
	}
	switch {
	case ev.Cause.None():
	case ev.Cause.Node == ev.ID.Node && ev.Cause.Boot == ev.ID.Boot:
		flags |= flagCause
		p.putUint(zigzag(int64(ev.ID.N - ev.Cause.N)))
	default:
		flags |= flagOther
		c := e.putLane(p, e.find(ev.Cause.Node, ev.Cause.Boot), ev.Cause)
		p.putUint(zigzag(int64(e.table[c].n - ev.Cause.N)))
	}
	if ev.How != Exact {
		flags |= flagHow
		p.putUint(uint64(ev.How))
	}
	return flags
}

// putLane writes the number of a lane plus one, or 0 and a new lane.
func (e *Encoder) putLane(p *pass, i int, id EventID) int {
	if i >= 0 {
		p.putUint(uint64(i) + 1)
		return i
	}
	p.putUint(0)
	p.putUint(uint64(id.Node))
	p.putUint(uint64(id.Boot))
	return e.add(id.Node, id.Boot)
}

// Decoder reads what an Encoder wrote. The zero Decoder is ready.
type Decoder struct{ lanes }

// Reset goes with the Encoder's Reset.
func (d *Decoder) Reset() { d.reset() }

// Next reads the first event of src and gives what follows it. The event shares no memory with src.
// One of a kind, or with fields, that this version does not know comes as Other. The error is
// io.EOF when src is empty; any other says that src is damaged, and nothing behind can be read.
func (d *Decoder) Next(src []byte, ev *Event) (rest []byte, err error) {
	if len(src) == 0 {
		return nil, io.EOF
	}
	n, k := binary.Uvarint(src)
	if k <= 0 || n > uint64(len(src)-k) || n < 2 {
		return src, say.Errorf("trace: event %d at byte %d: its length is wrong: %w",
			d.events, d.bytes, io.ErrUnexpectedEOF)
	}
	p := &d.pass
	*p = pass{mode: reading, b: src[k : k+int(n)], lim: int(n), base: d.bytes + k, what: "event"}
	kind, flags := Kind(p.b[0]), p.b[1]
	p.off = 2
	*ev = Event{}
	d.envelope(p, ev, flags)
	p.at, p.id, p.cause = ev.At, ev.ID, ev.Cause
	start := p.off
	if p.err == nil {
		ev.Body = p.body(kind, nil)
	}
	if p.err != nil {
		return src, say.Errorf("%w (event %d, %v)", p.err, d.events, kind)
	}
	if ev.Body == nil || p.odd || p.off < p.lim {
		p.off = start
		ev.Body = Other{Code: kind, Raw: p.rest()}
	}
	p.b = nil
	d.events++
	d.bytes += k + int(n)
	return src[k+int(n):], nil
}

func (d *Decoder) envelope(p *pass, ev *Event, flags byte) {
	if flags >= flagsKnown {
		p.fail("its flags are of another major version")
		return
	}
	i := d.last
	if flags&flagLane != 0 {
		i = d.getLane(p)
	}
	if i >= len(d.table) {
		p.fail("it names a lane that is not there")
		return
	}
	d.last = i
	l := &d.table[i]
	ev.ID = EventID{Node: l.node, Boot: l.boot, N: l.n + 1}
	if flags&flagN != 0 {
		ev.ID.N += uint64(unzigzag(p.getUint()))
	}
	l.n = ev.ID.N
	if flags&flagAt != 0 {
		d.at += raft.Time(unzigzag(p.getUint()))
	}
	ev.At = d.at
	if flags&flagCause != 0 {
		ev.Cause = ev.ID
		ev.Cause.N -= uint64(unzigzag(p.getUint()))
	}
	if flags&flagOther != 0 {
		c := d.getLane(p)
		if c >= len(d.table) {
			p.fail("its cause names a lane that is not there")
			return
		}
		ev.Cause = EventID{Node: d.table[c].node, Boot: d.table[c].boot,
			N: d.table[c].n - uint64(unzigzag(p.getUint()))}
	}
	if flags&flagHow != 0 {
		num(p, "how", &ev.How)
	}
}

func (d *Decoder) getLane(p *pass) int {
	if u := p.getUint(); u > 0 {
		return int(min(u-1, mostLanes))
	}
	var l lane
	num(p, "node", &l.node)
	num(p, "boot", &l.boot)
	return d.add(l.node, l.boot)
}

// WalkEvent shows all fields of an event to f, and puts into ev what f gives back. f gets the kind
// first, then id, cause, at, how, and the body's fields.
func WalkEvent(ev *Event, f Fields) error {
	p := pass{mode: walking, f: f, what: "event"}
	var k Kind
	if ev.Body != nil {
		k = ev.Body.Kind()
	}
	enum(&p, "kind", &k, kindText)
	p.eventID("id", &ev.ID)
	p.eventID("cause", &ev.Cause)
	p.span("at", &ev.At)
	enum(&p, "how", &ev.How, howText)
	p.at, p.id, p.cause = ev.At, ev.ID, ev.Cause
	other, is := ev.Body.(Other)
	raw := other.Raw
	p.bytes("raw", &raw)
	if is || len(raw) > 0 {
		ev.Body = Other{Code: k, Raw: raw}
	} else if b := p.body(k, ev.Body); b != nil {
		ev.Body = b
	} else {
		ev.Body = Other{Code: k}
	}
	return p.err
}

// WalkHeader shows all fields of a header to f, and puts into h what f gives back.
func WalkHeader(h *Header, f Fields) error {
	p := pass{mode: walking, f: f, what: "header"}
	p.headerFields(h)
	p.bytes("tail", &h.Tail)
	return p.err
}

// Understood gives what this version makes of an event that came as Other because of fields that it
// does not know: the same event without them, so that a newer source can still be drawn. False if
// the kind itself is not known. In a key frame the servers that were not understood are not Known.
func Understood(ev *Event) (Event, bool) {
	o, is := ev.Body.(Other)
	if !is {
		return *ev, true
	}
	p := pass{mode: reading, b: o.Raw, lim: len(o.Raw), what: "event", at: ev.At, id: ev.ID,
		cause: ev.Cause}
	b := p.body(o.Code, nil)
	if b == nil || p.err != nil {
		return *ev, false
	}
	u := *ev
	u.Body = b
	return u, true
}
