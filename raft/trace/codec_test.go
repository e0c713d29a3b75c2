package trace_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

func encode(evs []trace.Event) []byte {
	var e trace.Encoder
	var b []byte
	for i := range evs {
		b = e.Append(b, &evs[i])
	}
	return b
}

func decode(t testing.TB, b []byte) []trace.Event {
	t.Helper()
	var d trace.Decoder
	var evs []trace.Event
	for {
		var ev trace.Event
		rest, err := d.Next(b, &ev)
		if errors.Is(err, io.EOF) && len(b) == 0 {
			return evs
		}
		if err != nil {
			t.Fatal(err)
		}
		evs, b = append(evs, ev), rest
	}
}

func TestEveryEventComesBackAsItWas(t *testing.T) {
	want := tracetest.Events()
	b := encode(want)
	got := decode(t, b)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("an event changed on its way (-want +got):\n%s", diff)
	}
	if !bytes.Equal(b, encode(got)) {
		t.Error("the same events gave other bytes")
	}
	t.Logf("%d events, %d bytes", len(want), len(b))
}

func TestEveryKindHasAnExample(t *testing.T) {
	seen := map[trace.Kind]bool{}
	for _, ev := range tracetest.Events() {
		seen[ev.Body.Kind()] = true
	}
	for _, k := range trace.Kinds() {
		if !seen[k] {
			t.Errorf("no example of %v", k)
		}
	}
}

func TestEveryMessageComesBackAsItWas(t *testing.T) {
	for _, b := range tracetest.Bodies() {
		want := tracetest.Message(b)
		got, err := trace.DecodeMessage(trace.AppendMessage(nil, &want))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%T changed on its way (-want +got):\n%s", b, diff)
		}
	}
}

func TestStateHeaderAndCommandComeBackAsTheyWere(t *testing.T) {
	s, err := trace.DecodeState(trace.AppendState(nil, tracetest.State()))
	if diff := cmp.Diff(tracetest.State(), s); err != nil || diff != "" {
		t.Errorf("state: %v\n%s", err, diff)
	}
	wantHeader := tracetest.Header()
	wantHeader.Minor++
	wantHeader.Tail = []byte{0, 7, 0}
	h, err := trace.DecodeHeader(trace.AppendHeader(nil, &wantHeader))
	if diff := cmp.Diff(wantHeader, h); err != nil || diff != "" {
		t.Errorf("header: %v\n%s", err, diff)
	}
	wantCommand := tracetest.Command()
	c, err := trace.DecodeCommand(trace.AppendCommand(nil, &wantCommand))
	if diff := cmp.Diff(wantCommand, c); err != nil || diff != "" {
		t.Errorf("command: %v\n%s", err, diff)
	}
}

func BenchmarkAppend(b *testing.B) {
	evs := tracetest.Events()[:40]
	var e trace.Encoder
	buf := encode(evs)
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		buf = buf[:0]
		for i := range evs {
			buf = e.Append(buf, &evs[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(evs)), "ns/event")
}

func BenchmarkNext(b *testing.B) {
	evs := tracetest.Events()[:40]
	buf := encode(evs)
	var d trace.Decoder
	b.ReportAllocs()
	for b.Loop() {
		d.Reset()
		var ev trace.Event
		for rest := buf; len(rest) > 0; {
			rest, _ = d.Next(rest, &ev)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(evs)), "ns/event")
}
