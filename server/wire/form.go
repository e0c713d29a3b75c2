package wire

import (
	"encoding/binary"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendPosition(dst []byte, p trace.Position) []byte {
	return binary.AppendVarint(binary.AppendUvarint(dst, p.Events), int64(p.At))
}

func appendIDs(dst []byte, ids []trace.EventID) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(ids)))
	for _, id := range ids {
		dst = binary.AppendUvarint(dst, uint64(id.Node))
		dst = binary.AppendUvarint(dst, uint64(id.Boot))
		dst = binary.AppendUvarint(dst, id.N)
	}
	return dst
}

func (h Hello) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(h.Major))
	dst = binary.AppendUvarint(dst, uint64(h.Minor))
	dst = appendText(dst, h.Token)
	dst = binary.AppendUvarint(dst, h.Credit)
	dst = binary.AppendVarint(dst, int64(h.Since))
	dst = appendIDs(dst, h.Seen[:min(len(h.Seen), mostSeen)])
	dst = binary.AppendVarint(dst, int64(h.Epoch))
	return appendIDs(dst, h.Made[:min(len(h.Made), mostMade)])
}

func (o Open) append(dst []byte) []byte { return appendText(dst, o.URI) }

func (a Advance) append(dst []byte) []byte {
	return binary.AppendUvarint(binary.AppendVarint(dst, int64(a.Until)), a.Max)
}

func (c Credit) append(dst []byte) []byte { return binary.AppendUvarint(dst, c.Bytes) }

func (d Do) append(dst []byte) []byte { return trace.AppendCommand(dst, &d.Command) }

func (f Fork) append(dst []byte) []byte {
	return appendPosition(binary.AppendUvarint(dst, f.New), f.At)
}

func (l Link) append(dst []byte) []byte { return appendPosition(dst, l.At) }

func (Close) append(dst []byte) []byte { return dst }

func (h Header) append(dst []byte) []byte { return trace.AppendHeader(dst, &h.Header) }

func (e Events) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, e.First)
	dst = binary.AppendVarint(dst, int64(e.Reached))
	dst = binary.AppendUvarint(dst, e.Hash)
	dst = binary.AppendUvarint(dst, e.N)
	return append(dst, e.Bytes...)
}

func (f Forked) append(dst []byte) []byte {
	return appendText(binary.AppendUvarint(dst, f.New), f.Why)
}

func (l Linked) append(dst []byte) []byte { return appendText(appendText(dst, l.Link), l.Why) }

func (e End) append(dst []byte) []byte { return appendText(dst, e.Why) }

// reader reads a payload. The first error stays; everything behind it is zero.
type reader struct {
	b    []byte
	base int // the place of b in the frame
	what Type
	err  error
}

func (r *reader) keep(err error) {
	if r.err == nil && err != nil {
		r.err = say.Errorf("wire: a frame of type %d: %w", r.what, err)
		r.b = nil
	}
}

func (r *reader) fail(text string) {
	if r.err == nil {
		r.err = say.Errorf("wire: a frame of type %d at byte %d: %s", r.what, r.base, text)
		r.b = nil
	}
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("a number is cut off")
		return 0
	}
	r.b, r.base = r.b[n:], r.base+n
	return v
}

func (r *reader) time() raft.Time {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("a time is cut off")
		return 0
	}
	r.b, r.base = r.b[n:], r.base+n
	return raft.Time(v)
}

func (r *reader) text() string {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail("a text runs past the end")
		return ""
	}
	s := string(r.b[:n])
	r.b, r.base = r.b[n:], r.base+int(n)
	return s
}

func (r *reader) position() trace.Position {
	return trace.Position{Events: r.uint(), At: r.time()}
}

// small is a number of at most bits bits.
func (r *reader) small(bits int) uint64 {
	v := r.uint()
	if v>>bits != 0 {
		r.fail("a number is too large")
		return 0
	}
	return v
}

func (r *reader) hello() Hello {
	h := Hello{Major: uint16(r.small(16)), Minor: uint16(r.small(16))}
	if h.Major != trace.Major {
		return Hello{Major: h.Major, Minor: h.Minor} // what follows may look otherwise
	}
	h.Token = r.text()
	h.Credit = r.uint()
	h.Since = r.time()
	h.Seen = r.ids(mostSeen)
	h.Epoch = r.time()
	h.Made = r.ids(mostMade)
	return h
}

// ids reads at most so many ids of events.
func (r *reader) ids(most int) (ids []trace.EventID) {
	n := r.uint()
	if n > uint64(min(most, len(r.b)/3)) {
		r.fail("it resumes by too many events")
		return nil
	}
	for range n {
		ids = append(ids, trace.EventID{Node: raft.NodeID(r.small(32)),
			Boot: uint32(r.small(32)), N: r.uint()})
	}
	return ids
}
