package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// membership is what the page's API says of who takes part, as one node knows it.
type membership struct {
	Voters   []int `json:"voters"`
	Outgoing []int `json:"outgoing"`
	Learners []int `json:"learners"`
}

// members gives the configuration in force at a node.
func (b *browser) members(id int) (c membership) {
	b.t.Helper()
	text := eval[string](b,
		`JSON.stringify(raftarium.state().nodes.find(n => n.id === %d)?.config ?? {})`, id)
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		b.t.Fatalf("the configuration of S%d is %s: %v", id, text, err)
	}
	return c
}

// TestMembersComeAndGo changes who takes part, by the API alone: a server joins, learns, votes and
// leads, another leaves, and what is written then is committed.
func TestMembersComeAndGo(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=5")
	b.until("a leader leads", hasLeader)
	b.act(`{type: "speed", factor: 0.02}`)
	b.act(`{type: "change", vote: [4]}`)
	b.until("S4 learns", func(s state) bool {
		return len(s.Nodes) == 4 && s.Nodes[3].Role == "learner" && s.Nodes[3].LastIndex > 0 &&
			slices.Equal(b.members(4).Learners, []int{4})
	})
	b.act(`{type: "hold"}`)
	b.shot("members-learner")
	b.act(`{type: "play"}`)
	b.act(`{type: "speed", factor: 1}`)
	b.until("S4 votes, and all know that", func(s state) bool {
		return s.Nodes[3].Role == "follower" &&
			slices.Equal(b.members(4).Voters, []int{1, 2, 3, 4})
	})
	handOver(b, 4)
	s := b.state()
	gone := 1
	b.act(fmt.Sprintf(`{type: "change", remove: [%d]}`, gone))
	b.until("S1 is out", func(state) bool {
		return slices.Equal(b.members(4).Voters, []int{2, 3, 4})
	})
	b.act(fmt.Sprintf(`{type: "kill", node: %d}`, gone))
	b.until("it is down", func(s state) bool { return !s.Nodes[gone-1].Alive })
	before := s.Nodes[3].CommitIndex
	b.act(`{type: "propose", key: "m", value: "4"}`)
	b.until("a write is committed by those who are left", func(s state) bool {
		for _, n := range s.Nodes[1:] {
			if n.CommitIndex <= before {
				return false
			}
		}
		return true
	})
	eventually(t, b.ctx, "who left and is down has left the picture", func() bool {
		return eval[int](b, `document.querySelectorAll("node-layer button").length`) == 3
	})
	b.shot("members-left")
	readsBack(b, "m", "4")
	if n := len(b.state().Violations); n != 0 {
		t.Errorf("%d properties are broken", n)
	}
	b.quiet()
}

// handOver lets the leader hand over to a node.
func handOver(b *browser, to int) {
	b.t.Helper()
	_, term := b.state().leader()
	b.act(fmt.Sprintf(`{type: "transfer", node: %d}`, to))
	b.until(fmt.Sprintf("S%d leads", to), func(s state) bool {
		id, now := s.leader()
		return id == to && now > term
	})
	eventually(b.t, b.ctx, "the events tell of it", func() bool {
		return eval[bool](b,
			`document.querySelector("event-list").textContent.includes("hands over to S%d")`, to)
	})
}

// readsBack reads a key by hand.
func readsBack(b *browser, key, value string) {
	b.t.Helper()
	eval[any](b, `document.querySelector("[data-tool=write]").click()`)
	eventually(b.t, b.ctx, "the box for a key is there", func() bool {
		return eval[bool](b, `!document.querySelector("write-box").hidden`)
	})
	eval[any](b, `document.querySelector("write-box [name=key]").value = %q;
		document.querySelector("write-box .read").click()`, key)
	eventually(b.t, b.ctx, "the value is told", func() bool {
		return eval[bool](b, `document.querySelector("write-box .told").textContent
			.startsWith(%q)`, key+" = "+value)
	})
	b.shot("members-read")
}

// TestBothHalvesOfAChange swaps two servers for two others at once: both majorities are needed
// meanwhile, and the page says so.
func TestBothHalvesOfAChange(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=6")
	b.until("a leader leads", hasLeader)
	id, _ := b.state().leader()
	others := slices.DeleteFunc([]int{1, 2, 3}, func(n int) bool { return n == id })
	b.act(`{type: "speed", factor: 0.02}`)
	b.act(fmt.Sprintf(`{type: "change", vote: [4, 5], remove: [%d, %d]}`, others[0], others[1]))
	b.until("two majorities are needed", func(state) bool { return len(b.members(id).Outgoing) == 3 })
	b.act(`{type: "hold"}`)
	b.shot("members-joint")
	b.act(`{type: "play"}`)
	b.act(`{type: "speed", factor: 1}`)
	b.until("the old ones are out", func(state) bool {
		c := b.members(id)
		return len(c.Outgoing) == 0 && len(c.Voters) == 3 && !slices.Contains(c.Voters, others[0])
	})
	if why := b.ask(`{type: "change", vote: [9]}`); why == "" {
		t.Error("an id that leaves a gap was taken")
	}
	b.quiet()
}

// TestAnotherTakesThePlaceOfALostServer holds what becomes of a server that lost all it had saved.
func TestAnotherTakesThePlaceOfALostServer(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=2&store=memory")
	b.until("a leader leads", hasLeader)
	b.act(`{type: "kill", node: 2}`)
	b.until("it is down", func(s state) bool { return !s.Nodes[1].Alive })
	b.act(`{type: "wipe", node: 2}`)
	b.until("S4 votes in its place", func(s state) bool {
		id, _ := s.leader()
		return len(s.Nodes) == 4 && slices.Equal(b.members(id).Voters, []int{1, 3, 4})
	})
	b.quiet()
}
