package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/scenario"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// scenariosName is the library as the page reads it, when it is first asked for.
const scenariosName = "scenarios.json"

// lesson is a scenario for the page: a link that plays it, and what to read when. The engine needs
// no scripts for that: a run is its settings and what was asked of it at which places.
type lesson struct {
	Name    string    `json:"name"`
	Title   string    `json:"title"`
	Lesson  string    `json:"lesson"`
	Section string    `json:"section,omitempty"`
	Bug     string    `json:"bug,omitempty"`
	URI     string    `json:"uri"`
	Steps   []caption `json:"steps"`
}

// caption is what people read at a moment, in microseconds, until the next one.
type caption struct {
	At   int64  `json:"at"`
	Text string `json:"text"`
}

// lessons plays the library.
func lessons() ([]lesson, error) {
	all, err := scenario.All()
	if err != nil {
		return nil, err
	}
	var ls []lesson
	for _, s := range all {
		l, err := lessonOf(s)
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
		}
		ls = append(ls, l)
	}
	return ls, nil
}

func lessonOf(s *scenario.Scenario) (lesson, error) {
	r, err := s.Run()
	if err != nil {
		return lesson{}, err
	}
	uri, err := branch.Say(s.Config, s.Bug, trace.Position{}, sim.Redo{Actions: r.Actions,
		Rungs: []sim.Rung{{Events: r.Events, Hash: r.Hash}}})
	if err != nil {
		return lesson{}, err
	}
	l := lesson{Name: s.Name, Title: s.Title, Lesson: s.Lesson, Section: s.Section, Bug: s.Bug,
		URI: uri}
	for _, v := range r.Verdicts {
		if v.Step.Kind == scenario.Caption {
			l.add(int64(v.At), v.Step.Text)
		}
	}
	l.add(int64(r.At), s.Lesson) // what the last caption tells happens before
	return l, nil
}

// add puts a caption behind the others; what is read at one moment is one.
func (l *lesson) add(at int64, text string) {
	if k := len(l.Steps) - 1; k >= 0 && l.Steps[k].At == at {
		l.Steps[k].Text += " " + text
		return
	}
	l.Steps = append(l.Steps, caption{at, text})
}

// writeScenarios writes the library for the page.
func writeScenarios(dist string) error {
	ls, err := lessons()
	if err != nil {
		return fmt.Errorf("playing the scenarios for the page: %w", err)
	}
	b, err := json.MarshalIndent(ls, "", "\t")
	if err != nil {
		return err
	}
	return writeChanged(filepath.Join(dist, scenariosName), append(b, '\n'))
}
