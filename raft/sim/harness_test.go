package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

var (
	rewrite = flag.Bool("rewrite", false, "write the golden files instead of comparing")
	long    = flag.Bool("long", false, "run ten times as many seeds")
	oneSeed = flag.Uint64("seed", 0, "run the random tests with this seed only")
)

// seeds gives the seeds of a random test: n of them, or what -seed, -long or SEEDS ask for.
func seeds(t testing.TB, n uint64) []uint64 {
	t.Helper()
	if *oneSeed != 0 {
		return []uint64{*oneSeed}
	}
	if *long {
		n *= 10
	}
	if s := os.Getenv("SEEDS"); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 32); err != nil {
			t.Fatalf("SEEDS=%q is no number", s)
		}
	}
	var list []uint64
	for seed := uint64(1); seed <= n; seed++ {
		list = append(list, seed)
	}
	return list
}

// failing says how to repeat a random test and keeps the run for a person to read.
func failing(t *testing.T, seed uint64, evs []trace.Event) {
	t.Helper()
	t.Logf("repeat: go test ./raft/sim -run '^%s$' -count=1 -args -seed=%d", t.Name(), seed)
	path := filepath.Join(os.TempDir(), fmt.Sprintf("raftarium-%s-%d.txt",
		strings.ReplaceAll(t.Name(), "/", "-"), seed))
	f, err := os.Create(path)
	if err != nil {
		t.Logf("the run could not be kept: %v", err)
		return
	}
	defer f.Close()
	for i := range evs {
		fmt.Fprintln(f, line(&evs[i]))
	}
	t.Logf("the run: %s", path)
}

// line says an event in one line.
func line(ev *trace.Event) string {
	head := fmt.Sprintf("%9d us  %v.%d #%d <- %v#%d", ev.At, ev.ID.Node, ev.ID.Boot, ev.ID.N,
		ev.Cause.Node, ev.Cause.N)
	switch b := ev.Body.(type) {
	case trace.Decided:
		n := b.Note
		n.Entries = nil
		return fmt.Sprintf("%s  %v: %+v", head, n.Kind, n)
	case trace.Sent:
		return fmt.Sprintf("%s  sent to %v in term %d: %T%+v", head, b.Message.To, b.Message.Term,
			b.Message.Body, b.Message.Body)
	}
	return fmt.Sprintf("%s  %T%+v", head, ev.Body, ev.Body)
}

// start makes a cluster.
func start(t testing.TB, cfg Config) *Cluster {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// runTo collects all events up to a time.
func runTo(t testing.TB, src trace.Source, until raft.Time) []trace.Event {
	t.Helper()
	var all []trace.Event
	for {
		got, reached, err := src.Next(until, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
		if reached >= until {
			return all
		}
	}
}

// swarm gives the configuration that a seed has in the swarm.
func swarm(seed uint64, until raft.Time) Config {
	cfg := Swarm(seed, until)
	cfg.Rest = 0
	return cfg
}

// noViolation fails on a violation among the events, and on one that the checker saw.
func noViolation(t *testing.T, seed uint64, k *check.Checker, evs []trace.Event) {
	t.Helper()
	for i := range evs {
		if v, ok := evs[i].Body.(trace.Violation); ok {
			t.Errorf("seed %d, %d us: %s (section %s): %s %v", seed, evs[i].At, v.Check, v.Section,
				v.Text, v.Evidence)
		}
	}
	for _, r := range k.Report() {
		if r.Status == check.NotObservable {
			t.Errorf("seed %d: %s was not observable", seed, r.Name)
		}
	}
	if t.Failed() {
		failing(t, seed, evs)
	}
}
