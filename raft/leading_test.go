package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// Thesis 6.2: a leader that does not hear from a quorum within a time-out gives way, and says to
// those who wait that the outcome is unknown.
func TestCheckQuorum(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.propose(1, "x")
	r.take(1)
	for range 12 {
		r.wait(1, 30*ms)
		r.drop(1, 0)
	}
	m := r.take(1)
	m.want(t, raft.NoteQuorumLost, raft.WhyNone)
	m.want(t, raft.NoteBecameFollower, raft.WhyNoQuorum)
	if len(m.answers) != 1 || m.answers[0].Outcome != raft.OutcomeUnknown || m.answers[0].Ref != 9 {
		t.Errorf("whoever waited was told %+v", m.answers)
	}
	if s := m.node.Status(); s.Term != 1 || s.Vote != 1 {
		t.Errorf("giving way changed its term or vote: %+v", s)
	}
}

// A leader whose disk stands still gives way to one whose disk works.
func TestStuckDiskEndsLeadership(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.propose(1, "x")
	for range 20 {
		r.wait(1, 30*ms)
		for r.deliver(1, 2) || r.deliver(1, 3) || r.save(2) || r.save(3) || r.deliver(2, 1) ||
			r.deliver(3, 1) {
		}
	}
	m := r.take(1)
	m.want(t, raft.NoteBecameFollower, raft.WhyWaitsForDisk)
}

// A server that is about to stop gives up leadership and does not stand again, even when asked.
func TestStepDown(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.step(1, raft.StepDown())
	r.m(1).want(t, raft.NoteTransferSent, raft.WhyNone)
	r.settle()
	if s := r.m(2).node.Status(); s.Role != raft.Leader || s.Term != 2 {
		t.Errorf("S1 has handed over, and S2 is %v of term %d", s.Role, s.Term)
	}
	r.step(1, raft.Campaign(0))
	r.wait(1, raft.Second)
	if s := r.m(1).node.Status(); s.Role != raft.Follower || s.Term != 2 {
		t.Errorf("it is stopping, and it is %v of term %d", s.Role, s.Term)
	}
	if r.m(1).out.Wake < r.now+3600*raft.Second {
		t.Error("it is stopping, and wants to be woken")
	}
}

// A server that is about to stop gives way at once where it cannot hand over, and nobody is
// answered who did not ask.
func TestStepDownWithoutHandingOver(t *testing.T) {
	stepDown := raft.StepDown()
	stepDown.Ref = 5
	for name, before := range map[string]func(*rig){
		"nobody is heard of": func(r *rig) { r.run(200*ms, 2, 3); r.take(1) },
		"the configuration is being changed": func(r *rig) {
			r.step(1, raft.Reconfigure(8, &raft.Change{Learn: []raft.NodeID{3}}))
			r.take(1)
		},
	} {
		r := led(t, 3, nil)
		before(r)
		r.step(1, stepDown)
		for _, a := range r.take(1).answers {
			if a.Ref == 5 {
				t.Errorf("%s: it answered %+v", name, a)
			}
		}
		if name == "nobody is heard of" {
			continue // it was heard of a while ago, and may take over
		}
		if s := r.m(1).node.Status(); s.Role != raft.Follower {
			t.Errorf("%s, and it is %v", name, s.Role)
		}
	}
	r := led(t, 3, nil)
	m := r.step(1, stepDown)
	m.want(t, raft.NoteTransferBegun, raft.WhyStopping)
	r.settle()
	if a := r.take(1).answers; len(a) != 0 {
		t.Errorf("nobody asked, and it answered %+v", a)
	}
}

// A new leader has a whole time-out to hear from the others, whenever it was elected.
func TestNewLeaderHasTime(t *testing.T) {
	r := newRig(t, 3, nil)
	r.now = 10 * raft.Second
	r.lead(1)
	r.crash(2)
	r.crash(3)
	for at, leads := range map[raft.Time]bool{250 * ms: true, 460 * ms: false} {
		c := *r
		c.members = []*member{{cfg: r.m(1).cfg, node: r.m(1).node.Clone()}, {}, {}}
		c.now = 10 * raft.Second
		c.step(1, raft.Wake())
		c.run(at, 2, 3)
		if s := c.m(1).node.Status(); (s.Role == raft.Leader) != leads {
			t.Errorf("%d us after its election it is %v", at, s.Role)
		}
	}
}

// While joint a leader must hear a majority of each half.
func TestQuorumOfBothHalves(t *testing.T) {
	for _, test := range []struct {
		heard []raft.NodeID
		stays bool
	}{{[]raft.NodeID{4, 5}, false}, {[]raft.NodeID{2, 3}, false}, {[]raft.NodeID{2, 5}, true}} {
		r := joint(t)
		for range 16 {
			r.wait(1, 30*ms)
			r.drop(0, 0)
			for _, id := range test.heard {
				r.receive(id, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1})
			}
		}
		if s := r.m(1).node.Status(); (s.Role == raft.Leader) != test.stays {
			t.Errorf("it hears %v, and is %v", test.heard, s.Role)
		}
	}
}

// A leader that is alone stays, however long its disk takes: nobody else could do better.
func TestStuckDiskAlone(t *testing.T) {
	r := led(t, 1, nil)
	r.propose(1, "x")
	for range 40 {
		r.wait(1, 30*ms)
	}
	if s := r.m(1).node.Status(); s.Role != raft.Leader {
		t.Errorf("it is %v", s.Role)
	}
}
