package store

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
)

// Identity says whose a data directory is.
type Identity struct {
	Cluster [16]byte    // the cluster's UUID
	Node    raft.NodeID // which of its servers
	// Data is the directory's own UUID, made when it is formatted: a wiped node is another one.
	// When a directory is opened, zero stands for whatever it is.
	Data [16]byte
}

// String gives an identity in words.
func (id Identity) String() string {
	return fmt.Sprintf("%v of cluster %s", id.Node, uuid.UUID(id.Cluster))
}

// The identity is kept twice, in meta.a and meta.b, so that one of them may tear or rot. Both are
// written, one after the other, at each change.
const (
	metaMagic = "RFTMETA1"
	metaSize  = 512
	metaUsed  = 72
)

func metaNames() [2]string { return [2]string{"meta.a", "meta.b"} }

// meta is what those files hold.
type meta struct {
	generation uint64 // the higher one counts
	id         Identity
	boot       uint32 // the highest that was given out
	from       int    // which of the two files this was read from
}

func (m *meta) encode() []byte {
	b := make([]byte, 0, metaSize)
	b = append(b, metaMagic...)
	b = le.AppendUint32(b, formatOne)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint64(b, m.generation)
	b = append(b, m.id.Cluster[:]...)
	b = append(b, m.id.Data[:]...)
	b = le.AppendUint32(b, uint32(m.id.Node))
	b = le.AppendUint32(b, m.boot)
	b = append(b, make([]byte, metaUsed-4-len(b))...)
	b = le.AppendUint32(b, mask(crc32.Checksum(b, castagnoli)))
	return append(b, make([]byte, metaSize-len(b))...)
}

// readMeta reads one of the files' bytes. why says what is wrong with them.
func readMeta(b []byte) (m meta, why string) {
	switch {
	case len(b) < metaUsed:
		return m, fmt.Sprintf("%d bytes, which are no identity", len(b))
	case string(b[:8]) != metaMagic:
		return m, fmt.Sprintf("%q where an identity begins with %q", b[:8], metaMagic)
	case le.Uint32(b[metaUsed-4:]) != mask(crc32.Checksum(b[:metaUsed-4], castagnoli)):
		return m, "an identity with a wrong CRC"
	case le.Uint32(b[8:]) != formatOne:
		return m, fmt.Sprintf("format %d, and this version reads %d", le.Uint32(b[8:]), formatOne)
	}
	m.generation, m.id.Node, m.boot = le.Uint64(b[16:]), raft.NodeID(le.Uint32(b[56:])),
		le.Uint32(b[60:])
	copy(m.id.Cluster[:], b[24:])
	copy(m.id.Data[:], b[40:])
	return m, ""
}

// write makes the identity durable, twice. The copy that was read is written last: the other may
// be no good.
func (m *meta) write(fsys FS, dir string) error {
	m.generation++
	for i := range 2 {
		path := filepath.Join(dir, metaNames()[(m.from+1+i)%2])
		if err := writeMeta(fsys, path, m.encode()); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	if err := fsys.SyncDir(dir); err != nil {
		return fmt.Errorf("syncing directory %s: %w", dir, err)
	}
	return nil
}

// writeMeta writes one of the files in place: emptying it first would lose it if power goes.
func writeMeta(fsys FS, path string, b []byte) error {
	f, err := fsys.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = fsys.Create(path)
	}
	if err != nil {
		return err
	}
	if err := fill(f, b); err != nil {
		_ = f.Close() // the first error is the one to tell
		return err
	}
	return f.Close()
}

// openMeta reads the identity. found is false in a directory that has none yet.
func openMeta(fsys FS, dir string, rep *Report) (m meta, found bool, err error) {
	var bad *DamageError
	for i, name := range metaNames() {
		path := filepath.Join(dir, name)
		b, err := readFile(fsys, path, metaSize)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil && !errors.As(err, &bad) {
			return m, false, err
		}
		got, why := readMeta(b)
		switch {
		case why != "":
			bad = &DamageError{File: path, Found: why}
			rep.note("%v; the other copy counts", bad)
		case !found || got.generation > m.generation:
			m, found = got, true
			m.from = i
		}
	}
	if !found && bad != nil {
		return m, false, bad
	}
	return m, found, nil
}

// readFile reads a whole file that is not longer than a limit.
func readFile(fsys FS, path string, limit int64) ([]byte, error) {
	b, n, err := readPart(fsys, path, limit)
	if err == nil && n > limit {
		return nil, &DamageError{File: path, Offset: limit,
			Found: fmt.Sprintf("%d bytes where at most %d belong", n, limit)}
	}
	return b, err
}

// readStart reads the beginning of a file.
func readStart(fsys FS, path string, size int64) ([]byte, error) {
	b, _, err := readPart(fsys, path, size)
	return b, err
}

// readPart reads a file up to a limit, and gives how long it is.
func readPart(fsys FS, path string, limit int64) (b []byte, n int64, err error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("opening %s: %w", path, err)
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("closing %s: %w", path, e)
		}
	}()
	if n, err = f.Size(); err != nil {
		return nil, 0, fmt.Errorf("asking for the size of %s: %w", path, err)
	}
	b = make([]byte, min(n, limit))
	if err := readFull(f, b, 0); err != nil {
		return nil, 0, fmt.Errorf("reading %s: %w", path, err)
	}
	return b, n, nil
}
