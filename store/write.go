package store

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/raftarium/raftarium/raft"
)

// Write implements Store.
func (f *File) Write(ws []raft.Write) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(); err != nil {
		return err
	}
	if err := f.write(ws); err != nil {
		return f.poison(fmt.Errorf("store: write %d: %w", ws[0].ID, err))
	}
	return nil
}

// write makes writes durable: first the files of snapshots, then in the log what makes them count.
func (f *File) write(ws []raft.Write) error {
	f.image = nil
	finished, err := f.snapshotFiles(ws)
	if err != nil {
		return err
	}
	if !logged(ws) {
		return nil
	}
	if f.end >= f.opt.SegmentSize {
		if err := f.begin(f.segs[len(f.segs)-1].id+1, false); err != nil {
			return err
		}
	}
	if err := f.encode(ws, finished); err != nil {
		return err
	}
	if f.batch.count == 0 {
		return nil
	}
	if err := f.commit(); err != nil {
		return err
	}
	for _, ref := range finished {
		if err := f.snaps.adopt(ref); err != nil {
			return err
		}
	}
	return f.dropSegments()
}

// logged reports whether writes hold anything for the log.
func logged(ws []raft.Write) bool {
	for i := range ws {
		w := ws[i]
		w.Chunk = nil
		if !w.Empty() {
			return true
		}
	}
	return false
}

// snapshotFiles puts chunks aside and makes the files of finished snapshots durable.
func (f *File) snapshotFiles(ws []raft.Write) (finished []raft.SnapshotRef, err error) {
	for i := range ws {
		if c := ws[i].Chunk; c != nil {
			if err := f.snaps.chunk(c); err != nil {
				return nil, err
			}
		}
		if done := ws[i].Finish; done != nil {
			if err := f.snaps.finish(done.Snapshot); err != nil {
				return nil, err
			}
			finished = append(finished, done.Snapshot)
		}
	}
	return finished, nil
}

// encode makes one batch of writes. A term and vote that change are at its beginning and again,
// in another sector, at its end.
func (f *File) encode(ws []raft.Write, finished []raft.SnapshotRef) error {
	s := f.segs[len(f.segs)-1]
	f.batch.begin(seedOf(f.id, s.id), s.id, f.end)
	state := f.state
	for i := range ws {
		if ws[i].HardState {
			state = hardState{ws[i].Term, ws[i].Vote, ws[i].Doubtful}
		}
	}
	changed := state != f.state
	if changed {
		f.batch.state(state)
	}
	first := f.end + int64(len(f.batch.buf))
	for i := range ws {
		if err := f.encodeLog(&ws[i], finished); err != nil {
			return err
		}
	}
	if changed {
		next := (first-1)/sector*sector + sector
		if f.end+int64(len(f.batch.buf)) < next {
			f.batch.padTo(next)
		}
		f.batch.state(state)
	}
	if len(f.batch.buf) > maxBatch {
		return fmt.Errorf("%d bytes in one batch, where %d are the most", len(f.batch.buf),
			maxBatch)
	}
	f.state = state
	if f.batch.count > 0 {
		f.batch.end(f.seq+1, f.log.last().Index)
	}
	return nil
}

// encodeLog makes records of what a write does to the log.
func (f *File) encodeLog(w *raft.Write, finished []raft.SnapshotRef) error {
	if w.TruncateFrom > 0 {
		if err := f.encodeCut(w.TruncateFrom); err != nil {
			return err
		}
	}
	for i := range w.Entries {
		e := &w.Entries[i]
		if len(e.Data) > MaxEntry {
			return fmt.Errorf("entry %d has %d bytes, where %d are the most", e.Index, len(e.Data),
				MaxEntry)
		}
		if err := f.log.append(*e); err != nil {
			return err
		}
		f.batch.entry(e)
	}
	if done := w.Finish; done != nil {
		if err := f.encodeFinish(done); err != nil {
			return err
		}
	}
	if w.CompactTo.Index <= f.log.base.Index {
		return nil
	}
	if err := covered(slices.Concat(f.snaps.refs(), finished), w.CompactTo.Index); err != nil {
		return err
	}
	if _, err := f.log.compact(w.CompactTo); err != nil {
		return err
	}
	f.batch.mark(recordCompact, w.CompactTo)
	return nil
}

// encodeCut makes a record of a truncation, unless there is nothing to cut.
func (f *File) encodeCut(from raft.Index) error {
	before := len(f.log.marks)
	if err := f.log.truncate(from); err != nil {
		return err
	}
	if len(f.log.marks) == before {
		return nil
	}
	lower(f.segs, from-1)
	f.batch.mark(recordTruncate, f.log.last())
	return settled(f.snaps.refs(), f.log.last().Index)
}

// encodeFinish makes a record of where the log begins behind a snapshot that came in.
func (f *File) encodeFinish(done *raft.FinishedSave) error {
	before := f.log.base
	if _, err := f.log.finish(done); err != nil {
		return err
	}
	switch {
	case !done.KeepLog:
		lower(f.segs, 0)
		f.batch.mark(recordReset, f.log.base)
	case f.log.base != before:
		f.batch.mark(recordCompact, f.log.base)
	}
	return settled(f.snaps.refs(), f.log.last().Index)
}

// commit writes the batch with one call and syncs it.
func (f *File) commit() error {
	s := f.segs[len(f.segs)-1]
	start := time.Now()
	if _, err := f.tail.WriteAt(f.batch.buf, f.end); err != nil {
		return fmt.Errorf("writing %d bytes at %d of %s: %w", len(f.batch.buf), f.end, s.path, err)
	}
	written := time.Now()
	if err := f.tail.Sync(); err != nil {
		return fmt.Errorf("syncing %s: %w", s.path, err)
	}
	f.writing, f.syncing = written.Sub(start), time.Since(written)
	f.end += int64(len(f.batch.buf))
	f.seq++
	if cap(f.batch.buf) > 4<<20 {
		f.batch.buf = nil
	}
	return nil
}

// Took gives how long writing and syncing the last batch took.
func (f *File) Took() (write, sync time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writing, f.syncing
}

// dropSegments removes the oldest segments while nothing of them stands above the base, or above
// the older snapshot, so that the log reaches back to it should the newer one rot. The names need
// no sync: a segment that comes back is read again or found to be of no use.
func (f *File) dropSegments() error {
	keep := f.log.base.Index
	if refs := f.snaps.refs(); len(refs) == keepSnapshots {
		keep = min(keep, refs[0].Index)
	}
	for len(f.segs) > 1 && f.segs[0].live <= keep {
		path := f.segs[0].path
		if err := f.fs.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing segment %s: %w", path, err)
		}
		f.segs = f.segs[1:]
	}
	return nil
}
