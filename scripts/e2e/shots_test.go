package e2e

import (
	"fmt"
	"testing"
)

// TestShots takes the pictures that people look at before they call a change of the page done, and
// holds that a first visitor sees a leader soon, at the speed that the page begins with.
func TestShots(t *testing.T) {
	a := start(t)
	for _, size := range [][2]int{{1440, 900}, {360, 780}} {
		b := open(t, a.url+"/?nodes=5&seed=7", size[0], size[1])
		eval[any](b, `raftarium.ready.then(() => 1)`)
		b.until("a leader leads", hasLeader)
		if at := b.state().Time; at > 400_000 {
			t.Errorf("the first leader was seen at %d us of the run", at)
		}
		b.shot(fmt.Sprintf("leader-%d", size[0]))
		b.quiet()
	}
}
