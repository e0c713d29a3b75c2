package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// configEntry makes an entry that holds a configuration.
func configEntry(i raft.Index, term raft.Term, c raft.Configuration) raft.Entry {
	return raft.Entry{Index: i, Term: term, Kind: raft.EntryConfig, Data: []byte(c.Pack())}
}

// A server whose removal it has and knows not to be committed may stand: the others may need it
// (thesis 4.2.2). When it is committed it may not.
func TestRemovedServerStands(t *testing.T) {
	two := raft.Configuration{Voters: []raft.NodeID{1, 2}}
	for _, committed := range []bool{false, true} {
		r := newRig(t, 3, noPreVote)
		a := &raft.AppendEntries{Entries: []raft.Entry{{Index: 1, Term: 1}, configEntry(2, 1, two)}}
		if committed {
			a.Commit = 2
		}
		r.receive(1, 3, 1, a)
		r.saveAll()
		r.step(3, raft.Campaign(0))
		if s := r.m(3).node.Status(); (s.Role == raft.Candidate) == committed {
			t.Errorf("its removal is committed: %v, and it is %v", committed, s.Role)
		}
		r.now += raft.Second
		r.step(3, raft.Wake())
		if s := r.m(3).node.Status(); (s.Term == 1) != committed {
			t.Errorf("its removal is committed: %v, and it went to term %d", committed, s.Term)
		}
	}
}

// A cut falls back to the newest configuration before it, also by several steps.
func TestCutFallsBackFar(t *testing.T) {
	conf := func(ids ...raft.NodeID) raft.Configuration { return raft.Configuration{Voters: ids} }
	r := newRig(t, 3, nil)
	r.receive(1, 3, 1, &raft.AppendEntries{Entries: []raft.Entry{{Index: 1, Term: 1},
		configEntry(2, 1, conf(1, 2)), {Index: 3, Term: 1}, configEntry(4, 1, conf(1)),
		configEntry(5, 1, conf(1, 3))}})
	r.saveAll()
	for _, test := range []struct {
		cut  raft.Index
		want string
	}{{6, "voters=[S1 S3]"}, {5, "voters=[S1]"}, {3, "voters=[S1 S2]"}, {2, "voters=[S1 S2 S3]"}} {
		term := r.m(3).node.Status().Term + 1
		mark, _ := r.m(3).node.MarkAt(test.cut - 1)
		r.receive(2, 3, term, &raft.AppendEntries{PrevIndex: test.cut - 1, PrevTerm: mark.Term,
			Entries: entries(test.cut, term)})
		r.saveAll()
		if got := r.confOf(3); got != test.want {
			t.Errorf("cut from %d it is %s, not %s", test.cut, got, test.want)
		}
		restarted := r.m(3).image
		n, err := raft.New(r.m(3).cfg, restarted)
		if err != nil || showConfig(n.Status().Config) != test.want {
			t.Errorf("cut from %d and restarted it is %s: %v", test.cut,
				showConfig(n.Status().Config), err)
		}
	}
}

// A snapshot keeps the configuration as of its last entry; a configuration behind it stays with
// the log that holds it.
func TestSnapshotAndConfigurations(t *testing.T) {
	learner := raft.Configuration{Voters: []raft.NodeID{1, 2}, Learners: []raft.NodeID{3}}
	one := raft.Configuration{Voters: []raft.NodeID{1}, Learners: []raft.NodeID{3}}
	log := []raft.Entry{{Index: 1, Term: 1}, configEntry(2, 1, learner), {Index: 3, Term: 1},
		configEntry(4, 1, one), {Index: 5, Term: 1}}
	r := newRig(t, 3, nil)
	r.receive(1, 3, 1, &raft.AppendEntries{Entries: log, Commit: 5})
	r.saveAll()
	n := r.m(3).node
	for i, want := range []string{"voters=[S1 S2 S3]", "voters=[S1 S2 S3]",
		"voters=[S1 S2] learners=[S3]", "voters=[S1 S2] learners=[S3]",
		"voters=[S1] learners=[S3]", "voters=[S1] learners=[S3]"} {
		if got := showConfig(n.ConfigAt(raft.Index(i))); got != want {
			t.Errorf("as of %d it is %s, not %s", i, got, want)
		}
	}
	// Its own snapshot in the middle: what is before it is forgotten, what is behind it stays.
	mark, _ := n.MarkAt(3)
	r.step(3, raft.Snapshotted(raft.SnapshotRef{Mark: mark, Config: n.ConfigAt(3)}))
	if got := showConfig(n.ConfigAt(3)); got != "voters=[S1 S2] learners=[S3]" {
		t.Errorf("behind its snapshot it is %s as of 3", got)
	}
	if got := r.confOf(3); got != "voters=[S1] learners=[S3]" {
		t.Errorf("behind its snapshot it is %s", got)
	}

	// A leader's snapshot of a prefix of the log: the configuration behind it stays.
	for _, keeps := range []bool{true, false} {
		r = newRig(t, 3, nil)
		r.receive(1, 3, 1, &raft.AppendEntries{Entries: log})
		r.saveAll()
		mark, _ = r.m(3).node.MarkAt(2)
		if !keeps {
			mark.Term = 2
		}
		ref := raft.SnapshotRef{Mark: mark, Size: 1, Config: learner.Pack()}
		r.receive(1, 3, 2, &raft.InstallSnapshot{Snapshot: ref, Data: []byte("x"), Done: true})
		want := "voters=[S1 S2] learners=[S3]"
		if keeps {
			want = "voters=[S1] learners=[S3]"
		}
		if got := r.confOf(3); got != want {
			t.Errorf("the log goes on: %v, and it is %s, not %s", keeps, got, want)
		}
		r.saveAll()
		r.restart(3)
		if got := r.confOf(3); got != want {
			t.Errorf("the log goes on: %v, and restarted it is %s, not %s", keeps, got, want)
		}
	}
}

// A few entries stay behind a snapshot, and it is not cut again for none.
func TestTrailingLimits(t *testing.T) {
	r := led(t, 1, func(c *raft.Config) { c.Trailing = 3 })
	for k, base := range []raft.Index{0, 0, 1, 2} {
		r.propose(1, "x")
		r.settle()
		r.snapshot(1, "s")
		r.saveAll()
		if s := r.m(1).node.Status(); s.Base.Index != base || s.Snapshot.Index != raft.Index(k+2) {
			t.Errorf("with %d entries it stands as %+v", k+2, s)
		}
	}
	m := r.take(1)
	compacted := 0
	for _, n := range m.notes {
		if n.Kind == raft.NoteCompacted {
			compacted++
		}
	}
	if compacted != 2 {
		t.Errorf("it was cut %d times", compacted)
	}
}

// A log that is cut while writes are under way knows which of them are.
func TestCutWhileWritesAreUnderWay(t *testing.T) {
	r := newRig(t, 3, nil)
	for i := range raft.Index(4) {
		term := raft.Term(min(i, 1))
		r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: i, PrevTerm: term,
			Entries: entries(i+1, 1)})
	}
	ref := raft.SnapshotRef{Mark: raft.Mark{Index: 2, Term: 1}, Size: 1}
	r.receive(2, 1, 1, &raft.InstallSnapshot{Snapshot: ref, Data: []byte("x"), Done: true})
	for k, want := range []raft.Index{2, 2, 2, 3, 4} {
		if s := r.m(1).node.Status(); s.Saved != want {
			t.Errorf("with %d writes saved it believes that %d entries are", k, s.Saved)
		}
		r.save(1)
	}
}

// What a leader is told by its host, or by a follower, of a snapshot that it does not send any
// more changes nothing.
func TestLateWordOfSnapshots(t *testing.T) {
	r, ref := cutOff(t, nil)
	r.wait(1, 40*ms)
	r.deliver(1, 3)
	r.saveAll()
	r.deliver(3, 1)
	chunkOf := func(to raft.NodeID, s raft.SnapshotRef, offset uint64) raft.Input {
		return raft.Fetched(raft.Chunk{ChunkRef: raft.ChunkRef{Snapshot: s, Offset: offset, Size: 4,
			To: to}, Data: []byte("data")})
	}
	other := ref
	other.CRC++
	for name, in := range map[string]raft.Input{"to nobody": chunkOf(9, ref, 0),
		"to one that needs none": chunkOf(2, ref, 0), "of another": chunkOf(3, other, 0),
		"at another place": chunkOf(3, ref, 4)} {
		r.take(1)
		r.step(1, in)
		none[*raft.InstallSnapshot](t, r.take(1), "for a chunk "+name)
	}
	m := r.receive(3, 1, 1, &raft.InstallSnapshotReply{Snapshot: ref, Next: 9})
	m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
	for _, b := range []*raft.InstallSnapshotReply{{Snapshot: other, Next: 4}, {Snapshot: ref}} {
		m = r.receive(3, 1, 1, b)
		none[*raft.InstallSnapshot](t, m, "for an answer that asks for nothing new")
	}
	m = r.receive(2, 1, 1, &raft.InstallSnapshotReply{Snapshot: ref, Next: 4})
	none[*raft.InstallSnapshot](t, m, "to one that needs none")
	m = r.receive(3, 1, 1, &raft.InstallSnapshotReply{Snapshot: ref, Next: 4})
	if b, _ := body[*raft.InstallSnapshot](t, m); b.Offset != 4 || !b.Done {
		t.Errorf("it sent %+v", b)
	}
	r.receive(2, 1, 2, &raft.AppendEntries{})
	r.take(1)
	r.step(1, chunkOf(3, ref, 4))
	none[*raft.InstallSnapshot](t, r.take(1), "though it does not lead")
}

// A limit is reached at its number, not before and not behind it.
func TestLimitsAtTheirNumber(t *testing.T) {
	r := led(t, 3, func(c *raft.Config) { c.MaxEntry, c.MaxPending = 4, 2 })
	for k, test := range []struct {
		size int
		why  raft.Reason
	}{{5, raft.WhyTooLarge}, {4, raft.WhyNone}, {0, raft.WhyNone}, {0, raft.WhyTooMany}} {
		r.take(1)
		m := r.step(1, raft.Propose(8, make([]byte, test.size)))
		refused := len(m.answers) == 1 && m.answers[0].Why == test.why
		if refused != (test.why != raft.WhyNone) {
			t.Errorf("proposal %d was answered %+v", k, m.answers)
		}
	}
	// As many appends on their way as may be, and as many bytes.
	for _, adjust := range []func(*raft.Config){
		func(c *raft.Config) { c.MaxBatch, c.MaxInflight = 1, 3 },
		func(c *raft.Config) { c.MaxBatch, c.MaxWindow = 1, 11 },
	} {
		r = led(t, 2, adjust)
		for range 6 {
			r.propose(1, "four")
		}
		sent := 0
		for _, msg := range r.take(1).sent {
			if a, ok := msg.Body.(*raft.AppendEntries); ok && len(a.Entries) == 1 {
				sent++
			}
		}
		if sent != 3 {
			t.Errorf("%d appends are on their way, not 3", sent)
		}
		r.saveAll()
		r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 3}) // two of them
		r.settle()
		if s := r.m(2).node.Status(); s.Last.Index != 7 {
			t.Errorf("the follower has %d entries of 7", s.Last.Index)
		}
	}
}

// Where nobody is heard of, no snapshot is offered; a member that was heard a while ago gets one.
func TestSnapshotToNobody(t *testing.T) {
	r, _ := cutOff(t, func(c *raft.Config) { c.CheckQuorum = false })
	r.crash(3)
	for range 20 {
		r.wait(1, 40*ms)
		r.settle(3)
	}
	r.take(1)
	r.wait(1, 40*ms)
	if n, ok := r.m(1).has(raft.NoteSnapshotOffered); ok {
		t.Errorf("nobody is there, and it offered %+v", n)
	}
	// What it sends to one of which it knows nothing stands behind the empty prefix.
	for _, msg := range r.take(1).sent {
		if a, ok := msg.Body.(*raft.AppendEntries); ok && msg.To == 3 && a.PrevIndex != 0 &&
			a.PrevIndex < 5 {
			t.Errorf("it sent %+v", a)
		}
	}
}

// A leader tells each member once in a step, and those that stand alike get the same message.
func TestMembersThatStandAlike(t *testing.T) {
	r := led(t, 3, nil)
	m := r.step(1, raft.Propose(1, []byte("x")), raft.Propose(2, []byte("y")))
	if len(m.sent) != 2 || m.sent[0].Body != m.sent[1].Body {
		t.Errorf("it sent %d messages of 2", len(m.sent))
	}
	if a := m.sent[0].Body.(*raft.AppendEntries); len(a.Entries) != 2 || a.Last != 3 {
		t.Errorf("it sent %+v", a)
	}
	// S2 has them, S3 does not: they stand otherwise now.
	r.deliver(1, 2)
	r.saveAll()
	r.deliver(2, 1)
	r.drop(0, 0)
	r.take(1)
	r.wait(1, 40*ms)
	for _, msg := range r.take(1).sent {
		a := msg.Body.(*raft.AppendEntries)
		if want := raft.Index(3); a.PrevIndex != want || a.Commit != 3 || len(a.Entries) != 0 {
			t.Errorf("to %v it sent %+v", msg.To, a)
		}
	}
}

// A message carries the input that it follows from.
func TestCausesOfMessages(t *testing.T) {
	r := led(t, 3, nil)
	m := r.step(1, raft.Propose(77, []byte("x")))
	for _, msg := range m.sent {
		if msg.Cause != 77 {
			t.Errorf("%s follows from %d", showMessage(&msg), msg.Cause)
		}
	}
	if n, _ := m.has(raft.NoteCreated); n.Cause != 77 || m.pending[0].Cause != 77 {
		t.Errorf("the note follows from %d, the write from %d", n.Cause, m.pending[0].Cause)
	}
	r.take(1)
	r.wait(1, 40*ms)
	m2 := r.take(1)
	for _, msg := range m2.sent {
		if msg.Cause != 0 {
			t.Errorf("%s follows from %d, and time alone sent it", showMessage(&msg), msg.Cause)
		}
	}
}

// Newcomers learn before they vote, so there must be room for that too: else the leader would write
// a configuration that nobody can read.
func TestNewcomersMustFitAmongTheLearners(t *testing.T) {
	c := raft.Configuration{Voters: []raft.NodeID{1}}
	for id := raft.NodeID(2); len(c.Learners) < raft.MaxMembers-1; id++ {
		c.Learners = append(c.Learners, id)
	}
	r := with(t, 1, 1, raft.Image{Term: 1, Entries: []raft.Entry{configEntry(1, 1, c)}})
	r.step(1, raft.Campaign(0))
	for range 4 {
		r.drop(1, 0) // nobody else is there
		r.saveAll()
	}
	r.take(1)
	ask := func(vote ...raft.NodeID) raft.Answer {
		m := r.step(1, raft.Reconfigure(9, &raft.Change{Vote: vote}))
		if len(m.answers) == 0 {
			return raft.Answer{}
		}
		return r.take(1).answers[0]
	}
	if a := ask(1000, 1001); a.Why != raft.WhyTooMany {
		t.Errorf("it answers %+v", a)
	}
	ask(1000)
	r.saveAll()
	if _, err := raft.New(r.m(1).cfg, r.m(1).image); err != nil {
		t.Errorf("what it saved is not taken back: %v", err)
	}
}
