package sim

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// FuzzParseURI holds that no address does harm: what is taken can be simulated, and is still the
// same in the words of its own.
func FuzzParseURI(f *testing.F) {
	f.Add("sim:")
	f.Add("sim:?nodes=5&seed=7&store=file&machine=kv&scenario=" + Scenarios()[0])
	f.Add("sim:?clients=3&delay=1&jitter=2&loss=3&duplicate=4&reorder=5")
	f.Add("sim:?nodes=2147483647&clients=2147483647&delay=2147483647&loss=2147483647")
	f.Add("sim:?seed=0xffffffffffffffff&machine=ledger&store=memory&=&&nodes")
	f.Fuzz(func(t *testing.T, uri string) {
		cfg, err := ParseURI(uri)
		if err != nil {
			if len(err.Error()) > 600 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		again, err := ParseURI(cfg.URI())
		if err != nil || again.URI() != cfg.URI() {
			t.Errorf("%q became %q, %v", cfg.URI(), again.URI(), err)
		}
		c, err := New(cfg)
		if err != nil {
			t.Fatalf("%q was taken and cannot be simulated: %v", uri, err)
		}
		for range 3 {
			if _, _, err := c.Next(100*raft.Millisecond, make([]trace.Event, 0, 64)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzDo gives a simulation any command: it is taken or refused with a sentence, and the run goes
// on.
func FuzzDo(f *testing.F) {
	for k := trace.CommandKill; k <= trace.CommandClock; k++ {
		c := trace.Command{ID: 1, Kind: k, Node: 1, From: 1, To: 2, Both: true, Key: "x", Value: "1",
			Groups: [][]raft.NodeID{{1}, {2, 3}}, Change: raft.Change{Learn: []raft.NodeID{4}}}
		f.Add(trace.AppendCommand(nil, &c), byte(3))
	}
	f.Fuzz(func(t *testing.T, b []byte, nodes byte) {
		cmd, err := trace.DecodeCommand(b)
		if err != nil {
			return
		}
		cfg := DefaultConfig()
		cfg.Nodes = int(nodes%9) + 1
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]trace.Event, 0, 256)
		_, at, _ := c.Next(raft.Second, buf)
		c.Do(cmd)
		c.Do(cmd)
		for range 8 {
			var err error
			if _, at, err = c.Next(at+100*raft.Millisecond, buf[:0]); err != nil {
				t.Fatal(err)
			}
		}
		c.Clone()
	})
}
