package server_test

import (
	"context"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// TestALeaderThatIsShutDownHandsOver: another leads before the old one has ended, by the old one's
// word and not as a time-out has passed; and what was under way is done.
func TestALeaderThatIsShutDownHandsOver(t *testing.T) {
	t.Parallel()
	handed := map[raft.NodeID]bool{}
	c := &cluster{}
	*c = *newCluster(t, 3, func(cfg *server.Config) {
		id := cfg.ID
		cfg.Observe = func(s server.Step) {
			if s != server.StepDrain || handed[id] {
				return
			}
			for other, s := range c.servers { // when it begins to drain, another leads
				if other != id && s.Status().Role == raft.Leader {
					handed[id] = true
				}
			}
		}
	})
	old := c.leader()
	c.must(old, "PUT", "/v1/kv/x", "1")
	streams := map[raft.NodeID]*stream{}
	for id := range c.members {
		if id != old {
			streams[id] = c.stream(id)
			streams[id].keyFrame()
		}
	}
	term := c.servers[old].Status().Term
	writes := make(chan error, 1)
	go func() {
		_, _, err := c.servers[old].Propose(context.Background(), []byte("no command"))
		writes <- err
	}()
	if err := <-writes; err != nil {
		t.Error(err)
	}
	c.shutdown(old)
	if !handed[old] {
		t.Error("when it began to drain, no other led")
	}
	next := c.leader()
	candidate := streams[next].until("it stands for election", func(it *wire.StreamItem) bool {
		d, ok := it.Event.Body.(trace.Decided)
		if ok && d.Note.Kind == raft.NoteBecamePreCand {
			t.Errorf("%v asks for votes, as a time-out has passed: %+v", next, d.Note)
		}
		return ok && d.Note.Kind == raft.NoteBecameCandidate
	})
	note := candidate.Event.Body.(trace.Decided).Note
	if note.Why != raft.WhyTransfer || note.Term != term+1 {
		t.Errorf("it stands for term %d behind %d, as %v", note.Term, term, note.Why)
	}
	c.must(next, "PUT", "/v1/kv/x", "2")
}

// TestTheLastServerIsShutDownSoon: there is nobody to hand over to, and nothing to wait for.
func TestTheLastServerIsShutDownSoon(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	c.leader()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for id := raft.NodeID(1); id <= 3; id++ {
		s := c.servers[id]
		delete(c.servers, id)
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	}
}
