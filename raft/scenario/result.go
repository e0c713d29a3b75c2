package scenario

import (
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// Result is what a scenario came to.
type Result struct {
	Scenario *Scenario
	Verdicts []Verdict      // of each step
	Checks   []check.Result // of each property of Raft, at the end
	Broken   string         // a property that is broken and was not expected to be, in a sentence
	Actions  []sim.Action   // what was done, by the scenario alone
	At       raft.Time      // when it was over
	Events   uint64         // of the run
	Hash     uint64         // of them
	text     string
}

// Run plays a scenario to its end.
func (s *Scenario) Run() (*Result, error) {
	p, err := s.Play()
	if err != nil {
		return nil, err
	}
	t := teller{p: p}
	p.hook = t.event
	for !p.Over() {
		t.begin()
		for step := p.step; p.step == step; {
			p.advance(forever)
			p.outbox = p.outbox[:0]
		}
		t.end()
	}
	r := &Result{Scenario: s, Verdicts: p.verdicts, Checks: p.checker.Report(),
		At: p.cluster.Now(), Actions: p.cluster.Actions()}
	r.Events, r.Hash = p.cluster.Run()
	if !s.breaks {
		r.Broken = brokenBy(p.checker)
	}
	t.b.WriteString("\n" + standing(p.state) + "\n" + r.verdict() + "\n")
	r.text = t.b.String()
	return r, nil
}

// forever is later than all that a scenario can wait for.
const forever raft.Time = 1 << 60

// Text tells the run for people: each step with what came out, and how the servers stand in the
// end.
func (r *Result) Text() string { return r.text }

// Err says what went otherwise than the scenario says; nil if nothing did.
func (r *Result) Err() error {
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Why != "" {
			return say.Errorf("%s.txt:%d: %s: %s (at %s)", r.Scenario.Name, v.Step.Line,
				v.Step.Text, v.Why, spanText(v.At))
		}
	}
	if r.Broken != "" {
		return say.Errorf("%s.txt: a property of Raft is broken: %s", r.Scenario.Name, r.Broken)
	}
	return nil
}

// verdict gives the last line.
func (r *Result) verdict() string {
	text := "all as expected"
	if err := r.Err(); err != nil {
		text = err.Error()
	}
	return say.Textf("%s, at %s", text, moment(r.At))
}

// moment writes a time as people read a clock.
func moment(t raft.Time) string {
	millis := strconv.FormatInt(int64(t/raft.Millisecond)%1000+1000, 10)
	return say.Textf("%d.%s s", int64(t/raft.Second), millis[1:])
}

// mostLines is how many events are told of one step.
const mostLines = 16

// teller writes down what comes out of each step.
type teller struct {
	p     *Player
	b     strings.Builder
	links []trace.LinkSet // that were just set: several are told in one line
	link  string          // the last of them, in a line of its own
	lines int
	more  int
}

// begin writes the step itself.
func (t *teller) begin() {
	s := &t.p.script.Steps[t.p.step]
	switch {
	case s.Kind == Caption:
		t.b.WriteString("\n" + quoted(s.Text))
	default:
		if t.p.step > 0 && !s.looks() && t.p.script.Steps[t.p.step-1].Kind == Expect {
			t.b.WriteString("\n")
		}
		t.b.WriteString(s.Text + "\n")
	}
	t.lines, t.more = 0, 0
}

// quoted writes a caption in lines of a page's width.
func quoted(text string) string {
	var b strings.Builder
	width := 0
	for _, w := range strings.Fields(text) {
		if width += len(w) + 1; width > 98 || b.Len() == 0 {
			if b.Len() > 0 {
				b.WriteString("\n")
			}
			b.WriteString(">")
			width = len(w) + 1
		}
		b.WriteString(" " + w)
	}
	return b.String() + "\n"
}

// end writes what is left to say of the step.
func (t *teller) end() {
	t.cuts()
	if t.more > 0 {
		t.b.WriteString(say.Textf("      ... and %d more\n", t.more))
	}
	v := &t.p.verdicts[len(t.p.verdicts)-1]
	switch {
	case v.Why != "":
		t.b.WriteString("    FAILED: " + v.Why + "\n")
		t.b.WriteString(standing(t.p.state))
	case v.Refusal != "":
		t.b.WriteString("    refused: " + v.Refusal + "\n")
	case v.Step.Kind == Expect:
		t.b.WriteString("    yes\n")
	}
}

// event writes an event that people want to read.
func (t *teller) event(ev *trace.Event, s *trace.State) {
	if b, ok := ev.Body.(trace.LinkSet); ok {
		if cut := s.Link(b.From, b.To).Cut; cut != b.Link.Cut {
			if len(t.links) > 0 && t.links[0].Link.Cut != b.Link.Cut {
				t.cuts()
			}
			t.links = append(t.links, b)
			t.link = told(ev, s)
			return
		}
	}
	icon := world.IconIn(ev, s)
	if t.cuts(); icon == "" || ev.Body.Kind() == trace.KindStarted && ev.ID.Boot == 1 {
		return
	}
	t.line(told(ev, s))
}

func told(ev *trace.Event, s *trace.State) string {
	return strings.TrimLeft(world.LineIn(ev, s), " ")
}

// cuts writes the links that were just cut or healed.
func (t *teller) cuts() {
	switch len(t.links) {
	case 0:
		return
	case 1:
		t.line(t.link)
	default:
		t.line(say.Textf("%s      %s", moment(t.p.cluster.Now()), world.CutText(t.links)))
	}
	t.links = nil
}

func (t *teller) line(text string) {
	if t.lines++; t.lines > mostLines {
		t.more++
		return
	}
	t.b.WriteString("    " + text + "\n")
}

// standing says how the servers stand, a line each.
func standing(s *trace.State) string {
	var b strings.Builder
	for i := range s.Nodes {
		n := &s.Nodes[i]
		role := n.Role.String()
		switch {
		case !n.Alive:
			role = "down"
		case n.Paused:
			role += ", paused"
		}
		vote := "nobody"
		if n.Vote != 0 {
			vote = n.Vote.String()
		}
		b.WriteString(say.Textf("    %v %s, term %d, vote %s, log %s, commit %d\n", n.ID, role,
			n.Term, vote, world.LogText(&n.Log), n.Commit))
	}
	return b.String()
}
