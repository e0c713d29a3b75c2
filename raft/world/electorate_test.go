package world_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// goes has servers go by a configuration from an index on. The entry is in their logs, of a term.
func (st *story) goes(c raft.Configuration, index raft.Index, term raft.Term, who ...raft.NodeID) {
	for _, id := range who {
		from := st.s.Node(id).Log.Last().Index + 1
		st.note(id, raft.Note{Kind: raft.NoteCreated, Term: term, From: from, To: index})
		st.note(id, raft.Note{Kind: raft.NoteConfigured, Index: index, Config: c.Pack()})
	}
}

// commits has servers commit up to an index.
func (st *story) commits(index raft.Index, who ...raft.NodeID) {
	for _, id := range who {
		st.note(id, raft.Note{Kind: raft.NoteCommitAdvanced, Index: index})
	}
}

// acknowledged tells a leader that others have saved its log up to an index.
func (st *story) acknowledged(leader raft.NodeID, index raft.Index, by ...raft.NodeID) {
	for _, id := range by {
		st.note(leader, raft.Note{Kind: raft.NoteProgress, Peer: id, Match: index, Next: index + 1})
	}
}

// joins gives a change from S1, S2 and S3 to S3, S4 and S5 under S1, where all know of it.
func joins(st *story) {
	st.leads(1, 1, nodes(1, 2), 2, 3, 4, 5)
	st.goes(raft.Configuration{Voters: nodes(3, 4, 5), Outgoing: nodes(1, 2, 3)}, 1, 1, 1, 2, 3, 4, 5)
}

const changes = "The voters change from S1, S2 and S3 to S3, S4 and S5: until that is done, a " +
	"majority of each is needed. "

// While the configuration is joint both halves count.
func TestWhyWhileJoint(t *testing.T) {
	const led = "S1 leads term 1: S1 and S2 voted for it. " + changes
	saved := trace.Saved{Term: 1, Last: raft.Mark{Index: 1, Term: 1}}
	crash := func(st *story, ids ...raft.NodeID) {
		for _, id := range ids {
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: id})
		}
	}
	for _, c := range []situation{
		{"the new ones have it, the old ones not", 5, func(st *story) {
			st.acknowledged(1, 1, 4, 5)
		}, led + "1 waits to be committed: 1 is saved on 0 of 3 old and 2 of 3 new voters, and 2 " +
			"of the old and 2 of the new are needed. (5.2, 6, 5.3)"},
		{"the old ones have it, the new ones not", 5, func(st *story) {
			st.tell(1, 1, saved)
			st.acknowledged(1, 1, 2, 3)
		}, led + "1 waits to be committed: 1 is saved on 3 of 3 old and 1 of 3 new voters, and 2 " +
			"of the old and 2 of the new are needed. (5.2, 6, 5.3)"},
		{"both have it", 5, func(st *story) {
			st.tell(1, 1, saved)
			st.acknowledged(1, 1, 3, 4)
		}, led + "1 waits to be committed: 1 is saved on 2 of 3 old and 2 of 3 new voters, which " +
			"is enough. (5.2, 6, 5.3)"},
		{"the new half is gone", 5, func(st *story) {
			st.commits(1, 1)
			crash(st, 4, 5)
		}, "S1 leads term 1 but cannot commit: S1 and S2 voted for it. " + changes + "It reaches " +
			"only S2 and S3, so with itself 3 of 3 old and 1 of 3 new voters; 2 of the old and 2 " +
			"of the new are needed, so nothing that it accepts can commit. (5.2, 6, 5.3)"},
		{"the old half is gone", 5, func(st *story) {
			st.commits(1, 1)
			crash(st, 2, 3)
		}, "S1 leads term 1 but cannot commit: S1 and S2 voted for it. " + changes + "It reaches " +
			"only S4 and S5, so with itself 1 of 3 old and 2 of 3 new voters; 2 of the old and 2 " +
			"of the new are needed, so nothing that it accepts can commit. (5.2, 6, 5.3)"},
		{"it reaches nobody", 5, func(st *story) { st.commits(1, 1); st.cutOff(5, 1) },
			"S1 leads term 1 but cannot commit: S1 and S2 voted for it. " + changes + "It " +
				"reaches nobody; 2 of 3 old and 2 of 3 new voters are needed, so nothing that it " +
				"accepts can commit. (5.2, 6, 5.3)"},
		{"one of each may be away", 5, func(st *story) { st.commits(1, 1); crash(st, 2, 5) },
			led + "S2 and S5 are down; 2 of 3 old and 2 of 3 new voters remain, and 2 of the old " +
				"and 2 of the new are enough. (5.2, 6, 5.3)"},
		{"too few of the old ones are at work", 5, func(st *story) { crash(st, 1, 2) },
			"Nobody can lead: " + changes + "1 of 3 old and 3 of 3 new voters are at work; an " +
				"election needs 2 of the old and 2 of the new. (6, 5.2)"},
		{"the cut leaves nobody with both", 5, func(st *story) {
			st.note(1, raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyNoQuorum, Term: 1})
			st.cutOff(5, 1, 2)
		}, "Nobody can lead: " + changes + "The cut leaves nobody with 2 of 3 old and 2 of 3 new " +
			"voters: S1 and S2 | S3, S4 and S5. (6, 5.2)"},
		{"the votes of the new ones alone do not do", 5, func(st *story) {
			crash(st, 1)
			st.asks(4, raft.NoteBecameCandidate, 2, 3, 4, 5)
		}, "S4 stands for term 2: " + changes + "It has 1 of 3 old and 3 of 3 new voters (S3, S4 " +
			"and S5); 2 of the old and 2 of the new are needed. (6, 5.2)"},
	} {
		c.tell = func(more func(*story)) func(*story) {
			return func(st *story) { joins(st); more(st) }
		}(c.tell)
		c.check(t)
	}
}

// Who was removed is not counted, not missed and not named, whatever it believes itself; nor does a
// learner count.
func TestWhyLeavesOutTheRemoved(t *testing.T) {
	rest := raft.Configuration{Voters: nodes(2, 3, 4)}
	removed := func(st *story) {
		st.leads(2, 1, nodes(2, 3), 1, 3, 4)
		st.goes(rest, 1, 1, 2, 3, 4) // S1 does not hear of it any more
		st.commits(1, 2, 3, 4)
	}
	for _, c := range []situation{
		{"it has gone", 4, func(st *story) {
			removed(st)
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
		}, "S2 leads term 1: S2 and S3 voted for it. All follow it, and everything up to 1 is " +
			"committed. (5.2)"},
		{"another voter is away", 4, func(st *story) {
			removed(st)
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 4})
		}, "S2 leads term 1: S2 and S3 voted for it. S4 is down; 2 of 3 remain, and 2 are enough. " +
			"(5.2, 5.3)"},
		{"it does not help", 4, func(st *story) {
			removed(st)
			st.cutOff(4, 3, 4)
		}, "S2 leads term 1 but cannot commit: S2 and S3 voted for it. It reaches nobody; 2 of 3 " +
			"are needed, so nothing that it accepts can commit. (5.2, 5.3)"},
		{"it would be the first to stand", 4, func(st *story) {
			removed(st)
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 2})
			st.note(1, raft.Note{Kind: raft.NoteDeadlineSet, Left: 10 * raft.Millisecond})
			st.note(3, raft.Note{Kind: raft.NoteDeadlineSet, Left: 90 * raft.Millisecond})
		}, "S2, leader of term 1, is down: The first to stand for election is S3, in 90 ms, " +
			"unless it hears from a leader. (5.2)"},
		{"it stands in a term of its own", 4, func(st *story) {
			removed(st)
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 2})
			st.asks(1, raft.NoteBecameCandidate, 7, 1)
		}, "S2, leader of term 1, is down: Nobody has heard from a leader. (5.2)"},
		{"the leader itself was removed", 4, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3), 2, 3, 4)
			st.goes(rest, 1, 1, 1, 2, 3, 4)
			st.acknowledged(1, 1, 2)
		}, "S1 leads term 1: S1, S2 and S3 voted for it. 1 waits to be committed: 1 is saved on 1 " +
			"of 3, and 2 are needed. (5.2, 5.3)"},
		{"the leader was removed and has stopped leading", 4, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3), 2, 3, 4)
			st.goes(rest, 1, 1, 1, 2, 3, 4)
			st.commits(1, 1)
			st.note(1, raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyNoQuorum, Term: 1})
		}, "S1, leader of term 1, is no voter any more: Nobody has heard from a leader. (5.2)"},
		{"a learner has it and does not count", 3, func(st *story) {
			st.leads(1, 1, nodes(1, 2), 2, 3)
			st.goes(raft.Configuration{Voters: nodes(1, 2, 3), Learners: nodes(4)}, 1, 1, 1, 2, 3)
			st.acknowledged(1, 1, 4)
		}, "S1 leads term 1: S1 and S2 voted for it. 1 waits to be committed: 1 is saved on 0 of " +
			"3, and 2 are needed. (5.2, 5.3)"},
	} {
		c.check(t)
	}
}

// A configuration of a later term is newer, wherever it stands: the one of an old leader was never
// committed.
func TestWhyGoesByTheNewestConfiguration(t *testing.T) {
	st := of(3)
	st.leads(1, 1, nodes(1, 2), 2, 3)
	st.goes(raft.Configuration{Voters: nodes(1)}, 5, 1, 1)
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 1})
	st.leads(2, 2, nodes(2, 3), 3)
	st.goes(raft.Configuration{Voters: nodes(2, 3)}, 3, 2, 2, 3)
	st.tell(trace.Supervisor, 1, trace.Crashed{Node: 2})
	const want = "Nobody can lead: 1 of 2 servers are at work; an election needs 2 votes. (5.2)"
	title, text, section := world.Why(&st.s, &st.b)
	if diff := cmp.Diff(want, title+": "+text+" ("+section+")"); diff != "" {
		t.Error(diff)
	}
}

// A leader is judged by its own configuration: a newer one that it never heard of is of no effect.
func TestWhyGoesByTheLeadersConfiguration(t *testing.T) {
	st := of(3)
	st.leads(3, 2, nodes(3, 2))
	st.goes(raft.Configuration{Voters: nodes(3)}, 1, 2, 3)
	st.cutOff(3, 3)
	st.leads(1, 3, nodes(1, 2), 2)
	const want = "S1 leads term 3: S1 and S2 voted for it, 2 of 3. S3 still thinks it leads term " +
		"2; the first message of term 3 ends that. S3 is cut off; 2 of 3 remain, and 2 are enough. " +
		"(5.2, 5.1, 5.3)"
	title, text, section := world.Why(&st.s, &st.b)
	if diff := cmp.Diff(want, title+": "+text+" ("+section+")"); diff != "" {
		t.Error(diff)
	}
}

// A side can elect and commit only with both halves.
func TestSidesWhileJoint(t *testing.T) {
	st := of(6)
	joins(st)
	st.cutOff(6, 1, 2)
	want := []world.Side{{Nodes: nodes(1, 2), Up: 2, Of: 5}, {Nodes: nodes(3, 4, 5), Up: 3, Of: 5}}
	if diff := cmp.Diff(want, world.Sides(&st.s)); diff != "" {
		t.Error(diff)
	}
	st = of(6)
	joins(st)
	st.cutOff(6, 1, 5)
	want = []world.Side{{Nodes: nodes(1, 5), Up: 2, Of: 5},
		{Nodes: nodes(2, 3, 4), Up: 3, Of: 5, Can: true}}
	if diff := cmp.Diff(want, world.Sides(&st.s)); diff != "" {
		t.Error(diff)
	}
}
