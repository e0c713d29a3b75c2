// Package world is what a viewer knows: the fold of a run's events into a trace.State, the timeline
// that keeps the events and goes to any moment of them, and the words in which both are told.
//
// The fold does not judge. It takes every well-formed event, impossible ones too: wrong rules and
// gaps make those on purpose, and judging is package check's. What it cannot know it says: a node
// whose events are missing, or were not understood, is unknown until its next start or key frame.
package world
