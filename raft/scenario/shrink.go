package scenario

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Shrink looks for a smaller case that fails too: fewer actions, servers and clients, a shorter
// time, settings as they are by default, round times. It plays at most so many cases, and gives the
// smallest that failed and how many it has played. A case that does not fail comes back as it is.
func Shrink(k Case, judge Judge, most int) (small Case, played int) {
	s := shrinker{judge: judge, left: most - roundings, best: k, seeds: 1}
	timed := s.best.clone()
	for i := range timed.Actions {
		timed.Actions[i].Events = 0
	}
	timed.End.Events = 0
	timed.End.At++ // what happens in the last moment is part of it
	if !s.try(timed) {
		return k, most - roundings - s.left
	}
	for s.seeds = 1; s.seeds <= otherSeeds; s.seeds *= otherSeeds {
		for smaller := true; smaller; {
			smaller = s.fewerActions()
			smaller = s.fewerServers() || smaller
			smaller = s.fewerClients() || smaller
			smaller = s.plainSettings() || smaller
			smaller = s.shorterWaits() || smaller
		}
	}
	s.left += roundings
	s.seeds = 1
	s.roundTimes()
	return s.best, most - s.left
}

// Minimize looks for a smaller list that fails too, dropping half of it, then quarters, and so on
// down to single items. It asks at most so many times.
func Minimize[T any](items []T, fails func([]T) bool, most int) []T {
	for chunk := max(len(items)/2, 1); ; chunk = max(chunk/2, 1) {
		dropped := false
		for end := len(items); end > 0 && most > 0; {
			from := max(end-chunk, 0)
			rest := slices.Concat(items[:from], items[end:])
			if most--; fails(rest) {
				items, dropped = rest, true
			}
			end = min(from, len(items))
		}
		if most == 0 || chunk == 1 && !dropped {
			return items
		}
	}
}

// otherSeeds is with how many seeds a smaller case is tried when the one that failed no longer
// helps: what is left out changes all chance that comes behind it.
const otherSeeds = 8

// roundings is how many cases are kept for the last step, the rounding of times.
const roundings = 4

// shrinker holds the smallest case so far.
type shrinker struct {
	judge Judge
	left  int // cases that may still be played
	best  Case
	seeds uint64 // with how many each smaller case is tried
}

func (k *Case) clone() Case {
	c := *k
	c.Actions = slices.Clone(k.Actions)
	return c
}

// try plays a case with one seed or several, and if it fails makes it the best.
func (s *shrinker) try(k Case) bool {
	seed := k.Config.Seed
	for i := range s.seeds {
		k.Config.Seed = seed + i
		if s.play(k) {
			return true
		}
	}
	return false
}

// play plays a case, and if it fails makes it the best, without what comes behind its failure.
func (s *shrinker) play(k Case) bool {
	if s.left <= 0 {
		return false
	}
	s.left--
	at, failed := k.Fails(s.judge)
	if !failed {
		return false
	}
	k.End.At = min(k.End.At, at+1)
	for n := len(k.Actions); n > 0 && k.Actions[n-1].At > at; n = len(k.Actions) {
		k.Actions = k.Actions[:n-1]
	}
	s.best = k
	return true
}

func (s *shrinker) fewerActions() bool {
	before := len(s.best.Actions)
	Minimize(s.best.Actions, func(rest []sim.Action) bool {
		k := s.best.clone()
		k.Actions = slices.Clone(rest)
		return s.try(k)
	}, s.left)
	return len(s.best.Actions) < before
}

// fewerServers leaves the last servers out, and what is done to them.
func (s *shrinker) fewerServers() (smaller bool) {
	for s.best.Config.Nodes > 1 {
		k := s.best.clone()
		k.Config.Nodes--
		k.Actions = without(k.Actions, raft.NodeID(k.Config.Nodes+1))
		if !s.try(k) {
			return smaller
		}
		smaller = true
	}
	return smaller
}

// without gives actions that do not name a server.
func without(actions []sim.Action, id raft.NodeID) []sim.Action {
	var rest []sim.Action
	for _, a := range actions {
		if leave(&a.Command, id) {
			rest = append(rest, a)
		}
	}
	return rest
}

// leave leaves a server out of a command; false if nothing is left of it.
func leave(cmd *trace.Command, id raft.NodeID) bool {
	if cmd.Node == id || cmd.From == id || cmd.To == id {
		return false
	}
	others := func(ids []raft.NodeID) []raft.NodeID {
		return slices.DeleteFunc(slices.Clone(ids), func(other raft.NodeID) bool {
			return other == id
		})
	}
	var groups [][]raft.NodeID
	for _, g := range cmd.Groups {
		if g = others(g); len(g) > 0 {
			groups = append(groups, g)
		}
	}
	cmd.Groups = groups
	ch := &cmd.Change
	ch.Vote, ch.Learn, ch.Remove = others(ch.Vote), others(ch.Learn), others(ch.Remove)
	switch cmd.Kind {
	case trace.CommandPartition:
		return len(groups) > 0
	case trace.CommandChange:
		return len(ch.Vote)+len(ch.Learn)+len(ch.Remove) > 0
	}
	return true
}

func (s *shrinker) fewerClients() (smaller bool) {
	for n := 0; n < s.best.Config.Clients; {
		k := s.best.clone()
		if k.Config.Clients = n; s.try(k) {
			return true
		}
		n = max(2*n, n+1)
	}
	return false
}

// plainSettings gives each setting its default.
func (s *shrinker) plainSettings() (smaller bool) {
	plain := defaults()
	for _, set := range settings() {
		if set.name == "nodes" || set.name == "seed" || set.name == "clients" ||
			set.write(&plain) == set.write(&s.best.Config) {
			continue
		}
		k := s.best.clone()
		if set.copy(&k.Config, &plain) && s.try(k) {
			smaller = true
		}
	}
	return smaller
}

// shorterWaits lets less time pass before an action.
func (s *shrinker) shorterWaits() (smaller bool) {
	for i := len(s.best.Actions) - 1; i >= 0; i-- {
		for i < len(s.best.Actions) { // a shorter run may need fewer actions
			before := raft.Time(0)
			if i > 0 {
				before = s.best.Actions[i-1].At
			}
			wait := s.best.Actions[i].At - before
			if wait < 20*raft.Millisecond || !s.earlier(i, wait/2) {
				break
			}
			smaller = true
		}
	}
	return smaller
}

// earlier moves an action and all behind it.
func (s *shrinker) earlier(first int, by raft.Time) bool {
	k := s.best.clone()
	for i := first; i < len(k.Actions); i++ {
		k.Actions[i].At -= by
	}
	return s.try(k)
}

// roundTimes moves all actions to round times.
func (s *shrinker) roundTimes() {
	for _, unit := range []raft.Time{100 * raft.Millisecond, 10 * raft.Millisecond,
		raft.Millisecond, 100 * raft.Microsecond} {
		k := s.best.clone()
		k.End.At += raft.Second // it may fail later now
		for i := range k.Actions {
			k.Actions[i].At = (k.Actions[i].At + unit/2) / unit * unit
		}
		if s.try(k) {
			return
		}
	}
}
