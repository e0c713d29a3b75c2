package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

// disk is the model of a disk: what is durable, and the writes under way. Writes become durable in
// order; a power cut loses those that are not.
type disk struct {
	rand    rng.Rand
	image   raft.Image
	stored  []storedSnapshot // the newest last; two are kept
	chunks  []byte           // of the incoming snapshot
	part    raft.SnapshotRef
	pending []raft.Write
	free    raft.Time // when the writes under way will be done
}

type storedSnapshot struct {
	ref  raft.SnapshotRef
	data []byte
}

func newDisk(r rng.Rand) disk { return disk{rand: r} }

// takes draws when something that is written now will be durable.
func (d *disk) takes(now, fsync raft.Time) raft.Time {
	d.free = max(d.free, now) + raft.Time(d.rand.Between(int64(fsync), int64(2*fsync)))
	return d.free
}

// write begins a write and gives the time at which it is durable.
func (d *disk) write(now, fsync raft.Time, w raft.Write) raft.Time {
	w.Entries = slices.Clip(w.Entries)
	d.pending = append(d.pending, w)
	return d.takes(now, fsync)
}

// writeSnapshot begins to save a snapshot of the machine. Until it is durable nothing points to it.
func (d *disk) writeSnapshot(now, fsync raft.Time, ref raft.SnapshotRef, data []byte) raft.Time {
	d.store(ref, data)
	return d.takes(now, fsync)
}

func (d *disk) store(ref raft.SnapshotRef, data []byte) {
	d.stored = append(d.stored, storedSnapshot{ref, data})
	if len(d.stored) > 3 {
		d.stored = slices.Delete(d.stored, 0, len(d.stored)-3)
	}
}

// sync makes all writes up to one durable, in order.
func (d *disk) sync(id raft.WriteID) {
	for len(d.pending) > 0 && d.pending[0].ID <= id {
		d.syncOldest()
	}
}

func (d *disk) syncOldest() {
	w := d.pending[0]
	d.pending = slices.Delete(d.pending, 0, 1)
	if c := w.Chunk; c != nil {
		if c.Offset == 0 || d.part != c.Snapshot {
			d.part, d.chunks = c.Snapshot, nil
		}
		d.chunks = append(slices.Clip(d.chunks), c.Data...)
	}
	if w.Finish != nil {
		d.store(w.Finish.Snapshot, d.chunks)
		d.chunks, d.part = nil, raft.SnapshotRef{}
	}
	d.image.Save(&w)
}

// snapshot gives the bytes of a snapshot; nil if it is gone.
func (d *disk) snapshot(ref raft.SnapshotRef) []byte {
	for i := range d.stored {
		if d.stored[i].ref == ref {
			return d.stored[i].data
		}
	}
	return nil
}

// powerCut loses what is not durable and gives how many writes that were.
func (d *disk) powerCut() int {
	n := len(d.pending)
	d.pending, d.chunks, d.part, d.free = nil, nil, raft.SnapshotRef{}, 0
	d.stored = slices.DeleteFunc(d.stored, func(s storedSnapshot) bool {
		return s.ref.Index > d.image.Snapshot.Index
	})
	return n
}

// empty forgets everything, as memory does.
func (d *disk) empty() { *d = disk{rand: d.rand} }

func (d *disk) clone() disk {
	c := *d
	c.image.Entries = slices.Clip(c.image.Entries)
	d.image.Entries = c.image.Entries
	c.stored, c.pending = slices.Clone(d.stored), slices.Clone(d.pending)
	c.chunks = slices.Clip(d.chunks)
	d.chunks = c.chunks
	return c
}

// diskDone tells a node what its disk has done.
func (c *Cluster) diskDone(s *server, it *item) {
	switch it.kind {
	case dueSaved:
		s.disk.sync(it.write)
		s.host.Saved(c.now, it.write)
	case dueSnapshot:
		s.disk.image.Snapshot = newer(s.disk.image.Snapshot, it.ref)
		s.host.Snapshotted(c.now, it.ref)
	case dueChunk:
		s.host.Fetched(c.now, s.disk.read(it.chunk))
	}
	s.host.Do(c.now)
}

func newer(a, b raft.SnapshotRef) raft.SnapshotRef {
	if b.Index > a.Index {
		return b
	}
	return a
}

// read gives a piece of a snapshot.
func (d *disk) read(ref raft.ChunkRef) raft.Chunk {
	data := d.snapshot(ref.Snapshot)
	if data == nil || ref.Offset > uint64(len(data)) {
		return raft.Chunk{ChunkRef: ref, Gone: true}
	}
	end := min(ref.Offset+ref.Size, uint64(len(data)))
	return raft.Chunk{ChunkRef: ref, Data: data[ref.Offset:end:end]}
}
