package raft

import "slices"

// log is what a node holds of the log: the entries behind base, with the digest of the prefix that
// each ends, and which of them are not yet saved. Entries that were handed out are never written
// again: what is cut off is never appended over in place.
type log struct {
	base    Mark
	entries []Entry
	digests []Digest
	// unsaved lists, in order, the stretches of the log whose write is under way. Each index
	// remembers the write that last wrote it, so that the completion of a write of entries that
	// were since truncated counts for nothing.
	unsaved []writeRun
}

// maxRoomKept bounds the room, in entries, that a cut log keeps for what will come: a log that is
// cut regularly then does not grow anew each time. It is half a megabyte.
const maxRoomKept = 8192

// writeRun says that the log from an index up to the next run was written by a write.
type writeRun struct {
	from Index
	id   WriteID
}

func newLog(im *Image) log {
	l := log{base: im.Base, entries: slices.Clip(im.Entries)}
	l.digests = make([]Digest, 0, len(l.entries))
	m := l.base
	for _, e := range l.entries {
		m = m.After(e)
		l.digests = append(l.digests, m.Digest)
	}
	return l
}

func (l *log) clone() log {
	c := *l
	// Both sides append into memory of their own from now on; the entries themselves are shared.
	l.entries, l.digests = slices.Clip(l.entries), slices.Clip(l.digests)
	c.entries, c.digests = l.entries, l.digests
	c.unsaved = slices.Clone(l.unsaved)
	return c
}

func (l *log) first() Index { return l.base.Index + 1 }

func (l *log) lastIndex() Index { return l.base.Index + Index(len(l.entries)) }

func (l *log) last() Mark { return l.markAt(l.lastIndex()) }

// markAt gives the mark of the prefix that ends at i, which the log must hold or have as its base.
func (l *log) markAt(i Index) Mark {
	if i == l.base.Index {
		return l.base
	}
	k := i - l.first()
	e := &l.entries[k]
	return Mark{Index: i, Term: e.Term, Pos: e.Pos + uint64(len(e.Data)), Digest: l.digests[k]}
}

// holds reports whether the term at i is known: i is an entry of the log or its base.
func (l *log) holds(i Index) bool { return i >= l.base.Index && i <= l.lastIndex() }

// term gives the term at i; 0 where the log does not hold it.
func (l *log) term(i Index) Term {
	switch {
	case i == l.base.Index:
		return l.base.Term
	case !l.holds(i):
		return 0
	}
	return l.entries[i-l.first()].Term
}

// slice gives the entries from one index to another, both included.
func (l *log) slice(from, to Index) []Entry {
	if from > to {
		return nil
	}
	return l.entries[from-l.first() : to-l.first()+1 : to-l.first()+1]
}

// bytes gives the size of the bodies from one index to another, both included.
func (l *log) bytes(from, to Index) int {
	if from > to {
		return 0
	}
	first, last := &l.entries[from-l.first()], &l.entries[to-l.first()]
	return int(last.Pos-first.Pos) + len(last.Data)
}

// append adds entries, which must follow the last one, as part of a write.
func (l *log) append(entries []Entry, id WriteID) {
	if len(entries) == 0 {
		return
	}
	d := l.last().Digest
	l.makeRoom(len(entries))
	for i := range entries {
		e := &entries[i]
		d = d.Append(e.Term, e.Kind, e.Data)
		l.digests = append(l.digests, d)
	}
	l.entries = append(l.entries, entries...)
	if k := len(l.unsaved); k == 0 || l.unsaved[k-1].id != id {
		l.unsaved = append(l.unsaved, writeRun{entries[0].Index, id})
	}
}

// makeRoom sees to it that so many entries fit. It doubles, where append alone would grow a long
// slice by a quarter and so copy each entry four times.
func (l *log) makeRoom(count int) {
	if len(l.entries)+count > cap(l.entries) {
		l.entries = slices.Grow(l.entries, max(count, len(l.entries)))
		l.digests = slices.Grow(l.digests, max(count, len(l.digests)))
	}
}

// truncate drops the entries from an index on. The memory behind is given up, not reused: others
// may still read those entries.
func (l *log) truncate(from Index) {
	k := from - l.first()
	l.entries, l.digests = l.entries[:k:k], l.digests[:k:k]
	for len(l.unsaved) > 0 && l.unsaved[len(l.unsaved)-1].from >= from {
		l.unsaved = l.unsaved[:len(l.unsaved)-1]
	}
}

// compact drops the entries up to and including i.
func (l *log) compact(i Index) {
	m := l.markAt(i)
	k := i - l.base.Index
	room := max(len(l.entries)-int(k), min(len(l.entries), maxRoomKept))
	l.entries = append(make([]Entry, 0, room), l.entries[k:]...)
	l.digests = append(make([]Digest, 0, room), l.digests[k:]...)
	l.base = m
	for len(l.unsaved) > 1 && l.unsaved[1].from <= l.first() {
		l.unsaved = slices.Delete(l.unsaved, 0, 1)
	}
	if len(l.entries) == 0 {
		l.unsaved = nil
	}
}

// reset drops everything and begins anew behind a mark.
func (l *log) reset(m Mark) { *l = log{base: m} }

// saved gives the last index of the prefix that is durable.
func (l *log) saved() Index {
	if len(l.unsaved) > 0 {
		return max(l.base.Index, l.unsaved[0].from-1)
	}
	return l.lastIndex()
}

// markSaved forgets the runs of writes up to id.
func (l *log) markSaved(id WriteID) {
	k := 0
	for k < len(l.unsaved) && l.unsaved[k].id <= id {
		k++
	}
	l.unsaved = slices.Delete(l.unsaved, 0, k)
}

// writeOf gives the newest write that the prefix up to i still waits for; 0 if it is saved.
func (l *log) writeOf(i Index) WriteID {
	var id WriteID
	for _, r := range l.unsaved {
		if r.from > i {
			break
		}
		id = max(id, r.id)
	}
	return id
}

// agreesUpTo gives the largest index from i downwards whose own term is at most t: no place above
// it can agree with a log that has term t there (section 5.3, last part).
func (l *log) agreesUpTo(i Index, t Term) Index {
	i = min(i, l.lastIndex())
	for i > l.base.Index && l.term(i) > t {
		i--
	}
	return i
}
