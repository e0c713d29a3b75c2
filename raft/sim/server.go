package sim

import (
	"errors"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// server is one machine: a host while it is up, and a disk and a clock that stay.
type server struct {
	id     raft.NodeID
	boot   uint32
	host   *host.Host // nil while it is down
	wake   raft.Time  // when the node wants to act though nothing happens
	paused bool
	inbox  []item // what came while it was paused
	disk   disk
	clock  clock
	gone   string      // why it cannot come back under its id; empty if it can
	heir   raft.NodeID // who takes its place

	conf      raft.Packed // the configuration that was last in force here; empty for the first
	confIndex raft.Index
}

// env is a node's outside: the cluster.
type env struct {
	c  *Cluster
	id raft.NodeID
}

var _ host.Env = env{}

// do lets a server's node act on what it was told, and notes when it wants to act by itself.
func (c *Cluster) do(s *server) {
	s.host.Do(s.clock.reads(c.now))
	s.rest()
}

func (s *server) rest() {
	if s.host != nil {
		s.wake = s.clock.shows(s.host.Wake())
	}
}

// start begins a new incarnation of a server with what its disk holds.
func (c *Cluster) start(s *server) error {
	cfg := c.cfg.Raft
	cfg.Group, cfg.ID, cfg.Boot = raft.GroupID(c.cfg.Seed|1), s.id, s.boot+1
	cfg.Members, cfg.Seed = c.founders, c.cfg.Seed
	m, err := machine.New(c.cfg.Machine)
	if err != nil {
		return err
	}
	im := s.disk.image
	opt := host.Options{Store: c.cfg.Store, Restart: s.boot > 0, SnapshotEvery: c.cfg.SnapshotEvery}
	h, err := host.New(cfg, opt, im, s.disk.snapshot(im.Snapshot),
		c.cfg.Flaw.machine(m), env{c, s.id})
	if err != nil {
		return err
	}
	s.boot, s.host, s.paused, s.inbox = cfg.Boot, h, false, nil
	h.Start(s.clock.reads(c.now), &im)
	s.rest()
	return nil
}

// restart begins a new incarnation of a server that is down. Damage is found now, and told of until
// then; where it is no torn tail the server does not start. A disk that cannot be read though it
// was not damaged is a violation, not a crash of the simulation.
func (c *Cluster) restart(s *server) {
	damage := s.disk.set.Damage
	s.disk.recover()
	switch c.cfg.Flaw {
	case AnyTailIsTorn:
		s.disk.image.Doubtful = false
	case RetriesSync:
		s.disk.replay()
	case EndsAtDamage:
		if damage == trace.DamageLog {
			s.disk.endAtDamage()
			damage = trace.DamageNone
		}
	}
	if damage == trace.DamageLog {
		s.gone = "its log is damaged in a place that no torn write explains"
		c.tell(trace.Supervisor, trace.EventID{},
			trace.Crashed{Node: s.id, Why: "damaged log", Stays: true})
	} else if err := c.start(s); err != nil {
		c.tell(trace.Checker, trace.EventID{}, trace.Violation{Check: "broken",
			Text:  say.Textf("%v cannot start: %v", s.id, err),
			Nodes: []raft.NodeID{s.id}})
	}
	set := s.disk.set
	set.Damage = trace.DamageNone
	c.setDisk(s, set)
}

// crash ends an incarnation without a word. What was not synced is lost.
func (c *Cluster) crash(s *server, why string, stays bool) {
	c.crashHalf(s, why, stays, s.disk.set.Damage == trace.DamageTorn)
}

// crashHalf ends an incarnation; half of the batch that is being written may be there afterwards.
func (c *Cluster) crashHalf(s *server, why string, stays, half bool) {
	losing := s.disk.powerCut(half)
	if c.cfg.Store == "memory" {
		s.disk.empty()
		s.gone = "it ran on the memory store: when it was killed it lost its vote and its log"
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

// newServer makes a server with the next free id and an empty disk. It joins: it follows whoever
// leads, and the log will say what it is.
func (c *Cluster) newServer() raft.NodeID {
	id := raft.NodeID(len(c.servers) + 1)
	c.servers = append(c.servers, server{id: id, disk: newDisk(c.rand.Split("disk", uint64(id)))})
	c.members = append(slices.Clip(c.members), id)
	c.buildLinks()
	c.restart(c.server(id))
	return id
}

// wipe takes a server's disk away. It is down for good; a new server takes its place as a learner
// first, and a supervisor asks for the two changes until they are made.
func (c *Cluster) wipe(s *server) {
	losing := s.disk.powerCut(false)
	inbox := s.inbox
	s.disk.empty()
	s.host, s.paused, s.inbox, s.gone = nil, false, nil, "its disk was wiped"
	old := s.id
	c.tell(trace.Supervisor, trace.EventID{},
		trace.Crashed{Node: old, Why: "wiped", Stays: true, Losing: uint32(losing)})
	for i := range inbox {
		if inbox[i].kind == dueDeliver {
			c.happenAt(s, &inbox[i])
		}
	}
	if !c.takesPart(old) {
		return
	}
	heir := c.newServer()
	c.server(old).heir = heir
	ids := []raft.NodeID{heir}
	c.supervise(raft.Change{Learn: ids},
		raft.Change{Vote: ids, Remove: []raft.NodeID{old}})
}

// Record implements host.Env. Events tell the true time, whatever the node's clock shows.
func (e env) Record(ev trace.Event) {
	ev.At = e.c.now
	if d, ok := ev.Body.(trace.Decided); ok {
		e.c.decided(e.id, &d.Note)
	}
	e.c.record(ev)
}

// Send implements host.Env.
func (e env) Send(m raft.Message) raft.Time { return e.c.carry(m) }

// Save implements host.Env.
func (e env) Save(w raft.Write) {
	s := e.c.server(e.id)
	if e.c.cfg.Flaw == ResetsLogEarly {
		s.disk.resetEarly(&w)
	}
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
	e.c.plan(e.c.now+raft.Millisecond+s.disk.set.Slow,
		item{kind: dueChunk, node: e.id, boot: s.boot, chunk: ref})
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
