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
	t testing.TB
	setup
	engines  [2]cluster   // ours, etcd's
	done     []string     // the lines so far
	named    int          // commands so far
	agreed   []string     // what both had committed when they were last alike
	races    bool         // several terms were about when time last went on
	standing map[int]bool // who was asked to stand since time last went on
	middle   bool         // time stood still in the middle of a round
	lenient  bool         // a race may end differently
	raced    bool         // one has: only safety is compared from here
	quiet    bool         // nothing has happened since both were at rest, but for reads
	last     verdict      // on the last wish, of ours
	waiting  *promotion
	reads    []*reading
	joined   map[int]bool // who once took no part
	handing  int          // rests for which a transfer that came to nothing still matters
	passes   bool         // since both were at rest leadership was meant to pass on
	mended   bool         // since then a link or a server came back
	adrift   bool         // something made leaders count at other times whom they heard
}

func newPair(t testing.TB, s setup, rules *raft.Rules) *pair {
	if s.members == 0 {
		s.members = s.nodes
	}
	return &pair{t: t, setup: s, standing: map[int]bool{}, joined: map[int]bool{},
		engines: [2]cluster{newOurs(t, s, rules), newTheirs(t, s)}}
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
// Where a server is asked for something 0 means whoever leads, if anybody does.
//
//	change 1 vote 4    S1 is asked to make S4 a voter; or learn 4, remove 4, or several of them,
//	                   which goes by joint consensus, as it does where the word joint is there
//	transfer 1 3       S1 is asked to hand over leadership to S3
//	read 2             a client reads at S2
//	taken | refused    what became of the last change or transfer at once
//	members 123 4      the committed configuration has the voters S1 to S3 and S4 as a learner
//	leads 2            S2 leads; 0: nobody does
//	answered 2         both engines have answered the last read at S2; unanswered 2: neither has
func (p *pair) run(script string) (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = p.report(fmt.Sprintf("an engine gives up: %v\n%s", what, debug.Stack()))
		}
	}()
	for line := range strings.Lines(script) {
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			p.disturb(words[0])
			p.done = append(p.done, strings.Join(words, " "))
			if err := p.line(words); err != nil {
				return err
			}
		}
	}
	return nil
}

// disturb takes note that something else happens than reads: then they need not be answered alike.
func (p *pair) disturb(verb string) {
	switch verb {
	case "read", "settle", "elapse":
		return
	}
	p.quiet = false
	for _, r := range p.reads {
		r.quiet = false
	}
}

func (p *pair) line(words []string) error {
	arg := ""
	if len(words) > 1 {
		arg = words[1]
	}
	switch words[0] {
	case "propose":
		return p.propose(arg, words[2:])
	case "settle", "elapse":
		return p.rest(words[0] == "elapse")
	case "change":
		return p.change(arg, words[2:])
	case "transfer":
		return p.transfer(arg, words[2])
	case "read":
		p.read(arg)
		return nil
	case "commits", "stuck":
		return p.probe(p.id(arg), words[0] == "commits")
	case "converged":
		return p.converged()
	case "holds", "lacks", "applied", "unapplied", "taken", "refused", "members", "leads",
		"answered", "unanswered":
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
		if !p.mayStand(c, p.id(arg)) {
			return
		}
		c.sync(p.id(arg)) // etcd asks for votes before its term is saved, ours does not
		c.campaign(p.id(arg))
		p.standing[p.id(arg)] = true
	case "cut", "link":
		p.mended = p.mended || verb == "link" && c.net().cut()
		p.wire(c.net(), arg, verb == "link")
	case "split":
		p.mended = p.mended || c.net().cut()
		p.split(c.net(), words[1:])
	case "round":
		c.deliver(true)
		p.middle = true
	case "heal":
		p.mended = p.mended || c.net().cut()
		*c.net() = wires{}
	case "lazy":
		p.each(arg, c.lazy)
	case "sync":
		p.each(arg, c.sync)
	case "crash":
		p.each(arg, c.crash)
		p.each(arg, p.lose)
	case "start":
		p.each(arg, func(id int) {
			p.mended = p.mended || !c.role(id).up
			c.start(id)
		})
	case "snapshot":
		p.each(arg, func(id int) { p.snapshot(c, id) })
	default:
		p.t.Fatalf("the schedule says %q", strings.Join(words, " "))
	}
}

// mayStand reports whether a random schedule may ask a server to stand: where it has a vote, as far
// as is committed. Whether it knows that it has none is saved by etcd and not by ours. While both
// are alike they are asked together.
func (p *pair) mayStand(c cluster, id int) bool {
	if p.raced || !p.lenient {
		return !p.lenient || p.config(c).voter(id)
	}
	return p.config(p.engines[0]).voter(id) && p.config(p.engines[1]).voter(id)
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
		if p.at(p.engines[0], to) == 0 {
			return nil
		}
		if name == "" {
			p.named++
			name = "c" + strconv.Itoa(p.named)
		}
		var took [2]bool
		for i, c := range p.engines {
			took[i] = c.propose(max(1, p.at(c, to)), name)
		}
		ours, etcd := took[0], took[1]
		if ours != etcd && p.lenient && len(p.standing) > 0 && p.unsettled() {
			p.raced = true // who stands has won at once in one of them, as it alone has a vote
		}
		if ours != etcd && !p.raced {
			return p.report(fmt.Sprintf("%s, proposed to S%s: taken %v by ours, %v by etcd",
				name, to, ours, etcd))
		}
	}
	return nil
}

// rest lets time pass, an election time-out or a few heartbeats, and compares.
func (p *pair) rest(elapse bool) error {
	p.races = p.contested()
	beats := settleBeats
	if elapse {
		beats = electionTicks
	}
	if p.deaf() {
		p.pass(3*electionTicks, true)
	}
	if err := p.advance(beats, elapse); err != nil {
		return err
	}
	if err := p.compare(); err != nil {
		return err
	}
	p.hand()
	p.quiet = true
	p.mended, p.passes = false, false
	if elapse {
		return p.patience()
	}
	return nil
}

// advance lets time pass, and a change go on that ours has let wait.
func (p *pair) advance(beats int, expire bool) error {
	p.pass(beats, expire)
	more, err := p.promote()
	if more {
		p.pass(settleBeats, false)
	}
	return err
}

// deaf reports whether somebody leads whom no majority hears, where the engines count at other
// times whom a leader has heard: after a while both have.
func (p *pair) deaf() bool {
	for id := 1; id <= p.nodes; id++ {
		if p.lenient && p.guarded && p.adrift && p.engines[0].role(id).leads && !p.led() {
			return true
		}
	}
	return false
}

// pass lets everything arrive and some heartbeats pass.
func (p *pair) pass(beats int, expire bool) {
	for _, c := range p.engines {
		p.each("0", c.sync)
		c.deliver(false)
		if expire {
			c.expire()
		}
		for range beats {
			c.retry()
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
	if err := p.rest(false); err != nil {
		return err
	}
	have := 0
	has := func(id int) bool {
		all := p.engines[0].ledger(id).commands()
		return len(all) > 0 && all[len(all)-1] == name
	}
	for i := 1; i <= p.nodes; i++ {
		if has(i) {
			have++
		}
	}
	committed := p.config(p.engines[0]).majority(has)
	if committed != want || !want && have > 0 {
		return p.report(fmt.Sprintf("both agree that %d servers applied what S%d was given, and "+
			"that is not what the schedule expects", have, id))
	}
	return nil
}
