package host_test

import (
	"bytes"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

// beat lets the first server's heartbeats pass, and what comes of them.
func (g *group) beat(n int) {
	for range n {
		g.now = g.out[0].h.Wake()
		g.out[0].h.Do(g.now)
		g.settle()
	}
}

// liar is a machine whose snapshots hold what no machine can read, as long as lies says so.
type liar struct {
	machine.StateMachine
	lies *bool
}

func (l liar) Snapshot() []byte {
	if *l.lies {
		return []byte("a long text of which no machine will ever make any sense")
	}
	return l.StateMachine.Snapshot()
}

// panicky is a machine that panics where it should say that it cannot read something.
type panicky struct{ machine.StateMachine }

func (p panicky) Restore(b []byte) error {
	if err := p.StateMachine.Restore(b); err != nil {
		panic(err)
	}
	return nil
}

func (p panicky) Clone() machine.StateMachine { return panicky{p.StateMachine.Clone()} }

// counted counts how often a machine is restored; what is done to its copies does not count.
type counted struct {
	machine.StateMachine
	restores *int
}

func (c counted) Restore(b []byte) error {
	*c.restores++
	return c.StateMachine.Restore(b)
}

// addWith adds a server with a machine of its own.
func (g *group) addWith(cfg raft.Config, opt host.Options, m machine.StateMachine) *outside {
	g.t.Helper()
	o := &outside{}
	h, err := host.New(cfg, opt, raft.Image{}, nil, m, o)
	if err != nil {
		g.t.Fatal(err)
	}
	o.h = h
	h.Start(g.now, &raft.Image{})
	g.out = append(g.out, o)
	return o
}

// refusals counts how often a server has refused a snapshot, and would not look at it again.
func (o *outside) refusals() (n int) {
	for _, ev := range o.of(trace.KindDecided) {
		note := ev.Body.(trace.Decided).Note
		if note.Kind == raft.NoteMessageIgnored && note.Why == raft.WhyUnreadable {
			n++
		}
	}
	return n
}

// A snapshot that the machine cannot be restored from replaces nothing: the follower keeps what it
// has and goes on. It takes the next one that it can read. The pieces are small or the whole is one.
func TestUnreadableSnapshotIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		piece uint64
		m     machine.StateMachine
	}{
		"in one piece": {1 << 10, machine.NewKV()}, "in pieces": {7, machine.NewKV()},
		"by a panic": {7, panicky{machine.NewKV()}},
	} {
		t.Run(name, func(t *testing.T) {
			lies, restores := true, 0
			g := &group{t: t}
			set := func(id raft.NodeID) raft.Config {
				cfg := config(id, 3)
				cfg.ChunkSize = c.piece
				return cfg
			}
			l := g.addWith(set(1), host.Options{SnapshotEvery: 4}, liar{machine.NewKV(), &lies})
			g.add(set(2), host.Options{})
			g.elect()
			for _, k := range []string{"a", "b", "c", "d"} {
				g.put(l, k, k+k)
			}
			g.durable(l)
			f := g.addWith(set(3), host.Options{}, counted{c.m, &restores})
			f.coming, f.writes = nil, nil
			g.beat(30)
			st := f.h.Node().Status()
			if len(f.broken) != 0 || f.refusals() == 0 || st.Snapshot.Index != 0 || st.Commit != 0 ||
				f.disk.ref.Index != 0 || len(f.of(trace.KindLoaded)) != 0 {
				t.Fatalf("broken: %v; %d refusals; it stands as %+v", f.broken, f.refusals(), st)
			}
			lies = false
			for _, k := range []string{"e", "f", "g", "h", "i"} {
				g.put(l, k, k+k)
			}
			g.durable(l)
			g.beat(30)
			if st := f.h.Node().Status(); st.Commit != l.h.Node().Status().Commit {
				t.Errorf("it has come to %d, and the leader to %d", st.Commit,
					l.h.Node().Status().Commit)
			}
			if loads := len(f.of(trace.KindLoaded)); restores != loads || loads == 0 {
				t.Errorf("its machine was restored %d times, and that is told %d times", restores,
					loads)
			}
		})
	}
}

// A snapshot whose bytes were spoilt on their way is asked for again: after a while it is there.
func TestSpoiltSnapshotIsTakenLater(t *testing.T) {
	g, f := late(t)
	whole := g.out[0].disk.data
	g.out[0].disk.data = bytes.ReplaceAll(whole, []byte("aa"), []byte("xx")) // it can be read
	g.beat(4)
	if len(f.broken) != 0 || f.refusals() == 0 || f.h.Node().Status().Snapshot.Index != 0 {
		t.Fatalf("broken: %v; %d refusals; it stands as %+v", f.broken, f.refusals(),
			f.h.Node().Status())
	}
	g.out[0].disk.data = whole
	g.beat(60)
	if loaded := f.of(trace.KindLoaded); len(loaded) != 1 {
		t.Fatalf("it has loaded %+v", loaded)
	}
	a, _ := f.h.Machine().(*machine.KV).Get("a")
	if st := f.h.Node().Status(); a != "aa" || st.Snapshot.Index != g.out[0].disk.ref.Index {
		t.Errorf("a is %q, and it stands as %+v", a, st)
	}
}
