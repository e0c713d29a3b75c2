package check

import (
	"maps"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// entryTable remembers the digest of the log up to each entry that was ever made, by index and
// term. Mostly there is one entry for an index; the others stand aside. The oldest go.
type entryTable struct {
	low   raft.Index // the index of slots[0]
	slots []slot
	more  map[raft.Index][]slot
}

// slot is one entry.
type slot struct {
	term   raft.Term
	digest raft.Digest
	event  trace.EventID // that made it known
}

// maxEntries is how many indexes the table keeps at least.
const maxEntries = 1 << 17

func (t *entryTable) clone() entryTable {
	c := *t
	c.slots = slices.Clone(t.slots)
	c.more = maps.Clone(t.more)
	for i := range slices.Values(slices.Sorted(maps.Keys(c.more))) {
		c.more[i] = slices.Clone(c.more[i])
	}
	return c
}

// get finds an entry.
func (t *entryTable) get(i raft.Index, term raft.Term) (slot, bool) {
	if i < t.low || i-t.low >= raft.Index(len(t.slots)) {
		return slot{}, false
	}
	if s := t.slots[i-t.low]; s.term == term {
		return s, s.digest != 0
	}
	for _, s := range t.more[i] {
		if s.term == term {
			return s, true
		}
	}
	return slot{}, false
}

// put keeps an entry that is not there yet.
func (t *entryTable) put(i raft.Index, s slot) {
	end := t.low + raft.Index(len(t.slots))
	if len(t.slots) == 0 || i > end+maxEntries { // the first, or far behind a gap
		t.low, t.slots, t.more, end = i, nil, nil, i
	}
	if i < t.low {
		return
	}
	for ; end <= i; end++ {
		t.slots = append(t.slots, slot{})
	}
	if own := &t.slots[i-t.low]; own.digest == 0 {
		*own = s
	} else {
		if t.more == nil {
			t.more = map[raft.Index][]slot{}
		}
		t.more[i] = append(t.more[i], s)
	}
	if len(t.slots) > 2*maxEntries {
		t.forget()
	}
}

// forget drops the older half.
func (t *entryTable) forget() {
	t.slots = slices.Clone(t.slots[maxEntries:])
	t.low += maxEntries
	maps.DeleteFunc(t.more, func(i raft.Index, _ []slot) bool { return i < t.low })
}
