package etcd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// compare holds the clusters against each other where they rest.
func (p *pair) compare() error {
	for i, c := range p.engines {
		if err := c.problem(); err != nil {
			return p.report(err.Error())
		}
		if !slices.Equal(p.agreed, p.committed(c)[:min(len(p.agreed), len(p.committed(c)))]) {
			return p.report(engines[i].name + " lost of what was committed")
		}
	}
	if err := p.hear(); err != nil {
		return err
	}
	what := p.difference()
	p.races = p.races || what != "" && p.unsettled()
	switch {
	case p.raced:
	case what == "":
		ours, etcd := p.committed(p.engines[0]), p.committed(p.engines[1])
		p.agreed = ours[:min(len(ours), len(etcd))]
	case p.races && p.lenient:
		p.raced = true
	default:
		return p.report(what)
	}
	return nil
}

// difference names the first thing in which the clusters differ; empty for none.
func (p *pair) difference() string {
	conf := p.config(p.engines[0])
	for id := 1; id <= p.nodes; id++ {
		ours, etcd := p.engines[0].view(id), p.engines[1].view(id)
		p.forgive(id, &ours, &etcd)
		p.joined[id] = p.joined[id] || !conf.member(id)
		hears, _ := p.leader(id)
		back := p.joined[id] && !hears && !ours.leads && !etcd.leads
		if back || !conf.member(id) {
			ours, etcd = view{ledger: ours.ledger}, view{ledger: etcd.ledger}
		}
		if what := ours.differs(etcd); what != "" {
			return fmt.Sprintf("S%d differs in %s", id, what)
		}
	}
	ours, etcd := p.committed(p.engines[0]), p.committed(p.engines[1])
	if k := min(len(ours), len(etcd)); !p.led() {
		ours, etcd = ours[:k], etcd[:k]
	}
	if !slices.Equal(ours, etcd) {
		return fmt.Sprintf("ours has committed %v and etcd %v", ours, etcd)
	}
	return ""
}

// forgive makes alike what may differ; doc.go says why.
func (p *pair) forgive(id int, ours, etcd *view) {
	hears, heard := p.leader(id)
	if hears && !heard {
		ours.log = etcd.log
	}
	if p.joined[id] {
		base := ours.base
		if base.index < etcd.base.index {
			base = etcd.base
		}
		ours.vote = etcd.vote
		ours.from(base)
		etcd.from(base)
	}
	if !hears || !heard || p.pending(id) {
		ours.config = etcd.config
	}
	if !hears || !heard || !p.config(p.engines[0]).member(id) {
		k := min(len(ours.ledger), len(etcd.ledger))
		ours.ledger, etcd.ledger = ours.ledger[:k], etcd.ledger[:k]
	}
}

// leader says whether a server hears the leader of its term, and is heard by it.
func (p *pair) leader(id int) (hears, heard bool) {
	c := p.engines[0]
	me := c.role(id)
	for other := 1; other <= p.nodes; other++ {
		if v := c.role(other); me.up && v.leads && v.term == me.term {
			return c.net().up(other, id), c.net().up(id, other)
		}
	}
	return false, false
}

// led reports whether a majority and its leader hear one another.
func (p *pair) led() bool {
	c := p.engines[0]
	leader := p.leads(c)
	return leader > 0 && p.config(c).majority(func(id int) bool {
		hears, heard := p.leader(id)
		return hears && heard && c.role(id).term == c.role(leader).term
	})
}

// config gives the newest configuration that is known to be committed.
func (p *pair) config(c cluster) config {
	newest := c.ledger(1)
	for id := 2; id <= p.nodes; id++ {
		if l := c.ledger(id); l.conf > newest.conf {
			newest = l
		}
	}
	if newest.conf > 0 {
		return parseConfig(newest.at[newest.conf])
	}
	return firstConfig(p.members)
}

// pending reports whether a server holds a configuration that it has not applied: ours goes by it.
func (p *pair) pending(id int) bool {
	return pending(p.engines[0], id) || pending(p.engines[1], id)
}

func pending(c cluster, id int) bool {
	at := c.applied(id)
	return slices.ContainsFunc(c.view(id).log, func(s slot) bool {
		return s.index > at && isConfig(s.data)
	})
}

// unsettled reports whether a configuration is on its way: until it is committed and known to be,
// the engines ask other majorities.
func (p *pair) unsettled() bool {
	for id := 1; id <= p.nodes; id++ {
		if p.engines[0].role(id).up && p.pending(id) {
			return true
		}
	}
	return false
}

// contested reports whether servers of several terms are up, or somebody stands while another leads
// or stands, or time stood still in the middle of a round: then who hears whom first decides who
// wins, and how far a leader gets.
func (p *pair) contested() bool {
	terms, leaders, middle := map[uint64]bool{}, 0, p.middle
	for _, c := range p.engines {
		conf := p.config(c)
		for id := 1; id <= p.nodes; id++ {
			if v := c.role(id); v.up && conf.member(id) {
				terms[v.term] = true
				if v.leads {
					leaders++
				}
			}
		}
	}
	standing := len(p.standing)
	middle = middle || standing > 0 && p.unsettled() || p.passes && (p.mended || standing > 0)
	clear(p.standing)
	p.middle = false
	return middle || p.handing > 0 || len(terms) > 1 || standing > 1 || standing > 0 && leaders > 0
}

// committed gives the longest ledger of a cluster: what is known to be committed.
func (p *pair) committed(c cluster) (longest []string) {
	for id := 1; id <= p.nodes; id++ {
		if all := c.ledger(id).commands(); len(all) > len(longest) {
			longest = all
		}
	}
	return longest
}

// converged looks at each engine by itself: whatever happened, one leads now, and all are equal.
func (p *pair) converged() error {
	for i, c := range p.engines {
		leaders, all, conf := 0, p.committed(c), p.config(c)
		if len(conf.outgoing) > 0 {
			return p.report(engines[i].name + ": the configuration is joint still")
		}
		for id := 1; id <= p.nodes; id++ {
			v := c.view(id)
			if v.leads {
				leaders++
			}
			if conf.member(id) && (!slices.Equal(v.ledger, all) || c.applied(id) != p.newest(c)) {
				return p.report(fmt.Sprintf("%s: S%d has not applied all that is committed",
					engines[i].name, id))
			}
		}
		if leaders != 1 {
			return p.report(fmt.Sprintf("%s: %d servers lead", engines[i].name, leaders))
		}
	}
	return nil
}

// expect looks whether a schedule does what it is meant to. The engines were compared, so that one
// of them is enough.
func (p *pair) expect(words []string) error {
	what := words[len(words)-1]
	c, holds := p.engines[0], false
	switch words[0] {
	case "unapplied":
		for id := 1; id <= p.nodes; id++ {
			holds = holds || slices.Contains(c.view(id).ledger, what)
		}
		holds = !holds
	case "applied":
		holds = slices.Contains(c.view(p.id(words[1])).ledger, what)
	case "holds", "lacks":
		v := c.view(p.id(words[1]))
		at := slices.IndexFunc(v.log, func(s slot) bool { return s.data == what })
		holds = at >= 0 == (words[0] == "holds")
	case "leads":
		holds = strconv.Itoa(p.leads(c)) == what
	case "members":
		holds = p.formed(words)
	default:
		holds = p.wished(words)
	}
	if !holds {
		return p.report("the schedule expects: " + strings.Join(words, " "))
	}
	return nil
}

// report tells what is wrong, how both stand, and what led there.
func (p *pair) report(what string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nours:\n", what)
	for _, line := range p.engines[0].tell() {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("etcd:\n")
	for _, line := range p.engines[1].tell() {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	fmt.Fprintf(&b, "after:\n  %s", strings.Join(p.done, "\n  "))
	return fmt.Errorf("%s", b.String())
}
