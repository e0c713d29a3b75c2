package hub

import (
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft/trace"
)

// TestOnlyWhoSaysNothingWhileWeListenHangs: a ping that is not answered in time says nothing of a
// node that told something meanwhile, nor while the hub was too busy to listen.
func TestOnlyWhoSaysNothingWhileWeListenHangs(t *testing.T) {
	h := newAt(Config{}, time.Now(), patient())
	defer h.Close()
	for name, c := range map[string]struct {
		before, now uint64
		hangs       bool
	}{
		"nothing came":                 {4, 4, true},
		"a frame came":                 {4, 6, false},
		"a frame came and is not over": {4, 5, false},
		"the hub was busy all along":   {5, 5, false},
		"the hub was busy at first":    {5, 6, false},
	} {
		in := &ingest{hub: h, member: trace.Member{ID: 1}}
		in.signs.Store(c.now)
		if got := in.hangs(c.before); got != c.hangs {
			t.Errorf("%s: it hangs: %v", name, got)
		}
	}
}
