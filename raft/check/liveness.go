package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Liveness folds events into what must happen once nothing is broken any more: from Heal on all
// links are up, disks and clocks are well, and a majority of the configuration runs. It says
// nothing of the time before. It is not safe for use by several goroutines at once.
type Liveness struct {
	settle raft.Time // within which all must be well: ten of the longest election time-outs
	healed raft.Time
	now    raft.Time
	peace  bool
	nodes  []liveNode // by id
	open   []openRequest

	leader   raft.NodeID // of the highest term
	term     raft.Term
	ledAt    raft.Time // when it began to lead
	advanced trace.Event
	commit   raft.Index // the highest that was committed within the time
	after    trace.Event
	made     trace.Event // the first entry that was made behind Heal
	madeAt   raft.Index
}

// liveNode is what is told of one server.
type liveNode struct {
	id     raft.NodeID
	boot   uint32
	up     bool
	role   raft.Role
	term   raft.Term
	commit raft.Index
	moved  raft.Time // when its commit index last grew
	conf   raft.Configuration
	joint  raft.Time // since when its configuration is joint; 0 when it is not
	last   trace.EventID
	refuse string // why it refused somebody last, for people
}

// openRequest waits for its answer.
type openRequest struct {
	id trace.EventID
	at raft.Time
}

// The names of what Liveness judges, in the order of its Report.
var livenessSpecs = [...]Property{
	{"leaderElected", "5.2", "Within ten election time-outs there is a leader.", ""},
	{"termsSettle", "5.2", "Then no more elections are held.", ""},
	{"entriesCommit", "5.3", "An entry that the leader makes is committed.", ""},
	{"logsConverge", "5.3", "All servers that run get to know what is committed.", ""},
	{"jointLeft", "6", "A joint configuration is left.", ""},
	{"requestsAnswered", "8", "Every request is answered.", needsRequests},
}

// LivenessProperties lists all that a Liveness judges, in the order of its Report.
func LivenessProperties() []Property { return append([]Property(nil), livenessSpecs[:]...) }

// settling is how many of the longest election time-outs all may take.
const settling = 10

// NewLiveness gives a fold for a source. It is fed from the beginning of the run, and told by Heal
// when the last fault is over.
func NewLiveness(h trace.Header) *Liveness {
	return &Liveness{settle: settling * max(h.ElectionMax, raft.Millisecond)}
}

// Settle gives how long after Heal all must be well.
func (l *Liveness) Settle() raft.Time { return l.settle }

// Heal says that from a moment on nothing is broken.
func (l *Liveness) Heal(at raft.Time) {
	l.healed, l.now, l.peace = at, max(l.now, at), true
	l.made, l.madeAt, l.advanced, l.after, l.commit = trace.Event{}, 0, trace.Event{},
		trace.Event{}, 0
	for i := range l.nodes {
		if n := &l.nodes[i]; n.joint != 0 {
			n.joint = at
		}
	}
}

// deadline is the moment at which all must be well.
func (l *Liveness) deadline() raft.Time { return l.healed + l.settle }

func (l *Liveness) node(id raft.NodeID) *liveNode {
	k, ok := slices.BinarySearchFunc(l.nodes, id, func(n liveNode, id raft.NodeID) int {
		return int(int64(n.id) - int64(id))
	})
	if !ok {
		l.nodes = slices.Insert(l.nodes, k, liveNode{id: id})
	}
	return &l.nodes[k]
}

// Observe takes the next event.
func (l *Liveness) Observe(ev *trace.Event) {
	l.now = max(l.now, ev.At)
	switch b := ev.Body.(type) {
	case trace.Crashed:
		l.down(b.Node)
	case trace.Paused:
		l.node(b.Node).up = false
	case trace.Resumed:
		l.node(b.Node).up = true
	}
	if ev.ID.Node == 0 || ev.ID.Node >= raft.FirstOutsider {
		return
	}
	n := l.node(ev.ID.Node)
	switch b := ev.Body.(type) {
	case trace.Started:
		l.started(n, ev, &b)
	case trace.Stopped:
		l.down(n.id)
	case trace.Decided:
		l.decided(n, ev, &b.Note)
	case trace.Requested:
		l.open = append(l.open, openRequest{ev.ID, ev.At})
	case trace.Answered:
		l.open = slices.DeleteFunc(l.open, func(r openRequest) bool { return r.id == ev.Cause })
	}
}

func (l *Liveness) started(n *liveNode, ev *trace.Event, s *trace.Started) {
	l.down(n.id)
	*n = liveNode{id: n.id, boot: ev.ID.Boot, up: true, term: s.Term, commit: s.Snapshot.Index,
		conf: raft.Configuration{Voters: s.Members}, last: ev.ID}
	if conf, err := s.Snapshot.Config.Unpack(); err == nil {
		n.conf = conf
	}
}

// down takes a server out: nobody waits for its answers.
func (l *Liveness) down(id raft.NodeID) {
	n := l.node(id)
	n.up, n.role = false, raft.Follower
	l.open = slices.DeleteFunc(l.open, func(r openRequest) bool { return r.id.Node == id })
}

func (l *Liveness) decided(n *liveNode, ev *trace.Event, note *raft.Note) {
	switch note.Kind {
	case raft.NoteTermAdvanced, raft.NoteBecameCandidate:
		n.term, n.role = note.Term, raft.Follower
		l.advanced = *ev
	case raft.NoteBecameFollower, raft.NoteBecameLearner, raft.NoteBecamePreCand:
		n.role = raft.Follower
	case raft.NoteBecameLeader:
		n.term, n.role = note.Term, raft.Leader
		if note.Term >= l.term {
			l.leader, l.term, l.ledAt = n.id, note.Term, ev.At
			l.made, l.madeAt = trace.Event{}, 0 // what a leader made that is deposed may go
		}
	case raft.NoteCreated:
		if l.peace && l.madeAt == 0 && n.term == l.term { // else it is deposed and does not know
			l.made, l.madeAt = *ev, note.From
		}
	case raft.NoteCommitAdvanced:
		n.commit, n.moved = max(n.commit, note.Index), ev.At
		if ev.At <= l.deadline() && n.commit > l.commit {
			l.commit, l.after = n.commit, *ev
		}
	case raft.NoteConfigured:
		conf, err := note.Config.Unpack()
		if err == nil && conf.Joint() && n.joint == 0 {
			n.joint = max(ev.At, 1)
		} else if err == nil && !conf.Joint() {
			n.joint = 0
		}
		n.conf, n.last = conf, ev.ID
	case raft.NoteVoteRefused:
		n.refuse = say.Textf("%v refuses %v: %v", n.id, note.Peer, note.Why.String())
	}
}

// leads finds who leads now; nil when nobody does.
func (l *Liveness) leads() *liveNode {
	if l.leader == 0 {
		return nil
	}
	if n := l.node(l.leader); n.up && n.role == raft.Leader && n.term == l.term {
		return n
	}
	return nil
}

// Report gives the verdicts at a moment: before the time is over what is not yet well is not
// observable.
func (l *Liveness) Report(now raft.Time) []Result {
	results := make([]Result, 0, len(livenessSpecs))
	for i := range livenessSpecs {
		s := &livenessSpecs[i]
		results = append(results, Result{Name: s.Name, Section: s.Section, Text: s.Text})
	}
	late := l.peace && now >= l.deadline()
	set := func(k int, text string, evidence trace.EventID, nodes []raft.NodeID) {
		switch r := &results[k]; {
		case !late:
			r.Status = NotObservable
		case text != "":
			r.Status = Broken
			r.First = &trace.Violation{Check: r.Name, Section: r.Section, Text: text, Nodes: nodes}
			if !evidence.None() {
				r.First.Evidence = []trace.EventID{evidence}
			}
		}
	}
	lead := l.leads()
	set(0, l.noLeader(lead), l.advanced.ID, l.running())
	text, ev := l.termsGrew()
	set(1, text, ev, l.running())
	text, ev = l.notCommitted()
	set(2, text, ev, l.running())
	text, behind := l.notConverged(lead, now)
	set(3, text, l.after.ID, behind)
	text, ev = l.stillJoint(lead, now)
	set(4, text, ev, l.running())
	text, ev = l.notAnswered(now)
	set(5, text, ev, nil)
	return results
}

func (l *Liveness) running() (ids []raft.NodeID) {
	for i := range l.nodes {
		if l.nodes[i].up {
			ids = append(ids, l.nodes[i].id)
		}
	}
	return ids
}

func (l *Liveness) noLeader(lead *liveNode) string {
	if lead != nil {
		return ""
	}
	text := say.Textf("%v run, and %d us after the last fault nobody leads.",
		say.List(l.running()), int64(l.now-l.healed))
	for i := range l.nodes {
		if r := l.nodes[i].refuse; l.nodes[i].up && r != "" {
			text = say.Textf("%s %s.", text, r)
		}
	}
	return text
}

func (l *Liveness) termsGrew() (string, trace.EventID) {
	if l.advanced.At <= l.deadline() {
		return "", trace.EventID{}
	}
	return say.Textf("%v began a new term %d us after the last fault.", l.advanced.ID.Node,
		int64(l.advanced.At-l.healed)), l.advanced.ID
}

func (l *Liveness) notCommitted() (string, trace.EventID) {
	if l.madeAt == 0 || l.made.At > l.deadline()-l.settle/2 {
		return "", trace.EventID{}
	}
	for i := range l.nodes {
		if l.nodes[i].commit >= l.madeAt {
			return "", trace.EventID{}
		}
	}
	return say.Textf("%v made an entry at index %d after the last fault, and it is not committed.",
		l.made.ID.Node, l.madeAt), l.made.ID
}

// notConverged looks for members that run, do not know what was committed in time, and do not come
// nearer. They have the same time again to hear of it.
func (l *Liveness) notConverged(lead *liveNode, now raft.Time) (string, []raft.NodeID) {
	if lead == nil || now < l.deadline()+l.settle {
		return "", nil
	}
	var behind []raft.NodeID
	for i := range l.nodes {
		if n := &l.nodes[i]; n.up && n.commit < l.commit && lead.conf.Member(n.id) &&
			now-n.moved >= l.settle {
			behind = append(behind, n.id)
		}
	}
	if behind == nil {
		return "", nil
	}
	return say.Textf("Index %d is committed, and %v have not heard of it %d us after the last "+
		"fault.", l.commit, say.List(behind), int64(now-l.healed)), behind
}

func (l *Liveness) stillJoint(lead *liveNode, now raft.Time) (string, trace.EventID) {
	if lead == nil || lead.joint == 0 || now-max(lead.joint, l.ledAt) < l.settle {
		return "", trace.EventID{}
	}
	return say.Textf("%v leads with a joint configuration since %d us.", lead.id,
		int64(now-lead.joint)), lead.last
}

func (l *Liveness) notAnswered(now raft.Time) (string, trace.EventID) {
	for _, r := range l.open {
		if n := l.node(r.id.Node); n.up && now-max(r.at, l.healed) >= l.settle {
			return say.Textf("%v has not answered a request for %d us.", n.id, int64(now-r.at)),
				r.id
		}
	}
	return "", trace.EventID{}
}
