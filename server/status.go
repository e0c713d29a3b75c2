package server

import (
	"encoding/json"
	"net/http"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
)

// NodeStatus is one server in the JSON of GET /v1/status, with the names of the page's API.
type NodeStatus struct {
	ID            raft.NodeID  `json:"id"`
	Name          string       `json:"name"`
	Role          string       `json:"role"` // follower, preCandidate, candidate, leader, learner
	Term          raft.Term    `json:"term"`
	VotedFor      *raft.NodeID `json:"votedFor"` // null for nobody
	CommitIndex   raft.Index   `json:"commitIndex"`
	LastApplied   raft.Index   `json:"lastApplied"`
	LastIndex     raft.Index   `json:"lastIndex"`
	SnapshotIndex raft.Index   `json:"snapshotIndex"`
	Alive         bool         `json:"alive"`
	Paused        bool         `json:"paused"`
	Store         string       `json:"store"`
}

// MemberStatus is one member in the JSON of GET /v1/status.
type MemberStatus struct {
	ID      raft.NodeID `json:"id"`
	Name    string      `json:"name"`
	Address string      `json:"address"`
}

// Metadata is the JSON of GET /v1/status: the server that was asked, who leads as far as it knows,
// and who is in the cluster. Nodes holds what is known of servers; a node knows itself only.
type Metadata struct {
	ID      raft.NodeID    `json:"id"`
	Cluster uuid.UUID      `json:"cluster"`
	Machine string         `json:"machine"`
	Store   string         `json:"store"`
	Term    raft.Term      `json:"term"`
	Leader  *raft.NodeID   `json:"leader"` // null for nobody
	Members []MemberStatus `json:"members"`
	Nodes   []NodeStatus   `json:"nodes"`
	Cut     *Cut           `json:"cut,omitempty"` // the links that are cut here
	Failed  string         `json:"failed,omitempty"`
}

// metadata tells what this server knows.
func (s *Server) metadata() Metadata {
	st := s.Status()
	m := Metadata{ID: s.cfg.ID, Cluster: s.cfg.Cluster, Machine: s.machine.Name(),
		Store: s.cfg.Store, Term: st.Term, Leader: orNull(st.Leader), Cut: s.cut.Load(),
		Nodes: []NodeStatus{NodeStatusOf(&st, s.cfg.Store)}}
	for _, id := range s.cfg.Raft.Members {
		m.Members = append(m.Members, MemberStatus{ID: id, Name: id.String(),
			Address: s.cfg.Members[id]})
	}
	if err := s.Err(); err != nil {
		m.Failed, m.Nodes[0].Alive = err.Error(), false
	}
	return m
}

// NodeStatusOf gives a running node's status as JSON has it.
func NodeStatusOf(st *raft.Status, store string) NodeStatus {
	return NodeStatus{ID: st.ID, Name: st.ID.String(), Role: st.Role.String(), Term: st.Term,
		VotedFor: orNull(st.Vote), CommitIndex: st.Commit, LastApplied: st.Applied,
		LastIndex: st.Last.Index, SnapshotIndex: st.Snapshot.Index, Alive: !st.Stopped,
		Store: store}
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
