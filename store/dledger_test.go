package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/store"
	"github.com/raftarium/raftarium/store/crashfs"
	"github.com/raftarium/raftarium/store/storetest"
)

// TestDLedger holds the behaviours of DLedger's store, by their numbers, with what is otherwise
// here. DLedger's 40, a hook that changes a body before it is stored, is not ours.
func TestDLedger(t *testing.T) {
	for _, b := range []struct {
		name  string
		holds func(*lab)
	}{
		{"Behaviour41 a clean restart gives the same begin, end and bodies", cleanRestart},
		{"Behaviour42 lost files are named, not passed over", lostFiles},
		{"Behaviour43 a cut leaves the log ending there", cutTail},
		{"Behaviour44 a cut prefix stays cut over a restart", cutPrefix},
		{"Behaviour45 an append must be contiguous", contiguous},
		{"Behaviour46 what is saved is what is there, after a cut too", savedIsThere},
		{"Behaviour47 a record lies in one file", oneFile},
		{"Behaviour48 entries come back as they were", encodings},
	} {
		t.Run(b.name, func(t *testing.T) { b.holds(newLab(t)) })
	}
}

// again opens the store anew, as behind a clean end, and holds it against the model.
func (l *lab) again() raft.Image {
	l.Helper()
	if err := l.file.Close(); err != nil {
		l.Fatal(err)
	}
	l.open()
	im, err := l.file.Load()
	if err != nil {
		l.Fatal(err)
	}
	if differ := storetest.Differ(l.model.Image(), im); differ != "" {
		l.Fatal(differ)
	}
	return im
}

func cleanRestart(l *lab) {
	l.state(2, 1)
	l.grow(2, 30)
	if im := l.again(); im.Base.Index != 0 || len(im.Entries) != 30 || im.Vote != 1 {
		l.Errorf("base %d, %d entries, vote %v", im.Base.Index, len(im.Entries), im.Vote)
	}
}

// lostFiles: DLedger takes the longest prefix that is intact. Files that are gone are no torn
// write, and the entries in them may have been acknowledged: here the store does not open.
func lostFiles(l *lab) {
	l.grow(1, 40)
	segs := l.files(".seg")
	for k := range len(segs) - 1 {
		disk := l.disk.Clone(1)
		disk.SetBytes(segs[k], nil)
		var damage *store.DamageError
		if _, err := openOn(disk); !errors.As(err, &damage) {
			l.Errorf("without %s: %v", segs[k], err)
		}
	}
}

func cutTail(l *lab) {
	l.grow(1, 20)
	l.do(storetest.Step{Writes: []raft.Write{{TruncateFrom: 8}}})
	if im := l.again(); im.Last().Index != 7 {
		l.Errorf("the log ends at %d", im.Last().Index)
	}
	l.grow(2, 1)
	if im := l.again(); im.Last().Index != 8 || im.Last().Term != 2 {
		l.Errorf("the log ends at %d of term %d", im.Last().Index, im.Last().Term)
	}
}

// cutPrefix: where everything was cut DLedger forgets where that was; here the log comes back
// behind the snapshot.
func cutPrefix(l *lab) {
	l.grow(1, 30)
	l.save(12)
	l.compact(12)
	if im := l.again(); im.Base.Index != 12 || len(im.Entries) != 18 {
		l.Errorf("base %d, %d entries", im.Base.Index, len(im.Entries))
	}
	l.save(30)
	l.compact(30)
	im := l.again()
	if im.Base.Index != 30 || len(im.Entries) != 0 || im.Snapshot.Index != 30 {
		l.Errorf("base %d, %d entries, snapshot %d", im.Base.Index, len(im.Entries),
			im.Snapshot.Index)
	}
	l.grow(1, 1)
	if im := l.again(); im.Last().Index != 31 {
		l.Errorf("the log goes on at %d", im.Last().Index)
	}
}

// contiguous: whose entries they are, and of which term, is the core's affair.
func contiguous(l *lab) {
	l.grow(3, 5)
	behind := l.model.Mark(5)
	for name, es := range map[string][]raft.Entry{
		"a gap":    {{Index: 7, Term: 3, Pos: behind.Pos}},
		"a repeat": {{Index: 5, Term: 3, Pos: behind.Pos}},
		"a gap within": {{Index: 6, Term: 3, Pos: behind.Pos},
			{Index: 8, Term: 3, Pos: behind.Pos}},
	} {
		disk := l.disk.Clone(1)
		f, err := openOn(disk)
		if err != nil {
			l.Fatal(err)
		}
		if err := f.Write([]raft.Write{{ID: 1, Entries: es}}); err == nil {
			l.Errorf("%s is taken", name)
		}
	}
}

func savedIsThere(l *lab) {
	l.grow(1, 10)
	l.do(storetest.Step{Writes: []raft.Write{{TruncateFrom: 4}}})
	l.disk = l.disk.Restart(crashfs.KeepNone) // what was not synced is gone
	l.open()
	im, err := l.file.Load()
	if err != nil || storetest.Differ(l.model.Image(), im) != "" {
		l.Errorf("%v: %s", err, storetest.Differ(l.model.Image(), im))
	}
}

// oneFile: DLedger fills the rest of a file with a blank record. Here a batch that does not fit
// begins another file, and each file alone says which indexes it holds.
func oneFile(l *lab) {
	l.grow(1, 40)
	segs := l.files(".seg")
	if len(segs) < 3 {
		l.Fatalf("there are only %q", segs)
	}
	last := raft.Index(0)
	for _, s := range segs {
		var first raft.Index
		if _, err := fmt.Sscanf(s[strings.LastIndex(s, "/")+1:], "%d-", &first); err != nil {
			l.Fatal(err)
		}
		if first <= last {
			l.Errorf("%s begins at %d, behind %d", s, first, last)
		}
		last = first
	}
	l.again()
}

func encodings(l *lab) {
	at := raft.Mark{}
	var es []raft.Entry
	for i, e := range []raft.Entry{{Term: 1, Kind: raft.EntryNoop},
		{Term: 1, Data: []byte("body")}, {Term: 2, Kind: raft.EntryConfig, Data: []byte{1, 1, 0, 0}},
		{Term: 1 << 40, Data: make([]byte, 1000)}, {Term: 1 << 40, Data: []byte{}}} {
		e.Index, e.Pos = raft.Index(i+1), at.Pos
		at, es = at.After(e), append(es, e)
	}
	l.do(storetest.Step{Writes: []raft.Write{{Entries: es, Term: 1 << 40, HardState: true}}})
	im := l.again()
	for i := range es {
		a, b := es[i], im.Entries[i]
		if a.Index != b.Index || a.Term != b.Term || a.Kind != b.Kind || a.Pos != b.Pos ||
			string(a.Data) != string(b.Data) {
			l.Errorf("%+v came back as %+v", a, b)
		}
	}
}
