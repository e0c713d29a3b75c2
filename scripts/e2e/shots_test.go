package e2e

import (
	"fmt"
	"testing"
)

// TestShots takes the pictures that people look at before they call a change of the page done.
func TestShots(t *testing.T) {
	a := start(t)
	for _, size := range [][2]int{{1440, 900}, {360, 780}} {
		b := open(t, a.url+"/?nodes=5&seed=7", size[0], size[1])
		eval[any](b, `raftarium.ready.then(() => 1)`)
		b.act(`{type: "speed", factor: 0.1}`)
		b.until("a leader leads", func(s state) bool { id, _ := s.leader(); return id != 0 })
		b.shot(fmt.Sprintf("leader-%d", size[0]))
	}
}
