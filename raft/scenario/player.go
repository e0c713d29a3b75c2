package scenario

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// Player is a simulated cluster to which a scenario happens: a trace.Source as any other, with a
// caption where people should read something. When the scenario is over the cluster goes on by
// itself. Whoever watches may act too; then the scenario may fail, and goes on all the same.
type Player struct {
	script  *Scenario
	cluster *sim.Cluster
	checker *check.Checker
	state   *trace.State
	seen    []int // of each watch: how many such events there were in this act

	step     int       // the step that is next, or under way
	under    bool      // it is under way: it takes time
	goal     raft.Time // when it is over
	verdicts []Verdict // of the steps that are over

	outbox  []trace.Event // happened and not yet given
	given   int           // of the outbox
	reached raft.Time
	told    uint64                           // captions
	hook    func(*trace.Event, *trace.State) // sees each event and the state before it; or nil
}

var _ trace.Source = (*Player)(nil)

// Verdict is what came of a step.
type Verdict struct {
	Step    *Step
	At      raft.Time // when it was over
	Why     string    // why it failed; empty if it did not
	Refusal string    // why what it does was refused, as it expected
}

// The tickets of a scenario's commands, and the incarnation that tells its captions from what a
// source or a checker says beside the run.
const (
	ticket      = 1 << 62
	captionBoot = 4
)

// atOnce is before every moment: nothing is due up to it.
const atOnce raft.Time = -1

// Play begins a scenario.
func (s *Scenario) Play() (*Player, error) {
	c, err := sim.New(s.Config)
	if err != nil {
		return nil, say.Errorf("scenario %s: %w", s.Name, err)
	}
	p := &Player{script: s, cluster: c, checker: check.New(c.Header()), state: &trace.State{},
		seen: make([]int, len(s.watches))}
	c.KeepActions()
	started, _ := c.Step(atOnce, nil)
	p.take(started)
	return p, nil
}

// Header implements trace.Source.
func (p *Player) Header() trace.Header {
	h := p.cluster.Header()
	h.Title, h.URI = p.script.Title, "sim:?scenario="+p.script.Name
	return h
}

// Do implements trace.Source.
func (p *Player) Do(cmd trace.Command) error { return p.cluster.Do(cmd) }

// Close implements trace.Source.
func (p *Player) Close() error { return p.cluster.Close() }

// Over reports whether all steps were made.
func (p *Player) Over() bool { return p.step == len(p.script.Steps) }

// Verdicts gives what came of the steps so far.
func (p *Player) Verdicts() []Verdict { return p.verdicts }

// Run gives the number of the run's events so far and their rolling hash.
func (p *Player) Run() (events, hash uint64) { return p.cluster.Run() }

// Next implements trace.Source. How it is cut into calls changes nothing: a step takes its place
// among the events by what it waits for and not by when it was asked.
func (p *Player) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	if len(dst) == cap(dst) {
		dst = append(dst, make([]trace.Event, 256)...)[:len(dst)]
	}
	for {
		for p.given < len(p.outbox) && len(dst) < cap(dst) {
			dst = append(dst, p.outbox[p.given])
			p.given++
		}
		if p.given < len(p.outbox) {
			p.reached = max(p.reached, p.outbox[p.given].At-1)
			return dst, p.reached, nil
		}
		clear(p.outbox)
		p.outbox, p.given = p.outbox[:0], 0
		if !p.advance(until) {
			p.reached = max(p.reached, until)
			return dst, p.reached, nil
		}
	}
}

// advance makes a step, or lets one thing happen that is due up to until; false if there is none.
func (p *Player) advance(until raft.Time) bool {
	if p.Over() || p.cluster.Now() > until {
		return p.happen(until)
	}
	s := &p.script.Steps[p.step]
	if s.Kind != Run {
		p.make(s)
		return true
	}
	if !p.under {
		p.under, p.goal = true, p.cluster.Now()+s.Span
		p.act(s)
	}
	switch {
	case s.until != nil && s.until.hold(p.view()):
		p.end(Verdict{})
	case p.cluster.Now() >= p.goal && s.until != nil:
		p.end(Verdict{Why: "it did not come to that within " + spanText(s.Span)})
	case p.cluster.Now() >= p.goal:
		p.end(Verdict{})
	case p.goal > until:
		return p.happen(until)
	case !p.happen(p.goal - 1):
		p.cluster.Wait(p.goal)
	}
	return true
}

// end goes on to the next step, with a verdict on this one.
func (p *Player) end(v Verdict) {
	v.Step, v.At = &p.script.Steps[p.step], p.cluster.Now()
	p.verdicts = append(p.verdicts, v)
	p.step, p.under = p.step+1, false
}

// act forgets the events of the last act when a new one begins: with what is done behind a caption
// or an expectation.
func (p *Player) act(s *Step) {
	if p.step > 0 && !s.looks() && p.script.Steps[p.step-1].looks() {
		clear(p.seen)
	}
}

// looks reports whether nothing comes of a step but that people have looked.
func (s *Step) looks() bool { return s.Kind == Caption || s.Kind == Expect }

// make makes a step that takes no time.
func (p *Player) make(s *Step) {
	p.act(s)
	v := Verdict{}
	switch s.Kind {
	case Caption:
		p.told++
		p.take([]trace.Event{{At: p.cluster.Now(), Body: trace.Caption{Text: s.Text},
			ID: trace.EventID{Node: trace.Supervisor, Boot: captionBoot, N: p.told}}})
	case Expect:
		if v.Why = s.until.fails(p.view()); v.Why != "" {
			if broken := brokenBy(p.checker); broken != "" {
				v.Why += "; a property of Raft is broken: " + broken
			}
		}
	case Do:
		v = p.do(s)
	}
	p.end(v)
}

// do does what a step does, up to what is not answered as the step expects.
func (p *Player) do(s *Step) (v Verdict) {
	for i := range s.Commands {
		why := p.command(s.Commands[i])
		switch {
		case s.Refused && why == "":
			return Verdict{Why: "it was not refused"}
		case s.Refused:
			v.Refusal = why
		case why != "":
			return Verdict{Why: why}
		}
	}
	return v
}

// command does one thing and says why it was refused. A link that is cut stays so.
func (p *Player) command(cmd trace.Command) (why string) {
	cmd.ID = ticket
	if cmd.Kind == trace.CommandLink {
		cmd.Link.Cut = p.state.Link(cmd.From, cmd.To).Cut
	}
	if err := p.cluster.Do(cmd); err != nil {
		return err.Error()
	}
	evs, _ := p.cluster.Step(atOnce, nil)
	for i := range evs {
		if b, ok := evs[i].Body.(trace.Refused); ok && b.Command == ticket {
			why = b.Why
		}
	}
	p.take(evs)
	return why
}

// happen lets one thing happen.
func (p *Player) happen(until raft.Time) bool {
	evs, happened := p.cluster.Step(until, nil)
	p.take(evs)
	return happened
}

// take folds and judges events, and keeps them until they are asked for. The answers to the
// scenario's own commands are nobody else's affair.
func (p *Player) take(evs []trace.Event) {
	for i := range evs {
		ev := &evs[i]
		switch b := ev.Body.(type) {
		case trace.Accepted:
			if b.Command == ticket {
				continue
			}
		case trace.Refused:
			if b.Command == ticket {
				continue
			}
		}
		for k := range p.script.watches {
			if p.script.watches[k].matches(ev, p.state) {
				p.seen[k]++
			}
		}
		if p.hook != nil {
			p.hook(ev, p.state)
		}
		world.Apply(p.state, nil, ev)
		for _, v := range p.checker.Observe(ev) {
			if p.hook != nil {
				p.hook(&trace.Event{At: ev.At, Body: v}, p.state)
			}
		}
		p.outbox = append(p.outbox, *ev)
	}
}

// Clone copies a player at rest, between two calls of Next. The copy goes on to the same events.
func (p *Player) Clone() *Player {
	d := *p
	d.cluster, d.checker, d.state = p.cluster.Clone(), p.checker.Clone(), p.state.Clone()
	d.seen, d.verdicts = slices.Clone(p.seen), slices.Clone(p.verdicts)
	d.outbox, d.hook = slices.Clone(p.outbox), nil
	return &d
}

// Case gives the run so far as a case: what the scenario did and what was done beside it.
func (p *Player) Case() Case {
	k := Case{Config: p.script.Config, Bug: p.script.Bug, Actions: p.cluster.Actions()}
	k.End.Events, _ = p.cluster.Run()
	k.End.At = p.cluster.Now()
	return k
}

func (p *Player) view() *view { return &view{state: p.state, checker: p.checker, seen: p.seen} }
