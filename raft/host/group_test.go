package host_test

import (
	"errors"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

// outside is what is around one host: its disk saves and its messages leave only when the test says
// so.
type outside struct {
	h       *host.Host
	events  []trace.Event
	mail    []raft.Message
	writes  []raft.WriteID
	fetches []raft.ChunkRef
	taken   []snapshot // by the machine here, not durable yet
	disk    snapshot   // the durable one
	coming  []byte     // of a leader's snapshot
	lost    bool       // nothing can be loaded any more
	answers []answer
	broken  []raft.Broken
}

type snapshot struct {
	ref  raft.SnapshotRef
	data []byte
}

type answer struct {
	ref    raft.Ref
	body   trace.Answered
	result machine.Result
}

func (o *outside) Record(ev trace.Event) { o.events = append(o.events, ev) }

func (o *outside) Send(m raft.Message) raft.Time {
	o.mail = append(o.mail, m)
	return 77
}

func (o *outside) Save(w raft.Write) {
	o.writes = append(o.writes, w.ID)
	if w.Chunk != nil {
		o.coming = append(o.coming[:w.Chunk.Offset], w.Chunk.Data...)
	}
	if w.Finish != nil {
		o.disk = snapshot{w.Finish.Snapshot, o.coming}
	}
}

func (o *outside) SaveSnapshot(ref raft.SnapshotRef, data []byte) {
	o.taken = append(o.taken, snapshot{ref, data})
}

func (o *outside) Fetch(c raft.ChunkRef) { o.fetches = append(o.fetches, c) }

func (o *outside) Load(ref raft.SnapshotRef) ([]byte, error) {
	if o.lost || ref != o.disk.ref {
		return nil, errors.New("no such file")
	}
	return o.disk.data, nil
}

func (o *outside) Answer(ref raft.Ref, a trace.Answered, result []byte) raft.Time {
	r, _ := machine.DecodeResult(result)
	o.answers = append(o.answers, answer{ref, a, r})
	return 88
}

func (o *outside) Broken(b raft.Broken) { o.broken = append(o.broken, b) }

// of gives the events of one kind.
func (o *outside) of(k trace.Kind) (evs []trace.Event) {
	for _, ev := range o.events {
		if ev.Body.Kind() == k {
			evs = append(evs, ev)
		}
	}
	return evs
}

// group is some hosts and what carries their messages. A message to somebody whose host is not
// there is lost.
type group struct {
	t   *testing.T
	now raft.Time
	out []*outside
}

// config gives the settings of one of n servers.
func config(id raft.NodeID, n int) raft.Config {
	cfg := raft.DefaultConfig()
	cfg.Group, cfg.ID, cfg.Boot, cfg.Trailing = 1, id, 1, 1
	for k := range n {
		cfg.Members = append(cfg.Members, raft.NodeID(k+1))
	}
	return cfg
}

// newGroup starts n servers with key-value machines.
func newGroup(t *testing.T, n int, opt host.Options) *group {
	t.Helper()
	g := &group{t: t}
	for k := range n {
		g.add(config(raft.NodeID(k+1), n), opt)
	}
	return g
}

func (g *group) add(cfg raft.Config, opt host.Options) *outside {
	g.t.Helper()
	o := &outside{}
	h, err := host.New(cfg, opt, raft.Image{}, nil, machine.NewKV(), o)
	if err != nil {
		g.t.Fatal(err)
	}
	o.h = h
	h.Start(g.now, &raft.Image{})
	g.out = append(g.out, o)
	return o
}

// settle lets the disks save and the messages come until nothing is left to do.
func (g *group) settle() {
	for busy := true; busy; {
		busy = false
		for _, o := range g.out {
			busy = g.one(o) || busy
		}
	}
}

// one does what is to be done around a host; false if there is nothing.
func (g *group) one(o *outside) bool {
	busy := len(o.writes)+len(o.fetches)+len(o.mail) > 0
	if k := len(o.writes); k > 0 {
		o.h.Saved(g.now, o.writes[k-1])
		o.writes = nil
	}
	for _, c := range o.fetches {
		if c.Snapshot != o.disk.ref {
			o.h.Fetched(g.now, raft.Chunk{ChunkRef: c, Gone: true})
			continue
		}
		end := min(c.Offset+c.Size, uint64(len(o.disk.data)))
		o.h.Fetched(g.now, raft.Chunk{ChunkRef: c, Data: o.disk.data[c.Offset:end]})
	}
	mail := o.mail
	o.fetches, o.mail = nil, nil
	o.h.Do(g.now)
	for _, m := range mail {
		if int(m.To) <= len(g.out) {
			to := g.out[m.To-1]
			to.h.Deliver(g.now, m, 0)
			to.h.Do(g.now)
		}
	}
	return busy
}

// elect makes the first server the leader.
func (g *group) elect() *outside {
	g.t.Helper()
	o := g.out[0]
	o.h.Campaign(0)
	o.h.Do(g.now)
	g.settle()
	if st := o.h.Node().Status(); st.Role != raft.Leader {
		g.t.Fatalf("S1 is %v", st.Role)
	}
	return o
}

// put asks a host for a value and waits until all is quiet.
func (g *group) put(o *outside, key, value string) raft.Ref {
	c := machine.Command{Op: machine.OpPut, Key: key, Value: value}
	ref := o.h.Request(g.now, trace.EventID{}, "put", key, value, c.Encode())
	o.h.Do(g.now)
	g.settle()
	return ref
}

// durable makes the newest snapshot that a machine gave durable.
func (g *group) durable(o *outside) {
	g.t.Helper()
	if len(o.taken) == 0 {
		g.t.Fatal("no snapshot was taken")
	}
	o.disk = o.taken[len(o.taken)-1]
	o.h.Snapshotted(g.now, o.disk.ref)
	o.h.Do(g.now)
	g.settle()
}
