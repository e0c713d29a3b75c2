package supervisor

import (
	"fmt"
	"io"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Who lets something happen to a node.
const (
	byPage  = "the page"
	byAdmin = "an administrator"
	bySuper = "raftarium itself"
)

// The bounds of news: how often the supervisor looks who leads, and how many lines may wait.
const (
	newsPause = 50 * time.Millisecond
	mostNews  = 256
)

// news is what becomes of the nodes, for people: short lines that wait for who reads them. When
// nobody does, those that are too many are lost: a terminal that stands still stops no cluster.
type news chan string

// tell tells something.
func (n news) tell(format string, a ...any) {
	select {
	case n <- time.Now().Format(time.TimeOnly) + " " + fmt.Sprintf(format, a...):
	default:
	}
}

// Report tells until Stop, in a line each, when a node is killed, dies, is started again, paused or
// resumed, by whom, and when another leads; what happened before is told first. It is called once.
func (s *Supervisor) Report(out io.Writer) {
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		for {
			select {
			case line := <-s.news:
				_, _ = fmt.Fprintln(out, line) // who does not read misses it
			case <-s.ctx.Done():
				return
			}
		}
	}()
}

// tellEnd tells how a node's process has ended.
func (s *Supervisor) tellEnd(p *process, c trace.Crashed, how error) {
	memory := s.cfg.Store == "memory"
	switch {
	case p.wiped != "":
		s.news.tell("%v was killed by %s, and its data goes", c.Node, p.wiped)
	case c.Why == "killed" && memory:
		s.news.tell("%v was killed by %s and has lost all; when it is restarted there, a new node "+
			"takes its place", c.Node, byPage)
	case c.Why == "killed":
		s.news.tell("%v was killed by %s; it stays down until it is restarted there", c.Node,
			byPage)
	case c.Stays:
		s.news.tell("%v has died by itself (%s); it stays down", c.Node, ending(how))
	case memory:
		s.news.tell("%v has died by itself (%s) and has lost all; a new node takes its place in %v",
			c.Node, ending(how), restartAfter)
	default:
		s.news.tell("%v has died by itself (%s); it is started again in %v", c.Node, ending(how),
			restartAfter)
	}
}

// ending says how a process ended.
func ending(err error) string {
	if err == nil {
		return "it said no error"
	}
	return err.Error()
}

// watchLeader tells who leads, each time that another one does or its term is another.
func (s *Supervisor) watchLeader() {
	defer s.wait.Done()
	tick := time.NewTicker(newsPause)
	defer tick.Stop()
	var last raft.Term
	for {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		if n := leaderOf(s.hub.State()); n != nil && n.Term > last && !s.isStopping() {
			last = n.Term
			s.news.tell("%v leads term %d", n.ID, n.Term)
		}
	}
}
