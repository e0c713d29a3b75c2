package sim

import (
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// client makes one request after the other. It finds the leader by asking, and repeats a request
// whose outcome it does not know under the same session and number, so that it happens once.
type client struct {
	number  int // from 1
	rand    rng.Rand
	session [16]byte
	seq     uint64
	what    request
	command machine.Command // read, write
	to      raft.NodeID     // transfer
	changes []raft.Change   // change: what is left to be asked for
	person  bool            // a request that somebody made by hand: it is not followed by others
	patient bool            // of a person: it is never given up
	idle    bool            // of a person: the request has ended

	attempt uint64      // counts the tries of all requests; tells a late answer from a fresh one
	target  raft.NodeID // whom it asks
	request trace.EventID
	waiting bool
	since   raft.Time // when the request was first made
}

// request is what a client asks for.
type request uint8

const (
	wantWrite request = iota
	wantRead
	wantTransfer
	wantChange
)

// reply is an answer on its way to a client.
type reply struct {
	answered trace.Answered
	result   string
}

// clientDelay is the way between a client and a node, one way.
const clientDelay = 8 * raft.Millisecond

func (c *Cluster) startClients() {
	for i := range c.cfg.Clients {
		r := c.rand.Split("client", uint64(i))
		cl := client{number: i + 1, rand: r}
		cl.session = uuid(&cl.rand)
		cl.target = c.anybody(&cl.rand)
		c.clients = append(c.clients, cl)
		c.plan(c.cfg.Think+raft.Time(cl.rand.Below(int64(c.cfg.Think))),
			item{kind: dueThink, client: i})
	}
}

// think makes the next request, unless clients rest by now.
func (c *Cluster) think(cl *client) {
	if c.resting() {
		return
	}
	cl.seq++
	keys := [...]string{"x", "y", "z"}
	cl.command = machine.Command{Op: machine.OpPut, Key: keys[cl.rand.Below(3)],
		Value: strconv.FormatInt(cl.rand.Below(10), 10), Session: cl.session, Seq: cl.seq}
	cl.what = wantWrite
	reads := cl.rand.Below(5) == 0 || cl.number <= c.cfg.Readers
	if reads && c.cfg.Machine == "kv" {
		cl.what = wantRead
		cl.command = machine.Command{Op: machine.OpGet, Key: cl.command.Key}
		if c.cfg.ReadAnywhere {
			cl.target = c.anybody(&cl.rand)
		}
	}
	cl.since = c.now
	c.ask(cl)
}

// ask sends the request to the node that the client believes to lead.
func (c *Cluster) ask(cl *client) {
	cl.attempt++
	cl.waiting = true
	due := c.now + clientDelay
	cl.request = c.tell(trace.Clients, trace.EventID{}, trace.Invoked{Client: uint32(cl.number),
		Node: cl.target, Op: cl.op(), Key: cl.key(), Value: cl.value(), Due: due})
	i := cl.number - 1
	c.plan(due, item{kind: dueArrive, node: cl.target, client: i, attempt: cl.attempt})
	c.plan(c.now+c.cfg.Patient, item{kind: dueImpatient, client: i, attempt: cl.attempt})
}

// arrive hands a request to a node. Nobody answers at a node that is down.
func (c *Cluster) arrive(s *server, it *item) {
	cl := &c.clients[it.client]
	if s.host == nil || cl.attempt != it.attempt {
		return
	}
	now, cmd := s.clock.reads(c.now), cl.command
	switch cl.what {
	case wantRead:
		s.host.Read(now, cl.request, cl.op(), cmd.Key, cmd.Encode())
	case wantTransfer:
		s.host.Transfer(now, cl.request, cl.to)
	case wantChange:
		s.host.Change(now, cl.request, cl.changes[0])
	default:
		bytes := cmd.Encode()
		if c.cfg.Machine == "ledger" {
			bytes = []byte(cmd.Key + "=" + cmd.Value)
		}
		s.host.Request(now, cl.request, cl.op(), cmd.Key, cmd.Value, bytes)
	}
	c.do(s)
}

// anybody draws a server.
func (c *Cluster) anybody(r *rng.Rand) raft.NodeID {
	return c.members[r.Below(int64(len(c.members)))]
}

// Answer implements host.Env.
func (e env) Answer(_ raft.Ref, a trace.Answered, result []byte) raft.Time {
	for i := range e.c.clients {
		cl := &e.c.clients[i]
		if cl.waiting && cl.request == a.Request {
			due := e.c.now + clientDelay
			e.c.plan(due, item{kind: dueReturn, client: i, attempt: cl.attempt,
				answer: reply{a, string(result)}})
			return due
		}
	}
	return 0 // nobody waits for it any more
}

// answered takes an answer.
func (c *Cluster) answered(cl *client, it *item) {
	if !cl.waiting || cl.attempt != it.attempt {
		return
	}
	a := it.answer.answered
	r := trace.Returned{Request: a.Request, Client: uint32(cl.number), Outcome: a.Outcome,
		Why: a.Why, Index: a.Index, Term: a.Term, Retry: a.Outcome != raft.OutcomeOK}
	if res, err := machine.DecodeResult([]byte(it.answer.result)); err == nil {
		r.Value = res.Value
	}
	c.tell(trace.Clients, a.Request, r)
	cl.waiting = false
	if a.Outcome == raft.OutcomeOK {
		c.rest(cl)
		return
	}
	if cl.person && (cl.hopeless(a.Why) || cl.once(a.Outcome)) {
		cl.idle = true
		return
	}
	c.turn(cl, a.Leader)
}

// impatient ends the waiting for an answer that does not come: what became of the request is
// unknown.
func (c *Cluster) impatient(cl *client, it *item) {
	if !cl.waiting || cl.attempt != it.attempt {
		return
	}
	c.tell(trace.Clients, cl.request, trace.Returned{Request: cl.request, Client: uint32(cl.number),
		Outcome: raft.OutcomeUnknown, Retry: true})
	cl.waiting = false
	if cl.once(raft.OutcomeUnknown) {
		cl.idle = true
		return
	}
	c.turn(cl, 0)
}

// turn repeats a request at the leader that was named, or at another node. A person's request is
// given up in the end.
func (c *Cluster) turn(cl *client, leader raft.NodeID) {
	switch {
	case leader != 0 && leader != cl.target:
		cl.target = leader
	case cl.person: // who sees who leads
		cl.target = c.bestLeader()
	default:
		cl.target = c.anybody(&cl.rand)
	}
	if cl.person && (!cl.patient && c.now-cl.since > 20*c.cfg.Patient || c.tired(cl)) {
		cl.idle = true
		return
	}
	wait := 20*raft.Millisecond + raft.Time(cl.rand.Below(int64(40*raft.Millisecond)))
	c.plan(c.now+wait, item{kind: dueRetry, client: cl.number - 1})
}

// rest plans the next request; a person makes one only.
func (c *Cluster) rest(cl *client) {
	if cl.person {
		c.personDone(cl)
		return
	}
	wait := cl.rand.Between(int64(c.cfg.Think/2), int64(3*c.cfg.Think/2))
	c.plan(c.now+raft.Time(wait), item{kind: dueThink, client: cl.number - 1})
}
