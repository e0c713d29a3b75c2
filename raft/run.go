package raft

import "slices"

// run is a stretch of the log that lies in one piece of memory. The last one of a log may have room
// behind its entries; all others are closed.
type run struct {
	first   Index
	entries []Entry
	digests []Digest // of the prefix that each entry ends
	gone    int      // entries before the first that the memory still holds
}

// Sizes in entries. A run with the most room fills its pages of memory, to the last slot.
const (
	worthSharing = 16   // from so many on entries are taken over, not copied
	leastRoom    = 16   // of a run that grows
	mostRoom     = 4095 // each new one has twice as much, up to here
)

func (r *run) last() Index { return r.first + Index(len(r.entries)) - 1 }

func (r *run) at(i Index) *Entry { return &r.entries[i-r.first] }

// markAt gives the mark of the prefix that ends at i.
func (r *run) markAt(i Index) Mark {
	e := r.at(i)
	return Mark{Index: i, Term: e.Term, Pos: e.Pos + uint64(len(e.Data)),
		Digest: r.digests[i-r.first]}
}

// close gives up the room: nothing will be appended in this memory.
func (r *run) close() {
	r.entries, r.digests = slices.Clip(r.entries), slices.Clip(r.digests)
}

// cutBehind drops the entries from an index on.
func (r *run) cutBehind(from Index) {
	k := from - r.first
	r.entries, r.digests = r.entries[:k], r.digests[:k]
}

// cutBefore drops the entries before an index. Their memory is given back with the whole run, or
// once most of it holds nothing any more.
func (r *run) cutBefore(first Index) {
	k := first - r.first
	r.first, r.gone = first, r.gone+int(k)
	r.entries, r.digests = r.entries[k:], r.digests[k:]
	if r.gone > max(mostRoom, len(r.entries)) {
		r.entries, r.digests, r.gone = slices.Clone(r.entries), slices.Clone(r.digests), 0
	}
}

// runOf finds the run that holds an index.
func (l *log) runOf(i Index) *run {
	k := len(l.runs) - 1
	if i < l.runs[k].first { // mostly it is the last one
		from := 0
		for from < k {
			if half := (from + k + 1) / 2; l.runs[half].first <= i {
				from = half
			} else {
				k = half - 1
			}
		}
	}
	return &l.runs[k]
}

// share takes entries over as they are.
func (l *log) share(entries []Entry) {
	if len(entries) > 0 {
		l.runs = append(l.runs, run{first: l.tip.Index + 1, entries: slices.Clip(entries),
			digests: make([]Digest, 0, len(entries))})
		l.passOver(&l.runs[len(l.runs)-1], entries)
	}
}

// copy puts entries into memory of the log's own.
func (l *log) copy(entries []Entry) {
	r := l.open(len(entries))
	r.entries = append(r.entries, entries...)
	l.passOver(r, entries)
}

// passOver takes the tip behind the newest entries of the last run.
func (l *log) passOver(r *run, entries []Entry) {
	d := l.tip.Digest
	for i := range entries {
		e := &entries[i]
		d = d.Append(e.Term, e.Kind, e.Data)
		r.digests = append(r.digests, d)
	}
	e := &entries[len(entries)-1]
	l.tip = Mark{Index: e.Index, Term: e.Term, Pos: e.Pos + uint64(len(e.Data)), Digest: d}
}

// open gives a run with room for so many entries, at most the least room that there is.
func (l *log) open(count int) *run {
	if k := len(l.runs) - 1; k >= 0 && cap(l.runs[k].entries)-len(l.runs[k].entries) >= count {
		return &l.runs[k]
	}
	return l.begin()
}

// begin gives a new run with room.
func (l *log) begin() *run {
	l.room = min(max(2*l.room, leastRoom), mostRoom)
	l.runs = append(l.runs, run{first: l.tip.Index + 1, entries: make([]Entry, 0, l.room),
		digests: make([]Digest, 0, l.room)})
	return &l.runs[len(l.runs)-1]
}
