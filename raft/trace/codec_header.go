package trace

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// AppendHeader appends a header.
func AppendHeader(dst []byte, h *Header) []byte {
	p := pass{mode: writing, b: dst, end: len(dst)}
	p.headerFields(h)
	if len(h.Tail) > 0 {
		p.b = append(p.b, h.Tail...)
		p.keep()
	}
	return p.b[:p.end]
}

// DecodeHeader reads what AppendHeader wrote, all of src. What a newer minor version has put at the
// end is kept in Tail. A newer major version is refused.
func DecodeHeader(src []byte) (Header, error) {
	p := pass{mode: reading, b: src, lim: len(src), what: "header"}
	var h Header
	num(&p, "major", &h.Major)
	if p.err == nil && h.Major != Major {
		return Header{}, versionError(h.Major)
	}
	p.off = 0
	p.headerFields(&h)
	h.Tail = p.rest()
	if p.err != nil {
		return Header{}, p.err
	}
	return h, nil
}

// versionError is the sentence that refuses another major version.
func versionError(major uint16) error {
	return say.Errorf("trace: this is a trace of major version %d, and this program reads "+
		"major version %d only", major, Major)
}

func (p *pass) headerFields(h *Header) {
	num(p, "major", &h.Major)
	num(p, "minor", &h.Minor)
	enum(p, "kind", &h.Kind, sourceText)
	enum(p, "clock", &h.Clock, clockText)
	num(p, "caps", &h.Caps)
	num(p, "rules", &h.Rules)
	digest(p, "seed", &h.Seed)
	p.uuid("cluster", &h.Cluster)
	p.headerTexts(h)
	p.span("lag", &h.Lag)
	epoch := raft.Time(h.Epoch)
	if p.span("epoch", &epoch); p.mode != writing {
		set(&h.Epoch, int64(epoch))
	}
	p.span("electionMin", &h.ElectionMin)
	p.span("electionMax", &h.ElectionMax)
	p.span("heartbeat", &h.Heartbeat)
	list(p, "members", &h.Members, mostNodes, (*pass).member)
	if p.mode == writing {
		// A tail would not be found behind fields that were left out.
		if len(h.Tail) > 0 {
			p.keep()
		}
	}
}

func (p *pass) headerTexts(h *Header) {
	p.text("engine", &h.Engine)
	p.text("build", &h.Build)
	p.text("origin", &h.Origin)
	p.text("title", &h.Title)
	p.text("uri", &h.URI)
	p.text("store", &h.Store)
	p.text("machine", &h.Machine)
	p.text("why", &h.Why)
}

// member is one server of a header. What members gain later stands at the header's end.
func (p *pass) member(m *Member) {
	num(p, "id", &m.ID)
	p.text("name", &m.Name)
	p.text("address", &m.Address)
	p.uuid("uuid", &m.UUID)
	p.text("engineId", &m.EngineID)
}

// AppendCommand appends a command.
func AppendCommand(dst []byte, c *Command) []byte {
	p := pass{mode: writing, b: dst, end: len(dst)}
	p.commandFields(c)
	return p.b[:p.end]
}

// DecodeCommand reads what AppendCommand wrote, all of src. A command that is not fully understood
// is an error: half a command is not to be carried out.
func DecodeCommand(src []byte) (Command, error) {
	p := pass{mode: reading, b: src, lim: len(src), what: "command"}
	var c Command
	p.commandFields(&c)
	if p.err == nil && (p.odd || p.off < p.lim) {
		p.fail("it says something that this version does not know")
	}
	if p.err != nil {
		return Command{}, p.err
	}
	return c, nil
}

func (p *pass) commandFields(c *Command) {
	num(p, "id", &c.ID)
	enum(p, "kind", &c.Kind, commandText)
	num(p, "node", &c.Node)
	num(p, "from", &c.From)
	num(p, "to", &c.To)
	p.bool("both", &c.Both)
	p.text("key", &c.Key)
	p.text("value", &c.Value)
	list(p, "groups", &c.Groups, mostNodes, (*pass).group)
	p.link(&c.Link)
	p.change(&c.Change)
	p.disk(&c.Disk)
	p.nodeClock(&c.Clock)
}

func (p *pass) change(c *raft.Change) {
	m := p.open("change")
	p.nodeIDs("vote", &c.Vote)
	p.nodeIDs("learn", &c.Learn)
	p.nodeIDs("remove", &c.Remove)
	p.bool("joint", &c.Joint)
	p.close(m)
}

func (p *pass) disk(d *Disk) {
	m := p.open("disk")
	p.span("slow", &d.Slow)
	p.bool("stuck", &d.Stuck)
	p.bool("full", &d.Full)
	p.bool("failing", &d.Failing)
	enum(p, "damage", &d.Damage, damageText)
	p.close(m)
}

func (p *pass) nodeClock(c *NodeClock) {
	m := p.open("clock")
	drift := raft.Time(c.Drift)
	p.span("skew", &c.Skew)
	p.span("drift", &drift)
	if p.close(m); p.mode == writing {
		return
	}
	if raft.Time(int32(drift)) != drift {
		p.fail("drift is too large")
	}
	set(&c.Drift, int32(drift))
}

func (p *pass) group(g *[]raft.NodeID) { p.nodeIDs("nodes", g) }
