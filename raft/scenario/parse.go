package scenario

import (
	"slices"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Parse reads a scenario. Errors name the file, the line, and what may stand there.
func Parse(name, text string) (*Scenario, error) {
	if len(text) > maxText {
		return nil, say.Errorf("%s.txt: a scenario has at most %d bytes", name, maxText)
	}
	p := &parser{s: &Scenario{Name: name, Config: defaults()}, file: name + ".txt"}
	for raw := range strings.SplitSeq(text, "\n") {
		p.number++
		if err := p.line(strings.TrimSpace(raw)); err != nil {
			return nil, err
		}
	}
	if p.s.Title == "" {
		return nil, say.Errorf("%s: a title is missing", p.file)
	}
	if _, err := sim.New(p.s.Config); err != nil {
		return nil, say.Errorf("%s: %w", p.file, err)
	}
	return p.s, nil
}

type parser struct {
	s      *Scenario
	file   string
	number int
	said   []string  // the settings so far
	open   bool      // the last line was of a caption
	span   raft.Time // of the steps so far
	nodes  int       // how many servers there are by now; 0 for as many as at first
}

// line reads one line.
func (p *parser) line(text string) error {
	caption, ok := strings.CutPrefix(text, ">")
	if ok && (caption == "" || caption[0] == ' ') {
		return p.caption(strings.TrimSpace(caption))
	}
	p.open = false
	if text == "" || text[0] == '#' {
		return nil
	}
	l := &line{file: p.file, number: p.number, words: strings.Fields(text),
		nodes: max(p.nodes, p.s.Config.Nodes)}
	if len(p.s.Steps) == 0 {
		if done, err := p.setting(l, text); done || err != nil {
			return err
		}
	}
	step := Step{Line: p.number, Text: strings.Join(l.words, " ")}
	if err := p.step(l, &step); err != nil {
		return err
	}
	if err := l.end(); err != nil {
		return err
	}
	return p.add(l, step)
}

func (p *parser) add(l *line, step Step) error {
	if len(p.s.Steps) == maxSteps {
		return l.errorf("a scenario has at most %d steps", maxSteps)
	}
	if p.span += step.Span; p.span > maxTotal {
		return l.errorf("a scenario takes at most %s", spanText(maxTotal))
	}
	p.s.Steps = append(p.s.Steps, step)
	for i := range step.Commands {
		p.nodes = grown(max(p.nodes, p.s.Config.Nodes), &step.Commands[i])
	}
	return nil
}

// grown gives how many servers there are behind a command: who is wiped is replaced, and a change
// may name a new one.
func grown(nodes int, cmd *trace.Command) int {
	switch cmd.Kind {
	case trace.CommandWipe:
		return min(nodes+1, sim.MaxNodes)
	case trace.CommandChange:
		for _, id := range slices.Concat(cmd.Change.Vote, cmd.Change.Learn) {
			nodes = max(nodes, int(id))
		}
	}
	return nodes
}

// caption adds a line to the caption that is open, or begins one.
func (p *parser) caption(text string) error {
	if p.open {
		last := &p.s.Steps[len(p.s.Steps)-1]
		last.Text = strings.TrimSpace(last.Text + " " + text)
		return nil
	}
	p.open = true
	l := &line{file: p.file, number: p.number}
	return p.add(l, Step{Kind: Caption, Line: p.number, Text: text})
}

// setting reads a line that says how the cluster is; false if the line is no such.
func (p *parser) setting(l *line, text string) (done bool, err error) {
	word := l.peek()
	rest := strings.TrimSpace(strings.TrimPrefix(text, word))
	read := func() error { return p.bug(l, rest) }
	switch word {
	case "title":
		read = func() error { return set(&p.s.Title, rest, l) }
	case "lesson":
		read = func() error { return set(&p.s.Lesson, rest, l) }
	case "section":
		read = func() error { return set(&p.s.Section, rest, l) }
	case "bug":
	default:
		all := settings()
		k := slices.IndexFunc(all, func(s setting) bool { return s.name == word })
		if k < 0 {
			return false, nil
		}
		read = func() error { return all[k].read(l, &p.s.Config) }
	}
	if slices.Contains(p.said, word) {
		return true, l.errorf("%s was said already", word)
	}
	p.said = append(p.said, word)
	l.next()
	if err := read(); err != nil {
		return true, err
	}
	return true, l.end()
}

// set takes the rest of a line as a text.
func set(to *string, rest string, l *line) error {
	if *to, l.words = rest, nil; rest == "" {
		return l.errorf("a text is missing")
	}
	return nil
}

func (p *parser) bug(l *line, name string) error {
	m, ok := mutant.Named(name)
	if !ok {
		return l.choice("bug", name, bugNames())
	}
	l.words = nil
	p.s.Bug = name
	m.Break(&p.s.Config)
	return nil
}

// step reads a line that does something, lets time pass, or expects something.
func (p *parser) step(l *line, step *Step) (err error) {
	word := l.next()
	switch word {
	case "run":
		step.Kind = Run
		return p.run(l, step)
	case "expect":
		if l.accept("refused") {
			step.Refused = true
			return p.command(l, step, l.next())
		}
		step.Kind = Expect
		step.until, err = l.conditions(p.s)
		return err
	}
	return p.command(l, step, word)
}

// command reads a line that does something.
func (p *parser) command(l *line, step *Step, word string) (err error) {
	kind, ok := trace.CommandNamed(word)
	v, known := verbOf(kind)
	if !ok || !known {
		return l.choice(p.what(), word, p.words())
	}
	step.Kind = Do
	step.Commands, err = v.read(l, &p.s.Config)
	return err
}

func (p *parser) run(l *line, step *Step) (err error) {
	if !l.accept("until") {
		step.Span, err = l.span()
		return err
	}
	if step.until, err = l.conditions(p.s); err != nil {
		return err
	}
	if step.Span = maxWithin; l.accept("within") {
		step.Span, err = l.span()
	}
	return err
}

// what says what a line may be.
func (p *parser) what() string {
	if len(p.s.Steps) == 0 {
		return "setting or step"
	}
	return "step"
}

// words lists what a line may begin with.
func (p *parser) words() []string {
	words := []string{">", "run", "expect"}
	for _, v := range verbs() {
		words = append(words, v.kind.String())
	}
	if len(p.s.Steps) == 0 {
		words = append(words, "title", "lesson", "section", "bug")
		for _, s := range settings() {
			words = append(words, s.name)
		}
	}
	return words
}
