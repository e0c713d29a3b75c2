package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFactsAboutEbitengine holds what the page rests on: its canvas can be adopted, sized and kept
// away from the focus, and frames that nobody asked for are not drawn. Read it when a new version of
// Ebitengine fails it.
func TestFactsAboutEbitengine(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=1&scenario=quiet")
	b.until("a leader leads", hasLeader)
	if got := eval[string](b, `document.querySelector("canvas").parentElement.id`); got != "stage" {
		t.Errorf("the canvas stands in #%s and not in #stage", got)
	}
	for _, ratio := range []float64{1, 1.25, 2} {
		b.size(1280, 800, ratio)
		eventually(t, b.ctx, "the canvas has as many pixels as its cell", func() bool {
			return eval[bool](b, `(() => {
				const c = document.querySelector("#stage canvas"), r = Math.min(devicePixelRatio, 2);
				const s = document.querySelector("#stage");
				return Math.abs(c.width - s.clientWidth * r) <= 1 &&
					Math.abs(c.height - s.clientHeight * r) <= 1;
			})()`)
		})
	}
	b.size(1280, 800, 1)
	b.run(chromedp.Click(`#stage`))
	if got := eval[string](b, `document.activeElement.tagName`); got == "CANVAS" {
		t.Error("a click on the stage gave the focus to the canvas")
	}
}

// TestAStillPageDrawsNoFrame holds that a page in which nothing moves costs nothing.
func TestAStillPageDrawsNoFrame(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=1")
	b.until("a leader leads", hasLeader)
	b.act(`{type: "hold"}`)
	frames := func() int { return eval[int](b, `raftariumStage.frames()`) }
	eventually(t, b.ctx, "no frame is drawn any more", func() bool {
		before := frames()
		eval[any](b, `new Promise(f => setTimeout(f, 500))`)
		return frames() == before
	})
	before := frames()
	eval[any](b, `new Promise(f => setTimeout(f, 1500))`)
	if after := frames(); after != before {
		t.Errorf("%d frames were drawn in a page where nothing moves", after-before)
	}
	b.act(`{type: "step", by: "event"}`)
	eventually(t, b.ctx, "a step is drawn", func() bool { return frames() > before })
}
