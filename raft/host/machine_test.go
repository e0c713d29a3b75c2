package host_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

// fragile is a machine that panics on an entry that says so, with a value of its own.
type fragile struct {
	machine.StateMachine
	with any
}

func (f fragile) Apply(e raft.Entry) []byte {
	if string(e.Data) == "panic" {
		panic(f.with)
	}
	return f.StateMachine.Apply(e)
}

// alone is the outside of a cluster of one: its writes are durable at once.
type alone struct {
	h       *host.Host
	saved   raft.WriteID
	broken  []raft.Broken
	applied raft.Index
	full    bool // it has no room for a write, and says so by a panic
}

func (a *alone) Record(ev trace.Event) {
	if b, ok := ev.Body.(trace.Applied); ok {
		a.applied = b.To
	}
}
func (*alone) Send(raft.Message) raft.Time { return 0 }
func (a *alone) Save(w raft.Write) {
	if a.full {
		panic("no room")
	}
	a.saved = w.ID
}
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
	for want, with := range map[string]any{"at entry 3: no such drawer": "no such drawer",
		"at entry 3: it is bent": errors.New("it is bent"), "at entry 3: it panicked": 7} {
		a := &alone{}
		h := a.host(t, fragile{machine.NewLedger(), with})
		h.Start(0, &raft.Image{})
		h.Campaign(0)
		h.Do(0)
		a.settle(0)
		for _, data := range []string{"fine", "panic", "never"} {
			h.Request(1, trace.EventID{}, "append", "", data, []byte(data))
			h.Do(1)
			a.settle(1)
		}
		if len(a.broken) != 1 || !strings.HasSuffix(a.broken[0].What, want) {
			t.Fatalf("broken: %v, and it should be: %s", a.broken, want)
		}
		if a.applied != 2 || h.Wake() < 1<<60 {
			t.Errorf("applied to %d, want 2; it shall be woken at %d", a.applied, h.Wake())
		}
	}
}

// host gives a host with a cluster of its own.
func (a *alone) host(t *testing.T, m machine.StateMachine) *host.Host {
	t.Helper()
	cfg := raft.DefaultConfig()
	cfg.Group, cfg.ID, cfg.Boot, cfg.Members = 1, 1, 1, []raft.NodeID{1}
	h, err := host.New(cfg, host.Options{}, raft.Image{}, nil, m, a)
	if err != nil {
		t.Fatal(err)
	}
	a.h = h
	return h
}

// A panic that is neither the core's nor the machine's is not made to look like theirs.
func TestPanicOfTheEnvironmentIsItsOwn(t *testing.T) {
	a := &alone{}
	h := a.host(t, machine.NewLedger())
	h.Start(0, &raft.Image{})
	h.Campaign(0)
	a.full = true
	defer func() {
		if p := recover(); p != "no room" || len(a.broken) != 0 {
			t.Errorf("it panicked with %v; broken: %v", p, a.broken)
		}
	}()
	h.Do(0)
}
