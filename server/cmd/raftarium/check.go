package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/ndjson"
)

// largestFile bounds what check reads into memory, in bytes.
const largestFile = 4 << 30

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Judge a recording: do the safety properties of Raft hold in it?",
		Long: "Judge a recording, in the binary form or as ndjson. The exit status is 0 when\n" +
			"all is fine, 3 when a property is broken, 4 when some of the run is not in the file.",
		Example: `  raftarium check run.raftrace
  raftarium check run.ndjson || echo "status $?"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(errors.New("check takes one file"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkFile(cmd.OutOrStdout(), args[0])
		},
	}
}

func checkFile(out io.Writer, path string) error {
	src, err := openRecording(path)
	if err != nil {
		return err
	}
	f := findings{path: path, whole: src.whole}
	c := check.New(src.header)
	for {
		ev, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading %s behind %d events: %w", path, f.events, err)
		}
		f.take(&ev, c.Observe(&ev))
	}
	for _, r := range c.Report() {
		fmt.Fprintf(out, "%-18s %-14s section %-6s %s\n", r.Name, r.Status, r.Section, r.Text)
		f.fog = f.fog || r.Status == check.NotObservable
	}
	fmt.Fprintf(out, "%d events in %s\n", f.events, path)
	return f.verdict(out)
}

// findings is what the events of a recording come to.
type findings struct {
	path   string
	events uint64
	missed uint64
	broken []trace.Violation
	whole  bool
	fog    bool // of some server nothing is known
}

// take takes an event and what it shows to be broken. What was found as the run went on counts too:
// more was known then.
func (f *findings) take(ev *trace.Event, found []trace.Violation) {
	f.events++
	switch b := ev.Body.(type) {
	case trace.Missed:
		f.missed += b.Count
	case trace.Violation:
		found = append(found, b)
	}
	for _, v := range found {
		if !slices.ContainsFunc(f.broken, func(o trace.Violation) bool {
			return o.Check == v.Check && o.Text == v.Text
		}) {
			f.broken = append(f.broken, v)
		}
	}
}

// verdict turns what was found into an exit status.
func (f *findings) verdict(out io.Writer) error {
	undecided := func(format string, args ...any) error {
		return exitError{exitUndecided, fmt.Errorf(format, args...)}
	}
	switch {
	case len(f.broken) > 0:
		for _, v := range f.broken {
			fmt.Fprintf(out, "  %s: %s\n", v.Check, v.Text)
		}
		return exitError{exitViolation, fmt.Errorf("%s: %d violations", f.path, len(f.broken))}
	case !f.whole:
		return undecided("%s is cut off; what is there is fine", f.path)
	case f.missed > 0:
		return undecided("%s does not hold %d events of the run; what is there is fine", f.path,
			f.missed)
	case f.fog:
		return undecided("%s does not say enough of every server to judge", f.path)
	}
	return nil
}

// recorded is a recording in either form.
type recorded struct {
	header trace.Header
	next   func() (trace.Event, error) // io.EOF at its end
	whole  bool
}

// openRecording opens a file in either form.
func openRecording(path string) (*recorded, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("opening the recording: %w", err)
	}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("opening the recording %s: it is a directory", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("opening the recording %s: it is no ordinary file", path)
	case info.Size() > largestFile:
		return nil, fmt.Errorf("opening the recording %s: it has %d bytes, over the %d allowed",
			path, info.Size(), int64(largestFile))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the recording: %w", err)
	}
	if len(b) > 0 && b[0] == '{' {
		return openLines(path, b)
	}
	rec, err := trace.OpenRecording(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &recorded{rec.Header(), oneByOne(rec), rec.Whole()}, nil
}

// openLines opens a recording as ndjson. A last line that is not whole was cut off.
func openLines(path string, b []byte) (*recorded, error) {
	last := bytes.LastIndexByte(b, '\n') + 1
	whole := last == len(b) || json.Valid(b[last:])
	if !whole && last > 0 {
		b = b[:last]
	}
	r, err := ndjson.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	next := func() (ev trace.Event, err error) {
		err = r.Next(&ev)
		return ev, err
	}
	return &recorded{r.Header(), next, whole}, nil
}

// oneByOne reads a source an event at a time.
func oneByOne(src trace.Source) func() (trace.Event, error) {
	var buf []trace.Event
	var end error
	return func() (trace.Event, error) {
		for len(buf) == 0 {
			if end != nil {
				return trace.Event{}, end
			}
			buf, _, end = src.Next(1<<62, make([]trace.Event, 0, 4096))
		}
		ev := buf[0]
		buf = buf[1:]
		return ev, nil
	}
}
