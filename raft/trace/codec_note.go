package trace

import "github.com/raftarium/raftarium/raft"

func noteText(k uint8) string   { return raft.NoteKind(k).String() }
func reasonText(r uint8) string { return raft.Reason(r).Name() }
func stateText(s uint8) string  { return raft.ProgressState(s).String() }

// note is a note with its length in front: kind, cause, and the fields that raft's table names for
// the kind, in the table's order. One that is not fully understood becomes a NoteOther.
func (p *pass) note(n *raft.Note) {
	m := p.open("note")
	k := n.Kind
	if k == raft.NoteOther {
		k = n.Code
	}
	enum(p, "kind", &k, noteText)
	p.ref("causeRef", &n.Cause)
	switch p.mode {
	case writing:
		if n.Kind == raft.NoteOther {
			p.b = append(p.b, n.Raw...)
			p.keep()
		} else {
			p.noteFields(n, k.Fields())
		}
	case reading:
		p.readNote(n, k)
	default:
		p.walkNote(n, k)
	}
	p.close(m)
}

func (p *pass) readNote(n *raft.Note, k raft.NoteKind) {
	start, odd := p.off, p.odd
	n.Kind, p.odd = k, false
	if k.Known() && k != raft.NoteOther {
		p.noteFields(n, k.Fields())
		if !p.odd && p.off == p.lim {
			p.odd = odd
			return
		}
	}
	p.odd = odd
	if p.err != nil {
		return
	}
	p.off = start
	*n = raft.Note{Kind: raft.NoteOther, Cause: n.Cause, Code: k, Raw: p.rest()}
}

func (p *pass) walkNote(n *raft.Note, k raft.NoteKind) {
	raw := n.Raw
	p.bytes("raw", &raw)
	if len(raw) > 0 || !k.Known() || k == raft.NoteOther {
		if n.Kind != raft.NoteOther {
			*n = raft.Note{Kind: raft.NoteOther, Cause: n.Cause, Code: k, Raw: raw}
		}
		return
	}
	set(&n.Kind, k)
	p.noteFields(n, k.Fields())
}

// noteFields goes over the fields of a kind. To and Next are written relative to From and Match
// where the kind has those.
func (p *pass) noteFields(n *raft.Note, fields raft.NoteField) {
	for rest := fields; rest != 0; rest &= rest - 1 {
		switch f := rest & -rest; f {
		case raft.FieldWhy:
			enum(p, "why", &n.Why, reasonText)
		case raft.FieldTerm:
			num(p, "term", &n.Term)
		case raft.FieldPeer:
			num(p, "peer", &n.Peer)
		case raft.FieldPre:
			p.bool("pre", &n.Pre)
		case raft.FieldIndex:
			num(p, "index", &n.Index)
		case raft.FieldLogTerm:
			num(p, "logTerm", &n.LogTerm)
		case raft.FieldFrom:
			num(p, "from", &n.From)
		case raft.FieldTo:
			rel(p, "to", &n.To, only(fields&raft.FieldFrom != 0, n.From))
		case raft.FieldDigest:
			digest(p, "digest", &n.Digest)
		case raft.FieldPos:
			num(p, "pos", &n.Pos)
		default:
			p.lateNoteField(n, f, fields)
		}
	}
}

func (p *pass) lateNoteField(n *raft.Note, f, fields raft.NoteField) {
	switch f {
	case raft.FieldCount:
		num(p, "count", &n.Count)
	case raft.FieldLeft:
		p.span("left", &n.Left)
	case raft.FieldState:
		enum(p, "state", &n.State, stateText)
	case raft.FieldMatch:
		num(p, "match", &n.Match)
	case raft.FieldNext:
		rel(p, "next", &n.Next, only(fields&raft.FieldMatch != 0, n.Match))
	case raft.FieldOffset:
		num(p, "offset", &n.Offset)
	case raft.FieldSize:
		num(p, "size", &n.Size)
	case raft.FieldEntries:
		before := raft.Entry{Index: only(fields&raft.FieldFrom != 0, n.From) - 1,
			Term: only(fields&raft.FieldTerm != 0, n.Term)}
		p.entries("entries", &n.Entries, before)
	case raft.FieldConfig:
		p.packed("config", &n.Config)
	case raft.FieldRound:
		num(p, "round", &n.Round)
	}
}

// only gives v where there is one.
func only[T ~uint64](is bool, v T) T {
	if is {
		return v
	}
	return 0
}
