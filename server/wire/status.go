package wire

import "github.com/raftarium/raftarium/raft"

// The headers of requests and answers over HTTP.
const (
	HeaderIndex     = "X-Raftarium-Index"     // where the entry stands in the log
	HeaderTerm      = "X-Raftarium-Term"      // the entry's term
	HeaderPos       = "X-Raftarium-Pos"       // of a ledger's body: its byte position
	HeaderSession   = "X-Raftarium-Session"   // a client's session, a UUID
	HeaderSeq       = "X-Raftarium-Seq"       // the request's number in its session, from 1
	HeaderForwarded = "X-Raftarium-Forwarded" // passed on by that member; it is not passed on again
)

// Metadata is the JSON of GET /v1/status: the server that was asked, who leads as far as it knows,
// and who is in the cluster. Nodes holds what is known of servers; a node knows itself only, and
// 'raftarium run' all of them.
type Metadata struct {
	ID      raft.NodeID  `json:"id"`
	Cluster string       `json:"cluster"` // its UUID
	Machine string       `json:"machine"`
	Store   string       `json:"store"`
	Term    raft.Term    `json:"term"`
	Leader  *raft.NodeID `json:"leader"` // null for nobody
	// Configuration is who takes part, as it is in force at the server, or at the leader.
	Configuration Configuration `json:"configuration"`
	// Transfer is whom leadership is being handed to; null for nobody.
	Transfer *raft.NodeID `json:"transfer"`
	// Members are those of the configuration.
	Members []MemberStatus `json:"members"`
	Nodes   []NodeStatus   `json:"nodes"`
	Cut     *Cut           `json:"cut,omitempty"` // the links that are cut at this server
	Failed  string         `json:"failed,omitempty"`
}

// Configuration says who takes part, with the names of the core.
type Configuration struct {
	Voters   []raft.NodeID `json:"voters"`
	Outgoing []raft.NodeID `json:"outgoing"` // voters of before, while two majorities are needed
	Learners []raft.NodeID `json:"learners"`
}

// ConfigurationOf gives a configuration as JSON has it.
func ConfigurationOf(c *raft.Configuration) Configuration {
	list := func(ids []raft.NodeID) []raft.NodeID { return append([]raft.NodeID{}, ids...) }
	return Configuration{Voters: list(c.Voters), Outgoing: list(c.Outgoing),
		Learners: list(c.Learners)}
}

// MemberStatus is one member in Metadata.
type MemberStatus struct {
	ID      raft.NodeID `json:"id"`
	Name    string      `json:"name"`
	Address string      `json:"address"`
}

// NodeStatus is one server in Metadata, with the names of the page's API.
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
	Doubtful      bool         `json:"doubtful"` // its log may have lost what it acknowledged
	Store         string       `json:"store"`
}

// TransferRequest is the JSON of POST /v1/admin/transfer: who shall lead, or 0 for whoever is best.
type TransferRequest struct {
	Node raft.NodeID `json:"node"`
}

// ChangeRequest is the JSON of POST /v1/admin/change, a raft.Change. Addresses say where servers
// are reached that come new, as host:port.
type ChangeRequest struct {
	Vote      []raft.NodeID          `json:"vote,omitempty"`
	Learn     []raft.NodeID          `json:"learn,omitempty"`
	Remove    []raft.NodeID          `json:"remove,omitempty"`
	Joint     bool                   `json:"joint,omitempty"`
	Addresses map[raft.NodeID]string `json:"addresses,omitempty"`
}

// Accepted is the JSON of an answer to these that is a success.
type Accepted struct {
	Accepted bool        `json:"accepted"`
	Index    raft.Index  `json:"index,omitempty"` // of the configuration
	Term     raft.Term   `json:"term,omitempty"`
	Leader   raft.NodeID `json:"leader,omitempty"`
}

// Cut says which directions of a node's links are cut: messages of From do not come in, and
// messages to To do not go out. It is the whole of it: what it does not name is whole.
type Cut struct {
	From []raft.NodeID `json:"from"`
	To   []raft.NodeID `json:"to"`
}

// OrNil gives nil for a cut of nothing.
func (c Cut) OrNil() *Cut {
	if len(c.From)+len(c.To) == 0 {
		return nil
	}
	return &c
}

// ErrorBody is the JSON of an answer that is no success.
type ErrorBody struct {
	Error   string      `json:"error"`
	Outcome string      `json:"outcome"`          // refused or unknown
	Why     string      `json:"why,omitempty"`    // the name of the core's reason
	Leader  raft.NodeID `json:"leader,omitempty"` // who leads
}
