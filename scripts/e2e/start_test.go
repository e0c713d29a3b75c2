package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestThePageIsNeverReadyWhenItsAddressNamesNothing holds that who waits for the page is told why
// it will not come.
func TestThePageIsNeverReadyWhenItsAddressNamesNothing(t *testing.T) {
	a := start(t, "--nodes", "1")
	for query, want := range map[string]string{
		"?nodes=0":         "nodes",
		"?attach=http://x": "ws://x",
	} {
		t.Run(query, func(t *testing.T) {
			b := open(t, a.url+"/"+query, 1280, 800)
			if why := b.unready(); !strings.Contains(why, want) {
				t.Errorf("raftarium.ready of %s was rejected with %q", query, why)
			}
			eventually(t, b.ctx, "the banner says so too", func() bool {
				return eval[bool](b, `document.querySelector("alert-banner").checkVisibility()`)
			})
			if !eval[bool](b, `document.querySelector("page-header .segments").checkVisibility(
				{visibilityProperty: true})`) {
				t.Error("nothing else can be chosen: the header is hidden")
			}
		})
	}
}

// unready waits until the page gives up and tells why.
func (b *browser) unready() (why string) {
	b.t.Helper()
	eval[any](b, `raftarium.ready.then(() => window.why = "it is ready",
		e => window.why = e instanceof Error ? e.message : "no Error"), 1`)
	eventually(b.t, b.ctx, "the page gives up", func() bool {
		why = eval[string](b, `window.why ?? ""`)
		return why != ""
	})
	return why
}

// TestTheAPIIsThereFromTheFirstMoment asks the page at its load, before any program runs.
func TestTheAPIIsThereFromTheFirstMoment(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := open(t, "about:blank", 1280, 800)
	b.beforePage(`addEventListener("load", () => {
		window.early = { nodes: raftarium.state().nodes.length, off: raftarium.on("view", () => {}) };
		early.asked = raftarium.do({ type: "hold" });
	})`)
	b.run(chromedp.Navigate(a.url + "/?nodes=3&seed=1"))
	if got := eval[string](b, `early.asked.then(a => early.nodes + " " + typeof a.accepted)`); got !=
		"0 boolean" {
		t.Errorf("at load: nodes and the answer's type are %q", got)
	}
	eval[any](b, `raftarium.ready.then(() => 1)`)
	b.quiet()
}

// TestWithoutWebGLThePageSaysSo takes away what the picture is drawn with.
func TestWithoutWebGLThePageSaysSo(t *testing.T) {
	a := start(t, "--nodes", "1")
	b := open(t, "about:blank", 1280, 800)
	b.beforePage(`const getContext = HTMLCanvasElement.prototype.getContext;
		HTMLCanvasElement.prototype.getContext = function (type, ...more) {
			return /webgl/.test(type) ? null : getContext.call(this, type, ...more);
		}`)
	b.run(chromedp.Navigate(a.url + "/?nodes=3&seed=1"))
	if why := b.unready(); !strings.Contains(why, "WebGL 2") {
		t.Errorf("raftarium.ready was rejected with %q", why)
	}
	if !eval[bool](b, `document.querySelector("stage-notice").textContent.includes("WebGL 2")`) {
		t.Error("the notice does not say what is missing")
	}
}
