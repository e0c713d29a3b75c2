package etcd

import (
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// settleBeats is how many heartbeats a settle waits for: enough for a follower that comes back to
// be found behind, probed and filled.
const settleBeats = 4

// pair drives both engines through the same schedule, and compares them wherever they rest.
type pair struct {
	t        testing.TB
	nodes    int
	engines  [2]cluster   // ours, etcd's
	done     []string     // the lines so far
	named    int          // commands so far
	agreed   []string     // what both had committed when they were last alike
	races    bool         // several terms were about when time last went on
	standing map[int]bool // who was asked to stand since time last went on
	middle   bool         // time stood still in the middle of a round
	lenient  bool         // a race may end differently
	raced    bool         // one has: only safety is compared from here
}

func newPair(t testing.TB, nodes int, guarded bool, rules *raft.Rules) *pair {
	return &pair{t: t, nodes: nodes, standing: map[int]bool{},
		engines: [2]cluster{newOurs(t, nodes, guarded, rules), newTheirs(t, nodes, guarded)}}
}

// run takes a schedule: a line is one thing that happens to both clusters.
//
//	campaign 2         S2 stands for election
//	propose 2 x        a client gives x to S2; without x it makes up a name
//	propose 2 *50      50 commands, one after the other
//	cut 2 | link 2     S2 is cut off from everybody | is so no longer
//	cut 1>2 | link 1>2 what S1 says does not reach S2 any more | does
//	split 12 345       S1 and S2 on one side, the others on the other
//	heal               everybody can talk to everybody
//	crash 2 | start 2  S2 loses what is in memory | goes on from what it saved; 0 means all
//	lazy 2 | sync 2    what S2 asks to save waits | is saved; settle and elapse sync all
//	snapshot 2         S2 takes a snapshot of what it applied, in both engines, and drops the log
//	round              what is on its way arrives, and nothing that follows from it
//	settle             all that is on its way arrives, and a few heartbeats pass
//	elapse             an election time-out passes, and whoever leads counts whom it heard
//	commits 2          a command given to S2 is applied by a majority
//	stuck 2            one given to S2 is applied by nobody
//	holds 2 x          x is in S2's log; lacks 2 x: it is not; applied 2 x: S2 applied it
//	unapplied x        nobody did
//	converged          one leads, and all have applied the same, each engine for itself
//
// Membership changes and transfers of leadership belong here when the core has them.
func (p *pair) run(script string) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = p.report(fmt.Sprintf("an engine gives up: %v\n%s", what, debug.Stack()))
		}
	}()
	for line := range strings.Lines(script) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			p.done = append(p.done, strings.Join(words, " "))
			if err := p.line(words); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pair) line(words []string) error {
	arg := ""
	if len(words) > 1 {
		arg = words[1]
	}
	switch words[0] {
	case "propose":
		return p.propose(arg, words[2:])
	case "settle":
		p.settle()
		return p.compare()
	case "elapse":
		p.elapse()
		return p.compare()
	case "commits", "stuck":
		return p.probe(p.id(arg), words[0] == "commits")
	case "converged":
		return p.converged()
	case "holds", "lacks", "applied", "unapplied":
		return p.expect(words)
	}
	for _, c := range p.engines {
		p.act(c, words[0], arg, words)
	}
	for _, c := range p.engines {
		if err := c.problem(); err != nil {
			return p.report(err.Error())
		}
	}
	return nil
}

// act does to one cluster what needs no comparison.
func (p *pair) act(c cluster, verb, arg string, words []string) {
	switch verb {
	case "campaign":
		c.sync(p.id(arg)) // etcd asks for votes before its term is saved, ours does not
		c.campaign(p.id(arg))
		p.standing[p.id(arg)] = true
	case "cut", "link":
		p.wire(c.net(), arg, verb == "link")
	case "split":
		p.split(c.net(), words[1:])
	case "round":
		c.deliver(true)
		p.middle = true
	case "heal":
		*c.net() = wires{}
	case "lazy":
		p.each(arg, c.lazy)
	case "sync":
		p.each(arg, c.sync)
	case "crash":
		p.each(arg, c.crash)
	case "start":
		p.each(arg, c.start)
	case "snapshot":
		p.each(arg, func(id int) { p.snapshot(c, id) })
	default:
		p.t.Fatalf("the schedule says %q", strings.Join(words, " "))
	}
}

// snapshot lets a server take a snapshot of what it has applied in both engines: after a restart
// etcd knows at once what is committed, ours only when a leader says so.
func (p *pair) snapshot(c cluster, id int) {
	for _, c := range p.engines {
		c.sync(id)
	}
	if at := min(p.engines[0].applied(id), p.engines[1].applied(id)); at > 0 {
		c.snapshot(id, at)
	}
}

func (p *pair) id(word string) int {
	id, err := strconv.Atoi(word)
	if err != nil || id < 1 || id > p.nodes {
		p.t.Fatalf("the schedule names the server %q", word)
	}
	return id
}

// each calls a function for one server, or for all where the schedule says 0.
func (p *pair) each(arg string, do func(int)) {
	if arg != "0" {
		do(p.id(arg))
		return
	}
	for id := 1; id <= p.nodes; id++ {
		do(id)
	}
}

// wire cuts or mends one direction, or all of a server's.
func (p *pair) wire(w *wires, arg string, up bool) {
	if from, to, one := strings.Cut(arg, ">"); one {
		w.set(p.id(from), p.id(to), up)
		return
	}
	for id, other := p.id(arg), 1; other <= p.nodes; other++ {
		w.set(id, other, up)
		w.set(other, id, up)
	}
}

func (p *pair) split(w *wires, sides []string) {
	side := map[int]int{}
	for i, ids := range sides {
		for _, id := range ids {
			side[p.id(string(id))] = i
		}
	}
	for from := 1; from <= p.nodes; from++ {
		for to := 1; to <= p.nodes; to++ {
			w.set(from, to, side[from] == side[to])
		}
	}
}

// propose gives both the same commands; whether they are taken must be alike.
func (p *pair) propose(to string, words []string) error {
	names := []string{""}
	if len(words) > 0 {
		if count, many := strings.CutPrefix(words[0], "*"); many {
			k, err := strconv.Atoi(count)
			if err != nil {
				p.t.Fatalf("the schedule says propose %q", words[0])
			}
			names = make([]string, k)
		} else {
			names[0] = words[0]
		}
	}
	for _, name := range names {
		if name == "" {
			p.named++
			name = "c" + strconv.Itoa(p.named)
		}
		ours, etcd := p.engines[0].propose(p.id(to), name), p.engines[1].propose(p.id(to), name)
		if ours != etcd && !p.raced {
			return p.report(fmt.Sprintf("%s, proposed to S%s: taken %v by ours, %v by etcd",
				name, to, ours, etcd))
		}
	}
	return nil
}

func (p *pair) settle() {
	p.races = p.contested()
	for _, c := range p.engines {
		p.each("0", c.sync)
		c.deliver(false)
		for range settleBeats {
			c.beat()
			c.deliver(false)
		}
	}
}

func (p *pair) elapse() {
	p.races = p.contested()
	for _, c := range p.engines {
		p.each("0", c.sync)
		c.deliver(false)
		c.expire()
		for range electionTicks {
			c.beat()
			c.deliver(false)
		}
	}
}

// probe gives a server a command and looks who has applied it when all is settled.
func (p *pair) probe(id int, want bool) error {
	p.named++
	name := "p" + strconv.Itoa(p.named)
	if err := p.propose(strconv.Itoa(id), []string{name}); err != nil {
		return err
	}
	p.settle()
	if err := p.compare(); err != nil {
		return err
	}
	have := 0
	for i := 1; i <= p.nodes; i++ {
		if all := p.engines[0].view(i).ledger; len(all) > 0 && all[len(all)-1] == name {
			have++
		}
	}
	if committed := have > p.nodes/2; committed != want || !want && have > 0 {
		return p.report(fmt.Sprintf("both agree that %d servers applied what S%d was given, and "+
			"that is not what the schedule expects", have, id))
	}
	return nil
}
