package check

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// nodeLog is a server's log as runs of one term behind a base. It is short however long the log is.
type nodeLog struct {
	base raft.Mark
	runs []trace.Run
}

func (l *nodeLog) last() raft.Mark {
	if len(l.runs) == 0 {
		return l.base
	}
	r := &l.runs[len(l.runs)-1]
	return raft.Mark{Index: r.To, Term: r.Term, Pos: r.Pos, Digest: r.Digest}
}

// find gives the run that holds an index, or the number of runs when none does. Most questions are
// about the end.
func (l *nodeLog) find(i raft.Index) int {
	if k := len(l.runs) - 1; k >= 0 && i >= l.runs[k].From {
		if i > l.runs[k].To {
			return len(l.runs)
		}
		return k
	}
	k, _ := slices.BinarySearchFunc(l.runs, i, func(r trace.Run, i raft.Index) int {
		if r.To < i {
			return -1
		}
		return 1
	})
	if k < len(l.runs) && i < l.runs[k].From {
		return len(l.runs)
	}
	return k
}

// term gives the term at an index; false if the log does not hold it.
func (l *nodeLog) term(i raft.Index) (raft.Term, bool) {
	if i == l.base.Index {
		return l.base.Term, true
	}
	if k := l.find(i); k < len(l.runs) {
		return l.runs[k].Term, true
	}
	return 0, false
}

// agrees reports whether the log may have an entry of a term at an index: what is cut off at its
// beginning it may.
func (l *nodeLog) agrees(i raft.Index, t raft.Term) bool {
	if i < l.base.Index {
		return true
	}
	own, held := l.term(i)
	return held && own == t
}

// digest gives the digest of the log up to an index, where it is known: at the ends of runs; else
// 0.
func (l *nodeLog) digest(i raft.Index) raft.Digest {
	if i == l.base.Index {
		return l.base.Digest
	}
	if k := l.find(i); k < len(l.runs) && l.runs[k].To == i {
		return l.runs[k].Digest
	}
	return 0
}

// runStart gives the first index of the run that holds an index; the index itself where none does.
func (l *nodeLog) runStart(i raft.Index) raft.Index {
	if k := l.find(i); k < len(l.runs) {
		return l.runs[k].From
	}
	return i
}

// append adds a run, lengthening the last one when the term is the same.
func (l *nodeLog) append(r trace.Run) {
	if k := len(l.runs); k > 0 && l.runs[k-1].Term == r.Term && l.runs[k-1].To+1 == r.From {
		r.From = l.runs[k-1].From
		l.runs[k-1] = r
		return
	}
	l.runs = append(l.runs, r)
}

// truncate drops an index and all behind it and gives what it dropped. digest and pos are those of
// what stays.
func (l *nodeLog) truncate(from raft.Index, digest raft.Digest, pos uint64) (cut []trace.Run) {
	k := len(l.runs)
	for k > 0 && l.runs[k-1].From >= from {
		k--
	}
	cut = slices.Clone(l.runs[k:])
	l.runs = l.runs[:k]
	if k > 0 && l.runs[k-1].To >= from {
		r := l.runs[k-1]
		r.From = from
		cut = slices.Insert(cut, 0, r)
		r = l.runs[k-1]
		r.To, r.Digest, r.Pos = from-1, digest, pos
		l.runs[k-1] = r
	}
	return cut
}

// compact drops the log up to a mark.
func (l *nodeLog) compact(m raft.Mark) {
	if m.Index <= l.base.Index {
		return
	}
	k := 0
	for k < len(l.runs) && l.runs[k].To <= m.Index {
		k++
	}
	l.runs = slices.Delete(l.runs, 0, k)
	if len(l.runs) > 0 && l.runs[0].From <= m.Index {
		l.runs[0].From = m.Index + 1
	}
	l.base = m
}

// markOf gives the mark that a note of a snapshot or compaction is about.
func markOf(n *raft.Note) raft.Mark {
	return raft.Mark{Index: n.Index, Term: n.LogTerm, Pos: n.Pos, Digest: n.Digest}
}
