package sim

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/trace"
)

// Under all faults no property of Raft breaks, and when the faults are over the cluster elects a
// leader and serves.
func TestFaults(t *testing.T) {
	const until = 30 * raft.Second
	all := seeds(t, 60)
	idle := idlers{of: len(all)}
	t.Cleanup(func() { idle.few(t) })
	for _, seed := range all {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			idle.count(faultsThenPeace(t, seed, swarm(seed, until), until))
		})
	}
}

// idlers counts the runs in which nobody was ever elected: with faults all the time that happens,
// and not often.
type idlers struct {
	of   int
	seen atomic.Int32
}

func (i *idlers) count(elections int) {
	if elections == 0 {
		i.seen.Add(1)
	}
}

func (i *idlers) few(t *testing.T) {
	if n := int(i.seen.Load()); n > 1+i.of/50 {
		t.Errorf("in %d of %d runs nobody was ever elected", n, i.of)
	}
}

// A run of the settings that the page uses, with faults as the page's person would make them.
func TestFaultsAsInPage(t *testing.T) {
	const until = 20 * raft.Second
	all := seeds(t, 10)
	idle := idlers{of: len(all)}
	for _, seed := range all {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			cfg := faulty(seed)
			cfg.Nemesis.Until = until
			idle.count(faultsThenPeace(t, seed, cfg, until))
		})
	}
	idle.few(t)
}

// faultsThenPeace gives how many elections were won while faults went on.
func faultsThenPeace(t *testing.T, seed uint64, cfg Config, until raft.Time) (elections int) {
	c := start(t, cfg)
	src := check.Watch(c)
	evs := runTo(t, src, until+2*cfg.Nemesis.Every)
	for i := range evs {
		if d, ok := evs[i].Body.(trace.Decided); ok && d.Note.Kind == raft.NoteBecameLeader {
			elections++
		}
	}
	if len(c.Peace().Core) > 0 {
		evs = append(evs, peace(t, seed, c, src)...)
	}
	noViolation(t, seed, src.Checker(), evs)
	return elections
}

// peace asks for a write and expects it to be done within thirty election time-outs: more than
// package swarm allows without a remark, as here the clients go on.
func peace(t *testing.T, seed uint64, c *Cluster, src trace.Source) []trace.Event {
	t.Helper()
	patience := 30 * c.cfg.Raft.ElectionMax
	from := c.Now()
	if err := src.Do(trace.Command{ID: 9, Kind: trace.CommandPropose, Key: "peace",
		Value: "1"}); err != nil {
		t.Fatal(err)
	}
	evs := runTo(t, src, from+patience)
	var asked []trace.EventID
	done := false
	for i := range evs {
		switch b := evs[i].Body.(type) {
		case trace.Invoked:
			if b.Key == "peace" {
				asked = append(asked, evs[i].ID)
			}
		case trace.Returned:
			for _, id := range asked {
				done = done || b.Request == id && b.Outcome == raft.OutcomeOK
			}
		}
	}
	if !done && c.Able() { // else a change that was under way has taken their quorum
		t.Errorf("seed %d: a write that was asked for at %d us was not done after %d us of "+
			"peace (%s)",
			seed, from, patience, stand(c))
	}
	return evs
}

// stand says how the servers stand, in a line.
func stand(c *Cluster) string {
	text := ""
	for i := range c.servers {
		s := &c.servers[i]
		if s.host == nil {
			text += fmt.Sprintf("%v down; ", s.id)
			continue
		}
		st := s.host.Node().Status()
		text += fmt.Sprintf("%v %v term %d log %d-%d saved %d commit %d; ", st.ID, st.Role, st.Term,
			st.Base.Index+1, st.Last.Index, st.Saved, st.Commit)
	}
	return text
}

// BenchmarkRun measures the events of five servers under load for a second.
func BenchmarkRun(b *testing.B) {
	for _, checks := range []bool{false, true} {
		b.Run(fmt.Sprintf("checks=%v", checks), func(b *testing.B) {
			events := uint64(0)
			for b.Loop() {
				cfg := DefaultConfig()
				cfg.Clients, cfg.Think = 16, 5*raft.Millisecond
				c := start(b, cfg)
				var src trace.Source = c
				if checks {
					src = check.Watch(c)
				}
				buf := make([]trace.Event, 0, 4096)
				for reached := raft.Time(0); reached < 10*raft.Second; {
					_, reached, _ = src.Next(10*raft.Second, buf)
				}
				n, _ := c.Run()
				events += n
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
