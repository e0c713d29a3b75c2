package store

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/raftarium/raftarium/raft"
)

// recovery reads a log directory and changes nothing in it. What is to be changed (a file to be
// removed, a segment to be begun) is in its fields.
type recovery struct {
	fs  FS
	dir string
	id  Identity
	rep *Report

	segs []*segment // oldest first, linked without gaps
	dead []string   // files of no use
	top  uint64     // the highest id that a segment has or had

	state   hardState
	seq     uint64
	log     tail      // all that the segments hold, also below the base
	base    raft.Mark // where the log begins
	entries []raft.Entry

	end  int64 // where the newest segment's valid batches end
	torn bool  // something stands behind that
	anew bool  // the log must begin anew at base, in a new segment
}

// run reads the log.
func (r *recovery) run() error {
	if err := r.find(); err != nil {
		return err
	}
	for i, s := range r.segs {
		limit := int64(-1)
		if i+1 < len(r.segs) {
			limit = r.segs[i+1].prevLen
		}
		if err := r.replay(s, limit); err != nil {
			return err
		}
	}
	if at, ok := r.log.at(r.base.Index); len(r.segs) > 0 && (!ok || at != r.base) {
		return &DamageError{File: r.segs[0].path, Found: fmt.Sprintf(
			"a log of %d to %d, which should begin behind %d; a segment before it is missing",
			r.log.base.Index+1, r.log.last().Index, r.base.Index)}
	}
	return nil
}

// find gives the segments that the newest good one is linked to.
func (r *recovery) find() error {
	names, err := r.fs.List(r.dir)
	if err != nil {
		return fmt.Errorf("listing %s: %w", r.dir, err)
	}
	all := map[uint64]string{}
	var ids []uint64
	for _, name := range names {
		if id, ok := segmentID(name); ok && all[id] == "" {
			all[id] = filepath.Join(r.dir, name)
			ids = append(ids, id)
			r.top = max(r.top, id)
		} else {
			r.rep.note("%s is no segment of this log; it is ignored", filepath.Join(r.dir, name))
		}
	}
	slices.Sort(ids)
	next := uint64(0)
	for len(ids) > 0 && next == 0 {
		newest := ids[len(ids)-1]
		s, err := r.head(all[newest], newest)
		if err == nil {
			r.segs, next = []*segment{s}, s.prev
			break
		}
		if err := r.unborn(all[newest], newest, err); err != nil {
			return err
		}
		ids = ids[:len(ids)-1]
	}
	return r.link(all, ids, next)
}

// link follows the segments back, as far as there are any.
func (r *recovery) link(all map[uint64]string, ids []uint64, next uint64) error {
	used := map[uint64]bool{}
	for len(r.segs) > 0 {
		s := r.segs[len(r.segs)-1]
		used[s.id] = true
		path, ok := all[next]
		if next >= s.id || !ok {
			break
		}
		p, err := r.head(path, next)
		if err != nil {
			return err
		}
		r.segs, next = append(r.segs, p), p.prev
	}
	slices.Reverse(r.segs)
	for _, id := range ids {
		if !used[id] {
			r.dead = append(r.dead, all[id])
			r.rep.note("segment %s is no longer needed; it is removed", all[id])
		}
	}
	return nil
}

// head reads the header of a segment.
func (r *recovery) head(path string, id uint64) (*segment, error) {
	b, err := readStart(r.fs, path, segmentHead)
	if err != nil {
		return nil, err
	}
	h, why := readHeader(b, r.id, id)
	if why != "" {
		return nil, &DamageError{File: path, Found: why}
	}
	if name := filepath.Join(r.dir, segmentName(&h)); name != path {
		return nil, &DamageError{File: path, Found: "the segment " + name}
	}
	return &segment{header: h, path: path}, nil
}

// unborn looks at a newest segment whose header is bad. If no batch is in it, its making was
// cut short (power was lost, the disk was full), and it is of no use; else it is damaged.
func (r *recovery) unborn(path string, id uint64, bad error) error {
	var damage *DamageError
	if !errors.As(bad, &damage) {
		return bad
	}
	b, err := readFile(r.fs, path, maxFile)
	if err != nil {
		return err
	}
	b = b[min(len(b), segmentHead):]
	if _, found := laterBatch(b, seedOf(r.id, id), id, 0); found {
		return bad
	}
	r.dead = append(r.dead, path)
	r.rep.note("segment %s was begun and holds nothing yet; it is removed", path)
	return nil
}

// replay reads the batches of a segment. limit is where the next segment says that they end; -1
// in the newest.
func (r *recovery) replay(s *segment, limit int64) error {
	b, err := readFile(r.fs, s.path, maxFile)
	if err != nil {
		return err
	}
	if err := r.seam(s); err != nil {
		return err
	}
	all := b
	if limit >= 0 && limit < int64(len(b)) {
		b = b[:limit]
	}
	seed := seedOf(r.id, s.id)
	at := segmentHead
	for at < len(b) {
		rs, end, size, why, off := readBatch(b[at:], seed, s.id)
		if why != "" {
			return r.stopped(s, all, at, at+off, limit, why)
		}
		if err := r.batch(rs, end); err != nil {
			return &DamageError{File: s.path, Offset: int64(at), Found: err.Error()}
		}
		r.seq, at = end.seq, at+size
	}
	if limit >= 0 && int64(at) != limit {
		return &DamageError{File: s.path, Offset: int64(at),
			Found: fmt.Sprintf("the end, where the next segment says that it is %d", limit)}
	}
	s.live, r.end = r.log.last().Index, int64(at)
	return nil
}

// seam checks that a segment begins where the one before ended.
func (r *recovery) seam(s *segment) error {
	first := s == r.segs[0]
	if first || s.anew {
		r.log.reset(s.at)
		r.entries, r.base = nil, s.base
		r.seq, r.state = s.seq, s.state
		r.forget(0)
		return nil
	}
	if last := r.log.last(); last != s.at || r.seq != s.seq {
		return &DamageError{File: s.path, Found: fmt.Sprintf(
			"a segment behind %d (term %d) and batch %d, but the one before ends in %d (term %d) "+
				"and batch %d", s.at.Index, s.at.Term, s.seq, last.Index, last.Term, r.seq)}
	}
	r.state = s.state // it may have been saved from a torn batch
	return nil
}

// stopped judges a place where no batch can be read.
func (r *recovery) stopped(s *segment, all []byte, at, bad int, limit int64, why string) error {
	if limit >= 0 {
		return &DamageError{File: s.path, Offset: int64(bad), Found: why}
	}
	dead, seed := all[at:], seedOf(r.id, s.id)
	if later, found := laterBatch(dead, seed, s.id, r.seq+1); found {
		return &DamageError{File: s.path, Offset: int64(bad),
			Found: fmt.Sprintf("%s, and a whole later batch at byte %d", why, at+later)}
	}
	r.torn, r.rep.Doubtful = true, true
	r.rep.note("the log's last batch, at byte %d of %s, is not whole (at byte %d: %s); its %d "+
		"bytes are left out", at, s.path, bad, why, len(dead))
	if last := lastState(dead, seed, s.id); last.term > r.state.term ||
		last.term == r.state.term && r.state.vote == 0 && last.vote != 0 {
		r.state = last
		r.rep.note("term %d and the vote for %v were saved from it", last.term, last.vote)
	}
	r.state.doubtful = true // until the node has caught up, across further starts
	s.live, r.end = r.log.last().Index, int64(at)
	return nil
}

// batch carries out the records of a whole batch.
func (r *recovery) batch(rs []record, end batchEnd) error {
	if end.seq != r.seq+1 {
		return fmt.Errorf("batch %d where %d follows", end.seq, r.seq+1)
	}
	for _, rec := range rs {
		if err := r.record(rec); err != nil {
			return err
		}
	}
	if last := r.log.last().Index; last != end.last {
		return fmt.Errorf("a batch that ends in %d, but the log then ends in %d", end.last, last)
	}
	return nil
}

func (r *recovery) record(rec record) error {
	switch rec.kind {
	case recordEntry:
		e := readEntry(rec)
		if err := r.log.append(e); err != nil {
			return err
		}
		r.entries = append(r.entries, e)
	case recordState:
		r.state = readState(rec.payload)
	case recordTruncate:
		return r.truncate(readMark(rec.payload))
	case recordReset:
		r.base = readMark(rec.payload)
		r.log.reset(r.base)
		r.entries = nil
		r.forget(0)
	case recordCompact:
		r.base = readMark(rec.payload)
	}
	return nil
}

// truncate cuts the log behind a mark. A mark below all that is here is one in a segment that was
// dropped since: the log goes on from there.
func (r *recovery) truncate(m raft.Mark) error {
	if m.Index < r.log.base.Index {
		r.log.reset(m)
	} else {
		if held, ok := r.log.at(m.Index); !ok || held != m {
			return fmt.Errorf("a cut behind %d (term %d), where the log has term %d", m.Index,
				m.Term, held.Term)
		}
		if err := r.log.truncate(m.Index + 1); err != nil {
			return err
		}
	}
	r.entries = r.entries[:len(r.log.marks)]
	r.forget(m.Index)
	return nil
}

// forget says that no segment holds anything live above an index.
func (r *recovery) forget(above raft.Index) { lower(r.segs, above) }

// lower notes that what stood above an index is dead in all these segments.
func lower(segs []*segment, above raft.Index) {
	for _, s := range segs {
		s.live = min(s.live, above)
	}
}

// choose finds the newest snapshot that the log goes on from, and cuts image and log to it.
func (r *recovery) choose(all []found) (kept []raft.SnapshotRef, err error) {
	var usable []found
	for _, f := range all {
		if !f.own && f.ref.Index > r.base.Index {
			r.dead = append(r.dead, f.path)
			r.rep.note("snapshot %s came in, but the log does not begin there; it is removed",
				f.path)
			continue
		}
		if at, ok := r.log.at(f.ref.Index); ok && at != f.ref.Mark {
			return nil, &DamageError{File: f.path, Found: fmt.Sprintf(
				"a snapshot of term %d and digest %016x, where the log has term %d and %016x",
				f.ref.Term, uint64(f.ref.Digest), at.Term, uint64(at.Digest))}
		}
		usable = append(usable, f)
	}
	slices.SortFunc(usable, func(a, b found) int {
		if c := cmp.Compare(b.ref.Index, a.ref.Index); c != 0 || a.own == b.own {
			return c
		}
		if a.own {
			return 1 // of one index, what came in took the place of the own one
		}
		return -1
	})
	if err := r.begin(usable); err != nil {
		return nil, err
	}
	for _, f := range usable {
		if k := len(kept); k == keepSnapshots || k > 0 && kept[k-1].Index == f.ref.Index {
			r.dead = append(r.dead, f.path)
			r.rep.note("snapshot %s is no longer needed; it is removed", f.path)
			continue
		}
		kept = append(kept, f.ref)
	}
	slices.Reverse(kept)
	r.rep.Snapshots = len(kept)
	return kept, nil
}

// begin sets the base, and what follows it, by the newest snapshot.
func (r *recovery) begin(usable []found) error {
	var newest raft.SnapshotRef
	if len(usable) > 0 {
		newest = usable[0].ref
	}
	switch last := r.log.last().Index; {
	case newest.Index > last:
		r.anew, r.rep.Doubtful, r.state.doubtful = true, true, true
		r.rep.note("the log ends at %d, before this node's own snapshot %d; it begins anew there",
			last, newest.Index)
		r.base = newest.Mark
		r.log.reset(r.base)
		r.entries = nil
		r.forget(0)
		if r.state.term < newest.Term {
			r.state.term, r.state.vote = newest.Term, 0
		}
		return nil
	case newest.Index >= r.base.Index:
	case newest.Index >= r.log.base.Index:
		r.rep.note("the log begins behind %d, but snapshot %d is the newest that is good; it "+
			"begins there", r.base.Index, newest.Index)
		r.base = newest.Mark
	default:
		return &DamageError{File: r.dir, Found: fmt.Sprintf("a log that begins behind %d, "+
			"and no good snapshot at or above it (the newest good one is of %d)",
			r.log.base.Index, newest.Index)}
	}
	n := int(r.base.Index - r.log.base.Index)
	if _, err := r.log.compact(r.base); err != nil {
		return err
	}
	r.entries = slices.Clone(r.entries[n:])
	return nil
}

// image gives what was read as the node wants it.
func (r *recovery) image(refs []raft.SnapshotRef) *raft.Image {
	im := &raft.Image{Term: r.state.term, Vote: r.state.vote, Base: r.log.base, Entries: r.entries,
		Doubtful: r.state.doubtful}
	if k := len(refs); k > 0 {
		im.Snapshot = refs[k-1]
	}
	return im
}
