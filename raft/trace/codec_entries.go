package trace

import (
	"bytes"
	"strconv"

	"github.com/raftarium/raftarium/raft"
)

func entryText(k uint8) string {
	switch raft.EntryKind(k) {
	case raft.EntryCommand:
		return "command"
	case raft.EntryNoop:
		return "noop"
	case raft.EntryConfig:
		return "config"
	}
	return "entry " + strconv.Itoa(int(k))
}

// entries is a list of entries, expected to go on behind the given one. Those without bodies, as in
// an event, are written as runs of one term and kind; others one by one.
func (p *pass) entries(name string, es *[]raft.Entry, before raft.Entry) {
	switch p.mode {
	case writing:
		p.writeEntries(*es, before)
	case reading:
		u := p.getUint()
		n := u >> 1
		if n > uint64(min(mostEntries, p.lim-p.off)) {
			p.fail(strconv.FormatUint(n, 10) + " entries are too many")
			return
		}
		if *es = nil; n == 0 {
			return
		}
		s := make([]raft.Entry, n)
		if u&1 == 0 {
			p.readRuns(s, before)
		} else {
			p.readFull(s, before)
		}
		*es = s
	default:
		p.walkEntries(name, es)
	}
}

func (p *pass) writeEntries(es []raft.Entry, before raft.Entry) {
	if len(es) > mostEntries {
		es = es[:mostEntries]
	}
	var full uint64
	for i := range es {
		if len(es[i].Data) > 0 {
			full = 1
			break
		}
	}
	p.putUint(uint64(len(es))<<1 | full)
	switch {
	case len(es) == 0:
		return
	case full == 0:
		p.writeRuns(es, before)
	default:
		p.writeFull(es, before)
	}
	p.keep()
}

func (p *pass) writeRuns(es []raft.Entry, prev raft.Entry) {
	for len(es) > 0 {
		n := 1
		for n < len(es) && es[n].Term == es[0].Term && es[n].Kind == es[0].Kind &&
			es[n].Index == es[n-1].Index+1 {
			n++
		}
		p.putUint(uint64(n))
		p.putUint(zigzag(int64(es[0].Index - prev.Index - 1)))
		p.putUint(zigzag(int64(es[0].Term - prev.Term)))
		p.putUint(uint64(es[0].Kind))
		for _, e := range es[:n] {
			p.putUint(zigzag(int64(e.Pos - prev.Pos)))
			prev = e
		}
		es = es[n:]
	}
}

func (p *pass) readRuns(es []raft.Entry, prev raft.Entry) {
	for len(es) > 0 && p.err == nil {
		n := p.getUint()
		if n == 0 || n > uint64(len(es)) {
			p.fail("a run of entries has a wrong length")
			return
		}
		prev.Index += raft.Index(unzigzag(p.getUint()))
		prev.Term += raft.Term(unzigzag(p.getUint()))
		num(p, "kind", &prev.Kind)
		for i := range es[:n] {
			prev.Index++
			prev.Pos += uint64(unzigzag(p.getUint()))
			es[i] = prev
		}
		es = es[n:]
	}
}

// What an entry's first byte says that is not as expected, and follows.
const (
	entryIndex = 1 << iota
	entryTerm
	entryKind
	entryPos
)

func (p *pass) writeFull(es []raft.Entry, prev raft.Entry) {
	for _, e := range es {
		index := zigzag(int64(e.Index - prev.Index - 1))
		term := zigzag(int64(e.Term - prev.Term))
		pos := zigzag(int64(e.Pos - prev.Pos - uint64(len(prev.Data))))
		at := len(p.b)
		p.b = append(p.b, 0)
		p.putIf(at, entryIndex, index)
		p.putIf(at, entryTerm, term)
		p.putIf(at, entryKind, uint64(e.Kind))
		p.putIf(at, entryPos, pos)
		p.putUint(uint64(len(e.Data)))
		p.b = append(p.b, e.Data...)
		prev = e
	}
}

func (p *pass) putIf(at int, bit byte, v uint64) {
	if v != 0 {
		p.b[at] |= bit
		p.putUint(v)
	}
}

func (p *pass) readFull(es []raft.Entry, prev raft.Entry) {
	from := p.off
	// One copy for all bodies: what is read from may be used again.
	blob := bytes.Clone(p.b[from:p.lim])
	for i := range es {
		if p.err != nil {
			return
		}
		e := raft.Entry{Index: prev.Index + 1, Term: prev.Term,
			Pos: prev.Pos + uint64(len(prev.Data))}
		flags := p.getUint()
		if flags >= entryPos<<1 {
			p.strange()
			return
		}
		if flags&entryIndex != 0 {
			e.Index += raft.Index(unzigzag(p.getUint()))
		}
		if flags&entryTerm != 0 {
			e.Term += raft.Term(unzigzag(p.getUint()))
		}
		if flags&entryKind != 0 {
			num(p, "kind", &e.Kind)
		}
		if flags&entryPos != 0 {
			e.Pos += uint64(unzigzag(p.getUint()))
		}
		if d := p.take(p.getUint()); len(d) > 0 {
			end := p.off - from
			e.Data = blob[end-len(d) : end : end]
		}
		es[i], prev = e, e
	}
}

func (p *pass) walkEntries(name string, es *[]raft.Entry) {
	n := min(p.f.List(name, len(*es)), mostEntries)
	s := *es
	if n != len(s) {
		s = make([]raft.Entry, n)
	}
	for i := range s {
		p.f.Enter("")
		num(p, "index", &s[i].Index)
		num(p, "term", &s[i].Term)
		enum(p, "kind", &s[i].Kind, entryText)
		num(p, "pos", &s[i].Pos)
		p.bytes("data", &s[i].Data)
		p.f.Leave()
	}
	p.f.Leave()
	if n != len(*es) {
		*es = s
	}
}
