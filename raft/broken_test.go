package raft_test

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// breaks fails unless what is done ends in raft.Broken of S1 that says so.
func breaks(t *testing.T, says string, does func()) {
	t.Helper()
	defer func() {
		t.Helper()
		b, ok := recover().(raft.Broken)
		if !ok || b.Node != 1 || !strings.Contains(b.Error(), says) ||
			!strings.Contains(b.Error(), "S1 is broken") {
			t.Errorf("not broken by %q: %+v", says, b)
		}
	}()
	does()
}

// What cannot be inside, by a host or a rule that is wrong, stops the node with Broken.
func TestBroken(t *testing.T) {
	r := newRig(t, 3, nil)
	breaks(t, "write 9 is saved", func() { r.step(1, raft.Saved(0, 9)) })

	rules := func(change func(*raft.Rules)) *rig {
		return newRig(t, 3, func(c *raft.Config) {
			c.Rules = raft.Standard()
			change(c.Rules)
		})
	}
	r = rules(func(s *raft.Rules) {
		s.FollowerCommit = func(_, leader, _, _ raft.Index) raft.Index { return leader }
	})
	breaks(t, "commit 5 is beyond the log's end 0", func() {
		r.receive(2, 1, 1, &raft.AppendEntries{Commit: 5})
	})
	r = rules(func(s *raft.Rules) {
		s.CutFrom = func(_ raft.Index, es []raft.Entry, _ raft.Index,
			_ func(raft.Index) raft.Term) raft.Index {
			return es[0].Index - 1
		}
	})
	r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1, 1), Commit: 1})
	breaks(t, "the leader's log differs at 1, and 1 is committed", func() {
		r.receive(2, 1, 1, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2, 1)})
	})
	r = rules(func(s *raft.Rules) {
		s.MayPropose = func(bool) raft.Reason { return raft.WhyNone }
	})
	r.lead(1) // a rule may be wrong without breaking anything inside
}

// The rules that say what waits for the disk are asked: a museum piece that does not wait shows it.
func TestRulesOfWaiting(t *testing.T) {
	never := func() bool { return false }
	for name, test := range map[string]struct {
		change func(*raft.Rules)
		does   func(*rig)
	}{
		"a vote": {func(s *raft.Rules) { s.VoteNeedsSave = never }, func(r *rig) {
			r.receive(2, 1, 1, &raft.RequestVote{ForTerm: 1})
		}},
		"a request for votes": {func(s *raft.Rules) {
			s.VoteNeedsSave, s.OwnVoteNeedsSave = never, never
		}, func(r *rig) { r.step(1, raft.Campaign(0)) }},
		"an acknowledgement": {func(s *raft.Rules) { s.AckNeedsSave = never }, func(r *rig) {
			r.receive(2, 1, 1, &raft.AppendEntries{Entries: entries(1, 1)})
		}},
	} {
		for _, waits := range []bool{true, false} {
			r := newRig(t, 3, func(c *raft.Config) {
				c.PreVote, c.Rules = false, raft.Standard()
				if !waits {
					test.change(c.Rules)
				}
			})
			test.does(r)
			if left := len(r.wire) > 0; left == waits {
				t.Errorf("%s is to wait: %v, and left at once: %v", name, waits, left)
			}
		}
	}
}

// Bad input is refused before it is looked at: nothing at all changes by it.
func TestConfigurationsThatCannotBe(t *testing.T) {
	for name, b := range map[string]raft.Body{
		"entry": &raft.AppendEntries{Entries: []raft.Entry{{Index: 1, Term: 1,
			Kind: raft.EntryConfig, Data: []byte("nonsense")}}},
		"snapshot": &raft.InstallSnapshot{Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 3,
			Term: 1}, Size: 1, Config: "nonsense"}, Data: []byte("x"), Done: true},
	} {
		r := newRig(t, 3, nil)
		r.step(1, raft.Wake())
		before, wake := r.m(1).node.Status(), r.m(1).out.Wake
		m := r.receive(2, 1, 1, b)
		m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
		if s := m.node.Status(); s != before || m.out.Wake != wake || len(m.pending) != 0 {
			t.Errorf("%s: %+v became %+v", name, before, s)
		}
	}
	// Behind what is committed here the terms of an append would go back.
	r := newRig(t, 3, nil)
	r.receive(2, 1, 3, &raft.AppendEntries{Entries: entries(1, 3, 3), Commit: 2})
	r.saveAll()
	m := r.receive(2, 1, 3, &raft.AppendEntries{PrevIndex: 1, PrevTerm: 1, Entries: entries(2,
		1, 1)})
	m.want(t, raft.NoteMessageIgnored, raft.WhyCannotBe)
	if got := r.terms(1); len(got) != 2 {
		t.Errorf("its log is %v", got)
	}
}
