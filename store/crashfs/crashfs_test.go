package crashfs_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/raftarium/raftarium/store/crashfs"
)

// TestWhatSurvives writes, syncs and names files in several orders.
func TestWhatSurvives(t *testing.T) {
	disk := crashfs.New(1)
	f, err := disk.Create("d/a")
	check(t, err)
	write(t, f, "synced", 0)
	check(t, f.Sync())
	if got := disk.Restart(crashfs.KeepNone).Names(); len(got) > 0 {
		t.Errorf("%q are there, and no directory was synced", got)
	}

	disk = crashfs.New(1)
	f, err = disk.Create("d/a")
	check(t, err)
	write(t, f, "synced", 0)
	check(t, f.Sync())
	check(t, disk.SyncDir("d"))
	write(t, f, "lost", 6)
	check(t, disk.Rename("d/a", "d/b"))
	none, all := disk.Restart(crashfs.KeepNone), disk.Restart(crashfs.KeepAll)
	if got := string(none.Bytes("d/a")); got != "synced" || none.Bytes("d/b") != nil {
		t.Errorf("a is %q", got)
	}
	if got := string(all.Bytes("d/b")); got != "syncedlost" || all.Bytes("d/a") != nil {
		t.Errorf("b is %q", got)
	}
}

// TestTears finds a write whole, gone, cut short and with holes.
func TestTears(t *testing.T) {
	const size = 2000
	kinds := map[string]int{}
	for seed := range uint64(300) {
		disk := crashfs.New(seed)
		f, err := disk.Create("a")
		check(t, err)
		check(t, f.Sync())
		check(t, disk.SyncDir("."))
		write(t, f, string(slices.Repeat([]byte{'x'}, size)), 0)
		b := disk.Restart(crashfs.KeepSome).Bytes("a")
		switch {
		case len(b) == 0:
			kinds["gone"]++
		case slices.Contains(b, 0):
			kinds["holes"]++
		case len(b) < size:
			kinds["short"]++
		default:
			kinds["whole"]++
		}
	}
	for _, kind := range []string{"gone", "holes", "short", "whole"} {
		if kinds[kind] < 10 {
			t.Errorf("%s: %d of 300", kind, kinds[kind])
		}
	}
}

// TestFailures crashes, fails, lies and flips.
func TestFailures(t *testing.T) {
	disk := crashfs.New(1)
	f, err := disk.Create("a")
	check(t, err)
	check(t, disk.SyncDir("."))
	full := errors.New("full")
	disk.FailAt(1, full, false)
	if n, err := f.WriteAt([]byte("12345"), 0); !errors.Is(err, full) || n == 5 {
		t.Errorf("%d bytes, %v", n, err)
	}
	write(t, f, "12345", 0)
	disk.Lie(true)
	check(t, f.Sync())
	if got := disk.Restart(crashfs.KeepNone).Bytes("a"); len(got) > 0 {
		t.Errorf("after a lie %q is there", got)
	}

	disk = crashfs.New(1)
	disk.SetBytes("a", []byte{1, 2})
	disk.Flip("a", 1, 0)
	if got := disk.Restart(crashfs.KeepNone).Bytes("a"); !slices.Equal(got, []byte{1, 3}) {
		t.Errorf("the flipped file is %v", got)
	}

	disk = crashfs.New(1)
	disk.CrashAt(2)
	check(t, disk.MkdirAll("d"))
	if _, err := disk.Create("d/a"); !errors.Is(err, crashfs.ErrPower) || !disk.Down() {
		t.Errorf("at the second call: %v", err)
	}
	if _, err := disk.List("d"); !errors.Is(err, crashfs.ErrPower) {
		t.Errorf("after it: %v", err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, f interface {
	WriteAt(b []byte, at int64) (int, error)
}, text string, at int64) {
	t.Helper()
	_, err := f.WriteAt([]byte(text), at)
	check(t, err)
}
