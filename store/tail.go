package store

import (
	"fmt"
	"hash/crc32"

	"github.com/raftarium/raftarium/raft"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// tail is the shape of a log: where it begins, and the mark behind each entry. All changes go
// through it, so that no store can make a gap.
type tail struct {
	base  raft.Mark
	marks []raft.Mark // of base.Index+1 and on
}

// last gives the mark of the whole log.
func (t *tail) last() raft.Mark {
	if len(t.marks) == 0 {
		return t.base
	}
	return t.marks[len(t.marks)-1]
}

// at gives the mark behind an index that the log holds, or its base.
func (t *tail) at(i raft.Index) (raft.Mark, bool) {
	switch {
	case i == t.base.Index:
		return t.base, true
	case i < t.base.Index || i > t.last().Index:
		return raft.Mark{}, false
	}
	return t.marks[i-t.base.Index-1], true
}

// append adds an entry, which must be the next.
func (t *tail) append(e raft.Entry) error {
	last := t.last()
	if e.Index != last.Index+1 {
		return fmt.Errorf("entry %d does not follow the last entry, %d", e.Index, last.Index)
	}
	t.marks = append(t.marks, last.After(e))
	return nil
}

// truncate drops an index and all behind it.
func (t *tail) truncate(from raft.Index) error {
	if from <= t.base.Index {
		return fmt.Errorf("the cut at %d is not above the log's base, %d", from, t.base.Index)
	}
	if n := from - t.base.Index - 1; n < raft.Index(len(t.marks)) {
		t.marks = t.marks[:n]
	}
	return nil
}

// compact moves the base up to a mark that the log holds, and gives how many entries went.
func (t *tail) compact(m raft.Mark) (int, error) {
	if m.Index <= t.base.Index {
		return 0, nil
	}
	if held, ok := t.at(m.Index); !ok || held != m {
		return 0, fmt.Errorf("the log up to %d ends in %+v, not in %+v", m.Index, held, m)
	}
	n := int(m.Index - t.base.Index)
	t.base, t.marks = m, append(t.marks[:0], t.marks[n:]...)
	return n, nil
}

// reset makes the log empty behind a mark.
func (t *tail) reset(m raft.Mark) { t.base, t.marks = m, t.marks[:0] }

// finish moves the base to that of an incoming snapshot, and gives how many entries went.
func (t *tail) finish(s *raft.FinishedSave) (int, error) {
	if s.KeepLog {
		return t.compact(s.Snapshot.Mark)
	}
	if s.Snapshot.Index < t.base.Index {
		return 0, fmt.Errorf("a log of base %d cannot begin anew at snapshot %d",
			t.base.Index, s.Snapshot.Index)
	}
	n := len(t.marks)
	t.reset(s.Snapshot.Mark)
	return n, nil
}

// checkSnapshot says what is wrong with a snapshot's bytes.
func checkSnapshot(ref raft.SnapshotRef, data []byte) error {
	if uint64(len(data)) != ref.Size {
		return fmt.Errorf("snapshot %d has %d bytes, its ref says %d", ref.Index, len(data),
			ref.Size)
	}
	if sum := crc32.Checksum(data, castagnoli); sum != ref.CRC {
		return fmt.Errorf("snapshot %d has CRC %08x, its ref says %08x", ref.Index, sum, ref.CRC)
	}
	return nil
}

// checkOwn says what is wrong with a snapshot of this node's own machine.
func (t *tail) checkOwn(ref raft.SnapshotRef, data []byte) error {
	if err := checkSnapshot(ref, data); err != nil {
		return fmt.Errorf("store: saving: %w", err)
	}
	at, ok := t.at(ref.Index)
	if ref.Index == 0 || ref.Index > t.last().Index || ok && at != ref.Mark {
		return fmt.Errorf("store: saving snapshot %d (term %d, digest %016x): the log, which ends "+
			"at %d, has term %d and %016x there", ref.Index, ref.Term, uint64(ref.Digest),
			t.last().Index, at.Term, uint64(at.Digest))
	}
	return nil
}

// checkOther says that a snapshot of the same index is held which is another.
func checkOther(held []raft.SnapshotRef, ref raft.SnapshotRef) error {
	for _, h := range held {
		if h.Index == ref.Index && h != ref {
			return fmt.Errorf("store: saving snapshot %d of %d bytes and CRC %08x: one of %d "+
				"bytes and CRC %08x is held; the machine is not deterministic", ref.Index, ref.Size,
				ref.CRC, h.Size, h.CRC)
		}
	}
	return nil
}

// checkChunk says what is wrong with a chunk's place.
func checkChunk(c *raft.Chunk) error {
	n, size := uint64(len(c.Data)), c.Snapshot.Size
	if size > maxSnapshot {
		return fmt.Errorf("snapshot %d of %d bytes is larger than %d", c.Snapshot.Index, size,
			uint64(maxSnapshot))
	}
	if c.Offset > size || n > size-c.Offset {
		return fmt.Errorf("a chunk of %d bytes at %d lies outside snapshot %d of %d bytes",
			n, c.Offset, c.Snapshot.Index, size)
	}
	return nil
}

// settled says that a change would leave the log below a snapshot: what a snapshot stands for is
// committed, and is never dropped but by a newer one.
func settled(snaps []raft.SnapshotRef, last raft.Index) error {
	if k := len(snaps); k > 0 && snaps[k-1].Index > last {
		return fmt.Errorf("the log cannot end at %d: snapshot %d is committed", last,
			snaps[k-1].Index)
	}
	return nil
}

// covered says that no snapshot stands for the log up to an index.
func covered(snaps []raft.SnapshotRef, to raft.Index) error {
	for _, s := range snaps {
		if s.Index >= to {
			return nil
		}
	}
	return fmt.Errorf("the log cannot be dropped up to %d: no snapshot stands for it", to)
}

// keepNewest adds a ref to a list in the order of the index and gives which refs are no longer
// held: one of the same index, whose place it takes, and those that are too many.
func keepNewest(list []raft.SnapshotRef, ref raft.SnapshotRef) (kept, gone []raft.SnapshotRef) {
	at := len(list)
	for at > 0 && list[at-1].Index >= ref.Index {
		at--
	}
	kept = append(kept, list[:at]...)
	kept = append(kept, ref)
	if at < len(list) && list[at].Index == ref.Index {
		if list[at] != ref {
			gone = append(gone, list[at])
		}
		at++
	}
	kept = append(kept, list[at:]...)
	if k := len(kept) - keepSnapshots; k > 0 {
		kept, gone = kept[k:], append(gone, kept[:k]...)
	}
	return kept, gone
}
