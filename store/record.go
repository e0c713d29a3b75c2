package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/raftarium/raftarium/raft"
)

// A record is a head of 16 bytes and a payload, padded with zeros to a multiple of 8. All integers
// are little-endian.
//
//	0  length of the payload  u32
//	4  type                   u8
//	5  kind of the entry      u8
//	6  check of the head      u16   a good head with a bad payload names what was damaged
//	8  CRC-32C of the rest    u32   seeded by the data directory and the segment, and masked
//	12 id of the segment      u32   its low half: old bytes of another file are no records
const recordHead = 16

// The types of record. Values are frozen.
const (
	recordEntry    = 1 // index, term, pos, body
	recordState    = 2 // term, vote
	recordTruncate = 3 // the mark that the log ends in from here
	recordReset    = 4 // the mark that an empty log begins behind from here
	recordCompact  = 5 // the mark of the log's base from here
	recordPad      = 6 // zeros, so that the next record stands in another sector
	recordEnd      = 7 // all of the batch: sequence, bytes, last index, count, CRC-32C
)

// Sizes of payloads in bytes.
const (
	entryHead = 24
	stateSize = 16
	markSize  = 32
	endSize   = 32
)

const (
	// MaxEntry is the largest body of an entry in bytes, 16 MiB.
	MaxEntry = 16 << 20
	// maxFile is the largest segment that is read.
	maxFile = 1 << 30
	// maxBatch is the largest batch that is written.
	maxBatch = maxFile / 2
	// sector is the piece that a disk writes as one.
	sector = 512
)

var le = binary.LittleEndian

// mask changes a CRC so that one that is taken over bytes with CRCs in them is not weak.
func mask(crc uint32) uint32 { return (crc>>15 | crc<<17) + 0xa282ead8 }

// seedOf gives what the CRCs of a segment begin with: a client that does not know the directory's
// id cannot make a body that reads as a record.
func seedOf(id Identity, segment uint64) uint32 {
	var b [24]byte
	copy(b[:], id.Data[:])
	le.PutUint64(b[16:], segment)
	return crc32.Checksum(b[:], castagnoli)
}

// batch builds the bytes of a batch that will stand at a place in a segment.
type batch struct {
	seed    uint32
	segment uint64
	at      int64 // where it will stand
	buf     []byte
	count   uint32
}

// begin empties the batch for a place.
func (b *batch) begin(seed uint32, segment uint64, at int64) {
	*b = batch{seed: seed, segment: segment, at: at, buf: b.buf[:0]}
}

// open begins a record and gives its place in the batch; the payload is appended to buf.
func (b *batch) open(kind, flags byte) int {
	at := len(b.buf)
	b.buf = append(b.buf, 0, 0, 0, 0, kind, flags, 0, 0, 0, 0, 0, 0)
	b.buf = le.AppendUint32(b.buf, uint32(b.segment))
	b.count++
	return at
}

// seal ends the record that began at a place.
func (b *batch) seal(at int) {
	n := len(b.buf) - at - recordHead
	for len(b.buf)%8 != 0 {
		b.buf = append(b.buf, 0)
	}
	r := b.buf[at:]
	le.PutUint32(r, uint32(n))
	le.PutUint16(r[6:], headCheck(r, b.seed))
	le.PutUint32(r[8:], bodyCheck(r, b.seed))
}

// headCheck gives the check of a record's head.
func headCheck(r []byte, seed uint32) uint16 {
	c := crc32.Update(seed, castagnoli, r[:6])
	c = crc32.Update(c, castagnoli, r[12:recordHead])
	return uint16(mask(c) >> 8)
}

// bodyCheck gives the CRC of a whole record.
func bodyCheck(r []byte, seed uint32) uint32 {
	c := crc32.Update(seed, castagnoli, r[:8])
	return mask(crc32.Update(c, castagnoli, r[12:]))
}

// entry adds an entry.
func (b *batch) entry(e *raft.Entry) {
	at := b.open(recordEntry, byte(e.Kind))
	b.buf = le.AppendUint64(b.buf, uint64(e.Index))
	b.buf = le.AppendUint64(b.buf, uint64(e.Term))
	b.buf = le.AppendUint64(b.buf, e.Pos)
	b.buf = append(b.buf, e.Data...)
	b.seal(at)
}

// hardState is what a node may not forget beside its log.
type hardState struct {
	term     raft.Term
	vote     raft.NodeID
	doubtful bool // it was doubtful and has not caught up since
}

// doubtBit stands in the word of the vote: a doubtful node's term and vote never lack it.
const doubtBit = 1 << 63

func appendState(b []byte, s hardState) []byte {
	vote := uint64(s.vote)
	if s.doubtful {
		vote |= doubtBit
	}
	return le.AppendUint64(le.AppendUint64(b, uint64(s.term)), vote)
}

func readState(b []byte) hardState {
	vote := le.Uint64(b[8:])
	return hardState{raft.Term(le.Uint64(b)), raft.NodeID(vote &^ doubtBit), vote&doubtBit != 0}
}

// state adds term, vote and doubt.
func (b *batch) state(s hardState) {
	at := b.open(recordState, 0)
	b.buf = appendState(b.buf, s)
	b.seal(at)
}

// mark adds a truncate, reset or compact record.
func (b *batch) mark(kind byte, m raft.Mark) {
	at := b.open(kind, 0)
	b.buf = appendMark(b.buf, m)
	b.seal(at)
}

// padTo fills up to a place in the segment, so that what follows begins there or a little behind.
func (b *batch) padTo(place int64) {
	n := place - b.at - int64(len(b.buf)) - recordHead
	at := b.open(recordPad, 0)
	b.buf = append(b.buf, make([]byte, max(n, 0))...)
	b.seal(at)
}

// end ends the batch: with this record it is whole, without it nothing of it counts.
func (b *batch) end(seq uint64, last raft.Index) {
	n, crc := len(b.buf), mask(crc32.Update(b.seed, castagnoli, b.buf))
	count := b.count
	at := b.open(recordEnd, 0)
	b.buf = le.AppendUint64(b.buf, seq)
	b.buf = le.AppendUint64(b.buf, uint64(n))
	b.buf = le.AppendUint64(b.buf, uint64(last))
	b.buf = le.AppendUint32(b.buf, count)
	b.buf = le.AppendUint32(b.buf, crc)
	b.seal(at)
}

func appendMark(b []byte, m raft.Mark) []byte {
	b = le.AppendUint64(b, uint64(m.Index))
	b = le.AppendUint64(b, uint64(m.Term))
	b = le.AppendUint64(b, m.Pos)
	return le.AppendUint64(b, uint64(m.Digest))
}

func readMark(b []byte) raft.Mark {
	return raft.Mark{Index: raft.Index(le.Uint64(b)), Term: raft.Term(le.Uint64(b[8:])),
		Pos: le.Uint64(b[16:]), Digest: raft.Digest(le.Uint64(b[24:]))}
}

// record is one that was read and found good.
type record struct {
	kind, flags byte
	payload     []byte
	size        int // with head and padding
}

// readRecord reads the record that data begins with. why says what is wrong with it.
func readRecord(data []byte, seed uint32, segment uint64) (r record, why string) {
	if len(data) < recordHead {
		return r, fmt.Sprintf("%d bytes, which are no record's head", len(data))
	}
	n, kind := int64(le.Uint32(data)), data[4]
	if le.Uint16(data[6:]) != headCheck(data, seed) || le.Uint32(data[12:]) != uint32(segment) {
		return r, "no record's head"
	}
	size := recordHead + (n+7)/8*8
	if size > int64(len(data)) {
		return r, fmt.Sprintf("%s of %d bytes where %d are left", recordName(kind), n,
			len(data)-recordHead)
	}
	if !sizeFits(kind, n) {
		return r, fmt.Sprintf("%s of %d bytes", recordName(kind), n)
	}
	if le.Uint32(data[8:]) != bodyCheck(data[:size], seed) {
		return r, fmt.Sprintf("%s of %d bytes with a wrong CRC", recordName(kind), n)
	}
	return record{kind: kind, flags: data[5], payload: data[recordHead : recordHead+n],
		size: int(size)}, ""
}

// sizeFits reports whether a payload of a type can be that long.
func sizeFits(kind byte, n int64) bool {
	switch kind {
	case recordEntry:
		return n >= entryHead && n <= entryHead+MaxEntry
	case recordState:
		return n == stateSize
	case recordTruncate, recordReset, recordCompact:
		return n == markSize
	case recordPad:
		return n <= 2*sector
	case recordEnd:
		return n == endSize
	}
	return false
}

var recordNames = [...]string{"a record of type 0", "an entry", "a state record",
	"a truncate record", "a reset record", "a compact record", "a pad", "a batch end"}

// recordName names a type of record, with its article.
func recordName(kind byte) string {
	if int(kind) < len(recordNames) {
		return recordNames[kind]
	}
	return fmt.Sprintf("a record of type %d", kind)
}

// readEntry gives the entry of a record. Its body is a part of what was read.
func readEntry(r record) raft.Entry {
	p := r.payload
	return raft.Entry{Index: raft.Index(le.Uint64(p)), Term: raft.Term(le.Uint64(p[8:])),
		Kind: raft.EntryKind(r.flags), Pos: le.Uint64(p[16:]), Data: p[entryHead:len(p):len(p)]}
}
