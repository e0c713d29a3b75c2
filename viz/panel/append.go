package panel

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Append writes the view as one JSON object behind b.
func (v *View) Append(b []byte) []byte {
	w := &writer{b: b}
	w.b = append(w.b, '{')
	v.Source.write(w)
	v.Time.write(w)
	w.textAt("summary", v.Summary)
	v.Checks.write(w)
	writeNodes(w, v.Nodes)
	v.Group.write(w)
	writeLinks(w, v.Links)
	writeViolations(w, v.Violations)
	w.object("why")
	w.textAt("title", v.Why.Title)
	w.textAt("text", v.Why.Text)
	w.textAt("section", v.Why.Section)
	w.close('}')
	v.Log.write(w)
	v.Events.write(w)
	v.Lanes.write(w)
	writeSides(w, v.Sides)
	writeReads(w, v.Reads)
	writeAnswers(w, v.Answers)
	writeBranches(w, v.Branches)
	w.close('}')
	return w.b
}

var capNames = [...]struct {
	cap  trace.Caps
	name string
}{
	{trace.CanKill, "kill"}, {trace.CanPause, "pause"}, {trace.CanCut, "cut"},
	{trace.CanLink, "link"}, {trace.CanPropose, "propose"}, {trace.CanCampaign, "campaign"},
	{trace.CanFork, "fork"}, {trace.CanShare, "share"},
}

func (s *Source) write(w *writer) {
	w.object("source")
	w.textAt("kind", s.Kind.String())
	w.textAt("title", s.Title)
	w.textAt("uri", s.URI)
	w.textAt("engine", s.Engine)
	w.textAt("seed", s.Seed)
	w.textAt("store", s.Store)
	w.textAt("machine", s.Machine)
	w.list("caps")
	for _, c := range capNames {
		if s.Caps&c.cap != 0 {
			w.text(c.name)
		}
	}
	w.close(']')
	w.textAt("why", s.Why)
	w.boolAt("connected", s.Connected)
	w.boolAt("retrying", s.Retrying)
	w.textAt("error", s.Error)
	w.close('}')
}

func (c *Clock) write(w *writer) {
	w.object("time")
	numberAt(w, "at", c.At)
	numberAt(w, "edge", c.Edge)
	numberAt(w, "start", c.Start)
	w.boolAt("live", c.Live)
	w.boolAt("playing", c.Playing)
	w.floatAt("speed", c.Speed)
	w.boolAt("auto", c.Auto)
	numberAt(w, "lag", c.Lag)
	numberAt(w, "events", c.Events)
	w.key("hash")
	if c.Hashed {
		w.text(hex16(c.Hash))
	} else {
		w.null()
	}
	w.boolAt("seeking", c.Seeking)
	w.boolAt("frozen", c.Frozen)
	numberAt(w, "goal", c.Goal)
	w.close('}')
}

func (c *Checks) write(w *writer) {
	w.object("checks")
	numberAt(w, "holds", c.Holds)
	w.list("broken")
	for i := range c.List {
		if k := &c.List[i]; k.Status == Broken {
			w.open('{')
			w.textAt("check", k.Name)
			w.textAt("text", k.Broken)
			w.textAt("section", k.Section)
			w.close('}')
		}
	}
	w.close(']')
	w.list("list")
	for i := range c.List {
		k := &c.List[i]
		w.open('{')
		w.textAt("name", k.Name)
		w.textAt("section", k.Section)
		w.textAt("text", k.Text)
		w.textAt("status", k.Status.String())
		w.close('}')
	}
	w.close(']')
	w.close('}')
}

func writeNodes(w *writer, ns []Node) {
	w.list("nodes")
	for i := range ns {
		ns[i].write(w)
	}
	w.close(']')
}

func (n *Node) write(w *writer) {
	w.open('{')
	numberAt(w, "id", n.ID)
	w.textAt("name", n.Name)
	w.textAt("role", n.Role.String())
	numberAt(w, "term", n.Term)
	w.key("votedFor")
	if n.VotedFor == 0 {
		w.null()
	} else {
		w.number(int64(n.VotedFor))
	}
	numberAt(w, "commitIndex", n.CommitIndex)
	numberAt(w, "lastApplied", n.LastApplied)
	numberAt(w, "lastIndex", n.LastIndex)
	numberAt(w, "snapshotIndex", n.SnapshotIndex)
	w.boolAt("alive", n.Alive)
	w.boolAt("paused", n.Paused)
	w.textAt("store", n.Store)
	w.boolAt("known", n.Known)
	w.boolAt("stays", n.Stays)
	w.textAt("down", n.Down)
	w.textAt("caption", n.Caption)
	w.boolAt("canRestart", n.CanRestart)
	w.textAt("whyNot", n.WhyNot)
	w.boolAt("selected", n.Selected)
	writeConfig(w, &n.Config)
	w.textAt("groupText", n.GroupText)
	w.boolAt("member", n.Member)
	w.boolAt("gone", n.Gone)
	w.boolAt("doubtful", n.Doubtful)
	numberAt(w, "diskMicros", n.Disk.Slow)
	numberAt(w, "skewMicros", n.Clock.Skew)
	numberAt(w, "drift", int64(n.Clock.Drift))
	numberAt(w, "handsTo", n.HandsTo)
	w.floatAt("x", float64(n.X))
	w.floatAt("y", float64(n.Y))
	w.floatAt("r", float64(n.R))
	w.close('}')
}

func writeLinks(w *writer, ls []trace.LinkState) {
	w.list("links")
	for i := range ls {
		l := &ls[i]
		w.open('{')
		numberAt(w, "from", l.From)
		numberAt(w, "to", l.To)
		w.boolAt("cut", l.Link.Cut)
		numberAt(w, "loss", l.Link.Loss)
		numberAt(w, "delayMicros", l.Link.Delay)
		numberAt(w, "jitterMicros", l.Link.Jitter)
		numberAt(w, "duplicate", l.Link.Duplicate)
		numberAt(w, "reorder", l.Link.Reorder)
		w.boolAt("clog", l.Link.Clog)
		w.close('}')
	}
	w.close(']')
}

func writeViolations(w *writer, vs []Violation) {
	w.list("violations")
	for i := range vs {
		w.open('{')
		w.textAt("check", vs[i].Check)
		w.textAt("text", vs[i].Text)
		w.textAt("section", vs[i].Section)
		numberAt(w, "at", vs[i].At)
		w.close('}')
	}
	w.close(']')
}

func (l *Logs) write(w *writer) {
	w.object("log")
	numberAt(w, "from", l.From)
	numberAt(w, "to", l.To)
	numberAt(w, "last", l.Last)
	w.list("rows")
	for i := range l.Rows {
		l.Rows[i].write(w)
	}
	w.close(']')
	numberAt(w, "commit", l.Commit)
	w.textAt("commitText", l.CommitText)
	w.textAt("foot", l.Foot)
	w.list("minimap")
	for _, s := range l.Minimap {
		w.open('{')
		numberAt(w, "from", s.From)
		numberAt(w, "to", s.To)
		numberAt(w, "t", s.Term)
		w.close('}')
	}
	w.close(']')
	w.boolAt("fixed", l.Fixed)
	w.close('}')
}

func (r *LogRow) write(w *writer) {
	w.open('{')
	numberAt(w, "id", r.ID)
	w.boolAt("leader", r.Leader)
	numberAt(w, "base", r.Base)
	numberAt(w, "snapshot", r.Snapshot)
	numberAt(w, "snapshotTerm", r.SnapshotTerm)
	w.list("cells")
	for _, c := range r.Cells {
		w.open('{')
		numberAt(w, "i", c.Index)
		numberAt(w, "t", c.Term)
		w.textAt("c", c.Label)
		numberAt(w, "s", c.Marks)
		w.close('}')
	}
	w.close(']')
	w.close('}')
}

func (e *Events) write(w *writer) {
	w.object("events")
	numberAt(w, "from", e.From)
	w.list("rows")
	for i := range e.Rows {
		r := &e.Rows[i]
		w.open('{')
		numberAt(w, "k", r.K)
		numberAt(w, "at", r.At)
		w.textAt("icon", r.Icon)
		w.textAt("node", r.Name)
		numberAt(w, "nodeId", r.Node)
		w.textAt("text", r.Text)
		w.textAt("section", r.Section)
		if r.Also != "" {
			w.textAt("also", r.Also)
		}
		w.boolAt("current", r.Current)
		w.close('}')
	}
	w.close(']')
	w.close('}')
}

func (l *Lanes) write(w *writer) {
	w.object("lanes")
	numberAt(w, "from", l.From)
	numberAt(w, "to", l.To)
	w.list("nodes")
	for i := range l.Nodes {
		w.open('{')
		numberAt(w, "id", l.Nodes[i].ID)
		w.list("spans")
		for _, s := range l.Nodes[i].Spans {
			w.quad(int64(s.From), int64(s.To), int64(s.Term), int64(s.Kind))
		}
		w.close(']')
		w.close('}')
	}
	w.close(']')
	w.list("faults")
	for _, f := range l.Faults {
		w.open('[')
		w.number(int64(f.From))
		w.number(int64(f.To))
		w.text(f.Name)
		w.close(']')
	}
	w.close(']')
	w.list("marks")
	for _, m := range l.Marks {
		w.open('[')
		w.number(int64(m.At))
		w.text(m.Name)
		w.close(']')
	}
	w.close(']')
	w.close('}')
}

func (w *writer) quad(a, b, c, d int64) {
	w.open('[')
	w.number(a)
	w.number(b)
	w.number(c)
	w.number(d)
	w.close(']')
}

func writeSides(w *writer, ss []Side) {
	w.list("sides")
	for i := range ss {
		s := &ss[i]
		w.open('{')
		w.ids("nodes", s.Nodes)
		numberAt(w, "up", s.Up)
		numberAt(w, "of", s.Of)
		w.boolAt("can", s.Can)
		w.textAt("text", s.Text)
		w.textAt("verdict", s.Verdict)
		w.close('}')
	}
	w.close(']')
}

func (w *writer) ids(key string, ids []raft.NodeID) {
	w.list(key)
	for _, id := range ids {
		w.number(int64(id))
	}
	w.close(']')
}

func writeConfig(w *writer, c *raft.Configuration) {
	w.object("config")
	w.ids("voters", c.Voters)
	w.ids("outgoing", c.Outgoing)
	w.ids("learners", c.Learners)
	w.close('}')
}

func (g *Group) write(w *writer) {
	w.object("group")
	writeConfig(w, &g.Config)
	numberAt(w, "index", g.Index)
	w.textAt("text", g.Text)
	w.close('}')
}

func writeReads(w *writer, rs []Read) {
	w.list("reads")
	for i := range rs {
		r := &rs[i]
		w.open('{')
		numberAt(w, "at", r.At)
		numberAt(w, "node", r.Node)
		w.textAt("key", r.Key)
		w.textAt("value", r.Value)
		w.boolAt("told", r.Told)
		numberAt(w, "index", r.Index)
		w.textAt("outcome", r.Outcome.String())
		w.textAt("why", r.Why)
		w.close('}')
	}
	w.close(']')
}

func writeAnswers(w *writer, as []Answer) {
	w.list("answers")
	for i := range as {
		w.open('{')
		numberAt(w, "ticket", as[i].Ticket)
		w.boolAt("accepted", as[i].Accepted)
		if !as[i].Accepted {
			w.textAt("why", as[i].Why)
		}
		if as[i].Link != "" {
			w.textAt("link", as[i].Link)
		}
		w.close('}')
	}
	w.close(']')
}

func writeBranches(w *writer, bs []Branch) {
	w.list("branches")
	for i := range bs {
		w.open('{')
		w.textAt("name", bs[i].Name)
		w.textAt("what", bs[i].What)
		numberAt(w, "at", bs[i].At)
		w.boolAt("on", bs[i].On)
		w.close('}')
	}
	w.close(']')
}
