package hub

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// TestAClockIsFollowedThatDrifts: the frame that came quickest counts, but not for ever.
func TestAClockIsFollowedThatDrifts(t *testing.T) {
	var c clock
	for i, step := range []struct {
		at, off raft.Time // of a frame
		want    raft.Time
		changed bool
	}{
		{0, 500, 500, true}, // even if it is the zero of a clock
		{1, 300, 300, true},
		{2, 900, 300, false},
		{clockWindow - 1, 700, 300, false},
		{clockWindow, 800, 300, false}, // the window before counts
		{2 * clockWindow, 900, 800, true},
		{3 * clockWindow, 1000, 900, true},
		{9 * clockWindow, 100, 100, true},
	} {
		if got, changed := c.heard(step.off, step.at); got != step.want || changed != step.changed {
			t.Errorf("frame %d: %d, changed %v", i, got, changed)
		}
	}
	var zero clock
	if got, changed := zero.heard(0, 7); got != 0 || !changed {
		t.Errorf("the first frame: %d, changed %v", got, changed)
	}
}
