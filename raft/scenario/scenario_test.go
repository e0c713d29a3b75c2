package scenario

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files instead of comparing")

// lesson gives a scenario of the library.
func lesson(t testing.TB, name string) *Scenario {
	t.Helper()
	s, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func played(t testing.TB, s *Scenario) *Result {
	t.Helper()
	r, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each scenario of the library comes out as it says, and as it was read last.
func TestLibrary(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			r := played(t, lesson(t, name))
			golden(t, "library/"+name+".golden", r.Text())
			if err := r.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

// The course names every file of the library once.
func TestCourse(t *testing.T) {
	paths, err := filepath.Glob("library/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(p), ".txt"))
	}
	slices.Sort(names)
	if got := slices.Sorted(slices.Values(Names())); !slices.Equal(got, names) {
		t.Errorf("the course is %v, the library %v", got, names)
	}
	all, err := All()
	if err != nil || len(all) != len(names) || all[0].Name != "election" {
		t.Errorf("%d scenarios, %v", len(all), err)
	}
}

// Each scenario of the library says what it teaches, and it says it to people.
func TestLibraryTeaches(t *testing.T) {
	for _, name := range Names() {
		s := lesson(t, name)
		if s.Lesson == "" || s.Section == "" || !strings.HasSuffix(s.Lesson, ".") {
			t.Errorf("%s: lesson %q, section %q", name, s.Lesson, s.Section)
		}
		captions, expectations := 0, 0
		for i := range s.Steps {
			switch s.Steps[i].Kind {
			case Caption:
				captions++
			case Expect:
				expectations++
			}
		}
		if len(s.Steps) == 0 || s.Steps[0].Kind != Caption || captions < 3 || expectations < 1 {
			t.Errorf("%s: %d captions, %d expectations; a lesson begins with a caption", name,
				captions, expectations)
		}
	}
}

// The runs are those of last time, bit for bit.
func TestLibraryHashes(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "# sim.Version %d\n", sim.Version)
	for _, name := range Names() {
		r := played(t, lesson(t, name))
		fmt.Fprintf(&b, "%-16s %6d events, hash %016x\n", name, r.Events, r.Hash)
	}
	golden(t, "library/hashes.golden", b.String())
}

// golden compares a text with a file, line by line.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := append(strings.Split(string(want), "\n"), "nothing")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(lines)-1 || line != lines[i] {
			t.Errorf("%s:%d: came out\n%s\ninstead of\n%s\n(-rewrite writes it anew)", path, i+1,
				line, lines[min(i, len(lines)-1)])
			return
		}
	}
}

// How Next is cut into calls, by room and by time, changes nothing.
func TestCutIntoCalls(t *testing.T) {
	for _, name := range []string{"figure8", "snapshot", "duplicates"} {
		s := lesson(t, name)
		end := played(t, s).At + raft.Second/2
		first := ""
		for _, room := range []int{1, 3, 17, 4097} {
			for _, step := range []raft.Time{end, 333_333, 16_667, 1000} {
				p, err := s.Play()
				if err != nil {
					t.Fatal(err)
				}
				text := pull(t, p, end, step, room)
				if first == "" {
					first = text
				}
				if text != first || !p.Over() {
					t.Errorf("%s, room %d, step %d us: over %v,\n%s\ninstead of\n%s", name, room,
						step, p.Over(), text, first)
				}
				for _, v := range p.Verdicts() {
					if v.Why != "" {
						t.Errorf("%s, room %d, step %d us: %s: %s", name, room, step, v.Step.Text,
							v.Why)
					}
				}
			}
		}
		if strings.Count(first, "caption") < 3 {
			t.Errorf("%s: few captions: %s", name, first)
		}
	}
}

// pull runs a source in steps of time with room for a few events, and says what came: the hash of
// what is part of the run, and the captions with their times.
func pull(t *testing.T, src trace.Source, end, step raft.Time, room int) string {
	t.Helper()
	var b strings.Builder
	hash, last, reached := uint64(0), raft.Time(0), raft.Time(0)
	buf := make([]trace.Event, 0, room)
	for until := min(step, end); reached < end; {
		got, r, err := src.Next(until, buf)
		if err != nil || r < reached || len(got) > room {
			t.Fatalf("%v; reached %d us after %d, %d events for a room of %d", err, r, reached,
				len(got), room)
		}
		for i := range got {
			ev := &got[i]
			if ev.At < last || ev.At <= reached && reached > 0 || ev.At > until {
				t.Fatalf("an event of %d us came after %d, with all up to %d given, asked up to %d",
					ev.At, last, reached, until)
			}
			last = ev.At
			switch c := ev.Body.(type) {
			case trace.Caption:
				fmt.Fprintf(&b, "%d us: caption %s\n", ev.At, c.Text)
			default:
				if c.Kind().InRun() {
					hash = trace.HashEvent(hash, ev)
				}
			}
		}
		if reached = r; r >= until {
			until = min(until+step, end)
		}
	}
	return fmt.Sprintf("%shash %016x\n", b.String(), hash)
}

// Somebody who watches may act: the scenario goes on all the same, and says what failed.
func TestSomebodyActs(t *testing.T) {
	s := lesson(t, "leader-killed")
	p, err := s.Play()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Do(trace.Command{ID: 7, Kind: trace.CommandKill, Node: 1}); err != nil {
		t.Fatal(err)
	}
	answers := 0
	for reached := raft.Time(0); reached < 60*raft.Second; {
		var got []trace.Event
		got, reached, _ = p.Next(60*raft.Second, nil)
		for i := range got {
			switch b := got[i].Body.(type) {
			case trace.Accepted:
				if answers++; b.Command != 7 {
					t.Errorf("an answer to the command %d, which nobody gave", b.Command)
				}
			case trace.Refused:
				t.Errorf("the scenario's own command was refused aloud: %s", b.Why)
			}
		}
	}
	failed := 0
	for _, v := range p.Verdicts() {
		if v.Why != "" {
			failed++
		}
	}
	if !p.Over() || failed == 0 || answers != 1 {
		t.Errorf("over %v, %d steps failed, %d answers", p.Over(), failed, answers)
	}
}

// A copy made anywhere in a run goes on to the same end, and so does the original beside it.
func TestClone(t *testing.T) {
	const end = 3 * raft.Second
	for _, name := range []string{"figure8", "two-cuts"} {
		p, err := lesson(t, name).Play()
		if err != nil {
			t.Fatal(err)
		}
		var copies []*Player
		for at := raft.Time(0); at < end; at += 97 * raft.Millisecond {
			pull(t, p, at, end, 7)
			copies = append(copies, p.Clone())
		}
		pull(t, p, end, end, 4096)
		events, hash := p.Run()
		for i, c := range copies {
			pull(t, c, end, end, 1+i%50)
			if n, h := c.Run(); n != events || h != hash || c.Over() != p.Over() ||
				!slices.Equal(c.Verdicts(), p.Verdicts()) {
				t.Errorf("%s: copy %d: %d events, hash %016x; the original %d, %016x", name, i, n,
					h, events, hash)
			}
		}
	}
}

// A link that is cut stays so when it is set, in a scenario and in the case that it makes.
func TestCutStays(t *testing.T) {
	s, err := Parse("x", "title t\nnodes 3\ncampaign S1\ncut S1 S2\nlink all delay=20ms\n"+
		"link S1 S2 loss=1%\nrun 300ms\nexpect event dropped because cut and leader S1\n"+
		"expect no event delivered on S2 and last = 0 on S2\nexpect last = 1 on S3")
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Play()
	if err != nil {
		t.Fatal(err)
	}
	for !p.Over() {
		p.advance(forever)
	}
	for _, v := range p.Verdicts() {
		if v.Why != "" {
			t.Errorf("%s: %s", v.Step.Text, v.Why)
		}
	}
	events, hash := p.Run()
	k := p.Case()
	for i := range k.Actions {
		k.Actions[i].Command.Link.Cut = false
	}
	if n, h, err := k.Play(func([]trace.Event) bool { return true }); err != nil || n != events ||
		h != hash {
		t.Errorf("%d events, hash %016x, %v; the scenario %d, %016x", n, h, err, events, hash)
	}
}

// What a scenario says wrongly is told with its line.
func TestFailures(t *testing.T) {
	for _, c := range []struct{ steps, want string }{
		{"campaign S1\nrun until leader S2 within 300ms",
			"x.txt:4: run until leader S2 within 300ms: it did not come to that within 300ms"},
		{"run 100ms\nexpect leader", "x.txt:4: expect leader: it is not so (at 100ms)"},
		{"run 100ms\nexpect term = 0 and leader S3 and quiet",
			"and quiet: leader S3: it is not so"},
		{"restart S1", "x.txt:3: restart S1: S1 is running"},
		{"expect refused kill S1", "x.txt:3: expect refused kill S1: it was not refused"},
	} {
		s, err := Parse("x", "title t\nnodes 3\n"+c.steps)
		if err != nil {
			t.Fatal(err)
		}
		r := played(t, s)
		if err := r.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, not %q", c.steps, err, c.want)
		}
		if !strings.Contains(r.Text(), "FAILED") {
			t.Errorf("%q: the text does not say that it failed:\n%s", c.steps, r.Text())
		}
	}
}

// A property that breaks fails a scenario that does not expect it.
func TestBrokenFails(t *testing.T) {
	text, err := Source("figure8-bug")
	if err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, "expect broken leaderCompleteness", "# nothing")
	s, err := Parse("x", text)
	if err != nil {
		t.Fatal(err)
	}
	if err := played(t, s).Err(); err == nil || !strings.Contains(err.Error(), "is broken") {
		t.Errorf("it is broken, and nobody says so: %v", err)
	}
	s.Steps = s.Steps[:4]
	if err := played(t, s).Err(); err != nil {
		t.Errorf("the first steps alone: %v", err)
	}
}
