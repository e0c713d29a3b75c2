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

	ballots []ballot // of the campaign under way, in the order of the members
	peers   []progress
	waiting []proposal // not yet committed, in order of their index

	incoming   incoming // a snapshot on its way in
	installing bool     // a whole snapshot is being saved and loaded

	electionAt  Time // when to stand for election; unless leader
	heardAt     Time // when the leader of this term last sent word
	heartbeatAt Time // leader: when to send word
	quorumAt    Time // leader: when to count who was heard

	lastWrite  WriteID
	durable    WriteID
	hardWrite  WriteID // the last write that changed term or vote
	writeSince Time    // when the oldest write under way was asked for
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
}

// proposal is a client's wish that is in the log and not yet committed.
type proposal struct {
	index Index
	term  Term
	ref   Ref
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
		commit: image.Snapshot.Index, applying: image.Snapshot.Index,
		applied: image.Snapshot.Index, snapshot: image.Snapshot,
		ballots: make([]ballot, len(cfg.Members)),
	}
	if n.rules == nil {
		n.rules = Standard()
	}
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
	c.out = nil
	return &c
}

// Step takes everything that has happened to a node and says in out, which it empties first, what
// follows. now never goes back.
func (n *Node) Step(now Time, in []Input, out *Output) {
	out.Reset()
	n.now, n.out, n.cutFrom, n.newFrom = now, out, 0, 0
	if !n.started {
		n.started = true
		n.setDeadline(0, WhyStarted)
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
		n.sendAll()
		n.handOut()
		n.finishWrite()
		n.release()
	}
	out.Wake = n.wake()
	n.out = nil
}

// take dispatches one input. What depends on the role is decided in the functions that it calls.
func (n *Node) take(in *Input) {
	switch in.Kind {
	case InputReceive:
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
		n.snapshotted(in.Snapshot)
	case InputChunk:
		n.sendChunk(&in.Chunk)
	case InputInstalled:
		n.installed(in.Snapshot)
	case InputStepDown:
		n.stopping = true
		if n.role != Follower {
			n.becomeFollower(n.term, 0, WhyStopping)
		}
	}
}

// takeStopped refuses what waits for an answer: a stopped node does nothing.
func (n *Node) takeStopped(in *Input) {
	if in.Kind == InputPropose {
		n.answer(Answer{Ref: in.Ref, Outcome: OutcomeRefused, Why: WhyStopping})
	}
}

func (n *Node) note(note Note) {
	note.Cause = n.cause
	n.out.Notes = append(n.out.Notes, note)
}

func (n *Node) answer(a Answer) { n.out.Answers = append(n.out.Answers, a) }

// timers does what the time alone asks for.
func (n *Node) timers() {
	switch {
	case n.role != Leader:
		if n.now >= n.electionAt && !n.stopping {
			n.campaign(WhyElectionTimeout)
		}
	default:
		if n.now >= n.quorumAt {
			n.checkQuorum()
		}
		if n.role == Leader && n.now >= n.heartbeatAt {
			n.heartbeat()
		}
	}
}

// wake gives the next moment at which time alone changes something; the far future for never.
func (n *Node) wake() Time {
	const never = Time(1) << 62
	switch {
	case n.stopped || n.stopping && n.role != Leader:
		return never
	case n.role == Leader:
		return min(n.heartbeatAt, n.quorumAt)
	}
	return n.electionAt
}

// stop ends the node: it will promise nothing more.
func (n *Node) stop(why Reason) {
	n.note(Note{Kind: NoteStopped, Why: why})
	n.dropProposals(why)
	n.stopped, n.held = true, nil
}
