package main

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/scenario"
	"github.com/raftarium/raftarium/raft/trace"
)

// Each scenario of the page plays as the text does: to the same hash, with nobody but the link.
func TestLessonsPlayAsTheirScenarios(t *testing.T) {
	ls, err := lessons()
	if err != nil {
		t.Fatal(err)
	}
	if len(ls) < 25 {
		t.Errorf("the page has %d scenarios", len(ls))
	}
	for _, l := range ls {
		s, err := scenario.Named(l.Name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := s.Run()
		if err != nil {
			t.Fatal(err)
		}
		r, err := branch.OpenIn(l.URI, mutant.Break)
		if err != nil {
			t.Errorf("%s: %v", l.Name, err)
			continue
		}
		for events, hash := uint64(0), uint64(0); events < want.Events; {
			evs, _, err := r.Next(want.At, make([]trace.Event, 0, 1))
			if err != nil || len(evs) == 0 {
				t.Errorf("%s: %d of %d events, %v", l.Name, events, want.Events, err)
				break
			}
			if evs[0].Body.Kind().InRun() {
				events, hash = events+1, trace.HashEvent(hash, &evs[0])
			}
			if events == want.Events && hash != want.Hash {
				t.Errorf("%s: another run: %x, want %x", l.Name, hash, want.Hash)
			}
		}
		last := raft.Time(-1)
		for _, c := range l.Steps {
			if raft.Time(c.At) < last || c.Text == "" {
				t.Errorf("%s: %q at %d", l.Name, c.Text, c.At)
			}
			last = raft.Time(c.At)
		}
	}
}
