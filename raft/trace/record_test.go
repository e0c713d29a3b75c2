package trace_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

// record makes a recording of events, with the State before the k-th as a key frame if k >= 0.
func record(t testing.TB, h trace.Header, evs []trace.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := trace.NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range evs {
		if err := w.Append(&evs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// drain reads a source in steps of the given length, with room for few events a call.
func drain(t testing.TB, s trace.Source, step raft.Time, room int) []trace.Event {
	t.Helper()
	var all []trace.Event
	last := raft.Time(-1)
	buf := make([]trace.Event, 0, room)
	for until := raft.Time(0); ; {
		got, reached, err := s.Next(until, buf)
		for _, ev := range got {
			if ev.At > until {
				t.Fatalf("an event at %d was given up to %d", ev.At, until)
			}
			if ev.At <= last {
				t.Fatalf("an event at %d was given after all up to %d", ev.At, last)
			}
		}
		all = append(all, got...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if last = reached; reached >= until || len(got) == 0 {
			until += step
		}
	}
}

// same compares long lists of events; the difference is only worked out when there is one.
func same(t testing.TB, want, got []trace.Event) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		if !reflect.DeepEqual(want[i], got[i]) {
			t.Fatalf("event %d: (-want +got)\n%s", i, cmp.Diff(want[i], got[i]))
		}
	}
	if len(want) != len(got) {
		t.Fatalf("%d events came of %d", len(got), len(want))
	}
}

// many is a long run of examples with growing times.
func many(rounds int) []trace.Event {
	var evs []trace.Event
	for r := range rounds {
		for _, ev := range tracetest.Events() {
			ev.At += raft.Time(r) * 100_000
			ev.ID.N += uint64(r) * 1000
			if _, ok := ev.Body.(trace.KeyFrame); !ok {
				evs = append(evs, ev)
			}
		}
	}
	return evs
}

func TestARecordingComesBackHoweverItIsRead(t *testing.T) {
	want := many(40)
	b := record(t, tracetest.Header(), want)
	for _, c := range []struct {
		step raft.Time
		room int
	}{{1000, 3}, {500, 4096}, {1 << 40, 1}, {1 << 40, 1 << 16}} {
		s, err := trace.OpenRecording(b)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, drain(t, s, c.step, c.room))
		if !s.Whole() {
			t.Error("the recording is whole, and it does not say so")
		}
	}
}

func TestARecordingSaysThatItIsOne(t *testing.T) {
	s, err := trace.OpenRecording(record(t, tracetest.Header(), nil))
	if err != nil {
		t.Fatal(err)
	}
	h := s.Header()
	if h.Kind != trace.Recording || h.Clock != trace.Driven || h.Caps != trace.Hashed {
		t.Errorf("got kind %v, clock %v, caps %b", h.Kind, h.Clock, h.Caps)
	}
	if s.Recorded().Clock != trace.Running {
		t.Error("the header as recorded is lost")
	}
	if err := s.Do(trace.Command{Kind: trace.CommandKill}); err == nil {
		t.Error("a recording took a command")
	}
}

func TestACutRecordingIsReadUpToItsLastWholeChunk(t *testing.T) {
	want := many(100)
	b := record(t, tracetest.Header(), want)
	most := 0
	for _, cut := range []int{len(b) - 1, len(b) - 20, len(b) / 2, len(b) / 3, 1000} {
		s, err := trace.OpenRecording(b[:cut])
		if err != nil {
			t.Fatal(err)
		}
		if s.Whole() {
			t.Errorf("cut to %d bytes, it says that it is whole", cut)
		}
		got := drain(t, s, 1<<40, 1<<16)
		same(t, want[:len(got)], got)
		most = max(most, len(got))
	}
	if most != len(want) {
		t.Errorf("with only the footer cut, %d of %d events came", most, len(want))
	}
}

func TestADamagedChunkIsSaid(t *testing.T) {
	b := record(t, tracetest.Header(), many(100))
	b[len(b)/2] ^= 0x10
	s, err := trace.OpenRecording(b)
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, _, err = s.Next(1<<40, make([]trace.Event, 0, 4096))
		if err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("got %v", err)
	}
}

func TestSeekGoesToAKeyFrame(t *testing.T) {
	var b bytes.Buffer
	w, err := trace.NewWriter(&b, tracetest.Header())
	if err != nil {
		t.Fatal(err)
	}
	for i := range raft.Time(10) {
		s := tracetest.State()
		s.At, s.Events = i*1000, uint64(i)*2
		if err := w.KeyFrame(s, nil); err != nil {
			t.Fatal(err)
		}
		for k := range raft.Time(2) {
			ev := trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: uint64(i*2 + k + 1)},
				At: i*1000 + k, Body: trace.Stopped{}}
			if err := w.Append(&ev); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.Close()
	for _, data := range [][]byte{b.Bytes(), b.Bytes()[:b.Len()-1]} {
		s, err := trace.OpenRecording(data)
		if err != nil {
			t.Fatal(err)
		}
		s.Seek(4500)
		got, _, err := s.Next(4500, make([]trace.Event, 0, 10))
		if err != nil || len(got) != 3 || got[0].Body.Kind() != trace.KindKeyFrame ||
			got[0].At != 4000 {
			t.Fatalf("got %v, %v", got, err)
		}
	}
}

func TestOtherMajorVersionsAreRefusedInOneSentence(t *testing.T) {
	h := tracetest.Header()
	h.Major = trace.Major + 1
	_, err := trace.OpenRecording(record(t, h, nil))
	if err == nil || !strings.Contains(err.Error(), "major version 2") ||
		!strings.Contains(err.Error(), "major version 1") {
		t.Errorf("got %v", err)
	}
	for _, junk := range []string{"", "RAFT", "RAFTTRC9xxxxxxxxxxxx", "PK\x03\x04xxxxxxxxxxx"} {
		if _, err := trace.OpenRecording([]byte(junk)); err == nil {
			t.Errorf("%q was opened", junk)
		}
	}
}

// nextMinor is what the next minor version might record: an event, a note and a message of kinds
// that this version does not know, and new fields at the ends of those that it knows.
func nextMinor() (trace.Header, []trace.Event) {
	h := tracetest.Header()
	h.Minor = trace.Minor + 1
	h.Tail = []byte{3, 'n', 'e', 'w'}
	tail := func(b trace.Body) trace.Other {
		ev := trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: 2}, Body: b}
		var e trace.Encoder
		e.Append(nil, &trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: 1},
			Body: trace.Stopped{}})
		raw := e.Append(nil, &ev)[3:]
		return trace.Other{Code: b.Kind(), Raw: append(raw, 42)}
	}
	var evs []trace.Event
	for i, b := range []trace.Body{
		trace.Started{Store: "file", Members: []raft.NodeID{1, 2, 3}},
		trace.Other{Code: 99, Raw: []byte{1, 2, 3, 0}},
		trace.Decided{Note: raft.Note{Kind: raft.NoteOther, Code: 77, Raw: []byte{9, 9}}},
		trace.Decided{Note: raft.Note{Kind: raft.NoteOther, Code: raft.NoteBecameLeader,
			Raw: []byte{4, 3, 8}}},
		tail(trace.Applied{From: 1, To: 7, CRC: 8}),
		trace.Sent{Message: raft.Message{ID: 6, From: 1, FromBoot: 1, To: 2, Term: 4,
			Body: &raft.OtherBody{Code: raft.KindRequestVote, Raw: []byte{4, 9, 3, 1, 5}}}},
		trace.Stopped{},
	} {
		evs = append(evs, trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: uint64(i) + 1},
			At: raft.Time(i) * 100, Body: b})
	}
	return h, evs
}

func TestARecordingOfTheNextMinorIsKeptByteForByte(t *testing.T) {
	file := filepath.Join("testdata", "next-minor.raftrace")
	h, want := nextMinor()
	if *rewrite {
		if err := os.WriteFile(file, record(t, h, want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := trace.OpenRecording(b)
	if err != nil {
		t.Fatal(err)
	}
	got := drain(t, s, 1000, 100)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !bytes.Equal(record(t, s.Recorded(), got), b) {
		t.Error("it was written back otherwise")
	}
	u, ok := trace.Understood(&got[4])
	if !ok || u.Body != (trace.Applied{From: 1, To: 7, CRC: 8}) {
		t.Errorf("of the tailed event this is understood: %v, %v", u.Body, ok)
	}
	if _, ok := trace.Understood(&got[1]); ok {
		t.Error("an unknown kind is said to be understood")
	}
}

type brokenWriter struct{ left int }

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(b), nil
}

func TestAWritersErrorStays(t *testing.T) {
	w, err := trace.NewWriter(&brokenWriter{left: 1000}, tracetest.Header())
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range many(40) {
		err = w.Append(&ev)
	}
	if err == nil || w.Close() == nil {
		t.Error("the error was forgotten")
	}
}
