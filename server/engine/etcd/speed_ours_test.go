package etcd

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// ourSpeed drives raft.Node: all inputs at hand go in with one step.
type ourSpeed struct {
	tb    testing.TB
	now   raft.Time
	nodes []*ourSpeedNode
}

type ourSpeedNode struct {
	node  *raft.Node
	inbox []raft.Input
	spare []raft.Input
	out   raft.Output
	write raft.WriteID // to be acknowledged; 0 for none
	done  raft.Index   // applied
	cut   raft.Index   // of the last snapshot
}

func newOurSpeed(tb testing.TB, count int) *ourSpeed {
	s := &ourSpeed{tb: tb}
	var members []raft.NodeID
	for i := range count {
		members = append(members, raft.NodeID(i+1))
	}
	for _, id := range members {
		cfg := raft.DefaultConfig()
		cfg.Group, cfg.ID, cfg.Boot, cfg.Seed, cfg.Members = 1, id, 1, 1, members
		cfg.MaxBytes, cfg.MaxInflight, cfg.Trailing = maxBytes, maxInflight, trailing
		node, err := raft.New(cfg, raft.Image{})
		if err != nil {
			tb.Fatal(err)
		}
		s.nodes = append(s.nodes, &ourSpeedNode{node: node})
	}
	for i := range s.nodes {
		s.step(i, raft.Wake())
	}
	s.step(0, raft.Campaign(0))
	s.settle()
	return s
}

func (s *ourSpeed) one(data []byte) { s.step(0, raft.Propose(0, data)) }

func (s *ourSpeed) together(data [][]byte) {
	n := s.nodes[0]
	for _, d := range data {
		n.inbox = append(n.inbox, raft.Propose(0, d))
	}
	s.turn(0)
}

func (s *ourSpeed) step(i int, in raft.Input) {
	s.nodes[i].inbox = append(s.nodes[i].inbox, in)
	s.turn(i)
}

// turn steps a node with all that waits for it, and carries out what it asks for.
func (s *ourSpeed) turn(i int) {
	n := s.nodes[i]
	in := n.inbox
	n.inbox, n.spare = n.spare[:0], in
	if n.write != 0 {
		in = append(in, raft.Saved(0, n.write))
		n.spare, n.write = in, 0
	}
	n.node.Step(s.now, in, &n.out)
	n.write = n.out.Save.ID
	for k := range n.out.Send {
		m := &n.out.Send[k]
		to := s.nodes[m.To-1]
		to.inbox = append(to.inbox, raft.Input{Kind: raft.InputReceive, Message: *m})
	}
	if k := len(n.out.Apply); k > 0 {
		n.done = n.out.Apply[k-1].Index
		n.inbox = append(n.inbox, raft.Applied(0, n.done))
		if n.done >= n.cut+compactEvery {
			s.compact(n)
		}
	}
}

func (s *ourSpeed) compact(n *ourSpeedNode) {
	mark, ok := n.node.MarkAt(n.done)
	if !ok {
		s.tb.Fatalf("no mark at %d", n.done)
	}
	n.cut = n.done
	n.inbox = append(n.inbox, raft.Snapshotted(raft.SnapshotRef{Mark: mark, Size: 1}))
}

// settle runs until nothing waits; the followers learn of the last commit with the next heartbeat,
// so that its moment is made to come.
func (s *ourSpeed) settle() {
	s.drain()
	if s.applied() == s.ahead() {
		return
	}
	s.now += raft.DefaultConfig().Heartbeat
	s.step(0, raft.Wake())
	s.drain()
}

func (s *ourSpeed) drain() {
	for busy := true; busy; {
		busy = false
		for i, n := range s.nodes {
			if len(n.inbox) > 0 || n.write != 0 {
				s.turn(i)
				busy = true
			}
		}
	}
}

func (s *ourSpeed) ahead() uint64 { return uint64(s.nodes[0].done) }

func (s *ourSpeed) applied() uint64 {
	least := s.nodes[0].done
	for _, n := range s.nodes {
		least = min(least, n.done)
	}
	return uint64(least)
}
