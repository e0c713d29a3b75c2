package store

import "github.com/raftarium/raftarium/raft"

// Forged is a record for ForgeBatch: its kind as the file says it, its flags and its payload.
type Forged struct {
	Kind, Flags byte
	Payload     []byte
}

// ForgeBatch makes a batch for a place in a segment that has all its checks right, whatever the
// records in it say: what a fuzzer cannot find by itself.
func ForgeBatch(id Identity, segment uint64, place int64, seq uint64, last raft.Index,
	rs []Forged) []byte {
	var b batch
	b.begin(seedOf(id, segment), segment, place)
	for _, r := range rs {
		at := b.open(r.Kind, r.Flags)
		b.buf = append(b.buf, r.Payload...)
		b.seal(at)
	}
	b.end(seq, last)
	return b.buf
}

// Newest tells where the log goes on: its segment and file, the place in it, and the last batch's
// number.
func (f *File) Newest() (segment uint64, path string, place int64, seq uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.segs[len(f.segs)-1]
	return s.id, s.path, f.end, f.seq
}
