package scenario

import (
	"strings"

	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Open opens a simulation by its address, as sim.ParseURI knows it. If its scenario is one of the
// library, that is played with its own settings, whatever else the address says.
func Open(uri string) (trace.Source, error) {
	if name, ok := nameIn(uri); ok {
		s, err := Named(name)
		if err != nil {
			return nil, err
		}
		return s.Play()
	}
	cfg, err := sim.ParseURI(uri)
	if err != nil {
		return nil, err
	}
	return sim.New(cfg)
}

// nameIn gives the scenario of the library that an address names; false if it names none.
func nameIn(uri string) (string, bool) {
	query, ok := strings.CutPrefix(uri, "sim:")
	if !ok {
		return "", false
	}
	for pair := range strings.SplitSeq(strings.TrimPrefix(query, "?"), "&") {
		if name, ok := strings.CutPrefix(pair, "scenario="); ok {
			for _, n := range Names() {
				if n == name {
					return name, true
				}
			}
		}
	}
	return "", false
}
