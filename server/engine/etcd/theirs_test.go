package etcd

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// theirs is a cluster of etcd's raft.RawNode.
type theirs struct {
	tb      testing.TB
	guarded bool
	servers []*theirServer
	queue   []raftpb.Message
	wires   wires
	broken  error
	reads   []*theirRead
	made    map[[2]uint64]madeConf
}

type theirServer struct {
	id      uint64
	node    *raft.RawNode // nil while it is down
	storage disk
	idle    bool             // its disk saves nothing for now
	writes  []raftpb.Message // that wait to be saved
	log     ledger
	newest  raftpb.Entry // that it asked to save
	added   uint64       // the snapshot that does not name it, and had to
}

// disk is etcd's storage in memory with a configuration that no entry of the log had to make.
type disk struct {
	*raft.MemoryStorage
	members raftpb.ConfState
}

// InitialState implements raft.Storage.
func (d disk) InitialState() (raftpb.HardState, raftpb.ConfState, error) {
	hard, conf, err := d.MemoryStorage.InitialState()
	if len(conf.Voters) == 0 { // no snapshot
		conf = d.members
	}
	return hard, conf, err
}

func newTheirs(tb testing.TB, s setup) *theirs {
	c := &theirs{tb: tb, guarded: s.guarded, made: map[[2]uint64]madeConf{}}
	members := raftpb.ConfState{Voters: firstConfig(s.members).voters}
	for i := range s.nodes {
		c.servers = append(c.servers, &theirServer{id: uint64(i + 1),
			storage: disk{raft.NewMemoryStorage(), members}})
		c.start(i + 1)
	}
	return c
}

func (c *theirs) net() *wires { return &c.wires }

func (c *theirs) problem() error { return c.broken }

func (c *theirs) must(err error) {
	if err != nil {
		c.tb.Fatal(err)
	}
}

func (c *theirs) fail(id uint64, err error) {
	if err != nil && c.broken == nil {
		c.broken = fmt.Errorf("etcd: S%d: %w", id, err)
	}
}

func (c *theirs) start(id int) {
	s := c.servers[id-1]
	if s.node != nil {
		return
	}
	cfg := etcdConfig(s.id, s.storage)
	cfg.PreVote, cfg.CheckQuorum = c.guarded, c.guarded
	cfg.ElectionTick, cfg.HeartbeatTick = electionTicks, 1
	cfg.MaxSizePerMsg, cfg.MaxCommittedSizePerReady = 0, maxBytes // one entry
	cfg.DisableProposalForwarding, cfg.AsyncStorageWrites = true, true
	cfg.StepDownOnRemoval = true
	s.log.last = 0
	snapshot, err := s.storage.Snapshot()
	c.must(err)
	if at := snapshot.Metadata.Index; at > 0 {
		c.fail(s.id, s.log.load(at, snapshot.Data))
		cfg.Applied = at
	}
	s.node, err = raft.NewRawNode(cfg)
	c.must(err)
	c.carryOut(s)
}

func (c *theirs) crash(id int) {
	s := c.servers[id-1]
	s.node, s.writes, s.idle = nil, nil, false
	c.reads = slices.DeleteFunc(c.reads, func(r *theirRead) bool {
		return r.id == s.id && !r.known
	})
	c.queue = slices.DeleteFunc(c.queue, func(m raftpb.Message) bool {
		return m.From == s.id || m.To == s.id
	})
}

func (c *theirs) lazy(id int) { c.servers[id-1].idle = c.servers[id-1].node != nil }

func (c *theirs) sync(id int) {
	s := c.servers[id-1]
	s.idle = false
	if s.node != nil {
		c.carryOut(s)
	}
}

// carryOut does what a server asks for, until it rests. Saving and applying are asked for by
// messages to threads that are none here (etcd's asynchronous storage writes).
func (c *theirs) carryOut(s *theirServer) {
	for {
		switch {
		case s.node.HasReady():
			ready := s.node.Ready()
			c.hear(ready.ReadStates)
			for _, m := range ready.Messages {
				c.take(s, m)
			}
		case len(s.writes) > 0 && !s.idle:
			c.save(s)
		default:
			return
		}
	}
}

func (c *theirs) take(s *theirServer, m raftpb.Message) {
	switch m.To {
	case raft.LocalAppendThread:
		s.writes = append(s.writes, m)
		if k := len(m.Entries); k > 0 {
			s.newest = m.Entries[k-1]
		}
	case raft.LocalApplyThread:
		for _, e := range m.Entries {
			data := string(e.Data)
			if cc, ok := changeOf(e); ok {
				c.reconfigure(s, cc)
				data = spelled(c.confAt(s, e.Index))
			}
			c.fail(s.id, s.log.put(e.Index, data))
		}
		c.respond(s, m)
	default:
		c.queue = append(c.queue, m)
	}
}

// save saves the oldest write, and then what waited for it leaves.
func (c *theirs) save(s *theirServer) {
	m := s.writes[0]
	s.writes = s.writes[1:]
	if m.Snapshot != nil {
		c.must(s.storage.ApplySnapshot(s.unnamed(*m.Snapshot)))
		c.fail(s.id, s.log.load(m.Snapshot.Metadata.Index, m.Snapshot.Data))
	}
	hard := raftpb.HardState{Term: m.Term, Vote: m.Vote, Commit: m.Commit}
	if !raft.IsEmptyHardState(hard) {
		c.must(s.storage.SetHardState(hard))
	}
	c.must(s.storage.Append(m.Entries))
	c.respond(s, m)
}

func (c *theirs) respond(s *theirServer, m raftpb.Message) {
	for _, r := range m.Responses {
		if r.To == s.id {
			c.feed(s, r)
		} else {
			c.queue = append(c.queue, r)
		}
	}
}

// feed gives a server a message. Answers of those who take no part it does not take.
func (c *theirs) feed(s *theirServer, m raftpb.Message) {
	if m.Type == raftpb.MsgSnap {
		m = s.named(m)
	}
	if err := s.node.Step(m); !errors.Is(err, raft.ErrStepPeerNotFound) {
		c.must(err)
	}
}

func (c *theirs) campaign(id int) {
	if s := c.servers[id-1]; s.node != nil {
		c.must(s.node.Campaign())
		c.carryOut(s)
	}
}

func (c *theirs) propose(id int, data string) bool {
	s := c.servers[id-1]
	if s.node == nil {
		return false
	}
	taken := s.node.Propose([]byte(data)) == nil
	c.carryOut(s)
	return taken
}

func (c *theirs) deliver(once bool) {
	for left := len(c.queue); left > 0; left-- {
		m := c.queue[0]
		c.queue = c.queue[1:]
		to := c.servers[m.To-1]
		arrives := to.node != nil && c.wires.up(int(m.From), int(m.To))
		if arrives {
			c.answerStale(to, m)
			c.feed(to, m)
			c.carryOut(to)
		}
		c.reportSnapshot(m, arrives)
		if !once {
			left = len(c.queue) + 1
		}
	}
}

// answerStale says for etcd what the paper's receivers say to whoever is of an earlier term (Figure
// 2, rule 1 of both RPCs), and what etcd says itself of appends when it has check-quorum or
// pre-vote. Otherwise a leader or candidate never learns that its term is over. The answer is the
// one that etcd sends: a refusal of a vote could be counted in a later campaign.
func (c *theirs) answerStale(s *theirServer, m raftpb.Message) {
	term := s.node.BasicStatus().Term
	request := m.Type == raftpb.MsgApp || m.Type == raftpb.MsgHeartbeat
	if m.Term < term && (m.Type == raftpb.MsgVote || request && !c.guarded) {
		c.queue = append(c.queue, raftpb.Message{Type: raftpb.MsgAppResp, From: m.To, To: m.From,
			Term: term})
	}
}

// reportSnapshot tells the sender what became of a snapshot, as etcd asks of its host.
func (c *theirs) reportSnapshot(m raftpb.Message, arrived bool) {
	from := c.servers[m.From-1]
	if m.Type != raftpb.MsgSnap || from.node == nil {
		return
	}
	status := raft.SnapshotFailure
	if arrived {
		status = raft.SnapshotFinish
	}
	from.node.ReportSnapshot(m.To, status)
	c.carryOut(from)
}

func (c *theirs) leads(s *theirServer) bool {
	return s.node != nil && s.node.BasicStatus().RaftState == raft.StateLeader
}

func (c *theirs) beat() {
	for _, s := range c.servers {
		if c.leads(s) {
			s.node.Tick()
			c.carryOut(s)
		}
	}
}

func (c *theirs) expire() {
	for _, s := range c.servers {
		if s.node != nil && !c.leads(s) {
			for range electionTicks {
				s.node.TickQuiesced()
			}
		}
	}
}

func (c *theirs) applied(id int) uint64 {
	if s := c.servers[id-1]; s.node != nil {
		return s.log.last
	}
	return 0
}

func (c *theirs) snapshot(id int, at uint64) {
	s := c.servers[id-1]
	last, err := s.storage.Snapshot()
	c.must(err)
	if at <= last.Metadata.Index {
		return
	}
	conf := c.confAt(s, at)
	_, err = s.storage.CreateSnapshot(at, &conf, s.log.save(at))
	c.must(err)
	c.must(s.storage.Compact(at))
}

func (c *theirs) ledger(id int) *ledger { return &c.servers[id-1].log }

func (c *theirs) role(id int) role {
	s := c.servers[id-1]
	hard, _, err := s.storage.MemoryStorage.InitialState()
	c.must(err)
	return role{up: s.node != nil, leads: c.leads(s), term: hard.Term,
		hands: c.leads(s) && s.node.BasicStatus().LeadTransferee != 0}
}

func (c *theirs) view(id int) view {
	s := c.servers[id-1]
	hard, conf, err := s.storage.InitialState()
	c.must(err)
	v := view{role: c.role(id), vote: hard.Vote, ledger: s.log.commands()}
	first, err := s.storage.FirstIndex()
	c.must(err)
	v.base.index = first - 1
	v.base.term, err = s.storage.Term(first - 1)
	c.must(err)
	for _, e := range c.entries(s) {
		data := string(e.Data)
		if cc, ok := changeOf(e); ok {
			made := c.makes(conf, e, cc)
			conf, data = made.conf, made.text
		}
		v.log = append(v.log, slot{e.Index, e.Term, data})
	}
	if v.up {
		v.config = spelled(inForce(s))
	}
	return v
}

func (c *theirs) tell() (lines []string) {
	for i, s := range c.servers {
		line := fmt.Sprintf("S%d %v", i+1, c.view(i+1))
		if s.node != nil {
			st := s.node.BasicStatus()
			line += fmt.Sprintf(" (%v, leader %d, commit %d, goes by %s)", st.RaftState, st.Lead,
				st.Commit, spelled(inForce(s)))
		}
		lines = append(lines, line)
	}
	return lines
}
