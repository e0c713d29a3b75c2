package server

import (
	"io"
	"log/slog"
	"testing"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
)

// still is a node of three of which no goroutine runs: its turns are made by hand, and its clock
// does what a test says each time it is read.
type still struct {
	*node
	group raft.GroupID
	read  func() raft.Time
}

func newStill(t *testing.T) *still {
	t.Helper()
	s := &still{read: func() raft.Time { return raft.Second }}
	timing := raft.DefaultConfig()
	timing.Seed = 7
	srv, err := New(Config{ID: 1, Members: map[raft.NodeID]string{1: "127.0.0.1:1",
		2: "127.0.0.1:2", 3: "127.0.0.1:3"}, Cluster: uuid.New(), Secret: "secret",
		Store: store.KindMemory, Listen: "127.0.0.1:0", Raft: timing, Machine: "kv",
		Clock: func() raft.Time { return s.read() },
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s.group = srv.cfg.Raft.Group
	st := store.NewMemory()
	var im raft.Image
	if s.node, err = srv.newNode(st, 1, im); err != nil {
		t.Fatal(err)
	}
	s.disk = newDiskWorker()
	s.saves = store.NewCommitter(st, func(id raft.WriteID, err error) {
		s.mail.put(letter{kind: letterSaved, write: id, err: err})
	})
	t.Cleanup(func() {
		s.saves.Close()
		s.disk.close()
	})
	s.tick()
	s.host.Start(s.now, &im)
	s.turn(nil)
	if st := s.host.Node().Status(); st.Role != raft.Follower {
		t.Fatalf("it begins as %v", st.Role)
	}
	return s
}

// heartbeat puts a message of the leader into the mailbox.
func (s *still) heartbeat() {
	s.mail.put(letter{kind: letterMessage, msg: raft.Message{ID: 1, Group: s.group, From: 2,
		FromBoot: 1, To: 1, Term: 1, Body: &raft.AppendEntries{}}})
}

// TestAfterAStallWhatWasSaidIsHeardBeforeTimeActs has the process stopped for ten seconds, while a
// leader sends heartbeats. Its first election time-out is long over when it goes on.
func TestAfterAStallWhatWasSaidIsHeardBeforeTimeActs(t *testing.T) {
	for name, c := range map[string]struct {
		at   int // the look at the clock during which it comes into the mailbox
		late raft.Time
	}{
		"while the node looked at the clock":     {1, 10 * raft.Second},
		"and the stall was short":                {1, heldUp / 2},
		"and those who read the socket are slow": {2, 10 * raft.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStill(t)
			reads, now := 0, s.host.Wake()+c.late
			s.read = func() raft.Time {
				if reads++; reads == c.at {
					s.heartbeat()
				}
				return now
			}
			s.turn(nil)
			st := s.host.Node().Status()
			if st.Role != raft.Follower || st.Leader != 2 {
				t.Errorf("it is %v, and follows %v", st.Role, st.Leader)
			}
		})
	}
}

func TestAfterAStallInSilenceAnElectionBegins(t *testing.T) {
	s := newStill(t)
	s.read = func() raft.Time { return 11 * raft.Second }
	s.turn(nil)
	if st := s.host.Node().Status(); st.Role == raft.Follower {
		t.Error("it is still a follower")
	}
}

// TestAReadThatComesAfterTheClockWasReadWaits: were the process stopped between the two, a lease
// that is judged at the earlier moment could be over.
func TestAReadThatComesAfterTheClockWasReadWaits(t *testing.T) {
	s := newStill(t)
	read := &ask{kind: raft.InputRead, op: "get", came: 3 * raft.Second, reply: make(chan reply, 1)}
	s.read = func() raft.Time { return 2 * raft.Second }
	s.mail.put(letter{kind: letterAsk, ask: read})
	s.turn(nil)
	if len(read.reply) != 0 || s.sleep() < 0 {
		t.Error("it was taken before it came")
	}
	select {
	case <-s.mail.wake:
	default:
		t.Error("the loop is not woken for it")
	}
	s.read = func() raft.Time { return 3 * raft.Second }
	s.turn(nil)
	if len(read.reply) != 1 {
		t.Error("it was not taken when it had come")
	}
}
