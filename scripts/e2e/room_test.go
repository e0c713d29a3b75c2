package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// TestLogsLeaveRoomForEvents holds that both are in sight, however many nodes there are.
func TestLogsLeaveRoomForEvents(t *testing.T) {
	a := start(t, "--nodes", "1")
	for _, nodes := range []int{15, 25} {
		b := visit(t, a, fmt.Sprintf("?nodes=%d&seed=3", nodes))
		b.until("a leader leads", hasLeader)
		b.act(`{type: "hold"}`)
		for _, size := range [][2]int{{1280, 720}, {1440, 900}} {
			b.size(size[0], size[1], 1)
			eventually(t, b.ctx, fmt.Sprintf("%d logs and their events have room in %v", nodes, size),
				func() bool { return b.roomy() })
			b.shot(fmt.Sprintf("crowd-%d-%d", nodes, size[0]))
		}
		if !eval[bool](b, `(() => {
			const rows = document.querySelector("log-panel .rows").getBoundingClientRect();
			const row = document.querySelector("log-panel .row[data-leader]").getBoundingClientRect();
			return row.top >= rows.top - 1 && row.bottom <= rows.bottom + 1;
		})()`) {
			t.Errorf("%d nodes: the leader's log is out of sight", nodes)
		}
		b.quiet()
		b.close()
	}
}

// roomy reports whether the logs scroll within their panel, and the events have room below them.
func (b *browser) roomy() bool {
	return eval[bool](b, `(() => {
		const side = document.querySelector("#side").getBoundingClientRect();
		const logs = document.querySelector("log-panel").getBoundingClientRect();
		const events = document.querySelector("event-list").getBoundingClientRect();
		const rows = document.querySelector("log-panel .rows");
		return logs.bottom < events.top && events.bottom <= side.bottom + 1 && events.height > 120 &&
			rows.scrollHeight > rows.clientHeight + 20 && rows.clientHeight > 100;
	})()`)
}

// TestNarrowPagesDoNotOverlap holds that what stands beside one another in the header, among the
// first steps and in the transport does not overlap, nor reach out of the page.
func TestNarrowPagesDoNotOverlap(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := visit(t, a, "?nodes=5&seed=7")
	b.until("a leader leads", hasLeader)
	b.act(`{type: "speed", auto: true}`)
	b.act(`{type: "hold"}`)
	for _, size := range [][2]int{{320, 640}, {360, 780}, {720, 450}, {768, 1024}} {
		b.size(size[0], size[1], 1)
		eventually(t, b.ctx, fmt.Sprintf("the page is laid out in %v", size), func() bool {
			return eval[int](b, `innerWidth`) == size[0]
		})
		if bad := eval[[]string](b, overlaps); len(bad) > 0 {
			t.Errorf("%v: %s", size, strings.Join(bad, "; "))
		}
	}
}

const overlaps = `(() => {
	const bad = [];
	for (const parts of ["page-header .brand, page-header .end > *", "first-steps button",
		"transport-bar button, transport-bar select, transport-bar input, transport-bar output"]) {
		const seen = [...document.querySelectorAll(parts)].filter(e => e.checkVisibility())
			.map(e => [e.className + " " + e.textContent.trim().slice(0, 12), e.getBoundingClientRect()])
			.filter(([, r]) => r.width > 2);
		seen.forEach(([name, r], i) => {
			if (r.left < -0.5 || r.right > innerWidth + 0.5) bad.push(name + " is outside");
			for (const [other, o] of seen.slice(i + 1)) {
				const wide = Math.min(r.right, o.right) - Math.max(r.left, o.left);
				const high = Math.min(r.bottom, o.bottom) - Math.max(r.top, o.top);
				if (wide > 1 && high > 1) bad.push(name + " lies over " + other);
			}
		});
	}
	if (document.documentElement.scrollWidth > innerWidth) bad.push("the page scrolls sideways");
	return bad;
})()`

// TestAReasonIsSaidOnce opens the menu of a node that is down, of which three actions say the same.
func TestAReasonIsSaidOnce(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := visit(t, a, "?nodes=3&seed=3")
	b.act(`{type: "kill", node: 2}`)
	b.until("it is down", func(s state) bool { return !s.Nodes[1].Alive })
	eval[any](b, `document.querySelector("node-layer [data-node='2']").click()`)
	eventually(t, b.ctx, "the menu says it once", func() bool {
		text := eval[string](b, `document.querySelector("node-menu").textContent`)
		return strings.Count(text, "S2 is down.") == 1
	})
}
