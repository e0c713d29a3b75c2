package host

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Env is all that a node asks of the outside. The simulator and the server each have one. No method
// waits, and none calls back into the host: what comes of it is told later, by Saved, Fetched and
// the like.
type Env interface {
	// Record takes the next event of this node. The event is the callee's.
	Record(ev trace.Event)
	// Send carries a message, which has its ID by now, and gives the time at which it is planned to
	// arrive; 0 when that is not known. It is called before the message's Sent is recorded.
	Send(m raft.Message) (due raft.Time)
	// Save begins to make a write durable. Writes become durable in order.
	Save(w raft.Write)
	// SaveSnapshot begins to make a snapshot of the machine durable.
	SaveSnapshot(ref raft.SnapshotRef, data []byte)
	// Fetch begins to read a piece of a snapshot.
	Fetch(c raft.ChunkRef)
	// Load reads a durable snapshot.
	Load(ref raft.SnapshotRef) ([]byte, error)
	// Answer tells whoever made a request what became of it, and gives the time at which the answer
	// is planned to arrive; 0 when that is not known. result is the machine's, when it is OK.
	Answer(ref raft.Ref, a trace.Answered, result []byte) (due raft.Time)
	// Broken takes a node out of service: an invariant does not hold, or what was saved cannot be
	// loaded.
	Broken(b raft.Broken)
}
