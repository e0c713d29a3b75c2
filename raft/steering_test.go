package raft_test

import (
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// led gives n servers of which S1 leads, with nothing on the way.
func led(t *testing.T, n int, adjust func(*raft.Config)) *rig {
	t.Helper()
	r := newRig(t, n, adjust)
	r.lead(1)
	r.beats(2)
	r.take(1)
	return r
}

func (r *rig) addServer() raft.NodeID {
	r.members = append(r.members, &member{snapshots: map[raft.SnapshotRef][]byte{}})
	id := raft.NodeID(len(r.members))
	r.start(id)
	return id
}

// Whoever asked for a transfer or change is told when the server stops, however far it is.
func TestStoppedServerAnswersAll(t *testing.T) {
	for _, test := range []struct {
		in   raft.Input
		lags bool
		want raft.Outcome
	}{
		{raft.Transfer(8, 2), false, raft.OutcomeUnknown}, // it was told
		{raft.Transfer(8, 2), true, raft.OutcomeRefused},  // it was not
		{raft.Reconfigure(8, &raft.Change{Learn: []raft.NodeID{3}}), false, raft.OutcomeUnknown},
		{raft.Read(8), false, raft.OutcomeRefused},
		{raft.Propose(8, nil), false, raft.OutcomeUnknown},
	} {
		r := led(t, 3, nil)
		if test.lags {
			r.propose(1, "x")
			r.take(1)
		}
		r.step(1, test.in)
		r.step(1, raft.Input{Kind: raft.InputSaveFailed})
		var got []raft.Outcome
		for _, a := range r.take(1).answers {
			if a.Ref == 8 {
				got = append(got, a.Outcome)
			}
		}
		if len(got) != 1 || got[0] != test.want {
			t.Errorf("input %d, lags %v: it answered %v, not %v", test.in.Kind, test.lags, got,
				test.want)
		}
		if s := r.m(1).node.Status(); s.Transfer != 0 || s.Reads+s.Waiting != 0 {
			t.Errorf("it has stopped and stands as %+v", s)
		}
	}
}

// Who asked for a transfer is told when the old leader itself leads again.
func TestTransferEndsWithItsOwnElection(t *testing.T) {
	r := led(t, 3, nil)
	r.step(1, raft.Transfer(8, 2))
	r.drop(0, 0)
	r.receive(3, 1, 2, &raft.AppendEntriesReply{Why: raft.WhyStaleTerm})
	r.now += 200 * ms
	r.step(1, raft.Campaign(0))
	r.saveAll()
	m := r.receive(3, 1, 3, &raft.RequestVoteReply{ForTerm: 3, Granted: true})
	if a := m.answers; len(a) != 1 || a[0].Ref != 8 || a[0].Outcome != raft.OutcomeRefused ||
		a[0].Why != raft.WhyLeaderKnown || m.node.Status().Transfer != 0 {
		t.Errorf("it leads again, and answered %+v", a)
	}
}

// Thesis 4.2.1: a newcomer has ten rounds; who is too slow in each of them is not promoted.
func TestCatchUpRounds(t *testing.T) {
	for _, test := range []struct {
		slow    int // rounds that take longer than the shortest election time-out
		votes   bool
		patient raft.Time
	}{{0, true, raft.Second}, {3, true, 9 * raft.Second}, {9, true, 9 * raft.Second},
		{10, false, 9 * raft.Second}, {9, false, raft.Second}} {
		r := led(t, 2, func(c *raft.Config) { c.CatchUp = test.patient })
		id := r.addServer()
		r.step(1, raft.Reconfigure(8, &raft.Change{Vote: []raft.NodeID{id}}))
		r.settle(id)
		if n, ok := r.m(1).has(raft.NoteCatchUp); !ok || n.Index != 2 || n.Count != 1 {
			t.Fatalf("the first round is %+v", n)
		}
		reaches := func() {
			n, _ := r.m(1).has(raft.NoteCatchUp)
			r.step(1, raft.Receive(0, raft.Message{Group: 7, From: id, FromBoot: 1, To: 1, Term: 1,
				Body: &raft.AppendEntriesReply{Success: true, Match: n.Index}}))
		}
		for range test.slow { // it gets there after 160 ms, and by then there is more
			r.propose(1, "x")
			r.beats2(4, id)
			reaches()
		}
		reaches()
		r.beats2(2, id)
		m := r.take(1)
		var done []raft.Outcome
		rounds := uint32(0)
		for _, a := range m.answers {
			if a.Ref == 8 {
				done = append(done, a.Outcome)
			}
		}
		for _, n := range m.notes {
			if n.Kind == raft.NoteCatchUp {
				rounds = n.Count
			}
		}
		want := raft.OutcomeOK
		if !test.votes {
			want = raft.OutcomeRefused
		}
		if len(done) != 1 || done[0] != want || test.votes && int(rounds) != test.slow+1 {
			t.Errorf("with %d slow rounds, in %d us: %v in round %d", test.slow, test.patient, done,
				rounds)
		}
		if got := r.confOf(1); (got == "voters=[S1 S2 S3]") != test.votes {
			t.Errorf("with %d slow rounds: %s", test.slow, got)
		}
	}
}

// beats2 lets heartbeats of 40 ms pass for S1, with some apart.
func (r *rig) beats2(n int, apart ...raft.NodeID) {
	for range n {
		r.wait(1, 40*ms)
		r.settle(apart...)
	}
}

// A change waits for another that is under way, though nobody remembers who asked for it, and for
// an entry of the leader's own term.
func TestChangeWaits(t *testing.T) {
	r := changed(t, &raft.Change{Learn: []raft.NodeID{3}})
	r.deliver(1, 2)
	r.saveAll()
	r.crash(1)
	r.drop(0, 0)
	r.now += raft.Second
	r.step(2, raft.Campaign(0))
	r.saveAll()
	r.receive(1, 2, 2, &raft.RequestVoteReply{ForTerm: 2, Granted: true})
	if s := r.m(2).node.Status(); s.Role != raft.Leader {
		t.Fatalf("S2 is %v", s.Role)
	}
	m := r.step(2, raft.Reconfigure(5, &raft.Change{Remove: []raft.NodeID{3}}))
	m.want(t, raft.NoteChangeRefused, raft.WhyChanging)

	r = with(t, 3, 1, image(3, 0, 1, 3))
	r.step(1, raft.Campaign(0))
	r.saveAll()
	r.receive(2, 1, 4, &raft.RequestVoteReply{ForTerm: 4, Granted: true})
	r.take(1)
	m = r.step(1, raft.Reconfigure(5, &raft.Change{Remove: []raft.NodeID{3}}))
	m.want(t, raft.NoteChangeRefused, raft.WhyOwnTermFirst)

	r = led(t, 3, nil)
	r.crash(2)
	r.crash(3)
	r.step(1, raft.StepDown())
	m = r.step(1, raft.Reconfigure(5, &raft.Change{Remove: []raft.NodeID{3}}))
	m.want(t, raft.NoteChangeRefused, raft.WhyStopping)

	r = led(t, 3, nil)
	r.propose(1, "x")
	r.step(1, raft.Transfer(4, 2))
	m = r.step(1, raft.Reconfigure(5, &raft.Change{Remove: []raft.NodeID{3}}))
	m.want(t, raft.NoteChangeRefused, raft.WhyTransferring)
}

// One voter changes by a single step, more by joint consensus, and so does one where it is asked.
func TestStepsOfAChange(t *testing.T) {
	for _, test := range []struct {
		change raft.Change
		steps  string
	}{
		{raft.Change{Remove: []raft.NodeID{3}}, "[voters=[S1 S2 S4]]"},
		{raft.Change{Remove: []raft.NodeID{3}, Joint: true},
			"[voters=[S1 S2 S4] outgoing=[S1 S2 S3 S4] voters=[S1 S2 S4]]"},
		{raft.Change{Remove: []raft.NodeID{3, 4}},
			"[voters=[S1 S2] outgoing=[S1 S2 S3 S4] voters=[S1 S2]]"},
		{raft.Change{Remove: []raft.NodeID{3}, Learn: []raft.NodeID{4}},
			"[voters=[S1 S2] outgoing=[S1 S2 S3 S4] learners=[S4] voters=[S1 S2] learners=[S4]]"},
	} {
		r := led(t, 4, nil)
		r.step(1, raft.Reconfigure(8, &test.change))
		r.beats(3)
		var steps []string
		m := r.take(1)
		for _, n := range m.notes {
			if n.Kind == raft.NoteConfigured {
				steps = append(steps, showConfig(n.Config))
			}
		}
		if got := fmt.Sprint(steps); got != test.steps {
			t.Errorf("%+v went by %s, not %s", test.change, got, test.steps)
		}
		last := r.m(1).node.Status().Last.Index
		if a := m.answers; len(a) != 1 || a[0].Outcome != raft.OutcomeOK || a[0].Ref != 8 ||
			a[0].Index != last || a[0].Term != 1 {
			t.Errorf("%+v was answered %+v", test.change, a)
		}
	}
}

// A transfer to nobody in particular goes to whoever is closest, the preferred one among equals;
// never to a learner, to one that is not heard of, or to one that gets a snapshot.
func TestBestTarget(t *testing.T) {
	for _, test := range []struct {
		name   string
		adjust func(*raft.Config)
		does   func(*rig)
		want   raft.NodeID
	}{
		{"equals", nil, func(*rig) {}, 2},
		{"preferred", func(c *raft.Config) { c.Preferred = []raft.NodeID{4, 3} }, func(*rig) {}, 4},
		{"closest", nil, func(r *rig) { r.propose(1, "x"); r.settle(2) }, 3},
		{"closest of the preferred", func(c *raft.Config) { c.Preferred = []raft.NodeID{2} },
			func(r *rig) { r.propose(1, "x"); r.settle(2) }, 3},
		{"no learner", nil, func(r *rig) {
			r.step(1, raft.Reconfigure(0, &raft.Change{Learn: []raft.NodeID{2}}))
			r.beats(2)
		}, 3},
		{"heard of", nil, func(r *rig) {
			for range 12 {
				r.beats2(1, 2)
			}
		}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := led(t, 4, test.adjust)
			test.does(r)
			r.take(1)
			m := r.step(1, raft.Transfer(8, 0))
			if n, ok := m.has(raft.NoteTransferBegun); !ok || n.Peer != test.want {
				t.Errorf("it hands over to %v, not %v\n%s", n.Peer, test.want, showNotes(m.notes))
			}
		})
	}
	// To itself it is done already; alone there is nobody.
	r := led(t, 3, nil)
	if a := r.step(1, raft.Transfer(8, 1)).answers; len(a) != 1 || a[0].Outcome != raft.OutcomeOK {
		t.Errorf("to itself: %+v", a)
	}
	r = led(t, 1, nil)
	if a := r.step(1, raft.Transfer(8, 0)).answers; len(a) != 1 || a[0].Why != raft.WhyNotVoter {
		t.Errorf("to nobody: %+v", a)
	}
	// A learner does not take over, whatever it is told.
	r = led(t, 3, nil)
	r.step(1, raft.Reconfigure(0, &raft.Change{Learn: []raft.NodeID{3}}))
	r.settle()
	m := r.receive(1, 3, 1, &raft.TimeoutNow{LastIndex: 2})
	m.want(t, raft.NoteMessageIgnored, raft.WhyNotVoter)
}

// Preferred servers are looked for again and again, later and later, up to a bound.
func TestPreferenceBacksOff(t *testing.T) {
	r := led(t, 3, func(c *raft.Config) { c.Preferred = []raft.NodeID{2} })
	var begun []raft.Time
	for range 12_000 {
		r.wait(1, 30*ms)
		m := r.take(1)
		if _, ok := m.has(raft.NoteTransferBegun); ok {
			begun = append(begun, r.now)
		}
		for k := len(r.wire) - 1; k >= 0; k-- { // the word is lost each time
			if _, ok := r.wire[k].Body.(*raft.TimeoutNow); ok {
				r.wire = append(r.wire[:k], r.wire[k+1:]...)
			}
		}
		r.settle()
	}
	last := raft.Time(0)
	for k := 1; k < len(begun); k++ {
		gap := begun[k] - begun[k-1]
		if gap < 1200*ms || gap < last*9/10 || gap > 78*raft.Second {
			t.Errorf("it was tried at %v", begun)
			break
		}
		last = gap
	}
	if len(begun) > 0 && begun[0] < 300*ms {
		t.Errorf("it was tried %d us after the election", begun[0])
	}
	if len(begun) < 8 || last < 70*raft.Second {
		t.Errorf("it was tried %d times, in the end every %d us", len(begun), last)
	}
}

// A leader that prefers itself, or prefers nobody that can lead, stays.
func TestPreferenceStays(t *testing.T) {
	for name, prefers := range map[string][]raft.NodeID{"itself": {1, 2}, "nobody": nil,
		"a stranger": {9}, "one that is down": {3}} {
		r := led(t, 3, func(c *raft.Config) { c.Preferred = prefers })
		r.crash(3)
		r.run(2 * raft.Second)
		if s := r.m(1).node.Status(); s.Role != raft.Leader || s.Term != 1 {
			t.Errorf("it prefers %s, and is %v of term %d", name, s.Role, s.Term)
		}
	}
}
