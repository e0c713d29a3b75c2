package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// disk is the model of a disk: what is durable, and the writes under way. Writes become durable in
// order; a power cut loses those that are not. How it fails stands in damage.go.
type disk struct {
	rand    rng.Rand
	set     trace.Disk // how it works now
	image   raft.Image
	before  raft.Image       // without the last batch
	batch   raft.Time        // when that became durable; 0 if there is none that can be lost
	half    *raft.Write      // a batch that is half there
	stored  []storedSnapshot // the newest last; three are kept
	chunks  []byte           // of the incoming snapshot
	part    raft.SnapshotRef
	pending []pendingWrite
	held    []item    // what would be done, were the disk not stuck
	free    raft.Time // when the sync under way will be done
	group   raft.Time // when the one behind it will, for which writes wait; 0 for none
}

// pendingWrite is a write that is under way. Those that become durable at the same time are a
// batch.
type pendingWrite struct {
	raft.Write
	at raft.Time
}

type storedSnapshot struct {
	ref  raft.SnapshotRef
	data []byte
}

func newDisk(r rng.Rand) disk { return disk{rand: r} }

// takes draws when something that is written now will be durable. What comes while the disk syncs
// waits for the next sync, together.
func (d *disk) takes(now, fsync raft.Time) raft.Time {
	span := raft.Time(d.rand.Between(int64(fsync), int64(2*fsync))) + d.set.Slow
	if now >= d.free && d.group != 0 {
		d.free, d.group = d.group, 0
	}
	switch {
	case now >= d.free:
		d.free = now + span
		return d.free
	case d.group == 0:
		d.group = d.free + span
	}
	return d.group
}

// write begins a write and gives the time at which it is durable.
func (d *disk) write(now, fsync raft.Time, w raft.Write) raft.Time {
	w.Entries = slices.Clip(w.Entries)
	at := d.takes(now, fsync)
	d.pending = append(d.pending, pendingWrite{w, at})
	return at
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
	if d.batch != w.at {
		d.before, d.batch = d.image, w.at
	}
	d.image.Save(&w.Write)
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

// empty forgets everything, as memory does, and a disk that is wiped.
func (d *disk) empty() { *d = disk{rand: d.rand, set: d.set} }

func (d *disk) clone() disk {
	c := *d
	c.image.Entries = slices.Clip(c.image.Entries)
	d.image.Entries = c.image.Entries
	c.before.Entries = slices.Clip(c.before.Entries)
	d.before.Entries = c.before.Entries
	c.stored, c.pending = slices.Clone(d.stored), slices.Clone(d.pending)
	c.held = slices.Clone(d.held)
	c.chunks = slices.Clip(d.chunks)
	d.chunks = c.chunks
	return c
}

// diskDone tells a node what its disk has done. A disk that is stuck has done nothing yet.
func (c *Cluster) diskDone(s *server, it *item) {
	d := &s.disk
	switch {
	case d.set.Stuck:
		d.held = append(d.held, *it)
		return
	case it.kind == dueChunk:
		s.host.Fetched(s.clock.reads(c.now), d.read(it.chunk))
	case (d.set.Full || d.set.Failing) && c.cfg.Flaw == RetriesSync && it.kind == dueSaved:
		d.skip(it.write)
		s.host.Saved(s.clock.reads(c.now), it.write)
	case d.set.Full || d.set.Failing:
		c.diskFailed(s, it)
		return
	case it.kind == dueSaved:
		d.sync(it.write)
		s.host.Saved(s.clock.reads(c.now), it.write)
	case it.kind == dueSnapshot && c.cfg.Flaw == CompactsEarly && !it.told:
		late := *it
		late.told = true
		c.plan(c.now+slowSnapshot*c.cfg.Fsync, late)
		s.host.Snapshotted(s.clock.reads(c.now), it.ref)
	case it.kind == dueSnapshot && it.told:
		d.image.Snapshot = newer(d.image.Snapshot, it.ref)
		return
	case it.kind == dueSnapshot:
		d.image.Snapshot = newer(d.image.Snapshot, it.ref)
		s.host.Snapshotted(s.clock.reads(c.now), it.ref)
	}
	c.do(s)
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
