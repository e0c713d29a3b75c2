package trace

import "github.com/raftarium/raftarium/raft"

// AppendState appends the state of a key frame.
func AppendState(dst []byte, s *State) []byte {
	p := pass{mode: writing, b: dst, end: len(dst)}
	p.stateFields(s)
	return p.b[:p.end]
}

// DecodeState reads what AppendState wrote, all of src. A server of which something is not
// understood comes as fog: not Known, with its ID.
func DecodeState(src []byte) (*State, error) {
	p := pass{mode: reading, b: src, lim: len(src), what: "state"}
	s := &State{}
	p.stateFields(s)
	if p.err != nil {
		return nil, p.err
	}
	return s, nil
}

func (p *pass) stateFields(s *State) {
	p.span("at", &s.At)
	// Moments within the state are near its own, and no event is a cause here.
	p.at, p.id, p.cause = s.At, EventID{}, EventID{}
	num(p, "events", &s.Events)
	digest(p, "hash", &s.Hash)
	list(p, "nodes", &s.Nodes, mostNodes, (*pass).node)
	list(p, "links", &s.Links, mostItems, (*pass).linkState)
	list(p, "flights", &s.Flights, mostItems, (*pass).flight)
	list(p, "requests", &s.Requests, mostItems, (*pass).request)
	list(p, "broken", &s.Broken, mostItems, (*pass).violation)
	num(p, "missed", &s.Missed)
	num(p, "odd", &s.Odd)
}

func roleText(r uint8) string { return raft.Role(r).String() }

// node is one server; one with an unknown tail is fog.
func (p *pass) node(n *NodeState) {
	odd := p.odd
	p.odd = false
	num(p, "id", &n.ID)
	p.nodeLife(n)
	p.nodeRaft(n)
	p.nodeLog(n)
	p.nodeGroup(n)
	if p.mode == reading && (p.odd || p.off < p.lim) {
		*n = NodeState{ID: n.ID}
		p.odd = true
	}
	p.odd = p.odd || odd
}

func (p *pass) nodeLife(n *NodeState) {
	num(p, "boot", &n.Boot)
	p.bool("known", &n.Known)
	p.bool("alive", &n.Alive)
	p.bool("paused", &n.Paused)
	p.bool("silent", &n.Silent)
	p.bool("stays", &n.Stays)
	p.text("down", &n.Down)
	p.text("store", &n.Store)
	p.text("machine", &n.Machine)
	p.nodeIDs("members", &n.Members)
}

func (p *pass) nodeRaft(n *NodeState) {
	enum(p, "role", &n.Role, roleText)
	num(p, "term", &n.Term)
	num(p, "vote", &n.Vote)
	num(p, "leader", &n.Leader)
	num(p, "commit", &n.Commit)
	num(p, "applied", &n.Applied)
	p.bool("pre", &n.Pre)
	p.moment("deadline", &n.Deadline)
	p.moment("deadlineFrom", &n.DeadlineFrom)
	p.moment("since", &n.Since)
	num(p, "lastN", &n.LastN)
	list(p, "tally", &n.Tally, mostNodes, (*pass).ballot)
	list(p, "progress", &n.Progress, mostNodes, (*pass).progress)
}

func (p *pass) nodeLog(n *NodeState) {
	p.mark("base", &n.Log.Base)
	list(p, "runs", &n.Log.Runs, mostItems, (*pass).run)
	p.snapshot("snapshot", &n.Snapshot)
	m := p.open("incoming")
	num(p, "from", &n.Incoming.From)
	num(p, "index", &n.Incoming.Index)
	num(p, "term", &n.Incoming.Term)
	num(p, "offset", &n.Incoming.Offset)
	num(p, "size", &n.Incoming.Size)
	p.close(m)
	num(p, "savedTerm", &n.SavedTerm)
	num(p, "savedVote", &n.SavedVote)
	p.mark("savedLast", &n.SavedLast)
}

func (p *pass) nodeGroup(n *NodeState) {
	p.packed("config", &n.Config)
	num(p, "configIndex", &n.ConfigIndex)
	num(p, "handsTo", &n.HandsTo)
	p.bool("doubtful", &n.Doubtful)
	p.disk(&n.Disk)
	p.nodeClock(&n.Clock)
}

func (p *pass) run(r *Run) {
	num(p, "from", &r.From)
	rel(p, "to", &r.To, r.From)
	num(p, "term", &r.Term)
	digest(p, "digest", &r.Digest)
	num(p, "pos", &r.Pos)
}

func (p *pass) ballot(b *Ballot) {
	num(p, "peer", &b.Peer)
	p.bool("granted", &b.Granted)
	enum(p, "why", &b.Why, reasonText)
}

func (p *pass) progress(g *Progress) {
	num(p, "peer", &g.Peer)
	enum(p, "state", &g.State, stateText)
	num(p, "match", &g.Match)
	rel(p, "next", &g.Next, g.Match)
	num(p, "index", &g.Index)
	num(p, "offset", &g.Offset)
	num(p, "size", &g.Size)
}

func (p *pass) linkState(l *LinkState) {
	num(p, "from", &l.From)
	num(p, "to", &l.To)
	p.link(&l.Link)
}

func (p *pass) link(l *Link) {
	m := p.open("link")
	p.bool("cut", &l.Cut)
	p.span("delay", &l.Delay)
	p.span("jitter", &l.Jitter)
	num(p, "loss", &l.Loss)
	num(p, "duplicate", &l.Duplicate)
	num(p, "reorder", &l.Reorder)
	p.bool("clog", &l.Clog)
	p.close(m)
}

func (p *pass) flight(f *Flight) {
	p.eventID("msg", &f.Msg)
	// Within the flight its message is like that of the Sent that the flight came from.
	p.id = f.Msg
	p.message(&f.Message)
	p.id = EventID{}
	p.moment("due", &f.Due)
	p.moment("sentAt", &f.SentAt)
	num(p, "bytes", &f.Bytes)
	num(p, "copy", &f.Copy)
	enum(p, "fate", &f.Fate, fateText)
	enum(p, "why", &f.Why, dropText)
	p.moment("fateAt", &f.FateAt)
}

func (p *pass) request(r *Request) {
	p.eventID("id", &r.ID)
	num(p, "client", &r.Client)
	num(p, "node", &r.Node)
	p.text("op", &r.Op)
	p.text("key", &r.Key)
	p.text("value", &r.Value)
	p.moment("at", &r.At)
	p.moment("due", &r.Due)
	p.bool("taken", &r.Taken)
	num(p, "index", &r.Index)
	enum(p, "outcome", &r.Outcome, outcomeText)
	enum(p, "why", &r.Why, reasonText)
	p.moment("endAt", &r.EndAt)
}

func (p *pass) violation(v *Violation) {
	p.text("check", &v.Check)
	p.text("section", &v.Section)
	p.text("text", &v.Text)
	p.nodeIDs("nodes", &v.Nodes)
	list(p, "evidence", &v.Evidence, mostItems, (*pass).evidence)
}

func (p *pass) evidence(id *EventID) { p.eventID("event", id) }
