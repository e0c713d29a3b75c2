package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// standAt holds the play-head at a moment, in microseconds.
func (b *browser) standAt(at int64) {
	b.t.Helper()
	b.act(`{type: "hold"}`)
	b.act(fmt.Sprintf(`{type: "seek", time: %d}`, at))
	b.until(fmt.Sprintf("the play-head stands at %d us", at), func(s state) bool {
		return s.Time == at
	})
}

func hashOf(s state) string {
	if s.Hash == nil {
		return "none"
	}
	return *s.Hash
}

// branches gives what the list of branches shows, and which of them is on.
func (b *browser) branches() (names []string, on int) {
	b.t.Helper()
	text := eval[string](b, `JSON.stringify([...document.querySelectorAll("branch-list button")]
		.map(b => [b.innerText.trim(), b.getAttribute("aria-pressed")]))`)
	var shown [][2]string
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		b.t.Fatal(err)
	}
	for i, s := range shown {
		names = append(names, s[0])
		if s[1] == "true" {
			on = i
		}
	}
	return names, on
}

// TestThePastGoesOnDifferently goes back and kills who leads: a branch begins there, the run stays
// as it was, undo takes the kill back, and a link to the branch opens as the same run elsewhere.
func TestThePastGoesOnDifferently(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=5&seed=11")
	b.standAt(2_000_000)
	edge := b.state()
	leader, _ := edge.leader()
	b.standAt(1_200_000)
	b.act(fmt.Sprintf(`{type: "kill", node: %d}`, leader))
	b.until("it is down in a branch", func(s state) bool {
		return s.Time == 1_200_000 && !s.Nodes[leader-1].Alive
	})
	b.until("the list has the branch", func(state) bool {
		names, on := b.branches()
		return len(names) == 2 && on == 1 && strings.Contains(names[1], "kill S")
	})
	b.standAt(2_000_000)
	other := b.state()
	if hashOf(other) == hashOf(edge) {
		t.Errorf("two runs have one hash, %s", hashOf(edge))
	}
	b.shot("branch")
	link := eval[string](b, `raftarium.do({type: "share"}).then(a => a.link ?? a.why)`)

	eval[any](b, `document.querySelector("branch-list button:first-child").click()`)
	b.standAt(2_000_000)
	if s := b.state(); hashOf(s) != hashOf(edge) {
		t.Errorf("the run is not as it was: %s, want %s", hashOf(s), hashOf(edge))
	}
	eval[any](b, `document.querySelector("branch-list button:last-child").click()`)
	b.act(`{type: "undo"}`)
	b.until("the leader is up again", func(s state) bool {
		return s.Time == 1_200_000 && s.Nodes[leader-1].Alive
	})
	b.quiet()

	c := open(t, a.url+"/"+strings.TrimPrefix(link, "sim:"), 1280, 800)
	c.until("the link shows the same moment of the same run", func(s state) bool {
		return s.Time == 2_000_000 && hashOf(s) == hashOf(other)
	})
	c.quiet()
}
