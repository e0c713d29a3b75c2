package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

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
		Long: "Judge a recording, in the binary form or as ndjson. The exit status is 0 when all is fine,\n" +
			"3 when a property is broken, 4 when some of the run is not in the file.",
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
	c := check.New(src.header)
	var events, missed uint64
	var broken []trace.Violation
	for {
		ev, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading %s behind %d events: %w", path, events, err)
		}
		if m, ok := ev.Body.(trace.Missed); ok {
			missed += m.Count
		}
		broken = append(broken, c.Observe(&ev)...)
		events++
	}
	for _, r := range c.Report() {
		fmt.Fprintf(out, "%-18s %-14s section %-6s %s\n", r.Name, r.Status, r.Section, r.Text)
	}
	fmt.Fprintf(out, "%d events in %s\n", events, path)
	return verdict(out, path, broken, missed, src.whole)
}

// verdict turns what was found into an exit status.
func verdict(out io.Writer, path string, broken []trace.Violation, missed uint64, whole bool) error {
	switch {
	case len(broken) > 0:
		for _, v := range broken {
			fmt.Fprintf(out, "  %s: %s\n", v.Check, v.Text)
		}
		return exitError{exitViolation, fmt.Errorf("%s: %d violations", path, len(broken))}
	case !whole:
		return exitError{exitUndecided, fmt.Errorf("%s is cut off; what is there is fine", path)}
	case missed > 0:
		return exitError{exitUndecided,
			fmt.Errorf("%s does not hold %d events of the run; what is there is fine", path, missed)}
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
	if info.IsDir() || info.Size() > largestFile {
		return nil, fmt.Errorf("opening the recording %s: it is no file of at most %d bytes", path,
			int64(largestFile))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the recording: %w", err)
	}
	if len(b) > 0 && b[0] == '{' {
		r, err := ndjson.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		next := func() (ev trace.Event, err error) {
			err = r.Next(&ev)
			return ev, err
		}
		return &recorded{r.Header(), next, true}, nil
	}
	rec, err := trace.OpenRecording(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &recorded{rec.Header(), oneByOne(rec), rec.Whole()}, nil
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
