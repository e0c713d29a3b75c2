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
	"github.com/raftarium/raftarium/raft/check/linear"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/ndjson"
)

// largestFile bounds what check reads into memory, in bytes.
const largestFile = 4 << 30

func checkCommand() *cobra.Command {
	var linearly bool
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Judge a recording: do the safety properties of Raft hold in it?",
		Long: "Judge a recording, in the binary form or as ndjson. The exit status is 0 when\n" +
			"all is fine, 3 when a property is broken, 4 when some of the run is not in the\n" +
			"file, or something stands behind its end. With --linear it also looks for an order\n" +
			"of the clients' requests that explains all that they were told.",
		Example: `  raftarium check run.raftrace
  raftarium check run.ndjson || echo "status $?"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(errors.New("check takes one file"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkFile(cmd.OutOrStdout(), args[0], linearly)
		},
	}
	cmd.Flags().BoolVar(&linearly, "linear", false,
		"look at what clients were told, too: is it linearizable?")
	return cmd
}

// mostOperations bounds how many operations of clients are looked at.
const mostOperations = 200_000

func checkFile(out io.Writer, path string, linearly bool) error {
	src, err := openRecording(path)
	if err != nil {
		return err
	}
	f := findings{path: path, whole: src.whole, end: src.end, behind: src.behind}
	c, h := check.New(src.header), linear.NewHistory(mostOperations)
	for {
		ev, err := src.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading %s behind %d events: %w", path, f.events, err)
		}
		f.take(&ev, c.Observe(&ev))
		if linearly {
			h.Observe(&ev)
		}
	}
	for _, r := range c.Report() {
		fmt.Fprintf(out, "%-18s %-14s section %-12s %s\n", r.Name, r.Status, r.Section, r.Text)
		f.fog = f.fog || r.Status == check.NotObservable
	}
	if linearly {
		f.clients(out, h)
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
	vague  bool // clients were asked for and not enough is known of them
	end    int  // of the recording, in bytes; behind it stand so many more
	behind int
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

// clients judges what clients were told, and says it in the line of a property.
func (f *findings) clients(out io.Writer, h *linear.History) {
	r := h.Check()
	status := check.Holds
	switch {
	case r.Verdict == linear.Broken:
		status = check.Broken
		f.broken = append(f.broken, trace.Violation{Check: "linearizable", Text: r.Text})
	case r.Verdict == linear.Unknown || h.Dropped() || r.Operations == 0:
		status, f.vague = check.NotObservable, true
	}
	fmt.Fprintf(out, "%-18s %-14s section %-12s %d operations of clients have an order that "+
		"explains what they were told.\n", "linearizable", status, "8", r.Operations)
	if r.Verdict == linear.Unknown {
		fmt.Fprintf(out, "  %s\n", r.Text)
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
	case f.behind > 0:
		return undecided("%s goes on behind its end, at byte %d, for %d bytes that are not "+
			"judged; what is before is fine", f.path, f.end, f.behind)
	case f.missed > 0:
		return undecided("%s does not hold %d events of the run; what is there is fine", f.path,
			f.missed)
	case f.fog:
		return undecided("%s does not say enough of every server to judge", f.path)
	case f.vague:
		return undecided("%s does not say enough of its clients to judge", f.path)
	}
	return nil
}

// recorded is a recording in either form.
type recorded struct {
	header trace.Header
	next   func() (trace.Event, error) // io.EOF at its end
	whole  bool
	end    int // where it ends, in bytes, and how many stand behind that
	behind int
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
	end := endOf(b)
	rec, err := trace.OpenRecording(b[:end])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &recorded{rec.Header(), oneByOne(rec), rec.Whole(), end, len(b) - end}, nil
}

// endMark is what the binary form ends with, and mostEnds bounds how often it is tried.
const (
	endMark  = "RAFTEND1"
	mostEnds = 1000
)

// endOf finds where a recording in the binary form ends: at the first mark behind which nothing of
// it is missing. One that was cut off has no end before that of the bytes.
func endOf(b []byte) int {
	at := 0
	for range mostEnds {
		i := bytes.Index(b[at:], []byte(endMark))
		if i < 0 {
			break
		}
		at += i + len(endMark)
		if rec, err := trace.OpenRecording(b[:at]); err == nil && rec.Whole() {
			return at
		}
	}
	return len(b)
}

// nextHeader begins a line of ndjson that is the header of another recording.
const nextHeader = "\n{\"format\":"

// openLines opens a recording as ndjson. A last line that is not whole was cut off; at a second
// header the recording has ended.
func openLines(path string, b []byte) (*recorded, error) {
	all := len(b)
	if i := bytes.Index(b, []byte(nextHeader)); i >= 0 {
		b = b[:i+1]
	}
	end := len(b)
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
	return &recorded{r.Header(), next, whole, end, all - end}, nil
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
