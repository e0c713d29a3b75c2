package raft_test

import (
	"flag"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files instead of comparing")

const ms = raft.Millisecond

// rig is a few servers on a table: nothing moves unless it is told to. A message lies on the wire
// until it is delivered or dropped, a write waits until it is saved.
type rig struct {
	t       testing.TB
	n       int
	now     raft.Time
	adjust  func(*raft.Config)
	members []*member
	wire    []raft.Message
	kept    []raft.Message // held up on their way
}

// member is one server with its disk.
type member struct {
	cfg       raft.Config
	node      *raft.Node // nil while it is down
	image     raft.Image
	pending   []raft.Write
	snapshots map[raft.SnapshotRef][]byte
	part      []byte
	out       raft.Output
	// cannotRead says that its machine can be restored from no snapshot.
	cannotRead bool

	// What came out since the last call of take.
	notes   []raft.Note
	sent    []raft.Message
	answers []raft.Answer
	applied []raft.Entry
}

// newRig starts n servers. adjust may change their configuration.
func newRig(t testing.TB, n int, adjust func(*raft.Config)) *rig {
	r := &rig{t: t, n: n, adjust: adjust}
	for i := range n {
		r.members = append(r.members, &member{snapshots: map[raft.SnapshotRef][]byte{}})
		r.start(raft.NodeID(i + 1))
	}
	return r
}

func (r *rig) m(id raft.NodeID) *member { return r.members[id-1] }

// start begins a new incarnation from what is saved.
func (r *rig) start(id raft.NodeID) {
	r.t.Helper()
	m := r.m(id)
	boot := m.cfg.Boot + 1
	m.cfg = raft.DefaultConfig()
	m.cfg.Group, m.cfg.ID, m.cfg.Boot, m.cfg.Seed = 7, id, boot, 1
	for i := range r.n {
		m.cfg.Members = append(m.cfg.Members, raft.NodeID(i+1))
	}
	m.cfg.ChunkSize, m.cfg.Trailing = 4, 0
	if r.adjust != nil {
		r.adjust(&m.cfg)
	}
	m.pending, m.part = nil, nil
	im := m.image
	im.Entries = slices.Clone(im.Entries)
	var err error
	if m.node, err = raft.New(m.cfg, im); err != nil {
		r.t.Fatal(err)
	}
}

// step gives inputs to a server, and carries out what can be done at once.
func (r *rig) step(id raft.NodeID, in ...raft.Input) *member {
	m := r.m(id)
	if m.node == nil {
		return m
	}
	if m.cannotRead {
		unreadable(in)
	}
	m.node.Step(r.now, in, &m.out)
	o := &m.out
	m.notes = append(m.notes, o.Notes...)
	m.answers = append(m.answers, o.Answers...)
	m.applied = append(m.applied, o.Apply...)
	for _, msg := range o.Send {
		m.sent, r.wire = append(m.sent, msg), append(r.wire, msg)
	}
	if o.Save.ID != 0 {
		m.pending = append(m.pending, o.Save)
	}
	var next []raft.Input
	if k := len(o.Apply); k > 0 {
		next = append(next, raft.Applied(0, o.Apply[k-1].Index))
	}
	for _, f := range o.Fetch {
		next = append(next, m.read(f))
	}
	if o.Install != nil {
		next = append(next, raft.Installed(*o.Install))
	}
	if len(next) > 0 {
		r.step(id, next...)
	}
	return m
}

// unreadable makes inputs those of a machine that can be restored from no snapshot.
func unreadable(in []raft.Input) {
	for i := range in {
		if b, ok := in[i].Message.Body.(*raft.InstallSnapshot); ok && b.Done {
			in[i] = raft.Unreadable(in[i].Ref, in[i].Message, "it makes no sense")
		}
	}
}

func (m *member) read(f raft.ChunkRef) raft.Input {
	c := raft.Chunk{ChunkRef: f, Gone: true}
	if data, ok := m.snapshots[f.Snapshot]; ok {
		c.Data, c.Gone = data[f.Offset:f.Offset+f.Size], false
	}
	return raft.Fetched(c)
}

// save makes the oldest write durable; false if there is none.
func (r *rig) save(id raft.NodeID) bool {
	m := r.m(id)
	if len(m.pending) == 0 {
		return false
	}
	w := m.pending[0]
	m.pending = m.pending[1:]
	if w.Chunk != nil {
		if w.Chunk.Offset == 0 {
			m.part = nil
		}
		m.part = append(m.part, w.Chunk.Data...)
	}
	if w.Finish != nil {
		m.snapshots[w.Finish.Snapshot] = m.part
	}
	m.image.Save(&w)
	r.step(id, raft.Saved(0, w.ID))
	return true
}

// saveAll makes all writes of all servers durable.
func (r *rig) saveAll() {
	for i := range r.members {
		for r.save(raft.NodeID(i + 1)) {
		}
	}
}

// deliver gives the first message from one server to another to its addressee; false if there is
// none on the wire.
func (r *rig) deliver(from, to raft.NodeID) bool {
	i := r.first(from, to)
	if i < 0 {
		return false
	}
	msg := r.wire[i]
	r.wire = slices.Delete(r.wire, i, i+1)
	r.step(to, raft.Receive(0, msg))
	return true
}

// first finds the first message from one server to another; -1 for none.
func (r *rig) first(from, to raft.NodeID) int {
	return slices.IndexFunc(r.wire, func(m raft.Message) bool {
		return m.From == from && m.To == to
	})
}

// drop lets the messages from one server to another die; 0 is any.
func (r *rig) drop(from, to raft.NodeID) {
	r.wire = slices.DeleteFunc(r.wire, func(m raft.Message) bool {
		return (from == 0 || m.From == from) && (to == 0 || m.To == to)
	})
}

// settle delivers and saves all until nothing is left to do. Messages of those in apart do not
// pass.
func (r *rig) settle(apart ...raft.NodeID) {
	r.t.Helper()
	for range 1000 {
		for _, id := range apart {
			r.drop(id, 0)
			r.drop(0, id)
		}
		r.saveAll()
		if len(r.wire) == 0 {
			return
		}
		msg := r.wire[0]
		r.wire = r.wire[1:]
		r.step(msg.To, raft.Receive(0, msg))
	}
	r.t.Fatal("the servers do not come to rest")
}

// crash ends a server; what was not saved is lost.
func (r *rig) crash(id raft.NodeID) { r.m(id).node, r.m(id).pending = nil, nil }

// restart begins a server anew with what it had saved.
func (r *rig) restart(id raft.NodeID) { r.crash(id); r.start(id) }

// wait lets time pass for one server.
func (r *rig) wait(id raft.NodeID, span raft.Time) {
	r.now += span
	r.step(id, raft.Wake())
}

// lead makes a server the leader, with the others' help.
func (r *rig) lead(id raft.NodeID, apart ...raft.NodeID) {
	r.t.Helper()
	r.step(id, raft.Campaign(0))
	r.settle(apart...)
	if s := r.m(id).node.Status(); s.Role != raft.Leader {
		r.t.Fatalf("%v does not lead: %+v", id, s)
	}
}

// propose gives a command to a server.
func (r *rig) propose(id raft.NodeID, data string) *member {
	return r.step(id, raft.Propose(9, []byte(data)))
}

// snapshot makes a server save a snapshot of all that it has applied.
func (r *rig) snapshot(id raft.NodeID, data string) raft.SnapshotRef {
	r.t.Helper()
	m := r.m(id)
	mark, ok := m.node.MarkAt(m.node.Status().Applied)
	if !ok {
		r.t.Fatalf("%v has no mark at %d", id, m.node.Status().Applied)
	}
	ref := raft.SnapshotRef{Mark: mark, Size: uint64(len(data)),
		CRC: crc32.ChecksumIEEE([]byte(data)), Config: m.node.ConfigAt(mark.Index)}
	m.snapshots[ref] = []byte(data)
	m.image.Snapshot = ref
	r.step(id, raft.Snapshotted(ref))
	return ref
}

// take gives what came out of a server since the last call, and forgets it.
func (r *rig) take(id raft.NodeID) member {
	m := r.m(id)
	was := *m
	m.notes, m.sent, m.answers, m.applied = nil, nil, nil, nil
	return was
}

// has finds the newest note of a kind.
func (m *member) has(kind raft.NoteKind) (raft.Note, bool) {
	for _, n := range slices.Backward(m.notes) {
		if n.Kind == kind {
			return n, true
		}
	}
	return raft.Note{}, false
}

// want fails unless a note of a kind with a reason came out.
func (m *member) want(t testing.TB, kind raft.NoteKind, why raft.Reason) raft.Note {
	t.Helper()
	for _, n := range slices.Backward(m.notes) {
		if n.Kind == kind && n.Why == why {
			return n
		}
	}
	t.Fatalf("%v: no note %v (%v) among:\n%s", m.cfg.ID, kind, why, showNotes(m.notes))
	return raft.Note{}
}

// body gives the newest message of a type that left.
func body[B raft.Body](t testing.TB, m member) (B, raft.Message) {
	t.Helper()
	for _, msg := range slices.Backward(m.sent) {
		if b, ok := msg.Body.(B); ok {
			return b, msg
		}
	}
	var none B
	t.Fatalf("%v sent no %T", m.cfg.ID, none)
	return none, raft.Message{}
}

// none fails if a message of a type left.
func none[B raft.Body](t testing.TB, m member, why string) {
	t.Helper()
	for _, msg := range m.sent {
		if b, ok := msg.Body.(B); ok {
			t.Fatalf("%v sent %+v %s", m.cfg.ID, b, why)
		}
	}
}

// receive gives a server a message that nobody has sent.
func (r *rig) receive(from, to raft.NodeID, term raft.Term, b raft.Body) member {
	r.take(to)
	r.step(to, raft.Receive(5, raft.Message{ID: 1, Group: 7, From: from, FromBoot: 1, To: to,
		ToBoot: r.m(to).cfg.Boot, Term: term, Body: r.fitted(to, b)}))
	return r.take(to)
}

// fitted gives a body written by hand as a leader would send it that has what the server has: the
// bodies of its entries lie one behind the other, and a snapshot's mark is that of the log.
func (r *rig) fitted(to raft.NodeID, b raft.Body) raft.Body {
	n := r.m(to).node
	switch b := b.(type) {
	case *raft.AppendEntries:
		c := *b
		c.Entries = slices.Clone(b.Entries)
		m, _ := n.MarkAt(b.PrevIndex)
		for i := range c.Entries {
			c.Entries[i].Pos, m.Pos = m.Pos, m.Pos+uint64(len(c.Entries[i].Data))
		}
		return &c
	case *raft.InstallSnapshot:
		if m, _ := n.MarkAt(b.Snapshot.Index); m.Term == b.Snapshot.Term {
			c := *b
			c.Snapshot.Mark = m
			return &c
		}
	}
	return b
}

// entries makes commands of the given terms, from an index on.
func entries(from raft.Index, terms ...raft.Term) (es []raft.Entry) {
	for i, t := range terms {
		es = append(es, raft.Entry{Index: from + raft.Index(i), Term: t, Kind: raft.EntryNoop})
	}
	return es
}

// image gives what a server had saved: a term, a vote, and a log of entries of the given terms.
func image(term raft.Term, vote raft.NodeID, terms ...raft.Term) raft.Image {
	return raft.Image{Term: term, Vote: vote, Entries: entries(1, terms...)}
}

// with gives a rig in which a server has saved something.
func with(t testing.TB, n int, id raft.NodeID, im raft.Image, adjust ...func(*raft.Config)) *rig {
	t.Helper()
	r := newRig(t, n, func(c *raft.Config) {
		for _, f := range adjust {
			f(c)
		}
	})
	r.m(id).image = im
	r.restart(id)
	return r
}

// terms gives the terms of a server's log.
func (r *rig) terms(id raft.NodeID) (ts []raft.Term) {
	n := r.m(id).node
	s := n.Status()
	for i := s.Base.Index + 1; i <= s.Last.Index; i++ {
		m, _ := n.MarkAt(i)
		ts = append(ts, m.Term)
	}
	return ts
}

func showNotes(notes []raft.Note) string {
	var b strings.Builder
	for i := range notes {
		b.WriteString("  " + showNote(&notes[i]) + "\n")
	}
	return b.String()
}

// showNote says a note in one line, with the fields that its kind uses.
func showNote(n *raft.Note) string {
	var b strings.Builder
	b.WriteString(n.Kind.String())
	f := n.Kind.Fields()
	field := func(bit raft.NoteField, name string, zero bool, v any) {
		if f&bit != 0 && !zero {
			fmt.Fprintf(&b, " %s=%v", name, v)
		}
	}
	field(raft.FieldPre, "pre", !n.Pre, n.Pre)
	field(raft.FieldTerm, "term", false, n.Term)
	field(raft.FieldPeer, "peer", n.Peer == 0, n.Peer)
	field(raft.FieldIndex, "index", false, n.Index)
	field(raft.FieldLogTerm, "logTerm", false, n.LogTerm)
	field(raft.FieldFrom, "from", false, n.From)
	field(raft.FieldTo, "to", false, n.To)
	field(raft.FieldCount, "count", n.Count == 0, n.Count)
	field(raft.FieldState, "state", false, n.State)
	field(raft.FieldMatch, "match", false, n.Match)
	field(raft.FieldNext, "next", false, n.Next)
	field(raft.FieldOffset, "offset", false, n.Offset)
	field(raft.FieldSize, "size", false, n.Size)
	field(raft.FieldRound, "round", n.Round == 0, n.Round)
	if f&raft.FieldConfig != 0 {
		b.WriteString(" " + showConfig(n.Config))
	}
	if n.Why != raft.WhyNone && f&raft.FieldWhy != 0 {
		fmt.Fprintf(&b, ": %s", n.Why.Name())
	}
	return b.String()
}

// showConfig says a configuration: voters, then the outgoing ones, then learners.
func showConfig(p raft.Packed) string {
	c, err := p.Unpack()
	if err != nil {
		return "unreadable"
	}
	text := fmt.Sprintf("voters=%v", c.Voters)
	if c.Joint() {
		text += fmt.Sprintf(" outgoing=%v", c.Outgoing)
	}
	if len(c.Learners) > 0 {
		text += fmt.Sprintf(" learners=%v", c.Learners)
	}
	return text
}
