package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// A node whose data is gone has lost its vote and its log: as the same voter it could vote twice in
// a term. So it never comes back. A new node, under an id that was never used, begins with an empty
// store, follows whoever leads until it has caught up, and then takes its place by a change of the
// configuration (thesis 4).

// settlePause is how long the supervisor waits before it asks for a change again.
const settlePause = 200 * time.Millisecond

// say tells something on the terminal and to viewers.
func (s *Supervisor) say(format string, a ...any) {
	s.news.tell(format, a...)
	s.hub.Tell(trace.Caption{Text: fmt.Sprintf(format, a...)})
}

// wipe ends a node and takes its data away; a new one takes its place.
func (s *Supervisor) wipe(ctx context.Context, id raft.NodeID, by string) error {
	s.mu.Lock()
	p, err := s.known(id)
	if err == nil {
		err = p.whyGone()
	}
	if err != nil || p.cmd == nil {
		s.mu.Unlock()
		if err != nil {
			return err
		}
		return s.replace(id, by)
	}
	p.wiped = by
	if err := s.end(ctx, p); err != nil {
		return err
	}
	return s.replace(id, by)
}

// whyGone says that a node is gone for good; nil if it is not.
func (p *process) whyGone() error {
	if p.heir != 0 {
		return fmt.Errorf("%v is gone already, and %v takes its place", p.id, p.heir)
	}
	return nil
}

// replace starts a new node in the place of one that is down for good.
func (s *Supervisor) replace(old raft.NodeID, by string) error {
	s.mu.Lock()
	id, err := s.begetHeir(old)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.say("%v is gone for good, by %s: %v begins with an empty store and shall take its place", old,
		by, id)
	return s.join(id, func() { s.settle(id) })
}

// begetHeir finds the node that takes the place of another. The caller holds the lock.
func (s *Supervisor) begetHeir(old raft.NodeID) (raft.NodeID, error) {
	p, err := s.known(old)
	switch {
	case err != nil:
		return 0, err
	case s.stopping:
		return 0, errEnding
	case p.cmd != nil:
		return 0, fmt.Errorf("%v is running", old)
	}
	if err := p.whyGone(); err != nil {
		return 0, err
	}
	id, err := s.roster.succeed(old)
	if err != nil {
		return 0, err
	}
	s.removeData(old)
	p.heir, s.nodes[id] = id, &process{id: id}
	for d := range s.cuts {
		if d.from == old || d.to == old {
			delete(s.cuts, d)
		}
	}
	return id, nil
}

// removeData takes the data of a node away that is gone for good. Who stays behind it is told: the
// node never comes back.
func (s *Supervisor) removeData(id raft.NodeID) {
	if s.cfg.Store == "memory" {
		return
	}
	if err := os.RemoveAll(s.cluster.path(id.String())); err != nil {
		s.cfg.Log.Warn("the data of a node that is gone cannot be removed", "node", id.String(),
			"err", err)
	}
}

// join starts a node that is new, and what shall follow.
func (s *Supervisor) join(id raft.NodeID, then func()) error {
	s.hub.Join(s.roster.member(id))
	if err := s.launch(id, ""); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || then == nil {
		return nil
	}
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		then()
	}()
	return nil
}

// settle asks whoever leads to give a new node the place of those that are gone, until it has it.
// Without a leader it waits, and says why.
func (s *Supervisor) settle(id raft.NodeID) {
	told := ""
	for s.ctx.Err() == nil && s.heirOf(id) == 0 {
		gone := s.roster.goneFor(id)
		err := s.tryChange(s.ctx, raft.Change{Vote: []raft.NodeID{id}, Remove: gone})
		if err == nil {
			s.settled(id, gone)
			return
		}
		if why := err.Error(); why != told && s.ctx.Err() == nil {
			told = why
			s.say("%v waits for the place of %s: %s", id, list(gone), why)
		}
		select {
		case <-time.After(settlePause):
		case <-s.ctx.Done():
		}
	}
}

// settled takes note that a new node has its place.
func (s *Supervisor) settled(id raft.NodeID, gone []raft.NodeID) {
	if err := s.roster.settled(id); err != nil {
		s.cfg.Log.Warn("a node has its place, and that cannot be kept", "node", id.String(),
			"err", err) // the next start asks for it again, which is harmless
	}
	for _, old := range gone {
		s.hub.Leave(old)
	}
	s.say("%v has caught up and is a voter in the place of %s", id, list(gone))
}

// resume goes on with what the supervisor before this one has begun.
func (s *Supervisor) resume() {
	for _, p := range s.roster.pending() {
		for _, old := range p.Gone {
			s.removeData(old)
		}
		s.wait.Add(1)
		go func() {
			defer s.wait.Done()
			s.settle(p.New)
		}()
	}
}

func (s *Supervisor) heirOf(id raft.NodeID) raft.NodeID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nodes[id].heir
}

// list names nodes for people.
func list(ids []raft.NodeID) string {
	text := ""
	for i, id := range ids {
		if i > 0 {
			text += ", "
		}
		text += id.String()
	}
	return text
}

// tryChange asks the leader for another configuration, and waits for what becomes of it.
func (s *Supervisor) tryChange(ctx context.Context, c raft.Change) error {
	r := wire.ChangeRequest{Vote: c.Vote, Learn: c.Learn, Remove: c.Remove, Joint: c.Joint,
		Addresses: map[raft.NodeID]string{}}
	for _, id := range slices.Concat(c.Vote, c.Learn) {
		if addr := s.roster.addr(id); addr != "" {
			r.Addresses[id] = addr
		}
	}
	return s.askLeader(ctx, "/v1/admin/change", r)
}

// noLeader says why nobody can be asked.
func (s *Supervisor) noLeader() error {
	st := s.hub.State()
	for i := range st.Nodes {
		n := &st.Nodes[i]
		if n.Known && n.Alive {
			c := n.Configuration()
			up := 0
			for _, id := range c.Voters {
				if v := st.Node(id); v != nil && v.Alive && !v.Paused {
					up++
				}
			}
			return fmt.Errorf("no node leads; %d of %d voters are up, and %d are needed", up,
				len(c.Voters), len(c.Voters)/2+1)
		}
	}
	return errors.New("no node leads, and none is up that knows who votes")
}
