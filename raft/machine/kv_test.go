package machine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// play applies commands to a machine, at the indexes behind i, and gives the last result.
func play(t *testing.T, m StateMachine, i raft.Index, commands ...Command) Result {
	t.Helper()
	var last Result
	for _, c := range commands {
		i++
		r, err := DecodeResult(m.Apply(raft.Entry{Index: i, Term: 1, Data: c.Encode()}))
		if err != nil {
			t.Fatalf("the result of %+v: %v", c, err)
		}
		last = r
	}
	return last
}

// Each operation has its effect and says what it found; a cas whose expectation does not hold has
// none.
func TestOperations(t *testing.T) {
	kv := NewKV()
	cases := []struct {
		name string
		c    Command
		want Result
		has  string // what x is then; empty for no value
	}{
		{"get of nothing", Command{Op: OpGet, Key: "x"}, Result{Done: true}, ""},
		{"cas of nothing", Command{Op: OpCAS, Key: "x", Value: "9"}, Result{}, ""},
		{"put", Command{Op: OpPut, Key: "x", Value: "1"}, Result{Done: true}, "1"},
		{"put over", Command{Op: OpPut, Key: "x", Value: "2"}, Result{Found: true, Done: true}, "2"},
		{"get", Command{Op: OpGet, Key: "x"}, Result{Found: true, Done: true, Value: "2"}, "2"},
		{"cas that fails", Command{Op: OpCAS, Key: "x", Value: "9", Expect: "1"},
			Result{Found: true, Value: "2"}, "2"},
		{"cas", Command{Op: OpCAS, Key: "x", Value: "3", Expect: "2"},
			Result{Found: true, Done: true, Value: "2"}, "3"},
		{"another key", Command{Op: OpPut, Key: "y", Value: "7"}, Result{Done: true}, "3"},
		{"delete", Command{Op: OpDelete, Key: "x"}, Result{Found: true, Done: true}, ""},
		{"delete of nothing", Command{Op: OpDelete, Key: "x"}, Result{Done: true}, ""},
	}
	for i, c := range cases {
		if got := play(t, kv, raft.Index(i), c.c); got != c.want {
			t.Errorf("%s: it answers %+v, not %+v", c.name, got, c.want)
		}
		if v, found := kv.Get("x"); v != c.has || found != (c.has != "") {
			t.Errorf("%s: x is %q, %v, and not %q", c.name, v, found, c.has)
		}
	}
	if kv.Len() != 1 {
		t.Errorf("%d keys have a value, and only y should", kv.Len())
	}
}

// Section 8: a request that comes again is answered as before and changes nothing; one that the
// session has left behind is refused.
func TestSessions(t *testing.T) {
	kv := NewKV()
	cas := Command{Op: OpCAS, Key: "x", Value: "2", Expect: "1", Session: [16]byte{1}, Seq: 2}
	play(t, kv, 0, Command{Op: OpPut, Key: "x", Value: "1", Session: [16]byte{1}, Seq: 1})
	first := play(t, kv, 1, cas)
	if again := play(t, kv, 2, cas); again != first || !again.Done {
		t.Errorf("it answers %+v, and the second time %+v", first, again)
	}
	old := play(t, kv, 3, Command{Op: OpPut, Key: "x", Value: "0", Session: [16]byte{1}, Seq: 1})
	if !strings.Contains(old.Err, "the session has gone on") || old.Done {
		t.Errorf("a request of before is answered by %+v", old)
	}
	if v, _ := kv.Get("x"); v != "2" {
		t.Errorf("x is %q", v)
	}
	other := cas
	other.Session = [16]byte{2}
	if r := play(t, kv, 4, other); r.Done {
		t.Error("another session's request is taken for a repeated one")
	}
	none := Command{Op: OpPut, Key: "x", Value: "5"}
	if r := play(t, kv, 5, none, none); !r.Done {
		t.Errorf("without a session a command is done each time, and not %+v", r)
	}
}

// The table of sessions is bounded: those that were used longest ago go, and a copy forgets the
// same ones.
func TestOldSessionsAreForgotten(t *testing.T) {
	kv := NewKV()
	id := func(n int) (s [16]byte) {
		binary.LittleEndian.PutUint32(s[:], uint32(n)) // so that order of use is not that of bytes
		return s
	}
	put := func(i, n int, seq uint64) Result {
		return play(t, kv, raft.Index(i), Command{Op: OpPut, Key: "x", Value: fmt.Sprint(n),
			Session: id(n), Seq: seq})
	}
	i := 0
	for n := range MaxSessions {
		i++
		put(i, n, 2)
	}
	i++
	put(i, 0, 3) // the first one is used again, and thereby the last one
	twin := kv.Clone()
	i++
	put(i, MaxSessions, 2)
	if got, want := len(kv.sessions), MaxSessions+1-MaxSessions/8; got != want {
		t.Fatalf("%d sessions are kept, not %d", got, want)
	}
	for n, kept := range map[int]bool{0: true, 1: false, MaxSessions / 8: false,
		MaxSessions/8 + 1: true, MaxSessions - 1: true, MaxSessions: true} {
		if _, has := kv.sessions[id(n)]; has != kept {
			t.Errorf("session %d is kept: %v, not %v", n, has, kept)
		}
	}
	play(t, twin, raft.Index(i), Command{Op: OpPut, Key: "x", Value: fmt.Sprint(MaxSessions),
		Session: id(MaxSessions), Seq: 2})
	if string(twin.Snapshot()) != string(kv.Snapshot()) {
		t.Error("a copy that took the same command is another")
	}
}

// What is not a command changes nothing and says where it stood and what is wrong with it.
func TestUnreadableCommands(t *testing.T) {
	whole := Command{Op: OpCAS, Key: "key", Value: "value", Expect: "old", Session: [16]byte{3},
		Seq: 300}.Encode()
	cases := []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "it is cut short"},
		{"no operation", []byte{0}, "operation 0 is unknown"},
		{"an unknown operation", []byte{5, 0, 0}, "operation 5 is unknown"},
		{"half a key", whole[:3], "reading the key: it is cut short"},
		{"half a value", whole[:8], "reading the value: it is cut short"},
		{"half an expectation", whole[:13], "reading the expected value: it is cut short"},
		{"half a session", whole[:20], "reading the session: it is cut short"},
		{"half a number", whole[:len(whole)-1], "the session's number is malformed"},
		{"too much", append(whole, 0), "the session's number is malformed"},
		{"a length that is too long", []byte{2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1},
			"reading the key: it is cut short"},
	}
	for _, c := range cases {
		if _, err := DecodeCommand(c.b); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, not %s", c.name, err, c.want)
		}
		kv := NewKV()
		r, err := DecodeResult(kv.Apply(raft.Entry{Index: 7, Term: 1, Data: c.b}))
		if want := "entry 7: " + c.want; err != nil || r.Err != want || r.Done || kv.Len() != 0 {
			t.Errorf("%s: entry 7 is answered by %+v, %v", c.name, r, err)
		}
		r, _ = DecodeResult(kv.Read(c.b))
		if want := "the query cannot be read: " + c.want; r.Err != want {
			t.Errorf("%s: as a query it is answered by %+v", c.name, r)
		}
	}
	r, _ := DecodeResult(NewKV().Read(Command{Op: OpDelete, Key: "x"}.Encode()))
	if r.Err != "a delete is no read" {
		t.Errorf("a delete as a query is answered by %+v", r)
	}
	for b, n := (Result{Value: "1", Err: "no"}).Encode(), 0; n < len(b); n++ {
		if _, err := DecodeResult(b[:n]); !errors.Is(err, errShort) {
			t.Errorf("%d bytes of a result: %v", n, err)
		}
	}
}

func TestOperationNames(t *testing.T) {
	for op, want := range map[Op]string{OpGet: "get", OpPut: "put", OpDelete: "delete",
		OpCAS: "cas", 99: "unknown"} {
		if got := op.String(); got != want {
			t.Errorf("operation %d is %q, not %q", op, got, want)
		}
	}
}
