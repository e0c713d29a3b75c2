package store_test

import (
	"testing"

	"github.com/raftarium/raftarium/store"
	"github.com/raftarium/raftarium/store/crashfs"
	"github.com/raftarium/raftarium/store/storetest"
)

func self() store.Identity { return store.Identity{Cluster: [16]byte{1, 2, 3}, Node: 1} }

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T, string) store.Store { return store.NewMemory() })
}

// unsynced is the operating system's file system without its syncs, which would only take time: no
// power is lost here.
type unsynced struct{ store.FS }

type unsyncedFile struct{ store.Handle }

func (u unsynced) Create(name string) (store.Handle, error) {
	h, err := u.FS.Create(name)
	return unsyncedFile{h}, err
}

func (u unsynced) Open(name string) (store.Handle, error) {
	h, err := u.FS.Open(name)
	return unsyncedFile{h}, err
}

func (unsynced) SyncDir(string) error { return nil }

func (unsyncedFile) Sync() error { return nil }

func TestFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T, dir string) store.Store {
		f, err := store.OpenFileWith(dir, self(), unsynced{store.OS()},
			store.FileOptions{SegmentSize: 1500})
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
}

// TestFileOnCrashFS runs the suite on the file system that the crash tests use.
func TestFileOnCrashFS(t *testing.T) {
	disks := map[string]*crashfs.FS{}
	storetest.Run(t, func(t *testing.T, dir string) store.Store {
		if disks[dir] == nil {
			disks[dir] = crashfs.New(1)
		}
		f, err := store.OpenFileWith(dir, self(), disks[dir], store.FileOptions{SegmentSize: 700})
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
}
