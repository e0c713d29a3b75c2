package trace

import (
	"encoding/binary"
	"fmt"

	"github.com/raftarium/raftarium/raft"
)

// Fields sees the fields of an event or a header one by one, by name: WalkEvent and WalkHeader call
// it. Each method gets the value that stands there and returns the one that shall: one that writes
// returns what it got, one that reads returns what it read. So the layout of every form is written
// down once, for the binary encoding and for those of others.
type Fields interface {
	Uint(name string, v uint64) uint64
	Int(name string, v int64) int64
	// Digest is a number without an order, a hash or a random one.
	Digest(name string, v uint64) uint64
	Bool(name string, v bool) bool
	Text(name, v string) string
	Bytes(name string, v []byte) []byte
	ID(name string, v EventID) EventID
	// Enum is a number whose values have names.
	Enum(name string, v uint8, text func(uint8) string) uint8
	// Enter begins a group of fields, List begins n items and returns how many there shall be;
	// the fields and groups directly in a list have no name. Leave ends either.
	Enter(name string)
	List(name string, n int) int
	Leave()
}

type passMode uint8

const (
	writing passMode = iota
	reading
	walking
)

// pass goes over the fields of a form, and writes them, reads them or shows them to a Fields. In the
// binary form fields stand in a fixed order; those at the end that are zero are left out, and what
// is missing at the end is zero, so that a form grows without those noticing who do not use what
// is new.
type pass struct {
	mode passMode
	b    []byte // what is written so far, or what is read
	off  int    // reading: the place in b
	lim  int    // reading: the end of the innermost form
	end  int    // writing: behind the last field that must stay
	base int    // reading: the place of b[0] in what the caller gave, for errors
	what string // the innermost form, for errors
	odd  bool   // reading: something was there that this version does not know
	err  error
	f    Fields

	// What relative values are relative to.
	at    raft.Time
	id    EventID
	cause EventID
}

// form is what an inner form must restore at its end.
type form struct {
	start, end, lim int
	what            string
}

// fail keeps the first error. Everything behind it reads as zero.
func (p *pass) fail(text string) {
	if p.err == nil {
		p.err = fmt.Errorf("trace: %s at byte %d: %s", p.what, p.base+p.off, text)
	}
	p.off = p.lim
}

// open begins a form with its length in front.
func (p *pass) open(name string) form {
	m := form{start: len(p.b), end: p.end, lim: p.lim, what: p.what}
	p.what = name
	switch p.mode {
	case writing:
		p.b = append(p.b, 0)
		p.end = len(p.b)
	case reading:
		n := p.getUint()
		if n > uint64(p.lim-p.off) {
			p.fail("its length runs past the end")
			n = 0
		}
		p.lim = p.off + int(n)
	default:
		p.f.Enter(name)
	}
	return m
}

// close ends a form.
func (p *pass) close(m form) {
	switch p.mode {
	case writing:
		p.b = p.b[:p.end]
		n := len(p.b) - m.start - 1
		p.b = putLength(p.b, m.start, n)
		p.end = m.end
		if n > 0 {
			p.end = len(p.b)
		}
	case reading:
		if p.off < p.lim {
			p.odd = true
			p.off = p.lim
		}
		p.lim = m.lim
	default:
		p.f.Leave()
	}
	p.what = m.what
}

// putLength writes n at b[at], where one byte is kept for it, and moves what follows if it needs
// more.
func putLength(b []byte, at, n int) []byte {
	if n < 0x80 {
		b[at] = byte(n)
		return b
	}
	var num [binary.MaxVarintLen64]byte
	k := binary.PutUvarint(num[:], uint64(n))
	b = append(b, num[:k-1]...)
	copy(b[at+k:], b[at+1:at+1+n])
	copy(b[at:], num[:k])
	return b
}

// keep makes all that is written so far stay, zero or not.
func (p *pass) keep() { p.end = len(p.b) }

func (p *pass) putUint(v uint64) {
	if v == 0 {
		p.b = append(p.b, 0)
		return
	}
	p.b = binary.AppendUvarint(p.b, v)
	p.end = len(p.b)
}

func (p *pass) getUint() uint64 {
	if p.off >= p.lim {
		return 0
	}
	if c := p.b[p.off]; c < 0x80 {
		p.off++
		return uint64(c)
	}
	v, n := binary.Uvarint(p.b[p.off:p.lim])
	if n <= 0 {
		p.fail("a number runs past the end")
		return 0
	}
	p.off += n
	return v
}

// take reads n bytes, which alias what is read.
func (p *pass) take(n uint64) []byte {
	if n > uint64(p.lim-p.off) {
		p.fail("a text or its like runs past the end")
		return nil
	}
	b := p.b[p.off : p.off+int(n)]
	p.off += int(n)
	return b
}

// rest reads all that is left of the innermost form, as a copy.
func (p *pass) rest() []byte {
	if p.off >= p.lim {
		return nil
	}
	b := append([]byte(nil), p.b[p.off:p.lim]...)
	p.off = p.lim
	return b
}

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

type unsigned interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}

// set writes a value only where it differs: what is walked may be shared.
func set[T comparable](v *T, to T) {
	if *v != to {
		*v = to
	}
}

// num is a number.
func num[T unsigned](p *pass, name string, v *T) {
	if p.mode == writing {
		p.putUint(uint64(*v))
		return
	}
	var u uint64
	if p.mode == reading {
		u = p.getUint()
	} else {
		u = p.f.Uint(name, uint64(*v))
	}
	if uint64(T(u)) != u {
		p.fail(name + " is too large")
	}
	set(v, T(u))
}

// rel is a number that is close to base.
func rel[T ~uint64](p *pass, name string, v *T, base T) {
	switch p.mode {
	case writing:
		p.putUint(zigzag(int64(*v - base)))
	case reading:
		*v = base + T(unzigzag(p.getUint()))
	default:
		set(v, T(p.f.Uint(name, uint64(*v))))
	}
}

// enum is a small number with names.
func enum[T ~uint8](p *pass, name string, v *T, text func(uint8) string) {
	if p.mode == walking {
		set(v, T(p.f.Enum(name, uint8(*v), text)))
		return
	}
	num(p, name, v)
}

// bool is one byte, 0 or 1.
func (p *pass) bool(name string, v *bool) {
	switch p.mode {
	case writing:
		if *v {
			p.putUint(1)
		} else {
			p.putUint(0)
		}
	case reading:
		u := p.getUint()
		p.odd = p.odd || u > 1
		*v = u != 0
	default:
		set(v, p.f.Bool(name, *v))
	}
}

// span is a signed number, a length of time.
func (p *pass) span(name string, v *raft.Time) {
	switch p.mode {
	case writing:
		p.putUint(zigzag(int64(*v)))
	case reading:
		*v = raft.Time(unzigzag(p.getUint()))
	default:
		set(v, raft.Time(p.f.Int(name, int64(*v))))
	}
}

// moment is a moment close to at, or 0 for none.
func (p *pass) moment(name string, v *raft.Time) {
	switch p.mode {
	case writing:
		if *v == 0 {
			p.putUint(0)
		} else {
			p.putUint(zigzag(int64(*v-p.at)) + 1)
		}
	case reading:
		*v = 0
		if u := p.getUint(); u != 0 {
			*v = p.at + raft.Time(unzigzag(u-1))
		}
	default:
		set(v, raft.Time(p.f.Int(name, int64(*v))))
	}
}

// digest is a number without structure, in eight bytes.
func digest[T ~uint64](p *pass, name string, v *T) {
	switch p.mode {
	case writing:
		p.b = binary.LittleEndian.AppendUint64(p.b, uint64(*v))
		if *v != 0 {
			p.keep()
		}
	case reading:
		*v = 0
		if p.off < p.lim {
			if b := p.take(8); b != nil {
				*v = T(binary.LittleEndian.Uint64(b))
			}
		}
	default:
		set(v, T(p.f.Digest(name, uint64(*v))))
	}
}

// text is a string with its length in front.
func (p *pass) text(name string, v *string) {
	switch p.mode {
	case writing:
		p.putUint(uint64(len(*v)))
		if *v != "" {
			p.b = append(p.b, *v...)
			p.keep()
		}
	case reading:
		*v = string(p.take(p.getUint()))
	default:
		set(v, p.f.Text(name, *v))
	}
}

// bytes is a run of bytes with its length in front; read, it is a copy.
func (p *pass) bytes(name string, v *[]byte) {
	switch p.mode {
	case writing:
		p.putUint(uint64(len(*v)))
		if len(*v) > 0 {
			p.b = append(p.b, *v...)
			p.keep()
		}
	case reading:
		*v = append([]byte(nil), p.take(p.getUint())...)
	default:
		if b := p.f.Bytes(name, *v); len(b) != len(*v) || string(b) != string(*v) {
			*v = b
		}
	}
}

// uuid is sixteen bytes, or none of them for zero.
func (p *pass) uuid(name string, v *[16]byte) {
	var b []byte
	if *v != [16]byte{} {
		b = v[:]
	}
	p.bytes(name, &b)
	if p.mode == writing {
		return
	}
	if len(b) != 0 && len(b) != 16 {
		p.fail(name + " is not 16 bytes long")
		return
	}
	var u [16]byte
	copy(u[:], b)
	set(v, u)
}

// The forms of an event's id within an event.
const (
	idCause = 0 // it is the event's cause
	idSelf  = 1 // it is the event itself
	idNone  = 2
	idFull  = 3 // node, boot and number follow
)

// eventID is the id of an event, often the cause of this one.
func (p *pass) eventID(name string, v *EventID) {
	switch p.mode {
	case writing:
		p.putID(*v)
	case reading:
		*v = EventID{}
		switch p.getUint() {
		case idCause:
			*v = p.cause
		case idSelf:
			*v = p.id
		case idNone:
		case idFull:
			num(p, "node", &v.Node)
			num(p, "boot", &v.Boot)
			v.N = p.getUint()
		default:
			p.strange()
		}
	default:
		set(v, p.f.ID(name, *v))
	}
}

func (p *pass) putID(v EventID) {
	switch v {
	case p.cause:
		p.putUint(idCause)
	case p.id:
		p.putUint(idSelf)
	case EventID{}:
		p.putUint(idNone)
	default:
		p.putUint(idFull)
		p.putUint(uint64(v.Node))
		p.putUint(uint64(v.Boot))
		p.putUint(v.N)
	}
}

// strange gives up the innermost form: what follows cannot be told apart.
func (p *pass) strange() {
	p.odd = true
	p.off = p.lim
}

// ref is an input's Ref. Within an event it is mostly the N of the event's cause at the same node,
// which is written as 0; another is written as one more.
func (p *pass) ref(name string, v *raft.Ref) {
	if p.mode == walking {
		num(p, name, v)
		return
	}
	var implied raft.Ref
	if p.cause.Node == p.id.Node && p.cause.Boot == p.id.Boot {
		implied = raft.Ref(p.cause.N)
	}
	var u uint64
	if *v != implied {
		u = uint64(*v) + 1
	}
	if num(p, name, &u); p.mode == writing {
		return
	}
	*v = implied
	if u != 0 {
		*v = raft.Ref(u - 1)
	}
}

// mark is the end of a prefix of a log; the zero mark is one byte.
func (p *pass) mark(name string, v *raft.Mark) {
	if p.mode == walking {
		p.f.Enter(name)
		defer p.f.Leave()
	} else {
		var tag uint8
		if *v != (raft.Mark{}) {
			tag = 1
		}
		if num(p, name, &tag); tag == 0 {
			return
		}
		if tag > 1 {
			p.strange()
			return
		}
	}
	num(p, "index", &v.Index)
	num(p, "term", &v.Term)
	num(p, "pos", &v.Pos)
	digest(p, "digest", &v.Digest)
}

// snapshot names a snapshot.
func (p *pass) snapshot(name string, v *raft.SnapshotRef) {
	m := p.open(name)
	p.mark("mark", &v.Mark)
	num(p, "size", &v.Size)
	num(p, "crc", &v.CRC)
	p.close(m)
}

// The most that a list may hold. More is written as its newest, and refused when read, so that
// what is read stays in proportion to the bytes that it came in.
const (
	mostNodes   = 4096
	mostItems   = 1 << 17
	mostEntries = 1 << 16
)

// count is the length of a list. No item is shorter than a byte.
func (p *pass) count(name string, n, most int) int {
	switch p.mode {
	case writing:
		n = min(n, most)
		p.putUint(uint64(n))
		return n
	case reading:
		u := p.getUint()
		if u > uint64(min(most, p.lim-p.off)) {
			p.fail(fmt.Sprintf("%d %s are too many", u, name))
			return 0
		}
		return int(u)
	}
	return min(p.f.List(name, n), most)
}

// list is items, each a form of its own.
func list[T any](p *pass, name string, v *[]T, most int, item func(*pass, *T)) {
	n := p.count(name, len(*v), most)
	s := *v
	if p.mode == writing {
		s = s[len(s)-n:]
	} else if n != len(s) {
		s = make([]T, 0, min(n, 1024))
	}
	for i := 0; i < n && p.err == nil; i++ {
		if i == len(s) {
			s = append(s, *new(T))
		}
		m := p.open(name)
		item(p, &s[i])
		p.close(m)
	}
	if p.mode == writing {
		if n > 0 {
			p.keep()
		}
		return
	}
	if p.mode == walking {
		p.f.Leave()
	}
	if len(s) != len(*v) {
		*v = s
	}
}

// nodeIDs is a list of servers.
func (p *pass) nodeIDs(name string, v *[]raft.NodeID) {
	n := p.count(name, len(*v), mostNodes)
	s := *v
	if p.mode == writing {
		s = s[len(s)-n:]
	} else if n != len(s) {
		s = make([]raft.NodeID, n)
	}
	for i := range s {
		num(p, "", &s[i])
	}
	if p.mode == writing {
		if n > 0 {
			p.keep()
		}
		return
	}
	if p.mode == walking {
		p.f.Leave()
	}
	if n != len(*v) {
		*v = s
	}
}
