package raft_test

import (
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

// tape turns the bytes of a fuzzer into choices. At its end everything is zero.
type tape struct{ rest []byte }

func (p *tape) over() bool { return len(p.rest) == 0 }

func (p *tape) byte() byte {
	if p.over() {
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

func (p *tape) below(n int) int { return int(p.byte()) % n }

func (p *tape) flag() bool { return p.byte()&1 != 0 }

// near gives a number that lies around one, or far away from it, or is any of 64 bits.
func (p *tape) near(v uint64) uint64 {
	switch k := p.byte(); {
	case k < 200:
		return v + uint64(k%8) - 3
	case k < 210:
		return ^uint64(0) - uint64(k%3)
	case k < 220:
		return 1<<62 + uint64(k%3) - 1
	case k < 230:
		return 0
	}
	var b [8]byte
	p.rest = p.rest[copy(b[:], p.rest):]
	return binary.LittleEndian.Uint64(b[:])
}

func (p *tape) bytes() []byte { return p.upTo(32) }

func (p *tape) upTo(most int) []byte {
	n := min(p.below(most), len(p.rest))
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b
}

// besieged is one server of a fuzz run, and what was seen of it.
type besieged struct {
	*rig
	tape
	before raft.Status
	ids    uint64
}

// FuzzStep gives a server whatever can come from outside in whatever order: messages of all kinds,
// as bytes of the wire and as near misses of true ones, requests of clients, and what its host may
// do. It must never panic, and must stay one that its own store takes back.
func FuzzStep(f *testing.F) {
	for _, b := range tracetest.Bodies() {
		m := tracetest.Message(b)
		m.Group, m.From, m.To = 7, 2, 1
		wire := trace.AppendMessage(nil, &m)
		f.Add(append([]byte{0, 0, byte(len(wire))}, wire...))
	}
	f.Add([]byte{3, 9, 6, 9, 9, 4, 3, 'a', 'b', 'c', 9, 9, 7, 9, 5, 1, 2, 3})
	f.Add([]byte("\x07" + "\x01\x02\x03\x00\x00\x03\x03\x02\x03\x03\x00" +
		"\x09\x09\x08\x01\x02\x0b\x01\x02\x05\x03"))
	for seed := range uint64(40) {
		b := make([]byte, 1500)
		for i, r := 0, rng.New(seed); i < len(b); i++ {
			b[i] = byte(r.Below(256))
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4096 {
			return
		}
		p := tape{b}
		how := p.byte()
		s := &besieged{tape: p, rig: newRig(t, 3, func(c *raft.Config) {
			c.PreVote, c.CheckQuorum = how&1 == 0, how&2 == 0
			c.LeaseReads = how&7 == 4
			c.Trailing, c.MaxEntry = uint64(how>>3&3), 64
			c.MaxReads, c.MaxPending, c.MaxHeld = 8, 8, 16
			if how&32 != 0 {
				c.Preferred = []raft.NodeID{3, 1}
			}
		})}
		s.rig.step(1, raft.Wake())
		for range 400 {
			if s.over() {
				break
			}
			s.act()
			s.sound()
		}
	})
}

// act lets one thing happen.
func (s *besieged) act() {
	st := s.m(1).node.Status()
	switch s.below(16) {
	case 0:
		if m, err := trace.DecodeMessage(s.upTo(256)); err == nil {
			s.receive(m)
		}
	case 1, 2, 3, 4:
		s.receive(s.message(&st))
	case 5:
		s.answer(&st)
	case 6:
		s.rig.propose(1, string(s.bytes()))
	case 7:
		s.rig.step(1, raft.Campaign(1))
	case 8:
		s.wait(1, raft.Time(s.byte())*ms)
	case 9:
		s.save(1)
	case 10:
		s.saveAll()
	case 11:
		s.rig.step(1, raft.Read(2), raft.Transfer(3, raft.NodeID(s.near(2))))
	case 12:
		s.rig.step(1, raft.Reconfigure(4, &raft.Change{Vote: s.ids16(), Learn: s.ids16(),
			Remove: s.ids16(), Joint: s.flag()}))
	case 13:
		if st.Applied > st.Snapshot.Index && len(s.m(1).pending) == 0 {
			s.snapshot(1, string(s.bytes()))
		}
	case 14:
		s.rig.step(1, raft.StepDown())
	case 15:
		s.restart(1)
		s.before = raft.Status{}
		s.rig.step(1, raft.Wake())
	}
}

func (s *besieged) ids16() (ids []raft.NodeID) {
	for range s.below(4) {
		ids = append(ids, raft.NodeID(s.near(2)))
	}
	return ids
}

// receive gives the server a message. One that is not for it, or cannot be, changes nothing.
func (s *besieged) receive(m raft.Message) {
	n := s.m(1)
	n.node.Step(s.now, nil, &n.out) // what is due at this moment is due without the message
	before, writes := n.node.Status(), len(n.pending)
	s.take(1)
	s.rig.step(1, raft.Receive(5, m))
	after := n.node.Status()
	for _, note := range s.take(1).notes {
		foreign := note.Kind == raft.NoteMessageIgnored &&
			(note.Why == raft.WhyWrongGroup || note.Why == raft.WhyUnknownMember)
		absurd := note.Kind == raft.NoteMessageIgnored && note.Why == raft.WhyCannotBe
		if foreign && (after != before || len(n.pending) != writes) {
			s.t.Fatalf("%+v is foreign, and made %+v of %+v", m, after, before)
		}
		if absurd && (after.Commit != before.Commit || after.Last != before.Last ||
			m.Term <= before.Term && after.Term != before.Term) {
			s.t.Fatalf("%+v cannot be, and made %+v of %+v", m, after, before)
		}
	}
}

// message makes a message that a peer might send, or nearly.
func (s *besieged) message(st *raft.Status) raft.Message {
	s.ids++
	m := raft.Message{ID: s.ids, Group: 7, From: raft.NodeID(2 + s.below(2)), FromBoot: 1, To: 1,
		ToBoot: uint32(s.below(3)), Term: raft.Term(s.near(uint64(st.Term) + 2))}
	if k := s.byte(); k > 230 {
		m.Group, m.From, m.FromBoot = raft.GroupID(s.near(7)), raft.NodeID(s.near(2)), uint32(k%3)
	}
	m.Body = s.body(st, m.Term)
	return m
}

func (s *besieged) body(st *raft.Status, term raft.Term) raft.Body {
	index := func() raft.Index { return raft.Index(s.near(uint64(st.Last.Index))) }
	terms := func(t raft.Term) raft.Term { return raft.Term(s.near(uint64(t) + 3)) }
	switch s.below(12) {
	case 0:
		return &raft.RequestVote{Pre: s.flag(), ForTerm: terms(term), LastIndex: index(),
			LastTerm: terms(st.Last.Term), Transfer: s.flag()}
	case 1:
		return &raft.RequestVoteReply{Pre: s.flag(), ForTerm: terms(st.Term), Granted: s.flag(),
			Doubtful: s.flag()}
	case 2:
		return &raft.AppendEntriesReply{Success: s.flag(), Match: index(), Rejected: index(),
			Hint: index(), HintTerm: terms(st.Last.Term), Round: s.near(3)}
	case 3:
		return s.chunk(st)
	case 4:
		return &raft.InstallSnapshotReply{Snapshot: st.Snapshot, Next: s.near(4),
			Installed: s.flag()}
	case 5:
		return &raft.TimeoutNow{LastIndex: index()}
	case 6:
		return &raft.ReadIndex{ID: s.near(1)}
	case 7:
		return &raft.ReadIndexReply{ID: s.near(4), Granted: s.flag(), Index: index()}
	}
	return s.entries(st)
}

// entries makes an append that goes on somewhere in the server's log.
func (s *besieged) entries(st *raft.Status) raft.Body {
	at := st.Last
	if back := raft.Index(s.below(6)); back < at.Index {
		if m, ok := s.m(1).node.MarkAt(at.Index - back); ok {
			at = m
		}
	}
	a := &raft.AppendEntries{PrevIndex: at.Index, PrevTerm: at.Term, Round: s.near(3),
		Commit: raft.Index(s.near(uint64(at.Index)))}
	for range s.below(4) {
		e := raft.Entry{Index: at.Index + 1, Term: at.Term, Pos: at.Pos, Data: s.bytes()}
		switch k := s.byte(); {
		case k < 100:
			e.Term = st.Term
		case k < 140:
			c := raft.Configuration{Voters: []raft.NodeID{1, 2}, Learners: s.ids16()}
			e.Kind, e.Data = raft.EntryConfig, []byte(c.Pack())
		case k < 180:
			e.Kind, e.Term = raft.EntryKind(k%4), raft.Term(s.near(uint64(e.Term)+3))
		case k < 200:
			e.Index, e.Pos = raft.Index(s.near(uint64(e.Index))), s.near(e.Pos)
		}
		a.Entries, at = append(a.Entries, e), at.After(e)
	}
	a.Last = raft.Index(s.near(uint64(at.Index)))
	return a
}

// chunk makes a snapshot's chunk, mostly of one that could be.
func (s *besieged) chunk(st *raft.Status) raft.Body {
	data := s.bytes()
	m := raft.Mark{Index: raft.Index(s.near(uint64(st.Commit) + 4)), Term: st.Term}
	if held, ok := s.m(1).node.MarkAt(m.Index); ok && s.flag() {
		m = held
	}
	ref := raft.SnapshotRef{Mark: m, Size: uint64(len(data)), CRC: crc32.ChecksumIEEE(data)}
	c := &raft.InstallSnapshot{Snapshot: ref, Data: data, Done: true}
	switch s.byte() % 8 {
	case 0:
		c.Snapshot.Config = raft.Packed(s.bytes())
	case 1:
		c.Offset, c.Snapshot.Size = s.near(4), s.near(8)
	case 2:
		c.Snapshot.Term = raft.Term(s.near(uint64(m.Term) + 3))
	}
	return c
}

// answer answers what the server has sent last, as a peer that agrees.
func (s *besieged) answer(st *raft.Status) {
	if len(s.wire) == 0 {
		return
	}
	q := s.wire[len(s.wire)-1]
	s.wire = s.wire[:len(s.wire)-1]
	m := raft.Message{ID: 1, Group: 7, From: q.To, FromBoot: 1, To: 1, Term: q.Term}
	switch b := q.Body.(type) {
	case *raft.RequestVote:
		m.Body = &raft.RequestVoteReply{Pre: b.Pre, ForTerm: b.ForTerm, Granted: true}
	case *raft.AppendEntries:
		m.Body = &raft.AppendEntriesReply{Success: true, Round: b.Round,
			Match: b.PrevIndex + raft.Index(len(b.Entries))}
	case *raft.InstallSnapshot:
		m.Body = &raft.InstallSnapshotReply{Snapshot: b.Snapshot, Next: b.Offset +
			uint64(len(b.Data)), Installed: b.Done}
	case *raft.ReadIndex:
		m.Body = &raft.ReadIndexReply{ID: b.ID, Granted: true, Index: st.Commit}
	default:
		return
	}
	s.receive(m)
}

// sound holds what is always so of a server, and that a store would take back what it has saved.
func (s *besieged) sound() {
	n := s.m(1)
	st, was := n.node.Status(), s.before
	switch {
	case st.Commit > st.Last.Index, st.Applied > st.Commit, st.Saved > st.Last.Index,
		st.Base.Index > st.Snapshot.Index, st.Snapshot.Index > st.Commit:
		s.t.Fatalf("its places are out of order: %+v", st)
	case st.Commit < was.Commit, st.Term < was.Term, st.Applied < was.Applied:
		s.t.Fatalf("it went back from %+v to %+v", was, st)
	case st.Term == was.Term && was.Vote != 0 && st.Vote != was.Vote:
		s.t.Fatalf("it voted twice: %+v, then %+v", was, st)
	case st.Reads > 8 || st.Waiting > 8:
		s.t.Fatalf("%d reads and %d proposals wait", st.Reads, st.Waiting)
	case st.Stopped:
		s.t.Fatal("it stopped")
	}
	if _, err := raft.New(n.cfg, n.image); err != nil {
		s.t.Fatalf("what it saved is not taken back: %v", err)
	}
	m := n.image.Base
	for _, e := range n.image.Entries {
		if e.Pos != m.Pos {
			s.t.Fatalf("entry %d of the saved log is at %d, behind %d bytes", e.Index, e.Pos, m.Pos)
		}
		m = m.After(e)
	}
	s.before = st
	s.wire = s.wire[max(0, len(s.wire)-64):]
	s.take(1)
}
