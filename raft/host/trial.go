package host

import (
	"hash/crc32"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// arriving is a snapshot on its way in: the pieces that the node has taken. A piece is never
// written again, so that a copy may share it.
type arriving struct {
	snapshot raft.SnapshotRef
	pieces   [][]byte
	size     uint64
}

// took keeps a piece that the node has taken. A complete snapshot is the disk's.
func (a *arriving) took(w *raft.Write) {
	c := w.Chunk
	switch {
	case w.Finish != nil:
		*a = arriving{}
		return
	case c == nil:
		return
	case c.Offset == 0:
		*a = arriving{snapshot: c.Snapshot}
	}
	a.pieces = append(a.pieces, c.Data)
	a.size += uint64(len(c.Data))
}

// clone copies what a copy would write into.
func (a *arriving) clone() arriving {
	c := *a
	c.pieces = slices.Clone(a.pieces)
	return c
}

// completedBy gives the bytes of the snapshot that a chunk completes; false if it completes none.
func (a *arriving) completedBy(c *raft.InstallSnapshot) (data []byte, ok bool) {
	whole := c.Offset+uint64(len(c.Data)) == c.Snapshot.Size
	switch {
	case !whole:
		return nil, false
	case c.Offset == 0:
		return c.Data, true
	case a.snapshot != c.Snapshot || a.size != c.Offset:
		return nil, false // the node asks for another piece
	}
	return slices.Concat(append(a.pieces[:len(a.pieces):len(a.pieces)], c.Data)...), true
}

// received gives the input of a message. A snapshot that it completes is tried first: the machine
// must be able to go on from it before anything makes way for it.
func (h *Host) received(ref raft.Ref, m raft.Message) raft.Input {
	s, ok := m.Body.(*raft.InstallSnapshot)
	if !ok || s.Snapshot.Index <= h.node.Status().Commit {
		return raft.Receive(ref, m)
	}
	data, ok := h.arriving.completedBy(s)
	if !ok {
		return raft.Receive(ref, m)
	}
	if err := h.try(&s.Snapshot, data); err != nil {
		return raft.Unreadable(ref, m, err.Error())
	}
	return raft.Receive(ref, m)
}

// try restores a copy of the machine from a snapshot, and says why that fails.
func (h *Host) try(s *raft.SnapshotRef, data []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = say.Errorf("restoring the snapshot at %d: %s", s.Index, reasonOf(p))
		}
	}()
	if crc := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)); crc != s.CRC {
		return say.Errorf("restoring the snapshot at %d: its bytes are not those that were sent",
			s.Index)
	}
	if err := h.machine.Clone().Restore(data); err != nil {
		return say.Errorf("restoring the snapshot at %d: %w", s.Index, err)
	}
	return nil
}
