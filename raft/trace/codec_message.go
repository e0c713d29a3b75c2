package trace

import (
	"strconv"

	"github.com/raftarium/raftarium/raft"
)

// AppendMessage appends a message in full, as servers send it to each other. Its Cause stays with
// the sender and is not written.
func AppendMessage(dst []byte, m *raft.Message) []byte {
	c := *m
	c.Cause = 0
	p := pass{mode: writing, b: dst, end: len(dst)}
	p.messageFields(&c)
	return p.b[:p.end]
}

// DecodeMessage reads what AppendMessage wrote, all of src. The message shares no memory with src.
// Fields that this version does not know are passed over; a body that it does not fully know comes
// as *raft.OtherBody.
func DecodeMessage(src []byte) (raft.Message, error) {
	p := pass{mode: reading, b: src, lim: len(src), what: "message"}
	var m raft.Message
	p.messageFields(&m)
	if p.err != nil {
		return raft.Message{}, p.err
	}
	m.Cause = 0
	return m, nil
}

// Cut gives a message as events hold it: entries cut to index, term, kind and position, a
// snapshot's chunk to nothing. The number is how many bytes were cut away. The message that was
// given is not changed.
func Cut(m raft.Message) (raft.Message, uint32) {
	var bytes int
	switch b := m.Body.(type) {
	case *raft.AppendEntries:
		if len(b.Entries) == 0 {
			break
		}
		c := *b
		c.Entries = make([]raft.Entry, len(b.Entries))
		for i, e := range b.Entries {
			bytes += len(e.Data)
			e.Data = nil
			c.Entries[i] = e
		}
		m.Body = &c
	case *raft.InstallSnapshot:
		c := *b
		bytes = len(c.Data)
		c.Data = nil
		m.Body = &c
	}
	return m, uint32(bytes)
}

// message is a message as a form of its own, within an event or a state.
func (p *pass) message(m *raft.Message) {
	f := p.open("message")
	p.messageFields(m)
	p.close(f)
}

func (p *pass) messageFields(m *raft.Message) {
	sender := EventID{Node: m.From, Boot: m.FromBoot, N: m.ID}
	if p.eventID("sender", &sender); p.mode != writing {
		set(&m.From, sender.Node)
		set(&m.FromBoot, sender.Boot)
		set(&m.ID, sender.N)
	}
	num(p, "to", &m.To)
	num(p, "term", &m.Term)
	num(p, "group", &m.Group)
	p.ref("causeRef", &m.Cause)
	var k raft.BodyKind
	if m.Body != nil {
		k = m.Body.Kind()
	}
	enum(p, "kind", &k, bodyText)
	f := p.open("body")
	switch p.mode {
	case writing:
		p.writeBody(m.Body)
	case reading:
		m.Body = p.readBody(k)
	default:
		p.walkBody(m, k)
	}
	p.close(f)
	num(p, "toBoot", &m.ToBoot)
}

func (p *pass) writeBody(b raft.Body) {
	if o, ok := b.(*raft.OtherBody); ok {
		p.b = append(p.b, o.Raw...)
		p.keep()
		return
	}
	p.bodyFields(b)
}

func (p *pass) readBody(k raft.BodyKind) raft.Body {
	start, odd := p.off, p.odd
	p.odd = false
	b := newBody(k)
	p.bodyFields(b)
	whole := b != nil && !p.odd && p.off == p.lim
	p.odd = odd
	if whole || p.err != nil {
		return b
	}
	p.off = start
	raw := p.rest()
	if k == 0 && raw == nil {
		return nil
	}
	return &raft.OtherBody{Code: k, Raw: raw}
}

func (p *pass) walkBody(m *raft.Message, k raft.BodyKind) {
	other, _ := m.Body.(*raft.OtherBody)
	var raw []byte
	if other != nil {
		raw = other.Raw
	}
	p.bytes("raw", &raw)
	b := m.Body
	if b == nil {
		b = newBody(k)
	}
	if k != 0 && other == nil && (b == nil || len(raw) > 0) {
		b = &raft.OtherBody{Code: k, Raw: raw}
	}
	if m.Body == nil && b != nil {
		m.Body = b
	}
	p.bodyFields(b)
}

// newBody makes an empty body; nil if this version does not know the kind.
func newBody(k raft.BodyKind) raft.Body {
	switch k {
	case raft.KindRequestVote:
		return &raft.RequestVote{}
	case raft.KindRequestVoteReply:
		return &raft.RequestVoteReply{}
	case raft.KindAppendEntries:
		return &raft.AppendEntries{}
	case raft.KindAppendEntriesReply:
		return &raft.AppendEntriesReply{}
	case raft.KindInstallSnapshot:
		return &raft.InstallSnapshot{}
	case raft.KindInstallSnapshotReply:
		return &raft.InstallSnapshotReply{}
	case raft.KindTimeoutNow:
		return &raft.TimeoutNow{}
	case raft.KindReadIndex:
		return &raft.ReadIndex{}
	case raft.KindReadIndexReply:
		return &raft.ReadIndexReply{}
	case raft.KindForeign:
		return &raft.Foreign{}
	}
	return nil
}

// bodyText names the kinds of body.
func bodyText(k uint8) string {
	switch raft.BodyKind(k) {
	case 0:
		return ""
	case raft.KindRequestVote:
		return "requestVote"
	case raft.KindRequestVoteReply:
		return "requestVoteReply"
	case raft.KindAppendEntries:
		return "appendEntries"
	case raft.KindAppendEntriesReply:
		return "appendEntriesReply"
	case raft.KindInstallSnapshot:
		return "installSnapshot"
	case raft.KindInstallSnapshotReply:
		return "installSnapshotReply"
	case raft.KindTimeoutNow:
		return "timeoutNow"
	case raft.KindReadIndex:
		return "readIndex"
	case raft.KindReadIndexReply:
		return "readIndexReply"
	case raft.KindForeign:
		return "foreign"
	}
	return "body " + strconv.Itoa(int(k))
}

func (p *pass) bodyFields(body raft.Body) {
	switch b := body.(type) {
	case *raft.RequestVote:
		num(p, "forTerm", &b.ForTerm)
		num(p, "lastIndex", &b.LastIndex)
		num(p, "lastTerm", &b.LastTerm)
		p.bool("pre", &b.Pre)
		p.bool("transfer", &b.Transfer)
	case *raft.RequestVoteReply:
		num(p, "forTerm", &b.ForTerm)
		p.bool("granted", &b.Granted)
		enum(p, "why", &b.Why, reasonText)
		p.bool("pre", &b.Pre)
		p.bool("doubtful", &b.Doubtful)
	case *raft.AppendEntries:
		num(p, "prevIndex", &b.PrevIndex)
		num(p, "prevTerm", &b.PrevTerm)
		rel(p, "commit", &b.Commit, b.PrevIndex)
		p.entries("entries", &b.Entries, raft.Entry{Index: b.PrevIndex, Term: b.PrevTerm})
		num(p, "round", &b.Round)
		rel(p, "last", &b.Last, b.PrevIndex)
	case *raft.AppendEntriesReply:
		num(p, "match", &b.Match)
		p.bool("success", &b.Success)
		num(p, "rejected", &b.Rejected)
		num(p, "hint", &b.Hint)
		num(p, "hintTerm", &b.HintTerm)
		enum(p, "why", &b.Why, reasonText)
		num(p, "round", &b.Round)
	case *raft.InstallSnapshot:
		p.snapshot("snapshot", &b.Snapshot)
		num(p, "offset", &b.Offset)
		p.bytes("data", &b.Data)
		p.bool("done", &b.Done)
	case *raft.InstallSnapshotReply:
		p.snapshot("snapshot", &b.Snapshot)
		num(p, "next", &b.Next)
		p.bool("installed", &b.Installed)
	case *raft.TimeoutNow:
		num(p, "lastIndex", &b.LastIndex)
	case *raft.ReadIndex:
		num(p, "id", &b.ID)
	case *raft.ReadIndexReply:
		num(p, "id", &b.ID)
		num(p, "index", &b.Index)
		p.bool("granted", &b.Granted)
		enum(p, "why", &b.Why, reasonText)
	case *raft.Foreign:
		p.text("name", &b.Name)
		p.text("class", &b.Class)
		p.text("text", &b.Text)
	}
}
