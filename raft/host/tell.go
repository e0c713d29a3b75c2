package host

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Tell records something that the environment did or saw, as an event of this node: a message that
// it dropped, a link that was cut, the end of a graceful shutdown. It must not be called from
// within a call of Env, as the number of a message is that of its Sent.
func (h *Host) Tell(now raft.Time, cause trace.EventID, body trace.Body) trace.EventID {
	h.now = max(h.now, now)
	return h.record(cause, body)
}
