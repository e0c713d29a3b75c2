package check

import "github.com/raftarium/raftarium/raft/trace"

// Status is what can be said of a property.
type Status uint8

// The statuses.
const (
	Holds         Status = 0 // nothing contradicts it so far
	Broken        Status = 1 // an event contradicts it
	NotObservable Status = 2 // too little is told to judge
)

var statusNames = [...]string{"holds", "broken", "not observable"}

// String gives the status in a word or two.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "unknown"
}

// Property is one promise of Raft, for people.
type Property struct {
	Name    string // electionSafety, logMatching, ...
	Section string // of the paper or thesis
	Text    string // the property in one sentence
	Needs   string // what a source must tell, beside starts and decisions; empty for nothing more
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
	electionQuorum
	votesKept
	votesLawful
	termsGrow
	leaderAppendOnly
	logMatching
	leaderMakesEntries
	appendsTrue
	acksTrue
	matchTrue
	commitRule
	quorumKeeps
	leaderCompleteness
	stateMachineSafety
	committedStays
	marksInOrder
	restartsTrue
	damageTold
	snapshotsTrue
	sameState
	configsOverlap
	configInForce
	votersOnly
	transferClean
	readsFresh
	readsProven
	writesKept
	oneOutcome
	properties
)

// What sources must tell for some of the properties.
const (
	needsSaves    = "what is saved"
	needsMessages = "what is sent"
	needsConfigs  = "the configurations"
	needsRequests = "requests and answers"
	needsDamage   = "what befalls disks"
	needsStates   = "checksums of snapshots"
)

var propertySpecs = [properties]Property{
	electionSafety: {"electionSafety", "5.2",
		"At most one server is elected leader in a term.", ""},
	electionQuorum: {"electionQuorum", "5.2", "A leader has the votes of a majority of its " +
		"configuration, or of everybody where some votes are doubtful.", needsConfigs},
	votesKept: {"votesKept", "5.2",
		"A server gives one vote in a term, and has saved it before it leaves, restarts included.",
		needsSaves},
	votesLawful: {"votesLawful", "5.4.1",
		"A vote goes to a candidate whose log, as it told it truly, is at least as current.",
		needsMessages},
	termsGrow: {"termsGrow", "5.1",
		"Terms never go back: of a server, in its log, in its messages.", ""},
	leaderAppendOnly: {"leaderAppendOnly", "5.3",
		"A leader never drops or replaces entries of its own log.", ""},
	logMatching: {"logMatching", "5.3",
		"Two logs that agree in the index and term of an entry are equal up to there.", ""},
	leaderMakesEntries: {"leaderMakesEntries", "5.3",
		"Only the leader of a term makes entries of that term, at the end of its log.", ""},
	appendsTrue: {"appendsTrue", "5.3",
		"What a leader sends is a piece of its own log.", needsMessages},
	acksTrue: {"acksTrue", "5.3",
		"What a server acknowledges it has saved, and it is what the leader has.", needsMessages},
	matchTrue: {"matchTrue", "5.3",
		"What a leader counts for a server is saved there, and never shrinks.", needsSaves},
	commitRule: {"commitRule", "5.4.2",
		"A leader commits entries of its own term that a majority has saved.", needsConfigs},
	quorumKeeps: {"quorumKeeps", "5.4",
		"What is committed stays on the disks of a majority.", needsConfigs},
	leaderCompleteness: {"leaderCompleteness", "5.4",
		"What was committed in a term is in the logs of the leaders of all later terms.", ""},
	stateMachineSafety: {"stateMachineSafety", "5.4.3",
		"No two servers commit or apply different entries at the same index.", ""},
	committedStays: {"committedStays", "5.3",
		"A server drops only what differs from its leader's log, and nothing committed.", ""},
	marksInOrder: {"marksInOrder", "5.3", "Snapshot, applied, commit and last index stand in " +
		"this order and never go back; each entry is applied once.", ""},
	restartsTrue: {"restartsTrue", "5.1",
		"A server comes back with the log that it had saved.", needsSaves},
	damageTold: {"damageTold", "5.1", "A server that cannot read all it had saved says so, and " +
		"is not trusted before it has that again.", needsDamage},
	snapshotsTrue: {"snapshotsTrue", "7",
		"A snapshot stands for the committed log up to its index, and no more than that is cut.",
		""},
	sameState: {"sameState", "2",
		"State machines that have applied the same log are equal.", needsStates},
	configsOverlap: {"configsOverlap", "6", "One configuration follows another when that is " +
		"committed, and their majorities overlap.", needsConfigs},
	configInForce: {"configInForce", "6",
		"A server uses the newest configuration in its log, committed or not.", needsConfigs},
	votersOnly: {"votersOnly", "thesis 4.2", "Only who has a vote stands for election.",
		needsConfigs},
	transferClean: {"transferClean", "thesis 3.10", "While a leader hands over it takes no " +
		"proposals and serves no lease reads, and only its target stands by its word.",
		needsMessages},
	readsFresh: {"readsFresh", "thesis 6.4",
		"A read shows all that anybody was told of before it was asked for.", needsRequests},
	readsProven: {"readsProven", "thesis 6.4", "A leader answers a read after a majority has " +
		"answered a round that began later, or under a lease.", needsRequests},
	writesKept: {"writesKept", "8",
		"What was acknowledged to a client is committed, and stays.", needsRequests},
	oneOutcome: {"oneOutcome", "8",
		"A request is made and answered once, and what was refused does not happen.",
		needsRequests},
}

// Properties lists all that a Checker judges, in the order of Report.
func Properties() []Property { return append([]Property(nil), propertySpecs[:]...) }

// Names lists the properties' names in the order of Report.
func Names() []string {
	names := make([]string, 0, properties)
	for i := range propertySpecs {
		names = append(names, propertySpecs[i].Name)
	}
	return names
}

// Report gives the verdict on each property.
func (c *Checker) Report() []Result {
	seen, configs := len(c.nodes) > 0, true
	for i := range c.nodes {
		seen = seen && c.nodes[i].armed
		configs = configs && c.nodes[i].confKnown
	}
	results := make([]Result, 0, properties)
	for p := range propertySpecs {
		s := &propertySpecs[p]
		r := Result{Name: s.Name, Section: s.Section, Text: s.Text, First: c.first[p]}
		switch {
		case r.First != nil:
			r.Status = Broken
		case !seen || c.blind[p] || s.Needs == needsConfigs && !configs:
			r.Status = NotObservable
		}
		results = append(results, r)
	}
	return results
}
