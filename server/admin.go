package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// faults lets through only where the server was started to let faults in.
func (s *Server) faults(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.cfg.AllowFaults {
			s.problem(w, &Problem{Status: http.StatusForbidden,
				Text: "this server lets no faults in; --allow-faults does"})
			return
		}
		next(w, r)
	})
}

// serveCut answers POST /v1/admin/cut with the cut that is in force then.
func (s *Server) serveCut(w http.ResponseWriter, r *http.Request) {
	var c wire.Cut
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		s.problem(w, badRequest("the cut is malformed: "+err.Error()))
		return
	}
	if id, ok := s.stranger(&c); ok {
		s.problem(w, badRequest(fmt.Sprintf("%d is no other server of this cluster", id)))
		return
	}
	if !s.node.do(r.Context().Done(), func(now raft.Time) { s.node.setCut(now, &c) }) {
		s.problem(w, stopping())
		return
	}
	s.cut.Store(&c)
	writeJSON(w, http.StatusOK, c)
}

// stranger finds somebody in a cut who is no other server that is known.
func (s *Server) stranger(c *wire.Cut) (raft.NodeID, bool) {
	if id, ok := s.cfg.stranger(c); ok {
		return id, true
	}
	st := s.Status()
	conf, _ := st.Config.Unpack() // the core vouches for it
	for _, id := range slices.Concat(c.From, c.To) {
		if s.addressOf(id) == "" && !conf.Member(id) {
			return id, true
		}
	}
	return 0, false
}

// setCut cuts and heals, and tells each direction that changed. A link that is opened later is cut
// from the start on.
func (n *node) setCut(now raft.Time, c *wire.Cut) {
	change := func(cut map[raft.NodeID]bool, want []raft.NodeID, tell func(id raft.NodeID)) {
		for _, id := range sortedIDs(cut, want) {
			if is := slices.Contains(want, id); is != cut[id] {
				cut[id] = is
				tell(id)
			}
		}
	}
	change(n.links.cut, c.To, func(id raft.NodeID) {
		cut := n.links.cut[id]
		if l := n.links.to(id); l != nil {
			l.cut = cut
		}
		n.host.Tell(now, trace.EventID{}, trace.LinkSet{From: n.id, To: id,
			Link: trace.Link{Cut: cut}})
	})
	change(n.cutFrom, c.From, func(id raft.NodeID) {
		n.host.Tell(now, trace.EventID{}, trace.LinkSet{From: id, To: n.id,
			Link: trace.Link{Cut: n.cutFrom[id]}})
	})
}

// sortedIDs gives all who stand in a map or in a list.
func sortedIDs(m map[raft.NodeID]bool, list []raft.NodeID) []raft.NodeID {
	ids := slices.AppendSeq(slices.Clone(list), maps.Keys(m))
	slices.Sort(ids)
	return slices.Compact(ids)
}

// serveCampaign answers POST /v1/admin/campaign: the node stands for election at once.
func (s *Server) serveCampaign(w http.ResponseWriter, r *http.Request) {
	if !s.node.do(r.Context().Done(), func(raft.Time) { s.node.host.Campaign(0) }) {
		s.problem(w, stopping())
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]bool{"accepted": true})
}
