package panel

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

const ms = raft.Millisecond

// story is a run made by hand: a timeline and the book that saw it.
type story struct {
	header trace.Header
	line   *world.Timeline
	book   *Book
	n      uint64
}

func newStory(nodes int) *story {
	h := trace.Header{Kind: trace.Simulation, Engine: "raftarium", Title: "by hand", Seed: 7,
		Store: "file", Machine: "kv", URI: "sim:?seed=7",
		Caps: trace.CanKill | trace.CanCut | trace.Hashed}
	for i := range nodes {
		h.Members = append(h.Members, trace.Member{ID: raft.NodeID(i + 1)})
	}
	s := &story{header: h, line: world.NewTimeline(h), book: NewBook(h)}
	for i := range nodes {
		s.add(0, raft.NodeID(i+1), trace.Started{Store: "file", Machine: "kv"})
	}
	return s
}

func (s *story) add(at raft.Time, node raft.NodeID, b trace.Body) {
	s.n++
	ev := trace.Event{ID: trace.EventID{Node: node, Boot: 1, N: s.n}, At: at, Body: b}
	s.book.Write(s.line.Len(), &ev, s.line.Edge())
	s.line.Append(&ev)
	s.book.Observe(&ev, s.line.Edge())
}

func (s *story) note(at raft.Time, node raft.NodeID, n raft.Note) {
	s.add(at, node, trace.Decided{Note: n})
}

// lead lets a node win a term and write what it is given.
func (s *story) lead(at raft.Time, node raft.NodeID, term raft.Term, puts ...string) {
	s.note(at, node, raft.Note{Kind: raft.NoteBecameCandidate, Term: term})
	s.note(at+10*ms, node, raft.Note{Kind: raft.NoteBecameLeader, Term: term, Count: 2})
	from := s.line.Edge().Node(node).Log.Last().Index + 1
	es := []raft.Entry{{Index: from, Term: term, Kind: raft.EntryNoop}}
	for i, p := range puts {
		key, value, _ := strings.Cut(p, "=")
		es = append(es, raft.Entry{Index: from + raft.Index(i) + 1, Term: term,
			Data: machine.Command{Op: machine.OpPut, Key: key, Value: value}.Encode()})
	}
	to := from + raft.Index(len(puts))
	s.note(at+11*ms, node, raft.Note{Kind: raft.NoteCreated, Term: term, From: from, To: to,
		Entries: es, Why: raft.WhyProposed})
	s.add(at+12*ms, node, trace.Saved{Term: term, Vote: node, Last: raft.Mark{Index: to, Term: term}})
}

func (s *story) cut(at raft.Time, on bool, a, b []raft.NodeID) {
	for _, x := range a {
		for _, y := range b {
			s.add(at, trace.Network, trace.LinkSet{From: x, To: y, Link: trace.Link{Cut: on}})
			s.add(at, trace.Network, trace.LinkSet{From: y, To: x, Link: trace.Link{Cut: on}})
		}
	}
}

func (s *story) input() *Input {
	e := s.line.Edge()
	return &Input{Header: s.header, Connected: true, State: e, Bodies: s.line.Bodies(),
		Book: s.book, Ordinal: s.line.Len(), Scale: 2,
		Clock:  Clock{At: e.At, Edge: e.At, Live: true, Playing: true, Speed: 1.0 / 60},
		Places: []Place{{ID: 1, X: 200, Y: 100, R: 81}}}
}

func build(in *Input) string {
	var v View
	Build(&v, in)
	return string(v.Append(nil))
}

// lines writes a view so that people can read what changed: a line for each part of a part.
func lines(t *testing.T, text string) string {
	t.Helper()
	var v map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var b strings.Builder
	for _, key := range []string{"source", "time", "summary", "checks", "nodes", "group", "links",
		"violations", "why", "log", "events", "lanes", "sides", "reads", "answers", "branches"} {
		if v[key] == nil {
			t.Errorf("the view has no %s", key)
		}
		write(&b, "", key, v[key], 2)
		delete(v, key)
	}
	for key := range v {
		t.Errorf("the view has %s, which the page does not know", key)
	}
	return b.String()
}

func write(b *strings.Builder, indent, key string, raw json.RawMessage, depth int) {
	var list []json.RawMessage
	var object struct{ Rows, List, Nodes []json.RawMessage }
	switch {
	case depth > 0 && json.Unmarshal(raw, &list) == nil && len(list) > 0:
		fmt.Fprintf(b, "%s%s\n", indent, key)
		for i, e := range list {
			write(b, indent+"    ", fmt.Sprint(i), e, 0)
		}
	case depth > 0 && json.Unmarshal(raw, &object) == nil &&
		len(object.Rows)+len(object.List)+len(object.Nodes) > 0:
		fmt.Fprintf(b, "%s%s\n", indent, key)
		var all map[string]json.RawMessage
		json.Unmarshal(raw, &all)
		for _, k := range []string{"from", "to", "last", "fixed", "commit", "commitText", "foot",
			"minimap", "holds", "broken", "rows", "list", "nodes", "faults", "marks"} {
			if all[k] != nil {
				write(b, indent+"    ", k, all[k], depth-1)
			}
		}
	default:
		fmt.Fprintf(b, "%s%s %s\n", indent, key, raw)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		os.MkdirAll("testdata", 0o777)
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	gs, ws := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range gs {
		if i >= len(ws) || gs[i] != ws[i] {
			t.Fatalf("%s, line %d, is now\n%s", path, i+1, gs[i])
		}
	}
	t.Fatalf("%s has more lines than the view", path)
}

func TestEmptyView(t *testing.T) {
	golden(t, "empty.txt", lines(t, build(&Input{Error: "nobody answers at ws://x"})))
}

func TestPartitionView(t *testing.T) {
	s := newStory(3)
	s.lead(100*ms, 1, 1, "x=7", "longkey=longvalue")
	s.note(140*ms, 1, raft.Note{Kind: raft.NoteCommitAdvanced, Index: 2, LogTerm: 1, Count: 2,
		Why: raft.WhyQuorumSaved})
	s.add(141*ms, 1, trace.Applied{From: 1, To: 2})
	s.cut(200*ms, true, []raft.NodeID{1}, []raft.NodeID{2, 3})
	s.lead(400*ms, 3, 2)
	s.add(450*ms, trace.Supervisor, trace.Crashed{Node: 2, Why: "killed", Stays: true})
	in := s.input()
	in.Selected = 3
	in.Sides = []Side{{Nodes: []raft.NodeID{1}, Up: 1, Of: 3, Text: "S1 · 1 of 3",
		Verdict: "cannot commit"}}
	in.Why = Why{"S3 leads", "because of \"this\"\n", "5.2"}
	in.Answers = []Answer{{Ticket: 7, Accepted: true}, {Ticket: 8, Why: "S2 is down"}}
	var v View
	Build(&v, in)
	for i := range v.Events.Rows {
		v.Events.Rows[i].Text = "..." // package world's affair
	}
	golden(t, "partition.txt", lines(t, string(v.Append(nil))))
}

func TestPastView(t *testing.T) {
	s := newStory(3)
	s.lead(100*ms, 1, 1, "x=7")
	s.cut(200*ms, true, []raft.NodeID{1}, []raft.NodeID{2, 3})
	s.add(300*ms, trace.Checker, trace.Violation{Check: "electionSafety", Section: "5.2",
		Text: "S1 and S2 lead term 1"})
	in := s.input()
	c := s.line.Cursor()
	c.SeekTime(150 * ms)
	in.State, in.Ordinal, in.Clock.At, in.Clock.Live = c.State(), c.Ordinal(), 150*ms, false
	var v View
	Build(&v, in)
	if len(v.Violations) != 0 || v.Checks.Holds != len(check.Names()) || len(v.Lanes.Marks) != 1 {
		t.Errorf("before the violation: %+v, %+v, %+v", v.Violations, v.Checks, v.Lanes.Marks)
	}
	if last := v.Events.Rows[len(v.Events.Rows)-1]; last.At > 150*ms || !last.Current {
		t.Errorf("the newest event is %+v", last)
	}
	in = s.input()
	Build(&v, in)
	if len(v.Violations) != 1 || v.Checks.Holds != len(check.Names())-1 || v.Checks.List[0].Status != Broken {
		t.Errorf("behind the violation: %+v, %+v", v.Violations, v.Checks)
	}
}

// Six changes of links at one moment are one line, and so is their healing; a change back at
// another moment is another.
func TestLinksAreToldTogether(t *testing.T) {
	s := newStory(5)
	before := len(s.book.rows)
	s.cut(100*ms, true, []raft.NodeID{1, 2}, []raft.NodeID{3, 4, 5})
	s.cut(100*ms, true, []raft.NodeID{1}, []raft.NodeID{3}) // changes nothing
	s.cut(200*ms, false, []raft.NodeID{1, 2}, []raft.NodeID{3, 4, 5})
	s.add(200*ms, trace.Network, trace.LinkSet{From: 1, To: 2, Link: trace.Link{Loss: 20_000}})
	var got []string
	for _, r := range s.book.rows[before:] {
		got = append(got, fmt.Sprintf("%d %s %s", r.At/ms, r.Icon, r.Text))
	}
	want := []string{"100 cut S1 and S2 are cut from S3, S4 and S5",
		"200 heal S1 and S2 are linked again with S3, S4 and S5"}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] ||
		!strings.Contains(got[2], "2 %") {
		t.Errorf("%q", got)
	}
	if f := s.book.lanes.faults; len(f) != 1 || f[0] != (Fault{100 * ms, 200 * ms, "cut"}) {
		t.Errorf("faults %+v", f)
	}
}

func TestLabels(t *testing.T) {
	put := func(k, v string) []byte {
		return machine.Command{Op: machine.OpPut, Key: k, Value: v}.Encode()
	}
	for _, c := range []struct {
		e    raft.Entry
		kind string
		want string
	}{
		{raft.Entry{Kind: raft.EntryNoop}, "kv", "∅"},
		{raft.Entry{}, "kv", "·"},
		{raft.Entry{Data: put("x", "7")}, "kv", "x7"},
		{raft.Entry{Data: put("x", "12")}, "kv", "x12"},
		{raft.Entry{Data: put("😀", "1")}, "kv", "😀1"},
		{raft.Entry{Data: put("account", "12")}, "kv", "ac…"},
		{raft.Entry{Data: put("x", "123456")}, "kv", "x…"},
		{raft.Entry{Data: put("", "")}, "kv", ""},
		{raft.Entry{Data: machine.Command{Op: machine.OpGet, Key: "x"}.Encode()}, "kv", "x?"},
		{raft.Entry{Data: machine.Command{Op: machine.OpDelete, Key: "x"}.Encode()}, "kv", "x×"},
		{raft.Entry{Data: []byte("hello")}, "ledger", "he…"},
		{raft.Entry{Data: []byte("日本語の文")}, "ledger", "日…"},
		{raft.Entry{Data: []byte{0xff, 0, 1}}, "ledger", "·"},
		{raft.Entry{Data: []byte{0xff, 0, 1}}, "kv", "·"},
	} {
		if got := label(&c.e, c.kind); got != c.want {
			t.Errorf("%q of %s is %q, not %q", c.e.Data, c.kind, got, c.want)
		}
	}
}

func TestLogWindow(t *testing.T) {
	for _, c := range []struct{ commit, last, fixed, from, to raft.Index }{
		{0, 0, 0, 1, 24}, {5, 9, 0, 1, 24}, {20, 100, 0, 5, 28}, {100, 100, 0, 77, 100},
		{99, 103, 0, 80, 103}, {99, 103, 3, 3, 26}, {99, 103, 500, 103, 126}, {0, 0, 9, 1, 24},
	} {
		l := Logs{Commit: c.commit, Last: c.last}
		if l.window(c.fixed); l.From != c.from || l.To != c.to {
			t.Errorf("%+v: %d to %d", c, l.From, l.To)
		}
	}
}

func TestCaptions(t *testing.T) {
	s := &trace.State{Nodes: []trace.NodeState{{ID: 1}, {ID: 2, Known: true, Alive: true},
		{ID: 3, Known: true, Alive: true}}}
	n := trace.NodeState{ID: 1, Known: true, Alive: true, Boot: 1, Term: 4}
	for _, c := range []struct {
		want string
		set  func(*trace.NodeState)
	}{
		{"follower, knows no leader", func(*trace.NodeState) {}},
		{"follower of S2", func(n *trace.NodeState) { n.Leader = 2 }},
		{"leader of term 4", func(n *trace.NodeState) { n.Role = raft.Leader }},
		{"candidate of term 4: 2 of 3", func(n *trace.NodeState) {
			n.Role = raft.Candidate
			n.Tally = []trace.Ballot{{Peer: 1, Granted: true}, {Peer: 2}, {Peer: 3, Granted: true}}
		}},
		{"asks whether it would win: 0 of 3", func(n *trace.NodeState) { n.Role = raft.PreCandidate }},
		{"paused", func(n *trace.NodeState) { n.Paused = true }},
		{"killed", func(n *trace.NodeState) { n.Alive, n.Down = false, "killed" }},
		{"nothing is heard of it", func(n *trace.NodeState) { n.Silent = true }},
		{"not known", func(n *trace.NodeState) { n.Known = false }},
		{"not started", func(n *trace.NodeState) { n.Alive, n.Boot = false, 0 }},
	} {
		m := n
		if c.set(&m); caption(&Input{}, s, &m) != c.want {
			t.Errorf("%q, not %q", caption(&Input{}, s, &m), c.want)
		}
	}
	n.Role = raft.Leader
	for _, to := range []raft.NodeID{2, 3} {
		s.Links = append(s.Links, trace.LinkState{From: 1, To: to, Link: trace.Link{Cut: true}})
	}
	if got := caption(&Input{}, s, &n); got != "leader of term 4 · no quorum" {
		t.Errorf("a leader that is cut off: %q", got)
	}
}

func TestRestartable(t *testing.T) {
	can := &trace.Header{Caps: trace.CanKill}
	down := trace.NodeState{ID: 2, Known: true, Boot: 1, Down: "killed", Store: "file"}
	memory, up := down, down
	memory.Store = "memory"
	up.Alive = true
	for _, c := range []struct {
		h    *trace.Header
		n    trace.NodeState
		want bool
		why  string
	}{{can, down, true, ""}, {can, up, false, "running"}, {can, memory, false, "memory store"},
		{&trace.Header{Why: "you may only watch"}, down, false, "only watch"}} {
		if ok, why := restartable(c.h, &c.n); ok != c.want || !strings.Contains(why, c.why) {
			t.Errorf("%+v: %v %q", c.n, ok, why)
		}
	}
}

func TestCutsAtTwoMomentsAreTwoLines(t *testing.T) {
	s := newStory(4)
	before := len(s.book.rows)
	s.cut(100*ms, true, []raft.NodeID{1}, []raft.NodeID{2})
	s.cut(150*ms, true, []raft.NodeID{3}, []raft.NodeID{4})
	if n := len(s.book.rows) - before; n != 2 {
		t.Errorf("%d lines", n)
	}
}

// A node that is nothing for no time at all leaves no span, and what is the same is one span.
func TestSpansJoin(t *testing.T) {
	var l lanes
	n := trace.NodeState{ID: 1, Known: true, Alive: true, Boot: 1}
	l.span(0, &n)
	n.Role = raft.Leader
	l.span(5, &n)
	n.Role = raft.Follower
	l.span(5, &n)
	if got := l.lane(1).Spans; len(got) != 1 || got[0] != (Span{0, -1, 0, SpanFollower}) {
		t.Errorf("%+v", got)
	}
	n.Term = 1
	l.span(9, &n)
	if got := clip(nil, l.lane(1).Spans, 3, 20); len(got) != 2 || got[0] != (Span{3, 9, 0, 0}) ||
		got[1] != (Span{9, 20, 1, 0}) {
		t.Errorf("%+v", got)
	}
}

func TestScaleEnds(t *testing.T) {
	for _, c := range []struct{ t, want raft.Time }{{0, 1}, {999 * ms, 1}, {raft.Second, 2},
		{5250 * ms, 6}, {8 * raft.Second, 10}, {75 * raft.Second, 80}, {3600 * raft.Second, 4000}} {
		if got := upTo(c.t); got != c.want*raft.Second {
			t.Errorf("up to %d: %d", c.t, got)
		}
	}
}

// FuzzText: any text becomes JSON that says the same, but for what is no UTF-8 and
// what turns the direction of others.
func FuzzText(f *testing.F) {
	for c := range rune(0x21) {
		f.Add(string(c))
	}
	f.Add("\u202eevil\u2069")
	f.Add("a\"b\\c\n\x00é\xff 日本")
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendText(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if strings.ContainsFunc(got, turns) {
			t.Errorf("%q keeps what turns the direction: %q", s, got)
		}
		if utf8.ValidString(s) && !strings.ContainsFunc(s, turns) && got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

// The view of five nodes with full lists: what the stage does 15 times a second.
func BenchmarkView(b *testing.B) {
	s := newStory(5)
	for i := range 200 {
		s.lead(raft.Time(i)*100*ms, raft.NodeID(i%5+1), raft.Term(i+1), "x=7", "y=8")
	}
	in := s.input()
	var v View
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		Build(&v, in)
		buf = v.Append(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}
