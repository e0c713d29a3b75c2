package wire_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
	"github.com/raftarium/raftarium/server/wire"
)

// streamItems is every kind of event, receipts with and without their message.
func streamItems() []wire.StreamItem {
	var items []wire.StreamItem
	bodies := tracetest.Bodies()
	for _, ev := range tracetest.Events() {
		it := wire.StreamItem{Event: ev}
		if d, ok := ev.Body.(trace.Delivered); ok && d.Copy == 0 {
			m, bytes := trace.Cut(tracetest.Message(bodies[2]))
			it.Received, it.Bytes = &m, bytes
		}
		items = append(items, it)
	}
	return items
}

// streamFrames encodes items, some to a frame.
func streamFrames(items []wire.StreamItem, each int) [][]byte {
	var e wire.StreamEncoder
	var frames [][]byte
	for len(items) > 0 {
		n := min(each, len(items))
		f := e.Begin(nil)
		for i := range items[:n] {
			f = e.Append(f, &items[i])
		}
		wire.SetStreamClock(f, raft.Time(1_700_000_000_000_000+len(frames)))
		frames, items = append(frames, f), items[n:]
	}
	return frames
}

func TestStreamItemsComeBackAsTheyWere(t *testing.T) {
	want := streamItems()
	var got []wire.StreamItem
	var d wire.StreamDecoder
	for i, f := range streamFrames(want, 3) {
		var clock raft.Time
		var err error
		if clock, got, err = d.Decode(f, got); err != nil {
			t.Fatal(err)
		}
		if clock != raft.Time(1_700_000_000_000_000+i) {
			t.Fatalf("frame %d has clock %d", i, clock)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("an item changed on its way (-want +got):\n%s", diff)
	}
}

func TestDamagedStreamFramesAreRefusedWithoutPanic(t *testing.T) {
	frames := streamFrames(streamItems(), 1000)
	for cut := range len(frames[0]) {
		var d wire.StreamDecoder
		_, items, err := d.Decode(frames[0][:cut], nil)
		if err == nil && len(items) == len(streamItems()) {
			t.Fatalf("a frame cut at %d of %d bytes gave all its items", cut, len(frames[0]))
		}
	}
	for i := range frames[0] {
		b := append([]byte(nil), frames[0]...)
		b[i] ^= 0x55
		var d wire.StreamDecoder
		_, _, _ = d.Decode(b, nil) // an error or other events, but no panic
	}
}

func TestLongStreamFrameIsRefused(t *testing.T) {
	var d wire.StreamDecoder
	_, _, err := d.Decode(make([]byte, wire.MaxStream+1), nil)
	if err == nil || !strings.Contains(err.Error(), "over the") {
		t.Errorf("got %v", err)
	}
	if _, _, err := d.Decode(nil, nil); err == nil {
		t.Error("a frame without a clock was taken")
	}
}
