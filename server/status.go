package server

import (
	"encoding/json"
	"net/http"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/wire"
)

// Metadata tells who takes part and who leads, as far as this server knows. It must not be called
// before Start.
func (s *Server) Metadata() wire.Metadata { return s.metadata() }

// metadata tells what this server knows.
func (s *Server) metadata() wire.Metadata {
	st := s.Status()
	m := wire.Metadata{ID: s.cfg.ID, Cluster: s.cfg.Cluster.String(), Machine: s.machine.Name(),
		Store: s.cfg.Store, Term: st.Term, Leader: orNull(st.Leader), Cut: s.cut.Load(),
		Transfer: orNull(st.Transfer),
		Nodes:    []wire.NodeStatus{NodeStatusOf(&st, s.cfg.Store)}}
	conf, err := st.Config.Unpack()
	if err == nil {
		m.Configuration = wire.ConfigurationOf(&conf)
	}
	for _, id := range conf.Members() {
		m.Members = append(m.Members, wire.MemberStatus{ID: id, Name: id.String(),
			Address: s.addressOf(id)})
	}
	if err := s.Err(); err != nil {
		m.Failed, m.Nodes[0].Alive = err.Error(), false
	}
	return m
}

// addressOf gives where a server is reached, this one included; empty when it is not known.
func (s *Server) addressOf(id raft.NodeID) string { return s.book.address(id) }

// NodeStatusOf gives a running node's status as JSON has it.
func NodeStatusOf(st *raft.Status, store string) wire.NodeStatus {
	return wire.NodeStatus{ID: st.ID, Name: st.ID.String(), Role: st.Role.String(), Term: st.Term,
		VotedFor: orNull(st.Vote), CommitIndex: st.Commit, LastApplied: st.Applied,
		LastIndex: st.Last.Index, SnapshotIndex: st.Snapshot.Index, Alive: !st.Stopped,
		Doubtful: st.Doubtful, Store: store}
}

func orNull(id raft.NodeID) *raft.NodeID {
	if id == 0 {
		return nil
	}
	return &id
}

// serveStatus answers GET /v1/status.
func (s *Server) serveStatus(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, clientHandler{s}.Metadata())
}

// serveHealth answers GET /healthz: 200 while the node works.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.refusing.Load():
		writeProblem(w, stopping())
	case s.Err() != nil:
		writeProblem(w, &Problem{Status: http.StatusServiceUnavailable, Text: s.Err().Error()})
	default:
		writeJSON(w, http.StatusOK, map[string]bool{"ok": true})
	}
}

// mustJSON encodes a value of a type that has JSON.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the type is this package's own
	}
	return b
}
