package store

import (
	"fmt"
	"slices"
	"sync"

	"github.com/raftarium/raftarium/raft"
)

// Memory is a store that lives as long as its process: the reference for what a store does, and
// the choice of those who want speed and accept that a node that stops has lost everything.
type Memory struct {
	mu      sync.Mutex
	err     error // the first failure, or ErrClosed
	state   hardState
	log     tail
	entries []raft.Entry
	snaps   []raft.SnapshotRef // oldest first
	bytes   map[raft.SnapshotRef][]byte
	coming  []pieces
}

// pieces are the chunks of an incoming snapshot, by offset.
type pieces struct {
	ref  raft.SnapshotRef
	data map[uint64][]byte
}

// NewMemory gives an empty store.
func NewMemory() *Memory { return &Memory{bytes: map[raft.SnapshotRef][]byte{}} }

// Kind implements Store.
func (m *Memory) Kind() string { return KindMemory }

// Close implements Store. What was kept is gone.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = ErrClosed
	return nil
}

// Load implements Store.
func (m *Memory) Load() (raft.Image, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return raft.Image{}, m.err
	}
	im := raft.Image{Term: m.state.term, Vote: m.state.vote, Doubtful: m.state.doubtful,
		Base: m.log.base, Entries: slices.Clone(m.entries)}
	if k := len(m.snaps); k > 0 {
		im.Snapshot = m.snaps[k-1]
	}
	return im, nil
}

// Write implements Store.
func (m *Memory) Write(ws []raft.Write) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range ws {
		if m.err != nil {
			return m.err
		}
		if err := m.apply(&ws[i]); err != nil {
			m.err = fmt.Errorf("store: write %d: %w", ws[i].ID, err)
		}
	}
	return m.err
}

// apply carries out one write, in the order of its fields.
func (m *Memory) apply(w *raft.Write) error {
	if w.HardState {
		m.state = hardState{w.Term, w.Vote, w.Doubtful}
	}
	if w.TruncateFrom > 0 {
		if err := m.log.truncate(w.TruncateFrom); err != nil {
			return err
		}
		m.entries = m.entries[:len(m.log.marks)]
		if err := settled(m.snaps, m.log.last().Index); err != nil {
			return err
		}
	}
	for _, e := range w.Entries {
		if err := m.log.append(e); err != nil {
			return err
		}
		m.entries = append(m.entries, e)
	}
	if w.Chunk != nil {
		if err := m.chunk(w.Chunk); err != nil {
			return err
		}
	}
	if w.Finish != nil {
		if err := m.finish(w.Finish); err != nil {
			return err
		}
	}
	return m.compact(w.CompactTo)
}

// compact drops a prefix that a snapshot stands for.
func (m *Memory) compact(to raft.Mark) error {
	if to.Index <= m.log.base.Index {
		return nil
	}
	if err := covered(m.snaps, to.Index); err != nil {
		return err
	}
	n, err := m.log.compact(to)
	m.entries = slices.Delete(m.entries, 0, n)
	return err
}

// chunk puts a piece of an incoming snapshot aside.
func (m *Memory) chunk(c *raft.Chunk) error {
	if err := checkChunk(c); err != nil {
		return err
	}
	i := slices.IndexFunc(m.coming, func(p pieces) bool { return p.ref == c.Snapshot })
	if i >= 0 && c.Offset == 0 {
		m.coming = slices.Delete(m.coming, i, i+1)
		i = -1
	}
	if i < 0 {
		if len(m.coming) == maxIncoming {
			m.coming = slices.Delete(m.coming, 0, 1)
		}
		i = len(m.coming)
		m.coming = append(m.coming, pieces{ref: c.Snapshot, data: map[uint64][]byte{}})
	}
	m.coming[i].data[c.Offset] = c.Data
	return nil
}

// finish makes an incoming snapshot one of the store's.
func (m *Memory) finish(f *raft.FinishedSave) error {
	i := slices.IndexFunc(m.coming, func(p pieces) bool { return p.ref == f.Snapshot })
	if i < 0 {
		return fmt.Errorf("snapshot %d is finished, but no chunk of it came", f.Snapshot.Index)
	}
	data := m.coming[i].join()
	if err := checkSnapshot(f.Snapshot, data); err != nil {
		return err
	}
	n, err := m.log.finish(f)
	if err != nil {
		return err
	}
	m.coming = slices.Delete(m.coming, i, i+1)
	m.entries = slices.Delete(m.entries, 0, n)
	m.keep(f.Snapshot, data)
	return settled(m.snaps, m.log.last().Index)
}

// join lays the pieces together; what never came is zero. It allocates no more than came.
func (p *pieces) join() []byte {
	sum := uint64(0)
	for _, d := range p.data {
		sum += uint64(len(d))
	}
	data := make([]byte, min(sum, p.ref.Size))
	for off, d := range p.data {
		if off < uint64(len(data)) {
			copy(data[off:], d)
		}
	}
	return data
}

// keep adds a snapshot and drops the one that is too many.
func (m *Memory) keep(ref raft.SnapshotRef, data []byte) {
	var gone []raft.SnapshotRef
	m.snaps, gone = keepNewest(m.snaps, ref)
	m.bytes[ref] = data
	for _, g := range gone {
		delete(m.bytes, g)
	}
}

// SaveSnapshot implements Store.
func (m *Memory) SaveSnapshot(ref raft.SnapshotRef, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	if err := m.log.checkOwn(ref, data); err != nil {
		return err
	}
	if err := checkOther(m.snaps, ref); err != nil {
		return err
	}
	m.keep(ref, slices.Clone(data))
	return nil
}

// Snapshot implements Store.
func (m *Memory) Snapshot(ref raft.SnapshotRef) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, m.err
	}
	data, ok := m.bytes[ref]
	if !ok {
		return nil, fmt.Errorf("store: snapshot %d: %w", ref.Index, ErrGone)
	}
	return slices.Clone(data), nil
}

// Chunk implements Store.
func (m *Memory) Chunk(ref raft.ChunkRef) (raft.Chunk, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return raft.Chunk{}, m.err
	}
	data, ok := m.bytes[ref.Snapshot]
	if !ok {
		return raft.Chunk{ChunkRef: ref, Gone: true}, nil
	}
	data = data[min(ref.Offset, uint64(len(data))):]
	data = data[:min(ref.Size, uint64(len(data)))]
	return raft.Chunk{ChunkRef: ref, Data: slices.Clone(data)}, nil
}
