// Package swarm lets simulated clusters live through whatever a seed draws, and judges them: while
// the accidents go on nothing may be broken, and when they are over all must be well soon.
package swarm

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Verdict is what came of a seed.
type Verdict uint8

// The verdicts.
const (
	Fine     Verdict = iota // nothing was broken, and all was well in the end
	Lost                    // nothing was broken, but what was left could not live in peace
	Unsafe                  // a property of Raft was broken
	NotAlive                // a core was left in peace and did not serve
)

var verdictNames = [...]string{"fine", "lost", "unsafe", "notAlive"}

// String gives the verdict as results write it.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "unknown"
}

// Failed reports whether somebody should look.
func (v Verdict) Failed() bool { return v == Unsafe || v == NotAlive }

// Result is what came of a seed, and where.
type Result struct {
	Seed    uint64
	Nodes   int // at the beginning
	Servers int // in the end
	Core    int // how many were left in peace
	Events  uint64
	Hash    uint64
	At      raft.Time // of the failure, or the end
	Commit  raft.Index
	Verdict Verdict
	Slow    bool   // it took longer than it should until all was well
	Check   string // the property that failed
	Text    string // one sentence
}

// patience is how many times the time that check.Liveness allows is waited in peace. An election
// may be unlucky: who is not well by then has that time once more, and is slow.
const patience = 3

// Config gives what a seed runs with; its accidents last for a span.
func Config(seed uint64, span raft.Time) sim.Config { return sim.Swarm(seed, span) }

// Run lets a seed live: accidents for a span, then peace. It ends at the first violation.
func Run(seed uint64, span raft.Time) (Result, error) {
	return RunConfig(Config(seed, span))
}

// RunConfig runs a configuration whose accidents end.
func RunConfig(cfg sim.Config) (Result, error) {
	if cfg.Nemesis.Every <= 0 || cfg.Nemesis.Until <= 0 {
		return Result{}, say.Errorf("swarm: the accidents of seed %d never end", cfg.Seed)
	}
	c, err := sim.New(cfg)
	if err != nil {
		return Result{}, say.Errorf("swarm: seed %d: %w", cfg.Seed, err)
	}
	r := runner{cluster: c, checker: check.New(c.Header()), live: check.NewLiveness(c.Header()),
		late:   check.NewLiveness(c.Header()),
		result: Result{Seed: cfg.Seed, Nodes: c.Config().Nodes}}
	r.to(cfg.Nemesis.Until + cfg.Nemesis.Every)
	if p := c.Peace(); !r.over && len(p.Core) > 0 {
		r.result.Core = len(p.Core)
		r.inPeace(p.From + patience*r.live.Settle())
	}
	return r.judged(), nil
}

// inPeace runs a cluster that is left in peace, and if all is not well in time, for longer.
func (r *runner) inPeace(until raft.Time) {
	r.to(until)
	if name, _ := notWell(r.live, until); !r.over && (name != "" || !r.served) {
		r.result.Slow, r.live = true, r.late
		r.to(until + patience*r.live.Settle())
	}
}

// notWell gives the first property of liveness that does not hold, and what is wrong.
func notWell(l *check.Liveness, now raft.Time) (name, text string) {
	for _, v := range l.Report(now) {
		if v.Status == check.Broken {
			return v.Name, v.First.Text
		}
	}
	return "", ""
}

// runner is a cluster that is watched.
type runner struct {
	cluster *sim.Cluster
	checker *check.Checker
	live    *check.Liveness
	late    *check.Liveness // is more patient
	result  Result
	over    bool // something is broken
	served  bool // what was asked for in peace was done
	asked   map[trace.EventID]bool
	buf     []trace.Event
}

func (r *runner) to(until raft.Time) {
	for reached := raft.Time(-1); reached < until && !r.over; {
		r.buf, reached, _ = r.cluster.Next(until, r.buf[:0])
		for i := range r.buf {
			if r.take(&r.buf[i]); r.over {
				return
			}
		}
	}
}

func (r *runner) take(ev *trace.Event) {
	if v, ok := ev.Body.(trace.Violation); ok {
		r.broken(ev.At, &v)
		return
	}
	if vs := r.checker.Observe(ev); len(vs) > 0 {
		r.broken(ev.At, &vs[0])
		return
	}
	r.live.Observe(ev)
	r.late.Observe(ev)
	switch b := ev.Body.(type) {
	case trace.Invoked:
		if b.Key == sim.PeaceKey {
			if r.asked == nil {
				r.asked = map[trace.EventID]bool{}
				r.live.Heal(ev.At)
				r.late.Heal(ev.At + patience*r.late.Settle())
			}
			r.asked[ev.ID] = true
		}
	case trace.Returned:
		r.served = r.served || b.Outcome == raft.OutcomeOK && r.asked[b.Request]
	}
}

func (r *runner) broken(at raft.Time, v *trace.Violation) {
	r.over = true
	r.result.Verdict, r.result.Check, r.result.Text, r.result.At = Unsafe, v.Check, v.Text, at
}

// judged gives the result.
func (r *runner) judged() Result {
	res := &r.result
	res.Events, res.Hash = r.cluster.Run()
	res.Servers = r.cluster.Servers()
	for id := range res.Servers {
		if st, up := r.cluster.Status(raft.NodeID(id + 1)); up {
			res.Commit = max(res.Commit, st.Commit)
		}
	}
	if r.over {
		return *res
	}
	res.At = r.cluster.Now()
	if res.Core == 0 {
		res.Verdict = Lost
		return *res
	}
	if res.Check, res.Text = notWell(r.live, res.At); res.Check == "" && !r.served {
		res.Check = "served"
		res.Text = say.Textf("a write that was asked for when peace had come was not done within "+
			"%d ms", int64((res.At-r.cluster.Peace().From)/raft.Millisecond))
	}
	switch {
	case res.Check == "":
	case r.cluster.Able():
		res.Verdict = NotAlive
	default:
		res.Verdict = Lost
	}
	return *res
}
