package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// BenchmarkStart measures cold starts, each in a browser of its own with an empty profile, from the
// navigation to the poster, to a page that can be used, and to the picture. A browser that has just
// begun is busy with itself, so a plain text is timed beside the page, and all again in browsers that
// have had a second to settle.
func BenchmarkStart(b *testing.B) {
	a := start(b)
	for _, c := range []struct {
		name string
		rest time.Duration
	}{{"just-begun", 0}, {"settled", time.Second}} {
		b.Run(c.name, func(b *testing.B) { measureStarts(b, a, c.rest) })
	}
}

func measureStarts(b *testing.B, a *aquarium, rest time.Duration) {
	var plain, poster, ready, picture []float64
	visit := func(path string) *browser {
		tab := open(b, "about:blank", 1280, 720)
		time.Sleep(rest)
		tab.run(chromedp.Navigate(a.url + path))
		return tab
	}
	for range b.N {
		tab := visit("/healthz")
		plain = append(plain, tab.firstPaint())
		tab.close()
		tab = visit("/?nodes=5&seed=7")
		ready = append(ready, eval[float64](tab, `raftarium.ready.then(() => performance.now())`))
		poster = append(poster, tab.firstPaint())
		picture = append(picture, eval[float64](tab, `new Promise(done => {
			const stage = document.querySelector("#stage");
			const look = () => "drawn" in stage.dataset && done(performance.now());
			new MutationObserver(look).observe(stage, { attributes: true });
			look();
		})`))
		tab.close()
	}
	b.ReportMetric(median(plain), "plain-text-ms")
	b.ReportMetric(median(poster), "poster-ms")
	b.ReportMetric(median(ready), "interactive-ms")
	b.ReportMetric(median(picture), "picture-ms")
	b.ReportMetric(0, "ns/op")
}

// firstPaint waits for the first contents and tells when they were shown, in milliseconds.
func (b *browser) firstPaint() float64 {
	b.t.Helper()
	return eval[float64](b, `new Promise(done => new PerformanceObserver(list => {
		const paint = list.getEntriesByName("first-contentful-paint")[0];
		if (paint) done(paint.startTime);
	}).observe({ type: "paint", buffered: true }))`)
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
