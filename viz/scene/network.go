package scene

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// network is what the links of a state make of its nodes.
type network struct {
	n      int
	cut    []bool // from*n + to
	cuts   int    // directed
	group  []int  // of each node, from 0
	groups int
	oneWay int // 0, or -1: only from group 0 to 1 is cut; or 1: only from 1 to 0
	sideOf []int
	key    []bool // what the sides were placed for
}

// wire reads the links; it reports whether any changed since the last time.
func (p *Picture) wire(s *trace.State) bool {
	w := &p.net
	n := len(p.Places)
	w.n, w.cuts = n, 0
	w.cut = resize(w.cut, n*n)
	for i := range s.Links {
		if !s.Links[i].Link.Cut {
			continue
		}
		a, b := p.lay.find(s.Links[i].From), p.lay.find(s.Links[i].To)
		if a >= 0 && b >= 0 && a != b {
			w.cut[a*n+b] = true
			w.cuts++
		}
	}
	if slices.Equal(w.key, w.cut) {
		return false
	}
	w.key = append(w.key[:0], w.cut...)
	w.split()
	return true
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// split finds the groups: first those that nothing passes between, else two that are cut in one
// direction throughout.
func (w *network) split() {
	w.oneWay = 0
	w.flood(func(a, b int) bool { return w.cut[a*w.n+b] && w.cut[b*w.n+a] })
	if w.groups > 1 {
		return
	}
	w.flood(func(a, b int) bool { return w.cut[a*w.n+b] || w.cut[b*w.n+a] })
	if w.groups == 2 {
		w.oneWay = w.direction()
	}
	if w.oneWay == 0 {
		w.group, w.groups = resize(w.group, w.n), min(w.n, 1)
	}
}

// flood gives every node the number of its group: the nodes that it reaches over links that are not
// broken.
func (w *network) flood(broken func(a, b int) bool) {
	w.group = resize(w.group, w.n)
	w.groups = 0
	for i := range w.n {
		if w.group[i] != 0 {
			continue
		}
		w.groups++
		w.group[i] = w.groups
		for changed := true; changed; {
			changed = w.spread(broken)
		}
	}
	for i := range w.group {
		w.group[i]--
	}
}

func (w *network) spread(broken func(a, b int) bool) (changed bool) {
	for a := range w.n {
		if w.group[a] != w.groups {
			continue
		}
		for b := range w.n {
			if w.group[b] == 0 && !broken(a, b) {
				w.group[b], changed = w.groups, true
			}
		}
	}
	return changed
}

// direction tells which way two groups are cut: -1 from 0 to 1, 1 from 1 to 0, 0 neither alone.
func (w *network) direction() int {
	var forth, back bool
	for a := range w.n {
		for b := range w.n {
			if w.group[a] != 0 || w.group[b] != 1 {
				continue
			}
			there, here := w.cut[a*w.n+b], w.cut[b*w.n+a]
			if !there && !here {
				return 0
			}
			forth, back = forth || there, back || here
		}
	}
	switch {
	case forth && !back:
		return -1
	case back && !forth:
		return 1
	}
	return 0
}

// apart reports whether a scar runs between two nodes.
func (w *network) apart(a, b int) bool { return w.groups > 1 && w.group[a] != w.group[b] }

// Healed appends the directed links that the handle of a cut or a scar heals.
func (p *Picture) Healed(t Target, dst []Pair) []Pair {
	w := &p.net
	id := func(i int) raft.NodeID { return p.Places[i].ID }
	switch t.Kind {
	case TargetCut, TargetLink:
		a, b := p.lay.find(t.Node), p.lay.find(t.To)
		for _, q := range [...][2]int{{a, b}, {b, a}} {
			if a >= 0 && b >= 0 && w.cut[q[0]*w.n+q[1]] {
				dst = append(dst, Pair{id(q[0]), id(q[1])})
			}
		}
	case TargetScar:
		for i := range w.cut {
			if w.cut[i] && w.apart(i/w.n, i%w.n) {
				dst = append(dst, Pair{id(i / w.n), id(i % w.n)})
			}
		}
	}
	return dst
}
