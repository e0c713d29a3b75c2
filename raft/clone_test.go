package raft_test

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

// wild does to three servers whatever can be done to servers, members and readers included, and
// gives all that they noted. beside is done between any two steps, and must not matter.
func wild(t *testing.T, seed uint64, beside func(*rig, *rng.Rand)) string {
	t.Helper()
	chance := rng.New(seed)
	aside := rng.New(seed + 1)
	r := newRig(t, 3, func(c *raft.Config) {
		c.MaxInflight, c.MaxBatch, c.LeaseReads = 2, 2, seed%2 == 0
		c.Preferred = []raft.NodeID{raft.NodeID(1 + seed%3)}
	})
	var told strings.Builder
	for k := range raft.Ref(250) {
		id := raft.NodeID(1 + chance.Below(3))
		other := raft.NodeID(1 + chance.Below(3))
		switch chance.Below(16) {
		case 0:
			r.step(id, raft.Read(k))
		case 1:
			r.step(id, raft.Transfer(k, other))
		case 2:
			r.step(id, raft.Reconfigure(k, &raft.Change{Learn: []raft.NodeID{other}}))
		case 3:
			r.step(id, raft.Reconfigure(k, &raft.Change{Vote: []raft.NodeID{1, 2, 3}}))
		case 4:
			r.step(id, raft.Campaign(0))
		case 5:
			if s := r.m(id).node.Status(); s.Applied > s.Snapshot.Index {
				r.snapshot(id, "snapshot")
			}
		case 6, 7, 8:
			r.propose(id, "body")
		case 9, 10:
			r.save(id)
		case 11:
			r.run(raft.Time(chance.Below(90)) * ms)
		default:
			for range chance.Below(6) {
				if len(r.wire) > 0 {
					msg := r.wire[0]
					r.wire = r.wire[1:]
					r.step(msg.To, raft.Receive(0, msg))
				}
			}
		}
		if beside != nil {
			beside(r, &aside)
		}
		for id := raft.NodeID(1); id <= 3; id++ {
			m := r.take(id)
			told.WriteString(showNotes(m.notes))
			for i := range m.sent {
				told.WriteString(showMessage(&m.sent[i]) + "\n")
			}
		}
	}
	return told.String()
}

// A copy shares nothing with its original that either could change: what is done to the one is not
// seen in the other, whatever was under way.
func TestCloneGoesItsOwnWay(t *testing.T) {
	seeds(t, 60, func(t *testing.T, seed uint64) {
		plain := wild(t, seed, nil)
		copied := wild(t, seed, func(r *rig, chance *rng.Rand) {
			id := raft.NodeID(1 + chance.Below(3))
			c := r.m(id).node.Clone()
			if chance.Below(2) == 0 { // either may go on
				c, r.m(id).node = r.m(id).node, c
			}
			var out raft.Output
			for k := range raft.Ref(12) {
				in := [...]raft.Input{raft.Propose(k, []byte("other")), raft.Read(k),
					raft.Saved(0, lastWrite(r.m(id))), raft.Campaign(0),
					raft.Transfer(k, id%3+1), raft.Wake()}[chance.Below(6)]
				if chance.Below(3) == 0 && len(r.wire) > 0 {
					in = raft.Receive(0, r.wire[chance.Below(int64(len(r.wire)))])
					in.Message.To, in.Message.From = id, id%3+1
				}
				c.Step(r.now+raft.Time(chance.Below(400))*ms*raft.Time(k), []raft.Input{in}, &out)
			}
		})
		if plain != copied {
			a, b := strings.Split(plain, "\n"), strings.Split(copied, "\n")
			for i := range a {
				if i >= len(b) || a[i] != b[i] {
					t.Errorf("line %d: alone\n%s\nbeside its copies\n%s", i, a[i], b[min(i,
						len(b)-1)])
					return
				}
			}
		}
	})
}

// What a copy appends to its lists is not seen in those of the original, nor the other way round.
func TestCloneOwnsItsLists(t *testing.T) {
	vote := func(id raft.NodeID) raft.Input {
		return raft.Receive(0, raft.Message{Group: 7, From: id, FromBoot: 1, To: 1, Term: 1,
			Body: &raft.RequestVoteReply{ForTerm: 1, Granted: true}})
	}
	var out raft.Output
	r := newRig(t, 7, noPreVote)
	r.step(1, raft.Campaign(0))
	r.saveAll()
	r.step(1, vote(2))
	r.step(1, vote(3)) // room for a fourth
	c := r.m(1).node.Clone()
	c.Step(0, []raft.Input{vote(4)}, &out)
	if s := c.Status(); s.Role != raft.Leader {
		t.Errorf("with four votes of seven a copy is %v", s.Role)
	}
	c = r.m(1).node.Clone()
	ask := func(n *raft.Node, in ...raft.Input) { n.Step(r.now, in, &out) }
	no := vote(5)
	no.Message.Body = &raft.RequestVoteReply{ForTerm: 1}
	ask(c, no)
	ask(r.m(1).node, vote(6)) // it leads; the copy has three votes and a refusal
	ask(c, vote(6))
	if s := c.Status(); s.Role != raft.Leader {
		t.Errorf("with four votes of seven, one the original's too, a copy is %v", s.Role)
	}

	r = led(t, 3, nil)
	for k := range raft.Ref(3) {
		r.step(1, raft.Propose(k, nil))
	}
	a, b := r.m(1).node, r.m(1).node.Clone()
	saved := map[raft.Ref]raft.WriteID{}
	for ref, n := range map[raft.Ref]*raft.Node{100: a, 200: b} {
		ask(n, raft.Propose(ref, nil))
		saved[ref] = out.Save.ID
	}
	ack := raft.Receive(0, raft.Message{Group: 7, From: 2, FromBoot: 1, To: 1, Term: 1,
		Body: &raft.AppendEntriesReply{Success: true, Match: 5}})
	for want, n := range map[raft.Ref]*raft.Node{100: a, 200: b} {
		n.Step(r.now, []raft.Input{ack, raft.Saved(0, saved[want])}, &out)
		if k := len(out.Answers); k == 0 || out.Answers[k-1].Ref != want {
			t.Errorf("proposal %d was answered %+v", want, out.Answers)
		}
	}
}

// lastWrite gives the newest write that a server has asked for and was not told to be saved.
func lastWrite(m *member) raft.WriteID {
	if len(m.pending) == 0 {
		return 0
	}
	return m.pending[len(m.pending)-1].ID
}

// Two logs have the same digest only if they hold the same entries.
func TestDigestsTellLogsApart(t *testing.T) {
	seen := map[raft.Digest]string{}
	for name, e := range map[string]raft.Entry{
		"empty": {}, "term": {Term: 1}, "kind": {Kind: raft.EntryNoop}, "a zero": {Data: []byte{0}},
		"two zeros": {Data: []byte{0, 0}}, "eight zeros": {Data: make([]byte, 8)},
		"nine zeros": {Data: make([]byte, 9)}, "sixteen zeros": {Data: make([]byte, 16)},
		"abcdefgh": {Data: []byte("abcdefgh")}, "abcdefgi": {Data: []byte("abcdefgi")},
		"abcdefghi": {Data: []byte("abcdefghi")}, "abcdefghj": {Data: []byte("abcdefghj")},
		"bbcdefghi": {Data: []byte("bbcdefghi")}, "a": {Data: []byte("a")},
	} {
		d := raft.Mark{}.After(e).Digest
		if was, ok := seen[d]; ok {
			t.Errorf("%s and %s have the digest %x", name, was, d)
		}
		seen[d] = name
	}
	a, b := raft.Entry{Data: []byte("a")}, raft.Entry{Data: []byte("b")}
	if (raft.Mark{}).After(a).After(b).Digest == (raft.Mark{}).After(b).After(a).Digest {
		t.Error("the order does not matter")
	}
}
