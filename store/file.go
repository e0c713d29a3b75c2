package store

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

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
	state hardState
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
