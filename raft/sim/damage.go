package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// How disks fail. A batch is one write. What a store does about it is what package store does: a
// last batch that cannot be read is cut off and the node comes back doubtful, as it cannot know
// whether it had acknowledged that; damage anywhere else keeps it from starting at all.

// maxSlow bounds how much longer a disk takes.
const maxSlow = 60 * raft.Second

// setDisk makes a server's disk work otherwise.
func (c *Cluster) setDisk(s *server, set trace.Disk) {
	d := &s.disk
	if d.set == set {
		return
	}
	freed := d.set.Stuck && !set.Stuck
	d.set = set
	c.tell(trace.Network, trace.EventID{}, trace.DiskSet{Node: s.id, Disk: set})
	if !freed {
		return
	}
	held := d.held
	d.held, d.free, d.group = nil, 0, 0
	for i := range held {
		c.plan(d.takes(c.now, c.cfg.Fsync), held[i])
	}
}

// diskFailed lets a write fail. A node whose log cannot be written stops for good; a snapshot of
// the machine can be taken again.
func (c *Cluster) diskFailed(s *server, it *item) {
	d, why := &s.disk, "disk full"
	if d.set.Failing {
		why = "disk error"
	}
	if it.kind == dueSnapshot {
		d.stored = slices.DeleteFunc(d.stored, func(st storedSnapshot) bool {
			return st.ref == it.ref && st.ref != d.image.Snapshot
		})
		s.host.SnapshotFailed()
		return
	}
	half := d.rand.Below(2) == 0
	s.host.SaveFailed(s.clock.reads(c.now), it.write, why)
	if c.do(s); s.host != nil {
		c.crashHalf(s, why, true, half)
	}
}

// powerCut loses what is not durable and gives how many writes that were. Of the oldest one half
// may be there.
func (d *disk) powerCut(half bool) int {
	n := len(d.pending)
	if n > 0 && half {
		w := d.pending[0].Write
		if d.rand.Below(2) == 0 { // of term and vote neither copy is there
			w.Term, w.Vote = d.image.Term, d.image.Vote
		}
		d.half = &w
	}
	d.pending, d.held, d.chunks, d.part = nil, nil, nil, raft.SnapshotRef{}
	d.free, d.group = 0, 0
	d.stored = slices.DeleteFunc(d.stored, func(s storedSnapshot) bool {
		return s.ref.Index > d.image.Snapshot.Index
	})
	return n
}

// recover reads a disk as a start does, and finds what is damaged.
func (d *disk) recover() {
	if d.half != nil {
		if t := d.half.Term; t > d.image.Term || t == d.image.Term && d.image.Vote == 0 {
			d.image.Term, d.image.Vote = t, d.half.Vote
		}
		d.image.Doubtful = true
	}
	if d.set.Damage == trace.DamageTail && d.batch != 0 {
		d.loseLast()
	}
	d.half = nil
}

// loseLast cuts the last batch off. Term and vote stand in a batch twice and survive; a snapshot is
// a file of its own, and a log that ends before it begins anew behind it.
func (d *disk) loseLast() {
	was, im := d.image, d.before
	im.Entries = slices.Clip(im.Entries)
	im.Term, im.Vote, im.Doubtful, im.Snapshot = was.Term, was.Vote, true, was.Snapshot
	if s := im.Snapshot; termAt(&im, s.Index) != s.Term {
		im.Base, im.Entries = s.Mark, nil
	}
	d.image, d.batch = im, 0
}

// termAt gives the term of the entry at an index of a saved log; 0 if the log does not hold it.
func termAt(im *raft.Image, i raft.Index) raft.Term {
	switch {
	case i == im.Base.Index:
		return im.Base.Term
	case i > im.Base.Index && i-im.Base.Index <= raft.Index(len(im.Entries)):
		return im.Entries[i-im.Base.Index-1].Term
	}
	return 0
}

// weak reports whether a server may have lost, or be about to lose, what it acknowledged.
func (s *server) weak() bool {
	d := &s.disk
	if s.gone != "" || d.half != nil || d.set.Damage != trace.DamageNone || d.set.Full ||
		d.set.Failing {
		return true
	}
	return s.doubtful()
}

// doubtful reports whether a server holds itself for that, or will when it is started.
func (s *server) doubtful() bool {
	if s.host != nil {
		return s.host.Node().Status().Doubtful
	}
	return s.disk.image.Doubtful || s.disk.half != nil ||
		s.disk.set.Damage == trace.DamageTail && s.disk.batch != 0
}
