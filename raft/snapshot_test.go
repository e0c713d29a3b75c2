package raft_test

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

// cutOff gives three servers of which S3 lacks what S1 has compacted: a snapshot of eight bytes,
// two chunks of four, at index 5.
func cutOff(t *testing.T, adjust func(*raft.Config)) (r *rig, ref raft.SnapshotRef) {
	t.Helper()
	r = newRig(t, 3, adjust)
	r.lead(1)
	r.settle()
	for range 4 {
		r.propose(1, "x")
		r.settle(3)
	}
	ref = r.snapshot(1, "snapshot")
	r.saveAll()
	if s := r.m(1).node.Status(); s.Base.Index != 5 || ref.Index != 5 {
		t.Fatalf("the leader's log begins behind %d, its snapshot ends at %d", s.Base.Index,
			ref.Index)
	}
	r.drop(0, 0)
	return r, ref
}

// beats lets heartbeats pass until nothing new happens.
func (r *rig) beats(n int) {
	for range n {
		r.wait(1, 40*ms)
		r.settle()
	}
}

// Section 7: what is compacted goes as a snapshot, in chunks, and then the log goes on behind it.
func snapshotIsInstalled(t *testing.T) {
	r, ref := cutOff(t, nil)
	r.propose(1, "y")
	r.take(3)
	r.beats(4)
	m := r.take(3)
	if n := m.want(t, raft.NoteSnapshotInstalled, raft.WhySnapshotResets); n.Index != 5 ||
		n.Digest != ref.Digest || n.Pos != ref.Pos {
		t.Errorf("installed: %+v", n)
	}
	chunks := 0
	for _, n := range m.notes {
		if n.Kind == raft.NoteSnapshotProgress {
			chunks++
		}
	}
	if chunks != 2 {
		t.Errorf("%d chunks came", chunks)
	}
	s, l := m.node.Status(), r.m(1).node.Status()
	if s.Last != l.Last || s.Commit != l.Commit || s.Base != ref.Mark || s.Applied != l.Applied {
		t.Errorf("follower %+v, leader %+v", s, l)
	}
	if string(r.m(3).snapshots[ref]) != "snapshot" {
		t.Errorf("its disk holds %q", r.m(3).snapshots[ref])
	}
	r.restart(3)
	if s := r.m(3).node.Status(); s.Commit != 5 || s.Last.Index != 6 || s.Applied != 5 {
		t.Errorf("behind a restart: %+v", s)
	}
}

// chunk makes one chunk of four bytes of a snapshot of eight.
func chunk(ref raft.SnapshotRef, offset uint64) *raft.InstallSnapshot {
	data := []byte("snapshot")[offset : offset+4]
	return &raft.InstallSnapshot{Snapshot: ref, Offset: offset, Data: data, Done: offset == 4}
}

// Chunks that come twice, out of order, or of another snapshot are answered with what is wanted.
func chunksOutOfOrder(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
	other := ref
	other.CRC = 7
	r := newRig(t, 3, nil)
	for i, step := range []struct {
		c    *raft.InstallSnapshot
		next uint64
	}{
		{chunk(ref, 4), 0}, {chunk(ref, 0), 4}, {chunk(ref, 0), 4}, {chunk(other, 4), 0},
		{chunk(ref, 4), 0}, {chunk(ref, 0), 4}, {chunk(ref, 4), 8}, {chunk(ref, 4), 8},
		{chunk(ref, 0), 8},
	} {
		r.take(3)
		r.step(3, raft.Receive(0, raft.Message{ID: 1, Group: 7, From: 1, FromBoot: 1, To: 3,
			Term: 1,
			Body: step.c}))
		r.saveAll()
		b, _ := body[*raft.InstallSnapshotReply](t, r.take(3))
		if b.Next != step.next || b.Installed != (step.next == 8) {
			t.Fatalf("step %d: it answered %+v", i, b)
		}
	}
	if got := string(r.m(3).snapshots[ref]); got != "snapshot" {
		t.Errorf("its disk holds %q", got)
	}
}

// An acknowledgement of a chunk, and of the whole, waits for the disk.
func chunkAckWaitsForDisk(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
	r := newRig(t, 3, nil)
	for _, offset := range []uint64{0, 4} {
		m := r.receive(1, 3, 1, chunk(ref, offset))
		none[*raft.InstallSnapshotReply](t, m, "before the chunk was saved")
		if offset == 4 && m.node.Status().Applied != 0 {
			t.Error("it was given to the machine before it was saved")
		}
		r.saveAll()
		body[*raft.InstallSnapshotReply](t, r.take(3))
	}
	if s := r.m(3).node.Status(); s.Applied != 5 || s.Commit != 5 || s.Saved != 5 {
		t.Errorf("it stands as %+v", s)
	}
}

// While a snapshot is being installed a server does not stand for election: its log is not what a
// candidate may show. Entries that come meanwhile are ignored.
func TestInstallingHoldsBack(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
	r := newRig(t, 3, nil)
	r.receive(1, 3, 1, chunk(ref, 0))
	r.receive(1, 3, 1, chunk(ref, 4))
	m := r.receive(1, 3, 1, &raft.AppendEntries{PrevIndex: 5, PrevTerm: 1, Entries: entries(6, 1)})
	m.want(t, raft.NoteMessageIgnored, raft.WhyInstalling)
	r.step(3, raft.Campaign(0))
	r.wait(3, raft.Second)
	m = r.take(3)
	if s := m.node.Status(); s.Role != raft.Follower || s.Term != 1 {
		t.Errorf("it is %v of term %d", s.Role, s.Term)
	}
	m.want(t, raft.NoteDeadlineSet, raft.WhyInstalling)
	r.saveAll()
	m = r.receive(1, 3, 1, &raft.AppendEntries{PrevIndex: 5, PrevTerm: 1, Entries: entries(6, 1)})
	if s := m.node.Status(); s.Last.Index != 6 {
		t.Errorf("behind the snapshot it stands as %+v", s)
	}
}

// Section 7: where the log holds the snapshot's last entry, what follows it stays.
func snapshotKeepsLog(t *testing.T) {
	for name, keep := range map[string]bool{"holds the entry": true, "another term there": false} {
		t.Run(name, func(t *testing.T) {
			terms := []raft.Term{1, 1, 1, 1, 1, 1, 1}
			ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
			want := []raft.Term{1, 1}
			if !keep {
				ref.Term, want = 2, nil
			}
			r := with(t, 3, 3, image(2, 0, terms...))
			r.receive(1, 3, 2, chunk(ref, 0))
			m := r.receive(1, 3, 2, chunk(ref, 4))
			if keep {
				m.want(t, raft.NoteSnapshotInstalled, raft.WhySnapshotKeepsLog)
			} else {
				m.want(t, raft.NoteSnapshotInstalled, raft.WhySnapshotResets)
			}
			r.saveAll()
			if got := r.terms(3); !slices.Equal(got, want) {
				t.Errorf("its log behind the snapshot is %v", got)
			}
			r.restart(3)
			if got := r.terms(3); !slices.Equal(got, want) {
				t.Errorf("behind a restart its log is %v", got)
			}
		})
	}
}

// A snapshot of what is committed already changes nothing and is acknowledged.
func oldSnapshotIsIgnored(t *testing.T) {
	r, ref := cutOff(t, nil)
	r.wait(1, 40*ms)
	r.settle(3)
	before := r.m(2).node.Status()
	m := r.receive(1, 2, 1, chunk(ref, 0))
	m.want(t, raft.NoteMessageIgnored, raft.WhySnapshotOld)
	if b, _ := body[*raft.InstallSnapshotReply](t, m); !b.Installed {
		t.Errorf("it answered %+v", b)
	}
	if s := m.node.Status(); s != before {
		t.Errorf("an old snapshot made %+v of %+v", s, before)
	}
}

// A lost chunk is sent again, and an answer that comes twice does not send the next chunk twice.
func TestChunksLostAndAnsweredTwice(t *testing.T) {
	r, _ := cutOff(t, nil)
	chance := rng.New(1)
	for range 40 { // every third message dies
		r.wait(1, 40*ms)
		for len(r.wire) > 0 {
			msg := r.wire[0]
			r.wire = r.wire[1:]
			if chance.Below(3) > 0 {
				r.step(msg.To, raft.Receive(0, msg))
			}
			r.saveAll()
		}
	}
	if s := r.m(3).node.Status(); s.Snapshot.Index != 5 {
		t.Errorf("with every third message lost it stands as %+v", s)
	}

	r, _ = cutOff(t, func(c *raft.Config) { c.ChunkSize = 1 })
	sent := 0
	for range 20 { // every message comes twice
		r.wait(1, 40*ms)
		for len(r.wire) > 0 {
			msg := r.wire[0]
			r.wire = r.wire[1:]
			if _, ok := msg.Body.(*raft.InstallSnapshot); ok {
				sent++
			}
			r.step(msg.To, raft.Receive(0, msg))
			r.step(msg.To, raft.Receive(0, msg))
			r.saveAll()
		}
	}
	if s := r.m(3).node.Status(); s.Snapshot.Index != 5 || sent > 10 {
		t.Errorf("with every message twice %d chunks of 8 were sent, and it stands as %+v", sent, s)
	}
}

// The log was cut again while a snapshot was on its way: what is still missing comes as the newer
// one, without an end.
func TestSnapshotOvertaken(t *testing.T) {
	r, _ := cutOff(t, nil)
	r.wait(1, 40*ms)
	for r.m(3).node.Status().Snapshot.Index == 0 && len(r.wire) > 0 {
		msg := r.wire[0]
		r.wire = r.wire[1:]
		if msg.From == 3 {
			if b, ok := msg.Body.(*raft.InstallSnapshotReply); ok && b.Installed {
				r.wire = append(r.wire, msg)
				break
			}
		}
		r.step(msg.To, raft.Receive(0, msg))
		r.saveAll()
	}
	late := r.wire
	r.wire = nil
	for range 4 {
		r.propose(1, "z")
		r.settle(3)
	}
	r.snapshot(1, "snapshot 2 ")
	r.saveAll()
	r.wire = late
	r.settle()
	r.beats(6)
	s, l := r.m(3).node.Status(), r.m(1).node.Status()
	if l.Base.Index != 9 || s.Last != l.Last || s.Commit != l.Commit {
		t.Errorf("leader %+v, follower %+v", l, s)
	}
}

// A follower that comes back in the middle of a snapshot gets it from the start.
func TestRestartInTheMiddleOfASnapshot(t *testing.T) {
	r, ref := cutOff(t, func(c *raft.Config) { c.ChunkSize = 1 })
	r.wait(1, 40*ms)
	for {
		if n, ok := r.m(3).has(raft.NoteSnapshotProgress); ok && n.Offset == 4 {
			break
		}
		if len(r.wire) == 0 {
			r.wait(1, 40*ms)
		}
		msg := r.wire[0]
		r.wire = r.wire[1:]
		r.step(msg.To, raft.Receive(0, msg))
		r.saveAll()
	}
	r.restart(3)
	r.drop(0, 3)
	r.beats(8)
	if got := string(r.m(3).snapshots[ref]); got != "snapshot" {
		t.Errorf("its disk holds %q", got)
	}
	if s, l := r.m(3).node.Status(), r.m(1).node.Status(); s.Last != l.Last {
		t.Errorf("leader %+v, follower %+v", l, s)
	}
}

// Some entries behind a snapshot stay for followers that are a little late.
func TestTrailing(t *testing.T) {
	r, _ := cutOff(t, nil)
	_ = r
	r = newRig(t, 3, func(c *raft.Config) { c.Trailing = 2 })
	r.lead(1)
	for range 6 {
		r.propose(1, "x")
	}
	r.settle()
	r.snapshot(1, "snapshot")
	if s := r.m(1).node.Status(); s.Base.Index != 5 || s.Snapshot.Index != 7 {
		t.Errorf("it stands as %+v", s)
	}
	if w := r.m(1).pending; len(w) != 1 || w[0].CompactTo.Index != 5 {
		t.Errorf("it saves %+v", w)
	}
}
