package raft

import (
	"slices"

	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/say"
)

// Node is one Raft server. It is made by New, moved by Step and read by Status; it does nothing by
// itself. It is not safe for use by several goroutines at once.
type Node struct {
	cfg   Config
	rules *Rules
	rand  rng.Rand

	// What Figure 2 calls persistent state; it leads the disk by the writes that are under way.
	term Term
	vote NodeID
	log  log

	role     Role
	leader   NodeID // of the current term; 0 for nobody known
	commit   Index
	applying Index // handed out to be applied
	applied  Index // applied, as the host says
	snapshot SnapshotRef

	configs []configAt // of the log, the newest last; see configs.go
	ballots []ballot   // of the campaign under way
	// learnersAsked says that a vote is doubtful, so that learners are asked too.
	learnersAsked bool
	// needed says that this server, a learner, has refused a candidate whose log is behind its own:
	// the voters may have lost what it holds, and then nobody else can win.
	needed  bool
	peers   []progress
	waiting []proposal // not yet committed, in order of their index

	incoming   incoming // a snapshot on its way in
	installing bool     // a whole snapshot is being saved and loaded
	refused    refused  // a snapshot that the machine cannot read

	change   *changing // leader: a change of the configuration under way
	transfer transfer

	reads     []read  // leader: reads that wait for a round
	asks      []ask   // others: reads that wait for the leader's index
	readies   []ready // reads that wait for the machine
	readSeq   uint64
	askLeader bool
	round     uint64    // leader: the newest round of heartbeats
	rounds    []roundAt // those whose answers are waited for
	leaseFrom Time      // when the newest round that a quorum answered was sent; 0 for none
	leaseHold Index     // no lease before this is committed

	doubtful    bool // see doubt.go
	doubtTerm   Term
	doubtFrom   NodeID
	doubtUntil  Index
	doubtProven Index

	preferAt   Time // not before this another preferred server is looked for
	preferWait Time

	electionAt  Time   // when to stand for election; unless leader
	deadlineOf  NodeID // whose word began the time-out that runs
	heardAt     Time   // when the leader of this term last sent word
	promisedTo  Time   // with leases: until then it votes for nobody
	heartbeatAt Time   // leader: when to send word
	quorumAt    Time   // leader: when to count who was heard

	lastWrite  WriteID
	durable    WriteID
	hardWrite  WriteID // the last write that changed term or vote
	cutWrite   WriteID // the newest write of what the last cut took away
	writeSince Time    // when the oldest write under way was asked for
	startLast  Index   // where the log ended at the start
	cutLast    Index   // the highest index that was ever cut off
	held       []heldMessage

	started  bool
	stopping bool // gives way: does not stand for election any more
	stopped  bool

	// During a step.
	now     Time
	out     *Output
	cause   Ref
	cutFrom Index // lowest index truncated in this step; 0 for none
	newFrom Index // lowest index appended in this step; 0 for none
	ack     ack
	formed  *AppendEntries // the last append of this step, for the next member that stands alike
	matches [2][]Index     // room to count in: what goes through the rules would be allocated anew
	bodies  bodies

	// unreadable says that the message completes a snapshot that the machine cannot read.
	unreadable bool
}

// proposal is a client's wish that is in the log and not yet committed.
type proposal struct {
	index Index
	term  Term
	ref   Ref
}

// ack is an acknowledgement that will leave with the end of the step.
type ack struct {
	leader NodeID // 0 for none
	term   Term
	match  Index
	round  uint64
	need   WriteID
	cause  Ref
}

// New gives a node that goes on from what it had saved. A fresh node has the zero Image. The errors
// say what is wrong with the configuration or why the image cannot be what a node saved.
func New(cfg Config, image Image) (*Node, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := image.validate(); err != nil {
		return nil, say.Errorf("raft: restoring %v: %w", cfg.ID, err)
	}
	cfg.Members = slices.Clone(cfg.Members)
	n := &Node{
		cfg: cfg, rules: cfg.Rules,
		rand: rng.New(cfg.Seed).Split("election", uint64(cfg.ID)<<32|uint64(cfg.Boot)),
		term: image.Term, vote: image.Vote, log: newLog(&image),
		applying: image.Snapshot.Index, applied: image.Snapshot.Index, snapshot: image.Snapshot,
		doubtful: image.Doubtful,
	}
	if n.rules == nil {
		n.rules = Standard()
	}
	n.startLast, n.commit = n.log.lastIndex(), n.rules.CommitAtStart(image.Snapshot.Index)
	n.readSeq = n.rules.FirstQuestion(cfg.Boot)
	if err := n.restoreConfigs(&image); err != nil {
		return nil, say.Errorf("raft: restoring %v: %w", cfg.ID, err)
	}
	n.role = n.restingRole()
	return n, nil
}

func (im *Image) validate() error {
	if s := im.Snapshot; s.Index < im.Base.Index {
		return say.Errorf("the log begins behind index %d and no snapshot reaches there "+
			"(newest: %d)", im.Base.Index, s.Index)
	}
	m := im.Base
	for i, e := range im.Entries {
		if e.Index != m.Index+1 || e.Term < m.Term {
			return say.Errorf("entry %d of the log has index %d, term %d behind index %d, term %d",
				i, e.Index, e.Term, m.Index, m.Term)
		}
		m = Mark{Index: e.Index, Term: e.Term}
	}
	if m.Index < im.Snapshot.Index {
		return say.Errorf("the log ends at %d, before the snapshot at %d", m.Index,
			im.Snapshot.Index)
	}
	if m.Term > im.Term || im.Snapshot.Term > im.Term {
		return say.Errorf("the log ends in term %d, above the saved term %d", m.Term, im.Term)
	}
	return nil
}

// Clone copies a node at rest. The copy goes on by itself; entries are shared, as nobody changes
// them.
func (n *Node) Clone() *Node {
	c := *n
	c.log = n.log.clone()
	c.ballots = slices.Clone(n.ballots)
	c.peers = slices.Clone(n.peers)
	for i := range c.peers {
		c.peers[i].inflight = slices.Clone(n.peers[i].inflight)
	}
	c.waiting = slices.Clone(n.waiting)
	c.held = slices.Clone(n.held)
	c.configs = slices.Clone(n.configs)
	c.reads, c.asks = slices.Clone(n.reads), slices.Clone(n.asks)
	c.readies = slices.Clone(n.readies)
	c.rounds = slices.Clone(n.rounds)
	if n.change != nil {
		ch := *n.change
		ch.newcomers = slices.Clone(ch.newcomers)
		c.change = &ch
	}
	c.out, c.matches, c.bodies = nil, [2][]Index{}, bodies{}
	return &c
}

// Step takes everything that has happened to a node and says in out, which it empties first, what
// follows. now never goes back.
func (n *Node) Step(now Time, in []Input, out *Output) {
	out.Reset()
	n.now, n.out, n.cutFrom, n.newFrom, n.formed = now, out, 0, 0, nil
	if !n.started {
		n.start()
	}
	for i := range in {
		n.cause = in[i].Ref
		if n.stopped {
			n.takeStopped(&in[i])
		} else {
			n.take(&in[i])
		}
	}
	n.cause = 0
	if !n.stopped {
		n.timers()
		n.lead()
		n.sendAck()
		n.handOut()
		n.finishReads()
		n.finishWrite()
		n.release()
	}
	out.Wake = n.wake()
	n.out = nil
}

// start is the first step of an incarnation.
func (n *Node) start() {
	n.started = true
	if n.confIndex() > 0 {
		n.note(Note{Kind: NoteConfigured, Why: WhyStarted, Index: n.confIndex(),
			Config: n.packed()})
	}
	if n.role == Learner {
		n.rest(WhyStarted, 0)
	}
	n.beginInDoubt()
	if n.cfg.LeaseReads { // it may have told a leader so before it went down
		n.promisedTo = n.now + n.cfg.ElectionMin
	}
	n.setDeadline(0, WhyStarted)
}

// lead does, at the end of a step, what a leader does: it forms the messages, each peer's once.
func (n *Node) lead() {
	n.cause = 0
	if n.role != Leader {
		n.sendAsks()
		return
	}
	n.beginReads()
	n.steerTransfer()
	n.steerChange()
	n.sendAll()
	n.settlePeers()
	n.leaveWhenRemoved()
}

// take dispatches one input. What depends on the role is decided in the functions that it calls.
func (n *Node) take(in *Input) {
	switch in.Kind {
	case InputReceive:
		n.unreadable = in.Err != ""
		n.receive(&in.Message)
	case InputPropose:
		n.propose(in.Data)
	case InputCampaign:
		n.campaignAsked()
	case InputSaved:
		n.saved(in.Write)
	case InputSaveFailed:
		n.stop(WhySaveFailed)
	case InputApplied:
		n.applied = max(n.applied, in.Index)
	case InputSnapshotted:
		n.snapshotted(*in.Snapshot)
	case InputChunk:
		n.sendChunk(in.Chunk)
	case InputInstalled:
		n.installed(*in.Snapshot)
	case InputStepDown:
		n.stepDown()
	case InputRead:
		n.readAsked()
	case InputTransfer:
		n.transferAsked(in.Peer, WhyAsked)
	case InputChange:
		n.changeAsked(in.Change)
	}
}

// stepDown gives leadership to whoever is best, if anybody is, and stands for no election any more
// (thesis 3.10).
func (n *Node) stepDown() {
	n.stopping = true
	if n.role == Leader && !n.transfer.active() {
		if p := n.bestPeer(); p != nil && n.mayTransfer(p.id) == WhyNone {
			n.cause = 0
			n.transferAsked(p.id, WhyStopping)
			return
		}
	}
	if n.role == Leader && n.transfer.active() {
		return
	}
	if n.role != n.restingRole() {
		n.becomeFollower(n.term, 0, WhyStopping)
	}
}

// takeStopped refuses what waits for an answer: a stopped node does nothing.
func (n *Node) takeStopped(in *Input) {
	switch in.Kind {
	case InputPropose, InputRead, InputTransfer, InputChange:
		n.answer(Answer{Ref: in.Ref, Outcome: OutcomeRefused, Why: WhyStopping})
	}
}

func (n *Node) note(note Note) {
	note.Cause = n.cause
	n.out.Notes = append(n.out.Notes, note)
}

// newNote is note for what is noted all the time: it gives the note's place, to be filled in.
func (n *Node) newNote(kind NoteKind) *Note {
	k := len(n.out.Notes)
	if k == cap(n.out.Notes) {
		n.out.Notes = slices.Grow(n.out.Notes, 1)
	}
	n.out.Notes = n.out.Notes[:k+1]
	t := &n.out.Notes[k]
	*t = Note{Kind: kind, Cause: n.cause}
	return t
}

func (n *Node) answer(a Answer) { n.out.Answers = append(n.out.Answers, a) }

// timers does what the time alone asks for.
func (n *Node) timers() {
	switch {
	case n.role != Leader:
		n.lostTransfer()
		if n.now >= n.electionAt && !n.stopping {
			n.campaign(WhyElectionTimeout)
		}
	default:
		if n.now >= n.quorumAt {
			n.checkQuorum()
		}
		if n.role == Leader {
			n.steerPreference()
		}
		if n.role == Leader && n.now >= n.heartbeatAt {
			n.heartbeat()
		}
	}
}

// wake gives the next moment at which time alone changes something; the far future for never.
func (n *Node) wake() Time {
	const never = Time(1) << 62
	at := n.electionAt
	switch {
	case n.stopped:
		return never
	case n.role == Leader:
		at = min(n.heartbeatAt, n.quorumAt)
	case n.stopping:
		at = never
	}
	switch {
	case n.transfer.active() && n.role == Leader:
		at = min(at, n.transfer.deadline)
	case n.transfer.active():
		at = min(at, n.transfer.deadline+n.cfg.ElectionMax)
	case len(n.asks) > 0 && n.role != Leader && n.leader != 0:
		at = min(at, n.asks[0].sent+n.cfg.ElectionMin)
	}
	return at
}

// stop ends the node: it will promise nothing more.
func (n *Node) stop(why Reason) {
	n.note(Note{Kind: NoteStopped, Why: why})
	n.stopped, n.held = true, nil
	n.dropProposals(why)
	n.dropReads(why)
	n.dropReadies(why)
	n.dropSteering()
}
