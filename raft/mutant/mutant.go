// Package mutant is a museum of broken Rafts: bugs that real systems had, each of them the standard
// rules with an entry changed, or a flaw of the store or machine around the core. They show that
// every check can fail, and what it looks like when it does.
//
// Where the bugs come from, which check finds each, and how soon, stands in testdata/grid.txt.
package mutant

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
)

// Mutant is one bug.
type Mutant struct {
	Name    string   // for people, flags and scenarios: words with hyphens
	Title   string   // what goes wrong, in a sentence
	Section string   // of the paper or thesis: the rule that is broken
	Source  string   // who had it: systems and the numbers of their issues
	Rule    string   // the entry of raft.Rules that is changed, or the flaw of sim.Flaw
	Catches []string // the checks that must find it, of package check; the surest stands first
	Seed    uint64   // of Config: with it the bug is found soon; 0 where only a scenario shows it
	// Scenario names the scenario of the library that shows it, if there is one.
	Scenario string
	// NoPreVote says that the bug hides behind pre-votes.
	NoPreVote bool

	change func(*raft.Rules)
	flaw   sim.Flaw
	stage  func(*sim.Config) // what makes it reachable
}

// Rules gives the broken table. The zero Mutant breaks nothing.
func (m *Mutant) Rules() *raft.Rules {
	r := raft.Standard()
	if m.change != nil {
		m.change(r)
	}
	return r
}

// Break puts the bug into a cluster: its rules and its stores and machines.
func (m *Mutant) Break(cfg *sim.Config) { cfg.Raft.Rules, cfg.Flaw = m.Rules(), m.flaw }

// Break puts the mutant of a name into a cluster. The error says that there is none.
func Break(name string, cfg *sim.Config) error {
	m, ok := Named(name)
	if !ok {
		return say.Errorf("bug=%s: the museum has no bug of that name", name)
	}
	m.Break(cfg)
	return nil
}

// Named finds a mutant; false if there is none of that name.
func Named(name string) (Mutant, bool) {
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	return Mutant{}, false
}

// All gives every mutant, by theme and in the order of the paper's sections.
func All() []Mutant {
	var all []Mutant
	for _, room := range [...][]Mutant{elections(), replication(), commits(), reads(), membership(),
		snapshots(), storage()} {
		all = append(all, room...)
	}
	for i := range all {
		all[i].Seed = seedOf(all[i].Name)
	}
	return all
}

// seeds lists a seed for each mutant that seeds show.
//
//go:embed seeds.txt
var seeds string

func seedOf(name string) uint64 {
	for line := range strings.Lines(seeds) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == name {
			seed, _ := strconv.ParseUint(words[1], 10, 64) // a test holds them
			return seed
		}
	}
	return 0
}

func no() bool { return false }
