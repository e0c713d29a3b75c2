package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// simOptions is what the command line says of a simulation.
type simOptions struct {
	cfg    sim.Config
	span   time.Duration
	faults bool
	json   bool
	events bool
	out    string
	link   string
}

func simCommand() *cobra.Command {
	o := simOptions{cfg: sim.DefaultConfig()}
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Run a simulated cluster from a seed, checked as it runs",
		Long: "Run a simulated cluster in no time. The same seed and flags give the same\n" +
			"events, and so the same hash, on every machine. The exit status is 3 when a\n" +
			"property of Raft is broken.",
		Example: `  raftarium sim --nodes 5 --seed 7 --for 60s --json
  raftarium sim --faults --seed 3 --for 30s --events | less
  raftarium sim --for 10s --out run.raftrace && raftarium check run.raftrace
  raftarium sim --link 'http://localhost:8080/?nodes=5&seed=7&run=...' --events`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.OutOrStdout(), cmd.Flags().Changed("for"))
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.cfg.Nodes, "nodes", o.cfg.Nodes, "how many nodes, 1 to 101")
	f.Uint64Var(&o.cfg.Seed, "seed", o.cfg.Seed, "of everything that is drawn")
	f.DurationVar(&o.span, "for", time.Minute, "how long, in simulated time")
	f.StringVar(&o.cfg.Store, "store", o.cfg.Store,
		"file keeps what was synced at a kill, memory loses all")
	f.StringVar(&o.cfg.Machine, "machine", o.cfg.Machine, "the state machine: kv or ledger")
	f.StringVar(&o.cfg.Scenario, "scenario", o.cfg.Scenario, fmt.Sprint("one of ", sim.Scenarios()))
	f.BoolVar(&o.faults, "faults", false, "let accidents happen: crashes, pauses, cuts, loss")
	f.BoolVar(&o.json, "json", false, "print the result as JSON")
	f.BoolVar(&o.events, "events", false, "print a line for each event that is of interest")
	f.StringVar(&o.out, "out", "", "write a recording to this file")
	f.StringVar(&o.link, "link", "", "run what a page's link shares, up to the moment that it "+
		"shows; the other settings of the cluster are the link's")
	return cmd
}

// simResult is what a run comes to. Numbers of 64 bits that say who rather than how many are text.
type simResult struct {
	Nodes      int             `json:"nodes"`
	Seed       string          `json:"seed"`
	Rules      int             `json:"rules"`
	Seconds    float64         `json:"seconds"`
	Events     uint64          `json:"events"`
	Hash       string          `json:"hash"`
	Leader     string          `json:"leader"`
	Term       raft.Term       `json:"term"`
	Commit     raft.Index      `json:"commitIndex"`
	Checks     []checkLine     `json:"checks"`
	Violations []violationLine `json:"violations"`
	WallMillis int64           `json:"wallMillis"`
}

type checkLine struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

type violationLine struct {
	Check  string  `json:"check"`
	Text   string  `json:"text"`
	Second float64 `json:"second"`
}

// cluster begins what is asked for.
func (o *simOptions) cluster(spanGiven bool) (*sim.Cluster, error) {
	if o.link == "" {
		return sim.New(o.cfg)
	}
	address := o.link
	if _, query, ok := strings.Cut(address, "?"); ok {
		address = "sim:?" + query // whatever page it leads to
	}
	c, at, err := branch.Cluster(address, mutant.Break)
	if err != nil {
		return nil, err
	}
	o.cfg = c.Config()
	if at > 0 && !spanGiven {
		o.span = time.Duration(at) * time.Microsecond
	}
	return c, nil
}

// run runs it; spanGiven says that --for was given.
func (o *simOptions) run(out io.Writer, spanGiven bool) (err error) {
	if o.span < time.Microsecond || o.span > 1000*time.Hour {
		return usage(fmt.Errorf("--for %v: a run takes at least a microsecond and at most "+
			"1000 hours", o.span))
	}
	o.span = o.span.Truncate(time.Microsecond) // simulated time has no finer moments
	if o.json && o.events {
		return usage(errors.New("--json and --events do not go together: both write to the output"))
	}
	if o.faults {
		o.cfg.Nemesis = sim.AllFaults(300*raft.Millisecond, raft.Time(o.span.Microseconds())*4/5)
	}
	c, err := o.cluster(spanGiven)
	if err != nil {
		return usage(err)
	}
	w := bufio.NewWriter(out)
	defer func() { err = firstError(err, w.Flush()) }()
	r := simRun{cluster: c, checker: check.New(c.Header()), state: &trace.State{},
		bodies: &trace.Bodies{}}
	if o.events {
		r.lines = w
	}
	if o.out != "" {
		closeFile, err := r.record(o.out)
		if err != nil {
			return err
		}
		defer func() { err = firstError(err, closeFile()) }()
	}
	began := time.Now()
	if err := r.to(raft.Time(o.span.Microseconds())); err != nil {
		return err
	}
	return o.report(w, r.result(o, time.Since(began)))
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// simRun drives a cluster and folds what happens.
type simRun struct {
	cluster    *sim.Cluster
	checker    *check.Checker
	state      *trace.State
	bodies     *trace.Bodies
	lines      io.Writer
	recording  *trace.Writer
	violations []violationLine
}

// record begins a recording; the function that it gives completes the file.
func (r *simRun) record(path string) (func() error, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("writing a recording: %w", err)
	}
	if r.recording, err = trace.NewWriter(f, r.cluster.Header()); err != nil {
		f.Close()
		return nil, fmt.Errorf("writing the recording %s: %w", path, err)
	}
	return func() error {
		return firstError(r.recording.Close(), f.Close())
	}, nil
}

func (r *simRun) to(until raft.Time) error {
	buf := make([]trace.Event, 0, 1024)
	for {
		got, reached, err := r.cluster.Next(until, buf[:0])
		if err != nil {
			return err
		}
		for i := range got {
			if err := r.take(&got[i]); err != nil {
				return err
			}
		}
		if reached >= until {
			return nil
		}
	}
}

// take folds one event, judges it, prints it and records it.
func (r *simRun) take(ev *trace.Event) error {
	if r.lines != nil && world.IconIn(ev, r.state) != "" {
		fmt.Fprintln(r.lines, world.LineIn(ev, r.state))
	}
	world.Apply(r.state, r.bodies, ev)
	found := r.checker.Observe(ev)
	if v, ok := ev.Body.(trace.Violation); ok {
		found = append(found, v)
	}
	for _, v := range found {
		r.violations = append(r.violations, violationLine{v.Check, v.Text, seconds(ev.At)})
	}
	if r.recording != nil {
		return r.recording.Append(ev)
	}
	return nil
}

func seconds(t raft.Time) float64 { return float64(t) / float64(raft.Second) }

func (r *simRun) result(o *simOptions, wall time.Duration) simResult {
	events, hash := r.cluster.Run()
	res := simResult{Nodes: o.cfg.Nodes, Seed: fmt.Sprint(o.cfg.Seed), Rules: sim.Version,
		Seconds: o.span.Seconds(), Events: events, Hash: fmt.Sprintf("%016x", hash),
		Checks: []checkLine{}, Violations: append([]violationLine{}, r.violations...),
		WallMillis: wall.Milliseconds()}
	for i := range r.state.Nodes {
		n := &r.state.Nodes[i]
		if n.Alive && n.Role == raft.Leader && n.Term >= res.Term {
			res.Leader, res.Term = n.ID.String(), n.Term
		}
		res.Commit = max(res.Commit, n.Commit)
	}
	for _, c := range r.checker.Report() {
		res.Checks = append(res.Checks, checkLine{c.Name, c.Status.String()})
	}
	return res
}

// report prints the result; a violation is an exit status of its own.
func (o *simOptions) report(w io.Writer, res simResult) error {
	if o.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		if err := enc.Encode(res); err != nil {
			return err
		}
	} else {
		leader := "nobody leads"
		if res.Leader != "" {
			leader = fmt.Sprintf("%s leads term %d", res.Leader, res.Term)
		}
		span := strconv.FormatFloat(res.Seconds, 'f', -1, 64)
		fmt.Fprintf(w, "%d nodes, seed %s, %s s: %d events, hash %s\n", res.Nodes, res.Seed, span,
			res.Events, res.Hash)
		fmt.Fprintf(w, "%s, committed to %d\n", leader, res.Commit)
		for _, c := range res.Checks {
			fmt.Fprintf(w, "  %-18s %s\n", c.Name, c.Status)
		}
		for _, v := range res.Violations {
			fmt.Fprintf(w, "%9.3f s  %s: %s\n", v.Second, v.Check, v.Text)
		}
	}
	if n := len(res.Violations); n > 0 {
		return exitError{exitViolation, fmt.Errorf("%d violations; the first: %s", n,
			res.Violations[0].Text)}
	}
	return nil
}
