package ndjson_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/ndjson"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

// Whatever stands in the place of a value is named, with its line and its field and what should
// stand there.
func TestWrongValuesAreNamed(t *testing.T) {
	const head = `{"format":"raftarium-trace","major":1`
	for _, c := range []struct{ field, want string }{
		{`"kind":"saved","at":"1x"`, `at is "1x", not a whole number`},
		{`"kind":"saved","at":1.5`, `at is "1.5", not a whole number`},
		{`"kind":"saved","at":[1]`, `at is "[1]", not a number`},
		{`"kind":"saved","last":{"digest":"xyz"}`,
			`digest is "xyz", not 16 hexadecimal digits`},
		{`"kind":"saved","last":{"digest":7}`, `digest is "7", not 16 hexadecimal digits`},
		{`"kind":"saved","last":7`, `last is "7", not an object`},
		{`"kind":"started","restart":"yes"`, `restart is "yes", not true or false`},
		{`"kind":"started","store":7`, `store is "7", not a text`},
		{`"kind":"started","store":{"base64":"*"}`, `store is "*", not base64`},
		{`"kind":"started","members":7`, `members is "7", not a list`},
		{`"kind":"started","members":["x"]`, `is "x", not a whole number`},
		{`"kind":"paused","raw":"*"`, `raw is "*", not base64`},
		{`"kind":"paused","raw":7`, `raw is "7", not base64`},
		{`"kind":300`, `kind is "300", not a small number`},
		{`"kind":-1`, `kind is "-1", not a small number`},
		{`"kind":true`, `kind is "true", not a name`},
		{`"kind":"paused","how":"guessed"`, `how is "guessed", not a name that this version knows`},
		{`"kind":"paused","how":""`, `how is "", not a name that this version knows`},
		{`"kind":"paused","id":7`, `id is "7", not an event's id, "node.boot.n"`},
		{`"kind":"paused","id":"1.2.3.4"`, `id is "1.2.3.4", not an event's id`},
		{`"kind":"paused","cause":"4294967296.1.1"`, `cause is "4294967296.1.1", not an`},
		{`"kind":"clockSet","clock":{"drift":4294967296}`, `drift is too large`},
	} {
		_, evs, err := read([]byte(head + "}\n{" + c.field + "}\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "ndjson: line 2: ") ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot  %v\nwant %s", c.field, err, c.want)
		}
		if len(evs) != 0 {
			t.Errorf("%s became %+v", c.field, evs)
		}
	}
	for _, c := range []struct{ field, want string }{
		{`"cluster":"AAAA"`, "cluster is not 16 bytes long"},
		{`"minor":70000`, "minor is too large"},
		{`"members":[7]`, `is "7", not an object`},
	} {
		_, _, err := read([]byte(head + "," + c.field + "}\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "ndjson: line 1: ") ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot  %v\nwant %s", c.field, err, c.want)
		}
	}
}

// A long value is not repeated in an error at its full length.
func TestErrorsAreShort(t *testing.T) {
	long := strings.Repeat("x", 1<<16)
	_, _, err := read([]byte(`{"format":"raftarium-trace","major":1}` + "\n" +
		`{"kind":"` + long + `"}`))
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

// An empty text in base64 and an absent one are the same.
func TestNoBytesAreNone(t *testing.T) {
	_, evs, err := read([]byte(`{"format":"raftarium-trace","major":1}` + "\n" +
		`{"kind":"paused","node":2,"raw":""}`))
	if err != nil || len(evs) != 1 || evs[0].Body != (trace.Paused{Node: 2}) {
		t.Errorf("%+v, %v", evs, err)
	}
}

// Entries of every kind come back, also of one that this version does not know.
func TestEntryKinds(t *testing.T) {
	created := func() trace.Event {
		return trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: 1}, Body: trace.Decided{
			Note: raft.Note{Kind: raft.NoteCreated, From: 1, To: 4, Entries: []raft.Entry{
				{Index: 1, Term: 1, Kind: raft.EntryNoop}, {Index: 2, Term: 1, Data: []byte("x")},
				{Index: 3, Term: 1, Kind: raft.EntryConfig}, {Index: 4, Term: 1, Kind: 99}}}}}
	}
	b := write(t, tracetest.Header(), []trace.Event{created()})
	for _, want := range []string{`"kind":"noop"`, `"kind":"config"`, `"kind":"entry 99"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("there is no %s in %s", want, b)
		}
	}
	_, evs, err := read(b)
	if diff := cmp.Diff([]trace.Event{created()}, evs); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// room is a writer with room for some bytes.
type room int

func (r *room) Write(b []byte) (int, error) {
	if len(b) > int(*r) {
		return 0, errors.New("disk full")
	}
	*r -= room(len(b))
	return len(b), nil
}

// What the underlying writer says comes to the one who writes.
func TestWritersErrorIsSaid(t *testing.T) {
	small, enough := room(10), room(4000)
	if _, err := ndjson.NewWriter(&small, tracetest.Header()); err == nil ||
		err.Error() != "ndjson: write a line: disk full" {
		t.Errorf("the header: %v", err)
	}
	w, err := ndjson.NewWriter(&enough, tracetest.Header())
	if err != nil {
		t.Fatal(err)
	}
	evs := examples()
	for i := range evs {
		if err = w.Append(&evs[i]); err != nil {
			break
		}
	}
	if err == nil || err.Error() != "ndjson: write a line: disk full" {
		t.Errorf("an event: %v", err)
	}
}

// dots is a reader without an end and without lines.
type dots struct{}

func (dots) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '.'
	}
	return len(b), nil
}

// A line without end is refused, and not read for ever.
func TestALineWithoutEndIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 64 MB")
	}
	head := strings.NewReader(`{"format":"raftarium-trace","major":1}` + "\n")
	r, err := ndjson.NewReader(io.MultiReader(head, dots{}))
	if err != nil {
		t.Fatal(err)
	}
	var ev trace.Event
	if err := r.Next(&ev); err == nil || err.Error() != "ndjson: line 2 is longer than 67108864 bytes" {
		t.Errorf("got %v", err)
	}
}
