package etcd

import (
	"fmt"
	"testing"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// etcdSpeed drives raft.RawNode with the memory storage that comes with it, as its documentation
// shows: Ready, save, send, apply, Advance.
type etcdSpeed struct {
	tb      testing.TB
	nodes   []*etcdSpeedNode
	entries []raftpb.Entry // of proposals that come together
}

type etcdSpeedNode struct {
	node    *raft.RawNode
	storage *raft.MemoryStorage
	inbox   []raftpb.Message
	spare   []raftpb.Message
	done    uint64 // applied
	cut     uint64 // of the last compaction
}

func newEtcdSpeed(tb testing.TB, count int) *etcdSpeed {
	s := &etcdSpeed{tb: tb}
	var voters []uint64
	for i := range count {
		voters = append(voters, uint64(i+1))
	}
	for _, id := range voters {
		storage := raft.NewMemoryStorage()
		start := raftpb.Snapshot{Metadata: raftpb.SnapshotMetadata{Index: 1, Term: 1,
			ConfState: raftpb.ConfState{Voters: voters}}}
		if err := storage.ApplySnapshot(start); err != nil {
			tb.Fatal(err)
		}
		node, err := raft.NewRawNode(etcdConfig(id, storage))
		if err != nil {
			tb.Fatal(err)
		}
		s.nodes = append(s.nodes, &etcdSpeedNode{node: node, storage: storage, done: 1})
	}
	s.must(s.nodes[0].node.Campaign())
	s.settle()
	return s
}

// etcdConfig gives the settings that answer to ours.
func etcdConfig(id uint64, storage raft.Storage) *raft.Config {
	return &raft.Config{ID: id, Storage: storage, ElectionTick: 10, HeartbeatTick: 1,
		MaxSizePerMsg: maxBytes, MaxInflightMsgs: maxInflight, PreVote: true, CheckQuorum: true,
		Logger: silent{}}
}

func (s *etcdSpeed) must(err error) {
	if err != nil {
		s.tb.Fatal(err)
	}
}

func (s *etcdSpeed) one(data []byte) { s.must(s.nodes[0].node.Propose(data)) }

func (s *etcdSpeed) together(data [][]byte) {
	s.entries = s.entries[:0]
	for _, d := range data {
		s.entries = append(s.entries, raftpb.Entry{Data: d})
	}
	s.must(s.nodes[0].node.Step(raftpb.Message{Type: raftpb.MsgProp, From: 1, Entries: s.entries}))
}

func (s *etcdSpeed) settle() {
	for busy := true; busy; {
		busy = false
		for _, n := range s.nodes {
			in := n.inbox
			n.inbox, n.spare = n.spare[:0], in
			for i := range in {
				s.must(n.node.Step(in[i]))
			}
			busy = s.ready(n) || busy || len(in) > 0
		}
	}
}

// ready carries out what a node asks for; it reports whether there was anything.
func (s *etcdSpeed) ready(n *etcdSpeedNode) bool {
	any := false
	for n.node.HasReady() {
		any = true
		rd := n.node.Ready()
		if !raft.IsEmptyHardState(rd.HardState) {
			s.must(n.storage.SetHardState(rd.HardState))
		}
		s.must(n.storage.Append(rd.Entries))
		for _, m := range rd.Messages {
			to := s.nodes[m.To-1]
			to.inbox = append(to.inbox, m)
		}
		if k := len(rd.CommittedEntries); k > 0 {
			n.done = rd.CommittedEntries[k-1].Index
		}
		n.node.Advance(rd)
		if n.done >= n.cut+compactEvery {
			n.cut = n.done
			s.must(n.storage.Compact(n.done - trailing))
		}
	}
	return any
}

func (s *etcdSpeed) applied() uint64 {
	least := s.nodes[0].done
	for _, n := range s.nodes {
		least = min(least, n.done)
	}
	return least
}

// silent is a logger that says nothing.
type silent struct{}

func (silent) Debug(...any)              {}
func (silent) Debugf(string, ...any)     {}
func (silent) Error(...any)              {}
func (silent) Errorf(string, ...any)     {}
func (silent) Info(...any)               {}
func (silent) Infof(string, ...any)      {}
func (silent) Warning(...any)            {}
func (silent) Warningf(string, ...any)   {}
func (silent) Fatal(v ...any)            { panic(v) }
func (silent) Fatalf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }
func (silent) Panic(v ...any)            { panic(v) }
func (silent) Panicf(f string, v ...any) { panic(fmt.Sprintf(f, v...)) }
