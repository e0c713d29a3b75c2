package ndjson_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/ndjson"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

var rewrite = flag.Bool("rewrite", false, "write the golden file anew")

func write(t testing.TB, h trace.Header, evs []trace.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := ndjson.NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range evs {
		if err := w.Append(&evs[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func read(b []byte) (h trace.Header, evs []trace.Event, err error) {
	r, err := ndjson.NewReader(bytes.NewReader(b))
	if err != nil {
		return h, nil, err
	}
	for {
		var ev trace.Event
		err := r.Next(&ev)
		if errors.Is(err, io.EOF) {
			return r.Header(), evs, nil
		}
		if err != nil {
			return r.Header(), evs, err
		}
		evs = append(evs, ev)
	}
}

// examples are the usual ones, and values that JSON finds hard.
func examples() []trace.Event {
	evs := tracetest.Events()
	for _, b := range []trace.Body{
		trace.Caption{Text: "not \xff UTF-8"},
		trace.Caption{Text: "<b>\u2028</b>"},
		trace.Decided{Note: raft.Note{Kind: raft.NoteBecameLeader, Cause: 3, Term: 1<<64 - 1}},
		trace.Decided{Note: raft.Note{Kind: raft.NoteOther, Code: raft.NoteStopped,
			Raw: []byte{1, 9}}},
		trace.Dropped{Why: 99},
		trace.Flow{Class: 77},
		trace.Answered{Outcome: 6, Why: 200, Due: -1 << 60},
		trace.Other{Code: trace.KindPaused, Raw: []byte{1, 2}},
		trace.Other{Code: 250},
	} {
		evs = append(evs, trace.Event{ID: trace.EventID{Node: 1, Boot: 1 << 31, N: 1 << 63},
			At: -5, How: 9, Body: b})
	}
	return evs
}

func TestEveryEventComesBackAsItWas(t *testing.T) {
	wantHeader, want := tracetest.Header(), examples()
	wantHeader.Tail = []byte{1}
	h, got, err := read(write(t, wantHeader, want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantHeader, h); diff != "" {
		t.Errorf("header: (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBothEncodingsSayTheSame(t *testing.T) {
	var e trace.Encoder
	var d trace.Decoder
	_, fromText, err := read(write(t, tracetest.Header(), examples()))
	if err != nil {
		t.Fatal(err)
	}
	for i := range fromText {
		var ev trace.Event
		e.Reset()
		d.Reset()
		if _, err := d.Next(e.Append(nil, &fromText[i]), &ev); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fromText[i], ev); diff != "" {
			t.Errorf("event %d (-text +binary)\n%s", i, diff)
		}
	}
}

func TestWritingChangesNothing(t *testing.T) {
	evs := examples()
	write(t, tracetest.Header(), evs)
	if !reflect.DeepEqual(evs, examples()) {
		t.Error("an event was changed by being written")
	}
}

func TestTheTextIsFrozen(t *testing.T) {
	const file = "testdata/examples.ndjson"
	got := write(t, tracetest.Header(), examples())
	if *rewrite {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	split := func(b []byte) []string { return strings.Split(string(b), "\n") }
	if diff := cmp.Diff(split(want), split(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestErrorsNameTheLineAndTheField(t *testing.T) {
	head := `{"format":"raftarium-trace","major":1}` + "\n\n"
	for _, c := range []struct{ text, want string }{
		{"", "line 1: unexpected EOF"},
		{"{", "line 1: unexpected EOF"},
		{`{"format":"x"}`, `line 1: the format is "x"`},
		{`{"format":"raftarium-trace","major":2}`,
			"major version 2, and this program reads major version 1"},
		{head + `{"kind":"applied","from":-1}`, `line 3: from is "-1", not a whole number`},
		{head + `{"kind":"applied","from":true}`, `line 3: from is "true", not a number`},
		{head + `{"kind":"fly"}`, `line 3: kind is "fly", not a name that this version knows`},
		{head + `{"kind":"paused","node":4294967296}`, "node is too large"},
		{head + `{"kind":"paused","id":"1.2"}`, "id is"},
		{head + `[]`, "line 3"},
	} {
		if _, _, err := read([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestLinesAreFoundHoweverTheyAreRead(t *testing.T) {
	want := examples()
	b := write(t, tracetest.Header(), want)
	for _, r := range []io.Reader{iotest.OneByteReader(bytes.NewReader(b)),
		iotest.DataErrReader(bytes.NewReader(b)), bytes.NewReader(bytes.TrimSpace(b))} {
		n, err := ndjson.NewReader(r)
		for i := 0; err == nil; i++ {
			var ev trace.Event
			if err = n.Next(&ev); err == nil && !reflect.DeepEqual(ev, want[i]) {
				t.Fatalf("event %d is %v", i, ev)
			} else if errors.Is(err, io.EOF) && i != len(want) {
				t.Fatalf("only %d events came", i)
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	}
	_, err := ndjson.NewReader(iotest.ErrReader(errors.New("disk gone")))
	if err == nil || err.Error() != "ndjson: read line 1: disk gone" {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	evs := examples()
	for i := range evs {
		f.Add(write(f, trace.Header{Major: trace.Major}, evs[i:i+1]))
	}
	f.Add(write(f, tracetest.Header(), nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, evs, err := read(b)
		if err != nil {
			return
		}
		h2, again, err := read(write(t, h, evs))
		if err != nil || !reflect.DeepEqual(h, h2) || !reflect.DeepEqual(evs, again) {
			t.Errorf("%v\n%v became\n%v", err, evs, again)
		}
	})
}
