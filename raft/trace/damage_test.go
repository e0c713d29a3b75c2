package trace_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/trace/tracetest"
)

// An event that is damaged is refused, and the error says which one, where and what is wrong.
func TestDamagedEvents(t *testing.T) {
	whole := func(b ...byte) []byte { return append([]byte{byte(len(b))}, b...) }
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"half", encode(tracetest.Events()[:1])[:5], "event 0 at byte 0: its length is wrong"},
		{"too short", []byte{1, 1}, "event 0 at byte 0: its length is wrong"},
		{"a length without end", bytes.Repeat([]byte{255}, 12), "its length is wrong"},
		{"flags of later", whole(1, 1<<6), "its flags are of another major version"},
		{"no lane", whole(1, 0), "it names a lane that is not there"},
		{"another lane", whole(1, 1, 9), "it names a lane that is not there"},
		{"no lane of its cause", whole(6, 17, 0, 1, 1, 9),
			"its cause names a lane that is not there"},
		{"the lane behind the last", whole(6, 17, 0, 1, 1, 2),
			"its cause names a lane that is not there"},
		{"a number without end", whole(5, 1, 0, 255, 255), "a number runs past the end"},
		{"a number too large", whole(6, 1, 0, 255, 255, 255, 255, 255, 1), "node is too large"},
	} {
		var d trace.Decoder
		var ev trace.Event
		rest, err := d.Next(c.b, &ev)
		if err == nil || !strings.Contains(err.Error(), c.want) || !bytes.Equal(rest, c.b) {
			t.Errorf("%s: %v, and it should be: %s", c.name, err, c.want)
		}
	}
}

// Behind an event that is damaged nothing can be read, and the error counts those before it.
func TestDamageIsPlaced(t *testing.T) {
	evs := tracetest.Events()[:3]
	b := encode(evs[:2])
	at := len(b)
	b = append(b, 2, 1, 1<<7)
	var d trace.Decoder
	var ev trace.Event
	for range 2 {
		rest, err := d.Next(b, &ev)
		if err != nil {
			t.Fatal(err)
		}
		b = rest
	}
	_, err := d.Next(b, &ev)
	if err == nil || !strings.Contains(err.Error(), "(event 2, decided)") ||
		!strings.Contains(err.Error(), "at byte") {
		t.Errorf("behind %d bytes: %v", at, err)
	}
}

// swapped gives bytes with some of them replaced.
func swapped(t *testing.T, b []byte, old, with string) []byte {
	t.Helper()
	if !bytes.Contains(b, []byte(old)) {
		t.Fatalf("there is no %x in %x", old, b)
	}
	return bytes.Replace(b, []byte(old), []byte(with), 1)
}

// bytesOf gives the bytes of a message with that body.
func bytesOf(b raft.Body) []byte {
	m := tracetest.Message(b)
	return trace.AppendMessage(nil, &m)
}

// A message's entries are as many as it has bytes at most, and their runs fit.
func TestDamagedEntries(t *testing.T) {
	runs := bytesOf(&raft.AppendEntries{Entries: []raft.Entry{{Index: 1, Term: 1},
		{Index: 2, Term: 1}}})
	full := bytesOf(&raft.AppendEntries{Entries: []raft.Entry{{Index: 1, Term: 1,
		Data: []byte("x")}, {Index: 2, Term: 1}}})
	for _, c := range []struct {
		name, old, with string
		b               []byte
		want            string
	}{
		{"too many", "\x04\x02", "\x7e\x02", runs, "63 entries are too many"},
		{"a run too long", "\x04\x02", "\x04\x03", runs, "a run of entries has a wrong length"},
		{"a run of none", "\x04\x02", "\x04\x00", runs, "a run of entries has a wrong length"},
		{"half a body", "\x01x", "\x09x", full, "runs past the end"},
	} {
		_, err := trace.DecodeMessage(swapped(t, c.b, c.old, c.with))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, and it should be: %s", c.name, err, c.want)
		}
	}
}

// What only a later version can have written is no damage: the body is kept as it is.
func TestWhatLaterVersionsSayIsKept(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		kind raft.BodyKind
	}{
		{"a field of an entry", swapped(t, bytesOf(&raft.AppendEntries{Entries: []raft.Entry{{
			Index: 1, Term: 1, Data: []byte("x")}}}), "\x03\x02\x02\x01x",
			"\x03\x12\x02\x01x"), raft.KindAppendEntries},
		{"another form of a mark", swapped(t, bytesOf(&raft.InstallSnapshotReply{
			Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 9, Term: 7}}}), "\x01\x09\x07",
			"\x02\x09\x07"), raft.KindInstallSnapshotReply},
	} {
		m, err := trace.DecodeMessage(c.b)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if o, ok := m.Body.(*raft.OtherBody); !ok || o.Code != c.kind {
			t.Errorf("%s: it became %+v", c.name, m.Body)
		}
		if again := trace.AppendMessage(nil, &m); !bytes.Equal(again, c.b) {
			t.Errorf("%s: it was written back as %x, not %x", c.name, again, c.b)
		}
	}
}

// Events of more lanes than a table holds come back, and the bytes that say them are frozen: which
// lane goes is part of the form.
func TestMoreLanesThanATableHolds(t *testing.T) {
	var want []trace.Event
	for round := range uint64(3) {
		for id := range raft.NodeID(1100) {
			want = append(want, trace.Event{ID: trace.EventID{Node: id + 1, Boot: 1, N: round*7 + 1},
				Cause: trace.EventID{Node: id/2 + 1, Boot: 1, N: 1},
				At:    raft.Time(len(want)), Body: trace.Stopped{}})
		}
	}
	b := encode(want)
	same(t, want, decode(t, b))
	if sum := crc32.ChecksumIEEE(b); sum != 0x2c1d264 {
		t.Errorf("recordings hold other bytes: their checksum is %#x", sum)
	}
}

// More entries than a form may hold are cut when it is written, so that it can be read.
func TestTooManyEntriesAreCut(t *testing.T) {
	es := make([]raft.Entry, 1<<16+5)
	for i := range es {
		es[i] = raft.Entry{Index: raft.Index(i + 1), Term: 1}
	}
	m := tracetest.Message(&raft.AppendEntries{Entries: es})
	got, err := trace.DecodeMessage(trace.AppendMessage(nil, &m))
	if err != nil {
		t.Fatal(err)
	}
	if a := got.Body.(*raft.AppendEntries).Entries; len(a) != 1<<16 || a[1<<16-1].Index != 1<<16 {
		t.Errorf("%d entries came back", len(a))
	}
}

// chunk makes a chunk of a recording.
func chunk(kind byte, contents ...byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(contents)))
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Update(crc32.Checksum(b, table), table, contents)
	return append(binary.LittleEndian.AppendUint32(b, sum), contents...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// A recording that does not begin with its header is refused in one sentence.
func TestRecordingsWithoutAHeader(t *testing.T) {
	magic := []byte("RAFTTRC1")
	h := tracetest.Header()
	broken := chunk('H', trace.AppendHeader(nil, &h)...)
	broken[len(broken)-1] ^= 1
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing behind the magic", magic, "a chunk at byte 8 is cut off"},
		{"half a header", join(magic, broken[:40]), "a chunk at byte 8 is cut off"},
		{"another chunk", join(magic, chunk('E', 0, 0, 0)), "another chunk stands in its place"},
		{"a damaged header", join(magic, broken), "a chunk at byte 8 is damaged"},
		{"a header that cannot be read", join(magic, chunk('H', 255, 255)), "trace: header at byte"},
	} {
		_, err := trace.OpenRecording(c.b)
		if err == nil || !strings.HasPrefix(err.Error(), "trace: ") ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, and it should be: %s", c.name, err, c.want)
		}
	}
}

// An index that lies is not used: the chunks are found without it.
func TestIndexesThatLie(t *testing.T) {
	want := many(3)
	b := record(t, tracetest.Header(), want)
	at := binary.LittleEndian.Uint64(b[len(b)-16:])
	foot := func(at uint64) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, at), "RAFTEND1"...)
	}
	body, index := b[:at], b[at:len(b)-16]
	for name, lie := range map[string][]byte{
		"beyond the end":     join(body, index, foot(1<<40)),
		"at no chunk":        join(body, index, foot(3)),
		"at another chunk":   join(body, index, foot(8)),
		"more than it holds": join(body, chunk('I', 200, 1), foot(at)),
		"a step too far": join(body, chunk('I', 1, 255, 255, 255, 255, 127, 'E', 0, 0),
			foot(at)),
		"half a number": join(body, chunk('I', 1, 8, 'E', 0, 255, 255), foot(at)),
	} {
		s, err := trace.OpenRecording(lie)
		if err != nil {
			t.Fatal(name, err)
		}
		if s.Whole() {
			t.Errorf("%s: the index is believed", name)
		}
		same(t, want, drain(t, s, 1<<40, 1<<16))
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Events that a chunk does not hold are said to be missing, with the chunk's number.
func TestChunksThatLie(t *testing.T) {
	h := tracetest.Header()
	good := encode(tracetest.Events()[:1])
	head := join([]byte("RAFTTRC1"), chunk('H', trace.AppendHeader(nil, &h)...))
	for _, c := range []struct {
		name, want string
		contents   []byte
	}{
		{"junk", "chunk 0 of the recording: trace: event 0 at byte 0: its length is wrong",
			[]byte{0, 0, 1, 99}},
		{"junk behind an event", "chunk 0 of the recording: trace: event 1 at byte",
			append(append([]byte{0, 0, 2}, good...), 99)},
		{"half a number", "a number runs past the end", []byte{0, 0, 255}},
	} {
		s, err := trace.OpenRecording(join(head, chunk('E', c.contents...)))
		if err != nil {
			t.Fatal(c.name, err)
		}
		for err == nil {
			_, _, err = s.Next(1<<40, make([]trace.Event, 0, 9))
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, and it should be: %s", c.name, err, c.want)
		}
	}
}
