package trace

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// The values that many forms hold, and lists.

// The forms of an event's id within an event.
const (
	idCause = 0 // it is the event's cause
	idSelf  = 1 // it is the event itself
	idNone  = 2
	idFull  = 3 // node, boot and number follow
)

// eventID is the id of an event, often the cause of this one.
func (p *pass) eventID(name string, v *EventID) {
	switch p.mode {
	case writing:
		p.putID(*v)
	case reading:
		*v = EventID{}
		switch p.getUint() {
		case idCause:
			*v = p.cause
		case idSelf:
			*v = p.id
		case idNone:
		case idFull:
			num(p, "node", &v.Node)
			num(p, "boot", &v.Boot)
			v.N = p.getUint()
		default:
			p.strange()
		}
	default:
		set(v, p.f.ID(name, *v))
	}
}

func (p *pass) putID(v EventID) {
	switch v {
	case p.cause:
		p.putUint(idCause)
	case p.id:
		p.putUint(idSelf)
	case EventID{}:
		p.putUint(idNone)
	default:
		p.putUint(idFull)
		p.putUint(uint64(v.Node))
		p.putUint(uint64(v.Boot))
		p.putUint(v.N)
	}
}

// strange gives up the innermost form: what follows cannot be told apart.
func (p *pass) strange() {
	p.odd = true
	p.off = p.lim
}

// ref is an input's Ref. Within an event it is mostly the N of the event's cause at the same node,
// which is written as 0; another is written as one more.
func (p *pass) ref(name string, v *raft.Ref) {
	if p.mode == walking {
		num(p, name, v)
		return
	}
	var implied raft.Ref
	if p.cause.Node == p.id.Node && p.cause.Boot == p.id.Boot {
		implied = raft.Ref(p.cause.N)
	}
	var u uint64
	if *v != implied {
		u = uint64(*v) + 1
	}
	if num(p, name, &u); p.mode == writing {
		return
	}
	*v = implied
	if u != 0 {
		*v = raft.Ref(u - 1)
	}
}

// mark is the end of a prefix of a log; the zero mark is one byte.
func (p *pass) mark(name string, v *raft.Mark) {
	if p.mode == walking {
		p.f.Enter(name)
		defer p.f.Leave()
	} else {
		var tag uint8
		if *v != (raft.Mark{}) {
			tag = 1
		}
		if num(p, name, &tag); tag == 0 {
			return
		}
		if tag > 1 {
			p.strange()
			return
		}
	}
	num(p, "index", &v.Index)
	num(p, "term", &v.Term)
	num(p, "pos", &v.Pos)
	digest(p, "digest", &v.Digest)
}

// snapshot names a snapshot.
func (p *pass) snapshot(name string, v *raft.SnapshotRef) {
	m := p.open(name)
	p.mark("mark", &v.Mark)
	num(p, "size", &v.Size)
	num(p, "crc", &v.CRC)
	p.packed("config", &v.Config)
	p.close(m)
}

// packed is a configuration: its own bytes, and for people the servers by name.
func (p *pass) packed(name string, v *raft.Packed) {
	if p.mode != walking {
		b := []byte(*v)
		if p.bytes(name, &b); p.mode == reading {
			*v = raft.Packed(b)
		}
		return
	}
	c, _ := v.Unpack()
	p.f.Enter(name)
	p.nodeIDs("voters", &c.Voters)
	p.nodeIDs("outgoing", &c.Outgoing)
	p.nodeIDs("learners", &c.Learners)
	p.f.Leave()
	if len(c.Voters) == 0 {
		return
	}
	packed := c.Pack()
	if _, err := packed.Unpack(); err != nil {
		p.fail(err.Error()) // people write these by hand
		return
	}
	set(v, packed)
}

// The most that a list may hold. More is written as its newest, and refused when read, so that
// what is read stays in proportion to the bytes that it came in.
const (
	mostNodes   = 4096
	mostItems   = 1 << 17
	mostEntries = 1 << 16
)

// count is the length of a list. No item is shorter than a byte.
func (p *pass) count(name string, n, most int) int {
	switch p.mode {
	case writing:
		n = min(n, most)
		p.putUint(uint64(n))
		return n
	case reading:
		u := p.getUint()
		if u > uint64(min(most, p.lim-p.off)) {
			p.fail(say.Textf("%d %s are too many", u, name))
			return 0
		}
		return int(u)
	}
	return min(p.f.List(name, n), most)
}

// list is items, each a form of its own.
func list[T any](p *pass, name string, v *[]T, most int, item func(*pass, *T)) {
	n := p.count(name, len(*v), most)
	s := *v
	if p.mode == writing {
		s = s[len(s)-n:]
	} else if n != len(s) {
		s = make([]T, 0, min(n, 1024))
	}
	for i := 0; i < n && p.err == nil; i++ {
		if i == len(s) {
			s = append(s, *new(T))
		}
		m := p.open(name)
		item(p, &s[i])
		p.close(m)
	}
	if p.mode == writing {
		if n > 0 {
			p.keep()
		}
		return
	}
	if p.mode == walking {
		p.f.Leave()
	}
	if len(s) != len(*v) {
		*v = s
	}
}

// nodeIDs is a list of servers.
func (p *pass) nodeIDs(name string, v *[]raft.NodeID) {
	n := p.count(name, len(*v), mostNodes)
	s := *v
	if p.mode == writing {
		s = s[len(s)-n:]
	} else if n != len(s) {
		s = make([]raft.NodeID, n)
	}
	for i := range s {
		num(p, "", &s[i])
	}
	if p.mode == writing {
		if n > 0 {
			p.keep()
		}
		return
	}
	if p.mode == walking {
		p.f.Leave()
	}
	if n != len(*v) {
		*v = s
	}
}
