package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// facts is what holds for all servers at once, over the whole run.
type facts struct {
	// gap says that not all was told: then what was not heard may still have happened.
	gap bool
	// since is the highest term, and sinceIndex the highest index, of what was there before the
	// events begin.
	since      raft.Term
	sinceIndex raft.Index

	leaders []leaderFact // by term
	entries entryTable
	chosen  []chosenRun
	acked   []ackFact // the newest, in order of telling
	confs   []confFact
	// confsLost says that there were configurations that are not in confs.
	confsLost bool
	states    []stateFact
	newest    quorumFact
	// told is the highest index that somebody was told of, and by which event.
	told   raft.Index
	toldBy trace.EventID
	asked  bool // a follower has asked its leader for an index
}

// leaderFact says who led a term, and which entries it made.
type leaderFact struct {
	term        raft.Term
	id          raft.NodeID
	event       trace.EventID
	first, last raft.Index // the entries of the term; 0 for none yet
}

// chosenRun is a stretch of the log that was committed: once somewhere, for ever everywhere.
type chosenRun struct {
	From, To raft.Index
	term     raft.Term   // 0 where it is not known
	digest   raft.Digest // of the log up to To; 0 where it is not known
	by       raft.NodeID // who committed it first
	byTerm   raft.Term   // in which term
	event    trace.EventID
}

// ackFact says that a client was told of a write.
type ackFact struct {
	index raft.Index
	term  raft.Term
	event trace.EventID
}

// How much is remembered of the whole.
const (
	maxLeaders = 1 << 12
	maxChosen  = 1 << 16
	maxAcked   = 1 << 12
)

func (f *facts) clone() facts {
	c := *f
	c.leaders, c.entries = slices.Clone(f.leaders), f.entries.clone()
	c.chosen, c.acked = slices.Clone(f.chosen), slices.Clone(f.acked)
	c.confs, c.states = slices.Clone(f.confs), slices.Clone(f.states)
	return c
}

// leaderOf finds who led a term; nil when that is not known. Most questions are about the newest.
func (f *facts) leaderOf(t raft.Term) *leaderFact {
	k := len(f.leaders) - 1
	if k >= 0 && f.leaders[k].term == t {
		return &f.leaders[k]
	}
	if k < 0 || t > f.leaders[k].term {
		return nil
	}
	if k, ok := f.leaderPlace(t); ok {
		return &f.leaders[k]
	}
	return nil
}

func (f *facts) leaderPlace(t raft.Term) (int, bool) {
	return slices.BinarySearchFunc(f.leaders, t, func(l leaderFact, t raft.Term) int {
		switch {
		case l.term < t:
			return -1
		case l.term > t:
			return 1
		}
		return 0
	})
}

// forgotten reports whether nothing may be known of a term's leader although there was one.
func (f *facts) forgotten(t raft.Term) bool {
	return f.gap || t <= f.since || len(f.leaders) >= maxLeaders/2 && t < f.leaders[0].term
}

func (f *facts) lead(l leaderFact) {
	if len(f.leaders) == maxLeaders {
		f.leaders = slices.Delete(f.leaders, 0, maxLeaders/2)
	}
	k, _ := f.leaderPlace(l.term)
	f.leaders = slices.Insert(f.leaders, k, l)
}

// high gives the highest index that is known to be committed.
func (f *facts) high() raft.Index {
	if len(f.chosen) == 0 {
		return 0
	}
	return f.chosen[len(f.chosen)-1].To
}

// chosenAt gives the number of the stretch that holds an index; -1 when it is not known.
func (f *facts) chosenAt(i raft.Index) int {
	k := len(f.chosen) - 1
	if k < 0 || i > f.chosen[k].To {
		return -1
	}
	if i < f.chosen[k].From {
		k, _ = slices.BinarySearchFunc(f.chosen, i, func(r chosenRun, i raft.Index) int {
			if r.To < i {
				return -1
			}
			return 1
		})
	}
	if i < f.chosen[k].From {
		return -1
	}
	return k
}

// choose takes note that a server has committed what lies beyond what is known, up to an index.
func (f *facts) choose(n *node, to raft.Index, ev trace.EventID) {
	for from := f.high() + 1; from <= to; {
		r := chosenRun{From: from, To: to, by: n.id, byTerm: n.term, event: ev}
		switch k := n.log.find(from); {
		case k < len(n.log.runs):
			r.To, r.term = min(to, n.log.runs[k].To), n.log.runs[k].Term
		case from < n.log.base.Index: // a snapshot hides it
			r.To = min(to, n.log.base.Index-1)
		case from == n.log.base.Index:
			r.To, r.term = from, n.log.base.Term
		}
		r.digest = n.log.digest(r.To)
		f.put(r)
		from = r.To + 1
	}
}

func (f *facts) put(r chosenRun) {
	if k := len(f.chosen) - 1; k >= 0 && f.chosen[k].term == r.term && f.chosen[k].by == r.by &&
		f.chosen[k].byTerm == r.byTerm && r.term != 0 {
		// The event of the whole stretch is the newest one, as it is what proves its end.
		f.chosen[k].To, f.chosen[k].digest, f.chosen[k].event = r.To, r.digest, r.event
		return
	}
	if len(f.chosen) == maxChosen {
		f.chosen = slices.Delete(f.chosen, 0, maxChosen/2)
	}
	f.chosen = append(f.chosen, r)
}

// differs looks for the highest index from lo to hi at which a log differs from what was committed;
// 0 for none. Each stretch is looked at once.
func (f *facts) differs(l *nodeLog, lo, hi raft.Index) (at raft.Index, k int) {
	for i := hi; i >= lo && i > 0; {
		k := f.chosenAt(i)
		if k < 0 {
			return 0, -1
		}
		r := &f.chosen[k]
		t, held := l.term(i)
		if !held {
			return 0, -1 // a snapshot hides it, and all before it
		}
		if r.term != 0 && t != r.term {
			return i, k
		}
		if d := l.digest(i); i == r.To && d != 0 && r.digest != 0 && d != r.digest {
			return i, k
		}
		next := max(r.From, l.runStart(i))
		i = next - 1
	}
	return 0, -1
}

func (f *facts) acknowledge(a ackFact) {
	if a.index > f.told {
		f.told, f.toldBy = a.index, a.event
	}
	if k := len(f.acked); k > 0 && f.acked[k-1].index == a.index && f.acked[k-1].term == a.term {
		return // what the node answered and what the client learned is one fact
	}
	if len(f.acked) == maxAcked {
		f.acked = slices.Delete(f.acked, 0, maxAcked/2)
	}
	f.acked = append(f.acked, a)
}
