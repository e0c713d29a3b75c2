package e2e

import (
	"strings"
	"testing"
)

// card gives what the scenario's card says.
func (b *browser) card(part string) string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("tour-card %s")?.innerText ?? ""`, part)
}

// TestAScenarioIsTakenStepByStep opens a scenario of the library by its name, goes on and back by
// its captions, and does something else in the middle of it.
func TestAScenarioIsTakenStepByStep(t *testing.T) {
	a := start(t)
	b := open(t, a.url+"/?scenario=figure8", 1280, 800)
	eval[any](b, `raftarium.ready.then(() => 1)`)
	b.until("the card shows the first caption", func(s state) bool {
		return s.Time == 0 && strings.HasPrefix(b.card("output"), "step 1 of")
	})
	if title := b.card("h2"); !strings.HasPrefix(title, "Figure 8") {
		t.Errorf("the title is %q", title)
	}
	b.act(`{type: "speed", factor: 10}`)
	for range 3 {
		eval[any](b, `document.querySelector("tour-card .next").click()`)
		was := b.card("output")
		b.until("the next step", func(s state) bool {
			return b.card("output") != was && b.card(".next") == "Next"
		})
	}
	b.until("S5 leads term 3", func(s state) bool { return s.Time > 0 && len(s.Nodes) == 5 })
	b.shot("tour")
	text := b.card("p")
	eval[any](b, `document.querySelector("tour-card .back").click()`)
	b.until("the step before", func(s state) bool { return b.card("p") != text })
	if q := eval[string](b, `location.search`); q != "?scenario=figure8" {
		t.Errorf("the address asks for %s", q)
	}
	goAstray(b)
	b.size(360, 780, 1)
	b.shot("tour-360")
	b.size(1280, 800, 1)
	seeTheBug(b)
	eval[any](b, `document.querySelector("tour-card .close").click()`)
	b.until("the card is gone", func(s state) bool {
		return eval[bool](b, `document.querySelector("tour-card").hidden`)
	})
	b.quiet()
}

// goAstray kills a server where the scenario is at its edge: that is a branch, which the captions do
// not tell of, and one press leads back.
func goAstray(b *browser) {
	b.t.Helper()
	text := b.card("p")
	b.act(`{type: "kill", node: 3}`)
	b.until("the card says that this is a branch", func(s state) bool {
		names, on := b.branches()
		return len(names) == 2 && on == 1 && !s.Nodes[2].Alive &&
			strings.HasPrefix(b.card("p"), "You went on differently") &&
			eval[bool](b, `document.querySelector("tour-card output").hidden`)
	})
	b.shot("tour-astray")
	eval[any](b, `document.querySelector("tour-card .next").click()`)
	b.until("the scenario is as it was", func(s state) bool {
		return s.Nodes[2].Alive && b.card("p") == text && b.card(".next") == "Next"
	})
}

// seeTheBug goes over to the same lesson with the historical rule, plays it to its end, and sees the
// promise broken.
func seeTheBug(b *browser) {
	b.t.Helper()
	b.until("there is a bug to see", func(state) bool {
		return eval[bool](b, `!document.querySelector("tour-card .twin").hidden`)
	})
	eval[any](b, `document.querySelector("tour-card .twin").click()`)
	b.until("it begins", func(s state) bool {
		return s.Time == 0 && strings.Contains(b.card("h2"), "forgotten")
	})
	last := func() bool {
		return eval[bool](b, `(m => m.value === m.max)(document.querySelector("tour-card meter"))`)
	}
	for !last() {
		eval[any](b, `document.querySelector("tour-card .next").click()`)
		was := b.card("output")
		b.until("the next step of the bug", func(state) bool {
			return b.card("output") != was && strings.HasPrefix(b.card(".next"), "Next")
		})
	}
	b.until("a promise is broken", func(s state) bool { return len(s.Violations) > 0 })
	b.shot("tour-bug")
	eval[any](b, `document.querySelector("tour-card .next").click()`)
	b.until("the next scenario begins", func(s state) bool {
		return s.Time == 0 && !strings.Contains(b.card("h2"), "forgotten")
	})
}
