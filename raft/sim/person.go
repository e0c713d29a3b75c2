package sim

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
)

// A person makes one request by hand and repeats it until it is done, or until that is hopeless. A
// supervisor, which replaces servers that are gone, is one who is patient.

// person gives somebody who makes no request just now.
func (c *Cluster) person(what request) *client {
	k := 0
	for k < len(c.clients) && !(c.clients[k].person && c.clients[k].idle) {
		k++
	}
	if k == len(c.clients) {
		r := c.rand.Split("person", uint64(k))
		c.clients = append(c.clients, client{number: k + 1, rand: r, person: true})
		c.clients[k].session = uuid(&c.clients[k].rand)
	}
	cl := &c.clients[k]
	cl.seq++
	cl.what, cl.idle, cl.patient, cl.since = what, false, false, c.now
	cl.command, cl.to, cl.changes = machine.Command{}, 0, nil
	return cl
}

// askAt makes a person's request at a node or, with 0, at the leader that is known best.
func (c *Cluster) askAt(cl *client, node raft.NodeID) {
	if cl.target = node; node == 0 {
		cl.target = c.bestLeader()
	}
	c.ask(cl)
}

// propose writes a value for a person.
func (c *Cluster) propose(node raft.NodeID, key, value string) {
	cl := c.person(wantWrite)
	cl.command = machine.Command{Op: machine.OpPut, Key: key, Value: value, Session: cl.session,
		Seq: cl.seq}
	c.askAt(cl, node)
}

// readKey reads a value for a person.
func (c *Cluster) readKey(node raft.NodeID, key string) {
	cl := c.person(wantRead)
	cl.command = machine.Command{Op: machine.OpGet, Key: key}
	c.askAt(cl, node)
}

// transfer asks for another leader.
func (c *Cluster) transfer(to raft.NodeID) {
	cl := c.person(wantTransfer)
	cl.to = to
	c.askAt(cl, 0)
}

// change asks for another configuration. Servers that it names and that are not there yet are made.
func (c *Cluster) change(ch raft.Change) {
	for range c.newcomers(&ch) {
		c.newServer()
	}
	cl := c.person(wantChange)
	cl.changes = []raft.Change{ch}
	c.askAt(cl, 0)
}

// supervise asks for changes, one after the other, until they are made.
func (c *Cluster) supervise(changes ...raft.Change) {
	cl := c.person(wantChange)
	cl.patient, cl.changes = true, changes
	c.askAt(cl, 0)
}

// newcomers lists those of a change who are not there yet, sorted.
func (c *Cluster) newcomers(ch *raft.Change) []raft.NodeID {
	ids := slices.DeleteFunc(slices.Concat(ch.Vote, ch.Learn), c.known)
	slices.Sort(ids)
	return ids
}

// personDone ends a person's request, or goes on to what was to be asked for next.
func (c *Cluster) personDone(cl *client) {
	if cl.what == wantChange && len(cl.changes) > 1 {
		cl.changes = cl.changes[1:]
		cl.since = c.now
		c.ask(cl)
		return
	}
	cl.idle = true
}

// retry repeats a request. A change is given up when somebody who should take part is gone.
func (c *Cluster) retry(cl *client) {
	if cl.what == wantChange {
		ch := &cl.changes[0]
		if slices.ContainsFunc(slices.Concat(ch.Vote, ch.Learn), func(id raft.NodeID) bool {
			return c.server(id).gone != ""
		}) {
			cl.idle = true
			return
		}
	}
	c.ask(cl)
}

// hopeless reports whether a request that was refused so would always be.
func (cl *client) hopeless(why raft.Reason) bool {
	switch why {
	case raft.WhyCannotBe, raft.WhyNoVoters:
		return true
	case raft.WhyTooSlow, raft.WhyTooMany:
		return cl.what == wantChange && !cl.patient
	case raft.WhyNotVoter, raft.WhyUnreachable, raft.WhyInstalling, raft.WhyTimeout:
		return cl.what == wantTransfer
	}
	return false
}

// tired reports whether a person asks no more: when clients rest persons do, but for what they
// began since.
func (c *Cluster) tired(cl *client) bool {
	return c.resting() && cl.since < c.cfg.Rest || cl.what == wantChange && c.lateForChange()
}

// once reports whether a request must not be repeated: for another leader nobody asks again who
// does not know whether the first wish was fulfilled.
func (cl *client) once(o raft.Outcome) bool {
	return cl.what == wantTransfer && o == raft.OutcomeUnknown
}

// op, key and value say a request for people.
func (cl *client) op() string {
	return [...]string{cl.command.Op.String(), "get", "transfer", "change"}[cl.what]
}

func (cl *client) key() string {
	if cl.what == wantTransfer {
		return cl.to.String()
	}
	return cl.command.Key
}

func (cl *client) value() string {
	if cl.what == wantChange {
		return host.ChangeText(&cl.changes[0])
	}
	return cl.command.Value
}

// bestLeader gives the leader of the highest term, else any node that is up.
func (c *Cluster) bestLeader() raft.NodeID {
	best, term := c.members[0], raft.Term(0)
	for i := range c.servers {
		s := &c.servers[i]
		if s.host == nil {
			continue
		}
		st := s.host.Node().Status()
		switch {
		case st.Role == raft.Leader && st.Term >= term:
			best, term = s.id, st.Term
		case term == 0 && c.server(best).host == nil:
			best = s.id
		}
	}
	return best
}
