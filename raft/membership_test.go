package raft_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/rng"
)

// A configuration comes back from its bytes as it was, and equal ones have equal bytes.
func TestConfigurationComesBack(t *testing.T) {
	for _, c := range []raft.Configuration{
		{Voters: []raft.NodeID{1}},
		{Voters: []raft.NodeID{1, 2, 300}, Learners: []raft.NodeID{4, 1 << 20}},
		{Voters: []raft.NodeID{1, 4}, Outgoing: []raft.NodeID{1, 2, 3}, Learners: []raft.NodeID{3}},
		{Voters: []raft.NodeID{raft.FirstOutsider - 1}},
	} {
		got, err := c.Pack().Unpack()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(c) || got.Pack() != c.Pack() {
			t.Errorf("%v came back as %v: %v", c, got, err)
		}
		if !slices.IsSorted(c.Members()) || c.Joint() != (len(c.Outgoing) > 0) {
			t.Errorf("%v has members %v, joint %v", c, c.Members(), c.Joint())
		}
	}
	c := raft.Configuration{Voters: []raft.NodeID{2, 5}, Outgoing: []raft.NodeID{1, 2},
		Learners: []raft.NodeID{3}}
	if got := fmt.Sprint(c.Members()); got != "[S1 S2 S3 S5]" {
		t.Errorf("its members are %s", got)
	}
	for id := raft.NodeID(1); id <= 6; id++ {
		voter := id == 1 || id == 2 || id == 5
		if c.Voter(id) != voter || c.Member(id) != (voter || id == 3) {
			t.Errorf("%v is a voter: %v, a member: %v", id, c.Voter(id), c.Member(id))
		}
	}
}

// Bytes that are no configuration are refused with what is wrong, and never a panic.
func TestConfigurationIsRefused(t *testing.T) {
	many := []byte{0x81, 0x02} // 257
	outsider := []byte{1, 0x80, 0xfe, 0xff, 0xff, 0x0f, 0, 0}
	for _, test := range []struct{ says, bytes string }{
		{"number of servers", ""},
		{"number of servers", "\x01\x01"},
		{"number of servers", "\x01\x01\x00"},
		{"number of servers", string(many)},
		{"number of servers", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
		{"sorted ids", "\x01"},
		{"sorted ids", "\x01\x00\x00\x00"},
		{"sorted ids", "\x02\x02\x01\x00\x00"},
		{"sorted ids", "\x02\x01\x01\x00\x00"},
		{"sorted ids", string(outsider)},
		{"1 bytes stand behind", "\x01\x01\x00\x00x"},
		{"no voter", "\x00\x00\x00"},
		{"voter and a learner", "\x01\x01\x00\x01\x01"},
	} {
		if _, err := raft.Packed(test.bytes).Unpack(); err == nil ||
			!strings.Contains(err.Error(), test.says) {
			t.Errorf("%x is not refused as %q: %v", test.bytes, test.says, err)
		}
	}
	most := raft.Configuration{}
	for i := range raft.MaxMembers {
		most.Voters = append(most.Voters, raft.NodeID(i+1))
	}
	if _, err := most.Pack().Unpack(); err != nil {
		t.Errorf("%d voters: %v", raft.MaxMembers, err)
	}
	seeds(t, 2000, func(t *testing.T, seed uint64) {
		chance := rng.New(seed)
		b := make([]byte, chance.Below(12))
		for i := range b {
			b[i] = byte(chance.Below(6))
		}
		if c, err := raft.Packed(b).Unpack(); err == nil && c.Pack() != raft.Packed(b) {
			t.Errorf("%x is read as %v, which is %x", b, c, c.Pack())
		}
	})
}

// A change that can never be, or not now, is refused with the reason.
func TestChangesRefused(t *testing.T) {
	ids := func(ns ...raft.NodeID) []raft.NodeID { return ns }
	many := make([]raft.NodeID, raft.MaxMembers+1)
	for i := range many {
		many[i] = raft.NodeID(i + 10)
	}
	for _, test := range []struct {
		why    raft.Reason
		change raft.Change
	}{
		{raft.WhyCannotBe, raft.Change{}},
		{raft.WhyCannotBe, raft.Change{Joint: true}},
		{raft.WhyCannotBe, raft.Change{Vote: ids(0)}},
		{raft.WhyCannotBe, raft.Change{Vote: ids(raft.FirstOutsider)}},
		{raft.WhyCannotBe, raft.Change{Vote: ids(4, 4)}},
		{raft.WhyCannotBe, raft.Change{Vote: ids(4), Remove: ids(5, 4)}},
		{raft.WhyTooMany, raft.Change{Vote: many}},
		{raft.WhyTooMany, raft.Change{Vote: many[1:]}}, // with those who are there
		{raft.WhyNoVoters, raft.Change{Remove: ids(1, 2), Learn: ids(3)}},
	} {
		r := newRig(t, 3, nil)
		r.lead(1)
		r.settle()
		r.take(1)
		before := r.m(1).node.Status()
		m := r.step(1, raft.Reconfigure(3, &test.change))
		m.want(t, raft.NoteChangeRefused, test.why)
		if a := m.answers; len(a) != 1 || a[0].Why != test.why ||
			a[0].Outcome != raft.OutcomeRefused || a[0].Ref != 3 || m.node.Status() != before {
			t.Errorf("a change of %+v was answered %+v", test.change, a)
		}
	}
}

// What is so already is done; a learner too many is refused.
func TestChangesThatChangeNothing(t *testing.T) {
	r := newRig(t, 3, nil)
	r.lead(1)
	r.settle()
	r.take(1)
	m := r.step(1, raft.Reconfigure(3, &raft.Change{Vote: []raft.NodeID{2}}))
	if a := m.answers; len(a) != 1 || a[0].Outcome != raft.OutcomeOK ||
		m.node.Status().Last.Index != 1 {
		t.Errorf("a change that is so already was answered %+v", a)
	}
	var learn []raft.NodeID
	for i := range raft.MaxMembers {
		learn = append(learn, raft.NodeID(100+i))
	}
	r.step(1, raft.Reconfigure(4, &raft.Change{Learn: learn}))
	r.saveAll()
	r.receive(2, 1, 1, &raft.AppendEntriesReply{Success: true, Match: 2})
	r.take(1)
	m = r.step(1, raft.Reconfigure(5, &raft.Change{Learn: []raft.NodeID{99}}))
	m.want(t, raft.NoteChangeRefused, raft.WhyTooMany)
}
