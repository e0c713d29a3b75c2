package host_test

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

// fragile is a machine that panics on an entry that says so.
type fragile struct{ machine.StateMachine }

func (f fragile) Apply(e raft.Entry) []byte {
	if string(e.Data) == "panic" {
		panic("no such drawer")
	}
	return f.StateMachine.Apply(e)
}

// alone is the outside of a cluster of one: its writes are durable at once.
type alone struct {
	h       *host.Host
	saved   raft.WriteID
	broken  []raft.Broken
	applied raft.Index
}

func (a *alone) Record(ev trace.Event) {
	if b, ok := ev.Body.(trace.Applied); ok {
		a.applied = b.To
	}
}
func (*alone) Send(raft.Message) raft.Time                             { return 0 }
func (a *alone) Save(w raft.Write)                                     { a.saved = w.ID }
func (*alone) SaveSnapshot(raft.SnapshotRef, []byte)                   {}
func (*alone) Fetch(raft.ChunkRef)                                     {}
func (*alone) Load(raft.SnapshotRef) ([]byte, error)                   { return nil, nil }
func (*alone) Answer(raft.Ref, trace.Answered, []byte) (due raft.Time) { return 0 }
func (a *alone) Broken(b raft.Broken)                                  { a.broken = append(a.broken, b) }

// settle makes all writes durable and lets the node go on.
func (a *alone) settle(now raft.Time) {
	for id := raft.WriteID(0); id != a.saved; {
		id = a.saved
		a.h.Saved(now, id)
		a.h.Do(now)
	}
}

// A machine that panics stops its node, and says on which entry; it does not end the process.
func TestMachineThatPanics(t *testing.T) {
	cfg := raft.DefaultConfig()
	cfg.Group, cfg.ID, cfg.Boot, cfg.Members = 1, 1, 1, []raft.NodeID{1}
	a := &alone{}
	h, err := host.New(cfg, host.Options{}, raft.Image{}, nil, fragile{machine.NewLedger()}, a)
	if err != nil {
		t.Fatal(err)
	}
	a.h = h
	h.Start(0, &raft.Image{})
	h.Campaign(0)
	h.Do(0)
	a.settle(0)
	for _, data := range []string{"fine", "panic", "never"} {
		h.Request(1, trace.EventID{}, "append", "", data, []byte(data))
		h.Do(1)
		a.settle(1)
	}
	if len(a.broken) != 1 || !strings.Contains(a.broken[0].What, "at entry 3: no such drawer") {
		t.Fatalf("broken: %v", a.broken)
	}
	if a.applied != 2 {
		t.Errorf("applied to %d, want 2", a.applied)
	}
}
