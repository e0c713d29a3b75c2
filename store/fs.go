package store

import (
	"io"
	"os"
	"sort"
)

// FS is the little that a file store asks of a file system. Names are paths. Nothing survives a
// power loss but what was synced: the bytes of a file by its Sync, the names of a directory
// (created, renamed, removed) by SyncDir.
type FS interface {
	// MkdirAll makes a directory and those above it; it is no error if they are there.
	MkdirAll(dir string) error
	// Create makes an empty file, to be read and written; one of that name is emptied.
	Create(name string) (Handle, error)
	// Open opens a file, to be read and written. Its error is fs.ErrNotExist if there is none.
	Open(name string) (Handle, error)
	// Rename gives a file a new name, at once and in place of one that had it.
	Rename(from, to string) error
	// Remove removes a file.
	Remove(name string) error
	// List gives the names of the files in a directory, sorted.
	List(dir string) ([]string, error)
	// SyncDir makes the names in a directory durable.
	SyncDir(dir string) error
	// Lock takes a file for this process alone until it is closed. Its error is ErrHeld when
	// somebody else has it.
	Lock(name string) (io.Closer, error)
}

// Handle is an open file.
type Handle interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size gives the length of the file in bytes.
	Size() (int64, error)
	// Sync makes what was written durable, and the length that it needs.
	Sync() error
}

// OS gives the operating system's file system. On systems without flock, Lock always succeeds.
func OS() FS { return osFS{} }

type osFS struct{}

type osFile struct{ *os.File }

func (osFS) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o750) }

func (osFS) Create(name string) (Handle, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
	return wrap(f, err)
}

func (osFS) Open(name string) (Handle, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	return wrap(f, err)
}

// wrap keeps a nil file from becoming a Handle that is not nil.
func wrap(f *os.File, err error) (Handle, error) {
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) Rename(from, to string) error { return os.Rename(from, to) }

func (osFS) Remove(name string) error { return os.Remove(name) }

func (osFS) List(dir string) ([]string, error) {
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range all {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	sort.Strings(names)
	return names, nil
}

func (osFS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		_ = d.Close() // the sync's error is the one to tell
		return err
	}
	return d.Close()
}

func (osFS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	if err := flock(f); err != nil {
		_ = f.Close() // nothing was written to it
		return nil, err
	}
	return f, nil
}

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f osFile) Sync() error { return datasync(f.File) }
