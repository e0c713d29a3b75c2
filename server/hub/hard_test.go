package hub

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// TestFiftyViewersSeeTheSame come over streams of different numbers, some of them again and again;
// all are told the same, in one order.
func TestFiftyViewersSeeTheSame(t *testing.T) {
	f, one, other := two(t, Config{})
	const viewers, events = 50, 400
	all := make([]*testViewer, viewers)
	for i := range all {
		all[i] = f.dial()
		all[i].remote = wire.NewRemote(uint64(1+i%7), all[i].write)
		all[i].remote.Hello("")
		all[i].remote.Open("")
		all[i].until("the cluster", func() bool { return all[i].node(1).Known })
	}
	var read sync.WaitGroup
	for i, v := range all {
		read.Go(func() {
			for v.gone == nil && v.place(numbered(1, 1+events)) < 0 {
				if v.step(); i%5 == 0 && v.frames%3 == 0 {
					v.lose()
					v.goOn(f)
				}
			}
		})
	}
	for n := uint64(2); n < 2+events; n++ {
		one.send(sent(1, 2, n))
		other.send(delivered(1, 2, n, n))
	}
	read.Wait()
	want := ""
	for i, v := range all {
		got := v.own(0)
		got = got[:max(0, strings.Index(got, "S1:401"))]
		if want == "" {
			want = got
		}
		if got != want || v.count(trace.KindMissed, 0) != 0 {
			t.Errorf("viewer %d is told %d bytes of ids, and the first %d: %v", i, len(got), len(want),
				v.gone)
		}
	}
}

// TestGarbageDoesNoHarm sends what no viewer would, before the greeting and behind it.
func TestGarbageDoesNoHarm(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	f, one, _ := two(t, Config{May: mayAct})
	hello := wire.Append(nil, 0, wire.Hello{Major: trace.Major, Credit: 1 << 20,
		Seen: []trace.EventID{{Node: 1, Boot: 1, N: 1}}})
	good := [][]byte{hello, wire.Append(nil, 1, wire.Open{}), wire.Append(nil, 1, wire.Credit{Bytes: 1 << 62}),
		wire.Append(nil, 1, wire.Advance{Until: 1 << 62, Max: 1 << 62}), wire.Append(nil, 1, wire.Do{}),
		wire.Append(nil, 1, wire.Fork{New: 1}), wire.Append(nil, 1, wire.Link{})}
	for range 60 {
		v := f.dial()
		for i := range 12 {
			b := append([]byte(nil), good[min(i, r.IntN(len(good)))]...)
			if i < 2 && r.IntN(2) == 0 {
				b = good[i]
			} else {
				for range r.IntN(4) {
					b[r.IntN(len(b))] = byte(r.Uint32())
				}
				b = b[:len(b)-r.IntN(min(len(b), 3))]
			}
			if v.conn.Write(context.Background(), websocket.MessageBinary, b) != nil {
				break // it is refused already
			}
		}
		v.lose()
	}
	f.until("all have left", func() bool { return f.count() == 0 })
	v := f.watch()
	one.send(event(2, trace.Saved{Write: 1}))
	v.await("the hub works on", numbered(1, 2))
}

// TestAViewerWhoseQueueWasFullGoesOnByItself has more frames wait than there is room for, all of
// them small: the viewer has credit enough, so it never says that it has room again.
func TestAViewerWhoseQueueWasFullGoesOnByItself(t *testing.T) {
	f, one, _ := two(t, Config{})
	v := f.watch()
	v.until("the cluster", func() bool { return v.node(1).Known })
	f.hub.do(func() { // its writer has no turn in between
		w := f.hub.viewers[0]
		w.mu.Lock()
		kept := w.queue
		w.queue = make([]item, mostQueued, mostQueued)
		w.mu.Unlock()
		f.hub.tell(trace.Supervisor, trace.Paused{Node: 2})
		f.hub.flush()
		w.mu.Lock()
		w.queue = kept
		w.mu.Unlock()
	})
	v.await("what was missed", ofKind(trace.KindMissed))
	one.send(event(2, trace.Saved{Write: 1}))
	v.await("what comes then", numbered(1, 2))
	if !v.node(2).Paused {
		t.Error("what happened meanwhile is not in the key frame")
	}
}

// TestWithoutCreditNothingIsSent but the header and answers.
func TestWithoutCreditNothingIsSent(t *testing.T) {
	f, one, _ := two(t, Config{})
	v, other := f.dial(), f.watch()
	v.write(wire.Append(nil, 0, wire.Hello{Major: trace.Major}))
	v.write(wire.Append(nil, 1, wire.Open{}))
	v.until("the header", v.remote.Ready)
	one.send(event(2, trace.Saved{Write: 1}))
	other.await("what the other is told", numbered(1, 2))
	if err := v.remote.Do(trace.Command{ID: 1, Kind: trace.CommandKill}); err != nil {
		t.Fatal(err)
	}
	v.await("an answer", ofKind(trace.KindRefused))
	if len(v.events) != 1 {
		t.Errorf("it is told %d events", len(v.events))
	}
	for range 3 {
		v.write(wire.Append(nil, 1, wire.Credit{Bytes: 1}))
	}
	v.write(wire.Append(nil, 1, wire.Credit{Bytes: 8 << 20}))
	v.until("how the cluster stands", func() bool { return v.node(1).Known })
}
