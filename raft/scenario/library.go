package scenario

import (
	"embed"

	"github.com/raftarium/raftarium/raft/say"
)

//go:embed library/*.txt
var files embed.FS

// course is the library in the order in which one would teach it.
var course = [...]string{
	// elections
	"election", "leader-killed", "split-vote", "vote-kept", "vote-twice",
	// logs
	"entry", "slow-follower", "minority", "log-conflict", "figure7", "newer-log", "newer-log-bug",
	"figure8", "figure8-bug", "late-answer-bug", "duplicates",
	// what can go wrong
	"all-restart", "paused", "two-cuts", "even-split", "memory", "wiped", "stuck-disk",
	"stuck-disk-bug", "damaged",
	// liveness
	"check-quorum", "returning", "one-way", "broken-link", "star", "star-stuck",
	// clients, snapshots, members
	"answer-lost", "read", "snapshot", "transfer", "learner", "leader-removed",
}

// Names lists the scenarios of the library, in the order in which one would teach them.
func Names() []string { return append([]string(nil), course[:]...) }

// All gives the scenarios of the library in that order.
func All() ([]*Scenario, error) {
	var all []*Scenario
	for _, name := range course {
		s, err := Named(name)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Named gives a scenario of the library.
func Named(name string) (*Scenario, error) {
	text, err := Source(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

// Source gives the text of a scenario of the library.
func Source(name string) (string, error) {
	b, err := files.ReadFile("library/" + name + ".txt")
	if err != nil {
		return "", say.Errorf("there is no scenario %q; there are %v", name, say.List(Names()))
	}
	return string(b), nil
}
