package world_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// million gives a timeline of a million events of a busy cluster of five, made once.
var million = sync.OnceValue(func() *world.Timeline {
	cfg := sim.DefaultConfig()
	cfg.Clients, cfg.Think = 8, 20*raft.Millisecond
	c, err := sim.New(cfg)
	if err != nil {
		panic(err)
	}
	tl := world.NewTimeline(c.Header())
	buf := make([]trace.Event, 0, 1024)
	for at := raft.Time(0); tl.Len() < 1_000_000; {
		got, reached, err := c.Next(at+raft.Second, buf[:0])
		if err != nil {
			panic(err)
		}
		for i := range got {
			tl.Append(&got[i])
		}
		at = reached
	}
	return tl
})

// BenchmarkSeekMillion goes to random moments of a run of a million events.
func BenchmarkSeekMillion(b *testing.B) {
	tl := million()
	runtime.GC()
	rnd := rand.New(rand.NewPCG(1, 1))
	c := tl.Cursor()
	end := int64(tl.Edge().At)
	for b.Loop() {
		c.SeekTime(raft.Time(rnd.Int64N(end)))
	}
}

// BenchmarkPlay folds on, one event an operation, as a player does.
func BenchmarkPlay(b *testing.B) {
	c := million().Cursor()
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Step(); !ok {
			c.SeekOrdinal(0)
		}
	}
}

// BenchmarkFold folds events that are decoded already, one an operation.
func BenchmarkFold(b *testing.B) {
	_, events := run(b, 1, 20*raft.Second)
	s, i := &trace.State{}, 0
	b.ReportAllocs()
	for b.Loop() {
		if i == len(events) {
			s, i = &trace.State{}, 0
		}
		world.Apply(s, nil, &events[i])
		i++
	}
}

// BenchmarkAppend takes events into a timeline, one an operation.
func BenchmarkAppend(b *testing.B) {
	h, events := run(b, 1, 20*raft.Second)
	tl, i := world.NewTimeline(h), 0
	b.ReportAllocs()
	for b.Loop() {
		if i == len(events) {
			tl, i = world.NewTimeline(h), 0
		}
		tl.Append(&events[i])
		i++
	}
}

// BenchmarkWhy makes the sentences that the page shows all the time.
func BenchmarkWhy(b *testing.B) {
	s := million().Edge()
	for b.Loop() {
		world.Why(s, nil)
	}
}
