package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestARefusedOpenKeepsTheRun opens what cannot be opened: each time the answer says why, and the
// run that is shown goes on, obeys, and stays in the page's address.
func TestARefusedOpenKeepsTheRun(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := visit(t, a, "?nodes=3&seed=3")
	b.until("a leader leads", hasLeader)
	address := eval[string](b, `location.search`)
	for uri, says := range map[string]string{
		"sim:?nodes=999":        "1 to 101",
		"sim:?nonsense=1":       "nonsense",
		"ws://127.0.0.1:9":      "No connection to 127.0.0.1:9",
		"http://" + a.host():    "ws://host:port",
		"file:///tmp/run.trace": "sim:?",
		"":                      "there is no address",
	} {
		before := b.state().Time
		if why := b.ask(fmt.Sprintf(`{type: "open", uri: %q}`, uri)); !strings.Contains(why, says) {
			t.Errorf("opening %q was answered with %q", uri, why)
		}
		b.until("the run goes on", func(s state) bool {
			return len(s.Nodes) == 3 && hasLeader(s) && s.Time > before
		})
		if now := eval[string](b, `location.search`); now != address {
			t.Errorf("opening %q left the address %s", uri, now)
		}
	}
	if eval[bool](b, `document.querySelector("alert-banner").checkVisibility()`) {
		t.Error("a banner says that something is lost")
	}
	first, _ := b.state().leader()
	b.act(fmt.Sprintf(`{type: "kill", node: %d}`, first))
	b.act(`{type: "open", uri: "sim:?nodes=5&seed=4"}`)
	b.until("another cluster is shown", func(s state) bool { return len(s.Nodes) == 5 })
}

// TestTheAPINamesItsLimits asks for what is malformed, which throws, and for what is too much, which
// is refused.
func TestTheAPINamesItsLimits(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := visit(t, a, "?nodes=3&seed=3&scenario=quiet")
	b.until("a leader leads", hasLeader)
	for _, wish := range []string{`{type: "cut", from: 1, to: 2, both: "yes"}`,
		`{type: "partition", groups: []}`, `{type: "partition", groups: [[1, 2], [2, 3]]}`,
		`{type: "speed", auto: "yes"}`, `{type: "seek", time: NaN}`, `{type: "propose", key: 7}`} {
		if got := eval[string](b, `raftarium.do(%s).then(() => "taken", e => e.name)`,
			wish); got != "TypeError" {
			t.Errorf("%s: %s", wish, got)
		}
	}
	if got := eval[string](b, `(() => {
		try { raftarium.on("view", 5); return "taken"; } catch (e) { return e.name; }
	})()`); got != "TypeError" {
		t.Errorf("a listener that is no function: %s", got)
	}
	for wish, says := range map[string]string{
		`{type: "seek", time: 1e15}`:                              "1 h beyond the edge",
		`{type: "seek", time: 1e300}`:                             "1 h beyond the edge",
		`{type: "propose", key: "k".repeat(1025), value: "v"}`:    "1 KiB",
		`{type: "propose", key: "k", value: "v".repeat(1048577)}`: "1 MiB",
		`{type: "speed", factor: 11}`:                             "1/1000 to 10",
	} {
		if why := b.ask(wish); !strings.Contains(why, says) {
			t.Errorf("%s was answered with %q", wish, why)
		}
	}
	before := b.state().Nodes[0].CommitIndex
	b.act(`{type: "propose", key: "k".repeat(1024), value: "v".repeat(1048576)}`)
	b.until("the greatest value is committed everywhere", func(s state) bool {
		for _, n := range s.Nodes {
			if n.CommitIndex <= before {
				return false
			}
		}
		return true
	})
	b.quiet()
}

// TestTheTempoIsAutomatic plays a cluster in which nothing happens fast, until somebody chooses a
// speed.
func TestTheTempoIsAutomatic(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := open(t, a.url+"/?nodes=3&seed=3&scenario=quiet", 1280, 800)
	eval[any](b, `raftarium.ready.then(() => 1)`)
	b.until("a leader leads", hasLeader)
	pressed := func() string {
		return eval[string](b, `document.querySelector("transport-bar .auto").ariaPressed`)
	}
	eventually(t, b.ctx, "the quiet is played fast, and the page says so", func() bool {
		return pressed() == "true" &&
			eval[string](b, `document.querySelector("transport-bar output").textContent`) == "×1/8"
	})
	b.act(`{type: "speed", factor: 0.02}`)
	eventually(t, b.ctx, "the chosen speed is in force", func() bool {
		return pressed() == "false" &&
			eval[string](b, `document.querySelector("transport-bar output").textContent`) == "×1/50"
	})
	eval[any](b, `document.querySelector("transport-bar .auto").click()`)
	eventually(t, b.ctx, "it is automatic again", func() bool { return pressed() == "true" })
	b.quiet()
}
