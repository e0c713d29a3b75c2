package world_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// of gives a story in which n servers have started.
func of(n raft.NodeID) *story {
	st := &story{}
	var members []raft.NodeID
	for id := range n {
		members = append(members, id+1)
	}
	for _, id := range members {
		st.tell(id, 1, trace.Started{Members: members})
	}
	return st
}

// leads tells that a server has won a term by the votes of others, and who follows it.
func (st *story) leads(who raft.NodeID, term raft.Term, by []raft.NodeID, follow ...raft.NodeID) {
	st.note(who, raft.Note{Kind: raft.NoteBecameCandidate, Term: term})
	for i, id := range by {
		st.note(who, raft.Note{Kind: raft.NoteVoteCounted, Term: term, Peer: id,
			Count: uint32(i + 1)})
	}
	st.note(who, raft.Note{Kind: raft.NoteBecameLeader, Term: term, Count: uint32(len(by))})
	for _, id := range follow {
		st.note(id, raft.Note{Kind: raft.NoteBecameFollower, Why: raft.WhyLeaderFound, Term: term,
			Peer: who})
	}
}

// cutOff cuts servers from all others of n, both ways, and not from each other.
func (st *story) cutOff(n raft.NodeID, ids ...raft.NodeID) {
	in := map[raft.NodeID]bool{}
	for _, id := range ids {
		in[id] = true
	}
	for a := raft.NodeID(1); a <= n; a++ {
		for b := raft.NodeID(1); b <= n; b++ {
			if in[a] && !in[b] {
				st.tell(trace.Network, 1, trace.LinkSet{From: a, To: b, Link: trace.Link{Cut: true}})
				st.tell(trace.Network, 1, trace.LinkSet{From: b, To: a, Link: trace.Link{Cut: true}})
			}
		}
	}
}

func nodes(ids ...raft.NodeID) []raft.NodeID { return ids }

// asks tells that a server asks for pre-votes, or stands for a term, and who has answered.
func (st *story) asks(who raft.NodeID, kind raft.NoteKind, term raft.Term, yes ...raft.NodeID) {
	st.note(who, raft.Note{Kind: kind, Term: term, Why: raft.WhyElectionTimeout})
	for i, id := range yes {
		st.note(who, raft.Note{Kind: raft.NoteVoteCounted, Term: term, Peer: id,
			Count: uint32(i + 1)})
	}
}

// situation is a cluster of n, what happened to it, and why it is as it is.
type situation struct {
	name string
	n    raft.NodeID
	tell func(*story)
	want string
}

func (c *situation) check(t *testing.T) {
	t.Helper()
	st := of(c.n)
	c.tell(st)
	title, text, section := world.Why(&st.s, &st.b)
	if diff := cmp.Diff(c.want, title+": "+text+" ("+section+")"); diff != "" {
		t.Errorf("%s:\n%s", c.name, diff)
	}
}

// Why a leader leads, and what keeps it from its work.
func TestWhyOfLeaders(t *testing.T) {
	for _, c := range []situation{
		{"nobody has heard of it", 3, func(st *story) { st.leads(1, 1, nodes(1, 2)) },
			"S1 leads term 1: S1 and S2 voted for it, 2 of 3. Nobody else has heard of it yet. " +
				"(5.2)"},
		{"one has heard of it", 3, func(st *story) { st.leads(1, 1, nodes(1, 2), 2) },
			"S1 leads term 1: S1 and S2 voted for it, 2 of 3. 2 of 3, itself included, have " +
				"heard from it so far. (5.2)"},
		{"all follow, and nothing is written", 3, func(st *story) {
			st.leads(1, 1, nodes(1, 2), 2, 3)
		}, "S1 leads term 1: S1 and S2 voted for it, 2 of 3. All follow it; nothing is in the " +
			"log yet. (5.2)"},
		{"alone in its cluster", 1, func(st *story) {
			st.leads(1, 1, nodes(1))
			st.note(1, raft.Note{Kind: raft.NoteCreated, Term: 1, From: 1, To: 1})
			st.note(1, raft.Note{Kind: raft.NoteCommitAdvanced, Index: 1})
		}, "S1 leads term 1: It voted for itself, 1 of 1. Everything up to 1 is committed. (5.2)"},
		{"an election that was not seen", 3, func(st *story) {
			st.note(1, raft.Note{Kind: raft.NoteBecameLeader, Term: 4})
			st.note(2, raft.Note{Kind: raft.NoteBecameFollower, Term: 4, Peer: 1})
			st.note(3, raft.Note{Kind: raft.NoteBecameFollower, Term: 4, Peer: 1})
		}, "S1 leads term 4: It won its election before this history starts. All follow it; " +
			"nothing is in the log yet. (5.2)"},
		{"more votes than names", 7, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3, 4, 5, 6), 2, 3, 4, 5, 6, 7)
		}, "S1 leads term 1: 6 of 7 servers voted for it. All follow it; nothing is in the log " +
			"yet. (5.2)"},
		{"saved by enough", 3, func(st *story) {
			st.leads(1, 1, nodes(1, 2), 2, 3)
			st.note(1, raft.Note{Kind: raft.NoteCreated, Term: 1, From: 1, To: 1})
			st.tell(1, 1, trace.Saved{Term: 1, Last: raft.Mark{Index: 1, Term: 1}})
			st.note(1, raft.Note{Kind: raft.NoteProgress, Peer: 2, Match: 1, Next: 2})
		}, "S1 leads term 1: S1 and S2 voted for it, 2 of 3. 1 waits to be committed: 1 is " +
			"saved on 2 of 3, which is enough. (5.2, 5.3)"},
		{"a follower needs a snapshot", 3, func(st *story) {
			st.leads(1, 1, nodes(1, 2), 2, 3)
			st.note(1, raft.Note{Kind: raft.NoteSnapshotOffered, Peer: 3, Index: 30, Size: 70_000})
		}, "S1 leads term 1: S1 and S2 voted for it, 2 of 3. S3 gets a snapshot up to 30, 0 B " +
			"of 70.0 KB so far: the entries that it lacks are compacted. (5.2, 7)"},
		{"many are away for many reasons", 7, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3, 4), 2, 3, 4, 5, 6, 7)
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 2})
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 3})
			st.tell(trace.Supervisor, 1, trace.Paused{Node: 4})
			st.tell(trace.FirstHub, 1, trace.Silent{Node: 5})
			st.tell(6, 1, trace.Missed{Count: 1})
			st.cutOff(7, 7)
		}, "S1 leads term 1 but cannot commit: S1, S2, S3 and S4 voted for it, 4 of 7. It " +
			"reaches nobody; 4 of 7 are needed, so nothing that it accepts can commit. (5.2, 5.3)"},
		{"as many are away as can be", 7, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3, 4), 2, 3, 4, 5, 6, 7)
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 2})
			st.tell(trace.Supervisor, 1, trace.Crashed{Node: 3})
			st.tell(trace.Supervisor, 1, trace.Paused{Node: 4})
		}, "S1 leads term 1: S1, S2, S3 and S4 voted for it, 4 of 7. S2 and S3 are down, S4 is " +
			"paused; 4 of 7 remain, and 4 are enough. (5.2, 5.3)"},
		{"silent and unknown ones", 5, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3), 2, 3, 4, 5)
			st.tell(trace.FirstHub, 1, trace.Silent{Node: 4})
			st.tell(5, 1, trace.Missed{Count: 1})
		}, "S1 leads term 1: S1, S2 and S3 voted for it, 3 of 5. S4 is silent, S5 is unknown; " +
			"3 of 5 remain, and 3 are enough. (5.2, 5.3)"},
		{"it reaches a minority", 5, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3), 2, 3, 4, 5)
			st.cutOff(5, 1, 2)
		}, "S1 leads term 1 but cannot commit: S1, S2 and S3 voted for it, 3 of 5. It reaches " +
			"only S2, so with itself 2 of 5; 3 are needed, so nothing that it accepts can " +
			"commit. (5.2, 5.3)"},
		{"an old leader with a minority", 5, func(st *story) {
			st.leads(1, 1, nodes(1, 2, 3), 2)
			st.cutOff(5, 1, 2)
			st.leads(3, 2, nodes(3, 4, 5), 4, 5)
		}, "S3 leads term 2: S3, S4 and S5 voted for it, 3 of 5. S1 still thinks it leads term " +
			"1, but reaches only S2, so nothing that it accepts can commit. S1 and S2 are cut " +
			"off; 3 of 5 remain, and 3 are enough. (5.2, 5.3)"},
		{"an old leader that will hear of it", 3, func(st *story) {
			st.leads(1, 1, nodes(1, 2), 2, 3)
			st.leads(2, 2, nodes(2, 3), 3)
		}, "S2 leads term 2: S2 and S3 voted for it, 2 of 3. S1 still thinks it leads term 1; " +
			"the first message of term 2 ends that. (5.2, 5.1)"},
	} {
		c.check(t)
	}
}

// Why nobody leads.
func TestWhyOfElections(t *testing.T) {
	const preVote, candidate = raft.NoteBecamePreCand, raft.NoteBecameCandidate
	for _, c := range []situation{
		{"just started", 3, func(*story) {}, "Nobody leads: Nobody has heard from a leader. (5.2)"},
		{"the first waits", 3, func(st *story) {
			st.note(2, raft.Note{Kind: raft.NoteDeadlineSet, Left: 90 * raft.Millisecond})
			st.note(3, raft.Note{Kind: raft.NoteDeadlineSet, Left: 50 * raft.Millisecond})
		}, "Nobody leads: The first to stand for election is S3, in 50 ms, unless it hears from a " +
			"leader. (5.2)"},
		{"pre-votes", 3, func(st *story) { st.asks(2, preVote, 1, 2) },
			"S2 asks for pre-votes for term 1: It has 1 of 3 pre-votes (S2); 2 are needed. " +
				"(thesis 9.6)"},
		{"a no", 3, func(st *story) {
			st.asks(2, candidate, 1, 2)
			st.note(2, raft.Note{Kind: raft.NoteVoteDenied, Term: 1, Peer: 3,
				Why: raft.WhyLogBehindIndex})
		}, "S2 stands for term 1: It has 1 of 3 votes (S2); 2 are needed. S3 said no: the " +
			"candidate's log is shorter. (5.2)"},
		{"a split vote", 4, func(st *story) {
			st.asks(2, candidate, 1, 2, 1)
			st.asks(3, candidate, 1, 3, 4)
		}, "2 servers stand for term 1: S2 stands for term 1 and has 2 of 4 votes (S1 and S2); " +
			"3 are needed. S3 stands for term 1 and has 2 of 4 votes (S3 and S4); 3 are needed. " +
			"(5.2)"},
		{"the higher term first", 3, func(st *story) {
			st.asks(1, candidate, 1, 1)
			st.asks(2, candidate, 2, 2)
		}, "S2 stands for term 2: It has 1 of 3 votes (S2); 2 are needed. S1 stands for term 1 " +
			"and has 1 of 3 votes (S1); 2 are needed. (5.2)"},
		{"who stands goes before who asks", 3, func(st *story) {
			st.asks(1, preVote, 1, 1)
			st.asks(2, candidate, 1, 2)
		}, "S2 stands for term 1: It has 1 of 3 votes (S2); 2 are needed. (5.2)"},
		{"it reaches nobody", 3, func(st *story) {
			st.asks(3, candidate, 1, 3)
			st.cutOff(3, 3)
		}, "S3 stands for term 1: It has 1 of 3 votes (S3); 2 are needed. S3 reaches nobody, so " +
			"it cannot win. (5.2)"},
		{"it reaches too few", 5, func(st *story) {
			st.asks(4, preVote, 1, 4)
			st.cutOff(5, 4, 5)
		}, "S4 asks for pre-votes for term 1: It has 1 of 5 pre-votes (S4); 3 are needed. S4 " +
			"reaches only S5, so it cannot win. (thesis 9.6)"},
	} {
		c.check(t)
	}
}
