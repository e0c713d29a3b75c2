package trace

import (
	"encoding/binary"

	"github.com/raftarium/raftarium/raft"
)

// The kinds of field that forms are made of.

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
