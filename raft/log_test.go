package raft

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var logSeed = flag.Uint64("log-seed", 0, "repeat TestTheLogIsWhatASliceWouldBe with this seed")

// plainLog is the slow obvious log that log is held against.
type plainLog struct {
	base    Mark
	entries []Entry
}

func (p *plainLog) clone() *plainLog {
	return &plainLog{base: p.base, entries: slices.Clone(p.entries)}
}

// marks gives the marks of all prefixes that are held, the base first.
func (p *plainLog) marks() []Mark {
	ms := []Mark{p.base}
	for _, e := range p.entries {
		ms = append(ms, ms[len(ms)-1].After(e))
	}
	return ms
}

// handedOut is a slice that somebody keeps, with what it held at first.
type handedOut struct{ kept, was []Entry }

// A log in runs answers each question as one slice would, through appends of all sizes, cuts at both
// ends, copies that go on by themselves, and snapshots; and what it handed out never changes.
func TestTheLogIsWhatASliceWouldBe(t *testing.T) {
	seed := *logSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("go test ./raft -run TestTheLogIsWhatASliceWouldBe -log-seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	var out []handedOut
	for range 40 {
		im := Image{Base: Mark{Index: Index(r.IntN(3)), Term: 1}}
		l, p := newLog(&im), &plainLog{base: im.Base}
		for range 120 {
			moveLogs(t, r, &l, p, &out)
			compareLogs(t, r, &l, p)
			if r.IntN(20) == 0 { // one of the two goes on, and the other must not notice
				twin := l.clone()
				other := p.clone()
				moveLogs(t, r, &twin, other, &out)
				compareLogs(t, r, &twin, other)
				compareLogs(t, r, &l, p)
				if r.IntN(2) == 0 {
					l, p = twin, other
				}
			}
		}
	}
	for _, h := range out {
		if !slices.EqualFunc(h.kept, h.was, sameEntry) {
			t.Fatalf("entries that were handed out became %v, were %v", h.kept, h.was)
		}
	}
}

func sameEntry(a, b Entry) bool {
	return a.Index == b.Index && a.Term == b.Term && a.Kind == b.Kind && a.Pos == b.Pos &&
		string(a.Data) == string(b.Data)
}

// moveLogs does one thing to both.
func moveLogs(t *testing.T, r *rand.Rand, l *log, p *plainLog, out *[]handedOut) {
	t.Helper()
	last := l.lastIndex()
	switch k := r.IntN(12); {
	case k < 4:
		es := nextEntries(r, l.last(), 1+r.IntN(40))
		if r.IntN(10) == 0 {
			es = nextEntries(r, l.last(), 3000)
		}
		*out = append(*out, handedOut{es, slices.Clone(es)})
		es = es[:1+r.IntN(len(es))] // somebody else has what lies behind in the same memory
		l.append(es, 1)
		p.entries = append(p.entries, es...)
	case k < 7:
		for range 1 + r.IntN(30) {
			e := nextEntries(r, l.last(), 1)[0]
			got := l.appendOne(e.Term, e.Kind, e.Data, 1)
			p.entries = append(p.entries, e)
			*out = append(*out, handedOut{got, []Entry{e}})
		}
	case k < 9 && last > l.base.Index:
		from := l.first() + Index(r.IntN(int(last-l.base.Index)))
		l.truncate(from)
		p.entries = p.entries[:from-p.base.Index-1]
	case k < 11 && last > l.base.Index:
		i := l.first() + Index(r.IntN(int(last-l.base.Index)))
		p.base, p.entries = p.marks()[i-p.base.Index], p.entries[i-p.base.Index:]
		l.compact(i)
	case r.IntN(8) == 0:
		m := Mark{Index: last + 5, Term: l.last().Term, Pos: 77, Digest: 99}
		l.reset(m)
		*p = plainLog{base: m}
	}
}

// nextEntries makes entries that may follow a mark.
func nextEntries(r *rand.Rand, m Mark, count int) []Entry {
	var es []Entry
	for range count {
		e := Entry{Index: m.Index + 1, Term: max(1, m.Term), Pos: m.Pos,
			Data: make([]byte, r.IntN(20))}
		if r.IntN(10) == 0 {
			e.Term++
		}
		es, m = append(es, e), m.After(e)
	}
	return es
}

// compareLogs asks both everything.
func compareLogs(t *testing.T, r *rand.Rand, l *log, p *plainLog) {
	t.Helper()
	marks := p.marks()
	if l.base != p.base || l.last() != marks[len(marks)-1] || l.first() != p.base.Index+1 {
		t.Fatalf("the log reaches from %v to %v, not from %v to %v", l.base, l.last(), p.base,
			marks[len(marks)-1])
	}
	for range 20 {
		k := r.IntN(len(marks))
		if m := l.markAt(marks[k].Index); m != marks[k] || l.term(m.Index) != m.Term {
			t.Fatalf("the mark at %d is %v, not %v", marks[k].Index, m, marks[k])
		}
	}
	if len(p.entries) == 0 {
		return
	}
	for range 5 { // what lies in the log itself is handed out without room
		a := r.IntN(len(p.entries))
		b := a + r.IntN(len(p.entries)-a)
		from, to := p.entries[a].Index, p.entries[b].Index
		got := l.slice(from, to)
		if !slices.EqualFunc(got, p.entries[a:b+1], sameEntry) ||
			cap(got) > len(got) && l.at(to) == &got[len(got)-1] {
			t.Fatalf("the entries from %d to %d are %v", from, to, got)
		}
		size := 0
		for _, e := range p.entries[a : b+1] {
			size += len(e.Data)
		}
		if l.bytes(from, to) != size || !sameEntry(*l.at(from), p.entries[a]) {
			t.Fatalf("the entries from %d to %d have %d bytes, not %d", from, to,
				l.bytes(from, to), size)
		}
	}
}
