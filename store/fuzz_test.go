package store_test

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
	"github.com/raftarium/raftarium/store/crashfs"
	"github.com/raftarium/raftarium/store/storetest"
)

// aged is a disk with all kinds of files on it, and the model of what they hold.
func aged(t testing.TB) (*lab, *crashfs.FS) {
	l := newLab(t)
	l.state(3, 2)
	l.grow(3, 14)
	l.save(6)
	l.grow(3, 2)
	l.save(12)
	l.compact(12)
	l.state(4, 1)
	l.grow(4, 4)
	return l, l.disk.Restart(crashfs.KeepNone)
}

// FuzzRecover changes a file of a data directory as it likes and opens it. What opens is what was
// saved; less of it only with a word that says so, or where the newest segment was cut short, for
// that is how a power loss looks as well.
func FuzzRecover(f *testing.F) {
	_, disk := aged(f)
	names := disk.Names()
	for k, name := range names {
		b := disk.Bytes(name)
		f.Add(byte(k), byte(0), uint16(40), []byte{1, 2, 3})
		f.Add(byte(k), byte(1), uint16(len(b)-9), []byte{})
		f.Add(byte(k), byte(2), uint16(0), b[:min(len(b), 200)])
		f.Add(byte(k), byte(3), uint16(100), []byte("between"))
	}
	f.Fuzz(func(t *testing.T, which, how byte, at uint16, data []byte) {
		l, disk := aged(t)
		names := disk.Names()
		name := names[int(which)%len(names)]
		was := disk.Bytes(name)
		b := tamper(was, how, int(at), data)
		disk.SetBytes(name, b)
		file, err := openOn(disk)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		defer file.Close() //nolint:errcheck // it was only read
		im, err := file.Load()
		if err != nil {
			t.Fatal(err)
		}
		shorter := strings.HasSuffix(name, ".seg") && len(b) < len(was)
		kept(t, l.model, im, file.Report().Doubtful || len(file.Report().Notes) > 0 || shorter)
	})
}

// tamper changes the bytes of a file: by writing over them, cutting, replacing or inserting.
func tamper(b []byte, how byte, at int, data []byte) []byte {
	b = slices.Clone(b)
	at = min(at, len(b))
	switch how % 4 {
	case 0:
		n := copy(b[at:], data)
		return append(b, data[n:]...)
	case 1:
		return b[:at]
	case 2:
		return slices.Clone(data)
	}
	return slices.Insert(b, at, data...)
}

// kept holds that an image is what was saved, or with a word about it, less.
func kept(t *testing.T, want *storetest.Model, im raft.Image, told bool) {
	t.Helper()
	if storetest.Differ(want.Image(), im) == "" {
		return
	}
	if !told {
		t.Fatalf("silently %s", storetest.Differ(want.Image(), im))
	}
	if im.Term > want.Term || im.Last().Index > want.Last() {
		t.Fatalf("it holds more than was saved: %s", storetest.Differ(want.Image(), im))
	}
	for _, e := range im.Entries {
		if k := e.Index - want.Base.Index - 1; e.Index > want.Base.Index &&
			string(e.Data) != string(want.Entries[k].Data) {
			t.Fatalf("entry %d is another", e.Index)
		}
	}
}

// FuzzReplay puts batches behind the log whose checks are all right and whose records say anything.
// They are taken or refused, and what is taken is so at the next start too.
func FuzzReplay(f *testing.F) {
	le := binary.LittleEndian
	entry := le.AppendUint64(le.AppendUint64(le.AppendUint64(nil, 21), 4), 20*50)
	f.Add(uint64(21), append([]byte{1, 0, 24}, entry...))
	f.Add(uint64(20), append([]byte{2, 0, 16}, entry[:16]...))
	for kind := byte(3); kind < 9; kind++ {
		f.Add(uint64(kind), append([]byte{kind, 0, 32}, append(entry, entry...)...))
	}
	f.Fuzz(func(t *testing.T, last uint64, b []byte) {
		l, disk := aged(t)
		segment, path, place, seq := l.file.Newest()
		id := self()
		copy(id.Data[:], disk.Bytes(path)[16:32])
		forged := store.ForgeBatch(id, segment, place, seq+1, raft.Index(last), records(b))
		disk.SetBytes(path, append(disk.Bytes(path)[:place:place], forged...))
		first, err := openOn(disk)
		if err != nil {
			return
		}
		im, err := first.Load()
		if err != nil {
			t.Fatal(err)
		}
		cfg := raft.DefaultConfig()
		cfg.ID, cfg.Boot, cfg.Members = 1, 9, []raft.NodeID{1}
		_, _ = raft.New(cfg, im) // it may refuse it, but not fall over it
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		second, err := openOn(disk)
		if err != nil {
			t.Fatalf("it opens once, and then: %v", err)
		}
		defer second.Close() //nolint:errcheck // it was only read
		if again, err := second.Load(); err != nil || storetest.Differ(im, again) != "" {
			t.Fatalf("it gives another image: %v, %s", err, storetest.Differ(im, again))
		}
	})
}

// records reads records: kind, flags, length, payload.
func records(b []byte) (rs []store.Forged) {
	for len(b) >= 3 && len(rs) < 64 {
		n := min(int(b[2]), len(b)-3)
		rs = append(rs, store.Forged{Kind: b[0], Flags: b[1], Payload: b[3 : 3+n]})
		b = b[3+n:]
	}
	return rs
}
