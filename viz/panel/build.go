package panel

import (
	"slices"
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Input is what a view is made of.
type Input struct {
	Header    trace.Header
	Connected bool
	Retrying  bool
	Error     string

	State  *trace.State  // at the play-head; nil before there is one
	Bodies *trace.Bodies // nil when none are known
	Book   *Book         // nil before there is a source
	Clock  Clock         // Events, Hash and Hashed are filled in from the state
	// Ordinal is one more than the ordinal of the last event at or before the play-head.
	Ordinal  uint64
	Selected raft.NodeID
	Event    uint64 // the ordinal of the event that was chosen, if Chosen
	Chosen   bool
	LogFrom  raft.Index // the first index of the log's window; 0 to follow the commit index
	Scale    float32    // device pixels per CSS pixel
	Places   []Place
	Sides    []Side
	Why      Why
	Answers  []Answer
	Branches []Branch
	// Config is the configuration that counts, made by the entry at ConfigIndex; it names nobody
	// while nothing is known of it.
	Config      raft.Configuration
	ConfigIndex raft.Index
}

// Place is where a node stands in the picture, in device pixels.
type Place struct {
	ID      raft.NodeID
	X, Y, R float32
}

// Build makes the view of in, using the memory of v.
func Build(v *View, in *Input) {
	h := &in.Header
	v.Source = Source{Kind: h.Kind, Title: h.Title, URI: h.URI, Engine: h.Engine,
		Seed: strconv.FormatUint(h.Seed, 10), Store: h.Store, Machine: h.Machine, Caps: h.Caps,
		Why: h.Why, Connected: in.Connected, Retrying: in.Retrying, Error: in.Error}
	v.Time = in.Clock
	v.Why = in.Why
	v.Answers = append(v.Answers[:0], in.Answers...)
	v.Branches = append(v.Branches[:0], in.Branches...)
	v.Nodes, v.Links = v.Nodes[:0], v.Links[:0]
	v.Violations, v.Sides, v.Reads = v.Violations[:0], v.Sides[:0], v.Reads[:0]
	s := in.State
	if s == nil {
		s = &trace.State{}
	}
	v.Time.Events, v.Time.Hash = s.Events, s.Hash
	v.Time.Hashed = h.Caps&trace.Hashed != 0
	v.Links = append(v.Links, s.Links...)
	for i := range s.Nodes {
		v.Nodes = append(v.Nodes, node(in, s, &s.Nodes[i]))
	}
	v.Group.build(in)
	v.Sides = append(v.Sides, in.Sides...)
	v.Summary = summary(in, s)
	v.Log.build(in, s)
	v.Checks.build(s)
	v.Events.build(in)
	v.Lanes.build(in)
	if in.Book != nil {
		v.Violations = in.Book.violationsUpTo(v.Violations, in.Ordinal)
		v.Reads = in.Book.readsUpTo(v.Reads, in.Clock.At)
	}
}

// summary says how the cluster is in one sentence.
func summary(in *Input, s *trace.State) string {
	if in.Error != "" {
		return in.Error
	}
	if len(s.Nodes) == 0 {
		return "waiting for the cluster"
	}
	var b []byte
	term, up := raft.Term(0), 0
	voters := electors(in, s)
	for i := range s.Nodes {
		n := &s.Nodes[i]
		term = max(term, n.Term)
		if n.Alive && !n.Paused && slices.Contains(voters, n.ID) {
			up++
		}
	}
	b = append(b, "term "...)
	b = strconv.AppendUint(b, uint64(term), 10)
	b = append(append(b, ", "...), leadership(s)...)
	b = append(b, ", "...)
	b = strconv.AppendInt(b, int64(up), 10)
	b = append(b, " of "...)
	b = strconv.AppendInt(b, int64(len(voters)), 10)
	b = append(b, " up, "...)
	if in.Config.Joint() {
		b = append(b, "two majorities are needed, "...)
	}
	if k := len(in.Config.Learners); k > 0 {
		b = append(appendCount(b, k, "learner"), ", "...)
	}
	b = appendCount(b, flying(s), "message")
	return string(append(b, " in flight"...))
}

// leadership says who leads. Two may think so, of different terms.
func leadership(s *trace.State) string {
	text, count := "", 0
	var lead *trace.NodeState
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if !n.Alive || n.Role != raft.Leader {
			continue
		}
		if count++; lead == nil || n.Term > lead.Term {
			lead = n
		}
	}
	if lead == nil {
		return "nobody leads"
	}
	text = lead.ID.String() + " leads"
	for i := range s.Nodes {
		if n := &s.Nodes[i]; n.Alive && n.Role == raft.Leader && n != lead {
			text += ", " + n.ID.String() + " still thinks that it leads term " +
				strconv.FormatUint(uint64(n.Term), 10)
		}
	}
	return text
}

func flying(s *trace.State) (n int) {
	for i := range s.Flights {
		if s.Flights[i].Fate == trace.Flying {
			n++
		}
	}
	return n
}

// appendCount appends a number and its noun, with an s unless it is one.
func appendCount(b []byte, n int, noun string) []byte {
	b = append(strconv.AppendInt(b, int64(n), 10), ' ')
	if b = append(b, noun...); n != 1 {
		b = append(b, 's')
	}
	return b
}

func count(n int, noun string) string { return string(appendCount(nil, n, noun)) }
