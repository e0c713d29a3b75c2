package e2e

import (
	"encoding/base64"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// TestTheBannerTurnsRed tells the page of a broken promise, as the engine would: the real rules break
// none.
func TestTheBannerTurnsRed(t *testing.T) {
	a := start(t)
	b := visit(t, a, "?nodes=3&seed=4")
	b.until("a leader leads", hasLeader)
	b.act(`{type: "hold"}`)
	var enc trace.Encoder
	ev := trace.Event{ID: trace.EventID{Node: trace.Checker, Boot: 3, N: 1},
		At: raft.Time(b.state().Time), Body: trace.Violation{Check: "electionSafety", Section: "5.2",
			Text: "S1 and S2 both lead term 1", Nodes: []raft.NodeID{1, 2}}}
	frame := wire.Append(nil, 1, wire.Events{Reached: ev.At, N: 1, Bytes: enc.Append(nil, &ev)})
	b.act(`{type: "step", by: "event"}`)
	eval[any](b, `raftariumStage.feed(Uint8Array.from(atob("%s"), c => c.charCodeAt(0)))`,
		base64.StdEncoding.EncodeToString(frame))
	b.act(`{type: "step", by: "event"}`)
	b.until("the broken promise is told", func(s state) bool { return len(s.Violations) == 1 })
	eventually(t, b.ctx, "the banner says what is broken", func() bool {
		return eval[bool](b, `(() => {
			const banner = document.querySelector("alert-banner");
			return banner.checkVisibility() && banner.textContent.includes("both lead term 1");
		})()`)
	})
	red := eval[bool](b, `(() => {
		const [r, g, b] = getComputedStyle(document.querySelector("alert-banner").firstElementChild
			?? document.querySelector("alert-banner")).backgroundColor.match(/\d+/g).map(Number);
		return r > 120 && g < 110 && b < 110;
	})()`)
	if !red {
		t.Error("the banner is not red")
	}
	b.shot("sim-broken")
}
