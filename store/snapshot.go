package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/raftarium/raftarium/raft"
)

// A snapshot is a file of its own: a header, the machine's bytes, and the configuration as of its
// last entry. It is written aside, synced, and renamed.
const (
	snapshotMagic = "RFTSNAP1"
	snapshotHead  = 128
	snapshotEnd   = ".snap"
	asideEnd      = ".tmp"
)

// snapshots are those of one directory.
type snapshots struct {
	fs  FS
	dir string
	id  Identity

	mu   sync.Mutex
	list []raft.SnapshotRef // oldest first, all of them good when they were opened or written

	saving sync.Mutex  // one own snapshot at a time
	coming []*incoming // oldest first; the writer's alone
	files  int         // how many incoming ones there were, to name the next
}

// incoming is a snapshot that comes in pieces.
type incoming struct {
	ref  raft.SnapshotRef
	path string
	file Handle
}

// path gives the file of a snapshot. The CRC is in its name so that two that should be equal, and
// are not, do not take each other's place before that is durable in the log.
func (s *snapshots) path(ref raft.SnapshotRef) string {
	return filepath.Join(s.dir, fmt.Sprintf("%020d-%020d-%08x%s", ref.Index, ref.Term, ref.CRC,
		snapshotEnd))
}

// encodeSnapshotHead gives a header. own says that it is of this node's machine: such a one counts
// as soon as it is there, while one that came in counts when the log says so.
func encodeSnapshotHead(id Identity, ref raft.SnapshotRef, own bool) []byte {
	b := make([]byte, 0, snapshotHead)
	b = append(b, snapshotMagic...)
	b = le.AppendUint32(b, formatOne)
	flags := uint32(0)
	if own {
		flags = 1
	}
	b = le.AppendUint32(b, flags)
	b = append(b, id.Data[:]...)
	b = appendMark(b, ref.Mark)
	b = le.AppendUint64(b, ref.Size)
	b = le.AppendUint32(b, ref.CRC)
	b = le.AppendUint32(b, uint32(len(ref.Config)))
	b = le.AppendUint32(b, mask(crc32.Checksum([]byte(ref.Config), castagnoli)))
	b = append(b, make([]byte, snapshotHead-4-len(b))...)
	return le.AppendUint32(b, mask(crc32.Checksum(b, castagnoli)))
}

// maxConfig is the longest configuration that is read, in bytes.
const maxConfig = 1 << 16

// readConfig reads the configuration behind the machine's bytes, as a header says that it is.
func readConfig(f Handle, head []byte, size uint64) (c raft.Packed, why string, err error) {
	n := le.Uint32(head[76:])
	if n > maxConfig || size > maxFile {
		return "", fmt.Sprintf("a configuration of %d bytes behind %d", n, size), nil
	}
	b := make([]byte, n)
	if err := readFull(f, b, snapshotHead+int64(size)); errors.Is(err, io.ErrUnexpectedEOF) {
		return "", "a snapshot that is cut short", nil
	} else if err != nil {
		return "", "", err
	}
	if le.Uint32(head[80:]) != mask(crc32.Checksum(b, castagnoli)) {
		return "", "a configuration with a wrong CRC", nil
	}
	return raft.Packed(b), "", nil
}

// readSnapshotHead reads a header. why says what is wrong with it.
func readSnapshotHead(b []byte, id Identity) (ref raft.SnapshotRef, own bool, why string) {
	switch {
	case string(b[:8]) != snapshotMagic:
		return ref, false, fmt.Sprintf("%q where a snapshot begins with %q", b[:8], snapshotMagic)
	case le.Uint32(b[snapshotHead-4:]) != mask(crc32.Checksum(b[:snapshotHead-4], castagnoli)):
		return ref, false, "a header of a snapshot with a wrong CRC"
	case le.Uint32(b[8:]) != formatOne:
		return ref, false, fmt.Sprintf("format %d, and this version reads %d", le.Uint32(b[8:]),
			formatOne)
	case !bytes.Equal(b[16:32], id.Data[:]):
		return ref, false, "a snapshot of another data directory"
	}
	ref = raft.SnapshotRef{Mark: readMark(b[32:]), Size: le.Uint64(b[64:]), CRC: le.Uint32(b[72:])}
	return ref, le.Uint32(b[12:])&1 == 1, ""
}

// save makes an own snapshot durable.
func (s *snapshots) save(ref raft.SnapshotRef, data []byte) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	aside := filepath.Join(s.dir, "own"+asideEnd)
	f, err := s.fs.Create(aside)
	if err != nil {
		return fmt.Errorf("creating %s: %w", aside, err)
	}
	_, err = f.WriteAt(slices.Concat(data, []byte(ref.Config)), snapshotHead)
	if err == nil {
		err = fill(f, encodeSnapshotHead(s.id, ref, true))
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", aside, err)
	}
	if err := s.settle(aside, ref); err != nil {
		return err
	}
	return s.adopt(ref)
}

// settle gives a complete, synced file its name.
func (s *snapshots) settle(aside string, ref raft.SnapshotRef) error {
	if err := s.fs.Rename(aside, s.path(ref)); err != nil {
		return fmt.Errorf("naming snapshot %s: %w", s.path(ref), err)
	}
	if err := s.fs.SyncDir(s.dir); err != nil {
		return fmt.Errorf("syncing directory %s: %w", s.dir, err)
	}
	return nil
}

// adopt takes a durable snapshot among those that count, and removes the one that is too many.
func (s *snapshots) adopt(ref raft.SnapshotRef) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []raft.SnapshotRef
	s.list, gone = keepNewest(s.list, ref)
	for _, g := range gone {
		if g != ref && s.path(g) == s.path(ref) {
			continue // it has been written over
		}
		if err := s.fs.Remove(s.path(g)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing snapshot %s: %w", s.path(g), err)
		}
	}
	return nil
}

// refs gives the snapshots that count, oldest first.
func (s *snapshots) refs() []raft.SnapshotRef {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

// chunk puts a piece of an incoming snapshot aside.
func (s *snapshots) chunk(c *raft.Chunk) error {
	if err := checkChunk(c); err != nil {
		return err
	}
	if c.Offset == 0 {
		if err := s.drop(s.find(c.Snapshot)); err != nil {
			return err
		}
	}
	if s.find(c.Snapshot) < 0 {
		if err := s.begin(c.Snapshot); err != nil {
			return err
		}
	}
	in := s.coming[s.find(c.Snapshot)]
	if len(c.Data) == 0 {
		return nil
	}
	if _, err := in.file.WriteAt(c.Data, snapshotHead+int64(c.Offset)); err != nil {
		return fmt.Errorf("writing %d bytes at %d of %s: %w", len(c.Data), c.Offset, in.path, err)
	}
	return nil
}

func (s *snapshots) find(ref raft.SnapshotRef) int {
	return slices.IndexFunc(s.coming, func(in *incoming) bool { return in.ref == ref })
}

// begin makes the file that an incoming snapshot is put in.
func (s *snapshots) begin(ref raft.SnapshotRef) error {
	if len(s.coming) == maxIncoming {
		if err := s.drop(0); err != nil {
			return err
		}
	}
	s.files++
	in := &incoming{ref: ref, path: filepath.Join(s.dir, fmt.Sprintf("in-%d%s", s.files, asideEnd))}
	f, err := s.fs.Create(in.path)
	if err != nil {
		return fmt.Errorf("creating %s: %w", in.path, err)
	}
	in.file = f
	s.coming = append(s.coming, in)
	return nil
}

// drop forgets an incoming snapshot; -1 is none.
func (s *snapshots) drop(i int) error {
	if i < 0 {
		return nil
	}
	in := s.coming[i]
	s.coming = slices.Delete(s.coming, i, i+1)
	if err := errors.Join(in.file.Close(), s.fs.Remove(in.path)); err != nil {
		return fmt.Errorf("removing %s: %w", in.path, err)
	}
	return nil
}

// finish checks an incoming snapshot and makes its file durable under its name. It counts only when
// it is adopted, after the log's word is durable as well.
func (s *snapshots) finish(ref raft.SnapshotRef) error {
	i := s.find(ref)
	if i < 0 {
		return fmt.Errorf("snapshot %d is finished, but no chunk of it came", ref.Index)
	}
	in := s.coming[i]
	err := checkBody(in.file, in.path, ref, 0)
	var bad *DamageError
	if errors.As(err, &bad) {
		return fmt.Errorf("snapshot %d did not come whole: %s", ref.Index, bad.Found)
	}
	if err != nil {
		return err
	}
	if slices.Contains(s.refs(), ref) {
		return s.drop(i) // the very same is durable already, perhaps as an own one
	}
	s.coming = slices.Delete(s.coming, i, i+1)
	if _, err = in.file.WriteAt([]byte(ref.Config), snapshotHead+int64(ref.Size)); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", in.path, err), in.file.Close())
	}
	err = fill(in.file, encodeSnapshotHead(s.id, ref, false))
	if e := in.file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", in.path, err)
	}
	return s.settle(in.path, ref)
}

// checkBody says whether the bytes behind a snapshot's header are those that its ref names, with
// more of them behind.
func checkBody(f Handle, path string, ref raft.SnapshotRef, more int) error {
	n, err := f.Size()
	if err != nil {
		return fmt.Errorf("asking for the size of %s: %w", path, err)
	}
	n -= int64(more)
	if have := max(n-snapshotHead, 0); uint64(have) != ref.Size {
		return &DamageError{File: path, Offset: n,
			Found: fmt.Sprintf("%d bytes of a snapshot of %d", have, ref.Size)}
	}
	sum, buf := uint32(0), make([]byte, min(max(n, 0), 256<<10))
	for at := int64(snapshotHead); at < n; {
		piece := buf[:min(int64(len(buf)), n-at)]
		if err := readFull(f, piece, at); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		sum, at = crc32.Update(sum, castagnoli, piece), at+int64(len(piece))
	}
	if sum != ref.CRC {
		return &DamageError{File: path, Offset: snapshotHead,
			Found: fmt.Sprintf("a snapshot of CRC %08x where %08x belongs", sum, ref.CRC)}
	}
	return nil
}

// readFull reads as many bytes as b is long.
func readFull(f Handle, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("%d bytes at %d: %w", len(b), at, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("%d bytes at %d: %w", len(b), at, err)
}

// open opens a snapshot that counts. It gives ErrGone when it does not.
func (s *snapshots) open(ref raft.SnapshotRef) (Handle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.list, ref) {
		return nil, ErrGone
	}
	f, err := s.fs.Open(s.path(ref))
	if err != nil {
		return nil, fmt.Errorf("opening snapshot %s: %w", s.path(ref), err)
	}
	return f, nil
}

// read gives a piece of a snapshot. When it is asked for the beginning it checks the whole first,
// so that no follower is sent what will not fit together.
func (s *snapshots) read(ref raft.SnapshotRef, offset, size uint64) (b []byte, err error) {
	f, err := s.open(ref)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("closing %s: %w", s.path(ref), e)
		}
	}()
	if offset == 0 {
		if err := checkBody(f, s.path(ref), ref, len(ref.Config)); err != nil {
			return nil, err
		}
	}
	from := min(offset, ref.Size)
	b = make([]byte, min(size, ref.Size-from))
	if err := readFull(f, b, snapshotHead+int64(from)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.path(ref), err)
	}
	return b, nil
}

// found is a snapshot file that was read at the start.
type found struct {
	ref  raft.SnapshotRef
	own  bool
	path string
}

// scan reads the headers in the directory, newest first, and gives what was left aside, too.
// A file that is no good is named in the report and left alone.
func (s *snapshots) scan(rep *Report) (good []found, aside []string, err error) {
	names, err := s.fs.List(s.dir)
	if err != nil {
		return nil, nil, fmt.Errorf("listing %s: %w", s.dir, err)
	}
	for _, name := range slices.Backward(names) {
		path := filepath.Join(s.dir, name)
		switch {
		case strings.HasSuffix(name, asideEnd):
			aside = append(aside, path)
		case strings.HasSuffix(name, snapshotEnd):
			f, err := s.inspect(path)
			var bad *DamageError
			switch {
			case errors.As(err, &bad):
				rep.note("%v; it is not used", bad)
			case err != nil:
				return nil, nil, err
			default:
				good = append(good, f)
			}
		}
	}
	return good, aside, nil
}

// inspect reads one file wholly.
func (s *snapshots) inspect(path string) (found, error) {
	f, err := s.fs.Open(path)
	if err != nil {
		return found{}, fmt.Errorf("opening %s: %w", path, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	n, err := f.Size()
	if err != nil {
		return found{}, fmt.Errorf("asking for the size of %s: %w", path, err)
	}
	if n < snapshotHead {
		return found{}, &DamageError{File: path,
			Found: fmt.Sprintf("%d bytes, which are no snapshot", n)}
	}
	head := make([]byte, snapshotHead)
	if err := readFull(f, head, 0); err != nil {
		return found{}, fmt.Errorf("reading %s: %w", path, err)
	}
	ref, own, why := readSnapshotHead(head, s.id)
	if why != "" {
		return found{}, &DamageError{File: path, Found: why}
	}
	if ref.Config, why, err = readConfig(f, head, ref.Size); err != nil {
		return found{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if why != "" {
		return found{}, &DamageError{File: path, Found: why}
	}
	if s.path(ref) != path {
		return found{}, &DamageError{File: path, Found: "the snapshot of " + s.path(ref)}
	}
	return found{ref: ref, own: own, path: path}, checkBody(f, path, ref, len(ref.Config))
}
