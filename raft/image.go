package raft

import "slices"

// Save does to an image what making a write durable does to a store: the reference for all of
// them. Pieces of an incoming snapshot are the store's affair. It never writes into the memory of
// entries.
func (im *Image) Save(w *Write) {
	im.Term, im.Vote, im.Doubtful = w.Term, w.Vote, w.Doubtful
	if w.TruncateFrom != 0 {
		k := max(w.TruncateFrom, im.Base.Index+1) - im.Base.Index - 1
		if k < Index(len(im.Entries)) {
			im.Entries = im.Entries[:k:k]
		}
	}
	im.Entries = append(im.Entries, w.Entries...)
	if f := w.Finish; f != nil {
		if f.KeepLog {
			im.compact(f.Snapshot.Mark)
		} else {
			im.Entries, im.Base = nil, f.Snapshot.Mark
		}
		im.Snapshot = f.Snapshot
	}
	if w.CompactTo.Index != 0 {
		im.compact(w.CompactTo)
	}
}

func (im *Image) compact(m Mark) {
	if m.Index <= im.Base.Index {
		return
	}
	k := min(m.Index-im.Base.Index, Index(len(im.Entries)))
	im.Entries, im.Base = slices.Clone(im.Entries[k:]), m
}
