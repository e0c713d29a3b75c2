package trace_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

// golden compares a text with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		w, g := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
		for i := range min(len(w), len(g)) {
			if !bytes.Equal(w[i], g[i]) {
				t.Fatalf("%s, line %d: recordings and links of others hold this\nwant %s\ngot  %s",
					file, i+1, w[i], g[i])
			}
		}
		t.Fatalf("%s: %d lines, want %d", file, len(g), len(w))
	}
}

// title says which example it is.
func title(ev *trace.Event) string {
	switch b := ev.Body.(type) {
	case trace.Decided:
		return "decided " + b.Note.Kind.String()
	case trace.Sent:
		return fmt.Sprintf("sent %T", b.Message.Body)
	}
	return ev.Body.Kind().String()
}

func TestTheBinaryFormIsFrozen(t *testing.T) {
	var out bytes.Buffer
	for _, ev := range tracetest.Events() {
		var e trace.Encoder
		fmt.Fprintf(&out, "%s\n  %x\n", title(&ev), e.Append(nil, &ev))
	}
	h, c := tracetest.Header(), tracetest.Command()
	fmt.Fprintf(&out, "header\n  %x\n", trace.AppendHeader(nil, &h))
	fmt.Fprintf(&out, "command\n  %x\n", trace.AppendCommand(nil, &c))
	for _, b := range tracetest.Bodies() {
		m := tracetest.Message(b)
		fmt.Fprintf(&out, "message %T\n  %x\n", b, trace.AppendMessage(nil, &m))
	}
	golden(t, "binary.golden", out.Bytes())
}

func TestTheHashIsFrozen(t *testing.T) {
	var out bytes.Buffer
	h := uint64(0)
	for _, ev := range tracetest.Events() {
		h = trace.HashEvent(h, &ev)
		fmt.Fprintf(&out, "%016x %s\n", h, title(&ev))
	}
	golden(t, "hash.golden", out.Bytes())
}

func TestTheHashSurvivesTheBinaryForm(t *testing.T) {
	evs := tracetest.Events()
	for i, ev := range decode(t, encode(evs)) {
		if want, got := trace.HashEvent(1, &evs[i]), trace.HashEvent(1, &ev); want != got {
			t.Errorf("%s: %x became %x", title(&ev), want, got)
		}
	}
}

func TestWhatLiesBesideTheRunDoesNotChangeTheHash(t *testing.T) {
	for _, ev := range tracetest.Events() {
		h := trace.HashEvent(7, &ev)
		if in := ev.Body.Kind().InRun(); in == (h == 7) {
			t.Errorf("%s: in the run %v, but the hash is %x", title(&ev), in, h)
		}
	}
}

// TestEveryFieldIsHashed changes each field of each example, and looks at the hash.
func TestEveryFieldIsHashed(t *testing.T) {
	for _, ev := range tracetest.Events() {
		if !ev.Body.Kind().InRun() {
			continue
		}
		want := trace.HashEvent(0, &ev)
		body := reflect.New(reflect.TypeOf(ev.Body)).Elem()
		body.Set(reflect.ValueOf(ev.Body))
		changeEach(body, title(&ev), func(what string) {
			c := ev
			c.Body = body.Interface().(trace.Body)
			if k, ok := c.Body.(trace.Decided); ok && !noteHas(k.Note.Kind, what) {
				return
			}
			if trace.HashEvent(0, &c) == want {
				t.Errorf("%s is not hashed", what)
			}
		})
		for _, c := range []trace.Event{{ID: trace.EventID{N: 1}}, {At: 1},
			{Cause: trace.EventID{N: 1}}} {
			c.ID.N += ev.ID.N
			c.Cause.N += ev.Cause.N
			c.At += ev.At
			c.Body = ev.Body
			if trace.HashEvent(0, &c) == want {
				t.Errorf("%s: the envelope is not hashed", title(&ev))
			}
		}
	}
}

// noteHas reports whether the field that a path ends in is one of the note's kind.
func noteHas(k raft.NoteKind, path string) bool {
	names := []string{"Why", "Term", "Peer", "Pre", "Index", "LogTerm", "From", "To", "Digest",
		"Pos", "Count", "Left", "State", "Match", "Next", "Offset", "Size", "Entries"}
	for i, n := range names {
		if path[len(path)-len(n)-1:] == "."+n {
			return k.Fields()&(1<<i) != 0
		}
	}
	return false // kind, code and raw belong together
}

// changeEach changes the fields of v one after another, and calls f each time.
func changeEach(v reflect.Value, path string, f func(string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			changeEach(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
		return
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		old := v.Elem()
		if v.Kind() == reflect.Interface && old.Kind() == reflect.Pointer {
			c := reflect.New(old.Elem().Type())
			c.Elem().Set(old.Elem())
			v.Set(c)
			changeEach(c.Elem(), path+"."+old.Elem().Type().Name(), f)
			v.Set(old)
		}
		return
	}
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len()+1, v.Len()+1)
		reflect.Copy(c, v)
		v.Set(c)
	default:
		if v.CanInt() {
			v.SetInt(v.Int() + 1)
		} else {
			v.SetUint(v.Uint() + 1)
		}
	}
	f(path)
	v.Set(old)
}

func BenchmarkHashEvent(b *testing.B) {
	evs := tracetest.Events()[:40]
	b.ReportAllocs()
	var h uint64
	for b.Loop() {
		for i := range evs {
			h = trace.HashEvent(h, &evs[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(evs)), "ns/event")
}
