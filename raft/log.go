package raft

import "slices"

// log is what a node holds of the log: the entries behind base, in runs, and which of them are not
// yet saved. Entries that were handed out are never written again: what is cut off is never
// appended over in place.
type log struct {
	base Mark
	tip  Mark // where it ends
	runs []run
	room int // how many entries the newest memory of its own was made for
	// unsaved lists, in order, the stretches of the log whose write is under way. Each index
	// remembers the write that last wrote it, so that the completion of a write of entries that
	// were since truncated counts for nothing.
	unsaved []writeRun
}

// writeRun says that the log from an index up to the next run was written by a write.
type writeRun struct {
	from Index
	id   WriteID
}

func newLog(im *Image) log {
	l := log{base: im.Base, tip: im.Base}
	l.share(im.Entries)
	return l
}

func (l *log) clone() log {
	// Both sides append into memory of their own from now on; the entries themselves are shared.
	if k := len(l.runs); k > 0 {
		l.runs[k-1].close()
	}
	l.room = 0
	c := *l
	c.runs, c.unsaved = slices.Clone(l.runs), slices.Clone(l.unsaved)
	return c
}

func (l *log) first() Index { return l.base.Index + 1 }

func (l *log) lastIndex() Index { return l.tip.Index }

func (l *log) last() Mark { return l.tip }

// markAt gives the mark of the prefix that ends at i, which the log must hold or have as its base.
func (l *log) markAt(i Index) Mark {
	switch i {
	case l.tip.Index:
		return l.tip
	case l.base.Index:
		return l.base
	}
	return l.runOf(i).markAt(i)
}

// at gives the entry at i, which the log must hold.
func (l *log) at(i Index) *Entry { return l.runOf(i).at(i) }

// holds reports whether the term at i is known: i is an entry of the log or its base.
func (l *log) holds(i Index) bool { return i >= l.base.Index && i <= l.lastIndex() }

// term gives the term at i; 0 where the log does not hold it.
func (l *log) term(i Index) Term {
	switch {
	case i == l.tip.Index: // mostly
		return l.tip.Term
	case i == l.base.Index:
		return l.base.Term
	case !l.holds(i):
		return 0
	}
	return l.at(i).Term
}

// slice gives the entries from one index to another, both included. Mostly they lie in one run.
func (l *log) slice(from, to Index) []Entry {
	if from > to {
		return nil
	}
	r := &l.runs[len(l.runs)-1]
	if from < r.first {
		r = l.runOf(from)
	}
	if to <= r.last() {
		return r.entries[from-r.first : to-r.first+1 : to-r.first+1]
	}
	all := make([]Entry, 0, to-from+1)
	for from <= to {
		r = l.runOf(from)
		all = append(all, r.entries[from-r.first:min(to, r.last())-r.first+1]...)
		from = r.last() + 1
	}
	return all
}

// bytes gives the size of the bodies from one index to another, both included.
func (l *log) bytes(from, to Index) int {
	if from > to {
		return 0
	}
	last := l.at(to)
	return int(last.Pos-l.at(from).Pos) + len(last.Data)
}

// append adds entries, which must follow the last one, as part of a write. Many are taken over as
// they are, for nobody writes to them any more; a few are copied, so that runs stay long.
func (l *log) append(entries []Entry, id WriteID) {
	if len(entries) == 0 {
		return
	}
	if len(entries) >= worthSharing {
		l.share(entries)
	} else {
		l.copy(entries)
	}
	l.unsavedFrom(entries[0].Index, id)
}

// appendOne adds an entry behind the last one as part of a write, and gives it as a slice. It is
// written where it will lie: this runs once for each proposal.
func (l *log) appendOne(t Term, k EntryKind, data []byte, id WriteID) []Entry {
	r := l.open(1)
	at := len(r.entries)
	r.entries = r.entries[:at+1]
	e := &r.entries[at]
	e.Index, e.Term, e.Kind, e.Pos, e.Data = l.tip.Index+1, t, k, l.tip.Pos, data
	l.tip = Mark{Index: e.Index, Term: t, Pos: e.Pos + uint64(len(data)),
		Digest: l.tip.Digest.Append(t, k, data)}
	r.digests = append(r.digests, l.tip.Digest)
	l.unsavedFrom(e.Index, id)
	return r.entries[at : at+1 : at+1]
}

// unsavedFrom says that what is appended from an index on is part of a write.
func (l *log) unsavedFrom(from Index, id WriteID) {
	if k := len(l.unsaved); k == 0 || l.unsaved[k-1].id != id {
		l.unsaved = append(l.unsaved, writeRun{from, id})
	}
}

// truncate drops the entries from an index on. The memory behind is given up, not reused: others
// may still read those entries.
func (l *log) truncate(from Index) {
	for k := len(l.runs) - 1; k >= 0 && l.runs[k].last() >= from; k-- {
		if l.runs[k].first >= from {
			l.runs = slices.Delete(l.runs, k, k+1)
			continue
		}
		l.runs[k].cutBehind(from)
	}
	if k := len(l.runs); k > 0 {
		l.runs[k-1].close()
	}
	l.tip = l.base
	if k := len(l.runs); k > 0 {
		l.tip = l.runs[k-1].markAt(from - 1)
	}
	for len(l.unsaved) > 0 && l.unsaved[len(l.unsaved)-1].from >= from {
		l.unsaved = l.unsaved[:len(l.unsaved)-1]
	}
}

// compact drops the entries up to and including i.
func (l *log) compact(i Index) {
	l.base = l.markAt(i)
	k := 0
	for k < len(l.runs) && l.runs[k].last() <= i {
		k++
	}
	l.runs = slices.Delete(l.runs, 0, k)
	if len(l.runs) > 0 {
		l.runs[0].cutBefore(i + 1)
	}
	for len(l.unsaved) > 1 && l.unsaved[1].from <= l.first() {
		l.unsaved = slices.Delete(l.unsaved, 0, 1)
	}
	if l.tip.Index == i {
		l.unsaved = nil
	}
}

// reset drops everything and begins anew behind a mark.
func (l *log) reset(m Mark) { *l = log{base: m, tip: m} }

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
