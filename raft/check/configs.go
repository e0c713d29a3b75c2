package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// confFact is a configuration that a leader has put into its log.
type confFact struct {
	index raft.Index
	term  raft.Term
	text  raft.Packed // empty where it is not told
	event trace.EventID
}

// maxConfs is how many configurations are remembered.
const maxConfs = 1 << 12

// configMade takes a configuration entry that a leader makes: the one before is committed, so is an
// entry of the leader's term, and majorities of the two overlap.
func (c *Checker) configMade(n *node, note *raft.Note) {
	for i := range note.Entries {
		e := &note.Entries[i]
		if e.Kind != raft.EntryConfig {
			continue
		}
		f := confFact{e.Index, note.Term, raft.Packed(e.Data), c.at}
		k, _ := slices.BinarySearchFunc(c.facts.confs, e.Index,
			func(f confFact, i raft.Index) int {
				if f.index <= i {
					return -1
				}
				return 1
			})
		c.facts.confs = slices.Insert(c.facts.confs, k, f)
		if len(c.facts.confs) > maxConfs {
			c.facts.confs = slices.Delete(c.facts.confs, 0, maxConfs/2)
			c.facts.confsLost = true
		}
		n.confDue = true
		c.configFollows(n, &f)
	}
}

func (c *Checker) configFollows(n *node, f *confFact) {
	if !n.confKnown {
		return
	}
	if n.confIndex > n.commit {
		c.violate(configsOverlap, n, say.Textf("%v made a configuration at index %d while the one "+
			"at %d is not committed.", n.id, f.index, n.confIndex), nil, n.confBy)
		return
	}
	if t, held := n.log.term(n.commit); held && t != n.term {
		c.violate(configsOverlap, n, say.Textf("%v made a configuration at index %d before an "+
			"entry of its term %d is committed.", n.id, f.index, n.term), nil, n.ledBy)
	}
	next, err := f.text.Unpack()
	if err != nil {
		c.blind[configsOverlap] = true
		return
	}
	if !overlap(&n.conf, &next) {
		c.violate(configsOverlap, n, say.Textf("%v went from configuration %s to %s: some of "+
			"their majorities have nobody in common.", n.id, configText(n.conf.Pack()),
			configText(f.text)), next.Voters, n.confBy)
	}
}

// overlap reports whether one configuration may follow another: by one voter, or through a joint
// one that has both.
func overlap(was, next *raft.Configuration) bool {
	switch {
	case was.Joint() && next.Joint():
		return false
	case was.Joint():
		return slices.Equal(was.Voters, next.Voters)
	case next.Joint():
		return slices.Equal(was.Voters, next.Outgoing)
	}
	return differ(was.Voters, next.Voters) <= 1
}

// differ counts who is in one list and not in the other.
func differ(a, b []raft.NodeID) (count int) {
	for _, id := range a {
		if !slices.Contains(b, id) {
			count++
		}
	}
	return count + max(0, len(b)-(len(a)-count))
}

// configUpTo gives the configuration that a server's log has in force at an index, and what made
// it; known is false where not enough was told.
func (c *Checker) configUpTo(n *node, i raft.Index) (text raft.Packed, by trace.EventID,
	known bool) {
	f, known := c.configFact(n, i)
	return f.text, f.event, known
}

// configFact is configUpTo with the index of the entry; 0 is that of the beginning.
func (c *Checker) configFact(n *node, i raft.Index) (f confFact, known bool) {
	for k := len(c.facts.confs) - 1; k >= 0; k-- {
		f := &c.facts.confs[k]
		if f.index > i {
			continue
		}
		term, held := n.log.term(f.index)
		if f.index <= n.log.base.Index {
			at := c.facts.chosenAt(f.index)
			if at < 0 || c.facts.chosen[at].term == 0 {
				return confFact{}, false
			}
			term, held = c.facts.chosen[at].term, true
		}
		if held && term == f.term {
			return *f, f.text != ""
		}
	}
	return confFact{text: n.firstConf}, !c.facts.gap && !c.facts.confsLost
}

// configAtStart takes the configuration that a server starts with. One in its log follows as a
// note.
func (c *Checker) configAtStart(n *node, s *trace.Started) {
	first := raft.Configuration{Voters: slices.Clone(s.Members)}
	n.firstConf = first.Pack()
	n.confKnown = len(s.Members) > 0
	n.conf, n.confText, n.confIndex = first, n.firstConf, s.Snapshot.Index
	n.confBy, n.confDue = c.at, true
	if c.facts.sinceIndex > 0 {
		c.facts.confsLost = true // what was there before is told by nobody
	}
	if s.Snapshot.Config != "" {
		c.snapshotConfig(n, &s.Snapshot)
		c.takeConfig(n, s.Snapshot.Config, s.Snapshot.Index)
	}
}

func (c *Checker) takeConfig(n *node, text raft.Packed, index raft.Index) {
	conf, err := text.Unpack()
	was := n.conf
	n.conf, n.confText, n.confIndex = conf, text, index
	n.confKnown, n.confBy, n.confDue = err == nil, c.at, true
	// Who is dropped and comes back later begins anew.
	n.matches = slices.DeleteFunc(n.matches, func(m matchFact) bool {
		return err == nil && !(conf.Member(m.peer) && was.Member(m.peer))
	})
}

// configSettled looks, when a step is over, whether the configuration that a server told of is the
// newest in its log.
func (c *Checker) configSettled(n *node) {
	n.confDue = false
	if !n.confKnown {
		return
	}
	want, by, known := c.configUpTo(n, n.log.last().Index)
	if known && want != n.confText {
		c.violate(configInForce, n, say.Textf("%v uses configuration %s, and the newest in its "+
			"log is %s.", n.id, configText(n.confText), configText(want)), nil, n.confBy, by)
	}
}

// standing takes one who stands for election: it is a voter, or the removals of it in its log are
// not committed as far as it knows, or the voters have asked it with logs that are behind its own.
func (c *Checker) standing(n *node) {
	if !n.confKnown || n.conf.Voter(n.id) || n.needed {
		return
	}
	for at := n.confIndex; at > n.commit; {
		f, known := c.configFact(n, at-1)
		if before, err := f.text.Unpack(); !known || err == nil && before.Voter(n.id) {
			return
		}
		at = f.index
	}
	c.violate(votersOnly, n, say.Textf("%v stands for election and has no vote in "+
		"configuration %s.", n.id, configText(n.confText)), nil, n.confBy)
}

// configText says a configuration for people.
func configText(p raft.Packed) string {
	conf, err := p.Unpack()
	if err != nil {
		return "unknown"
	}
	text := say.List(conf.Voters)
	if conf.Joint() {
		text = say.Textf("%s and %s", say.List(conf.Outgoing), text)
	}
	if len(conf.Learners) > 0 {
		text = say.Textf("%s with learners %s", text, say.List(conf.Learners))
	}
	return text
}
