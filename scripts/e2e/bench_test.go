package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// BenchmarkStart measures a cold start: a fresh profile each time, from the navigation to the
// first contents, to the poster's words, and to a page that can be used.
func BenchmarkStart(b *testing.B) {
	a := start(b)
	var paint, ready []float64
	for range b.N {
		tab := open(b, "about:blank", 1280, 720)
		tab.run(chromedp.Navigate(a.url + "/?nodes=5&seed=7"))
		ready = append(ready, eval[float64](tab,
			`raftarium.ready.then(() => performance.now())`))
		paint = append(paint, eval[float64](tab,
			`performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`))
		tab.close()
	}
	b.ReportMetric(median(paint), "poster-ms")
	b.ReportMetric(median(ready), "interactive-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFrame measures a whole animation-frame turn, with the GL draws left out, as a GPU would
// do them, and our own Go in it: five nodes on links that repeat and delay, played slowly, so that
// some 200 messages are in the air.
func BenchmarkFrame(b *testing.B) {
	a := start(b)
	tab := open(b, "about:blank", 1280, 720)
	tab.beforePage(`WebGL2RenderingContext.prototype.drawElements = () => {};
		window.turns = [];
		const raf = window.requestAnimationFrame.bind(window);
		window.requestAnimationFrame = f => raf(t => {
			const a = performance.now(); f(t); window.turns.push(performance.now() - a);
		});`)
	tab.run(chromedp.Navigate(a.url + "/?nodes=5&seed=7&clients=16&delay=45&duplicate=900000&reorder=300000"))
	eval[any](tab, `raftarium.ready.then(() => 1)`)
	tab.act(`{type: "speed", factor: 1}`)
	eval[any](tab, `new Promise(f => setTimeout(f, 3000))`)
	tab.act(`{type: "speed", factor: 0.02}`)
	eval[any](tab, `new Promise(f => setTimeout(f, 3000))`)
	eval[any](tab, `window.turns.length = 0`)
	for range b.N {
		eval[any](tab, `new Promise(f => setTimeout(f, 3000))`)
	}
	var own, ownP95, frames float64
	_, err := fmt.Sscan(eval[string](tab, `raftariumStage.cost()`), &own, &ownP95, &frames)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(own/1000, "own-go-median-ms")
	b.ReportMetric(ownP95/1000, "own-go-p95-ms")
	turns := eval[[]float64](tab, `window.turns`)
	slices.Sort(turns)
	b.ReportMetric(turns[len(turns)/2], "turn-median-ms")
	b.ReportMetric(turns[len(turns)*95/100], "turn-p95-ms")
	b.ReportMetric(float64(len(turns))/(3*float64(b.N)), "frames/s")
	b.ReportMetric(0, "ns/op")
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
