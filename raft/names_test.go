package raft_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// Each kind of note and each reason has a name of its own, and is found by it.
func TestNamesAreTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range raft.NoteKinds() {
		if k.String() == "" || seen[k.String()] || !k.Known() {
			t.Errorf("kind %d is called %q", uint8(k), k)
		}
		seen[k.String()] = true
	}
	if k := raft.NoteKind(200); k.Known() || k.Fields() != 0 || !strings.Contains(k.String(),
		"200") {
		t.Errorf("an unknown kind is known: %v, %q, fields %b", k.Known(), k, k.Fields())
	}
	seen = map[string]bool{}
	for why := raft.WhyNone + 1; !strings.HasPrefix(why.Name(), "reason"); why++ {
		if why.Name() == "" || why.String() == "" || seen[why.Name()] {
			t.Errorf("reason %d is called %q, %q", uint8(why), why.Name(), why)
		}
		seen[why.Name()] = true
		if got, ok := raft.ReasonNamed(why.Name()); !ok || got != why {
			t.Errorf("%q names reason %d", why.Name(), got)
		}
	}
	if why, ok := raft.ReasonNamed("none of them"); ok {
		t.Errorf("an unknown name names %v", why)
	}
	if why := raft.Reason(250); why.Section() != "" || !strings.Contains(why.String(), "250") {
		t.Errorf("an unknown reason is %q of section %q", why, why.Section())
	}
}

// A note rests on the section of its reason, else on that of its kind.
func TestSections(t *testing.T) {
	for _, test := range []struct {
		note raft.Note
		want string
	}{
		{raft.Note{Kind: raft.NoteVoteRefused, Why: raft.WhyLogBehindTerm}, "5.4.1"},
		{raft.Note{Kind: raft.NoteAppended}, "5.3"},
		{raft.Note{Kind: raft.NoteChangeRefused, Why: raft.WhyTooMany}, "6"},
		{raft.Note{Kind: raft.NoteKind(200)}, ""},
	} {
		if got := test.note.Section(); got != test.want {
			t.Errorf("%v rests on %q, not %q", test.note.Kind, got, test.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		value fmt.Stringer
		want  string
	}{
		{raft.NodeID(0), "nobody"}, {raft.NodeID(3), "S3"}, {raft.FirstOutsider - 1, "S4294967039"},
		{raft.FirstOutsider, "outsider 0"}, {raft.Leader, "leader"}, {raft.Learner, "learner"},
		{raft.Role(5), "role 5"}, {raft.Probe, "probe"}, {raft.Snapshot, "snapshot"},
		{raft.ProgressState(3), "progress 3"}, {raft.OutcomeUnknown, "unknown"},
		{raft.OutcomeOK, "ok"}, {raft.OutcomeRefused, "refused"},
	} {
		if got := test.value.String(); got != test.want {
			t.Errorf("%#v is called %q, not %q", test.value, got, test.want)
		}
	}
	for _, n := range []interface{ Uint64() uint64 }{raft.NodeID(7), raft.Term(7), raft.Index(7),
		raft.WriteID(7)} {
		if n.Uint64() != 7 {
			t.Errorf("%T 7 is %d", n, n.Uint64())
		}
	}
}

// Bodies say of what kind they are.
func TestBodyKinds(t *testing.T) {
	for want, b := range map[raft.BodyKind]raft.Body{
		raft.KindRequestVote:          &raft.RequestVote{},
		raft.KindRequestVoteReply:     &raft.RequestVoteReply{},
		raft.KindAppendEntries:        &raft.AppendEntries{},
		raft.KindAppendEntriesReply:   &raft.AppendEntriesReply{},
		raft.KindInstallSnapshot:      &raft.InstallSnapshot{},
		raft.KindInstallSnapshotReply: &raft.InstallSnapshotReply{},
		raft.KindTimeoutNow:           &raft.TimeoutNow{}, raft.KindReadIndex: &raft.ReadIndex{},
		raft.KindReadIndexReply: &raft.ReadIndexReply{}, raft.KindForeign: &raft.Foreign{},
		99: &raft.OtherBody{Code: 99},
	} {
		if b.Kind() != want {
			t.Errorf("a %T is of kind %d, not %d", b, b.Kind(), want)
		}
	}
}
