package supervisor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// The bounds of telling a node which of its links are cut.
const (
	cutPause = 10 * time.Millisecond // before a node that did not answer is asked again
	cutTime  = 2 * time.Second       // a command waits at most so long for its effect
)

// cutter lets one goroutine at a time tell a node which of its links are cut, so that what it is
// told last is what holds. The supervisor's lock guards it.
type cutter struct {
	asked   uint64        // how often something has changed
	applied uint64        // up to which of these the node knows
	working bool          // a goroutine is at it
	step    chan struct{} // closed at the next change of applied
}

// direction is one direction of a link.
type direction struct{ from, to raft.NodeID }

// directions gives every direction of every link.
func (s *Supervisor) directions() (all []direction) {
	for _, from := range s.roster.ids() {
		for _, to := range s.roster.ids() {
			if from != to {
				all = append(all, direction{from, to})
			}
		}
	}
	return all
}

func (s *Supervisor) partition(ctx context.Context, groups [][]raft.NodeID) error {
	group := map[raft.NodeID]int{}
	for i, ids := range groups {
		for _, id := range ids {
			if _, err := s.known(id); err != nil {
				return err
			}
			if group[id] != 0 {
				return fmt.Errorf("%v stands in two groups", id)
			}
			group[id] = i + 1
		}
	}
	return s.setCuts(ctx, s.directions(), func(d direction) bool {
		return group[d.from] == 0 || group[d.from] != group[d.to]
	})
}

// setCuts decides which directions are cut, lets the senders know, and tells it when they do. A
// paused node learns it when it goes on; one that is down is started with it.
func (s *Supervisor) setCuts(ctx context.Context, ds []direction, cut func(direction) bool) error {
	ids := s.roster.ids()
	for _, d := range ds {
		if d.from == d.to || !slices.Contains(ids, d.from) || !slices.Contains(ids, d.to) {
			return fmt.Errorf("there is no link from node %d to node %d", d.from, d.to)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, cutTime)
	defer cancel()
	s.mu.Lock()
	var changed []direction
	senders := map[raft.NodeID]uint64{}
	for _, d := range ds {
		if s.cuts[d] != cut(d) {
			s.cuts[d] = cut(d)
			changed = append(changed, d)
			senders[d.from] = 0
		}
	}
	for id := range senders {
		senders[id] = s.askCuts(s.nodes[id])
	}
	s.mu.Unlock()
	for id, change := range senders {
		s.awaitCuts(ctx, s.nodes[id], change)
	}
	for _, d := range changed {
		s.hub.Tell(trace.LinkSet{From: d.from, To: d.to, Link: trace.Link{Cut: cut(d)}})
	}
	return nil
}

// askCuts lets a node know its cuts, and gives the number of this change. The caller holds the
// lock.
func (s *Supervisor) askCuts(p *process) uint64 {
	c := &p.cuts
	c.asked++
	if !c.working && !s.stopping {
		c.working, c.step = true, make(chan struct{})
		s.wait.Add(1)
		go func() {
			defer s.wait.Done()
			s.applyCuts(p)
		}()
	}
	return c.asked
}

// awaitCuts waits until a running node knows of a change.
func (s *Supervisor) awaitCuts(ctx context.Context, p *process, change uint64) {
	for {
		s.mu.Lock()
		known, step := p.cuts.applied >= change || p.paused || !p.cuts.working, p.cuts.step
		s.mu.Unlock()
		if known {
			return
		}
		select {
		case <-step:
		case <-ctx.Done():
			return
		}
	}
}

// applyCuts tells a node's transport which of its links are cut, and tries again while the node
// does not answer.
func (s *Supervisor) applyCuts(p *process) {
	for {
		s.mu.Lock()
		change, up := p.cuts.asked, p.cmd != nil
		to := s.cutFrom(p.id)
		s.mu.Unlock()
		var err error
		if up && s.ctx.Err() == nil {
			body, _ := json.Marshal(map[string]any{"to": to, "from": []raft.NodeID{}})
			err = s.post(s.ctx, p.id, "/v1/admin/cut", body)
		}
		if err == nil || s.ctx.Err() != nil {
			if s.cutsApplied(p, change) {
				return
			}
			continue
		}
		select {
		case <-time.After(cutPause):
		case <-s.ctx.Done():
		}
	}
}

// cutFrom gives those to whom a node's messages are cut off. The caller holds the lock.
func (s *Supervisor) cutFrom(id raft.NodeID) []raft.NodeID {
	to := []raft.NodeID{}
	for _, other := range s.roster.ids() {
		if s.cuts[direction{id, other}] {
			to = append(to, other)
		}
	}
	return to
}

// cutsApplied takes note that a node knows of a change, and reports whether there was no later one.
func (s *Supervisor) cutsApplied(p *process, change uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &p.cuts
	c.applied = change
	close(c.step)
	c.step = make(chan struct{})
	c.working = c.asked != change && s.ctx.Err() == nil
	return !c.working
}
