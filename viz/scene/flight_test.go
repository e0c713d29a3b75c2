package scene

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

const ms = raft.Millisecond

func TestProgress(t *testing.T) {
	planned := trace.Flight{SentAt: 100 * ms, Due: 200 * ms}
	arrived := planned
	arrived.Fate, arrived.FateAt = trace.Arrived, 200*ms
	died := planned
	died.Fate, died.FateAt = trace.Died, 150*ms
	live := trace.Flight{SentAt: 100 * ms}
	taken := live
	taken.Fate, taken.FateAt = trace.Arrived, 101*ms
	cases := []struct {
		name   string
		flight trace.Flight
		now    raft.Time
		shown  bool
		fate   trace.Fate
		lo, hi float32
	}{
		{"not yet sent", planned, 99 * ms, false, 0, 0, 0},
		{"just sent", planned, 100 * ms, true, 0, 0, 0},
		{"half way", planned, 150 * ms, true, 0, 0.5, 0.5},
		{"late", planned, 900 * ms, true, 0, 1, 1},
		{"arrived, looked at earlier", arrived, 150 * ms, true, 0, 0.5, 0.5},
		{"arrived", arrived, 210 * ms, true, trace.Arrived, 1, 1},
		{"long arrived", arrived, 900 * ms, false, trace.Arrived, 1, 1},
		{"dead", died, 160 * ms, true, trace.Died, 0.5, 0.5},
		{"long dead", died, 1200 * ms, false, trace.Died, 0.5, 0.5},
		{"live, a while on", live, 400 * ms, true, 0, 0.6, 0.91},
		{"live, long", live, 4000 * ms, true, 0, 0.9, 0.93},
		{"live, for ever", live, 100000 * ms, false, 0, 0, 0},
		{"live, taken at once, still seen", taken, 200 * ms, true, 0, 0.3, 0.5},
		{"live, taken", taken, 400 * ms, true, trace.Arrived, 0, 1},
	}
	for _, c := range cases {
		g, shown := progress(&c.flight, &View{Now: c.now})
		if shown != c.shown || shown && (g.fate != c.fate || g.t < c.lo || g.t > c.hi) {
			t.Errorf("%s: shown %v, %+v", c.name, shown, g)
		}
	}
}

func TestBurstsFadeInTheTimeOfPeople(t *testing.T) {
	f := trace.Flight{SentAt: 0, Due: 10 * ms, Fate: trace.Died, FateAt: 10 * ms}
	v := View{Now: 15 * ms, Speed: 0.01}
	if g, shown := progress(&f, &v); !shown || g.age != 0.5 {
		t.Errorf("at a hundredth of the speed, 5 ms are half a second: %+v", g)
	}
	if v.Now = 21 * ms; true {
		if _, shown := progress(&f, &v); shown {
			t.Error("and 11 ms are over a second")
		}
	}
}

func TestReducedMotionHasFourSteps(t *testing.T) {
	f := trace.Flight{SentAt: 0, Due: 100 * ms}
	seen := map[float32]bool{}
	for now := range 101 * ms {
		if now%ms == 0 {
			g, _ := progress(&f, &View{Now: now, ReducedMotion: true})
			seen[g.t] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("the steps are %v", seen)
	}
}

func TestEase(t *testing.T) {
	last := float32(-1)
	for i := range 101 {
		v := ease(float32(i) / 100)
		if v <= last || v < -1e-6 || v > 1+1e-6 {
			t.Fatalf("ease(%d %%) is %v behind %v", i, v, last)
		}
		last = v
	}
	if ease(0) != 0 || ease(1) < 0.9999 {
		t.Errorf("ease goes from %v to %v", ease(0), ease(1))
	}
}

func TestWordsAreBounded(t *testing.T) {
	var w words
	for i := range uint64(3 * tooMany) {
		w.number(termOf, i)
	}
	if len(w.numbers) > tooMany {
		t.Errorf("%d strings are kept", len(w.numbers))
	}
}

func TestShort(t *testing.T) {
	for _, c := range [][2]string{{"", ""}, {"abc", "abc"}, {"abcdef", "abcd"}, {"äöüßx", "äöüß"}} {
		if got := short(c[0], 4); got != c[1] {
			t.Errorf("short(%q) = %q", c[0], got)
		}
	}
}
