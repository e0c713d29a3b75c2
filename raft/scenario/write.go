package scenario

import (
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Text writes the case as a scenario that Parse reads and that does the same. With the name of a
// property it ends when that is broken, and expects it.
func (k *Case) Text(title, broken string) string {
	w := writer{cfg: &k.Config, nodes: k.Config.Nodes}
	w.line("title", title)
	if k.Bug != "" {
		w.line("bug", k.Bug)
	}
	plain := defaults()
	for _, s := range settings() {
		if value := s.write(&k.Config); value != s.write(&plain) || s.name == "nodes" {
			w.line(s.name, value)
		}
	}
	w.b.WriteString("\n")
	for i := 0; i < len(k.Actions); {
		w.wait(k.Actions[i].At)
		i += w.action(k.Actions[i:])
	}
	if broken == "" {
		w.wait(k.End.At)
		return w.b.String()
	}
	within := (max(k.End.At-w.at, 0)/raft.Second + 2) * raft.Second
	w.b.WriteString("run until broken " + broken + " within " + spanText(within) + "\n")
	return w.b.String()
}

// writer writes a scenario.
type writer struct {
	b   strings.Builder
	cfg *sim.Config
	at  raft.Time // where the text is

	nodes int // how many servers there are by then
}

// line writes a setting.
func (w *writer) line(name, value string) {
	w.b.WriteString(name + strings.Repeat(" ", max(1, 10-len(name))) + value + "\n")
}

// wait writes that time passes up to a moment.
func (w *writer) wait(at raft.Time) {
	for at > w.at {
		span := min(at-w.at, maxSpan)
		w.b.WriteString("run " + spanText(span) + "\n")
		w.at += span
	}
}

// action writes the first of some actions, or several as one line, and says how many.
func (w *writer) action(as []sim.Action) int {
	cmd := &as[0].Command
	w.nodes = grown(w.nodes, cmd)
	if n := w.nodes * (w.nodes - 1); cmd.Kind == trace.CommandLink && allLinks(as, n) {
		values := valuesText(linkValues(&cmd.Link, &w.cfg.Link))
		w.b.WriteString(strings.TrimSpace("link all "+values) + "\n")
		return n
	}
	w.b.WriteString(commandText(cmd, w.cfg) + "\n")
	return 1
}

// allLinks reports whether the first n actions set all n links in the same way at one time.
func allLinks(as []sim.Action, n int) bool {
	if len(as) < n {
		return false
	}
	seen := map[[2]raft.NodeID]bool{}
	for i := range n {
		cmd, link := &as[i].Command, as[i].Command.Link
		link.Cut = as[0].Command.Link.Cut
		if cmd.Kind != trace.CommandLink || as[i].At != as[0].At || link != as[0].Command.Link {
			return false
		}
		seen[[2]raft.NodeID{cmd.From, cmd.To}] = true
	}
	return len(seen) == n
}
