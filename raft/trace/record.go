package trace

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// A recording is a file: a magic, then chunks, the last of which is an index, then a footer that
// says where the index is. A chunk is its type (a byte), the length of what it holds (four bytes,
// little endian), the CRC-32C of type, length and contents (four bytes), and the contents. Chunks
// of types that are not known are passed over.
//
//	header: what AppendHeader writes
//	events: time of the first event (varint), events of the run before it (uvarint), how many
//	        there are (uvarint), and the events, from a fresh Encoder
//	index:  how many chunks of events there are (uvarint), and for each how far it begins behind
//	        the one before (uvarint), its type (a byte), first time (varint) and events of the run
//	        before it (uvarint)
//
// An events chunk of type chunkKey begins with a key frame. A file that was cut off is read up to
// its last whole chunk.
const (
	recordMagic  = "RAFTTRC1"
	recordFooter = "RAFTEND1"
	chunkHead    = 9
	footerSize   = 8 + len(recordFooter)
	chunkLimit   = 64 << 10 // bytes of events in a chunk, unless one alone is larger

	chunkHeader = 'H'
	chunkEvents = 'E'
	chunkKey    = 'K'
	chunkIndex  = 'I'
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// place is where a chunk of events is, and what it begins with.
type place struct {
	off   int
	kind  byte
	first raft.Time
	run   uint64
}

// Writer writes a recording. An error of the underlying writer stays: all that follows gives it
// again.
type Writer struct {
	w      io.Writer
	off    int
	places []place
	err    error

	enc   Encoder
	buf   []byte // the events of the chunk
	chunk place
	count int
	run   uint64 // events of the run so far
	keys  uint64 // key frames made here
	out   []byte
}

// NewWriter begins a recording.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	r := &Writer{w: w}
	r.write([]byte(recordMagic))
	r.write(appendChunk(nil, chunkHeader, AppendHeader(nil, &h)))
	return r, r.err
}

// Append writes an event, at the latest with the next Flush or Close.
func (r *Writer) Append(ev *Event) error {
	kind := byte(chunkEvents)
	if k, ok := ev.Body.(KeyFrame); ok {
		r.Flush()
		kind = chunkKey
		if k.State != nil {
			r.run = k.State.Events
		}
	}
	size := len(r.buf)
	if size > 0 {
		if r.buf = r.enc.Append(r.buf, ev); len(r.buf) > chunkLimit {
			r.buf = r.buf[:size]
			r.Flush()
		}
	}
	if len(r.buf) == 0 {
		r.enc.Reset()
		r.chunk = place{kind: kind, first: ev.At, run: r.run}
		r.buf = r.enc.Append(r.buf, ev)
	}
	r.count++
	if ev.Body != nil && ev.Body.Kind().InRun() {
		r.run++
	}
	return r.err
}

// KeyFrame writes the whole state at its moment, so that a reader can begin there.
func (r *Writer) KeyFrame(s *State, bodies []raft.Entry) error {
	r.keys++
	return r.Append(&Event{ID: EventID{Node: FirstHub, Boot: 1, N: r.keys}, At: s.At,
		Body: KeyFrame{State: s, Bodies: bodies}})
}

// Flush hands all events so far to the underlying writer, as a chunk of their own.
func (r *Writer) Flush() error {
	if r.count == 0 {
		return r.err
	}
	b := binary.AppendVarint(r.out[:0], int64(r.chunk.first))
	b = binary.AppendUvarint(b, r.chunk.run)
	b = binary.AppendUvarint(b, uint64(r.count))
	b = append(b, r.buf...)
	r.chunk.off = r.off
	r.places = append(r.places, r.chunk)
	head := len(b)
	b = appendChunk(b, r.chunk.kind, b)
	r.write(b[head:])
	r.out, r.buf, r.count = b, r.buf[:0], 0
	return r.err
}

// Close writes the end. It does not close the underlying writer.
func (r *Writer) Close() error {
	r.Flush()
	b := binary.AppendUvarint(nil, uint64(len(r.places)))
	last := 0
	for _, p := range r.places {
		b = binary.AppendUvarint(b, uint64(p.off-last))
		b = append(b, p.kind)
		b = binary.AppendVarint(b, int64(p.first))
		b = binary.AppendUvarint(b, p.run)
		last = p.off
	}
	at := r.off
	b = appendChunk(nil, chunkIndex, b)
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	r.write(append(b, recordFooter...))
	if r.err != nil {
		return r.err
	}
	r.err = errors.New("trace: the recording is closed")
	return nil
}

func (r *Writer) write(b []byte) {
	if r.err != nil {
		return
	}
	n, err := r.w.Write(b)
	if err != nil {
		r.err = say.Errorf("trace: write the recording at byte %d: %w", r.off+n, err)
	}
	r.off += n
}

// appendChunk appends a chunk. Its contents may be what dst holds already.
func appendChunk(dst []byte, kind byte, contents []byte) []byte {
	at := len(dst)
	dst = append(dst, kind)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(contents)))
	sum := chunkSum(dst[at:at+5], contents)
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return append(dst, contents...)
}

func chunkSum(head, contents []byte) uint32 {
	return crc32.Update(crc32.Update(0, castagnoli, head), castagnoli, contents)
}
