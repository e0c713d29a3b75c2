package check_test

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

// story is a run written by hand: three servers, and what they say.
type story struct {
	evs  []trace.Event
	last map[raft.NodeID]trace.EventID
}

// tell adds an event of a server, in its newest incarnation.
func (s *story) tell(id raft.NodeID, bodies ...trace.Body) *story {
	if s.last == nil {
		s.last = map[raft.NodeID]trace.EventID{}
	}
	for _, b := range bodies {
		ev := s.last[id]
		ev.Node = id
		if _, ok := b.(trace.Started); ok {
			ev.Boot, ev.N = ev.Boot+1, 0
		}
		ev.N++
		s.last[id] = ev
		s.evs = append(s.evs, trace.Event{ID: ev, At: raft.Time(len(s.evs)), Body: b})
	}
	return s
}

func three() *story {
	s := &story{}
	for id := raft.NodeID(1); id <= 3; id++ {
		s.tell(id, trace.Started{Members: []raft.NodeID{1, 2, 3}})
	}
	return s
}

// judge folds a story and gives what was said, as "check: text".
func (s *story) judge() (said []string, c *check.Checker) {
	c = check.New(trace.Header{Members: []trace.Member{{ID: 1}, {ID: 2}, {ID: 3}}})
	for i := range s.evs {
		for _, v := range c.Observe(&s.evs[i]) {
			said = append(said, v.Check+": "+v.Text)
		}
	}
	return said, c
}

func note(n raft.Note) trace.Body { return trace.Decided{Note: n} }

func candidate(t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteBecameCandidate, Term: t})
}

func leader(t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteBecameLeader, Term: t, Count: 2})
}

func granted(t raft.Term, to raft.NodeID) trace.Body {
	return note(raft.Note{Kind: raft.NoteVoteGranted, Term: t, Peer: to})
}

// created and appended make the entry at i of term t with a digest that is the same on all servers.
func created(i raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteCreated, From: i, To: i, Term: t, Digest: digest(i, t)})
}

func appended(from, to raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteAppended, From: from, To: to, LogTerm: t,
		Digest: digest(to, t)})
}

func digest(i raft.Index, t raft.Term) raft.Digest {
	return raft.Digest(1000*uint64(t) + uint64(i))
}

func truncated(from, to raft.Index, before raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteTruncated, From: from, To: to,
		Digest: digest(from-1, before)})
}

func counted(i raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyQuorumSaved, Index: i,
		LogTerm: t})
}

func told(i raft.Index, t raft.Term) trace.Body {
	return note(raft.Note{Kind: raft.NoteCommitAdvanced, Why: raft.WhyLeaderCommitted, Index: i,
		LogTerm: t})
}

func saved(t raft.Term, vote raft.NodeID, i raft.Index, it raft.Term) trace.Body {
	return trace.Saved{Term: t, Vote: vote, Last: raft.Mark{Index: i, Term: it, Digest: digest(i,
		it)}}
}

// forgot is the first word of a server behind a restart.
func forgot() trace.Body { return note(raft.Note{Kind: raft.NoteDeadlineSet}) }

func sent(from, to raft.NodeID, t raft.Term, b raft.Body) trace.Body {
	return trace.Sent{Message: raft.Message{From: from, To: to, Term: t, Body: b}}
}

// led is a story in which S1 leads term 1 with the vote of S2, and both have saved entry 1.
func led() *story {
	s := three()
	s.tell(1, candidate(1), saved(1, 1, 0, 0))
	s.tell(2, granted(1, 1), saved(1, 1, 0, 0),
		sent(2, 1, 1, &raft.RequestVoteReply{ForTerm: 1, Granted: true}))
	s.tell(1, leader(1), created(1, 1), saved(1, 1, 1, 1))
	s.tell(2, appended(1, 1, 1), saved(1, 1, 1, 1),
		sent(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 1}))
	return s.tell(1, counted(1, 1), trace.Applied{From: 1, To: 1})
}

// second is led, and then S3 leads term 2 with the vote of S2, without entry 1 if it has none.
func second() *story {
	s := led()
	s.tell(3, candidate(2), saved(2, 3, 0, 0))
	s.tell(2, granted(2, 3), saved(2, 3, 1, 1))
	return s.tell(3, leader(2))
}
