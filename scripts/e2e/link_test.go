package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestALinkHasACard taps a link beside the ring's middle and makes it lossy one way.
func TestALinkHasACard(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=5&delay=20")
	b.until("a leader leads", hasLeader)
	b.act(`{type: "hold"}`)
	at := eval[[]float64](b, `(() => {
		const [p, q] = [1, 2].map(id => document.querySelector(
			"node-layer [data-node='" + id + "']").getBoundingClientRect());
		return [(p.x + p.width / 2 + q.x + q.width / 2) / 2,
			(p.y + p.height / 2 + q.y + q.height / 2) / 2];
	})()`)
	b.run(chromedp.MouseClickXY(at[0], at[1]))
	b.until("the card is there", func(state) bool {
		return eval[bool](b, `!document.querySelector("link-menu").hidden`)
	})
	eval[any](b, `document.querySelector("link-menu [data-way=to]").click()`)
	eval[any](b, `document.querySelector("link-menu [data-name=loss]").click()`)
	loss := func(from, to int) bool {
		return eval[bool](b, fmt.Sprintf(`raftarium.state().links.some(l =>
			l.from === %d && l.to === %d && l.loss === 250000)`, from, to))
	}
	b.until("it is lossy one way", func(state) bool { return loss(1, 2) && !loss(2, 1) })
	b.until("the card says so", func(state) bool {
		return eval[bool](b, `document.querySelector(
			"link-menu [data-name=loss]").getAttribute("aria-checked") === "true"`)
	})
	for _, want := range []int{108000, 20000} { // on, and off again: as the address says
		eval[any](b, `document.querySelector("link-menu [data-name=slow]").click()`)
		b.until("its delay is set", func(state) bool {
			return loss(1, 2) && eval[bool](b, fmt.Sprintf(`raftarium.state().links.some(l =>
				l.from === 1 && l.to === 2 && l.delayMicros === %d)`, want))
		})
		b.until("the card says so", func(state) bool {
			return eval[bool](b, fmt.Sprintf(`document.querySelector("link-menu [data-name=slow]")
				.getAttribute("aria-checked") === "%t"`, want == 108000))
		})
	}
	b.act(`{type: "play"}`)
	b.shot("link")
	b.quiet()
}
