package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
	"github.com/raftarium/raftarium/store/crashfs"
	"github.com/raftarium/raftarium/store/storetest"
)

// lab is a store on a disk that can be tampered with, and a model of what it holds.
type lab struct {
	testing.TB
	disk  *crashfs.FS
	file  *store.File
	model *storetest.Model
}

func newLab(t testing.TB) *lab {
	l := &lab{TB: t, disk: crashfs.New(5), model: &storetest.Model{}}
	l.open()
	return l
}

func (l *lab) open() {
	l.Helper()
	f, err := openOn(l.disk)
	if err != nil {
		l.Fatal(err)
	}
	l.file = f
}

// do carries out steps.
func (l *lab) do(ss ...storetest.Step) {
	l.Helper()
	for _, s := range ss {
		if err := s.Do(l.file); err != nil {
			l.Fatalf("%s: %v", &s, err)
		}
		l.model.Apply(&s)
	}
}

// grow appends n entries of 50 bytes, each in a batch of its own.
func (l *lab) grow(term raft.Term, n int) {
	l.Helper()
	for range n {
		es := storetest.Entries(l.model.Mark(l.model.Last()), term, 1, func(int) []byte {
			return []byte(strings.Repeat("x", 50))
		})
		l.do(storetest.Step{Writes: []raft.Write{{Entries: es}}})
	}
}

func (l *lab) state(term raft.Term, vote raft.NodeID) {
	l.Helper()
	l.do(storetest.Step{Writes: []raft.Write{{Term: term, Vote: vote, HardState: true}}})
}

func (l *lab) save(at raft.Index) raft.SnapshotRef {
	l.Helper()
	data := fmt.Appendf(nil, "the machine at %d", at)
	ref := storetest.Ref(l.model.Mark(at), data)
	l.do(storetest.Step{Save: &ref, Data: data})
	return ref
}

func (l *lab) compact(to raft.Index) {
	l.Helper()
	l.do(storetest.Step{Writes: []raft.Write{{CompactTo: l.model.Mark(to)}}})
}

// files gives the paths that hold a word, in order.
func (l *lab) files(word string) []string {
	return slices.DeleteFunc(l.disk.Names(), func(n string) bool {
		return !strings.Contains(n, word)
	})
}

// refused opens the store, which must say that this file is damaged, and leave everything as it is.
func (l *lab) refused(disk *crashfs.FS, file string) *store.DamageError {
	l.Helper()
	names := disk.Names()
	_, err := openOn(disk)
	var damage *store.DamageError
	if !errors.As(err, &damage) {
		l.Fatalf("opening gives %v, want damage in %s", err, file)
	}
	if damage.File != file || damage.Found == "" {
		l.Fatalf("%v, want it in %s", damage, file)
	}
	if got := disk.Names(); !slices.Equal(got, names) && len(names) > 0 {
		l.Fatalf("the files were %q, and are now %q", names, got)
	}
	return damage
}

// TestEveryBit flips bits of every byte of every file. Whatever the store then gives is either
// refused or exactly what was saved; only in the newest segment's last batch may a tail be cut.
func TestEveryBit(t *testing.T) {
	l := newLab(t)
	l.state(3, 2)
	l.grow(3, 14)
	l.save(6)
	l.grow(3, 2)
	l.save(12)
	l.compact(12)
	l.state(4, 1)
	l.grow(4, 3)
	before := l.model.Clone()
	l.grow(4, 1)
	disk := l.disk.Restart(crashfs.KeepNone)
	counts := map[string]int{}
	for _, name := range disk.Names() {
		for at := range disk.Bytes(name) {
			try := disk.Clone(uint64(at))
			try.Flip(name, at, uint(at)%8)
			counts[judge(t, try, l.model, before, fmt.Sprintf("%s byte %d", name, at))]++
		}
	}
	t.Log(counts)
	for _, what := range []string{"harmless", "damage", "cut", "older snapshot"} {
		if counts[what] == 0 {
			t.Errorf("no flip was found to be %s", what)
		}
	}
}

// judge opens a disk with one flipped bit.
func judge(t *testing.T, disk *crashfs.FS, want, cut *storetest.Model, where string) string {
	t.Helper()
	f, err := openOn(disk)
	var damage *store.DamageError
	if errors.As(err, &damage) {
		return "damage"
	}
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	im, err := f.Load()
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	switch {
	case storetest.Differ(want.Image(), im) == "":
		return "harmless"
	case f.Report().Doubtful && storetest.Differ(cut.Image(), im) == "":
		return "cut"
	case im.Snapshot == want.Snaps[0].Ref && im.Base == im.Snapshot.Mark &&
		im.Last() == want.Mark(want.Last()) && im.Term == want.Term && im.Vote == want.Vote:
		return "older snapshot"
	}
	t.Fatalf("%s: silently %s", where, storetest.Differ(want.Image(), im))
	return ""
}

// TestVoteSurvives destroys each sector of the last batch: its term and vote are still there.
func TestVoteSurvives(t *testing.T) {
	for _, entries := range []int{0, 1, 40} {
		for phase := range 9 { // so that the batch begins at several places of a sector
			l := newLab(t)
			l.state(1, 1)
			l.grow(1, phase)
			seg := l.files(".seg")
			last := seg[len(seg)-1]
			from := len(l.disk.Bytes(last))
			es := storetest.Entries(l.model.Mark(l.model.Last()), 2, entries, body)
			w := raft.Write{Term: 2, Vote: 3, HardState: true, Entries: es}
			l.do(storetest.Step{Writes: []raft.Write{w}})
			if after := l.files(".seg"); len(after) > len(seg) {
				continue // the batch began a new segment
			}
			whole := l.disk.Bytes(last)
			for sector := from / 512; sector <= (len(whole)-1)/512; sector++ {
				b := slices.Clone(whole)
				clear(b[max(from, sector*512):min(len(b), sector*512+512)])
				disk := l.disk.Restart(crashfs.KeepNone)
				disk.SetBytes(last, b)
				f, err := openOn(disk)
				if err != nil {
					t.Fatal(err)
				}
				im, err := f.Load()
				if err != nil || im.Term != 2 || im.Vote != 3 || !f.Report().Doubtful {
					t.Fatalf("%d entries, sector %d: term %d vote %d, %v, %+v", entries, sector,
						im.Term, im.Vote, err, f.Report())
				}
				stillDoubtful(t, f, disk)
			}
		}
	}
}

// stillDoubtful opens a store again whose tail was cut at the last opening: the doubt is not gone
// with the bytes that caused it.
func stillDoubtful(t *testing.T, f *store.File, disk *crashfs.FS) {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := openOn(disk.Restart(crashfs.KeepNone))
	if err != nil {
		t.Fatal(err)
	}
	if im, err := again.Load(); err != nil || !im.Doubtful {
		t.Fatalf("opened again, it is in doubt: %v, %v", im.Doubtful, err)
	}
}

// TestTornTail cuts the newest segment at each byte of its last batch.
func TestTornTail(t *testing.T) {
	l := newLab(t)
	l.state(1, 1)
	l.grow(1, 1)
	before := l.model.Clone()
	seg := l.files(".seg")[0]
	from := len(l.disk.Bytes(seg))
	l.grow(1, 1)
	whole := l.disk.Bytes(seg)
	if len(whole) == from {
		t.Fatal("the batch began another segment")
	}
	defer func() { // and the torn segment is never written again
		disk := l.disk.Restart(crashfs.KeepNone)
		disk.SetBytes(seg, whole[:len(whole)-9])
		f, err := openOn(disk)
		if err != nil {
			t.Fatal(err)
		}
		es := storetest.Entries(before.Mark(before.Last()), 1, 1, body)
		if err := f.Write([]raft.Write{{Entries: es}}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(disk.Bytes(seg), whole[:len(whole)-9]) {
			t.Error("the torn segment was written")
		}
	}()
	for n := from; n < len(whole); n++ {
		disk := l.disk.Restart(crashfs.KeepNone)
		disk.SetBytes(seg, whole[:n])
		for again := range 2 { // the verdict stays when it is opened again
			f, err := openOn(disk)
			if err != nil {
				t.Fatalf("%d bytes: %v", n, err)
			}
			if why := storetest.Same(f, before); why != "" {
				t.Fatalf("%d bytes: %s", n, why)
			}
			if got := f.Report().Doubtful; got != (n > from && again == 0) {
				t.Fatalf("%d bytes, opened %d times: doubtful is %v", n, again+1, got)
			}
			disk = disk.Restart(crashfs.KeepNone)
		}
	}
}

// TestDamageIsNoTear damages what a later batch proves to have been whole.
func TestDamageIsNoTear(t *testing.T) {
	l := newLab(t)
	l.grow(1, 4)
	seg := l.files(".seg")[0]
	zeros := l.disk.Clone(1)
	b := zeros.Bytes(seg)
	clear(b[200:280])
	zeros.SetBytes(seg, b)
	d := l.refused(zeros, seg)
	if d.Offset != 192 || !strings.Contains(d.Found, "later batch") {
		t.Errorf("%v, want it at byte 192, and the later batch named", d)
	}
}

// TestMissingSegment removes segments that are needed.
func TestMissingSegment(t *testing.T) {
	l := newLab(t)
	l.grow(1, 40)
	segs := l.files(".seg")
	if len(segs) < 4 {
		t.Fatalf("there are only the segments %q", segs)
	}
	for i := range segs[:len(segs)-1] {
		disk := l.disk.Clone(1)
		disk.SetBytes(segs[i], nil)
		l.refused(disk, segs[i+1])
	}
	none := l.disk.Clone(1)
	for _, s := range segs {
		none.SetBytes(s, nil)
	}
	if f, err := openOn(none); err != nil || f.Report().Formatted {
		t.Errorf("a directory that never had a boot: %v", err)
	}
	if _, err := l.file.NextBoot(); err != nil {
		t.Fatal(err)
	}
	booted := l.disk.Clone(1)
	for _, s := range segs {
		booted.SetBytes(s, nil)
	}
	l.refused(booted, home+"/log")
}

// TestOtherPast puts a segment of another past of the same directory, of the same length, in the
// place of one: the next segment's header knows how the log looked.
func TestOtherPast(t *testing.T) {
	l := newLab(t)
	l.grow(1, 3)
	other := &lab{TB: t, disk: l.disk.Clone(1), model: l.model.Clone()}
	other.open()
	l.grow(1, 12)
	for range 12 {
		last := other.model.Mark(other.model.Last())
		es := storetest.Entries(last, 1, 1, func(int) []byte { return make([]byte, 50) })
		other.do(storetest.Step{Writes: []raft.Write{{Entries: es}}})
	}
	segs := l.files(".seg")
	disk := l.disk.Clone(1)
	disk.SetBytes(segs[1], other.disk.Bytes(segs[1]))
	disk.SetBytes(segs[0], other.disk.Bytes(segs[0]))
	l.refused(disk, segs[2])
}

// TestCompactionDropsSegments drops what is below the older snapshot, and no more.
func TestCompactionDropsSegments(t *testing.T) {
	l := newLab(t)
	l.grow(1, 60)
	all := len(l.files(".seg"))
	l.save(20)
	l.save(50)
	l.compact(45)
	some := len(l.files(".seg"))
	l.grow(1, 1)
	l.save(55)
	l.compact(50)
	if few := len(l.files(".seg")); !(few < some && some < all) {
		t.Errorf("%d segments, then %d, then %d", all, some, few)
	}
	l.disk = l.disk.Restart(crashfs.KeepNone)
	l.open()
	if why := storetest.Same(l.file, l.model); why != "" {
		t.Error(why)
	}
}

// TestOlderSnapshot damages the newest snapshot: the log still reaches back to the older one.
func TestOlderSnapshot(t *testing.T) {
	l := newLab(t)
	l.grow(1, 60)
	older := l.save(20)
	newer := l.save(50)
	l.compact(50)
	snaps := l.files(".snap")
	l.disk = l.disk.Restart(crashfs.KeepAll)
	l.disk.Flip(snaps[1], 140, 1)
	l.open()
	im, err := l.file.Load()
	if err != nil || im.Base != older.Mark || im.Snapshot != older || len(im.Entries) != 40 {
		t.Fatalf("base %d, snapshot %d, %d entries, %v", im.Base.Index, im.Snapshot.Index,
			len(im.Entries), err)
	}
	if im.Last() != l.model.Mark(60) {
		t.Errorf("the log ends in %+v", im.Last())
	}
	if notes := strings.Join(l.file.Report().Notes, "\n"); !strings.Contains(notes, snaps[1]) {
		t.Errorf("the report does not name %s:\n%s", snaps[1], notes)
	}
	if _, err := l.file.Snapshot(newer); !errors.Is(err, store.ErrGone) {
		t.Errorf("the damaged snapshot: %v", err)
	}
	l.disk.Flip(snaps[0], 140, 1)
	l.refused(l.disk.Clone(1), home+"/log")
}

// TestSnapshotAheadOfLog loses entries that the node's own snapshot proves to have been saved.
func TestSnapshotAheadOfLog(t *testing.T) {
	l := newLab(t)
	l.state(2, 1)
	l.grow(2, 1)
	seg := l.files(".seg")[0]
	kept := len(l.disk.Bytes(seg))
	l.grow(2, 1)
	ref := l.save(2)
	l.disk = l.disk.Restart(crashfs.KeepNone)
	l.disk.SetBytes(seg, l.disk.Bytes(seg)[:kept+20])
	for range 2 {
		l.open()
		im, err := l.file.Load()
		if err != nil || im.Base != ref.Mark || im.Snapshot != ref || len(im.Entries) != 0 ||
			im.Term != 2 {
			t.Fatalf("%+v, %v", im, err)
		}
		l.disk = l.disk.Restart(crashfs.KeepNone)
	}
	l.open()
	es := storetest.Entries(ref.Mark, 2, 1, body)
	if err := l.file.Write([]raft.Write{{Entries: es}}); err != nil {
		t.Error(err)
	}
}

// TestIdentity opens directories of others.
func TestIdentity(t *testing.T) {
	l := newLab(t)
	mine := l.file.Identity()
	if mine.Data == ([16]byte{}) {
		t.Fatal("the directory has no id")
	}
	_, err := openOn(l.disk)
	if !errors.Is(err, store.ErrHeld) || !strings.Contains(err.Error(), home) {
		t.Errorf("a second open: %v", err)
	}
	if err := l.file.Close(); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]store.Identity{
		"node":    {Cluster: mine.Cluster, Node: 2},
		"cluster": {Cluster: [16]byte{9}, Node: 1},
		"data":    {Cluster: mine.Cluster, Node: 1, Data: [16]byte{9}},
	} {
		_, err := store.OpenFile(home, id, l.disk)
		mine := home + " belongs to S1 of cluster 01020300-"
		if err == nil || !strings.Contains(err.Error(), mine) ||
			!strings.Contains(err.Error(), "expected "+id.String()) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for _, name := range []string{"meta.a", "meta.b"} {
		disk := l.disk.Clone(1)
		disk.Flip(home+"/"+name, 30, 3)
		if f, err := openOn(disk); err != nil || f.Identity() != mine {
			t.Errorf("with %s damaged: %v", name, err)
		}
	}
	l.disk.Flip(home+"/meta.a", 30, 3)
	l.disk.Flip(home+"/meta.b", 30, 3)
	l.refused(l.disk, home+"/meta.b")
}

// TestForeignFiles puts the files of another directory in the place of this one's.
func TestForeignFiles(t *testing.T) {
	l, other := newLab(t), newLab(t)
	for _, x := range []*lab{l, other} {
		x.grow(1, 3)
		x.save(2)
	}
	seg, snap := l.files(".seg")[0], l.files(".snap")[0]
	disk := l.disk.Clone(1)
	disk.SetBytes(seg, other.disk.Bytes(seg))
	_, err := openOn(disk)
	var damage *store.DamageError
	if !errors.As(err, &damage) {
		t.Errorf("a foreign segment: %v", err)
	}
	disk = l.disk.Clone(1)
	disk.SetBytes(snap, other.disk.Bytes(snap))
	f, err := openOn(disk)
	if err != nil || !strings.Contains(strings.Join(f.Report().Notes, "\n"), "another data dir") {
		t.Errorf("a foreign snapshot: %v", err)
	}
}

// TestNextBoot counts incarnations, whatever the clock says.
func TestNextBoot(t *testing.T) {
	disk := crashfs.New(1)
	now := time.Unix(1000, 0)
	boot := func() uint32 {
		t.Helper()
		f, err := store.OpenFileWith(home, self(), disk,
			store.FileOptions{Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		n, err := f.NextBoot()
		if err != nil {
			t.Fatal(err)
		}
		disk = disk.Restart(crashfs.KeepNone)
		return n
	}
	var got []uint32
	for _, at := range []int64{1000, 1000, 500, -7, 2000} {
		now = time.Unix(at, 0)
		got = append(got, boot())
	}
	if want := []uint32{1000, 1001, 1002, 1003, 2000}; !slices.Equal(got, want) {
		t.Errorf("the boots were %v, want %v", got, want)
	}
}

// TestBootWithOneCopy loses power while a boot is made durable and one copy is damaged already.
func TestBootWithOneCopy(t *testing.T) {
	for _, name := range []string{"meta.a", "meta.b"} {
		l := newLab(t)
		for n := 1; n < 60; n++ {
			for seed := range uint64(10) {
				disk := l.disk.Clone(seed)
				disk.Flip(home+"/"+name, 50, 1)
				disk.CrashAt(n)
				f, err := openOn(disk)
				if err == nil {
					_, err = f.NextBoot()
				}
				if err == nil {
					break
				}
				if _, err := openOn(disk.Restart(crashfs.KeepSome)); err != nil {
					t.Fatalf("%s damaged, call %d: %v", name, n, err)
				}
			}
		}
	}
}

// TestLyingDisk loses synced batches: what is found is an earlier state, without gaps.
func TestLyingDisk(t *testing.T) {
	l := newLab(t)
	l.grow(1, 3)
	before := l.model.Clone()
	l.disk.Lie(true)
	l.grow(1, 3)
	f, err := openOn(l.disk.Restart(crashfs.KeepNone))
	if err != nil {
		t.Fatal(err)
	}
	if why := storetest.Same(f, before); why != "" {
		t.Error(why)
	}
}

// TestDamagedWhileServing reads a snapshot that rots after the store was opened.
func TestDamagedWhileServing(t *testing.T) {
	l := newLab(t)
	l.grow(1, 3)
	ref := l.save(3)
	l.disk.Flip(l.files(".snap")[0], 130, 2)
	var damage *store.DamageError
	if _, err := l.file.Chunk(raft.ChunkRef{Snapshot: ref, Size: 5}); !errors.As(err, &damage) {
		t.Errorf("a chunk: %v, want damage", err)
	}
	if _, err := l.file.Snapshot(ref); !errors.As(err, &damage) {
		t.Errorf("the snapshot: %v, want damage", err)
	}
	l.grow(1, 1) // reading poisons nothing
}
