package world

import (
	"fmt"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Describe draws a state as text: a line for each server, message and request. b adds what the last
// entry of each log is; it may be nil.
func Describe(s *trace.State, b *trace.Bodies) string {
	var d strings.Builder
	fmt.Fprintf(&d, "at %s, %s, hash %016x\n", moment(s.At), count(s.Events, "event", "events"),
		s.Hash)
	for i := range s.Nodes {
		d.WriteString(strings.TrimRight(describeNode(s, b, &s.Nodes[i]), " "))
		d.WriteByte('\n')
	}
	for i := range s.Links {
		if l := &s.Links[i]; l.Link.Cut {
			fmt.Fprintf(&d, "link    %v > %v  cut\n", l.From, l.To)
		}
	}
	for i := range s.Flights {
		d.WriteString(describeFlight(s, &s.Flights[i]))
	}
	for i := range s.Requests {
		d.WriteString(describeRequest(s, &s.Requests[i]))
	}
	for i := range s.Broken {
		fmt.Fprintf(&d, "broken  %s: %s\n", s.Broken[i].Check, s.Broken[i].Text)
	}
	if s.Missed > 0 {
		fmt.Fprintf(&d, "missed  %s\n", count(s.Missed, "event", "events"))
	}
	if s.Odd > 0 {
		fmt.Fprintf(&d, "odd     %s not understood\n", count(s.Odd, "event", "events"))
	}
	return d.String()
}

func describeNode(s *trace.State, b *trace.Bodies, n *trace.NodeState) string {
	if !n.Known {
		return fmt.Sprintf("%-4v unknown", n.ID)
	}
	var d strings.Builder
	fmt.Fprintf(&d, "%-4v %-12s term %-3d vote %-3s ", n.ID, standing(n), n.Term, voteText(n.Vote))
	if n.Role != raft.Leader && n.Leader != 0 {
		fmt.Fprintf(&d, "of %-3v ", n.Leader)
	} else {
		d.WriteString("       ")
	}
	fmt.Fprintf(&d, "log %-20s commit %-4d applied %-4d saved %-4d", LogText(&n.Log), n.Commit,
		n.Applied, n.SavedLast.Index)
	if n.Snapshot.Index > 0 {
		fmt.Fprintf(&d, " snapshot %d", n.Snapshot.Index)
	}
	if n.Incoming.Size > 0 {
		fmt.Fprintf(&d, " gets %d of %d bytes of %d", n.Incoming.Offset, n.Incoming.Size,
			n.Incoming.Index)
	}
	if n.Deadline > 0 && up(n) {
		fmt.Fprintf(&d, " election in %s", span(n.Deadline-s.At))
	}
	if n.Role != raft.Leader && len(n.Tally) > 0 {
		d.WriteString(" has " + electorateFor(s, n).share(granted(n), ""))
	}
	d.WriteString(lastText(b, n))
	return d.String()
}

// standing says what a server is: its role, or why it takes no part.
func standing(n *trace.NodeState) string {
	switch {
	case !n.Alive && n.Down != "":
		return "down:" + n.Down
	case !n.Alive:
		return "down"
	case n.Silent:
		return "silent"
	case n.Paused:
		return "paused"
	}
	return n.Role.String()
}

func voteText(id raft.NodeID) string {
	if id == 0 {
		return "-"
	}
	return id.String()
}

// LogText gives a log as runs of one term: 1-3@1 4@2; [8] stands for a compacted beginning up to 8.
func LogText(l *trace.Log) string {
	var parts []string
	if l.Base.Index > 0 {
		parts = append(parts, fmt.Sprintf("[%d@%d]", l.Base.Index, l.Base.Term))
	}
	for _, r := range l.Runs {
		if r.From == r.To {
			parts = append(parts, fmt.Sprintf("%d@%d", r.From, r.Term))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d@%d", r.From, r.To, r.Term))
		}
	}
	if len(parts) == 0 {
		return "empty"
	}
	return strings.Join(parts, " ")
}

// lastText says what the last entry of a log is, where its body is known.
func lastText(b *trace.Bodies, n *trace.NodeState) string {
	last := n.Log.Last()
	if b == nil || last.Index == 0 {
		return ""
	}
	e, known := b.Get(last.Index, last.Term)
	switch {
	case !known:
		return ""
	case e.Kind == raft.EntryNoop:
		return fmt.Sprintf(" (%d is empty)", last.Index)
	}
	return fmt.Sprintf(" (%d has %s)", last.Index, size(uint64(len(e.Data))))
}

func describeFlight(s *trace.State, f *trace.Flight) string {
	m := &f.Message
	text := fmt.Sprintf("message %v > %v  term %d  %s", m.From, m.To, m.Term, MessageText(m))
	if f.Copy > 0 {
		text += fmt.Sprintf("  copy %d", f.Copy)
	}
	switch {
	case f.Fate == trace.Died:
		text += fmt.Sprintf("  died %s ago: %v", span(s.At-f.FateAt), f.Why)
	case f.Due > 0:
		text += "  due in " + span(f.Due-s.At)
	}
	return text + "\n"
}

func describeRequest(s *trace.State, r *trace.Request) string {
	who := "somebody"
	if r.Client > 0 {
		who = fmt.Sprintf("client %d", r.Client)
	}
	text := fmt.Sprintf("request %s > %v  %s", who, r.Node, command(r.Op, r.Key, r.Value))
	if r.Index > 0 {
		text += fmt.Sprintf(" at %d", r.Index)
	}
	if r.Outcome == 0 {
		return fmt.Sprintf("%s  waits %s\n", text, span(s.At-r.At))
	}
	text += "  " + r.Outcome.String()
	if r.Why != raft.WhyNone {
		text += ": " + r.Why.String()
	}
	return text + "\n"
}
