package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
)

// open reads all that is there and makes the directory ready to be written.
func (f *File) open() error {
	if err := f.identify(); err != nil {
		return err
	}
	f.snaps = &snapshots{fs: f.fs, dir: f.snapDir(), id: f.id}
	rec, refs, aside, err := f.read(&f.report)
	if err != nil {
		return err
	}
	if len(rec.segs) == 0 && (len(refs) > 0 || f.meta.boot > 0) {
		return &DamageError{File: f.logDir(), Found: "no segment of the log of " + f.id.String()}
	}
	f.snaps.list = refs
	f.state, f.log, f.seq = rec.state, rec.log, rec.seq
	f.segs, f.end = rec.segs, rec.end
	f.image = rec.image(refs)
	if !f.report.Formatted { // who wrote the identity may have been killed before it was synced
		if err := f.meta.write(f.fs, f.dir); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	if err := f.resume(rec); err != nil {
		return err
	}
	for _, path := range append(rec.dead, aside...) {
		if err := f.fs.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("store: removing %s: %w", path, err)
		}
	}
	f.report.Segments = len(f.segs)
	dirs := []string{f.logDir(), f.snapDir(), f.dir}
	if f.report.Formatted {
		dirs = append(dirs, filepath.Dir(f.dir))
	}
	for _, d := range dirs {
		if err := f.fs.SyncDir(d); err != nil {
			return fmt.Errorf("store: syncing directory %s: %w", d, err)
		}
	}
	return nil
}

// identify finds out whose directory it is, and makes it this node's when it is nobody's.
func (f *File) identify() error {
	m, found, err := openMeta(f.fs, f.dir, &f.report)
	var damage *DamageError
	if err != nil && !errors.As(err, &damage) {
		return err
	}
	if !found {
		switch empty, e := f.empty(); {
		case e != nil:
			return e
		case empty: // new, or its making was cut short
			return f.format()
		case damage != nil:
			return damage
		}
		return &DamageError{File: filepath.Join(f.dir, metaNames()[0]),
			Found: "nothing, where there is a log or a snapshot"}
	}
	want := f.id
	if want.Data == ([16]byte{}) {
		want.Data = m.id.Data
	}
	if m.id != want {
		return fmt.Errorf("store: %s belongs to %v (data %s), expected %v (data %s)", f.dir, m.id,
			uuid.UUID(m.id.Data), want, uuid.UUID(want.Data))
	}
	f.meta, f.id = m, m.id
	return nil
}

// empty reports whether there is neither log nor snapshot.
func (f *File) empty() (bool, error) {
	for _, dir := range []string{f.logDir(), f.snapDir()} {
		names, err := f.fs.List(dir)
		if err != nil {
			return false, fmt.Errorf("store: listing %s: %w", dir, err)
		}
		if len(names) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// format makes an identity.
func (f *File) format() error {
	if f.id.Data == ([16]byte{}) {
		data, err := uuid.NewRandom()
		if err != nil {
			return fmt.Errorf("store: making an id for %s: %w", f.dir, err)
		}
		f.id.Data = data
	}
	f.meta = meta{id: f.id}
	f.report.Formatted = true
	if err := f.meta.write(f.fs, f.dir); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// read reads log and snapshots and changes nothing.
func (f *File) read(rep *Report) (*recovery, []raft.SnapshotRef, []string, error) {
	rec := &recovery{fs: f.fs, dir: f.logDir(), id: f.id, rep: rep}
	if err := rec.run(); err != nil {
		return nil, nil, nil, err
	}
	all, aside, err := f.snaps.scan(rep)
	if err != nil {
		return nil, nil, nil, err
	}
	refs, err := rec.choose(all)
	if err != nil {
		return nil, nil, nil, err
	}
	return rec, refs, aside, nil
}

// resume makes the newest segment durable, for a process that was killed may have left it unsynced,
// and goes on in it; behind a tail that is not whole it begins another.
func (f *File) resume(rec *recovery) error {
	if k := len(f.segs); k > 0 {
		h, err := f.fs.Open(f.segs[k-1].path)
		if err != nil {
			return fmt.Errorf("store: opening segment %s: %w", f.segs[k-1].path, err)
		}
		f.tail = h
		if err := h.Sync(); err != nil {
			return fmt.Errorf("store: syncing segment %s: %w", f.segs[k-1].path, err)
		}
		if !rec.torn && !rec.anew {
			return nil
		}
	}
	return f.begin(rec.top+1, rec.anew)
}

// begin begins a segment behind the present one.
func (f *File) begin(id uint64, anew bool) error {
	h := header{id: id, anew: anew, seq: f.seq, state: f.state, at: f.log.last(),
		base: f.log.base}
	if k := len(f.segs); k > 0 {
		prev := f.segs[k-1]
		h.prev, h.prevLen = prev.id, f.end
		prev.live = h.at.Index
		if anew {
			lower(f.segs, 0)
		}
		if err := f.tail.Close(); err != nil {
			return fmt.Errorf("store: closing segment %s: %w", prev.path, err)
		}
		f.tail = nil
	}
	file, s, err := createSegment(f.fs, f.logDir(), &h, f.id)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	f.tail, f.end = file, segmentHead
	f.segs = append(f.segs, s)
	return nil
}
