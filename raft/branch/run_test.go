package branch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

const ms = raft.Millisecond

func open(t testing.TB, address string) *branch.Run {
	t.Helper()
	r, err := branch.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// place is one behind an event, with the hash there.
type place struct {
	trace.Position
	hash uint64
}

// advance runs a source up to a moment, in small calls, and puts the place behind each of its
// events behind those that came before.
func advance(t testing.TB, s trace.Source, until raft.Time, places []place) []place {
	t.Helper()
	var at place
	if p, ok := s.(trace.Placed); ok {
		at.Events, at.hash = p.Began()
	}
	if k := len(places); k > 0 {
		at = places[k-1]
	}
	for {
		evs, reached, err := s.Next(until, make([]trace.Event, 0, 7))
		if err != nil {
			t.Fatal(err)
		}
		for i := range evs {
			if evs[i].Body.Kind().InRun() {
				at.Events, at.At = at.Events+1, evs[i].At
				at.hash = trace.HashEvent(at.hash, &evs[i])
				places = append(places, at)
			}
		}
		if reached >= until && len(evs) < 7 {
			return places
		}
	}
}

func do(t testing.TB, s trace.Source, cmds ...trace.Command) {
	t.Helper()
	for _, c := range cmds {
		if err := s.Do(c); err != nil {
			t.Fatal(err)
		}
	}
}

// lively gives a run in which people do things, up to 3 s, and its places.
func lively(t testing.TB, address string) (*branch.Run, []place) {
	r := open(t, address)
	at := advance(t, r, 700*ms, nil)
	do(t, r, trace.Command{Kind: trace.CommandKill, Node: 1},
		trace.Command{Kind: trace.CommandCut, From: 2, To: 3, Both: true})
	at = advance(t, r, 1300*ms, at)
	do(t, r, trace.Command{Kind: trace.CommandPropose, Key: "k", Value: "v"},
		trace.Command{Kind: trace.CommandHealAll},
		trace.Command{Kind: trace.CommandRestart, Node: 1})
	return r, advance(t, r, 3000*ms, at)
}

// A branch in which nothing is done differently goes on to the same hash, wherever it begins.
func TestABranchGoesOnAsTheRunDid(t *testing.T) {
	for _, address := range []string{"sim:?seed=3", "sim:?seed=5&nodes=3&scenario=swarm",
		"sim:?seed=2&scenario=away&store=memory"} {
		r, places := lively(t, address)
		_, want := r.Run()
		for k := 0; k < len(places); k += 1 + len(places)/40 {
			at := places[k].Position
			b, err := r.Fork(at)
			if err != nil {
				t.Fatalf("%s: %v", address, err)
			}
			events, _ := b.(trace.Placed).Began()
			if events != at.Events {
				t.Fatalf("%s: it begins behind %d events, want %d", address, events, at.Events)
			}
			if at.At < 1300*ms {
				continue // what was done later is not done here
			}
			advance(t, b, 3000*ms, nil)
			if _, got := b.(*branch.Run).Run(); got != want {
				t.Errorf("%s: from %d on another run: %x, want %x", address, at.Events, got, want)
			}
		}
	}
}

// What was done before the place is part of the branch, and what was done behind it is not.
func TestABranchKeepsWhatWasDoneBefore(t *testing.T) {
	r, places := lively(t, "sim:?seed=3")
	at := trace.Position{At: 1000 * ms}
	for _, p := range places {
		if p.At <= at.At {
			at.Events = p.Events
		}
	}
	b, err := r.Fork(at)
	if err != nil {
		t.Fatal(err)
	}
	do(t, b, trace.Command{ID: 7, Kind: trace.CommandRestart, Node: 1})
	evs, _, _ := b.Next(at.At, nil)
	if len(evs) == 0 || evs[0].At != at.At || evs[0].Body.Kind() != trace.KindAccepted {
		t.Fatalf("a restart of who was killed before the branch: %+v", evs)
	}
	advance(t, b, 3000*ms, nil)
	_, other := b.(*branch.Run).Run()
	if _, same := r.Run(); other == same {
		t.Error("another thing was done, and the hash is the same")
	}
	c, err := b.(trace.Forker).Fork(at) // a branch of a branch, and the trunk is as it was
	if err != nil {
		t.Fatal(err)
	}
	advance(t, c, 3000*ms, nil)
	if _, got := c.(*branch.Run).Run(); got == other {
		t.Error("the branch of the branch restarted S1, which was done behind its place")
	}
}

// A link opens as the same run: up to the place, and with nothing done behind it.
func TestALinkOpensAsTheSameRun(t *testing.T) {
	for _, address := range []string{"sim:?seed=3", "sim:?seed=9&nodes=3&loss=20000&delay=30",
		"sim:?seed=4&scenario=away"} {
		r, places := lively(t, address)
		for _, k := range []int{0, 1, len(places) / 3, len(places) / 2, len(places) - 1} {
			link, err := r.Link(places[k].Position)
			if err != nil {
				t.Fatal(err)
			}
			l := open(t, link)
			got := advance(t, l, places[k].At, nil)
			if len(got) <= k || got[k].hash != places[k].hash {
				t.Fatalf("%s at %+v: the link %s makes another run", address, places[k], link)
			}
			if _, err := l.Link(places[k].Position); err != nil {
				t.Errorf("what came from a link cannot be shared: %v", err)
			}
		}
		link, _ := r.Link(places[len(places)-1].Position)
		if len(link) > 700 {
			t.Errorf("five actions take %d characters: %s", len(link), link)
		}
	}
}

// Where a link was made does not keep its run from being changed there: at the very beginning, at a
// copy that the run keeps, and while nothing happens at all.
func TestWhatALinkOpensCanBeChangedAtItsPlace(t *testing.T) {
	still, places := lively(t, "sim:?seed=3&nodes=3")
	for id := raft.NodeID(1); id <= 3; id++ {
		do(t, still, trace.Command{Kind: trace.CommandKill, Node: id})
	}
	places = advance(t, still, 9000*ms, places)
	for _, at := range []trace.Position{{}, branch.Last(still),
		{Events: places[len(places)-1].Events, At: 9000 * ms}} {
		link, err := still.Link(at)
		if err != nil {
			t.Fatal(err)
		}
		l := open(t, link)
		advance(t, l, at.At, nil)
		do(t, l, trace.Command{Kind: trace.CommandRestart, Node: 1},
			trace.Command{Kind: trace.CommandPropose, Key: "k", Value: "v"})
		advance(t, l, at.At+1000*ms, nil)
	}
}

// Who does something while there is still something to be repeated makes another run: what was to
// come does not come, and no rung is wrong.
func TestWhoActsEndsWhatIsRepeated(t *testing.T) {
	r, places := lively(t, "sim:?seed=3")
	link, err := r.Link(places[len(places)-1].Position)
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, link)
	advance(t, l, 800*ms, nil) // S1 is killed, and will be restarted at 1.3 s
	do(t, l, trace.Command{Kind: trace.CommandPropose, Key: "mine", Value: "1"})
	advance(t, l, 3000*ms, nil)
	_, other := l.Run()
	if _, same := r.Run(); other == same {
		t.Error("something else was done, and the hash is the same")
	}
	do(t, l, trace.Command{ID: 9, Kind: trace.CommandRestart, Node: 1})
	evs, _, _ := l.Next(3000*ms, nil)
	if len(evs) == 0 || evs[0].Body.Kind() != trace.KindAccepted {
		t.Errorf("S1 was restarted, though that was to be repeated in another run: %+v", evs)
	}
}

// A run that turns out another one stops at the rung that tells so, and says between which events.
func TestALinkOfAnotherRunStops(t *testing.T) {
	r, places := lively(t, "sim:?seed=3")
	link, err := r.Link(places[len(places)-1].Position)
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, strings.Replace(link, "seed=3", "seed=4", 1))
	for range 10000 {
		if _, _, err = l.Next(3000*ms, make([]trace.Event, 0, 64)); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "leaves the run that was shared between its") {
		t.Errorf("it goes on as if nothing were: %v", err)
	}
}

func TestWhatIsNoPlaceOfTheRun(t *testing.T) {
	r, places := lively(t, "sim:?seed=3")
	last := places[len(places)-1]
	for _, at := range []trace.Position{{Events: last.Events + 1, At: last.At},
		{Events: last.Events, At: 4000 * ms}, {Events: 500, At: 0}} {
		if _, err := r.Fork(at); err == nil {
			t.Errorf("there is a branch at %+v", at)
		}
		if _, err := r.Link(at); err == nil {
			t.Errorf("there is a link to %+v", at)
		}
	}
}

func TestDamagedLinks(t *testing.T) {
	r, places := lively(t, "sim:?seed=3")
	link, _ := r.Link(places[len(places)/2].Position)
	head, run, _ := strings.Cut(link, "run=")
	for what, bad := range map[string]string{
		"no base64": head + "run=!!!!", "nothing": head + "run=", "short": link[:len(link)-9],
		"changed": head + "run=" + strings.ToUpper(run[:20]) + run[20:],
		"long":    head + "run=" + strings.Repeat("A", 20000),
	} {
		if _, err := branch.Open(bad); err == nil || !strings.Contains(err.Error(), "link") {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range len(run) {
		cut := head + "run=" + run[:i]
		if _, err := branch.Open(cut); err == nil {
			t.Errorf("a link cut at %d opens", i)
		}
	}
}

// What is sealed rightly and holds nonsense is named: links may come from other versions.
func TestLinksOfNonsense(t *testing.T) {
	rules := byte(sim.Version)
	for _, c := range []struct {
		link, want string
	}{
		{branch.Sealed(9), "has form 9, and this program reads form 1"},
		{branch.Sealed(1), "a number is cut off"},
		{branch.Sealed(1, rules+1, 0, 0, 0, 0, 0), "the same actions would make another run"},
		{branch.Sealed(1, rules, 0, 0, 0, 0, 0, 5), "1 bytes too many"},
		{branch.Sealed(1, rules, 0, 0, 0, 1, 0, 0, 200), "a number is cut off"},
		{branch.Sealed(1, rules, 0, 0, 0, 1, 0, 0, 20, 1), "an action is cut off"},
		{branch.Sealed(1, rules, 0, 0, 0, 1, 0, 0, 1, 255), "damaged"},
		{branch.Sealed(1, rules, 0, 0, 0, 0, 1, 4, 1, 2), "a hash is cut off"},
		{branch.Sealed(1, rules, 1, 1, 0, 1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1),
			"lies before"},
		{branch.Sealed(1, rules, 0, 0, 9, 0, 0), "the settings are cut off"},
		{branch.Sealed(1, rules, 0, 0, 2, 63, 1, 0, 0), "a setting 63 that this version"},
		{branch.Sealed(1, rules, 0, 0, 4, 2, 1, 2, 1, 0, 0), "the settings are damaged"},
		{branch.Sealed(1, rules, 0, 0, 2, 2, 1, 0, 0), "think and patient must be"},
		{branch.Sealed(1, rules, 0, 0, 2, 20, 0, 0, 0), "time-out from 0 to 300000"},
		{"sim:?nodes=400", "nodes=400"},
		{"sim:nodes=401", "nodes=401: a cluster has 1 to 101"},
	} {
		_, err := branch.Open(c.link)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.link, err, c.want)
		}
	}
}

// Who does too much shares a recording.
func TestALinkHasItsBounds(t *testing.T) {
	r := open(t, "sim:?seed=3")
	advance(t, r, 500*ms, nil)
	for range 60 {
		do(t, r, trace.Command{Kind: trace.CommandPropose, Key: "k",
			Value: strings.Repeat("v", 200)})
	}
	events, _ := r.Run()
	if _, err := r.Link(trace.Position{Events: events, At: 500 * ms}); err == nil ||
		!strings.Contains(err.Error(), "must be shared as a recording") {
		t.Errorf("a link to 60 long writes: %v", err)
	}
}

func TestARunSaysWhatItCan(t *testing.T) {
	r := open(t, "sim:?seed=3&at=7")
	if h := r.Header(); h.Caps&(trace.CanFork|trace.CanShare) != trace.CanFork|trace.CanShare {
		t.Errorf("it can %b", h.Caps)
	}
	advance(t, r, 500*ms, nil)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// Of a long run so many copies are kept, dense near the edge.
func TestCopiesAreBounded(t *testing.T) {
	r := open(t, "sim:?seed=3&scenario=quiet")
	advance(t, r, 180*raft.Second, nil)
	at := branch.Stops(r)
	if len(at) > 48 || at[0] != 0 {
		t.Fatalf("%d copies from %v on", len(at), at[0])
	}
	edge := at[len(at)-1]
	for i := 1; i < len(at); i++ {
		if gap, away := at[i]-at[i-1], edge-at[i-1]; gap > 3*raft.Second && gap > away/4 {
			t.Errorf("between %v and %v there is no copy, %v from the edge", at[i-1], at[i], away)
		}
	}
}

func FuzzOpen(f *testing.F) {
	r, places := lively(f, "sim:?seed=3")
	link, _ := r.Link(places[len(places)/2].Position)
	f.Add(link)
	f.Add("sim:?run=AQ")
	f.Fuzz(func(t *testing.T, address string) {
		r, err := branch.Open(address)
		if err != nil {
			return
		}
		if len(r.Header().Members) > 9 {
			return
		}
		if _, _, err := r.Next(200*ms, make([]trace.Event, 0, 200)); err != nil {
			_ = fmt.Sprint(err)
		}
	})
}

// A branch ten seconds back, after so many seconds.
func BenchmarkFork(b *testing.B) {
	for _, span := range []raft.Time{60, 600} {
		b.Run(fmt.Sprintf("after=%ds", span), func(b *testing.B) {
			r := open(b, "sim:?seed=3")
			places := advance(b, r, span*raft.Second, nil)
			at := places[0].Position
			for _, p := range places {
				if p.At < (span-10)*raft.Second {
					at = p.Position
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Fork(at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
