package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
)

// Open opens the store of a directory, which is new or was closed before.
type Open func(t *testing.T, dir string) store.Store

// Run holds a store to its contract.
func Run(t *testing.T, open Open) {
	t.Helper()
	cases := []struct {
		name string
		run  func(h *harness)
	}{
		{"a new store is empty", isEmpty},
		{"appended entries are there", appends},
		{"a cut drops the tail and the log goes on", cuts},
		{"term and vote are those of the last write", hardState},
		{"the order within a batch is kept", batches},
		{"an own snapshot is kept and the log stays", ownSnapshot},
		{"two snapshots are kept", twoSnapshots},
		{"an own snapshot that is not its ref is refused", wrongSnapshot},
		{"chunks come in any order and twice", chunkOrder},
		{"a chunk at offset 0 begins anew", chunkAnew},
		{"several snapshots come in at once", chunkMixed},
		{"a finished snapshot resets the log", finishResets},
		{"a finished snapshot keeps what follows", finishKeeps},
		{"compaction drops the prefix", compacts},
		{"chunks are read as asked for", readsChunks},
		{"what contradicts the log poisons", refuses},
		{"a closed store answers nothing", closed},
		{"random steps agree with the model", random},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := &harness{T: t, open: open, dir: t.TempDir(), model: &Model{}}
			h.st = open(t, h.dir)
			defer h.close()
			c.run(h)
		})
	}
}

// harness is a store beside its model.
type harness struct {
	*testing.T
	open  Open
	dir   string
	st    store.Store
	model *Model
	id    raft.WriteID
}

func (h *harness) close() {
	if err := h.st.Close(); err != nil {
		h.Errorf("closing: %v", err)
	}
}

// do carries a step out, on both.
func (h *harness) do(s Step) {
	h.Helper()
	for i := range s.Writes {
		h.id++
		s.Writes[i].ID = h.id
	}
	if err := s.Do(h.st); err != nil {
		h.Fatalf("%s: %v", &s, err)
	}
	h.model.Apply(&s)
}

// write carries one batch out.
func (h *harness) write(ws ...raft.Write) { h.Helper(); h.do(Step{Writes: ws}) }

// grow appends n entries of a term.
func (h *harness) grow(term raft.Term, n int) {
	h.Helper()
	h.write(raft.Write{Entries: h.next(term, n)})
}

// next makes n entries that follow the log.
func (h *harness) next(term raft.Term, n int) []raft.Entry {
	last := h.model.Mark(h.model.Last())
	return Entries(last, term, n, func(i int) []byte {
		return fmt.Appendf(nil, "body %d of term %d", int(last.Index)+1+i, term)
	})
}

// save saves an own snapshot.
func (h *harness) save(at raft.Index, text string) raft.SnapshotRef {
	h.Helper()
	ref := Ref(h.model.Mark(at), []byte(text))
	h.do(Step{Save: &ref, Data: []byte(text)})
	return ref
}

// check compares, then again after the store was closed and opened.
func (h *harness) check() {
	h.Helper()
	h.same("")
	h.reopen()
	h.same(" after opening it again")
}

// reopen closes and opens; what a memory store had is gone.
func (h *harness) reopen() {
	h.Helper()
	h.close()
	h.st = h.open(h.T, h.dir)
	if h.st.Kind() == store.KindMemory {
		h.model = &Model{}
	}
}

func (h *harness) same(when string) {
	h.Helper()
	if why := Same(h.st, h.model); why != "" {
		h.Fatalf("the store%s: %s", when, why)
	}
}

// Same says where a store is not what a model says, snapshots included; "" if it is.
func Same(st store.Store, m *Model) string {
	im, err := st.Load()
	if err != nil {
		return err.Error()
	}
	if why := Differ(m.Image(), im); why != "" {
		return why
	}
	for _, s := range m.Snaps {
		data, err := st.Snapshot(s.Ref)
		if err != nil {
			return err.Error()
		}
		if !bytes.Equal(data, s.Data) {
			return fmt.Sprintf("snapshot %d has other bytes", s.Ref.Index)
		}
	}
	return ""
}

func isEmpty(h *harness) { h.check() }

func appends(h *harness) {
	h.grow(1, 3)
	h.check()
	h.grow(1, 2)
	h.grow(2, 1)
	h.write(raft.Write{Entries: h.next(2, 0)})
	h.check()
}

func cuts(h *harness) {
	h.grow(1, 5)
	h.write(raft.Write{TruncateFrom: 4})
	h.same("")
	h.write(raft.Write{TruncateFrom: 2, Entries: Entries(h.model.Mark(1), 2, 3,
		func(int) []byte { return []byte("other") })})
	h.check()
	h.grow(3, 4)
	h.write(raft.Write{TruncateFrom: 1})
	h.check()
	h.grow(4, 2)
	h.check()
}

func hardState(h *harness) {
	h.write(raft.Write{Term: 1, Vote: 2, HardState: true})
	h.check()
	h.write(raft.Write{Term: 7, Vote: 9}) // not said to have changed
	h.check()
	h.write(raft.Write{Term: 3, HardState: true}, raft.Write{Term: 4, Vote: 1, HardState: true})
	h.check()
}

func batches(h *harness) {
	first := h.next(1, 4)
	at := raft.Mark{}
	for _, e := range first[:2] {
		at = at.After(e)
	}
	other := Entries(at, 2, 3, func(int) []byte { return []byte("two") })
	h.write(raft.Write{Entries: first, Term: 1, HardState: true},
		raft.Write{TruncateFrom: 3, Entries: other[:1], Term: 2, Vote: 3, HardState: true},
		raft.Write{Entries: other[1:]})
	h.check()
	h.write()
	h.check()
}

func ownSnapshot(h *harness) {
	h.grow(1, 6)
	h.save(4, "four")
	h.check()
	if h.st.Kind() != store.KindMemory {
		ref := h.save(4, "four") // again
		h.grow(2, 1)
		h.check()
		ref.CRC++
		if _, err := h.st.Snapshot(ref); !errors.Is(err, store.ErrGone) {
			h.Errorf("a snapshot that never was: %v", err)
		}
	}
}

func twoSnapshots(h *harness) {
	h.grow(1, 9)
	first := h.save(2, "two")
	h.save(4, "four")
	h.save(8, "eight")
	if _, err := h.st.Snapshot(first); !errors.Is(err, store.ErrGone) {
		h.Errorf("the third newest snapshot: %v, want it gone", err)
	}
	c, err := h.st.Chunk(raft.ChunkRef{Snapshot: first, Size: 10})
	if err != nil || !c.Gone {
		h.Errorf("a chunk of it: %+v, %v, want Gone", c, err)
	}
	h.check()
}

func wrongSnapshot(h *harness) {
	h.grow(1, 3)
	good := Ref(h.model.Mark(2), []byte("two"))
	size, crc, mark, ahead := good, good, good, good
	size.Size++
	crc.CRC++
	mark.Digest++
	ahead.Index = 4
	for _, ref := range []raft.SnapshotRef{size, crc, mark, ahead, {}} {
		if err := h.st.SaveSnapshot(ref, []byte("two")); err == nil {
			h.Errorf("%+v was saved", ref)
		}
	}
	h.save(2, "two") // and nothing is poisoned
	other := Ref(h.model.Mark(2), []byte("TWO"))
	if err := h.st.SaveSnapshot(other, []byte("TWO")); err == nil {
		h.Error("two snapshots of one index were saved")
	}
	h.check()
}

// pieces cuts data into chunks.
func pieces(ref raft.SnapshotRef, data []byte, at ...int) []raft.Chunk {
	var cs []raft.Chunk
	for i, from := range at {
		to := len(data)
		if i+1 < len(at) {
			to = at[i+1]
		}
		cs = append(cs, raft.Chunk{ChunkRef: raft.ChunkRef{Snapshot: ref, Offset: uint64(from),
			Size: uint64(to - from)}, Data: data[from:to]})
	}
	return cs
}

// come gives a snapshot that a leader sends, ahead of the log.
func (h *harness) come(ahead raft.Index, text string) (raft.SnapshotRef, []byte) {
	last := h.model.Mark(h.model.Last())
	return Ref(raft.Mark{Index: last.Index + ahead, Term: 5, Pos: 500, Digest: 77}, []byte(text)),
		[]byte(text)
}

// finish ends an incoming snapshot.
func (h *harness) finish(ref raft.SnapshotRef, data []byte, keep bool) {
	h.Helper()
	h.do(Step{Data: data, Writes: []raft.Write{{
		Finish: &raft.FinishedSave{Snapshot: ref, KeepLog: keep}}}})
}

func compacts(h *harness) {
	h.grow(1, 8)
	h.save(6, "six")
	h.write(raft.Write{CompactTo: h.model.Mark(4)})
	h.same("")
	h.write(raft.Write{CompactTo: h.model.Mark(4)}) // again
	h.write(raft.Write{CompactTo: h.model.Mark(6), Entries: h.next(2, 2)})
	h.check()
	h.grow(3, 1)
	h.check()
}

func readsChunks(h *harness) {
	h.grow(1, 2)
	ref := h.save(2, "0123456789")
	for _, c := range []struct {
		at, size uint64
		want     string
	}{{0, 4, "0123"}, {4, 100, "456789"}, {10, 5, ""}, {11, 5, ""}, {0, 0, ""},
		{3, 1 << 63, "3456789"}, {1 << 63, 1 << 63, ""}} {
		asked := raft.ChunkRef{Snapshot: ref, Offset: c.at, Size: c.size, To: 3}
		got, err := h.st.Chunk(asked)
		if err != nil || string(got.Data) != c.want || got.ChunkRef != asked || got.Gone {
			h.Errorf("%d bytes at %d: %+v, %v, want %q", c.size, c.at, got, err, c.want)
		}
	}
}

func refuses(h *harness) {
	ref, data := h.come(9, "snapshot")
	wrong, outside := pieces(ref, []byte("SNAPSHOT"), 0), pieces(ref, data, 0)
	outside[0].Offset = 1
	h.grow(1, 3)
	h.save(2, "two")
	bad := map[string][]raft.Write{
		"a gap":                  {{Entries: Entries(raft.Mark{Index: 4}, 1, 1, bodyless)}},
		"an entry that is held":  {{Entries: Entries(raft.Mark{Index: 2}, 1, 1, bodyless)}},
		"a cut below the base":   {{CompactTo: h.model.Mark(2)}, {TruncateFrom: 2}},
		"a cut below a snapshot": {{TruncateFrom: 2}},
		"no snapshot there":      {{CompactTo: h.model.Mark(3)}},
		"another mark":           {{CompactTo: raft.Mark{Index: 2, Term: 9}}},
		"no chunks":              {{Finish: &raft.FinishedSave{Snapshot: ref}}},
		"wrong bytes": {{Chunk: &wrong[0]},
			{Finish: &raft.FinishedSave{Snapshot: ref}}},
		"a chunk outside": {{Chunk: &outside[0]}},
	}
	for name, ws := range bad {
		h.Run(name, func(t *testing.T) {
			st := h.open(t, t.TempDir())
			defer st.Close() //nolint:errcheck // what is tested is that it has failed
			setup := []Step{{Writes: []raft.Write{{ID: 1, Entries: h.model.Entries}}},
				{Save: &h.model.Snaps[0].Ref, Data: h.model.Snaps[0].Data}}
			for _, s := range setup {
				if err := s.Do(st); err != nil {
					t.Fatal(err)
				}
			}
			first := st.Write(ws)
			if first == nil {
				t.Fatal("it was written")
			}
			if err := st.Write([]raft.Write{{Term: 9, HardState: true}}); !errors.Is(err, first) {
				t.Errorf("the next write says %v, want %v", err, first)
			}
			if _, err := st.Load(); !errors.Is(err, first) {
				t.Errorf("Load says %v, want %v", err, first)
			}
			if err := st.SaveSnapshot(h.model.Snaps[0].Ref, []byte("two")); !errors.Is(err, first) {
				t.Errorf("SaveSnapshot says %v, want %v", err, first)
			}
		})
	}
}

func bodyless(int) []byte { return nil }

func closed(h *harness) {
	h.grow(1, 1)
	h.close()
	_, load := h.st.Load()
	_, snap := h.st.Snapshot(raft.SnapshotRef{})
	_, chunk := h.st.Chunk(raft.ChunkRef{})
	for _, err := range []error{load, snap, chunk, h.st.Write(nil),
		h.st.SaveSnapshot(raft.SnapshotRef{}, nil)} {
		if !errors.Is(err, store.ErrClosed) {
			h.Errorf("a closed store says %v", err)
		}
	}
}

// random runs many scripts of steps, and opens the store again now and then.
func random(h *harness) {
	for seed := range uint64(25) {
		h.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := NewGenerator(seed, &Model{})
			dir := t.TempDir()
			st := h.open(t, dir)
			for n := range 60 {
				s := g.Next()
				if err := s.Do(st); err != nil {
					t.Fatalf("step %d, %s: %v", n, &s, err)
				}
				g.Model.Apply(&s)
				if g.rng.IntN(8) == 0 && len(g.queue) == 0 && st.Kind() != store.KindMemory {
					if err := st.Close(); err != nil {
						t.Fatal(err)
					}
					st = h.open(t, dir)
				}
				if why := Same(st, g.Model); n%4 == 0 && why != "" {
					t.Fatalf("step %d, %s: %s", n, &s, why)
				}
			}
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
