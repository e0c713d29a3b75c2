package store

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
)

// A segment is a file of the log: a header, then batches. Its name is its first index and its id,
// of which each is greater than those before.
const (
	segmentMagic = "RFTSEG01"
	segmentHead  = 192
	formatOne    = 1
	segmentEnd   = ".seg"
)

// header is the beginning of a segment. It says all that is needed to go on without the segments
// before it.
type header struct {
	id      uint64
	prev    uint64 // the segment before; 0 for none
	prevLen int64  // where its last valid batch ends; what stands behind is dead
	anew    bool   // the log begins anew at mark; those before are not needed
	seq     uint64 // of the last batch before
	state   hardState
	at      raft.Mark // the last mark of the log here
	base    raft.Mark // the log's base here
}

// segment is one that the log holds.
type segment struct {
	header
	path string
	live raft.Index // the last index that still stands in it; 0 for none
}

// segmentName gives the name of a segment's file.
func segmentName(h *header) string {
	return fmt.Sprintf("%020d-%016x%s", h.at.Index+1, h.id, segmentEnd)
}

// segmentID gives the id in a file's name.
func segmentID(name string) (uint64, bool) {
	stem, ok := strings.CutSuffix(name, segmentEnd)
	if !ok || len(stem) != 20+1+16 || stem[20] != '-' {
		return 0, false
	}
	id, err := strconv.ParseUint(stem[21:], 16, 64)
	return id, err == nil && id > 0
}

// encode gives the header's bytes.
func (h *header) encode(id Identity) []byte {
	b := make([]byte, 0, segmentHead)
	b = append(b, segmentMagic...)
	b = le.AppendUint32(b, formatOne)
	flags := uint32(0)
	if h.anew {
		flags = 1
	}
	b = le.AppendUint32(b, flags)
	b = append(b, id.Data[:]...)
	b = le.AppendUint64(b, h.id)
	b = le.AppendUint64(b, h.prev)
	b = le.AppendUint64(b, uint64(h.prevLen))
	b = le.AppendUint64(b, h.seq)
	b = appendState(b, h.state)
	b = appendMark(b, h.at)
	b = appendMark(b, h.base)
	b = append(b, make([]byte, segmentHead-4-len(b))...)
	return le.AppendUint32(b, mask(crc32.Checksum(b, castagnoli)))
}

// readHeader reads a segment's header. why says what is wrong with it.
func readHeader(b []byte, id Identity, segment uint64) (h header, why string) {
	switch {
	case len(b) < segmentHead:
		return h, fmt.Sprintf("%d bytes, which are no header of a segment", len(b))
	case string(b[:8]) != segmentMagic:
		return h, fmt.Sprintf("%q where a segment begins with %q", b[:8], segmentMagic)
	case le.Uint32(b[segmentHead-4:]) != mask(crc32.Checksum(b[:segmentHead-4], castagnoli)):
		return h, "a header of a segment with a wrong CRC"
	case le.Uint32(b[8:]) != formatOne:
		return h, fmt.Sprintf("format %d, and this version reads %d", le.Uint32(b[8:]), formatOne)
	case !bytes.Equal(b[16:32], id.Data[:]):
		return h, "a segment of another data directory"
	case le.Uint64(b[32:]) != segment:
		return h, fmt.Sprintf("the header of segment %x", le.Uint64(b[32:]))
	case le.Uint64(b[48:]) > maxFile:
		return h, fmt.Sprintf("%d bytes in the segment before", le.Uint64(b[48:]))
	}
	return header{id: segment, anew: le.Uint32(b[12:])&1 == 1, prev: le.Uint64(b[40:]),
		prevLen: int64(le.Uint64(b[48:])), seq: le.Uint64(b[56:]),
		state: readState(b[64:]), at: readMark(b[80:]), base: readMark(b[112:])}, ""
}

// batchEnd is the last record of a batch.
type batchEnd struct {
	seq, bytes uint64
	last       raft.Index
	count, crc uint32
}

func readEnd(r record) batchEnd {
	p := r.payload
	return batchEnd{seq: le.Uint64(p), bytes: le.Uint64(p[8:]), last: raft.Index(le.Uint64(p[16:])),
		count: le.Uint32(p[24:]), crc: le.Uint32(p[28:])}
}

// readBatch reads the batch that data begins with. why and at say what is wrong, and where.
func readBatch(data []byte, seed uint32, segment uint64) (rs []record, end batchEnd, size int,
	why string, at int) {
	for {
		r, why := readRecord(data[at:], seed, segment)
		if why != "" {
			return nil, end, 0, why, at
		}
		if r.kind != recordEnd {
			rs = append(rs, r)
			at += r.size
			continue
		}
		end = readEnd(r)
		crc := mask(crc32.Update(seed, castagnoli, data[:at]))
		if end.bytes != uint64(at) || end.count != uint32(len(rs)) || end.crc != crc {
			return nil, end, 0, "a batch end that does not fit its batch", at
		}
		return rs, end, at + r.size, "", at
	}
}

// laterBatch looks for a whole batch anywhere in data that is newer than seq. Batches are written
// only after the one before was synced, so such a one proves that all before it had been complete.
func laterBatch(data []byte, seed uint32, segment, seq uint64) (place int, found bool) {
	for at := 0; at+recordHead <= len(data); at += 8 {
		if data[at+4] != recordEnd || le.Uint32(data[at:]) != endSize {
			continue
		}
		r, why := readRecord(data[at:], seed, segment)
		if why != "" {
			continue
		}
		end := readEnd(r)
		if end.seq <= seq || end.bytes > uint64(at) {
			continue
		}
		start := at - int(end.bytes)
		if mask(crc32.Update(seed, castagnoli, data[start:at])) == end.crc {
			return start, true
		}
	}
	return 0, false
}

// lastState looks for the newest good state record in the dead bytes of a tail.
func lastState(data []byte, seed uint32, segment uint64) (last hardState) {
	for at := 0; at+recordHead <= len(data); at += 8 {
		if data[at+4] != recordState || le.Uint32(data[at:]) != stateSize {
			continue
		}
		r, why := readRecord(data[at:], seed, segment)
		if why != "" {
			continue
		}
		if s := readState(r.payload); s.term > last.term || s.term == last.term && s.vote != 0 {
			last = s
		}
	}
	return last
}

// createSegment makes a segment whose header is durable, and its name too.
func createSegment(fs FS, dir string, h *header, id Identity) (Handle, *segment, error) {
	path := filepath.Join(dir, segmentName(h))
	f, err := fs.Create(path)
	if err != nil {
		return nil, nil, fmt.Errorf("creating segment %s: %w", path, err)
	}
	if err := fill(f, h.encode(id)); err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, nil, fmt.Errorf("beginning segment %s: %w", path, err)
	}
	if err := fs.SyncDir(dir); err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, nil, fmt.Errorf("syncing directory %s: %w", dir, err)
	}
	return f, &segment{header: *h, path: path}, nil
}

// fill writes a file from its beginning and syncs it.
func fill(f Handle, b []byte) error {
	if _, err := f.WriteAt(b, 0); err != nil {
		return err
	}
	return f.Sync()
}
