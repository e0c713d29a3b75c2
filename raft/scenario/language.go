package scenario

import (
	"strings"

	"github.com/raftarium/raftarium/raft/mutant"
)

// Language tells all that can be said in a scenario, for people.
func Language() string {
	var b strings.Builder
	head := func(text string) { b.WriteString(text + "\n") }
	row := func(word, text string) { b.WriteString("  " + word + "\n      " + text + "\n") }
	head("Settings, one a line, before the first step")
	row("title TEXT", "a few words; it must be there")
	row("lesson TEXT", "what it teaches, in a sentence")
	row("section 5.2", "of the paper or thesis")
	row("bug NAME", "a rule is broken: one of the list at the end")
	plain := defaults()
	for _, s := range settings() {
		row(s.name+" "+s.write(&plain), s.text)
	}
	head("\nSteps")
	row("> TEXT", "people read it; several such lines are one caption")
	row("run 50ms", "time passes")
	row("run until CONDITION [within 5s]", "time passes until it holds; it fails if that takes "+
		"longer, or 10 s if it does not say")
	row("expect CONDITION", "it must hold here")
	row("expect refused COMMAND", "the command must be refused")
	head("\nCommands")
	for _, v := range verbs() {
		row(strings.TrimSpace(v.kind.String()+" "+v.form), v.text)
	}
	head("\nConditions, joined by and, turned round by no")
	for _, t := range terms() {
		row(strings.TrimSpace(t.name+" "+t.form), t.text)
	}
	head("\nEvents, with: on S1, with S2, because REASON; messages also: a class, from S1,\n" +
		"to S2; returned and answered also: an outcome")
	list(&b, eventNames())
	head("classes of message:")
	list(&b, classNames())
	head("\nBugs")
	for _, m := range mutant.All() {
		row(m.Name, m.Title)
	}
	return b.String()
}

// list writes words in lines of a page's width.
func list(b *strings.Builder, words []string) {
	width := 0
	for i, w := range words {
		switch {
		case i == 0, width+len(w) > 96:
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(" ")
			width = 1
		}
		b.WriteString(" " + w)
		width += len(w) + 1
	}
	b.WriteString("\n")
}
