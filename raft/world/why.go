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
// nobody does; what waits to be committed and for what; who is cut off or down. While the
// configuration is joint it counts both halves; who was removed does not count. The title is a
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
	voters   electorate
	known    []*trace.NodeState
	up       []*trace.NodeState
	text     []string
	sections []string
}

func whyOf(s *trace.State) *why {
	w := &why{s: s, voters: electorateOf(s)}
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

// led tells of a cluster with a leader. It counts as the leader does.
func (w *why) led(l *trace.NodeState) (string, string, string) {
	w.voters = electorateFor(w.s, l)
	ids := reach(w.s, w.voters, l.ID)
	can := w.voters.enough(ids)
	title := fmt.Sprintf("%v leads term %d", l.ID, l.Term)
	w.votes(l)
	w.goesOver()
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

// votes tells by whose votes a leader leads. How many of all they were is not known any more when
// others have votes since.
func (w *why) votes(l *trace.NodeState) {
	ids := granted(l)
	since := changedSince(l)
	share := ", " + w.voters.share(ids, "")
	if since {
		share = ""
	}
	switch {
	case len(ids) == 0:
		w.say("5.2", "It won its election before this history starts.")
	case len(ids) == 1:
		w.say("5.2", "It voted for itself%s.", share)
	case len(ids) > mostNames && since:
		w.say("5.2", "%d servers voted for it.", len(ids))
	case len(ids) > mostNames:
		w.say("5.2", "%s voted for it.", w.voters.share(ids, "servers"))
	default:
		w.say("5.2", "%s voted for it%s.", names(ids), share)
	}
}

// changedSince reports whether a leader's configuration was made in its own term, so that the votes
// were counted by another.
func changedSince(l *trace.NodeState) bool {
	term, held := l.Log.TermAt(l.ConfigIndex)
	return l.ConfigIndex > 0 && held && term == l.Term
}

// goesOver tells of a joint configuration and its two majorities.
func (w *why) goesOver() {
	if w.voters.joint() {
		w.say("6", "The voters change from %s to %s: until that is done, a majority of each "+
			"is needed.", namesOrCount(w.voters.old), namesOrCount(w.voters.now))
	}
}

// alone tells of a leader that has lost its quorum.
func (w *why) alone(l *trace.NodeState, ids []raft.NodeID) {
	others := without(ids, l.ID)
	if len(others) == 0 {
		w.say("5.3", "It reaches nobody; %s are needed, so nothing that it accepts can commit.",
			w.voters.least(""))
		return
	}
	with := ""
	if len(others) < len(ids) {
		with = "with itself "
	}
	w.say("5.3",
		"It reaches only %s, so %s%s; %s are needed, so nothing that it accepts can commit.",
		namesOrCount(others), with, w.voters.share(ids, ""), w.voters.needed(""))
}

// oldLeaders tells of those who still think that they lead an earlier term.
func (w *why) oldLeaders(l *trace.NodeState) bool {
	told := false
	for _, n := range w.up {
		if n.Role != raft.Leader || n == l || n.Term >= l.Term {
			continue
		}
		told = true
		voters := electorateFor(w.s, n)
		ids := reach(w.s, voters, n.ID)
		others := without(ids, n.ID)
		switch {
		case voters.enough(ids):
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
	next := l.Commit + 1
	on := savedOn(l, next)
	term, held := l.Log.TermAt(next)
	if held && term < l.Term && w.voters.enough(on) {
		w.say("5.4.2",
			"%d is on %s, but of term %d: it commits with the first entry of term %d.",
			next, w.voters.share(on, "servers"), term, l.Term)
		return true
	}
	verb, enough := "waits", fmt.Sprintf("and %s are needed", w.voters.needed(""))
	if next < last {
		verb = "wait"
	}
	if w.voters.enough(on) {
		enough = "which is enough"
	}
	w.say("5.3", "%s %s to be committed: %d is saved on %s, %s.", indexes(next, last), verb, next,
		w.voters.share(on, ""), enough)
	return true
}

// away tells whom the leader cannot reach, and that it can do without.
func (w *why) away(ids []raft.NodeID) bool {
	var parts []string
	groups := map[string][]raft.NodeID{}
	for _, id := range w.voters.all() {
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
	w.say("5.3", "%s; %s remain, and %s are enough.", strings.Join(parts, ", "),
		w.voters.share(ids, ""), w.voters.needed(""))
	return true
}

// absence says why a server takes no part.
func (w *why) absence(id raft.NodeID) string {
	n := find(w.s, id)
	switch {
	case !w.voters.has(id):
		return "no voter any more"
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
	var with []raft.NodeID
	for _, id := range ids {
		if n := find(w.s, id); n.Term == l.Term && n.Leader == l.ID {
			with = append(with, id)
		}
	}
	all, itself := len(w.voters.all()), ""
	if w.voters.has(l.ID) {
		itself = ", itself included,"
	}
	switch {
	case len(without(with, l.ID)) == 0 && len(without(w.voters.all(), l.ID)) > 0:
		w.say("", "Nobody else has heard of it yet.")
	case len(with) < all:
		w.say("", "%s%s have heard from it so far.", w.voters.share(with, ""), itself)
	case l.Commit == 0:
		w.say("", "All follow it; nothing is in the log yet.")
	case all == 1:
		w.say("", "Everything up to %d is committed.", l.Commit)
	default:
		w.say("", "All follow it, and everything up to %d is committed.", l.Commit)
	}
}

// leaderless tells why nobody leads.
func (w *why) leaderless() (string, string, string) {
	w.goesOver()
	if work := atWork(w.s, w.voters.all()); !w.voters.enough(work) {
		w.say("5.2", "%s are at work; an election needs %s.", w.voters.share(work, "servers"),
			w.voters.needed("votes"))
		return w.done("Nobody can lead")
	}
	if sides := Sides(w.s); sides != nil && !slices.ContainsFunc(sides, canLead) {
		var parts []string
		for i := range sides {
			parts = append(parts, namesOrCount(sides[i].Nodes))
		}
		w.say("5.2", "The cut leaves nobody with %s: %s.", w.voters.least("servers"),
			strings.Join(parts, " | "))
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

// rivals tells of the voters that stand for election or ask whether they would win; the title is
// that of the first, or empty for none.
func (w *why) rivals() (title string) {
	told := len(w.text)
	for _, role := range []raft.Role{raft.Candidate, raft.PreCandidate} {
		var who []*trace.NodeState
		for _, n := range w.up {
			if n.Role == role && w.voters.has(n.ID) {
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
			w.rival(n, i == 0 && title == "" && told == len(w.text))
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
	voters := electorateFor(w.s, n) // it counts by its own
	yes, no := granted(n), ""
	for i := range n.Tally {
		if t := &n.Tally[i]; !t.Granted {
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
	w.say(section, "%s has %s%s; %s are needed.%s", start, voters.share(yes, votes), by,
		voters.needed(""), no)
	if ids := reach(w.s, voters, n.ID); !voters.enough(ids) {
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

// first gives the voter whose time-out ends first.
func (w *why) first() *trace.NodeState {
	var first *trace.NodeState
	for _, n := range w.up {
		if n.Deadline > 0 && w.voters.has(n.ID) && (first == nil || n.Deadline < first.Deadline) {
			first = n
		}
	}
	return first
}
