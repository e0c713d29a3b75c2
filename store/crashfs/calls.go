package crashfs

import (
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/raftarium/raftarium/store"
)

// MkdirAll implements store.FS. Directories are there, always.
func (f *FS) MkdirAll(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.call("mkdir", dir, 0)
	return err
}

// Create implements store.FS.
func (f *FS) Create(name string) (store.Handle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	effect, err := f.call("create", name, 0)
	n := &inode{}
	if effect {
		f.files[name] = n
		f.names = append(f.names, nameOp{dir: filepath.Dir(name), set: name, node: n})
	}
	if err != nil {
		return nil, err
	}
	return &handle{f, n, name}, nil
}

// Open implements store.FS.
func (f *FS) Open(name string) (store.Handle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.call("open", name, 0); err != nil {
		return nil, err
	}
	n := f.files[name]
	if n == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &handle{f, n, name}, nil
}

// Rename implements store.FS.
func (f *FS) Rename(from, to string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	effect, err := f.call("rename", from+" "+to, 0)
	n := f.files[from]
	if n == nil && err == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	if effect && n != nil {
		delete(f.files, from)
		f.files[to] = n
		f.names = append(f.names, nameOp{dir: filepath.Dir(to), set: to, del: from, node: n})
	}
	return err
}

// Remove implements store.FS.
func (f *FS) Remove(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	effect, err := f.call("remove", name, 0)
	if f.files[name] == nil && err == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	if effect {
		delete(f.files, name)
		f.names = append(f.names, nameOp{dir: filepath.Dir(name), del: name})
	}
	return err
}

// List implements store.FS.
func (f *FS) List(dir string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.call("list", dir, 0); err != nil {
		return nil, err
	}
	var names []string
	for _, name := range sortedNames(f.files) {
		if filepath.Dir(name) == filepath.Clean(dir) {
			names = append(names, filepath.Base(name))
		}
	}
	return names, nil
}

// SyncDir implements store.FS.
func (f *FS) SyncDir(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	effect, err := f.call("syncdir", dir, 0)
	if effect && !f.lies {
		var rest []nameOp
		for _, op := range f.names {
			if op.dir == filepath.Clean(dir) {
				f.apply(op)
			} else {
				rest = append(rest, op)
			}
		}
		f.names = rest
	}
	return err
}

// Lock implements store.FS.
func (f *FS) Lock(name string) (io.Closer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.call("lock", name, 0); err != nil {
		return nil, err
	}
	if f.locks[name] {
		return nil, store.ErrHeld
	}
	f.locks[name] = true
	return &held{f, name}, nil
}

// held is a lock.
type held struct {
	fs   *FS
	name string
}

// Close gives the lock back.
func (h *held) Close() error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	h.fs.locks[h.name] = false
	return nil
}

// handle is an open file.
type handle struct {
	fs   *FS
	node *inode
	name string
}

// ReadAt implements io.ReaderAt.
func (h *handle) ReadAt(b []byte, at int64) (int, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if _, err := h.fs.call("read", h.name, len(b)); err != nil {
		return 0, err
	}
	if at >= int64(len(h.node.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.node.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements io.WriterAt.
func (h *handle) WriteAt(b []byte, at int64) (int, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	effect, err := h.fs.call("write", h.name, len(b))
	n := len(b)
	if !effect {
		n = 0
		if err != nil && len(b) > 0 {
			n = h.fs.rng.IntN(len(b)) // a part of it
		}
	}
	if n > 0 {
		part := slices.Clone(b[:n])
		h.node.data = overlay(h.node.data, at, part)
		h.node.pending = append(h.node.pending, piece{at, part})
	}
	return n, err
}

// Sync implements store.Handle.
func (h *handle) Sync() error {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	effect, err := h.fs.call("sync", h.name, 0)
	switch {
	case effect && !h.fs.lies:
		h.node.synced, h.node.pending = slices.Clone(h.node.data), nil
	case err != nil && !h.fs.down:
		// As systems do: the pages count as clean now, and whether they are on the disk is open.
		h.node.synced = h.node.survivor(KeepSome, h.fs.rng)
		h.node.pending = nil
	}
	return err
}

// Size implements store.Handle.
func (h *handle) Size() (int64, error) {
	h.fs.mu.Lock()
	defer h.fs.mu.Unlock()
	if h.fs.down {
		return 0, ErrPower
	}
	return int64(len(h.node.data)), nil
}

// Close implements io.Closer. It syncs nothing.
func (h *handle) Close() error { return nil }
