package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
)

// FileOptions are the settings of a file store. Zero values stand for the defaults.
type FileOptions struct {
	// SegmentSize is how long a segment of the log becomes before the next one is begun, in bytes;
	// 16 MiB by default.
	SegmentSize int64
	// Now gives the time for NextBoot; time.Now by default.
	Now func() time.Time
}

const defaultSegmentSize = 16 << 20

// File is a store in a directory. One process at a time has it.
type File struct {
	dir    string
	fs     FS
	opt    FileOptions
	id     Identity
	report Report
	lock   io.Closer
	snaps  *snapshots

	fail struct { // apart, as it is also asked while a write is under way
		sync.Mutex
		err error
	}

	mu    sync.Mutex // all below
	meta  meta
	term  raft.Term
	vote  raft.NodeID
	log   tail
	segs  []*segment // oldest first; the last one is written
	tail  Handle
	end   int64 // where the next batch goes
	seq   uint64
	batch batch
	image *raft.Image // what was read at the start, until it is asked for

	writing, syncing time.Duration // of the last batch
}

// OpenFile opens a data directory, or makes one where there is none. It gives a DamageError when
// something that was durable cannot be read, and a plain sentence when the directory is another
// node's or in use. It does not change what it refuses.
func OpenFile(dir string, id Identity, fsys FS) (*File, error) {
	return OpenFileWith(dir, id, fsys, FileOptions{})
}

// OpenFileWith is OpenFile with settings.
func OpenFileWith(dir string, id Identity, fsys FS, opt FileOptions) (*File, error) {
	if opt.SegmentSize <= 0 {
		opt.SegmentSize = defaultSegmentSize
	}
	opt.SegmentSize = min(opt.SegmentSize, maxFile-maxBatch)
	if opt.Now == nil {
		opt.Now = time.Now
	}
	f := &File{dir: dir, fs: fsys, opt: opt, id: id}
	for _, d := range []string{dir, f.logDir(), f.snapDir()} {
		if err := fsys.MkdirAll(d); err != nil {
			return nil, fmt.Errorf("store: making directory %s: %w", d, err)
		}
	}
	lock, err := fsys.Lock(filepath.Join(dir, "LOCK"))
	if errors.Is(err, ErrHeld) {
		return nil, fmt.Errorf("store: %s is in use: its LOCK is %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("store: locking %s: %w", dir, err)
	}
	f.lock = lock
	if err := f.open(); err != nil {
		_ = f.Close() // the first error is the one to tell
		return nil, err
	}
	return f, nil
}

func (f *File) logDir() string  { return filepath.Join(f.dir, "log") }
func (f *File) snapDir() string { return filepath.Join(f.dir, "snap") }

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
	f.term, f.vote, f.log, f.seq = rec.term, rec.vote, rec.log, rec.seq
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
		case empty: // new, or power was lost while it was made
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
	h := header{id: id, anew: anew, seq: f.seq, term: f.term, vote: f.vote, at: f.log.last(),
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

// Kind implements Store.
func (f *File) Kind() string { return KindFile }

// Identity gives whose the directory is, its own UUID included.
func (f *File) Identity() Identity { return f.id }

// Report gives what was found when the directory was opened.
func (f *File) Report() Report { return f.report }

// usable gives the error that poisoned the store.
func (f *File) usable() error {
	f.fail.Lock()
	defer f.fail.Unlock()
	return f.fail.err
}

// poison makes all later calls fail with the first error.
func (f *File) poison(err error) error {
	f.fail.Lock()
	defer f.fail.Unlock()
	if f.fail.err == nil {
		f.fail.err = err
	}
	return f.fail.err
}

// Close implements Store.
func (f *File) Close() error {
	_ = f.poison(ErrClosed) // an error before this one has been told
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	if f.snaps != nil {
		f.snaps.saving.Lock()
		defer f.snaps.saving.Unlock()
		for len(f.snaps.coming) > 0 {
			errs = append(errs, f.snaps.drop(0))
		}
	}
	if f.tail != nil {
		errs = append(errs, f.tail.Close())
		f.tail = nil
	}
	if f.lock != nil {
		errs = append(errs, f.lock.Close())
		f.lock = nil
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("store: closing %s: %w", f.dir, err)
	}
	return nil
}

// NextBoot gives a number for a new incarnation of the node that is higher than all before: the
// seconds since 1970, or one more than the last. It is durable before it is given.
func (f *File) NextBoot() (uint32, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(); err != nil {
		return 0, err
	}
	if f.meta.boot == 1<<32-1 {
		return 0, fmt.Errorf("store: %s has no boot number above %d left", f.dir, f.meta.boot)
	}
	now := min(max(f.opt.Now().Unix(), 0), 1<<32-1)
	f.meta.boot = max(uint32(now), f.meta.boot+1)
	if err := f.meta.write(f.fs, f.dir); err != nil {
		return 0, f.poison(fmt.Errorf("store: %w", err))
	}
	return f.meta.boot, nil
}

// Load implements Store.
func (f *File) Load() (raft.Image, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(); err != nil {
		return raft.Image{}, err
	}
	if im := f.image; im != nil {
		f.image = nil
		return *im, nil
	}
	rec, refs, _, err := f.read(&Report{})
	if err != nil {
		return raft.Image{}, err
	}
	return *rec.image(refs), nil
}

// SaveSnapshot implements Store.
func (f *File) SaveSnapshot(ref raft.SnapshotRef, data []byte) error {
	if err := f.usable(); err != nil {
		return err
	}
	held, err := f.mayKeep(ref, data)
	if err != nil || held {
		return err
	}
	if err := f.snaps.save(ref, data); err != nil {
		return f.poison(fmt.Errorf("store: %w", err))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.image = nil
	return f.usable()
}

// mayKeep says what is wrong with an own snapshot, or that the very same is durable already.
func (f *File) mayKeep(ref raft.SnapshotRef, data []byte) (held bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.log.checkOwn(ref, data); err != nil {
		return false, err
	}
	refs := f.snaps.refs()
	return slices.Contains(refs, ref), checkOther(refs, ref)
}

// Snapshot implements Store.
func (f *File) Snapshot(ref raft.SnapshotRef) ([]byte, error) {
	if err := f.usable(); err != nil {
		return nil, err
	}
	b, err := f.snaps.read(ref, 0, ref.Size)
	if err != nil {
		return nil, fmt.Errorf("store: snapshot %d: %w", ref.Index, err)
	}
	return b, nil
}

// Chunk implements Store.
func (f *File) Chunk(ref raft.ChunkRef) (raft.Chunk, error) {
	if err := f.usable(); err != nil {
		return raft.Chunk{}, err
	}
	b, err := f.snaps.read(ref.Snapshot, ref.Offset, ref.Size)
	switch {
	case errors.Is(err, ErrGone):
		return raft.Chunk{ChunkRef: ref, Gone: true}, nil
	case err != nil:
		return raft.Chunk{}, fmt.Errorf("store: snapshot %d: %w", ref.Snapshot.Index, err)
	}
	return raft.Chunk{ChunkRef: ref, Data: b}, nil
}
