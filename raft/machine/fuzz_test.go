package machine

import (
	"bytes"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// FuzzMachine gives machines any snapshot, any commands and any query. A snapshot that is taken
// comes out as large at most and is taken again, one that is refused changes nothing, and a copy
// goes on alike.
func FuzzMachine(f *testing.F) {
	put := Command{Op: OpPut, Key: "x", Value: "1", Session: [16]byte{1}, Seq: 1}
	cas := Command{Op: OpCAS, Key: "x", Value: "2", Expect: "1"}
	kv, ledger := NewKV(), NewLedger()
	for i, c := range []Command{put, cas, {Op: OpGet, Key: "x"}, {Op: OpDelete, Key: "x"}} {
		e := raft.Entry{Index: raft.Index(i + 1), Term: 1, Data: c.Encode()}
		kv.Apply(e)
		ledger.Apply(e)
		f.Add(kv.Snapshot(), c.Encode(), byte(0), uint64(1))
	}
	f.Add(ledger.Snapshot(), []byte("body"), byte(0), uint64(9))
	f.Add([]byte("kv1\x00\x02\x01a\x01b\x01a\x01c\x00"), []byte{}, byte(1), uint64(0))
	f.Fuzz(func(t *testing.T, snapshot, command []byte, kind byte, pos uint64) {
		for _, m := range []StateMachine{NewKV(), NewLedger()} {
			e := raft.Entry{Index: 3, Kind: raft.EntryKind(kind % 4), Pos: pos, Data: command}
			m.Apply(e)
			before := m.Snapshot()
			if err := m.Restore(snapshot); err != nil {
				if !bytes.Equal(before, m.Snapshot()) {
					t.Errorf("%s refuses a snapshot (%v) and is another", m.Name(), err)
				}
			} else if own := m.Snapshot(); len(own) > len(snapshot) ||
				m.Restore(own) != nil || !bytes.Equal(own, m.Snapshot()) {
				t.Errorf("%s took %x, and is %x", m.Name(), snapshot, own)
			}
			twin := m.Clone()
			before = m.Snapshot()
			m.Read(command)
			if !bytes.Equal(before, m.Snapshot()) {
				t.Errorf("%s is another behind a read of %x", m.Name(), command)
			}
			e.Index++
			if a, b := m.Apply(e), twin.Apply(e); !bytes.Equal(a, b) ||
				!bytes.Equal(m.Snapshot(), twin.Snapshot()) {
				t.Errorf("%s and its copy go apart at %x", m.Name(), command)
			}
		}
	})
}

// FuzzCommand decodes commands and results: what can be read is said again in the same way.
func FuzzCommand(f *testing.F) {
	f.Add(Command{Op: OpCAS, Key: "x", Value: "2", Expect: "1", Session: [16]byte{7},
		Seq: 1 << 60}.Encode())
	f.Add(Result{Found: true, Done: true, Value: "1", Err: "no"}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := DecodeCommand(b); err == nil {
			again, err := DecodeCommand(c.Encode())
			if c.Seq == 0 {
				c.Session = [16]byte{} // a number from 1 makes a session
			}
			if err != nil || again != c {
				t.Errorf("%+v became %+v, %v", c, again, err)
			}
		}
		if r, err := DecodeResult(b); err == nil {
			if again, err := DecodeResult(r.Encode()); err != nil || again != r {
				t.Errorf("%+v became %+v, %v", r, again, err)
			}
		}
	})
}
