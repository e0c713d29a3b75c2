package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// answered gives what became of the requests of a server since the last time.
func (r *rig) answered(id raft.NodeID) (got []raft.Answer) { return r.take(id).answers }

// wakeAll lets all servers begin.
func (r *rig) wakeAll() {
	for i := range r.members {
		r.step(raft.NodeID(i+1), raft.Wake())
	}
}

// Reads that come in one step share one round; each is answered once, in order.
func TestReadsShareARound(t *testing.T) {
	r := led(t, 3, nil)
	m := r.step(1, raft.Read(5), raft.Read(6), raft.Read(7))
	begun := 0
	for _, n := range m.notes {
		if n.Kind == raft.NoteReadBegun {
			begun++
		}
	}
	if begun != 1 || len(m.sent) != 2 {
		t.Errorf("%d rounds, %d messages", begun, len(m.sent))
	}
	r.take(1)
	r.settle()
	a := r.answered(1)
	if len(a) != 3 || a[0].Ref != 5 || a[1].Ref != 6 || a[2].Ref != 7 {
		t.Errorf("they were answered %+v", a)
	}
}

// An answer to an earlier round proves nothing for a read of a later one, and an answer to a later
// round proves what came before: also when many rounds are open.
func TestRoundsProveWhatCameBefore(t *testing.T) {
	r := led(t, 3, nil)
	var first, last uint64
	for k := range raft.Ref(100) { // more rounds than are remembered
		r.step(1, raft.Read(k))
		n, _ := r.m(1).has(raft.NoteReadBegun)
		if last = n.Round; first == 0 {
			first = last
		}
	}
	r.take(1)
	ack := func(round uint64) []raft.Answer {
		m := r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1, Round: round})
		return m.answers
	}
	if a := ack(first - 1); len(a) != 0 {
		t.Errorf("an answer to an earlier round proved %+v", a)
	}
	if a := ack(last + 1); len(a) != 0 {
		t.Errorf("an answer to a round that was never begun proved %+v", a)
	}
	if a := ack(first + 9); len(a) != 10 || a[9].Ref != 9 {
		t.Errorf("the tenth round proved %d reads", len(a))
	}
	if a := ack(first + 4); len(a) != 0 {
		t.Errorf("a late answer proved %+v", a)
	}
	if a := ack(last); len(a) != 90 {
		t.Errorf("the last round proved %d reads of 90", len(a))
	}
}

// While joint, a round needs a majority of each half.
func TestRoundNeedsBothHalves(t *testing.T) {
	r := joint(t)
	r.take(1)
	r.step(1, raft.Read(5))
	n, ok := r.m(1).has(raft.NoteReadBegun)
	if !ok {
		t.Fatal("no round was begun")
	}
	for _, test := range []struct {
		id   raft.NodeID
		done bool
	}{{4, false}, {5, false}, {2, true}} {
		m := r.receive(test.id, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2,
			Round: n.Round})
		if done := len(m.answers) == 1; done != test.done {
			t.Errorf("with %v the read was answered: %v", test.id, done)
		}
	}
}

// A round that has its answers is counted anew when there are fewer voters.
func TestRoundIsCountedAnew(t *testing.T) {
	r := led(t, 4, nil)
	r.step(1, raft.Read(5))
	n, _ := r.m(1).has(raft.NoteReadBegun)
	if m := r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1,
		Round: n.Round}); len(m.answers) != 0 {
		t.Fatalf("two of four proved %+v", m.answers)
	}
	m := r.step(1, raft.Reconfigure(6, &raft.Change{Remove: []raft.NodeID{4}}))
	if a := m.answers; len(a) != 1 || a[0].Ref != 5 {
		t.Errorf("two of three proved %+v", a)
	}
}

// A learner's answers prove nothing.
func TestLearnerProvesNoRead(t *testing.T) {
	r := led(t, 3, nil)
	r.step(1, raft.Reconfigure(8, &raft.Change{Learn: []raft.NodeID{3}}))
	r.beats(2)
	r.take(1)
	r.step(1, raft.Read(5))
	n, _ := r.m(1).has(raft.NoteReadBegun)
	if m := r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2,
		Round: n.Round}); len(m.answers) != 0 {
		t.Errorf("a learner proved %+v", m.answers)
	}
}

// A lease lasts a little less than the shortest time-out, from the sending of the round that a
// majority answered; what nobody answers does not prolong it.
func TestLeaseIsShorterThanATimeout(t *testing.T) {
	begin := func() *rig {
		r := newRig(t, 3, func(c *raft.Config) { c.LeaseReads, c.MaxDrift = true, 100_000 })
		r.wakeAll()
		r.now = 150 * ms
		r.lead(1)
		r.wait(1, 30*ms) // this round is answered
		r.settle()
		r.take(1)
		return r
	}
	const lease = 135 * ms // 150 ms, less a hundredth, by clocks a tenth apart
	for _, test := range []struct {
		after raft.Time
		holds bool
	}{{0, true}, {100 * ms, true}, {lease - 1*ms, true}, {lease + 1*ms, false}, {150 * ms, false}} {
		r := begin()
		r.now += test.after
		m := r.step(1, raft.Read(5))
		if holds := len(m.answers) == 1; holds != test.holds {
			t.Errorf("%d us after the round the lease held: %v", test.after, holds)
		}
	}
	r := begin()
	for range 5 { // rounds that nobody answers
		r.wait(1, 30*ms)
		r.drop(0, 0)
	}
	if m := r.step(1, raft.Read(5)); len(m.answers) != 0 {
		t.Error("rounds that nobody answered prolonged the lease")
	}
}

// A lease dies with the leadership, and a new leader has none before it has an entry of its own.
func TestLeaseDiesWithLeadership(t *testing.T) {
	r := newRig(t, 3, func(c *raft.Config) { c.LeaseReads = true })
	r.wakeAll()
	r.now = 150 * ms
	r.lead(1)
	r.wait(1, 30*ms)
	r.settle()
	r.receive(2, 1, 2, &raft.AppendEntries{})
	r.take(1)
	m := r.step(1, raft.Read(5)) // it asks the new leader
	if _, ok := m.has(raft.NoteReadConfirmed); ok || len(m.answers) != 0 {
		t.Errorf("it reads by a lease of its own, and follows another: %+v", m.answers)
	}
	r.now += 150 * ms
	r.step(1, raft.Campaign(0))
	r.saveAll()
	r.take(1)
	r.receive(3, 1, 3, &raft.RequestVoteReply{ForTerm: 3, Granted: true})
	if m := r.step(1, raft.Read(6)); len(m.answers) != 0 {
		t.Errorf("a new leader answered %+v", m.answers)
	}
}

// A follower's read is answered when its machine has what the leader's index says; it is asked for
// once for all that wait, and anew for what comes later.
func TestFollowerReads(t *testing.T) {
	r := led(t, 3, nil)
	r.propose(1, "x")
	r.saveAll()
	r.deliver(1, 3)
	r.saveAll()
	r.deliver(3, 1) // committed, and S2 does not know
	r.drop(0, 0)
	m := r.step(2, raft.Read(5), raft.Read(6))
	if len(m.sent) == 0 {
		t.Fatal("the leader was not asked")
	}
	q, _ := body[*raft.ReadIndex](t, *m)
	r.take(2)
	r.step(2, raft.Read(7)) // it came after the question
	later, _ := body[*raft.ReadIndex](t, r.take(2))
	if later.ID == q.ID {
		t.Error("a later read shares the number of an earlier question")
	}
	m2 := r.receive(1, 2, 1, &raft.ReadIndexReply{ID: q.ID, Granted: true, Index: 2})
	if len(m2.answers) != 0 || m2.node.Status().Reads != 3 {
		t.Errorf("it answered %+v before its machine has index 2; %d wait", m2.answers,
			m2.node.Status().Reads)
	}
	r.receive(1, 2, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1),
		Commit: 2})
	r.saveAll()
	a := r.answered(2)
	if len(a) != 2 || a[0].Ref != 5 || a[1].Ref != 6 || a[0].Index != 2 || a[0].Leader != 1 {
		t.Errorf("it answered %+v", a)
	}
	m2 = r.receive(1, 2, 1, &raft.ReadIndexReply{ID: later.ID, Why: raft.WhyNotLeader})
	if a := m2.answers; len(a) != 1 || a[0].Ref != 7 || a[0].Why != raft.WhyNotLeader {
		t.Errorf("a refusal was passed on as %+v", a)
	}
}

// A read whose index never comes to the machine is refused in the end, and so is one that waits
// when its server stands for election.
func TestReadsThatWaitForTheMachine(t *testing.T) {
	waiting := func() *rig {
		r := led(t, 3, nil)
		r.take(2)
		r.step(2, raft.Read(5))
		q, _ := body[*raft.ReadIndex](t, r.take(2))
		r.drop(0, 0)
		r.receive(1, 2, 1, &raft.ReadIndexReply{ID: q.ID, Granted: true, Index: 9})
		return r
	}
	r := waiting()
	r.now += 599 * ms
	r.receive(1, 2, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1})
	if s := r.m(2).node.Status(); s.Reads != 1 {
		t.Errorf("%d reads wait", s.Reads)
	}
	r.now += 1 * ms
	m := r.receive(1, 2, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1})
	if a := m.answers; len(a) != 1 || a[0].Why != raft.WhyTimeout {
		t.Errorf("after two of the longest time-outs it was answered %+v", a)
	}
	for _, pre := range []bool{true, false} {
		asking := led(t, 3, nil) // the leader has not answered yet
		asking.take(2)
		asking.step(2, raft.Read(5))
		asking.drop(0, 0)
		if asking.now += 400 * ms; pre {
			asking.step(2, raft.Wake())
		} else {
			asking.step(2, raft.Campaign(0))
		}
		if a := asking.answered(2); len(a) != 1 || a[0].Why != raft.WhyNoLeader {
			t.Errorf("it stands, pre %v, and answered a read that asks %+v", pre, a)
		}
		r = waiting()
		if r.now += 400 * ms; pre {
			r.step(2, raft.Wake())
		} else {
			r.step(2, raft.Campaign(0))
		}
		if a := r.answered(2); len(a) != 1 || a[0].Why != raft.WhyNoLeader {
			t.Errorf("it stands, pre %v, and answered %+v", pre, a)
		}
	}
}

// A leader asks in the name of followers as well: what they ask waits like its own reads, and is
// refused where it cannot be answered.
func TestQuestionsOfFollowers(t *testing.T) {
	r := led(t, 3, nil)
	m := r.receive(2, 1, 1, &raft.ReadIndex{ID: 4})
	n := m.want(t, raft.NoteReadBegun, raft.WhyNone)
	m = r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1, Round: n.Round})
	if b, msg := body[*raft.ReadIndexReply](t, m); !b.Granted || b.ID != 4 || b.Index != 1 ||
		msg.To != 2 {
		t.Errorf("it answered %+v", b)
	}
	r.receive(2, 1, 1, &raft.ReadIndex{ID: 5})
	r.step(1, raft.Transfer(0, 3))
	if b, _ := body[*raft.ReadIndexReply](t, r.take(1)); b.Granted || b.ID != 5 ||
		b.Why != raft.WhyTransferring {
		t.Errorf("it hands over, and answered %+v", b)
	}
}
