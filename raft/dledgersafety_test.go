package raft_test

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

// snapshotBehaviours are DLedger's 49 to 55 as far as they are the core's.
func snapshotBehaviours() map[int]func(*testing.T) {
	return map[int]func(*testing.T){49: appliesInOrder, 51: snapshotIsLoaded,
		52: logsBeginBehindSnapshots, 53: newcomerGetsSnapshot}
}

// safetyBehaviours are ours, which close gaps in DLedger: 56 to 67.
func safetyBehaviours() map[int]func(*testing.T) {
	return map[int]func(*testing.T){
		56: neverCutsWhatIsCommitted, 57: oldTermsChangeNothing, 58: crashAroundVote,
		59: indexesStayInOrder, 60: voteShowsLog, 61: oneOutcomeEach, 62: laggardIsAbsorbed,
		63: transferFails, 64: wipedFollowerIsRefilled, 65: floodDelaysNoVote, 66: figure8,
		67: anyOrderIsTheSame,
	}
}

func snapshotIsLoaded(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1, Digest: 3}, Size: 8}
	r := newRig(t, 3, nil)
	r.receive(1, 3, 1, chunk(ref, 0))
	m := r.receive(1, 3, 1, chunk(ref, 4))
	if s := m.node.Status(); s.Applied != 0 || s.Commit != 5 {
		t.Errorf("before it is saved: %+v", s)
	}
	r.saveAll()
	if s := r.m(3).node.Status(); s.Applied != 5 || s.Snapshot != ref || s.Base != ref.Mark {
		t.Errorf("it stands as %+v", s)
	}
}

// everySnapshot takes a snapshot at each server that has applied so many entries since its last.
func everySnapshot(r *rig, every raft.Index) {
	for i, m := range r.members {
		if m.node == nil {
			continue
		}
		if s := m.node.Status(); s.Applied >= s.Snapshot.Index+every {
			r.snapshot(raft.NodeID(i+1), "a snapshot")
		}
	}
	r.saveAll()
}

func logsBeginBehindSnapshots(t *testing.T) {
	r := begin(t, 3, nil)
	for k := range 98 {
		r.commits(r.leader())
		if k%7 == 0 {
			r.run(40 * ms)
		}
		everySnapshot(r, 10)
	}
	r.run(40 * ms)
	for range 2 {
		last := r.m(r.leader()).node.Status().Commit
		for id := raft.NodeID(1); id <= 3; id++ {
			s := r.m(id).node.Status()
			if s.Base != s.Snapshot.Mark || s.Last.Index-s.Base.Index > 20 {
				t.Errorf("%v stands as %+v", id, s)
			}
			r.restart(id)
		}
		r.drop(0, 0)
		for id := raft.NodeID(1); id <= 3; id++ {
			r.step(id, raft.Wake())
		}
		r.run(raft.Second)
		if s := r.m(r.leader()).node.Status(); s.Applied != last+1 {
			t.Errorf("%d were committed; behind a restart of all %d are", last, s.Applied)
		}
		everySnapshot(r, 1)
	}
}

func newcomerGetsSnapshot(t *testing.T) {
	r := newRig(t, 3, nil)
	r.crash(3)
	r.lead(1)
	for range 2 { // never there, and then away again
		for range 20 {
			r.commits(1, 3)
			everySnapshot(r, 10)
		}
		r.start(3)
		r.step(3, raft.Wake())
		r.drop(0, 3)
		r.take(3)
		r.run(300 * ms)
		m := r.take(3)
		m.want(t, raft.NoteSnapshotInstalled, raft.WhySnapshotResets)
		if s, l := m.node.Status(), r.m(1).node.Status(); s.Last != l.Last ||
			s.Applied != l.Applied {
			t.Errorf("S3 stands as %+v, its leader as %+v", s, l)
		}
		r.crash(3)
	}
}

func neverCutsWhatIsCommitted(t *testing.T) {
	r := newRig(t, 3, nil)
	r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1, 1, 1, 1), Commit: 3})
	r.saveAll()
	for _, a := range []*raft.AppendEntries{{}, {Entries: entries(1, 1)},
		{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1, 1)},
		{PrevIndex: 3, PrevTerm: 1, Entries: entries(4, 1)}, {PrevIndex: 9, PrevTerm: 1}} {
		r.receive(2, 1, 1, a)
		if s := r.m(1).node.Status(); s.Last.Index != 4 {
			t.Errorf("%+v cut it to %d", a, s.Last.Index)
		}
	}
	// Not even at the word of a leader that no correct cluster elects.
	r.receive(3, 1, 3, &raft.AppendEntries{PrevIndex: 3, PrevTerm: 1, Commit: 4,
		Entries: entries(4, 1)})
	r.receive(3, 1, 3, &raft.AppendEntries{PrevIndex: 3, PrevTerm: 1, Entries: entries(4, 3)})
	if mark, _ := r.m(1).node.MarkAt(4); mark.Term != 1 {
		t.Errorf("a committed entry was cut: %v", r.terms(1))
	}
}

func oldTermsChangeNothing(t *testing.T) {
	for _, b := range []raft.Body{&raft.AppendEntries{PrevIndex: 1, PrevTerm: 1,
		Entries: entries(2, 2), Commit: 2}, &raft.AppendEntries{PrevIndex: 2, PrevTerm: 2,
		Commit: 2},
		&raft.AppendEntriesReply{Success: true, Match: 2}, &raft.TimeoutNow{LastIndex: 2},
		chunk(raft.SnapshotRef{Mark: raft.Mark{Index: 9, Term: 2}, Size: 8}, 0),
		&raft.InstallSnapshotReply{Installed: true}, &raft.RequestVote{ForTerm: 4, LastIndex: 9,
			LastTerm: 4}, &raft.RequestVoteReply{ForTerm: 4, Granted: true},
		&raft.ReadIndex{ID: 1}, &raft.ReadIndexReply{ID: 1, Granted: true, Index: 2}} {
		r := with(t, 3, 1, image(5, 0, 1, 2))
		r.step(1, raft.Wake())
		before, wake := r.m(1).node.Status(), r.m(1).out.Wake
		m := r.receive(2, 1, 4, b)
		if s := m.node.Status(); s != before || len(m.pending) != 0 || m.out.Wake != wake {
			t.Errorf("a %T of an earlier term made %+v of %+v", b, s, before)
		}
	}
}

func crashAroundVote(t *testing.T) {
	for saved := range 2 {
		r := with(t, 3, 1, image(4, 3), noPreVote)
		m := r.receive(2, 1, 5, &raft.RequestVote{ForTerm: 5})
		none[*raft.RequestVoteReply](t, m, "before it was saved")
		for range saved {
			r.save(1)
		}
		r.restart(1)
		s := r.m(1).node.Status()
		if saved == 0 && (s.Term != 4 || s.Vote != 3) || saved == 1 && (s.Term != 5 ||
			s.Vote != 2) {
			t.Errorf("with %d writes saved it comes back in term %d with its vote for %v", saved,
				s.Term, s.Vote)
		}
	}
	r := newRig(t, 3, noPreVote)
	r.receive(2, 1, 5, &raft.RequestVote{ForTerm: 5})
	r.step(1, raft.Input{Kind: raft.InputSaveFailed, Write: 1})
	r.wait(1, raft.Second)
	none[*raft.RequestVoteReply](t, r.take(1), "though its write failed")
}

func indexesStayInOrder(t *testing.T) {
	seeds(t, 40, func(t *testing.T, seed uint64) {
		type life struct {
			boot            uint32
			commit, applied raft.Index
		}
		lives := map[raft.NodeID]life{}
		disordered(t, seed, func(r *rig) {
			for id := raft.NodeID(1); id <= 3; id++ {
				s := r.m(id).node.Status()
				was := lives[id]
				if was.boot != s.Boot {
					was = life{boot: s.Boot, commit: s.Snapshot.Index}
				}
				if s.Commit > s.Last.Index || s.Applied > s.Commit || s.Commit < was.commit ||
					s.Applied < was.applied || s.Commit < s.Snapshot.Index {
					t.Fatalf("%v stood at %+v and stands as %+v", id, was, s)
				}
				lives[id] = life{s.Boot, s.Commit, s.Applied}
			}
		})
	})
}

// voteShowsLog holds a request for votes against the log, behind a cut, a reset and an install.
func voteShowsLog(t *testing.T) {
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 9, Term: 5, Digest: 3}, Size: 8}
	for name, test := range map[string]struct {
		bodies []raft.Body
		last   raft.Index
		term   raft.Term
	}{
		"append": {[]raft.Body{&raft.AppendEntries{PrevIndex: 3, PrevTerm: 2,
			Entries: entries(4, 5)}}, 4, 5},
		"truncate": {[]raft.Body{&raft.AppendEntries{PrevIndex: 1, PrevTerm: 1,
			Entries: entries(2, 3)}}, 2, 3},
		"install": {[]raft.Body{chunk(ref, 0), chunk(ref, 4)}, 9, 5},
		"nothing": {[]raft.Body{&raft.AppendEntries{}}, 3, 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := with(t, 3, 1, image(5, 0, 1, 2, 2), noPreVote)
			for _, b := range test.bodies {
				r.receive(2, 1, 5, b)
				r.saveAll()
			}
			r.take(1)
			r.step(1, raft.Campaign(0))
			r.saveAll()
			if b, _ := body[*raft.RequestVote](t, r.take(1)); b.LastIndex != test.last ||
				b.LastTerm != test.term {
				t.Errorf("it shows a log that ends at %d/%d", b.LastIndex, b.LastTerm)
			}
		})
	}
}

func oneOutcomeEach(t *testing.T) {
	seeds(t, 40, func(t *testing.T, seed uint64) {
		chance := rng.New(seed)
		r := begin(t, 3, nil)
		asked, answered := map[raft.Ref]bool{}, map[raft.Ref]int{}
		take := func() {
			for id := raft.NodeID(1); id <= 3; id++ {
				for _, a := range r.take(id).answers {
					answered[a.Ref]++
				}
			}
		}
		ask := func(id raft.NodeID, ref raft.Ref) {
			asked[ref] = true
			r.step(id, [...]raft.Input{raft.Propose(ref, []byte("x")), raft.Read(ref),
				raft.Transfer(ref, raft.NodeID(chance.Below(4))),
				raft.Reconfigure(ref, &raft.Change{Learn: []raft.NodeID{raft.NodeID(1 +
					chance.Below(3))}}),
				raft.Reconfigure(ref, &raft.Change{Vote: []raft.NodeID{1, 2, 3}})}[chance.Below(5)])
		}
		take()
		for k := range raft.Ref(120) {
			id := raft.NodeID(1 + chance.Below(3))
			if k < 100 {
				ask(id, 1000+k)
			}
			if chance.Below(3) == 0 {
				r.drop(id, 0)
			}
			if chance.Below(6) == 0 {
				r.step(id, raft.Campaign(0))
			}
			r.run(raft.Time(chance.Below(80)) * ms)
			take()
		}
		r.run(5 * raft.Second)
		take()
		for ref := range asked {
			if answered[ref] != 1 {
				t.Errorf("request %d was answered %d times", ref, answered[ref])
			}
		}
	})
}

func laggardIsAbsorbed(t *testing.T) {
	r := begin(t, 3, nil)
	leader := r.leader()
	before := r.commits(leader)
	laggard := leader%3 + 1
	r.crash(laggard)
	im := &r.m(laggard).image
	im.Term += 100 // it stood for election again and again
	r.start(laggard)
	r.step(laggard, raft.Wake())
	r.run(900 * ms) // three election time-outs
	if s := r.m(r.leader()).node.Status(); s.Term < 100 || s.Commit < before.Index {
		t.Errorf("%v leads as %+v", r.leader(), s)
	}
	r.commits(r.leader())
}

func transferFails(t *testing.T) {
	for _, lags := range []bool{false, true} {
		r := begin(t, 3, nil)
		leader := r.leader()
		target := leader%3 + 1
		if lags {
			r.commits(leader, target)
		}
		r.crash(target)
		r.take(leader)
		r.step(leader, raft.Transfer(8, target))
		r.propose(leader, "no")
		r.run(320*ms, target)
		a := r.take(leader).answers
		if len(a) != 2 || a[0].Why != raft.WhyTransferring || a[1].Ref != 8 ||
			a[1].Outcome == raft.OutcomeOK {
			t.Errorf("it answered %+v", a)
		}
		r.commits(leader, target)
	}
}

func wipedFollowerIsRefilled(t *testing.T) {
	for _, snapshots := range []bool{false, true} {
		r := begin(t, 3, nil)
		leader := r.leader()
		for range 20 {
			r.commits(leader)
		}
		if snapshots {
			r.run(40 * ms)
			everySnapshot(r, 10)
		}
		wiped := leader%3 + 1
		r.crash(wiped)
		r.m(wiped).image = raft.Image{}
		r.start(wiped)
		r.step(wiped, raft.Wake())
		r.run(500 * ms)
		if s, l := r.m(wiped).node.Status(), r.m(leader).node.Status(); s.Last != l.Last ||
			s.Commit != l.Commit || (s.Base.Index > 0) != snapshots {
			t.Errorf("it stands as %+v, its leader as %+v", s, l)
		}
	}
}

func floodDelaysNoVote(t *testing.T) {
	for _, candidate := range []bool{false, true} {
		r := newRig(t, 3, noPreVote)
		if candidate {
			r.step(1, raft.Campaign(0))
		}
		var in []raft.Input
		from := func(id raft.NodeID, term raft.Term, b raft.Body) {
			in = append(in, raft.Receive(0, raft.Message{ID: 1, Group: 7, From: id, FromBoot: 1,
				To:   1,
				Term: term, Body: b}))
		}
		for i := range 5000 {
			from(2, 1, &raft.AppendEntries{PrevIndex: raft.Index(i), PrevTerm: raft.Term(min(i, 1)),
				Entries: entries(raft.Index(i+1), 1)})
		}
		from(3, 2, &raft.RequestVote{ForTerm: 2, LastIndex: 9000, LastTerm: 1})
		r.step(1, in...)
		r.saveAll()
		m := r.take(1)
		if b, _ := body[*raft.RequestVoteReply](t, m); !b.Granted {
			t.Errorf("behind 5000 appends it answered %+v", b)
		}
	}
}

// anyOrderIsTheSame gives a follower the same messages in any order, some twice, until all that
// the leader sent has come in order once: what is there in the end is the same.
func anyOrderIsTheSame(t *testing.T) {
	leader := []raft.Term{1, 1, 2, 2, 3, 3}
	var all []raft.Body
	for prev := range leader {
		a := &raft.AppendEntries{PrevIndex: raft.Index(prev), Commit: raft.Index(prev),
			Entries: entries(raft.Index(prev+1), leader[prev])}
		if prev > 0 {
			a.PrevTerm = leader[prev-1]
		}
		all = append(all, a)
	}
	seeds(t, 60, func(t *testing.T, seed uint64) {
		chance := rng.New(seed)
		r := newRig(t, 3, nil)
		for range 30 {
			r.receive(2, 1, 3, all[chance.Below(int64(len(all)))])
			if chance.Below(3) == 0 {
				r.save(1)
			}
		}
		for _, b := range all {
			r.receive(2, 1, 3, b)
		}
		r.saveAll()
		if got := r.terms(1); !slices.Equal(got, leader) {
			t.Errorf("its log is %v, not %v", got, leader)
		}
		if s := r.m(1).node.Status(); s.Commit != 5 || s.Applied != 5 {
			t.Errorf("it stands as %+v", s)
		}
	})
}
