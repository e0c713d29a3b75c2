package scenario

import (
	"slices"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// view is what a condition is judged by: what can be seen of the run, as a viewer sees it.
type view struct {
	state   *trace.State
	checker *check.Checker
	seen    []int // of each watch: how many such events there were in this act
}

// condition is something that holds or does not.
type condition struct {
	text  string
	no    bool
	holds func(*view) bool
}

// conditions hold when each does.
type conditions []condition

func (cs conditions) hold(v *view) bool { return cs.fails(v) == "" }

// fails says which one does not hold; empty if all do.
func (cs conditions) fails(v *view) string {
	for i := range cs {
		switch {
		case cs[i].holds(v) != cs[i].no:
		case len(cs) == 1:
			return "it is not so"
		default:
			return cs[i].text + ": it is not so"
		}
	}
	return ""
}

// term is a word that a condition begins with.
type term struct {
	name string
	form string // what stands behind it
	text string // when it holds, for people
	read func(*line, *Scenario) (func(*view) bool, error)
}

func terms() []term {
	all := []term{
		{"leader", "[S1]", "somebody leads, or S1 leads the highest term that has a leader",
			readLeader},
		{"two", "leaders", "two servers hold themselves for leader, a paused one included",
			readTwo},
		{"role", "S1 candidate", "S1 is up and has that role", readRole},
		{"up", "on S1 S2", "they run and are not paused", readUp},
		{"vote", "S1 on S2 S3", "they have voted for S1 in their term; nobody for no vote",
			readVote},
		{"log", "1-3@1 4@2 on S1", "that is their log: 1 to 3 of term 1, then 4 of term 2",
			readLog},
		{"equal", "[on S1 S2]", "their logs and commit indexes are equal; without on: of who is up",
			readEqual},
		{"quiet", "", "nothing but heartbeats is on its way, and no request is open", readQuiet},
		{"holds", "electionSafety", "the property is not broken so far; all: none is", readHolds},
		{"broken", "electionSafety", "the property is broken", readBroken},
		{"event", "voteRefused on S2 with S1 because logBehindTerm",
			"that has happened since the last step that only looked: a caption, an expectation",
			readEvent},
	}
	for _, q := range quantities {
		all = append(all, term{q.name, ">= 4 [on S1 S2]",
			q.text + "; without on: the highest of all", readQuantity(q.of)})
	}
	return all
}

// conditions reads conditions to the end of the line, or to a word that ends them.
func (l *line) conditions(s *Scenario) (conditions, error) {
	var cs conditions
	for {
		before := l.words
		c := condition{no: l.accept("no")}
		word := l.next()
		k := slices.IndexFunc(terms(), func(t term) bool { return t.name == word })
		if k < 0 {
			return nil, l.choice("condition", word, termNames())
		}
		var err error
		if c.holds, err = terms()[k].read(l, s); err != nil {
			return nil, err
		}
		c.text = strings.Join(before[:len(before)-len(l.words)], " ")
		s.breaks = s.breaks || word == "broken" && !c.no
		if cs = append(cs, c); !l.accept("and") {
			return cs, nil
		}
	}
}

func termNames() []string {
	var names []string
	for _, t := range terms() {
		names = append(names, t.name)
	}
	return names
}

// on takes the servers that a condition is about; nil if it does not say.
func (l *line) on() ([]raft.NodeID, error) {
	if !l.accept("on") {
		return nil, nil
	}
	return l.servers()
}

// mustOn takes the servers that a condition has to name.
func (l *line) mustOn() ([]raft.NodeID, error) {
	if l.peek() != "on" {
		return nil, l.errorf("%s stands where \"on S1\" or \"on all\" is missing",
			l.shown(l.peek()))
	}
	return l.on()
}

// everywhere makes a condition of all servers of a list.
func everywhere(ids []raft.NodeID, is func(*trace.NodeState) bool) func(*view) bool {
	return func(v *view) bool {
		for _, id := range ids {
			if n := v.state.Node(id); n == nil || !n.Known || !is(n) {
				return false
			}
		}
		return true
	}
}

// runs reports whether a server is up and not paused.
func runs(n *trace.NodeState) bool { return n.Known && n.Alive && !n.Paused }

// leaderOf gives the leader of the highest term, among those who run; 0 for nobody.
func leaderOf(s *trace.State) raft.NodeID {
	leader, term := raft.NodeID(0), raft.Term(0)
	for i := range s.Nodes {
		if n := &s.Nodes[i]; runs(n) && n.Role == raft.Leader && n.Term > term {
			leader, term = n.ID, n.Term
		}
	}
	return leader
}

func readLeader(l *line, _ *Scenario) (func(*view) bool, error) {
	if !l.atServer() {
		return func(v *view) bool { return leaderOf(v.state) != 0 }, nil
	}
	id, err := l.server()
	return func(v *view) bool { return leaderOf(v.state) == id }, err
}

func readTwo(l *line, _ *Scenario) (func(*view) bool, error) {
	if w := l.next(); w != "leaders" {
		return nil, l.choice("condition", "two "+w, []string{"two leaders"})
	}
	return func(v *view) bool {
		count := 0
		for i := range v.state.Nodes {
			if n := &v.state.Nodes[i]; n.Known && n.Alive && n.Role == raft.Leader {
				count++
			}
		}
		return count >= 2
	}, nil
}

func readRole(l *line, _ *Scenario) (func(*view) bool, error) {
	id, err := l.server()
	if err != nil {
		return nil, err
	}
	var names []string
	w := l.next()
	for r := raft.Follower; r <= raft.Learner; r++ {
		if names = append(names, r.String()); r.String() == w {
			return everywhere([]raft.NodeID{id}, func(n *trace.NodeState) bool {
				return n.Alive && n.Role == r
			}), nil
		}
	}
	return nil, l.choice("role", w, names)
}

func readUp(l *line, _ *Scenario) (func(*view) bool, error) {
	ids, err := l.mustOn()
	return everywhere(ids, runs), err
}

func readVote(l *line, _ *Scenario) (func(*view) bool, error) {
	var id raft.NodeID
	var err error
	if !l.accept("nobody") {
		if id, err = l.server(); err != nil {
			return nil, err
		}
	}
	ids, err := l.mustOn()
	return everywhere(ids, func(n *trace.NodeState) bool { return n.Vote == id }), err
}

// readLog takes the text of a log as logText writes it.
func readLog(l *line, _ *Scenario) (func(*view) bool, error) {
	text := ""
	for len(l.words) > 0 && l.peek() != "on" {
		if text != "" {
			text += " "
		}
		text += l.next()
	}
	if text == "" {
		return nil, l.errorf("a log is missing, like 1-3@1 4@2, or empty")
	}
	ids, err := l.mustOn()
	return everywhere(ids, func(n *trace.NodeState) bool {
		return world.LogText(&n.Log) == text
	}), err
}

func readEqual(l *line, _ *Scenario) (func(*view) bool, error) {
	ids, err := l.on()
	return func(v *view) bool {
		var first *trace.NodeState
		for i := range v.state.Nodes {
			n := &v.state.Nodes[i]
			switch {
			case ids == nil && !runs(n), ids != nil && !slices.Contains(ids, n.ID):
			case !n.Known:
				return false
			case first == nil:
				first = n
			case n.Log.Last() != first.Log.Last() || n.Commit != first.Commit:
				return false
			}
		}
		return true
	}, err
}

func readQuiet(*line, *Scenario) (func(*view) bool, error) {
	return func(v *view) bool {
		for i := range v.state.Flights {
			f := &v.state.Flights[i]
			class := trace.ClassOf(&f.Message)
			if f.Fate == trace.Flying && class != trace.ClassHeartbeat &&
				class != trace.ClassAppendReply {
				return false
			}
		}
		for i := range v.state.Requests {
			if v.state.Requests[i].Outcome == 0 {
				return false
			}
		}
		return true
	}, nil
}

func readHolds(l *line, _ *Scenario) (func(*view) bool, error) {
	if l.accept("all") {
		return func(v *view) bool { return brokenBy(v.checker) == "" }, nil
	}
	broken, err := readProperty(l)
	return func(v *view) bool { return !broken(v) }, err
}

func readBroken(l *line, _ *Scenario) (func(*view) bool, error) { return readProperty(l) }

// readProperty takes the name of a property and gives whether it is broken.
func readProperty(l *line) (func(*view) bool, error) {
	name := l.next()
	if !slices.Contains(check.Names(), name) {
		return nil, l.choice("property", name, append([]string{"all"}, check.Names()...))
	}
	return func(v *view) bool {
		for _, r := range v.checker.Report() {
			if r.Name == name {
				return r.Status == check.Broken
			}
		}
		return false
	}, nil
}

// brokenBy gives the first property that is broken, as a text for people; empty for none.
func brokenBy(c *check.Checker) string {
	for _, r := range c.Report() {
		if r.Status == check.Broken {
			return r.Name + ": " + r.First.Text
		}
	}
	return ""
}
