// Package storetest is the suite that every store passes, and the plain model that it is held to.
package storetest

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
)

// Step is one call of a store: a Write of Writes, or with Save a SaveSnapshot.
type Step struct {
	Writes []raft.Write
	Save   *raft.SnapshotRef
	Data   []byte // the bytes of the snapshot that is saved, or finished by the writes
}

// Do makes the call.
func (s *Step) Do(st store.Store) error {
	if s.Save != nil {
		return st.SaveSnapshot(*s.Save, s.Data)
	}
	return st.Write(s.Writes)
}

// String says in short what the step does.
func (s *Step) String() string {
	if s.Save != nil {
		return fmt.Sprintf("save snapshot %d", s.Save.Index)
	}
	text := "write:"
	for i := range s.Writes {
		w := &s.Writes[i]
		if w.HardState {
			text += fmt.Sprintf(" term %d vote %d", w.Term, w.Vote)
		}
		if w.TruncateFrom > 0 {
			text += fmt.Sprintf(" cut from %d", w.TruncateFrom)
		}
		if n := len(w.Entries); n > 0 {
			text += fmt.Sprintf(" entries %d-%d", w.Entries[0].Index, w.Entries[n-1].Index)
		}
		if w.Chunk != nil {
			text += fmt.Sprintf(" chunk %d+%d", w.Chunk.Offset, len(w.Chunk.Data))
		}
		if w.Finish != nil {
			text += fmt.Sprintf(" finish %d keep %v", w.Finish.Snapshot.Index, w.Finish.KeepLog)
		}
		if w.CompactTo.Index > 0 {
			text += fmt.Sprintf(" compact to %d", w.CompactTo.Index)
		}
		text += ";"
	}
	return text
}

// Held is a snapshot with its bytes.
type Held struct {
	Ref  raft.SnapshotRef
	Data []byte
}

// Model is what a store should have saved. It takes only what is allowed.
type Model struct {
	Term    raft.Term
	Vote    raft.NodeID
	Doubt   bool
	Base    raft.Mark
	Entries []raft.Entry
	Snaps   []Held // oldest first, at most two
}

// Clone copies the model.
func (m *Model) Clone() *Model {
	c := *m
	c.Entries, c.Snaps = slices.Clone(m.Entries), slices.Clone(m.Snaps)
	return &c
}

// Image gives what Load should give.
func (m *Model) Image() raft.Image {
	im := raft.Image{Term: m.Term, Vote: m.Vote, Doubtful: m.Doubt, Base: m.Base,
		Entries: slices.Clone(m.Entries)}
	if k := len(m.Snaps); k > 0 {
		im.Snapshot = m.Snaps[k-1].Ref
	}
	return im
}

// Mark gives the mark behind an index between the base and the last entry.
func (m *Model) Mark(i raft.Index) raft.Mark {
	at := m.Base
	for _, e := range m.Entries[:i-m.Base.Index] {
		at = at.After(e)
	}
	return at
}

// Last gives the last index.
func (m *Model) Last() raft.Index { return m.Base.Index + raft.Index(len(m.Entries)) }

// Apply carries a step out.
func (m *Model) Apply(s *Step) {
	if s.Save != nil {
		m.keep(Held{*s.Save, s.Data})
		return
	}
	for i := range s.Writes {
		w := &s.Writes[i]
		if w.HardState {
			m.Term, m.Vote, m.Doubt = w.Term, w.Vote, w.Doubtful
		}
		if w.TruncateFrom > 0 {
			m.Entries = slices.Clone(m.Entries[:w.TruncateFrom-m.Base.Index-1])
		}
		m.Entries = append(m.Entries, w.Entries...)
		if f := w.Finish; f != nil {
			m.keep(Held{f.Snapshot, s.Data})
			if f.KeepLog {
				m.compact(f.Snapshot.Mark)
			} else {
				m.Base, m.Entries = f.Snapshot.Mark, nil
			}
		}
		m.compact(w.CompactTo)
	}
}

func (m *Model) compact(to raft.Mark) {
	if to.Index > m.Base.Index {
		m.Entries = slices.Clone(m.Entries[to.Index-m.Base.Index:])
		m.Base = to
	}
}

func (m *Model) keep(h Held) {
	m.Snaps = slices.DeleteFunc(slices.Clone(m.Snaps), func(o Held) bool {
		return o.Ref.Index == h.Ref.Index
	})
	m.Snaps = append(m.Snaps, h)
	slices.SortFunc(m.Snaps, func(a, b Held) int { return int(a.Ref.Index) - int(b.Ref.Index) })
	m.Snaps = m.Snaps[max(0, len(m.Snaps)-2):]
}

// Differ says where an image is not what was wanted; "" if it is.
func Differ(want, got raft.Image) string {
	switch {
	case want.Doubtful && !got.Doubtful:
		return "it is in doubt no more, and nobody said so"
	case want.Term != got.Term || want.Vote != got.Vote:
		return fmt.Sprintf("term %d vote %d, want %d and %d", got.Term, got.Vote, want.Term,
			want.Vote)
	case want.Base != got.Base:
		return fmt.Sprintf("base %+v, want %+v", got.Base, want.Base)
	case want.Snapshot != got.Snapshot:
		return fmt.Sprintf("snapshot %+v, want %+v", got.Snapshot, want.Snapshot)
	case len(want.Entries) != len(got.Entries):
		return fmt.Sprintf("%d entries behind %d, want %d", len(got.Entries), got.Base.Index,
			len(want.Entries))
	}
	for i, e := range want.Entries {
		g := got.Entries[i]
		if e.Index != g.Index || e.Term != g.Term || e.Kind != g.Kind || e.Pos != g.Pos ||
			!bytes.Equal(e.Data, g.Data) {
			return fmt.Sprintf("entry %+v, want %+v", g, e)
		}
	}
	return ""
}

// Ref names a snapshot's bytes, with a configuration that goes with the place.
func Ref(at raft.Mark, data []byte) raft.SnapshotRef {
	conf := raft.Configuration{Voters: []raft.NodeID{1, 2, 3 + raft.NodeID(at.Index%7)}}
	return raft.SnapshotRef{Mark: at, Size: uint64(len(data)),
		CRC: crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)), Config: conf.Pack()}
}

// Entries makes n entries behind a mark.
func Entries(behind raft.Mark, term raft.Term, n int, body func(i int) []byte) []raft.Entry {
	var es []raft.Entry
	for i := range n {
		e := raft.Entry{Index: behind.Index + 1, Term: term, Kind: raft.EntryKind(i % 2),
			Pos: behind.Pos, Data: body(i)}
		es, behind = append(es, e), behind.After(e)
	}
	return es
}

// Generator makes steps that a store must take, by chance, each fitting what Model says is saved.
// Whoever uses it applies each step to Model once it is done.
type Generator struct {
	Model *Model
	rng   *rand.Rand
	id    raft.WriteID
	queue []Step
}

// NewGenerator gives a generator that goes on from a model.
func NewGenerator(seed uint64, m *Model) *Generator {
	return &Generator{Model: m, rng: rand.New(rand.NewPCG(seed, 0x73746f72))}
}

// Next gives the next step.
func (g *Generator) Next() Step {
	if len(g.queue) > 0 {
		s := g.queue[0]
		g.queue = g.queue[1:]
		return s
	}
	switch k := g.rng.IntN(20); {
	case k == 0 && g.Model.Last() > g.Model.Base.Index:
		return g.own()
	case k == 1:
		return g.incoming()
	case k == 2:
		return g.compact()
	}
	return g.log()
}

// log gives a batch of writes with term, vote, cuts and entries.
func (g *Generator) log() Step {
	m, s := g.Model.Clone(), Step{}
	for range 1 + g.rng.IntN(3) {
		g.id++
		w := raft.Write{ID: g.id, Term: m.Term, Vote: m.Vote, Doubtful: m.Doubt}
		if m.Term == 0 || g.rng.IntN(4) == 0 {
			w.Term, w.Vote, w.HardState = m.Term+1, raft.NodeID(g.rng.IntN(4)), true
			w.Doubtful = g.rng.IntN(3) == 0
		}
		floor := max(m.Base.Index, m.Image().Snapshot.Index)
		if m.Last() > floor && g.rng.IntN(4) == 0 {
			w.TruncateFrom = floor + 1 + raft.Index(g.rng.IntN(int(m.Last()-floor)))
			m.Apply(&Step{Writes: []raft.Write{{TruncateFrom: w.TruncateFrom}}})
		}
		if g.rng.IntN(5) > 0 {
			w.Entries = Entries(m.Mark(m.Last()), w.Term, g.rng.IntN(5), func(int) []byte {
				return g.bytes(g.rng.IntN(200))
			})
		}
		m.Apply(&Step{Writes: []raft.Write{w}})
		s.Writes = append(s.Writes, w)
	}
	return s
}

// own gives a snapshot of the node's own machine.
func (g *Generator) own() Step {
	m := g.Model
	at := m.Base.Index + 1 + raft.Index(g.rng.IntN(len(m.Entries)))
	for _, h := range m.Snaps {
		if h.Ref.Index == at { // perhaps a leader's, whose bytes are others here
			return Step{Save: &h.Ref, Data: h.Data}
		}
	}
	data := machine(m.Mark(at))
	ref := Ref(m.Mark(at), data)
	return Step{Save: &ref, Data: data}
}

// machine gives the snapshot of a deterministic machine at a mark: up to 2000 bytes.
func machine(at raft.Mark) []byte {
	rng := rand.New(rand.NewPCG(uint64(at.Digest), uint64(at.Index)))
	data := make([]byte, rng.IntN(2000))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return data
}

// compact gives a compaction below the newest snapshot.
func (g *Generator) compact() Step {
	m := g.Model
	g.id++
	w := raft.Write{ID: g.id}
	if k := len(m.Snaps); k > 0 && m.Snaps[k-1].Ref.Index > m.Base.Index {
		n := int(m.Snaps[k-1].Ref.Index - m.Base.Index)
		w.CompactTo = m.Mark(m.Base.Index + 1 + raft.Index(g.rng.IntN(n)))
	}
	return Step{Writes: []raft.Write{w}}
}

// incoming gives the chunks of a leader's snapshot in some order, some of them twice, and its end.
func (g *Generator) incoming() Step {
	m := g.Model
	data := g.bytes(1 + g.rng.IntN(1500))
	f := &raft.FinishedSave{KeepLog: len(m.Entries) > 0 && g.rng.IntN(2) == 0}
	if f.KeepLog {
		at := m.Base.Index + 1 + raft.Index(g.rng.IntN(len(m.Entries)))
		f.Snapshot = Ref(m.Mark(at), data)
	} else {
		last := m.Mark(m.Last())
		f.Snapshot = Ref(raft.Mark{Index: last.Index + 1 + raft.Index(g.rng.IntN(20)),
			Term: max(m.Term, 1), Pos: last.Pos + 1000, Digest: raft.Digest(g.rng.Uint64())}, data)
	}
	for _, c := range g.chunks(f.Snapshot, data) {
		g.id++
		g.queue = append(g.queue, Step{Writes: []raft.Write{{ID: g.id, Chunk: &c}}})
	}
	g.id++
	end := raft.Write{ID: g.id, Finish: f}
	if m.Term == 0 {
		end.Term, end.HardState = 1, true
	}
	g.queue = append(g.queue, Step{Writes: []raft.Write{end}, Data: data})
	return g.Next()
}

// chunks cuts a snapshot; the first one stays first, as it begins anew.
func (g *Generator) chunks(ref raft.SnapshotRef, data []byte) []raft.Chunk {
	var cs []raft.Chunk
	size := max(1+g.rng.IntN(len(data)), len(data)/8)
	for at := 0; at < len(data); at += size {
		cs = append(cs, raft.Chunk{ChunkRef: raft.ChunkRef{Snapshot: ref, Offset: uint64(at),
			Size: uint64(size)}, Data: data[at:min(at+size, len(data))]})
	}
	rest := cs[1:]
	g.rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	if len(rest) > 0 {
		cs = append(cs, rest[g.rng.IntN(len(rest))])
	}
	return cs
}

func (g *Generator) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.rng.Uint32())
	}
	return b
}
