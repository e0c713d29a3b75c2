package hub

import (
	"cmp"
	"context"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Who takes part may change while a hub lives. What it knows of a server stays in its state, as
// viewers may look back to it; the header that later viewers get names those of their time.

// Join makes a server known that came later, and begins to listen to it. One that is known is left
// as it is, unless it is reached elsewhere by now.
func (h *Hub) Join(m trace.Member) {
	h.do(func() {
		k, known := h.member(m.ID)
		if known && h.cfg.Members[k].Address == m.Address || m.Address == "" {
			return
		}
		if known {
			h.remove(k)
		}
		h.setMembers(append(slices.Clone(h.cfg.Members), m))
		if h.state.Node(m.ID) == nil {
			at, _ := slices.BinarySearchFunc(h.state.Nodes, m.ID,
				func(n trace.NodeState, id raft.NodeID) int { return cmp.Compare(n.ID, id) })
			h.state.Nodes = slices.Insert(h.state.Nodes, at, trace.NodeState{ID: m.ID})
		}
		h.wait.Add(1)
		go h.listen(m).run()
	})
}

// Leave ends the listening to a server that is gone for good.
func (h *Hub) Leave(id raft.NodeID) {
	h.do(func() {
		if k, known := h.member(id); known {
			h.remove(k)
		}
	})
}

// member finds a member's place. It belongs to the hub's loop, as the rest does.
func (h *Hub) member(id raft.NodeID) (k int, known bool) {
	k = slices.IndexFunc(h.cfg.Members, func(m trace.Member) bool { return m.ID == id })
	return k, k >= 0
}

func (h *Hub) remove(k int) {
	h.ingests[h.cfg.Members[k].ID].stop()
	h.setMembers(slices.Delete(slices.Clone(h.cfg.Members), k, k+1))
}

// setMembers takes a list that nobody writes any more: viewers have the one before.
func (h *Hub) setMembers(ms []trace.Member) {
	slices.SortFunc(ms, func(a, b trace.Member) int { return cmp.Compare(a.ID, b.ID) })
	h.cfg.Members, h.header.Members = ms, ms
}

// listen makes what listens to a member. Its run is for the caller to begin.
func (h *Hub) listen(m trace.Member) *ingest {
	in := &ingest{hub: h, member: m}
	in.ctx, in.stop = context.WithCancel(h.ctx)
	if old := h.ingests[m.ID]; old != nil {
		in.boot, in.heard = old.boot, old.heard
	}
	h.ingests[m.ID] = in
	return in
}
