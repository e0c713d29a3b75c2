package raft

// incoming is a snapshot on its way in, chunk by chunk (section 7).
type incoming struct {
	snapshot SnapshotRef
	next     uint64 // the offset that is wanted next; all before it was given to the disk
	from     NodeID
	finish   WriteID // the write that completes it; 0 while chunks are missing
	cause    Ref
}

// refused is a snapshot that came in whole and that the machine cannot be restored from. It is
// taken again only after a while, which doubles each time: it may have been damaged on its way.
type refused struct {
	snapshot SnapshotRef
	times    int
	until    Time
}

// mostDoublings bounds how often the while doubles that a refused snapshot is not taken again.
const mostDoublings = 6

// snapshotted takes note of a snapshot of this node's own machine and cuts the log behind it, but
// for a few trailing entries.
func (n *Node) snapshotted(s SnapshotRef) {
	if s.Index <= n.snapshot.Index || s.Index > n.applying || n.installing {
		return
	}
	n.snapshot = s
	n.note(Note{Kind: NoteSnapshotTaken, Index: s.Index, LogTerm: s.Term, Digest: s.Digest,
		Pos: s.Pos, Size: s.Size})
	if uint64(s.Index) <= n.cfg.Trailing {
		return
	}
	to := s.Index - Index(n.cfg.Trailing)
	if to <= n.log.base.Index {
		return
	}
	n.log.compact(to)
	n.trimConfigs()
	n.save().CompactTo = n.log.base
	m := n.log.base
	n.note(Note{Kind: NoteCompacted, Index: m.Index, LogTerm: m.Term, Digest: m.Digest, Pos: m.Pos})
}

// offerSnapshot begins to send the newest snapshot to a member whose next entry is compacted.
func (n *Node) offerSnapshot(p *progress) {
	p.become(Snapshot)
	p.snapshot, p.offset = n.snapshot, 0
	n.note(Note{Kind: NoteSnapshotOffered, Peer: p.id, Index: p.snapshot.Index,
		LogTerm: p.snapshot.Term, Size: p.snapshot.Size})
	n.noteProgress(p)
}

// sendingSnapshots counts the members that are being sent one. Who was not heard of lately does not
// keep others from theirs.
func (n *Node) sendingSnapshots() int {
	count := 0
	for i := range n.peers {
		if p := &n.peers[i]; p.state == Snapshot && (p.heard || p.heardBefore) {
			count++
		}
	}
	return count
}

// fetchChunk asks the host for the next chunk, one at a time.
func (n *Node) fetchChunk(p *progress) {
	if p.waiting {
		return
	}
	p.waiting = true
	size := min(n.cfg.ChunkSize, p.snapshot.Size-p.offset)
	n.out.Fetch = append(n.out.Fetch,
		ChunkRef{Snapshot: p.snapshot, Offset: p.offset, Size: size, To: p.id})
}

// sendChunk sends a chunk that the host has read, if it is still wanted.
func (n *Node) sendChunk(c *Chunk) {
	if n.role != Leader {
		return
	}
	p := n.peer(c.To)
	if p == nil || p.state != Snapshot || p.snapshot != c.Snapshot || p.offset != c.Offset {
		return
	}
	if c.Gone {
		if p.snapshot != n.snapshot { // a newer one has taken its place
			n.offerSnapshot(p)
			p.dirty = true
		}
		return // else it is waited for until the next heartbeats
	}
	n.send(p.id, &InstallSnapshot{Snapshot: c.Snapshot, Offset: c.Offset, Data: c.Data,
		Done: c.Offset+uint64(len(c.Data)) == c.Snapshot.Size}, 0)
}

// snapshotReceived takes a chunk, as InstallSnapshot's receiver implementation asks (section 7).
// Chunks that come twice or out of order are answered with the offset that is wanted.
func (n *Node) snapshotReceived(m *Message, s *InstallSnapshot) {
	if !n.heardLeader(m) {
		return
	}
	switch {
	case n.installing:
		n.ignore(m, WhyInstalling)
		return
	case s.Snapshot.Index <= n.commit:
		n.ignore(m, WhySnapshotOld)
		n.send(m.From, &InstallSnapshotReply{Snapshot: s.Snapshot, Next: s.Snapshot.Size,
			Installed: true}, max(n.hardWrite, n.log.writeOf(n.commit)))
		return
	case n.differs(s.Snapshot.Mark):
		n.ignore(m, WhyCannotBe)
		return
	case s.Snapshot == n.refused.snapshot && n.now < n.refused.until:
		n.ignore(m, WhyUnreadable)
		return
	}
	in := &n.incoming
	if in.snapshot != s.Snapshot {
		*in = incoming{snapshot: s.Snapshot}
	}
	in.from, in.cause = m.From, n.cause
	// One write holds one chunk, and no other change to the log beside a complete snapshot.
	busy := n.out.Save.Chunk != nil || n.newFrom != 0 || n.cutFrom != 0
	if s.Offset != in.next || busy {
		n.send(m.From, &InstallSnapshotReply{Snapshot: s.Snapshot, Next: in.next}, n.hardWrite)
		return
	}
	if n.unreadable {
		n.refuseSnapshot(m, s)
		return
	}
	n.takeChunk(s)
}

// refuseSnapshot forgets a snapshot before it replaces anything: this node goes on with what it
// has, and the leader begins anew.
func (n *Node) refuseSnapshot(m *Message, s *InstallSnapshot) {
	n.ignore(m, WhyUnreadable)
	r := &n.refused
	if r.snapshot != s.Snapshot {
		*r = refused{snapshot: s.Snapshot}
	}
	r.until = n.now + n.cfg.ElectionMax<<min(r.times, mostDoublings)
	r.times++
	n.incoming = incoming{}
	n.send(m.From, &InstallSnapshotReply{Snapshot: s.Snapshot}, n.hardWrite)
}

// differs reports whether the log holds the entry that a snapshot ends with, and yet another prefix
// up to there: such a log cannot go on behind it.
func (n *Node) differs(m Mark) bool {
	return n.log.holds(m.Index) && n.log.term(m.Index) == m.Term && n.log.markAt(m.Index) != m
}

func (n *Node) takeChunk(s *InstallSnapshot) {
	in := &n.incoming
	w := n.save()
	w.Chunk = &Chunk{ChunkRef: ChunkRef{Snapshot: s.Snapshot, Offset: s.Offset,
		Size: uint64(len(s.Data)), To: n.cfg.ID}, Data: s.Data}
	in.next += uint64(len(s.Data))
	n.note(Note{Kind: NoteSnapshotProgress, Peer: in.from, Index: s.Snapshot.Index,
		LogTerm: s.Snapshot.Term, Offset: in.next, Size: s.Snapshot.Size})
	if in.next < s.Snapshot.Size {
		n.send(in.from, &InstallSnapshotReply{Snapshot: s.Snapshot, Next: in.next}, w.ID)
		return
	}
	n.install(w)
}

// install makes a complete snapshot this node's own: the log that it supersedes goes, and what
// follows its last entry stays only if the log holds that entry (section 7).
func (n *Node) install(w *Write) {
	s := n.incoming.snapshot
	keep := n.rules.KeepsLog(n.log.holds(s.Index), n.log.term(s.Index), s.Term)
	w.Finish = &FinishedSave{Snapshot: s, KeepLog: keep}
	why := WhySnapshotKeepsLog
	if keep {
		n.log.compact(s.Index)
	} else {
		why = WhySnapshotResets
		n.log.reset(s.Mark)
		n.cutFrom, n.newFrom = 0, 0
	}
	n.snapshot, n.installing, n.incoming.finish = s, true, w.ID
	n.note(Note{Kind: NoteSnapshotInstalled, Why: why, Peer: n.incoming.from, Index: s.Index,
		LogTerm: s.Term, Digest: s.Digest, Pos: s.Pos, Size: s.Size})
	n.setCommit(max(n.commit, s.Index), WhySnapshotHolds)
	n.installConfig(s, keep)
	n.trimConfigs()
	n.send(n.incoming.from, &InstallSnapshotReply{Snapshot: s, Next: s.Size, Installed: true}, w.ID)
}

// snapshotSaved hands a snapshot to the machine once it is durable.
func (n *Node) snapshotSaved() {
	if n.installing && n.incoming.finish != 0 && n.durable >= n.incoming.finish {
		s := n.incoming.snapshot
		n.out.Install = &s
		n.incoming = incoming{}
	}
}

// installed goes on behind a snapshot that the machine has loaded.
func (n *Node) installed(s SnapshotRef) {
	if n.installing && s.Index == n.snapshot.Index {
		n.installing, n.applying, n.applied = false, s.Index, s.Index
	}
}

// snapshotAnswered takes a follower's answer to a chunk.
func (n *Node) snapshotAnswered(m *Message, r *InstallSnapshotReply) {
	p := n.heardFollower(m)
	if p == nil || p.state != Snapshot || r.Snapshot != p.snapshot {
		return
	}
	if r.Installed {
		n.appendAccepted(p, p.snapshot.Index)
		if p.state == Snapshot { // meanwhile the log was cut beyond it
			n.offerSnapshot(p)
		}
		return
	}
	if r.Next > p.snapshot.Size {
		n.ignore(m, WhyCannotBe)
		return
	}
	if r.Next == p.offset && p.waiting {
		return // that chunk is on its way; a second answer must not send a second one
	}
	p.offset, p.waiting, p.stalled = r.Next, false, false
	p.dirty, p.cause = true, n.cause
}
