package raft_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

func number(t testing.TB, s string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%q is no number", s)
	}
	return n
}

func numbers[N ~uint32 | ~uint64](t testing.TB, s string) (ns []N) {
	t.Helper()
	for _, s := range strings.Split(s, ",") {
		ns = append(ns, N(number(t, s)))
	}
	return ns
}

// readOptions reads preVote=off checkQuorum=off leases=on preferred=2,3 and the limits by their
// names, catchUp in milliseconds.
func readOptions(t testing.TB, f []string) func(*raft.Config) {
	return func(c *raft.Config) {
		limits := map[string]*int{"maxBatch": &c.MaxBatch, "maxBytes": &c.MaxBytes,
			"maxInflight": &c.MaxInflight, "maxWindow": &c.MaxWindow, "maxEntry": &c.MaxEntry,
			"maxPending": &c.MaxPending, "maxReads": &c.MaxReads, "maxHeld": &c.MaxHeld,
			"maxSnapshot": &c.MaxSnapshot}
		for _, s := range f {
			key, value, _ := strings.Cut(s, "=")
			switch limit := limits[key]; {
			case limit != nil:
				*limit = int(number(t, value))
			case s == "preVote=off":
				c.PreVote = false
			case s == "checkQuorum=off":
				c.CheckQuorum = false
			case s == "leases=on":
				c.LeaseReads = true
			case key == "preferred":
				c.Preferred = numbers[raft.NodeID](t, value)
			case key == "catchUp":
				c.CatchUp = raft.Time(number(t, value)) * ms
			case key == "trailing":
				c.Trailing = number(t, value)
			default:
				t.Fatalf("a story has option %q", s)
			}
		}
	}
}

// readImage reads term=3 vote=2 log=1,1,2 doubtful.
func readImage(t testing.TB, f []string) raft.Image {
	var im raft.Image
	for _, s := range f {
		key, value, _ := strings.Cut(s, "=")
		switch key {
		case "term":
			im.Term = raft.Term(number(t, value))
		case "vote":
			im.Vote = raft.NodeID(number(t, value))
		case "doubtful":
			im.Doubtful = true
		case "log":
			im.Entries = entries(1, numbers[raft.Term](t, value)...)
		default:
			t.Fatalf("a disk has %q", s)
		}
	}
	return im
}

// readChange reads vote=4,5 learn=3 remove=2 joint.
func readChange(t testing.TB, f []string) *raft.Change {
	c := &raft.Change{}
	for _, s := range f {
		key, value, _ := strings.Cut(s, "=")
		switch key {
		case "joint":
			c.Joint = true
		case "vote":
			c.Vote = numbers[raft.NodeID](t, value)
		case "learn":
			c.Learn = numbers[raft.NodeID](t, value)
		case "remove":
			c.Remove = numbers[raft.NodeID](t, value)
		default:
			t.Fatalf("a change asks for %q", s)
		}
	}
	return c
}

// readMessage reads 2 1 term=3 append prev=1/1 entries=2,2 commit=1: from whom, to whom, the term,
// what it is, and its fields as stories show them; boot=2 and group=8 are those of the message.
func readMessage(d *doing) raft.Message {
	m := raft.Message{ID: 1, Group: 7, From: d.id(0), To: d.id(1), FromBoot: 1}
	f := fields{t: d.t, of: map[string]string{}}
	kind := ""
	for _, s := range d.words[2:] {
		if key, value, ok := strings.Cut(s, "="); ok {
			f.of[key] = value
		} else if kind == "" {
			kind = s
		} else {
			f.of[s] = ""
		}
	}
	m.Term = raft.Term(f.number("term"))
	if _, ok := f.of["boot"]; ok {
		m.FromBoot = uint32(f.number("boot"))
	}
	if _, ok := f.of["group"]; ok {
		m.Group = raft.GroupID(f.number("group"))
	}
	m.Body = f.body(kind)
	return m
}

// fields are the fields of a message in a story.
type fields struct {
	t  testing.TB
	of map[string]string
}

func (f fields) number(name string) uint64 {
	if f.of[name] == "" {
		return 0
	}
	return number(f.t, f.of[name])
}

func (f fields) has(name string) bool {
	_, ok := f.of[name]
	return ok
}

// mark reads 3/1 as index 3, term 1.
func (f fields) mark(name string) (raft.Index, raft.Term) {
	if !f.has(name) {
		return 0, 0
	}
	i, t, _ := strings.Cut(f.of[name], "/")
	return raft.Index(number(f.t, i)), raft.Term(number(f.t, t))
}

func (f fields) body(kind string) raft.Body {
	forTerm, no := raft.Term(f.number("for")), f.has("no")
	snapshot := raft.SnapshotRef{Size: f.number("of")}
	snapshot.Index, snapshot.Term = f.mark("at")
	switch kind {
	case "requestVote", "preVote":
		i, t := f.mark("last")
		return &raft.RequestVote{Pre: kind == "preVote", ForTerm: forTerm, LastIndex: i,
			LastTerm: t,
			Transfer: f.has("transfer")}
	case "voteReply", "preVoteReply":
		return &raft.RequestVoteReply{Pre: kind == "preVoteReply", ForTerm: forTerm, Granted: !no}
	case "append":
		a := &raft.AppendEntries{Commit: raft.Index(f.number("commit")),
			Last: raft.Index(f.number("end"))}
		a.PrevIndex, a.PrevTerm = f.mark("prev")
		if f.has("entries") {
			a.Entries = entries(a.PrevIndex+1, numbers[raft.Term](f.t, f.of["entries"])...)
		}
		return a
	case "appendReply":
		a := &raft.AppendEntriesReply{Success: !no, Match: raft.Index(f.number("match")),
			Rejected: raft.Index(f.number("rejected"))}
		a.Hint, a.HintTerm = f.mark("hint")
		return a
	case "snapshot":
		data := make([]byte, f.number("size"))
		return &raft.InstallSnapshot{Snapshot: snapshot, Offset: f.number("offset"), Data: data}
	case "snapshotReply":
		return &raft.InstallSnapshotReply{Snapshot: snapshot, Next: f.number("next"),
			Installed: !no}
	case "timeoutNow":
		return &raft.TimeoutNow{LastIndex: raft.Index(f.number("last"))}
	case "readIndex":
		return &raft.ReadIndex{ID: f.number("id")}
	case "readIndexReply":
		return &raft.ReadIndexReply{ID: f.number("id"), Granted: !no,
			Index: raft.Index(f.number("index"))}
	case "unknown":
		return &raft.OtherBody{Code: 99}
	}
	f.t.Fatalf("a story says a message %q", fmt.Sprint(kind))
	return nil
}
