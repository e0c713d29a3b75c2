// Package crashfs is a file system in memory that behaves as badly as a real one may: it loses
// power at the n-th call, forgets or tears what was not synced, refuses writes, lies about syncs,
// and flips bits. All its chance comes from a seed.
//
// What it knows of each file is the bytes that everybody sees, the bytes that were synced, and the
// writes in between; and of each name likewise. Restart gives the file system that is found after
// the power came back.
package crashfs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
)

// ErrPower is what every call says at and after the power loss.
var ErrPower = errors.New("crashfs: the power is gone")

// Call is one call that was made.
type Call struct {
	Op   string // mkdir, create, open, rename, remove, list, syncdir, lock, read, write, sync
	Name string
	Size int // bytes read or written
}

// Keep says what becomes of what was not synced when the power goes.
type Keep int

// What can become of it.
const (
	KeepNone Keep = iota // all of it is lost
	KeepAll              // all of it is there
	KeepSome             // each write and each name is there, or not, or (a write) in pieces
)

// FS is the file system. It is safe for use by several goroutines.
type FS struct {
	mu      sync.Mutex
	rng     *rand.Rand
	files   map[string]*inode
	durable map[string]*inode
	names   []nameOp // since their directory was synced
	locks   map[string]bool
	calls   []Call

	crashAt int
	down    bool
	failAt  int
	failErr error
	sticky  bool
	lies    bool
}

// inode is a file's bytes.
type inode struct {
	data, synced []byte
	pending      []piece
}

type piece struct {
	at   int64
	data []byte
}

// nameOp gives a name to a file and takes one away.
type nameOp struct {
	dir      string
	set, del string // either may be empty
	node     *inode
}

// New gives an empty file system.
func New(seed uint64) *FS {
	return &FS{rng: rand.New(rand.NewPCG(seed, 0x63726173)), files: map[string]*inode{},
		durable: map[string]*inode{}, locks: map[string]bool{}}
}

// CrashAt lets the power go during the n-th call from now, counted from 1; 0 for never. Whether
// that call still had its effect is left to chance.
func (f *FS) CrashAt(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.crashAt = 0
	if n > 0 {
		f.crashAt = len(f.calls) + n
	}
}

// FailAt lets the n-th call from now fail with an error, counted from 1, and with always all after
// it; a nil error ends that. A write that fails has written a part; a sync that fails leaves it
// open what is durable.
func (f *FS) FailAt(n int, err error, always bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failAt, f.failErr, f.sticky = len(f.calls)+n, err, always
}

// Lie lets syncs say that all is well and do nothing.
func (f *FS) Lie(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lies = on
}

// Down reports whether the power is gone.
func (f *FS) Down() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down
}

// Calls gives all calls so far.
func (f *FS) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

// Names gives the paths of all files, sorted.
func (f *FS) Names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for name := range f.files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Bytes gives what stands in a file; nil if there is none.
func (f *FS) Bytes(name string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.files[name]; n != nil {
		return slices.Clone(n.data)
	}
	return nil
}

// SetBytes puts other bytes into a file, durably; nil removes it.
func (f *FS) SetBytes(name string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if data == nil {
		delete(f.files, name)
		delete(f.durable, name)
		return
	}
	n := &inode{data: slices.Clone(data), synced: slices.Clone(data)}
	f.files[name], f.durable[name] = n, n
}

// Flip flips a bit of a file, durably.
func (f *FS) Flip(name string, at int, bit uint) {
	b := f.Bytes(name)
	b[at] ^= 1 << (bit & 7)
	f.SetBytes(name, b)
}

// Restart gives the file system that is found after a power loss now. The old one is dead.
func (f *FS) Restart(keep Keep) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = true
	for _, op := range f.names {
		if keep == KeepAll || keep == KeepSome && f.rng.IntN(2) == 0 {
			f.apply(op)
		}
	}
	g := New(f.rng.Uint64())
	for _, name := range sortedNames(f.durable) {
		data := f.durable[name].survivor(keep, f.rng)
		n := &inode{data: data, synced: slices.Clone(data)}
		g.files[name], g.durable[name] = n, n
	}
	return g
}

// Clone gives a copy of what is durable, for another try.
func (f *FS) Clone(seed uint64) *FS {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := New(seed)
	for name, n := range f.durable {
		c := &inode{data: slices.Clone(n.synced), synced: slices.Clone(n.synced)}
		g.files[name], g.durable[name] = c, c
	}
	return g
}

func sortedNames(m map[string]*inode) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// apply makes a name durable, or its absence.
func (f *FS) apply(op nameOp) {
	if op.del != "" {
		delete(f.durable, op.del)
	}
	if op.set != "" {
		f.durable[op.set] = op.node
	}
}

// survivor gives the bytes that a file has after the power came back.
func (n *inode) survivor(keep Keep, rng *rand.Rand) []byte {
	data := slices.Clone(n.synced)
	for _, p := range n.pending {
		switch {
		case keep == KeepNone:
		case keep == KeepAll:
			data = overlay(data, p.at, p.data)
		default:
			data = tear(data, p, rng)
		}
	}
	return data
}

// tear puts a part of a write over a file's bytes: all, nothing, a beginning, or some sectors.
func tear(data []byte, p piece, rng *rand.Rand) []byte {
	switch rng.IntN(5) {
	case 0:
		return data
	case 1:
		return overlay(data, p.at, p.data)
	case 2:
		return overlay(data, p.at, p.data[:rng.IntN(len(p.data)+1)])
	}
	for at := 0; at < len(p.data); {
		n := min(512-int(p.at+int64(at))%512, len(p.data)-at)
		if rng.IntN(2) == 0 {
			data = overlay(data, p.at+int64(at), p.data[at:at+n])
		}
		at += n
	}
	return data
}

// overlay writes b over data, which grows with zeros where it must.
func overlay(data []byte, at int64, b []byte) []byte {
	if end := at + int64(len(b)); end > int64(len(data)) {
		data = append(data, make([]byte, end-int64(len(data)))...)
	}
	copy(data[at:], b)
	return data
}

// call counts a call. effect says whether it is carried out, and err what it returns.
func (f *FS) call(op, name string, size int) (effect bool, err error) {
	if f.down {
		return false, ErrPower
	}
	f.calls = append(f.calls, Call{op, name, size})
	n := len(f.calls)
	switch {
	case n == f.crashAt:
		f.down = true
		return f.rng.IntN(2) == 0, ErrPower
	case f.failErr != nil && (n == f.failAt || f.sticky && n > f.failAt):
		return false, fmt.Errorf("crashfs: %s %s: %w", op, name, f.failErr)
	}
	return true, nil
}
