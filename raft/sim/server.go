package sim

import (
	"errors"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

// server is one machine: a host while it is up, and a disk that stays.
type server struct {
	id     raft.NodeID
	boot   uint32
	host   *host.Host // nil while it is down
	paused bool
	inbox  []item // what came while it was paused
	disk   disk
	lost   bool // it ran on memory and was killed: its vote is gone
}

// env is a node's outside: the cluster.
type env struct {
	c  *Cluster
	id raft.NodeID
}

var _ host.Env = env{}

// start begins a new incarnation of a server with what its disk holds.
func (c *Cluster) start(s *server) error {
	cfg := c.cfg.Raft
	cfg.Group, cfg.ID, cfg.Boot = raft.GroupID(c.cfg.Seed|1), s.id, s.boot+1
	cfg.Members, cfg.Seed = c.members, c.cfg.Seed
	m, err := machine.New(c.cfg.Machine)
	if err != nil {
		return err
	}
	im := s.disk.image
	opt := host.Options{Store: c.cfg.Store, Restart: s.boot > 0, SnapshotEvery: c.cfg.SnapshotEvery}
	h, err := host.New(cfg, opt, im, s.disk.snapshot(im.Snapshot), m, env{c, s.id})
	if err != nil {
		return err
	}
	s.boot, s.host, s.paused, s.inbox = cfg.Boot, h, false, nil
	h.Start(c.now, &im)
	return nil
}

// crash ends an incarnation without a word. What was not synced is lost.
func (c *Cluster) crash(s *server, why string, stays bool) {
	losing := s.disk.powerCut()
	if c.cfg.Store == "memory" {
		s.disk.empty()
		s.lost = true
	}
	inbox := s.inbox
	s.host, s.paused, s.inbox = nil, false, nil
	c.tell(trace.Supervisor, trace.EventID{},
		trace.Crashed{Node: s.id, Why: why, Stays: stays, Losing: uint32(losing)})
	for i := range inbox {
		if inbox[i].kind == dueDeliver { // what waited for a paused server dies with it
			c.happenAt(s, &inbox[i])
		}
	}
}

// pause makes a server stand still.
func (c *Cluster) pause(s *server) {
	s.paused = true
	c.tell(trace.Supervisor, trace.EventID{}, trace.Paused{Node: s.id})
}

// resume lets a server go on: what came meanwhile happens now, in order.
func (c *Cluster) resume(s *server) {
	s.paused = false
	c.tell(trace.Supervisor, trace.EventID{}, trace.Resumed{Node: s.id})
	for _, it := range s.inbox {
		c.plan(c.now, it)
	}
	s.inbox = nil
}

// Record implements host.Env.
func (e env) Record(ev trace.Event) { e.c.record(ev) }

// Send implements host.Env.
func (e env) Send(m raft.Message) raft.Time { return e.c.carry(m) }

// Save implements host.Env.
func (e env) Save(w raft.Write) {
	s := e.c.server(e.id)
	at := s.disk.write(e.c.now, e.c.cfg.Fsync, w)
	e.c.plan(at, item{kind: dueSaved, node: e.id, boot: s.boot, write: w.ID})
}

// SaveSnapshot implements host.Env.
func (e env) SaveSnapshot(ref raft.SnapshotRef, data []byte) {
	s := e.c.server(e.id)
	at := s.disk.writeSnapshot(e.c.now, e.c.cfg.Fsync, ref, data)
	e.c.plan(at, item{kind: dueSnapshot, node: e.id, boot: s.boot, ref: ref})
}

// Fetch implements host.Env.
func (e env) Fetch(ref raft.ChunkRef) {
	s := e.c.server(e.id)
	e.c.plan(e.c.now+raft.Millisecond, item{kind: dueChunk, node: e.id, boot: s.boot, chunk: ref})
}

// Load implements host.Env.
func (e env) Load(ref raft.SnapshotRef) ([]byte, error) {
	if b := e.c.server(e.id).disk.snapshot(ref); b != nil {
		return b, nil
	}
	return nil, errors.New("it is not on the disk")
}

// Broken implements host.Env: the node goes down and what was broken is shown.
func (e env) Broken(b raft.Broken) {
	e.c.tell(trace.Checker, trace.EventID{}, trace.Violation{Check: "broken", Text: b.Error(),
		Nodes: []raft.NodeID{e.id}})
	e.c.crash(e.c.server(e.id), "broken", true)
}
