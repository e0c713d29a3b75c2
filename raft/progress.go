package raft

// progress is what a leader knows of one member, itself included. It is kept in a dense slice in
// the order of the members.
type progress struct {
	id    NodeID
	boot  uint32 // the incarnation that the match was proven with; 0 for none yet
	state ProgressState
	match Index // its saved log is proven equal up to here
	next  Index // what is sent next
	heard bool  // since the last check of the quorum
	// heardBefore says that it was heard between the two checks before.
	heardBefore bool

	voter    bool   // counts in the configuration in force
	outgoing bool   // counts in the half that is on its way out
	member   bool   // takes part at all; else it is only told that it does not
	ping     bool   // a round has begun that it must hear of in this step
	round    uint64 // the newest round that it has answered

	dirty  bool // something is to be sent at the end of the step
	probed bool // in probe: one append is out; wait for its answer or the next heartbeat
	cause  Ref
	// inflight holds each append with entries that is not answered, in order.
	inflight []sentRun
	window   int // bytes of bodies among them

	// While in snapshot: what is being sent, from where, and whether the host reads it just now or
	// a chunk is out.
	snapshot SnapshotRef
	offset   uint64
	waiting  bool
	stalled  bool // it was waiting at the last heartbeat already
}

// sentRun is an append with entries that is on its way: its last index and the bytes of its bodies.
type sentRun struct {
	last  Index
	bytes int
}

// become changes what is done for the member, and forgets what was on its way.
func (p *progress) become(s ProgressState) {
	p.state, p.inflight, p.probed, p.waiting = s, p.inflight[:0], false, false
	p.stalled, p.window = false, 0
}

// sent takes note of an append with entries that has left.
func (p *progress) sent(last Index, bytes int) {
	p.inflight = append(p.inflight, sentRun{last, bytes})
	p.window += bytes
}

// acknowledged drops the appends that an acknowledgement answers.
func (p *progress) acknowledged(match Index) {
	k := 0
	for k < len(p.inflight) && p.inflight[k].last <= match {
		p.window -= p.inflight[k].bytes
		k++
	}
	p.inflight = append(p.inflight[:0], p.inflight[k:]...)
}

// peer finds a member's progress; nil for none.
func (n *Node) peer(id NodeID) *progress {
	for i := range n.peers {
		if n.peers[i].id == id {
			return &n.peers[i]
		}
	}
	return nil
}

// noteProgress tells what is known of a member now.
func (n *Node) noteProgress(p *progress) {
	t := n.newNote(NoteProgress)
	t.Peer, t.State, t.Match, t.Next = p.id, p.state, p.match, p.next
}

// forget starts over with a member: nothing is known of its log.
func (n *Node) forget(p *progress) {
	p.match, p.next = 0, n.log.lastIndex()+1
	p.become(Probe)
	p.dirty = true
}
