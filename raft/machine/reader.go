package machine

import (
	"encoding/binary"

	"github.com/raftarium/raftarium/raft/say"
)

// reader takes values off the front of bytes; after the first error everything it gives is zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads how many values follow; each takes a byte at least, so no count can lie far.
func (r *reader) count() int {
	v := r.number()
	if v > uint64(len(r.rest)) {
		r.fail(errShort)
		return 0
	}
	return int(v)
}

func (r *reader) raw(n int) string {
	if n > len(r.rest) {
		r.fail(errShort)
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *reader) text() string {
	s, rest, err := takeText(r.rest)
	if err != nil {
		r.fail(errShort)
		return ""
	}
	r.rest = rest
	return s
}

func (r *reader) fail(why error) {
	if r.err == nil {
		r.err = why
	}
	r.rest = nil
}

func (r *reader) left() error {
	if len(r.rest) > 0 {
		return say.Errorf("%d bytes stand behind its end", len(r.rest))
	}
	return nil
}
