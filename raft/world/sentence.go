package world

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Sentence tells an event in plain words, and names the section of the paper ("5.2") or thesis
// ("thesis 9.6") that it rests on, or none. The text goes on where the name of Subject's server
// left off; without a subject it is a whole sentence. s is the state just before the event, and
// adds detail; it may be nil, and the state just behind the event does less well but says nothing
// wrong.
func Sentence(ev *trace.Event, s *trace.State) (text, section string) {
	switch b := ev.Body.(type) {
	case trace.Decided:
		return decidedText(ev, &b.Note, s), sectionOf(&b.Note)
	case trace.Sent, trace.Delivered, trace.Dropped, trace.Duplicated, trace.Rescheduled,
		trace.Flow:
		return carriedText(ev, s), ""
	case trace.Invoked, trace.Requested, trace.Answered, trace.Returned:
		return clientText(ev, s), ""
	case trace.Violation:
		return b.Text, b.Section
	case trace.LinkSet:
		return linkText(&b, s), ""
	case trace.Saved, trace.SaveFailed, trace.Applied, trace.Loaded:
		return diskText(ev), ""
	case trace.Started, trace.Crashed, trace.Paused, trace.Resumed, trace.Stopped, trace.Silent:
		return lifeText(ev), ""
	}
	return besideText(ev), ""
}

// Subject gives the server that a sentence is about; 0 if it is about none or several.
func Subject(ev *trace.Event) raft.NodeID {
	switch b := ev.Body.(type) {
	case trace.Crashed:
		return b.Node
	case trace.Paused:
		return b.Node
	case trace.Resumed:
		return b.Node
	case trace.Silent:
		return b.Node
	case trace.Violation, trace.Caption, trace.KeyFrame, trace.Accepted, trace.Refused,
		trace.Missed,
		trace.LinkSet, trace.Dropped, trace.Duplicated, trace.Rescheduled, trace.Flow,
		trace.Invoked,
		trace.Returned:
		return 0
	}
	if server(ev.ID.Node) {
		return ev.ID.Node
	}
	return 0
}

// Line tells an event in one line: its time, its server, its sentence, the section.
func Line(ev *trace.Event) string { return LineIn(ev, nil) }

// LineIn is Line with the detail that the state just before the event adds.
func LineIn(ev *trace.Event, s *trace.State) string {
	text, section := Sentence(ev, s)
	who := ""
	if id := Subject(ev); id != 0 {
		who = id.String()
	}
	if section != "" {
		text += " (" + section + ")"
	}
	return fmt.Sprintf("%9s  %-3s %s", moment(ev.At), who, text)
}

// sectionOf gives the section of a note. Where a reason's own section would lead away from what is
// told, the decision's goes first.
func sectionOf(n *raft.Note) string {
	switch n.Kind {
	case raft.NoteBecamePreCand:
		return "thesis 9.6"
	case raft.NoteBecameCandidate, raft.NoteBecameLeader:
		return "5.2"
	case raft.NoteVoteGranted:
		if n.Pre {
			return "thesis 9.6"
		}
	}
	return n.Section()
}

// lifeText tells of the beginning, the end and the pauses of a server.
func lifeText(ev *trace.Event) string {
	switch b := ev.Body.(type) {
	case trace.Started:
		return startedText(&b)
	case trace.Crashed:
		return crashedText(&b)
	case trace.Paused:
		return "is paused: it keeps all and does nothing"
	case trace.Resumed:
		return "goes on where it was paused"
	case trace.Stopped:
		return "has shut down in good order"
	}
	return "is silent: nobody knows whether it lives"
}

func startedText(b *trace.Started) string {
	verb := "starts"
	if b.Restart {
		verb = "restarts"
	}
	last := b.Base.Index
	if k := len(b.Runs); k > 0 {
		last = b.Runs[k-1].To
	}
	if b.Term == 0 && last == 0 {
		return verb + " with nothing saved"
	}
	vote := "no vote"
	if b.Vote != 0 {
		vote = "its vote for " + b.Vote.String()
	}
	return fmt.Sprintf("%s with what it had saved: term %d, %s, its log up to %d", verb, b.Term,
		vote, last)
}

func crashedText(b *trace.Crashed) string {
	text := "crashes"
	switch b.Why {
	case "killed":
		text = "is killed"
	case "died":
		text = "dies"
	case "broken":
		text = "is taken out of service: an invariant is broken"
	}
	switch {
	case b.Losing > 0:
		text += fmt.Sprintf("; %s under way may be lost", count(b.Losing, "write", "writes"))
	case b.Stays && b.Why != "killed":
		text += "; it stays down until somebody restarts it"
	}
	return text
}

// diskText tells what a host has done for its node.
func diskText(ev *trace.Event) string {
	switch b := ev.Body.(type) {
	case trace.Saved:
		vote := ""
		if b.Vote != 0 {
			vote = ", its vote for " + b.Vote.String()
		}
		return fmt.Sprintf("has saved term %d%s, its log up to %d", b.Term, vote, b.Last.Index)
	case trace.SaveFailed:
		return "cannot save: " + b.Err
	case trace.Applied:
		return "applies " + indexes(b.From, b.To) + " to its state machine"
	case trace.Loaded:
		return fmt.Sprintf("loads the snapshot up to %d into its state machine", b.Snapshot.Index)
	}
	return ""
}

// besideText tells what lies beside the run.
func besideText(ev *trace.Event) string {
	switch b := ev.Body.(type) {
	case trace.Caption:
		return b.Text
	case trace.KeyFrame:
		return "From here all is known again"
	case trace.Missed:
		text := fmt.Sprintf("%s not told here", count(b.Count, "event is", "events are"))
		if server(ev.ID.Node) {
			text += ", of " + ev.ID.Node.String()
		}
		if b.Why != "" {
			text += ": " + b.Why
		}
		return text
	case trace.Accepted:
		return fmt.Sprintf("Command %d is taken", b.Command)
	case trace.Refused:
		return "Refused: " + b.Why
	case nil:
		return "an event that says nothing"
	}
	return fmt.Sprintf("an event of a kind that this version does not know (%d)", ev.Body.Kind())
}

// linkText tells how a link is from now on.
func linkText(l *trace.LinkSet, s *trace.State) string {
	link := fmt.Sprintf("The link from %v to %v", l.From, l.To)
	switch {
	case l.Link.Cut:
		return link + " is cut"
	case s != nil && cut(s, l.From, l.To):
		return link + " is healed"
	}
	text := fmt.Sprintf("%s takes %s", link, span(l.Link.Delay))
	if l.Link.Jitter > 0 {
		text = fmt.Sprintf("%s takes %d to %s", link, l.Link.Delay/raft.Millisecond,
			span(l.Link.Delay+l.Link.Jitter))
	}
	return text + share(", loses ", l.Link.Loss) + share(", doubles ", l.Link.Duplicate) +
		share(", reorders ", l.Link.Reorder)
}

// share gives parts per million as per cent; nothing for none.
func share(text string, ppm uint32) string {
	switch {
	case ppm == 0:
		return ""
	case ppm%10_000 == 0:
		return fmt.Sprintf("%s%d %%", text, ppm/10_000)
	}
	return fmt.Sprintf("%s%d.%02d %%", text, ppm/10_000, ppm%10_000/100)
}

// CutText tells several changes of links in one sentence, as somebody made them at one moment: S1
// and S2 are cut from S3, S4 and S5. Empty for none.
func CutText(links []trace.LinkSet) string {
	if len(links) == 0 {
		return ""
	}
	isCut, mixed := links[0].Link.Cut, false
	var ids []raft.NodeID
	for _, l := range links {
		mixed = mixed || l.Link.Cut != isCut
		ids = append(insert(ids, l.From), l.To)
		ids = insert(ids[:len(ids)-1], l.To)
	}
	if mixed {
		return fmt.Sprintf("%s change", count(len(links), "link", "links"))
	}
	verb := "cut from"
	if !isCut {
		verb = "linked again with"
	}
	if len(links) == 1 {
		return linkText(&links[0], nil)
	}
	if a, b, ok := halves(ids, links); ok {
		is := "are"
		if len(a) == 1 {
			is = "is"
		}
		return fmt.Sprintf("%s %s %s %s", namesOrCount(a), is, verb, namesOrCount(b))
	}
	if isCut {
		return fmt.Sprintf("%d links among %s are cut", len(links), namesOrCount(ids))
	}
	return fmt.Sprintf("%d links among %s are healed", len(links), namesOrCount(ids))
}

// insert puts an id into a sorted list, once.
func insert(ids []raft.NodeID, id raft.NodeID) []raft.NodeID {
	for i, k := range ids {
		if k == id {
			return ids
		}
		if k > id {
			ids = append(ids, 0)
			copy(ids[i+1:], ids[i:])
			ids[i] = id
			return ids
		}
	}
	return append(ids, id)
}

// halves divides servers in two so that the links are all those between the two, both ways; false
// if that cannot be.
func halves(ids []raft.NodeID, links []trace.LinkSet) (a, b []raft.NodeID, ok bool) {
	first := ids[0]
	across := func(x, y raft.NodeID) bool {
		for _, l := range links {
			if l.From == x && l.To == y {
				return true
			}
		}
		return false
	}
	for _, id := range ids {
		if id != first && across(first, id) {
			b = append(b, id)
		} else {
			a = append(a, id)
		}
	}
	if len(links) != 2*len(a)*len(b) {
		return nil, nil, false
	}
	for _, x := range a {
		for _, y := range b {
			if !across(x, y) || !across(y, x) {
				return nil, nil, false
			}
		}
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return a, b, true
}
