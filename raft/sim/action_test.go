package sim

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// What a swarm does are actions: done again at their places, without chance, they give the same
// run, peace included.
func TestSwarmIsItsActions(t *testing.T) {
	const end = 8 * raft.Second
	for _, seed := range seeds(t, 40) {
		c := start(t, Swarm(seed, 6*raft.Second))
		c.KeepActions()
		want := told(runTo(t, c, end))
		cfg := c.Config()
		cfg.Nemesis, cfg.Scenario = Nemesis{}, ""
		got := told(again(t, cfg, c.Actions(), end))
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Errorf("seed %d: event %d is\n%s\nand was\n%s", seed, i, got[i], want[i])
				break
			}
		}
		if len(got) != len(want) {
			t.Errorf("seed %d: %d events, and then %d", seed, len(want), len(got))
		}
	}
}

// again does actions at their places.
func again(t *testing.T, cfg Config, actions []Action, end raft.Time) (evs []trace.Event) {
	t.Helper()
	c := start(t, cfg)
	for _, a := range actions {
		for n, _ := c.Run(); n < a.Events; n, _ = c.Run() {
			var happened bool
			if evs, happened = c.Step(a.At, evs); !happened {
				break
			}
		}
		for happened := true; happened && c.Now() < a.At; {
			evs, happened = c.Step(a.At-1, evs)
		}
		c.Wait(a.At)
		if err := c.Do(a.Command); err != nil {
			t.Fatal(err)
		}
	}
	return append(evs, runTo(t, c, end)...)
}

// told gives the events of a run, without what tells an accident from a deed.
func told(evs []trace.Event) (lines []string) {
	for i := range evs {
		ev := evs[i]
		if b, ok := ev.Body.(trace.Crashed); ok {
			b.Why, b.Stays = "", false
			ev.Body = b
		}
		if ev.Body.Kind().InRun() {
			lines = append(lines, line(&ev))
		}
	}
	return lines
}

// The page's address of a seed of the swarm opens the same run.
func TestSwarmByItsAddress(t *testing.T) {
	for _, seed := range seeds(t, 5) {
		cfg := Swarm(seed, SwarmSpan)
		c := start(t, cfg)
		runTo(t, c, 3*raft.Second)
		n, hash := c.Run()
		opened, err := ParseURI(cfg.URI())
		if err != nil {
			t.Fatal(err)
		}
		d := start(t, opened)
		runTo(t, d, 3*raft.Second)
		if gn, gh := d.Run(); gn != n || gh != hash || d.Header().URI != cfg.URI() {
			t.Errorf("seed %d: %d events, hash %016x; by its address %q: %d, %016x", seed, n, hash,
				d.Header().URI, gn, gh)
		}
	}
}
