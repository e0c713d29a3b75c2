package trace

import "github.com/raftarium/raftarium/raft"

// body goes over the fields of an event's body. Read, it gives the body; nil for a kind that this
// version does not know.
func (p *pass) body(k Kind, b Body) Body {
	switch k {
	case KindDecided:
		v, _ := b.(Decided)
		p.note(&v.Note)
		return done(p, b, v)
	case KindSent:
		v, _ := b.(Sent)
		p.message(&v.Message)
		p.moment("due", &v.Due)
		num(p, "bytes", &v.Bytes)
		return done(p, b, v)
	case KindDelivered:
		v, _ := b.(Delivered)
		p.eventID("msg", &v.Msg)
		num(p, "copy", &v.Copy)
		return done(p, b, v)
	case KindSaved:
		v, _ := b.(Saved)
		num(p, "write", &v.Write)
		num(p, "term", &v.Term)
		num(p, "vote", &v.Vote)
		p.mark("last", &v.Last)
		return done(p, b, v)
	case KindApplied:
		v, _ := b.(Applied)
		num(p, "from", &v.From)
		rel(p, "to", &v.To, v.From)
		num(p, "crc", &v.CRC)
		return done(p, b, v)
	case KindStarted, KindCrashed, KindPaused, KindResumed, KindStopped, KindSaveFailed, KindLoaded:
		return p.lifeBody(k, b)
	case KindDropped, KindDuplicated, KindRescheduled, KindFlow, KindLinkSet, KindDiskSet,
		KindClockSet:
		return p.carryBody(k, b)
	case KindInvoked, KindRequested, KindAnswered, KindReturned:
		return p.clientBody(k, b)
	}
	return p.besideBody(k, b)
}

// done gives back the body that was read. One that was written is not made anew: that would
// allocate.
func done[T Body](p *pass, old Body, v T) Body {
	if p.mode == writing {
		return old
	}
	return v
}

func (p *pass) lifeBody(k Kind, b Body) Body {
	switch k {
	case KindStarted:
		v, _ := b.(Started)
		p.started(&v)
		return done(p, b, v)
	case KindCrashed:
		v, _ := b.(Crashed)
		num(p, "node", &v.Node)
		p.text("why", &v.Why)
		p.bool("stays", &v.Stays)
		num(p, "losing", &v.Losing)
		return done(p, b, v)
	case KindPaused:
		v, _ := b.(Paused)
		num(p, "node", &v.Node)
		return done(p, b, v)
	case KindResumed:
		v, _ := b.(Resumed)
		num(p, "node", &v.Node)
		return done(p, b, v)
	case KindSaveFailed:
		v, _ := b.(SaveFailed)
		num(p, "write", &v.Write)
		p.text("err", &v.Err)
		return done(p, b, v)
	case KindLoaded:
		v, _ := b.(Loaded)
		p.snapshot("snapshot", &v.Snapshot)
		return done(p, b, v)
	}
	return Stopped{}
}

func (p *pass) started(v *Started) {
	p.text("store", &v.Store)
	p.text("machine", &v.Machine)
	p.nodeIDs("members", &v.Members)
	p.bool("restart", &v.Restart)
	num(p, "term", &v.Term)
	num(p, "vote", &v.Vote)
	p.mark("base", &v.Base)
	list(p, "runs", &v.Runs, mostItems, (*pass).run)
	p.snapshot("snapshot", &v.Snapshot)
}

func (p *pass) carryBody(k Kind, b Body) Body {
	switch k {
	case KindDropped:
		v, _ := b.(Dropped)
		p.eventID("msg", &v.Msg)
		enum(p, "why", &v.Why, dropText)
		num(p, "copy", &v.Copy)
		return done(p, b, v)
	case KindDuplicated:
		v, _ := b.(Duplicated)
		p.eventID("msg", &v.Msg)
		num(p, "copy", &v.Copy)
		p.moment("due", &v.Due)
		return done(p, b, v)
	case KindRescheduled:
		v, _ := b.(Rescheduled)
		p.eventID("msg", &v.Msg)
		num(p, "copy", &v.Copy)
		p.moment("due", &v.Due)
		return done(p, b, v)
	case KindFlow:
		v, _ := b.(Flow)
		num(p, "from", &v.From)
		num(p, "to", &v.To)
		enum(p, "class", &v.Class, classText)
		num(p, "count", &v.Count)
		num(p, "bytes", &v.Bytes)
		return done(p, b, v)
	case KindDiskSet:
		v, _ := b.(DiskSet)
		num(p, "node", &v.Node)
		p.disk(&v.Disk)
		return done(p, b, v)
	case KindClockSet:
		v, _ := b.(ClockSet)
		num(p, "node", &v.Node)
		p.nodeClock(&v.Clock)
		return done(p, b, v)
	}
	v, _ := b.(LinkSet)
	num(p, "from", &v.From)
	num(p, "to", &v.To)
	p.link(&v.Link)
	return done(p, b, v)
}

func (p *pass) clientBody(k Kind, b Body) Body {
	switch k {
	case KindInvoked:
		v, _ := b.(Invoked)
		num(p, "client", &v.Client)
		num(p, "node", &v.Node)
		p.text("op", &v.Op)
		p.text("key", &v.Key)
		p.text("value", &v.Value)
		p.moment("due", &v.Due)
		return done(p, b, v)
	case KindRequested:
		v, _ := b.(Requested)
		p.eventID("request", &v.Request)
		p.text("op", &v.Op)
		p.text("key", &v.Key)
		p.text("value", &v.Value)
		return done(p, b, v)
	case KindAnswered:
		v, _ := b.(Answered)
		p.eventID("request", &v.Request)
		enum(p, "outcome", &v.Outcome, outcomeText)
		num(p, "index", &v.Index)
		num(p, "term", &v.Term)
		p.moment("due", &v.Due)
		num(p, "leader", &v.Leader)
		enum(p, "why", &v.Why, reasonText)
		return done(p, b, v)
	}
	v, _ := b.(Returned)
	p.eventID("request", &v.Request)
	num(p, "client", &v.Client)
	enum(p, "outcome", &v.Outcome, outcomeText)
	num(p, "index", &v.Index)
	num(p, "term", &v.Term)
	p.text("value", &v.Value)
	enum(p, "why", &v.Why, reasonText)
	p.bool("retry", &v.Retry)
	return done(p, b, v)
}

// besideBody is for the events that lie beside the run.
func (p *pass) besideBody(k Kind, b Body) Body {
	switch k {
	case KindAccepted:
		v, _ := b.(Accepted)
		num(p, "command", &v.Command)
		return done(p, b, v)
	case KindRefused:
		v, _ := b.(Refused)
		num(p, "command", &v.Command)
		p.text("why", &v.Why)
		return done(p, b, v)
	case KindViolation:
		v, _ := b.(Violation)
		p.violation(&v)
		return done(p, b, v)
	case KindCaption:
		v, _ := b.(Caption)
		p.text("text", &v.Text)
		return done(p, b, v)
	case KindKeyFrame:
		v, _ := b.(KeyFrame)
		p.keyFrame(&v)
		return done(p, b, v)
	case KindMissed:
		v, _ := b.(Missed)
		num(p, "count", &v.Count)
		p.text("why", &v.Why)
		return done(p, b, v)
	case KindSilent:
		v, _ := b.(Silent)
		num(p, "node", &v.Node)
		return done(p, b, v)
	}
	return nil
}

func (p *pass) keyFrame(v *KeyFrame) {
	at, id, cause := p.at, p.id, p.cause
	s := v.State
	if s == nil {
		s = &State{}
	}
	m := p.open("state")
	p.stateFields(s)
	p.close(m)
	p.at, p.id, p.cause = at, id, cause
	p.entries("bodies", &v.Bodies, raft.Entry{})
	if p.mode != writing {
		v.State = s
	}
}
