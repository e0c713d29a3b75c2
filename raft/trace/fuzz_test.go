package trace_test

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

func FuzzDecodeEvent(f *testing.F) {
	for _, ev := range tracetest.Events() {
		var e trace.Encoder
		f.Add(e.Append(nil, &ev))
	}
	f.Add(encode(tracetest.Events()[:10]))
	f.Fuzz(func(t *testing.T, b []byte) {
		var evs []trace.Event
		var d trace.Decoder
		for len(b) > 0 {
			var ev trace.Event
			rest, err := d.Next(b, &ev)
			if err != nil {
				if len(err.Error()) > 300 {
					t.Errorf("an error of %d bytes", len(err.Error()))
				}
				break
			}
			trace.HashEvent(0, &ev)
			trace.Understood(&ev)
			evs, b = append(evs, ev), rest
		}
		once := encode(evs)
		again := decode(t, once)
		if len(evs) > 0 && !reflect.DeepEqual(evs, again) {
			t.Errorf("%v became %v", evs, again)
		}
		if !bytes.Equal(once, encode(again)) {
			t.Error("the same events gave other bytes")
		}
	})
}

func FuzzDecodeMessage(f *testing.F) {
	for _, b := range tracetest.Bodies() {
		m := tracetest.Message(b)
		f.Add(trace.AppendMessage(nil, &m))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		again(t, b, trace.DecodeMessage, func(m raft.Message) []byte {
			trace.Cut(m)
			return trace.AppendMessage(nil, &m)
		})
	})
}

func FuzzDecodeState(f *testing.F) {
	f.Add(trace.AppendState(nil, tracetest.State()))
	f.Fuzz(func(t *testing.T, b []byte) {
		again(t, b, trace.DecodeState, func(s *trace.State) []byte {
			return trace.AppendState(nil, s)
		})
	})
}

func FuzzDecodeHeader(f *testing.F) {
	h := tracetest.Header()
	f.Add(trace.AppendHeader(nil, &h))
	h.Tail = []byte{1}
	f.Add(trace.AppendHeader(nil, &h))
	f.Fuzz(func(t *testing.T, b []byte) {
		again(t, b, trace.DecodeHeader, func(h trace.Header) []byte {
			return trace.AppendHeader(nil, &h)
		})
	})
}

func FuzzDecodeCommand(f *testing.F) {
	c := tracetest.Command()
	f.Add(trace.AppendCommand(nil, &c))
	f.Add(trace.AppendCommand(nil, &trace.Command{ID: 1, Kind: trace.CommandHealAll}))
	f.Fuzz(func(t *testing.T, b []byte) {
		again(t, b, trace.DecodeCommand, func(c trace.Command) []byte {
			return trace.AppendCommand(nil, &c)
		})
	})
}

func FuzzOpenRecording(f *testing.F) {
	h, evs := nextMinor()
	whole := record(f, h, evs)
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := trace.OpenRecording(b)
		if err != nil {
			return
		}
		s.Seek(300)
		for {
			got, _, err := s.Next(1<<62, make([]trace.Event, 0, 16))
			if err != nil {
				return
			}
			if len(got) == 0 {
				t.Fatal("it neither goes on nor ends")
			}
		}
	})
}

// again decodes, and if that worked what was decoded must survive being encoded and decoded.
func again[T any](t *testing.T, b []byte, dec func([]byte) (T, error), enc func(T) []byte) {
	t.Helper()
	v, err := dec(b)
	if err != nil {
		return
	}
	once := enc(v)
	w, err := dec(once)
	if err != nil {
		t.Fatalf("what was decoded cannot be decoded again: %v", err)
	}
	if !reflect.DeepEqual(v, w) {
		t.Errorf("%+v became %+v", v, w)
	}
	if !bytes.Equal(once, enc(w)) {
		t.Error("the same value gave other bytes")
	}
}

func TestACutFormIsNeverAPanic(t *testing.T) {
	b := encode(tracetest.Events())
	for n := range b {
		var d trace.Decoder
		var ev trace.Event
		rest, err := b[:n], error(nil)
		for err == nil && len(rest) > 0 {
			rest, err = d.Next(rest, &ev)
		}
	}
	m := tracetest.Message(tracetest.Bodies()[2])
	s := trace.AppendState(nil, tracetest.State())
	for _, b := range [][]byte{trace.AppendMessage(nil, &m), s} {
		for n := range b {
			trace.DecodeMessage(b[:n])
			trace.DecodeState(b[:n])
			trace.DecodeHeader(b[:n])
			trace.DecodeCommand(b[:n])
		}
	}
}

func TestHugeCountsAreRefusedBeforeTheyCostMemory(t *testing.T) {
	huge := []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3}
	for cut := range huge {
		b := huge[cut:]
		if n := testing.AllocsPerRun(1, func() { trace.DecodeState(b) }); n > 20 {
			t.Errorf("%d allocations for %x", int(n), b)
		}
	}
	big := append(bytes.Repeat([]byte{0}, 10), 0xff, 0xff, 0xff, 0x0f)
	if _, err := trace.DecodeState(big); err == nil {
		t.Error("a state of 33 million servers was taken")
	}
}

func TestErrorsSayWhatAndWhere(t *testing.T) {
	_, err := trace.DecodeState([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 1})
	if err == nil || err.Error() != "trace: state at byte 11: 5 nodes are too many" {
		t.Errorf("got %v", err)
	}
	var d trace.Decoder
	var ev trace.Event
	_, err = d.Next([]byte{3, byte(trace.KindCaption), 1, 9}, &ev)
	where := "trace: event at byte %d: it names a lane that is not there (event %d, caption)"
	if err == nil || err.Error() != fmt.Sprintf(where, 4, 0) {
		t.Errorf("got %v", err)
	}
	rest := encode([]trace.Event{{Body: trace.Stopped{}}})
	first := len(rest)
	for rest = append(rest, 3, byte(trace.KindCaption), 1, 9); err != nil && len(rest) > 4; {
		rest, err = d.Next(rest, &ev)
	}
	_, err = d.Next(rest, &ev)
	if want := fmt.Sprintf(where, first+4, 1); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
