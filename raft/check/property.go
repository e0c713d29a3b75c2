package check

import "github.com/raftarium/raftarium/raft/trace"

// Status is what can be said of a property.
type Status uint8

// The statuses.
const (
	Holds         Status = 0 // nothing contradicts it so far
	Broken        Status = 1 // an event contradicts it
	NotObservable Status = 2 // of some server too little is known to judge
)

var statusNames = [...]string{"holds", "broken", "not observable"}

// String gives the status in a word or two.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "unknown"
}

// Result is the verdict on one property.
type Result struct {
	Name    string // electionSafety, logMatching, ...
	Section string // of the paper
	Text    string // the property in one sentence
	Status  Status
	First   *trace.Violation // the first violation, when it is broken
}

// property numbers the properties, in the order of Report.
type property uint8

const (
	electionSafety property = iota
	logMatching
	leaderCompleteness
	stateMachineSafety
	votesKept
	writesKept
	properties
)

type propertySpec struct{ name, section, text string }

var propertySpecs = [properties]propertySpec{
	electionSafety: {"electionSafety", "5.2",
		"At most one server is elected leader in a term."},
	logMatching: {"logMatching", "5.3",
		"Two logs that agree in the index and term of an entry are equal up to there."},
	leaderCompleteness: {"leaderCompleteness", "5.4",
		"What was committed in a term is in the logs of the leaders of all later terms."},
	stateMachineSafety: {"stateMachineSafety", "5.4.3",
		"No two servers commit or apply different entries at the same index."},
	votesKept: {"votesKept", "5.2",
		"A server gives one vote in a term, and has saved it before it leaves, restarts included."},
	writesKept: {"writesKept", "8",
		"What was acknowledged to a client is saved by a quorum, is committed, and stays."},
}

// Names lists the properties in the order of Report.
func Names() []string {
	var names []string
	for i := range propertySpecs {
		names = append(names, propertySpecs[i].name)
	}
	return names
}

// Report gives the verdict on each property.
func (c *Checker) Report() []Result {
	seen := Holds
	for i := range c.nodes {
		if !c.nodes[i].armed {
			seen = NotObservable
		}
	}
	if len(c.nodes) == 0 {
		seen = NotObservable
	}
	results := make([]Result, 0, properties)
	for p := range propertySpecs {
		s := &propertySpecs[p]
		r := Result{Name: s.name, Section: s.section, Text: s.text, Status: seen, First: c.first[p]}
		if r.First != nil {
			r.Status = Broken
		}
		results = append(results, r)
	}
	return results
}
