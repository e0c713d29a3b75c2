package hub

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
	"github.com/raftarium/raftarium/server/wire"
)

// Tell puts an event of the supervisor into the order: now, but a crash behind all that the node
// itself has told. The channel is closed when it stands there; never, if the hub ends first.
func (h *Hub) Tell(body trace.Body) (told <-chan struct{}) {
	done := make(chan struct{})
	h.do(func() {
		if c, ok := body.(trace.Crashed); ok {
			if in := h.ingests[c.Node]; in != nil {
				in.crash(c, done)
				return
			}
		}
		h.tell(trace.Supervisor, body)
		close(done)
	})
	return done
}

// tell makes an event of somebody who is no node, and takes it.
func (h *Hub) tell(who raft.NodeID, body trace.Body) {
	h.take(&trace.Event{ID: h.nextID(who), At: max(h.given, h.now()), Body: body})
}

// nextID numbers the events of those who are no nodes.
func (h *Hub) nextID(who raft.NodeID) trace.EventID {
	k := 0
	if who == trace.Checker {
		k = 1
	} else if who >= trace.FirstHub {
		k = 2
	}
	h.told[k]++
	return trace.EventID{Node: who, Boot: uint32(h.epoch.Unix()), N: h.told[k]}
}

// take folds an event, judges it and puts it into the frame.
func (h *Hub) take(ev *trace.Event) {
	ev.At = max(ev.At, h.given, 0)
	h.given = ev.At
	if ev.ID.N == 0 && ev.ID.Node >= raft.FirstOutsider {
		ev.ID = h.nextID(ev.ID.Node)
	}
	switch b := ev.Body.(type) {
	case trace.KeyFrame:
		h.takeNode(&b, ev)
		return
	case trace.Started:
		h.tellUntold(ev, &b)
	case trace.LinkSet:
		if h.state.Link(b.From, b.To) == b.Link {
			return // the supervisor and the node both tell it
		}
	}
	world.Apply(&h.state, &h.bodies, ev)
	h.put(ev)
	if b, ok := ev.Body.(trace.Crashed); ok && h.ingests[b.Node] != nil {
		h.ingests[b.Node].buried()
	}
	for _, v := range h.checker.Observe(ev) {
		h.cfg.Log.Error("a property of Raft does not hold", "check", v.Check, "what", v.Text)
		h.tell(trace.Checker, v)
	}
}

// tellUntold looks whether a node that has started must have done something before its end which
// nobody heard: one that is killed does not tell its last words. If its log is not what was saved,
// beyond what is committed, it was cut there, and that is lawful; so who judges must know of a gap.
// What was committed is judged all the same.
func (h *Hub) tellUntold(ev *trace.Event, s *trace.Started) {
	old := h.state.Node(ev.ID.Node)
	if old == nil || !old.Known || ev.ID.Boot <= old.Boot {
		return
	}
	var commit raft.Index
	for i := range h.state.Nodes {
		commit = max(commit, h.state.Nodes[i].Commit)
	}
	now, saved := trace.Log{Base: s.Base, Runs: s.Runs}, old.SavedLast
	if saved.Index <= max(commit, s.Base.Index) {
		return
	}
	if term, ok := now.TermAt(saved.Index); !ok || term != saved.Term {
		h.take(&trace.Event{ID: trace.EventID{Node: old.ID, Boot: old.Boot, N: old.LastN + 1},
			At: h.given, Body: trace.Missed{Count: 1,
				Why: "the last words of " + old.ID.String() + " were not heard"}})
	}
}

// takeNode takes a key frame in which a node tells how it stands, into that of the cluster.
func (h *Hub) takeNode(k *trace.KeyFrame, ev *trace.Event) {
	old := h.state.Node(ev.ID.Node)
	if k.State == nil || old == nil || ev.ID.Boot < old.Boot {
		return
	}
	told := k.State.Node(ev.ID.Node)
	if told == nil {
		return
	}
	if !h.place.HasAll(ev.ID) { // nobody was told of what was before, and nobody missed it
		h.place.Reach(ev.ID)
		h.history.base.Reach(ev.ID)
	}
	n := *told
	n.Paused, n.Silent, n.Stays = old.Paused && old.Boot == n.Boot, false, false
	// Its moments are by its own clock; the event's time is the same moment by ours.
	for _, t := range []*raft.Time{&n.Deadline, &n.DeadlineFrom, &n.Since} {
		if *t != 0 {
			*t += ev.At - k.State.At
		}
	}
	*old = n
	for i := len(k.Bodies) - 1; i >= 0; i-- {
		h.bodies.Put(k.Bodies[i])
	}
	h.owed = true
	h.keyFrame(h.now())
	h.owed = false
}

// keyFrame puts the whole state into the frame.
func (h *Hub) keyFrame(now raft.Time) {
	h.lastKey, h.sinceKey = now, 0
	ev := h.keyEvent()
	h.checker.Observe(&ev)
	h.put(&ev)
}

// keyEvent makes a key frame of the whole state. What would make it too long is left out: a viewer
// can do without what is on its way better than without all.
func (h *Hub) keyEvent() trace.Event {
	s := h.state.Clone()
	s.At = h.given
	for i := range s.Nodes { // what was inferred is not as far as a node has told
		if n := &s.Nodes[i]; h.place.Of(n.ID).Boot == n.Boot {
			n.LastN = h.place.Of(n.ID).N
		}
	}
	k := trace.KeyFrame{State: s, Bodies: h.bodies.Newest(keyBodies)}
	ev := trace.Event{ID: h.nextID(trace.FirstHub), At: h.given, Body: k}
	var enc trace.Encoder
	if len(enc.Append(nil, &ev)) > eventSize {
		s.Flights, s.Requests, k.Bodies = nil, nil, nil
		ev.Body = k
	}
	return ev
}

// eventSize bounds an event, so that a frame that was not full before it still fits.
const eventSize = wire.MaxDown - 2*batchSize

// put appends an event to the frame that leaves next. One that is too long goes as a number.
func (h *Hub) put(ev *trace.Event) {
	before := len(h.frame)
	h.frame = h.enc.Append(h.frame, ev)
	if len(h.frame)-before > eventSize {
		h.frame = h.frame[:before]
		h.flush() // the encoder has gone too far
		short := *ev
		short.Body = trace.Missed{Count: 1, Why: "an event was too long to be sent"}
		h.frame = h.enc.Append(h.frame, &short)
		ev = &short
	}
	h.note(ev)
	h.events++
}
