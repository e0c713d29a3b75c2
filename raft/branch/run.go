package branch

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Run is a simulated cluster that is judged as it runs, and can be forked and shared. It is not
// safe for use by several goroutines at once.
type Run struct {
	cluster *sim.Cluster
	watched *check.Watched
	stops   []stop
	began   sim.Rung // where a branch begins; the zero Rung for a run of its own
	bug     string   // the historical bug that it runs with; empty for none
}

var (
	_ trace.Source = (*Run)(nil)
	_ trace.Forker = (*Run)(nil)
	_ trace.Sharer = (*Run)(nil)
	_ trace.Placed = (*Run)(nil)
)

// Open opens a simulation by its address, as sim.ParseURI knows it, or by the link of a Run. The
// error says what is wrong with it.
func Open(address string) (*Run, error) {
	return OpenIn(address, func(name string, _ *sim.Config) error {
		return say.Errorf("this program has the right rules alone, not bug=%s", name)
	})
}

// OpenIn is Open for an address that may name a historical bug, bug=NAME: breaks puts it into the
// cluster. Its error says that there is none of that name.
func OpenIn(address string, breaks func(name string, cfg *sim.Config) error) (*Run, error) {
	c, l, err := cluster(address, breaks)
	if err != nil {
		return nil, err
	}
	w := check.Watch(c)
	// The first copy has all events still to give.
	return &Run{cluster: c, watched: w, stops: []stop{newStop(c, w)}, bug: l.bug}, nil
}

// Cluster gives the cluster of an address or a link alone, neither judged nor copied, and the
// moment that a link leads to; 0 for an address.
func Cluster(address string, breaks func(name string, cfg *sim.Config) error) (*sim.Cluster,
	raft.Time, error) {
	c, l, err := cluster(address, breaks)
	return c, l.place.At, err
}

// cluster begins what an address or a link says.
func cluster(address string, breaks func(string, *sim.Config) error) (*sim.Cluster, link, error) {
	uri, l, err := readLink(address)
	if err != nil {
		return nil, l, err
	}
	cfg, err := sim.ParseURI(uri)
	if err != nil {
		return nil, l, err
	}
	if err := cfg.TakeSettings(l.settings); err != nil {
		return nil, l, err
	}
	if l.bug != "" {
		if err := breaks(l.bug, &cfg); err != nil {
			return nil, l, err
		}
	}
	c, err := sim.New(cfg)
	if err != nil {
		return nil, l, err
	}
	c.KeepActions()
	c.Redo(l.redo)
	return c, l, nil
}

// Header implements trace.Source.
func (r *Run) Header() trace.Header {
	h := r.watched.Header()
	h.Caps |= trace.CanFork | trace.CanShare
	if r.bug != "" {
		h.URI += "&" + bugKey + r.bug
	}
	return h
}

// Do implements trace.Source.
func (r *Run) Do(cmd trace.Command) error { return r.watched.Do(cmd) }

// Close implements trace.Source.
func (r *Run) Close() error { return r.watched.Close() }

// Began implements trace.Placed.
func (r *Run) Began() (events, hash uint64) { return r.began.Events, r.began.Hash }

// Run gives the number of the run's events so far, those before a branch among them, and their
// rolling hash.
func (r *Run) Run() (events, hash uint64) { return r.cluster.Run() }

// Next implements trace.Source.
func (r *Run) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	got, reached, err := r.watched.Next(until, dst)
	if last := &r.stops[len(r.stops)-1]; err == nil && r.cluster.Now() >= last.at+spacing {
		r.stop()
	}
	return got, reached, err
}

// Fork implements trace.Forker: the branch begins behind exactly so many events of the run, and at
// that time if nothing happens before. Its checker knows all that came before.
func (r *Run) Fork(at trace.Position) (trace.Source, error) {
	b, err := r.goTo(at)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// goTo makes a branch at a place, from the nearest copy before it.
func (r *Run) goTo(at trace.Position) (*Run, error) {
	if now, _ := r.cluster.Run(); at.Events > now || at.At > r.cluster.Now() {
		return nil, say.Errorf("the run has %d events up to %d ms, and a branch was asked for "+
			"behind %d at %d ms", now, millis(r.cluster.Now()), at.Events, millis(at.At))
	}
	k := len(r.stops) - 1
	for k > 0 && (r.stops[k].events > at.Events || r.stops[k].at > at.At) {
		k--
	}
	from := &r.stops[k]
	c := from.cluster.Clone()
	b := &Run{cluster: c, watched: from.watched.Clone(c), stops: r.stops[: k+1 : k+1], bug: r.bug,
		began: sim.Rung{Events: from.events, Hash: from.hash}}
	done := r.cluster.Actions()
	c.Redo(sim.Redo{Actions: askedBetween(done, len(c.Actions()), at.Events)})
	for b.began.Events < at.Events {
		if err := b.pass(at); err != nil {
			return nil, err
		}
	}
	c.Redo(sim.Redo{})
	c.Wait(at.At)
	return b, nil
}

// pass lets one event go by that stands before the branch.
func (b *Run) pass(at trace.Position) error {
	var one [1]trace.Event
	got, _, err := b.watched.Next(at.At, one[:0])
	if err != nil {
		return err
	}
	if len(got) == 0 {
		return say.Errorf("up to %d ms there are %d events, and a branch was asked for behind %d",
			millis(at.At), b.began.Events, at.Events)
	}
	if got[0].Body.Kind().InRun() {
		b.began.Events++
		b.began.Hash = trace.HashEvent(b.began.Hash, &got[0])
	}
	return nil
}

func millis(t raft.Time) int64 { return int64(t / raft.Millisecond) }

// askedBetween gives what was asked of a run, from the k-th action on, before a place.
func askedBetween(done []sim.Action, k int, before uint64) (asked []sim.Action) {
	for ; k < len(done) && done[k].Events < before; k++ {
		if done[k].Asked {
			asked = append(asked, done[k])
		}
	}
	return asked
}
