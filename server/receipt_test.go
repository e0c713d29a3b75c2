package server_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// TestReceiptsHoldTheMessageThatWasSent listens to both ends of a link: a hub that never hears of a
// send makes it from the receipt.
func TestReceiptsHoldTheMessageThatWasSent(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, nil)
	leader, other := c.leader(), c.follower()
	from, to := c.stream(leader), c.stream(other)
	c.must(leader, "PUT", "/v1/kv/x", "a value")
	sent := map[trace.EventID]trace.Sent{}
	from.until("the answer", func(it *wire.StreamItem) bool {
		switch b := it.Event.Body.(type) {
		case trace.Sent:
			sent[it.Event.ID] = b
		case trace.Answered:
			return true
		}
		return false
	})
	appends := 0
	to.until("the entry has come", func(it *wire.StreamItem) bool {
		d, ok := it.Event.Body.(trace.Delivered)
		s, known := sent[d.Msg]
		if !ok || !known {
			return false
		}
		want := s.Message
		want.Cause = 0 // it is the sender's own affair
		if diff := cmp.Diff(want, *it.Received); diff != "" || it.Bytes != s.Bytes {
			t.Errorf("sent were %d bytes, the receipt says %d (-sent +received):\n%s", s.Bytes,
				it.Bytes, diff)
		}
		if a, ok := want.Body.(*raft.AppendEntries); ok && len(a.Entries) > 0 {
			appends++
		}
		return appends > 0
	})
}
