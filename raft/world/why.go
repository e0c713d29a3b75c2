package world

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Why says in a few sentences why the cluster is as it is: who leads and by whose votes, or why
// nobody does; what waits to be committed and for what; who is cut off or down. The title is a
// clause without a full stop, and section names the sections of the paper that it rests on.
func Why(s *trace.State, b *trace.Bodies) (title, text, section string) {
	w := whyOf(s)
	switch {
	case len(s.Broken) > 0:
		v := &s.Broken[0]
		return "A promise of Raft is broken", v.Text, v.Section
	case len(w.known) == 0:
		return "Nothing is known yet", "No server has started, and no key frame tells of any.", ""
	}
	if l := w.leader(); l != nil {
		return w.led(l)
	}
	return w.leaderless()
}

// why collects the sentences, and what they are made from.
type why struct {
	s        *trace.State
	voters   []raft.NodeID
	quorum   int
	known    []*trace.NodeState
	up       []*trace.NodeState
	text     []string
	sections []string
}

func whyOf(s *trace.State) *why {
	w := &why{s: s, voters: voters(s)}
	w.quorum = majority(len(w.voters))
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if n.Known {
			w.known = append(w.known, n)
		}
		if up(n) {
			w.up = append(w.up, n)
		}
	}
	return w
}

func (w *why) say(section, format string, args ...any) {
	w.text = append(w.text, fmt.Sprintf(format, args...))
	if section != "" && !slices.Contains(w.sections, section) {
		w.sections = append(w.sections, section)
	}
}

func (w *why) done(title string) (string, string, string) {
	return title, strings.Join(w.text, " "), strings.Join(w.sections, ", ")
}

// ofAll gives 2 of 5.
func (w *why) ofAll(n int) string { return fmt.Sprintf("%d of %d", n, len(w.voters)) }

// leader gives the leader of the highest term that is at work; nil for none.
func (w *why) leader() *trace.NodeState {
	var l *trace.NodeState
	for _, n := range w.up {
		if n.Role == raft.Leader && (l == nil || n.Term > l.Term) {
			l = n
		}
	}
	return l
}

// led tells of a cluster with a leader.
func (w *why) led(l *trace.NodeState) (string, string, string) {
	ids := reach(w.s, l.ID)
	can := len(ids) >= w.quorum
	title := fmt.Sprintf("%v leads term %d", l.ID, l.Term)
	w.votes(l)
	if !can {
		title += " but cannot commit"
		w.alone(l, ids)
		w.rivals()
		return w.done(title)
	}
	old := w.oldLeaders(l)
	waits := w.waits(l)
	away := w.away(ids)
	snapshot := w.snapshots(l)
	if !old && !waits && !away && !snapshot {
		w.calm(l, ids)
	}
	return w.done(title)
}

// votes tells by whose votes a leader leads.
func (w *why) votes(l *trace.NodeState) {
	var ids []raft.NodeID
	for i := range l.Tally {
		if l.Tally[i].Granted {
			ids = insert(ids, l.Tally[i].Peer)
		}
	}
	switch {
	case len(ids) == 0:
		w.say("5.2", "It won its election before this history starts.")
	case len(ids) == 1:
		w.say("5.2", "It voted for itself, %s.", w.ofAll(1))
	case len(ids) > mostNames:
		w.say("5.2", "%s servers voted for it.", w.ofAll(len(ids)))
	default:
		w.say("5.2", "%s voted for it, %s.", names(ids), w.ofAll(len(ids)))
	}
}

// alone tells of a leader that has lost its quorum.
func (w *why) alone(l *trace.NodeState, ids []raft.NodeID) {
	others := without(ids, l.ID)
	if len(others) == 0 {
		w.say("5.3",
			"It reaches nobody; %d of %d are needed, so nothing that it accepts can commit.",
			w.quorum, len(w.voters))
		return
	}
	w.say("5.3",
		"It reaches only %s, so with itself %s; %d are needed, so nothing that it accepts "+
			"can commit.", namesOrCount(others), w.ofAll(len(ids)), w.quorum)
}

// oldLeaders tells of those who still think that they lead an earlier term.
func (w *why) oldLeaders(l *trace.NodeState) bool {
	told := false
	for _, n := range w.up {
		if n.Role != raft.Leader || n == l || n.Term >= l.Term {
			continue
		}
		told = true
		ids := reach(w.s, n.ID)
		others := without(ids, n.ID)
		switch {
		case len(ids) >= w.quorum:
			w.say("5.1",
				"%v still thinks it leads term %d; the first message of term %d ends that.",
				n.ID, n.Term, l.Term)
		case len(others) == 0:
			w.say("5.3",
				"%v still thinks it leads term %d, but reaches nobody, so nothing that it "+
					"accepts can commit.", n.ID, n.Term)
		default:
			w.say("5.3",
				"%v still thinks it leads term %d, but reaches only %s, so nothing that it "+
					"accepts can commit.", n.ID, n.Term, namesOrCount(others))
		}
	}
	return told
}

// waits tells what is in the leader's log and not committed, and what for it waits.
func (w *why) waits(l *trace.NodeState) bool {
	last := l.Log.Last().Index
	if last <= l.Commit {
		return false
	}
	saved := []raft.Index{min(l.SavedLast.Index, last)}
	for i := range l.Progress {
		saved = append(saved, l.Progress[i].Match)
	}
	for len(saved) < len(w.voters) {
		saved = append(saved, 0)
	}
	next, on := l.Commit+1, 0
	for _, i := range saved {
		if i >= next {
			on++
		}
	}
	term, held := l.Log.TermAt(next)
	if held && term < l.Term && on >= w.quorum {
		w.say("5.4.2",
			"%d is on %s servers, but of term %d: it commits with the first entry of term %d.",
			next, w.ofAll(on), term, l.Term)
		return true
	}
	verb, enough := "waits", fmt.Sprintf("and %d are needed", w.quorum)
	if next < last {
		verb = "wait"
	}
	if on >= w.quorum {
		enough = "which is enough"
	}
	w.say("5.3", "%s %s to be committed: %d is saved on %s, %s.", indexes(next, last), verb, next,
		w.ofAll(on), enough)
	return true
}

// away tells whom the leader cannot reach, and that it can do without.
func (w *why) away(ids []raft.NodeID) bool {
	var parts []string
	groups := map[string][]raft.NodeID{}
	for _, id := range w.voters {
		if !slices.Contains(ids, id) {
			how := w.absence(id)
			groups[how] = append(groups[how], id)
		}
	}
	for _, how := range []string{"down", "paused", "silent", "unknown", "cut off"} {
		switch g := groups[how]; len(g) {
		case 0:
		case 1:
			parts = append(parts, fmt.Sprintf("%v is %s", g[0], how))
		default:
			parts = append(parts, fmt.Sprintf("%s are %s", namesOrCount(g), how))
		}
	}
	if len(parts) == 0 {
		return false
	}
	w.say("5.3", "%s; %s remain, and %d are enough.", strings.Join(parts, ", "), w.ofAll(len(ids)),
		w.quorum)
	return true
}

// absence says why a server takes no part.
func (w *why) absence(id raft.NodeID) string {
	n := find(w.s, id)
	switch {
	case n == nil || !n.Known:
		return "unknown"
	case !n.Alive:
		return "down"
	case n.Silent:
		return "silent"
	case n.Paused:
		return "paused"
	}
	return "cut off"
}

// snapshots tells who gets a snapshot and why.
func (w *why) snapshots(l *trace.NodeState) bool {
	for i := range l.Progress {
		p := &l.Progress[i]
		if p.State == raft.Snapshot && p.Index > 0 {
			w.say("7",
				"%v gets a snapshot up to %d, %s of %s so far: the entries that it lacks are "+
					"compacted.", p.Peer, p.Index, size(p.Offset), size(p.Size))
			return true
		}
	}
	return false
}

// calm tells that there is nothing to tell.
func (w *why) calm(l *trace.NodeState, ids []raft.NodeID) {
	with := 0
	for _, id := range ids {
		if n := find(w.s, id); n.Term == l.Term && n.Leader == l.ID {
			with++
		}
	}
	switch {
	case with <= 1 && len(w.voters) > 1:
		w.say("", "Nobody else has heard of it yet.")
	case with < len(w.voters):
		w.say("", "%s, itself included, have heard from it so far.", w.ofAll(with))
	case l.Commit == 0:
		w.say("", "All follow it; nothing is in the log yet.")
	case len(w.voters) == 1:
		w.say("", "Everything up to %d is committed.", l.Commit)
	default:
		w.say("", "All follow it, and everything up to %d is committed.", l.Commit)
	}
}

// leaderless tells why nobody leads.
func (w *why) leaderless() (string, string, string) {
	if len(w.up) < w.quorum {
		w.say("5.2", "%s servers are at work; an election needs %d votes.", w.ofAll(len(w.up)),
			w.quorum)
		return w.done("Nobody can lead")
	}
	if sides := Sides(w.s); sides != nil && !slices.ContainsFunc(sides, canLead) {
		var parts []string
		for i := range sides {
			parts = append(parts, namesOrCount(sides[i].Nodes))
		}
		w.say("5.2", "The cut leaves nobody with %s servers: %s.",
			w.ofAll(w.quorum), strings.Join(parts, " | "))
		return w.done("Nobody can lead")
	}
	if title := w.rivals(); title != "" {
		return w.done(title)
	}
	title := "Nobody leads"
	if gone := w.gone(); gone != "" {
		title = gone
	}
	if n := w.first(); n != nil {
		w.say("5.2", "The first to stand for election is %v, in %s, unless it hears from a leader.",
			n.ID, span(n.Deadline-w.s.At))
	} else {
		w.say("5.2", "Nobody has heard from a leader.")
	}
	return w.done(title)
}

func canLead(side Side) bool { return side.Can }

// rivals tells of those who stand for election or ask whether they would win; the title is that of
// the first, or empty for none.
func (w *why) rivals() (title string) {
	for _, role := range []raft.Role{raft.Candidate, raft.PreCandidate} {
		var who []*trace.NodeState
		for _, n := range w.up {
			if n.Role == role {
				who = append(who, n)
			}
		}
		slices.SortStableFunc(who, func(a, b *trace.NodeState) int {
			return cmp.Compare(b.Term,
				a.Term)
		})
		if len(who) == 0 {
			continue
		}
		if len(who) > 1 && who[1].Term == who[0].Term && role == raft.Candidate {
			title = fmt.Sprintf("%d servers stand for term %d", len(who), who[0].Term)
		}
		for i, n := range who[:min(2, len(who))] {
			w.rival(n, i == 0 && title == "" && len(w.text) == 0)
		}
		if title == "" {
			title = campaignText(who[0])
		}
		return title
	}
	return ""
}

// campaignText says what a candidate does.
func campaignText(n *trace.NodeState) string {
	if n.Role == raft.PreCandidate {
		return fmt.Sprintf("%v asks for pre-votes for term %d", n.ID, n.Term+1)
	}
	return fmt.Sprintf("%v stands for term %d", n.ID, n.Term)
}

// rival tells how far a campaign has come. named says that the title names it.
func (w *why) rival(n *trace.NodeState, named bool) {
	var yes []raft.NodeID
	no := ""
	for i := range n.Tally {
		if t := &n.Tally[i]; t.Granted {
			yes = insert(yes, t.Peer)
		} else {
			no = fmt.Sprintf(" %v said no: %s.", t.Peer, t.Why)
		}
	}
	section, votes, start := "5.2", "votes", campaignText(n)+" and"
	if n.Role == raft.PreCandidate {
		section, votes = "thesis 9.6", "pre-votes"
	}
	if named {
		start = "It"
	}
	by := ""
	if len(yes) > 0 && len(yes) <= mostNames {
		by = " (" + names(yes) + ")"
	}
	w.say(section, "%s has %s %s%s; %d are needed.%s", start, w.ofAll(len(yes)), votes, by,
		w.quorum, no)
	if ids := reach(w.s, n.ID); len(ids) < w.quorum {
		others := "nobody"
		if len(ids) > 1 {
			others = "only " + namesOrCount(without(ids, n.ID))
		}
		w.say(section, "%v reaches %s, so it cannot win.", n.ID, others)
	}
}

// gone says what became of the leader that most still follow; empty if there is none.
func (w *why) gone() string {
	var last *trace.NodeState
	for _, n := range w.up {
		if n.Leader != 0 && n.Leader != n.ID && (last == nil || n.Term > last.Term) {
			last = n
		}
	}
	if last == nil {
		return ""
	}
	return fmt.Sprintf("%v, leader of term %d, is %s", last.Leader, last.Term,
		w.absence(last.Leader))
}

// first gives the server whose time-out ends first.
func (w *why) first() *trace.NodeState {
	var first *trace.NodeState
	for _, n := range w.up {
		if n.Deadline > 0 && (first == nil || n.Deadline < first.Deadline) {
			first = n
		}
	}
	return first
}
