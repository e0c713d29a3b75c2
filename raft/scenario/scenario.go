// Package scenario plays runs that are written as text: each is test, demo and lesson at once. A
// scenario says how the cluster is, then what is done to it, what people should read, and what must
// come out. It acts by commands alone, as a person in the page does; nobody sets Raft state.
//
// A scenario is a few lines of words:
//
//	title     The first election
//	lesson    Who hears from no leader stands for election, and a majority makes it leader.
//	section   5.2
//	nodes     3
//	preVote   off
//
//	> Three servers, and nobody leads.
//	expect no leader
//	campaign S1
//	run until leader S1 within 1s
//	expect term = 1 on all and vote S1 on all
//
// At first stand the settings, one a line; then come the steps. A line that begins with > is a
// caption, and several in a row are one. The name of a command, as the page's API has it, does
// something. "run 50ms" lets time pass, "run until CONDITION within 2s" lets it pass until
// something holds, and "expect CONDITION" must hold where it stands; conditions can be joined by
// "and" and turned round by "no". "expect refused restart S1" does what must be refused. Lines
// that begin with # are for those who edit it. Language tells all that can be said.
//
// Unless a scenario expects a property of Raft to be broken, all must hold to the end.
package scenario

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Scenario is a text that can be played. It does not change.
type Scenario struct {
	Name    string // of the file, without its ending
	Title   string // a few words for people
	Lesson  string // what it teaches, in a sentence
	Section string // of the paper ("5.2") or thesis ("thesis 9.6"); may be empty
	Bug     string // the name of the mutant that it shows; empty for Raft as it should be
	Config  sim.Config
	Steps   []Step

	watches []watch // the events that conditions ask for
	breaks  bool    // it expects a property to be broken
}

// StepKind says what a step is.
type StepKind uint8

// The kinds of step.
const (
	Caption StepKind = iota // people read something
	Do                      // something is done
	Run                     // time passes
	Expect                  // something must hold
)

// Step is one line of a scenario, or a caption of several.
type Step struct {
	Kind     StepKind
	Line     int             // in the file, from 1
	Text     string          // the line, or what people read
	Commands []trace.Command // what is done: mostly one
	Refused  bool            // what is done must be refused
	Span     raft.Time       // how long it runs; with a condition, at most

	until conditions // run until, expect
}

// Bounds of a scenario, so that a text from outside can neither fill the memory nor run for ever.
const (
	maxText   = 1 << 18
	maxSteps  = 4096
	maxSpan   = 600 * raft.Second  // of a step
	maxTotal  = 3600 * raft.Second // of all steps
	maxWithin = 10 * raft.Second   // of a run until that does not say
)

// defaults gives the settings of a scenario that says nothing: a simulated cluster as the page
// opens it, but no clients, so that nobody writes unless the scenario does.
func defaults() sim.Config {
	cfg := sim.DefaultConfig()
	cfg.Clients = 0
	return cfg
}
