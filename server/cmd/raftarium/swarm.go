package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/scenario"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/sim/swarm"
)

// swarmOptions is what the command line says of a swarm.
type swarmOptions struct {
	from    uint64
	seeds   uint64
	seconds uint64
	shard   string
	jobs    int
	json    bool
	most    int
	out     string

	index, of uint64 // the shard
}

func swarmCommand() *cobra.Command {
	o := swarmOptions{}
	cmd := &cobra.Command{
		Use:   "swarm",
		Short: "Let many simulated clusters live through all faults, and judge them",
		Long: "Let one simulated cluster after the other live through whatever its seed draws:\n" +
			"size, options, load and faults. While the faults go on nothing may be broken;\n" +
			"when they are over it must serve again soon. A seed that fails is shrunk and\n" +
			"written as a scenario. The exit status is 3 when one failed.",
		Example: `  raftarium swarm --seconds 1800
  raftarium swarm --seeds 10000 --shard 3/16 --json
  raftarium swarm --from 4711 --seeds 1`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.Uint64Var(&o.from, "from", 1, "the first seed")
	f.Uint64Var(&o.seeds, "seeds", 0, "how many seeds, all shards together; 0 for no end")
	f.Uint64Var(&o.seconds, "seconds", 0, "for how long; 0 for no end")
	f.StringVar(&o.shard, "shard", "0/1", "which part of the seeds, of how many: i/n, from 0")
	f.IntVar(&o.jobs, "jobs", 1, "how many at the same time")
	f.BoolVar(&o.json, "json", false,
		"print a line of JSON for each seed that failed, and a last one")
	f.IntVar(&o.most, "shrink", 2000, "how many runs may be tried to shrink a failure; 0 for none")
	f.StringVar(&o.out, "out", ".", "where the scenarios of failures are written")
	return cmd
}

// parse looks whether the options make sense.
func (o *swarmOptions) parse() error {
	i, n, ok := strings.Cut(o.shard, "/")
	var errs [2]error
	o.index, errs[0] = strconv.ParseUint(i, 10, 32)
	o.of, errs[1] = strconv.ParseUint(n, 10, 32)
	switch {
	case !ok || errs[0] != nil || errs[1] != nil || o.index >= o.of:
		return usage(fmt.Errorf("--shard %q: give i/n with i from 0 to n-1", o.shard))
	case o.seeds == 0 && o.seconds == 0:
		return usage(errors.New("a swarm needs an end: give --seeds, --seconds, or both"))
	case o.seconds > 1<<31:
		return usage(fmt.Errorf("--seconds %d is too long", o.seconds))
	case o.jobs < 1 || o.jobs > 1024:
		return usage(fmt.Errorf("--jobs %d: from 1 to 1024 at the same time", o.jobs))
	case o.most < 0:
		return usage(fmt.Errorf("--shrink %d is below 0", o.most))
	}
	return nil
}

// swarmFailure is a line about a seed that failed. Numbers of 64 bits are text.
type swarmFailure struct {
	Seed     string  `json:"seed"`
	Verdict  string  `json:"verdict"`
	Check    string  `json:"check"`
	Text     string  `json:"text"`
	Second   float64 `json:"second"`
	Events   uint64  `json:"events"`
	Hash     string  `json:"hash"`
	Command  string  `json:"command"`
	Link     string  `json:"link"`
	Scenario string  `json:"scenario,omitempty"` // the file
}

// swarmTotal is the last line.
type swarmTotal struct {
	Rules    int            `json:"rules"`
	Shard    string         `json:"shard"`
	Seeds    uint64         `json:"seeds"`
	Events   uint64         `json:"events"`
	Verdicts map[string]int `json:"verdicts"`
	Slow     uint64         `json:"slow"` // well in the end, but later than they should
	Failed   int            `json:"failed"`
	Seconds  float64        `json:"seconds"` // of the wall
}

func (o *swarmOptions) run(out io.Writer) error {
	if err := o.parse(); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	h := hive{options: o, out: w, began: time.Now(), next: o.from + o.index,
		total: swarmTotal{Rules: sim.Version, Shard: o.shard, Verdicts: map[string]int{}}}
	var all sync.WaitGroup
	for range o.jobs {
		all.Go(h.work)
	}
	all.Wait()
	h.total.Seconds = time.Since(h.began).Seconds()
	h.end()
	return firstError(h.err, firstError(w.Flush(), h.verdict()))
}

// hive runs the seeds of a shard.
type hive struct {
	options *swarmOptions
	began   time.Time

	mu    sync.Mutex
	out   *bufio.Writer
	next  uint64
	total swarmTotal
	err   error
}

// take gives the next seed; false when there is none, or no time.
func (h *hive) take() (seed uint64, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o := h.options
	seed = h.next
	late := o.seconds > 0 && time.Since(h.began) >= time.Duration(o.seconds)*time.Second
	if h.err != nil || late || o.seeds > 0 && seed-o.from >= o.seeds {
		return 0, false
	}
	h.next += o.of
	return seed, true
}

func (h *hive) work() {
	for {
		seed, ok := h.take()
		if !ok {
			return
		}
		r, err := swarm.Run(seed, sim.SwarmSpan)
		var line *swarmFailure
		if err == nil && r.Verdict.Failed() {
			line, err = h.options.failure(swarm.Config(seed, sim.SwarmSpan), &r)
		}
		h.done(&r, line, err)
	}
}

func (h *hive) done(r *swarm.Result, line *swarmFailure, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.err = firstError(h.err, err)
		return
	}
	h.total.Seeds++
	h.total.Events += r.Events
	h.total.Verdicts[r.Verdict.String()]++
	if r.Slow {
		h.total.Slow++
	}
	if line == nil {
		return
	}
	h.total.Failed++
	if h.options.json {
		h.line(line)
	} else {
		fmt.Fprintf(h.out, "seed %s, %.3f s: %s: %s: %s\n  %s\n  %s\n", line.Seed, line.Second,
			line.Verdict, line.Check, line.Text, line.Command, line.Link)
		if line.Scenario != "" {
			fmt.Fprintf(h.out, "  %s\n", line.Scenario)
		}
	}
	h.err = firstError(h.err, h.out.Flush())
}

func (h *hive) line(v any) { h.err = firstError(h.err, json.NewEncoder(h.out).Encode(v)) }

func (h *hive) end() {
	if h.options.json {
		h.line(&h.total)
		return
	}
	t := &h.total
	fmt.Fprintf(h.out, "%d seeds, %d events in %.1f s; %d failed, %d slow %v\n", t.Seeds,
		t.Events, t.Seconds, t.Failed, t.Slow, t.Verdicts)
}

func (h *hive) verdict() error {
	if h.total.Failed == 0 {
		return nil
	}
	return exitError{exitViolation, fmt.Errorf("%d of %d seeds failed", h.total.Failed,
		h.total.Seeds)}
}

// failure says how to see a failure again, and shrinks it into a scenario.
func (o *swarmOptions) failure(cfg sim.Config, r *swarm.Result) (*swarmFailure, error) {
	line := &swarmFailure{Seed: strconv.FormatUint(r.Seed, 10), Verdict: r.Verdict.String(),
		Check: r.Check, Text: r.Text, Second: seconds(r.At), Events: r.Events,
		Hash:    fmt.Sprintf("%016x", r.Hash),
		Command: fmt.Sprintf("raftarium swarm --from %d --seeds 1", r.Seed),
		Link:    "/" + strings.TrimPrefix(cfg.URI(), "sim:")}
	if o.most == 0 {
		return line, nil
	}
	judge, broken := scenario.Breaks(r.Check), r.Check
	if r.Verdict == swarm.NotAlive {
		judge, broken = swarm.Stuck, ""
	}
	k, failed, err := scenario.Record(cfg, r.At+raft.Second, judge)
	if err != nil || !failed {
		return line, err
	}
	small, _ := scenario.Shrink(k, judge, o.most)
	title := fmt.Sprintf("Seed %d: %s", r.Seed, r.Check)
	line.Scenario = filepath.Join(o.out, fmt.Sprintf("seed-%d.txt", r.Seed))
	err = os.MkdirAll(o.out, 0o755)
	if err == nil {
		err = os.WriteFile(line.Scenario, []byte(small.Text(title, broken)), 0o644)
	}
	if err != nil {
		return nil, fmt.Errorf("writing the scenario of seed %d: %w", r.Seed, err)
	}
	return line, nil
}
