package store_test

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
	"github.com/raftarium/raftarium/store/storetest"
)

// TestRealDisk writes, locks and opens again on a real file system, with its syncs.
func TestRealDisk(t *testing.T) {
	dir := t.TempDir()
	f, err := store.OpenFile(dir, self(), store.OS())
	if err != nil {
		t.Fatal(err)
	}
	if !f.Report().Formatted {
		t.Error("a new directory is not said to be formatted")
	}
	_, err = store.OpenFile(dir, self(), store.OS())
	if want := "store: " + dir + " is in use: its LOCK is held by another process"; err == nil ||
		err.Error() != want {
		t.Errorf("a second open says %v, want %s", err, want)
	}
	at := raft.Mark{}
	for n := range 3 {
		es := storetest.Entries(at, 1, 2, body)
		ws := []raft.Write{{Entries: es, Term: raft.Term(n), Vote: 1, HardState: true}}
		if err := f.Write(ws); err != nil {
			t.Fatal(err)
		}
		at = at.After(es[0]).After(es[1])
	}
	ref := storetest.Ref(at, []byte("six"))
	if err := f.SaveSnapshot(ref, []byte("six")); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.OpenFile(dir, self(), store.OS())
	if err != nil {
		t.Fatal(err)
	}
	im, err := again.Load()
	if err != nil || im.Last() != at || im.Term != 2 || im.Vote != 1 || im.Snapshot != ref {
		t.Errorf("%+v, %v", im, err)
	}
	if again.Identity() != f.Identity() || again.Report().Formatted {
		t.Errorf("%v became %v", f.Identity(), again.Identity())
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestNoDirectory asks for a place where none can be.
func TestNoDirectory(t *testing.T) {
	dir := t.TempDir()
	f, err := store.OpenFile(dir, self(), store.OS())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	below := filepath.Join(dir, "meta.a", "data")
	if _, err := store.OpenFile(below, self(), store.OS()); err == nil ||
		!strings.Contains(err.Error(), below) {
		t.Errorf("a directory in a file: %v", err)
	}
}

// TestLargeEntry writes one byte too many.
func TestLargeEntry(t *testing.T) {
	l := newLab(t)
	big := storetest.Entries(raft.Mark{}, 1, 1, func(int) []byte {
		return make([]byte, store.MaxEntry)
	})
	l.do(storetest.Step{Writes: []raft.Write{{Entries: big}}})
	if why := storetest.Same(l.file, l.model); why != "" {
		t.Error(why)
	}
	big = storetest.Entries(l.model.Mark(1), 1, 1, func(int) []byte {
		return make([]byte, store.MaxEntry+1)
	})
	if err := l.file.Write([]raft.Write{{Entries: big}}); err == nil {
		t.Error("an entry that is too large was written")
	}
}

// TestGarbage puts noise over files. The store opens or refuses, and does neither panic nor hang.
func TestGarbage(t *testing.T) {
	l := newLab(t)
	l.state(1, 1)
	l.grow(1, 12)
	l.save(5)
	names := l.disk.Names()
	opened, refused := 0, 0
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 1))
		disk := l.disk.Clone(seed)
		for range 1 + rng.IntN(3) {
			name := names[rng.IntN(len(names))]
			b := disk.Bytes(name)
			if len(b) == 0 {
				continue
			}
			from := rng.IntN(len(b))
			for i := from; i < min(from+rng.IntN(300), len(b)); i++ {
				b[i] = byte(rng.Uint32())
			}
			disk.SetBytes(name, b[:len(b)-rng.IntN(2)*rng.IntN(len(b))])
		}
		_, err := openOn(disk)
		var damage *store.DamageError
		switch {
		case err == nil:
			opened++
		case errors.As(err, &damage):
			refused++
		default:
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if opened == 0 || refused == 0 {
		t.Errorf("%d were opened and %d refused", opened, refused)
	}
}

// TestTogether writes, saves snapshots and reads them at once; the race detector looks on.
func TestTogether(t *testing.T) {
	l := newLab(t)
	l.grow(1, 20)
	ref := l.save(10)
	var all sync.WaitGroup
	at := l.model.Mark(15)
	all.Go(func() {
		if err := l.file.SaveSnapshot(storetest.Ref(at, []byte("15")), []byte("15")); err != nil {
			t.Error(err)
		}
	})
	all.Go(func() {
		for i := range uint64(20) {
			c, err := l.file.Chunk(raft.ChunkRef{Snapshot: ref, Offset: i, Size: 3})
			if err != nil || c.Gone {
				t.Errorf("a chunk: %+v, %v", c, err)
			}
		}
	})
	l.grow(1, 20)
	all.Wait()
	data := []byte("15")
	held := storetest.Ref(at, data)
	l.model.Apply(&storetest.Step{Save: &held, Data: data})
	if why := storetest.Same(l.file, l.model); why != "" {
		t.Error(why)
	}
}

// BenchmarkWrite writes batches of 64 entries of 256 bytes to the directory for temporary files.
func BenchmarkWrite(b *testing.B) {
	f, err := store.OpenFile(b.TempDir(), self(), store.OS())
	if err != nil {
		b.Fatal(err)
	}
	at, data := raft.Mark{}, make([]byte, 256)
	b.SetBytes(64 * 256)
	for b.Loop() {
		es := storetest.Entries(at, 1, 64, func(int) []byte { return data })
		if err := f.Write([]raft.Write{{Entries: es}}); err != nil {
			b.Fatal(err)
		}
		for _, e := range es {
			at = at.After(e)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
