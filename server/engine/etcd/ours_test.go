package etcd

import (
	"fmt"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// ours is a cluster of raft.Node. Each server has a clock of its own, so that time passes only
// where the schedule says so.
type ours struct {
	tb      testing.TB
	guarded bool
	servers []*ourServer
	queue   []raft.Message
	wires   wires
	broken  error
	asked   int // changes and transfers
	answers map[raft.Ref]raft.Answer
}

type ourServer struct {
	cfg      raft.Config
	node     *raft.Node // nil while it is down
	now      raft.Time
	heard    raft.Time // when its leader last sent word
	out      raft.Output
	image    raft.Image
	idle     bool         // its disk saves nothing for now
	writes   []raft.Write // that wait to be saved
	shots    map[raft.SnapshotRef][]byte
	part     []byte // of a snapshot that comes in
	log      ledger
	handedAt raft.Time // when it was asked to hand over
	handing  int       // heartbeats since then
}

// newOurs gives a cluster; rules are the standard ones where they are nil.
func newOurs(tb testing.TB, s setup, rules *raft.Rules) *ours {
	c := &ours{tb: tb, guarded: s.guarded, answers: map[raft.Ref]raft.Answer{}}
	var members []raft.NodeID
	for i := range s.members {
		members = append(members, raft.NodeID(i+1))
	}
	for i := range s.nodes {
		id, cfg := raft.NodeID(i+1), raft.DefaultConfig()
		cfg.Group, cfg.ID, cfg.Seed, cfg.Members = 1, id, 1, members
		cfg.ElectionMin = electionTicks * cfg.Heartbeat
		cfg.ElectionMax = cfg.ElectionMin << 30 // nobody stands by itself
		cfg.PreVote, cfg.CheckQuorum = s.guarded, s.guarded
		cfg.Trailing, cfg.MaxInflight, cfg.MaxBatch = 0, maxInflight, 1
		cfg.ChunkSize, cfg.Rules = 16, rules
		c.servers = append(c.servers, &ourServer{cfg: cfg,
			shots: map[raft.SnapshotRef][]byte{}})
		c.start(int(id))
	}
	return c
}

func (c *ours) net() *wires { return &c.wires }

func (c *ours) problem() error { return c.broken }

func (c *ours) fail(id raft.NodeID, err error) {
	if err != nil && c.broken == nil {
		c.broken = fmt.Errorf("ours: %v: %w", id, err)
	}
}

func (c *ours) start(id int) {
	s := c.servers[id-1]
	if s.node != nil {
		return
	}
	s.cfg.Boot++
	s.part, s.log.last = nil, 0
	if ref := s.image.Snapshot; ref.Index > 0 {
		c.fail(s.cfg.ID, s.log.load(uint64(ref.Index), s.shots[ref]))
	}
	var err error
	if s.node, err = raft.New(s.cfg, s.image); err != nil {
		c.tb.Fatal(err)
	}
	c.step(s, raft.Wake())
}

func (c *ours) crash(id int) {
	s := c.servers[id-1]
	s.node, s.writes, s.idle = nil, nil, false
	c.queue = slices.DeleteFunc(c.queue, func(m raft.Message) bool {
		return m.From == s.cfg.ID || m.To == s.cfg.ID
	})
}

func (c *ours) lazy(id int) { c.servers[id-1].idle = c.servers[id-1].node != nil }

func (c *ours) sync(id int) {
	s := c.servers[id-1]
	s.idle = false
	if len(s.writes) > 0 {
		c.step(s, s.save())
	}
}

// step gives a server its inputs and carries out what it asks for, until it rests.
func (c *ours) step(s *ourServer, in ...raft.Input) {
	for len(in) > 0 && s.node != nil {
		s.node.Step(s.now, in, &s.out)
		in = c.carryOut(s)
		if len(s.writes) > 0 && !s.idle {
			in = append(in, s.save())
		}
	}
}

// save saves the oldest write.
func (s *ourServer) save() raft.Input {
	w := s.writes[0]
	s.writes = s.writes[1:]
	if w.Chunk != nil {
		s.part = append(s.part[:w.Chunk.Offset:w.Chunk.Offset], w.Chunk.Data...)
	}
	if w.Finish != nil {
		s.shots[w.Finish.Snapshot] = s.part
	}
	s.image.Save(&w)
	return raft.Saved(0, w.ID)
}

func (c *ours) carryOut(s *ourServer) (next []raft.Input) {
	o := &s.out
	if o.Save.ID != 0 {
		s.writes = append(s.writes, o.Save)
	}
	c.queue = append(c.queue, o.Send...)
	for _, e := range o.Apply {
		c.fail(s.cfg.ID, s.log.put(uint64(e.Index), text(&e)))
		next = append(next, raft.Applied(0, e.Index))
	}
	c.hear(s, o.Answers)
	for _, f := range o.Fetch {
		chunk := raft.Chunk{ChunkRef: f, Gone: true}
		if data, ok := s.shots[f.Snapshot]; ok {
			chunk.Data, chunk.Gone = data[f.Offset:f.Offset+f.Size], false
		}
		next = append(next, raft.Fetched(chunk))
	}
	if ref := o.Install; ref != nil {
		c.fail(s.cfg.ID, s.log.load(uint64(ref.Index), s.shots[*ref]))
		next = append(next, raft.Installed(*ref))
	}
	return next
}

// campaign makes a server stand: by being asked, or where it must ask first whether it would win,
// by letting its time-out pass.
func (c *ours) campaign(id int) {
	s := c.servers[id-1]
	switch {
	case s.node == nil || s.node.Status().Role == raft.Leader:
	case c.guarded:
		s.now += s.cfg.ElectionMax
		c.step(s, raft.Wake())
	default:
		c.step(s, raft.Campaign(0))
	}
}

func (c *ours) propose(id int, data string) bool {
	s := c.servers[id-1]
	if s.node == nil {
		return false
	}
	delete(c.answers, command)
	c.step(s, raft.Propose(command, []byte(data)))
	a, ended := c.answers[command]
	return !ended || a.Outcome == raft.OutcomeOK
}

func (c *ours) deliver(once bool) {
	for left := len(c.queue); left > 0; left-- {
		m := c.queue[0]
		c.queue = c.queue[1:]
		to := c.servers[m.To-1]
		if to.node != nil && c.wires.up(int(m.From), int(m.To)) && !c.withinLease(to, &m) {
			c.step(to, raft.Receive(0, m))
		}
		if !once {
			left = len(c.queue) + 1
		}
	}
}

// withinLease drops what etcd would not hear: a restarted leader that asks those for their vote who
// still follow it. Ours knows that a leader that asks leads no more; etcd waits for its time-out.
func (c *ours) withinLease(s *ourServer, m *raft.Message) bool {
	st := s.node.Status()
	switch m.Body.(type) {
	case *raft.AppendEntries, *raft.InstallSnapshot:
		if m.Term >= st.Term {
			s.heard = s.now
		}
	case *raft.RequestVote:
		return c.guarded && st.Leader == m.From && s.now-s.heard < s.cfg.ElectionMin
	}
	return false
}

func (c *ours) beat() {
	for _, s := range c.servers {
		if s.node != nil && s.node.Status().Role == raft.Leader {
			s.now += s.cfg.Heartbeat
			s.tire()
			c.step(s, raft.Wake())
		}
	}
}

func (c *ours) expire() {
	for _, s := range c.servers {
		if s.node != nil && s.node.Status().Role != raft.Leader {
			s.now += s.cfg.ElectionMin
		}
	}
}

func (c *ours) applied(id int) uint64 {
	if s := c.servers[id-1]; s.node != nil {
		return s.log.last
	}
	return 0
}

func (c *ours) snapshot(id int, at uint64) {
	s := c.servers[id-1]
	mark, ok := s.node.MarkAt(raft.Index(at))
	if !ok || mark.Index <= s.image.Snapshot.Index {
		return
	}
	data := s.log.save(at)
	ref := raft.SnapshotRef{Mark: mark, Size: uint64(len(data)), CRC: crc32.ChecksumIEEE(data),
		Config: s.node.ConfigAt(raft.Index(at))}
	s.shots[ref], s.image.Snapshot = data, ref
	c.step(s, raft.Snapshotted(ref))
}

func (c *ours) ledger(id int) *ledger { return &c.servers[id-1].log }

func (c *ours) role(id int) role {
	s := c.servers[id-1]
	if s.node == nil {
		return role{term: uint64(s.image.Term)}
	}
	st := s.node.Status()
	leads := st.Role == raft.Leader
	return role{up: true, leads: leads, term: uint64(s.image.Term),
		hands: leads && st.Transfer != 0}
}

func (c *ours) view(id int) view {
	s := c.servers[id-1]
	v := view{role: c.role(id), vote: uint64(s.image.Vote), ledger: s.log.commands()}
	if v.up {
		v.config = described(s.node.Status().Config)
	}
	v.base = slot{index: uint64(s.image.Base.Index), term: uint64(s.image.Base.Term)}
	for _, e := range s.image.Entries {
		v.log = append(v.log, slot{uint64(e.Index), uint64(e.Term), text(&e)})
	}
	return v
}

func (c *ours) tell() (lines []string) {
	for i, s := range c.servers {
		line := fmt.Sprintf("S%d %v", i+1, c.view(i+1))
		if s.node != nil {
			st := s.node.Status()
			line += fmt.Sprintf(" (%v, leader %v, commit %d, goes by %s)", st.Role, st.Leader,
				st.Commit, described(st.Config))
		}
		lines = append(lines, line)
	}
	return lines
}
