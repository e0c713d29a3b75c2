package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// Section 6, and the thesis where it says more.
func TestSection6(t *testing.T) {
	holdAll(t, []sentence{
		{"a server uses the newest configuration in its log, committed or not", newestConfigRules},
		{"and the one before it when that is cut", cutConfigFallsBack},
		{"entries go to all servers of both halves", jointReplicates},
		{"a decision needs a majority of each half", jointNeedsBoth},
		{"new servers get the log before they get a vote", newcomersCatchUp},
		{"a leader that is not in C_new leads until it is committed", removedLeaderLeads},
		{"who hears a leader refuses votes", leaderStickiness},
	})
}

// Section 7.
func TestSection7(t *testing.T) {
	holdAll(t, []sentence{
		{"each server snapshots what it has applied, and drops that log", snapshotDropsLog},
		{"a follower whose next entry is cut gets the snapshot, in chunks", snapshotIsInstalled},
		{"InstallSnapshot 1: refused if its term is earlier", resultsCarryTerm},
		{"InstallSnapshot 2 to 4: chunks are saved at their offset, in order", chunksOutOfOrder},
		{"a chunk is acknowledged when it is saved", chunkAckWaitsForDisk},
		{"InstallSnapshot 5: a snapshot of less than is here changes nothing",
			oldSnapshotIsIgnored},
		{"InstallSnapshot 6: what follows its last entry stays", snapshotKeepsLog},
	})
}

// Section 8.
func TestSection8(t *testing.T) {
	holdAll(t, []sentence{
		{"who does not lead says who does", followerNamesLeader},
		{"a leader begins its term with an empty entry", leaderBeginsWithNoop},
		{"a read waits for a round of heartbeats to a majority", readWaitsForRound},
		{"a read waits until an entry of the leader's term is committed", readWaitsForOwnTerm},
	})
}

// changed has S1 lead three servers and, if it may, append another configuration that nobody gets.
func changed(t *testing.T, c *raft.Change) *rig {
	t.Helper()
	r := newRig(t, 3, nil)
	r.lead(1)
	r.settle()
	r.take(1)
	r.step(1, raft.Reconfigure(3, c))
	r.saveAll()
	return r
}

// confOf gives the configuration in force at a server.
func (r *rig) confOf(id raft.NodeID) string { return showConfig(r.m(id).node.Status().Config) }

func newestConfigRules(t *testing.T) {
	r := changed(t, &raft.Change{Learn: []raft.NodeID{3}})
	if got := r.confOf(1); got != "voters=[S1 S2] learners=[S3]" ||
		r.m(1).node.Status().Commit != 1 {
		t.Errorf("appended and not committed, it is %s, commit %d", got,
			r.m(1).node.Status().Commit)
	}
	r.deliver(1, 3)
	if got := r.confOf(3); got != "voters=[S1 S2] learners=[S3]" {
		t.Errorf("at a follower it is %s", got)
	}
	if s := r.m(3).node.Status(); s.Role != raft.Learner {
		t.Errorf("without a vote it is %v", s.Role)
	}
	r.saveAll()
	r.restart(3)
	if got := r.confOf(3); got != "voters=[S1 S2] learners=[S3]" {
		t.Errorf("behind a restart it is %s", got)
	}
}

func cutConfigFallsBack(t *testing.T) {
	r := changed(t, &raft.Change{Learn: []raft.NodeID{3}})
	r.deliver(1, 3)
	r.saveAll()
	m := r.receive(2, 3, 2, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 2)})
	m.want(t, raft.NoteConfigured, raft.WhyLogConflict)
	if got := r.confOf(3); got != "voters=[S1 S2 S3]" {
		t.Errorf("with its entry cut it is %s", got)
	}
	if s := m.node.Status(); s.Role != raft.Follower {
		t.Errorf("it has its vote again, and is %v", s.Role)
	}
}

// joint has S1 lead C_old 1, 2, 3 and C_new 1, 4, 5, appended at S1 alone.
func joint(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, 3, nil)
	for id := raft.NodeID(4); id <= 5; id++ {
		r.members = append(r.members, &member{snapshots: map[raft.SnapshotRef][]byte{}})
		r.start(id)
	}
	r.lead(1)
	r.step(1, raft.Reconfigure(3, &raft.Change{Learn: []raft.NodeID{4, 5}}))
	r.settle()
	r.step(1, raft.Reconfigure(4, &raft.Change{Vote: []raft.NodeID{4, 5},
		Remove: []raft.NodeID{2, 3}}))
	r.saveAll()
	r.drop(0, 0)
	r.step(1, raft.Wake())
	r.saveAll()
	if s := r.m(1).node.Status(); !s.Joint || s.Last.Index != 3 {
		t.Fatalf("it stands as %+v, %s", s, r.confOf(1))
	}
	return r
}

func jointReplicates(t *testing.T) {
	r := joint(t)
	told := map[raft.NodeID]bool{}
	for _, msg := range r.wire {
		if a, ok := msg.Body.(*raft.AppendEntries); ok && len(a.Entries) > 0 {
			told[msg.To] = true
		}
	}
	for id := raft.NodeID(2); id <= 5; id++ {
		if !told[id] {
			t.Errorf("%v, of one half, was sent no entry", id)
		}
	}
}

func jointNeedsBoth(t *testing.T) {
	for _, test := range []struct {
		acks    []raft.NodeID
		commits bool
	}{{nil, false}, {[]raft.NodeID{4, 5}, false}, {[]raft.NodeID{2, 3}, false},
		{[]raft.NodeID{2}, false}, {[]raft.NodeID{2, 4}, true}, {[]raft.NodeID{3, 5}, true}} {
		r := joint(t)
		for _, id := range test.acks {
			r.receive(id, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 3})
		}
		if s := r.m(1).node.Status(); (s.Commit >= 3) != test.commits {
			t.Errorf("S1 and %v have it, and %d are committed", test.acks, s.Commit)
		}
	}
	// To elect as well: S2 has its own vote, which counts in C_old alone.
	for _, test := range []struct {
		votes []raft.NodeID
		wins  bool
	}{{nil, false}, {[]raft.NodeID{1}, false}, {[]raft.NodeID{3}, false},
		{[]raft.NodeID{4, 5}, false}, {[]raft.NodeID{1, 3}, false}, {[]raft.NodeID{1, 4}, true},
		{[]raft.NodeID{3, 4, 5}, true}} {
		r := joint(t)
		r.deliver(1, 2)
		r.saveAll()
		r.step(2, raft.Campaign(0))
		r.saveAll()
		for _, id := range test.votes {
			r.receive(id, 2, 2, &raft.RequestVoteReply{ForTerm: 2, Granted: true})
		}
		if s := r.m(2).node.Status(); (s.Role == raft.Leader) != test.wins {
			t.Errorf("S2 has the votes of %v, and is %v", test.votes, s.Role)
		}
	}
}

func newcomersCatchUp(t *testing.T) {
	r := newRig(t, 3, nil)
	r.members = append(r.members, &member{snapshots: map[raft.SnapshotRef][]byte{}})
	r.start(4)
	r.lead(1)
	r.step(1, raft.Reconfigure(3, &raft.Change{Vote: []raft.NodeID{4}}))
	r.settle(4)
	if got := r.confOf(1); got != "voters=[S1 S2 S3] learners=[S4]" {
		t.Errorf("before it has the log the configuration is %s", got)
	}
	r.beats(2)
	if got := r.confOf(1); got != "voters=[S1 S2 S3 S4]" || r.confOf(4) != got {
		t.Errorf("when it has the log the configuration is %s, and there %s", got, r.confOf(4))
	}
	if s := r.m(4).node.Status(); s.Role != raft.Follower {
		t.Errorf("with a vote it is %v", s.Role)
	}
}

func removedLeaderLeads(t *testing.T) {
	r := changed(t, &raft.Change{Remove: []raft.NodeID{1}})
	r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})
	if s := r.m(1).node.Status(); s.Role != raft.Leader || s.Commit != 1 {
		t.Fatalf("S2 has the removal of S1, which counts no more: %v, commit %d", s.Role, s.Commit)
	}
	m := r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})
	m.want(t, raft.NoteTransferSent, raft.WhyRemoved)
	if s := m.node.Status(); s.Role != raft.Learner || s.Commit != 2 {
		t.Errorf("its removal is committed, and it is %v, commit %d", s.Role, s.Commit)
	}
	body[*raft.TimeoutNow](t, m)
}

func snapshotDropsLog(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	for range 3 {
		r.propose(1, "x")
	}
	r.settle()
	r.snapshot(2, "s")
	if s := r.m(2).node.Status(); s.Base.Index != s.Applied || s.Snapshot.Index != s.Applied {
		t.Errorf("S2 stands as %+v", s)
	}
	if s := r.m(1).node.Status(); s.Base.Index != 0 {
		t.Errorf("S1 has no snapshot, and stands as %+v", s)
	}
	// One of what is not applied here, or no newer than the last, is not taken.
	before := r.m(2).node.Status()
	for _, i := range []raft.Index{before.Applied + 1, before.Snapshot.Index, 0} {
		r.step(2, raft.Snapshotted(raft.SnapshotRef{Mark: raft.Mark{Index: i, Term: 1}}))
		if s := r.m(2).node.Status(); s != before {
			t.Errorf("a snapshot at %d made %+v of %+v", i, s, before)
		}
	}
}

func followerNamesLeader(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.settle()
	r.take(2)
	for name, in := range map[string]raft.Input{"proposal": raft.Propose(9, nil),
		"transfer": raft.Transfer(9, 3), "change": raft.Reconfigure(9, &raft.Change{
			Learn: []raft.NodeID{3}})} {
		r.step(2, in)
		a := r.take(2).answers
		if len(a) != 1 || a[0].Outcome != raft.OutcomeRefused || a[0].Why != raft.WhyNotLeader ||
			a[0].Leader != 1 || a[0].Ref != 9 {
			t.Errorf("to a %s a follower answered %+v", name, a)
		}
	}
}

func leaderBeginsWithNoop(t *testing.T) {
	r := with(t, 3, 1, image(3, 0, 1, 3))
	r.lead(1)
	m := r.take(1)
	if n := m.want(t, raft.NoteCreated, raft.WhyNewTerm); n.From != 3 || n.To != 3 ||
		n.Entries[0].Kind != raft.EntryNoop || len(n.Entries[0].Data) != 0 {
		t.Errorf("it began with %+v", n)
	}
	if s := m.node.Status(); s.Commit != 3 {
		t.Errorf("with nobody asking anything %d of 3 are committed", s.Commit)
	}
}

func readWaitsForRound(t *testing.T) {
	r := newRig(t, 5, nil)
	r.lead(1)
	r.settle()
	r.take(1)
	r.step(1, raft.Read(7))
	round := r.m(1).has
	n, _ := round(raft.NoteReadBegun)
	r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1, Round: n.Round - 1})
	r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1, Round: n.Round + 1})
	if m := r.receive(3, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1,
		Round: n.Round}); len(m.answers) != 0 {
		t.Fatalf("with two of five it answered %+v", m.answers)
	}
	// A refusal is word of the follower as well.
	m := r.receive(2, 1, 1, &raft.AppendEntriesReply{Rejected: 1, Round: n.Round})
	want := raft.Answer{Ref: 7, Outcome: raft.OutcomeOK, Leader: 1, Index: 1, Term: 1}
	if len(m.answers) != 1 || m.answers[0] != want {
		t.Errorf("with three of five it answered %+v", m.answers)
	}
}

func readWaitsForOwnTerm(t *testing.T) {
	r := with(t, 3, 1, image(3, 0, 1, 3))
	r.step(1, raft.Campaign(0))
	r.saveAll()
	r.receive(2, 1, 4, &raft.RequestVoteReply{ForTerm: 4, Granted: true})
	r.step(1, raft.Read(7))
	if _, ok := r.m(1).has(raft.NoteReadBegun); ok {
		t.Error("it began a round and does not know what is committed")
	}
	r.saveAll()
	m := r.receive(2, 1, 4, &raft.AppendEntriesReply{Success: true, Match: 3})
	if n := m.want(t, raft.NoteReadBegun, raft.WhyNone); n.Index != 3 {
		t.Errorf("the read waits for %+v", n)
	}
}
