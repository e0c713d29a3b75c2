package sim

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

// An address says a configuration, and what it does not name keeps its default.
func TestAddresses(t *testing.T) {
	def := DefaultConfig()
	for _, c := range []struct {
		uri    string
		change func(*Config)
	}{
		{"sim:", func(*Config) {}},
		{"sim:?", func(*Config) {}},
		{"sim:nodes=3", func(c *Config) { c.Nodes = 3 }},
		{"sim:?nodes=3&seed=0x10&store=memory&machine=ledger", func(c *Config) {
			c.Nodes, c.Seed, c.Store, c.Machine = 3, 16, "memory", "ledger"
		}},
		{"sim:?seed=18446744073709551615&clients=0", func(c *Config) {
			c.Seed, c.Clients = 1<<64-1, 0
		}},
		{"sim:?delay=7&jitter=3&loss=1000&duplicate=2&reorder=5", func(c *Config) {
			c.Link = trace.Link{Delay: 7 * raft.Millisecond, Jitter: 3 * raft.Millisecond,
				Loss: 1000, Duplicate: 2, Reorder: 5}
		}},
		{def.URI(), func(*Config) {}},
	} {
		want := DefaultConfig()
		c.change(&want)
		got, err := ParseURI(c.uri)
		if err != nil {
			t.Errorf("%s: %v", c.uri, err)
			continue
		}
		if got.URI() != want.URI() || got.Link != want.Link || got.Clients != want.Clients {
			t.Errorf("%s is %+v, not %+v", c.uri, got, want)
		}
	}
	for _, c := range []struct{ uri, want string }{
		{"live:?nodes=3", `"live:?nodes=3" does not begin with sim:`},
		{"sim:?nodes", `"nodes" in the address is no key=value`},
		{"sim:?nodes=3&&seed=1", `"" in the address is no key=value`},
		{"sim:?nodes=many", `nodes="many" is no whole number from 0 to 2147483647`},
		{"sim:?nodes=-1", `nodes="-1" is no whole number`},
		{"sim:?delay=2147483648", `delay="2147483648" is no whole number`},
		{"sim:?loss=1000001", "loss=1000001: from 0 to 1000000, in parts per million"},
		{"sim:?nodes=0", "nodes=0: a cluster has 1 to 101"},
		{"sim:?nodes=102", "nodes=102: a cluster has 1 to 101"},
		{"sim:?seed=18446744073709551616", `seed="18446744073709551616" is no number of 64 bits`},
		{"sim:?machine=bank", `machine="bank": there are kv and ledger`},
		{"sim:?scenario=none", `scenario="none": there are`},
		{"sim:?colour=7", `the address has "colour", which is unknown`},
		{"sim:?" + strings.Repeat("x", 1<<16) + "=1", `"` + strings.Repeat("x", 40) + `..."`},
	} {
		if _, err := ParseURI(c.uri); err == nil || !strings.HasPrefix(err.Error(), "sim: ") ||
			!strings.Contains(err.Error(), c.want) || len(err.Error()) > 300 {
			t.Errorf("%.40s: %v, and it should be: %s", c.uri, err, c.want)
		}
	}
}

// There is no room for more servers than a cluster may have, whatever they are for.
func TestNoRoomForMore(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Nodes, cfg.Clients = MaxNodes, 0
	c := start(t, cfg)
	runTo(t, c, 0)
	refused(t, c, trace.Command{Kind: trace.CommandWipe, Node: 1}, "no room for one that takes its")
	refused(t, c, trace.Command{Kind: trace.CommandChange,
		Change: raft.Change{Vote: []raft.NodeID{MaxNodes + 1}}}, "101")
}

// A ledger has no keys, and says so when one is asked for.
func TestLedgerHasNoKeys(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Machine = "ledger"
	c := start(t, cfg)
	runTo(t, c, 0)
	refused(t, c, trace.Command{Kind: trace.CommandRead, Key: "x"},
		"the ledger machine has no keys to read")
	refused(t, c, trace.Command{Kind: trace.CommandRead}, "a read needs a key")
}

// A cluster that is closed tells what it had to tell, and nothing happens in it any more.
func TestClosedClusterStandsStill(t *testing.T) {
	c := start(t, DefaultConfig())
	evs := runTo(t, c, raft.Second)
	var src trace.Source = c
	if err := src.Close(); err != nil || len(evs) == 0 {
		t.Fatal(err)
	}
	now := c.Now()
	if got, _, err := c.Next(2*raft.Second, nil); err != nil || len(got) != 0 || c.Now() != now {
		t.Errorf("there come %d events up to %d, %v", len(got), c.Now(), err)
	}
}

func TestFlawNames(t *testing.T) {
	seen := map[string]bool{}
	for f := NoFlaw; f <= EndsAtDamage; f++ {
		if name := f.String(); name == "unknown" || seen[name] {
			t.Errorf("flaw %d is %q", f, name)
		}
		seen[f.String()] = true
	}
	if Flaw(99).String() != "unknown" {
		t.Errorf("flaw 99 is %v", Flaw(99))
	}
}

// put applies a write of x to a machine, as a session's request of that number.
func put(m machine.StateMachine, i raft.Index, seq uint64, value string) {
	c := machine.Command{Op: machine.OpPut, Key: "x", Value: value, Session: [16]byte{1}, Seq: seq}
	m.Apply(raft.Entry{Index: i, Term: 1, Data: c.Encode()})
}

// restored gives a sound machine that begins with another's snapshot.
func restored(t *testing.T, m machine.StateMachine) *machine.KV {
	t.Helper()
	kv := machine.NewKV()
	if err := kv.Restore(m.Snapshot()); err != nil {
		t.Fatal(err)
	}
	return kv
}

// The museum's machines are broken in the one way that they are there to show, and so are copies of
// them; every other machine is left as it is.
func TestFlawedMachines(t *testing.T) {
	if _, broken := ForgetsSessions.machine(machine.NewLedger()).(*flawed); broken {
		t.Error("a ledger has no sessions to forget")
	}
	for _, f := range []Flaw{NoFlaw, ForgetsSessions} {
		for _, copied := range []bool{false, true} {
			m := f.machine(machine.NewKV())
			put(m, 1, 1, "1")
			if copied {
				m = m.Clone()
			}
			kv, want := restored(t, m), "1"
			if put(kv, 2, 1, "again"); f == ForgetsSessions {
				want = "again"
			}
			if v, _ := kv.Get("x"); v != want {
				t.Errorf("%v, copied %v: behind a request that came twice x is %q", f, copied, v)
			}
		}
	}
	for _, copied := range []bool{false, true} {
		m := SkipsEntry.machine(machine.NewKV())
		put(m, 1, 1, "1")
		if err := m.Restore(m.Snapshot()); err != nil {
			t.Fatal(err)
		}
		if copied {
			m = m.Clone()
		}
		put(m, 2, 2, "2")
		if v, _ := restored(t, m).Get("x"); v != "1" {
			t.Errorf("copied %v: the first entry behind a restart is not skipped: x is %q", copied, v)
		}
		put(m, 3, 3, "3")
		if v, _ := restored(t, m).Get("x"); v != "3" {
			t.Errorf("copied %v: the second one is skipped too: x is %q", copied, v)
		}
	}
}

// A store that ends its log at the first hole keeps what is before it, and nothing when its
// snapshot does not fit to its log.
func TestReplayEndsAtTheFirstHole(t *testing.T) {
	entries := func(places ...[2]uint64) (es []raft.Entry) {
		for _, p := range places {
			es = append(es, raft.Entry{Index: raft.Index(p[0]), Term: raft.Term(p[1])})
		}
		return es
	}
	for _, c := range []struct {
		name string
		im   raft.Image
		left int
		base raft.Index
	}{
		{"whole", raft.Image{Term: 3, Entries: entries([2]uint64{1, 1}, [2]uint64{2, 3})}, 2, 0},
		{"a hole", raft.Image{Term: 3, Entries: entries([2]uint64{1, 1}, [2]uint64{3, 1})}, 1, 0},
		{"a term that goes back", raft.Image{Term: 3,
			Entries: entries([2]uint64{1, 2}, [2]uint64{2, 1})}, 1, 0},
		{"a term that nobody has", raft.Image{Term: 3,
			Entries: entries([2]uint64{1, 1}, [2]uint64{2, 4})}, 1, 0},
		{"a snapshot behind its end", raft.Image{Term: 3, Entries: entries([2]uint64{1, 1}),
			Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 9, Term: 2}}}, 0, 9},
		{"a snapshot that fits", raft.Image{Term: 3, Entries: entries([2]uint64{1, 1},
			[2]uint64{2, 2}), Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 2, Term: 2}}}, 2, 0},
	} {
		d := disk{image: c.im}
		d.replay()
		if len(d.image.Entries) != c.left || d.image.Base.Index != c.base {
			t.Errorf("%s: %d entries are left behind %d, not %d behind %d", c.name,
				len(d.image.Entries), d.image.Base.Index, c.left, c.base)
		}
	}
}
