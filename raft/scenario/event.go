package scenario

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// watch is what a condition asks of an event.
type watch struct {
	kind    trace.Kind
	note    raft.NoteKind // of Decided
	node    raft.NodeID   // whose event it is: on; 0 for anybody's
	peer    raft.NodeID   // the other server of a note: with
	from    raft.NodeID   // of a message
	to      raft.NodeID   // of a message
	class   string        // of a message
	why     string        // the reason's name, or why a message died
	outcome string        // of Answered, Returned
}

// readEvent takes the name of an event or a note, and what is asked of it.
func readEvent(l *line, s *Scenario) (func(*view) bool, error) {
	w, err := l.watch()
	if err != nil {
		return nil, err
	}
	k := len(s.watches)
	s.watches = append(s.watches, w)
	return func(v *view) bool { return v.seen[k] > 0 }, nil
}

func (l *line) watch() (w watch, err error) {
	name := l.next()
	if w.kind, w.note = eventNamed(name); w.kind == 0 {
		return w, l.choice("event", name, eventNames())
	}
	for err == nil {
		switch word := l.peek(); {
		case word == "on":
			w.node, err = l.skip().server()
		case word == "with":
			w.peer, err = l.skip().server()
		case word == "from" && w.message():
			w.from, err = l.skip().server()
		case word == "to" && w.message():
			w.to, err = l.skip().server()
		case word == "because":
			err = l.skip().because(&w)
		case w.message() && named(classNames(), word):
			w.class = l.next()
		case (w.kind == trace.KindReturned || w.kind == trace.KindAnswered) &&
			named(outcomeNames(), word):
			w.outcome = l.next()
		default:
			return w, nil
		}
	}
	return w, err
}

func (l *line) skip() *line {
	l.next()
	return l
}

// because takes the name of a reason, or why a message died.
func (l *line) because(w *watch) error {
	w.why = l.next()
	if w.kind == trace.KindDropped {
		if !named(dropNames(), w.why) {
			return l.choice("reason for a drop", w.why, dropNames())
		}
		return nil
	}
	if _, ok := raft.ReasonNamed(w.why); !ok || w.why == "" {
		return l.errorf("%s is no reason; there are %s", l.shown(w.why), "logBehindTerm, "+
			"alreadyVoted, higherTerm and the others of raft.Reason")
	}
	return nil
}

// message reports whether the event is about a message.
func (w *watch) message() bool {
	switch w.kind {
	case trace.KindSent, trace.KindDelivered, trace.KindDropped, trace.KindDuplicated:
		return true
	}
	return false
}

// eventNamed finds an event or a note by its name; 0 if there is none.
func eventNamed(name string) (trace.Kind, raft.NoteKind) {
	for _, k := range raft.NoteKinds() {
		if k.String() == name {
			return trace.KindDecided, k
		}
	}
	for _, k := range trace.Kinds() {
		if k.String() == name && k != trace.KindDecided && k.InRun() {
			return k, 0
		}
	}
	return 0, 0
}

func eventNames() []string {
	var names []string
	for _, k := range trace.Kinds() {
		if k != trace.KindDecided && k.InRun() {
			names = append(names, k.String())
		}
	}
	for _, k := range raft.NoteKinds() {
		names = append(names, k.String())
	}
	return names
}

func classNames() []string {
	var names []string
	for c := trace.ClassHeartbeat; c <= trace.ClassOther; c++ {
		names = append(names, c.String())
	}
	return names
}

func outcomeNames() []string {
	return []string{raft.OutcomeOK.String(), raft.OutcomeRefused.String(),
		raft.OutcomeUnknown.String()}
}

func dropNames() []string {
	return []string{trace.DropLoss.String(), trace.DropCut.String(), trace.DropDown.String()}
}

func named(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// matches reports whether an event is what is asked for. s is the state before it.
func (w *watch) matches(ev *trace.Event, s *trace.State) bool {
	if ev.Body.Kind() != w.kind || w.node != 0 && w.node != world.Subject(ev) {
		return false
	}
	switch b := ev.Body.(type) {
	case trace.Decided:
		return b.Note.Kind == w.note && (w.peer == 0 || b.Note.Peer == w.peer) &&
			(w.why == "" || b.Note.Why.Name() == w.why)
	case trace.Sent:
		return w.carries(&b.Message)
	case trace.Delivered:
		return w.carriesFlight(s, b.Msg, b.Copy)
	case trace.Dropped:
		return (w.why == "" || b.Why.String() == w.why) && w.carriesFlight(s, b.Msg, b.Copy)
	case trace.Duplicated:
		return w.carriesFlight(s, b.Msg, 0)
	case trace.Answered:
		return (w.outcome == "" || b.Outcome.String() == w.outcome) &&
			(w.why == "" || b.Why.Name() == w.why)
	case trace.Returned:
		return (w.outcome == "" || b.Outcome.String() == w.outcome) &&
			(w.why == "" || b.Why.Name() == w.why)
	}
	return true
}

// carries reports whether a message is the one that is asked for.
func (w *watch) carries(m *raft.Message) bool {
	return (w.from == 0 || m.From == w.from) && (w.to == 0 || m.To == w.to) &&
		(w.class == "" || trace.ClassOf(m).String() == w.class)
}

// carriesFlight looks the message up: what happens to it on its way names only its number.
func (w *watch) carriesFlight(s *trace.State, msg trace.EventID, number uint32) bool {
	if w.from == 0 && w.to == 0 && w.class == "" {
		return true
	}
	for i := range s.Flights {
		if f := &s.Flights[i]; f.Msg == msg && f.Copy == number {
			return w.carries(&f.Message)
		}
	}
	return false
}
