package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
	"github.com/raftarium/raftarium/store/crashfs"
	"github.com/raftarium/raftarium/store/storetest"
)

const home = "/data/n1"

func openOn(disk *crashfs.FS) (*store.File, error) {
	return store.OpenFileWith(home, self(), disk, store.FileOptions{SegmentSize: 900})
}

// steps runs n random steps. It gives the model of all that was acknowledged, the step that was
// not, if any, and its error.
func steps(f *store.File, g *storetest.Generator, n int) (*storetest.Step, error) {
	for range n {
		s := g.Next()
		if err := s.Do(f); err != nil {
			return &s, err
		}
		g.Model.Apply(&s)
	}
	return nil, nil
}

// TestPowerLoss takes the power away at each call of a script, opens the store again, and finds
// exactly what was acknowledged, with the last step either wholly there or not at all.
func TestPowerLoss(t *testing.T) {
	for _, keep := range []crashfs.Keep{crashfs.KeepNone, crashfs.KeepAll, crashfs.KeepSome} {
		for seed := range 2 + 2*uint64(keep/crashfs.KeepSome) {
			t.Run(fmt.Sprintf("keep %d seed %d", keep, seed), func(t *testing.T) {
				for n := 1; lose(t, n, seed, keep); n++ {
				}
			})
		}
	}
}

// lose loses power at the n-th call; it reports whether the script reached it.
func lose(t *testing.T, n int, seed uint64, keep crashfs.Keep) bool {
	t.Helper()
	disk := crashfs.New(seed*1000 + uint64(n))
	disk.CrashAt(n)
	g := storetest.NewGenerator(seed, &storetest.Model{})
	var lost *storetest.Step
	f, err := openOn(disk)
	if err == nil {
		lost, err = steps(f, g, 45)
	}
	if !disk.Down() {
		if err != nil {
			t.Fatalf("without a power loss: %v", err)
		}
		return false
	}
	found, ok := recovered(t, disk.Restart(keep), g.Model, lost, n)
	for again := 1; ok && again < 3; again++ {
		next := storetest.NewGenerator(seed+99, found.model)
		found.disk.CrashAt(again * 17)
		lost, err := steps(found.file, next, 8)
		if err != nil && !errors.Is(err, crashfs.ErrPower) {
			t.Fatalf("call %d, going on: %v", n, err)
		}
		found, ok = recovered(t, found.disk.Restart(keep), next.Model, lost, n)
	}
	return true
}

// after is a store that was opened after a power loss, and a model of what it holds.
type after struct {
	disk  *crashfs.FS
	file  *store.File
	model *storetest.Model
}

// recovered opens a store and holds it to what was acknowledged.
func recovered(t *testing.T, disk *crashfs.FS, was *storetest.Model, lost *storetest.Step,
	n int) (after, bool) {
	t.Helper()
	f, err := openOn(disk)
	if err != nil {
		t.Fatalf("call %d, opening again: %v", n, err)
	}
	whys := ""
	for _, m := range outcomes(was, lost) {
		why := storetest.Same(f, m)
		if why == "" {
			return after{disk, f, m}, true
		}
		whys += "\n  " + why
	}
	t.Fatalf("call %d: neither before nor after [%v]:%s\nreport: %q", n, lost, whys,
		f.Report().Notes)
	return after{}, false
}

// outcomes gives what may be found: all before the lost step, the step too, or its term and vote.
func outcomes(was *storetest.Model, lost *storetest.Step) []*storetest.Model {
	all := []*storetest.Model{was}
	if lost == nil {
		return all
	}
	whole := was.Clone()
	whole.Apply(lost)
	state := was.Clone()
	state.Term, state.Vote = whole.Term, whole.Vote // its log is torn, so it is in doubt
	state.Doubt = true
	return append(all, whole, state)
}

// TestCrashWhileOpening opens a store and kills it at each call of the opening itself.
func TestCrashWhileOpening(t *testing.T) {
	for seed := range uint64(20) {
		disk := crashfs.New(seed)
		g := storetest.NewGenerator(seed, &storetest.Model{})
		f, err := openOn(disk)
		if err != nil {
			t.Fatal(err)
		}
		start := len(disk.Calls())
		disk.CrashAt(40 + int(seed%16)*7)
		lost, err := steps(f, g, 60)
		if err == nil {
			t.Fatalf("seed %d: the power stayed on for %d calls", seed, len(disk.Calls())-start)
		}
		disk = disk.Restart(crashfs.KeepSome)
		for n := 1; ; n++ {
			try := disk.Clone(seed)
			try.CrashAt(n)
			_, err := openOn(try)
			if err == nil {
				break
			}
			if !errors.Is(err, crashfs.ErrPower) {
				t.Fatalf("seed %d, call %d of opening: %v", seed, n, err)
			}
			recovered(t, try.Restart(crashfs.KeepSome), g.Model, lost, n)
		}
	}
}

// TestKilled kills the process, and not the machine, at each call of a script; it is started again,
// and then the power goes. What the new process was told is there must stay there.
func TestKilled(t *testing.T) {
	for seed := range uint64(3) {
		for n := 1; killed(t, n, seed); n++ {
		}
	}
}

// killed kills at the n-th call; it reports whether the script reached it.
func killed(t *testing.T, n int, seed uint64) bool {
	t.Helper()
	gone := errors.New("killed")
	disk := crashfs.New(seed*1000 + uint64(n))
	disk.FailAt(n, gone, true)
	g := storetest.NewGenerator(seed, &storetest.Model{})
	f, err := openOn(disk)
	var lost *storetest.Step
	if err == nil {
		lost, err = steps(f, g, 30)
		_ = f.Close() // the lock goes with the process
	}
	if err == nil {
		return false
	}
	if !errors.Is(err, gone) {
		t.Fatalf("call %d: %v", n, err)
	}
	disk.FailAt(0, nil, false)
	found, _ := recovered(t, disk, g.Model, lost, n)
	if n%2 == 0 {
		if _, err := steps(found.file, storetest.NewGenerator(seed+7, found.model), 2); err != nil {
			t.Fatalf("call %d, going on: %v", n, err)
		}
	}
	recovered(t, disk.Restart(crashfs.KeepNone), found.model, nil, n)
	return true
}

// TestFailedCalls lets each call of a script fail: the store is poisoned with that error, and what
// was acknowledged is there when it is opened again.
func TestFailedCalls(t *testing.T) {
	for _, cause := range []error{errors.New("input/output error"), errors.New("no space left")} {
		for seed := range uint64(3) {
			for n := 1; fails(t, n, seed, cause); n++ {
			}
		}
	}
}

// fails lets the n-th call fail; it reports whether the script reached it.
func fails(t *testing.T, n int, seed uint64, cause error) bool {
	t.Helper()
	disk := crashfs.New(seed*1000 + uint64(n))
	g := storetest.NewGenerator(seed, &storetest.Model{})
	f, err := openOn(disk)
	if err != nil {
		t.Fatal(err)
	}
	before := len(disk.Calls())
	disk.FailAt(n, cause, false)
	lost, err := steps(f, g, 40)
	if len(disk.Calls())-before < n {
		return false
	}
	if !errors.Is(err, cause) {
		t.Fatalf("call %d failed, and the store said %v", n, err)
	}
	poisoned(t, f, g.Model, err)
	recovered(t, disk.Restart(crashfs.KeepSome), g.Model, lost, n)
	return true
}

// poisoned checks that every call gives the first error.
func poisoned(t *testing.T, f *store.File, m *storetest.Model, first error) {
	t.Helper()
	_, load := f.Load()
	_, boot := f.NextBoot()
	_, chunk := f.Chunk(raft.ChunkRef{})
	last := m.Mark(m.Last())
	for _, err := range []error{load, boot, chunk, f.Write(nil),
		f.Write([]raft.Write{{Entries: storetest.Entries(last, m.Term, 1, body)}}),
		f.SaveSnapshot(storetest.Ref(last, []byte("x")), []byte("x"))} {
		if !errors.Is(err, first) {
			t.Fatalf("a poisoned store says %v, want %v", err, first)
		}
	}
}

func body(int) []byte { return []byte("body") }
