package raft_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// replicationBehaviours are DLedger's 24 to 37 as far as they are the core's.
func replicationBehaviours() map[int]func(*testing.T) {
	return map[int]func(*testing.T){
		24: tenAppends, 25: positions, 26: tenAppendsEverywhere, 28: tenAtOnce,
		29: batched(appendWithoutQuorum), 30: batched(pendingLimit), 31: batched(followerIsDown),
		32: batched(everyThirdIsLost), 33: batched(longerLogIsCut), 34: tenAtOnce,
		35: batched(everyThirdIsLost), 36: figure8, 37: inheritedAreCommitted,
	}
}

// batched runs a behaviour with one entry an append and with many (DLedger's 35).
func batched(holds func(*testing.T, func(*raft.Config))) func(*testing.T) {
	return func(t *testing.T) {
		for _, batch := range []int{1, 3, 256} {
			t.Run(fmt.Sprintf("batch of %d", batch), func(t *testing.T) {
				holds(t, func(c *raft.Config) { c.MaxBatch = batch })
			})
		}
	}
}

// DLedger counts from 0; here index 1 is the first leader's own entry.
func tenAppends(t *testing.T) {
	r := begin(t, 1, nil)
	for i := range 10 {
		r.take(1)
		r.propose(1, fmt.Sprintf("body %d", i))
		r.settle()
		a := r.take(1).answers
		if len(a) != 1 || a[0].Index != raft.Index(i+2) || a[0].Outcome != raft.OutcomeOK {
			t.Fatalf("append %d was answered %+v", i, a)
		}
		if e, ok := r.m(1).node.Entry(a[0].Index); !ok ||
			string(e.Data) != fmt.Sprintf("body %d", i) {
			t.Errorf("at %d it holds %+v", a[0].Index, e)
		}
	}
}

// DLedger's positions count a head of 48 bytes for each record; ours the bodies alone.
func positions(t *testing.T) {
	r := begin(t, 1, nil)
	pos := 0
	for i := range 10 {
		data := strings.Repeat("x", i*3)
		r.propose(1, data)
		r.settle()
		if e, _ := r.m(1).node.Entry(raft.Index(i + 2)); e.Pos != uint64(pos) {
			t.Errorf("body %d stands at %d, not %d", i, e.Pos, pos)
		}
		pos += len(data)
	}
}

func tenAppendsEverywhere(t *testing.T) {
	r := begin(t, 3, nil)
	for range 10 {
		r.commits(r.leader())
	}
	r.run(50 * ms)
	for id := raft.NodeID(1); id <= 3; id++ {
		if s := r.m(id).node.Status(); s.Last.Index != 11 || s.Commit != 11 {
			t.Errorf("%v stands as %+v", id, s)
		}
	}
}

// tenAtOnce is ten appends that nobody waits for, in one step: one answer each, in order, and
// positions are the sums of the sizes before.
func tenAtOnce(t *testing.T) {
	r := begin(t, 3, nil)
	leader := r.leader()
	var in []raft.Input
	for i := range 10 {
		in = append(in, raft.Propose(raft.Ref(i+100), make([]byte, i)))
	}
	r.take(leader)
	m := r.step(leader, in...)
	if len(m.pending) != 1 || len(m.pending[0].Entries) != 10 {
		t.Errorf("it saves %d writes", len(m.pending))
	}
	r.settle()
	got := r.take(leader)
	if len(got.answers) != 10 {
		t.Fatalf("it answered %+v", got.answers)
	}
	pos := uint64(0)
	for i, a := range got.answers {
		e, _ := got.node.Entry(a.Index)
		if a.Ref != raft.Ref(i+100) || a.Index != raft.Index(i+2) || e.Pos != pos {
			t.Errorf("answer %d is %+v, at byte %d", i, a, e.Pos)
		}
		pos += uint64(i)
	}
}

func appendWithoutQuorum(t *testing.T, adjust func(*raft.Config)) {
	r := newRig(t, 2, func(c *raft.Config) { adjust(c); c.CheckQuorum = false })
	r.lead(1)
	r.crash(2)
	r.drop(0, 0)
	for range 9 {
		r.propose(1, "x")
		r.saveAll()
	}
	if s := r.m(1).node.Status(); s.Last.Index != 10 || s.Commit != 1 {
		t.Errorf("alone it stands as %+v", s)
	}
	r.start(2)
	r.step(2, raft.Wake())
	r.drop(0, 0)
	r.run(raft.Second)
	for id := raft.NodeID(1); id <= 2; id++ {
		if s := r.m(id).node.Status(); s.Commit != 10 {
			t.Errorf("together %v has committed %d", id, s.Commit)
		}
	}
}

// DLedger's appends time out; here the leader gives way, and says that it does not know.
func pendingLimit(t *testing.T, adjust func(*raft.Config)) {
	r := newRig(t, 2, func(c *raft.Config) { adjust(c); c.MaxPending = 5 })
	r.lead(1)
	r.crash(2)
	r.take(1)
	for range 5 {
		r.propose(1, "x")
	}
	if m := r.take(1); len(m.answers) != 0 {
		t.Fatalf("without a quorum it answered %+v", m.answers)
	}
	r.propose(1, "x")
	if a := r.take(1).answers; len(a) != 1 || a[0].Why != raft.WhyTooMany ||
		a[0].Outcome != raft.OutcomeRefused {
		t.Errorf("beyond its limit it answered %+v", a)
	}
	r.run(raft.Second, 2)
	a := r.take(1).answers
	if len(a) != 5 || a[4].Outcome != raft.OutcomeUnknown || a[4].Why != raft.WhyLostLeadership {
		t.Errorf("those who wait were told %+v", a)
	}
}

func followerIsDown(t *testing.T, adjust func(*raft.Config)) {
	r := newRig(t, 2, func(c *raft.Config) { adjust(c); c.CheckQuorum = false })
	r.lead(1)
	r.settle()
	for k := range 3 {
		r.crash(2)
		r.take(1)
		r.propose(1, "x")
		r.run(500*ms, 2)
		if a := r.take(1).answers; len(a) != 0 {
			t.Fatalf("with S2 down it answered %+v", a)
		}
		r.start(2)
		r.step(2, raft.Wake())
		r.run(200 * ms)
		if a := r.take(1).answers; len(a) != 1 || a[0].Outcome != raft.OutcomeOK {
			t.Errorf("with S2 back it answered %+v", a)
		}
		if s := r.m(2).node.Status(); s.Last.Index != raft.Index(k+2) {
			t.Errorf("S2 has %d entries", s.Last.Index)
		}
	}
}

func everyThirdIsLost(t *testing.T, adjust func(*raft.Config)) {
	r := newRig(t, 2, adjust)
	r.lead(1)
	r.settle()
	appends := 0
	for range 10 {
		r.take(1)
		r.propose(1, "x")
		for answered, rounds := false, 0; !answered; rounds++ {
			for len(r.wire) > 0 {
				msg := r.wire[0]
				r.wire = r.wire[1:]
				if _, ok := msg.Body.(*raft.AppendEntries); ok {
					if appends++; appends%3 == 0 {
						continue
					}
				}
				r.step(msg.To, raft.Receive(0, msg))
				r.saveAll()
			}
			r.saveAll()
			for _, a := range r.take(1).answers {
				answered = a.Outcome == raft.OutcomeOK
			}
			if rounds > 20 {
				t.Fatal("an append is not answered")
			}
			r.wait(1, 30*ms)
		}
	}
	r.run(100 * ms)
	if a, b := r.m(1).node.Status(), r.m(2).node.Status(); a.Last != b.Last || a.Last.Index != 11 {
		t.Errorf("they stand as %+v and %+v", a, b)
	}
}

func longerLogIsCut(t *testing.T, adjust func(*raft.Config)) {
	r := newRig(t, 3, adjust)
	five := []raft.Term{1, 1, 1, 1, 1}
	for id := raft.NodeID(1); id <= 3; id++ {
		r.m(id).image = image(3, 0, five...)
	}
	r.m(3).image = image(2, 0, append(slices.Clone(five), 2, 2, 2, 2, 2)...)
	for id := raft.NodeID(1); id <= 3; id++ {
		r.restart(id)
	}
	r.lead(1, 3)
	r.commits(1, 3)
	r.run(200 * ms)
	if got, want := r.terms(3), append(slices.Clone(five), 4, 4); !slices.Equal(got, want) {
		t.Errorf("the longer log became %v, not %v", got, want)
	}
}

// DLedger's restarted leader adds no entry where it is up to date; here every term has one.
func inheritedAreCommitted(t *testing.T) {
	r := newRig(t, 3, nil)
	for id := raft.NodeID(1); id <= 3; id++ {
		r.m(id).image = image(3, 0, 1, 2, 3)
		r.restart(id)
	}
	for range 2 {
		before := r.m(1).node.Status().Last.Index
		r.now += raft.Second
		r.lead(1)
		if s := r.m(1).node.Status(); s.Commit != before+1 || s.Last.Index != before+1 {
			t.Errorf("its log ended at %d, and it stands as %+v", before, s)
		}
		r.restart(1)
	}
}
