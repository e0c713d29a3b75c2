package etcd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// cluster is a few servers of one engine in memory, moved only by these calls. A message is on its
// way until deliver is called; what a server asks to save is saved before it does anything else,
// unless it is lazy. A crash loses what was not saved. Servers are counted from 1.
//
// Time passes in ticks, a heartbeat each, and only as the calls say. No server stands for election
// by itself.
type cluster interface {
	campaign(id int)                  // a server stands, after its time-out as it were
	propose(id int, data string) bool // a client's command; false if it is refused at once
	deliver(once bool)                // what is on its way; unless once, also what follows from it
	beat()                            // one heartbeat interval passes at the leaders
	expire()                          // an election time-out passes at all who do not lead
	lazy(id int)                      // from now on what it asks to save waits
	sync(id int)                      // no longer, and all that waited is saved
	crash(id int)                     // what is not saved is gone, and all that is on its way
	start(id int)                     // it goes on from what it had saved
	applied(id int) uint64            // the last entry that this incarnation applied
	snapshot(id int, at uint64)       // of what it applied up to there; the log before is dropped
	net() *wires                      // who can talk to whom
	role(id int) role                 // how a server stands, in short
	view(id int) view                 // and in full
	ledger(id int) *ledger            // what it applied
	change(id int, ch change) verdict // somebody wants another configuration of a server
	transfer(id, to int) verdict      // somebody wants a server to hand over leadership
	read(id int, number uint64)       // a client reads at a server; reads have numbers
	retry()                           // reads that were lost are asked again
	answer(number uint64) (uint64, outcome)
	problem() error // what no engine may do, had it been done
	tell() []string // all there is to know, for people
}

// What both engines get: the election time-out in heartbeat intervals, and appends of one entry, so
// that a schedule can stop between two.
const electionTicks = 20

// setup is what both clusters begin with: the servers, the first of them members.
type setup struct {
	nodes, members int
	guarded        bool // with pre-vote and check-quorum
}

// role is what a server is.
type role struct {
	up    bool
	leads bool
	term  uint64 // that it has saved
	hands bool   // it leads, and is handing over
}

// view is what must be alike in both engines.
type view struct {
	role
	vote   uint64
	base   slot     // the last entry that a snapshot has replaced
	log    []slot   // what is saved behind it
	ledger []string // the commands and configurations that it ever applied, in order
	config string   // what it goes by, while it is up
}

// slot is an entry of a log.
type slot struct {
	index, term uint64
	data        string // a command or configuration; empty for what a leader begins with
}

func (s slot) String() string {
	if s.data == "" {
		return fmt.Sprintf("%d:t%d", s.index, s.term)
	}
	return fmt.Sprintf("%d:t%d=%s", s.index, s.term, s.data)
}

// differs names the first thing in which two views of a server differ; empty for none. What a
// crashed server had in its memory is not compared.
func (v view) differs(w view) string {
	switch {
	case v.hands != w.hands:
		return "whether it hands over"
	case v.up != w.up:
		return "whether it is up"
	case v.leads != w.leads:
		return "whether it leads"
	case v.term != w.term:
		return "its term"
	case v.vote != w.vote:
		return "its vote"
	case v.base != w.base:
		return "where its log begins"
	case !slices.Equal(v.log, w.log):
		return "its log"
	case !slices.Equal(v.ledger, w.ledger):
		return "what it has applied"
	case v.config != w.config:
		return "the configuration that it goes by"
	}
	return ""
}

// from forgets the log up to an entry.
func (v *view) from(base slot) {
	v.base = base
	v.log = slices.DeleteFunc(v.log, func(s slot) bool { return s.index <= base.index })
}

func (v view) String() string {
	role := "follows"
	switch {
	case !v.up:
		role = "is down"
	case v.leads:
		role = "leads"
	}
	var entries []string
	for _, s := range v.log {
		entries = append(entries, s.String())
	}
	return fmt.Sprintf("%s, term %d, vote %d, base %v, log [%s], applied %v", role, v.term, v.vote,
		v.base, strings.Join(entries, " "), v.ledger)
}

// wires say who can talk to whom, for one direction each.
type wires struct{ down map[[2]int]bool }

func (w *wires) set(from, to int, up bool) {
	if w.down == nil {
		w.down = map[[2]int]bool{}
	}
	w.down[[2]int{from, to}] = !up
}

// cut reports whether anything is cut off.
func (w *wires) cut() bool {
	return slices.Contains(slices.Collect(maps.Values(w.down)), true)
}

func (w *wires) up(from, to int) bool { return !w.down[[2]int{from, to}] }

// ledger is a server's state machine: the commands by index. It outlives crashes, so that it shows
// a server that applies something else at an index than it did before.
type ledger struct {
	at   map[uint64]string
	last uint64 // applied by this incarnation
	conf uint64 // the last configuration that it ever applied; 0 for none
}

// put applies an entry; the commands before it may have come with a snapshot.
func (l *ledger) put(index uint64, data string) error {
	if l.at == nil {
		l.at = map[uint64]string{}
	}
	if index != l.last+1 {
		return fmt.Errorf("applied %d behind %d", index, l.last)
	}
	l.last = index
	if was, ok := l.at[index]; ok && was != data {
		return fmt.Errorf("applied %q at %d, where it had applied %q", data, index, was)
	}
	l.at[index] = data
	if isConfig(data) {
		l.conf = max(l.conf, index)
	}
	return nil
}

// commands lists the commands and configurations by index. Leaders' first entries are none.
func (l *ledger) commands() (all []string) {
	for i := uint64(1); i <= uint64(len(l.at)); i++ {
		if data := l.at[i]; data != "" {
			all = append(all, data)
		}
	}
	return all
}

// save gives the bytes of a snapshot of the log up to an index.
func (l *ledger) save(index uint64) []byte {
	var all []string
	for i := uint64(1); i <= index; i++ {
		all = append(all, l.at[i])
	}
	return []byte(strings.Join(all, "\n"))
}

// load goes on behind a snapshot of the log up to an index.
func (l *ledger) load(index uint64, data []byte) error {
	all := strings.Split(string(data), "\n")
	if uint64(len(all)) != index {
		return fmt.Errorf("a snapshot at %d holds %d entries", index, len(all))
	}
	l.last = 0
	for i, d := range all {
		if err := l.put(uint64(i+1), d); err != nil {
			return fmt.Errorf("loading a snapshot at %d: %w", index, err)
		}
	}
	return nil
}
