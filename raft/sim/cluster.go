package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// Cluster is a simulated cluster. It is a trace.Source whose clock is driven: it stands still until
// Next asks it to go on. It is not safe for use by several goroutines at once.
type Cluster struct {
	cfg      Config
	rand     rng.Rand      // never drawn from; split by name
	servers  []server      // in the order of their ids, from 1
	members  []raft.NodeID // all of them
	founders []raft.NodeID // the voters that the group began with
	links    []link        // from*stride+to
	stride   int
	clients  []client
	actions  []action // of the scenario, in order
	nemesis  nemesis
	peace    Peace

	conf   raft.Packed // the newest committed configuration; empty for the first
	confAt raft.Index  // where it stands

	now     raft.Time
	reached raft.Time
	seq     uint64
	queue   queue

	outsiders [4]uint64     // the last N of the network, supervisor, checker and clients
	outbox    []trace.Event // recorded and not yet given
	given     int           // of the outbox
	count     uint64
	hash      uint64
	closed    bool

	keeping bool     // of what is done to it
	done    []Action // since KeepActions
	redo    redoing
}

var _ trace.Source = (*Cluster)(nil)

// New starts a cluster at time 0. The error names the setting that is wrong.
func New(cfg Config) (*Cluster, error) {
	if cfg.Scenario == "" {
		cfg.Scenario = "first"
	}
	sc, ok := scenarioNamed(cfg.Scenario)
	if !ok {
		return nil, say.Errorf("sim: scenario=%q: there are %v", cfg.Scenario,
			say.List(Scenarios()))
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if _, err := machine.New(cfg.Machine); err != nil {
		return nil, say.Errorf("sim: %w", err)
	}
	sc.adjust(&cfg)
	c := &Cluster{cfg: cfg, rand: rng.New(cfg.Seed), actions: sc.actions}
	for i := range cfg.Nodes {
		c.members = append(c.members, raft.NodeID(i+1))
	}
	c.founders = c.members
	c.servers = make([]server, cfg.Nodes)
	c.buildLinks()
	for i := range c.servers {
		s := &c.servers[i]
		s.id = raft.NodeID(i + 1)
		s.disk = newDisk(c.rand.Split("disk", uint64(s.id)))
		if err := c.start(s); err != nil {
			return nil, say.Errorf("sim: %w", err)
		}
	}
	c.startClients()
	for i := range c.actions {
		c.plan(c.actions[i].at, item{kind: dueAction, write: raft.WriteID(i)})
	}
	c.startNemesis()
	return c, nil
}

// Header implements trace.Source.
func (c *Cluster) Header() trace.Header {
	h := trace.Header{
		Major: trace.Major, Minor: trace.Minor, Kind: trace.Simulation, Engine: "raftarium",
		Rules: Version, Origin: "empty", Title: c.cfg.Scenario, URI: c.cfg.URI(), Seed: c.cfg.Seed,
		Clock: trace.Driven,
		Caps: trace.CanKill | trace.CanPause | trace.CanCut | trace.CanLink | trace.CanPropose |
			trace.CanCampaign | trace.Hashed | trace.KnowsFlights,
		ElectionMin: c.cfg.Raft.ElectionMin, ElectionMax: c.cfg.Raft.ElectionMax,
		Heartbeat: c.cfg.Raft.Heartbeat, Store: c.cfg.Store, Machine: c.cfg.Machine,
	}
	ids := c.rand.Split("uuid", 0)
	h.Cluster = uuid(&ids)
	for _, id := range c.founders {
		h.Members = append(h.Members, trace.Member{ID: id, Name: id.String(), UUID: uuid(&ids)})
	}
	return h
}

// uuid draws a version 4 UUID.
func uuid(r *rng.Rand) (u [16]byte) {
	a, b := r.Uint64(), r.Uint64()
	for i := range 8 {
		u[i], u[i+8] = byte(a>>(8*i)), byte(b>>(8*i))
	}
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u
}

// Next implements trace.Source: it runs the cluster up to until, or until dst is full. A dst
// without room is given some.
func (c *Cluster) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	if len(dst) == cap(dst) {
		dst = slices.Grow(dst, 256)
	}
	for {
		for c.given < len(c.outbox) && len(dst) < cap(dst) {
			dst = append(dst, c.outbox[c.given])
			c.given++
		}
		if c.given < len(c.outbox) {
			c.reached = max(c.reached, c.outbox[c.given].At-1)
			return dst, c.reached, nil
		}
		clear(c.outbox)
		c.outbox, c.given = c.outbox[:0], 0
		if len(dst) == cap(dst) {
			c.reached = max(c.reached, c.now-1)
			return dst, c.reached, nil
		}
		if c.closed || c.redo.stray != nil || !c.step(until) {
			c.reached = max(c.reached, c.now)
			return dst, c.reached, c.redo.stray
		}
	}
}

// Close implements trace.Source.
func (c *Cluster) Close() error {
	c.closed = true
	return nil
}

// Run gives the number of the run's events so far and their rolling hash.
func (c *Cluster) Run() (events, hash uint64) { return c.count, c.hash }

// Now gives the time up to which the cluster has run.
func (c *Cluster) Now() raft.Time { return c.now }

// step lets the next thing happen that is due up to until; false if there is none, and then it is
// until.
func (c *Cluster) step(until raft.Time) bool {
	if len(c.redo.Actions) > 0 && c.redo.Actions[0].At <= until && c.again() {
		return true
	}
	at, sleeper := c.next()
	if at > until {
		c.now = max(c.now, until)
		return false
	}
	c.now = max(c.now, at)
	if sleeper != nil {
		c.do(sleeper)
		return true
	}
	it := c.queue.pop()
	c.happen(&it)
	return true
}

// next gives when the next thing is due, and the server that it is due at by time alone, or nil.
func (c *Cluster) next() (at raft.Time, sleeper *server) {
	at = raft.Time(1) << 62
	if len(c.queue.items) > 0 {
		at = c.queue.items[0].at
	}
	for i := range c.servers {
		if s := &c.servers[i]; s.host != nil && !s.paused && s.wake < at {
			at, sleeper = s.wake, s
		}
	}
	return at, sleeper
}

// happen dispatches what is due. What concerns a paused node waits for its end.
func (c *Cluster) happen(it *item) {
	switch it.kind {
	case dueDeliver, dueSaved, dueSnapshot, dueChunk, dueArrive:
		s := c.server(it.node)
		if it.kind == dueDeliver && c.clogged(it) {
			return
		}
		if s.paused && s.host != nil {
			s.inbox = append(s.inbox, *it)
			return
		}
		c.happenAt(s, it)
	case dueDrop:
		c.drop(it)
	case dueCopy:
		c.duplicate(it)
	case dueThink:
		c.think(&c.clients[it.client])
	case dueRetry:
		c.retry(&c.clients[it.client])
	case dueReturn:
		c.answered(&c.clients[it.client], it)
	case dueImpatient:
		c.impatient(&c.clients[it.client], it)
	case dueAction:
		c.act(&c.actions[it.write])
	case dueNemesis:
		c.befall()
	}
}

// happenAt lets something happen at a node.
func (c *Cluster) happenAt(s *server, it *item) {
	switch it.kind {
	case dueDeliver:
		c.deliver(s, it)
	case dueArrive:
		c.arrive(s, it)
	default:
		if s.host != nil && s.boot == it.boot {
			c.diskDone(s, it)
		}
	}
}

// plan puts something into the queue.
func (c *Cluster) plan(at raft.Time, it item) {
	c.seq++
	it.at, it.seq = max(at, c.now), c.seq
	c.queue.push(it)
}

// record takes an event of the run, or beside it.
func (c *Cluster) record(ev trace.Event) {
	if ev.Body.Kind().InRun() {
		c.count++
		c.hash = trace.HashEvent(c.hash, &ev)
		if len(c.redo.Rungs) > 0 {
			c.compare()
		}
	}
	c.outbox = append(c.outbox, ev)
}

// tell records an event of the network, the supervisor, the checker or the clients. What lies
// beside the run has numbers of its own, so that it never moves those of the run.
func (c *Cluster) tell(who raft.NodeID, cause trace.EventID, body trace.Body) trace.EventID {
	boot := uint32(1)
	k := who - raft.FirstOutsider
	if !body.Kind().InRun() {
		boot, k = 2, trace.Checker-raft.FirstOutsider
	}
	c.outsiders[k]++
	id := trace.EventID{Node: who, Boot: boot, N: c.outsiders[k]}
	c.record(trace.Event{ID: id, Cause: cause, At: c.now, Body: body})
	return id
}

func (c *Cluster) server(id raft.NodeID) *server { return &c.servers[id-1] }

// known reports whether there is a node of that id.
func (c *Cluster) known(id raft.NodeID) bool { return id >= 1 && int(id) <= len(c.servers) }
