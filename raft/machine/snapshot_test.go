package machine

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// full gives a key-value machine with keys and sessions.
func full(t *testing.T) *KV {
	t.Helper()
	kv := NewKV()
	for i, k := range []string{"b", "a", "c"} {
		play(t, kv, raft.Index(i), Command{Op: OpPut, Key: k, Value: k + k,
			Session: [16]byte{byte(9 - i)}, Seq: 1})
	}
	return kv
}

// A machine that begins with a snapshot goes on as the one that gave it, and so does a copy. What
// becomes of one is nothing to the other.
func TestSnapshotIsTheWholeState(t *testing.T) {
	kv := full(t)
	other := NewKV()
	play(t, other, 0, Command{Op: OpPut, Key: "gone", Value: "1"})
	if err := other.Restore(kv.Snapshot()); err != nil {
		t.Fatal(err)
	}
	twin := kv.Clone()
	if _, found := other.Get("gone"); found || other.Len() != 3 {
		t.Error("what was there before a snapshot is there behind it")
	}
	again := Command{Op: OpPut, Key: "b", Value: "bb", Session: [16]byte{9}, Seq: 1}
	later := Command{Op: OpCAS, Key: "b", Value: "z", Expect: "bb", Session: [16]byte{9}, Seq: 2}
	for _, c := range []Command{again, later} {
		want := play(t, kv, 5, c)
		if a, b := play(t, other, 5, c), play(t, twin, 5, c); a != want || b != want {
			t.Errorf("%+v: %+v, and behind a snapshot %+v, and of a copy %+v", c, want, a, b)
		}
	}
	play(t, kv, 6, Command{Op: OpDelete, Key: "a"})
	if v, _ := other.Get("a"); v != "aa" {
		t.Error("a machine shares its keys with the one that it was restored from")
	}
}

// Equal states have equal bytes, whatever way led there.
func TestSnapshotBytesAreInOrder(t *testing.T) {
	a, b := NewKV(), NewKV()
	x := Command{Op: OpPut, Key: "x", Value: "1"}
	y := Command{Op: OpPut, Key: "y", Value: "2"}
	play(t, a, 0, x, y)
	play(t, b, 0, y, x)
	if string(a.Snapshot()) != string(b.Snapshot()) {
		t.Errorf("%q and %q", a.Snapshot(), b.Snapshot())
	}
}

// A snapshot that is damaged is refused, with what is wrong, and the machine stays as it is.
func TestDamagedSnapshots(t *testing.T) {
	kv := func(b ...byte) []byte { return append([]byte("kv1"), b...) }
	session := func(id byte) []byte { return append([]byte{id, 15: 0}, 1, 1, 0) }
	huge := binary.AppendUvarint(kv(1), 1<<62)
	ledger := NewLedger().Snapshot()
	cases := []struct {
		name     string
		m        StateMachine
		snapshot []byte
		want     string
	}{
		{"nothing", full(t), nil, "these bytes are no kv snapshot"},
		{"another machine's", full(t), ledger, "these bytes are no kv snapshot"},
		{"no index", full(t), kv(), "it is cut short"},
		{"keys without end", full(t), huge, "it is cut short"},
		{"half a key", full(t), kv(1, 1, 9, 'a'), "it is cut short"},
		{"half a session", full(t), kv(1, 0, 1, 7), "it is cut short"},
		{"keys out of order", full(t), kv(1, 2, 1, 'b', 0, 1, 'a', 0, 0), errOrder.Error()},
		{"a key twice", full(t), kv(1, 2, 1, 'a', 0, 1, 'a', 0, 0), errOrder.Error()},
		{"sessions out of order", full(t),
			append(append(kv(1, 0, 2), session(2)...), session(1)...), errOrder.Error()},
		{"too much", full(t), kv(1, 0, 0, 'x', 'y'), "2 bytes stand behind its end"},
		{"nothing for a ledger", NewLedger(), nil, "these bytes are no ledger snapshot"},
		{"half a ledger", NewLedger(), ledger[:9], "it is cut short"},
		{"too much for a ledger", NewLedger(), append(ledger, 1), "1 bytes stand behind its end"},
	}
	for _, c := range cases {
		before := string(c.m.Snapshot())
		err := c.m.Restore(c.snapshot)
		if err == nil || !strings.HasPrefix(err.Error(), "restoring the ") ||
			!strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: %v, and it should be: %s", c.name, err, c.want)
		}
		if string(c.m.Snapshot()) != before {
			t.Errorf("%s: the machine is another", c.name)
		}
	}
}

// The ledger counts bodies and bytes, and gives each body's position; what has no body counts for
// the index alone.
func TestLedger(t *testing.T) {
	l := NewLedger()
	for i, e := range []struct {
		kind raft.EntryKind
		body string
		pos  uint64
	}{{raft.EntryNoop, "", 0}, {raft.EntryCommand, "hello", 0}, {raft.EntryConfig, "cc", 5},
		{raft.EntryCommand, "you", 7}} {
		got := l.Apply(raft.Entry{Index: raft.Index(i + 1), Term: 1, Kind: e.kind, Pos: e.pos,
			Data: []byte(e.body)})
		if e.kind != raft.EntryCommand {
			if got != nil {
				t.Errorf("entry %d has no body, and the result %x", i+1, got)
			}
		} else if at, n := binary.Uvarint(got); n != len(got) || at != e.pos {
			t.Errorf("entry %d stands at %d, and the result says %x", i+1, e.pos, got)
		}
	}
	if l.Len() != 2 || l.Pos() != 10 {
		t.Errorf("%d bodies up to byte %d, and there are 2 up to 10", l.Len(), l.Pos())
	}
	want := []byte{1, 4, 10}
	if got := l.Read([]byte("whatever")); string(got) != string(want) {
		t.Errorf("a read gives %v, not %v", got, want)
	}
	other := NewLedger()
	if err := other.Restore(l.Snapshot()); err != nil || *other != *l {
		t.Errorf("restored it is %+v, %v", other, err)
	}
	twin := l.Clone()
	twin.Apply(raft.Entry{Index: 5, Term: 1, Pos: 10, Data: []byte("!")})
	if l.Len() != 2 {
		t.Error("a copy's bodies are counted here")
	}
}

func TestNew(t *testing.T) {
	for _, name := range []string{"kv", "ledger"} {
		if m, err := New(name); err != nil || m.Name() != name {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	if _, err := New("bank"); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), `"bank"`) {
		t.Errorf("a machine that nobody knows: %v", err)
	}
}
