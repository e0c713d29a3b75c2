//go:build js

// Command stage is the picture in the page: package viz, and the one bridge between it and the
// page's JavaScript. What it watches comes as frames, from the engine in a Worker or from a live
// cluster; the page carries them and reads none.
package main

import (
	"time"

	"github.com/hajimehoshi/ebiten/v2"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/viz"
)

func main() {
	b := newBridge()
	begin := time.Now()
	b.game = viz.New(viz.Outside{
		Shelf:   b,
		Labels:  b,
		Now:     func() raft.Time { return raft.Time(time.Since(begin).Microseconds()) },
		More:    b.more,
		Later:   b.later,
		Cursor:  b.cursor,
		Publish: b.publish,
		Died:    b.died,
		Tickets: uint64(begin.UnixMicro()) % (1 << 42) << 9, // below 2^51, for the page's numbers
	})
	b.announce()
	ebiten.SetTPS(ebiten.SyncWithFPS)
	err := ebiten.RunGameWithOptions(b.game,
		&ebiten.RunGameOptions{InitUnfocused: true, DisableHiDPI: true})
	if err != nil {
		b.died("the stage cannot draw: " + err.Error())
	}
}
