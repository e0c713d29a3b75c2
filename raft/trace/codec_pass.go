package trace

import (
	"encoding/binary"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
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

// pass goes over the fields of a form, and writes them, reads them or shows them to a Fields. In
// the binary form fields stand in a fixed order; those at the end that are zero are left out, and
// what is missing at the end is zero, so that a form grows without those noticing who do not use
// what is new.
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
		p.err = say.Errorf("trace: %s at byte %d: %s", p.what, p.base+p.off, text)
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
