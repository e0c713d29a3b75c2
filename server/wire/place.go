package wire

import (
	"cmp"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Bounds of a Place: how many may give ids, and how many sends are remembered that were made from
// their receipts.
const (
	mostSeen = 1024
	mostMade = 256
)

// Place is how far a viewer of a running source has come: what it resumes by, at any hub.
type Place struct {
	Epoch raft.Time // what Since counts from, in microseconds since 1970: the Epoch of a header
	Since raft.Time // the last moment that was seen
	// Seen holds the last event of the newest incarnation of each who gives ids, by Node.
	Seen []trace.EventID
	// Made holds sends above those in Seen that were made from their receipts: what lies between
	// may still come.
	Made []trace.EventID
}

// Of gives the last event that was seen of somebody; the zero EventID for none.
func (p *Place) Of(who raft.NodeID) trace.EventID {
	if k, ok := p.find(who); ok {
		return p.Seen[k]
	}
	return trace.EventID{}
}

func (p *Place) find(who raft.NodeID) (int, bool) {
	return slices.BinarySearchFunc(p.Seen, who, func(s trace.EventID, who raft.NodeID) int {
		return cmp.Compare(s.Node, who)
	})
}

// Take takes note that an event was seen. A key frame takes account of all before it.
func (p *Place) Take(ev *trace.Event) {
	p.Since = max(p.Since, ev.At)
	if k, ok := ev.Body.(trace.KeyFrame); ok && k.State != nil {
		for i := range k.State.Nodes {
			if n := &k.State.Nodes[i]; n.Boot > 0 {
				p.Reach(trace.EventID{Node: n.ID, Boot: n.Boot, N: n.LastN})
			}
		}
	}
	if ev.How == trace.Inferred {
		p.made(ev.ID)
		return
	}
	p.Reach(ev.ID)
}

// Reach takes note that all events of an incarnation are seen, up to one.
func (p *Place) Reach(id trace.EventID) {
	k, ok := p.find(id.Node)
	switch {
	case !ok && len(p.Seen) < mostSeen:
		p.Seen = slices.Insert(p.Seen, k, id)
	case ok && after(id, p.Seen[k]):
		p.Seen[k] = id
	}
}

func (p *Place) made(id trace.EventID) {
	if p.HasAll(id) || slices.Contains(p.Made, id) {
		return
	}
	if len(p.Made) >= mostMade {
		p.Made = slices.DeleteFunc(p.Made, p.HasAll)
	}
	if len(p.Made) >= mostMade {
		p.Made = slices.Delete(p.Made, 0, 1)
	}
	p.Made = append(p.Made, id)
}

// after reports whether one event of somebody comes behind another.
func after(a, b trace.EventID) bool {
	return a.Boot > b.Boot || a.Boot == b.Boot && a.N > b.N
}

// HasAll reports whether all events of an incarnation were seen, up to one, or an incarnation
// behind it.
func (p *Place) HasAll(id trace.EventID) bool {
	k, ok := p.find(id.Node)
	return ok && !after(id, p.Seen[k])
}

// Has reports whether an event was seen; a send also when it was made from its receipt.
func (p *Place) Has(ev *trace.Event) bool {
	if p.HasAll(ev.ID) {
		return true
	}
	_, isSent := ev.Body.(trace.Sent)
	return isSent && slices.Contains(p.Made, ev.ID)
}

// Clone copies a place.
func (p *Place) Clone() Place {
	c := *p
	c.Seen, c.Made = slices.Clone(p.Seen), slices.Clone(p.Made)
	return c
}

// place gives what a hello resumes by, in the order that a Place keeps.
func (h *Hello) place() Place {
	p := Place{Epoch: h.Epoch, Since: h.Since}
	for _, id := range h.Seen {
		p.Reach(id)
	}
	for _, id := range h.Made {
		p.made(id)
	}
	return p
}

// Resumes gives the place from which a viewer goes on; false for one that begins.
func (h *Hello) Resumes() (Place, bool) { return h.place(), len(h.Seen) > 0 }

// rebase moves an event's times. What a live cluster tells holds no plans, so those stay.
func rebase(ev *trace.Event, by raft.Time) {
	ev.At += by
	k, ok := ev.Body.(trace.KeyFrame)
	if !ok || k.State == nil {
		return
	}
	s := k.State
	s.At += by
	for i := range s.Nodes {
		n := &s.Nodes[i]
		move(by, &n.Deadline, &n.DeadlineFrom, &n.Since)
	}
	for i := range s.Flights {
		f := &s.Flights[i]
		move(by, &f.SentAt, &f.Due, &f.FateAt)
	}
	for i := range s.Requests {
		r := &s.Requests[i]
		move(by, &r.At, &r.Due, &r.EndAt)
	}
}

// move moves those times that are set.
func move(by raft.Time, times ...*raft.Time) {
	for _, t := range times {
		if *t != 0 {
			*t += by
		}
	}
}
