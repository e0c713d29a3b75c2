package trace

import (
	"maps"

	"github.com/raftarium/raftarium/raft"
)

// Bodies is what is known of the entries themselves: a table that only grows, shared by all
// moments of a run, as an entry of one index and term has one body for ever. When two differ (a
// broken rule) the first stays.
type Bodies struct {
	table map[bodyKey]raft.Entry
	order []bodyKey
	bytes int
}

type bodyKey struct {
	index raft.Index
	term  raft.Term
}

// BodiesLimit bounds the bytes that a table keeps; the oldest go first.
const BodiesLimit = 8 << 20

// Put keeps an entry.
func (b *Bodies) Put(e raft.Entry) {
	k := bodyKey{e.Index, e.Term}
	if _, known := b.table[k]; known {
		return
	}
	if b.table == nil {
		b.table = map[bodyKey]raft.Entry{}
	}
	b.table[k] = e
	b.order = append(b.order, k)
	b.bytes += len(e.Data) + 64
	for b.bytes > BodiesLimit && len(b.order) > 1 {
		b.bytes -= len(b.table[b.order[0]].Data) + 64
		delete(b.table, b.order[0])
		b.order = b.order[1:]
	}
}

// Get finds an entry; false if its body is not known.
func (b *Bodies) Get(i raft.Index, t raft.Term) (raft.Entry, bool) {
	e, ok := b.table[bodyKey{i, t}]
	return e, ok
}

// Newest gives the newest entries, newest first, until their bodies pass limit bytes.
func (b *Bodies) Newest(limit int) []raft.Entry {
	var es []raft.Entry
	for i := len(b.order) - 1; i >= 0 && limit > 0; i-- {
		e := b.table[b.order[i]]
		limit -= len(e.Data) + 8
		es = append(es, e)
	}
	return es
}

// Without gives a copy that lacks some entries.
func (b *Bodies) Without(entries []raft.Entry) Bodies {
	c := Bodies{table: maps.Clone(b.table), bytes: b.bytes}
	for _, e := range entries {
		k := bodyKey{e.Index, e.Term}
		if known, ok := c.table[k]; ok {
			c.bytes -= len(known.Data) + 64
			delete(c.table, k)
		}
	}
	for _, k := range b.order {
		if _, ok := c.table[k]; ok {
			c.order = append(c.order, k)
		}
	}
	return c
}
