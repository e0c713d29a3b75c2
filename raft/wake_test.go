package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// A server asks to be woken when time alone changes something: not later.
func TestWakesInTime(t *testing.T) {
	wakes := func(what string, r *rig, id raft.NodeID, at raft.Time) {
		t.Helper()
		if wake := r.m(id).out.Wake; wake > at {
			t.Errorf("%s: it wakes at %d us, and something is due at %d us", what, wake, at)
		}
	}
	r := led(t, 3, func(c *raft.Config) { c.Heartbeat = 50 * ms })
	r.propose(1, "x") // S2 lacks it: the transfer waits
	r.now += 7 * ms
	r.step(1, raft.Transfer(8, 2))
	deadline := r.now + 300*ms
	for r.now < deadline-50*ms {
		r.wait(1, r.m(1).out.Wake-r.now)
		r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2}) // it keeps its quorum
	}
	wakes("a transfer is given up", r, 1, deadline)

	r = led(t, 3, nil)
	r.step(1, raft.StepDown())
	sent := r.now
	r.drop(0, 0)
	r.receive(3, 1, 2, &raft.AppendEntriesReply{Why: raft.WhyStaleTerm})
	wakes("nothing was heard of the new leader", r, 1, sent+150*ms+300*ms)

	r = led(t, 3, nil)
	r.step(2, raft.Read(8))
	wakes("a read asks again", r, 2, r.now+150*ms)
}

// Reads that wait keep their order and are answered once, whoever is answered before them.
func TestReadsThatStay(t *testing.T) {
	r := led(t, 3, nil)
	r.take(2)
	for ref := raft.Ref(5); ref < 7; ref++ {
		r.step(2, raft.Read(ref))
		q, _ := body[*raft.ReadIndex](t, r.take(2))
		r.receive(1, 2, 1, &raft.ReadIndexReply{ID: q.ID, Granted: true,
			Index: raft.Index(ref - 3)})
	}
	r.drop(0, 0)
	for want := raft.Ref(5); want < 7; want++ {
		i := raft.Index(want - 3)
		r.receive(1, 2, 1, &raft.AppendEntries{PrevIndex: i - 1, PrevTerm: 1,
			Entries: entries(i, 1), Commit: i})
		r.save(2)
		if a := r.answered(2); len(a) != 1 || a[0].Ref != want || a[0].Outcome != raft.OutcomeOK {
			t.Errorf("index %d is applied, and it answered %+v", i, a)
		}
	}
	// Of two that ask the older one is too old.
	r = led(t, 3, nil)
	r.take(2)
	hear := func() {
		r.receive(1, 2, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1})
	}
	begun := r.now
	r.step(2, raft.Read(5))
	var told []raft.Answer
	for r.now < begun+900*ms {
		r.now += 100 * ms
		if r.now == begun+500*ms {
			r.step(2, raft.Read(6))
		}
		r.m(2).answers = nil
		r.step(2, raft.Receive(0, raft.Message{Group: 7, From: 1, FromBoot: 1, To: 2, Term: 1,
			Body: &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1}}))
		told = append(told, r.answered(2)...)
	}
	if len(told) != 1 || told[0].Ref != 5 || told[0].Why != raft.WhyTimeout ||
		r.m(2).node.Status().Reads != 1 {
		t.Errorf("it answered %+v, and %d wait", told, r.m(2).node.Status().Reads)
	}
	hear()
	// What was refused as its server stopped or stood is not answered again.
	for _, end := range []raft.Input{raft.Campaign(0), {Kind: raft.InputSaveFailed}} {
		r = led(t, 3, nil)
		r.take(2)
		r.step(2, raft.Read(5))
		q, _ := body[*raft.ReadIndex](t, r.take(2))
		r.receive(1, 2, 1, &raft.ReadIndexReply{ID: q.ID, Granted: true, Index: 9})
		r.now += 200 * ms
		r.step(2, end)
		a := r.answered(2)
		r.run(raft.Second)
		if a = append(a, r.answered(2)...); len(a) != 1 || a[0].Outcome != raft.OutcomeRefused {
			t.Errorf("it answered %+v", a)
		}
	}
}

// Who leads again has no lease left of the time before: a round of its new term must be answered.
func TestLeaseOfAnEarlierTerm(t *testing.T) {
	r := newRig(t, 3, func(c *raft.Config) { c.LeaseReads = true })
	r.wakeAll()
	r.now = 150 * ms
	r.lead(1)
	r.wait(1, 30*ms)
	r.settle()
	r.step(1, raft.Transfer(0, 2))
	r.settle()
	r.step(2, raft.Transfer(0, 1))
	r.deliver(2, 1)
	r.saveAll()
	r.receive(3, 1, 3, &raft.RequestVoteReply{ForTerm: 3, Granted: true})
	r.saveAll()
	r.take(1)
	last := r.m(1).node.Status().Last
	m := r.step(1, raft.Receive(0, raft.Message{Group: 7, From: 3, FromBoot: 1, To: 1, Term: 3,
		Body: &raft.AppendEntriesReply{Success: true, Match: last.Index}}), raft.Read(5))
	if s := m.node.Status(); s.Role != raft.Leader || s.Commit != last.Index || last.Term != 3 {
		t.Fatalf("it stands as %+v", s)
	}
	if len(m.answers) != 0 {
		t.Errorf("it answered %+v by the lease of an earlier term", m.answers)
	}
	r.settle()
	if a := r.answered(1); len(a) != 1 || a[0].Outcome != raft.OutcomeOK {
		t.Errorf("behind a round it answered %+v", a)
	}
}

// What was lost on its way makes room again: a full window does not stay full.
func TestLostWindowIsGivenBack(t *testing.T) {
	r := led(t, 2, func(c *raft.Config) { c.MaxWindow, c.MaxBatch = 8, 1 })
	for range 4 {
		r.propose(1, "four")
		r.propose(1, "four")
		r.drop(0, 0)
		r.saveAll()
		r.beats(3)
	}
	if s, l := r.m(2).node.Status(), r.m(1).node.Status(); s.Last != l.Last || l.Commit != 9 {
		t.Errorf("it stands as %+v, its leader as %+v", s, l)
	}
}
