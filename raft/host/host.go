// Package host is the loop around a core, without the loop: it numbers and records what happens,
// steps the node, and carries out what the node asks for. The simulator and the server share it, so
// that what is watched in one is what runs in the other.
package host

import (
	"hash/crc32"
	"maps"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Options is what a host is told beside the node's own configuration.
type Options struct {
	Store         string // file or memory, for people
	Restart       bool   // it has run before
	SnapshotEvery uint64 // take a snapshot after that many applied entries; 0 for never
}

// Host drives one node. It is not safe for use by several goroutines at once.
type Host struct {
	cfg     raft.Config
	opt     Options
	node    *raft.Node
	machine machine.StateMachine
	env     Env

	now      raft.Time
	events   uint64 // the N of the last event
	queue    []raft.Input
	out      raft.Output
	requests map[raft.Ref]request
	writes   []write
	saving   raft.Index // the snapshot under way; 0 for none
	arriving arriving   // a snapshot on its way in
	wake     raft.Time
	broken   bool
	applying raft.Index // the entry that the machine has just now; 0 for none
}

// request is what somebody asked of the node and has not been answered.
type request struct {
	event trace.EventID
	kind  raft.InputKind
	query []byte // of a read
}

// write remembers what a write under way will have saved.
type write struct {
	id    raft.WriteID
	cause raft.Ref
	term  raft.Term
	vote  raft.NodeID
	last  raft.Mark
}

// New gives a host for a node that goes on from an image. snapshot is the bytes of the image's
// snapshot, and m an empty machine. Nothing happens before Start.
func New(cfg raft.Config, opt Options, im raft.Image, snapshot []byte, m machine.StateMachine,
	env Env) (*Host, error) {
	node, err := raft.New(cfg, im)
	if err != nil {
		return nil, err
	}
	if im.Snapshot.Index > 0 {
		if err := m.Restore(snapshot); err != nil {
			return nil, say.Errorf("loading the snapshot at %d: %w", im.Snapshot.Index, err)
		}
	}
	return &Host{cfg: cfg, opt: opt, node: node, machine: m, env: env,
		requests: map[raft.Ref]request{}}, nil
}

// Start records that the node has started, with all that it had saved, and takes the first step.
func (h *Host) Start(now raft.Time, im *raft.Image) {
	h.now = now
	h.record(trace.EventID{}, trace.Started{
		Restart: h.opt.Restart, Store: h.opt.Store, Machine: h.machine.Name(),
		Members: h.cfg.Members, Term: im.Term, Vote: im.Vote, Base: im.Base, Runs: Runs(im),
		Snapshot: im.Snapshot})
	h.Do(now)
}

// Runs gives an image's log as runs of one term.
func Runs(im *raft.Image) []trace.Run {
	var runs []trace.Run
	m := im.Base
	for _, e := range im.Entries {
		m = m.After(e)
		if k := len(runs); k == 0 || runs[k-1].Term != e.Term {
			runs = append(runs, trace.Run{From: e.Index, Term: e.Term})
		}
		r := &runs[len(runs)-1]
		r.To, r.Digest, r.Pos = e.Index, m.Digest, m.Pos
	}
	return runs
}

// Clone copies a host at rest, for an environment of its own.
func (h *Host) Clone(env Env) *Host {
	c := *h
	c.node, c.machine, c.env = h.node.Clone(), h.machine.Clone(), env
	c.queue, c.writes = slices.Clone(h.queue), slices.Clone(h.writes)
	c.requests, c.arriving = maps.Clone(h.requests), h.arriving.clone()
	c.out = raft.Output{}
	return &c
}

// Node gives the node, to be read.
func (h *Host) Node() *raft.Node { return h.node }

// Machine gives the state machine, to be read.
func (h *Host) Machine() machine.StateMachine { return h.machine }

// Wake gives the next moment at which Do must be called though nothing else happens.
func (h *Host) Wake() raft.Time { return h.wake }

// Events gives the number of the last event.
func (h *Host) Events() uint64 { return h.events }

// record numbers an event and hands it on.
func (h *Host) record(cause trace.EventID, body trace.Body) trace.EventID {
	h.events++
	id := trace.EventID{Node: h.cfg.ID, Boot: h.cfg.Boot, N: h.events}
	h.env.Record(trace.Event{ID: id, Cause: cause, At: h.now, Body: body})
	return id
}

// own gives the id of one of this node's events.
func (h *Host) own(ref raft.Ref) trace.EventID {
	if ref == 0 {
		return trace.EventID{}
	}
	return trace.EventID{Node: h.cfg.ID, Boot: h.cfg.Boot, N: uint64(ref)}
}

// Deliver takes a message; cp counts its duplicates. Do follows.
func (h *Host) Deliver(now raft.Time, m raft.Message, cp uint32) {
	h.now = now
	msg := trace.EventID{Node: m.From, Boot: m.FromBoot, N: m.ID}
	id := h.record(msg, trace.Delivered{Msg: msg, Copy: cp})
	h.queue = append(h.queue, h.received(raft.Ref(id.N), m))
}

// Request takes a client's request: a command for the machine, and what it says for people.
// request names the client's event, or nothing when nobody saw the client. Do follows.
func (h *Host) Request(now raft.Time, from trace.EventID, op, key, value string,
	command []byte) raft.Ref {
	return h.ask(now, from, op, key, value, raft.Input{Kind: raft.InputPropose, Data: command}, nil)
}

// Read takes a client's linearizable read: a query for the machine, which is answered when the node
// has proven that nothing newer was acknowledged. Do follows.
func (h *Host) Read(now raft.Time, from trace.EventID, op, key string, query []byte) raft.Ref {
	return h.ask(now, from, op, key, "", raft.Input{Kind: raft.InputRead}, query)
}

// Transfer takes the wish that a server, or whoever is best (0), leads. Do follows.
func (h *Host) Transfer(now raft.Time, from trace.EventID, to raft.NodeID) raft.Ref {
	return h.ask(now, from, "transfer", to.String(), "",
		raft.Input{Kind: raft.InputTransfer, Peer: to}, nil)
}

// Change takes the wish for another configuration. Do follows.
func (h *Host) Change(now raft.Time, from trace.EventID, c raft.Change) raft.Ref {
	return h.ask(now, from, "change", "", ChangeText(&c),
		raft.Input{Kind: raft.InputChange, Change: &c}, nil)
}

// ChangeText says a change for people: +S4 gets a vote, ~S4 becomes a learner, -S1 leaves.
func ChangeText(c *raft.Change) string {
	var b []byte
	for i, ids := range [...][]raft.NodeID{c.Vote, c.Learn, c.Remove} {
		for _, id := range ids {
			if len(b) > 0 {
				b = append(b, ' ')
			}
			b = append(b, "+~-"[i])
			b = append(b, id.String()...)
		}
	}
	return string(b)
}

// ask records what somebody wants and passes it on.
func (h *Host) ask(now raft.Time, from trace.EventID, op, key, value string, in raft.Input,
	query []byte) raft.Ref {
	h.now = now
	id := h.record(from, trace.Requested{Request: from, Op: op, Key: key, Value: value})
	in.Ref = raft.Ref(id.N)
	if from.None() {
		from = id
	}
	h.requests[in.Ref] = request{from, in.Kind, query}
	h.queue = append(h.queue, in)
	return in.Ref
}

// Campaign makes the node stand for election, as cause asks. Do follows.
func (h *Host) Campaign(cause raft.Ref) { h.queue = append(h.queue, raft.Campaign(cause)) }

// StepDown makes the node give up leadership, before its host stops. Do follows.
func (h *Host) StepDown() { h.queue = append(h.queue, raft.Input{Kind: raft.InputStepDown}) }

// Saved says that all writes up to id are durable. Do follows.
func (h *Host) Saved(now raft.Time, id raft.WriteID) {
	h.now = now
	k := 0
	for k < len(h.writes) && h.writes[k].id <= id {
		k++
	}
	if k == 0 {
		return
	}
	w := h.writes[k-1]
	h.writes = append(h.writes[:0], h.writes[k:]...)
	ev := h.record(h.own(w.cause),
		trace.Saved{Write: w.id, Term: w.term, Vote: w.vote, Last: w.last})
	h.queue = append(h.queue, raft.Saved(raft.Ref(ev.N), w.id))
}

// SaveFailed says that a write failed: the node stops. Do follows.
func (h *Host) SaveFailed(now raft.Time, id raft.WriteID, err string) {
	h.now = now
	ev := h.record(trace.EventID{}, trace.SaveFailed{Write: id, Err: err})
	h.queue = append(h.queue, raft.Input{Kind: raft.InputSaveFailed, Ref: raft.Ref(ev.N), Write: id,
		Err: err})
}

// Snapshotted says that a snapshot of the machine is durable. Do follows.
func (h *Host) Snapshotted(now raft.Time, ref raft.SnapshotRef) {
	h.now, h.saving = now, 0
	h.queue = append(h.queue, raft.Snapshotted(ref))
}

// SnapshotFailed says that a snapshot of the machine could not be saved; it will be tried again.
func (h *Host) SnapshotFailed() { h.saving = 0 }

// Fetched says that a piece of a snapshot was read. Do follows.
func (h *Host) Fetched(now raft.Time, c raft.Chunk) {
	h.now = now
	h.queue = append(h.queue, raft.Fetched(c))
}

// Do steps the node with all that has come and carries out what it asks for.
func (h *Host) Do(now raft.Time) {
	if h.broken {
		return
	}
	defer h.catch()
	h.now = now
	for again := true; again; {
		h.node.Step(now, h.queue, &h.out)
		clear(h.queue)
		h.queue = h.queue[:0]
		again = h.carryOut()
	}
	if !h.broken { // by what it was asked to do
		h.wake = h.out.Wake
	}
}

// catch turns a broken invariant into an event: a broken node is shown, and the others go on. The
// same becomes of a machine that panics on an entry: nothing behind it can be applied here.
func (h *Host) catch() {
	p := recover()
	if p == nil {
		return
	}
	b, ok := p.(raft.Broken)
	switch {
	case ok:
	case h.applying != 0:
		b = raft.Broken{Node: h.cfg.ID, What: say.Textf("its state machine failed at entry %d: %s",
			h.applying, reasonOf(p))}
	default:
		panic(p)
	}
	h.breakDown(b)
}

// reasonOf gives what a panic says.
func reasonOf(p any) string {
	switch v := p.(type) {
	case error:
		return v.Error()
	case string:
		return v
	}
	return "it panicked"
}

func (h *Host) breakDown(b raft.Broken) {
	h.broken, h.wake = true, 1<<62
	h.env.Broken(b)
}

// carryOut does what a step asked for; it reports whether the node must be stepped again at once.
func (h *Host) carryOut() (again bool) {
	for i := range h.out.Notes {
		n := &h.out.Notes[i]
		h.record(h.own(n.Cause), trace.Decided{Note: *n})
	}
	if w := &h.out.Save; w.ID != 0 {
		st := h.node.Status()
		h.writes = append(h.writes, write{w.ID, w.Cause, w.Term, w.Vote, st.Last})
		h.arriving.took(w)
		h.env.Save(*w)
	}
	for i := range h.out.Send {
		h.send(h.out.Send[i])
	}
	results := h.apply()
	for i := range h.out.Answers {
		h.answer(&h.out.Answers[i], results)
	}
	for _, c := range h.out.Fetch {
		h.env.Fetch(c)
	}
	if h.out.Install != nil {
		return h.install(*h.out.Install)
	}
	return false
}

// send stamps a message with the number of its Sent and hands it to the carrier.
func (h *Host) send(m raft.Message) {
	m.ID = h.events + 1
	due := h.env.Send(m)
	cut, bytes := trace.Cut(m)
	h.record(h.own(m.Cause), trace.Sent{Message: cut, Bytes: bytes, Due: due})
}

// apply gives the machine its entries and collects the results, in the order of the entries.
func (h *Host) apply() (results [][]byte) {
	es := h.out.Apply
	if len(es) == 0 {
		return nil
	}
	results = make([][]byte, len(es))
	for i := range es {
		h.applying = es[i].Index
		results[i] = h.machine.Apply(es[i])
	}
	h.applying = 0
	last := es[len(es)-1].Index
	ref, data := h.snapshotDue(last)
	ev := h.record(trace.EventID{}, trace.Applied{From: es[0].Index, To: last, CRC: ref.CRC})
	h.queue = append(h.queue, raft.Applied(raft.Ref(ev.N), last))
	if ref.Index != 0 {
		h.saving = last
		h.env.SaveSnapshot(ref, data)
	}
	return results
}

// snapshotDue takes a snapshot of the machine when enough was applied since the last one.
func (h *Host) snapshotDue(applied raft.Index) (ref raft.SnapshotRef, data []byte) {
	newest := h.node.Status().Snapshot.Index
	if h.opt.SnapshotEvery == 0 || h.saving != 0 || uint64(applied-newest) < h.opt.SnapshotEvery {
		return ref, nil
	}
	mark, ok := h.node.MarkAt(applied)
	if !ok {
		return ref, nil
	}
	data = h.machine.Snapshot()
	return raft.SnapshotRef{Mark: mark, Size: uint64(len(data)),
		CRC:    crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)),
		Config: h.node.ConfigAt(applied)}, data
}

func (h *Host) answer(a *raft.Answer, results [][]byte) {
	r := h.requests[a.Ref]
	delete(h.requests, a.Ref)
	var result []byte
	switch {
	case a.Outcome != raft.OutcomeOK:
	case r.kind == raft.InputPropose && (len(results) == 0 || a.Index < h.out.Apply[0].Index ||
		a.Index-h.out.Apply[0].Index >= raft.Index(len(results))):
		panic(raft.Broken{Node: h.cfg.ID, What: say.Textf("it answers for entry %d, which is not "+
			"applied now", a.Index)})
	case r.kind == raft.InputPropose:
		result = results[a.Index-h.out.Apply[0].Index]
	case r.kind == raft.InputRead:
		result = h.machine.Read(r.query)
	}
	body := trace.Answered{Request: r.event, Outcome: a.Outcome, Why: a.Why, Leader: a.Leader,
		Index: a.Index, Term: a.Term}
	body.Due = h.env.Answer(a.Ref, body, result)
	h.record(h.own(a.Ref), body)
}

// install gives the machine a snapshot that came from the leader and is durable here.
func (h *Host) install(ref raft.SnapshotRef) (again bool) {
	data, err := h.env.Load(ref)
	if err == nil {
		err = h.machine.Restore(data)
	}
	if err != nil {
		h.breakDown(raft.Broken{Node: h.cfg.ID,
			What: say.Textf("the snapshot at %d that it has saved cannot be loaded: %v",
				ref.Index, err)})
		return false
	}
	h.record(trace.EventID{}, trace.Loaded{Snapshot: ref})
	h.queue = append(h.queue, raft.Installed(ref))
	return true
}
