package etcd

import (
	"fmt"
	"slices"
	"strconv"
)

// verdict is what an engine says at once to a wish for another configuration or leader.
type verdict int

const (
	taken   verdict = iota
	refused         // as the other engine must refuse it as well
	emptied         // refused, and an empty entry stands in the log where it would stand (etcd)
	delayed         // taken, and begun when a newcomer has caught up (ours)
	special         // not taken, for a reason that the other engine does not have
)

// outcome is what became of a read.
type outcome int

const (
	open     outcome = iota
	answered         // by an index that the server has applied
	denied
)

// promotion is a change that waits, in ours, until a newcomer has caught up; etcd leaves the
// waiting to its host, which here is told by ours.
type promotion struct {
	leader int
	change change
	term   uint64 // of the leader
	index  uint64 // where its log ended
}

// reading is a read that was asked of both engines.
type reading struct {
	number uint64
	id     int
	floor  [2]uint64 // what was committed when it was asked
	quiet  bool      // nothing else has happened since both were at rest
	state  [2]outcome
	index  [2]uint64
}

// leads gives who leads a cluster, in the highest term; 0 for nobody.
func (p *pair) leads(c cluster) (id int) {
	term := uint64(0)
	for other := 1; other <= p.nodes; other++ {
		if v := c.role(other); v.leads && v.term > term {
			id, term = other, v.term
		}
	}
	return id
}

// at gives the server that a wish goes to: where the schedule says 0, whoever leads.
func (p *pair) at(c cluster, word string) int {
	if word == "0" {
		return p.leads(c)
	}
	return p.id(word)
}

// change asks both for another configuration; whether it is taken must be alike.
func (p *pair) change(to string, words []string) error {
	ch := parseChange(words, p.id)
	if p.raced {
		for _, c := range p.engines {
			if id := p.at(c, to); id > 0 {
				c.change(id, ch)
			}
		}
		return nil
	}
	id, strangers := p.at(p.engines[0], to), p.strangers(ch)
	if id == 0 || len(strangers) > 1 || p.ahead(id) {
		return nil
	}
	alone := len(p.config(p.engines[1]).voters) == 1 // nobody else must agree
	ours := p.engines[0].change(id, ch)
	p.last = ours
	switch {
	case ours == special, ours == refused && p.waiting != nil:
		return nil
	case ours == delayed:
		p.wait(id, ch)
		return nil
	case ours == taken && len(strangers) == 1:
		p.wait(id, ch)
		ch = change{learn: strangers}
	}
	if err := p.give(id, ch, ours); err != nil || !alone {
		return err
	}
	err := p.advance(settleBeats, false)
	p.middle = p.middle || p.ahead(id)
	return err
}

// ahead reports whether a leader has committed more in one engine than in the other, as other
// majorities decide on a configuration: then wishes are kept from both.
func (p *pair) ahead(id int) bool {
	return p.engines[0].applied(id) != p.engines[1].applied(id)
}

// wait remembers a change that ours goes on with later.
func (p *pair) wait(id int, ch change) {
	v := p.engines[0].view(id)
	p.waiting = &promotion{leader: id, change: ch, term: v.term, index: v.base.index}
	if k := len(v.log); k > 0 {
		p.waiting.index = v.log[k-1].index
	}
}

// strangers lists who shall vote and takes no part yet: they learn first.
func (p *pair) strangers(ch change) (ids []int) {
	for _, id := range ch.vote {
		if !p.config(p.engines[0]).member(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// give asks etcd for what ours has decided on. Where etcd refuses it leaves an empty entry in the
// log, so that ours gets one as well.
func (p *pair) give(id int, ch change, ours verdict) error {
	p.passes = p.passes || slices.Contains(ch.remove, id) || slices.Contains(ch.learn, id)
	p.adrift = true
	etcd := p.engines[1].change(id, ch)
	if etcd == emptied {
		p.engines[0].propose(id, "")
	}
	if (ours == taken) != (etcd == taken) {
		return p.report(fmt.Sprintf("%+v, asked of S%d: taken %v by ours, %v by etcd",
			ch, id, ours == taken, etcd == taken))
	}
	return nil
}

// promote asks etcd for the change that ours goes on with, once the newcomer has caught up; it
// reports whether there was one.
func (p *pair) promote() (bool, error) {
	w := p.waiting
	if w == nil {
		return false, nil
	}
	v := p.engines[0].view(w.leader)
	goesOn := slices.ContainsFunc(v.log, func(s slot) bool {
		return s.index > w.index && s.term == w.term && isConfig(s.data)
	})
	switch {
	case goesOn && !p.raced && !p.engines[1].role(w.leader).leads: // meanwhile it lost the majority
		p.waiting, p.races = nil, true
	case goesOn && !p.raced:
		p.waiting = nil
		return true, p.give(w.leader, w.change, taken)
	case p.raced || !v.leads:
		p.waiting = nil
	}
	return false, nil
}

// transfer asks both to hand over leadership; whether they begin must be alike.
func (p *pair) transfer(from, to string) error {
	if id := p.at(p.engines[0], from); !p.raced && id > 0 && p.ahead(id) {
		return nil
	}
	var got [2]verdict
	for i, c := range p.engines {
		id := p.at(c, from)
		if id == 0 {
			return nil
		}
		got[i] = c.transfer(id, p.id(to))
		if i == 0 && !p.raced {
			if p.last = got[i]; p.last == special {
				return nil
			}
		}
	}
	if got[0] == taken {
		p.passes, p.adrift = true, true
	}
	if !p.raced && got[0] != got[1] {
		return p.report(fmt.Sprintf("handing over from S%s to S%s: begun %v by ours, %v by etcd",
			from, to, got[0] == taken, got[1] == taken))
	}
	return nil
}

// hand takes note of who is handing over still, now that both rest, or was when it was lost. Ours
// sends no word to whom it has told to stand until it gives up; then there is one more rest.
func (p *pair) hand() {
	hands := (p.handing > 0 || p.passes) && !p.led()
	for _, c := range p.engines {
		for id := 1; id <= p.nodes; id++ {
			hands = hands || c.role(id).hands
		}
	}
	p.handing = max(0, p.handing-1)
	if hands {
		p.handing = 2
	}
}

// read asks both for a linearizable read.
func (p *pair) read(at string) {
	id := p.at(p.engines[0], at)
	if id == 0 {
		return
	}
	r := &reading{number: uint64(len(p.reads) + 1), id: id, quiet: p.quiet}
	for i, c := range p.engines {
		r.floor[i] = p.newest(c)
		if !c.role(id).up {
			r.state[i] = denied
			continue
		}
		c.read(id, r.number)
	}
	p.reads = append(p.reads, r)
}

// newest gives the last index that any server of a cluster ever applied.
func (p *pair) newest(c cluster) (index uint64) {
	for id := 1; id <= p.nodes; id++ {
		index = max(index, uint64(len(c.ledger(id).at)))
	}
	return index
}

// lose forgets the reads of a server that crashes: nobody is there to be answered.
func (p *pair) lose(id int) {
	for _, r := range p.reads {
		for i := range r.state {
			if r.id == id && r.state[i] == open {
				r.state[i] = denied
			}
		}
	}
}

// hear takes the answers to reads. Each must be at or above what was committed when it was asked;
// where nothing else was going on both engines give the same.
func (p *pair) hear() error {
	for _, r := range p.reads {
		heard := [2]bool{}
		for i, c := range p.engines {
			if r.state[i] != open {
				continue
			}
			r.index[i], r.state[i] = c.answer(r.number)
			heard[i] = r.state[i] == answered
			if heard[i] && r.index[i] < r.floor[i] {
				return p.report(fmt.Sprintf("%s: the read %d, asked of S%d when %d entries were "+
					"committed, is answered with %d", engines[i].name, r.number, r.id, r.floor[i],
					r.index[i]))
			}
		}
		if heard[0] && heard[1] && r.quiet && !p.raced && r.index[0] != r.index[1] {
			return p.report(fmt.Sprintf("the read %d, asked of S%d, is answered with %d by ours, "+
				"%d by etcd", r.number, r.id, r.index[0], r.index[1]))
		}
		r.quiet = false
	}
	return nil
}

// patience looks for reads that nobody answers, although an election time-out has passed in which
// their server and a majority heard the leader and were heard.
func (p *pair) patience() error {
	if p.raced || !p.led() {
		return nil
	}
	c := p.engines[0]
	leader, conf := p.leads(c), p.config(c)
	for _, r := range p.reads {
		hears, heard := p.leader(r.id)
		if !hears || !heard || !conf.member(r.id) || c.role(r.id).term != c.role(leader).term {
			continue
		}
		for i := range p.engines {
			if r.state[i] == open {
				return p.report(fmt.Sprintf("%s: the read %d, asked of S%d, is not answered",
					engines[i].name, r.number, r.id))
			}
		}
	}
	return nil
}

// wished looks whether the last wish, or the last read of a server, ended as a schedule expects.
func (p *pair) wished(words []string) bool {
	switch words[0] {
	case "taken":
		return p.last == taken || p.last == delayed
	case "refused":
		return p.last != taken && p.last != delayed
	}
	for k := len(p.reads) - 1; k >= 0; k-- {
		if r := p.reads[k]; strconv.Itoa(r.id) == words[1] {
			has := [2]bool{r.state[0] == answered, r.state[1] == answered}
			return has == [2]bool{words[0] == "answered", words[0] == "answered"}
		}
	}
	return false
}

// formed looks whether the committed configuration is as a schedule expects.
func (p *pair) formed(words []string) bool {
	var want config
	for i, ids := range words[1:] {
		for _, id := range ids {
			part := [...]*[]uint64{&want.voters, &want.learners}[i]
			*part = append(*part, uint64(p.id(string(id))))
		}
	}
	return want.String() == p.config(p.engines[0]).String()
}
