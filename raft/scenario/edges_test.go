package scenario

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// parsed gives a scenario of some lines.
func parsed(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := Parse("x", "title t\n"+text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What stands at the wrong place is named with its line, beside what TestErrors holds.
func TestMoreErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"seed 18446744073709551616", `x.txt:2: "18446744073709551616" is no whole number of 64`},
		{"clients 65", "x.txt:2: clients goes from 0 to 64"},
		{"maxBatch 0", "x.txt:2: maxBatch goes from 1 to 1048576"},
		{"read", "x.txt:2: a key is missing"},
		{"read x at", "nothing is no server"},
		{"change vote", "nothing is no server"},
		{"change vote S4 learn", "nothing is no server"},
		{"disk", "nothing is no server"},
		{"disk S1 slow=fast", `"fast" is no time`},
		{"clock", "nothing is no server"},
		{"clock S1 drift=fast", `"fast" is no share`},
		{"link S1", "nothing is no server"},
		{"link S9 S1", `"S9" is no server; there are S1 to S5`},
		{"link all loss=200%", `"200%" is no share`},
		{"cut S9 S1", `"S9" is no server; there are S1 to S5`},
		{"expect role S9 leader", `"S9" is no server; there are S1 to S5`},
		{"expect vote S9 on S1", `"S9" is no server; there are S1 to S5`},
		{"expect equal on", "nothing is no server"},
		{"expect event sent from", "nothing is no server"},
		{"expect event sent to S9", `"S9" is no server; there are S1 to S5`},
		{"expect event voteGranted with S9", `"S9" is no server; there are S1 to S5`},
	} {
		s, err := Parse("x", "title t\n"+c.text)
		if err == nil {
			t.Errorf("%q was taken: %+v", c.text, s)
		} else if !strings.HasPrefix(err.Error(), "x.txt:2: ") ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\n  said  %v\n  not   %s", c.text, err, c.want)
		}
	}
	if _, err := Source("dragons"); err == nil ||
		!strings.HasPrefix(err.Error(), `there is no scenario "dragons"; there are [election `) {
		t.Errorf("a scenario that is not there: %v", err)
	}
	if _, err := Named("../library/election"); err == nil {
		t.Error("a name leads out of the library")
	}
}

// A scenario, a case and a recording of a cluster that cannot be say so and do not run.
func TestImpossibleClusters(t *testing.T) {
	cfg := sim.DefaultConfig()
	cfg.Nodes = 0
	s := &Scenario{Name: "x", Config: cfg}
	_, played := s.Play()
	_, ran := s.Run()
	k := Case{Config: cfg, End: trace.Position{At: raft.Second}}
	_, _, again := k.Play(func([]trace.Event) bool { return true })
	_, _, recorded := Record(cfg, raft.Second, never)
	for err, want := range map[error]string{played: "scenario x: sim: nodes=0",
		ran: "scenario x: sim: nodes=0", again: "playing a case: sim: nodes=0",
		recorded: "recording a run: sim: nodes=0"} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, and it should be: %s", err, want)
		}
	}
	if at, failed := k.Fails(Breaks("")); failed || at != 0 {
		t.Errorf("it failed at %d", at)
	}
}

// A case that is played ends where whoever watches has seen enough, also between two actions.
func TestCaseEndsWhenNobodyWatches(t *testing.T) {
	k := Case{Config: defaults(), End: trace.Position{At: 10 * raft.Second}, Actions: []sim.Action{
		{Position: trace.Position{At: 2 * raft.Second}, Command: trace.Command{
			Kind: trace.CommandKill, Node: 1}},
		{Position: trace.Position{At: 3 * raft.Second}, Command: trace.Command{
			Kind: trace.CommandKill, Node: 2}}}}
	for _, last := range []raft.Time{raft.Second, 2 * raft.Second, 5 * raft.Second} {
		var seen raft.Time
		over := false
		if _, _, err := k.Play(func(evs []trace.Event) bool {
			if over {
				t.Fatalf("up to %d: there come more events behind the end", last)
			}
			seen = evs[len(evs)-1].At
			over = seen >= last
			return !over
		}); err != nil || !over || seen > last+raft.Second {
			t.Errorf("up to %d: it came to %d, %v", last, seen, err)
		}
	}
}

// Any property that is broken makes a run fail for Breaks(""), and one alone for its own name; what
// a server itself finds broken counts too.
func TestBreaks(t *testing.T) {
	said := trace.Event{ID: trace.EventID{Node: trace.Checker, Boot: 1, N: 1},
		Body: trace.Violation{Check: "broken"}}
	two := []trace.Event{
		{ID: trace.EventID{Node: 1, Boot: 1, N: 1}, Body: trace.Started{}},
		{ID: trace.EventID{Node: 2, Boot: 1, N: 1}, Body: trace.Started{}},
		{ID: trace.EventID{Node: 1, Boot: 1, N: 2}, Body: trace.Decided{Note: raft.Note{
			Kind: raft.NoteBecameLeader, Term: 1}}},
		{ID: trace.EventID{Node: 2, Boot: 1, N: 2}, Body: trace.Decided{Note: raft.Note{
			Kind: raft.NoteBecameLeader, Term: 1}}}}
	for _, c := range []struct {
		property       string
		broken, unsafe bool
	}{{"", true, true}, {"broken", true, false}, {"electionSafety", false, true},
		{"logMatching", false, false}} {
		if got := Breaks(c.property)(trace.Header{})(&said); got != c.broken {
			t.Errorf("%q: a broken server fails the run: %v", c.property, got)
		}
		fails := Breaks(c.property)(trace.Header{})
		if got := anyOf(two, fails); got != c.unsafe {
			t.Errorf("%q: two leaders of a term fail the run: %v", c.property, got)
		}
	}
}

// A case says all links at once where they are all set at once, and one by one where they are not;
// either way it says what was done, and without a property it ends with its time.
func TestCaseText(t *testing.T) {
	link := trace.Link{Delay: 80 * raft.Millisecond, Jitter: 2 * raft.Millisecond, Loss: 50_000}
	cfg := defaults()
	cfg.Nodes, cfg.Link = 3, trace.Link{Delay: raft.Millisecond}
	all := func(at raft.Time) (as []sim.Action) {
		for from := raft.NodeID(1); from <= 3; from++ {
			for to := raft.NodeID(1); to <= 3; to++ {
				if from != to {
					as = append(as, sim.Action{Position: trace.Position{At: at},
						Command: trace.Command{Kind: trace.CommandLink, From: from, To: to, Link: link}})
				}
			}
		}
		return as
	}
	for _, c := range []struct {
		name   string
		change func([]sim.Action) []sim.Action
		want   int // lines that set links
	}{
		{"all", func(as []sim.Action) []sim.Action { return as }, 1},
		{"all but one", func(as []sim.Action) []sim.Action { return as[1:] }, 5},
		{"one is another", func(as []sim.Action) []sim.Action {
			as[2].Command.Link.Loss = 7
			return as
		}, 6},
		{"one is later", func(as []sim.Action) []sim.Action { as[5].At++; return as }, 6},
		{"one comes twice", func(as []sim.Action) []sim.Action {
			as[1] = as[0]
			return as
		}, 6},
		{"one is cut, which a link does not say", func(as []sim.Action) []sim.Action {
			as[3].Command.Link.Cut = true
			return as
		}, 1},
		{"all, and as they are by default", func(as []sim.Action) []sim.Action {
			for i := range as {
				as[i].Command.Link = cfg.Link
			}
			return as
		}, 1},
	} {
		k := Case{Config: cfg, Bug: "votes-for-everyone", Actions: c.change(all(raft.Second)),
			End: trace.Position{At: 1300 * raft.Second}}
		text := k.Text("links", "")
		s, err := Parse("x", text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.name, err, text)
		}
		if got := strings.Count(text, "\nlink "); got != c.want {
			t.Errorf("%s: %d lines set links, not %d:\n%s", c.name, got, c.want, text)
		}
		var commands []trace.Command
		var span raft.Time
		for i := range s.Steps {
			span += s.Steps[i].Span
			commands = append(commands, s.Steps[i].Commands...)
		}
		want := []trace.Command{}
		for _, a := range k.Actions {
			a.Command.Link.Cut = false
			want = append(want, a.Command)
		}
		if !reflect.DeepEqual(commands, want) || span != k.End.At || s.Bug != k.Bug ||
			s.Config.Nodes != 3 {
			t.Errorf("%s: in %d us it does\n%+v\nnot\n%+v", c.name, span, commands, want)
		}
	}
}

// What is left of a command without a server is that of the others, or nothing.
func TestLeave(t *testing.T) {
	ids := func(ids ...raft.NodeID) []raft.NodeID { return ids }
	for _, c := range []struct {
		cmd  trace.Command
		left bool
		want trace.Command
	}{
		{trace.Command{Kind: trace.CommandKill, Node: 4}, false, trace.Command{}},
		{trace.Command{Kind: trace.CommandCut, From: 1, To: 4}, false, trace.Command{}},
		{trace.Command{Kind: trace.CommandCut, From: 4, To: 1}, false, trace.Command{}},
		{trace.Command{Kind: trace.CommandKill, Node: 3}, true,
			trace.Command{Kind: trace.CommandKill, Node: 3}},
		{trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{ids(1, 4), ids(4),
			ids(2, 3)}}, true, trace.Command{Kind: trace.CommandPartition,
			Groups: [][]raft.NodeID{ids(1), ids(2, 3)}}},
		{trace.Command{Kind: trace.CommandPartition, Groups: [][]raft.NodeID{ids(4)}}, false,
			trace.Command{}},
		{trace.Command{Kind: trace.CommandChange, Change: raft.Change{Vote: ids(4)}}, false,
			trace.Command{}},
		{trace.Command{Kind: trace.CommandChange, Change: raft.Change{Vote: ids(4),
			Remove: ids(1)}}, true, trace.Command{Kind: trace.CommandChange,
			Change: raft.Change{Remove: ids(1)}}},
	} {
		cmd := c.cmd
		if left := leave(&cmd, 4); left != c.left {
			t.Errorf("of %+v something is left: %v", c.cmd, left)
		} else if left && (cmd.Node != c.want.Node || len(cmd.Change.Vote) != 0 ||
			!reflect.DeepEqual(cmd.Groups, c.want.Groups) ||
			!reflect.DeepEqual(cmd.Change.Remove, append(ids(), c.want.Change.Remove...)) &&
				len(c.want.Change.Remove) > 0) {
			t.Errorf("of %+v there is left %+v", c.cmd, cmd)
		}
	}
}

// A case that does not fail comes back as it is, and nothing is played beyond what is allowed.
func TestShrinkOfWhatDoesNotFail(t *testing.T) {
	k := Case{Config: defaults(), End: trace.Position{At: raft.Second}, Actions: []sim.Action{
		{Position: trace.Position{At: raft.Second / 2}, Command: trace.Command{
			Kind: trace.CommandKill, Node: 1}}}}
	if small, n := Shrink(k, never, 50); n != 1 || !reflect.DeepEqual(small, k) {
		t.Errorf("%d were played, and it is %+v", n, small)
	}
	asked := 0
	always := func(trace.Header) func(*trace.Event) bool {
		asked++
		return func(*trace.Event) bool { return true }
	}
	if small, n := Shrink(k, always, 9); n > 9 || asked != n || len(small.Actions) != 0 {
		t.Errorf("%d were played, %d are said, and there is left %+v", asked, n, small.Actions)
	}
}

// An expectation that fails says which property is broken, as that may be why.
func TestFailedExpectationTellsWhatIsBroken(t *testing.T) {
	text, err := Source("vote-twice")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse("x", text+"\nexpect term = 99\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := played(t, s).Err(); err == nil || !strings.Contains(err.Error(),
		"expect term = 99: it is not so; a property of Raft is broken: ") {
		t.Errorf("got %v", err)
	}
}

// The text of a run says who is down and who is paused, and tells cuts and heals of one moment
// apart.
func TestTextOfTrouble(t *testing.T) {
	r := played(t, parsed(t, "nodes 3\nkill S1\npause S2\nrun 10ms\ncut S1 S2\nheal S1 S2\n"+
		"expect leader"))
	for _, want := range []string{"S1 down, term", "S2 follower, paused, term", "S1 is cut from S2",
		"S1 is linked again with S2", "    FAILED: it is not so\n",
		"x.txt:8: expect leader: it is not so (at 10ms)"} {
		if !strings.Contains(r.Text(), want) {
			t.Errorf("there is no %q in\n%s", want, r.Text())
		}
	}
}

// Paused and resumed servers are those that are named, and what happens to a copy of a message is
// told of its own flight.
func TestMoreEvents(t *testing.T) {
	const story = "nodes 3\nduplicate 100%\nrun 1s\npause S2\nresume S2\nkill S3\nrun 10ms\n"
	for text, want := range map[string]bool{"event paused on S2": true, "event paused on S1": false,
		"event resumed on S2": true, "event resumed on S3": false, "event crashed on S3": true,
		"event crashed on S1": false, "event duplicated vote": true,
		"event duplicated append from S1 to S1": false, "event duplicated": true} {
		if err := played(t, parsed(t, story+"expect "+text)).Err(); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Of a server of which nothing is known no log is equal to another's, and no property of a checker
// that judges nothing is broken.
func TestConditionsOfTheUnknown(t *testing.T) {
	st := scene()
	st.Nodes[0].Known = false
	v := &view{state: st, checker: check.New(trace.Header{})}
	for text, want := range map[string]bool{"equal on S1 S3": false, "equal on S3 S4": true,
		"leader S1": false, "up on S1": false, "role S1 leader": false} {
		if got := parsed(t, "expect "+text).Steps[0].until.hold(v); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// A player that is closed gives no more events of its cluster, and its scenario can be played anew.
func TestPlayerCloses(t *testing.T) {
	p, err := lesson(t, "election").Play()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Error(err)
	}
	if title := p.Header().Title; title != lesson(t, "election").Title {
		t.Errorf("its title is %q", title)
	}
}
