package scenario

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Case is a run as plain data: how the cluster is, and what is done to it at which places. It has
// no accidents; those of the run that it was recorded from are among the actions.
type Case struct {
	Config  sim.Config
	Bug     string       // the name of the mutant whose rules Config has, or empty
	Actions []sim.Action // in order. Without a number of events the time alone is the place
	End     trace.Position
}

// Judge begins to judge a run; what it gives sees each event and says when the run has failed.
type Judge func(trace.Header) func(*trace.Event) bool

// Breaks gives a judge for whom a run fails when a property of Raft is broken: the one that is
// named (check.Names), or with "" any, and then also when a server finds itself broken.
func Breaks(property string) Judge {
	return func(h trace.Header) func(*trace.Event) bool {
		c := check.New(h)
		return func(ev *trace.Event) bool {
			if v, ok := ev.Body.(trace.Violation); ok && (property == "" || property == v.Check) {
				return true
			}
			for _, v := range c.Observe(ev) {
				if property == "" || property == v.Check {
					return true
				}
			}
			return false
		}
	}
}

// Record runs a cluster, accidents included, until the judge says that it has failed, and gives
// what was done as a case that ends there. false if it did not fail up to then; the case ends then.
func Record(cfg sim.Config, until raft.Time, judge Judge) (k Case, failed bool, err error) {
	c, err := sim.New(cfg)
	if err != nil {
		return Case{}, false, say.Errorf("recording a run: %w", err)
	}
	c.KeepActions()
	fails := judge(c.Header())
	for more := true; more && !failed; {
		var evs []trace.Event
		evs, more = c.Step(until, nil)
		failed = anyOf(evs, fails)
	}
	k = Case{Config: c.Config(), Actions: c.Actions()}
	k.Config.Nemesis, k.Config.Scenario = sim.Nemesis{}, ""
	k.End.Events, _ = c.Run()
	k.End.At = c.Now()
	return k, failed, nil
}

// anyOf shows events to a judge, all of them.
func anyOf(evs []trace.Event, fails func(*trace.Event) bool) (failed bool) {
	for i := range evs {
		if fails(&evs[i]) {
			failed = true
		}
	}
	return failed
}

// Play does what the case says. see gets the events of each thing that happens, and stops the run
// with false. What is refused is passed over.
func (k *Case) Play(see func([]trace.Event) bool) (events, hash uint64, err error) {
	c, err := sim.New(k.Config)
	if err != nil {
		return 0, 0, say.Errorf("playing a case: %w", err)
	}
	p := casePlayer{cluster: c, see: see, cut: map[[2]raft.NodeID]bool{}}
	for i := 0; i < len(k.Actions) && !p.over; i++ {
		a := &k.Actions[i]
		if p.to(a.Position); !p.over {
			p.do(a.Command)
		}
	}
	if !p.over {
		p.to(k.End)
	}
	events, hash = c.Run()
	return events, hash, nil
}

// Fails plays the case and says when the judge found it failed; false if not.
func (k *Case) Fails(judge Judge) (at raft.Time, failed bool) {
	c, err := sim.New(k.Config)
	if err != nil {
		return 0, false
	}
	fails := judge(c.Header())
	if _, _, err = k.Play(func(evs []trace.Event) bool {
		if failed = anyOf(evs, fails); failed {
			at = evs[0].At
		}
		return !failed
	}); err != nil {
		return 0, false
	}
	return at, failed
}

// casePlayer is a cluster on its way through a case.
type casePlayer struct {
	cluster *sim.Cluster
	see     func([]trace.Event) bool
	over    bool
	cut     map[[2]raft.NodeID]bool // links, from and to
}

// to lets all happen that stands before a place. Where no time passes nothing else does: a server
// that was just resumed may be overdue for much.
func (p *casePlayer) to(at trace.Position) {
	for n, _ := p.cluster.Run(); n < at.Events && p.step(at.At); n, _ = p.cluster.Run() {
	}
	for at.At > p.cluster.Now() && p.step(at.At-1) {
	}
	if !p.over {
		p.cluster.Wait(at.At)
	}
}

// step lets one thing happen; false if there is none, or if nobody wants to see more.
func (p *casePlayer) step(until raft.Time) bool {
	if p.over {
		return false
	}
	evs, happened := p.cluster.Step(until, nil)
	p.take(evs)
	return happened && !p.over
}

func (p *casePlayer) take(evs []trace.Event) {
	for i := range evs {
		if b, ok := evs[i].Body.(trace.LinkSet); ok {
			p.cut[[2]raft.NodeID{b.From, b.To}] = b.Link.Cut
		}
	}
	if len(evs) > 0 && !p.see(evs) {
		p.over = true
	}
}

// do does one thing. As in a scenario, a link that is cut stays so when it is set.
func (p *casePlayer) do(cmd trace.Command) {
	if cmd.Kind == trace.CommandLink {
		cmd.Link.Cut = p.cut[[2]raft.NodeID{cmd.From, cmd.To}]
	}
	if p.cluster.Do(cmd) != nil {
		p.over = true
		return
	}
	evs, _ := p.cluster.Step(atOnce, nil)
	p.take(evs)
}
