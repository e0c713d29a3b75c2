package storetest

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
)

func chunkOrder(h *harness) {
	h.grow(1, 3)
	ref, data := h.come(4, "abcdefghijklmnop")
	cs := pieces(ref, data, 0, 5, 9)
	for _, i := range []int{0, 2, 1, 2, 1} {
		h.write(raft.Write{Chunk: &cs[i]})
		h.same("")
	}
	h.finish(ref, data, false)
	h.check()
	h.grow(6, 2)
	h.check()
}

func chunkAnew(h *harness) {
	ref, data := h.come(3, "abcdefgh")
	bad := pieces(ref, []byte("xxxxyyyy"), 0, 4)
	good := pieces(ref, data, 0, 4)
	h.write(raft.Write{Chunk: &bad[0]}, raft.Write{Chunk: &bad[1]})
	h.write(raft.Write{Chunk: &good[0]})
	h.write(raft.Write{Chunk: &good[1]})
	h.finish(ref, data, false)
	h.check()
}

func chunkMixed(h *harness) {
	ref, data := h.come(3, "abcdefgh")
	other, text := h.come(9, "ABCDEFGH")
	a, b := pieces(ref, data, 0, 4), pieces(other, text, 0, 4)
	h.write(raft.Write{Chunk: &a[0]}, raft.Write{Chunk: &b[0]}, raft.Write{Chunk: &a[1]})
	h.finish(ref, data, false)
	h.write(raft.Write{Chunk: &b[1]})
	h.finish(other, text, false)
	h.check()
}

func finishResets(h *harness) {
	h.grow(1, 5)
	h.save(3, "three")
	ref, data := h.come(10, "from the leader")
	cs := pieces(ref, data, 0)
	h.do(Step{Data: data, Writes: []raft.Write{{Term: 5, HardState: true, Chunk: &cs[0],
		Finish: &raft.FinishedSave{Snapshot: ref}}}})
	h.check()
	h.grow(5, 3)
	h.check()
	if h.st.Kind() != store.KindMemory {
		h.save(17, "seventeen")
		h.write(raft.Write{CompactTo: h.model.Mark(16)})
		h.check()
	}
}

func finishKeeps(h *harness) {
	h.grow(1, 5)
	ref := Ref(h.model.Mark(3), []byte("three"))
	cs := pieces(ref, []byte("three"), 0, 2)
	h.do(Step{Data: []byte("three"), Writes: []raft.Write{{Chunk: &cs[0]}, {Chunk: &cs[1],
		Finish: &raft.FinishedSave{Snapshot: ref, KeepLog: true}}}})
	h.check()
	h.grow(2, 2)
	h.check()
}
