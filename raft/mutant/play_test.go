package mutant_test

import (
	"slices"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/check/linear"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// after is how long a run goes on behind the first violation, so that others can show.
const after = raft.Second

// linearizable is the name of what package linear judges, up to so many operations of a run.
const (
	linearizable = "linearizable"
	operations   = 400
)

// patience is how many times the time that check.Liveness allows is waited in peace.
const patience = 3

// run is a cluster that is watched to its end.
type run struct {
	cluster *sim.Cluster
	checker *check.Checker
	live    *check.Liveness
	history *linear.History
	found   map[string]string // the checks that tripped, and what they said first
	first   string            // of them
	end     raft.Time
	asked   bool
}

// play lets a cluster live through its accidents and the peace behind them, and gives what broke.
func play(t testing.TB, m *mutant.Mutant, cfg sim.Config) *run {
	t.Helper()
	c, err := sim.New(cfg)
	if err != nil {
		t.Errorf("%s, seed %d: %v", m.Name, cfg.Seed, err)
		return &run{}
	}
	r := run{cluster: c, checker: check.New(c.Header()), live: check.NewLiveness(c.Header()),
		history: linear.NewHistory(operations), found: map[string]string{},
		end: cfg.Nemesis.Until + cfg.Nemesis.Every}
	r.play()
	if p := c.Peace(); len(p.Core) > 0 && r.first == "" {
		r.end = p.From + patience*r.live.Settle()
		r.play()
		for _, l := range r.live.Report(c.Now()) {
			if l.Status == check.Broken {
				r.broken(l.Name, l.First.Text)
			}
		}
	}
	// Machines that differ are found first, and what clients see of that is looked for as well.
	if slices.Contains(m.Catches, linearizable) && (r.first == "" || r.first == "sameState") {
		if l := r.history.Check(); l.Verdict == linear.Broken {
			r.broken(linearizable, l.Text)
		}
	}
	return &r
}

func (r *run) play() {
	buf := make([]trace.Event, 0, 512)
	for reached := raft.Time(-1); reached < r.end; {
		buf, reached, _ = r.cluster.Next(min(r.end, r.cluster.Now()+100*raft.Millisecond), buf[:0])
		for i := range buf {
			r.take(&buf[i])
		}
	}
}

func (r *run) take(ev *trace.Event) {
	if v, ok := ev.Body.(trace.Violation); ok {
		r.broken(v.Check, v.Text)
	}
	for _, v := range r.checker.Observe(ev) {
		r.broken(v.Check, v.Text)
	}
	r.live.Observe(ev)
	r.history.Observe(ev)
	if b, ok := ev.Body.(trace.Invoked); ok && b.Key == sim.PeaceKey && !r.asked {
		r.asked = true
		r.live.Heal(ev.At)
	}
}

func (r *run) broken(name, text string) {
	if r.first == "" {
		r.first = name
		r.end = min(r.end, r.cluster.Now()+after)
	}
	if r.found[name] == "" {
		r.found[name] = text
	}
}
