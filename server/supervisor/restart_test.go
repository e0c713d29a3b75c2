package supervisor

import (
	"syscall"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

// follower reads until a node leads, and gives another.
func (v *page) follower() raft.NodeID { return v.leader(0)%3 + 1 }

// TestVotesAreSeenToBeKeptOverARestart kills a process and lets it come back: its viewers are told
// the end, the start and all that follows, so that what it had saved is held against what it comes
// back with. A node that is killed between a send and its streaming leaves a gap that nobody can
// close; then another time will show it.
func TestVotesAreSeenToBeKeptOverARestart(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3")
	v := p.own()
	for range 8 {
		id := v.follower()
		p.put("x", "1")
		from, boot := len(v.events), v.node(id).Boot
		sigkill(t, p.child(id))
		v.until("it has started again, and some more", func() bool {
			n := v.node(id)
			return n.Boot > boot && n.Alive && n.Known && n.LastN > 50
		})
		if v.toldRestart(from, id, boot) {
			return
		}
	}
	t.Error("no restart was told without a gap")
}

// toldRestart looks at a restart among what a viewer was told: nothing of the new incarnation may be
// missing. It gives whether nothing of the old one is.
func (v *page) toldRestart(from int, id raft.NodeID, boot uint32) (whole bool) {
	v.t.Helper()
	c := check.New(v.remote.Header())
	var last uint64
	crashed := false
	whole = true
	for i := range v.events {
		ev := &v.events[i]
		c.Observe(ev)
		if i < from {
			continue
		}
		if b, ok := ev.Body.(trace.Crashed); ok && b.Node == id {
			crashed = true
			whole = votes(c) == check.Holds // else its last words were not heard
		}
		if ev.ID.Node != id || ev.ID.Boot <= boot {
			continue
		}
		_, started := ev.Body.(trace.Started)
		if started != (last == 0) || ev.ID.N != last+1 || !crashed || votes(c) != check.Holds {
			v.t.Fatalf("event %d behind %d is %T; the crash was told: %v; votes kept: %v", ev.ID.N,
				last, ev.Body, crashed, votes(c))
		}
		last = ev.ID.N
	}
	return whole && last > 0
}

func votes(c *check.Checker) check.Status {
	for _, r := range c.Report() {
		if r.Name == "votesKept" {
			return r.Status
		}
	}
	return check.NotObservable
}

// TestAPauseEndsWithoutAnElection stops a follower's process for much longer than its election
// time-out: what its leader has said meanwhile lies in its sockets. On a machine that gives it no
// time to read them it may ask for pre-votes, which change nothing; that it reads first where it can
// is shown by a clock of its own in package server.
func TestAPauseEndsWithoutAnElection(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "3")
	v := p.own()
	for range 3 {
		id := v.follower()
		pid, other := p.child(id), 6-id-v.leader(0)
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		until(t, "the process is stopped", func() bool {
			s, _ := stat(pid)
			return s == "T"
		})
		from := v.node(other).LastN // the others go on for some time: no clock is looked at
		v.until("the others go on", func() bool { return v.node(other).LastN > from+100 })
		from = v.node(id).LastN
		if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		v.until("it goes on", func() bool { return v.node(id).LastN > from+60 })
		for i := range v.events {
			ev := &v.events[i]
			d, ok := ev.Body.(trace.Decided)
			if ok && ev.ID.Node == id && ev.ID.N > from && ev.ID.Boot == v.node(id).Boot &&
				d.Note.Kind == raft.NoteBecameCandidate {
				t.Errorf("behind a pause %v stands for election at event %d", id, ev.ID.N)
			}
		}
	}
}
