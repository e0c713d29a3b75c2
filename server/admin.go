package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Cut says which directions of this node's links are cut: messages of From do not come in, and
// messages to To do not go out. It is the whole of it: what it does not name is whole.
type Cut struct {
	From []raft.NodeID `json:"from"`
	To   []raft.NodeID `json:"to"`
}

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
	var c Cut
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		s.problem(w, badRequest("the cut is malformed: "+err.Error()))
		return
	}
	for _, id := range slices.Concat(c.From, c.To) {
		if id == s.cfg.ID || !slices.Contains(s.cfg.Raft.Members, id) {
			s.problem(w, badRequest(fmt.Sprintf("%d is no other member of this cluster", id)))
			return
		}
	}
	if !s.node.do(r.Context().Done(), func(now raft.Time) { s.node.setCut(now, &c) }) {
		s.problem(w, stopping())
		return
	}
	s.cut.Store(&c)
	writeJSON(w, http.StatusOK, c)
}

// setCut cuts and heals, and tells each direction that changed.
func (n *node) setCut(now raft.Time, c *Cut) {
	for _, l := range n.links {
		if cut := slices.Contains(c.To, l.to); cut != l.cut {
			l.cut = cut
			n.host.Tell(now, trace.EventID{}, trace.LinkSet{From: n.id, To: l.to,
				Link: trace.Link{Cut: cut}})
		}
		if cut := slices.Contains(c.From, l.to); cut != n.cutFrom[l.to] {
			n.cutFrom[l.to] = cut
			n.host.Tell(now, trace.EventID{}, trace.LinkSet{From: l.to, To: n.id,
				Link: trace.Link{Cut: cut}})
		}
	}
}

// serveCampaign answers POST /v1/admin/campaign: the node stands for election at once.
func (s *Server) serveCampaign(w http.ResponseWriter, r *http.Request) {
	if !s.node.do(r.Context().Done(), func(raft.Time) { s.node.host.Campaign(0) }) {
		s.problem(w, stopping())
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]bool{"accepted": true})
}
